"""Clauses about what no capture of clients' traffic shows: the broker, and the inside of a host application."""

from __future__ import annotations

from typing import Final

from contract.grading.clause import Clauses, Level, beyond

BROKER: Final = "asks something of the broker, not of those who publish"
INSIDE: Final = "happens inside the host application; nothing of it is on the wire"
REORDERING: Final = (
    "how long the host application waits for missing messages is a setting that no message tells"
)

CLAUSES: Final[Clauses] = (
    *beyond(BROKER, {
        "conformance-mqtt-qos0": "the broker supports QoS 0",
        "conformance-mqtt-qos1": "the broker supports QoS 1",
        "conformance-mqtt-will-messages": "the broker supports wills",
        "conformance-mqtt-retained": "the broker supports retained messages",
        "conformance-mqtt-aware-basic": "a Sparkplug-aware broker is a compliant broker",
        "conformance-mqtt-aware-store": "a Sparkplug-aware broker keeps births",
        "conformance-mqtt-aware-nbirth-mqtt-topic": "… and offers NBIRTHs below $sparkplug/certificates/",
        "conformance-mqtt-aware-nbirth-mqtt-retain": "… retained",
        "conformance-mqtt-aware-dbirth-mqtt-topic": "… and offers DBIRTHs below $sparkplug/certificates/",
        "conformance-mqtt-aware-dbirth-mqtt-retain": "… retained",
    }),
    *beyond(BROKER, {
        "conformance-mqtt-aware-ndeath-timestamp": "a Sparkplug-aware broker may put its time into an NDEATH",
    }, Level.MAY),
    *beyond(INSIDE, {
        "operational-behavior-edge-node-termination-host-action-ndeath-node-offline":
            "NDEATH: the node is offline since now",
        "operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale":
            "NDEATH: the node's metrics are stale since now",
        "operational-behavior-edge-node-termination-host-action-ndeath-devices-offline":
            "NDEATH: the node's devices are offline since now",
        "operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale":
            "NDEATH: the devices' metrics are stale since now",
        "operational-behavior-edge-node-termination-host-action-ddeath-devices-offline":
            "DDEATH: the device is offline since the message's time",
        "operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale":
            "DDEATH: the device's metrics are stale since the message's time",
    }),
    *beyond(REORDERING, {
        "operational-behavior-host-reordering-param": "a host has a reorder timeout that can be set",
    }, Level.SHOULD),
    *beyond(REORDERING, {
        "operational-behavior-host-reordering-start": "a message out of order starts that timeout",
        "operational-behavior-host-reordering-rebirth": "when it is over, a host asks for a rebirth",
        "operational-behavior-host-reordering-success": "what was missing ends it",
    }),
)  # fmt: skip
