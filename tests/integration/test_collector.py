"""Edge uplink and collector over a real mosquitto: produced = stored + kept, whatever is absent or restarted meanwhile.

The store is in memory and counts readings by series and instant, so that one stored twice counts once there, and in
`writer.health.stored` only if the ledger knows that it did.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from contract import payload
from tests.fakes import FakeHistorian
from tests.graded import GradedBroker, graded_broker
from tests.readings import point
from tests.stack import (
    FLOW,
    GATEWAY,
    METHANE,
    MINE,
    POINTS,
    Centre,
    FedAgent,
    Version,
    edge_agent,
    edge_settings,
    kept_in,
    until,
)  # fmt: skip

BOTH = pytest.mark.parametrize("version", ["5", "3.1.1"])


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[GradedBroker]:
    """A mosquitto that a test may stop and start; the whole run is graded."""
    async with graded_broker(tmp_path) as graded:
        yield graded


@pytest.fixture
def store() -> FakeHistorian:
    """The historian of a test."""
    return FakeHistorian()


async def accounted(agent: FedAgent, store: FakeHistorian) -> None:
    """Produced = stored + kept, with nothing kept in the end."""
    await until(agent.at_rest)
    assert agent.produced == len(store.values)
    assert agent.journal.health.dropped == 0


@BOTH
async def test_readings_are_stored_committed_and_deleted(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian, version: Version
) -> None:
    async with Centre(broker.port, version, store).running() as centre:
        await until(centre.collector.subscribed.is_set)
        async with edge_agent(tmp_path, edge_settings(broker.port, version)) as agent:
            await until(lambda: agent.uplink.health.connected)  # what is read before is history
            for _ in range(10):
                agent.feed(5)
                await asyncio.sleep(0.03)
            await accounted(agent, store)
            assert agent.produced == centre.writer.health.stored == 150
            assert centre.writer.health.again == 0
            assert agent.uplink.health.historical == 0
            (node,) = centre.session.nodes.values()
            assert node.ledger is not None
            assert (node.ledger.delivered, node.ledger.ahead) == (1.0, [])


@BOTH
async def test_collector_that_comes_late_gets_everything(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian, version: Version
) -> None:
    """No retained births: it asks for a rebirth, and what was sent into the void comes again."""
    async with edge_agent(tmp_path, edge_settings(broker.port, version)) as agent:
        await until(lambda: agent.uplink.health.connected)
        agent.feed(50)
        await until(lambda: agent.uplink.health.messages > 5)
        async with Centre(broker.port, version, store).running() as centre:
            await until(lambda: centre.writer.health.stored)
            agent.feed(10)
            await accounted(agent, store)
            assert centre.writer.health.stored == agent.produced == 180
            assert agent.uplink.health.rebirths >= 1


@BOTH
async def test_historian_that_refuses_for_a_while_loses_nothing_and_commits_nothing(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian, version: Version
) -> None:
    store.refuses = True
    async with (
        Centre(broker.port, version, store).running() as centre,
        edge_agent(tmp_path, edge_settings(broker.port, version)) as agent,
    ):
        await until(lambda: centre.session.nodes)
        agent.feed(40)
        await until(lambda: store.refusals >= 3 and agent.uplink.health.historical)  # sent again meanwhile
        assert (await agent.kept()).readings == agent.produced == 120
        assert agent.uplink.health.commits == 0
        assert store.values == []
        store.refuses = False
        await accounted(agent, store)
        assert centre.writer.health.stored == agent.produced
        assert centre.writer.health.again > 0  # the second copies are known as such


@BOTH
async def test_broker_restarted_in_between_loses_nothing(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian, version: Version
) -> None:
    async with (
        Centre(broker.port, version, store).running() as centre,
        edge_agent(tmp_path, edge_settings(broker.port, version)) as agent,
    ):
        agent.feed(20)
        await until(agent.at_rest)
        agent.feed(5)
        broker.kill()
        await until(lambda: not agent.uplink.health.connected)
        assert not agent.uplink.session.online
        agent.feed(20)
        broker.start()
        await until(lambda: agent.uplink.health.connections == 2)
        agent.feed(20)
        await accounted(agent, store)
        assert centre.writer.health.stored == agent.produced == 195


@BOTH
async def test_collector_restarted_rebuilds_its_ledger(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian, version: Version
) -> None:
    """From Delivery/Oldest: what was committed before is not asked for, what was not comes again."""
    centre = Centre(broker.port, version, store)
    async with edge_agent(tmp_path, edge_settings(broker.port, version)) as agent:
        async with centre.running():
            agent.feed(20)
            await until(agent.at_rest)
        before = centre.writer.health.stored
        following = (await agent.kept()).following
        agent.feed(20)
        async with centre.running():
            agent.feed(20)
            await accounted(agent, store)
            (node,) = centre.session.nodes.values()
            assert node.ledger is not None
            assert node.ledger.first == following
            assert before + centre.writer.health.stored == agent.produced == 180
            assert agent.uplink.health.rebirths >= 1


@BOTH
async def test_agent_restarted_without_a_centre_keeps_and_sends_later(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian, version: Version
) -> None:
    settings = edge_settings(broker.port, version, delivery={"commit_timeout_s": 0.3, "drain_s": 0})
    async with edge_agent(tmp_path, settings) as agent:
        agent.feed(30)
    assert (await kept_in(tmp_path, settings)).readings == 90
    async with (
        Centre(broker.port, version, store).running() as centre,
        edge_agent(tmp_path, settings) as agent,
    ):
        agent.feed(1)
        await until(agent.at_rest)
        assert centre.writer.health.stored == len(store.values) == 93


async def test_areas_and_metrics_that_left_the_config_are_delivered_all_the_same(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian
) -> None:
    """Batches written under the old config: never sent, they would hold up the commit of all that follow."""
    settings = edge_settings(broker.port, "5", delivery={"commit_timeout_s": 0.3, "drain_s": 0})
    scaled = point("Pump 1/Flow", scale=0.1)
    async with edge_agent(tmp_path, settings, (*POINTS, point("Control/Running", "C9"))) as agent:
        agent.feed(30)
    async with (
        Centre(broker.port, "5", store).running() as centre,
        edge_agent(tmp_path, settings, (scaled,)) as agent,
    ):
        agent.feed(1, (scaled,))
        await until(agent.at_rest)
        assert centre.writer.health.stored == len(store.values) == 91
        assert centre.session.counts["unknown_metric"] == 0


async def test_compressed_payloads_are_shorter_and_lose_nothing(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian
) -> None:
    settings = edge_settings(broker.port, "5", mqtt={"port": broker.port, "compression": "deflate"})
    async with (
        Centre(broker.port, "5", store).running() as centre,
        edge_agent(tmp_path, settings) as agent,
    ):
        for _ in range(5):
            agent.feed(60)
            await asyncio.sleep(0.03)
        await accounted(agent, store)
        assert centre.session.counts["malformed"] == 0
        assert agent.uplink.health.bytes < agent.uplink.health.bytes_uncompressed / 2


async def test_drops_are_announced_and_counted_as_gaps(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian
) -> None:
    settings = edge_settings(
        broker.port,
        "5",
        outbox={"path": "o.sqlite", "flush_ms": 10, "size_max_mb": 0.0005, "readings_per_batch_max": 1},
    )
    async with edge_agent(tmp_path, settings) as agent:
        await until(lambda: agent.uplink.health.connected)
        agent.feed(10, (FLOW,))
        await until(lambda: agent.outbox.readings_lost)
        async with Centre(broker.port, "5", store).running() as centre:
            await until(agent.at_rest)
            assert agent.produced == centre.writer.health.stored + agent.outbox.readings_lost
            agent.feed(3, (METHANE,))
            await until(agent.at_rest)
            assert agent.produced == centre.writer.health.stored + agent.outbox.readings_lost


@BOTH
async def test_graceful_stop_says_ndeath_before_disconnect(
    tmp_path: Path, broker: GradedBroker, store: FakeHistorian, version: Version
) -> None:
    """tck-id-payloads-ndeath-will-message-publisher-disconnect-*, operational-behavior-edge-node-intentional-….

    NDEATH is the last message. With MQTT 5 the DISCONNECT must say "with will", so the broker adds the will, which
    says the same; with 3.1.1 a DISCONNECT takes the will back, and without one it would come too.
    """
    async with aiomqtt.Client("127.0.0.1", broker.port) as observer:
        await observer.subscribe("spBv1.0/#", qos=1)
        async with Centre(broker.port, version, store).running() as centre:
            async with edge_agent(tmp_path, edge_settings(broker.port, version)) as agent:
                agent.feed(3)
            assert (await kept_in(tmp_path, agent.config)).readings == 0  # it waited for the commit first
            await until(lambda: not any(node.online for node in centre.session.nodes.values()))
        await observer.publish("end", b"")
        seen = await observed(observer, f"spBv1.0/STATE/{centre.collector.config.host_id}")
    kinds = [name.split("/")[2] for name, _ in seen if name.startswith(f"spBv1.0/{MINE}/")]
    assert kinds.count("NDEATH") == (2 if version == "5" else 1)
    assert [kind for kind in kinds if kind != "NCMD"][-1] == "NDEATH"
    births = [payload.parse(data) for name, data in seen if name == f"spBv1.0/{MINE}/NBIRTH/{GATEWAY}"]
    deaths = [payload.parse(data) for name, data in seen if "/NDEATH/" in name]
    assert {death.metrics[0].long_value for death in deaths} == {births[-1].metrics[0].long_value}


async def observed(observer: aiomqtt.Client, last_topic: str) -> list[tuple[str, bytes]]:
    """What came, up to the centre's own farewell."""
    seen: list[tuple[str, bytes]] = []
    async with asyncio.timeout(20):
        async for message in observer.messages:
            assert isinstance(message.payload, bytes)
            seen.append((message.topic.value, message.payload))
            if message.topic.value == last_topic and b"false" in message.payload and len(seen) > 1:
                return seen
    raise AssertionError("unreachable")


