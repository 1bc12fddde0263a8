"""The cells of the sheets of an XLSX workbook (ECMA-376), as text, with what is odd about them: bytes in, cells out.

Read with the standard library: the reading of a damaged or hostile file must end in an error, not in the end of the
process, and what is asked here (formulas that were never calculated, hidden rows) readers of tables do not tell.
A workbook is believed as far as limits allow: size, unpacked size, rows, columns and cells.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element, ParseError, iterparse
from zipfile import BadZipFile, ZipFile

UNPACKED_BYTES_MAX: Final = 128 * 2**20
ROWS_MAX: Final = 65_536
COLUMNS_MAX: Final = 256
CELLS_MAX: Final = 1_500_000
WHOLE_MAX: Final = 2**53
EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  (Excel's days have no zone)
DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of built-in formats (ECMA-376 part 1, 18.8.30) that make a number a date or a time."""
NO_DATE: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]hms]*\]|General', re.IGNORECASE)
"""Parts of a format that show text, colours, languages and conditions."""
IS_DATE: Final = re.compile("[ymdhs]", re.IGNORECASE)
ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
"""A character that XML does not have, or an underscore that would look like the start of one."""
COLUMN: Final = re.compile("[A-Z]{1,3}")
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS: Final = "0123456789"
UNREADABLE: Final = (
    BadZipFile, EOFError, LookupError, NotImplementedError, OverflowError, ParseError, RuntimeError, ValueError,
    zlib.error,
)  # fmt: skip
"""What the readers of archives and of XML raise at files that are none."""


class TooLarge(Exception):
    """A workbook beyond what a table can be."""


class NotAWorkbook(Exception):
    """Content that cannot be read as a workbook."""


@dataclass(slots=True)
class SheetRow:
    """The filled cells of a row by column, from 0; `odd` is what cannot be taken at its word."""

    line: int
    cells: dict[int, str]
    is_hidden: bool
    odd: list[str]
    dates: dict[int, str] = field(default_factory=dict)
    """Which cells are shown as dates, by column, and what they are called: `B3`."""


@dataclass(slots=True)
class Sheet:
    """A sheet: its rows ascending, and blocks of merged cells as (first row, last row, first column, last column)."""

    rows: list[SheetRow] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def sheet_in(content: bytes, name: str) -> Sheet:
    """The sheet of that name, or the first; raises `TooLarge` and `NotAWorkbook`."""
    with opened(content) as reader:
        parts = reader.parts()
        return reader.sheet(parts[name if name in parts else next(iter(parts), "")])


def sheets_in(content: bytes) -> dict[str, Sheet]:
    """Every sheet by its name; raises `TooLarge` and `NotAWorkbook`."""
    with opened(content) as reader:
        if reader.counts_from_1904():
            raise NotAWorkbook(
                "counts its days from 1904, as old Macs did: copy the table into a new workbook"
            )
        return {name: reader.sheet(part) for name, part in reader.parts().items()}


def fill_down(sheet: Sheet) -> Iterator[tuple[int, str]]:
    """Repeat what is merged down a column; what is merged across columns is odd, in a table's row."""
    rows = {row.line: row for row in sheet.rows}
    for top, bottom, left, right in sheet.merged:
        if top not in rows or left not in rows[top].cells:
            continue
        if left == right:
            for line in range(top + 1, min(bottom, sheet.rows[-1].line) + 1):
                if line in rows:
                    rows[line].cells[left] = rows[top].cells[left]
        elif len(rows[top].cells) > 1:
            yield top, "cells are merged across columns: unmerge them"


