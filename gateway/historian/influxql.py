"""InfluxQL: what to ask for rows of one series, and how to read the answer. Pure.

Rules
- `GROUP BY *` names every tag of what comes back, so a series with further tags is told from the asked one.
- Fields are asked for with their type (`::float`, `::string`): where another program wrote the same name with
  another type, that data does not hide ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.historian.historian import FieldValue, Row, Series, is_text, within_reach
from gateway.historian.line_protocol import carried, carried_tags

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
        where = [f"{name(tag)} = {string(value)}" for tag, value in carried_tags(self.series)]
        where += [f"time >= {within_reach(self.from_ms)}ms", f"time < {within_reach(self.to_ms)}ms"]
        clauses = [
            f"SELECT {fields} FROM {name(carried(self.series.measurement))}",  # noqa: S608  # names are quoted
            f"WHERE {' AND '.join(where)} GROUP BY *",
        ]
        return " ".join([*clauses, "ORDER BY time DESC LIMIT 1"] if self.newest_only else clauses)

    def rows(self, answer: bytes) -> list[Row]:
        """The rows in one JSON answer, or in one chunk of it; raises `QueryFailed`."""
        document: dict[str, Any] = json.loads(answer)
        if error := error_in(document):
            raise QueryFailed(error)
        wanted = dict(carried_tags(self.series))
        return [
            _row(self.fields, at_ms, values)
            for result in document.get("results", ())
            for found in result.get("series", ())
            if {tag: value for tag, value in found.get("tags", {}).items() if value} == wanted
            for at_ms, *values in found["values"]
        ]


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
