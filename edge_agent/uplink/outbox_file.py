"""The outbox's file: its schema, how it is opened, and what is saved of one that cannot be read any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

LOCKED_S: Final = 1.0
"""How long to wait for a file that another process holds."""
SCHEMA_VERSION: Final = 2
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, metric TEXT NOT NULL, datatype INTEGER NOT NULL,
  UNIQUE (device, metric));
CREATE TABLE IF NOT EXISTS batch (
  number INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, readings INTEGER NOT NULL, body BLOB NOT NULL,
  written_ms INTEGER NOT NULL, thinned INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS ahead (tag INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS loss (
  first INTEGER NOT NULL, last INTEGER NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, readings INTEGER NOT NULL,
  from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL);
"""
FROM_VERSION_1: Final = """
ALTER TABLE batch ADD COLUMN written_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN thinned INTEGER NOT NULL DEFAULT 0;
UPDATE batch SET written_ms = 1000 * strftime('%s', 'now');
"""
CLOCK_OF_DAMAGED: Final = """
SELECT key, value FROM meta WHERE key = 'clock_ms' AND value NOT GLOB '*[^0-9]*' AND length(value) BETWEEN 1 AND 13
"""
SKIP_MAX: Final = 1 << 40
"""Looking for a readable row behind a damaged one ends here."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A batch out of a damaged file, with the number that it had there."""

    number: int
    device: str
    readings: int
    body: bytes
    written_ms: int


def opened(path: Path) -> sqlite3.Connection:
    """The database, readable and of our schema; raises `sqlite3.DatabaseError`.

    Every append reaches the disk before it returns (`synchronous=FULL`), and no other process has the file open:
    two agents on one outbox would commit for each other.
    """
    database = sqlite3.connect(path, timeout=LOCKED_S, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version == 1:
            database.executescript(FROM_VERSION_1)
        database.executescript(SCHEMA)
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def set_aside(path: Path) -> Path:
    """Rename an unreadable file and its companions; gives where the file lies now."""
    mark = uuid4().hex[:8]
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if file.exists():
            # the companions keep their endings, so that SQLite finds them beside the renamed file
            file.rename(file.with_name(file.name.replace(path.name, f"{path.name}.unreadable-{mark}", 1)))
    return path.with_name(f"{path.name}.unreadable-{mark}")


def salvage(damaged: Path, into: sqlite3.Connection) -> Iterator[Salvaged]:
    """The batches of a damaged file that can still be read, ascending; tags keep their numbers, and times go on.

    Without its tags nobody knows what its batches hold: then there is none.
    """
    with suppress(sqlite3.Error), closing(sqlite3.connect(damaged)) as old:
        tags = old.execute("SELECT id, device, metric, datatype FROM tag").fetchall()
        with into:
            into.executemany("INSERT INTO tag (id, device, metric, datatype) VALUES (?, ?, ?, ?)", tags)
        with suppress(sqlite3.Error), into:
            into.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", old.execute(CLOCK_OF_DAMAGED))
            into.executemany("INSERT INTO ahead VALUES (?, ?)", old.execute("SELECT tag, at_ms FROM ahead"))
        yield from batches_of(old)


def batches_of(old: sqlite3.Connection) -> Iterator[Salvaged]:
    """Batch after batch; behind one that cannot be read, the next that can."""
    number, step = 0, 1
    select = "SELECT number, device, readings, body, written_ms FROM batch WHERE number >= ? ORDER BY number LIMIT 1"
    while step < SKIP_MAX:
        try:
            row = old.execute(select, (number + step,)).fetchone()
        except sqlite3.Error:
            number, step = number + step, 2 * step
            continue
        if row is None:
            return
        number, step = row[0], 1
        if isinstance(row[1], str) and isinstance(row[2], int) and isinstance(row[3], bytes):
            yield Salvaged(*row)
