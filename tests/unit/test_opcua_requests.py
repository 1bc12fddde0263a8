"""Pins what single answers of an OPC UA server are taken for, and how a wish to watch a node is put."""

from __future__ import annotations

import pytest
from asyncua import ua

from edge_agent.sources.opcua_requests import PATH_DONE, Item, local, number_in, request_of, target_of

NODE = ua.NodeId("F1.Level", 2)


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        (ua.DataValue(ua.Variant(60, ua.VariantType.UInt32)), 60),
        (ua.DataValue(ua.Variant(0, ua.VariantType.UInt32)), 0),
        (ua.DataValue(ua.Variant(-1, ua.VariantType.Int32)), 0),
        (ua.DataValue(ua.Variant("many")), 0),
        (ua.DataValue(ua.Variant()), 0),
        (ua.DataValue(StatusCode=ua.StatusCode(ua.StatusCodes.BadNodeIdUnknown)), 0),
    ],
)
def test_a_limit(data: ua.DataValue, limit: int) -> None:
    """Only what is a number counts; a server need not state any."""
    assert number_in(data) == limit


def answer(*targets: tuple[ua.NodeId, int], code: int = 0) -> ua.BrowsePathResult:
    """To the wish to follow a path."""
    return ua.BrowsePathResult(ua.StatusCode(code), [ua.BrowsePathTarget(*target) for target in targets])


@pytest.mark.parametrize(
    ("given", "target"),
    [
        (answer((NODE, PATH_DONE)), NODE),
        (answer((ua.ExpandedNodeId("F1.Level", 2), PATH_DONE)), NODE),
        (answer((ua.ExpandedNodeId("x", 2, ServerIndex=1), 1), (NODE, PATH_DONE)), NODE),
        (answer((NODE, 1)), "BadNoMatch"),
        (answer((ua.ExpandedNodeId("x", 2, ServerIndex=1), PATH_DONE)), "BadNoMatch"),
        (answer(), "BadNoMatch"),
        (answer(code=ua.StatusCodes.BadTooManyMatches), "BadTooManyMatches"),
    ],
)
def test_the_end_of_a_path(given: ua.BrowsePathResult, target: ua.NodeId | str) -> None:
    """A node of this server to which the whole path leads; else what is wrong."""
    assert target_of(given) == target


def test_a_node_of_another_server() -> None:
    """Or one named by its namespace's URI: the session could not read it."""
    assert local(ua.ExpandedNodeId("x", 2)) == ua.NodeId("x", 2)
    assert local(ua.ExpandedNodeId("x", 0, NamespaceUri="urn:x")) is None


def test_a_wish_to_watch() -> None:
    """Values and status, sampled and queued as said, the oldest dropped first; a deadband only where there is one."""
    plain = request_of(Item(7, NODE, 0.5, 3)).RequestedParameters
    assert (plain.ClientHandle, plain.SamplingInterval, plain.QueueSize, plain.DiscardOldest) == (
        7,
        500.0,
        3,
        True,
    )
    assert not isinstance(plain.Filter, ua.DataChangeFilter)
    held = request_of(Item(7, NODE, 0.5, 3, deadband=1.5)).RequestedParameters.Filter
    assert (held.Trigger, held.DeadbandType, held.DeadbandValue) == (
        ua.DataChangeTrigger.StatusValue, ua.DeadbandType.Absolute, 1.5,
    )  # fmt: skip
