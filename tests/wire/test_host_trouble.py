"""The host and trouble: rebirth requests and their limits, values that are none, messages of no sense."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import topic
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from gateway.ingest.actions import Command
from tests.wire.peer import (
    FLOW,
    KEY,
    STRING,
    T0,
    Peer,
    born,
    commands,
    flow,
    host,
    metric,
    rebirths,
    samples,
    state,
    values,
)  # fmt: skip

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
    asked_by_timer = [rebirths(session.timer(T0 + 100 * tick)) for tick in range(100, 700)]
    assert sum(asked) == 2
    assert [at for at, count in enumerate(asked_by_timer, start=100) if count] == [
        150,
        350,
    ]  # ever more rarely


def test_an_edge_that_is_understood_again_is_asked_as_soon_as_at_first() -> None:
    session, peer = born()
    unknown = metric(alias=99, double_value=1.0)
    for at in (0, 5_000, 15_000):
        assert rebirths(session.message(*peer.ddata(unknown), T0 + at)) == 1
    session.message(*peer.ddata(flow(1.0, T0)), T0 + 16_000)
    assert [rebirths(session.message(*peer.ddata(unknown), T0 + at)) for at in (35_000, 39_000, 40_000)] == [
        1,
        0,
        1,
    ]


def test_devices_that_do_not_come_back_with_their_node_are_lost() -> None:
    """No DDEATH came, perhaps since nobody was there to hear it: their last values must not look fresh for ever."""
    session, peer = born()
    session.message(*peer.ddata(flow(1.0, T0)), T0)
    session.message(*peer.nbirth(), T0 + 1)
    assert samples(session.timer(T0 + 9_000)) == []
    marks = samples(session.timer(T0 + 10_001))
    assert {(mark.quality, mark.value, mark.at_ms) for mark in marks} == {(Quality.STALE, None, T0 + 10_001)}
    assert samples(session.timer(T0 + 60_000)) == []


def test_a_time_from_the_future_does_not_freeze_a_metric() -> None:
    """Another clock may be minutes ahead; what is hours ahead is a mistake, and the next value is the newest again."""
    session, peer = born()
    hour = 3_600_000
    session.message(*peer.ddata(flow(1.0, T0 + 24 * hour)), T0)
    session.message(*peer.ddata(flow(2.0, T0 + 1)), T0 + 1)
    (node,) = session.nodes.values()
    assert node.devices["F1"].metrics["Pump 1/Flow"].value == 2.0


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
def test_bad_data_is_never_0(sent: dict[str, Any], meaning: tuple[object, Quality]) -> None:
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
    st.fixed_dictionaries({"long_value": st.integers(0, 2**64 - 1)}),
    st.fixed_dictionaries({"double_value": st.floats()}),
    st.fixed_dictionaries({"string_value": st.text(max_size=8) | st.sampled_from(["1-5 x", "5-1", "epoch"])}),
    st.fixed_dictionaries({"boolean_value": st.booleans()}),
    st.fixed_dictionaries({"bytes_value": st.binary(max_size=4)}),
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
