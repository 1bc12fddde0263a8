"""The agent's own troubles: a full disk, a stop at a bad moment, a link that is up for nobody."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import aiomqtt
import pytest

from contract.proto.sparkplug_b_pb2 import Payload
from edge_agent.uplink import mqtt
from edge_agent.uplink.devices import Devices
from edge_agent.uplink.disk import Disk
from edge_agent.uplink.journal import Journal
from edge_agent.uplink.outbox import Extent, Limits, Outbox
from tests.fakes import FakeHistorian
from tests.graded import GradedBroker, graded_broker
from tests.readings import reading
from tests.servers import Server, mosquitto_broker
from tests.stack import FLOW, GATEWAY, MINE, Centre, Version, edge_agent, edge_settings, until


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[GradedBroker]:
    """A mosquitto that a test may stop and start; the whole run is graded."""
    async with graded_broker(tmp_path) as graded:
        yield graded


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Server]:
    """A mosquitto without a tap, which would take connections for it while it is gone."""
    with mosquitto_broker(tmp_path) as server:
        yield server


def full() -> None:
    """What SQLite says of a full disk."""
    raise sqlite3.OperationalError("database or disk is full")


async def test_a_commit_on_a_full_disk_ends_nothing_and_is_made_up_for(
    tmp_path: Path, broker: GradedBroker
) -> None:
    """Deleting needs room, too: the very commit that would make some must not end the agent."""
    store = FakeHistorian()
    async with (
        Centre(broker.port, "5", store).running() as centre,
        edge_agent(tmp_path, edge_settings(broker.port, "5")) as agent,
    ):
        delete, agent.outbox.commit = agent.outbox.commit, lambda _: full()  # type: ignore[method-assign,assignment,return-value]  # the disk's part is played
        agent.feed(5)
        await until(lambda: agent.uplink.health.disk_errors)
        assert (await agent.kept()).readings == agent.produced
        assert agent.uplink.health.connected
        agent.outbox.commit = delete  # type: ignore[method-assign]
        agent.feed(5)
        await until(agent.at_rest)
        assert centre.writer.health.stored == agent.produced == len(store.values)


async def test_a_commit_on_a_full_disk_that_the_centre_forgets_holds_up_nothing(
    tmp_path: Path, broker: GradedBroker
) -> None:
    """A new centre begins with the oldest batch that is kept, so that one has to go again, and all behind it."""
    store = FakeHistorian()
    centre = Centre(broker.port, "5", store)
    async with edge_agent(tmp_path, edge_settings(broker.port, "5")) as agent:
        async with centre.running():
            delete, agent.outbox.commit = agent.outbox.commit, lambda _: full()  # type: ignore[method-assign,assignment,return-value]  # the disk's part is played
            agent.feed(5)
            await until(lambda: agent.uplink.health.disk_errors)
        agent.outbox.commit = delete  # type: ignore[method-assign]
        async with centre.running():
            await until(centre.collector.subscribed.is_set)
            agent.feed(1)  # what is heard of an unknown gateway asks for its births
            await until(agent.at_rest)
        assert agent.produced == len(store.values)


async def test_a_loss_at_the_very_end_holds_up_no_commit(tmp_path: Path, broker: GradedBroker) -> None:
    """Its number is that of no batch, and nothing comes after it: what the centre commits up to it is deleted."""
    store = FakeHistorian()
    settings = edge_settings(broker.port, "5", outbox={"path": "o.sqlite", "flush_ms": 20, "inbox_max": 10})
    centre = Centre(broker.port, "5", store)
    async with edge_agent(tmp_path, settings) as agent:
        async with centre.running():
            await until(lambda: agent.uplink.health.connected)
            append, agent.outbox.append = agent.outbox.append, lambda *_: full()  # type: ignore[method-assign,assignment]  # the disk's part is played
            agent.feed(10)
            await until(lambda: agent.journal.health.dropped)
        agent.outbox.append = append  # type: ignore[method-assign]
        await until(lambda: agent.outbox.readings_lost)
        async with centre.running():  # its first commit is of all that there is
            await until(agent.at_rest)
            (node,) = centre.session.nodes.values()
            assert node.ledger is not None
            assert node.ledger.committed == (await agent.kept()).following - 1
            assert len(store.values) == 10


async def test_live_batches_that_do_not_fit_go_as_history(
    tmp_path: Path, broker: GradedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link is up and slow: what may not wait in memory is not forgotten on the disk."""
    monkeypatch.setattr(mqtt, "LIVE_MAX", 3)
    store = FakeHistorian()
    settings = edge_settings(
        broker.port, "5", outbox={"path": "o.sqlite", "flush_ms": 20, "readings_per_batch_max": 1}
    )
    async with Centre(broker.port, "5", store).running(), edge_agent(tmp_path, settings) as agent:
        await until(lambda: agent.uplink.health.connected)
        agent.feed(1)  # a centre that came after the birth asks for another, and gets all of this again
        await until(agent.at_rest)
        before, again = agent.produced, agent.uplink.health.historical
        agent.feed(2)
        await until(agent.at_rest)
        assert agent.uplink.health.historical - again == agent.produced - before == 6
        assert len(store.values) == agent.produced


