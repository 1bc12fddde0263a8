"""STATE messages of host applications: JSON, QoS 1, retained, as any subscriber sees them.

A death may be the will of an earlier connection, so its time may be older than that of the birth before it.
"""

from __future__ import annotations

from typing import Final

from contract.grading.capture import Sight
from contract.grading.clause import HELD, Clauses, Faults, holds, must
from contract.grading.host import State, read_state
from contract.grading.moment import STATES, Kind, Moment
from contract.grading.times import unit_fault, zone_fault


def state_of(moment: Moment) -> State:
    """What a STATE message says."""
    return read_state(moment.published.payload)


def at_qos_1(moment: Moment) -> Faults | None:
    """Published at QoS 1."""
    if not moment.sees(Sight.QOS):
        return None
    return holds(moment.published.qos == 1, f"published at QoS {moment.published.qos}, not 1")


def retained(moment: Moment) -> Faults | None:
    """Published with the retain flag."""
    if not moment.sees(Sight.RETAIN):
        return None
    return holds(moment.published.retain, "published without the retain flag")


def well_formed(moment: Moment) -> Faults | None:
    """A JSON object with `online` and, as `timestamp`, milliseconds since 1970 in UTC."""
    state = state_of(moment)
    if state.fault:
        return (state.fault,)
    fault = unit_fault(state.at_ms, moment.at_ms)
    if not fault and not moment.published.stored and moment.kind is Kind.STATE_BIRTH:
        fault = zone_fault(state.at_ms, moment.at_ms)
    return holds(not fault, fault)


def announced(moment: Moment) -> Faults | None:
    """There is a STATE message. A host that publishes none does not show as a host."""
    return HELD if not state_of(moment).fault else None


BIRTH: Final = {Kind.STATE_BIRTH}
DEATH: Final = {Kind.STATE_DEATH}

CLAUSES: Final[Clauses] = (
    *must({
        "conformance-primary-host": "host applications publish STATE (one that does not cannot be seen)",
        "intro-sparkplug-host-state": "host applications publish STATE (one that does not cannot be seen)",
        "components-ph-state": "host applications tell by STATE whether they are online",
    }, STATES, announced),
    *must({
        "host-topic-phid-birth-qos": "a host's birth has QoS 1",
        "operational-behavior-host-application-connect-birth-qos": "a host's birth has QoS 1",
    }, BIRTH, at_qos_1, needs=Sight.QOS),
    *must({
        "host-topic-phid-birth-retain": "a host's birth is retained",
        "operational-behavior-host-application-connect-birth-retained": "a host's birth is retained",
    }, BIRTH, retained, needs=Sight.RETAIN),
    *must({"payloads-state-birth": "a host's birth has QoS 1 and is retained"},
          BIRTH, at_qos_1, retained, needs=Sight.QOS | Sight.RETAIN),
    *must({
        "host-topic-phid-birth-payload": "a host's birth is JSON with online = true and a timestamp in ms",
    }, BIRTH, well_formed),
    *must({
        "host-topic-phid-death-qos": "a host's death has QoS 1",
        "operational-behavior-host-application-death-qos": "a host's death has QoS 1",
    }, DEATH, at_qos_1, needs=Sight.QOS),
    *must({
        "host-topic-phid-death-retain": "a host's death is retained",
        "operational-behavior-host-application-death-retained": "a host's death is retained",
    }, DEATH, retained, needs=Sight.RETAIN),
    *must({
        "host-topic-phid-death-payload": "a host's death is JSON with online = false and a timestamp in ms",
        "operational-behavior-host-application-death-payload":
            "a host's death is JSON with online = false and a timestamp in ms",
    }, DEATH, well_formed),
)  # fmt: skip
