"""What screens are told, as plain data for JSON. Pure; times are UTC ISO-8601 with milliseconds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from contract.vocabulary import equipment, quantities
from contract.vocabulary.quantities import Quantity
from contract.vocabulary.roles import Role
from gateway.ingest.node import MetricState, Node
from gateway.live.chambers import ChamberTracker
from gateway.live.faces import FaceTracker
from gateway.live.gaps import Gap
from gateway.live.trackers import MineTrackers
from rules.shift_calendar import Shift

View = dict[str, object]
TELLING: Final = (
    "Methane", "Level", "Airflow", "Negative Pressure", "Power", "Haulage Speed", "Position", "Cutting Current",
    "Flow", "Current", "Vibration", "Temperature",
)  # fmt: skip
"""Quantities that tell most of a face or chamber, the most telling first."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def time_of(at_ms: float | None) -> str | None:
    """An instant as text; `None` for none."""
    if at_ms is None:
        return None
    return (
        (EPOCH + timedelta(milliseconds=round(at_ms)))
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def micros(at_us: int | None) -> str | None:
    """The same from microseconds."""
    return None if at_us is None else time_of(at_us // 1000)


def shift_view(shift: Shift | None) -> View | None:
    """Name, kind and times of a shift."""
    if shift is None:
        return None
    return {
        "name": shift.name,
        "kind": shift.kind,
        "starts_at": micros(shift.starts_us),
        "ends_at": micros(shift.ends_us),
    }


def face_view(
    face: FaceTracker, mine: MineTrackers, metrics: Iterable[MetricState], *, with_trend: bool
) -> View:
    """A face: headcount against its limit, state, the shift so far."""
    now, running = face.now, face.running
    view: View = {
        "code": face.face.code,
        "name": face.face.name,
        "kind": face.face.kind,
        "intelligent": face.face.intelligent,
        "limit": face.rule.limit,
        "headcount": now.headcount,
        "headcount_at": micros(now.headcount_at_us),
        "state": now.state,
        "reason": now.reason,
        "since": micros(now.since_us),
        "shift": shift_view(face.shift),
        "record": running.as_json(mine.zone) if running else None,
        "handover_min": face.rule.handover_min,
        "stale_after_s": face.rule.stale_after_s,
        "coverage_min": face.rule.coverage_min,
        "values": values_view(metrics),
    }
    if with_trend:
        view["trend"] = [[micros(at_us), None if math.isnan(n) else int(n)] for at_us, n in face.trend()]
    return view


def chamber_view(chamber: ChamberTracker, code: str, metrics: Iterable[MetricState]) -> View:
    """A chamber: state and since when, who is in it, how it is controlled, the last visit."""
    values = list(metrics)
    newest = {metric.target.role: metric.value for metric in values if metric.target.role}
    return {
        "code": code,
        "name": chamber.title,
        "kind": chamber.chamber.kind.value,
        "state": chamber.now.state.value,
        "since": micros(chamber.now.since_us),
        "occupancy": newest.get(Role.HEADCOUNT),
        "control_mode": newest.get(Role.CONTROL_MODE),
        "visit_at": micros(chamber.now.last_visit_us),
        "values": values_view(values),
    }


def values_view(metrics: Iterable[MetricState]) -> list[View]:
    """The telling ones first: a tile has room for a few."""
    return [value_view(metric) for metric in sorted(metrics, key=rank)]


def rank(metric: MetricState) -> tuple[bool, int]:
    """Place of a metric: what the judgement reads comes last, it is on the tile already."""
    word = metric.name.rpartition("/")[2]
    return metric.target.role is not None, TELLING.index(word) if word in TELLING else len(TELLING)


def value_view(metric: MetricState) -> View:
    """One metric's newest value with its names, unit and quality."""
    name = equipment.parse(metric.name)
    known: Quantity | None = quantities.BY_WORD.get(name.quantity) if name else None
    unit_number = f" {name.unit}#" if name and name.unit else ""
    return {
        "metric": metric.name,
        "zh": f"{name.equipment.zh}{unit_number} {known.zh}" if name and known else metric.name,
        "en": metric.name.replace("/", " "),
        "value": metric.value,
        "unit": metric.unit or (known.unit if known else ""),
        "decimals": known.decimals if known else 2,
        "quality": None if metric.quality is None else int(metric.quality),
        "at": time_of(metric.at_ms) if metric.at_ms >= 0 else None,
    }


def link_view(node: Node) -> View:
    """A gateway: is it there, when data came last, what share of its batches is stored."""
    delivered = node.ledger.delivered if node.ledger else None
    return {
        "gateway": node.key.node,
        "online": node.online,
        "since": time_of(node.since_ms),
        "last_data_at": time_of(node.last_data_ms),
        "delivered": delivered,
        "readings_lost": node.readings_lost,
        "latency_ms": None if node.latency_ms is None else round(node.latency_ms),
        "clock_offset_ms": None if node.clock_offset_ms is None else round(node.clock_offset_ms),
    }


def gap_view(gap: Gap) -> View:
    """An entry of the gap ledger; gateway and area are empty where it concerns all of them."""
    first, last = gap.batches or (None, None)
    return {
        "gateway": gap.key.node,
        "area": gap.area,
        "cause": gap.cause.value,
        "from": time_of(gap.from_ms),
        "to": time_of(gap.to_ms),
        "outcome": gap.outcome.value,
        "points": gap.points,
        "readings": gap.readings,
        "first_batch": first,
        "last_batch": last,
    }


def delivered_of(nodes: Iterable[Node]) -> float | None:
    """Share of stored batches over several gateways; `None` where none numbers its batches."""
    ledgers = [node.ledger for node in nodes if node.ledger]
    given = sum(ledger.highest - ledger.first + 1 for ledger in ledgers)
    return sum(ledger.stored for ledger in ledgers) / given if given else None


def metrics_of(nodes: Iterable[Node]) -> Mapping[str, list[MetricState]]:
    """Declared metrics by area, over all gateways of a mine."""
    found: dict[str, list[MetricState]] = {}
    for node in nodes:
        for device in node.devices.values():
            if device.name is not None:
                metrics = (metric for metric in device.metrics.values() if "/" in metric.name)
                found.setdefault(device.name, []).extend(
                    metric for metric in metrics if equipment.parse(metric.name)
                )
    return found
