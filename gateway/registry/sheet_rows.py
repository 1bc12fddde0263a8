"""Rows of a sheet or a CSV file as entries of the registry; what cannot be read is a fault of its row.

Rules
- Titles and marks may stand above the header: the header is that of the first rows which names the most columns, the
  last of several next to each other (a title may be called like a column). It is in Chinese, in the columns' words, or
  in both mixed; a remark in brackets behind a heading does not count.
- A column that is not there is left as it is, a blank cell makes the value blank. An empty row is no row.
- Below a header with a fault the rows are read as far as they go, so that their own faults are told with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from contract.errors import Fault
from contract.point_columns import BLANKS, REMARK
from gateway.registry.cells import Unreadable, value_of
from gateway.registry.form import Cell, Row, Table
from gateway.registry.intake import Entry
from gateway.registry.naming import plain
from gateway.registry.tables import BY_WORD

DEMO_MARK: Final = "演示数据"
TITLES_MAX: Final = 20
"""Rows that may stand above the header."""


class Line(NamedTuple):
    """A row as a file has it: its line, its cells, and which of them a spreadsheet shows as dates."""

    number: int
    cells: Sequence[str]
    dates: frozenset[int] = frozenset()


class Read(NamedTuple):
    """What came of a sheet."""

    entries: list[Entry]
    faults: list[Fault]
    demo: bool = False
    """A mark above the table says that it is demonstration data."""


def read(table: Table, lines: Sequence[Line], file: str) -> Read:
    """The entries of a sheet and its faults."""
    filled = [line for line in lines if any(map(str.strip, line.cells))]
    if not filled:
        return Read([], [])
    known = [
        sum(word_of(table, cell) in table.by_word for cell in line.cells) for line in filled[:TITLES_MAX]
    ]
    at = known.index(max(known))
    while known[at] and at + 1 < len(known) and known[at + 1] == known[at]:
        at += 1
    header = [word_of(table, cell) for cell in filled[at].cells]
    wrong = [Fault(file, filled[at].number, what) for what in header_faults(table, header)]
    if not all(word in header for word in table.key if table.column(word).required):
        return Read([], wrong)
    marked = any(DEMO_MARK in cell for line in filled[:at] for cell in line.cells)
    found = Read([], [*wrong], marked)
    for line in filled[at + 1 :]:
        if line.cells == filled[at].cells:
            found.faults.append(
                Fault(file, line.number, "表头重复，请删除该行 / the header again: delete this row")
            )
            continue
        given, faults = row_in(table, header, line)
        found.entries.append(Entry(table.word, file, line.number, given, is_broken=bool(wrong or faults)))
        found.faults.extend(Fault(file, line.number, what) for what in faults)
    return found


def row_in(table: Table, header: Sequence[str], line: Line) -> tuple[Row, list[str]]:
    """The values of a row, and what is wrong with it."""
    given: Row = {}
    faults: list[str] = []
    for at, text in enumerate(line.cells):
        word = header[at] if at < len(header) else ""
        if not word:
            if text.strip():
                faults.append(f"第 {at + 1} 列没有表头 / column {at + 1} has no heading")
            continue
        column = table.by_word.get(word)
        if column is None:
            continue
        if at in line.dates and column.cell is not Cell.DAY:
            faults.append(
                f"{column.zh}“{text}”被 Excel 变成了日期，请设为文本后重填 / {word} was made a date: format it as text"
            )
            continue
        try:
            given[word] = value_of(column, text)
        except Unreadable as error:
            faults.append(str(error))
    return given, faults


def header_faults(table: Table, header: Sequence[str]) -> Iterator[str]:
    """What is wrong with a header."""
    for word in dict.fromkeys(header):
        if word and word not in table.by_word:
            known = "、".join(column.zh for column in table.columns)
            yield f"未知列“{word}”，本表有：{known} / unknown column; “{table.zh}” has {known}"
        elif word and header.count(word) > 1:
            yield f"列“{table.column(word).zh}”重复 / column {word} is there more than once"
    for word in table.key:
        if word not in header and table.column(word).required:
            yield f"缺少列“{table.column(word).zh}” / column {word} is missing"


def word_of(table: Table, heading: str) -> str:
    """The column that a heading names; one that names none stays as it is."""
    known = headings(table.word)
    bare = BLANKS.sub("", plain(heading))
    return known.get(bare) or known.get(REMARK.sub("", bare)) or plain(heading)


@lru_cache
def headings(word: str) -> Mapping[str, str]:
    """Every heading of a table's columns, with the column's word."""
    found: dict[str, str] = {}
    for column in BY_WORD[word].columns:
        for heading in (column.word, column.zh, REMARK.sub("", column.zh), *column.also):
            found.setdefault(BLANKS.sub("", heading), column.word)
    return found
