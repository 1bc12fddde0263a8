"""Records to the historian, in batches; what the store has acknowledged is reported back for the commit.

The queue is bounded by values. While the store refuses, records wait in it; above the bound the newest are
dropped and counted: they are not committed, so an edge of ours sends them again, while a foreign edge's are
lost, counted apart. What was concluded from records is never in the store before them.

What the store refuses for good would hold up the queue for ever; so it is looked for, and its batch told as refused.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import attrgetter

from gateway.historian.historian import Historian, HistorianUnavailable, Point, PointsRejected
from gateway.ingest.actions import Record
from gateway.ingest.points import points

log = logging.getLogger(__name__)

RETRY_MIN_S = 0.2
RETRY_MAX_S = 10.0
PROBES_MAX = 200
"""Writes made to find what was refused; above it all that is still in question counts as refused."""
LATENCY_MAX_MS = 60_000
AT_MS = attrgetter("at_ms")
Line = tuple[int, Point]
"""A point and the place of the record that it is of."""


@dataclass(slots=True)
class WriterHealth:
    """What the writer counts of itself."""

    available: bool = True
    written: int = 0
    """Values acknowledged by the store, re-sends included."""
    stored: int = 0
    """Readings stored for the first time (numbered batches only)."""
    again: int = 0
    """Readings of batches that were stored before."""
    rejected: int = 0
    """Points refused by the store for good."""
    refused: int = 0
    """Readings of numbered batches that were on them."""
    dropped: int = 0
    """Values that found the queue full; their edge sends them again."""
    lost: int = 0
    """Values that found the queue full and that nobody sends again."""
    retries: int = 0
    latency_ms: Counter[int] = field(default_factory=Counter)
    """From the reading's own time to the store's acknowledgement, whole milliseconds, live readings only."""


@dataclass(slots=True)
class Writer:
    """Takes records, writes points; `run` until cancelled, then call `flush` once more."""

    historian: Historian
    stored: Callable[[Record], bool]
    """Told of each numbered record after its acknowledgement; true if it is new."""
    refused: Callable[[Record, int], bool]
    """Told instead of each one of which the store refused so many readings for good; true if it is new."""
    now_ms: Callable[[], int]
    flush_s: float = 0.2
    """Records wait so long at most to be written together: each write costs as much as a few hundred values."""
    values_per_write_max: int = 20_000
    values_waiting_max: int = 500_000
    facts_max: int = 100_000
    live_age_ms: int = 60_000
    written: Callable[[Record], object] = field(default=lambda _record: None)
    """Told of every record after its acknowledgement."""
    queue: deque[Record] = field(default_factory=deque)
    facts: deque[tuple[int, Point]] = field(init=False)
    """Each with the number of records that were queued before it."""
    records_queued: int = 0
    waiting: int = 0
    health: WriterHealth = field(default_factory=WriterHealth)

    def __post_init__(self) -> None:
        """No fact waits."""
        self.facts = deque(maxlen=self.facts_max)

    def put(self, record: Record) -> bool:
        """Queue a record; false where it is dropped. Never blocks."""
        values = len(record.samples)
        is_full = (
            self.waiting + values > self.values_waiting_max or len(self.queue) >= self.values_waiting_max
        )
        if is_full:
            if record.batch is None:
                self.health.lost += values
            else:
                self.health.dropped += values
            return False
        self.waiting += values
        self.records_queued += 1
        self.queue.append(record)
        return True

    def put_fact(self, point: Point) -> None:
        """Queue a conclusion of ours; above the bound the oldest is dropped: it can be computed again."""
        self.facts.append((self.records_queued, point))

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self.flush()
            await asyncio.sleep(self.flush_s)

    async def flush(self) -> None:
        """Write everything that waits; returns when it is acknowledged."""
        while self.queue or self.facts:
            records, facts = self.taken()
            try:
                lines = await asyncio.to_thread(lines_of, records)
                refusal = await self.write([*(point for _, point in lines), *(point for _, point in facts)])
                lost = await self.lost(records, lines, refusal)
            except asyncio.CancelledError:
                self.put_back(records, facts)
                raise
            self.acknowledged(records, lost)

    def taken(self) -> tuple[list[Record], list[tuple[int, Point]]]:
        """The next records, up to the size of one write, and the facts that hang on no later ones."""
        records: list[Record] = []
        values = 0
        while self.queue and values < self.values_per_write_max:
            record = self.queue.popleft()
            values += len(record.samples)
            records.append(record)
        self.waiting -= values
        facts: list[tuple[int, Point]] = []
        while self.facts and self.facts[0][0] <= self.records_queued - len(self.queue):
            facts.append(self.facts.popleft())
        return records, facts

    def put_back(self, records: Sequence[Record], facts: Sequence[tuple[int, Point]]) -> None:
        """What was taken and not acknowledged waits again, in front; writing it twice does no harm."""
        self.waiting += sum(len(record.samples) for record in records)
        self.queue.extendleft(reversed(records))
        self.facts.extendleft(reversed(facts))

    async def write(self, points: Sequence[Point]) -> PointsRejected | None:
        """Until the store has taken them, with doubling waits; what it said of those that it refused for good."""
        wait_s, refusal = RETRY_MIN_S, None
        while True:
            try:
                await self.historian.write(points)
            except HistorianUnavailable as error:
                if self.health.available:
                    log.warning("historian does not take data: %s; nothing is committed meanwhile", error)
                self.health.available = False
                self.health.retries += 1
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, RETRY_MAX_S)
                continue
            except PointsRejected as error:
                refusal = error
            if not self.health.available:
                log.info("historian takes data again")
            self.health.available = True
            return refusal

    async def lost(
        self, records: Sequence[Record], lines: Sequence[Line], refusal: PointsRejected | None
    ) -> Counter[int]:
        """How many readings of each numbered record are on lines that the store refuses, by the record's place."""
        if refusal is None:
            return Counter()
        log.warning("historian refused data for good: %s", refusal)
        self.health.rejected += refusal.count
        return Counter(
            place
            for place, point in await self.found(
                [line for line in lines if records[line[0]].batch is not None]
            )
            for sample in records[place].samples
            if sample.at_ms == point.at_ms and sample.metric.target.series is point.series
        )

    async def found(self, lines: Sequence[Line]) -> list[Line]:
        """Those that the store refuses: halves are written again until they are found.

        Refusals go by fields or by age, so lines are sorted by these. In the end the others are written in their own
        order, since of two values of one instant the later counts; if some are refused only now, all count as refused.
        """
        found, parts = list[Line](), [sorted(lines, key=kind_and_age)]
        for _ in range(PROBES_MAX):
            if not parts:
                break
            part = parts.pop()
            refusal = await self.write([point for _, point in part]) if part else None
            if refusal is not None and refusal.count >= len(part):
                found += part
            elif refusal is not None:
                parts += [part[: len(part) // 2], part[len(part) // 2 :]]
        found += chain.from_iterable(parts)
        gone = {id(point) for _, point in found}
        others = [point for _, point in lines if id(point) not in gone]
        return [*lines] if others and await self.write(others) else found

    def acknowledged(self, records: Sequence[Record], lost: Counter[int]) -> None:
        """Count, measure, and report for the commit; `lost` readings of a record were refused, by its place."""
        now_ms = self.now_ms()
        for place, record in enumerate(records):
            self.health.written += len(record.samples) - lost[place]
            self.written(record)
            if record.batch is None:
                continue
            is_new = self.refused(record, lost[place]) if lost[place] else self.stored(record)
            if not is_new:
                self.health.again += len(record.samples)
                continue
            self.health.refused += lost[place]
            self.health.stored += len(record.samples) - lost[place]
            for at_ms, samples in groupby(
                record.samples, key=AT_MS
            ):  # most readings of a batch are of one instant
                age_ms = now_ms - at_ms
                if age_ms < self.live_age_ms:
                    self.health.latency_ms[min(max(age_ms, 0), LATENCY_MAX_MS)] += len(list(samples))


def kind_and_age(line: Line) -> tuple[str, tuple[str, ...], int]:
    """Lines of the same fields stand together, the oldest first."""
    _, point = line
    return point.series.measurement, tuple(point.fields), point.at_ms


def lines_of(records: Iterable[Record]) -> list[Line]:
    """The points of these records, in order."""
    return [
        (place, point)
        for place, record in enumerate(records)
        for point in points(record.samples, by_host=record.by_host)
    ]
