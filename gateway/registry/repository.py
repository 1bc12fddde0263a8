"""The registry: rows that change only together with the audit entry that tells of it, in one transaction.

Big answers are fetched and written in portions, so that the event loop is given back every few milliseconds; judging
and sealing are done in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Select, Table, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.errors import Fault, Misconfigured, Rejected
from gateway.registry import audit
from gateway.registry.audit import AuditEntry, Head, Stroke, canonical
from gateway.registry.cells import json_of
from gateway.registry.database import Database, url_of
from gateway.registry.form import Key, Row
from gateway.registry.intake import Change, Entry, Judgement, Kept, Stored, first_of, judged
from gateway.registry.models import AUDIT, REGISTRY
from gateway.registry.sheet_rows import Read
from gateway.registry.tables import BY_WORD, TABLES

PORTION: Final = 100
"""Rows between two looks at what else is to be done."""
WHO_MAX: Final = 100
WHY_MAX: Final = 500

MARK: Final = Stroke(audit.DEMO, "registry", "[]", None, None)
"""What the first entry of a demo registry says."""

Snapshot = dict[str, dict[Key, Kept]]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import or a change did, or would do."""

    added: Mapping[str, int]
    changed: Mapping[str, int]
    unchanged: int
    head: Head
    dry_run: bool


class Editor(Protocol):
    """Whoever makes a change: what they see, and what they may not do."""

    def seen(self, rows: Stored) -> Stored:
        """The rows that their entries are judged against."""

    def objections(self, changes: Sequence[Change], rows: Stored) -> Iterable[Fault]:
        """What of these changes they may not make; `rows` are all that are stored."""


class Keeper:
    """Whoever has the machine: sees all and may do all."""

    def seen(self, rows: Stored) -> Stored:
        """All."""
        return rows

    def objections(self, changes: Sequence[Change], rows: Stored) -> Iterable[Fault]:  # noqa: ARG002
        """None."""
        return ()


KEEPER: Final = Keeper()


