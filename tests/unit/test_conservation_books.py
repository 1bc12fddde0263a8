"""The conservation test's own books: each way in which a reading can go wrong is seen, none where all is well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.conservation.points import POINTS, place
from benchmarks.conservation.said import (
    Begun,
    Committed,
    Dropped,
    GivenUp,
    Produced,
    Written,
    listed,
    parse,
    unlisted,
)
from benchmarks.conservation.schedule import Kind, schedule
from benchmarks.conservation.stored import Found, found_of
from benchmarks.conservation.truth import INBOX, REPLACED, THINNED, Truth
from gateway.ingest.router import route

EPOCH = "e1"


def truth(rounds: int = 10, written: int = 10) -> Truth:
    """Two tags; so many rounds were produced, a second apart, and the first ones of them are on the disk."""
    made = Truth(2)
    made.hear(Begun(EPOCH))
    for number in range(1, rounds + 1):
        made.hear(Produced(1000 * number, number))
        if number <= written:
            made.hear(Written(1000 * number, number, {0: [(number, number)], 1: [(number, number)]}))
    return made


def found(*numbers: int) -> Found:
    """These are stored, each a second after the one before."""
    return Found({number: 1000 * number for number in numbers})


ALL = tuple(range(1, 11))


def test_all_is_well() -> None:
    made = truth()

    balance = made.balance({0: found(*ALL), 1: found(*ALL)})

    assert balance.holds
    assert (balance.produced, balance.written, balance.stored, balance.accounted) == (20, 20, 20, {})
    assert made.miscounted(balance) == []


def test_a_hole_is_a_loss() -> None:
    """It lay on the disk, nobody gave it up, and it is not stored."""
    balance = truth().balance({0: found(*ALL[:4], *ALL[5:]), 1: found(*ALL)})

    assert not balance.holds
    assert (balance.lost, balance.first_lost) == (1, "tag 0 number 5")


def test_what_was_given_up_is_accounted_and_has_to_be_counted() -> None:
    made = truth()
    made.hear(GivenUp(THINNED, {0: [(3, 5)]}))
    made.hear(GivenUp(THINNED, {0: [(3, 5)]}))  # killed in between, and once more
    balance = made.balance({0: found(1, 2, *ALL[5:]), 1: found(*ALL)})

    assert balance.holds
    assert balance.accounted == {THINNED: 3}
    made.epochs[EPOCH].counted = 3
    assert made.miscounted(balance) == []
    made.epochs[EPOCH].counted = 2
    assert made.miscounted(balance) == [f"epoch {EPOCH}: the outbox counts 2 readings as lost, 3 were"]


def test_what_was_given_up_too_late_is_told_apart() -> None:
    """The centre had it, its commit did not arrive."""
    made = truth()
    made.hear(GivenUp(THINNED, {0: [(3, 5)]}))

    balance = made.balance({0: found(*ALL), 1: found(*ALL)})

    assert balance.holds
    assert (balance.accounted, balance.stored_after_all) == ({}, 3)


def test_a_replaced_outbox() -> None:
    """Half of what it held was stored; it leaves the last epoch's count behind."""
    made = truth()
    made.replaced({0: [7, 8, 9, 10]}, counted=0)

    balance = made.balance({0: found(*ALL[:8]), 1: found(*ALL)})

    assert balance.holds
    assert (balance.accounted, balance.stored_after_all) == ({REPLACED: 2}, 2)


def test_a_sudden_death_takes_what_is_in_memory() -> None:
    """Its age counts from the oldest reading that was not on the disk yet; the next life goes on."""
    made = truth(written=8)
    made.died(10_020)
    made.hear(Produced(12_000, 11))
    made.hear(Written(12_000, 9, {0: [(11, 11)], 1: [(11, 11)]}))

    balance = made.balance({0: found(*ALL[:8], 11), 1: found(*ALL[:9], 11)})

    assert balance.holds
    assert balance.in_memory == 3, "one of them had reached the disk, and the store"
    assert [(window.readings, window.ms) for window in made.windows] == [(4, 1_020)]


