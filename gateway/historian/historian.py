"""What the centre expects of a historian.

Rules
- A point is a series (measurement and tags), an instant and named fields. Writing the same series and
  instant again merges the fields: last write wins per field. So at-least-once delivery is exactly-once here.
- A field never changes its type, and its name tells it: text fields end in `_text`, all others are numbers
  (Booleans as 0 and 1), kept as floats. No field is called `time`, or as a tag of its measurement is.
- A value that breaks this, or is not finite, is refused for good; the other fields of its point are stored.
- A quantity that is not good has no value but `<field>_q` (0 bad, 500 stale); the return to good writes
  `_q` 192 beside the value.
- `write` returns only when the store has acknowledged every point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Final, NamedTuple, Protocol

from contract.errors import Rejected, Transient

FieldValue = float | str

AT_MS_MAX: Final = 9_223_372_036_000
"""Instants are kept between 1677 and 2262, ± this many milliseconds: nanoseconds fill 63 bits there."""


BUCKETS_MAX: Final = 10_000
"""So many stretches are asked for at once at most."""


class HistorianUnavailable(Transient):
    """The store did not take the batch; nothing of it counts as stored."""


@dataclass
class PointsRejected(Rejected):
    """The store refused some points for good, whole or in part; the others are stored.

    `reason` is that of the first, `count` how many points; one refused for two reasons may count twice.
    """

    reason: str
    count: int

    def __str__(self) -> str:
        """For the log."""
        return f"{self.count} point(s) refused: {self.reason}"


class Series(NamedTuple):
    """A measurement and its tags, sorted by name. Interned by whoever makes many points of it."""

    measurement: str
    tags: tuple[tuple[str, str], ...]


class Point(NamedTuple):
    """One wide line: everything known of a series at one instant (UTC milliseconds since 1970)."""

    series: Series
    at_ms: int
    fields: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Row:
    """What comes back: an instant and those of the asked fields that have a value there."""

    at_ms: int
    fields: dict[str, FieldValue] = field(default_factory=dict)


class Bucket(NamedTuple):
    """What the values of one field say of a stretch of time; there is one only where there is a value."""

    at_ms: int
    """When it begins."""
    values: int
    """How many there are."""
    least: float
    most: float
    mean: float
    """Each value counts once, however long it held."""


class Historian(Protocol):
    """A store of points. Open and closed by its own module's async context manager."""

    async def write(self, points: Sequence[Point]) -> None:
        """Store points; raises `HistorianUnavailable` or, with the rest stored, `PointsRejected`."""

    async def read(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """Rows with `from ≤ at < to`, ascending, that have at least one of the fields."""

    async def last_before(self, series: Series, fields: Sequence[str], before_ms: int) -> Row | None:
        """The newest such row with `at < before`."""

    async def read_many(
        self,
        series: Sequence[Series],
        fields: Sequence[str],
        from_ms: int,
        to_ms: int,
        *,
        newest_only: bool = False,
    ) -> dict[Series, list[Row]]:
        """What `read` gives of each of many series of one measurement, with one question to the store.

        With `newest_only` the newest of these rows alone. A series without any is not in the answer.
        """

    async def buckets(
        self, series: Series, field: str, from_ms: int, to_ms: int, width_ms: int
    ) -> list[Bucket]:
        """The values with `from ≤ at < to` of a number field, by stretches of `width` from `from` on, ascending.

        Raises `ValueError` for a text field, and for more than `BUCKETS_MAX` stretches.
        """


def measurement_of(series: Sequence[Series]) -> str:
    """The one of all these series; raises `ValueError` where they have none or several."""
    [measurement] = {each.measurement for each in series}
    return measurement


def is_text(field_name: str) -> bool:
    """Whether a field of this name holds text."""
    return field_name.endswith("_text")


def why_refused(field_name: str, value: object) -> str | None:
    """Why no store takes this value in a field of this name; `None`: it does."""
    if field_name in {"", "time"}:
        return f"{field_name!r} is no name for a field"
    if isinstance(value, str):
        return None if is_text(field_name) else f"{field_name!r} is a number field and cannot hold text"
    if is_text(field_name):
        return f"{field_name!r} is a text field and cannot hold a number"
    try:
        return None if isfinite(value) else f"{field_name!r} is not finite"  # type: ignore[arg-type]  # its TypeError is an answer
    except (TypeError, ValueError, OverflowError):
        return f"{field_name!r} holds no number that fits a float"


def why_instant_refused(at_ms: int) -> str | None:
    """Why no store takes a point of this instant; `None`: it does."""
    return None if -AT_MS_MAX < at_ms < AT_MS_MAX else "its instant lies outside 1677 to 2262"


def within_reach(at_ms: int) -> int:
    """The instant, or the nearest one that a store can ask for."""
    return max(-AT_MS_MAX, min(at_ms, AT_MS_MAX))


def check_buckets(field_name: str, from_ms: int, to_ms: int, width_ms: int) -> None:
    """Raises `ValueError` where these buckets cannot be asked for."""
    if is_text(field_name):
        raise ValueError(f"{field_name!r} holds text, which has no mean")
    if width_ms < 1 or -(-(to_ms - from_ms) // width_ms) > BUCKETS_MAX:
        raise ValueError(f"{width_ms} ms make more than {BUCKETS_MAX} buckets of {to_ms - from_ms} ms")