async def test_a_commit_of_another_epoch_or_of_what_was_never_sent_deletes_nothing(
    tmp_path: Path, broker: GradedBroker
) -> None:
    """definitions.md §4: it is ignored, and counted."""
    async with (
        edge_agent(tmp_path, edge_settings(broker.port, "5", delivery={"drain_s": 0})) as agent,
        aiomqtt.Client("127.0.0.1", broker.server.port) as other,
    ):
        await until(lambda: agent.uplink.health.connected)
        agent.feed(3)
        await until(lambda: agent.uplink.lanes.reached)
        for epoch, number in (("another", 1), (agent.outbox.epoch, 1_000), (agent.outbox.epoch, 0)):
            committed = Payload(
                metrics=[
                    Payload.Metric(name="Delivery/Committed", long_value=number),
                    Payload.Metric(name="Delivery/Epoch", string_value=epoch),
                ]
            )
            await other.publish(f"spBv1.0/{MINE}/NCMD/{GATEWAY}", committed.SerializeToString())
        await until(lambda: agent.uplink.health.commits_ignored == 3)
        assert (await agent.kept()).readings == agent.produced


async def test_what_is_written_while_the_births_are_made_is_sent(
    tmp_path: Path, broker: GradedBroker
) -> None:
    """It is no history of theirs, and nobody offers it again."""
    store = FakeHistorian()
    async with (
        Centre(broker.port, "5", store).running(),
        edge_agent(tmp_path, edge_settings(broker.port, "5")) as agent,
    ):
        await until(lambda: agent.uplink.health.connected)
        extent, loop, asked = agent.outbox.extent, asyncio.get_running_loop(), asyncio.Event()

        def told() -> Extent:
            found = extent()
            loop.call_soon_threadsafe(asked.set)
            time.sleep(0.2)  # a busy disk: the journal comes to wait for it
            return found

        agent.outbox.extent = told  # type: ignore[method-assign]
        broker.kill()
        broker.start()
        await asked.wait()
        agent.outbox.extent = extent  # type: ignore[method-assign]
        agent.feed(1)
        await until(lambda: agent.uplink.health.connections == 2)
        await until(agent.at_rest)


async def test_a_full_disk_at_connect_is_waited_out(tmp_path: Path, broker: GradedBroker) -> None:
    """`bdSeq` is kept before each CONNECT; without it there is none."""
    async with edge_agent(tmp_path, edge_settings(broker.port, "5")) as agent:
        await until(lambda: agent.uplink.health.connected)
        number, agent.outbox.next_bd_seq = agent.outbox.next_bd_seq, full  # type: ignore[method-assign,assignment]  # the disk's part is played
        broker.kill()
        broker.start()
        await until(lambda: agent.uplink.health.disk_errors >= 2)
        assert not agent.uplink.health.connected
        agent.outbox.next_bd_seq = number  # type: ignore[method-assign]
        await until(lambda: agent.uplink.health.connections == 2)


