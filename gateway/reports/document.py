"""A bulletin as it is laid out, whatever the form: sections, paragraphs, tables, charts. Pure.

Rules
- Cells hold values, not texts; `text_of` is how every printed form writes them. Excel keeps numbers as numbers.
- `None` does not apply and is printed as —; what is unknown says 无数据 and looks like nothing else.
- A mark stands beside colour, so that a black-and-white print says the same: ▲ lags or is contradicted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, NamedTuple

Value = str | int | float | Decimal | date | None

NOT_APPLICABLE: Final = "—"
NO_DATA: Final = "无数据"
LAGS: Final = "▲"
SHORT_ID: Final = 12
UPRIGHT_MM: Final = 156
"""Between the margins of a page that stands; a wider table is on one that lies across."""
ROWS_KEPT: Final = 26
ROWS_KEPT_ACROSS: Final = 10
"""A table of so many rows stays on one page; across it is lower, and its texts take several lines."""
GETA: Final = "〓"
"""Printers' mark for a character that they do not have."""
UNPRINTABLE: Final = re.compile("[^\\t\\n\\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold, so neither Word nor Excel."""


class Sort(StrEnum):
    """What a column's values are."""

    TEXT = "text"
    COUNT = "count"
    YEAR = "year"
    RANK = "rank"
    AMOUNT = "amount"
    """万元, exact to the yuan: four decimals."""
    SHARE = "share"
    DAY = "day"


ALIGNED: Final = {
    Sort.TEXT: "left",
    Sort.COUNT: "right",
    Sort.YEAR: "center",
    Sort.RANK: "center",
    Sort.AMOUNT: "right",
    Sort.SHARE: "right",
    Sort.DAY: "center",
}


class Tone(StrEnum):
    """How a cell stands out."""

    PLAIN = "plain"
    LAGGING = "lagging"
    UNKNOWN = "unknown"


class Cell(NamedTuple):
    """A value and how it stands out."""

    value: Value
    tone: Tone = Tone.PLAIN


UNKNOWN: Final = Cell(NO_DATA, Tone.UNKNOWN)


class Column(NamedTuple):
    """Its heads from the top down, what its values are, and its width in mm."""

    heads: tuple[str, ...]
    sort: Sort
    width_mm: float


class HeadCell(NamedTuple):
    """A cell of a table's head and what it spans."""

    text: str
    column: int
    columns: int
    rows: int


class Total(NamedTuple):
    """A row that is the sum of others, in every column of counts and amounts."""

    row: int
    of: tuple[int, ...]


class Ratio(NamedTuple):
    """A column that is one column over another."""

    share: int
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table; Excel gets its totals and ratios as formulas."""

    name: str
    """Short and unique: what a sheet is called."""
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit: str = ""
    note: str = ""
    totals: tuple[Total, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    grouped: bool = False
    """Print equal neighbours in the first column as one cell."""

    @property
    def width_mm(self) -> float:
        """Of all columns."""
        return sum(column.width_mm for column in self.columns)

    @property
    def is_kept(self) -> bool:
        """Does it stay on one page?"""
        return len(self.rows) <= (ROWS_KEPT if self.width_mm <= UPRIGHT_MM else ROWS_KEPT_ACROSS)

    def head(self) -> list[list[HeadCell]]:
        """The head's rows: equal heads side by side are one cell, a short one reaches down to the body."""
        return [self._head_row(level) for level in range(max(len(column.heads) for column in self.columns))]

    def groups(self) -> list[int]:
        """How many rows the first cell of each row spans in print: 0 where it belongs to the one above."""
        spans = [1] * len(self.rows)
        for row in range(len(self.rows) - 1, 0, -1):
            if self.grouped and self.rows[row][0] == self.rows[row - 1][0]:
                spans[row - 1] += spans[row]
                spans[row] = 0
        return spans

    def _head_row(self, level: int) -> list[HeadCell]:
        depth = max(len(column.heads) for column in self.columns)
        cells: list[HeadCell] = []
        last: tuple[str, ...] = ()
        for place, column in enumerate(self.columns):
            path = column.heads[: level + 1]
            if len(path) <= level:
                last = ()
            elif path == last:
                cells[-1] = cells[-1]._replace(columns=cells[-1].columns + 1)
            else:
                rows = depth - level if len(column.heads) == level + 1 else 1
                cells.append(HeadCell(path[-1], place, 1, rows))
                last = path
        return cells


class Series(NamedTuple):
    """One row of bars; `None` is unknown."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side per category."""

    name: str
    caption: str
    sort: Literal[Sort.COUNT, Sort.SHARE]
    categories: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the body and what follows it."""

    heading: str
    blocks: tuple[str | Table | Chart, ...]


@dataclass(frozen=True, slots=True)
class Annex:
    """Tables on pages of their own, which lie across."""

    number: int
    name: str
    tables: tuple[Table, ...]

    @property
    def title(self) -> str:
        """Above its first page."""
        return f"附件{self.number}　{self.name}"

    @property
    def listed(self) -> str:
        """In the list at the body's end."""
        return f"{self.number}．{self.name}"


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a form prints."""

    title_lines: tuple[str, ...]
    """The title, broken where its sense allows."""
    notice: str
    """What every page must say; empty for real data."""
    issuer: str
    number: str
    recipients: str
    as_of: date
    id: str
    sections: tuple[Section, ...]
    annexes: tuple[Annex, ...]
    details: tuple[Table, ...]
    """Long lists that only the workbook has."""

    @property
    def short_id(self) -> str:
        """What stands on every page."""
        return self.id[:SHORT_ID]

    @property
    def title(self) -> str:
        """In one line."""
        return "".join(self.title_lines)

    @property
    def tables(self) -> list[Table]:
        """All of them, those of the annexes first: what a workbook holds."""
        of_annexes = [table for annex in self.annexes for table in annex.tables]
        of_body = [block for section in self.sections for block in section.blocks if isinstance(block, Table)]
        return [*of_annexes, *of_body, *self.details]


def text_of(cell: Cell, sort: Sort) -> str:
    """A cell as it is printed."""
    mark = LAGS if cell.tone is Tone.LAGGING else ""
    return printed(cell.value, sort) + mark


def printed(value: Value, sort: Sort) -> str:
    """A value as it is printed."""
    match value:
        case None:
            return NOT_APPLICABLE
        case float() if sort is Sort.SHARE:
            return f"{value:.1%}"
        case Decimal():
            return f"{value:.4f}"
        case date():
            return value.isoformat()
        case _:
            return UNPRINTABLE.sub(GETA, str(value))


def day_text(day: date) -> str:
    """A day as official Chinese texts write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def listed(names: Sequence[str]) -> str:
    """Names one after the other."""
    return "、".join(names)
