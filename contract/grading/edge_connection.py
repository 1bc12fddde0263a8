"""How an edge node connects, subscribes and leaves; only a tap's capture shows it."""

from __future__ import annotations

from typing import Final

from contract.grading import address, envelope
from contract.grading.births import INT64, find
from contract.grading.capture import Connected, Disconnected, Sight, Will
from contract.grading.clause import HELD, Clauses, Faults, Rule, holds, may, must, should
from contract.grading.connection import Connection
from contract.grading.moment import BIRTHS, Kind, Moment
from contract.grading.node import BD_SEQ, bd_seq_of
from contract.sequence import successor
from contract.topic import MessageType, Topic

WITH_WILL: Final = 4
"""The reason code of MQTT 5 that has the broker publish the will all the same."""


def connected(moment: Moment) -> Connected:
    """The CONNECT of this moment's connection."""
    assert moment.connection
    return moment.connection.connected


def clean(version: str) -> Rule:
    """The client asks for no session of before, and leaves none behind."""

    def rule(moment: Moment) -> Faults | None:
        asked = connected(moment)
        if asked.version != version:
            return None
        if version == "3.1.1":
            return holds(asked.clean_start, "CONNECT without Clean Session")
        return holds(asked.clean_start, "CONNECT without Clean Start") + holds(
            asked.session_expiry_s == 0, f"Session Expiry Interval {asked.session_expiry_s} s, not 0"
        )

    return rule


def has_will(moment: Moment) -> Faults | None:
    """It leaves a will."""
    return holds(connected(moment).will is not None, "CONNECT without a will")


def will_of(moment: Moment) -> Will | None:
    """The will, if there is one; its absence is another clause's matter."""
    return connected(moment).will


def will_has_topic(moment: Moment) -> Faults | None:
    """The will is an NDEATH of this node."""
    will = will_of(moment)
    if will is None or moment.node is None:
        return None
    wanted = str(Topic(moment.node.group, MessageType.NDEATH, moment.node.name))
    return holds(will.topic == wanted, f"the will's topic is {will.topic!r}, not {wanted!r}")


def will_is_readable(moment: Moment) -> Faults | None:
    """The will's payload is Sparkplug B."""
    will = will_of(moment)
    if will is None:
        return None
    return holds(envelope.opened(will.payload) is not None, "the will's payload is not Sparkplug B protobuf")


def will_has_bd_seq(moment: Moment) -> Faults | None:
    """The will has a `bdSeq`, an Int64, one more than that of the CONNECT before.

    An edge node that has forgotten it begins at 0 again, as the standard lets it begin; but not with the same number.
    """
    will = will_of(moment)
    payload = envelope.opened(will.payload) if will else None
    if payload is None:
        return None
    found, number = find(payload, BD_SEQ), bd_seq_of(payload)
    if found is None or number is None:
        return ("the will has no metric 'bdSeq' with a number",)
    faults = holds(found.datatype == INT64, f"the will's bdSeq has datatype {found.datatype}, not 4 (Int64)")
    before = moment.node.will_bd_seq if moment.node else None
    if before is not None:
        is_next = number == successor(before) or (number == 0 and before != 0)
        faults += holds(is_next, f"the will has bdSeq {number}, that of the CONNECT before had {before}")
    return faults


def will_at_qos_1(moment: Moment) -> Faults | None:
    """The will is to be published at QoS 1."""
    will = will_of(moment)
    return holds(will.qos == 1, f"the will has QoS {will.qos}, not 1") if will else None


def will_is_unretained(moment: Moment) -> Faults | None:
    """And not retained."""
    will = will_of(moment)
    return holds(not will.retain, "the will has the retain flag") if will else None


def hears_commands(moment: Moment) -> Faults | None:
    """By the end of its connection it has subscribed to its NCMD, at QoS 1."""
    connection, node = moment.connection, moment.node
    is_told = moment.kind is Kind.NODE_LAST and connection is not None and not connection.is_open
    if connection is None or node is None or not connection.published or is_told:
        return None
    wanted = str(Topic(node.group, MessageType.NCMD, node.name))
    held = connection.covers(wanted)
    if held is None:
        return (f"no subscription to {wanted}",)
    return holds(held.qos == 1, f"subscribed to {held.filter} at QoS {held.qos}, not 1")


def hears_device_commands(moment: Moment) -> Faults | None:
    """A node that listens to a device's DCMD does so at QoS 1. Whether it must listen, no message tells."""
    node = moment.node
    if node is None or node.connection is None or moment.event is None:
        return None
    held = node.connection.covers(moment.published.topic)
    return holds(held.qos == 1, f"subscribed to {held.filter} at QoS {held.qos}, not 1") if held else None


def has_connection(moment: Moment) -> Faults | None:
    """What it publishes comes over a connection of its own."""
    return HELD if moment.connection else None


def leaves(moment: Moment) -> Connection | None:
    """The connection, if the node had published on it and ended it by a DISCONNECT."""
    ended = moment.event
    is_meant = isinstance(ended, Disconnected) and ended.reason is not None
    return moment.connection if is_meant and moment.connection and moment.connection.published else None


