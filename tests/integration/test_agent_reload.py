"""Other sources while the agent runs: those that stay read on, nothing kept is lost, what left is stale."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from contract.errors import Misconfigured, Transient
from edge_agent.config import EdgeConfig
from edge_agent.source_config.modbus import ModbusSource
from tests.fakes import FakeHistorian
from tests.graded import GradedBroker, graded_broker
from tests.points import modbus_point
from tests.stack import POINTS, Centre, FedAgent, edge_agent, edge_settings, until

OTHER = (replace(modbus_point(7, name="Pump 7/Flow"), area="C7"),)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[GradedBroker]:
    """A mosquitto; the whole run is graded."""
    async with graded_broker(tmp_path) as graded:
        yield graded


def with_more(config: EdgeConfig) -> EdgeConfig:
    """The config with a second source."""
    (source,) = config.sources
    assert isinstance(source, ModbusSource)
    return config.model_copy(
        update={"sources": [source, source.model_copy(update={"name": "more", "port": 503})]}
    )


@asynccontextmanager
async def refusing(agent: FedAgent) -> AsyncIterator[None]:
    """The disk takes nothing meanwhile."""
    database = agent.outbox.database
    await agent.disk.run(database.execute, "PRAGMA query_only = ON")
    try:
        yield
    finally:
        await agent.disk.run(database.execute, "PRAGMA query_only = OFF")


async def test_a_source_comes_while_the_others_read_on(tmp_path: Path, broker: GradedBroker) -> None:
    store = FakeHistorian()
    async with (
        Centre(broker.port, "5", store).running() as centre,
        edge_agent(tmp_path, edge_settings(broker.port, "5")) as agent,
    ):
        await until(lambda: agent.uplink.health.connected)
        agent.feed(5)
        before = agent.sources.running["fed"]
        assert await agent.reload(with_more(agent.config), {"fed": POINTS, "more": OTHER}) == ["more"]
        assert agent.sources.running["fed"] is before
        assert not before.task.done()
        agent.feed(5, OTHER)
        await until(agent.at_rest)
        assert centre.writer.health.stored == agent.produced == len(store.values)


async def test_a_source_that_left_is_stale_and_its_readings_are_not_lost(
    tmp_path: Path, broker: GradedBroker
) -> None:
    """What it read last is still in the outbox, of an area that no source has any more."""
    store = FakeHistorian()
    async with edge_agent(tmp_path, edge_settings(broker.port, "5"), (*POINTS, *OTHER)) as agent:
        agent.feed(5, OTHER)
        assert await agent.reload(agent.config, {"fed": POINTS}) == ["fed"]
        async with Centre(broker.port, "5", store).running() as centre:
            await until(agent.at_rest)
            assert agent.produced == 5 * len(OTHER) + len(OTHER)  # and a stale mark of each
            assert centre.writer.health.stored == agent.produced
        assert not any(point.key == OTHER[0].key for one in agent.sources.sources() for point in one.points)


async def test_what_takes_a_restart_changes_nothing(tmp_path: Path, broker: GradedBroker) -> None:
    async with edge_agent(tmp_path, edge_settings(broker.port, "5")) as agent:
        before = agent.config
        other = before.model_copy(update={"outbox": before.outbox.model_copy(update={"flush_ms": 50})})
        with pytest.raises(Misconfigured, match=r"\[outbox\] changed"):
            await agent.reload(other, {"fed": POINTS})
        assert agent.config is before


async def test_a_disk_that_takes_no_new_tags_changes_nothing(tmp_path: Path, broker: GradedBroker) -> None:
    async with edge_agent(tmp_path, edge_settings(broker.port, "5")) as agent:
        before, config = agent.sources.running["fed"], agent.config
        async with refusing(agent):
            with pytest.raises(Transient, match="free disk space"):
                await agent.reload(with_more(config), {"fed": POINTS, "more": OTHER})
        assert agent.config is config
        assert agent.sources.running == {"fed": before}
        assert not before.task.done()


async def test_what_waits_for_the_disk_is_sent_though_its_area_left(
    tmp_path: Path, broker: GradedBroker
) -> None:
    """A full disk does not hinder a reload that brings no new tags."""
    store = FakeHistorian()
    async with (
        Centre(broker.port, "5", store).running() as centre,
        edge_agent(tmp_path, edge_settings(broker.port, "5"), (*POINTS, *OTHER)) as agent,
    ):
        await until(lambda: agent.uplink.health.connected)
        async with refusing(agent):
            agent.feed(5, OTHER)
            assert await agent.reload(agent.config, {"fed": POINTS}) == ["fed"]
            assert agent.journal.inbox
        await until(agent.at_rest)
        assert agent.produced == 5 * len(OTHER) + len(OTHER)  # and a stale mark of each
        assert centre.writer.health.stored == agent.produced


async def test_a_reload_that_a_stop_overtakes_begins_nothing(tmp_path: Path, broker: GradedBroker) -> None:
    """Nobody would end a source that begins after the others ended, and the agent would never stop."""
    async with edge_agent(tmp_path, edge_settings(broker.port, "5")) as agent:
        agent.feed(1)  # nobody commits it, so the stop waits for a while
        more = with_more(agent.config)
        reload = asyncio.create_task(agent.reload(more, {"fed": POINTS, "more": OTHER}))
        await asyncio.sleep(0)  # it has begun
        agent.stop()
        await asyncio.wait([reload])
        assert not agent.sources.running