@contextmanager
def opened(content: bytes) -> Iterator[Reader]:
    """A reader over the archive, whose errors come out as `NotAWorkbook`."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            check_unpacked(archive)
            yield Reader(archive)
    except UNREADABLE as error:
        raise NotAWorkbook(
            "no XLSX workbook, or one with a password: save it anew as .xlsx without one"
        ) from error


def check_unpacked(archive: ZipFile) -> None:
    """Unpack all of it once, no further than it says: a size that is a lie does not go with its checksum."""
    if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_BYTES_MAX:
        raise TooLarge(f"larger than {UNPACKED_BYTES_MAX >> 20} MiB unpacked")
    if archive.testzip() is not None:
        raise BadZipFile


class Reader:
    """An archive of parts in XML."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self.strings = [text_in(entry) for entry in self.optional("xl/sharedStrings.xml", "si")]
        codes = {
            int(entry.get("numFmtId", 0)): entry.get("formatCode", "")
            for entry in self.optional("xl/styles.xml", "numFmt")
        }
        self.formats = [is_date(number, codes) for number in self.format_numbers()]
        """Of each cell style, whether it shows a date."""
        self.count = 0

    def format_numbers(self) -> Iterator[int]:
        """The number format of each cell style."""
        for styles in self.optional("xl/styles.xml", "cellXfs"):
            yield from (int(style.get("numFmtId", 0)) for style in styles)

    def elements(self, part: str, *tags: str) -> Iterator[Element]:
        """The elements of those names in a part, each emptied after it was looked at."""
        with self.archive.open(part) as xml:
            for _, element in iterparse(xml):  # noqa: S314  (expat since 2.4.1 stops entities that grow)
                if local(element.tag) in tags:
                    yield element
                    element.clear()

    def optional(self, part: str, *tags: str) -> Iterator[Element]:
        """The same, of a part that need not be there."""
        return self.elements(part, *tags) if part in self.archive.namelist() else iter(())

    def counts_from_1904(self) -> bool:
        """Whether its dates have another first day."""
        settings = self.elements("xl/workbook.xml", "workbookPr")
        return any(entry.get("date1904") in {"1", "true"} for entry in settings)

    def parts(self) -> dict[str, str]:
        """The part of each sheet by the sheet's name, in the order of the tabs."""
        parts = {
            entry.get("Id", ""): entry.get("Target", "").removeprefix("/xl/")
            for entry in self.elements("xl/_rels/workbook.xml.rels", "Relationship")
            if entry.get("Type", "").endswith("/worksheet")
        }
        return {
            entry.get("name", ""): f"xl/{parts[number]}"
            for entry in self.elements("xl/workbook.xml", "sheet")
            for key, number in entry.items()
            if local(key) == "id" and number in parts
        }

    def sheet(self, part: str) -> Sheet:
        """The sheet in a part."""
        sheet, line = Sheet(), 0
        for element in self.elements(part, "row", "mergeCell"):
            if local(element.tag) == "mergeCell":
                sheet.merged.append(merged := block(element.get("ref", "")))
                self.count_in(min(merged[1], ROWS_MAX) - merged[0])
                continue
            line = int(element.get("r") or line + 1)
            if (row := self.row(element, line)).cells or row.odd:
                sheet.rows.append(row)
        return sheet

    def row(self, element: Element, line: int) -> SheetRow:
        """A row."""
        row = SheetRow(line, {}, element.get("hidden") in {"1", "true"}, [])
        column = -1
        for cell in element:
            letters = COLUMN.match(cell.get("r") or "")
            column = number_of(letters[0]) if letters else column + 1
            self.take(cell, column, row)
        if row.cells and (line > ROWS_MAX or max(row.cells) >= COLUMNS_MAX):
            raise TooLarge(f"beyond {ROWS_MAX} rows or {COLUMNS_MAX} columns")
        self.count_in(len(row.cells))
        return row

    def count_in(self, cells: int) -> None:
        """Cells that were filled, or will be by what is merged; raises `TooLarge`."""
        self.count += cells
        if self.count > CELLS_MAX:
            raise TooLarge(f"more than {CELLS_MAX} cells")

    def take(self, cell: Element, column: int, row: SheetRow) -> None:
        """Put a cell into its row."""
        parts = {local(part.tag): part for part in cell}
        saved = (parts["v"].text or "") if "v" in parts else ""
        kind = cell.get("t", "n")
        odd = ""
        match kind:
            case "s":
                text = self.strings[int(saved)] if saved else ""
            case "inlineStr":
                text = text_in(parts["is"]) if "is" in parts else ""
            case "b":
                text = "TRUE" if saved == "1" else "FALSE"
            case "e":
                text, odd = saved, f"has the error {saved}"
            case "n":
                text = number_text(saved)
                if saved and self.shows_date(cell):
                    text = date_text(float(saved))
                    row.dates[column] = cell.get("r") or str(column + 1)
            case _:
                text = saved
        if "f" in parts and not saved and kind != "str":
            odd = "is a formula without a value: open the file in Excel and save it, or type the value"
        if odd:
            row.odd.append(f"cell {cell.get('r') or column + 1} {odd}")
        if text := text.strip():
            row.cells[column] = text

    def shows_date(self, cell: Element) -> bool:
        """Whether a number is shown as a date or time."""
        style = int(cell.get("s") or 0)
        return style < len(self.formats) and self.formats[style]


def is_date(number: int, codes: dict[int, str]) -> bool:
    """Whether a number format shows dates or times."""
    return number in DATE_FORMATS or bool(IS_DATE.search(NO_DATE.sub("", codes.get(number, ""))))


def text_in(element: Element) -> str:
    """The text of a string and of its runs, without how it is spoken."""
    if local(element.tag) == "t":
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), element.text or "")
    return "".join(text_in(part) for part in element if local(part.tag) in {"t", "r"})


def number_text(saved: str) -> str:
    """A number as people write it: Excel keeps whole ones as floats, and others with all their digits."""
    if not saved:
        return ""
    value = float(saved)
    return str(int(value)) if value.is_integer() and abs(value) < WHOLE_MAX else repr(value)


def date_text(days: float) -> str:
    """The date that a number of days means."""
    with suppress(OverflowError):
        return str(EPOCH + timedelta(seconds=round(86_400 * days))).removesuffix(" 00:00:00")
    return repr(days)


def block(reference: str) -> tuple[int, int, int, int]:
    """`B10:C12` as rows from 1 and columns from 0."""
    first, _, last = reference.partition(":")
    places = [
        (int(corner.lstrip(LETTERS)), number_of(corner.rstrip(DIGITS))) for corner in (first, last or first)
    ]
    (top, left), (bottom, right) = places
    return top, bottom, left, right


def number_of(letters: str) -> int:
    """The number of a column, A being 0."""
    number = 0
    for letter in letters:
        number = len(LETTERS) * number + LETTERS.index(letter) + 1
    return number - 1


def local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]
