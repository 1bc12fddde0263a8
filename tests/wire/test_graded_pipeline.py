"""Our own edge node and host over real brokers, tapped and graded: no clause of Sparkplug 3.0 is violated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from contract.grading.capture import Connected, Disconnected, Event, Published
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from tests.fakes import FakeHistorian
from tests.graded import NOT_FOLLOWED, graded, passed
from tests.readings import reading
from tests.servers import Server, mosquitto_broker
from tests.stack import GATEWAY, MINE, POINTS, Centre, FedAgent, Version, edge_agent, edge_settings, until
from tests.wire_tap import Tap

BOTH = pytest.mark.parametrize("version", ["3.1.1", "5"])
REBIRTH = Payload.Metric(name="Node Control/Rebirth", boolean_value=True)
FACE, CHAMBER = (tuple(point for point in POINTS if point.area == area) for area in ("F1", "C1"))
LATER_MS = 6_000
"""So much later by the tap's clock: a rebirth request close to a birth would not be judged."""


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Server]:
    """A mosquitto that a test may stop and start."""
    with mosquitto_broker(tmp_path) as server:
        yield server


async def fed(agent: FedAgent, count: int = 1, points: tuple[object, ...] = POINTS) -> None:
    """Readings one after another, each committed before the next is taken."""
    for _ in range(count):
        agent.feed(1, points)  # type: ignore[arg-type]  # points of the stack
        await until(agent.at_rest)


async def reborn(tap: Tap, agent: FedAgent) -> None:
    """Somebody asks for a rebirth until it comes: an edge node answers one request a second."""
    real, rebirths = tap.now_ms, agent.uplink.health.rebirths
    tap.now_ms = lambda: real() + LATER_MS
    async with aiomqtt.Client("127.0.0.1", tap.port) as client:
        while agent.uplink.health.rebirths == rebirths:
            payload = Payload(timestamp=tap.now_ms(), metrics=[REBIRTH])
            await client.publish(f"spBv1.0/{MINE}/NCMD/{GATEWAY}", payload.SerializeToString())
            await asyncio.sleep(0.1)
    await fed(agent)


def seen(tap: Tap, kind: str) -> int:
    """How many messages of a type came through the tap."""
    return sum(isinstance(event, Published) and f"/{kind}/" in event.topic for event in tap.events)


@BOTH
async def test_a_run_with_every_usual_trouble(tmp_path: Path, broker: Server, version: Version) -> None:
    """Birth, data, a cut link, a restarted broker, a rebirth, an orderly end of both."""
    async with Tap(broker.port).running() as tap:
        async with Centre(tap.port, version, FakeHistorian()).running() as centre:
            await until(centre.collector.subscribed.is_set)
            async with edge_agent(tmp_path, edge_settings(tap.port, version)) as agent:
                await fed(agent, 3)
                tap.cut()
                await until(lambda: agent.uplink.health.connections == 2)
                await fed(agent, 3)
                broker.stop()
                await until(lambda: not agent.uplink.health.connected)
                agent.feed(1)
                broker.start()
                await until(agent.at_rest)
                await reborn(tap, agent)
        await tap.left()

    report = graded(tap.capture, allowed=NOT_FOLLOWED)
    assert passed(report) >= EXERCISED


EXERCISED = {
    "principles-birth-certificates-order",
    "topics-nbirth-bdseq-increment",
    "topics-nbirth-bdseq-matching",
    "payloads-ndeath-bdseq",
    "payloads-sequence-num-incrementing",
    "payloads-dbirth-order",
    "payloads-ddata-order",
    "payloads-alias-uniqueness",
    "payloads-alias-data-cmd-requirement",
    "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
    "message-flow-edge-node-ncmd-subscribe",
    "operational-behavior-edge-node-intentional-disconnect-ndeath",
    "operational-behavior-data-commands-rebirth-action-1",
    "operational-behavior-data-commands-rebirth-action-2",
    "operational-behavior-data-commands-rebirth-action-3",
    "host-topic-phid-birth-payload-timestamp",
    "host-topic-phid-birth-message",
    "message-flow-phid-sparkplug-subscription",
}


