"""What an edge node may do wrong as an MQTT client."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contract.grading.capture import Connected, Will
from contract.proto.sparkplug_b_pb2 import Payload
from tests.grading_cases import Cases, base
from tests.grading_scene import DEVICE, GROUP, NODE, Scene, metric

CASES = Cases()


def edge(**change: Any) -> Scene:
    """A good one but for its CONNECT."""
    return Scene().host_born().connects(**change).subscribes().nbirth().dbirth()


def will(**change: Any) -> Will:
    """Its will, changed."""
    connected = Scene().connects().events[0]
    assert isinstance(connected, Connected)
    assert connected.will
    return replace(connected.will, **change)


@CASES.violates("principles-persistence-clean-session-311")
def dirty_session() -> Scene:
    return edge(clean_start=False)


@CASES.violates("principles-persistence-clean-session-50")
def v5_expiry() -> Scene:
    return edge(version="5", session_expiry_s=60)


@CASES.violates("message-flow-edge-node-birth-publish-will-message", "payloads-ndeath-will-message")
def no_will() -> Scene:
    return edge(will=None)


@CASES.violates("message-flow-edge-node-birth-publish-will-message-topic")
def will_topic() -> Scene:
    return edge(will=will(topic="lwt/x"))


@CASES.violates(
    "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
    "message-flow-edge-node-birth-publish-will-message-payload",
    "payloads-nbirth-bdseq-repeat",
    "topics-nbirth-bdseq-matching",
)
def will_text() -> Scene:
    return edge(will=will(payload=b"\xff\xffgone"))


@CASES.violates("message-flow-edge-node-birth-publish-will-message-qos", "payloads-ndeath-will-message-qos")
def will_qos() -> Scene:
    return edge(will=will(qos=0))


@CASES.violates(
    "message-flow-edge-node-birth-publish-will-message-will-retained", "payloads-ndeath-will-message-retain"
)
def will_retain() -> Scene:
    return edge(will=will(retain=True))


@CASES.violates(
    "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
    "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
    "payloads-nbirth-bdseq-repeat",
    "topics-nbirth-bdseq-matching",
)
def will_empty() -> Scene:
    return edge(will=will(payload=Payload(timestamp=1).SerializeToString()))


@CASES.violates("message-flow-edge-node-birth-publish-will-message-payload-bdSeq")
def will_uint64() -> Scene:
    return edge(
        will=will(payload=Payload(metrics=[metric("bdSeq", datatype=8, long_value=0)]).SerializeToString())
    )


@CASES.violates("message-flow-edge-node-ncmd-subscribe")
def no_ncmd_sub() -> Scene:
    return Scene().host_born().connects().nbirth().dbirth().ndeath().leaves()


@CASES.violates("message-flow-edge-node-ncmd-subscribe")
def ncmd_sub_qos0() -> Scene:
    return Scene().host_born().connects().subscribes(qos=0).nbirth().dbirth()


@CASES.violates("message-flow-device-dcmd-subscribe")
def dcmd_sub_qos0() -> Scene:
    return (
        base()
        .subscribes(f"spBv1.0/{GROUP}/DCMD/{NODE}/#", qos=0)
        .commands(metric(alias=10, double_value=2.0), device=DEVICE)
    )


@CASES.violates(
    "operational-behavior-edge-node-intentional-disconnect-ndeath",
    "payloads-ndeath-will-message-publisher",
    "payloads-ndeath-will-message-publisher-disconnect-mqtt311",
)
def disconnect_without_ndeath() -> Scene:
    return base().leaves()


@CASES.violates("payloads-ndeath-will-message-publisher-disconnect-mqtt50")
def v5_disconnect_0() -> Scene:
    return edge(version="5").ndeath().leaves(0)


@CASES.violates()
def v5_disconnect_4() -> Scene:
    return edge(version="5").ndeath().leaves(4)


@CASES.violates("payloads-ndeath-will-message-publisher")
def v5_disconnect_4_no_ndeath() -> Scene:
    return edge(version="5").leaves(4)


@CASES.violates(
    "intro-edge-node-id-uniqueness",
    "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
    "message-flow-edge-node-ncmd-subscribe",
    "payloads-ddata-order",
    "payloads-nbirth-edge-node-descriptor",
    "topic-structure-namespace-unique-edge-node-descriptor",
)
def two_clients() -> Scene:
    scene = base().add(Connected(0, "other", "3.1.1", True, 0, will()))
    scene.nbirth(client="other")
    return scene.ddata()


@CASES.violates()
def dcmd_sub_qos1() -> Scene:
    scene = base().subscribes(f"spBv1.0/{GROUP}/DCMD/{NODE}/#")
    return scene.commands(metric(alias=10, double_value=2.0), device=DEVICE)
