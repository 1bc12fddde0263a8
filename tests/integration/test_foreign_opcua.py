"""The OPC UA source against npm node-opcua 2.186: what its server does otherwise than asyncua's is borne.

Its own namespace comes before the others, it gives its folders and many of its nodes numbers of its own, keeps the
session of a broken connection until its time is up, and refuses certificates that it was not told to trust.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from contract.datatype import Value
from contract.quality import Quality
from edge_agent.sources.opcua_browse import browse
from edge_agent.sources.opcua_follow import Manner
from edge_agent.sources.opcua_session import OpcUaSession
from tests.foreign_opcua import DRIVES, LIMIT_S, MINE, node, now_ms, point, sessions, set_to, source_of
from tests.foreign_servers import ForeignServer, opcua_server, serving
from tests.points import opcua_point
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignServer]:
    """An open one with two namespaces, for tests that leave no session behind; each adds nodes of its own."""
    with serving(opcua_server(tmp_path_factory.mktemp("server"), namespaces=[MINE, DRIVES])) as running:
        yield running


SAMPLES: list[tuple[str, str, object, Value | None, dict[str, Any], dict[str, Any]]] = [
    ("F1/SByte", "SByte", -128, -128, {}, {}),
    ("F1/Byte", "Byte", 255, 255, {}, {}),
    ("F1/Int16", "Int16", -32_768, -32_768, {}, {}),
    ("F1/UInt16", "UInt16", 65_535, 65_535, {}, {}),
    ("F1/Int32", "Int32", -(2**31), -(2**31), {}, {}),
    ("F1/UInt32", "UInt32", 2**32 - 1, 2**32 - 1, {}, {}),
    ("F1/Int64", "Int64", str(-(2**63)), -(2**63), {}, {}),
    ("F1/Int64 odd", "Int64", str(0x0123456789ABCDEF), 0x0123456789ABCDEF, {}, {}),
    ("F1/UInt64", "UInt64", str(2**64 - 1), 2**64 - 1, {}, {}),
    ("F1/Float", "Float", 123.45600128173828, 123.45600128173828, {}, {}),
    ("F1/Double", "Double", -123.456, -123.456, {}, {}),
    ("F1/true", "Boolean", True, True, {}, {}),
    ("F1/false", "Boolean", False, False, {}, {}),
    ("F1/String", "String", "采煤机 3204 远程", "采煤机 3204 远程", {}, {}),
    ("F1/empty", "String", "", "", {}, {}),
    ("F1/scaled", "UInt16", 653, 25.3, {"scale": 0.1, "offset": -40}, {}),
    ("F1/mode", "Int32", 1, "remote", {"enum": {0: "local", 1: "remote"}}, {"enum": ["Local", "Remote"]}),
    ("F1/mode number", "Int32", 1, 1, {}, {"enum": ["Local", "Remote"]}),
    ("F1/unknown mode", "Int32", 9, None, {"enum": {0: "local"}}, {}),
    ("F1/NaN", "Double", "NaN", None, {}, {}),
    ("F1/infinite", "Float", "-Infinity", None, {}, {}),
    ("F1/array", "Int32", [1, 2, 3], None, {}, {}),
    ("F1/empty array", "Double", [], None, {}, {}),
    ("F1/DateTime", "DateTime", "2022-03-01T00:00:00Z", None, {}, {}),
    ("F1/ByteString", "ByteString", "00ff", None, {}, {}),
]
"""Name, type, what the server is told; the value that comes; fields of the point, and of the node."""


async def test_values_of_every_type(server: ForeignServer) -> None:
    """Each as it is, scaled or enumerated; what no metric can hold is bad, and no error text is ever a value."""
    server.keep({"add": [node(name, kind, told, **more) for name, kind, told, _, _, more in SAMPLES]})
    points = [point(name, **fields) for name, _, _, _, fields, _ in SAMPLES]
    values = [sample[3] for sample in SAMPLES]
    taken = Taken()
    async with running(source := source_of(server, points), taken):
        await taken.until(lambda: all(taken.of(of) for of in points))
        for of, value in zip(points, values, strict=True):
            assert taken.of(of) == [(value, BAD if value is None else GOOD)]
            assert type(taken.of(of)[0][0]) is type(value)
        assert source.health.errors == {"no_value": values.count(None)}
        assert sessions(server) == 1
    assert sessions(server) == 0


async def test_changes_come_with_the_time_of_their_source(server: ForeignServer) -> None:
    """A whole change history in order, up to the last one; the server may skip some within its sampling time."""
    counter, taken = point("changes/counter"), Taken()
    server.keep({"add": [node("changes/counter", "UInt32", 0)]})
    async with running(source_of(server, [counter]), taken):
        await taken.until_all([counter])
        taken.forget()
        began = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        stamps = {step: began + timedelta(milliseconds=7 * step) for step in range(1, 101)}
        for step, stamp in stamps.items():
            server.ask(set_to("changes/counter", step, at=stamp.isoformat()))
            if step % 5 == 0:
                await asyncio.sleep(0)
        await taken.until(lambda: taken.last(counter) == (100, GOOD))
    times = [(reading.value, reading.source_at_ms) for reading in taken.readings]
    assert all(earlier < later for earlier, later in pairwise(times))
    for value, source_at_ms in times:
        assert isinstance(value, int)
        assert source_at_ms == int(stamps[value].timestamp() * 1000)


async def test_an_unchanged_value_is_confirmed(server: ForeignServer) -> None:
    """A vendor's server that says nothing while nothing changes: read again within the silence."""
    steady, taken = point("confirmed/steady", max_silence_s=0.8), Taken()
    server.keep({"add": [node("confirmed/steady", "Int16", 9)]})
    async with running(source_of(server, [steady]), taken):
        await taken.until(lambda: len(taken.of(steady)) >= 6)
    assert set(taken.of(steady)) == {(9, GOOD)}
    times = [reading.source_at_ms for reading in taken.readings]
    assert sorted(later - earlier for earlier, later in pairwise(times))[2] <= 800


