"""The people on disk: users, sessions, kiosks, and the log of who came. Blocking.

Rules
- What a call has returned for survives a power cut: WAL with `synchronous=FULL`. Several processes may have the file
  open: the centre, and the command line beside it.
- Of a password its argon2id hash is kept, of a session and a token the SHA-256: they are random, so that is enough.
- Nothing is deleted that somebody may ask for: users and kiosks are closed. Sessions that are over, and the oldest
  entries of the log, go.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.errors import Fault, Misconfigured, Rejected, Transient
from gateway.access.person import Kind, Person, Role, Scope

SCHEMA_VERSION: Final = 1
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS user (
  name TEXT PRIMARY KEY, title TEXT NOT NULL, role TEXT NOT NULL, kind TEXT NOT NULL, of TEXT,
  password TEXT NOT NULL, made_ms INTEGER NOT NULL, closed_ms INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session (
  hash TEXT PRIMARY KEY, name TEXT NOT NULL, begun_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL,
  address TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_of ON session (name);
CREATE TABLE IF NOT EXISTS kiosk (
  name TEXT PRIMARY KEY, mine TEXT NOT NULL, title TEXT NOT NULL, made_by TEXT NOT NULL, made_ms INTEGER NOT NULL,
  opened_ms INTEGER, closed_ms INTEGER, token TEXT NOT NULL UNIQUE, cookie TEXT UNIQUE) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS visit (
  n INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL,
  address TEXT NOT NULL);
"""
SEEN_MS: Final = 60_000
"""A session's use is noted no more often."""


class AccessUnavailable(Transient):
    """The file cannot be read or written now."""


