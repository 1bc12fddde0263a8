"""What variables an OPC UA server has: found from a folder down, with type, value, unit and range.

The search goes level by level and never twice to a node, so that loops of references end; it is bounded by the
number of nodes looked at and by depth. The server's description of itself is left out unless the search starts
there. A property is no variable of its own: `EngineeringUnits` and `EURange` (Part 8, 5.3.2) tell of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from asyncua import ua

from contract.quality import Quality
from edge_agent.acquisition.browse_path import path_of
from edge_agent.acquisition.opc_status import quality_of
from edge_agent.sources.opcua_requests import local, value_in
from edge_agent.sources.opcua_session import OpcUaSession

NODES_MAX: Final = 20_000
DEPTH_MAX: Final = 16
UNIT, RANGE = "EngineeringUnits", "EURange"
TYPE_NAMES: Final = {ua.NodeId(kind.value): kind.name for kind in ua.VariantType}


@dataclass(frozen=True, slots=True)
class Found:
    """A variable. `value` is what the server said of it just now, in Python's types; `None` if it is not good."""

    node: str
    """For a point table: `nsu=http://example.com/mine;s=F1.Shearer.Position`."""
    path: str
    """For a point table too; empty where no path would outlive a restart of the server."""
    names: tuple[str, ...]
    """Browse names from where the search began."""
    data_type: str
    """`Double`, `Boolean`, …; of a type of the server's own its node id."""
    is_array: bool
    value: object
    quality: Quality
    unit: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Browsed:
    """What a search found, and whether it came to an end before its bounds."""

    found: tuple[Found, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A node on the way: its id, and the qualified names (index, name) that lead to it from Objects."""

    node: ua.NodeId
    names: tuple[tuple[int, str], ...]


async def browse(
    session: OpcUaSession, below: str | None = None, *, nodes_max: int = NODES_MAX, depth_max: int = DEPTH_MAX
) -> Browsed:
    """The variables below a node, given as in a point table (default: the Objects folder), nearest first.

    Raises `NoNode` for a node that means nothing to the server, and `SessionFailure`.
    """
    objects = ua.NodeId(ua.ObjectIds.ObjectsFolder)
    start = objects if below is None else session.node(below)
    seen = {start, ua.NodeId(ua.ObjectIds.Server)}
    full = len(seen) + nodes_max
    level, variables, is_cut = [Place(start, ())], list[Place](), False
    properties: dict[ua.NodeId, dict[str, ua.NodeId]] = {}
    for _ in range(depth_max):
        parents, level = level, []
        for parent, references in zip(
            parents, await session.below([one.node for one in parents]), strict=True
        ):
            for reference in references:
                node, name = local(reference.NodeId), reference.BrowseName
                if node is None or node in seen:
                    continue
                if reference.ReferenceTypeId == ua.NodeId(ua.ObjectIds.HasProperty):
                    properties.setdefault(parent.node, {})[name.Name] = node
                elif len(seen) >= full:
                    is_cut = True
                else:
                    seen.add(node)
                    level.append(Place(node, (*parent.names, (name.NamespaceIndex, name.Name or ""))))
                    if reference.NodeClass == ua.NodeClass.Variable:
                        variables.append(level[-1])
    found = await described(session, variables, properties, with_path=start == objects)
    return Browsed(tuple(found), is_whole=not level and not is_cut)


async def described(
    session: OpcUaSession,
    variables: Sequence[Place],
    properties: Mapping[ua.NodeId, Mapping[str, ua.NodeId]],
    *,
    with_path: bool,
) -> list[Found]:
    """Variables with what the server says of them."""
    nodes = [place.node for place in variables]
    types = await session.read(nodes, ua.AttributeIds.DataType)
    values = await session.read(nodes)
    own = [properties.get(node, {}) for node in nodes]
    wanted = [one[name] for one in own for name in (UNIT, RANGE) if name in one]
    told = dict(zip(wanted, map(value_in, await session.read(wanted)), strict=True))
    found = []
    for place, kind, data, one in zip(variables, types, values, own, strict=True):
        quality = quality_of(data.StatusCode.value if data.StatusCode is not None else 0)
        path = path_of(place.names, session.namespaces) if with_path else None
        low, high = range_of(told.get(one.get(RANGE)))
        found.append(
            Found(
                node=session.text(place.node),
                path="" if path is None else str(path),
                names=tuple(name for _, name in place.names),
                data_type=type_name(session, value_in(kind)),
                is_array=data.Value is not None and bool(data.Value.is_array),
                value=value_in(data) if quality is Quality.GOOD else None,
                quality=quality,
                unit=unit_of(told.get(one.get(UNIT))),
                low=low,
                high=high,
            )
        )
    return found


def type_name(session: OpcUaSession, kind: object) -> str:
    """A data type by name."""
    if not isinstance(kind, ua.NodeId):
        return ""
    return TYPE_NAMES.get(kind) or session.text(kind)


def unit_of(told: object) -> str:
    """The sign of a unit; empty where none is told."""
    return (told.DisplayName.Text or "") if isinstance(told, ua.EUInformation) else ""


def range_of(told: object) -> tuple[float | None, float | None]:
    """The bounds that a server states for a value."""
    return (float(told.Low), float(told.High)) if isinstance(told, ua.Range) else (None, None)