def has_said_farewell(moment: Moment) -> Faults | None:
    """The last message before a DISCONNECT was the NDEATH."""
    connection = leaves(moment)
    if connection is None:
        return None
    place = address.parse(connection.last_topic)
    is_death = place is not None and place.type == MessageType.NDEATH
    return holds(is_death, f"DISCONNECT after {connection.last_topic}, without an NDEATH before it")


def farewell_or_will(moment: Moment) -> Faults | None:
    """Or the DISCONNECT has the broker publish the will."""
    connection = leaves(moment)
    if connection is None:
        return None
    return HELD if reason(moment) == WITH_WILL else has_said_farewell(moment)


def farewell_311(moment: Moment) -> Faults | None:
    """The same, in MQTT 3.1.1."""
    return has_said_farewell(moment) if connected(moment).version == "3.1.1" else None


def leaves_with_will(moment: Moment) -> Faults | None:
    """In MQTT 5 the DISCONNECT asks for the will to be published."""
    if leaves(moment) is None or connected(moment).version != "5":
        return None
    return holds(
        reason(moment) == WITH_WILL,
        f"DISCONNECT with reason code {reason(moment)}, not 4 (Disconnect with Will Message)",
    )


def disconnects_after_death(moment: Moment) -> Faults | None:
    """A DISCONNECT follows the NDEATH."""
    faults = has_said_farewell(moment)
    return HELD if faults == HELD else None


def reason(moment: Moment) -> int | None:
    """Of the DISCONNECT."""
    assert isinstance(moment.event, Disconnected)
    return moment.event.reason


CONNECT: Final = {Kind.EDGE_CONNECT}
END: Final = {Kind.EDGE_END}
TAPPED: Final = Sight.CONNECTIONS

CLAUSES: Final[Clauses] = (
    *must({"principles-persistence-clean-session-311": "MQTT 3.1.1: CONNECT with Clean Session"},
          CONNECT, clean("3.1.1"), needs=TAPPED),
    *must({"principles-persistence-clean-session-50": "MQTT 5: CONNECT with Clean Start and Session Expiry 0"},
          CONNECT, clean("5"), needs=TAPPED),
    *must({
        "message-flow-edge-node-birth-publish-will-message": "an edge node's CONNECT has a will",
        "payloads-ndeath-will-message": "an edge node's CONNECT has an NDEATH as its will",
    }, CONNECT, has_will, needs=TAPPED),
    *must({"message-flow-edge-node-birth-publish-will-message-topic": "the will's topic is the node's NDEATH"},
          CONNECT, will_has_topic, needs=TAPPED),
    *must({"message-flow-edge-node-birth-publish-will-message-payload": "the will's payload is protobuf"},
          CONNECT, will_is_readable, needs=TAPPED),
    *must({"message-flow-edge-node-birth-publish-will-message-payload-bdSeq":
           "the will has bdSeq, an Int64, one more than that of the CONNECT before"},
          CONNECT, will_has_bd_seq, needs=TAPPED),
    *must({
        "message-flow-edge-node-birth-publish-will-message-qos": "the will has QoS 1",
        "payloads-ndeath-will-message-qos": "the will has QoS 1",
    }, CONNECT, will_at_qos_1, needs=TAPPED),
    *must({
        "message-flow-edge-node-birth-publish-will-message-will-retained": "the will is not retained",
        "payloads-ndeath-will-message-retain": "the will is not retained",
    }, CONNECT, will_is_unretained, needs=TAPPED),
    *must({"message-flow-edge-node-ncmd-subscribe": "an edge node subscribes to its NCMD at QoS 1"},
          END | {Kind.NODE_LAST}, hears_commands, needs=TAPPED),
    *must({"message-flow-device-dcmd-subscribe": "a node whose device can be written subscribes to its DCMD at QoS 1"},
          {Kind.DCMD}, hears_device_commands, needs=TAPPED),
    *must({"message-flow-edge-node-birth-publish-connect": "an edge node connects before it publishes births"},
          BIRTHS, has_connection, needs=TAPPED),
    *must({"operational-behavior-edge-node-intentional-disconnect-ndeath": "before it leaves, an NDEATH"},
          END, farewell_or_will, needs=TAPPED),
    *may({"operational-behavior-edge-node-intentional-disconnect-packet": "after the NDEATH a DISCONNECT may follow"},
         END, disconnects_after_death, needs=TAPPED),
    *should({"payloads-ndeath-will-message-publisher": "before it leaves, an edge node publishes an NDEATH"},
            END, has_said_farewell, needs=TAPPED),
    *must({"payloads-ndeath-will-message-publisher-disconnect-mqtt311":
           "MQTT 3.1.1: an NDEATH is published before DISCONNECT"},
          END, farewell_311, needs=TAPPED),
    *must({"payloads-ndeath-will-message-publisher-disconnect-mqtt50":
           "MQTT 5: DISCONNECT has the reason code 'Disconnect with Will Message'"},
          END, leaves_with_will, needs=TAPPED),
)  # fmt: skip
