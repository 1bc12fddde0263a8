"""Pins how an OPC UA source follows its nodes: by subscriptions as it wishes them, and in turn where it must."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from asyncua import ua

from contract.point import Point
from contract.quality import Quality
from edge_agent.sources.opcua_follow import Manner
from tests.opcua_server import OpcUaServer, link_to, opcua_server
from tests.opcua_sources import point, source_of
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE
POLL = Manner(is_polling=True)


def wishes(server: OpcUaServer, of: Point) -> list[ua.MonitoringParameters]:
    """How the server was asked to watch a point's node, in order."""
    name = of.metric.rpartition("=")[2]
    return [
        item.RequestedParameters for item in server.odd.items if item.ItemToMonitor.NodeId.Identifier == name
    ]


def has_deadband(wish: ua.MonitoringParameters) -> bool:
    """Whether the server shall keep small changes to itself."""
    return hasattr(wish.Filter, "DeadbandValue")


# What is wished


async def test_each_node_is_sampled_in_its_period_and_queued() -> None:
    """One subscription for all that may wait as long as a publication, another for what is faster."""
    slow, slower, fast = (
        point("slow", period_s=1.0),
        point("slower", period_s=60.0),
        point("fast", period_s=0.1),
    )
    taken, manner = Taken(), Manner(queue_size=7, publish_s=0.25)
    async with (
        opcua_server({"slow": 1, "slower": 1, "fast": 1}) as server,
        running(source_of(server.url, [slow, slower, fast], manner=manner), taken),
    ):
        await taken.until_all([slow, slower, fast])
        asked = [wishes(server, each)[0] for each in (slow, slower, fast)]
        assert [each.SamplingInterval for each in asked] == [1000.0, 60_000.0, 100.0]
        assert {(each.QueueSize, each.DiscardOldest) for each in asked} == {(7, True)}
        intervals = [
            sub.data.RevisedPublishingInterval
            for sub in server.server.iserver.subscription_service.subscriptions.values()
        ]
        assert sorted(intervals) == [100.0, 250.0]


async def test_what_happens_between_two_publications_is_kept() -> None:
    """The server queues; all of it comes, in order, with the times of the source."""
    counter, taken = point("counter", period_s=1.0), Taken()
    manner = Manner(publish_s=1.0, queue_size=50)
    async with (
        opcua_server({"counter": 0}) as server,
        running(source_of(server.url, [counter], manner=manner), taken),
    ):
        await taken.until_all([counter])
        taken.forget()
        stamps = [datetime.now(UTC) + timedelta(milliseconds=step) for step in range(1, 41)]
        for step, stamp in enumerate(stamps, 1):
            await server.set("counter", step, SourceTimestamp=stamp)
        await taken.until(lambda: taken.last(counter) == (40, GOOD))
        assert [value for value, _ in taken.of(counter)] == list(range(1, 41))
        assert [each.source_at_ms for each in taken.readings] == [int(at.timestamp() * 1000) for at in stamps]
        assert len({each.read_at_ms for each in taken.readings}) <= 2


async def test_a_queue_that_overflows_is_counted() -> None:
    """The oldest go first, and the server's mark says so."""
    counter, taken = point("counter"), Taken()
    async with (
        opcua_server({"counter": 0}) as server,
        running(source := source_of(server.url, [counter]), taken),
    ):
        await taken.until_all([counter])
        await server.set("counter", 1, StatusCode=ua.StatusCode(0x0000_0480))
        await taken.until(lambda: taken.last(counter) == (1, GOOD))
        assert source.health.errors.keys() == {"queue_overflow"}


async def test_a_server_that_samples_more_slowly_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    """Counted for each node, logged once."""
    points, taken = [point("a", period_s=0.1), point("b", period_s=0.1), point("c", period_s=1.0)], Taken()
    async with opcua_server({"a": 1, "b": 1, "c": 1}) as server:
        server.odd.slower = 1.5
        async with running(source := source_of(server.url, points), taken):
            await taken.until_all(points)
            assert source.health.errors == {"sampled_slower": 2}
    assert len([record for record in caplog.records if "samples" in record.message]) == 1
    assert "every 1.5 s, not every 0.1 s" in caplog.text


# Deadband at the server