async def test_one_bad_node_silences_nothing(server: ForeignServer) -> None:
    """Unknown node, namespace and kind of id: each bad on its own; what comes later is taken up."""
    good, late, other = point("bad/good"), point("bad/late"), point("D/speed", uri=DRIVES)
    strange = [
        point("x", uri="urn:no:such"),
        opcua_point(f"nsu={MINE};i=4294967295"),
        opcua_point("nonsense"),
    ]
    everything, taken = [strange[0], late, *strange[1:], good, other], Taken()
    server.keep({"add": [node("bad/good", "Int32", 1), node("D/speed", "Float", 0.5, uri=DRIVES)]})
    before = server.ask({"counts": True})["sessions_so_far"]
    async with running(source := source_of(server, everything), taken):
        await taken.until(lambda: all(taken.of(each) for each in everything))
        assert taken.last(good) == (1, GOOD)
        assert taken.last(other) == (0.5, GOOD)
        assert all(taken.of(each) == [(None, BAD)] for each in [late, *strange])
        assert {"BadNodeIdUnknown", "namespace_unknown", "node_id_unreadable"} <= source.health.errors.keys()
        server.ask({"add": [node("bad/late", "Double", 2.5)]})
        await taken.until(lambda: taken.last(late) == (2.5, GOOD))
        server.ask(set_to("bad/good", 2))
        await taken.until(lambda: taken.last(good) == (2, GOOD))
        assert all(taken.of(each) == [(None, BAD)] for each in strange)
        assert server.ask({"counts": True})["sessions_so_far"] == before + 1


async def test_a_node_that_is_taken_away_and_put_back(server: ForeignServer) -> None:
    """Bad while it is gone, and changes come again afterwards; its neighbour notices nothing."""
    here, beside = point("away/here", max_silence_s=0.4), point("away/beside", max_silence_s=0.4)
    taken = Taken()
    server.keep({"add": [node("away/here", "Int32", 1), node("away/beside", "Int32", 5)]})
    async with running(source_of(server, [here, beside]), taken):
        await taken.until_all([here, beside])
        server.ask({"remove": {"uri": MINE, "path": "away/here"}})
        await taken.until_all([here], BAD)
        server.ask({"add": [node("away/here", "Int32", 2)]})
        await taken.until(lambda: taken.last(here) == (2, GOOD))
        server.ask(set_to("away/here", 3))
        await taken.until(lambda: taken.last(here) == (3, GOOD))
        assert taken.changes(beside) == [(5, GOOD)]


