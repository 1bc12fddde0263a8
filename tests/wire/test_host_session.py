"""The host side clause by clause, against a node of nobody in particular."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import topic
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from gateway.ingest.host_session import Command
from tests.wire.peer import (
    AREA, BOOLEAN, DOUBLE, FLOW, INT32, KEY, MODE, STRING, T0, Peer,
    born, commands, flow, host, links, metric, rebirths, samples, state, values,
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


@pytest.mark.parametrize("bd_seq", [6, 8, 0])
def test_ndeath_with_another_bdseq_means_nothing(bd_seq: int) -> None:
    """An old session's will that comes late must not end the new one: tck-id-topics-nbirth-bdseq-matching."""
    session, peer = born()
    session.message(*Peer(bd_seq=7).nbirth(), T0)
    assert session.message(*peer.ndeath(bd_seq), T0) == []
    assert session.nodes[KEY].online


def test_bdseq_of_another_integer_type_matches_all_the_same() -> None:
    """npm sparkplug-client sends UInt64, others Int32."""
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


# Rebirth requests


def test_rebirth_request_is_an_ncmd_by_name_without_seq() -> None:
    """tck-id-operational-behavior-data-commands-ncmd-rebirth-verb, -name, -value; payloads-ncmd-seq, -timestamp."""
    session, peer = host(), Peer()
    (command,) = session.message(*peer.ddata(flow(1.0, T0)), T0)
    assert isinstance(command, Command)
    assert command.topic == topic.commands(*KEY)
    (payload,) = commands([command])
    (asked,) = payload.metrics
    assert (asked.name, asked.boolean_value, asked.HasField("alias")) == ("Node Control/Rebirth", True, False)
    assert (payload.HasField("seq"), payload.timestamp) == (False, T0)


@pytest.mark.parametrize(
    "message",
    [
        Peer().ddata(flow(1.0, T0)),
        Peer().ndata(),
        Peer().dbirth(FLOW),
        Peer().ddeath(),
    ],
)
def test_anything_before_a_birth_asks_for_one(message: tuple[str, bytes]) -> None:
    assert rebirths(host().message(*message, T0)) == 1


def test_an_alias_never_declared_asks_for_a_rebirth_and_the_rest_is_kept() -> None:
    session, peer = born()
    actions = session.message(*peer.ddata(metric(alias=99, double_value=1.0), flow(2.0, T0 + 1)), T0)
    assert values(actions) == [("Pump 1/Flow", 2.0, 1)]
    assert rebirths(actions) == 1


def test_metrics_of_types_that_are_not_read_ask_for_no_rebirth() -> None:
    """Data sets, templates, bytes: declared, known to be unread, and silent ever after."""
    session, peer = host(), Peer()
    session.message(*peer.nbirth(), T0)
    session.message(
        *peer.dbirth(
            FLOW, metric("Log", alias=9, datatype=17, bytes_value=b"x"), metric("Table", datatype=16)
        ),
        T0,
    )
    assert session.counts["unread_type"] == 2
    data = peer.ddata(metric(alias=9, bytes_value=b"y"), metric("Table"), flow(2.0, T0 + 1))
    actions = session.message(*data, T0)
    assert values(actions) == [("Pump 1/Flow", 2.0, 1)]
    assert rebirths(actions) == 0
    assert session.counts["unknown_metric"] == 0


def test_text_for_a_number_of_the_vocabulary_is_unread() -> None:
    """The vocabulary decides a field's type: a store refuses one that changes."""
    session, peer = host(), Peer()
    session.message(*peer.nbirth(), T0)
    assert (
        samples(session.message(*peer.dbirth(metric("Pump 1/Flow", datatype=STRING, string_value="x")), T0))
        == []
    )
    assert session.counts["unread_type"] == 1


def test_one_node_is_asked_once_in_its_pause() -> None:
    session, peer = host(rebirth_pause_ms=5_000), Peer()
    asked = [rebirths(session.message(*peer.ddata(flow(1.0, T0)), T0 + 100 * tick)) for tick in range(100)]
    asked_by_timer = [rebirths(session.timer(T0 + 100 * tick)) for tick in range(100, 150)]
    assert sum(asked) == 2
    assert sum(asked_by_timer) == 1


@pytest.mark.parametrize("per_s", [5.0, 1.0, 0.1])
def test_a_restarted_centre_does_not_ask_all_nodes_at_once(per_s: float) -> None:
    """definitions.md §4: limited over all nodes; and however low the limit, in the end each is asked."""
    session = host(rebirths_per_s=per_s, rebirth_pause_ms=3_600_000)
    peers = [Peer(node=f"gw-{number}") for number in range(20)]
    asked = {0: 0}
    for peer in peers:
        asked[0] += rebirths(session.message(*peer.ddata(flow(1.0, T0)), T0))
    for tick in range(1, 4_000):
        asked[tick] = rebirths(session.timer(T0 + tick * 100))
    assert sum(asked.values()) == 20
    for first in range(0, 400, 10):
        window = sum(count for tick, count in asked.items() if first <= tick < first + 10)
        assert window <= max(1.0, per_s) + per_s


