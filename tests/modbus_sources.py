"""Modbus sources for tests: with short waits, and registers that are reported at every reading."""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random
from typing import Any

from contract.point import Point
from edge_agent.sources.modbus import ModbusSource
from edge_agent.sources.modbus_transport import TcpTransport, Transport
from edge_agent.sources.modbus_units import Terms
from tests.points import modbus_point

FAST_S = 0.05
TIMEOUT_S = 0.3
"""Far above what an answer takes here; long enough for a busy machine."""


def now_ms() -> int:
    """The clock of the tests' agents."""
    return time.time_ns() // 1_000_000


def source_over(
    transport: Transport, points: Sequence[Point], *, timeout_s: float = TIMEOUT_S, **settings: Any
) -> ModbusSource:
    """A source with short waits."""
    fields = {
        "terms": Terms(timeout_s=timeout_s),
        "unit_wait_s": (0.1, 0.5),
        "connect_wait_s": (0.05, 0.2),
        **settings,
    }
    return ModbusSource(
        name="test", transport=transport, points=points, now=now_ms, rng=Random(1), **fields  # noqa: S311 (jitter)
    )  # fmt: skip


def source_of(port: int, points: Sequence[Point], *, is_rtu: bool = False, **settings: Any) -> ModbusSource:
    """The same over TCP."""
    return source_over(TcpTransport("127.0.0.1", port, is_rtu), points, **settings)


def registers(
    addresses: Sequence[int], *, unit_id: int = 1, period_s: float = FAST_S, stale_after_s: float = 600.0
) -> list[Point]:
    """Registers of a unit; a `ModbusDevice` gives each its address."""
    return [
        modbus_point(
            at, unit_id=unit_id, period_s=period_s, max_silence_s=period_s, stale_after_s=stale_after_s
        )
        for at in addresses
    ]
