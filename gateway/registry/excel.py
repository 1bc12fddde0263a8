"""The registry as a workbook: a sheet per table with Chinese headings, a note for every column, lists to choose from.

The same rows make the same bytes. Texts are written as texts, never as formulas; a number that a workbook cannot hold
to its last digit is text too.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from contract.errors import Fault, Misconfigured
from contract.workbook import NotAWorkbook, Sheet, TooLarge, fill_down, sheets_in
from gateway.registry.cells import guarded, text_of
from gateway.registry.form import NO, YES, Cell, Column, Row, Table, Value
from gateway.registry.naming import folded
from gateway.registry.sheet_rows import DEMO_MARK, Line, Read, read
from gateway.registry.tables import TABLES

FILE_BYTES_MAX: Final = 16 * 2**20
GUIDE: Final = "说明"
DEMO: Final = f"{DEMO_MARK} demonstration data"
HEADER_ROW: Final = 1
"""Below the title; rows are counted from 0."""
HEADER_PT: Final = 30
"""Two lines: not everybody works out how high a row of wrapped headings must be."""
SPARE_ROWS: Final = 500
"""Rows below the table that have the lists too."""
CREATED: Final = datetime(2021, 1, 1)  # noqa: DTZ001  (Excel's days have no zone)
SAFE_YEAR: Final = 1900
"""Days before are text: Excel does not know them."""
WIDTHS: Final = {Cell.NAME: 22, Cell.TEXT: 22, Cell.DAY: 12, Cell.CHOICE: 16}
WIDTH: Final = 12
HOW_TO: Final = (
    "每个工作表是一张登记表。黄色列必填；批注说明每一列；有下拉的列请选择。",
    "空单元格表示没有数据，不表示 0。日期写 2021-03-05。行不删除：填关闭（作废）日期。",
    "One sheet per table. Yellow columns must be filled; a note explains each; choose where there is a list.",
    "A blank cell is no data, never 0. Dates as 2021-03-05. Rows are not deleted: fill in the closing date.",
)


class Formats(NamedTuple):
    """How cells look."""

    title: Format
    must: Format
    may: Format
    text: Format
    quoted: Format
    day: Format


def workbook_of(rows: Mapping[str, Iterable[Row]], *, demo: bool, tables: Sequence[Table] = TABLES) -> bytes:
    """The workbook with these rows, by table; without any it is the template to fill in."""
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": "煤矿智能化建设登记", "created": CREATED})
        formats = Formats(
            title=book.add_format({"bold": True, "font_size": 13}),
            must=book.add_format({"bold": True, "bg_color": "#FFE699", "border": 1, "text_wrap": True}),
            may=book.add_format({"bg_color": "#DDEBF7", "border": 1, "text_wrap": True}),
            text=book.add_format({"num_format": "@"}),
            quoted=book.add_format({"num_format": "@", "quote_prefix": True}),
            day=book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        for table in tables:
            write_sheet(
                book.add_worksheet(table.zh), table, list(rows.get(table.word, ())), formats, demo=demo
            )
        guide = book.add_worksheet(GUIDE)
        guide.set_column(0, 0, 110)
        for at, text in enumerate((*HOW_TO, *((DEMO,) if demo else ()))):
            guide.write_string(at, 0, text)
    return content.getvalue()


def write_sheet(sheet: Worksheet, table: Table, rows: Sequence[Row], formats: Formats, *, demo: bool) -> None:
    """One table: title, headings, rows, lists."""
    sheet.write_string(0, 0, f"{table.zh}（{DEMO}）" if demo else table.zh, formats.title)
    sheet.set_row(HEADER_ROW, HEADER_PT)
    for at, column in enumerate(table.columns):
        sheet.write_string(HEADER_ROW, at, column.zh, formats.must if column.required else formats.may)
        need = "必填 required" if column.required else "可空 may be empty"
        note = f"{column.word}（{need}）\n{column.meaning}\n{column.meaning_en}"
        sheet.write_comment(HEADER_ROW, at, note, {"x_scale": 2, "y_scale": 1.2})
        blank = {Cell.DAY: formats.day, Cell.NAME: formats.text, Cell.TEXT: formats.text}.get(column.cell)
        sheet.set_column(at, at, WIDTHS.get(column.cell, WIDTH), blank)
        if choices := choices_of(column):
            choice = {"validate": "list", "source": choices, "error_type": "warning"}
            sheet.data_validation(HEADER_ROW + 1, at, HEADER_ROW + len(rows) + SPARE_ROWS, at, choice)
        for line, row in enumerate(rows, HEADER_ROW + 1):
            write_cell(sheet, (line, at), column, row[column.word], formats)
    sheet.freeze_panes(HEADER_ROW + 1, len(table.key))
    sheet.repeat_rows(0, HEADER_ROW)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    if demo:
        sheet.set_footer(f"&C{DEMO}")


def choices_of(column: Column) -> list[str]:
    """What a list offers."""
    return [YES, NO] if column.cell is Cell.YES_NO else list(column.choices.values())


def write_cell(
    sheet: Worksheet, place: tuple[int, int], column: Column, value: Value, formats: Formats
) -> None:
    """One cell as what it is."""
    text = text_of(column, value, in_chinese=True)
    match value:
        case None:
            pass
        case int() | Decimal() if not isinstance(value, bool) and is_kept(value, text):
            sheet.write_number(*place, float(value))
        case date() if value.year > SAFE_YEAR:
            sheet.write_datetime(*place, datetime(value.year, value.month, value.day), formats.day)  # noqa: DTZ001
        case _:
            sheet.write_string(*place, text, formats.text if guarded(text) == text else formats.quoted)


def is_kept(value: int | Decimal, text: str) -> bool:
    """Does a workbook give a number back with the digits it was written with?"""
    number = float(f"{float(value):.16G}")
    back = str(int(number)) if number.is_integer() else repr(number)
    return back == text


def workbook_in(content: bytes, file: str, tables: Sequence[Table] = TABLES) -> Read:
    """The entries of every sheet that has a table's name; raises `Misconfigured` if it is no workbook."""
    try:
        if len(content) > FILE_BYTES_MAX:
            raise TooLarge(f"larger than {FILE_BYTES_MAX >> 20} MiB")
        sheets = sheets_in(content)
    except (TooLarge, NotAWorkbook) as error:
        raise Misconfigured([Fault(file, None, f"无法读取 / cannot be read: {error}")]) from error
    by_name = {folded(name): table for table in tables for name in (table.zh, table.word)}
    found = Read([], [])
    for name, sheet in sheets.items():
        if name == GUIDE or not sheet.rows:
            continue
        table = by_name.get(folded(name))
        if table is None:
            known = "、".join(table.zh for table in tables)
            what = f"未知工作表“{name}”，应为：{known} / unknown sheet “{name}”: delete it, or name it after its table"
            found.faults.append(Fault(file, None, what))
            continue
        of_sheet = sheet_in(table, sheet, f"{file} “{name}”")
        found.entries.extend(of_sheet.entries)
        found.faults.extend(of_sheet.faults)
        found = found._replace(demo=found.demo or of_sheet.demo)
    return found


def sheet_in(table: Table, sheet: Sheet, file: str) -> Read:
    """The entries of one sheet; what cannot be taken at its word is a fault of its row."""
    faults = [Fault(file, line, what) for line, what in fill_down(sheet)]
    for row in sheet.rows:
        faults += (Fault(file, row.line, what) for what in row.odd)
        if row.is_hidden:
            what = "隐藏行：取消筛选或删除该行 / the row is hidden: show it (clear the filter), or delete it"
            faults.append(Fault(file, row.line, what))
    width = 1 + max((column for row in sheet.rows for column in row.cells), default=-1)
    lines = [
        Line(row.line, [row.cells.get(at, "") for at in range(width)], frozenset(row.dates))
        for row in sheet.rows
    ]
    entries, wrong, demo = read(table, lines, file)
    return Read(entries, [*faults, *wrong], demo)
