"""Staffing of a face in a shift: was it at most nine, and was it within the law (definitions.md §1)?

Rules
- Handover windows are the first and the last `handover_min` of a shift, clipped to it; the judged part is the rest.
- The sustained headcount of a part is `rules.parts`' sustained value.
- The verdict is the first that fits: maintenance, not intelligent, exceeded (sustained, then cumulative), too
  short, too little known, too fragmented, within. Silence is never compliance.
- The law's limit holds for the whole shift, handover included; 1.2 times of it is a major hidden danger.
- Everything is exact: instants and durations are integers of microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from decimal import Decimal
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from rules.headcount import Presence, distinct_persons
from rules.headcount import headcount as headcount_of_cards
from rules.parts import Parts
from rules.series import MINUTE_US, SECOND_US, Samples, Stretches, known, micros
from rules.shift_calendar import Shift, ShiftKind
from rules.time_text import time_text

FaceKind = Literal["mining_face", "driving_face"]
Hazard = Literal["severe", "other"]
Method = Literal["mechanised", "blasting"]
CountFrom = Literal["headcount", "cards"]
Verdict = Literal["not_judged", "exceeded", "no_verdict", "within"]
Reason = Literal[
    "maintenance", "not_intelligent", "sustained", "cumulative", "too_short", "coverage", "fragmented"
]

Duration = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

_STRICT: Final = ConfigDict(strict=True, frozen=True, extra="forbid")


class FaceRule(BaseModel):
    """What a face is, as far as its limits depend on it."""

    model_config = _STRICT

    kind: FaceKind
    intelligent: bool
    hazard: Hazard
    method: Method = "mechanised"
    count_from: CountFrom = "headcount"


class StaffingRule(BaseModel):
    """The figures of the judgement; those without authority can be set by who judges."""

    model_config = _STRICT

    limit: Annotated[int, Field(ge=0, le=2**53)] = 9
    sustain_s: Annotated[Duration, Field(gt=0)] = 60
    over_total_s: Annotated[Duration, Field(gt=0)] = 600
    handover_min: Duration = 30
    stale_after_s: Duration = 600
    coverage_min: Share = 0.95
    lateness_min: Duration = 60
    dwell_min: Duration = 10
    exempt_posts: Annotated[tuple[str, ...], Field(strict=False)] = ()
    exempt_dwell_min: Duration = 30
    reentry_min: Duration = 15

    def is_covered(self, known_us: int, length_us: int) -> bool:
        """Whether at least `coverage_min` of a length is known, compared as the decimal number that was written."""
        part, whole = Decimal(repr(self.coverage_min)).as_integer_ratio()
        return known_us * whole >= part * length_us

    @property
    def sustain_us(self) -> int:
        """How long a headcount must last to be sustained; an instant at least."""
        return max(1, micros(self.sustain_s))

    @property
    def over_total_us(self) -> int:
        """How long over the limit in all is too long; an instant at least."""
        return max(1, micros(self.over_total_s))

    @property
    def handover_us(self) -> int:
        """The length of a handover window."""
        return micros(60 * self.handover_min)

    @property
    def stale_after_us(self) -> int:
        """How far apart two rows may be for the time between them to be known."""
        return micros(self.stale_after_s)

    @property
    def reentry_us(self) -> int:
        """How long a card must be away for its next presence to be another visit."""
        return micros(60 * self.reentry_min)

    @property
    def exempt_dwell_us(self) -> int:
        """How long an exempt card may stay before it counts."""
        return micros(60 * self.exempt_dwell_min)


@dataclass(frozen=True, slots=True)
class ShiftRecord:
    """What is said of one face in one shift; instants and durations in microseconds."""

    shift: Shift
    limit: int
    headcount_max: int | None
    headcount_max_handover: int | None
    over_limit_us: int
    first_over_us: int | None
    distinct_persons: int | None
    person_us: float
    statutory_limit: int
    statutory_over_us: int
    statutory_first_over_us: int | None
    major_hazard: bool | None
    coverage: float
    coverage_judged: float | None
    verdict: Verdict
    reason: Reason | None
    revision: int
    final: bool

    def as_json(self, zone: tzinfo) -> dict[str, object]:
        """The record as it is printed and sent: times in `zone`, durations in seconds and minutes."""
        return {
            "face": self.shift.face,
            "shift_on": self.shift.shift_on.isoformat(),
            "shift": self.shift.name,
            "kind": self.shift.kind,
            "starts_at": time_text(self.shift.starts_us, zone),
            "ends_at": time_text(self.shift.ends_us, zone),
            "limit": self.limit,
            "headcount_max": self.headcount_max,
            "headcount_max_handover": self.headcount_max_handover,
            "over_limit_s": _number(self.over_limit_us / SECOND_US),
            "first_over_at": _time_or_none(self.first_over_us, zone),
            "distinct_persons": self.distinct_persons,
            "person_minutes": _number(self.person_us / MINUTE_US),
            "statutory_limit": self.statutory_limit,
            "statutory_over_s": _number(self.statutory_over_us / SECOND_US),
            "statutory_first_over_at": _time_or_none(self.statutory_first_over_us, zone),
            "major_hazard": self.major_hazard,
            "coverage": self.coverage,
            "coverage_judged": self.coverage_judged,
            "verdict": self.verdict,
            "reason": self.reason,
            "revision": self.revision,
            "final": self.final,
        }


SHIFTS_AT_ONCE: Final = 64  # so that their stretches stay in the processor's cache

_STATUTORY: Final[Mapping[tuple[FaceKind, Method, ShiftKind], tuple[int, int]]] = {
    # (severe, other): 煤安监行管〔2018〕38号
    ("mining_face", "mechanised", "production"): (25, 20),
    ("mining_face", "mechanised", "maintenance"): (40, 30),
    ("mining_face", "blasting", "production"): (25, 25),
    ("mining_face", "blasting", "maintenance"): (25, 25),
    ("driving_face", "mechanised", "production"): (18, 16),
    ("driving_face", "mechanised", "maintenance"): (18, 16),
    ("driving_face", "blasting", "production"): (15, 12),
    ("driving_face", "blasting", "maintenance"): (15, 12),
}


def statutory_limit(face: FaceRule, shift_kind: ShiftKind) -> int:
    """How many the law allows in a face in a shift of that kind."""
    severe, other = _STATUTORY[face.kind, face.method, shift_kind]
    return severe if face.hazard == "severe" else other


def headcount_known(
    face: FaceRule, rule: StaffingRule, samples: Samples, cards: Presence | None, now_us: int
) -> Stretches:
    """The headcount that judges a face, from its own point or from its cards, as it stands at `now`."""
    if face.count_from == "cards" and cards is not None:
        return headcount_of_cards(cards, rule.exempt_dwell_us).joined()
    return known(samples, stale_after_us=rule.stale_after_us, now_us=now_us).joined()


def evaluate_shift(
    shift: Shift,
    face: FaceRule,
    rule: StaffingRule,
    *,
    headcount: Stretches,
    cards: Presence | None,
    now_us: int,
    revision: int = 1,
) -> ShiftRecord:
    """Judge one shift from what is known at `now`: see `evaluate_shifts`."""
    (record,) = evaluate_shifts([shift], face, rule, headcount=headcount, cards=cards, now_us=now_us)
    return replace(record, revision=revision)


def evaluate_shifts(
    shifts: Sequence[Shift],
    face: FaceRule,
    rule: StaffingRule,
    *,
    headcount: Stretches,
    cards: Presence | None,
    now_us: int,
) -> Iterator[ShiftRecord]:
    """Judge a face's shifts from what is known at `now`.

    `headcount` comes from `headcount_known` and may hold more time than the shifts. `cards` is `None` where no
    source of cards exists. A shift that still runs is judged as if the rest of it stayed unknown.
    """
    for begin in range(0, len(shifts), SHIFTS_AT_ONCE):
        yield from _records(
            shifts[begin : begin + SHIFTS_AT_ONCE],
            face,
            rule,
            headcount=headcount,
            cards=cards,
            now_us=now_us,
        )


def judged_part(shift: Shift, rule: StaffingRule) -> tuple[int, int]:
    """From when to when a shift is judged against the limit; the same instant twice if at no time."""
    from_us, to_us = shift.starts_us + rule.handover_us, shift.ends_us - rule.handover_us
    return (from_us, to_us) if from_us < to_us else (shift.starts_us, shift.starts_us)


def handover_windows(shift: Shift, rule: StaffingRule) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and the last minutes of a shift; in a short one they overlap."""
    return (
        (shift.starts_us, min(shift.ends_us, shift.starts_us + rule.handover_us)),
        (max(shift.starts_us, shift.ends_us - rule.handover_us), shift.ends_us),
    )


