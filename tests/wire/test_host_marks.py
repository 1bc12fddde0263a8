"""Marks that the host makes when it loses a gateway: told apart from what a gateway says of its own devices."""

from __future__ import annotations

from contract.quality import Quality
from gateway.ingest.actions import Action, Record
from gateway.ingest.host_session import BIRTHS_MS
from tests.wire.peer import AREA, FLOW, T0, Peer, born, flow


def by_host(actions: list[Action]) -> list[tuple[str | None, bool, int]]:
    """Of each record its device, whether the host made it, and how many samples it has."""
    return [(one.device, one.by_host, len(one.samples)) for one in actions if isinstance(one, Record)]


def test_a_lost_node_is_marked_by_the_host() -> None:
    session, peer = born()
    assert by_host(session.message(*peer.ddata(flow(2.0, T0 + 1)), T0 + 1)) == [(AREA, False, 1)]
    assert by_host(session.message(*peer.ndeath(), T0 + 9_000)) == [(None, True, 0), (AREA, True, 2)]


def test_a_device_that_its_node_calls_lost_is_no_mark_of_the_host() -> None:
    """The node is there and says so: nothing more will come of that time."""
    session, peer = born()
    assert by_host(session.message(*peer.ddeath(at=T0 + 5_000), T0 + 5_001)) == [(AREA, False, 2)]


def test_a_device_that_is_not_born_again_is_marked_by_the_host() -> None:
    """Its node came back without it; what it read meanwhile may lie in the node's outbox."""
    session, peer = born()
    session.message(*peer.ndeath(), T0 + 1_000)
    session.message(*Peer(bd_seq=1).nbirth(at=T0 + 2_000), T0 + 2_000)
    for state in session.nodes[next(iter(session.nodes))].devices[AREA].metrics.values():
        state.quality = Quality.GOOD  # as after a back-fill of the time before it was lost
    assert by_host(session.timer(T0 + 2_000 + BIRTHS_MS)) == [(AREA, True, 2)]


def test_what_a_birth_says_is_the_gateway_s_own() -> None:
    session, peer = born()
    session.message(*peer.ndeath(), T0 + 1_000)
    session.message(*peer.nbirth(at=T0 + 2_000), T0 + 2_000)
    assert by_host(session.message(*peer.dbirth(FLOW, at=T0 + 2_000), T0 + 2_001)) == [(AREA, False, 1)]
