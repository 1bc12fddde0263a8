"""The units behind one Modbus connection: how each wants to be read, and what is known of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from contract.point import Point
from edge_agent.acquisition.doubt import Doubt
from edge_agent.acquisition.quarantine import Quarantine
from edge_agent.acquisition.read_plan import ReadLimits, poll_groups
from edge_agent.source_config import modbus as source_config
from edge_agent.sources.source import SourceHealth
from edge_agent.uplink.backoff import Backoff

LATENCY_WEIGHT: Final = 0.1
"""Of the newest answer in the smoothed time."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a unit can take."""

    limits: ReadLimits = field(default_factory=ReadLimits)
    timeout_s: float = 1.0
    gap_s: float = 0.0
    """Silence before it is asked, since the last answer on the connection."""


@dataclass(slots=True)
class Unit:
    """One unit, and from when on it may be asked."""

    unit_id: int
    terms: Terms
    backoff: Backoff
    healths: tuple[SourceHealth, ...]
    """Where what happens with it is counted: of the source, and its own where there are others besides it."""
    points: list[Point] = field(default_factory=list)
    doubt: Doubt = field(default_factory=Doubt)
    resumes_at_s: float = -math.inf
    late_until_s: float = -math.inf
    """Until then a reply to what it was asked before may come, and nothing would tell it from another."""
    took_s: float = 0.0
    """What the last exchange with it took."""

    def asked(self, took_s: float) -> None:
        """An exchange is over, one way or the other."""
        self.took_s = took_s
        for health in self.healths:
            health.reads += 1
            health.busy_s += took_s
            health.read_latency_ms += LATENCY_WEIGHT * (1000 * took_s - health.read_latency_ms)

    def answered(self, values: int, good_at_ms: int | None) -> None:
        """So many values were read; `good_at_ms` is when, if one of them was good."""
        for health in self.healths:
            health.connected = True
            health.readings += values
            if good_at_ms is not None:
                health.last_good_at_ms = good_at_ms

    def count(self, kind: str, times: int = 1) -> None:
        """Count errors of one kind."""
        for health in self.healths:
            health.count(kind, times)


@dataclass(slots=True)
class Group:
    """Points of one unit and table that are polled together."""

    unit: Unit
    period_s: float
    quarantine: Quarantine


def groups_of(
    points: Iterable[Point],
    *,
    terms: Callable[[int], Terms],
    backoff: Callable[[], Backoff],
    refused_wait_s: tuple[float, float],
    health: SourceHealth,
) -> list[Group]:
    """The poll groups of a source's points, and with them their units; `terms` are those of a unit id."""
    grouped = poll_groups(points)
    unit_ids = sorted({unit_id for unit_id, _, _ in grouped})
    if len(unit_ids) > 1:
        health.devices = {f"unit {unit_id}": SourceHealth() for unit_id in unit_ids}
    units = {
        unit_id: Unit(
            unit_id,
            terms(unit_id),
            backoff(),
            (health, health.devices[f"unit {unit_id}"]) if health.devices else (health,),
        )
        for unit_id in unit_ids
    }
    groups = []
    for (unit_id, _, period_s), group in grouped.items():
        unit = units[unit_id]
        unit.points.extend(group)
        groups.append(Group(unit, period_s, Quarantine(group, unit.terms.limits, *refused_wait_s)))
    return groups


def terms_of(config: source_config.ModbusSource, unit: source_config.UnitLimits | None = None) -> Terms:
    """Those of a source's config; of one unit, where it has its own."""
    own = unit or source_config.UnitLimits(unit_id=0)
    limits = ReadLimits(
        own.registers_max or config.registers_max,
        own.bits_max or config.bits_max,
        config.hole_max if own.hole_max is None else own.hole_max,
        config.bit_hole_max,
    )
    return Terms(limits, own.timeout_s or config.timeout_s, max(own.gap_ms or 0.0, config.gap_ms) / 1000)
