"""The offline commands' input tables: CSV files as columns of numbers, with every fault's file and line.

Rules (definitions.md §0)
- UTF-8 with or without BOM, either line ending, at most 10 GiB. The first line names the columns, in any order:
  each of the wanted ones once and no other. Nothing is trimmed. Wholly empty lines are no rows.
- Fields may be quoted; a row counts at the line on which it begins.
- Faults are collected, not raised, so that one run names those of all files; a table that has any is good for
  further checks only. A row with another number of fields is left out; one with an unreadable time stays, at 0.
"""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import BinaryIO, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from contract.errors import Fault
from ninebelow.offline.csv_blocks import NotATable, Rows, blocks, cut
from ninebelow.offline.text_codes import Codes, TextCoder
from rules.series import Instants, Values
from rules.time_text import Flags, read_times

FILE_BYTES_MAX: Final = 10 * 2**30
HEADER_BYTES_MAX: Final = 2**16
FAULTS_MAX: Final = 100_000  # listed per file; further ones are counted

Number = TypeVar("Number", np.int32, np.int64)


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of texts: row `i` holds `distinct[code[i]]`. Meaning is given once per distinct text."""

    code: Codes
    distinct: tuple[str, ...]

    def numbers(self, meaning: Callable[[str], float | None]) -> Values:
        """What each row means as a number; `NaN` for `None`."""
        of_text = [meaning(text) for text in self.distinct]
        return np.array([np.nan if number is None else number for number in of_text], dtype=np.float64)[
            self.code
        ]

    def where(self, holds: Callable[[str], bool]) -> Flags:
        """Which rows hold a text of that sort."""
        return np.array([holds(text) for text in self.distinct], dtype=np.bool_)[self.code]

    def at(self, rows: NDArray[np.int64]) -> Texts:
        """The texts of some rows."""
        return Texts(self.code[rows], self.distinct)

    def tally(self, among: Flags) -> dict[str, int]:
        """How many of those rows hold each distinct text."""
        times = np.bincount(self.code[among], minlength=len(self.distinct))
        return dict(zip(self.distinct, times.tolist(), strict=True))

    def rows(self) -> dict[str, NDArray[np.int64]]:
        """The rows of each distinct text, ascending; texts in order of first appearance."""
        smallest = np.min_scalar_type(max(0, len(self.distinct) - 1))
        order = np.argsort(self.code.astype(smallest), kind="stable")
        ends = np.cumsum(np.bincount(self.code, minlength=len(self.distinct)))
        return {
            text: order[end - count : end]
            for text, end, count in zip(self.distinct, ends, np.diff(ends, prepend=0), strict=True)
        }

    def __getitem__(self, row: int) -> str:
        """The text of one row."""
        return self.distinct[int(self.code[row])]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file: their instants (0 without a column `at`), their texts, and where they stand."""

    file: str
    at_us: Instants
    texts: dict[str, Texts]
    lines: LineRuns

    def fault(self, row: int, what: str) -> Fault:
        """A fault of one row."""
        return Fault(self.file, self.lines.line(row), what)


class LineRuns:
    """The lines of rows, kept as runs of rows on consecutive lines."""

    def __init__(self) -> None:
        self.row_count = 0
        self._next_line = 0
        self._runs: list[NDArray[np.int64]] = []  # first row, first line

    def add(self, lines: Instants) -> None:
        """The lines of the next rows."""
        if lines.size:
            turns = np.flatnonzero(np.diff(lines, prepend=self._next_line - 1) != 1)
            self._runs.append(np.stack((turns + self.row_count, lines[turns])))
            self.row_count += lines.size
            self._next_line = int(lines[-1]) + 1

    def line(self, row: int) -> int:
        """The 1-based line on which a row begins."""
        self._runs = [np.hstack(self._runs)]
        first_row, first_line = self._runs[0]
        run = int(np.searchsorted(first_row, row, side="right")) - 1
        return int(first_line[run]) + row - int(first_row[run])


def read_table(path: Path, columns: Sequence[str], *, zone: tzinfo = UTC, faults: list[Fault]) -> Table:
    """Read a file with these columns; one named `at` holds times, those without an offset being of `zone`.

    What is wrong is added to `faults`, in the order of lines; of a file that cannot be read, no row comes back.
    """
    reading = _Reading(str(path), columns, zone)
    try:
        with path.open("rb") as stream:
            status = path.stat()
            if stat.S_ISREG(status.st_mode) and status.st_size > FILE_BYTES_MAX:
                reading.fault(None, "larger than 10 GiB; split it")
            else:
                reading.read(stream)
    except NotATable as not_a_table:
        reading.fault(not_a_table.line, str(not_a_table))
    except OSError as error:
        reading.fault(None, f"cannot be read: {error.strerror or error}")
    faults.extend(reading.all_faults())
    return reading.table()


