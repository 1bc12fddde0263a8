"""Backup and restore.

A backup is either a copy of the SQLite file, made while others write (`.sqlite`), or a portable file of our own tables
(`.jsonl.gz`), written from and read into SQLite and PostgreSQL alike. A portable file is JSON by lines: what it is,
every row of every table, every entry of the audit log, and last the SHA-256 of all lines before. A restore goes into an
empty registry only, whole or not at all, and holds the audit chain to what the file says of it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.errors import Fault, Misconfigured, Rejected, Transient
from gateway.registry.audit import AuditEntry, canonical
from gateway.registry.cells import Unreadable, json_of, row_of
from gateway.registry.form import Key, Row
from gateway.registry.intake import Kept
from gateway.registry.models import AUDIT, REGISTRY
from gateway.registry.repository import Registry, Snapshot, append, count_of, in_portions, verified
from gateway.registry.tables import BY_WORD, TABLES

FORM: Final = "ninebelow-registry-1"
UNPACKED_BYTES_MAX: Final = 2 * 2**30
PAGES: Final = 256
"""Pages that a copy of a SQLite file takes between two looks at who else wants it."""


async def portable(registry: Registry) -> bytes:
    """The registry as a portable file."""
    rows, entries = await registry.with_audit()
    return await asyncio.to_thread(packed, rows, entries)


def packed(rows: Snapshot, entries: Iterable[AuditEntry]) -> bytes:
    """The lines, compressed; the same registry gives the same bytes."""
    content, said = io.BytesIO(), hashlib.sha256()
    with gzip.GzipFile(fileobj=content, mode="wb", mtime=0) as file:
        for each in lines_of(rows, entries):
            line = f"{canonical(each)}\n".encode()
            said.update(line)
            file.write(line)
        file.write(f"{canonical({'sha256': said.hexdigest()})}\n".encode())
    return content.getvalue()


def lines_of(rows: Snapshot, entries: Iterable[AuditEntry]) -> Iterator[dict[str, Any]]:
    """What the file says."""
    yield {"form": FORM}
    for table in TABLES:
        for kept in rows[table.word].values():
            yield {"table": table.word, "id": kept.id, "revision": kept.revision, "row": json_of(kept.row)}
    for entry in entries:
        yield {"audit": {column.name: getattr(entry, column.name) for column in AUDIT.columns}}


def unpacked(content: bytes, file: str) -> tuple[Snapshot, list[AuditEntry]]:
    """What a portable file holds; raises `Misconfigured` if it is not whole, or not what was written."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed_file:
            data = packed_file.read(UNPACKED_BYTES_MAX + 1)
        if len(data) > UNPACKED_BYTES_MAX:
            raise ValueError("too large")
        lines = data.decode().splitlines(keepends=True)
        first, *said, last = map(json.loads, lines)
        if first != {"form": FORM}:
            raise ValueError(f"not of the form {FORM}")
        if last != {"sha256": hashlib.sha256("".join(lines[:-1]).encode()).hexdigest()}:
            raise ValueError("its lines are not what was written")
        rows: Snapshot = {table.word: {} for table in TABLES}
        entries = []
        for line in said:
            if "audit" in line:
                entries.append(AuditEntry(**line["audit"]))
            else:
                key, kept = kept_of(line)
                rows[line["table"]][key] = kept
    except (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError, Unreadable) as error:
        what = f"不是完整的备份文件 / not a whole backup of the registry: {error}"
        raise Misconfigured([Fault(file, None, what)]) from error
    return rows, entries


def kept_of(line: dict[str, Any]) -> tuple[Key, Kept]:
    """A row of the file."""
    table = BY_WORD[line["table"]]
    row = dict.fromkeys(table.words) | row_of(table, line["row"])
    key = table.key_of(row)
    return key, Kept(line["id"], line["revision"], row | dict(zip(table.key, key, strict=True)))


async def restore(registry: Registry, content: bytes, file: str) -> int:
    """Put a portable file into an empty registry; gives the number of rows. Raises `Misconfigured`, `Rejected`."""
    rows, entries = await asyncio.to_thread(unpacked, content, file)
    if wrong := await asyncio.to_thread(verified, entries, rows):
        raise Misconfigured(Fault(file, None, what) for what in wrong)
    async with registry.database.writing() as connection:
        if await count_of(connection):
            where = registry.database.shown
            raise Rejected(
                f"{where} 不是空库，只恢复到空库 / is not empty: restore into an empty registry only"
            )
        for table in TABLES:
            made = await asyncio.to_thread(made_of, rows[table.word].values())
            await in_portions(connection, insert(REGISTRY[table.word]), made)
            if not registry.database.is_sqlite and made:
                await set_counter(connection, table.word)
        await append(connection, entries)
    return sum(map(len, rows.values()))


def made_of(kept: Iterable[Kept]) -> list[Row]:
    """Rows with their ids and revisions."""
    return [each.row | {"id": each.id, "revision": each.revision} for each in kept]


async def set_counter(connection: AsyncConnection, table: str) -> None:
    """Let PostgreSQL count on behind the rows that came with their ids."""
    counter = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608  (our own names)
    await connection.execute(text(counter))


async def copy_sqlite(registry: Registry, to: Path) -> None:
    """Copy the SQLite file as of one moment, while others go on writing; raises `Rejected`, `Transient`."""
    if not registry.database.is_sqlite:
        raise Rejected("PostgreSQL 请备份为 .jsonl.gz / back PostgreSQL up as .jsonl.gz")
    await registry.head()
    await asyncio.to_thread(copy_file, Path(str(registry.database.url.database)), to)


def copy_file(source: Path, to: Path) -> None:
    """SQLite's own online copy, into a file that takes its name only once it is whole."""
    part = to.with_name(f".{to.name}.part")
    try:
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(part)) as writing:
            reading.backup(writing, pages=PAGES, sleep=0.01)
        part.replace(to)
    except (sqlite3.Error, OSError) as error:
        raise Transient(f"{to}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