async def test_status_codes_become_qualities(server: ForeignServer) -> None:
    """Whatever value a server sends beside a bad status, it is none."""
    level, taken = point("status/level"), Taken()
    server.keep({"add": [node("status/level", "Double", 1.0)]})
    async with running(source_of(server, [level]), taken):
        await taken.until_all([level])
        for status, seen in [
            ("BadSensorFailure", (None, BAD)),
            ("Good", (4.0, GOOD)),
            ("BadNoCommunication", (None, BAD)),
            ("UncertainLastUsableValue", (None, STALE)),
            ("UncertainSensorNotAccurate", (4.0, GOOD)),
            ("BadOutOfService", (None, BAD)),
            ("UncertainInitialValue", (None, BAD)),
            ("GoodLocalOverride", (4.0, GOOD)),
        ]:
            server.ask(set_to("status/level", 4.0, status=status))
            await taken.until(lambda: taken.last(level) == seen, LIMIT_S)  # noqa: B023 (awaited at once)


async def test_a_source_time_that_cannot_be(server: ForeignServer) -> None:
    """Clocks of 1601, 1970 and 2099: counted, and the time of receipt stands in."""
    level, taken = point("time/level"), Taken()
    server.keep({"add": [node("time/level", "Double", 1.0)]})
    async with running(source := source_of(server, [level]), taken):
        await taken.until_all([level])
        source.health.errors.clear()
        for step, year in enumerate((1601, 1970, 2099), 2):
            began = now_ms()
            server.ask(set_to("time/level", step, at=f"{year}-01-02T00:00:00Z"))
            await taken.until(lambda: taken.last(level) == (step, GOOD))  # noqa: B023 (awaited at once)
            assert began <= taken.readings[-1].source_at_ms <= now_ms()
        assert source.health.errors == {"source_time_implausible": 3}


async def test_two_thousand_nodes_in_calls_that_the_server_allows(tmp_path: Path) -> None:
    """Fifty to a call, which the source learns from the server; all watched, all confirmed, changes seen."""
    names = [f"F{number % 40}/n{number}" for number in range(2_000)]
    points = [point(name, max_silence_s=4.0, period_s=0.25) for name in names]
    limits = {"maxNodesPerRead": 60, "maxMonitoredItemsPerCall": 50}
    taken = Taken()
    with serving(opcua_server(tmp_path, namespaces=[MINE, DRIVES], limits=limits)) as server:
        server.keep({"add": [node(name, "Double", at) for at, name in enumerate(names)]})
        async with running(source := source_of(server, points, timeout_s=10.0), taken):
            await taken.until(
                lambda: len({id(reading.point) for reading in taken.readings}) == 2_000, LIMIT_S
            )
            assert [taken.last(each) for each in points] == [(float(at), GOOD) for at in range(2_000)]
            taken.forget()
            await taken.until(
                lambda: len({id(reading.point) for reading in taken.readings}) == 2_000, LIMIT_S
            )
            server.ask({"set": [told for name in names[::3] for told in set_to(name, -1.0)["set"]]})
            await taken.until(lambda: all(taken.last(each) == (-1.0, GOOD) for each in points[::3]), LIMIT_S)
            assert source.health.errors == {}
            asked = server.ask({"counts": True})["services"]
            assert asked["CreateMonitoredItemsRequest"] == 40


async def test_polling(server: ForeignServer) -> None:
    """Where the config says so every node is read every period, and no subscription is made."""
    names = ["polled/a", "polled/b", "polled/gone"]
    points, taken = [point(name) for name in names], Taken()
    server.keep({"add": [node(name, "Double", at) for at, name in enumerate(names[:2])]})
    before = server.ask({"counts": True})["services"].get("CreateSubscriptionRequest", 0)
    async with running(source := source_of(server, points, manner=Manner(is_polling=True)), taken):
        await taken.until(lambda: all(taken.of(each) for each in points))
        assert [taken.last(each) for each in points] == [(0.0, GOOD), (1.0, GOOD), (None, BAD)]
        for value in range(10, 15):
            server.ask(set_to("polled/a", value))
            await taken.until(lambda: taken.last(points[0]) == (value, GOOD))  # noqa: B023 (awaited at once)
        assert source.health.errors.keys() <= {"BadNodeIdUnknown", "no_value"}
    assert server.ask({"counts": True})["services"].get("CreateSubscriptionRequest", 0) == before


