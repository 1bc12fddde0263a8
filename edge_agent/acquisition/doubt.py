"""Points that cannot be read just now: stale at once, bad after too long; pure.

A point in doubt is marked once as stale when it is lost, and once as bad when it has been lost for its
`stale_after_s`, or at once when what is wrong with it is known. Nothing of it is reported in between, and never
a value: what was last read keeps its own time. A device that speaks of the point again ends the doubt.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from contract.point import Point
from contract.quality import Quality

Mark = tuple[Point, Quality]


@dataclass(slots=True)
class Lost:
    """A point in doubt, and when it becomes bad; never again once it is."""

    point: Point
    bad_at_s: float


class Doubt:
    """The points of a source that are in doubt; `now_s` is any monotonic time."""

    def __init__(self) -> None:
        """None is."""
        self.lost: dict[int, Lost] = {}  # by identity of the point: this is asked for every value read

    def heard(self, points: Iterable[Point]) -> None:
        """The device said something of these points, good or bad."""
        if self.lost:
            for point in points:
                self.lost.pop(id(point), None)

    def lose(self, points: Iterable[Point], now_s: float) -> list[Mark]:
        """These points cannot be read: the marks of those that could until now."""
        marks = []
        for point in points:
            if id(point) not in self.lost:
                self.lost[id(point)] = Lost(point, now_s + point.stale_after_s)
                marks.append((point, Quality.STALE))
        return marks

    def condemn(self, points: Iterable[Point]) -> list[Mark]:
        """These points are refused by the device: the marks of those that were not bad until now."""
        marks = []
        for point in points:
            lost = self.lost.setdefault(id(point), Lost(point, 0.0))
            if lost.bad_at_s < math.inf:
                lost.bad_at_s = math.inf
                marks.append((point, Quality.BAD))
        return marks

    def expire(self, now_s: float) -> list[Mark]:
        """The marks of those that have been lost for too long by now."""
        return self.condemn([lost.point for lost in self.lost.values() if lost.bad_at_s <= now_s])
