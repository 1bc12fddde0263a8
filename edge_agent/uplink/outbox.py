"""The outbox: a durable queue of numbered batches on SQLite.

Rules
- A batch is on disk before it is sent (`append` returns after the commit reached the disk: WAL with
  `synchronous=FULL`). It leaves by `commit`, the centre's word that it is stored, or by the size limit.
- Numbers rise by one within an epoch and are never used again; the epoch is made with the file.
- Tag ids serve as aliases on the wire: they outlive restarts and config edits, so that a batch written
  under an old config can still be sent under a new one.
- A file that SQLite cannot read is put aside, counted in `files_set_aside`, and a new one (a new epoch)
  begins: the agent always starts.

Every method blocks on the disk; the app calls them in a thread of their own, one at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from contract.delivery import Dropped
from contract.sequence import successor

SCHEMA_VERSION: Final = 1
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, metric TEXT NOT NULL, UNIQUE (device, metric));
CREATE TABLE IF NOT EXISTS batch (
  number INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, readings INTEGER NOT NULL, body BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch without a number yet: a device's readings as encoded Sparkplug metrics."""

    device: str
    readings: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """A numbered batch."""

    number: int
    device: str
    readings: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Extent:
    """What the outbox holds: the lowest number kept (the next to be given if none is) and the next to be given."""

    oldest: int
    following: int
    readings: int


class Outbox:
    """The queue on disk; a context manager."""

    def __init__(self, path: Path, *, batches_max: int) -> None:
        self.batches_max = batches_max
        self.files_set_aside = 0
        self.readings_dropped = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.database = opened(path)
        except sqlite3.DatabaseError:
            set_aside(path)
            self.files_set_aside += 1
            self.database = opened(path)
        self.epoch = self.remembered("epoch", uuid4().hex)
        self.tags: dict[tuple[str, str], int] = {
            (device, metric): number
            for number, device, metric in self.database.execute("SELECT id, device, metric FROM tag")
        }

    def __enter__(self) -> Self:
        """Nothing to do: the file is open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.database.close()

    def tag(self, device: str, metric: str) -> int:
        """The id of a tag, given at first sight and kept for ever."""
        known = self.tags.get((device, metric))
        if known is None:
            with self.database:
                cursor = self.database.execute(
                    "INSERT INTO tag (device, metric) VALUES (?, ?)", (device, metric)
                )
            assert cursor.lastrowid is not None
            known = self.tags[device, metric] = cursor.lastrowid
        return known

    def append(self, drafts: Sequence[Draft]) -> list[Batch]:
        """Number the drafts in their order and keep them; raises `sqlite3.OperationalError` on a full disk."""
        with self.database:
            return [Batch(self.insert(draft), draft.device, draft.readings, draft.body) for draft in drafts]

    def insert(self, draft: Draft) -> int:
        """One row of `append`."""
        cursor = self.database.execute(
            "INSERT INTO batch (device, readings, body) VALUES (?, ?, ?)",
            (draft.device, draft.readings, draft.body),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def commit(self, number: int) -> int:
        """Delete what the centre has stored; gives the count of readings in it."""
        return self.delete_until(number)

    def trim(self) -> Dropped | None:
        """Drop the oldest batches above the size limit; the run that went, to be announced."""
        extent = self.extent()
        excess = extent.following - extent.oldest - self.batches_max
        if excess <= 0:
            return None
        last = extent.oldest + excess - 1
        self.readings_dropped += self.delete_until(last)
        return Dropped(extent.oldest, last, f"outbox above {self.batches_max} batches")

    def delete_until(self, last: int) -> int:
        """Delete up to and including `last`; gives the count of readings that went."""
        with self.database:
            (readings,) = self.database.execute(
                "SELECT coalesce(sum(readings), 0) FROM batch WHERE number <= ?", (last,)
            ).fetchone()
            self.database.execute("DELETE FROM batch WHERE number <= ?", (last,))
        return int(readings)

    def read(self, first: int, last: int, limit: int) -> list[Batch]:
        """Batches `first` to `last` that are still kept, ascending, at most `limit`."""
        rows = self.database.execute(
            "SELECT number, device, readings, body FROM batch WHERE number BETWEEN ? AND ? ORDER BY number LIMIT ?",
            (first, last, limit),
        )
        return [Batch(*row) for row in rows]

    def extent(self) -> Extent:
        """What is kept now."""
        oldest, readings = self.database.execute("SELECT min(number), sum(readings) FROM batch").fetchone()
        given = self.database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batch'").fetchone()
        following = (given[0] if given else 0) + 1
        return Extent(oldest or following, following, readings or 0)

    def next_bd_seq(self) -> int:
        """The `bdSeq` of the next CONNECT; kept over restarts, so that a late will never kills a new session."""
        number = successor(int(self.remembered("bd_seq", "255")))
        with self.database:
            self.database.execute("UPDATE meta SET value = ? WHERE key = 'bd_seq'", (str(number),))
        return number

    def remembered(self, key: str, first: str) -> str:
        """A value of the meta table, set to `first` where it is missing."""
        with self.database:
            self.database.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", (key, first))
        (value,) = self.database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(value)


def opened(path: Path) -> sqlite3.Connection:
    """The database, readable and of our schema; raises `sqlite3.DatabaseError`."""
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        database.executescript(SCHEMA)
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def set_aside(path: Path) -> None:
    """Rename an unreadable file and its companions, so that nothing of it is lost to an expert."""
    mark = uuid4().hex[:8]
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if file.exists():
            file.rename(file.with_name(f"{file.name}.unreadable-{mark}"))
