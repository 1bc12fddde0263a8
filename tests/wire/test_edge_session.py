"""The edge session clause by clause: what goes on the wire, in which order, with which numbers."""

from __future__ import annotations

import pytest

from contract.datatype import DataType
from contract.delivery import DROPPED, Loss
from contract.errors import Rejected
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from edge_agent.uplink import session as sparkplug
from edge_agent.uplink.session import Committed, Latest, Rebirth
from tests.wire.edge import GOOD_FLOW, GROUP, NODE, T0, body, edge_session, online, read

READ = {1: GOOD_FLOW, 2: Latest(None, Quality.BAD, T0 - 700), 3: Latest(True, Quality.GOOD, T0 - 300)}


# Death


def test_will_is_an_ndeath_at_qos_1() -> None:
    """tck-id-message-flow-edge-node-birth-publish-will-message-topic, -qos, payloads-ndeath-will-message-qos."""
    will = edge_session().will(7, T0)
    assert (will.topic, will.qos) == (f"spBv1.0/{GROUP}/NDEATH/{NODE}", 1)


def test_ndeath_holds_bdseq_and_nothing_else() -> None:
    """tck-id-topics-ndeath-payload, message-flow-edge-node-birth-publish-will-message-payload-bdSeq."""
    (metric,) = read(edge_session().will(7, T0)).metrics
    assert (metric.name, metric.datatype, metric.long_value) == ("bdSeq", DataType.INT64, 7)


def test_ndeath_has_no_seq() -> None:
    """tck-id-payloads-ndeath-seq, topics-ndeath-seq."""
    assert not read(edge_session().will(7, T0)).HasField("seq")
    assert not read(online().farewell(T0)).HasField("seq")


def test_farewell_carries_the_bdseq_of_the_session() -> None:
    """tck-id-payloads-ndeath-bdseq, operational-behavior-edge-node-intentional-disconnect-ndeath."""
    session = edge_session()
    will = session.will(7, T0)
    nbirth = session.births(1, T0)[0]
    farewell = session.farewell(T0)
    assert farewell == will
    (in_birth,) = [metric for metric in read(nbirth).metrics if metric.name == "bdSeq"]
    assert in_birth.long_value == 7  # tck-id-topics-nbirth-bdseq-matching, payloads-nbirth-bdseq-repeat
    assert not session.online


# Births


def test_births_are_nbirth_then_every_dbirth() -> None:
    """tck-id-principles-birth-certificates-order, payloads-dbirth-order."""
    births = edge_session().births(1, T0)
    assert [message.topic for message in births] == [
        f"spBv1.0/{GROUP}/NBIRTH/{NODE}", f"spBv1.0/{GROUP}/DBIRTH/{NODE}/F1", f"spBv1.0/{GROUP}/DBIRTH/{NODE}/C1",
    ]  # fmt: skip


def test_births_and_data_go_out_at_qos_0() -> None:
    """tck-id-topics-nbirth-mqtt, topics-dbirth-mqtt, topics-ddata-mqtt, topics-ndata-mqtt (retain: the adapter)."""
    session = online()
    messages = [
        *session.births(1, T0),
        session.data("F1", body(), 1, T0),
        session.announce([(DROPPED, Loss(1, 2, "x"))], 5, T0),
    ]
    assert {message.qos for message in messages} == {0}


def test_nbirth_has_seq_0() -> None:
    """tck-id-topics-nbirth-seq-num, payloads-nbirth-seq; also after a rebirth."""
    session = online()
    session.data("F1", body(), 1, T0)
    nbirth = read(session.births(1, T0)[0])
    assert (nbirth.HasField("seq"), nbirth.seq) == (True, 0)


def test_nbirth_declares_rebirth_false_without_alias() -> None:
    """tck-id-topics-nbirth-rebirth-metric, operational-behavior-data-commands-rebirth-name-aliases."""
    (metric,) = [
        one for one in read(edge_session().births(1, T0)[0]).metrics if one.name == "Node Control/Rebirth"
    ]
    assert (metric.datatype, metric.WhichOneof("value"), metric.boolean_value) == (
        DataType.BOOLEAN,
        "boolean_value",
        False,
    )
    assert not metric.HasField("alias")


