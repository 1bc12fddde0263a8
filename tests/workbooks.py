"""Workbooks for tests: written by a foreign library, and then spoiled part by part."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

Cell = str | float | bool | datetime | None
HEAD = ("区域", "测点", "站号", "寄存器类型", "地址", "数据类型")
ROW: tuple[Cell, ...] = ("C1", "Pump 1/Flow", 1.0, "holding", 3.0, "uint16")


def workbook(
    file: Path,
    rows: Sequence[Sequence[Cell]],
    *,
    name: str = "点表",
    before: Sequence[str] = (),
    more: Callable[[Workbook, Worksheet], object] = lambda _, __: None,
) -> Path:
    """A workbook with a sheet of these rows behind others; `more` may do to it what it likes."""
    with Workbook(str(file), {"default_date_format": "yyyy-mm-dd"}) as book:
        for other in before:
            book.add_worksheet(other).write(0, 0, "说明")
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at, place, cell)
        more(book, sheet)
    return file


def parts_of(file: Path) -> dict[str, bytes]:
    """The parts of an archive."""
    with ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(parts: Mapping[str, bytes]) -> bytes:
    """An archive of these parts."""
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()
