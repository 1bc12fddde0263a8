"""The sheet of a workbook as rows of a point table; what cannot be taken at its word is a fault of its row.

Rules
- A cell merged down its column holds in each of its rows (one 区域 beside many 测点). One merged across columns is a
  fault, unless it is alone in its row: a title.
- A formula has the value that Excel saved with it. Without one, or with an error (`#REF!`), it is a fault.
- A date is a fault: Excel makes one of `1-2`. So is a hidden row: who checked the table has not seen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from contract.errors import Fault
from contract.point_columns import SHEET
from contract.point_form import Row
from contract.workbook import fill_down
from edge_agent.workbook import Sheet, sheet_in


def rows_of_sheet(file: Path) -> tuple[list[Row], list[Fault]]:
    """The rows of a workbook's point table and their faults; raises `Misconfigured` if it cannot be read."""
    sheet = sheet_in(file, SHEET)
    odd = [*fill_down(sheet), *oddities(sheet)]
    return table_of(sheet), [Fault(str(file), line, what) for line, what in sorted(odd)]


def oddities(sheet: Sheet) -> Iterator[tuple[int, str]]:
    """What is odd about rows."""
    for row in sheet.rows:
        if row.is_hidden:
            yield row.line, "the row is hidden: show it (clear the filter), or delete it"
        yield from ((row.line, what) for what in row.odd)
        for column, name in row.dates.items():
            shown = row.cells[column]
            yield (
                row.line,
                f"cell {name} is the date {shown}, as Excel makes one: format it as text and type it again",
            )


def table_of(sheet: Sheet) -> list[Row]:
    """The rows, all of one width."""
    width = 1 + max((column for row in sheet.rows for column in row.cells), default=-1)
    return [Row(row.line, [row.cells.get(column, "") for column in range(width)]) for row in sheet.rows]
