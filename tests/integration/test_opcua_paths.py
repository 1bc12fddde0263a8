"""Pins how nodes are found anew: by namespace URI and by browse path, over restarts and changes of the server."""

from __future__ import annotations

import pytest
from asyncua import ua

from contract.point import Point
from contract.quality import Quality
from edge_agent.sources.opcua_follow import Manner
from tests.opcua_server import URI, OpcUaServer, opcua_server
from tests.opcua_sources import source_of
from tests.points import opcua_point
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE


def at_path(path: str, **fields: object) -> Point:
    """A point on the variable at the end of a path."""
    return opcua_point(f"nsu={URI};/{path}", **fields)  # type: ignore[arg-type]  # fields by name


async def write(server: OpcUaServer, node: ua.NodeId, value: object) -> None:
    """Give the variable with this id a value."""
    await server.server.write_attribute_value(node, ua.DataValue(ua.Variant(value)))


async def test_a_node_by_the_names_on_the_way() -> None:
    """Through folders, with names that hold what would mean something else, watched like any other."""
    position, odd = at_path("F1/Shearer/Position"), at_path("F1/50&/60 Hz: main && aux")
    standard = opcua_point("/Server/ServerStatus/State")
    taken = Taken()
    async with opcua_server({}) as server:
        node = await server.put("F1/Shearer/Position", 12.5)
        folder = await server.server.nodes.objects.get_child(f"{server.index}:F1")
        name = ua.QualifiedName("50/60 Hz: main & aux", server.index)
        await folder.add_variable(ua.NodeId(77, server.index), name, 50)
        async with running(source := source_of(server.url, [position, odd, standard]), taken):
            await taken.until_all([position, odd, standard])
            assert [taken.last(each) for each in (position, odd, standard)] == [
                (12.5, GOOD),
                (50, GOOD),
                (0, GOOD),
            ]
            await write(server, node, 13.0)
            await taken.until(lambda: taken.last(position) == (13.0, GOOD))
            assert source.health.errors == {}
            assert server.odd.asked["translate_browsepaths_to_nodeids"] == 1


async def test_a_path_that_leads_nowhere_is_bad_on_its_own() -> None:
    """Nothing there, an unknown namespace, no path at all: the others go on, and it counts once it is there."""
    here, late = at_path("F1/here"), at_path("F1/late")
    elsewhere, broken = opcua_point("nsu=urn:no:such;/F1/here"), opcua_point(f"nsu={URI};/F1//here")
    taken = Taken()
    async with opcua_server({}) as server:
        await server.put("F1/here", 1)
        async with running(source := source_of(server.url, [late, elsewhere, broken, here]), taken):
            await taken.until_all([here])
            await taken.until_all([late, elsewhere, broken], BAD)
            assert {
                "BadNoMatch",
                "namespace_unknown",
                "browse_path_unreadable",
            } <= source.health.errors.keys()
            await server.put("F1/late", 5)
            await taken.until(lambda: taken.last(late) == (5, GOOD))
            assert taken.of(elsewhere) == taken.of(broken) == [(None, BAD)]
            assert server.odd.sessions == 1


async def test_a_server_that_knows_no_paths() -> None:
    """It refuses the whole request: points with a node id go on."""
    by_path, by_id = at_path("F1/level"), opcua_point(f"nsu={URI};s=level")
    taken = Taken()
    async with opcua_server({"level": 1}) as server:
        server.odd.refused["translate_browsepaths_to_nodeids"] = ua.StatusCodes.BadServiceUnsupported
        async with running(source := source_of(server.url, [by_path, by_id]), taken):
            await taken.until_all([by_id])
            await taken.until_all([by_path], BAD)
            assert source.health.errors["BadServiceUnsupported"] >= 1
            assert source.health.connected


