"""How warm a machine is: it warms while it runs, and cools half as fast when it has stopped."""

from __future__ import annotations

import math


def warmth(from_ms: int, to_ms: int, at_ms: int, warming_ms: int) -> float:
    """From cold 0 to fully warm 1, for a machine that starts cold at `from_ms` and stops at `to_ms`.

    `warming_ms` is the time constant of warming.
    """
    warmed = -math.expm1(-max(min(at_ms, to_ms) - from_ms, 0) / warming_ms)
    return warmed * math.exp(-max(at_ms - to_ms, 0) / (2 * warming_ms))


def ramp(into_ms: float, length_ms: float) -> float:
    """From 0 to 1 within `length_ms`; 0 before and 1 after."""
    return min(max(into_ms / length_ms, 0.0), 1.0)
