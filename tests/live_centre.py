"""The live judgement with a store in memory: rows in, facts out, restarts in between; no broker, no tasks.

What `gateway.app` does with its tasks is done here step by step, at instants that a test names.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from contract.datatype import DataType, Value
from contract.quality import Quality
from gateway.config import GatewayConfig
from gateway.historian.historian import Bucket, FieldValue, Point, Row, Series
from gateway.ingest.actions import Record
from gateway.ingest.node import MetricState, NodeKey, Sample
from gateway.ingest.points import points
from gateway.ingest.router import route
from gateway.live.chambers import ChamberTracker
from gateway.live.faces import FaceTracker
from gateway.live.recall import Recall
from gateway.live.revise import Reviser
from gateway.live.trackers import Trackers
from tests.fakes import OneByOne, buckets_of

MINE = "990000000001"
KEY = NodeKey(MINE, "gw-1")
TEXTS = frozenset({"Control/Mode", "Personnel/Cards"})
Rows = Iterable[tuple[int, Value | None]]
"""Instants in milliseconds, and values; `None` is not good."""


@dataclass
class MemoryHistorian(OneByOne):
    """A store in memory, by series; writing the same again merges the fields."""

    lines: dict[Series, dict[int, dict[str, FieldValue]]] = field(default_factory=dict)
    instants: dict[Series, list[int]] = field(default_factory=dict)
    """Of each series, in order."""

    async def write(self, written: Sequence[Point]) -> None:
        """Store."""
        self.put(written)

    def put(self, written: Iterable[Point]) -> None:
        """The same at once."""
        for point in written:
            lines = self.lines.setdefault(point.series, {})
            if point.at_ms not in lines:
                insort(self.instants.setdefault(point.series, []), point.at_ms)
            lines.setdefault(point.at_ms, {}).update(point.fields)

    async def read(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """Rows of a stretch of time."""
        instants = self.instants.get(series, [])
        first, last = bisect_left(instants, from_ms), bisect_left(instants, to_ms)
        return list(self.rows(series, fields, instants[first:last]))

    async def last_before(self, series: Series, fields: Sequence[str], before_ms: int) -> Row | None:
        """The newest row before an instant."""
        instants = self.instants.get(series, [])
        last = bisect_left(instants, before_ms)
        return next(self.rows(series, fields, reversed(instants[:last])), None)

    async def buckets(
        self, series: Series, field: str, from_ms: int, to_ms: int, width_ms: int
    ) -> list[Bucket]:
        """What the values say of each stretch."""
        return buckets_of(await self.read(series, [field], from_ms, to_ms), field, from_ms, width_ms)

    def rows(self, series: Series, fields: Sequence[str], instants: Iterable[int]) -> Iterator[Row]:
        """Those of the instants that have one of the fields."""
        for at_ms in instants:
            line = self.lines[series][at_ms]
            if found := {name: line[name] for name in fields if name in line}:
                yield Row(at_ms, found)

    def facts(self, measurement: str) -> dict[tuple[Series, int], dict[str, FieldValue]]:
        """Everything of one kind that is stored now."""
        return {
            (series, at_ms): dict(line)
            for series, lines in self.lines.items()
            if series.measurement == measurement
            for at_ms, line in lines.items()
        }


@dataclass
class LiveCentre:
    """Trackers, store, and what stands between them."""

    config: GatewayConfig
    historian: MemoryHistorian = field(default_factory=MemoryHistorian)
    trackers: Trackers = field(init=False)
    metrics: dict[tuple[str, str], MetricState] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trackers = Trackers.of(self.config)

    def face(self, code: str) -> FaceTracker:
        """A face's tracker."""
        return self.trackers.mines[MINE].faces[code]

    def chamber(self, code: str) -> ChamberTracker:
        """A chamber's tracker."""
        return self.trackers.mines[MINE].chambers[code]

    def take(self, area: str, metric: str, rows: Rows, now_ms: int, *, is_stored: bool = True) -> Record:
        """Readings of one metric, judged at once, and stored unless the store is still to take them."""
        state = self.state(area, metric)
        samples = [self.sample(state, at_ms, value) for at_ms, value in rows]
        return self.give(Record(KEY, area, samples, 1, "epoch"), now_ms, is_stored=is_stored)

    def lose(self, area: str, metrics: Iterable[str], at_ms: int) -> Record:
        """The centre loses the gateway of these metrics."""
        samples = []
        for metric in metrics:
            state = self.state(area, metric)
            if state.quality not in {None, Quality.STALE}:
                state.quality = Quality.STALE
                samples.append(Sample(state, at_ms, None, Quality.STALE, True))
        return self.give(Record(KEY, area, samples, None, None, by_host=True), at_ms)

    def give(self, record: Record, now_ms: int, *, is_stored: bool = True) -> Record:
        """A record on its two ways."""
        self.historian.put(self.trackers.take(record, now_ms * 1000))
        if is_stored:
            self.store(record)
        return record

    def store(self, record: Record) -> None:
        """The store takes a record."""
        self.historian.put(points(record.samples, by_host=record.by_host))
        self.trackers.late.stored(record)

    def state(self, area: str, metric: str) -> MetricState:
        """A metric as the session keeps it."""
        kind = DataType.STRING if metric in TEXTS else DataType.DOUBLE
        known = self.metrics.get((area, metric))
        return known or self.metrics.setdefault(
            (area, metric), MetricState(metric, kind, route(MINE, "gw-1", area, metric, kind))
        )

    def sample(self, state: MetricState, at_ms: int, value: Value | None) -> Sample:
        """A sample as the session makes one."""
        quality = Quality.BAD if value is None else Quality.GOOD
        turned = quality is not state.quality
        if at_ms >= state.at_ms:
            state.quality, state.at_ms = quality, at_ms
        return Sample(state, at_ms, value, quality, turned)

    def judge(self, now_ms: int) -> None:
        """Judge what is due."""
        for area in self.trackers.due(now_ms * 1000):
            self.historian.put(self.trackers.judge(area, now_ms * 1000))

    def restart(self, now_ms: int) -> None:
        """A new process: the store is there, all else is not; the gateways are born again at once."""
        self.trackers = Trackers.of(self.config, is_recalled=False)
        asyncio.run(Recall(self.trackers, self.historian, self.put).all(now_ms))
        self.trackers.dirty.update(self.trackers.areas())

    def revise(self, now_ms: int) -> int:
        """Do all that waits to be judged from the store; gives how many jobs."""
        return asyncio.run(self.work(now_ms))

    async def work(self, now_ms: int) -> int:
        """Job after job, the last ones asked for by those before."""
        reviser, jobs = Reviser(self.trackers, self.historian, self.put, lambda: now_ms), 0
        later_us = now_ms * 1000 + 3_600_000_000
        while (job := self.trackers.late.take(later_us)) is not None:
            await reviser.revise(job)
            jobs += 1
        return jobs

    def put(self, point: Point) -> None:
        """A fact for the store."""
        self.historian.put([point])
