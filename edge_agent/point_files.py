"""Point tables as files: every table that a source names, as points, with the faults of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from contract.errors import Fault, Misconfigured
from contract.point import ByteOrder, Point, Protocol
from contract.point_columns import BY_WORD, word_of
from contract.point_form import Device, Row, points_of, rows_of_csv
from edge_agent.point_sheet import rows_of_sheet
from edge_agent.source_config.modbus import ModbusSource
from edge_agent.source_config.opcua import OpcUaSource

WORKBOOK: Final = ".xlsx"
OTHER_BOOKS: Final = frozenset({".xls", ".xlsm", ".xlsb", ".ods", ".et"})
TITLES_MAX: Final = 20
"""Rows that may stand above the header: titles, dates, makers' names."""


class Table(NamedTuple):
    """The rows of a table, the header first, as far as the file could be read."""

    rows: list[Row]
    broken: list[Fault]
    is_gbk: bool = False
    """Of a CSV file: written by an Excel that does not write UTF-8."""


def points_in(source: ModbusSource | OpcUaSource) -> tuple[Point, ...]:
    """The points of a source, those of every instance where its table is a profile; raises `Misconfigured`."""
    file = str(source.points)
    rows, broken = rows_in(source.points)
    points: list[Point] = []
    wrong: dict[str, Sequence[Fault]] = {}
    for device in devices(source):
        try:
            points.extend(points_of(rows, Protocol(source.protocol), file, device, broken))
        except Misconfigured as misconfigured:
            instance = ", ".join(f"{word}={text}" for word, text in device.words.items())
            wrong[instance] = misconfigured.faults
    faults = list(told(wrong)) or twice(points, file)
    if faults:
        raise Misconfigured(dict.fromkeys(faults))
    return tuple(points)


def told(wrong: dict[str, Sequence[Fault]]) -> Iterable[Fault]:
    """The faults by instance; what is wrong with several of them alike is told once."""
    alike = Counter(fault for faults in wrong.values() for fault in faults)
    for instance, faults in wrong.items():
        for fault in faults:
            is_own = instance and alike[fault] == 1
            yield Fault(fault.file, fault.line, f"instance {instance}: {fault.what}") if is_own else fault


def devices(source: ModbusSource | OpcUaSource) -> list[Device]:
    """What holds for all rows of the source's table, once for each instance."""
    base, order = 0, ByteOrder.ABCD
    if isinstance(source, ModbusSource):
        base, order = source.address_base, source.order
    words = [{word: str(text) for word, text in instance.items()} for instance in source.instances]
    return [Device(base, order, given) for given in words or [{}]]


def twice(points: Sequence[Point], file: str) -> list[Fault]:
    """Tags that two instances of a profile both give."""
    seen: set[tuple[str, str]] = set()
    faults = []
    for point in points:
        tag = (point.area.casefold(), point.metric.casefold())
        if tag in seen:
            faults.append(
                Fault(
                    file,
                    point.line,
                    f"two instances give {point.area} {point.metric}: their words must differ",
                )
            )
        seen.add(tag)
    return faults


def rows_in(file: Path) -> tuple[list[Row], list[Fault]]:
    """The rows of a table file; raises `Misconfigured` if it cannot be read."""
    table = table_in(file)
    if table.is_gbk:
        what = (
            "is in GBK, as Excel saves CSV in China: save it as 'CSV UTF-8', or have it written anew by "
            "`ninebelow edge points import`"
        )
        raise Misconfigured([Fault(str(file), None, what)])
    return table.rows, table.broken


def table_in(file: Path) -> Table:
    """The table in an XLSX or CSV file, GBK included; raises `Misconfigured` if it cannot be read."""
    kind = file.suffix.lower()
    if kind in OTHER_BOOKS:
        raise Misconfigured([Fault(str(file), None, f"{kind} is not read: save it as .xlsx or as CSV UTF-8")])
    if kind == WORKBOOK:
        rows, broken = rows_of_sheet(file)
        return Table(trimmed(rows), broken)
    try:
        text, is_gbk = text_in(file), False
    except Misconfigured as misconfigured:
        if not isinstance(misconfigured.__cause__, UnicodeDecodeError):
            raise
        try:
            text, is_gbk = file.read_text(encoding="gb18030"), True
        except (OSError, UnicodeDecodeError):
            raise misconfigured from None
    rows, broken = rows_of_csv(text, str(file))
    return Table(trimmed(rows), broken, is_gbk)


def trimmed(rows: Sequence[Row]) -> list[Row]:
    """From the header on, without the empty rows and columns that spreadsheets leave around a table.

    The header is that of the first rows which names the most columns.
    """
    filled = [row for row in rows if any(map(str.strip, row.cells))]
    heads = [sum(word_of(cell) in BY_WORD for cell in row.cells) for row in filled[:TITLES_MAX]]
    table = filled[heads.index(max(heads)) :] if heads else []
    used = {at for row in table for at, cell in enumerate(row.cells) if cell.strip()}
    if table and used:
        header = table[0].cells
        empty = {at for at in range(len(header)) if not header[at].strip()} - used
        table = [
            Row(line, [cell for at, cell in enumerate(cells) if at not in empty]) for line, cells in table
        ]
    return table


def text_in(file: Path) -> str:
    """A text file of a person's; raises `Misconfigured` if it cannot be read."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured([Fault(str(file), None, f"cannot be read: {error}")]) from error
