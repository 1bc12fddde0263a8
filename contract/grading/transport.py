"""Chapters 4 to 6: QoS 0 and no retain flag, for all that edge nodes and commanding hosts publish but NDEATH.

No clause fixes the QoS of an NDEATH that is published rather than left as a will.
"""

from __future__ import annotations

from typing import Final

from contract.grading.capture import Sight
from contract.grading.clause import Clauses, Faults, Rule, holds, must
from contract.grading.moment import Kind, Moment


def at_qos_0(moment: Moment) -> Faults | None:
    """Published at QoS 0."""
    if moment.kind is Kind.STORED or not moment.sees(Sight.QOS):
        return None
    return holds(moment.published.qos == 0, f"published at QoS {moment.published.qos}, not 0")


def unretained(kind: Kind) -> Rule:
    """Messages of this type are published without the retain flag, so none lies at the broker."""

    def rule(moment: Moment) -> Faults | None:
        if moment.kind is Kind.STORED:
            is_mine = moment.address is not None and moment.address.type == kind
            return ("it lies retained at the broker",) if is_mine else None
        if not moment.sees(Sight.RETAIN):
            return None
        return holds(not moment.published.retain, "published with the retain flag")

    return rule


def of_type(kind: Kind, *, both: tuple[str, ...], qos: tuple[str, ...], retain: tuple[str, ...]) -> Clauses:
    """The clauses about one message type, by what they ask for."""
    on = {kind, Kind.STORED}
    return (
        *must(
            dict.fromkeys(both, f"{kind} at QoS 0 and not retained"),
            on, at_qos_0, unretained(kind), needs=Sight.QOS | Sight.RETAIN, raw=True,
        ),
        *must(dict.fromkeys(qos, f"{kind} at QoS 0"), on, at_qos_0, needs=Sight.QOS, raw=True),
        *must(dict.fromkeys(retain, f"{kind} not retained"), on, unretained(kind), needs=Sight.RETAIN, raw=True),
    )  # fmt: skip


CLAUSES: Final[Clauses] = (
    *of_type(
        Kind.NBIRTH,
        both=("topics-nbirth-mqtt",),
        qos=("payloads-nbirth-qos", "message-flow-edge-node-birth-publish-nbirth-qos"),
        retain=("payloads-nbirth-retain", "message-flow-edge-node-birth-publish-nbirth-retained"),
    ),
    *of_type(
        Kind.DBIRTH,
        both=("topics-dbirth-mqtt",),
        qos=("payloads-dbirth-qos", "message-flow-device-birth-publish-dbirth-qos"),
        retain=("payloads-dbirth-retain", "message-flow-device-birth-publish-dbirth-retained"),
    ),
    *of_type(Kind.DDEATH, both=("topics-ddeath-mqtt",), qos=(), retain=()),
    *(
        clause
        for kind in (Kind.NDATA, Kind.DDATA, Kind.NCMD, Kind.DCMD)
        for clause in of_type(
            kind,
            both=(f"topics-{kind.lower()}-mqtt",),
            qos=(f"payloads-{kind.lower()}-qos",),
            retain=(f"payloads-{kind.lower()}-retain",),
        )
    ),
)
