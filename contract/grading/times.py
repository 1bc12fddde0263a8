"""Timestamps: there, in milliseconds, in UTC, and in order.

Clocks of publisher and recorder need not agree, so only what no mere drift explains is held against anybody: another
unit, or an offset of whole half hours, which is a local time.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from contract.grading.clause import HELD, Clauses, Faults, each, every, holds, may, must, some
from contract.grading.metrics import label, metrics
from contract.grading.moment import BIRTHS, COMMANDS, DATA, FROM_EDGE, Kind, Moment
from contract.proto.sparkplug_b_pb2 import Payload

DAY_MS: Final = 86_400_000
HALF_HOUR_MS: Final = 1_800_000
ZONES_MS: Final = 14 * 3_600_000
"""No local time is further from UTC."""
CLOSE_MS: Final = 60_000
"""So exactly must an offset be of whole half hours to be taken for one of a time zone."""
SMALL_MS: Final = 900_000
"""Clocks that differ by less are taken to agree."""
UNITS: Final = {"seconds": 1_000.0, "microseconds": 1e-3, "nanoseconds": 1e-6}


def unit_fault(at_ms: int, now_ms: int) -> str:
    """Why this is no count of milliseconds, if it is none."""
    if at_ms == 0:
        return "timestamp 0"
    for unit, factor in UNITS.items():
        if abs(at_ms * factor - now_ms) < DAY_MS:
            return f"timestamp {at_ms} counts {unit}, not milliseconds"
    return ""


def zone_fault(at_ms: int, now_ms: int) -> str:
    """Why this is a local time, if it looks like one."""
    offset = at_ms - now_ms
    halves = round(offset / HALF_HOUR_MS)
    is_zone = halves != 0 and abs(offset) < ZONES_MS + CLOSE_MS
    if is_zone and abs(offset - halves * HALF_HOUR_MS) < CLOSE_MS:
        return f"timestamp {at_ms} is {halves / 2:+g} h from the recorder's clock: a local time, not UTC"
    return ""


def stamped(moment: Moment) -> Faults | None:
    """The payload says when it was published."""
    if not moment.is_readable:
        return (f"{moment.kind} that is not Sparkplug B protobuf, and so without timestamp",)
    if not moment.payload.HasField("timestamp"):
        return (f"{moment.kind} without a timestamp of its payload",)
    fault = unit_fault(moment.payload.timestamp, moment.at_ms)
    return holds(not fault, fault)


def in_utc(moment: Moment) -> Faults | None:
    """That time is UTC. An NDEATH's is that of its CONNECT and says nothing."""
    if not moment.payload.HasField("timestamp"):
        return None
    at_ms = moment.payload.timestamp
    fault = zone_fault(at_ms, moment.at_ms)
    if fault:
        return (fault,)
    return HELD if abs(at_ms - moment.at_ms) < SMALL_MS else None


def unstamped(metric: Payload.Metric) -> str:
    """A metric has no time."""
    return "" if metric.HasField("timestamp") else f"metric {label(metric)} without timestamp"


def metrics_in_utc(moment: Moment) -> Faults | None:
    """No metric's time lies whole half hours ahead. Behind, it may simply be an old value."""
    times = [metric.timestamp for metric in stamped_metrics(moment)]
    zones = (zone_fault(at_ms, moment.at_ms) for at_ms in times if at_ms > moment.at_ms)
    return each(filter(None, zones)) if times else None


def in_order(moment: Moment) -> Faults | None:
    """Values that are not historical stand in the order of their times."""
    current = [
        metric
        for metric in moment.payload.metrics
        if metric.HasField("timestamp") and not metric.is_historical
    ]
    if not current:
        return None
    return each(
        f"metric {label(later)} of {later.timestamp} stands after one of {earlier.timestamp}"
        for earlier, later in pairwise(current)
        if later.timestamp < earlier.timestamp
    )


def stamped_metrics(moment: Moment) -> list[Payload.Metric]:
    """Those with a time."""
    return [metric for metric in moment.payload.metrics if metric.HasField("timestamp")]


CLAUSES: Final[Clauses] = (
    *(
        clause
        for kind, ids in {
            Kind.NBIRTH: ("topics-nbirth-timestamp", "payloads-nbirth-timestamp"),
            Kind.DBIRTH: ("topics-dbirth-timestamp", "payloads-dbirth-timestamp"),
            Kind.NDATA: ("topics-ndata-timestamp", "payloads-ndata-timestamp"),
            Kind.DDATA: ("topics-ddata-timestamp", "payloads-ddata-timestamp"),
            Kind.NCMD: ("topics-ncmd-timestamp", "payloads-ncmd-timestamp"),
            Kind.DCMD: ("topics-dcmd-timestamp", "payloads-dcmd-timestamp"),
            Kind.DDEATH: ("payloads-ddeath-timestamp",),
        }.items()
        for clause in must(dict.fromkeys(ids, f"{kind} says when it was published"), {kind}, stamped, raw=True)
    ),
    *must({"payloads-timestamp-in-UTC": "payloads' times are UTC"},
          (FROM_EDGE | COMMANDS) - {Kind.NDEATH}, in_utc),
    *must({"payloads-name-birth-data-requirement": "each metric of a birth or of data has a time"},
          BIRTHS | DATA, every(metrics, unstamped)),
    *may({"payloads-name-cmd-requirement": "a command's metrics may have a time"}, COMMANDS, some(stamped_metrics)),
    *must({"payloads-metric-timestamp-in-UTC": "metrics' times are UTC"}, BIRTHS | DATA, metrics_in_utc),
    *must({
        "operational-behavior-data-publish-nbirth-order":
            "values of an NBIRTH or NDATA that are not historical stand in the order of their times",
    }, {Kind.NBIRTH, Kind.NDATA}, in_order),
    *must({
        "operational-behavior-data-publish-dbirth-order":
            "values of a DBIRTH or DDATA that are not historical stand in the order of their times",
    }, {Kind.DBIRTH, Kind.DDATA}, in_order),
)  # fmt: skip
