"""A bulletin's table as WordprocessingML, written as text: python-docx takes minutes for thousands of cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from gateway.reports.document import ALIGNED, HeadCell, Table, Tone, text_of

NAMESPACE: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TWIPS_PER_MM: Final = 1440 / 25.4
COLORS: Final = {Tone.LAGGING: "9C2C12", Tone.UNKNOWN: "6B5D00"}
HEAD_FILL: Final = "<w:shd w:val='clear' w:color='auto' w:fill='EEF0F2'/>"
BEGINS: Final = "<w:vMerge w:val='restart'/>"
CONTINUES: Final = "<w:vMerge/>"
TEXT_INDENT: Final = "<w:ind w:left='24'/>"
"""Keeps a text off the number in the column before it."""
BORDERS: Final = "".join(
    f"<w:{side} w:val='single' w:sz='4' w:space='0' w:color='1B2126'/>"
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def table_xml(table: Table, style_id: str) -> str:
    """The table, its texts in a paragraph style; its head is repeated on every page, and no row is torn apart."""
    widths = [round(column.width_mm * TWIPS_PER_MM) for column in table.columns]
    properties = (
        f"<w:tblW w:w='{sum(widths)}' w:type='dxa'/><w:jc w:val='center'/><w:tblBorders>{BORDERS}</w:tblBorders>"
        "<w:tblLayout w:type='fixed'/><w:tblCellMar><w:left w:w='30' w:type='dxa'/><w:right w:w='30' w:type='dxa'/>"
        "</w:tblCellMar>"
    )
    grid = "".join(f"<w:gridCol w:w='{width}'/>" for width in widths)
    rows = "".join((*_head(table, widths, style_id), *_body(table, widths, style_id)))
    return f"<w:tbl xmlns:w='{NAMESPACE}'><w:tblPr>{properties}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"


def _head(table: Table, widths: Sequence[int], style_id: str) -> Iterator[str]:
    """Every row has a cell in every column: where one reaches down, those below continue it."""
    above: dict[int, HeadCell] = {}
    for level in table.head():
        at = {cell.column: cell for cell in level}
        above |= {place: cell for place, cell in at.items() if cell.rows > 1}
        cells = []
        place = 0
        while place < len(widths):
            cell = at.get(place) or above[place]
            merge = "" if cell.rows == 1 else BEGINS if place in at else CONTINUES
            width = sum(widths[place : place + cell.columns])
            text = _text(cell.text if place in at else "", style_id, "center", bold=True, kept=True)
            span = f"<w:gridSpan w:val='{cell.columns}'/>" if cell.columns > 1 else ""
            cells.append(_cell(text, width, span + merge + HEAD_FILL))
            place += cell.columns
        yield _row(cells, "<w:cantSplit/><w:tblHeader/>")


def _body(table: Table, widths: Sequence[int], style_id: str) -> Iterator[str]:
    strong = {total.row for total in table.totals}
    for number, (row, group) in enumerate(zip(table.rows, table.groups(), strict=True)):
        cells = []
        for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            merge = {0: CONTINUES, 1: ""}.get(group, BEGINS) if place == 0 else ""
            text = _text(
                "" if merge == CONTINUES else text_of(cell, column.sort),
                style_id,
                ALIGNED[column.sort],
                bold=number in strong or cell.tone is Tone.LAGGING,
                color=COLORS.get(cell.tone),
                kept=table.is_kept and number < len(table.rows) - 1,
            )
            cells.append(_cell(text, widths[place], merge))
        yield _row(cells, "<w:cantSplit/>")


def _row(cells: Iterable[str], properties: str) -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(text: str, width: int, properties: str) -> str:
    properties = f"<w:tcW w:w='{width}' w:type='dxa'/>{properties}<w:vAlign w:val='center'/>"
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text}</w:tc>"


def _text(text: str, style_id: str, align: str, *, bold: bool, kept: bool, color: str | None = None) -> str:
    """A paragraph; `kept` on the page of the next one."""
    look = ("<w:b/>" if bold else "") + (f"<w:color w:val='{color}'/>" if color else "")
    run = f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'>{escape(text)}</w:t></w:r>" if text else ""
    style = f"<w:pStyle w:val='{escape(style_id)}'/>"
    keep = "<w:keepNext/>" if kept else ""
    indent = TEXT_INDENT if align == "left" else ""
    return f"<w:p><w:pPr>{style}{keep}{indent}<w:jc w:val='{align}'/></w:pPr>{run}</w:p>"