class _Reading:
    """One pass over one file."""

    def __init__(self, file: str, columns: Sequence[str], zone: tzinfo) -> None:
        self.file, self.columns, self.zone = file, columns, zone
        self.faults: list[Fault] = []
        self.faults_left_out = 0
        self.coders = {column: TextCoder() for column in columns if column != "at"}
        self.codes = {column: _Numbers(np.int32) for column in self.coders}
        self.at_us = _Numbers(np.int64)
        self.lines = LineRuns()

    def fault(self, line: int | None, what: str) -> None:
        """Note one fault."""
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(Fault(self.file, line, what))
        else:
            self.faults_left_out += 1

    def all_faults(self) -> Iterable[Fault]:
        """The noted faults by line, and how many more there were."""
        yield from sorted(self.faults, key=lambda fault: fault.line or 0)
        if self.faults_left_out:
            yield Fault(self.file, None, f"{self.faults_left_out} more faults")

    def read(self, stream: BinaryIO) -> None:
        """Read the header, then block by block."""
        header = _header(stream)
        for what in _header_faults(header, self.columns):
            self.fault(1, what)
        place_of = {column: header.index(column) for column in self.columns if column in header}
        for block in blocks(stream, first_line=2):
            self._take(cut(block, len(header)), place_of)

    def _take(self, rows: Rows, place_of: dict[str, int]) -> None:
        for line, what in rows.faults:
            self.fault(line, what)
        for column, place in place_of.items():
            if column == "at":
                self._take_times(rows, *rows.column(place))
            else:
                self.codes[column].add(self.coders[column].codes(rows.data, *rows.column(place)))
        self.lines.add(rows.lines)

    def _take_times(self, rows: Rows, start: Instants, length: Instants) -> None:
        at_us, readable = read_times(rows.data, start, length, self.zone)
        self.at_us.add(at_us)
        for row in np.flatnonzero(~readable).tolist():
            text = (
                rows.data[start[row] : start[row] + min(length[row], 40)].tobytes().decode("utf-8", "replace")
            )
            self.fault(int(rows.lines[row]), f"unreadable time {text!r}; write 2022-03-01T08:00:00+08:00")

    def table(self) -> Table:
        """What has been read; 0 and empty texts for columns that are not there."""
        count = self.lines.row_count
        texts = {
            column: Texts(self.codes[column].all(count), coder.distinct or ("",) * bool(count))
            for column, coder in self.coders.items()
        }
        return Table(self.file, self.at_us.all(count), texts, self.lines)


class _Numbers(Generic[Number]):
    """A column as it grows: in place, since joining parts at the end would take the memory twice."""

    def __init__(self, kind: type[Number]) -> None:
        self._held: NDArray[Number] = np.zeros(0, dtype=kind)
        self._count = 0

    def add(self, numbers: NDArray[Number]) -> None:
        """Append."""
        count = self._count + numbers.size
        if count > self._held.size:
            self._held.resize(max(count, self._held.size * 5 // 4), refcheck=False)
        self._held[self._count : count] = numbers
        self._count = count

    def all(self, count: int) -> NDArray[Number]:
        """All of them, filled up with 0 to `count`."""
        self._held.resize(count, refcheck=False)
        return self._held


def _header(stream: BinaryIO) -> list[str]:
    line = stream.readline(HEADER_BYTES_MAX)
    try:
        header = next(csv.reader([line.decode("utf-8-sig").rstrip("\r\n")]))
    except UnicodeDecodeError:
        raise NotATable(1, "not UTF-8; save the file as UTF-8") from None
    except csv.Error as error:
        raise NotATable(1, f"not CSV: {error}") from None
    if not header:
        raise NotATable(1, "no header: the first line names the columns")
    return header


def _header_faults(header: Sequence[str], columns: Sequence[str]) -> Iterable[str]:
    wanted = f"the columns are {','.join(columns)}"
    for column in dict.fromkeys(header):
        if column not in columns:
            yield f"unknown column {column!r}; {wanted}"
        elif header.count(column) > 1:
            yield f"column {column!r} stands {header.count(column)} times; {wanted}"
    yield from (f"column {column!r} is missing; {wanted}" for column in columns if column not in header)