async def test_while_it_waits_to_connect_again_it_says_so(tmp_path: Path, broker: GradedBroker) -> None:
    """Not only when the wait is over: /healthz and the live lane go by it."""
    settings = edge_settings(
        broker.port, "5", mqtt={"port": broker.port, "backoff_min_s": 60, "backoff_max_s": 60}
    )
    async with edge_agent(tmp_path, settings) as agent:
        await until(lambda: agent.uplink.health.connected)
        broker.kill()
        await until(lambda: not agent.uplink.health.connected)
        assert not agent.uplink.session.online


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_bd_seq_counts_connects_and_not_attempts(
    tmp_path: Path, plain: Server, version: Version
) -> None:
    """tck-id-topics-nbirth-bdseq-increment: while nothing listens there is no CONNECT, over a restart too."""
    settings = edge_settings(plain.port, version, delivery={"drain_s": 0})
    async with edge_agent(tmp_path, settings) as agent:
        await until(lambda: agent.uplink.health.connected)
        assert agent.uplink.session.bd_seq == 0
        plain.kill()
        await until(lambda: agent.uplink.backoff.failures >= 4)
        plain.start()
        await until(lambda: agent.uplink.health.connections == 2)
        assert agent.uplink.session.bd_seq == 1
        plain.kill()
        await until(lambda: agent.uplink.backoff.failures >= 2)
    async with edge_agent(tmp_path, settings) as agent:
        await until(lambda: agent.uplink.backoff.failures >= 2)
        plain.start()
        await until(lambda: agent.uplink.health.connected)
        assert agent.uplink.session.bd_seq == 2


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_a_proxy_without_its_broker_costs_no_more_than_the_usual_wait(
    tmp_path: Path, version: Version
) -> None:
    """It accepts connections and closes them at once; none is waited for after its end."""
    came: list[bytes] = []

    async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(1))
        writer.close()

    async with await asyncio.start_server(closes, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        async with edge_agent(tmp_path, edge_settings(port, version, delivery={"drain_s": 0})):
            await until(lambda: len(came) >= 5, limit_s=9.0)  # aiomqtt alone takes 10 s each


async def test_a_stop_between_births_says_farewell(tmp_path: Path, broker: GradedBroker) -> None:
    """A plain DISCONNECT would take the will away, and the centre would think that the node is there."""
    async with aiomqtt.Client("127.0.0.1", broker.server.port) as observer:
        await observer.subscribe(f"spBv1.0/{MINE}/#", qos=1)
        settings = edge_settings(broker.port, "5", delivery={"drain_s": 0})
        async with edge_agent(tmp_path, settings) as agent:
            stopped_at = agent.uplink.birth

            async def birth(client: aiomqtt.Client) -> None:
                await stopped_at(client)
                await asyncio.Event().wait()

            type(agent.uplink).birth, original = lambda _, client: birth(client), type(agent.uplink).birth  # type: ignore[method-assign,assignment]  # slots: on the class
            try:
                broker.kill()
                broker.start()
                async with aiomqtt.Client("127.0.0.1", broker.server.port) as again:
                    await again.subscribe(f"spBv1.0/{MINE}/#", qos=1)
                    kinds = await kinds_until(again, "DBIRTH")
                    agent.stop()
                    kinds += await kinds_until(again, "NDEATH")
            finally:
                type(agent.uplink).birth = original  # type: ignore[method-assign]
    assert kinds[-1] == "NDEATH"


async def test_a_stop_at_any_moment_ends_it(tmp_path: Path, broker: GradedBroker) -> None:
    """Python 3.11's `wait_for` loses a cancellation that comes together with a result; the agent ends all the same."""
    settings = edge_settings(broker.port, "5", delivery={"drain_s": 0})
    for turn in range(20):
        async with edge_agent(tmp_path, settings) as agent:
            for _ in range(turn % 5):
                agent.feed(1)
                await asyncio.sleep(0)
            if turn % 4 == 0:
                await until(lambda agent=agent: agent.uplink.health.connected)  # type: ignore[misc]  # bound now
                agent.feed(3)
                await until(lambda agent=agent: not agent.journal.inbox)  # type: ignore[misc]  # bound now


async def test_a_stop_while_the_broker_dies_ends_it(tmp_path: Path, broker: GradedBroker) -> None:
    """The farewell finds nobody; that must not undo the stop."""
    async with edge_agent(tmp_path, edge_settings(broker.port, "5", delivery={"drain_s": 0})) as agent:
        await until(lambda: agent.uplink.health.connected)
        broker.kill()


async def kinds_until(client: aiomqtt.Client, kind: str) -> list[str]:
    """Message types as they come."""
    seen: list[str] = []
    async with asyncio.timeout(20):
        async for message in client.messages:
            seen.append(message.topic.value.split("/")[2])
            if seen[-1] == kind:
                return seen
    raise AssertionError("unreachable")


async def test_commands_of_no_sense_end_no_connection(tmp_path: Path, broker: GradedBroker) -> None:
    nonsense = [b"ONLINE", bytes.fromhex("12040a02fffe"), b"", command(name="x")]
    async with (
        edge_agent(tmp_path, edge_settings(broker.port, "5", delivery={"drain_s": 0})) as agent,
        aiomqtt.Client("127.0.0.1", broker.server.port) as other,
    ):
        await until(lambda: agent.uplink.health.connected)
        for data in nonsense:
            await other.publish(f"spBv1.0/{MINE}/NCMD/{GATEWAY}", data)

        async def reborn() -> bool:
            """Asked within a second of the births, it counts them as the answer."""
            await other.publish(
                f"spBv1.0/{MINE}/NCMD/{GATEWAY}", command(name="Node Control/Rebirth", boolean_value=True)
            )
            return agent.uplink.health.rebirths > 0

        await until(reborn)
        assert agent.uplink.health.commands_malformed == 2
        assert agent.uplink.health.connections == 1


def command(**fields: Any) -> bytes:
    """An NCMD of one metric."""
    return Payload(metrics=[Payload.Metric(**fields)]).SerializeToString()


# The journal


async def journal(path: Path, offered: list[int], inbox_max: int = 10) -> tuple[Journal, Disk]:
    """A journal without an uplink."""
    disk = await Disk().__aenter__()
    outbox = await disk.run(Outbox, path / "o.sqlite", Limits(1_000_000))
    one = Journal(
        outbox, disk, {FLOW.key: 1}, {1}, {}, Devices(),
        lambda batches: offered.extend(batch.number for batch in batches),
        lambda _: None,
        lambda: 0,
        flush_ms=10, inbox_max=inbox_max, readings_per_batch_max=4, with_type=False,
    )  # fmt: skip
    return one, disk


async def test_a_disk_that_refuses_keeps_readings_in_memory_up_to_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[int] = []
    one, disk = await journal(tmp_path, offered)
    monkeypatch.setattr(Outbox, "append", lambda *_: full())
    one.take([reading(FLOW, float(number), number) for number in range(8)])
    assert not await one.flush()
    one.take([reading(FLOW, float(number), number) for number in range(8, 16)])
    assert not await one.flush()
    assert [one.value for one in one.inbox] == [
        float(number) for number in range(10)
    ]  # the newest are dropped
    assert (one.health.produced, one.health.written, one.health.dropped, one.health.disk_errors) == (
        16,
        0,
        6,
        2,
    )
    monkeypatch.undo()
    assert await one.flush()
    assert (offered, one.health.written, one.latest[1].value) == ([1, 2, 3], 10, 9.0)
    await disk.run(one.outbox.database.close)
    await disk.__aexit__(None, None, None)


async def test_a_stop_in_the_middle_of_a_write_offers_what_was_written(tmp_path: Path) -> None:
    """Otherwise a batch lies on the disk that the lanes know nothing of, and the drain waits for it in vain."""
    offered: list[int] = []
    one, disk = await journal(tmp_path, offered)
    slow = slowed(one.outbox.append)
    one.outbox.append = slow  # type: ignore[method-assign]  # a slow disk
    running = asyncio.create_task(one.run())
    one.take([reading(FLOW, 1.0, 1)])
    await until(lambda: not one.inbox)
    one.take([reading(FLOW, 2.0, 2)])
    one.stop()
    await running
    assert offered == [1, 2]
    assert (await disk.run(one.outbox.extent)).readings == one.health.written == 2
    await disk.run(one.outbox.database.close)
    await disk.__aexit__(None, None, None)


Args = ParamSpec("Args")
Result = TypeVar("Result")


def slowed(work: Callable[Args, Result]) -> Callable[Args, Result]:
    """The same, a little later."""

    def later(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        time.sleep(0.1)
        return work(*args, **kwargs)

    return later
