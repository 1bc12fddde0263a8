"""Pins the OPC UA source against a real server: values, times, status, and what one bad node or session costs."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from asyncua import ua

from contract.datatype import Value
from contract.point import Point
from contract.quality import Quality
from edge_agent.source_config import opcua as source_config
from edge_agent.sources.opcua import of_config
from edge_agent.sources.opcua_follow import Manner
from edge_agent.sources.opcua_security import Identity, Security
from tests.opcua_server import link_to, opcua_server
from tests.opcua_sources import now_ms, point, source_of
from tests.points import opcua_point
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE


async def test_values_of_every_kind() -> None:
    """Numbers, Booleans and texts as they are, scaled, or enumerated; what is no value is bad."""
    rows: list[tuple[Point, object, Value | None]] = [
        (point("whole"), ua.Variant(7, ua.VariantType.Int32), 7),
        (point("byte"), ua.Variant(7, ua.VariantType.Byte), 7),
        (point("real"), 12.5, 12.5),
        (point("single"), ua.Variant(0.5, ua.VariantType.Float), 0.5),
        (point("flag"), True, True),
        (point("text"), "远程", "远程"),
        (point("scaled", scale=0.1, offset=-40), ua.Variant(653, ua.VariantType.UInt16), 25.3),
        (point("mode", enum={0: "local", 1: "remote"}), ua.Variant(1, ua.VariantType.Int16), "remote"),
        (point("unknown mode", enum={0: "local"}), ua.Variant(9, ua.VariantType.Int16), None),
        (point("nan"), math.nan, None),
        (point("list"), [1, 2, 3], None),
        (point("time"), datetime(2022, 3, 1, tzinfo=UTC), None),
    ]
    points, taken = [row[0] for row in rows], Taken()
    variables = {row[0].metric.rpartition("=")[2]: row[1] for row in rows}
    async with opcua_server(variables) as server, running(source := source_of(server.url, points), taken):
        await taken.until(lambda: all(taken.of(row[0]) for row in rows))
        for of, _, value in rows:
            assert taken.of(of) == [(value, BAD if value is None else GOOD)]
            assert type(taken.of(of)[0][0]) is type(value)
        assert source.health.connected
        assert source.health.errors == {"no_value": 4}
        assert server.sessions == 1


async def test_changes_come_in_order_with_the_time_of_their_source() -> None:
    """Each change once, stamped by the server; several within one publication too."""
    counter, taken = point("counter"), Taken()
    async with opcua_server({"counter": 0}) as server, running(source_of(server.url, [counter]), taken):
        await taken.until_all([counter])
        taken.forget()
        began = datetime.now(UTC)
        stamps = [began + timedelta(milliseconds=10 * step) for step in range(1, 101)]
        for step, stamp in enumerate(stamps, 1):
            await server.set("counter", step, SourceTimestamp=stamp)
            if step % 7 == 0:
                seen = step
                await taken.until(lambda: (taken.last(counter) or (0,))[0] == seen)  # noqa: B023 (awaited at once)
        await taken.until(lambda: taken.last(counter) == (100, GOOD))
        assert [value for value, _ in taken.of(counter)] == list(range(1, 101))
        times = [reading.source_at_ms for reading in taken.readings]
        assert all(earlier < later for earlier, later in pairwise(times))
        assert times[-1] == int(stamps[-1].timestamp() * 1000)


async def test_an_unchanged_value_is_confirmed() -> None:
    """Read again and reported within its silence, with the time of the reading."""
    steady, taken = point("steady", max_silence_s=0.8), Taken()
    async with opcua_server({"steady": 9}) as server, running(source_of(server.url, [steady]), taken):
        await taken.until(lambda: len(taken.of(steady)) >= 6)
    assert set(taken.of(steady)) == {(9, GOOD)}
    times = [reading.source_at_ms for reading in taken.readings]
    assert all(later - earlier > 0 for earlier, later in pairwise(times))
    assert sorted(later - earlier for earlier, later in pairwise(times))[2] <= 800
    assert all(reading.read_at_ms == reading.source_at_ms for reading in taken.readings[1:])


async def test_a_bad_node_is_bad_on_its_own_and_tried_again() -> None:
    """Unknown node, unknown namespace, unreadable node id: the others go on, and the node counts once it is there."""
    good, late = point("good"), point("late")
    elsewhere, broken = opcua_point("nsu=urn:no:such;s=x"), opcua_point("nonsense")
    taken = Taken()
    async with (
        opcua_server({"good": 1}) as server,
        running(source := source_of(server.url, [late, elsewhere, broken, good]), taken),
    ):
        await taken.until(lambda: all(taken.of(each) for each in (good, late, elsewhere, broken)))
        assert [taken.of(each) for each in (good, late, elsewhere, broken)] == [
            [(1, GOOD)],
            *[[(None, BAD)]] * 3,
        ]
        assert {"BadNodeIdUnknown", "namespace_unknown", "node_id_unreadable"} <= source.health.errors.keys()
        await server.add("late", 5)
        await taken.until(lambda: taken.last(late) == (5, GOOD))
        assert taken.of(elsewhere) == [(None, BAD)]
        await server.set("good", 2)
        await taken.until(lambda: taken.last(good) == (2, GOOD))
        assert server.sessions == 1


@pytest.mark.filterwarnings(
    "ignore:coroutine 'MonitoredItemService", "ignore::pytest.PytestUnraisableExceptionWarning"
)
async def test_a_node_that_is_taken_away_and_put_back() -> None:
    """Bad while it is gone; watched anew, so that changes come again."""
    here, taken = point("here", max_silence_s=0.4), Taken()
    async with opcua_server({"here": 1}) as server, running(source_of(server.url, [here]), taken):
        await taken.until_all([here])
        await server.remove("here")
        await taken.until_all([here], BAD)
        await server.add("here", 2)
        await taken.until(lambda: taken.last(here) == (2, GOOD))
        await server.set("here", 3)
        await taken.until(lambda: taken.last(here) == (3, GOOD))


async def test_status_codes_become_qualities() -> None:
    """Bad has no value, a last usable value is stale, a value at its sensor's limit is still the value."""
    level, taken = point("level"), Taken()
    async with opcua_server({"level": 1.0}) as server, running(source_of(server.url, [level]), taken):
        await taken.until_all([level])
        for code, seen in [
            (ua.StatusCodes.BadSensorFailure, (None, BAD)),
            (ua.StatusCodes.UncertainLastUsableValue, (None, STALE)),
            (ua.StatusCodes.UncertainSensorNotAccurate, (4.0, GOOD)),
            (ua.StatusCodes.UncertainInitialValue, (None, BAD)),
            (ua.StatusCodes.Good, (4.0, GOOD)),
        ]:
            await server.set("level", 4.0, StatusCode=ua.StatusCode(code))
            await taken.until(lambda: taken.last(level) == seen)  # noqa: B023 (awaited at once)