def test_nbirth_declares_delivery() -> None:
    """definitions.md §4: Epoch and Oldest; Batch, here and in every DBIRTH."""
    nbirth, *dbirths = edge_session().births(42, T0)
    metrics = {metric.name: metric for metric in read(nbirth).metrics}
    assert metrics["Delivery/Epoch"].string_value == "epoch-1"
    assert metrics["Delivery/Oldest"].long_value == 42
    assert {"Delivery/Batch", "Delivery/Committed", "Delivery/Dropped"} <= set(metrics)
    for dbirth in dbirths:
        assert "Delivery/Batch" in {metric.name for metric in read(dbirth).metrics}


def test_birth_metrics_have_name_type_and_time() -> None:
    """tck-id-topics-nbirth-metrics, payloads-metric-datatype-req, payloads-name-birth-data-requirement."""
    for message in edge_session(READ).births(1, T0):
        payload = read(message)
        assert payload.timestamp == T0  # tck-id-payloads-nbirth-timestamp, payloads-dbirth-timestamp
        for metric in payload.metrics:
            assert metric.name
            assert metric.HasField("datatype")
            assert metric.HasField("timestamp")


def test_dbirth_metrics_have_name_and_alias() -> None:
    """tck-id-payloads-alias-birth-requirement, payloads-alias-uniqueness."""
    aliases = []
    for message in edge_session().births(1, T0)[1:]:
        metrics = read(message).metrics
        assert all(metric.name and metric.alias for metric in metrics)
        aliases += [metric.alias for metric in metrics]
    assert len(aliases) == len(set(aliases)) == 6


def test_birth_value_is_the_current_one_or_null() -> None:
    """tck-id-operational-behavior-data-publish-dbirth-values, -nbirth-values."""
    metrics = {metric.name: metric for metric in read(edge_session(READ).births(1, T0)[1]).metrics}
    flow, mode = metrics["Pump 1/Flow"], metrics["Control/Mode"]
    assert (flow.double_value, flow.timestamp, flow.is_null) == (1.5, T0 - 200, False)
    assert (mode.WhichOneof("value"), mode.is_null) == (None, True)
    assert (mode.properties.keys[0], mode.properties.values[0].int_value) == ("Quality", 0)


def test_metric_never_read_is_stale_since_the_start_whenever_the_birth() -> None:
    """A later time would make the first reading, taken just before the birth, look old."""
    session = edge_session()
    for at_ms in (T0, T0 + 5_000):
        flow = read(session.births(1, at_ms)[1]).metrics[0]
        assert (flow.is_null, flow.timestamp) == (True, T0 - 1_000)
        assert flow.properties.values[0].int_value == 500


def test_birth_metrics_stand_in_the_order_of_their_times() -> None:
    """tck-id-operational-behavior-data-publish-dbirth-order, -nbirth-order."""
    ahead = READ | {2: Latest(2.0, Quality.GOOD, T0 + 30_000)}  # as a source with another clock stamps it
    for latest in (READ, ahead):
        for message in edge_session(latest).births(1, T0):
            times = [metric.timestamp for metric in read(message).metrics]
            assert times == sorted(times)


def test_birth_carries_unit_and_role() -> None:
    f1 = {metric.name: metric for metric in read(edge_session().births(1, T0)[1]).metrics}
    assert "m³/h" in [value.string_value for value in f1["Pump 1/Flow"].properties.values]
    assert "role" in f1["Control/Mode"].properties.keys


# Data


def test_seq_runs_over_all_messages_and_wraps() -> None:
    """tck-id-payloads-sequence-num-incrementing, topics-ddata-seq-num, topics-dbirth-seq, topics-ndata-seq-num."""
    session = edge_session()
    numbers = [read(message).seq for message in session.births(1, T0)]
    for number in range(300):
        message = (
            session.announce([(DROPPED, Loss(1, 2, "x"))], 5, T0)
            if number % 3 == 0
            else session.data("F1", body(), 1, T0)
        )
        numbers.append(read(message).seq)
    assert numbers == [number % 256 for number in range(303)]


def test_data_is_alias_only_without_type() -> None:
    """tck-id-payloads-alias-data-cmd-requirement, payloads-metric-datatype-not-req."""
    payload = read(online().data("F1", body(), 9, T0 + 1))
    assert payload.timestamp == T0 + 1  # tck-id-payloads-ddata-timestamp
    reading, batch = payload.metrics
    assert (reading.alias, reading.timestamp, reading.double_value) == (1, T0, 1.5)
    assert (batch.alias, batch.timestamp, batch.long_value) == (5, T0 + 1, 9)
    for metric in (reading, batch):
        assert not metric.HasField("name")
        assert not metric.HasField("datatype")


