"""A foreign OPC UA server (npm node-opcua) that hangs, breaks connections, restarts, and states no limits.

It keeps the session of a broken connection until its time is up, and its subscriptions longer than that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.quality import Quality
from edge_agent.sources import opcua_session
from tests.foreign_opcua import DRIVES, LIMIT_S, MINE, node, point, sessions, set_to, source_of
from tests.foreign_servers import ForeignServer, opcua_server, serving
from tests.points import opcua_point
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE

READING = {
    f"{service}Request"
    for service in (
        "GetEndpoints", "OpenSecureChannel", "CloseSecureChannel", "CreateSession", "ActivateSession", "CloseSession",
        "Read", "Browse", "TranslateBrowsePathsToNodeIds", "CreateSubscription", "DeleteSubscriptions",
        "CreateMonitoredItems", "DeleteMonitoredItems", "Publish",
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignServer]:
    """One to be broken, with one node."""
    server = opcua_server(tmp_path_factory.mktemp("frail"), namespaces=[MINE, DRIVES])
    server.kept = [{"add": [node("F1/level", "Int32", 1)]}]
    with serving(server) as running:
        yield running


async def test_a_server_that_hangs(frail: ForeignServer) -> None:
    """The connection stands and nothing comes: stale, then bad; what comes late is no news, and a new session is."""
    level, taken = point("F1/hanging", stale_after_s=4.0, max_silence_s=1.0), Taken()
    frail.ask({"add": [node("F1/hanging", "Int32", 1)]})
    async with running(source_of(frail, [level], timeout_s=1.0), taken):
        await taken.until_all([level])
        frail.freeze()
        try:
            await taken.until_all([level], STALE)
            await taken.until_all([level], BAD)
        finally:
            frail.thaw()
        await taken.until_all([level])
        assert taken.changes(level) == [(1, GOOD), (None, STALE), (None, BAD), (1, GOOD)]
        frail.ask(set_to("F1/hanging", 2))
        await taken.until(lambda: taken.last(level) == (2, GOOD))


async def test_a_server_that_names_no_limits(tmp_path: Path) -> None:
    """A small controller's server has no node for its limits, and takes what it is asked."""
    points, taken = [point(f"F1/{at}", max_silence_s=0.8) for at in range(600)], Taken()
    without = ["i=11705", "i=11714", "i=11704"]
    with serving(opcua_server(tmp_path, namespaces=[MINE], without=without)) as server:
        server.keep({"add": [node(f"F1/{at}", "Int32", at) for at in range(600)]})
        async with running(source := source_of(server, points, timeout_s=10.0), taken):
            await taken.until(lambda: all(len(taken.of(each)) >= 2 for each in points), LIMIT_S)
            assert source.health.errors == {}


