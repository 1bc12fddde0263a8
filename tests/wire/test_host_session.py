"""The host side clause by clause, against a node of nobody in particular."""

from __future__ import annotations

import pytest

from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from tests.wire.peer import (
    AREA,
    BOOLEAN,
    DOUBLE,
    FLOW,
    INT32,
    KEY,
    MODE,
    T0,
    Peer,
    born,
    flow,
    host,
    links,
    metric,
    rebirths,
    samples,
    state,
    values,
)  # fmt: skip

STALE = (None, Quality.STALE)


def test_births_bring_the_node_online_and_their_values() -> None:
    session, peer = host(), Peer()
    assert links(session.message(*peer.nbirth(), T0)) == [True]
    assert values(session.message(*peer.dbirth(FLOW, MODE), T0)) == [
        ("Pump 1/Flow", 1.0, 0), ("Control/Mode", "auto", 0),
    ]  # fmt: skip
    assert session.nodes[KEY].online


def test_data_by_alias_in_order_is_taken_at_once() -> None:
    session, peer = born()
    assert values(session.message(*peer.ddata(flow(2.0, T0 + 5)), T0 + 6)) == [("Pump 1/Flow", 2.0, 5)]
    assert state(session) == (2.0, Quality.GOOD, 5)


def test_data_by_name_and_node_metrics_are_taken_too() -> None:
    session, peer = host(), Peer()
    session.message(*peer.nbirth(metric("Uptime", datatype=INT32, int_value=1)), T0)
    assert values(session.message(*peer.ndata(metric("Uptime", at=T0 + 1, int_value=2)), T0)) == [
        ("Uptime", 2, 1)
    ]


def test_older_data_is_recorded_and_moves_no_newest_value() -> None:
    """Back-fill: tck has no id, chapter 6 says of is_historical that it is no current value."""
    session, peer = born()
    old = metric(alias=1, at=T0 - 60_000, double_value=9.0, is_historical=True)
    assert values(session.message(*peer.ddata(old), T0)) == [("Pump 1/Flow", 9.0, -60_000)]
    assert state(session) == (1.0, Quality.GOOD, 0)


def test_a_birth_that_does_not_start_at_0_is_followed_from_where_it_starts() -> None:
    """tck-id-payloads-nbirth-seq allows 0–255 where topics-nbirth-seq-num says 0: peers do either."""
    session, peer = host(), Peer()
    topic, _ = peer.nbirth()
    session.message(topic, Payload(timestamp=T0, seq=7).SerializeToString(), T0)
    peer.seq = 8
    assert values(session.message(*peer.dbirth(FLOW), T0)) == [("Pump 1/Flow", 1.0, 0)]


def test_a_birth_makes_earlier_aliases_void() -> None:
    """A node may number its metrics anew with each birth; what an old number meant must not be guessed."""
    session, peer = born()
    session.message(*peer.nbirth(), T0)
    current = metric("Pump 1/Current", alias=1, datatype=DOUBLE, double_value=5.0)
    session.message(*peer.dbirth(current), T0)
    actions = session.message(*peer.ddata(flow(6.0, T0 + 1), metric(alias=2, string_value="auto")), T0)
    assert values(actions) == [("Pump 1/Current", 6.0, 1)]
    assert session.counts["unknown_metric"] == 1


# Order


def test_early_message_waits_and_is_taken_in_order() -> None:
    """tck-id-operational-behavior-host-reordering-success."""
    session, peer = born()
    first, second = peer.ddata(flow(2.0, T0 + 1)), peer.ddata(flow(3.0, T0 + 2))
    assert session.message(*second, T0) == []
    assert session.nodes[KEY].reorder_due_ms == T0 + session.reorder_ms
    assert [value for _, value, _ in values(session.message(*first, T0 + 1))] == [2.0, 3.0]
    assert session.nodes[KEY].reorder_due_ms is None
    assert rebirths(session.timer(T0 + 60_000)) == 0


