"""What an edge node may do wrong in its messages."""

from __future__ import annotations

from dataclasses import replace

from contract.grading.capture import Published
from contract.proto.sparkplug_b_pb2 import Payload
from tests.grading_cases import Cases, base, cut, doubled, edited, swapped, unset
from tests.grading_scene import (
    DEVICE,
    GROUP,
    NODE,
    REBIRTH,
    VOLTAGE,
    Scene,
    bd_seq,
    flow,
    metric,
    overheard,
    with_quality,
)

CASES = Cases()


def unborn() -> Scene:
    """A host, and an edge node that has connected."""
    return Scene().host_born().connects().subscribes()


@CASES.violates("payloads-ddata-seq-inc", "payloads-sequence-num-incrementing", "topics-ddata-seq-num")
def a_ddata_is_missing() -> Scene:
    return cut(base().ddata().ddata().ddata(), "DDATA", 1)


@CASES.violates(
    "operational-behavior-data-publish-dbirth-change",
    "payloads-ddata-seq-inc",
    "payloads-sequence-num-incrementing",
    "principles-rbe-recommended",
    "topics-ddata-seq-num",
)
def a_ddata_comes_twice() -> Scene:
    return doubled(base().ddata().ddata(), "DDATA")


@CASES.violates("payloads-ddata-seq-inc", "payloads-sequence-num-incrementing", "topics-ddata-seq-num")
def two_ddata_change_places() -> Scene:
    return swapped(base().ddata().ddata().ddata(), "DDATA")


@CASES.violates(
    "payloads-ddata-order",
    "payloads-ddata-seq-inc",
    "payloads-sequence-num-incrementing",
    "topics-ddata-seq-num",
)
def the_dbirth_is_missing() -> Scene:
    return cut(base().ddata(), "DBIRTH")


@CASES.violates(
    "message-flow-device-birth-publish-dbirth-match-edge-node-topic",
    "message-flow-device-birth-publish-nbirth-wait",
    "payloads-dbirth-order",
    "payloads-ddata-order",
    "principles-birth-certificates-order",
)
def the_nbirth_is_missing() -> Scene:
    return cut(base().ddata(), "NBIRTH")


@CASES.violates("topics-nbirth-seq-num")
def an_nbirth_begins_at_seq_5() -> Scene:
    return unborn().nbirth(edit=lambda p: setattr(p, "seq", 5))


@CASES.violates("payloads-ddata-seq-inc", "payloads-sequence-num-incrementing", "topics-ddata-seq-num")
def seq_is_300() -> Scene:
    return base().ddata(edit=lambda p: setattr(p, "seq", 300))


@CASES.violates(
    "payloads-ddata-seq",
    "payloads-ddata-seq-inc",
    "payloads-sequence-num-always-included",
    "topics-ddata-seq-num",
)
def seq_is_missing() -> Scene:
    return base().ddata(edit=unset("seq"))


@CASES.violates(
    "message-flow-edge-node-birth-publish-nbirth-retained", "payloads-nbirth-retain", "topics-nbirth-mqtt"
)
def an_nbirth_is_retained() -> Scene:
    return edited(base(), "NBIRTH", retain=True)


@CASES.violates("payloads-ddata-qos", "topics-ddata-mqtt")
def a_ddata_has_qos_1() -> Scene:
    return base().ddata(qos=1)


@CASES.violates(
    "message-flow-edge-node-birth-publish-nbirth-retained", "payloads-nbirth-retain", "topics-nbirth-mqtt"
)
def an_nbirth_lies_at_the_broker() -> Scene:
    return edited(overheard(base()), "NBIRTH", stored=True, retain=True)


@CASES.violates("payloads-ndeath-seq", "topics-ndeath-seq")
def an_ndeath_has_seq() -> Scene:
    return base().ndeath(edit=lambda p: setattr(p, "seq", 3)).leaves()


@CASES.violates("topics-ndeath-payload")
def an_ndeath_has_another_metric() -> Scene:
    return base().sends("NDEATH", bd_seq(0), VOLTAGE, qos=1).leaves()


@CASES.violates("payloads-ndeath-bdseq")
def an_ndeath_has_another_bd_seq() -> Scene:
    return base().ndeath(7).leaves()


