"""What reading a Modbus source costs its connection, as far as that can be told without asking; pure.

Only what is certain is counted: the silence before every request and, on a serial line, the characters themselves.
How long a device thinks is not known, so the connection is busy for longer than is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from contract.point import Point
from edge_agent.acquisition.decode import payload_size
from edge_agent.acquisition.read_plan import ReadLimits, plan, where

FRAME_BYTES: Final = 13
"""Of request and reply on a serial line, besides the values: 8 and 5 (Modbus over Serial Line V1.02, 2.5.1)."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the points of one connection cost."""

    requests: int
    """In a round of all points."""
    requests_per_s: float
    busy_min: float
    """Share of the time that the connection is busy at least."""


def load(
    points: Sequence[Point],
    limits: Callable[[int], ReadLimits],
    gap_s: Callable[[int], float],
    byte_s: float = 0.0,
) -> Load:
    """What these points cost; limits and silence are those of a unit, `byte_s` is the time of a character."""
    requests = [
        request
        for unit_id in sorted({where(point).unit_id for point in points})
        for request in plan((point for point in points if where(point).unit_id == unit_id), limits(unit_id))
    ]
    rates = [1 / request.points[0].period_s for request in requests]
    costs_s = [
        gap_s(request.unit_id) + byte_s * (FRAME_BYTES + payload_size(request.table, request.count))
        for request in requests
    ]
    busy = sum(rate * cost_s for rate, cost_s in zip(rates, costs_s, strict=True))
    return Load(len(requests), sum(rates), busy)
