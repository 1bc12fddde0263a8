"""A point table of what an OPC UA server has, for an engineer to complete.

Area and metric are guessed where the names, or the node id, are of our vocabulary, and empty elsewhere. What a row
was found as stands in its note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from edge_agent.engineering.guess import guess
from edge_agent.engineering.table_text import FORMULA_SIGNS
from edge_agent.sources.opcua_browse import Found

HEADER: Final = ("area", "metric", "node", "low", "high", "note")
READABLE: Final = frozenset({
    "Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double", "String",
})  # fmt: skip
TEXT_ID: Final = re.compile("^(?:nsu=[^;]+;|ns=[0-9]+;)?[a-z]=")
"""What stands in front of the text of a node id, which often has all the names in it."""
NOTE_MAX: Final = 200
NO_WORDS: Final = str.maketrans("{}", "()")
"""Braces ask for the words of a device profile."""


def lines_of(found: Iterable[Found]) -> list[tuple[str, ...]]:
    """A row under `HEADER` for each variable that the agent can read."""
    return [line_of(one) for one in found if is_readable(one)]


def is_readable(one: Found) -> bool:
    """Whether it is a single number, Boolean or text; of a type of the server's own too, as enumerations are."""
    is_scalar = one.data_type in READABLE or isinstance(one.value, bool | int | float | str)
    return is_scalar and not one.is_array


def line_of(one: Found) -> tuple[str, ...]:
    """The row of a variable."""
    area, metric = guess(one.names)
    if not metric:
        area, metric = guess([TEXT_ID.sub("", one.node)])
    if area.startswith(FORMULA_SIGNS):
        area = ""
    has_range = one.low is not None and one.high is not None and one.low < one.high
    bounds = (f"{one.low:g}", f"{one.high:g}") if has_range else ("", "")
    return area, metric, one.node, *bounds, note_of(one)


def note_of(one: Found) -> str:
    """What it was found as; it begins with the type, and so never as a formula."""
    value = one.quality.name if one.value is None else f"{one.value} {one.unit}"
    text = f"{one.data_type or 'unknown'}: {'/'.join(one.names)} = {value}"
    return " ".join(text.translate(NO_WORDS).split())[:NOTE_MAX]