async def test_the_server_keeps_small_changes_to_itself() -> None:
    """Half of the deadband, in the node's own numbers; where more than the deadband decides, nothing."""
    plain = point("plain", deadband=2.0, scale=0.1)
    others = [
        point("limits", deadband=2.0, limits=(5.0,)),
        point("swing", swing=2.0),
        point("mode", deadband=2.0, enum={1: "on"}),
        point("mask", deadband=2.0, mask=0xF),
        point("none"),
        point("text", deadband=2.0),
        point("flag", deadband=2.0),
    ]
    taken = Taken()
    values = dict.fromkeys(("plain", "limits", "swing", "mode", "mask", "none"), 1)
    async with (
        opcua_server({**values, "text": "on", "flag": True}) as server,
        running(source := source_of(server.url, [plain, *others]), taken),
    ):
        await taken.until(lambda: all(taken.of(each) for each in [plain, *others]))
        asked = wishes(server, plain)[0].Filter
        assert (asked.Trigger, asked.DeadbandType) == (
            ua.DataChangeTrigger.StatusValue,
            ua.DeadbandType.Absolute,
        )
        assert asked.DeadbandValue == 10.0
        for each in others:
            assert not has_deadband(wishes(server, each)[0]), each.metric
        taken.forget()
        await server.set("plain", 9)
        await server.set("none", 2)
        await taken.until(lambda: taken.last(others[4]) == (2, GOOD))
        assert taken.of(plain) == []
        assert source.values.heard[0][0] == 0.1
        await server.set("plain", 30)
        await taken.until(lambda: taken.last(plain) == (3.0, GOOD))


async def test_no_deadband_at_the_server_if_it_shall_not() -> None:
    """Off by config."""
    level, taken = point("level", deadband=2.0), Taken()
    async with (
        opcua_server({"level": 1.0}) as server,
        running(source_of(server.url, [level], manner=Manner(server_deadband=False)), taken),
    ):
        await taken.until_all([level])
        assert not has_deadband(wishes(server, level)[0])


@pytest.mark.parametrize(
    "code",
    [
        ua.StatusCodes.BadFilterNotAllowed,
        ua.StatusCodes.BadMonitoredItemFilterUnsupported,
        ua.StatusCodes.BadMonitoredItemFilterInvalid,
    ],
)
async def test_a_server_that_refuses_deadbands(code: int) -> None:
    """The node is watched without, at once, and not asked with one again."""
    level, plain, taken = point("level", deadband=2.0), point("plain"), Taken()
    async with opcua_server({"level": 1.0, "plain": 1.0}) as server:
        server.odd.item_code = lambda wish: code if has_deadband(wish.RequestedParameters) else 0
        async with running(source := source_of(server.url, [level, plain]), taken):
            await taken.until_all([level, plain])
            assert source.health.errors == {"deadband_refused": 1}
            await server.set("level", 9.0)
            await taken.until(lambda: taken.last(level) == (9.0, GOOD))
        assert [has_deadband(wish) for wish in wishes(server, level)] == [
            True,
            False,
        ]


async def test_a_server_that_keeps_a_deadband_wrongly() -> None:
    """One that compares with the value before, not with the one it sent, hides a slow drift (asyncua's does).

    It is found out by reading, what was read is reported, and the node is watched without a deadband from then on.
    """
    drifting = point("drifting", deadband=2.0, max_silence_s=2.0)
    taken = Taken()
    async with (
        opcua_server({"drifting": 0.0}) as server,
        running(source := source_of(server.url, [drifting]), taken),
    ):
        await taken.until_all([drifting])
        value = 0.0

        async def drift() -> None:
            nonlocal value
            while True:
                value += 0.1
                await server.set("drifting", value)
                await asyncio.sleep(0.01)

        drifting_on = asyncio.create_task(drift())
        await taken.until(lambda: "deadband_not_kept" in source.health.errors)
        drifting_on.cancel()
        assert source.health.errors["change_not_sent"] >= 1
        await taken.until(lambda: len(wishes(server, drifting)) == 2)
        assert [has_deadband(wish) for wish in wishes(server, drifting)] == [True, False]
        await taken.until(lambda: taken.last(drifting) == (value, GOOD))
        await server.set("drifting", -7.0)
        await taken.until(lambda: taken.last(drifting) == (-7.0, GOOD))


# Polling


