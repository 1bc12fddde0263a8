"""What a face is at this instant, for walls and alarms: the live companion of the shift record.

Rules
- Unknown comes first: no data is as loud as too many people.
- 1.2 × the law's limit is a major hidden danger, above the law's limit is over, in every shift and at handover.
- In a production shift of an intelligent face more than the plan's limit is over, but for handover, where it
  is counted and not judged. Every other shift is not judged.
- `since` is when the state began without a break, as the rows and the running shift tell it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from rules.series import Samples
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


NOTHING: Final = Standing("unknown", None, None, None, None)


def standing(
    samples: Samples, shift: Shift | None, face: FaceRule, rule: StaffingRule, now_us: int
) -> Standing:
    """The face as it stands at `now`."""
    rows = samples.until(now_us)
    if not rows.at_us.size:
        return NOTHING
    ends_us = np.append(rows.at_us[1:], now_us)
    values = np.where(ends_us - rows.at_us <= rule.stale_after_us, rows.value, np.nan)
    judged = shift is not None and is_judged(shift, rule, now_us)

    def verdict_of(value: float) -> Verdict:
        return verdict(value, shift, face, rule, judged=judged)

    state, reason = verdict_of(float(values[-1]))
    headcount = None if np.isnan(values[-1]) else int(values[-1])
    since_us = since(rows, values, verdict_of)
    if shift is not None and state != "unknown":
        since_us = max(since_us, context_began_us(shift, rule, now_us))
    return Standing(state, reason, since_us, headcount, int(rows.at_us[-1]))


def verdict(  # noqa: PLR0911  (first that fits)
    value: float, shift: Shift | None, face: FaceRule, rule: StaffingRule, *, judged: bool
) -> Verdict:
    """What a headcount means in a shift; `judged` is false at handover."""
    if np.isnan(value):
        return "unknown", None
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
    from_us, to_us = judged_part(shift, rule)
    return max(
        begin for begin in (shift.starts_us, from_us, to_us) if begin <= now_us or begin == shift.starts_us
    )


def since(
    rows: Samples, values: np.ndarray[tuple[int], np.dtype[np.float64]], of: Callable[[float], Verdict]
) -> int:
    """The instant of the earliest row from which on every row means the same as the last one."""
    last = of(float(values[-1]))
    distinct, which = np.unique(values, return_inverse=True)  # a day has thousands of rows and few headcounts
    same = np.array([of(float(value)) == last for value in distinct])[which]
    others = np.flatnonzero(~same)
    return int(rows.at_us[others[-1] + 1 if others.size else 0])
