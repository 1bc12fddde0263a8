"""An edge node's session: its number `bdSeq`, births before all else, deaths.

What a subscriber cannot tell accuses nobody: an NDEATH that fits no birth may be the will of a connection that broke
before its birth, and a number may be missing because of such a connection. Two sessions with one number are held
against the node, also after a restart: the late will of the one would end the other.
"""

from __future__ import annotations

from typing import Final

from contract.grading.births import bd_seq_is_int64
from contract.grading.capture import Sight
from contract.grading.clause import HELD, Clauses, Faults, holds, must
from contract.grading.host_connection import FIRST, born_first
from contract.grading.moment import NUMBERED, Kind, Moment
from contract.grading.node import BD_SEQ, Standing, bd_seq_of, will_bd_seq
from contract.sequence import successor


def birth_first(moment: Moment) -> Faults | None:
    """Nothing comes from a node before its NBIRTH; an NDEATH is the broker's, or a farewell."""
    if moment.kind is Kind.NBIRTH:
        return HELD
    return node_born(moment) if moment.kind in NUMBERED else None


def node_born(moment: Moment) -> Faults | None:
    """The node's session has begun."""
    if moment.standing is Standing.UNKNOWN:
        return None
    return holds(moment.standing is Standing.BORN, f"{moment.kind} before an NBIRTH in this session")


def device_born(moment: Moment) -> Faults | None:
    """So has the device's."""
    fault = node_born(moment)
    if fault:
        return fault
    device = moment.device
    if device is None or device.standing is Standing.UNKNOWN:
        return fault
    words = {
        Standing.UNBORN: "before a DBIRTH of the device in this session",
        Standing.DEAD: "after its DDEATH",
    }
    return holds(device.standing is Standing.BORN, f"{moment.kind} {words.get(device.standing, '')}")


def not_after_data(moment: Moment) -> Faults | None:
    """A DBIRTH comes after the NBIRTH and before data of the device.

    Not before all data: a device that joins later, or is back, may be born at any time of the session (chapter 5).
    """
    fault = node_born(moment)
    if fault is None or fault or moment.device is None:
        return fault
    return holds(not moment.device.has_early_data, "DBIRTH after data of the device")


def of_a_birth(moment: Moment) -> Faults | None:
    """An NDEATH has the number of the birth whose session it ends."""
    node = moment.node
    if node is None:
        return None
    if moment.kind is Kind.NDEATH:
        number = bd_seq_of(moment.payload)
        if moment.connection and moment.connection is node.connection:
            return holds(number == node.bd_seq, f"NDEATH with bdSeq {number}, NBIRTH with {node.bd_seq}")
        is_known = node.standing is Standing.BORN and number in node.born_bd_seqs
        return HELD if is_known else None
    odd = node.odd_death
    if odd is None or (moment.kind is Kind.NBIRTH and node.explains(odd, bd_seq_of(moment.payload))):
        return None
    return (f"the NDEATH at #{odd.index} had bdSeq {odd.bd_seq}, the NBIRTH of its session {node.bd_seq}",)


def as_in_will(moment: Moment) -> Faults | None:
    """A birth has the number that stands in the will of its connection."""
    if moment.connection is None or moment.connection.connected.will is None:
        return None
    left, born = will_bd_seq(moment.connection.connected), bd_seq_of(moment.payload)
    return holds(left == born, f"NBIRTH with bdSeq {born}, the will of its connection with {left}")


def counts_up(moment: Moment) -> Faults | None:
    """A new session has a new number; one more than before, where no session can have been missed."""
    node, number = moment.node, bd_seq_of(moment.payload)
    if node is None or node.bd_seq is None or number is None:
        return None
    if node.standing is Standing.UNBORN and number == node.bd_seq:
        return (f"a new session with bdSeq {number}, which the one before had too",)
    return HELD if number == successor(node.bd_seq) else None


def only_bd_seq(moment: Moment) -> Faults | None:
    """An NDEATH holds one metric, `bdSeq`."""
    names = [metric.name for metric in moment.payload.metrics]
    return holds(names == [BD_SEQ], f"NDEATH with the metrics {names}, not just 'bdSeq'")


AND_AFTER: Final = {Kind.NDEATH, Kind.NBIRTH, Kind.NODE_LAST}

CLAUSES: Final[Clauses] = (
    *must({"principles-birth-certificates-order": "births come before everything else"},
          NUMBERED | FIRST, birth_first, born_first, raw=True),
    *must({
        "message-flow-device-birth-publish-nbirth-wait": "a DBIRTH comes after an NBIRTH in the same session",
        "message-flow-device-birth-publish-dbirth-match-edge-node-topic":
            "a DBIRTH names group and node of the NBIRTH before it",
    }, {Kind.DBIRTH}, node_born, raw=True),
    *must({"payloads-dbirth-order": "a DBIRTH comes after the NBIRTH and before data of the device"},
          {Kind.DBIRTH}, not_after_data, raw=True),
    *must({"payloads-ndata-order": "NDATA comes after NBIRTH and DBIRTHs"},
          {Kind.NDATA}, node_born, raw=True),
    *must({"payloads-ddata-order": "DDATA comes after NBIRTH and DBIRTHs"},
          {Kind.DDATA}, device_born, raw=True),
    *must({"payloads-ndeath-bdseq": "an NDEATH has the bdSeq of its NBIRTH"}, AND_AFTER, of_a_birth),
    *must({
        "topics-nbirth-bdseq-matching": "an NBIRTH has the bdSeq of the will of its connection",
        "payloads-nbirth-bdseq-repeat": "an NBIRTH has the bdSeq of the will of its connection",
    }, {Kind.NBIRTH}, as_in_will, needs=Sight.CONNECTIONS),
    *must({"message-flow-edge-node-birth-publish-nbirth-payload-bdSeq":
           "an NBIRTH's bdSeq is an Int64 and that of the will"},
          {Kind.NBIRTH}, bd_seq_is_int64, as_in_will, needs=Sight.CONNECTIONS),
    *must({"topics-nbirth-bdseq-increment": "bdSeq goes up by one at every CONNECT"}, {Kind.NBIRTH}, counts_up),
    *must({"topics-ndeath-payload": "an NDEATH holds bdSeq and nothing else"}, {Kind.NDEATH}, only_bd_seq),
)  # fmt: skip