async def test_many_paths_in_requests_that_the_server_takes() -> None:
    """A server that takes fewer than it says is asked for fewer, and every path is found."""
    names = [f"F{number % 3}/n{number}" for number in range(60)]
    points, taken = [at_path(name) for name in names], Taken()
    async with opcua_server({}) as server:
        for number, name in enumerate(names):
            await server.put(name, number)
        server.odd.paths_max = 8
        async with running(source := source_of(server.url, points), taken):
            await taken.until_all(points)
            assert [taken.last(each) for each in points] == [(number, GOOD) for number in range(60)]
            assert source.health.errors == {}


async def test_a_restart_that_gives_new_ids_and_new_indexes() -> None:
    """The path is followed anew, to another node in a namespace with another index."""
    points, taken = [at_path("F1/level"), at_path("F1/flow", period_s=0.2)], Taken()
    async with opcua_server({}, namespaces_before=["urn:x"]) as server:
        first = [await server.put("F1/level", 1), await server.put("F1/flow", 2)]
        async with running(source_of(server.url, points), taken):
            await taken.until_all(points)
            await server.stop()
            await taken.until_all(points, STALE)
            server.namespaces_before = ["urn:x", "urn:y", "urn:z"]
            await server.start()
            await server.put("other", 0)
            second = [await server.put("F1/level", 10), await server.put("F1/flow", 20)]
            await taken.until_all(points)
            assert [taken.last(each) for each in points] == [(10, GOOD), (20, GOOD)]
            assert {node.NamespaceIndex for node in first}.isdisjoint(node.NamespaceIndex for node in second)


@pytest.mark.filterwarnings(
    "ignore:coroutine 'MonitoredItemService", "ignore::pytest.PytestUnraisableExceptionWarning"
)
async def test_a_node_that_is_made_anew_under_another_id() -> None:
    """A controller whose program is loaded again, without the server stopping, watched or polled."""
    for manner in (Manner(), Manner(is_polling=True)):
        level, taken = at_path("F1/level", max_silence_s=0.4), Taken()
        async with opcua_server({}) as server:
            node = await server.put("F1/level", 1)
            async with running(source_of(server.url, [level], manner=manner), taken):
                await taken.until_all([level])
                await server.server.delete_nodes([server.server.get_node(node)])
                await taken.until_all([level], BAD)
                again = await server.put("F1/level", 2)
                assert again != node
                await taken.until(lambda: taken.last(level) == (2, GOOD))  # noqa: B023 (awaited at once)
                await write(server, again, 3)
                await taken.until(lambda: taken.last(level) == (3, GOOD))  # noqa: B023 (awaited at once)


async def test_namespaces_that_change_places_under_a_session() -> None:
    """The indexes that the session works with mean something else now: all nodes are looked for anew."""
    level, taken = opcua_point(f"nsu={URI};s=level"), Taken()
    async with (
        opcua_server({"level": 1}, namespaces_before=["urn:x"]) as server,
        running(source := source_of(server.url, [level]), taken),
    ):
        await taken.until_all([level])
        table = await server.server.get_namespace_array()
        there, before = table.index(URI), table.index("urn:x")
        table[there], table[before] = table[before], table[there]
        await write(server, ua.NodeId(ua.ObjectIds.Server_NamespaceArray), table)
        await taken.until(lambda: source.health.errors.get("namespaces_changed"))
        await server.server.nodes.objects.add_variable(ua.NodeId("level", before), "level", 7)
        await taken.until(lambda: taken.last(level) == (7, GOOD))


async def test_a_namespace_that_is_added_disturbs_nobody() -> None:
    """The table only grows: the session goes on, and points of the new namespace are found."""
    here, new, taken = opcua_point(f"nsu={URI};s=level"), opcua_point("nsu=urn:new;s=level"), Taken()
    async with (
        opcua_server({"level": 1}) as server,
        running(source := source_of(server.url, [here, new]), taken),
    ):
        await taken.until_all([here])
        await taken.until_all([new], BAD)
        index = await server.server.register_namespace("urn:new")
        await server.server.nodes.objects.add_variable(ua.NodeId("level", index), "level", 7)
        await taken.until(lambda: taken.last(new) == (7, GOOD))
        assert taken.of(here) == [(1, GOOD)]
        assert "namespaces_changed" not in source.health.errors
        assert server.odd.sessions == 1
