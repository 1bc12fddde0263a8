"""Staffing of a face in a shift: was it at most nine, and was it within the law (definitions.md §1)?

Rules
- Handover windows are the first and the last `handover_min` of a shift, clipped to it; the judged part is the rest.
- The sustained headcount of a part is the largest n such that headcount ≥ n through an unbroken run of at least
  `sustain_s` known seconds. An unknown stretch shorter than that between two known ones is cut out; a longer
  one breaks the run.
- The verdict is the first that fits: maintenance, not intelligent, exceeded (sustained, then cumulative), too
  short, too little known, too fragmented, within. Silence is never compliance.
- The law's limit holds for the whole shift, handover included; 1.2 times of it is a major hidden danger.
- Everything is exact: instants and durations are integers of microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Annotated, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from rules.headcount import Presence, distinct_persons
from rules.headcount import headcount as headcount_of_cards
from rules.series import MINUTE_US, SECOND_US, Samples, Stretches, Values, known, micros
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
        return headcount_of_cards(cards, rule.exempt_dwell_us)
    return known(samples, stale_after_us=rule.stale_after_us, now_us=now_us)


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
    """Judge one shift from what is known at `now`.

    `headcount` comes from `headcount_known` and may hold more time than the shift. `cards` is `None` where no
    source of cards exists. A shift that still runs is judged as if the rest of it stayed unknown.
    """
    whole = headcount.clipped(shift.starts_us, shift.ends_us)
    from_us, to_us = judged_part(shift, rule)
    judged = whole.clipped(from_us, to_us)
    headcount_max = sustained_headcount(judged, rule.sustain_us)
    over_us, first_over_us = time_over(judged, rule.limit)
    known_us, judged_known_us, judged_us = whole.known_us(), judged.known_us(), to_us - from_us
    is_covered = rule.is_covered(known_us, shift.ends_us - shift.starts_us)
    allowed = statutory_limit(face, shift.kind)
    statutory_over_us, statutory_first_us = time_over(whole, allowed)
    verdict, reason = _verdict(shift, face, rule, _Judged(headcount_max, over_us, judged_us, judged_known_us))
    return ShiftRecord(
        shift=shift,
        limit=rule.limit,
        headcount_max=headcount_max,
        headcount_max_handover=_handover_max(whole, shift, rule),
        over_limit_us=over_us,
        first_over_us=first_over_us,
        distinct_persons=None if cards is None else _persons(cards, from_us, to_us, rule),
        person_us=float(whole.value @ (whole.to_us - whole.from_us)),
        statutory_limit=allowed,
        statutory_over_us=statutory_over_us,
        statutory_first_over_us=statutory_first_us,
        major_hazard=_major_hazard(whole, allowed, rule.sustain_us, is_covered=is_covered),
        coverage=known_us / (shift.ends_us - shift.starts_us),
        coverage_judged=judged_known_us / judged_us if judged_us else None,
        verdict=verdict,
        reason=reason,
        revision=revision,
        final=now_us >= shift.ends_us + micros(60 * rule.lateness_min),
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


class Run(NamedTuple):
    """An unbroken run, and the headcount that it never falls below."""

    headcount: int
    from_us: int
    to_us: int


def sustained_headcount(part: Stretches, sustain_us: int) -> int | None:
    """The largest n such that headcount ≥ n through an unbroken run of `sustain`; `None` without such a run."""
    _, lowest = _windows(part, sustain_us)
    return int(lowest.max()) if lowest.size else None


def sustained_run(part: Stretches, sustain_us: int) -> Run | None:
    """The first run that made the sustained headcount, as far as it goes."""
    first, lowest = _windows(part, sustain_us)
    if not lowest.size:
        return None
    headcount = lowest.max()
    begin = int(first[lowest.argmax()])
    ends = part.value[begin:] < headcount
    ends[1:] |= part.from_us[begin + 1 :] - part.to_us[begin:-1] >= sustain_us
    last = begin + (int(ends.argmax()) if bool(ends.any()) else ends.size) - 1
    return Run(int(headcount), int(part.from_us[begin]), int(part.to_us[last]))


def _windows(part: Stretches, sustain_us: int) -> tuple[NDArray[np.intp], Values]:
    """The unbroken runs of exactly `sustain` that begin where a stretch does: these stretches, and the lowest values.

    Others need no look: moved back to where its first stretch begins, a run is no lower.
    """
    length_us = part.to_us - part.from_us
    counted_to_us = np.cumsum(length_us)
    last = np.searchsorted(counted_to_us, counted_to_us - length_us + sustain_us)
    last = last[: np.searchsorted(last, last.size)]  # it ascends: from there on too little time is left
    first = np.arange(last.size)
    breaks = np.cumsum(part.from_us[1:] - part.to_us[:-1] >= sustain_us)
    if breaks.size and breaks[-1]:
        run = np.append(0, breaks)
        unbroken = run[first] == run[last]
        first, last = first[unbroken], last[unbroken]
    return first, _lowest(part.value, first, last)


def time_over(part: Stretches, limit: int) -> tuple[int, int | None]:
    """Known microseconds with more than `limit`, and the first such instant."""
    over = part.value > limit
    if not bool(over.any()):
        return 0, None
    return int((part.to_us[over] - part.from_us[over]).sum()), int(part.from_us[over][0])


def headcount_now(samples: Samples, *, stale_after_us: int, now_us: int) -> tuple[int | None, int | None]:
    """The headcount as it stands at `now`, `None` if unknown, and since when it has stood so without a break.

    The newest value holds up to `now` if that is at most `stale_after` later. Since is `None` without any row.
    """
    rows = samples.until(now_us)
    if not rows.at_us.size:
        return None, None
    ends_us = np.append(rows.at_us[1:], now_us)
    value = np.where(ends_us - rows.at_us <= stale_after_us, rows.value, np.nan)
    same = (value == value[-1]) | (np.isnan(value) & np.isnan(value[-1]))
    others = np.flatnonzero(~same)
    since_us = int(rows.at_us[others[-1] + 1 if others.size else 0])
    return None if np.isnan(value[-1]) else int(value[-1]), since_us


def last_known(headcount: Stretches, now_us: int) -> tuple[int | None, int | None]:
    """`headcount_now` of what `headcount_known` says at `now`: also for faces that count from cards.

    A row at `now` itself has been known for no time yet.
    """
    joined = headcount.joined()
    if not joined.value.size:
        return None, None
    if joined.to_us[-1] < now_us:
        return None, int(joined.to_us[-1])
    return int(joined.value[-1]), int(joined.from_us[-1])


def _lowest(value: Values, first: NDArray[np.intp], last: NDArray[np.intp]) -> Values:
    """The minimum of `value` over each `[first, last]`, from minima over spans of 1, 2, 4, … values."""
    lowest = np.empty(first.size, dtype=np.float64)
    if not first.size:
        return lowest
    level = np.frexp(last - first + 1)[1] - 1
    span, minimum = 1, value
    for each in range(int(level.max()) + 1):
        here = level == each
        lowest[here] = np.minimum(minimum[first[here]], minimum[last[here] + 1 - span])
        minimum = np.minimum(minimum[:-span], minimum[span:])
        span *= 2
    return lowest


def _handover_max(whole: Stretches, shift: Shift, rule: StaffingRule) -> int | None:
    windows = (
        sustained_headcount(whole.clipped(*window), rule.sustain_us)
        for window in handover_windows(shift, rule)
    )
    return max((found for found in windows if found is not None), default=None)


def _persons(cards: Presence, from_us: int, to_us: int, rule: StaffingRule) -> int:
    dwell_us = micros(60 * rule.dwell_min)
    return distinct_persons(cards, from_us, to_us, dwell_us=dwell_us, exempt_dwell_us=rule.exempt_dwell_us)


def _major_hazard(whole: Stretches, allowed: int, sustain_us: int, *, is_covered: bool) -> bool | None:
    """At least 1.2 times the law's limit, in whole numbers."""
    if whole.value.size and 5 * int(whole.value.max()) >= 6 * allowed:
        sustained = sustained_headcount(whole, sustain_us)
        if sustained is not None and 5 * sustained >= 6 * allowed:
            return True
    return False if is_covered else None


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
