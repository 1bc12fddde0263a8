"""The hydraulic supports along a face: each one steps forward behind the shearer.

What a support does as the shearer passes: it folds its guard (护帮) away before the shearer comes; behind it, it lets
go of the roof, pulls itself forward over the length of its ram and sets again; some minutes later it pushes the
conveyor after the coal. Then the roof comes on: pressure grows until the next pass.
"""

from __future__ import annotations

import math
from typing import Final

from simulators.equipment.heat import ramp
from simulators.equipment.signal import Signals, Wobbles
from simulators.equipment.work_plan import WorkPlan
from simulators.shifts import MINUTE_MS, shift_at

SUPPORT_M: Final = 1.5
"""Distance between two supports."""
SUPPORTS: Final = (20, 47, 75, 103, 130)
"""The supports that are reported."""
GUARD_M: Final = 9.0
"""Guards so near to the shearer are folded away."""
WEB_MM: Final = 600.0
"""Depth of a cut, and stroke of the ram."""
LETS_GO_MS: Final = 20_000
"""So long after the shearer a support lets go."""
SETS_MS: Final = 36_000
PUSHES_MS: Final = 3 * MINUTE_MS
PUSHING_MS: Final = MINUTE_MS
ROOF_MS: Final = 12 * MINUTE_MS
"""Time constant of the roof's coming on."""
BY_HAND_SHARE: Final = 0.06
"""Share of the shifts in which somebody has taken a support out of the automatic following."""


class Supports:
    """The supports of a face."""

    def __init__(self, wobble: Wobbles, plan: WorkPlan) -> None:
        self.wobble, self.plan = wobble, plan

    def signals(self) -> Signals:
        """All that are reported."""
        return {
            f"Support {number}/{word}": signal
            for number in SUPPORTS
            for word, signal in self.support(number).items()
        }

    def since_ms(self, place_m: float, at_ms: int) -> float:
        """Time since the shearer passed a place; endless if it did not in this shift or the one before."""
        passed_ms = self.plan.passed_ms(place_m, at_ms)
        return math.inf if passed_ms is None else at_ms - passed_ms

    def support(self, number: int) -> Signals:
        """One support's signals, by quantity."""
        place_m = number * SUPPORT_M
        front, rear = (
            self.wobble(f"support {number} front", 0.4, 0.1),
            self.wobble(f"support {number} rear", 0.5, 0.1),
        )
        by_hand = self.wobble(f"support {number} by hand", 0.0).chance

        def is_following(at_ms: int) -> bool:
            return self.plan.is_manned(at_ms) and by_hand.share(shift_at(at_ms).index) >= BY_HAND_SHARE

        return {
            "Front Leg Pressure": lambda at_ms: leg_mpa(self.since_ms(place_m, at_ms)) + front(at_ms),
            "Rear Leg Pressure": lambda at_ms: 0.9 * leg_mpa(self.since_ms(place_m, at_ms)) + rear(at_ms),
            "Stroke": lambda at_ms: stroke_mm(self.since_ms(place_m, at_ms)),
            "Guard Extended": lambda at_ms: abs(self.plan.position_m(at_ms) - place_m) > GUARD_M,
            "Following": is_following,
        }


def leg_mpa(since_ms: float) -> float:
    """Pressure in a leg, so long after the shearer passed."""
    if LETS_GO_MS <= since_ms < SETS_MS:
        return 3.0
    roof_ms = since_ms - SETS_MS
    return 24.0 + 10.0 * (-math.expm1(-roof_ms / ROOF_MS) if roof_ms >= 0 else 1.0)


def stroke_mm(since_ms: float) -> float:
    """How far the ram is out: pulled in as the support steps forward, out again as it pushes the conveyor."""
    if since_ms < PUSHES_MS:
        return WEB_MM * (1.0 - ramp(since_ms - LETS_GO_MS, SETS_MS - LETS_GO_MS))
    return WEB_MM * ramp(since_ms - PUSHES_MS, PUSHING_MS)