@CASES.violates("payloads-ndeath-bdseq")
def an_ndeath_has_another_bd_seq_overheard() -> Scene:
    return overheard(base().ndeath(7))


@CASES.violates(
    "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
    "payloads-nbirth-bdseq-repeat",
    "topics-nbirth-bdseq-matching",
)
def the_will_has_another_bd_seq() -> Scene:
    scene = Scene().host_born()
    scene.bd_seq = 3
    scene.connects()
    scene.bd_seq = 4
    return scene.subscribes().nbirth().dbirth()


@CASES.violates(
    "message-flow-edge-node-birth-publish-will-message-payload-bdSeq", "topics-nbirth-bdseq-increment"
)
def a_new_session_has_the_same_bd_seq() -> Scene:
    scene = (
        base()
        .leaves(None)
        .add(
            Published(
                0,
                f"spBv1.0/{GROUP}/NDEATH/{NODE}",
                Payload(metrics=[bd_seq(0)]).SerializeToString(),
                1,
                False,
            )
        )
    )
    return scene.born()


@CASES.violates("message-flow-edge-node-birth-publish-will-message-payload-bdSeq")
def bd_seq_jumps() -> Scene:
    scene = base().ndeath().leaves()
    scene.bd_seq = 2
    return scene.born()


@CASES.violates("message-flow-edge-node-birth-publish-nbirth-payload-bdSeq")
def bd_seq_is_uint64() -> Scene:
    return unborn().nbirth(metric("bdSeq", datatype=8, long_value=0), REBIRTH)


@CASES.violates(
    "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
    "payloads-nbirth-bdseq",
    "payloads-nbirth-bdseq-repeat",
    "topics-nbirth-bdseq-included",
    "topics-nbirth-bdseq-matching",
)
def bd_seq_is_missing() -> Scene:
    return unborn().nbirth(REBIRTH)


@CASES.violates(
    "operational-behavior-data-commands-rebirth-datatype",
    "operational-behavior-data-commands-rebirth-name",
    "operational-behavior-data-commands-rebirth-value",
    "payloads-nbirth-rebirth-req",
    "topics-nbirth-rebirth-metric",
)
def the_rebirth_metric_is_missing() -> Scene:
    return unborn().nbirth(bd_seq(0))


@CASES.violates(
    "operational-behavior-data-commands-rebirth-value",
    "payloads-nbirth-rebirth-req",
    "topics-nbirth-rebirth-metric",
)
def the_rebirth_metric_is_true() -> Scene:
    return (
        Scene()
        .host_born()
        .connects()
        .subscribes()
        .nbirth(bd_seq(0), metric("Node Control/Rebirth", datatype=11, boolean_value=True))
    )


@CASES.violates(
    "operational-behavior-data-commands-rebirth-datatype",
    "operational-behavior-data-commands-rebirth-value",
    "payloads-nbirth-rebirth-req",
    "topics-nbirth-rebirth-metric",
)
def the_rebirth_metric_is_text() -> Scene:
    return (
        Scene()
        .host_born()
        .connects()
        .subscribes()
        .nbirth(bd_seq(0), metric("Node Control/Rebirth", datatype=12, string_value="x"))
    )


@CASES.violates("operational-behavior-data-commands-rebirth-name-aliases")
def the_rebirth_metric_has_an_alias() -> Scene:
    return (
        Scene()
        .host_born()
        .connects()
        .subscribes()
        .nbirth(bd_seq(0), metric("Node Control/Rebirth", alias=9, datatype=11, boolean_value=False))
    )


@CASES.violates("payloads-alias-uniqueness")
def two_devices_have_one_alias() -> Scene:
    return base().dbirth(metric("A", alias=1, datatype=10, double_value=1.0), device="C1")


@CASES.violates("payloads-alias-uniqueness")
def two_metrics_have_one_alias() -> Scene:
    return base().dbirth(
        metric("A", alias=5, datatype=10, double_value=1.0),
        metric("B", alias=5, datatype=10, double_value=1.0),
        device="C1",
    )


@CASES.violates("payloads-alias-birth-requirement", "topics-dbirth-metrics")
def alias_without_name() -> Scene:
    return base().dbirth(metric(alias=5, datatype=10, double_value=1.0), device="C1")


