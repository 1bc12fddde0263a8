"""An agent that is started again with a clock that is wrong: nothing that was kept before is written over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from contract.config_form import anchored
from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.deadband import Deadband
from edge_agent.acquisition.reading import Reading
from edge_agent.app import EdgeAgent
from edge_agent.config import EdgeConfig, SourceConfig
from edge_agent.sources.source import Source
from edge_agent.steady_clock import SteadyClock
from gateway.historian.historian import FieldValue, Series
from tests.fakes import FakeHistorian
from tests.graded import graded_broker
from tests.stack import FLOW, LIMIT_S, POINTS, Centre, Fed, edge_settings, now_ms, until

PERIOD_S = 0.002


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """A mosquitto's; the whole run is graded."""
    async with graded_broker(tmp_path) as broker:
        yield broker.port


@dataclass
class Wall:
    """The computer's clock."""

    ahead_ms: int = 0

    def ms(self) -> int:
        """What it shows."""
        return now_ms() + self.ahead_ms


class ClockedAgent(EdgeAgent):
    """The real agent around a source that stamps what it is told, as a line of registers does."""

    value = 0.0
    server_ahead_ms = 0
    """How far the clock of the machine is ahead of ours, which stamps the values."""

    def source(self, _config: SourceConfig, points: Sequence[Point]) -> Source:
        """No machine."""
        self.deadband = Deadband()
        return Fed(tuple(points))

    def feed(self, value: float) -> None:
        """One reading of each point, now."""
        at_ms = self.now_ms()
        stamp_ms = at_ms + self.server_ahead_ms
        self.emit(self.deadband.reports(Reading(one, value, Quality.GOOD, stamp_ms, at_ms) for one in POINTS))


@asynccontextmanager
async def agent_of(
    directory: Path, settings: EdgeConfig, wall: Wall, server_ahead_ms: int = 0
) -> AsyncIterator[ClockedAgent]:
    """One life of the agent."""
    clock = SteadyClock(wall.ms, lambda: time.monotonic_ns() // 1_000_000)
    settings = anchored(settings, directory)
    agent = ClockedAgent(settings, {"fed": POINTS}, clock.now_ms, clock.monotonic_ms, Random(1), clock)  # noqa: S311  (waits)
    agent.server_ahead_ms = server_ahead_ms
    task = asyncio.create_task(agent.run())
    await until(lambda: agent.started.is_set() or task.done())
    try:
        yield agent
    finally:
        agent.stop()
        await asyncio.wait_for(task, LIMIT_S)


async def fed(agent: ClockedAgent, values: range) -> None:
    """These values one after another."""
    for value in values:
        agent.feed(float(value))
        await asyncio.sleep(PERIOD_S)


def stored(store: FakeHistorian) -> dict[tuple[Series, str], list[FieldValue]]:
    """The values of each point in the order of their times; a birth that ends a stale mark may say one again."""
    found: dict[tuple[Series, str], list[FieldValue]] = {}
    for (series, _), line in sorted(store.lines.items()):
        for name, value in line.items():
            if name.endswith("_q"):
                continue
            values = found.setdefault((series, name), [])
            if line.get(f"{name}_q") != Quality.GOOD or value not in values:
                values.append(value)
    return found


@pytest.mark.parametrize("behind_ms", [100, 500, 3_000, 120_000, 7_200_000])
async def test_a_clock_that_is_behind_at_the_next_start_writes_over_nothing(
    tmp_path: Path, port: int, behind_ms: int
) -> None:
    """However far, and whether the centre has stored what was before or not."""
    store, wall = FakeHistorian(), Wall()
    settings = edge_settings(port, "5")
    async with Centre(port, "5", store).running():
        async with agent_of(tmp_path, settings, wall) as agent:
            await fed(agent, range(200))
        wall.ahead_ms = -behind_ms
        async with agent_of(tmp_path, settings, wall) as agent:
            await fed(agent, range(200, 400))
            await until(lambda: not agent.journal.inbox and not agent.outbox.readings)

    assert [*stored(store).values()] == [[float(value) for value in range(400)]] * len(POINTS)


async def test_a_clock_that_was_ahead_is_believed_to_be_right_now(tmp_path: Path, port: int) -> None:
    """The centre says so; until the wrong time is over, times go on by a millisecond each."""
    store, wall = FakeHistorian(), Wall(ahead_ms=20_000)
    settings = edge_settings(port, "5")
    async with Centre(port, "5", store).running():
        async with agent_of(tmp_path, settings, wall) as agent:
            await fed(agent, range(200))
            await until(lambda: not agent.journal.inbox and not agent.outbox.readings)
        wall.ahead_ms = 0
        async with agent_of(tmp_path, settings, wall) as agent:
            assert agent.clock is not None
            value = 200
            while not agent.clock.jumps_believed:
                await fed(agent, range(value, value + 1))
                value += 1
            await fed(agent, range(value, value + 200))
            assert abs(agent.now_ms() - now_ms()) < 1_000
        async with agent_of(tmp_path, settings, wall) as agent:  # those that are still to come, too
            await fed(agent, range(value + 200, value + 400))
            await until(lambda: not agent.journal.inbox and not agent.outbox.readings)

    assert [*stored(store).values()] == [[float(one) for one in range(value + 400)]] * len(POINTS)


async def test_stamps_of_a_machine_that_is_ahead_go_on_after_a_restart(tmp_path: Path, port: int) -> None:
    """The first value of a session has the time of its receipt, which is before the last stamp."""
    store, wall = FakeHistorian(), Wall()
    settings = edge_settings(port, "5")
    async with Centre(port, "5", store).running():
        async with agent_of(tmp_path, settings, wall, server_ahead_ms=30_000) as agent:
            await fed(agent, range(200))
        async with agent_of(tmp_path, settings, wall) as agent:
            await fed(agent, range(200, 400))
            await until(lambda: not agent.journal.inbox and not agent.outbox.readings)

    assert [*stored(store).values()] == [[float(value) for value in range(400)]] * len(POINTS)


async def test_a_clock_that_was_hours_ahead_does_not_spoil_the_hours_after(tmp_path: Path, port: int) -> None:
    """Once the centre has confirmed the right time, readings have it, however far ahead they stood before."""
    store, wall = FakeHistorian(), Wall(ahead_ms=7_300_000)  # not whole hours: those would be a local time
    settings = edge_settings(port, "5")
    async with Centre(port, "5", store).running():
        async with agent_of(tmp_path, settings, wall) as agent:
            await fed(agent, range(10))
        wall.ahead_ms = 0
        async with agent_of(tmp_path, settings, wall) as agent:
            assert agent.clock is not None
            value = 10
            while not agent.clock.jumps_believed:
                await fed(agent, range(value, value + 1))
                value += 1
            agent.feed(-1.0)
            await until(lambda: agent.journal.latest[agent.journal.alias[FLOW.key]].value == -1.0)
            newest = agent.journal.latest[agent.journal.alias[FLOW.key]]
            assert abs(newest.at_ms - now_ms()) < 10_000
