"""What a Modbus source of a config costs its connection; nothing is opened."""

from __future__ import annotations

from collections.abc import Sequence

from contract.point import Point
from edge_agent.engineering.load import Load, load
from edge_agent.source_config.modbus import ModbusSource
from edge_agent.sources.modbus_pass import OnceReader


def load_of(config: ModbusSource, points: Sequence[Point]) -> Load:
    """The load of a source's points, within the limits of its units."""
    reader = OnceReader(config)
    return load(points, lambda unit_id: reader.terms(unit_id).limits, reader.gap_s, reader.transport.byte_s)