def _records(
    shifts: Sequence[Shift],
    face: FaceRule,
    rule: StaffingRule,
    *,
    headcount: Stretches,
    cards: Presence | None,
    now_us: int,
) -> Iterator[ShiftRecord]:
    """All shifts at once, figure by figure."""
    bounds = [judged_part(shift, rule) for shift in shifts]
    allowed = np.array([statutory_limit(face, shift.kind) for shift in shifts])
    whole = Parts.of(headcount, [(shift.starts_us, shift.ends_us) for shift in shifts])
    judged = Parts.of(headcount, bounds)
    known_us, person_us = whole.known_us().tolist(), whole.integral().tolist()
    judged_known_us, sustained = judged.known_us().tolist(), judged.sustained(rule.sustain_us)
    over_us, first_over_us = judged.over(np.full(len(shifts), rule.limit))
    statutory_over_us, statutory_first_us = whole.over(allowed)
    handover = _handover_max(shifts, rule, headcount)
    hazards = _hazards(whole, allowed, rule.sustain_us)
    for i, (shift, (from_us, to_us)) in enumerate(zip(shifts, bounds, strict=True)):
        length_us, judged_us = shift.ends_us - shift.starts_us, to_us - from_us
        found = _Judged(sustained[i], int(over_us[i]), judged_us, judged_known_us[i])
        verdict, reason = _verdict(shift, face, rule, found)
        yield ShiftRecord(
            shift=shift,
            limit=rule.limit,
            headcount_max=sustained[i],
            headcount_max_handover=handover[i],
            over_limit_us=int(over_us[i]),
            first_over_us=first_over_us.get(i),
            distinct_persons=None if cards is None else _persons(cards, from_us, to_us, rule),
            person_us=person_us[i],
            statutory_limit=int(allowed[i]),
            statutory_over_us=int(statutory_over_us[i]),
            statutory_first_over_us=statutory_first_us.get(i),
            major_hazard=True if hazards[i] else False if rule.is_covered(known_us[i], length_us) else None,
            coverage=known_us[i] / length_us,
            coverage_judged=judged_known_us[i] / judged_us if judged_us else None,
            verdict=verdict,
            reason=reason,
            revision=1,
            final=now_us >= shift.ends_us + micros(60 * rule.lateness_min),
        )


