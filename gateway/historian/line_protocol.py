"""InfluxDB line protocol: points in, lines out. Pure.

Rules
- In names and tags a backslash escapes comma, space and equals sign (in a measurement the first two only).
- What the syntax cannot carry there is written as `%` and two hexadecimal digits: control characters and lone
  surrogates, a `#` that would begin a comment, and the backslash, which cannot escape itself and joins what follows it.
  `carried` is the one place that decides this, and whoever reads asks for names as carried.
- An empty tag is no tag.
- Text fields are quoted; a backslash escapes quote and backslash, everything else stands as it is.
- Numbers are floats, shortest form that reads back the same; instants are milliseconds.
- A refused value (historian.py) is left out and the reason told; a point of which nothing is left has no line.

A line costs one look-up for its series, one for its field names, and one formatting for all its numbers:
what is left is `repr` of floats, two thirds of the time, which the collector lowers by rounding to the
point's resolution.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Final, cast

from gateway.historian.historian import (
    FieldValue,
    Point,
    Series,
    is_text,
    why_instant_refused,
    why_refused,
)

ESCAPED: Final = str.maketrans({",": r"\,", " ": r"\ ", "=": r"\="})
ESCAPED_IN_MEASUREMENT: Final = str.maketrans({",": r"\,", " ": r"\ "})
ESCAPED_IN_TEXT: Final = str.maketrans({'"': r"\"", "\\": r"\\"})
NOT_CARRIED: Final = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]|\A#")
ONLY_FLOATS: Final = frozenset({float})
SERIES_CACHED_MAX: Final = 65_536
SHAPES_CACHED_MAX: Final = 4_096


@dataclass(slots=True)
class Encoded:
    """Lines, the point behind each, and a reason for every point refused whole or in part."""

    lines: list[str] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def encode(points: Iterable[Point]) -> Encoded:
    """The points as lines without line ends, in order."""
    encoded = Encoded()
    for point in points:
        fields = _number_fields(point.fields) or _any_fields(point.fields, encoded.refused)
        if reason := why_instant_refused(point.at_ms):
            encoded.refused.append(reason)
        elif fields:
            encoded.lines.append(f"{series_key(point.series)} {fields} {point.at_ms}")
            encoded.points.append(point)
    return encoded


@lru_cache(maxsize=SERIES_CACHED_MAX)
def series_key(series: Series) -> str:
    """What a line begins with: the measurement and its tags."""
    tags = (f",{_escaped(name)}={_escaped(value)}" for name, value in carried_tags(series))
    return carried(series.measurement).translate(ESCAPED_IN_MEASUREMENT) + "".join(tags)


def carried(name: str) -> str:
    """A measurement, tag or field name, or a tag's value, as the line protocol can carry it."""
    return NOT_CARRIED.sub(lambda found: f"%{ord(found[0]):02X}", name)


def carried_tags(series: Series) -> list[tuple[str, str]]:
    """The series' tags as carried."""
    return [(carried(name), carried(value)) for name, value in series.tags if value]


def _escaped(name: str) -> str:
    return carried(name).translate(ESCAPED)


def _number_fields(fields: Mapping[str, FieldValue]) -> str:
    """The fields of a line if all are sound floats, the usual case; else nothing."""
    values = fields.values()
    if not (ONLY_FLOATS.issuperset(map(type, values)) and isfinite(sum(cast("Iterable[float]", values)))):
        return ""
    numbers_format = _numbers_format(tuple(fields))
    return numbers_format % tuple(values) if numbers_format else ""


@lru_cache(maxsize=SHAPES_CACHED_MAX)
def _numbers_format(names: tuple[str, ...]) -> str:
    """What formats numbers under these names at once; nothing if one of them is no name for a number."""
    if any(why_refused(name, 0.0) for name in names):
        return ""
    return ",".join(_escaped(name).replace("%", "%%") + "=%r" for name in names)


def _any_fields(fields: Mapping[str, FieldValue], refused: list[str]) -> str:
    """The fields of a line, one by one; the first reason to leave one out goes to `refused`."""
    reasons = {name: reason for name, value in fields.items() if (reason := why_refused(name, value))}
    refused.extend(list(reasons.values())[:1])
    return ",".join(_field(name, value) for name, value in fields.items() if name not in reasons)


def _field(name: str, value: FieldValue) -> str:
    if is_text(name):
        return f'{_escaped(name)}="{str(value).translate(ESCAPED_IN_TEXT)}"'
    return f"{_escaped(name)}={float(value)!r}"
