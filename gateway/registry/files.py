"""The registry's files for whoever asks, command line or API: workbooks and CSV in and out, made in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from contract.errors import Fault, Misconfigured
from gateway.registry import csv_files, excel
from gateway.registry.form import Row, Table
from gateway.registry.intake import Stored
from gateway.registry.register_of import register_of
from gateway.registry.repository import Registry
from gateway.registry.sheet_rows import DEMO_MARK, Read
from gateway.registry.tables import BY_WORD, TABLES

WORKBOOK: Final = ".xlsx"
OTHER_BOOKS: Final = frozenset({".xls", ".xlsm", ".xlsb", ".ods", ".et"})
BACKUP_BYTES_MAX: Final = 512 * 2**20

Cut = Callable[[Stored], Stored]


def whole(rows: Stored) -> Stored:
    """Every row."""
    return rows


async def template() -> bytes:
    """An empty workbook."""
    return await asyncio.to_thread(excel.workbook_of, {}, demo=False)


async def exported(registry: Registry, cut: Cut = whole) -> tuple[bytes, bool]:
    """Every table as a workbook, and whether it is demonstration data; `cut` leaves out what is not for the reader."""
    rows, _ = await registry.everything()
    demo = await registry.is_demo()
    return await asyncio.to_thread(lambda: excel.workbook_of(plain_rows(cut(rows)), demo=demo)), demo


async def csv_texts(registry: Registry) -> dict[str, str]:
    """Every table as CSV by the name of its file, which says where it is demonstration data."""
    rows, _ = await registry.everything()
    mark = f".{DEMO_MARK}" if await registry.is_demo() else ""
    return await asyncio.to_thread(
        lambda: {
            f"{table.word}{mark}.csv": csv_files.text_of_table(table, plain_rows(rows)[table.word])
            for table in TABLES
        }
    )


async def projects_csv(registry: Registry, cut: Cut = whole) -> tuple[str, bool]:
    """The projects as the offline commands read them, and whether they are demonstration data; `cut` as above."""
    rows, _ = await registry.everything()
    demo = await registry.is_demo()
    return await asyncio.to_thread(lambda: csv_files.projects_csv(register_of(cut(rows)).projects)), demo


async def read(content: bytes, file: str, table: Table | None) -> Read:
    """What is in a file: a workbook, or CSV of one table. Raises `Misconfigured` if it cannot be read at all."""
    if table is None:
        return await asyncio.to_thread(excel.workbook_in, content, file)
    if len(content) > excel.FILE_BYTES_MAX:
        raise Misconfigured([Fault(file, None, f"超过 {excel.FILE_BYTES_MAX >> 20} MiB / too large")])
    found = await asyncio.to_thread(csv_files.table_in, table, content, file)
    return found._replace(demo=found.demo or DEMO_MARK in Path(file).name)


def plain_rows(rows: Stored) -> dict[str, list[Row]]:
    """The rows by table in the order they came in."""
    return {table: [kept.row for kept in of_table.values()] for table, of_table in rows.items()}


def contents_of(path: Path, table: Table | None) -> list[tuple[bytes, str, Table | None]]:
    """The files that a path stands for, with the table of each CSV file; raises `Misconfigured`."""
    if not path.is_dir():
        of = table_of(path, table)
        return [(bytes_of(path), str(path), of)]
    found = sorted(path.glob("*.csv"), key=lambda file: file.name)
    if not found:
        raise Misconfigured([Fault(str(path), None, "没有 CSV 文件 / no CSV files in this folder")])
    return [(bytes_of(file), str(file), table_of(file, None)) for file in found]


def table_of(file: Path, table: Table | None) -> Table | None:
    """The table of a CSV file: as given, or as its name says; `None` for a workbook. Raises `Misconfigured`."""
    kind = file.suffix.lower()
    if kind == WORKBOOK:
        return None
    if kind in OTHER_BOOKS:
        raise Misconfigured(
            [Fault(str(file), None, f"不读 {kind}，请另存为 .xlsx / save it as .xlsx or CSV UTF-8")]
        )
    by_name = {name: each for each in TABLES for name in (each.word, each.zh)}
    named = table or by_name.get(file.name.partition(".")[0])
    if named is None:
        what = f"文件名不是表名，用 --table 指明：{', '.join(BY_WORD)} / say which table by --table"
        raise Misconfigured([Fault(str(file), None, what)])
    return named


def bytes_of(file: Path) -> bytes:
    """The content of a table's file; raises `Misconfigured`."""
    return limited(file, excel.FILE_BYTES_MAX)


def bytes_of_backup(file: Path) -> bytes:
    """The content of a backup; raises `Misconfigured`."""
    return limited(file, BACKUP_BYTES_MAX)


def limited(file: Path, bytes_max: int) -> bytes:
    """The content of a file that is no larger than that."""
    try:
        if file.stat().st_size > bytes_max:
            raise Misconfigured([Fault(str(file), None, f"超过 {bytes_max >> 20} MiB / too large")])
        return file.read_bytes()
    except OSError as error:
        raise Misconfigured(
            [Fault(str(file), None, f"无法读取 / cannot be read: {error.strerror}")]
        ) from error
