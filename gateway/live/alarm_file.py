"""The alarms' journal on disk: what is open, every transition, maintenance, known gateways, what was sent. Blocking.

Rules
- What `write` has returned for survives a power cut: WAL with `synchronous=FULL`.
- An open alarm is kept as it stands, one that is over has no row; its records stay as long as the history goes.
- A file that cannot be read any more is put aside and a new one begun.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from contract.errors import Fault, Misconfigured, Transient
from gateway.ingest.node import NodeKey
from gateway.live.maintenance import Window
from rules.alarms.alarm import Alarm

log = logging.getLogger(__name__)

SCHEMA_VERSION: Final = 1
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS alarm (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record (
  n INTEGER PRIMARY KEY AUTOINCREMENT, mine TEXT NOT NULL, at_ms INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS record_at ON record (mine, at_ms);
CREATE TABLE IF NOT EXISTS maintenance (
  n INTEGER PRIMARY KEY AUTOINCREMENT, mine TEXT NOT NULL, area TEXT NOT NULL, from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gateway (mine TEXT NOT NULL, node TEXT NOT NULL, PRIMARY KEY (mine, node)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sent (
  n INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, mines TEXT NOT NULL, body TEXT NOT NULL);
"""
ALARM: Final = TypeAdapter(Alarm)
Json = dict[str, object]


class JournalUnavailable(Transient):
    """The journal cannot be written or read now; what was to be written is kept and written later."""


@dataclass(slots=True)
class Entry:
    """What is to be written together."""

    alarms: dict[str, Alarm] = field(default_factory=dict)
    """By id, as they stand."""
    records: list[tuple[str, int, Json]] = field(default_factory=list)
    """Mine, instant and view of each transition."""
    windows: list[Window] = field(default_factory=list)
    gateways: list[NodeKey] = field(default_factory=list)
    sent: list[tuple[int, Sequence[str], Json]] = field(default_factory=list)
    """Instant, mines and view of each message."""

    @property
    def is_empty(self) -> bool:
        """Nothing to write."""
        return not (self.alarms or self.records or self.windows or self.gateways or self.sent)


@dataclass(slots=True)
class Kept:
    """What an earlier run left."""

    alarms: list[Alarm]
    windows: list[Window]
    gateways: list[NodeKey]


class AlarmFile:
    """The file; every method is called from one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database: sqlite3.Connection | None = None

    def open(self, now_ms: int) -> Kept:
        """Open or make it; raises `Misconfigured` where that cannot be done."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._database = connected(self.path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                log.warning("%s is unreadable (%s): put aside as %s", self.path, error, put_aside(self.path))
                self._database = connected(self.path)
            return self._kept(now_ms)
        except (OSError, sqlite3.Error) as error:
            what = f"the alarms' journal cannot be opened ({error}): mend alarms.journal, or the rights of its folder"
            raise Misconfigured([Fault(str(self.path), None, what)]) from error

    def _kept(self, now_ms: int) -> Kept:
        database = self._connection()
        windows = database.execute(
            "SELECT mine, area, from_ms, to_ms, who, why FROM maintenance WHERE to_ms > ? ORDER BY n",
            (now_ms,),
        )
        gateways = database.execute("SELECT mine, node FROM gateway")
        alarms = []
        for identity, body in database.execute("SELECT id, body FROM alarm"):
            try:
                alarms.append(ALARM.validate_json(body))
            except ValidationError as error:
                log.warning("alarm %s of the journal is of another version: %s", identity, error)
        return Kept(alarms, [Window(*row) for row in windows], [NodeKey(*row) for row in gateways])

    def write(self, entry: Entry) -> None:
        """Write all of it or nothing; raises `JournalUnavailable`."""
        over = [(one,) for one, alarm in entry.alarms.items() if not alarm.is_open]
        still = [
            (one, ALARM.dump_json(alarm).decode()) for one, alarm in entry.alarms.items() if alarm.is_open
        ]
        records = [(mine, at_ms, text_of(view)) for mine, at_ms, view in entry.records]
        sent = [(at_ms, "\n".join(["", *mines, ""]), text_of(view)) for at_ms, mines, view in entry.sent]
        database = self._connection()
        try:
            with database:
                database.executemany("INSERT OR REPLACE INTO alarm VALUES (?, ?)", still)
                database.executemany("DELETE FROM alarm WHERE id = ?", over)
                database.executemany("INSERT INTO record (mine, at_ms, body) VALUES (?, ?, ?)", records)
                database.executemany(
                    "INSERT INTO maintenance (mine, area, from_ms, to_ms, who, why) VALUES (?, ?, ?, ?, ?, ?)",
                    [astuple(window) for window in entry.windows],
                )
                database.executemany("INSERT OR IGNORE INTO gateway VALUES (?, ?)", entry.gateways)
                database.executemany("INSERT INTO sent (at_ms, mines, body) VALUES (?, ?, ?)", sent)
        except sqlite3.Error as error:
            raise JournalUnavailable(f"{self.path}: {error}") from error

    def history(self, mine: str, from_ms: int, to_ms: int, rows_max: int) -> list[Json]:
        """Transitions of a mine and of the centre itself with `from ≤ at < to`, the newest first."""
        return self._views(
            "SELECT body FROM record WHERE mine IN (?, '') AND at_ms >= ? AND at_ms < ? "
            "ORDER BY at_ms DESC, n DESC LIMIT ?",
            (mine, from_ms, to_ms, rows_max),
        )

    def sent(self, mine: str, rows_max: int) -> list[Json]:
        """Messages about a mine or the centre itself, the newest first."""
        return self._views(
            "SELECT body FROM sent WHERE instr(mines, ?) OR instr(mines, ?) ORDER BY n DESC LIMIT ?",
            (f"\n{mine}\n", "\n\n", rows_max),
        )

    def trim(self, before_ms: int, records_max: int, sent_max: int) -> None:
        """Drop what is older than the history goes, or more than it may hold."""
        database = self._connection()
        with suppress(sqlite3.Error), database:
            database.execute("DELETE FROM record WHERE at_ms < ?", (before_ms,))
            database.execute("DELETE FROM record WHERE n <= (SELECT max(n) FROM record) - ?", (records_max,))
            database.execute("DELETE FROM sent WHERE n <= (SELECT max(n) FROM sent) - ?", (sent_max,))
            database.execute("DELETE FROM maintenance WHERE to_ms < ?", (before_ms,))

    def close(self) -> None:
        """Let go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _views(self, select: str, values: tuple[object, ...]) -> list[Json]:
        try:
            return [json.loads(body) for (body,) in self._connection().execute(select, values)]
        except sqlite3.Error as error:
            raise JournalUnavailable(f"{self.path}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        if self._database is None:
            raise JournalUnavailable(f"{self.path} is not open")
        return self._database


def connected(path: Path) -> sqlite3.Connection:
    """The database, of our schema; raises `sqlite3.DatabaseError`."""
    database = sqlite3.connect(path, timeout=1.0, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        database.executescript(SCHEMA)
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except BaseException:
        database.close()
        raise
    return database


def put_aside(path: Path) -> Path:
    """Rename an unreadable file and its companions; gives where it lies now."""
    mark = uuid4().hex[:8]
    for ending in ("", "-wal", "-shm"):
        file = path.with_name(f"{path.name}{ending}")
        if file.exists():
            file.rename(path.with_name(f"{path.name}.unreadable-{mark}{ending}"))
    return path.with_name(f"{path.name}.unreadable-{mark}")


def text_of(view: Json) -> str:
    """JSON as short as it goes."""
    return json.dumps(view, ensure_ascii=False, separators=(",", ":"))