def test_unfilled_hole_asks_for_a_rebirth_and_keeps_the_values() -> None:
    """tck-id-operational-behavior-host-reordering-start, -rebirth."""
    session, peer = born(reorder_ms=2_000)
    peer.ddata(flow(2.0, T0 + 1))
    session.message(*peer.ddata(flow(3.0, T0 + 2)), T0)
    assert session.timer(T0 + 1_999) == []
    actions = session.timer(T0 + 2_000)
    assert values(actions) == [("Pump 1/Flow", 3.0, 2)]
    assert rebirths(actions) == 1
    assert values(session.message(*peer.ddata(flow(4.0, T0 + 3)), T0 + 2_001)) == [("Pump 1/Flow", 4.0, 3)]


def test_reorder_timeout_is_configurable() -> None:
    """tck-id-operational-behavior-host-reordering-param."""
    session, peer = born(reorder_ms=7)
    peer.seq += 1
    session.message(*peer.ddata(flow(3.0, T0 + 2)), T0)
    assert rebirths(session.timer(T0 + 7)) == 1


@pytest.mark.parametrize("late", [1, 2, 100])
def test_a_message_delivered_twice_does_not_set_the_order_back(late: int) -> None:
    """A second delivery of an old `seq` looks like a message 255 places early; it must not unsettle the rest."""
    session, peer = born()
    twice = peer.ddata(flow(2.0, T0 + 1))
    session.message(*twice, T0)
    for number in range(late - 1):
        session.message(*peer.ddata(flow(number, T0 + 2)), T0)
    session.message(*twice, T0)
    session.timer(T0 + 2_000)
    assert values(session.message(*peer.ddata(flow(4.0, T0 + 3)), T0 + 2_001)) == [("Pump 1/Flow", 4.0, 3)]


def test_seq_wraps_after_255() -> None:
    """tck-id-payloads-sequence-num-incrementing."""
    session, peer = born()
    for number in range(600):
        assert len(values(session.message(*peer.ddata(flow(number, T0 + number)), T0))) == 1
    assert session.counts["out_of_order"] == 0


def test_what_waits_is_bounded() -> None:
    session, peer = born(reorder_max=10)
    peer.seq += 1
    for number in range(11):
        actions = session.message(*peer.ddata(flow(number, T0 + number)), T0)
    assert len(values(actions)) == 11
    assert not session.nodes[KEY].waiting


# Death


def test_ndeath_makes_every_metric_of_node_and_devices_stale_at_host_time() -> None:
    """tck-id-operational-behavior-edge-node-termination-host-action-ndeath-*."""
    session, peer = host(), Peer(bd_seq=7)
    session.message(*peer.nbirth(metric("Uptime", datatype=INT32, int_value=1)), T0)
    session.message(*peer.dbirth(FLOW), T0)
    session.message(
        *peer.dbirth(metric("Door/Closed", alias=5, datatype=BOOLEAN, boolean_value=True), device="C1"), T0
    )
    actions = session.message(*peer.ndeath(), T0 + 9_000)
    assert links(actions) == [False]
    assert sorted(values(actions)) == [
        ("Door/Closed", None, 9_000),
        ("Pump 1/Flow", None, 9_000),
        ("Uptime", None, 9_000),
    ]
    assert {sample.quality for sample in samples(actions)} == {Quality.STALE}
    node = session.nodes[KEY]
    assert not node.online
    assert not any(device.online for device in node.devices.values())


@pytest.mark.parametrize("ahead_ms", [0, 60_000])
def test_the_stale_mark_never_takes_the_place_of_a_value(ahead_ms: int) -> None:
    """A node whose clock is ahead of ours, or that dies within the millisecond."""
    session, peer = born()
    session.message(*peer.ddata(flow(2.0, T0 + 9_000 + ahead_ms)), T0 + 9_000)
    actions = session.message(*peer.ndeath(), T0 + 9_000)
    assert ("Pump 1/Flow", None, 9_001 + ahead_ms) in values(actions)


@pytest.mark.parametrize("bd_seq", [6, 8, 0])
def test_ndeath_with_another_bdseq_means_nothing(bd_seq: int) -> None:
    """An old session's will that comes late must not end the new one: tck-id-topics-nbirth-bdseq-matching."""
    session, peer = born()
    session.message(*Peer(bd_seq=7).nbirth(), T0)
    assert session.message(*peer.ndeath(bd_seq), T0) == []
    assert session.nodes[KEY].online