@CASES.violates("payloads-alias-data-cmd-requirement")
def data_goes_by_name_though_there_is_an_alias() -> Scene:
    return base().ddata(metric("Pump 1/Flow", double_value=3.0))


@CASES.violates("payloads-name-requirement")
def a_metric_has_neither_name_nor_alias() -> Scene:
    return base().ddata(metric(double_value=3.0))


@CASES.violates("operational-behavior-data-publish-dbirth", "topics-dbirth-metric-reqs")
def ddata_brings_an_undeclared_name() -> Scene:
    return base().ddata(metric("Other", double_value=3.0))


@CASES.violates("operational-behavior-data-publish-dbirth", "topics-dbirth-metric-reqs")
def ddata_brings_an_undeclared_alias() -> Scene:
    return base().ddata(metric(alias=77, double_value=3.0))


@CASES.violates("operational-behavior-data-publish-nbirth", "topics-nbirth-metric-reqs")
def ndata_brings_an_undeclared_name() -> Scene:
    return base().ndata(metric("Other", double_value=3.0))


@CASES.violates("payloads-metric-datatype-not-req")
def data_repeats_its_datatype() -> Scene:
    return base().ddata(flow(3.0, datatype=10))


@CASES.violates("payloads-metric-datatype-req", "topics-dbirth-metrics")
def a_birth_has_no_datatype() -> Scene:
    return base().dbirth(metric("A", alias=5, double_value=1.0), device="C1")


@CASES.violates("operational-behavior-data-publish-dbirth-values", "topics-dbirth-metrics")
def a_birth_has_no_value() -> Scene:
    return base().dbirth(metric("A", alias=5, datatype=10), device="C1")


@CASES.violates("operational-behavior-data-publish-dbirth-values")
def a_birth_has_value_and_null() -> Scene:
    return base().dbirth(metric("A", alias=5, datatype=10, double_value=1.0, is_null=True), device="C1")


@CASES.violates("payloads-metric-datatype-value")
def a_datatype_is_99() -> Scene:
    return base().dbirth(metric("A", alias=5, datatype=99, double_value=1.0), device="C1")


@CASES.violates("payloads-name-birth-data-requirement")
def a_metric_has_no_time() -> Scene:
    return base().ddata(edit=lambda p: p.metrics[0].ClearField("timestamp"))


@CASES.violates("payloads-ddata-timestamp", "topics-ddata-timestamp")
def a_payload_has_no_time() -> Scene:
    return base().ddata(edit=unset("timestamp"))


