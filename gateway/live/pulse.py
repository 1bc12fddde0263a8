"""What is so now, as points of the store, written again and again. Pure.

The other facts are written when they change, and a fact that is told only then cannot be told from silence: who reads
the store alone would take the last state for the present one long after the centre has gone. So every `PULSE_S` the
centre writes what each face, each chamber, each gateway and itself is. What is not known has no field here: −1 would be
a value to a chart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.historian.historian import FieldValue, Point, Series
from gateway.ingest.node import Node
from gateway.live.chambers import ChamberTracker
from gateway.live.faces import FaceTracker
from gateway.live.facts import area_series
from gateway.live.trackers import Trackers
from rules.chambers.rule import State

PULSE_S: Final = 30.0
"""A reader who hears nothing for three of them may call it silence."""
CENTRE: Final = Series("centre_now", ())
OVER: Final = frozenset({"over", "hazard"})
Fields = dict[str, FieldValue]


def pulse(
    trackers: Trackers, nodes: Iterable[Node], figures: Mapping[str, float], now_ms: int
) -> Iterator[Point]:
    """Everything that is so at this instant; areas whose past is not recalled yet are left out.

    `figures` are the centre's own, by name.
    """
    for (mine, area), tracker in trackers.every():
        if not tracker.is_recalled:
            continue
        if isinstance(tracker, FaceTracker):
            yield Point(area_series("face_now", mine, area), now_ms, face(tracker))
        else:
            yield Point(area_series("chamber_now", mine, area), now_ms, chamber(tracker))
    for node in nodes:
        series = Series("gateway_now", (("gateway", node.key.node), ("mine", node.key.group)))
        yield Point(series, now_ms, gateway(node, now_ms))
    yield Point(CENTRE, now_ms, dict(figures))


def face(tracker: FaceTracker) -> Fields:
    """State, headcount and limit; `over` and `known` are what a threshold can be set on."""
    now = tracker.now
    return {
        "state_text": now.state,
        "over": float(now.state in OVER),
        "known": float(now.state != "unknown"),
        "limit": float(tracker.rule.limit),
        **present({"headcount": now.headcount}),
    }


def chamber(tracker: ChamberTracker) -> Fields:
    """State, and what the enterprise declares."""
    state = tracker.now.state
    declared = {} if tracker.declared is None else {"declared_text": tracker.declared.value}
    return {"state_text": state.value, "known": float(state is not State.UNKNOWN), **declared}


def gateway(node: Node, now_ms: int) -> Fields:
    """The link, the delivery and the clock of a gateway."""
    last_ms = node.last_data_ms
    return {
        "online": float(node.online),
        "readings_lost": float(node.readings_lost),
        **present({
            "delivered": node.ledger.delivered if node.ledger else None,
            "latency_ms": node.latency_ms,
            "clock_offset_ms": node.clock_offset_ms,
            "data_age_s": None if last_ms is None else max(0, now_ms - last_ms) / 1000,
        }),
    }  # fmt: skip


def present(figures: Mapping[str, float | None]) -> Fields:
    """Those that are known."""
    return {name: float(value) for name, value in figures.items() if value is not None}