def test_bdseq_of_another_integer_type_matches_all_the_same() -> None:
    """Npm sparkplug-client sends UInt64, others Int32."""
    session, peer = host(), Peer()
    session.message(*peer.nbirth(metric("bdSeq", datatype=8, long_value=3)), T0)
    death = Payload(metrics=[metric("bdSeq", datatype=INT32, int_value=3)]).SerializeToString()
    assert links(session.message(peer.ndeath()[0], death, T0)) == [False]


def test_ddeath_makes_the_device_stale_at_payload_time() -> None:
    """tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-offline, -tags-stale."""
    session, peer = born()
    actions = session.message(*peer.ddeath(at=T0 + 3_000), T0 + 9_000)
    assert sorted(values(actions)) == [("Control/Mode", None, 3_000), ("Pump 1/Flow", None, 3_000)]
    assert session.nodes[KEY].online
    assert not session.nodes[KEY].devices[AREA].online
    assert session.message(*peer.ddeath(at=T0 + 4_000), T0 + 9_000) == []


def test_data_after_ddeath_asks_for_a_rebirth() -> None:
    session, peer = born()
    session.message(*peer.ddeath(at=T0 + 3_000), T0)
    assert rebirths(session.message(*peer.ddata(flow(1.0, T0 + 1)), T0)) == 1


def test_what_waited_when_the_node_died_is_kept() -> None:
    """Its values are good; a node that numbers no batches sends them never again."""
    session, peer = born()
    peer.seq += 1
    session.message(*peer.ddata(flow(3.0, T0 + 2)), T0)
    actions = session.message(*peer.ndeath(), T0 + 100)
    assert values(actions)[0] == ("Pump 1/Flow", 3.0, 2)
    assert rebirths(actions) == 0
    assert state(session)[:2] == STALE


def test_a_dead_node_is_not_asked_for_a_rebirth_for_ever() -> None:
    """Requests are rationed over all nodes: one that is gone must not eat the others' share."""
    session, peer = host(), Peer()
    assert rebirths(session.message(*peer.ddata(flow(1.0, T0)), T0)) == 1
    session.message(*peer.ndeath(), T0 + 1)
    assert sum(rebirths(session.timer(T0 + second * 1_000)) for second in range(1, 60)) == 0


@pytest.mark.parametrize("taken_before_ms", [9_000, 1])
def test_a_birth_after_a_death_ends_the_stale_mark(taken_before_ms: int) -> None:
    """What a birth says holds now, even where it was last read before the mark that only we have set."""
    session, peer = born()
    session.message(*peer.ddata(flow(2.0, T0 + 9_000 - taken_before_ms)), T0 + 9_000)
    session.message(*peer.ndeath(), T0 + 9_500)
    session.message(*peer.nbirth(at=T0 + 20_000), T0 + 20_001)
    taken_at = T0 + 9_000 - taken_before_ms
    birth = peer.dbirth(
        metric("Pump 1/Flow", alias=1, at=taken_at, datatype=DOUBLE, double_value=2.0), at=T0 + 20_000
    )
    assert values(session.message(*birth, T0 + 20_001)) == [("Pump 1/Flow", 2.0, 20_000)]
    assert state(session) == (2.0, Quality.GOOD, 20_000)


def test_a_birth_after_a_death_by_a_clock_that_is_behind_ends_the_mark_at_its_own_instant() -> None:
    session, peer = born()
    session.message(*peer.ndeath(), T0 + 600_000)
    session.message(*peer.nbirth(at=T0 + 10), T0 + 600_010)
    assert values(session.message(*peer.dbirth(FLOW, at=T0 + 10), T0 + 600_010)) == [
        ("Pump 1/Flow", 1.0, 600_000)
    ]
    session.message(*peer.ddata(flow(2.0, T0 + 1_000)), T0 + 601_000)
    assert state(session)[:2] == (2.0, Quality.GOOD)


def test_a_rebirth_while_online_changes_no_times() -> None:
    session, peer = born()
    session.message(*peer.ddata(flow(2.0, T0 + 5)), T0 + 6)
    session.message(*peer.nbirth(at=T0 + 100), T0 + 100)
    again = peer.dbirth(
        metric("Pump 1/Flow", alias=1, at=T0 + 5, datatype=DOUBLE, double_value=2.0), at=T0 + 100
    )
    assert values(session.message(*again, T0 + 100)) == [("Pump 1/Flow", 2.0, 5)]
    assert state(session) == (2.0, Quality.GOOD, 5)