@CASES.violates("payloads-ddata-timestamp", "topics-ddata-timestamp")
def a_time_counts_seconds() -> Scene:
    return base().ddata(edit=lambda p: setattr(p, "timestamp", p.timestamp // 1000))


@CASES.violates("payloads-timestamp-in-UTC")
def a_payload_has_a_local_time() -> Scene:
    return base().ddata(edit=lambda p: setattr(p, "timestamp", p.timestamp + 8 * 3600000))


@CASES.violates("payloads-metric-timestamp-in-UTC")
def a_metric_has_a_local_time() -> Scene:
    scene = base()
    return scene.ddata(flow(3.0, at_ms=scene.now_ms + 8 * 3600000))


@CASES.violates("operational-behavior-data-publish-dbirth-order")
def values_are_out_of_order() -> Scene:
    scene = base()
    return scene.ddata(flow(3.0, at_ms=scene.now_ms), flow(4.0, at_ms=scene.now_ms - 50))


@CASES.violates("operational-behavior-data-publish-dbirth-change", "principles-rbe-recommended")
def data_brings_nothing_new() -> Scene:
    return base().ddata(flow(3.0)).ddata(flow(3.0))


@CASES.violates("topics-ddata-payload")
def data_brings_nothing() -> Scene:
    return base().sends("DDATA", device=DEVICE)


@CASES.violates("case-sensitivity-metric-names")
def names_differ_in_case_only() -> Scene:
    return base().dbirth(
        metric("A", alias=5, datatype=10, double_value=1.0),
        metric("a", alias=6, datatype=10, double_value=1.0),
        device="C1",
    )


@CASES.violates("case-sensitivity-sparkplug-ids")
def devices_differ_in_case_only() -> Scene:
    return base().dbirth(metric("A", alias=5, datatype=10, double_value=1.0), device="f1")


@CASES.violates("payloads-ddata-order")
def data_after_ddeath() -> Scene:
    return base().ddeath().ddata(metric("Pump 1/Flow", double_value=3.0))


@CASES.violates("payloads-dbirth-order", "payloads-ddata-order")
def data_before_dbirth() -> Scene:
    return (
        Scene()
        .host_born()
        .connects()
        .subscribes()
        .nbirth()
        .ddata(metric("Pump 1/Flow", double_value=3.0))
        .dbirth()
    )


@CASES.violates("payloads-ddata-order", "principles-birth-certificates-order")
def data_after_ndeath() -> Scene:
    return overheard(base().ndeath().ddata())


@CASES.violates(
    "message-flow-device-birth-publish-dbirth-match-edge-node-topic",
    "message-flow-device-birth-publish-nbirth-wait",
    "payloads-dbirth-order",
    "principles-birth-certificates-order",
)
def dbirth_before_nbirth() -> Scene:
    return Scene().host_born().connects().subscribes().dbirth().nbirth()


@CASES.violates(
    "payloads-ddata-seq-inc",
    "topics-ddata-seq-num",
    "payloads-ddata-seq",
    "payloads-ddata-timestamp",
    "payloads-sequence-num-always-included",
    "topics-ddata-timestamp",
)
def a_ddata_is_no_protobuf() -> Scene:
    return base().ddata(payload=b"\xff\xff\xff")


@CASES.violates(
    "payloads-dbirth-seq-inc",
    "topics-dbirth-seq",
    "message-flow-device-birth-publish-dbirth-payload-seq",
    "message-flow-device-birth-publish-dbirth-payload",
    "payloads-dbirth-seq",
    "payloads-dbirth-timestamp",
    "payloads-sequence-num-always-included",
    "topics-dbirth-timestamp",
)
def a_dbirth_is_no_protobuf() -> Scene:
    return base().dbirth(payload=b"\xff\xff\xff", device="C1")


@CASES.violates("payloads-propertyset-quality-value-type")
def quality_string() -> Scene:
    return base().ddata(with_quality(flow(2.0), 192, 12))


@CASES.violates("payloads-propertyset-quality-value-value")
def quality_7() -> Scene:
    return base().ddata(with_quality(flow(2.0), 7))


@CASES.violates(
    "message-flow-edge-node-birth-publish-nbirth-payload",
    "payloads-nbirth-seq",
    "payloads-nbirth-timestamp",
    "payloads-sequence-num-always-included",
    "payloads-sequence-num-req-nbirth",
    "topics-nbirth-seq-num",
    "topics-nbirth-timestamp",
    "message-flow-edge-node-birth-publish-nbirth-payload-seq",
)
def an_nbirth_is_no_protobuf() -> Scene:
    return unborn().nbirth(payload=b"\xff\xff\xff")


@CASES.violates("topics-ndata-payload")
def ndata_brings_nothing() -> Scene:
    return base().sends("NDATA")


@CASES.violates("operational-behavior-data-publish-nbirth-change", "principles-rbe-recommended")
def ndata_brings_nothing_new() -> Scene:
    return base().ndata(metric(alias=1, double_value=24.0))


@CASES.violates("operational-behavior-data-publish-nbirth-order")
def values_of_ndata_are_out_of_order() -> Scene:
    scene = base()
    later, earlier = (metric(alias=1, double_value=float(at), at_ms=scene.now_ms - at) for at in (0, 50))
    return scene.ndata(later, earlier)


@CASES.violates("operational-behavior-data-publish-nbirth-values", "topics-nbirth-metrics")
def an_nbirth_has_no_value() -> Scene:
    return unborn().nbirth(bd_seq(0), REBIRTH, metric("Supply/Voltage", alias=1, datatype=10))


@CASES.violates("payloads-ndata-order", "principles-birth-certificates-order")
def ndata_comes_before_the_nbirth() -> Scene:
    return unborn().ndata()


@CASES.violates()
def two_nodes_have_a_device_of_one_name() -> Scene:
    """That is allowed."""
    scene = overheard(base())
    others = [
        replace(event, topic=event.topic.replace(NODE, "gw-2"))
        for event in scene.events
        if isinstance(event, Published)
    ]
    scene.events += others
    return scene