class Registry:
    """The repository over one database."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database = database
        self.now = now

    # Reading

    async def head(self) -> Head:
        """The end of the audit log: as long as it is the same, nothing has changed."""
        async with self.database.reading() as connection:
            return await head_of(connection)

    async def everything(self) -> tuple[Snapshot, Head]:
        """Every row of every table as of one moment, and the head of the log at that moment."""
        async with self.database.reading() as connection:
            return await snapshot(connection), await head_of(connection)

    async def rows(self, table: str, *, after: int = 0, limit: int | None = None) -> list[Kept]:
        """The rows of a table in the order they came in, closed ones too, behind an id."""
        async with self.database.reading() as connection:
            return [kept async for kept in kept_rows(connection, table, after=after, limit=limit)]

    async def has(self, table: str, key: Row, by: Editor = KEEPER) -> bool:
        """Is there a row with this key for this editor, however its names are typed?"""
        rows, _ = await self.everything()
        entries = [Entry(table, table, None, key)]
        judgement = await asyncio.to_thread(lambda: judged(entries, by.seen(rows)))
        return judgement.unchanged == 1

    async def is_demo(self) -> bool:
        """Was it made of demonstration data?"""
        async with self.database.reading() as connection:
            return await is_demo(connection)

    async def audit(self, after: int = 0, limit: int | None = None) -> list[AuditEntry]:
        """Entries of the audit log behind a number, ascending."""
        wanted = select(AUDIT).where(AUDIT.c.number > after).order_by(AUDIT.c.number).limit(limit)
        async with self.database.reading() as connection:
            return [AuditEntry(*row) async for row in portions(connection, wanted)]

    async def history(self, table: str, id_: int) -> list[AuditEntry] | None:
        """What the audit log tells of a row, ascending; `None` if there is no row of that id."""
        async with self.database.reading() as connection:
            row = [
                kept.row
                async for kept in kept_rows(connection, table, after=id_ - 1, limit=1)
                if kept.id == id_
            ]
            if not row:
                return None
            key = key_text(table, BY_WORD[table].key_of(row[0]))
            wanted = select(AUDIT).where(AUDIT.c.entity == table, AUDIT.c.key == key).order_by(AUDIT.c.number)
            return [AuditEntry(*entry) async for entry in portions(connection, wanted)]

    async def has_seal(self, seal: str) -> bool:
        """Is this seal, noted earlier, still in the audit log?"""
        async with self.database.reading() as connection:
            return await connection.scalar(select(AUDIT.c.number).where(AUDIT.c.seal == seal)) is not None

    async def with_audit(self) -> tuple[Snapshot, list[AuditEntry]]:
        """Every row and the whole audit log as of one moment."""
        log = select(AUDIT).order_by(AUDIT.c.number)
        async with self.database.reading() as connection:
            entries = [AuditEntry(*row) async for row in portions(connection, log)]
            return await snapshot(connection), entries

    async def verify(self) -> list[str]:
        """What is wrong with the audit log, or with rows that it does not tell of; empty if nothing is."""
        rows, entries = await self.with_audit()
        return await asyncio.to_thread(verified, entries, rows)

    # Writing

    async def apply(
        self, found: Read, *, who: str, why: str, dry_run: bool = False, by: Editor = KEEPER
    ) -> Applied:
        """Take in all that was read or nothing; raises `Misconfigured` with every fault, objections too.

        Raises `Rejected` for a row that someone else has changed since it was read, and for demonstration data where
        there is other data; into an empty registry it brings its mark.
        """
        who, why = authored(who, why)
        async with self.database.writing() as connection:
            head = await head_of(connection)
            if found.demo and head.number and not await is_demo(connection):
                where = self.database.shown
                raise Rejected(
                    f"演示数据不能导入 {where} / demonstration data is not taken into a registry of other data"
                )
            stored = await snapshot(connection)
            judgement = await asyncio.to_thread(judged, found.entries, by.seen(stored))
            if judgement.outdated:
                raise Rejected(str(judgement.outdated[0]))
            objections = await asyncio.to_thread(lambda: list(by.objections(judgement.changes, stored)))
            if told := first_of((*found.faults, *judgement.faults, *objections)):
                raise Misconfigured(told)
            if not dry_run:
                if found.demo and not head.number:
                    head = await self._append(connection, [MARK], head, who, why)
                await self._write(connection, judgement.changes)
                head = await self._append(connection, map(stroke_of, judgement.changes), head, who, why)
        return await asyncio.to_thread(applied, judgement, head, dry_run=dry_run)

    async def change(self, entry: Entry, *, who: str, why: str, by: Editor = KEEPER) -> Applied:
        """One row by itself; raises as `apply` does."""
        return await self.apply(Read([entry], []), who=who, why=why, by=by)

    async def _write(self, connection: AsyncConnection, changes: Sequence[Change]) -> None:
        for table, new, old in await asyncio.to_thread(lambda: list(by_table(changes))):
            await in_portions(connection, insert(table), new)
            await in_portions(connection, update_of(table), old)

    async def _append(
        self, connection: AsyncConnection, strokes: Iterable[Stroke], head: Head, who: str, why: str
    ) -> Head:
        at = self.now().astimezone(UTC).isoformat(timespec="milliseconds")
        sealed = await asyncio.to_thread(lambda: list(audit.sealed(strokes, head, at=at, who=who, why=why)))
        await append(connection, sealed)
        return Head(sealed[-1].number, sealed[-1].seal) if sealed else head


@asynccontextmanager
async def opened(place: str | Path) -> AsyncIterator[Registry]:
    """The registry at a URL or in a SQLite file, until the block ends."""
    database = Database(url_of(place))
    try:
        yield Registry(database)
    finally:
        await database.close()


def authored(who: str, why: str) -> tuple[str, str]:
    """Who and why, which every change has; raises `Misconfigured`."""
    who, why = who.strip(), why.strip()
    faults = [
        Fault(word, None, f"必须填写，最多 {longest} 字 / must be given, {longest} characters at most")
        for word, text, longest in (("who", who, WHO_MAX), ("why", why, WHY_MAX))
        if not 0 < len(text) <= longest or not text.isprintable()
    ]
    if faults:
        raise Misconfigured(faults)
    return who, why


def by_table(changes: Sequence[Change]) -> Iterator[tuple[Table, list[Row], list[Row]]]:
    """What is to be added and what to be changed in each table, in an order in which references hold."""
    for table in TABLES:
        of_table = [change for change in changes if change.table == table.word]
        yield (
            REGISTRY[table.word],
            [change.after | {"revision": 1} for change in of_table if change.kept is None],
            [
                change.after | {"_id": change.kept.id, "revision": change.kept.revision + 1}
                for change in of_table
                if change.kept is not None
            ],
        )


def stroke_of(change: Change) -> Stroke:
    """What the audit log says of a change."""
    return Stroke(
        change.action,
        change.table,
        key_text(change.table, change.key),
        None if change.kept is None else canonical(json_of(change.kept.row)),
        canonical(json_of(change.after)),
    )


def key_text(table: str, key: Key) -> str:
    """A key as the audit log has it."""
    return canonical(list(json_of(dict(zip(BY_WORD[table].key, key, strict=True))).values()))


def verified(entries: Sequence[AuditEntry], rows: Snapshot) -> list[str]:
    """What does not hold."""
    said = audit.last_said(entries)
    are = {
        (table, key_text(table, key)): canonical(json_of(kept.row))
        for table, of_table in rows.items()
        for key, kept in of_table.items()
    }
    return [*audit.broken(entries), *audit.contradictions(said, are)]


def applied(judgement: Judgement, head: Head, *, dry_run: bool) -> Applied:
    """The account of it."""
    added = dict.fromkeys((change.table for change in judgement.changes if change.kept is None), 0)
    changed = dict.fromkeys((change.table for change in judgement.changes if change.kept is not None), 0)
    for change in judgement.changes:
        (added if change.kept is None else changed)[change.table] += 1
    return Applied(added, changed, judgement.unchanged, head, dry_run)


# Statements


async def head_of(connection: AsyncConnection) -> Head:
    """The end of the audit log."""
    last = select(AUDIT.c.number, AUDIT.c.seal).order_by(AUDIT.c.number.desc()).limit(1)
    row = (await connection.execute(last)).first()
    return Head() if row is None else Head(*row)


async def is_demo(connection: AsyncConnection) -> bool:
    """Does the first entry say that it is all demonstration data?"""
    return await connection.scalar(select(AUDIT.c.action).where(AUDIT.c.number == 1)) == audit.DEMO


async def snapshot(connection: AsyncConnection) -> Snapshot:
    """Every row of every table."""
    rows: Snapshot = {}
    for table in TABLES:
        rows[table.word] = {table.key_of(kept.row): kept async for kept in kept_rows(connection, table.word)}
    return rows


async def kept_rows(
    connection: AsyncConnection, table: str, *, after: int = 0, limit: int | None = None
) -> AsyncIterator[Kept]:
    """The rows of a table in the order they came in."""
    words = BY_WORD[table].words
    made = REGISTRY[table]
    columns = (made.c.id, made.c.revision, *(made.c[word] for word in words))
    wanted = select(*columns).where(made.c.id > after).order_by(made.c.id).limit(limit)
    async for id_, revision, *values in portions(connection, wanted):
        row: Row = dict(zip(words, values, strict=True))
        yield Kept(id_, revision, row)


async def portions(connection: AsyncConnection, wanted: Select[Any]) -> AsyncIterator[Any]:
    """The rows of an answer, giving the loop back between portions."""
    async with connection.stream(wanted) as answer:
        async for portion in answer.partitions(PORTION):
            for row in portion:
                yield row
            await asyncio.sleep(0)


async def in_portions(connection: AsyncConnection, statement: Any, rows: Sequence[Row]) -> None:  # noqa: ANN401  (an insert or update)
    """Execute it for each row."""
    for first in range(0, len(rows), PORTION):
        await connection.execute(statement, rows[first : first + PORTION])
        await asyncio.sleep(0)


async def append(connection: AsyncConnection, entries: Sequence[AuditEntry]) -> None:
    """Write entries behind the audit log's end."""
    rows = await asyncio.to_thread(lambda: [asdict(entry) for entry in entries])
    await in_portions(connection, insert(AUDIT), rows)


def update_of(table: Table) -> Any:  # noqa: ANN401  (SQLAlchemy's)
    """An update of a row by its id."""
    return update(table).where(table.c.id == bindparam("_id"))


async def count_of(connection: AsyncConnection) -> int:
    """Rows in all tables and entries of the log: 0 is an empty registry."""
    counts = [
        await connection.scalar(select(func.count()).select_from(table))
        for table in (*REGISTRY.values(), AUDIT)
    ]
    return sum(count or 0 for count in counts)
