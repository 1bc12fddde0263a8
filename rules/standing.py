"""What a face is at this instant, for walls and alarms: the live companion of the shift record.

Rules
- Unknown comes first: no data is as loud as too many people.
- 1.2 × the law's limit is a major hidden danger, above the law's limit is over, in every shift and at handover.
- In a production shift of an intelligent face more than the plan's limit is over, but for handover, where it
  is counted and not judged. Every other shift is not judged.
- `since` is when the state began without a break, as the headcount and the running shift tell it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from rules.series import Stretches
from rules.shift_calendar import Shift
from rules.staffing import FaceRule, StaffingRule, judged_part, statutory_limit

FaceState = Literal["within", "over", "hazard", "unknown", "not_judged"]
FaceReason = Literal["maintenance", "not_intelligent", "handover", "no_shift", "statutory"]
Verdict = tuple[FaceState, FaceReason | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """State, its reason, since when (`None` without any row), and the headcount (`None` if unknown)."""

    state: FaceState
    reason: FaceReason | None
    since_us: int | None
    headcount: int | None
    headcount_at_us: int | None


class Span(NamedTuple):
    """The instants of a face's first and of its newest row, whatever they say."""

    first_us: int
    newest_us: int


NOTHING: Final = Standing("unknown", None, None, None, None)


def standing(
    headcount: Stretches,
    span: Span | None,
    shift: Shift | None,
    face: FaceRule,
    rule: StaffingRule,
    *,
    now_us: int,
) -> Standing:
    """The face as it stands at `now`; `span` is `None` without any row.

    `headcount` is what is known up to the instant after now, so that a row at this very instant counts.
    """
    if span is None:
        return NOTHING
    if not headcount.to_us.size or headcount.to_us[-1] <= now_us:
        since_us = int(headcount.to_us[-1]) if headcount.to_us.size else span.first_us
        return Standing("unknown", None, since_us, None, span.newest_us)
    judged = shift is not None and is_judged(shift, rule, now_us)

    def verdict_of(value: float) -> Verdict:
        return verdict(value, shift, face, rule, judged=judged)

    count = float(headcount.value[-1])
    since_us = since(headcount, verdict_of)
    if shift is not None:
        since_us = max(since_us, context_began_us(shift, rule, now_us))
    return Standing(*verdict_of(count), since_us, int(count), span.newest_us)


def verdict(  # noqa: PLR0911  (first that fits)
    value: float, shift: Shift | None, face: FaceRule, rule: StaffingRule, *, judged: bool
) -> Verdict:
    """What a headcount means in a shift; `judged` is false at handover."""
    allowed = statutory_limit(face, shift.kind if shift else "production")
    if 5 * value >= 6 * allowed:
        return "hazard", "statutory"
    if value > allowed:
        return "over", "statutory"
    if shift is None:
        return "not_judged", "no_shift"
    if shift.kind == "maintenance":
        return "not_judged", "maintenance"
    if not face.intelligent:
        return "not_judged", "not_intelligent"
    if value <= rule.limit:
        return "within", None
    return ("over", None) if judged else ("not_judged", "handover")


def is_judged(shift: Shift, rule: StaffingRule, now_us: int) -> bool:
    """Is `now` outside the handover windows?"""
    from_us, to_us = judged_part(shift, rule)
    return from_us <= now_us < to_us


def context_began_us(shift: Shift, rule: StaffingRule, now_us: int) -> int:
    """Since when the same yardstick holds: the shift's start, or the end or start of handover."""
    return max(at_us for at_us in contexts(shift, rule) if at_us <= now_us or at_us == shift.starts_us)


def context_ends_us(shift: Shift, rule: StaffingRule, now_us: int) -> int:
    """Until when the same yardstick holds."""
    return min((at_us for at_us in contexts(shift, rule) if at_us > now_us), default=shift.ends_us)


def contexts(shift: Shift, rule: StaffingRule) -> tuple[int, ...]:
    """When another yardstick begins to hold."""
    return (shift.starts_us, *judged_part(shift, rule), shift.ends_us)


def since(headcount: Stretches, of: Callable[[float], Verdict]) -> int:
    """From when on all known time, without a gap, means the same as the last stretch."""
    last = of(float(headcount.value[-1]))
    distinct, which = np.unique(headcount.value, return_inverse=True)  # many stretches, few headcounts
    same = np.array([of(float(value)) == last for value in distinct])[which]
    begins = ~same[:-1] | (headcount.from_us[1:] != headcount.to_us[:-1])
    first = int(np.flatnonzero(begins)[-1]) + 1 if bool(begins.any()) else 0
    return int(headcount.from_us[first])