def test_a_clock_set_back_does_not_silence_the_host() -> None:
    session, peer = born()
    session.message(*peer.ddata(metric(alias=99, double_value=1.0)), T0)
    hour_ago = T0 - 3_600_000
    asked = 0
    for tick in range(200):
        asked += rebirths(
            session.message(*peer.ddata(metric(alias=99, double_value=1.0)), hour_ago + 100 * tick)
        )
    assert asked >= 1


def test_birth_ends_the_asking() -> None:
    session, peer = host(), Peer()
    session.message(*peer.ddata(flow(1.0, T0)), T0)
    session.message(*peer.nbirth(), T0 + 1)
    assert sum(rebirths(session.timer(T0 + tick * 100)) for tick in range(200)) == 0


# Values that are none


@pytest.mark.parametrize(
    ("sent", "meaning"),
    [
        ({"is_null": True}, (None, Quality.BAD)),
        ({}, (None, Quality.BAD)),
        ({"double_value": float("nan")}, (None, Quality.BAD)),
        ({"double_value": float("inf")}, (None, Quality.BAD)),
        ({"string_value": "7"}, (None, Quality.BAD)),
        ({"float_value": 1.5}, (1.5, Quality.GOOD)),
        ({"int_value": 7}, (7.0, Quality.GOOD)),
        ({"long_value": 7}, (7.0, Quality.GOOD)),
        ({"long_value": 2**64 - 7}, (-7.0, Quality.GOOD)),
    ],
)
def test_bad_data_is_never_0(sent: dict[str, object], meaning: tuple[object, Quality]) -> None:
    """A metric declared as Double, and what peers send in its place."""
    session, peer = born()
    session.message(*peer.ddata(metric(alias=1, at=T0 + 1, **sent)), T0 + 1)
    assert state(session)[:2] == meaning


# Nothing trips it


@given(st.text(max_size=40), st.binary(max_size=80))
def test_no_message_trips_the_host(text: str, data: bytes) -> None:
    session, _ = born()
    for name in (
        text,
        "spBv1.0/990000000001/NBIRTH/gw-1",
        "spBv1.0/990000000001/DDATA/gw-1/F1",
        "spBv1.0/a/NDEATH/b",
    ):
        session.message(name, data, T0)


FIELDS = st.fixed_dictionaries({}, optional={
    "name": st.sampled_from(["bdSeq", "Delivery/Epoch", "Delivery/Oldest", "Delivery/Batch", "Delivery/Dropped",
                             "Node Control/Rebirth", "Pump 1/Flow", "Control/Mode", "x"]),
    "alias": st.integers(0, 4), "timestamp": st.integers(0, 2**64 - 1), "datatype": st.integers(0, 20),
    "is_null": st.booleans(),
})  # fmt: skip
VALUES = st.one_of(
    st.just({}), st.fixed_dictionaries({"int_value": st.integers(0, 2**32 - 1)}),
    st.fixed_dictionaries({"long_value": st.integers(0, 2**64 - 1)}), st.fixed_dictionaries({"double_value": st.floats()}),
    st.fixed_dictionaries({"string_value": st.text(max_size=8) | st.sampled_from(["1-5 x", "5-1", "epoch"])}),
    st.fixed_dictionaries({"boolean_value": st.booleans()}), st.fixed_dictionaries({"bytes_value": st.binary(max_size=4)}),
)  # fmt: skip
METRICS = st.builds(lambda fields, value: Payload.Metric(**fields, **value), FIELDS, VALUES)
KINDS = st.sampled_from(
    ["NBIRTH", "NDATA", "NDEATH", "NCMD", "DBIRTH/F1", "DDATA/F1", "DDEATH/F1", "DDATA/F2"]
)


@given(
    st.lists(st.tuples(KINDS, st.lists(METRICS, max_size=4), st.integers(0, 2**64 - 1) | st.integers(0, 4)))
)
def test_no_sequence_of_payloads_trips_the_host(
    messages: list[tuple[str, list[Payload.Metric], int]],
) -> None:
    session, now_ms = host(), T0
    for kind, metrics, seq in messages:
        verb, _, device = kind.partition("/")
        payload = Payload(timestamp=now_ms, seq=seq, metrics=metrics)
        name = f"spBv1.0/g/{verb}/n" + (f"/{device}" if device else "")
        session.message(name, payload.SerializeToString(), now_ms)
        session.timer(now_ms)
        now_ms += 700
    for _ in range(5):
        now_ms += 2_000
        session.timer(now_ms)
    assert not any(node.waiting for node in session.nodes.values())
