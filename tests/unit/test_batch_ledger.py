"""The ledger against a naive model: sets of numbers, and a commit found by counting up."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingest.batch_ledger import BatchLedger


@dataclass
class Naive:
    """What the ledger means, without its economy."""

    first: int
    stored: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)

    @property
    def known(self) -> set[int]:
        return self.stored | self.gone

    @property
    def committed(self) -> int:
        number = self.first - 1
        while number + 1 in self.known:
            number += 1
        return number

    @property
    def highest(self) -> int:
        return max(self.known, default=self.first - 1)

    def add(self, number: int) -> bool:
        is_new = number >= self.first and number not in self.known
        self.stored |= {number} if is_new else set()
        return is_new

    def give_up(self, first: int, last: int) -> int:
        missing = {number for number in range(max(first, self.first), last + 1) if number not in self.known}
        self.gone |= missing
        return len(missing)

    def oldest(self, number: int) -> int:
        return self.give_up(self.first, number - 1)


NUMBERS = st.integers(-2, 60)
STEPS = st.one_of(
    st.tuples(st.just("add"), NUMBERS),
    st.tuples(st.just("give_up"), NUMBERS, NUMBERS),
    st.tuples(st.just("oldest"), NUMBERS),
)


@given(st.integers(1, 20), st.lists(STEPS, max_size=60))
def test_ledger_and_model_agree_at_every_step(first: int, steps: list[tuple[str, int]]) -> None:
    ledger, naive = BatchLedger("e", first - 1), Naive(first)
    for name, *numbers in steps:
        assert getattr(ledger, name)(*numbers) == getattr(naive, name)(*numbers)
        assert ledger.committed == naive.committed
        assert ledger.highest == naive.highest
        assert (ledger.stored, ledger.gone) == (len(naive.stored), len(naive.gone))
        assert all(
            ledger.has(number) == (number < first or number in naive.known) for number in range(-3, 63)
        )
        given_so_far = naive.highest - first + 1
        assert ledger.delivered == (len(naive.stored) / given_so_far if given_so_far else None)


@given(st.permutations(range(1, 40)))
def test_any_order_of_all_batches_ends_without_holes(order: list[int]) -> None:
    ledger = BatchLedger("e", 0)
    commits = []
    for number in order:
        assert ledger.add(number)
        commits.append(ledger.committed)
    assert commits == sorted(commits)
    assert (ledger.committed, ledger.ahead, ledger.delivered) == (39, [], 1.0)


def test_memory_grows_with_the_holes_only() -> None:
    ledger = BatchLedger("e", 0)
    for number in range(2, 100_002):
        ledger.add(number)
    assert ledger.ahead == [(2, 100_001)]
    assert ledger.committed == 0


def test_a_drop_is_contiguous_and_a_gap() -> None:
    """definitions.md §4: it counts as contiguous at the centre, as a gap."""
    ledger = BatchLedger("e", 0)
    for number in (1, 2, 6):
        ledger.add(number)
    assert ledger.give_up(2, 5) == 3
    assert (ledger.committed, ledger.stored, ledger.gone) == (6, 3, 3)
    assert ledger.delivered == pytest.approx(0.5)


def test_a_batch_given_up_that_comes_all_the_same_stays_a_gap() -> None:
    ledger = BatchLedger("e", 0)
    ledger.give_up(1, 3)
    assert not ledger.add(2)
    assert ledger.gone == 3


def test_counting_begins_where_the_edge_remembers() -> None:
    """A centre that meets a node late does not count what it never was told of."""
    ledger = BatchLedger("e", 999)
    ledger.add(1000)
    assert (ledger.delivered, ledger.committed) == (1.0, 1000)
