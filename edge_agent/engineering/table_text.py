"""A point table as it is checked and written: columns in our order, by their words, none that is empty; pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from contract.errors import Fault, Misconfigured
from contract.point import Point, Protocol
from contract.point_cells import open_words
from contract.point_columns import COLUMNS, NOTE, word_of
from contract.point_form import ADDRESS, REQUIRED, Device, Row, header_faults, points_of

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""
CELL_MAX: Final = 32_767
TEXT_COLUMNS: Final = frozenset({"area", "metric", "node", NOTE})
"""Columns whose cells are free text."""


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A table without faults; `words` is what it leaves open as a device profile, and then it has no points yet."""

    protocol: Protocol
    header: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    points: tuple[Point, ...]
    words: tuple[str, ...]


def checked(
    rows: Sequence[Row], broken: Sequence[Fault], file: str, protocol: Protocol | None = None
) -> CheckedTable:
    """The table that these rows are; its columns tell the protocol. Raises `Misconfigured` with every fault."""
    header = [word_of(name) for name in rows[0].cells] if rows else []
    protocol = protocol or protocol_of(header)
    words = tuple(dict.fromkeys(word for row in rows[1:] for cell in row.cells for word in open_words(cell)))
    faults = [*unsafe(rows, header, file)]
    points: tuple[Point, ...] = ()
    if words:
        faults += [
            *header_faults(header, protocol, Fault(file, rows[0].line, "")),
            *broken,
            *ragged(rows, file),
        ]
    else:
        try:
            points = points_of(rows, protocol, file, Device(), broken)
        except Misconfigured as misconfigured:
            faults += misconfigured.faults
    if faults:
        raise Misconfigured(sorted(faults, key=lambda fault: fault.line or 0))
    return CheckedTable(protocol, *in_order(header, rows[1:], REQUIRED[protocol]), points, words)


def protocol_of(header: Sequence[str]) -> Protocol:
    """The protocol that most of the columns are of."""
    return max(ADDRESS, key=lambda protocol: len(set(header) & set(ADDRESS[protocol])))


def ragged(rows: Sequence[Row], file: str) -> Iterator[Fault]:
    """Rows that have another number of cells than the header."""
    width = len(rows[0].cells)
    for line, cells in rows[1:]:
        if len(cells) != width:
            yield Fault(file, line, f"the row has {len(cells)} cells, the header {width}")


def unsafe(rows: Sequence[Row], header: Sequence[str], file: str) -> Iterator[Fault]:
    """Texts that a spreadsheet would run as a formula when it opens the written file, or cut off."""
    for line, cells in rows[1:]:
        for word, cell in zip(header, map(str.strip, cells), strict=False):
            if word in TEXT_COLUMNS and cell.startswith(FORMULA_SIGNS):
                yield Fault(file, line, f"{word} {cell!r} begins as a formula: begin it with a letter")
            if len(cell) > CELL_MAX:
                yield Fault(file, line, f"{word} has {len(cell)} characters; a cell holds {CELL_MAX}")


def in_order(
    header: Sequence[str], rows: Sequence[Row], required: Sequence[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Header and cells in the order of `COLUMNS`, without columns that are empty and not required."""
    cells = [dict(zip(header, map(str.strip, row.cells), strict=True)) for row in rows]
    kept = [
        column.word
        for column in COLUMNS
        if column.word in header and (column.word in required or any(row[column.word] for row in cells))
    ]
    return tuple(kept), tuple(tuple(row[word] for word in kept) for row in cells)


def csv_of(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()