def _handover_max(shifts: Sequence[Shift], rule: StaffingRule, headcount: Stretches) -> list[int | None]:
    """The larger of each shift's two windows, each on its own."""
    bounds = [window for shift in shifts for window in handover_windows(shift, rule)]
    found = Parts.of(headcount, bounds).sustained(rule.sustain_us)
    pairs = zip(found[::2], found[1::2], strict=True)
    return [max((each for each in pair if each is not None), default=None) for pair in pairs]


def _persons(cards: Presence, from_us: int, to_us: int, rule: StaffingRule) -> int:
    dwell_us = micros(60 * rule.dwell_min)
    return distinct_persons(cards, from_us, to_us, dwell_us=dwell_us, exempt_dwell_us=rule.exempt_dwell_us)


def _hazards(whole: Parts, allowed: NDArray[np.int64], sustain_us: int) -> list[bool]:
    """Which parts sustain at least 1.2 times what is allowed, in whole numbers."""
    if not bool((5 * whole.value >= 6 * allowed[whole.part]).any()):
        return [False] * whole.count
    sustained = zip(whole.sustained(sustain_us), allowed.tolist(), strict=True)
    return [found is not None and 5 * found >= 6 * limit for found, limit in sustained]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the verdict is made of."""

    headcount_max: int | None
    over_us: int
    length_us: int
    known_us: int


def _verdict(
    shift: Shift, face: FaceRule, rule: StaffingRule, judged: _Judged
) -> tuple[Verdict, Reason | None]:
    """The first that fits."""
    sustained = judged.headcount_max
    cases: tuple[tuple[bool, Verdict, Reason], ...] = (
        (shift.kind == "maintenance", "not_judged", "maintenance"),
        (not face.intelligent, "not_judged", "not_intelligent"),
        (sustained is not None and sustained > rule.limit, "exceeded", "sustained"),
        (judged.over_us >= rule.over_total_us, "exceeded", "cumulative"),
        (judged.length_us < rule.sustain_us, "no_verdict", "too_short"),
        (not rule.is_covered(judged.known_us, judged.length_us), "no_verdict", "coverage"),
        (sustained is None, "no_verdict", "fragmented"),
    )
    return next(((verdict, reason) for holds, verdict, reason in cases if holds), ("within", None))


def _number(exact: float) -> int | float:
    """Whole numbers without a point."""
    return int(exact) if exact.is_integer() else exact


def _time_or_none(at_us: int | None, zone: tzinfo) -> str | None:
    return None if at_us is None else time_text(at_us, zone)
