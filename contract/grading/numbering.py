"""`seq`: 0 in the NBIRTH, one more in each further message of the node and its devices, 0 again after 255."""

from __future__ import annotations

from typing import Final

from contract.grading.clause import Clauses, Faults, holds, must
from contract.grading.moment import NUMBERED, Kind, Moment
from contract.sequence import MODULUS, successor


def numbered(moment: Moment) -> Faults | None:
    """There is a `seq`."""
    if not moment.is_readable:
        return (f"{moment.kind} that is not Sparkplug B protobuf, and so without seq",)
    return holds(moment.payload.HasField("seq"), f"{moment.kind} without seq")


def unnumbered(moment: Moment) -> Faults | None:
    """There is none."""
    return holds(not moment.payload.HasField("seq"), f"{moment.kind} with seq {moment.payload.seq}")


def in_range(moment: Moment) -> Faults | None:
    """There is a `seq` of 0 to 255."""
    seq = moment.payload.seq
    return numbered(moment) or holds(seq < MODULUS, f"seq {seq} is above 255")


def is_zero(moment: Moment) -> Faults | None:
    """It is 0."""
    return numbered(moment) or holds(moment.payload.seq == 0, f"seq {moment.payload.seq}, not 0")


def follows(moment: Moment) -> Faults | None:
    """It is one more than that of the message before from the node or any of its devices.

    The message after one that was missed is at fault once: later ones count on from it.
    """
    if moment.node is None or moment.node.seq is None or not moment.payload.HasField("seq"):
        return None
    wanted = successor(moment.node.seq)
    return holds(
        moment.payload.seq == wanted, f"seq {moment.payload.seq} after {moment.node.seq}, not {wanted}"
    )


LATER: Final = NUMBERED - {Kind.NBIRTH}

CLAUSES: Final[Clauses] = (
    *must({"payloads-sequence-num-always-included": "every message of an edge node but NDEATH has a seq"},
          NUMBERED, numbered, raw=True),
    *must({"payloads-sequence-num-incrementing": "seq counts up by one over all messages, 255 → 0"},
          LATER, follows),
    *must({"topics-nbirth-seq-num": "an NBIRTH's seq is 0"}, {Kind.NBIRTH}, is_zero, raw=True),
    *must({
        "payloads-sequence-num-req-nbirth": "an NBIRTH has a seq of 0 to 255",
        "payloads-nbirth-seq": "an NBIRTH has a seq of 0 to 255",
        "message-flow-edge-node-birth-publish-nbirth-payload-seq": "an NBIRTH has a seq of 0 to 255",
    }, {Kind.NBIRTH}, in_range, raw=True),
    *must({"payloads-dbirth-seq": "a DBIRTH has a seq"}, {Kind.DBIRTH}, numbered, raw=True),
    *must({"payloads-ndata-seq": "an NDATA has a seq"}, {Kind.NDATA}, numbered, raw=True),
    *must({"payloads-ddata-seq": "a DDATA has a seq"}, {Kind.DDATA}, numbered, raw=True),
    *must({
        "payloads-ddeath-seq": "a DDEATH has a seq",
        "payloads-ddeath-seq-number": "a DDEATH has a seq, so that hosts can order it",
    }, {Kind.DDEATH}, numbered, raw=True),
    *must({
        "topics-dbirth-seq": "a DBIRTH's seq is one more than the message's before",
        "payloads-dbirth-seq-inc": "a DBIRTH's seq is one more than the message's before",
        "message-flow-device-birth-publish-dbirth-payload-seq":
            "a DBIRTH's seq is 0 to 255 and one more than the message's before",
    }, {Kind.DBIRTH}, in_range, follows, raw=True),
    *must({
        "topics-ndata-seq-num": "an NDATA's seq is one more than the message's before",
        "payloads-ndata-seq-inc": "an NDATA's seq is one more than the message's before",
    }, {Kind.NDATA}, in_range, follows, raw=True),
    *must({
        "topics-ddata-seq-num": "a DDATA's seq is one more than the message's before",
        "payloads-ddata-seq-inc": "a DDATA's seq is one more than the message's before",
    }, {Kind.DDATA}, in_range, follows, raw=True),
    *must({
        "topics-ddeath-seq-num": "a DDEATH's seq is one more than the message's before",
        "payloads-ddeath-seq-inc": "a DDEATH's seq is one more than the message's before",
    }, {Kind.DDEATH}, in_range, follows, raw=True),
    *must({
        "topics-ndeath-seq": "an NDEATH has no seq",
        "payloads-ndeath-seq": "an NDEATH has no seq",
    }, {Kind.NDEATH}, unnumbered),
    *must({"payloads-ncmd-seq": "an NCMD has no seq"}, {Kind.NCMD}, unnumbered),
    *must({"payloads-dcmd-seq": "a DCMD has no seq"}, {Kind.DCMD}, unnumbered),
)  # fmt: skip
