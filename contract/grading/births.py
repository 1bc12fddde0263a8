"""What births contain, and that data brings nothing which they have not declared."""

from __future__ import annotations

from typing import Final

from contract.grading.clause import HELD, Clauses, Faults, each, every, holds, must, should
from contract.grading.metrics import label, metrics
from contract.grading.moment import Kind, Moment
from contract.grading.node import BD_SEQ, REBIRTH, Standing, bd_seq_of, content
from contract.proto.sparkplug_b_pb2 import Payload

INT64: Final = 4
BOOLEAN: Final = 11


def readable(moment: Moment) -> Faults | None:
    """The payload is Sparkplug B."""
    return holds(moment.is_readable, "the payload is not Sparkplug B protobuf")


def undescribed(metric: Payload.Metric) -> str:
    """It lacks name, data type or value; a null is a value."""
    lacks = [] if metric.name else ["name"]
    lacks += [] if metric.HasField("datatype") else ["datatype"]
    lacks += [] if metric.is_null or metric.WhichOneof("value") else ["value"]
    return f"metric {label(metric)} lacks {' and '.join(lacks)}" if lacks else ""


def not_either(metric: Payload.Metric) -> str:
    """It has both a value and the null flag, or neither."""
    has_value = metric.WhichOneof("value") is not None
    if has_value is not metric.is_null:
        return ""
    what = "both a value and is_null" if has_value else "neither a value nor is_null"
    return f"metric {label(metric)} has {what}"


def declared(moment: Moment) -> Faults | None:
    """Each metric of data stands in the birth."""
    device = moment.device
    if device is None or device.standing is not Standing.BORN or not moment.payload.metrics:
        return None
    return each(
        f"metric {label(metric)} is not in the birth"
        for metric in moment.payload.metrics
        if (metric.name or metric.HasField("alias")) and moment.declared(metric) is None
    )


def has_metrics(moment: Moment) -> Faults | None:
    """There is something in it."""
    return holds(bool(moment.payload.metrics), f"{moment.kind} without any metric")


def changed(moment: Moment) -> Faults | None:
    """At least one of the current values differs from what was known."""
    device = moment.device
    if device is None or device.standing is not Standing.BORN:
        return None
    current = [metric for metric in moment.payload.metrics if not metric.is_historical]
    if not current:
        return None
    for metric in current:
        known = moment.declared(metric)
        if known is None or device.contents.get(known.name) != content(metric):
            return HELD
    return (f"nothing in it has changed; the first metric is {label(current[0])}",)


def has_bd_seq(moment: Moment) -> Faults | None:
    """`bdSeq` is there, as a number of 0 to 255."""
    number = bd_seq_of(moment.payload)
    if number is None:
        return ("no metric 'bdSeq' with a number",)
    return holds(number < 256, f"bdSeq {number} is above 255")  # noqa: PLR2004  (the range of session numbers)


def bd_seq_is_int64(moment: Moment) -> Faults | None:
    """Its data type is Int64."""
    found = find(moment.payload, BD_SEQ)
    return (
        holds(found.datatype == INT64, f"bdSeq has datatype {found.datatype}, not 4 (Int64)")
        if found
        else None
    )


def has_rebirth(moment: Moment) -> Faults | None:
    """`Node Control/Rebirth` is there."""
    return holds(find(moment.payload, REBIRTH) is not None, f"no metric {REBIRTH!r}")


def rebirth_is_boolean(moment: Moment) -> Faults | None:
    """Its data type is Boolean."""
    found = find(moment.payload, REBIRTH)
    wrong = found is not None and found.datatype != BOOLEAN
    return has_rebirth(moment) or holds(
        not wrong, f"{REBIRTH!r} has datatype {found.datatype if found else 0}, not 11 (Boolean)"
    )


def rebirth_is_false(moment: Moment) -> Faults | None:
    """Its value is false."""
    found = find(moment.payload, REBIRTH)
    is_false = found is not None and found.WhichOneof("value") == "boolean_value" and not found.boolean_value
    return has_rebirth(moment) or holds(is_false, f"{REBIRTH!r} is not false")