@BOTH
@pytest.mark.parametrize("compression", ["none", "deflate"])
async def test_a_device_that_is_lost_and_comes_back(
    tmp_path: Path, broker: Server, version: Version, compression: str
) -> None:
    """DDEATH and DBIRTH within a session; compressed payloads are judged by what is inside."""
    mqtt = {"version": version, "compression": compression, "backoff_min_s": 0.05}
    async with Tap(broker.port).running() as tap:
        async with Centre(tap.port, version, FakeHistorian()).running() as centre:
            await until(centre.collector.subscribed.is_set)
            settings = edge_settings(tap.port, version, mqtt=mqtt | {"port": tap.port})
            async with edge_agent(tmp_path, settings) as agent:
                await fed(agent, 2)
                agent.emit([reading(point, None, agent.at_ms + 1, Quality.STALE) for point in CHAMBER])
                await until(lambda: seen(tap, "DDEATH"))
                await fed(agent, 2, FACE)
                await reborn(tap, agent)
                await fed(agent, 2)
        await tap.left()

    report = graded(tap.capture, allowed=NOT_FOLLOWED)
    assert passed(report) >= {
        "topics-ddeath-seq-num",
        "payloads-ddeath-timestamp",
        "operational-behavior-device-ddeath",
        "payloads-propertyset-quality-value-value",
    }


async def test_a_primary_host_on_two_servers(tmp_path: Path) -> None:
    """The host leaves one server: the edge node follows it to the other."""
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
    events: list[Event] = []
    with mosquitto_broker(tmp_path / "1") as first, mosquitto_broker(tmp_path / "2") as second:
        async with (
            Tap(first.port, "1", events).running() as one,
            Tap(second.port, "2", events).running() as two,
        ):
            mqtt = {
                "port": one.port, "others": [f"127.0.0.1:{two.port}"], "primary_host": "ninebelow",
                "host_wait_s": 10, "backoff_min_s": 0.05, "backoff_max_s": 0.2, "version": "5",
            }  # fmt: skip
            async with edge_agent(tmp_path, edge_settings(one.port, "5", mqtt=mqtt)) as agent:
                await until(lambda: agent.uplink.health.waits_for_host)
                async with Centre(two.port, "5", FakeHistorian()).running() as second_host:
                    await until(second_host.collector.subscribed.is_set)  # long before the first one leaves
                    async with Centre(one.port, "5", FakeHistorian()).running():
                        await fed(agent, 2)
                    await until(lambda: agent.uplink.health.server.endswith(str(two.port)))
                    await until(lambda: agent.uplink.health.connected)
                    await fed(agent, 2)
                    agent.stop()
                    await until(
                        lambda: any(isinstance(one, Disconnected) and one.server == "2" for one in events)
                    )
            await two.left()
            capture = two.capture

    connects = [event.server for event in events if isinstance(event, Connected) and is_edge(event)]
    report = graded(capture, allowed=NOT_FOLLOWED, primary_host="ninebelow")
    assert connects == ["1", "2"]
    assert passed(report) >= {
        "message-flow-edge-node-birth-publish-phid-wait",
        "message-flow-edge-node-birth-publish-phid-offline",
        "operational-behavior-edge-node-termination-host-offline-reconnect",
        "operational-behavior-primary-application-state-with-multiple-servers-walk",
        "operational-behavior-primary-application-state-with-multiple-servers-state-subs",
        "operational-behavior-primary-application-state-with-multiple-servers-single-server",
        "operational-behavior-host-application-multi-server-timestamp",
    }


def is_edge(event: Connected) -> bool:
    """An edge node's CONNECT."""
    return event.will is not None and "/NDEATH/" in event.will.topic
