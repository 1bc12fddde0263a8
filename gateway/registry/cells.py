"""Cells of the registry as text, as JSON, and back.

Rules
- A blank cell is `None`; in a key column it is an empty text.
- Days are `YYYY-MM-DD`; `2021/3/5`, `2021.3.5` and `2021年3月5日` are read too. Amounts are plain digits.
- A text never begins as a formula that a spreadsheet would run: `=` and `@` are refused; `+` and `-` (as in
  -580 水平) stand, and get a mark in CSV (`guarded`) that reading takes off again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from gateway.registry.form import NO, YES, Cell, Column, Row, Table, Value
from gateway.registry.naming import folded, plain
from rules.time_text import parse_date

NAME_MAX: Final = 100
TEXT_MAX: Final = 2000
WHOLE_DIGITS_MAX: Final = 9
AMOUNT_DIGITS_MAX: Final = 20

_WHOLE: Final = re.compile(r"[0-9]+")
_AMOUNT: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_DAY: Final = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)")
_YES: Final = frozenset({YES, "yes", "true", "1", "y"})
_NO: Final = frozenset({NO, "no", "false", "0", "n"})
_FORMULA: Final = ("=", "@")
_SIGNED: Final = re.compile(r"'*[-+=@\t\r]")
_MARKED: Final = re.compile(r"'+[-+=@\t\r]")
_LINE_ENDS: Final = re.compile(r"\r\n?")


class Unreadable(Exception):
    """A cell cannot be what it should be; says what to write."""


def value_of(column: Column, text: str) -> Value:
    """What a cell's text means; raises `Unreadable`."""
    text = _LINE_ENDS.sub("\n", text).strip()
    if not text:
        return None
    return _READERS[column.cell](column, text)


def _name(column: Column, text: str) -> Value:
    return _checked(column, plain(text), NAME_MAX)


def _text(column: Column, text: str) -> Value:
    return _checked(column, text, TEXT_MAX)


def _checked(column: Column, text: str, longest: int) -> str | None:
    if len(text) > longest:
        raise Unreadable(
            f"{column.zh}有 {len(text)} 个字，最多 {longest} / {column.word} has {len(text)} characters"
        )
    if text.startswith(_FORMULA):
        raise Unreadable(f"{column.zh}不能以 = 或 @ 开头 / {column.word} begins as a formula")
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Cn"} and sign != "\n" for sign in text):
        raise Unreadable(
            f"{column.zh}含有不可见字符：请重新键入 / {column.word} has control characters: type it again"
        )
    return text or None


def _whole(column: Column, text: str) -> Value:
    digits = plain(text)
    if not _WHOLE.fullmatch(digits) or len(digits) > WHOLE_DIGITS_MAX:
        raise Unreadable(f"{column.zh}“{text}”应为整数 / {column.word} must be a whole number")
    return int(digits)


def _amount(column: Column, text: str) -> Value:
    digits = plain(text)
    if not _AMOUNT.fullmatch(digits) or len(digits) > AMOUNT_DIGITS_MAX:
        raise Unreadable(
            f"{column.zh}“{text}”应为数，如 1200 或 1200.5 / {column.word} must be digits, as 1200.5"
        )
    return Decimal(digits)


def _day(column: Column, text: str) -> Value:
    found = _DAY.fullmatch(plain(text))
    if found:
        year, month, day = (part for part in found.groups() if part)
        if on := parse_date(f"{year}-{month:0>2}-{day:0>2}"):
            return on
    raise Unreadable(
        f"{column.zh}“{text}”不是日期，如 2021-03-05 / {column.word} is not a date of the form YYYY-MM-DD"
    )


def _yes_no(column: Column, text: str) -> Value:
    word = plain(text).casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable(f"{column.zh}“{text}”应为{YES}或{NO} / {column.word} must be {YES} or {NO}")


def _choice(column: Column, text: str) -> Value:
    wanted = folded(text)
    for code, zh in column.choices.items():
        if wanted in {folded(code), folded(zh)}:
            return str(code)
    known = "、".join(column.choices.values())
    raise Unreadable(
        f"{column.zh}“{text}”未知，应为：{known} / {column.word} is one of {', '.join(column.choices)}"
    )


_READERS: Final[Mapping[Cell, Callable[[Column, str], Value]]] = {
    Cell.NAME: _name,
    Cell.TEXT: _text,
    Cell.WHOLE: _whole,
    Cell.AMOUNT: _amount,
    Cell.DAY: _day,
    Cell.YES_NO: _yes_no,
    Cell.CHOICE: _choice,
}


def text_of(column: Column, value: Value, *, in_chinese: bool) -> str:
    """The text of a cell: with the labels that people see, or with the codes of offline files."""
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case Decimal():
            return f"{value:f}"
        case str() if in_chinese and column.cell is Cell.CHOICE:
            return column.choices[value]
        case _:
            return str(value)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula; other texts as they are."""
    return f"'{text}" if _SIGNED.match(text) else text


def unguarded(text: str) -> str:
    """Without that mark."""
    return text[1:] if _MARKED.match(text) else text


def json_of(row: Mapping[str, Value]) -> dict[str, str | int | bool | None]:
    """A row as JSON has it: days and amounts as text."""
    return {
        word: f"{value:f}" if isinstance(value, Decimal) else str(value) if isinstance(value, date) else value
        for word, value in row.items()
    }


def row_of(table: Table, given: Mapping[str, object]) -> Row:
    """A row from JSON: every column that is given, read as if typed; raises `Unreadable`, unknown columns too."""
    row: Row = {}
    for word, value in given.items():
        column = table.by_word.get(word)
        if column is None:
            raise Unreadable(f"未知列“{word}” / unknown column; the columns are {', '.join(table.words)}")
        match value:
            case None:
                row[word] = None
            case bool() if column.cell is Cell.YES_NO:
                row[word] = value
            case str():
                row[word] = value_of(column, value)
            case int() | float() if not isinstance(value, bool):
                row[word] = value_of(column, repr(value))
            case _:
                raise Unreadable(
                    f"{column.zh}应为文字 / {column.word} must be a text, a number, a Boolean or null"
                )
    return row
