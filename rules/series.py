"""Series: what is known of a quantity, and from when to when.

Rules (definitions.md §0)
- Instants are integer microseconds since 1970-01-01T00:00:00Z; every interval is half-open `[from, to)`.
- A row's value is known from its instant to the next row's (of any quality) if that comes at most
  `stale_after` later; the last row's up to `now` if that is at most `stale_after` later; otherwise it is
  unknown from its own instant on. So known time always lies between two rows, or ends at now.
- A row without a usable value (empty, or not good) is kept: it ends what was known before it.
- Of rows with the same instant the last one given wins. Rows later than `now` are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US

LONG_US: Final = 10**17
"""Three thousand years: longer durations make no difference, and sums of it still fit."""

Instants = NDArray[np.int64]
Values = NDArray[np.float64]


def micros(seconds: float) -> int:
    """A duration in microseconds."""
    return round(min(seconds * SECOND_US, LONG_US))


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows of one series: instants strictly ascending, `NaN` where the value is unknown."""

    at_us: Instants
    value: Values

    @classmethod
    def of(cls, at_us: Instants, value: Values) -> Samples:
        """Rows in any order; of equal instants the last one wins."""
        if at_us.size > 1 and not bool(np.all(at_us[1:] > at_us[:-1])):
            order = np.argsort(at_us, kind="stable")
            at_us, value = at_us[order], value[order]
            last_of_instant = np.append(at_us[1:] != at_us[:-1], True)
            at_us, value = at_us[last_of_instant], value[last_of_instant]
        return cls(at_us, value)

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[int, float | None]]) -> Samples:
        """The same from pairs of instant and value; `None` is unknown."""
        pairs = list(rows)
        at_us = np.fromiter((at for at, _ in pairs), dtype=np.int64, count=len(pairs))
        value = np.fromiter(
            (np.nan if number is None else number for _, number in pairs), dtype=np.float64, count=len(pairs)
        )
        return cls.of(at_us, value)

    def between(self, from_us: int, to_us: int) -> Samples:
        """The rows that can say anything about `[from, to)`: one before it, one after it, all within."""
        first = max(0, int(np.searchsorted(self.at_us, from_us, side="right")) - 1)
        last = int(np.searchsorted(self.at_us, to_us, side="left")) + 1
        return Samples(self.at_us[first:last], self.value[first:last])

    def until(self, now_us: int) -> Samples:
        """The rows at or before `now`."""
        last = int(np.searchsorted(self.at_us, now_us, side="right"))
        return Samples(self.at_us[:last], self.value[:last])


EMPTY: Final = Samples(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Stretches:
    """Known time: disjoint, ascending, each with one value; whatever lies between them is unknown."""

    from_us: Instants
    to_us: Instants
    value: Values

    def clipped(self, from_us: int, to_us: int) -> Stretches:
        """The part within `[from, to)`."""
        first = int(np.searchsorted(self.to_us, from_us, side="right"))
        last = max(first, int(np.searchsorted(self.from_us, to_us, side="left")))
        return Stretches(
            np.maximum(self.from_us[first:last], from_us),
            np.minimum(self.to_us[first:last], to_us),
            self.value[first:last],
        )

    def known_us(self) -> int:
        """Length of all the known time."""
        return int((self.to_us - self.from_us).sum())

    def joined(self) -> Stretches:
        """The same, with neighbours that touch and have one value made into one."""
        if not self.value.size:
            return self
        begins = np.append(True, (self.from_us[1:] != self.to_us[:-1]) | (self.value[1:] != self.value[:-1]))
        first = np.flatnonzero(begins)
        last = np.append(first[1:] - 1, begins.size - 1)
        return Stretches(self.from_us[first], self.to_us[last], self.value[first])

    def at(self, instants: Instants) -> Values:
        """The value at each of the instants, `NaN` where it is unknown."""
        held_by = covering(self.from_us, self.to_us, instants)
        values = np.full(instants.size, np.nan)
        values[held_by >= 0] = self.value[held_by[held_by >= 0]]
        return values


def covering(from_us: Instants, to_us: Instants, instants: Instants) -> NDArray[np.intp]:
    """Which of the disjoint, ascending intervals holds each instant; -1 where none does."""
    if not from_us.size:
        return np.full(instants.size, -1, dtype=np.intp)
    index = np.searchsorted(from_us, instants, side="right") - 1
    return np.where((index >= 0) & (instants < to_us[index]), index, -1)


def known(samples: Samples, *, stale_after_us: int, now_us: int) -> Stretches:
    """The known stretches of a series as it stands at `now`."""
    rows = samples.until(now_us)
    ends = np.append(rows.at_us[1:], now_us) if rows.at_us.size else rows.at_us
    keep = (ends - rows.at_us <= stale_after_us) & (ends > rows.at_us) & ~np.isnan(rows.value)
    return Stretches(rows.at_us[keep], ends[keep], rows.value[keep])
