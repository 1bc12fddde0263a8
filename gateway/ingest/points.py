"""Samples as the store's points: what one series has at one instant becomes one wide line. Pure.

A value is a field; a sample that is not good writes its quality and no value; the return to good writes 192
beside the value (design, the store). Numbers and Booleans are floats. Marks of our own have a field of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from contract.quality import Quality
from gateway.historian.historian import FieldValue, Point, Series
from gateway.ingest.node import Sample


def points(samples: Iterable[Sample], *, by_host: bool = False) -> list[Point]:
    """The lines of a message, in the order in which their first samples came; `by_host`: marks of our own."""
    lines: list[Point] = []
    known: dict[tuple[int, int], dict[str, FieldValue]] = {}
    fields: dict[str, FieldValue] = {}
    series: Series | None = None
    at_ms = 0
    for state, sample_at_ms, value, quality, turned in samples:
        target = state.target
        if target.series is not series or sample_at_ms != at_ms:  # neighbours mostly share a line
            series, at_ms = target.series, sample_at_ms
            key = (id(series), at_ms)
            if key in known:
                fields = known[key]
            else:
                fields = known[key] = {}
                lines.append(Point(series, at_ms, fields))
        if value is None:
            fields[target.host_quality_field if by_host else target.quality_field] = float(quality)
            continue
        fields[target.field] = value if isinstance(value, str) else float(value)
        if turned and quality is Quality.GOOD:
            fields[target.quality_field] = float(quality)
    return lines
