"""What the centre expects of a historian.

Rules
- A point is a series (measurement and tags), an instant and named fields. Writing the same series and
  instant again merges the fields: last write wins per field. So at-least-once delivery is exactly-once here.
- A field never changes its type: numbers (and Booleans, as 0 and 1) are floats, text fields end in `_text`.
- A quantity that is not good has no value but `<field>_q` (0 bad, 500 stale); the return to good writes
  `_q` 192 beside the value.
- `write` returns only when the store has acknowledged every point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from contract.errors import Rejected, Transient

FieldValue = float | str


class HistorianUnavailable(Transient):
    """The store did not take the batch; nothing of it counts as stored."""


@dataclass
class PointsRejected(Rejected):
    """The store refused some points for good (such as a field of another type); the others are stored."""

    reason: str
    count: int

    def __str__(self) -> str:
        """For the log."""
        return f"{self.count} point(s) refused: {self.reason}"


@dataclass(frozen=True, slots=True)
class Series:
    """A measurement and its tags, sorted by name. Interned by whoever makes many points of it."""

    measurement: str
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One wide line: everything known of a series at one instant (UTC milliseconds since 1970)."""

    series: Series
    at_ms: int
    fields: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Row:
    """What comes back: an instant and those of the asked fields that have a value there."""

    at_ms: int
    fields: dict[str, FieldValue] = field(default_factory=dict)


class Historian(Protocol):
    """A store of points. Open and closed by its own module's async context manager."""

    async def write(self, points: Sequence[Point]) -> None:
        """Store points; raises `HistorianUnavailable` or, with the rest stored, `PointsRejected`."""

    async def read(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """Rows with `from ≤ at < to`, ascending, that have at least one of the fields."""

    async def last_before(self, series: Series, fields: Sequence[str], before_ms: int) -> Row | None:
        """The newest such row with `at < before`."""