@BOTH
async def test_host_announces_itself_as_the_standard_asks(
    broker: GradedBroker, store: FakeHistorian, version: Version
) -> None:
    """tck-id-host-topic-phid-birth-*, -death-*, message-flow-hid-sparkplug-state-message-delivered."""
    centre = Centre(broker.port, version, store)
    async with aiomqtt.Client("127.0.0.1", broker.server.port) as observer:
        await observer.subscribe("spBv1.0/STATE/#", qos=1)
        async with centre.running():
            await until(centre.collector.subscribed.is_set)
            await observer.publish(
                f"spBv1.0/STATE/{centre.collector.config.host_id}",
                b'{"online": false, "timestamp": 1}',
                qos=1,
            )
            states: list[bytes] = []
            async with asyncio.timeout(20):
                async for message in observer.messages:
                    assert (message.qos, isinstance(message.payload, bytes)) == (1, True)
                    states.append(bytes(message.payload))
                    if len(states) == 3:
                        break
        first, usurped, again = states
        assert (b"true" in first, b"false" in usurped, again) == (True, True, first)
    async with aiomqtt.Client("127.0.0.1", broker.server.port) as late:
        await late.subscribe("spBv1.0/STATE/#", qos=1)
        async for message in late.messages:
            assert message.retain
            assert b'"online": false' in bytes(message.payload)
            break
