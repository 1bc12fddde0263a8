"""The outbox: a durable queue of numbered batches on SQLite.

Rules
- A batch is on disk before it is sent (`append` returns after the commit reached the disk: WAL with
  `synchronous=FULL`). It leaves by `commit`, the centre's word that it is stored, or by the size limit.
- Numbers rise by one within an epoch and are never used again; the epoch is made with the file.
- Tag ids serve as aliases on the wire: they outlive restarts and config edits, so that a batch written
  under an old config can still be sent under a new one.
- A file whose content SQLite cannot read is put aside, counted in `files_set_aside`, and a new one (a new epoch)
  begins. A good file that cannot be opened now (disk full, no rights, another agent has it) is left alone:
  `OutboxUnavailable`.

Every method blocks on the disk; the app calls them in a thread of their own, one at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from contract.delivery import Dropped
from contract.errors import Transient
from contract.sequence import successor

LOCKED_S: Final = 1.0
"""How long to wait for a file that another process holds."""
SCHEMA_VERSION: Final = 1
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, metric TEXT NOT NULL, datatype INTEGER NOT NULL,
  UNIQUE (device, metric));
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
class Tag:
    """A metric of a device, its lasting number and the type that it is, or last was, published as."""

    number: int
    device: str
    metric: str
    datatype: int


@dataclass(frozen=True, slots=True)
class Extent:
    """What the outbox holds: the lowest number kept (the next to be given if none is) and the next to be given."""

    oldest: int
    following: int
    readings: int


class OutboxUnavailable(Transient):
    """The outbox cannot be opened now, though nothing is known to be wrong with its content."""


class Outbox:
    """The queue on disk; a context manager. Opening it raises `OutboxUnavailable`."""

    def __init__(self, path: Path, *, batches_max: int) -> None:
        self.batches_max = batches_max
        self.files_set_aside = 0
        self.readings_dropped = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.database = self.opened(path)
            self.epoch = self.remembered("epoch", uuid4().hex)
            (self.readings,) = self.database.execute(
                "SELECT coalesce(sum(readings), 0) FROM batch"
            ).fetchone()
        except (OSError, sqlite3.Error) as error:
            raise OutboxUnavailable(f"outbox {path} cannot be opened: {error}") from error

    def opened(self, path: Path) -> sqlite3.Connection:
        """The database; a file of unreadable content is put aside first."""
        try:
            return opened(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            set_aside(path)
            self.files_set_aside += 1
            return opened(path)

    def __enter__(self) -> Self:
        """Nothing to do: the file is open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; only when no other thread uses it."""
        self.database.close()

    def number(self, tags: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        """The numbers of these tags (device and metric, with type), given at first sight and kept for ever."""
        with self.database:
            self.database.executemany(
                "INSERT INTO tag (device, metric, datatype) VALUES (?, ?, ?) "
                "ON CONFLICT (device, metric) DO UPDATE SET datatype = excluded.datatype",
                [(*key, datatype) for key, datatype in tags.items()],
            )
        select = "SELECT id FROM tag WHERE device = ? AND metric = ?"
        return {key: self.database.execute(select, key).fetchone()[0] for key in tags}

    def kept_tags(self) -> list[Tag]:
        """All tags of every device of which batches are kept; some may have left the config meanwhile."""
        rows = self.database.execute(
            "SELECT id, device, metric, datatype FROM tag WHERE device IN (SELECT DISTINCT device FROM batch)"
        )
        return [Tag(*row) for row in rows]

    def append(self, drafts: Sequence[Draft]) -> list[Batch]:
        """Number the drafts in their order and keep them; raises `sqlite3.OperationalError` on a full disk."""
        with self.database:
            batches = [
                Batch(self.insert(draft), draft.device, draft.readings, draft.body) for draft in drafts
            ]
        self.readings += sum(draft.readings for draft in drafts)
        return batches

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
        self.readings -= readings
        return int(readings)

    def read(self, first: int, last: int, limit: int) -> list[Batch]:
        """Batches `first` to `last` that are still kept, ascending, at most `limit`."""
        rows = self.database.execute(
            "SELECT number, device, readings, body FROM batch WHERE number BETWEEN ? AND ? ORDER BY number LIMIT ?",
            (first, last, limit),
        )
        return [Batch(*row) for row in rows]

    def extent(self) -> Extent:
        """What is kept now; costs the same however much that is."""
        (oldest,) = self.database.execute("SELECT min(number) FROM batch").fetchone()
        given = self.database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batch'").fetchone()
        following = (given[0] if given else 0) + 1
        return Extent(oldest or following, following, self.readings)

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
    database = sqlite3.connect(path, timeout=LOCKED_S, check_same_thread=False)
    try:
        database.execute(
            "PRAGMA locking_mode = EXCLUSIVE"
        )  # two agents on one outbox would commit for each other
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
