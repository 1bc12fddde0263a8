"""The uplink on real brokers: lost devices, a primary host that comes and goes, several servers in turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiomqtt
import pytest

from contract.quality import Quality
from tests.fakes import FakeHistorian
from tests.graded import GradedBroker, graded_broker
from tests.readings import reading
from tests.servers import mosquitto_broker
from tests.stack import MINE, POINTS, Centre, FedAgent, Version, edge_agent, edge_settings, until

FLOW, METHANE, *_ = POINTS
PUMP = replace(FLOW, area="C9")
BOTH = pytest.mark.parametrize("version", ["5", "3.1.1"])


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[GradedBroker]:
    """A mosquitto that a test may stop and start; the whole run is graded."""
    async with graded_broker(tmp_path) as graded:
        yield graded


@dataclass
class Observer:
    """What a subscriber sees of our gateway, as `NBIRTH` or `DDATA F1`."""

    seen: list[str] = field(default_factory=list)

    def count(self, what: str) -> int:
        """How often."""
        return self.seen.count(what)


@asynccontextmanager
async def observed(port: int) -> AsyncIterator[Observer]:
    """Somebody who subscribes to everything."""
    observer = Observer()
    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe("spBv1.0/#", qos=1)

        async def read() -> None:
            async for message in client.messages:
                parts = message.topic.value.split("/")
                if parts[1] == MINE and parts[2] != "NCMD":
                    observer.seen.append(" ".join([parts[2], *parts[4:]]))

        task = asyncio.create_task(read())
        try:
            yield observer
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def heard(centre: Centre) -> AsyncIterator[None]:
    """Once the centre hears everything."""
    await until(centre.collector.subscribed.is_set)
    yield


def lose(agent: FedAgent, *points: object) -> None:
    """What a source says of points that it cannot read."""
    agent.at_ms += 1
    agent.emit([reading(point, None, agent.at_ms, Quality.STALE) for point in points])  # type: ignore[arg-type]


@BOTH
async def test_a_lost_device_dies_and_is_born_again(
    tmp_path: Path, broker: GradedBroker, version: Version
) -> None:
    """tck-id-operational-behavior-device-ddeath, topics-ddeath-seq-num: its stale marks first, then DDEATH."""
    store = FakeHistorian()
    async with (
        Centre(broker.port, "5", store).running() as centre,
        observed(broker.port) as observer,
        heard(centre),
        edge_agent(tmp_path, edge_settings(broker.port, version), (FLOW, PUMP)) as agent,
    ):
        await until(lambda: agent.uplink.health.connected)
        agent.feed(2, (FLOW, PUMP))
        await until(agent.at_rest)
        lose(agent, PUMP)
        await until(lambda: observer.count("DDEATH C9"))
        (node,) = centre.session.nodes.values()
        await until(lambda: not node.devices["C9"].online)
        assert observer.seen[-2:] == ["DDATA C9", "DDEATH C9"]
        assert node.devices["F1"].online
        assert all(state.quality is not Quality.GOOD for state in node.devices["C9"].metrics.values())
        agent.feed(1, (FLOW,))
        await until(agent.at_rest)
        assert observer.count("DDEATH C9") == 1
        agent.feed(1, (PUMP,))
        await until(agent.at_rest)
        await until(lambda: node.devices["C9"].online)
        assert observer.seen[-2:] == ["DBIRTH C9", "DDATA C9"]
        assert centre.session.counts["out_of_order"] == 0
        assert centre.session.counts["rebirth_requests"] == 0


async def test_what_a_lost_device_had_to_say_is_delivered(tmp_path: Path, broker: GradedBroker) -> None:
    """It was lost while the link was down: for its kept batches it is born, and buried after them."""
    store = FakeHistorian()
    settings = edge_settings(broker.port, "5")
    async with edge_agent(tmp_path, settings, (FLOW, PUMP)) as agent:
        agent.feed(5, (FLOW, PUMP))
        lose(agent, PUMP)
        await until(lambda: agent.lost_devices.lost)
        async with Centre(broker.port, "5", store).running() as centre, observed(broker.port) as observer:
            await until(agent.at_rest)
            await until(lambda: observer.count("DDEATH C9"))
            assert centre.writer.health.stored == agent.produced == 11
            agent.feed(1, (FLOW,))
            await until(agent.at_rest)


def state(online: bool, at_ms: int) -> bytes:
    """A STATE payload."""
    return json.dumps({"online": online, "timestamp": at_ms}).encode()


def with_host(port: int, version: str, **more: object) -> dict[str, object]:
    """The broker section of a config that waits for a primary host."""
    waits = {"backoff_min_s": 0.05, "backoff_max_s": 0.2, "host_wait_s": 0.3}
    return {"port": port, "version": version, "primary_host": "host-1", **waits, **more}


@BOTH
async def test_nothing_is_born_without_the_primary_host(
    tmp_path: Path, broker: GradedBroker, version: str
) -> None:
    """tck-id-message-flow-edge-node-birth-publish-phid-wait, -offline, operational-…-termination-host-offline-*."""
    settings = edge_settings(broker.port, "5", mqtt=with_host(broker.port, version))
    topic = "spBv1.0/STATE/host-1"
    async with (
        observed(broker.port) as observer,
        aiomqtt.Client("127.0.0.1", broker.server.port) as host,
        edge_agent(tmp_path, settings) as agent,
    ):
        await host.publish(topic, state(False, 10), qos=1, retain=True)
        await until(lambda: agent.uplink.health.waits_for_host)
        await host.publish(topic, state(True, 9), qos=1, retain=True)  # older than its death
        agent.feed(3)
        await until(lambda: agent.uplink.primary_host.ignored)
        assert observer.seen == []
        await host.publish(topic, state(True, 11), qos=1, retain=True)
        await until(lambda: observer.count("NBIRTH"))
        await until(lambda: any(kind.startswith("DDATA") for kind in observer.seen))
        await host.publish(topic, state(False, 10), qos=1)  # an old will: it stays
        agent.feed(1)
        before = len(observer.seen)
        await until(lambda: len(observer.seen) > before)
        assert observer.count("NDEATH") == 0
        await host.publish(topic, state(False, 11), qos=1, retain=True)
        await until(lambda: observer.count("NDEATH"))
        await until(lambda: agent.uplink.health.waits_for_host)
        assert observer.count("NBIRTH") == 1
        assert observer.seen[-1] == "NDEATH"
        await host.publish(topic, b"", qos=1, retain=True)


async def test_several_servers_in_turn(tmp_path: Path) -> None:
    """One at a time, the next one when one is away or the primary host is not there; what is kept follows."""
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    topic = "spBv1.0/STATE/host-1"
    with mosquitto_broker(tmp_path / "1") as first, mosquitto_broker(tmp_path / "2") as second:
        settings = edge_settings(
            first.port, "5", mqtt=with_host(first.port, "5", others=[f"127.0.0.1:{second.port}"])
        )
        async with (
            observed(second.port) as at_second,
            aiomqtt.Client("127.0.0.1", second.port) as host,
            edge_agent(tmp_path, settings) as agent,
        ):
            await host.publish(topic, state(True, 1), qos=1, retain=True)
            agent.feed(3)
            await until(lambda: at_second.count("NBIRTH"))  # no host at the first one
            async with observed(first.port) as at_first, aiomqtt.Client("127.0.0.1", first.port) as other:
                await other.publish(topic, state(True, 1), qos=1, retain=True)
                second.stop()
                await until(lambda: at_first.count("NBIRTH"))
                await until(lambda: any(kind.startswith("DDATA") for kind in at_first.seen))
            assert (await agent.kept()).readings == agent.produced


async def test_a_host_that_never_commits(tmp_path: Path, broker: GradedBroker) -> None:
    """`mode = "sparkplug"`: sent counts as delivered once the link has held; what was in flight goes again."""
    settings = edge_settings(
        broker.port, "5",
        mqtt={"port": broker.port, "keepalive_s": 2, "backoff_min_s": 0.05, "backoff_max_s": 0.2},
        delivery={"mode": "sparkplug", "drain_s": 0},
    )  # fmt: skip
    async with observed(broker.port) as observer, edge_agent(tmp_path, settings) as agent:
        await until(lambda: agent.uplink.health.connected)
        agent.feed(3)
        await until(lambda: any(kind.startswith("DDATA") for kind in observer.seen))
        assert (await agent.kept()).readings == agent.produced
        broker.stop()
        await until(lambda: not agent.uplink.health.connected)
        agent.feed(2)
        broker.start()
        await until(lambda: agent.uplink.health.historical)
        assert (await agent.kept()).readings == agent.produced
        await until(agent.at_rest)
        assert agent.uplink.health.commits
