"""The bulletin as a workbook: a cover, one sheet per table, a sheet of charts.

Rules
- Numbers are numbers, days are days; totals and ratios are formulas that carry their values, so that a reader without a
  calculator behind it sees them too. 无数据 and — are texts: no formula takes them for 0.
- Every sheet says what the bulletin's notice says, on screen and in print, and prints on A4 with its head repeated.
- Texts are written as texts, whatever they begin with. The same bulletin gives the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any, Final
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from gateway.reports.document import (
    ALIGNED,
    LAGS,
    NOT_APPLICABLE,
    Cell,
    Chart,
    Document,
    HeadCell,
    Section,
    Sort,
    Table,
    Tone,
    text_of,
)
from gateway.reports.settings import Fonts

MM_PER_CHARACTER: Final = 1.75
"""Half a Chinese character of 10 pt; a little less than Excel's unit of width, which leaves room at the edges."""
NUMBERS: Final = {
    Sort.COUNT: "0",
    Sort.YEAR: "0",
    Sort.RANK: "0",
    Sort.AMOUNT: "0.0000",
    Sort.SHARE: "0.0%",
    Sort.DAY: "yyyy-mm-dd",
    Sort.TEXT: "@",
}
COLORS: Final = {Tone.LAGGING: "#9C2C12", Tone.UNKNOWN: "#6B5D00"}
FILLS: Final = ("#FFFFFF", "#B9C4CF", "#0F7A6C")
A4: Final = 9
COVER: Final = "封面"
CHARTS: Final = "图表"
COVER_WIDTH: Final = 72
"""In characters: a column alone is not made to fit its page, and letters that stand in may be a third wider."""
LINE_PT: Final = 15
ROW_PT_MAX: Final = 409
"""Higher than this no row can be."""
CHART_ROWS: Final = 18


