"""InfluxQL: what to ask for rows or buckets of one series or rows of many, and how to read the answer. Pure.

Rules
- `GROUP BY *` names every tag of what comes back, so a series with further tags is told from the asked one.
- Fields are asked for with their type (`::float`, `::string`): where another program wrote the same name with
  another type, that data does not hide ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.historian.historian import Bucket, FieldValue, Row, Series, is_text, measurement_of, within_reach
from gateway.historian.line_protocol import carried, carried_tags

VALUES_NAMED_MAX: Final = 50
"""A tag that has more values among the asked series is not asked about: to read past the others costs less."""
ESCAPED: Final = {"\\": r"\\", "\n": r"\n"}
ESCAPED_IN_NAME: Final = str.maketrans({**ESCAPED, '"': r"\""})
ESCAPED_IN_STRING: Final = str.maketrans({**ESCAPED, "'": r"\'"})


class QueryFailed(Exception):
    """The server answered with this error in place of rows; the adapter translates it."""


@dataclass(frozen=True, slots=True)
class Select:
    """A question for rows of one series: `from ≤ at < to`, or of these the newest only."""

    series: Series
    fields: tuple[str, ...]
    from_ms: int
    to_ms: int
    newest_only: bool = False

    def __str__(self) -> str:
        """As InfluxQL."""
        fields = ", ".join(f"{name(carried(asked))}::{_type(asked)}" for asked in self.fields)
        clauses = [
            f"SELECT {fields} FROM {name(carried(self.series.measurement))}",  # noqa: S608  # names are quoted
            f"WHERE {condition(self.series, self.from_ms, self.to_ms)} GROUP BY *",
        ]
        return " ".join([*clauses, "ORDER BY time DESC LIMIT 1"] if self.newest_only else clauses)

    def rows(self, answer: bytes) -> list[Row]:
        """The rows in one JSON answer, or in one chunk of it; raises `QueryFailed`."""
        return [_row(self.fields, at_ms, values) for at_ms, *values in values_in(answer, self.series)]


@dataclass(frozen=True, slots=True)
class SelectMany:
    """A question for rows of many series of one measurement: `from ≤ at < to`, or the newest of each only."""

    series: tuple[Series, ...]
    fields: tuple[str, ...]
    from_ms: int
    to_ms: int
    newest_only: bool = False
    _by_tags: dict[frozenset[tuple[str, str]], Series] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index them by what an answer calls them."""
        by_tags = {frozenset(carried_tags(each)): each for each in self.series}
        object.__setattr__(self, "_by_tags", by_tags)

    def __str__(self) -> str:
        """As InfluxQL. It may ask for more series than these."""
        fields = ", ".join(f"{name(carried(asked))}::{_type(asked)}" for asked in self.fields)
        clauses = [
            f"SELECT {fields} FROM {name(carried(measurement_of(self.series)))}",  # noqa: S608  # names are quoted
            f"WHERE {' AND '.join([*self._where(), *between(self.from_ms, self.to_ms)])} GROUP BY *",
        ]
        return " ".join([*clauses, "ORDER BY time DESC LIMIT 1"] if self.newest_only else clauses)

    def rows(self, answer: bytes) -> list[tuple[Series, Row]]:
        """The rows in one JSON answer, or in one chunk of it; raises `QueryFailed`."""
        return [
            (series, _row(self.fields, at_ms, values))
            for tags, found in series_in(answer)
            if (series := self._by_tags.get(frozenset(tags.items()))) is not None
            for at_ms, *values in found
        ]

    def _where(self) -> Iterator[str]:
        """What holds of all of them, as far as it is soon said."""
        tags = [dict(each) for each in self._by_tags]
        for tag in sorted(set[str]().union(*tags)):
            values = {each.get(tag) for each in tags}
            if None not in values and len(values) <= VALUES_NAMED_MAX:
                yield f"({' OR '.join(f'{name(tag)} = {string(value)}' for value in sorted(map(str, values)))})"


@dataclass(frozen=True, slots=True)
class SelectBuckets:
    """A question for what the values of one number field say of each stretch of `width` from `from` on."""

    series: Series
    field: str
    from_ms: int
    to_ms: int
    width_ms: int

    def __str__(self) -> str:
        """As InfluxQL. Of a field that another program wrote with another type only ours counts."""
        field = f"{name(carried(self.field))}::float"
        figures = ", ".join(f"{function}({field})" for function in ("count", "min", "max", "mean"))
        offset_ms = self.from_ms % self.width_ms
        return (
            f"SELECT {figures} FROM {name(carried(self.series.measurement))} "  # noqa: S608  # names are quoted
            f"WHERE {condition(self.series, self.from_ms, self.to_ms)} "
            f"GROUP BY time({self.width_ms}ms, {offset_ms}ms), * fill(none)"
        )

    def rows(self, answer: bytes) -> list[Bucket]:
        """The buckets in one JSON answer, or in one chunk of it; raises `QueryFailed`."""
        return [
            Bucket(at_ms, int(count), float(least), float(most), float(mean))
            for at_ms, count, least, most, mean in values_in(answer, self.series)
        ]


def condition(series: Series, from_ms: int, to_ms: int) -> str:
    """Of this series, from one instant to another."""
    where = [f"{name(tag)} = {string(value)}" for tag, value in carried_tags(series)]
    return " AND ".join([*where, *between(from_ms, to_ms)])


def between(from_ms: int, to_ms: int) -> tuple[str, str]:
    """From one instant to another."""
    return f"time >= {within_reach(from_ms)}ms", f"time < {within_reach(to_ms)}ms"


def values_in(answer: bytes, series: Series) -> Iterator[list[Any]]:
    """The values of a series in an answer, instant first; raises `QueryFailed`."""
    wanted = dict(carried_tags(series))
    for tags, values in series_in(answer):
        if tags == wanted:
            yield from values


def series_in(answer: bytes) -> Iterator[tuple[dict[str, str], Iterable[list[Any]]]]:
    """The tags of each series in an answer, and its values, instant first; raises `QueryFailed`."""
    document: dict[str, Any] = json.loads(answer)
    if error := error_in(document):
        raise QueryFailed(error)
    for result in document.get("results", ()):
        for found in result.get("series", ()):
            yield {tag: value for tag, value in found.get("tags", {}).items() if value}, found["values"]


def error_in(document: Mapping[str, Any]) -> str | None:
    """The error that an answer carries, as a whole or in one of its results."""
    parts = (document, *document.get("results", ()))
    return next((str(part["error"]) for part in parts if "error" in part), None)


def name(text: str) -> str:
    """An identifier, quoted."""
    return f'"{text.translate(ESCAPED_IN_NAME)}"'


def string(text: str) -> str:
    """A string, quoted."""
    return f"'{text.translate(ESCAPED_IN_STRING)}'"


def _type(field_name: str) -> str:
    return "string" if is_text(field_name) else "float"


def _row(fields: Sequence[str], at_ms: int, values: Sequence[FieldValue | None]) -> Row:
    """JSON writes 7.0 as 7: numbers become floats again."""
    pairs = zip(fields, values, strict=True)
    return Row(at_ms, {field: v if isinstance(v, str) else float(v) for field, v in pairs if v is not None})
