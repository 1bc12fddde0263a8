"""Readings for tests, with as little ceremony as possible."""

from __future__ import annotations

from contract.datatype import Value
from contract.point import ModbusAddress, Point, RawType, Register
from contract.quality import Quality
from edge_agent.acquisition.reading import Reading


def point(
    metric: str,
    area: str = "F1",
    *,
    raw: RawType = RawType.FLOAT32,
    scale: float = 1.0,
    offset: float = 0.0,
    enum: dict[int, str] | None = None,
) -> Point:
    """A Modbus point; where it lies does not matter."""
    address = ModbusAddress(1, Register.HOLDING, 0, raw, 0 if raw is RawType.BIT else None)
    return Point(area, metric, address, scale=scale, offset=offset, enum=enum or {})


def reading(of: Point, value: Value | None, at_ms: int, quality: Quality = Quality.GOOD) -> Reading:
    """A reading that arrives at its source time."""
    return Reading(of, value, quality, at_ms, at_ms)
