"""Pins what browsing finds in an OPC UA server, and that it ends whatever the server is like."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from asyncua import ua

from contract.quality import Quality
from edge_agent.sources.opcua_browse import Found, browse
from edge_agent.sources.opcua_failure import NoNode
from edge_agent.sources.opcua_session import OpcUaSession
from tests.opcua_server import URI, OpcUaServer, opcua_server
from tests.opcua_sources import source_of
from tests.points import opcua_point
from tests.taken import Taken, running


@asynccontextmanager
async def session_with(server: OpcUaServer) -> AsyncIterator[OpcUaSession]:
    """An open one."""
    session = OpcUaSession(url=server.url, timeout_s=5.0)
    try:
        await session.open()
        yield session
    finally:
        await session.close()


def found_as(name: str, path: str, **fields: object) -> Found:
    """A good number without unit and range, unless said otherwise."""
    plain = {
        "node": f"nsu={URI};s={name}", "path": path, "names": (name,), "data_type": "Double", "is_array": False,
        "value": 1.5, "quality": Quality.GOOD, "unit": "", "low": None, "high": None,
    }  # fmt: skip
    return Found(**{**plain, **fields})  # type: ignore[arg-type]  # fields by name


async def test_variables_with_what_the_server_tells_of_them() -> None:
    """Types, arrays, bad values, unit and range; properties and the server itself are left out."""
    values = {"real": 1.5, "on": True, "text": "远程", "list": [1, 2]}
    async with opcua_server(values) as server:
        folder = await server.server.nodes.objects.add_folder(
            ua.NodeId("F1", server.index), server.named("F1")
        )
        flow = await folder.add_variable(ua.NodeId("F1.Flow", server.index), server.named("Flow"), 7.0)
        unit = ua.EUInformation(DisplayName=ua.LocalizedText("m³/h"))
        await flow.add_property(0, "EngineeringUnits", unit)
        await flow.add_property(0, "EURange", ua.Range(0.0, 600.0))
        await flow.add_property(0, "Definition", "DB1.DBD4")
        await server.set("on", True, StatusCode=ua.StatusCode(ua.StatusCodes.BadSensorFailure))
        async with session_with(server) as session:
            browsed = await browse(session)
            below = await browse(session, f"nsu={URI};s=F1")
    assert browsed.is_whole
    assert list(browsed.found) == [
        found_as("real", "ns=0;/real"),
        found_as("on", "ns=0;/on", data_type="Boolean", value=None, quality=Quality.BAD),
        found_as("text", "ns=0;/text", data_type="String", value="远程"),
        found_as("list", "ns=0;/list", data_type="Int64", value=[1, 2], is_array=True),
        found_as(
            "F1.Flow",
            f"nsu={URI};/F1/Flow",
            names=("F1", "Flow"),
            value=7.0,
            unit="m³/h",
            low=0.0,
            high=600.0,
        ),
    ]
    assert [(one.node, one.path, one.names) for one in below.found] == [
        (f"nsu={URI};s=F1.Flow", "", ("Flow",))
    ]


async def test_what_was_found_can_be_read() -> None:
    """By its node id and by its path."""
    async with opcua_server({}) as server:
        await server.put("F1/a & b: 50/60", 3)  # the slash makes a folder
        async with session_with(server) as session:
            [found] = (await browse(session)).found
        assert found.names == ("F1", "a & b: 50", "60")
        points, taken = [opcua_point(found.node), opcua_point(found.path)], Taken()
        async with running(source_of(server.url, points), taken):
            await taken.until_all(points)
            assert [taken.last(point) for point in points] == [(3, Quality.GOOD)] * 2


async def test_loops_and_several_ways_to_a_node() -> None:
    """Each variable once, and an end."""
    async with opcua_server({}) as server:
        level = await server.put("A/B/level", 1)
        outer = await server.server.nodes.objects.get_child(server.named("A"))
        inner = await outer.get_child(server.named("B"))
        for way, to in ((inner, outer), (outer, server.server.get_node(level))):
            like = server.server.iserver.aspace[server.server.nodes.objects.nodeid].references[-1]
            to_node = dataclasses.replace(
                like,
                NodeId=to.nodeid,
                BrowseName=await to.read_browse_name(),
                NodeClass=await to.read_node_class(),
            )
            server.server.iserver.aspace[way.nodeid].references.append(
                to_node
            )  # the library would refuse a loop
        async with session_with(server) as session:
            browsed = await browse(session)
    assert browsed.is_whole
    assert [one.names for one in browsed.found] == [("A", "level")]


@pytest.mark.parametrize(
    ("bounds", "count"), [({"nodes_max": 6}, 4), ({"depth_max": 1}, 10), ({"depth_max": 2}, 11)]
)
async def test_bounds(bounds: dict[str, int], count: int) -> None:
    """What was found by then, and that it is not all."""
    async with opcua_server({f"n{number}": 1.5 for number in range(10)}) as server:
        await server.put("A/b", 1)
        await server.put("A/B/c", 1)
        async with session_with(server) as session:
            browsed = await browse(session, **bounds)  # type: ignore[arg-type]  # bounds by name
    assert not browsed.is_whole
    assert len(browsed.found) == count


async def test_a_start_that_is_not_there() -> None:
    """A namespace that the server does not know; a node that it does not have is empty."""
    async with opcua_server({}) as server, session_with(server) as session:
        with pytest.raises(NoNode, match="namespace_unknown"):
            await browse(session, "nsu=urn:no:such;s=x")
        assert (await browse(session, f"nsu={URI};s=x")).found == ()
        assert server.odd.asked.keys() <= {"activate_session", "read", "browse"}