def rebirth_has_no_alias(moment: Moment) -> Faults | None:
    """It has no alias."""
    found = find(moment.payload, REBIRTH)
    return holds(not found.HasField("alias"), f"{REBIRTH!r} has the alias {found.alias}") if found else None


def find(payload: Payload, name: str) -> Payload.Metric | None:
    """A metric by name."""
    return next((metric for metric in payload.metrics if metric.name == name), None)


NBIRTH: Final = {Kind.NBIRTH}
DBIRTH: Final = {Kind.DBIRTH}

CLAUSES: Final[Clauses] = (
    *must({"message-flow-edge-node-birth-publish-nbirth-payload": "an NBIRTH's payload is protobuf"},
          NBIRTH, readable, raw=True),
    *must({"message-flow-device-birth-publish-dbirth-payload": "a DBIRTH's payload is protobuf"},
          DBIRTH, readable, raw=True),
    *must({"topics-nbirth-metrics": "each metric of an NBIRTH has name, datatype and value"},
          NBIRTH, every(metrics, undescribed)),
    *must({"topics-dbirth-metrics": "each metric of a DBIRTH has name, datatype and value"},
          DBIRTH, every(metrics, undescribed)),
    *must({"operational-behavior-data-publish-nbirth-values": "in an NBIRTH, a value or is_null, not both"},
          NBIRTH, every(metrics, not_either)),
    *must({"operational-behavior-data-publish-dbirth-values": "in a DBIRTH, a value or is_null, not both"},
          DBIRTH, every(metrics, not_either)),
    *must({
        "topics-nbirth-metric-reqs": "whatever NDATA brings stands in the NBIRTH",
        "operational-behavior-data-publish-nbirth": "whatever NDATA brings stands in the NBIRTH",
    }, {Kind.NDATA}, declared),
    *must({
        "topics-dbirth-metric-reqs": "whatever DDATA brings stands in the DBIRTH",
        "operational-behavior-data-publish-dbirth": "whatever DDATA brings stands in the DBIRTH",
    }, {Kind.DDATA}, declared),
    *must({"topics-ndata-payload": "an NDATA brings what has changed"}, {Kind.NDATA}, has_metrics),
    *must({"topics-ddata-payload": "a DDATA brings what has changed"}, {Kind.DDATA}, has_metrics),
    *should({"operational-behavior-data-publish-nbirth-change": "NDATA only when something has changed"},
            {Kind.NDATA}, changed),
    *should({"operational-behavior-data-publish-dbirth-change": "DDATA only when something has changed"},
            {Kind.DDATA}, changed),
    *should({"principles-rbe-recommended": "data by exception, not periodically"},
            {Kind.NDATA, Kind.DDATA}, changed),
    *must({
        "topics-nbirth-bdseq-included": "an NBIRTH has the metric bdSeq",
        "payloads-nbirth-bdseq": "an NBIRTH has the metric bdSeq",
    }, NBIRTH, has_bd_seq),
    *must({
        "topics-nbirth-rebirth-metric": "an NBIRTH has Node Control/Rebirth, Boolean, false",
        "payloads-nbirth-rebirth-req": "an NBIRTH has Node Control/Rebirth, Boolean, false",
    }, NBIRTH, rebirth_is_boolean, rebirth_is_false),
    *must({"operational-behavior-data-commands-rebirth-name": "an NBIRTH has Node Control/Rebirth"},
          NBIRTH, has_rebirth),
    *must({"operational-behavior-data-commands-rebirth-datatype": "Node Control/Rebirth is Boolean"},
          NBIRTH, rebirth_is_boolean),
    *must({"operational-behavior-data-commands-rebirth-value": "Node Control/Rebirth is false"},
          NBIRTH, rebirth_is_false),
    *must({"operational-behavior-data-commands-rebirth-name-aliases": "Node Control/Rebirth has no alias"},
          NBIRTH, rebirth_has_no_alias),
)  # fmt: skip