@dataclass(frozen=True, slots=True)
class User:
    """A user as kept; instants in milliseconds since 1970."""

    person: Person
    password: str
    made_ms: int
    closed_ms: int | None


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A wall's token: made, opened once, closed."""

    name: str
    mine: str
    title: str
    made_by: str
    made_ms: int
    opened_ms: int | None
    closed_ms: int | None

    @property
    def person(self) -> Person:
        """The wall as somebody who is here."""
        return Person(self.name, self.title, Role.KIOSK, Scope(Kind.MINE, self.mine))


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """An entry of the log: when, what, who, from where."""

    at_ms: int
    what: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How long sessions last, and how much is kept."""

    idle_ms: int
    lifetime_ms: int
    sessions_max: int
    entries_max: int
    token_ms: int
    kiosks_max: int


class AccessFile:
    """The file; every method is called from one thread at a time."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self._database: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open or make it, readable to its owner only; raises `Misconfigured` where that cannot be done."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            self._database = sqlite3.connect(
                self.path, timeout=5.0, check_same_thread=False, isolation_level=None
            )
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript(SCHEMA)
            self._database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except (OSError, sqlite3.Error) as error:
            what = f"用户文件打不开，检查 access.path / the users' file cannot be opened: mend access.path ({error})"
            raise Misconfigured([Fault(str(self.path), None, what)]) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    # Users

    def users(self) -> list[User]:
        """All, closed ones too, by name."""
        with self._used() as database:
            rows = database.execute("SELECT * FROM user ORDER BY name").fetchall()
        return [user_of(row) for row in rows]

    def user(self, name: str) -> User | None:
        """One, closed or not."""
        with self._used() as database:
            row = database.execute("SELECT * FROM user WHERE name = ?", (name,)).fetchone()
        return None if row is None else user_of(row)

    def has_users(self) -> bool:
        """Is there anybody who can sign in?"""
        with self._used() as database:
            return database.execute("SELECT 1 FROM user WHERE closed_ms IS NULL").fetchone() is not None

    def add(self, person: Person, password: str, now_ms: int) -> None:
        """A new user; raises `Rejected` if the name is or was somebody's."""
        values = (
            person.name,
            person.title,
            person.role,
            person.scope.kind,
            person.scope.of,
            password,
            now_ms,
        )
        with self._changed() as database:
            try:
                database.execute("INSERT INTO user VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", values)
            except sqlite3.IntegrityError as error:
                what = f"用户名 {person.name} 已用过 / the name {person.name} is taken, now or earlier"
                raise Rejected(what) from error

    def set_password(self, name: str, password: str, was: str | None = None) -> bool:
        """Another password, which ends the sessions; with `was` only in place of that one. Tells whether it is so."""
        with self._changed() as database:
            changed = database.execute(
                "UPDATE user SET password = ? WHERE name = ? AND password = coalesce(?, password)",
                (password, name, was),
            ).rowcount
            if changed:
                database.execute("DELETE FROM session WHERE name = ?", (name,))
        return changed == 1

    def renew_hash(self, name: str, was: str, password: str) -> None:
        """The same password hashed anew, unless it is another one by now; the sessions stay."""
        with self._changed() as database:
            database.execute(
                "UPDATE user SET password = ? WHERE name = ? AND password = ?", (password, name, was)
            )

    def change(self, person: Person) -> None:
        """Another title, role or scope; sessions go on as that."""
        scope = person.scope
        values = (person.title, person.role, scope.kind, scope.of, person.name)
        with self._changed() as database:
            database.execute("UPDATE user SET title = ?, role = ?, kind = ?, of = ? WHERE name = ?", values)

    def close_user(self, name: str, now_ms: int) -> None:
        """No more signing in, and no session is left."""
        with self._changed() as database:
            database.execute(
                "UPDATE user SET closed_ms = ? WHERE name = ? AND closed_ms IS NULL", (now_ms, name)
            )
            database.execute("DELETE FROM session WHERE name = ?", (name,))

    # Sessions

    def begin(self, key: str, user: User, address: str, now_ms: int) -> bool:
        """A session, unless the user is closed or has another password by now; tells whether it is one.

        Those that are over go, and the one used longest ago if there are too many.
        """
        limits = self.limits
        with self._changed() as database:
            database.execute(
                "DELETE FROM session WHERE seen_ms < ? OR begun_ms < ?",
                (now_ms - limits.idle_ms, now_ms - limits.lifetime_ms),
            )
            begun = database.execute(
                "INSERT INTO session SELECT ?, name, ?, ?, ? FROM user "
                "WHERE name = ? AND password = ? AND closed_ms IS NULL",
                (key, now_ms, now_ms, address, user.person.name, user.password),
            ).rowcount
            database.execute(
                "DELETE FROM session WHERE hash IN "
                "(SELECT hash FROM session WHERE hash <> ? ORDER BY seen_ms DESC LIMIT -1 OFFSET ?)",
                (key, limits.sessions_max - 1),
            )
        return begun == 1

    def in_session(self, key: str, now_ms: int) -> Person | None:
        """Whose session it is, while it lasts; its use is noted."""
        limits = self.limits
        with self._used() as database:
            row = database.execute(
                "SELECT user.*, seen_ms FROM session JOIN user USING (name) "
                "WHERE hash = ? AND closed_ms IS NULL AND seen_ms >= ? AND begun_ms >= ?",
                (key, now_ms - limits.idle_ms, now_ms - limits.lifetime_ms),
            ).fetchone()
            if row is None:
                return None
            if now_ms - row[-1] >= SEEN_MS:
                database.execute("UPDATE session SET seen_ms = ? WHERE hash = ?", (now_ms, key))
        return user_of(row[:-1]).person

    def end(self, key: str) -> None:
        """The session is over."""
        with self._changed() as database:
            database.execute("DELETE FROM session WHERE hash = ?", (key,))

    # Kiosks

    def kiosks(self) -> list[Kiosk]:
        """All, closed ones too, the newest last."""
        with self._used() as database:
            rows = database.execute("SELECT * FROM kiosk ORDER BY made_ms, name").fetchall()
        return [kiosk_of(row) for row in rows]

    def add_kiosk(self, kiosk: Kiosk, token: str) -> None:
        """A new one; raises `Rejected` where there are too many open ones."""
        with self._changed() as database:
            (count,) = database.execute("SELECT count(*) FROM kiosk WHERE closed_ms IS NULL").fetchone()
            if count >= self.limits.kiosks_max:
                what = f"大屏令牌已有 {count} 个，先停用不用的 / {count} kiosks are open: close some first"
                raise Rejected(what)
            database.execute(
                "INSERT INTO kiosk VALUES (?, ?, ?, ?, ?, NULL, NULL, ?, NULL)",
                (kiosk.name, kiosk.mine, kiosk.title, kiosk.made_by, kiosk.made_ms, token),
            )

    def open_kiosk(self, token: str, cookie: str, now_ms: int) -> Kiosk | None:
        """Exchange a token, once and soon after it was made, for a cookie; `None`: it opens nothing (any more)."""
        with self._changed() as database:
            row = database.execute(
                "UPDATE kiosk SET opened_ms = ?, cookie = ? "
                "WHERE token = ? AND opened_ms IS NULL AND closed_ms IS NULL AND made_ms >= ? "
                "RETURNING *",
                (now_ms, cookie, token, now_ms - self.limits.token_ms),
            ).fetchone()
        return None if row is None else kiosk_of(row)

    def at_kiosk(self, cookie: str) -> Person | None:
        """Which wall has this cookie."""
        with self._used() as database:
            row = database.execute(
                "SELECT * FROM kiosk WHERE cookie = ? AND closed_ms IS NULL", (cookie,)
            ).fetchone()
        return None if row is None else kiosk_of(row).person

    def close_kiosk(self, name: str, now_ms: int) -> None:
        """Neither its token nor its cookie opens anything any more."""
        with self._changed() as database:
            database.execute(
                "UPDATE kiosk SET closed_ms = ? WHERE name = ? AND closed_ms IS NULL", (now_ms, name)
            )

    # The log

    def note(self, entry: VisitEntry) -> None:
        """Write it down; the oldest entries make way."""
        with self._changed() as database:
            database.execute(
                "INSERT INTO visit (at_ms, what, name, address) VALUES (?, ?, ?, ?)",
                (entry.at_ms, entry.what, entry.name, entry.address),
            )
            database.execute(
                "DELETE FROM visit WHERE n <= (SELECT max(n) FROM visit) - ?", (self.limits.entries_max,)
            )

    def log(self, rows_max: int) -> list[VisitEntry]:
        """The newest entries first."""
        with self._used() as database:
            rows = database.execute(
                "SELECT at_ms, what, name, address FROM visit ORDER BY n DESC LIMIT ?", (rows_max,)
            ).fetchall()
        return [VisitEntry(*row) for row in rows]

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        if self._database is None:
            raise AccessUnavailable(f"{self.path} is not open")
        try:
            yield self._database
        except sqlite3.Error as error:
            raise AccessUnavailable(
                f"用户文件暂不可用 / the users' file is not available: {error}"
            ) from error

    @contextmanager
    def _changed(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing."""
        with self._used() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")


def user_of(row: tuple[str, str, str, str, str | None, str, int, int | None]) -> User:
    """A row of the users."""
    name, title, role, kind, of, password, made_ms, closed_ms = row
    return User(Person(name, title, Role(role), Scope(Kind(kind), of)), password, made_ms, closed_ms)


def kiosk_of(row: tuple[str, str, str, str, int, int | None, int | None, str, str | None]) -> Kiosk:
    """A row of the kiosks."""
    return Kiosk(*row[:7])