async def test_every_node_in_turn() -> None:
    """Each in its own period; nothing is subscribed, unchanged values are confirmed by being read."""
    fast, slow = point("fast", period_s=0.1), point("slow", period_s=0.5, max_silence_s=2.0)
    taken = Taken()
    async with (
        opcua_server({"fast": 1, "slow": 1}) as server,
        running(source := source_of(server.url, [fast, slow], manner=POLL), taken),
    ):
        await taken.until_all([fast, slow])
        await taken.until(lambda: len(taken.of(slow)) >= 3)
        assert "create_subscription" not in server.odd.asked
        assert "create_monitored_items" not in server.odd.asked
        assert source.health.connected
        assert source.health.readings >= 20
        slow_at = [each.source_at_ms for each in taken.readings if each.point is slow]
        assert all(later - earlier <= 2_000 for earlier, later in pairwise(slow_at))
        await server.set("fast", 2)
        await taken.until(lambda: taken.last(fast) == (2, GOOD))
        assert source.health.errors.keys() <= {"poll_missed"}


async def test_a_polled_value_has_the_times_and_quality_of_a_watched_one() -> None:
    """The source's time for a change; bad and stale by status; no catching up after a wait."""
    level, taken = point("level", period_s=0.1), Taken()
    async with (
        opcua_server({"level": 1.0}) as server,
        running(source := source_of(server.url, [level], manner=POLL), taken),
    ):
        await taken.until_all([level])
        stamp = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=9)
        taken.forget()
        await server.set("level", 2.0, SourceTimestamp=stamp)
        await taken.until(lambda: taken.last(level) == (2.0, GOOD))
        assert taken.readings[-1].source_at_ms == 1000 * int(stamp.timestamp())
        for code, seen in [
            (ua.StatusCodes.BadSensorFailure, (None, BAD)),
            (ua.StatusCodes.UncertainLastUsableValue, (None, STALE)),
            (ua.StatusCodes.Good, (4.0, GOOD)),
        ]:
            await server.set("level", 4.0, StatusCode=ua.StatusCode(code))
            await taken.until(lambda: taken.last(level) == seen)  # noqa: B023 (awaited at once)
        await server.set("level", 5.0, SourceTimestamp=datetime(2000, 1, 1, tzinfo=UTC))
        await taken.until(lambda: taken.last(level) == (5.0, GOOD))
        assert source.health.errors["source_time_implausible"] == 1


async def test_a_polled_node_that_comes_and_goes() -> None:
    """Bad on its own while it is not there, beside one that is."""
    here, late, taken = point("here", period_s=0.1), point("late", period_s=0.1), Taken()
    async with (
        opcua_server({"here": 1}) as server,
        running(source := source_of(server.url, [late, here], manner=POLL), taken),
    ):
        await taken.until_all([here])
        await taken.until_all([late], BAD)
        await server.add("late", 5)
        await taken.until(lambda: taken.last(late) == (5, GOOD))
        await server.remove("late")
        await taken.until_all([late], BAD)
        assert taken.of(here) == [(1, GOOD)]
        assert source.health.connected


