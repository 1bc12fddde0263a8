"""The writer in front of a store that refuses, rejects and comes back: bounded, counted, and honest to the edge."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from contract.datatype import DataType
from contract.quality import Quality
from gateway.historian.historian import Point, PointsRejected, Series
from gateway.ingest import writer as module
from gateway.ingest.actions import Record
from gateway.ingest.node import MetricState, NodeKey, Sample
from gateway.ingest.router import route
from gateway.ingest.writer import Writer
from tests.fakes import FakeHistorian
from tests.stack import until

KEY = NodeKey("990000000001", "gw-1")
FLOW = MetricState("Pump 1/Flow", DataType.DOUBLE, route(*KEY, "F1", "Pump 1/Flow", DataType.DOUBLE))
NOW_MS = 1_700_000_000_000


class Ledger:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[int | None] = []
        self.lost: dict[int | None, int] = {}

    def refused(self, record: Record, readings: int) -> bool:
        """New at first sight, too."""
        self.lost[record.batch] = readings
        return self(record)

    def __call__(self, record: Record) -> bool:
        """New at first sight."""
        is_new = record.batch not in self.told
        self.told.append(record.batch)
        return is_new


def record(batch: int | None, count: int = 2, at_ms: int = NOW_MS - 50) -> Record:
    """A record of `count` values, each of an instant of its own."""
    first = (batch or 0) * 100
    samples = [Sample(FLOW, at_ms - first - i, 1.0, Quality.GOOD, False) for i in range(count)]
    return Record(KEY, "F1", samples, batch, None if batch is None else "e1")


def writer(historian: FakeHistorian, *, values_waiting_max: int = 1_000) -> tuple[Writer, Ledger]:
    """A writer and who hears of what is stored."""
    ledger = Ledger()
    return Writer(
        historian, ledger, ledger.refused, lambda: NOW_MS, values_waiting_max=values_waiting_max
    ), ledger


async def test_only_what_is_acknowledged_is_reported() -> None:
    historian = FakeHistorian()
    one, ledger = writer(historian)
    for batch in (1, 2, None):
        one.put(record(batch))
    assert ledger.told == []
    await one.flush()
    assert ledger.told == [1, 2]
    assert (one.health.written, one.health.stored, one.health.again, one.waiting) == (6, 4, 0, 0)
    one.put(record(1))
    await one.flush()
    assert (one.health.written, one.health.stored, one.health.again) == (8, 4, 2)


async def test_a_store_that_refuses_is_asked_again_and_nothing_is_reported_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RETRY_MIN_S", 0.001)
    historian = FakeHistorian(refuses=True)
    one, ledger = writer(historian)
    one.put(record(1))
    flushing = asyncio.create_task(one.flush())
    await until(lambda: historian.refusals >= 3)
    assert (ledger.told, one.health.available) == ([], False)
    historian.refuses = False
    await flushing
    assert (ledger.told, one.health.available, one.health.retries) == ([1], True, historian.refusals)


class Picky(FakeHistorian):
    """Refuses what is older than it keeps, and stores the rest."""

    writes = 0
    keeps_from_ms = NOW_MS - 60_000

    async def write(self, points: Sequence[Point]) -> None:
        """As the protocol says."""
        self.writes += 1
        kept = [point for point in points if point.at_ms >= self.keeps_from_ms]
        await super().write(kept)
        if len(kept) < len(points):
            raise PointsRejected("beyond retention", len(points) - len(kept))


async def test_what_is_refused_for_good_is_found_and_told_of_its_batch() -> None:
    """It holds up nobody; the others of its write are stored."""
    historian = Picky()
    one, ledger = writer(historian)
    old = NOW_MS - 3_600_000
    for number in range(1, 60):
        one.put(record(number))
    one.put(record(60, count=3, at_ms=old))
    mixed = [*record(61).samples, *record(62, count=5, at_ms=old).samples]
    one.put(Record(KEY, "F1", mixed, 61, "e1"))
    one.put(record(None, at_ms=old))
    one.put_fact(Point(Series("link", ()), old, {"online": 1.0}))
    await one.flush()
    assert sorted(ledger.told) == list(range(1, 62))  # type: ignore[type-var]  # all of them have a number
    assert ledger.lost == {60: 3, 61: 5}
    assert (one.health.rejected, one.health.refused, one.health.stored) == (11, 8, 120)
    assert historian.writes < 40
    one.put(record(60, count=3, at_ms=old))  # sent again
    await one.flush()
    assert (one.health.refused, one.health.again) == (8, 3)


async def test_lines_of_one_kind_among_many_others_are_found_soon() -> None:
    """As where another program wrote a field first, with another type."""

    class Conflict(Picky):
        async def write(self, points: Sequence[Point]) -> None:
            """No level is taken."""
            self.writes += 1
            kept = [point for point in points if "level" not in point.fields]
            await FakeHistorian.write(self, kept)
            if len(kept) < len(points):
                raise PointsRejected("field type conflict", len(points) - len(kept))

    sump = MetricState("Sump/Level", DataType.DOUBLE, route(*KEY, "F1", "Sump/Level", DataType.DOUBLE))
    historian = Conflict()
    one, ledger = writer(historian, values_waiting_max=10_000)
    for number in range(1, 1_000):
        samples = [Sample(state, NOW_MS - number, 1.0, Quality.GOOD, False) for state in (FLOW, sump)]
        one.put(Record(KEY, "F1", samples, number, "e1"))
    await one.flush()
    assert ledger.lost == dict.fromkeys(range(1, 1_000), 1)
    assert historian.writes < 40
    assert one.health.stored == 999


async def test_all_of_a_write_may_be_refused() -> None:
    historian = Picky()
    one, ledger = writer(historian)
    for number in range(1, 100):
        one.put(record(number, at_ms=NOW_MS - 3_600_000))
    await one.flush()
    assert ledger.lost == dict.fromkeys(range(1, 100), 2)
    assert historian.writes == 2


async def test_the_search_has_a_limit_and_what_is_in_question_then_counts_as_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PROBES_MAX", 3)
    historian = Picky()
    one, ledger = writer(historian)
    for number in range(1, 100):
        one.put(record(number, count=1, at_ms=NOW_MS - 3_600_000 * (number % 2)))
    await one.flush()
    assert historian.writes <= 5
    assert ledger.lost.keys() >= set(range(1, 100, 2))
    assert sorted(ledger.told) == list(range(1, 100))  # type: ignore[type-var]  # all of them have a number


async def test_above_the_bound_the_newest_are_dropped_and_counted_by_who_sends_them_again() -> None:
    one, ledger = writer(FakeHistorian(), values_waiting_max=5)
    for batch in (1, 2, 3, None, None):
        one.put(record(batch))
    assert one.waiting == 4
    assert (one.health.dropped, one.health.lost) == (2, 4)
    await one.flush()
    assert ledger.told == [1, 2]
    one.put(record(3))
    await one.flush()
    assert ledger.told == [1, 2, 3]


async def test_latency_is_that_of_live_readings() -> None:
    one, _ = writer(FakeHistorian())
    one.put(record(0, count=1, at_ms=NOW_MS - 250))
    one.put(record(1, count=1, at_ms=NOW_MS - 3_600_000))
    one.put(record(2, count=1, at_ms=NOW_MS + 5_000))
    await one.flush()
    assert dict(one.health.latency_ms) == {250: 1, 0: 1}


async def test_what_was_concluded_is_never_in_the_store_before_what_it_was_concluded_from() -> None:
    """Neither in one write, lines go first, nor where records wait for the next one."""
    writes: list[list[str]] = []

    class Listening(FakeHistorian):
        async def write(self, points: Sequence[Point]) -> None:
            writes.append([point.series.measurement for point in points])

    told: list[Record] = []
    one = Writer(
        Listening(), Ledger(), lambda _record, _readings: True, lambda: NOW_MS,
        values_per_write_max=2, written=told.append,
    )  # fmt: skip
    fact = Point(Series("shift_record", ()), NOW_MS, {"revision": 1.0})
    one.put_fact(fact)
    records = [record(1), record(None), record(3)]
    for each in records[:2]:
        assert one.put(each)
    one.put_fact(fact)
    assert one.put(records[2])
    one.put_fact(fact)
    await one.flush()
    assert writes == [
        ["pump", "pump", "shift_record"],
        ["pump", "pump", "shift_record"],
        ["pump", "pump", "shift_record"],
    ]
    assert told == records  # of the unnumbered one too


def test_a_record_that_is_dropped_is_told_as_such() -> None:
    one, _ = writer(FakeHistorian(), values_waiting_max=3)
    assert one.put(record(1))
    assert not one.put(record(2))


async def test_marks_of_our_own_stand_apart() -> None:
    """So that what the source itself says of the same instant is kept, and can be told from them."""
    historian = FakeHistorian()
    one, _ = writer(historian)
    one.put(Record(KEY, "F1", [Sample(FLOW, NOW_MS, None, Quality.STALE, True)], None, None, by_host=True))
    one.put(Record(KEY, "F1", [Sample(FLOW, NOW_MS, 2.0, Quality.GOOD, True)], 1, "e1"))
    await one.flush()
    assert historian.lines == {
        (FLOW.target.series, NOW_MS): {"flow_host_q": 500.0, "flow": 2.0, "flow_q": 192.0}
    }
