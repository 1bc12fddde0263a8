"""Swinging door: a number is reported where its course bends, so that lines through the reports tell the rest; pure.

Rules, per point with a `swing`
- Between two reports every reading lies within `swing` of the straight line through them (in the unit of the value).
- A reading through which no line from the last report passes that good by all readings since closes the *door*: the
  reading before it is reported, as the bend. The one that closed the door is reported too where it is more than `swing`
  from the bend, or has crossed one of the point's `limits`: a step shows at once.
- A value that was not heard of for a while held until one period before it changed: sources leave out what stays.
- What is not a number, a change of quality, and silence are as with a deadband; the reading held back goes out first.
While a value goes up or down in a straight line its reports lag, by `max_silence_s` at most; `limits` do not.
(J. C. Bristol, "Swinging door trending", 1990, with slopes to the readings themselves, so that the bound holds.)
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard

from contract.datatype import Value

NUMBER: Final = (int, float)
HELD_PERIODS: Final = 1.5
"""A value was left out, not late, once it has not been heard of for so many periods."""


@dataclass(slots=True)
class Door:
    """The lines from the last report that pass by every reading since, as slopes in units per millisecond."""

    swing: float
    anchor_ms: int = 0
    anchor: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    last_ms: int = 0
    """The latest reading that is held back; the anchor itself where there is none."""
    last: float = 0.0

    def pivot(self, at_ms: int, value: float) -> None:
        """A report: begin anew from it."""
        self.anchor_ms = self.last_ms = at_ms
        self.anchor = self.last = value
        self.low, self.high = -math.inf, math.inf

    @property
    def holds(self) -> bool:
        """Whether a reading is held back."""
        return self.last_ms > self.anchor_ms

    def takes(self, at_ms: int, value: float) -> bool:
        """Whether a line through this reading passes by all since the last report; then it is held back."""
        span_ms = at_ms - self.anchor_ms
        slope = (value - self.anchor) / span_ms
        if not self.low <= slope <= self.high:
            return False
        self.low = max(self.low, slope - self.swing / span_ms)
        self.high = min(self.high, slope + self.swing / span_ms)
        self.last_ms, self.last = at_ms, value
        return True


def is_number(value: Value | None) -> TypeGuard[float]:
    """A Boolean is none."""
    return isinstance(value, NUMBER) and not isinstance(value, bool)


def has_crossed(limits: Sequence[float], old: float, new: float) -> bool:
    """Whether one of the limits, which ascend, lies between two values; reaching one from below is crossing it."""
    return bisect_right(limits, old) != bisect_right(limits, new)
