"""Commands of hosts to edge nodes and devices, and what follows a rebirth request.

A request is judged answered or not after `GRACE_MS`; one that comes within `DEBOUNCE_MS` of a birth may count as
answered by it. What a subscriber sees of a request the edge node need not have received.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contract.grading.births import find, has_metrics
from contract.grading.clause import HELD, Clauses, Faults, each, holds, must, should
from contract.grading.metrics import label
from contract.grading.moment import BIRTHS, DATA, Kind, Moment
from contract.grading.node import REBIRTH, Standing, bd_seq_of

INTEGER: Final = frozenset({"int_value", "long_value"})
FIELDS_OF: Final[Mapping[int, frozenset[str]]] = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6, 7, 8, 13), INTEGER),
    **dict.fromkeys((9, 10), frozenset({"float_value", "double_value"})),
    11: frozenset({"boolean_value"}),
    **dict.fromkeys((12, 14, 15), frozenset({"string_value"})),
    16: frozenset({"dataset_value"}),
    **dict.fromkeys((17, 18, *range(22, 35)), frozenset({"bytes_value"})),
    19: frozenset({"template_value"}),
}
"""Where a value of each data type may sit."""


def is_command(_moment: Moment) -> Faults:
    """A command that came on the topic for its kind."""
    return HELD


def is_for_node(moment: Moment) -> Faults | None:
    """What controls a node comes in an NCMD."""
    if moment.kind is Kind.NCMD:
        return HELD
    astray = [
        metric.name
        for metric in moment.payload.metrics
        if metric.name.startswith("Node Control/") and moment.declared(metric) is None
    ]
    return each(f"{name!r} in a DCMD" for name in astray) if astray else None


def rebirth_by_ncmd(moment: Moment) -> Faults | None:
    """A rebirth is asked for in an NCMD."""
    if find(moment.payload, REBIRTH) is None:
        return None
    return holds(moment.kind is Kind.NCMD, f"{REBIRTH!r} in a {moment.kind}")


def rebirth_by_name(moment: Moment) -> Faults | None:
    """By that very name."""
    found = [name for metric in moment.payload.metrics if (name := metric.name).lower() == REBIRTH.lower()]
    return each(f"{name!r} instead of {REBIRTH!r}" for name in found if name != REBIRTH) if found else None


def rebirth_with_true(moment: Moment) -> Faults | None:
    """With the value true."""
    found = find(moment.payload, REBIRTH)
    if found is None:
        return None
    is_true = found.WhichOneof("value") == "boolean_value" and found.boolean_value
    return holds(is_true, f"{REBIRTH!r} is not true")


def known_to_birth(moment: Moment) -> Faults | None:
    """A command writes metrics that stand in the birth."""
    device = moment.device
    if device is None or device.standing is not Standing.BORN or not moment.payload.metrics:
        return None
    return each(
        f"metric {label(metric)} is not in the birth"
        for metric in moment.payload.metrics
        if moment.declared(metric) is None
    )


def compatible(moment: Moment) -> Faults | None:
    """A command's value fits the data type in the birth."""
    judged = [
        (metric, declared.datatype)
        for metric in moment.payload.metrics
        if (declared := moment.declared(metric)) is not None and declared.datatype in FIELDS_OF
    ]
    if not judged:
        return None
    return each(
        f"metric {label(metric)} of datatype {datatype} comes as {metric.WhichOneof('value') or 'no value'}"
        for metric, datatype in judged
        if metric.WhichOneof("value") not in FIELDS_OF[datatype] and not metric.is_null
    )


def stops_data(moment: Moment) -> Faults | None:
    """Asked for a rebirth, the node sends no more data before it."""
    node = moment.node
    if node is None or node.request is None:
        return None
    if moment.kind is Kind.NBIRTH:
        return HELD
    if not node.is_overdue(moment.at_ms):
        return None
    after_s = (moment.at_ms - node.request.at_ms) / 1000
    return (f"{moment.kind} {after_s:.0f} s after the rebirth request at #{node.request.index}",)