async def test_a_thousand_polled_nodes_in_reads_that_the_server_takes() -> None:
    """It says 500 and takes 60: asked for half as much until it answers, and no more than that again."""
    names = [f"n{number}" for number in range(1_001)]
    points, taken = [point(name, period_s=0.5) for name in names], Taken()
    async with opcua_server(dict.fromkeys(names, 1)) as server:
        server.odd.nodes_max = 60
        async with running(source := source_of(server.url, points, manner=POLL, timeout_s=10.0), taken):
            await taken.until_all(points)
            asked = server.odd.asked["read"]
            readings = source.health.readings
            await taken.until(lambda: source.health.readings >= readings + 2 * len(points))
            assert source.health.errors.keys() <= {"poll_missed"}
            assert server.odd.asked["read"] - asked <= 4 * (1_001 // 31 + 2) + 20


async def test_a_server_that_answers_more_slowly_than_it_is_polled() -> None:
    """The periods that passed meanwhile are counted, and never caught up in a burst."""
    level, taken = point("level", period_s=0.1), Taken()
    async with (
        opcua_server({"level": 1}) as server,
        link_to(server.port) as link,
        running(source := source_of(f"opc.tcp://127.0.0.1:{link.port}/mine", [level], manner=POLL), taken),
    ):
        await taken.until_all([level])
        reads = source.health.reads
        link.flowing.clear()
        await asyncio.sleep(1.0)
        link.flowing.set()
        await taken.until(lambda: source.health.errors.get("poll_missed", 0) >= 5)
        assert source.health.reads <= reads + 4
        assert taken.of(level) == [(1, GOOD)]


async def test_a_polled_server_that_hangs_and_comes_back() -> None:
    """Stale at once, good again by a new session."""
    level, taken = point("level", period_s=0.1), Taken()
    async with opcua_server({"level": 1}) as server, link_to(server.port) as link:
        url = f"opc.tcp://127.0.0.1:{link.port}/mine"
        async with running(source_of(url, [level], manner=POLL, timeout_s=0.5), taken):
            await taken.until_all([level])
            link.flowing.clear()
            await taken.until_all([level], STALE)
            link.flowing.set()
            await taken.until_all([level])
            assert taken.changes(level)[:2] == [(1, GOOD), (None, STALE)]


# What cannot be watched is polled


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("create_subscription", ua.StatusCodes.BadServiceUnsupported),
        ("create_subscription", ua.StatusCodes.BadTooManySubscriptions),
        ("create_monitored_items", ua.StatusCodes.BadTooManyMonitoredItems),
        ("create_monitored_items", ua.StatusCodes.BadUserAccessDenied),
    ],
)
async def test_a_server_that_refuses_to_watch_is_polled(
    service: str, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """In the same session; counted once for each point, told once, and tried again until it watches."""
    points, taken = [point("a", period_s=0.1), point("b", period_s=0.1)], Taken()
    async with opcua_server({"a": 1, "b": 1}) as server:
        server.odd.refused[service] = code
        async with running(source := source_of(server.url, points), taken):
            await taken.until_all(points)
            await server.set("a", 2)
            await taken.until(lambda: taken.last(points[0]) == (2, GOOD))
            await taken.until(lambda: server.odd.asked[service] >= 3)
            assert source.health.errors["polled_instead"] == 2
            assert source.health.errors.keys() <= {"polled_instead", "poll_missed"}
            assert caplog.text.count("they are polled") == 1
            server.odd.refused.clear()
            server.odd.items.clear()
            await taken.until(lambda: len(server.odd.items) == 2)
            asked = server.odd.asked["read"]
            await server.set("b", 3)
            await taken.until(lambda: taken.last(points[1]) == (3, GOOD))
            assert server.odd.asked["read"] <= asked + 2
            assert server.odd.sessions == 1


async def test_one_node_that_cannot_be_watched_is_polled() -> None:
    """The others are watched; a bad node among them is bad on its own."""
    watched, polled, missing = point("watched"), point("polled", period_s=0.1), point("missing")
    taken = Taken()
    async with opcua_server({"watched": 1, "polled": 1}) as server:
        server.odd.item_code = lambda wish: (
            ua.StatusCodes.BadTooManyMonitoredItems if wish.ItemToMonitor.NodeId.Identifier == "polled" else 0
        )
        async with running(source := source_of(server.url, [watched, polled, missing]), taken):
            await taken.until_all([watched, polled])
            await taken.until_all([missing], BAD)
            await server.set("polled", 2)
            await server.set("watched", 2)
            await taken.until(lambda: taken.last(watched) == taken.last(polled) == (2, GOOD))
            assert source.health.errors["polled_instead"] == 1
            assert source.health.errors.keys() - {"poll_missed"} == {"polled_instead", "BadNodeIdUnknown"}


async def test_a_server_that_watches_some_and_no_more() -> None:
    """The first request is granted, the second refused: those are watched, the rest is polled, and none piles up."""
    names = [f"n{number}" for number in range(600)]
    points, taken = [point(name, period_s=0.5) for name in names], Taken()
    async with opcua_server(dict.fromkeys(names, 1)) as server:
        server.odd.items_max = 550
        async with running(source := source_of(server.url, points, timeout_s=10.0), taken):
            await taken.until_all(points)
            await taken.until(lambda: server.odd.asked["create_monitored_items"] >= 4)
            assert source.health.errors["polled_instead"] == 100
            assert len(server.odd.items) == 500
            await server.set("n0", 2)
            await server.set("n599", 2)
            await taken.until(lambda: taken.last(points[0]) == taken.last(points[599]) == (2, GOOD))


async def test_a_first_value_that_the_server_does_not_send() -> None:
    """It is read; that says nothing about the deadband, which the server may keep."""
    level, taken = point("level", deadband=2.0, max_silence_s=2.0), Taken()
    async with opcua_server({"level": 1.0}) as server:
        server.odd.is_silent = True
        async with running(source := source_of(server.url, [level], timeout_s=0.5), taken):
            await taken.until_all([level])
            assert source.health.errors.keys() <= {"poll_missed"}
