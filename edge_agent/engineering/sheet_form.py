"""A point table as a workbook to be filled in: Chinese headings, a note for every column, lists to choose from.

Cells are written as what they are, numbers as numbers and the rest as text, never as formulas: a text that begins
like one gets the mark that keeps spreadsheets from taking it for one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from contract.point import ByteOrder, Protocol, RawType, Register
from contract.point_cells import number_in
from contract.point_columns import COLUMNS, SHEET, Column
from contract.point_form import ADDRESS, COMMON, REQUIRED
from contract.vocabulary.equipment import KINDS
from contract.vocabulary.quantities import QUANTITIES
from edge_agent.engineering.table_text import FORMULA_SIGNS

LISTS: Final = {
    "table": [register.value for register in Register],
    "type": [kind.value for kind in RawType],
    "order": [order.value for order in ByteOrder],
}
NUMBERS: Final = frozenset({
    "unit_id", "address", "length", "bit", "period_s", "scale", "offset", "low", "high", "deadband", "swing",
    "max_silence_s", "stale_after_s",
})  # fmt: skip
SPARE_ROWS: Final = 2000
"""Rows below the table that have the lists too."""
WIDE: Final = {"metric": 28, "node": 60, "enum": 24, "flags": 24, "note": 40}
WIDTH: Final = 12
WORDS_SHEET: Final = "名称"


def workbook_of(protocol: Protocol, header: Sequence[str] = (), lines: Sequence[Sequence[str]] = ()) -> bytes:
    """The workbook with all columns of a protocol, and with these lines in it."""
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        columns = [column for column in COLUMNS if column.word in (*COMMON, *ADDRESS[protocol])]
        sheet = book.add_worksheet(SHEET)
        write_headings(book, sheet, columns, REQUIRED[protocol])
        text = book.add_format({"num_format": "@"})
        quoted = book.add_format({"num_format": "@", "quote_prefix": True})
        for place, column in enumerate(columns):
            is_number = column.word in NUMBERS
            sheet.set_column(place, place, WIDE.get(column.word, WIDTH), None if is_number else text)
            if column.word in LISTS:
                choice = {"validate": "list", "source": LISTS[column.word], "error_type": "warning"}
                sheet.data_validation(1, place, len(lines) + SPARE_ROWS, place, choice)
            if column.word in header:
                cells = [line[header.index(column.word)] for line in lines]
                for row, cell in enumerate(cells, 1):
                    write_cell(sheet, row, place, cell, is_number=is_number, text=text, quoted=quoted)
        write_words(book)
    return content.getvalue()


def write_headings(
    book: Workbook, sheet: Worksheet, columns: Sequence[Column], required: Sequence[str]
) -> None:
    """The first row, which stays in sight; what must be filled in is bold."""
    must = book.add_format({"bold": True, "bg_color": "#FFE699", "border": 1})
    may = book.add_format({"bg_color": "#DDEBF7", "border": 1})
    for place, column in enumerate(columns):
        is_required = column.word in required
        sheet.write_string(0, place, column.zh, must if is_required else may)
        need = "必填 required" if is_required else "可空 may be empty"
        note = f"{column.word}（{need}）\n{column.meaning}\n{column.meaning_en}"
        sheet.write_comment(0, place, note, {"x_scale": 2, "y_scale": 1.5})
    sheet.freeze_panes(1, 2)


def write_cell(
    sheet: Worksheet, row: int, place: int, cell: str, *, is_number: bool, text: Format, quoted: Format
) -> None:
    """One cell; a number that a workbook cannot hold to its last digit is text."""
    number = number_in(cell) if is_number else None
    if number is not None and float(f"{number:.16G}") == number:
        sheet.write_number(row, place, number)
    elif cell:
        sheet.write_string(row, place, cell, quoted if cell.startswith(FORMULA_SIGNS) else text)


def write_words(book: Workbook) -> None:
    """A sheet with the words that measuring points are named by."""
    sheet = book.add_worksheet(WORDS_SHEET)
    bold = book.add_format({"bold": True})
    for place, head in enumerate(("设备 equipment", "", "量 quantity", "", "单位 unit")):
        sheet.write_string(0, place, head, bold)
    for row, kind in enumerate(KINDS, 1):
        sheet.write_string(row, 0, kind.word)
        sheet.write_string(row, 1, kind.zh)
    for row, quantity in enumerate(QUANTITIES, 1):
        sheet.write_string(row, 2, quantity.word)
        sheet.write_string(row, 3, quantity.zh)
        sheet.write_string(row, 4, quantity.unit)
    sheet.set_column(0, 4, 22)