def is_reborn(moment: Moment) -> Faults | None:
    """Asked for a rebirth, the node publishes its NBIRTH and a DBIRTH of every device that goes on sending.

    One that is silent from then on may be gone.
    """
    node = moment.node
    if node is None:
        return None
    if moment.kind is Kind.NBIRTH:
        return HELD if node.request else None
    if node.is_overdue(moment.at_ms) and node.request:
        return (f"no NBIRTH after the rebirth request at #{node.request.index}",)
    device, name = moment.device, moment.address.device if moment.address else None
    if moment.kind is Kind.DDATA and device and name in node.awaited and not device.has_early_data:
        return (f"device {name!r} goes on without a DBIRTH in the rebirth",)
    return None


def keeps_number(moment: Moment) -> Faults | None:
    """The rebirth has the number of the session, which goes on.

    A subscriber cannot tell a rebirth with a new number from a new connection.
    """
    node = moment.node
    if node is None or node.request is None or node.standing is not Standing.BORN:
        return None
    number = bd_seq_of(moment.payload)
    if number == node.bd_seq:
        return HELD
    is_same_connection = moment.connection is not None and moment.connection is node.connection
    what = f"reborn with bdSeq {number}, though the session has {node.bd_seq}"
    return (what,) if is_same_connection else None


def dies(_moment: Moment) -> Faults:
    """A device's death was published."""
    return HELD


NCMD: Final = {Kind.NCMD}
DCMD: Final = {Kind.DCMD}
BOTH: Final = {Kind.NCMD, Kind.DCMD}

CLAUSES: Final[Clauses] = (
    *must({"topics-ncmd-payload": "an NCMD has the metrics to write"}, NCMD, has_metrics),
    *must({"topics-dcmd-payload": "a DCMD has the metrics to write"}, DCMD, has_metrics),
    *must({"operational-behavior-data-commands-ncmd-verb": "a node's command is an NCMD"}, BOTH, is_for_node),
    *must({"operational-behavior-data-commands-dcmd-verb": "a device's command is a DCMD"}, DCMD, is_command),
    *should({"operational-behavior-data-commands-ncmd-metric-name": "an NCMD names metrics of the NBIRTH"},
            NCMD, known_to_birth),
    *should({"operational-behavior-data-commands-dcmd-metric-name": "a DCMD names metrics of the DBIRTH"},
            DCMD, known_to_birth),
    *must({"operational-behavior-data-commands-ncmd-metric-value": "an NCMD's value fits the metric's datatype"},
          NCMD, compatible),
    *must({"operational-behavior-data-commands-dcmd-metric-value": "a DCMD's value fits the metric's datatype"},
          DCMD, compatible),
    *must({"operational-behavior-data-commands-ncmd-rebirth-verb": "a rebirth is asked for in an NCMD"},
          BOTH, rebirth_by_ncmd),
    *must({"operational-behavior-data-commands-ncmd-rebirth-name": "a rebirth is asked for by its metric's name"},
          NCMD, rebirth_by_name),
    *must({"operational-behavior-data-commands-ncmd-rebirth-value": "a rebirth is asked for with the value true"},
          NCMD, rebirth_with_true),
    *must({"operational-behavior-data-commands-rebirth-action-1": "asked for a rebirth, a node stops sending data"},
          DATA | {Kind.NBIRTH}, stops_data),
    *must({"operational-behavior-data-commands-rebirth-action-2":
           "asked for a rebirth, a node publishes its NBIRTH and all DBIRTHs"},
          DATA | BIRTHS, is_reborn),
    *must({"operational-behavior-data-commands-rebirth-action-3": "the rebirth has the bdSeq of the session's will"},
          {Kind.NBIRTH}, keeps_number),
    *must({"operational-behavior-device-ddeath": "a lost device gets a DDEATH (a missing one cannot be seen)"},
          {Kind.DDEATH}, dies),
)  # fmt: skip