async def test_sessions_do_not_pile_up(frail: ForeignServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes three sessions, and more breaks than that within the time that it keeps a broken one.

    The source comes in again when the server has dropped a session; in the end there are one and one subscription.
    """
    monkeypatch.setattr(opcua_session, "SESSION_MIN_S", 4.0)
    monkeypatch.setattr(opcua_session, "KEEP_ALIVE_S", 1.0)
    frail.ask({"allow": {"maxSessions": 3}})
    level, taken = point("F1/level"), Taken()
    async with running(source := source_of(frail, [level], timeout_s=1.0), taken):
        for _ in range(4):
            await taken.until_all([level])
            taken.forget()
            frail.ask({"drop": True})
            await taken.until(lambda: taken.changes(level) == [(None, STALE), (1, GOOD)], LIMIT_S)
        counts = {"sessions": 0, "subscriptions": 0}

        def is_alone() -> bool:
            counts.update(frail.ask({"counts": True}))
            return counts["sessions"] == counts["subscriptions"] == 1

        await taken.until(is_alone, LIMIT_S)
        assert source.health.errors["BadTooManySessions"] >= 1
    assert sessions(frail) == 0


async def test_only_services_that_read(frail: ForeignServer) -> None:
    """What the server was asked for over connecting, watching, confirming, a break and an end."""
    points, taken = [point("F1/level", max_silence_s=0.4), point("F1/missing")], Taken()
    async with running(source_of(frail, points), taken):
        await taken.until(lambda: len(taken.of(points[0])) >= 3)
        frail.ask({"drop": True})
        await taken.until_all(points[:1], STALE)
        await taken.until_all(points[:1])
    asked = frail.ask({"counts": True})["services"].keys()
    assert {"ReadRequest", "CreateMonitoredItemsRequest", "PublishRequest", "CloseSessionRequest"} <= asked
    assert asked <= READING


async def test_an_orderly_shutdown(frail: ForeignServer) -> None:
    """Stale at once, not when the keep-alives have run out; good again after the start."""
    level, taken = point("F1/level", stale_after_s=2.0, max_silence_s=1.0), Taken()
    async with running(source_of(frail, [level]), taken):
        await taken.until_all([level])
        await asyncio.to_thread(frail.stop)
        await taken.until_all([level], STALE)
        await taken.until_all([level], BAD)
        await asyncio.to_thread(frail.start)
        await taken.until_all([level])
        assert sessions(frail) == 1


def mine_and_drives(first: int) -> dict[str, object]:
    """Nodes of both namespaces; the server numbers some of them as it likes."""
    return {"add": [
        node("F1/a", "Int32", first), node("F1/a", "Int32", first + 1, uri=DRIVES),
        {"uri": DRIVES, "path": "F1/Shearer/Speed", "type": "Float", "value": first + 0.5},
        {"uri": MINE, "path": ["F1", "Flow/Rate: 1&2"], "type": "Int16", "value": first + 2},
    ]}  # fmt: skip


async def test_a_restart_that_numbers_everything_anew(tmp_path: Path) -> None:
    """A power cut, then namespaces in another order and nodes with other numbers: found by their names, all of them."""
    points = [
        point("F1/a"), point("F1/a", uri=DRIVES),
        opcua_point(f"nsu={DRIVES};/F1/Shearer/Speed"), opcua_point(f"nsu={MINE};/F1/Flow&/Rate&: 1&&2"),
    ]  # fmt: skip
    absent = [opcua_point(f"nsu={MINE};/F1/Shearer/Speed"), opcua_point("nsu=urn:no:such;/F1/Speed")]
    first = opcua_server(tmp_path, namespaces=[MINE, DRIVES])
    second = opcua_server(tmp_path, namespaces=["urn:new", DRIVES, MINE])
    second.port = first.port
    others = [node(f"X/{at}", "Int32", -1, uri=uri, id=None) for uri in (MINE, DRIVES) for at in range(5)]
    strangers = [node("F1/a", "Int32", -1, uri="urn:new"), *others]
    first.kept, second.kept = [mine_and_drives(1)], [{"add": strangers}, mine_and_drives(10)]
    taken = Taken()
    with serving(first):
        async with running(source := source_of(first, [*points, *absent]), taken):
            await taken.until(lambda: all(taken.of(each) for each in [*points, *absent]))
            indexes = first.ask({"counts": True})["namespaces"]
            first.kill()
            await taken.until_all(points, STALE)
            assert not source.health.connected
            try:
                await asyncio.to_thread(second.start)
                await taken.until_all(points)
                assert second.ask({"counts": True})["namespaces"] != indexes
                before, after = [1, 2, 1.5, 3], [10, 11, 10.5, 12]
                assert [taken.changes(each) for each in points] == [
                    [(old, GOOD), (None, STALE), (new, GOOD)] for old, new in zip(before, after, strict=True)
                ]
                second.ask({"set": [{"uri": DRIVES, "path": "F1/Shearer/Speed", "value": 9.5}]})
                await taken.until(lambda: taken.last(points[2]) == (9.5, GOOD))
                assert {value for each in absent for value, _ in taken.of(each)} == {None}
                assert {"BadNoMatch", "namespace_unknown"} <= source.health.errors.keys()
                assert sessions(second) == 1
            finally:
                second.stop()