def test_data_includes_the_type_where_a_host_needs_it() -> None:
    session = online({1: GOOD_FLOW}, with_type=True)
    assert read(session.data("F1", b"", 9, T0)).metrics[0].datatype == DataType.INT64
    refresh = session.refresh("F1", {1}, T0)
    assert refresh is not None
    assert read(refresh).metrics[0].datatype == DataType.DOUBLE


def test_each_device_numbers_batches_by_its_own_alias() -> None:
    session = online()
    assert [read(session.data(area, b"", 9, T0)).metrics[0].alias for area in ("F1", "C1")] == [5, 6]


def test_history_is_flagged_metric_by_metric_but_for_the_batch_number() -> None:
    old = sparkplug.historical(body() + body(2, 3.0))
    payload = read(online().data("F1", old, 9, T0))
    assert [metric.is_historical for metric in payload.metrics] == [True, True, False]
    assert [metric.double_value for metric in payload.metrics[:2]] == [1.5, 3.0]
    assert sparkplug.aliases(body() + body(2)) == {1, 2}


def test_refresh_is_ordinary_data_of_the_newest_values_in_order_without_number() -> None:
    session = online({1: Latest(9.0, Quality.GOOD, T0 + 5), 2: Latest(None, Quality.BAD, T0 + 3)})
    refresh = session.refresh("F1", {1, 2, 3, 99}, T0 + 9)
    assert refresh is not None
    mode, flow = read(refresh).metrics
    assert (mode.alias, mode.timestamp, mode.is_null) == (2, T0 + 3, True)
    assert (flow.alias, flow.timestamp, flow.double_value) == (1, T0 + 5, 9.0)
    assert not any(metric.is_historical for metric in read(refresh).metrics)


def test_refresh_of_what_was_never_read_is_no_message() -> None:
    session = online()
    before = session.seq
    assert session.refresh("F1", {1, 99}, T0) is None
    assert session.seq == before


def test_drop_is_announced_by_name() -> None:
    """definitions.md §4: first, last, reason; and how many readings are gone in all."""
    payload = read(online().announce([(DROPPED, Loss(3, 8, "outbox full", 12))], 12, T0))
    told, lost = payload.metrics
    assert (told.name, told.string_value) == ("Delivery/Dropped", "3-8 outbox full; readings=12")
    assert (lost.name, lost.long_value) == ("Delivery/Lost", 12)
    assert payload.HasField("seq")  # tck-id-payloads-sequence-num-always-included


# Commands


def command(**metrics: object) -> bytes:
    """An NCMD; `_` in a name stands for `/`."""
    payload = Payload(timestamp=T0)
    for name, value in metrics.items():
        field = {bool: "boolean_value", int: "long_value", str: "string_value"}[type(value)]
        metric = payload.metrics.add(name=name.replace("_", "/"))
        setattr(metric, field, value)
    return payload.SerializeToString()


REBIRTH = Payload(
    metrics=[Payload.Metric(name="Node Control/Rebirth", boolean_value=True)]
).SerializeToString()


def test_rebirth_repeats_the_births_with_the_same_bdseq() -> None:
    """tck-id-operational-behavior-data-commands-rebirth-action-2, -3."""
    session = edge_session()
    session.will(7, T0)
    first = session.births(1, T0)
    session.data("F1", body(), 1, T0)
    assert session.command(REBIRTH) == [Rebirth()]
    assert session.births(1, T0) == first


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (command(Delivery_Committed=8, Delivery_Epoch="epoch-1"), [Committed("epoch-1", 8, T0)]),
        (command(Delivery_Committed=0, Delivery_Epoch="other"), [Committed("other", 0, T0)]),
        (command(Delivery_Committed=8), []),
        (command(Delivery_Epoch="epoch-1"), []),
        (command(Something=True), []),
        (
            Payload(
                metrics=[Payload.Metric(name="Node Control/Rebirth", boolean_value=False)]
            ).SerializeToString(),
            [],
        ),
        (Payload(metrics=[Payload.Metric(name="Node Control/Rebirth")]).SerializeToString(), []),
        (b"", []),
    ],
)
def test_commands(data: bytes, asked: list[Committed]) -> None:
    assert online().command(data) == asked


@pytest.mark.parametrize("data", [b"ONLINE", bytes.fromhex("12040a02fffe")])
def test_what_is_no_command_is_refused(data: bytes) -> None:
    with pytest.raises(Rejected):
        online().command(data)