async def test_a_source_time_that_cannot_be() -> None:
    """A controller whose clock fell back to 2000: the value counts from its receipt, and the fault is counted."""
    level, taken = point("level"), Taken()
    async with (
        opcua_server({"level": 1.0}) as server,
        running(source := source_of(server.url, [level]), taken),
    ):
        await taken.until_all([level])
        source.health.errors.clear()
        began = now_ms()
        await server.set("level", 2.0, SourceTimestamp=datetime(2000, 1, 1, tzinfo=UTC))
        await taken.until(lambda: taken.last(level) == (2.0, GOOD))
        assert taken.readings[-1].source_at_ms >= began
        assert source.health.errors == {"source_time_implausible": 1}


async def test_a_restart_that_numbers_its_namespaces_anew() -> None:
    """Stale once and at once; after the restart the same points, found by the name of their namespace."""
    points, taken = [point("a"), point("b", period_s=0.2)], Taken()
    async with opcua_server({"a": 1, "b": 2}, namespaces_before=["urn:x"]) as server:
        async with running(source := source_of(server.url, points), taken):
            await taken.until_all(points)
            first_index = server.index
            await server.stop()
            await taken.until_all(points, STALE)
            assert not source.health.connected
            server.variables, server.namespaces_before = {"b": 20, "a": 10}, ["urn:x", "urn:y", "urn:z"]
            await server.start()
            await taken.until_all(points)
            assert server.index != first_index
            assert [taken.changes(each) for each in points] == [
                [(1, GOOD), (None, STALE), (10, GOOD)], [(2, GOOD), (None, STALE), (20, GOOD)],
            ]  # fmt: skip
            assert server.sessions == 1
        await taken.until(lambda: server.sessions == 0)


async def test_a_connection_that_breaks_again_and_again_leaves_no_session_behind() -> None:
    """Every break: stale, then good again; the sessions at the server do not grow in number."""
    level, taken = point("level"), Taken()
    async with (
        opcua_server({"level": 1}) as server,
        link_to(server.port) as link,
        running(source_of(f"opc.tcp://127.0.0.1:{link.port}/mine", [level]), taken),
    ):
        for _ in range(5):
            await taken.until_all([level])
            taken.forget()
            link.cut()
            await taken.until(lambda: taken.of(level) == [(None, STALE), (1, GOOD)])
        await taken.until(lambda: server.sessions <= 1)


async def test_a_server_that_hangs() -> None:
    """The connection stands and nothing comes: stale within a few timeouts, bad after the limit, good again later."""
    level, taken = point("level", stale_after_s=3.0, max_silence_s=1.0), Taken()
    async with opcua_server({"level": 1}) as server, link_to(server.port) as link:
        source = source_of(f"opc.tcp://127.0.0.1:{link.port}/mine", [level], timeout_s=0.5)
        async with running(source, taken):
            await taken.until_all([level])
            link.flowing.clear()
            await taken.until_all([level], STALE)
            await taken.until_all([level], BAD)
            link.flowing.set()
            await taken.until_all([level])
    steps = [step for step in taken.changes(level) if step[1] is not GOOD]
    assert steps == [(None, STALE), (None, BAD)]


