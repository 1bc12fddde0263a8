"""What is asked of an OPC UA server, and single answers, in the terms of the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from asyncua import ua

from edge_agent.acquisition.browse_path import Step

PATH_DONE: Final = 0xFFFF_FFFF
"""Of a path that was followed to its end within this server."""


@dataclass(frozen=True, slots=True)
class Item:
    """A node to be watched: the number that comes back with its values, and how often it is sampled."""

    handle: int
    node: ua.NodeId
    sampling_s: float
    queue: int
    """Values that the server keeps between two publications; the oldest go first."""
    deadband: float = 0.0
    """Changes of at most this much the server keeps to itself; 0 for none."""


def request_of(item: Item) -> ua.MonitoredItemCreateRequest:
    """How a node is to be watched: every change of its status or value, sampled and kept by the server."""
    wanted = ua.MonitoringParameters(
        ClientHandle=item.handle,
        SamplingInterval=1000 * item.sampling_s,
        QueueSize=item.queue,
        DiscardOldest=True,
    )
    if item.deadband:
        wanted.Filter = ua.DataChangeFilter(
            ua.DataChangeTrigger.StatusValue, ua.DeadbandType.Absolute, item.deadband
        )
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(NodeId=item.node, AttributeId=ua.AttributeIds.Value),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=wanted,
    )


def browse_of(node: ua.NodeId) -> ua.BrowseDescription:
    """To look for what a node organizes, has as a part or as a property."""
    return ua.BrowseDescription(
        NodeId=node,
        BrowseDirection=ua.BrowseDirection.Forward,
        ReferenceTypeId=ua.NodeId(ua.ObjectIds.HierarchicalReferences),
        IncludeSubtypes=True,
        NodeClassMask=ua.NodeClass.Object | ua.NodeClass.Variable,
        ResultMask=ua.BrowseResultMask.All,
    )


def browse_path(steps: Sequence[Step], namespace: int) -> ua.BrowsePath:
    """A path from the Objects folder along hierarchical references."""
    return ua.BrowsePath(
        ua.NodeId(ua.ObjectIds.ObjectsFolder),
        ua.RelativePath([
            ua.RelativePathElement(
                ReferenceTypeId=ua.NodeId(ua.ObjectIds.HierarchicalReferences),
                IsInverse=False,
                IncludeSubtypes=True,
                TargetName=ua.QualifiedName(step.name, namespace if step.index is None else step.index),
            )
            for step in steps
        ]),
    )  # fmt: skip


def target_of(answer: ua.BrowsePathResult) -> ua.NodeId | str:
    """The node at the end of a path, or the name of what is wrong."""
    for target in answer.Targets or ():
        node = local(target.TargetId)
        if target.RemainingPathIndex == PATH_DONE and node is not None:
            return node
    return "BadNoMatch" if answer.StatusCode.is_good() else str(answer.StatusCode.name)


def local(node: ua.NodeId) -> ua.NodeId | None:
    """A node that the server names, unless it is another server's."""
    if isinstance(node, ua.ExpandedNodeId) and (node.ServerIndex or node.NamespaceUri):
        return None
    return ua.NodeId(node.Identifier, node.NamespaceIndex, node.NodeIdType)


def value_in(data: ua.DataValue) -> object:
    """What the server gave as value, if anything."""
    return data.Value.Value if data.Value is not None else None


def number_in(data: ua.DataValue) -> int:
    """A limit that the server states; 0 where it states none."""
    value = value_in(data)
    return max(0, value) if isinstance(value, int) else 0
