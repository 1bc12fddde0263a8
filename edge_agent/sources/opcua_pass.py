"""One pass over the points of an OPC UA source: one session, each node found and read as the agent does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from asyncua import ua

from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition import browse_path
from edge_agent.acquisition.decode import any_converter
from edge_agent.acquisition.opc_status import quality_of
from edge_agent.acquisition.reading import Reading
from edge_agent.source_config.opcua import OpcUaSource
from edge_agent.sources.one_pass import GOOD, NO_VALUE, Pass, Read
from edge_agent.sources.opcua_failure import NoNode, SessionFailure
from edge_agent.sources.opcua_follow import Follow, Manner
from edge_agent.sources.opcua_security import identity_of, security_of
from edge_agent.sources.opcua_session import OpcUaSession
from edge_agent.sources.opcua_values import EPOCH, MILLISECOND, NO_TIME, given_in
from edge_agent.sources.source import Now, SourceHealth


async def opcua_pass(config: OpcUaSource, points: Sequence[Point], now: Now) -> Pass:
    """Read every point once."""
    session = session_of(config)
    found = Pass(now)
    clock_s = asyncio.get_running_loop().time
    try:
        await session.open()
        follow = Follow(session, points, Manner(), name=config.name, health=SourceHealth(), clock_s=clock_s)
        nodes, refused = await follow.resolve(range(len(points)))
        for at, kind in refused.items():
            found.fail([points[at]], kind)
        for at, data in zip(nodes, await session.read(list(nodes.values())), strict=True):
            found.reads[points[at].key] = read_of(points[at], data, now())
    except SessionFailure as failure:
        found.failure = str(failure)
        found.fail(points, failure.kind, Quality.STALE)
    finally:
        await session.close()
    return found


def session_of(config: OpcUaSource) -> OpcUaSession:
    """A session as the source's config has it, not open yet."""
    return OpcUaSession(
        url=config.url,
        timeout_s=config.timeout_s,
        identity=identity_of(config),
        security=security_of(config),
    )


def read_of(point: Point, data: ua.DataValue, at_ms: int) -> Read:
    """What the server says of a point."""
    status = data.StatusCode
    given = given_in(data)
    stamp = data.SourceTimestamp or data.ServerTimestamp
    source_at_ms = (stamp - EPOCH) // MILLISECOND if stamp is not None and stamp > NO_TIME else at_ms
    quality = quality_of(status.value if status is not None else 0)
    value = any_converter(point)(given) if quality is Quality.GOOD else None
    trouble = GOOD
    if quality is not Quality.GOOD:
        trouble = str(status.name)
    elif value is None:
        quality, trouble = Quality.BAD, NO_VALUE
    return Read(
        Reading(point, value, quality, source_at_ms, at_ms), "" if given is None else repr(given), trouble
    )


async def node_at(session: OpcUaSession, text: str) -> str:
    """A node by its id, where it is given by its path; raises `NoNode`."""
    if not browse_path.is_path(text):
        return text
    try:
        (target,) = await session.translate([browse_path.parse(text)])
    except ValueError as error:
        raise NoNode("browse_path_unreadable") from error
    if isinstance(target, str):
        raise NoNode(target)
    return session.text(target)