async def test_starting_before_the_server() -> None:
    """Stale at first, good as soon as the server is there."""
    level, taken = point("level"), Taken()
    async with opcua_server({"level": 1}) as server:
        await server.stop()
        async with running(source := source_of(server.url, [level]), taken):
            await taken.until(lambda: sum(source.health.errors.values()) >= 2)
            assert taken.of(level) == [(None, STALE)]
            await server.start()
            await taken.until_all([level])


async def test_a_thousand_nodes_in_calls_that_the_server_allows() -> None:
    """More nodes than one call may hold, all watched and all confirmed."""
    names = [f"n{number}" for number in range(1_001)]
    points, taken = [point(name, max_silence_s=2.0) for name in names], Taken()
    async with (
        opcua_server(dict.fromkeys(names, 1)) as server,
        running(source_of(server.url, points, timeout_s=10.0), taken),
    ):
        await taken.until_all(points)
        taken.forget()
        await taken.until(lambda: len({id(reading.point) for reading in taken.readings}) == len(points))


async def test_a_server_that_takes_the_connection_and_never_answers() -> None:
    """Given up within the limit, each time; a new attempt succeeds once it answers."""
    level, taken = point("level"), Taken()
    async with opcua_server({"level": 1}) as server, link_to(server.port) as link:
        link.flowing.clear()
        source = source_of(f"opc.tcp://127.0.0.1:{link.port}/mine", [level], timeout_s=0.3)
        async with running(source, taken):
            await taken.until(lambda: source.health.errors.get("timeout", 0) >= 3)
            assert taken.of(level) == [(None, STALE)]
            link.flowing.set()
            await taken.until_all([level])


async def test_a_change_that_the_server_does_not_send() -> None:
    """It is read instead, reported, and counted; the watched node goes on."""
    level, taken = point("level", max_silence_s=2.0), Taken()
    async with (
        opcua_server({"level": 1}) as server,
        running(source := source_of(server.url, [level]), taken),
    ):
        await taken.until_all([level])
        node = server.server.get_node(ua.NodeId("level", server.index))
        value = server.server.iserver.aspace[node.nodeid].attributes[ua.AttributeIds.Value]
        value.value = ua.DataValue(ua.Variant(7))
        await taken.until(lambda: taken.last(level) == (7, GOOD))
        assert source.health.errors == {"change_not_sent": 1}
        await server.set("level", 8)
        await taken.until(lambda: taken.last(level) == (8, GOOD))


async def test_a_publication_that_is_lost() -> None:
    """The gap in their numbers is seen; what was lost with it is read."""
    level, beside, taken = point("level"), point("beside"), Taken()
    async with (
        opcua_server({"level": 1, "beside": 1}) as server,
        running(source := source_of(server.url, [level, beside]), taken),
    ):
        await taken.until_all([level, beside])
        [subscription] = server.server.iserver.subscription_service.subscriptions.values()
        publish = subscription.pub_result_callback
        lost: list[ua.PublishResult] = []

        async def lose_one(result: ua.PublishResult, request: object) -> None:
            if not lost and result.NotificationMessage.NotificationData:
                lost.append(result)
                result = ua.PublishResult(result.SubscriptionId)  # an empty one in its place
            await publish(result, request)

        subscription.pub_result_callback = lose_one
        await server.set("level", 7)
        await taken.until(lambda: lost)
        await server.set("beside", 7)
        await taken.until(lambda: taken.last(beside) == (7, GOOD))
        assert source.health.errors["publication_lost"] == 1
        await taken.until(lambda: taken.last(level) == (7, GOOD))


async def test_everything_that_a_config_says(tmp_path: Path) -> None:
    """Reaches the source and its sessions."""
    given = {
        "protocol": "opcua", "name": "plc", "points": "plc.csv", "url": "opc.tcp://plc:4840", "timeout_s": 7.0,
        "mode": "poll", "queue_size": 3, "publish_ms": 100.0, "server_deadband": False, "retry_s": 11.0,
        "clock_skew_max_s": 13.0, "username": "reader", "password": "geheim",
        "security": {
            "policy": "Aes256Sha256RsaPss", "mode": "Sign", "certificate_file": tmp_path / "a",
            "key_file": tmp_path / "b", "trust_folder": tmp_path / "c",
        },
    }  # fmt: skip
    config = source_config.OpcUaSource.model_validate(given)
    source = of_config(config, [point("level")], now=now_ms, rng=Random(1))  # noqa: S311 (jitter)
    session = source.new_session()
    assert source.manner == Manner(is_polling=True, queue_size=3, publish_s=0.1, server_deadband=False)
    assert (source.name, source.retry_s, source.values.clock_skew_max_ms) == ("plc", 11.0, 13_000.0)
    assert (session.client.server_url.geturl(), session.timeout_s) == ("opc.tcp://plc:4840", 7.0)
    assert session.identity == Identity("reader", "geheim")
    assert session.security == Security(
        "Aes256Sha256RsaPss", "Sign", tmp_path / "a", tmp_path / "b", trust_folder=tmp_path / "c"
    )
    plain = source_config.OpcUaSource(protocol="opcua", name="plc", points=Path("p"), url="opc.tcp://plc")
    assert of_config(plain, [], now=now_ms, rng=Random(1)).manner == Manner()  # noqa: S311 (jitter)
