"""A series that grows while it is judged: rows in any order, a bounded stretch of time, numpy on demand. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field

from rules.series import EMPTY, Samples

UNKNOWN = math.nan


@dataclass(slots=True)
class LiveSeries:
    """Rows of one quantity by instant; of equal instants the last one taken wins."""

    at_us: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    cached: Samples | None = EMPTY

    def take(self, at_us: int, value: float | None) -> bool:
        """Insert a row; false if it changes nothing."""
        number = UNKNOWN if value is None else value
        if not self.at_us or at_us > self.at_us[-1]:
            self.at_us.append(at_us)
            self.values.append(number)
        else:
            place = bisect_left(self.at_us, at_us)
            if self.at_us[place] == at_us:
                old = self.values[place]
                if old == number or (math.isnan(old) and math.isnan(number)):
                    return False
                self.values[place] = number
            else:
                self.at_us.insert(place, at_us)
                self.values.insert(place, number)
        self.cached = None
        return True

    def forget(self, before_us: int) -> None:
        """Drop rows older than `before`, but the newest of them: what it says may still hold."""
        first = bisect_left(self.at_us, before_us) - 1
        if first > 0:
            del self.at_us[:first], self.values[:first]
            self.cached = None

    def samples(self) -> Samples:
        """The rows as the rules read them."""
        if self.cached is None:
            self.cached = Samples.of_rows(zip(self.at_us, self.values, strict=True))
        return self.cached
