"""Parts of a series, many at once: what is known of each of them, in one pass.

Rules (definitions.md §1 "Sustained headcount of a part")
- The sustained value of a part is the largest n such that the value is ≥ n through an unbroken run of at least
  `sustain` known time. An unknown stretch shorter than that between two known ones is cut out: it neither
  breaks a run nor counts. A longer one breaks it. Parts have nothing to do with each other.

A year of a face's shifts is judged in a few such passes; one by one they would cost a hundred times the calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.series import Instants, Stretches, Values

Places = NDArray[np.intp]


class Run(NamedTuple):
    """An unbroken run, and the value that it never falls below."""

    value: float
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Parts:
    """The known stretches of some parts, part after part, each in the order of time."""

    count: int
    part: Places  # of each stretch
    from_us: Instants
    to_us: Instants
    value: Values

    @classmethod
    def of(cls, known: Stretches, bounds: Sequence[tuple[int, int]]) -> Parts:
        """What is known in each `[from, to)`; parts may overlap, be empty, or come in any order."""
        from_us, to_us = np.array(bounds, dtype=np.int64).reshape(-1, 2).T
        first = np.searchsorted(known.to_us, from_us, side="right")
        size = np.searchsorted(known.from_us, to_us) - first
        size = np.where(from_us < to_us, np.maximum(size, 0), 0)
        part = np.repeat(np.arange(size.size), size)
        stretch = np.arange(part.size) + np.repeat(first - np.cumsum(size) + size, size)
        return cls(
            size.size,
            part,
            np.maximum(known.from_us[stretch], from_us[part]),
            np.minimum(known.to_us[stretch], to_us[part]),
            known.value[stretch],
        )

    def known_us(self) -> Instants:
        """How long each part is known."""
        return self._sums(self.to_us - self.from_us).astype(np.int64)

    def integral(self) -> Values:
        """The value times the known time in microseconds."""
        return self._sums(self.value * (self.to_us - self.from_us))

    def over(self, limit: NDArray[np.int64]) -> tuple[Instants, dict[int, int]]:
        """For how long each part is known to be above its limit, and the first such instant of those that ever are."""
        is_over = self.value > limit[self.part]
        lasted_us = self._sums(np.where(is_over, self.to_us - self.from_us, 0)).astype(np.int64)
        part, first = np.unique(self.part[is_over], return_index=True)
        return lasted_us, dict(zip(part.tolist(), self.from_us[is_over][first].tolist(), strict=True))

    def sustained(self, sustain_us: int) -> list[int | None]:
        """The sustained value of each part; `None` if no unbroken run of known time is that long."""
        first, lowest = self._windows(sustain_us)
        highest = np.full(self.count, np.nan)
        np.fmax.at(highest, self.part[first], lowest)
        return [None if value != value else int(value) for value in highest.tolist()]  # noqa: PLR0124 - NaN

    def _sums(self, amounts: NDArray[np.int64] | Values) -> Values:
        """Exact while whole numbers below 2**53 are added."""
        return np.bincount(self.part, weights=amounts, minlength=self.count).astype(np.float64, copy=False)

    def _windows(self, sustain_us: int) -> tuple[Places, Values]:
        """The unbroken runs of exactly `sustain` that begin where a stretch does: its place, and the lowest value.

        No other run needs a look: moved back to where its first stretch begins, it is no lower.
        """
        length_us = self.to_us - self.from_us
        counted_to_us = np.cumsum(length_us)
        last = np.searchsorted(counted_to_us, counted_to_us - length_us + sustain_us)
        last = last[: np.searchsorted(last, last.size)]  # it ascends: from there on too little time is left
        run = self._runs(sustain_us)
        first = np.flatnonzero(run[: last.size] == run[last])
        return first, _lowest(self.value, first, last[first])

    def _runs(self, sustain_us: int) -> Places:
        """Numbers of the unbroken runs that the stretches belong to."""
        breaks = self.from_us[1:] - self.to_us[:-1] >= sustain_us
        breaks |= self.part[1:] != self.part[:-1]
        return np.append(0, np.cumsum(breaks))

    def run(self, sustain_us: int) -> Run | None:
        """The first run that made the sustained value of a single part, as far as it goes."""
        first, lowest = self._windows(sustain_us)
        if not lowest.size:
            return None
        value = lowest.max()
        begin = int(first[lowest.argmax()])
        run = self._runs(sustain_us)
        ends = (self.value < value) | (run != run[begin])
        ends[:begin] = False
        end = int(ends.argmax()) if bool(ends.any()) else ends.size
        return Run(float(value), int(self.from_us[begin]), int(self.to_us[end - 1]))


def _lowest(value: Values, first: Places, last: Places) -> Values:
    """The minimum of `value` over each `[first, last]`, from minima over spans of 1, 2, 4, … values."""
    lowest = np.empty(first.size, dtype=np.float64)
    level = np.frexp(last - first + 1)[1] - 1
    span, minimum = 1, value
    for each in range(int(level.max(initial=-1)) + 1):
        here = np.flatnonzero(level == each)
        lowest[here] = np.minimum(minimum[first[here]], minimum[last[here] + 1 - span])
        minimum = np.minimum(minimum[:-span], minimum[span:])
        span *= 2
    return lowest
