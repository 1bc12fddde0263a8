"""An edge agent that is fed by hand and a centre without judgement, over a real broker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal

from contract.config_form import anchored
from contract.point import Point
from edge_agent import config as edge_config
from edge_agent.acquisition.reading import Reading
from edge_agent.app import EdgeAgent
from edge_agent.config import EdgeConfig, SourceConfig
from edge_agent.sources.source import Emit, Source, SourceHealth
from edge_agent.uplink.outbox import Extent, Limits, Outbox
from gateway.config import Mqtt
from gateway.historian.historian import Historian
from gateway.ingest.actions import Action, Record
from gateway.ingest.host_session import HostSession
from gateway.ingest.mqtt import Collector
from gateway.ingest.router import route
from gateway.ingest.writer import Writer
from tests.readings import point, reading

LIMIT_S = 20.0
MINE, GATEWAY = "990000000001", "gw-1"
FLOW, METHANE, DOOR = point("Pump 1/Flow"), point("Gas 1/Methane"), point("Pump 1/Flow", "C1")
POINTS = (FLOW, METHANE, DOOR)
Version = Literal["3.1.1", "5"]


def now_ms() -> int:
    """The wall clock."""
    return time.time_ns() // 1_000_000


async def until(condition: Callable[[], object | Awaitable[object]], limit_s: float = LIMIT_S) -> None:
    """Wait until it holds; fails the test when it does not in time."""
    deadline = time.monotonic() + limit_s
    while True:
        found = condition()
        if await found if isinstance(found, Awaitable) else found:
            return
        assert time.monotonic() < deadline, "still not so"
        await asyncio.sleep(0.01)


class Fed:
    """A source that gives what it is told."""

    name = "fed"

    def __init__(self, points: tuple[Point, ...]) -> None:
        self.points = points
        self.health = SourceHealth()

    async def run(self, emit: Emit) -> None:
        """Wait to be cancelled."""
        self.emit = emit
        await asyncio.Event().wait()


class FedAgent(EdgeAgent):
    """The real agent around such a source."""

    at_ms = 0
    value = 0.0

    def source(self, _config: SourceConfig, points: Sequence[Point]) -> Source:
        """No machine."""
        return Fed(tuple(points))

    def feed(self, count: int, points: Sequence[Point] = POINTS) -> None:
        """`count` readings of each point, all different, each a millisecond after the other at least."""
        readings: list[Reading] = []
        for _ in range(count):
            self.at_ms = max(self.at_ms + 1, now_ms())
            self.value += 1.0
            readings += [reading(one, self.value, self.at_ms) for one in points]
        self.emit(readings)

    @property
    def produced(self) -> int:
        """Readings that were to be reported."""
        return self.journal.health.produced

    async def at_rest(self) -> bool:
        """Everything is on disk and nothing is kept."""
        return not self.journal.inbox and not (await self.kept()).readings


def edge_settings(port: int, version: Version, **more: object) -> EdgeConfig:
    """A config with short waits; `more` replaces whole sections."""
    sections: dict[str, object] = {
        "node": {"mine": MINE, "gateway": GATEWAY},
        "mqtt": {"port": port, "version": version, "backoff_min_s": 0.05, "backoff_max_s": 0.2},
        "outbox": {"path": "outbox.sqlite", "flush_ms": 20},
        "delivery": {"commit_timeout_s": 1.0, "resend_backoff_max_s": 1.0, "backfill_batches_per_s": 2_000},
        "sources": [{"protocol": "modbus", "name": "fed", "host": "127.0.0.1", "points": "none.csv"}],
    }  # fmt: skip
    return edge_config.EdgeConfig.model_validate(sections | more)


@asynccontextmanager
async def edge_agent(
    directory: Path, settings: EdgeConfig, points: tuple[Point, ...] = POINTS
) -> AsyncIterator[FedAgent]:
    """A running agent; stopped in order at the end."""
    jitter = Random(1)  # noqa: S311  (waits, no secrets)
    settings = anchored(settings, directory)
    agent = FedAgent(settings, {"fed": points}, now_ms, lambda: time.monotonic_ns() // 1_000_000, jitter)
    task = asyncio.create_task(agent.run())
    await until(lambda: agent.started.is_set() or task.done())
    try:
        yield agent
    finally:
        agent.stop()
        await asyncio.wait_for(task, LIMIT_S)


async def kept_in(directory: Path, settings: EdgeConfig) -> Extent:
    """What an agent that has ended has left behind."""
    with Outbox(directory / settings.outbox.path, Limits(1_000_000_000)) as outbox:
        return outbox.extent()


@dataclass
class Centre:
    """Collector, session and writer, as `gateway.app` puts them together, without judgement."""

    port: int
    version: Version
    historian: Historian
    actions: list[Action] = field(default_factory=list)
    writer: Writer = field(init=False)
    session: HostSession = field(init=False)
    collector: Collector = field(init=False)

    def take(self, actions: Sequence[Action], _now_ms: int) -> None:
        """Records to the store."""
        self.actions += actions
        for action in actions:
            if isinstance(action, Record):
                self.writer.put(action)

    def stored(self, record: Record) -> bool:
        """A numbered record is in the store."""
        assert record.batch is not None
        return self.session.stored(record.key, record.epoch or "", record.batch, len(record.samples))

    def refused(self, record: Record, readings: int) -> bool:
        """The store refuses so many readings of a numbered record for good."""
        assert record.batch is not None
        kept = len(record.samples) - readings
        return self.session.refused(record.key, record.epoch or "", record.batch, kept)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Centre]:
        """A new process's worth of state, until the block ends."""
        settings = Mqtt(port=self.port, version=self.version, retry_s=0.05)
        self.session = HostSession(route, reorder_ms=300, rebirth_pause_ms=300, commit_pause_ms=100)
        self.writer = Writer(self.historian, self.stored, self.refused, now_ms, flush_s=0.02)
        self.collector = Collector(settings, self.session, self, now_ms)
        tasks = [asyncio.create_task(self.collector.run()), asyncio.create_task(self.writer.run())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