def xlsx(document: Document, fonts: Fonts) -> bytes:
    """The workbook."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        midnight = datetime.combine(document.as_of, time())
        workbook.set_properties(
            {
                "title": document.title,
                "author": document.issuer,
                "keywords": document.id,
                "comments": document.notice,
                "created": midnight,
            }
        )
        book = Book(workbook, document, fonts)
        book.cover()
        for table in document.tables:
            book.table(table)
        book.charts(
            [block for section in document.sections for block in section.blocks if isinstance(block, Chart)]
        )
    return file.getvalue()


class Book:
    """A workbook being written."""

    def __init__(self, workbook: Any, document: Document, fonts: Fonts) -> None:  # noqa: ANN401  (XlsxWriter has no types)
        self.workbook = workbook
        self.document = document
        self.fonts = fonts
        self.formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def form(self, **look: object) -> Any:  # noqa: ANN401
        """A format, made once."""
        whole = {"font_name": self.fonts.body, "font_size": 10, "valign": "vcenter", **look}
        key = tuple(sorted(whole.items(), key=lambda item: item[0]))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(whole)
        return self.formats[key]

    @cached_property
    def heading(self) -> Any:  # noqa: ANN401
        """Of titles."""
        return self.form(font_name=self.fonts.heading, font_size=14, align="center")

    @cached_property
    def notice(self) -> Any:  # noqa: ANN401
        """Of what every sheet must say."""
        return self.form(font_name=self.fonts.heading, font_color="#C00000", bold=True, align="center")

    def sheet(self, name: str, *, across: bool) -> Any:  # noqa: ANN401
        """A sheet that prints on A4."""
        sheet = self.workbook.add_worksheet(name)
        sheet.set_paper(A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        if across:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        notice = f'&C&"{self.fonts.heading}"&KC00000{self.document.notice}' if self.document.notice else ""
        sheet.set_header(notice)
        sheet.set_footer(f"&L&8编号 {self.document.short_id}&C— &P —&R&8&A")
        return sheet

    def cover(self) -> None:
        """Title, day, id, the sections' sentences, and where to find what."""
        sheet = self.sheet(COVER, across=False)
        sheet.set_column(0, 0, COVER_WIDTH)
        told = self.document
        centred, wrapped = self.form(align="center"), self.form(text_wrap=True, valign="top")
        title = self.form(font_name=self.fonts.title, font_size=18, align="center")
        strong = self.form(font_name=self.fonts.heading, font_size=12)
        lines: list[tuple[str, Any]] = [
            (told.notice, self.notice),
            (told.issuer, centred),
            (told.number, centred),
            (told.title, title),
            (f"截至{told.as_of.isoformat()}", centred),
            (f"快照编号：{told.id}", centred),
        ]
        for section in told.sections:
            lines.append((section.heading, strong))
            lines += ((text, wrapped) for text in paragraphs_of(section))
        for row, (text, look) in enumerate(lines):
            sheet.write_string(row, 0, text, look)
            if look is wrapped:
                sheet.set_row(row, height_pt(text, COVER_WIDTH * MM_PER_CHARACTER))
        row = len(lines)
        sheet.write_string(row, 0, "目录", strong)
        for place, table in enumerate(told.tables, row + 1):
            sheet.write_url(
                place, 0, f"internal:'{table.name}'!A1", self.form(font_color="#1757B8"), table.caption
            )

    def table(self, table: Table) -> None:
        """One sheet."""
        sheet = self.sheet(table.name, across=table.width_mm > 160)  # noqa: PLR2004  (what A4 upright takes)
        last = len(table.columns) - 1
        head = table.head()
        above = 2
        body = above + len(head)
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width_mm / MM_PER_CHARACTER)
        spread(sheet, 0, 0, 0, last, table.caption, self.heading)
        told = "　".join(
            filter(None, (self.document.notice, f"截至{self.document.as_of.isoformat()}", table.unit))
        )
        spread(sheet, 1, 0, 1, last, told, self.notice if self.document.notice else self.form(align="right"))
        look = self.form(bold=True, align="center", text_wrap=True, border=1, bg_color="#EEF0F2")
        for level, cells in enumerate(head):
            sheet.set_row(above + level, max(head_pt(table, top) for top in cells))
            for top in cells:
                to_row, to_column = above + level + top.rows - 1, top.column + top.columns - 1
                spread(sheet, above + level, top.column, to_row, to_column, top.text, look)
        for number, row in enumerate(table.rows):
            sheet.set_row(body + number, row_pt(table, row))
            for place, cell in enumerate(row):
                self.cell(sheet, table, body, number, place, cell)
        if table.note:
            sheet.write_string(body + len(table.rows), 0, table.note, self.form(font_size=9))
        sheet.freeze_panes(body, 1)
        sheet.repeat_rows(above, body - 1)
        if len(head) == 1 and table.rows:
            sheet.autofilter(above, 0, body + len(table.rows) - 1, last)

    def cell(self, sheet: Any, table: Table, body: int, number: int, place: int, cell: Cell) -> None:  # noqa: ANN401, PLR0917
        """One cell: a formula where it is a total or a ratio, else its value."""
        sort, at_row = table.columns[place].sort, body + number
        total = next((total for total in table.totals if total.row == number), None)
        look = self.look(sort, cell, strong=total is not None)
        ratio = next((ratio for ratio in table.ratios if ratio.share == place), None)
        value = plain(cell.value)
        if ratio is not None:
            part, whole = (xl_rowcol_to_cell(at_row, column) for column in (ratio.part, ratio.whole))
            shown = NOT_APPLICABLE if value is None else value
            sheet.write_formula(
                at_row, place, f'=IF(N({whole})=0,"{NOT_APPLICABLE}",{part}/{whole})', look, shown
            )
        elif total is not None and sort in {Sort.COUNT, Sort.AMOUNT} and isinstance(value, int | float):
            sheet.write_formula(at_row, place, f"=SUM({summed(total.of, body, place)})", look, value)
        elif isinstance(value, datetime):
            sheet.write_datetime(at_row, place, value, look)
        elif isinstance(value, int | float):
            sheet.write_number(at_row, place, value, look)
        else:
            sheet.write_string(at_row, place, text_of(cell, sort), look)

    def look(self, sort: Sort, cell: Cell, *, strong: bool) -> Any:  # noqa: ANN401
        """How a cell looks: what lags carries its mark in the number's format, and stays a number."""
        lags = cell.tone is Tone.LAGGING
        is_text = isinstance(cell.value, str) or cell.value is None
        number = "@" if is_text else NUMBERS[sort]
        return self.form(
            num_format=f'{number}"{LAGS}"' if lags and not is_text else number,
            align=ALIGNED[sort],
            border=1,
            bold=strong or lags,
            font_color=COLORS.get(cell.tone, "#000000"),
            text_wrap=sort is Sort.TEXT,
        )

    def charts(self, charts: Sequence[Chart]) -> None:
        """Their figures, and a chart over each."""
        if not charts:
            return
        sheet = self.sheet(CHARTS, across=True)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 12, 17)
        sheet.write_string(0, 1, self.document.notice, self.notice)
        row, breaks = 1, []
        for chart in charts:
            sheet.write_string(row, 0, chart.caption, self.form(font_name=self.fonts.heading))
            for place, name in enumerate(chart.categories, 1):
                sheet.write_string(row + 1, place, name, self.form(text_wrap=True, align="center"))
            drawn = self.workbook.add_chart({"type": "column"})
            for number, series in enumerate(chart.series):
                line = row + 2 + number
                sheet.write_string(line, 0, series.name, self.form())
                for place, value in enumerate(series.values, 1):
                    if value is None:
                        sheet.write_string(line, place, NOT_APPLICABLE, self.form(align="right"))
                    else:
                        sheet.write_number(line, place, value, self.form(num_format=NUMBERS[chart.sort]))
                last = len(chart.categories)
                drawn.add_series(
                    {
                        "name": [CHARTS, line, 0],
                        "categories": [CHARTS, row + 1, 1, row + 1, last],
                        "values": [CHARTS, line, 1, line, last],
                        "fill": {"color": FILLS[number]},
                        "border": {"color": "#1B2126"},
                        "data_labels": {"value": True, "num_format": NUMBERS[chart.sort].replace(".0", "")},
                    }
                )
            drawn.set_title({"name": chart.caption, "name_font": {"size": 11}})
            drawn.set_legend({"position": "bottom"})
            drawn.set_y_axis({"num_format": "0%" if chart.sort is Sort.SHARE else "0", "min": 0})
            drawn.set_size({"width": 760, "height": 20 * (CHART_ROWS - 2)})
            below = row + 3 + len(chart.series)
            sheet.insert_chart(below, 0, drawn)
            row = below + CHART_ROWS
            breaks.append(row)
        sheet.set_h_pagebreaks(breaks[:-1])


