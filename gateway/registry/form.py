"""What the registry holds: its tables, their columns, and what each cell means. Everything else follows from here.

Rules
- A row is known by its table's key, in names that people use. Nothing is deleted: `closed_on` ends a thing (a mine, a
  face) from that day on, and strikes a record (a payment, a project entered by mistake) out of every count.
- A blank part of a key is an empty text, any other blank cell is `None`.
- `refers` names tables whose row must be there; a row may refer to rows of the same import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

Value = str | int | bool | date | Decimal | None
Row = dict[str, Value]
Key = tuple[str | int | date, ...]


class Cell(StrEnum):
    """What a cell holds."""

    NAME = "name"
    """A short text that rows are known or counted by; it is normalised (`naming.plain`)."""
    TEXT = "text"
    """Free text, as it was written."""
    WHOLE = "whole"
    AMOUNT = "amount"
    """A number ≥ 0, exact, with the digits it was written with."""
    DAY = "day"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its word, its heading in Chinese, what its cells hold and mean, other headings for it."""

    word: str
    zh: str
    cell: Cell
    meaning: str
    meaning_en: str
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """These columns hold the key of a row of another table."""

    columns: tuple[str, ...]
    table: str
    is_optional: bool = False
    """The last column may be blank in a key; the database does not hold such a reference, the import does."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its word, its name in Chinese, its key, columns and references."""

    word: str
    zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    refers: tuple[Reference, ...] = ()

    def column(self, word: str) -> Column:
        """A column by its word."""
        return self.by_word[word]

    @property
    def by_word(self) -> dict[str, Column]:
        """The columns by their words."""
        return {column.word: column for column in self.columns}

    @property
    def words(self) -> tuple[str, ...]:
        """The columns' words."""
        return tuple(column.word for column in self.columns)

    def key_of(self, row: Mapping[str, Value]) -> Key:
        """What a row is known by."""
        return tuple(blank_key(row.get(word)) for word in self.key)


def blank_key(value: Value) -> str | int | date:
    """A part of a key; what is blank is an empty text."""
    return "" if value is None else value if isinstance(value, (str, int, date)) else str(value)


YES: Final = "是"
NO: Final = "否"