def test_the_inbox_is_full_and_says_so() -> None:
    """Readings that were never on the disk, in the middle of a life."""
    made = truth(written=4)
    made.hear(Written(9_000, 5, {0: [(9, 10)], 1: [(9, 10)]}))
    stored = {0: found(*ALL[:4], 9, 10), 1: found(*ALL[:4], 9, 10)}
    balance = made.balance(stored)
    assert balance.holds
    assert balance.accounted == {INBOX: 8}
    assert made.miscounted(balance) == ["8 readings found the inbox full, the outbox was told of 0"]

    made.hear(Dropped(8))

    assert made.miscounted(balance) == []


def test_stored_and_never_produced() -> None:
    assert truth().balance({0: found(*ALL, 11), 1: found(*ALL)}).invented == 1


def test_order() -> None:
    """A number at its forerunner's time, or before it."""
    late = found(*ALL)
    late.at_ms[5] = late.at_ms[4]

    assert truth().balance({0: late, 1: found(*ALL)}).disordered == 1


def answer(*rows: str) -> list[str]:
    """InfluxDB's."""
    return ['{"results":[{"series":[{"values":[' + ",".join(rows) + "]}]}]}", ""]


def test_duplicates() -> None:
    """Twice is once too often; where a birth ends a stale mark it is not, and a mark alone is no number."""
    one = found_of(answer("[1,7,null]", "[2,8,null]", "[3,7,null]", "[4,null,500]", "[5,8,192]"))

    assert (one.at_ms, one.duplicated, one.restated) == ({7: 1, 8: 2}, 1, 1)


def test_an_error_of_the_database_is_no_empty_answer() -> None:
    with pytest.raises(RuntimeError, match="timeout"):
        found_of(['{"results":[{"error":"timeout"}]}'])


def test_the_longest_outage() -> None:
    """A batch waits from the disk to its commit; batches of a lost outbox wait for nothing."""
    made = truth()
    made.hear(Committed(13_500, 3))
    assert made.longest_outage_ms == 12_500
    made.hear(Begun("e2"))
    made.hear(Written(20_000, 1, {0: [], 1: []}))
    made.hear(Committed(20_100, 1))
    assert made.longest_outage_ms == 12_500


@given(st.dictionaries(st.integers(0, 30), st.sets(st.integers(1, 40), min_size=1).map(sorted)))
def test_values_go_through_a_line(values: dict[int, list[int]]) -> None:
    ways = unlisted(listed(values))

    assert {
        tag: [n for first, last in runs for n in range(first, last + 1)] for tag, runs in ways.items()
    } == values
    assert parse(f"written 5 6 {listed(values)}") == Written(5, 6, ways)


def test_what_the_agent_never_says() -> None:
    with pytest.raises(ValueError, match="hello"):
        parse("hello")


def test_a_seed_is_a_timetable() -> None:
    """The same again for the same seed, another for another, every kind equally often."""
    kinds = list(Kind)
    count = 4 * len(kinds)

    def planned(seed: int) -> list[tuple[Kind, float]]:
        made = schedule(seed, count=count, seconds=60, usual_s=1, kinds=kinds)
        return [(one.kind, one.at_s) for one in made]

    assert planned(7) == planned(7) != planned(8)
    assert [sum(kind is one for one, _ in planned(7)) for kind in kinds] == [4] * len(kinds)
    assert all(0 <= at_s <= 60 for _, at_s in planned(7))


def test_the_places_are_the_collectors() -> None:
    """Written down apart from the collector's code, and the same."""
    for tag, point in enumerate(POINTS):
        own, target = (
            place(tag),
            route("990000000001", "gw-1", point.area, point.metric, 12 if "Mode" in point.metric else 10),
        )
        assert (own.measurement, own.tags) == (target.series.measurement, target.series.tags)
        assert (own.field, own.quality_field) == (target.field, target.quality_field)