@pytest.mark.parametrize(
    ("allowed", "polled"),
    [({"maxMonitoredItems": 5}, 7), ({"maxSubscriptions": 0}, 12), ({"maxSubscriptionsPerSession": 1}, 6)],
)
async def test_what_cannot_be_watched_is_polled(
    server: ForeignServer, allowed: dict[str, int], polled: int
) -> None:
    """A server that watches few nodes, or has few subscriptions or none: every value and every change all the same."""
    names = [f"few/{polled}/{at}" for at in range(12)]
    points = [point(name, period_s=(0.2, 0.5)[at % 2]) for at, name in enumerate(names)]
    taken = Taken()
    manner = Manner(publish_s=0.3)  # two subscriptions, since a shorter period makes its own
    server.keep({"add": [node(name, "Int32", at) for at, name in enumerate(names)]})
    server.ask({"allow": allowed})
    try:
        async with running(source := source_of(server, points, manner=manner), taken):
            await taken.until_all(points)
            assert source.health.errors["polled_instead"] == polled
            server.ask(
                {"set": [told for at, name in enumerate(names) for told in set_to(name, 100 + at)["set"]]}
            )
            await taken.until(
                lambda: all(taken.last(each) == (100 + at, GOOD) for at, each in enumerate(points))
            )
            assert [taken.changes(each) for each in points] == [
                [(at, GOOD), (100 + at, GOOD)] for at in range(12)
            ]
            assert sessions(server) == 1
    finally:
        server.ask({"allow": dict.fromkeys(allowed, 100)})


async def test_a_deadband_that_the_server_keeps(server: ForeignServer) -> None:
    """Small changes come neither from the server nor from the source; the sum of them comes."""
    level = point("deadband/level", deadband=1.0, scale=0.1, max_silence_s=1.0)
    fine, taken = point("deadband/fine"), Taken()
    names = ["deadband/level", "deadband/fine"]
    server.keep({"add": [node(name, "Double", 100.0) for name in names]})
    async with running(source := source_of(server, [level, fine]), taken):
        await taken.until_all([level, fine])
        for step in range(1, 31):  # by 0.1 each in the unit of the point
            server.ask({"set": [told for name in names for told in set_to(name, 100.0 + step)["set"]]})
            await taken.until(lambda: taken.last(fine) == (100.0 + step, GOOD))  # noqa: B023 (awaited at once)
        await taken.until(lambda: abs(float(taken.of(level)[-1][0] or 0) - 13.0) <= 1.0)
        assert len(taken.changes(fine)) == 31
        assert 2 <= len(taken.changes(level)) <= 8
        assert source.health.errors == {}


async def test_what_is_found_by_browsing_can_be_read(server: ForeignServer) -> None:
    """A vendor's folder of many nodes, and an analog item with unit and range: found, and read as they were found."""
    names = [f"browsed/many/n{at}" for at in range(400)]
    flow = {
        "uri": DRIVES,
        "path": "browsed/Pump 1/Flow",
        "type": "Double",
        "value": 3.5,
        "range": [0, 50],
        "unit": "m³/h",
    }
    server.ask({"add": [flow, *(node(name, "Int16", at, id=None) for at, name in enumerate(names))]})
    session = OpcUaSession(url=f"opc.tcp://127.0.0.1:{server.port}/mine", timeout_s=10.0)
    try:
        await session.open()
        browsed = await browse(session)
    finally:
        await session.close()
    found = {"/".join(one.names): one for one in browsed.found if one.names[0] == "browsed"}
    assert found.keys() == {flow["path"], *names}
    assert [found[name].value for name in names] == list(range(400))
    pump = found["browsed/Pump 1/Flow"]
    assert (pump.data_type, pump.value, pump.unit, pump.low, pump.high) == ("Double", 3.5, "m³/h", 0.0, 50.0)
    points = [opcua_point(text) for one in found.values() for text in (one.node, one.path)]
    taken = Taken()
    async with running(source_of(server, points, timeout_s=10.0), taken):
        await taken.until(
            lambda: len({id(reading.point) for reading in taken.readings}) == len(points), LIMIT_S
        )
        expected = [(one.value, GOOD) for one in found.values() for _ in range(2)]
        assert [taken.last(each) for each in points] == expected
