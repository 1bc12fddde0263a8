"""Stand-ins that are simpler than what they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.historian.historian import (
    Bucket,
    FieldValue,
    HistorianUnavailable,
    Point,
    Row,
    Series,
)


class OneByOne:
    """Of a store: many series are read one after the other."""

    async def read(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """Rows of one."""
        raise NotImplementedError

    async def read_many(
        self,
        series: Sequence[Series],
        fields: Sequence[str],
        from_ms: int,
        to_ms: int,
        *,
        newest_only: bool = False,
    ) -> dict[Series, list[Row]]:
        """Rows of many."""
        found = {each: await self.read(each, fields, from_ms, to_ms) for each in series}
        return {each: rows[-1:] if newest_only else rows for each, rows in found.items() if rows}


@dataclass
class FakeHistorian(OneByOne):
    """A store in memory; it refuses while it is told to, and writing the same again merges the fields."""

    refuses: bool = False
    lines: dict[tuple[Series, int], dict[str, FieldValue]] = field(default_factory=dict)
    refusals: int = 0

    async def write(self, points: Sequence[Point]) -> None:
        """Store, or refuse the whole."""
        if self.refuses:
            self.refusals += 1
            raise HistorianUnavailable("told to refuse")
        for point in points:
            self.lines.setdefault((point.series, point.at_ms), {}).update(point.fields)

    async def read(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """Rows of a stretch of time."""
        found = [
            Row(at_ms, {name: line[name] for name in fields if name in line})
            for (of, at_ms), line in self.lines.items()
            if of == series and from_ms <= at_ms < to_ms
        ]
        return sorted((row for row in found if row.fields), key=lambda row: row.at_ms)

    async def last_before(self, series: Series, fields: Sequence[str], before_ms: int) -> Row | None:
        """The newest row before an instant."""
        return next(reversed(await self.read(series, fields, 0, before_ms)), None)

    async def buckets(
        self, series: Series, field: str, from_ms: int, to_ms: int, width_ms: int
    ) -> list[Bucket]:
        """What the values say of each stretch."""
        return buckets_of(await self.read(series, [field], from_ms, to_ms), field, from_ms, width_ms)

    @property
    def values(self) -> list[FieldValue]:
        """Every value stored, quality marks aside."""
        return [
            value for line in self.lines.values() for name, value in line.items() if not name.endswith("_q")
        ]


def buckets_of(rows: Sequence[Row], field: str, from_ms: int, width_ms: int) -> list[Bucket]:
    """Rows by stretches of `width`."""
    values: dict[int, list[float]] = {}
    for row in rows:
        values.setdefault((row.at_ms - from_ms) // width_ms, []).append(float(row.fields[field]))
    return [
        Bucket(from_ms + place * width_ms, len(of), min(of), max(of), sum(of) / len(of))
        for place, of in sorted(values.items())
    ]
