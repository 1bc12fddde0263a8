"""Samples as the store's points: what one series has at one instant becomes one wide line. Pure.

A value is a field; a sample that is not good writes its quality and no value; the return to good writes 192
beside the value (design, the store). Numbers and Booleans are floats.
"""

from __future__ import annotations

from collections.abc import Iterable

from contract.quality import Quality
from gateway.historian.historian import FieldValue, Point
from gateway.ingest.node import Sample


def points(samples: Iterable[Sample]) -> list[Point]:
    """The lines of a message, in the order in which their first samples came."""
    lines: dict[tuple[int, int], tuple[Point, dict[str, FieldValue]]] = {}
    for state, at_ms, value, quality, turned in samples:
        target = state.target
        key = (id(target.series), at_ms)
        line = lines.get(key)
        if line is None:
            fields: dict[str, FieldValue] = {}
            line = lines[key] = (Point(target.series, at_ms, fields), fields)
        if value is None:
            line[1][target.quality_field] = float(quality)
            continue
        line[1][target.field] = value if isinstance(value, str) else float(value)
        if turned and quality is Quality.GOOD:
            line[1][target.quality_field] = float(quality)
    return [point for point, _ in lines.values()]