def paragraphs_of(section: Section) -> Iterable[str]:
    """What a section says in sentences."""
    return (block for block in section.blocks if isinstance(block, str))


def spread(sheet: Any, row: int, column: int, to_row: int, to_column: int, text: str, look: Any) -> None:  # noqa: ANN401, PLR0917
    """A text over several cells, or in one."""
    if (row, column) == (to_row, to_column):
        sheet.write_string(row, column, text, look)
    else:
        sheet.merge_range(row, column, to_row, to_column, text, look)


def row_pt(table: Table, row: Sequence[Cell]) -> int:
    """How high a row must be: those who print it do not always work that out."""
    return max(
        height_pt(text_of(cell, column.sort), column.width_mm)
        for cell, column in zip(row, table.columns, strict=True)
    )


def head_pt(table: Table, top: HeadCell) -> int:
    """How high a row of the head must be for one of its cells."""
    width_mm = sum(column.width_mm for column in table.columns[top.column : top.column + top.columns])
    return math.ceil(height_pt(top.text, width_mm) / top.rows)


def height_pt(text: str, width_mm: float) -> int:
    """Of a text in a column of this width; Chinese characters are as wide as two others."""
    halves = sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)
    return min(LINE_PT * max(1, math.ceil(halves * MM_PER_CHARACTER / width_mm)), ROW_PT_MAX)


def plain(value: object) -> Any:  # noqa: ANN401
    """A value as Excel keeps it."""
    if isinstance(value, Decimal):
        return float(value)
    return datetime.combine(value, time()) if isinstance(value, date) else value


def summed(rows: Sequence[int], body: int, column: int) -> str:
    """The cells of these rows: a range where they follow each other."""
    first, last = (xl_rowcol_to_cell(body + row, column) for row in (rows[0], rows[-1]))
    if all(after == before + 1 for before, after in pairwise(rows)):
        return f"{first}:{last}"
    return ",".join(xl_rowcol_to_cell(body + row, column) for row in rows)
