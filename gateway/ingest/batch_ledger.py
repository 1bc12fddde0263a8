"""Which batches of one edge node are stored: the commit is the highest number without a hole below it.

Rules (definitions.md §4)
- Numbers belong to an epoch; another epoch starts another ledger.
- `Delivery/Oldest` of a birth says where the edge's memory begins: what lies below and never came is gone, a gap.
- A dropped run counts as contiguous, and as a gap; so does a batch of which the store refuses readings for good.
- delivered = stored batches / (highest − first + 1), where `first` is where this ledger began.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field


@dataclass(slots=True)
class BatchLedger:
    """Stored and missing batches of one epoch; its memory grows with the number of holes only."""

    epoch: str
    committed: int
    """Highest contiguous batch that is stored or known to be gone; starts one below the edge's oldest."""
    first: int = field(init=False)
    stored: int = 0
    gone: int = 0
    """Batches that are not to come: the edge gave them up, or the store refuses them for good."""
    ahead: list[tuple[int, int]] = field(default_factory=list)
    """Runs stored above a hole, first and last inclusive, ascending and apart."""

    def __post_init__(self) -> None:
        """Remember where counting began."""
        self.first = self.committed + 1

    @property
    def highest(self) -> int:
        """Highest batch stored or gone."""
        return self.ahead[-1][1] if self.ahead else self.committed

    @property
    def delivered(self) -> float | None:
        """Share of the batches so far that are stored; `None` before the first."""
        given = self.highest - self.first + 1
        return self.stored / given if given > 0 else None

    def add(self, number: int) -> bool:
        """A batch is stored; false if it was known already."""
        if self.has(number):
            return False
        self.cover(number, number)
        self.stored += 1
        return True

    def has(self, number: int) -> bool:
        """Is this batch stored or gone?"""
        if number <= self.committed:
            return True
        place = bisect_left(self.ahead, (number + 1,)) - 1
        return place >= 0 and self.ahead[place][1] >= number

    def give_up(self, first: int, last: int) -> int:
        """This run is not to come; gives how many of it were not stored."""
        missing = [(low, high) for low, high in self.holes(last) if high >= first]
        missing = [(max(low, first), high) for low, high in missing]
        for low, high in missing:
            self.cover(low, high)
        count = sum(high - low + 1 for low, high in missing)
        self.gone += count
        return count

    def oldest(self, number: int) -> int:
        """The edge keeps nothing below `number`; gives how many batches are gone by that."""
        return self.give_up(self.committed + 1, number - 1) if number - 1 > self.committed else 0

    def holes(self, until: int) -> list[tuple[int, int]]:
        """Runs missing above the commit, up to and including `until`."""
        found, low = [], self.committed + 1
        for first, last in [*self.ahead, (until + 1, until + 1)]:
            if low <= min(first - 1, until):
                found.append((low, min(first - 1, until)))
            low = max(low, last + 1)
        return found

    def cover(self, first: int, last: int) -> None:
        """Take a run into the books and move the commit up if its hole is closed."""
        start = bisect_left(self.ahead, (first,))
        if start > 0 and self.ahead[start - 1][1] >= first - 1:
            start -= 1
        end = start
        while end < len(self.ahead) and self.ahead[end][0] <= last + 1:
            first, last = min(first, self.ahead[end][0]), max(last, self.ahead[end][1])
            end += 1
        self.ahead[start:end] = [(first, last)]
        if self.ahead[0][0] <= self.committed + 1:
            self.committed = max(self.committed, self.ahead.pop(0)[1])
