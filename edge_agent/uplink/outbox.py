"""The outbox: a durable queue of numbered batches on SQLite.

Rules
- A batch is on disk before it is sent (`append` returns after the commit reached the disk: WAL with
  `synchronous=FULL`). It leaves by `commit`, the centre's word that it is stored, or by a limit (`trim`).
- Numbers rise by one within an epoch and are never used again; the epoch is made with the file.
- Tag ids serve as aliases on the wire: they outlive restarts and config edits, so that a batch written
  under an old config can still be sent under a new one.
- Times go on over restarts: `clock_ms` is our time at the last append, and `ahead` are the last times of the tags
  whose sources were ahead of it, so that nothing is ever written over in the store.
- Above the size limit the oldest batches lose their raw samples first (*thinned*); headcount, modes, alarms and states
  stay. When all are thinned, and above the age limit, whole batches go. Every loss is kept, to be announced, until the
  centre has stored what lies behind it, and counted in `readings_lost` for ever.
- A file whose content SQLite cannot read is put aside, counted in `files_set_aside`, and a new one (a new epoch)
  begins with what can be saved of it. A good file that cannot be opened now (disk full, no rights, another agent has
  it) is left alone: `OutboxUnavailable`.

Every method blocks on the disk; the app calls them in a thread of their own, one at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self
from uuid import uuid4

from contract.delivery import DROPPED, THINNED, Loss
from contract.errors import Transient
from contract.sequence import MODULUS, successor
from edge_agent.uplink import encode
from edge_agent.uplink.draft import Batch, Draft
from edge_agent.uplink.outbox_file import opened, salvage, set_aside

ROW_BYTES: Final = 48
"""What a batch takes on disk besides its body, about."""
PART: Final = 200
"""Batches that are thinned or dropped at one go."""
NEVER_MS: Final = 1 << 62
OUTBOX_FULL: Final = "outbox full"
TOO_OLD: Final = "too old"
RAW_SAMPLES: Final = "raw samples, outbox full"
INBOX_FULL: Final = "inbox full, disk refused"
NOTHING_AHEAD: Final[Mapping[int, int]] = MappingProxyType({})
Row = tuple[int, int, int, bytes]
"""Number, readings, when written, body."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept, and for how long."""

    bytes_max: int
    age_max_ms: int = 1 << 60


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


@dataclass(frozen=True, slots=True)
class Announced:
    """A loss, and the metric that tells the centre of it."""

    metric: str
    loss: Loss


class OutboxUnavailable(Transient):
    """The outbox cannot be opened now, though nothing is known to be wrong with its content."""


class Outbox:
    """The queue on disk; a context manager. Opening it raises `OutboxUnavailable`."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.limits = limits
        self.files_set_aside = self.readings_saved = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.database = self.opened(path)
            self.epoch = self.remembered("epoch", uuid4().hex)
            self.readings_lost = int(self.remembered("lost", "0"))
            self.clock_ms = int(self.remembered("clock_ms", "0"))
            self.readings, self.bytes, self.thinned_until = self.database.execute(
                "SELECT coalesce(sum(readings), 0), coalesce(sum(length(body) + ?), 0), "
                "coalesce(max(CASE WHEN thinned THEN number END), 0) FROM batch",
                (ROW_BYTES,),
            ).fetchone()
        except (OSError, sqlite3.Error) as error:
            raise OutboxUnavailable(f"outbox {path} cannot be opened: {error}") from error

    def opened(self, path: Path) -> sqlite3.Connection:
        """The database; a file of unreadable content is put aside, and what can be read of it taken over."""
        try:
            return opened(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            aside = set_aside(path)
            self.files_set_aside += 1
            database = opened(path)
            for batch in salvage(aside, database):
                with database:
                    database.execute(
                        "INSERT INTO batch (device, readings, body, written_ms) VALUES (?, ?, ?, ?)",
                        (batch.device, batch.readings, batch.body, batch.written_ms),
                    )
                self.readings_saved += batch.readings
            return database

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
        """The numbers of these tags (device and metric, with type), given at first sight and kept for ever.

        Writes only what is new: on a full disk known tags have their numbers all the same.
        """
        rows = self.database.execute("SELECT device, metric, datatype FROM tag")
        known = {(device, metric): datatype for device, metric, datatype in rows}
        new = [(*key, datatype) for key, datatype in tags.items() if known.get(key) != datatype]
        if new:
            with self.database:
                self.database.executemany(
                    "INSERT INTO tag (device, metric, datatype) VALUES (?, ?, ?) "
                    "ON CONFLICT (device, metric) DO UPDATE SET datatype = excluded.datatype",
                    new,
                )
        select = "SELECT id FROM tag WHERE device = ? AND metric = ?"
        return {key: self.database.execute(select, key).fetchone()[0] for key in tags}

    def kept_tags(self) -> list[Tag]:
        """All tags of every device of which batches are kept; some may have left the config meanwhile."""
        rows = self.database.execute(
            "SELECT id, device, metric, datatype FROM tag WHERE device IN (SELECT DISTINCT device FROM batch)"
        )
        return [Tag(*row) for row in rows]

    def ahead(self) -> dict[int, int]:
        """The last time of each tag of which that was ahead of our clock."""
        return dict(self.database.execute("SELECT tag, at_ms FROM ahead WHERE at_ms > ?", (self.clock_ms,)))

    def append(
        self, drafts: Sequence[Draft], now_ms: int, ahead: Mapping[int, int] = NOTHING_AHEAD
    ) -> list[Batch]:
        """Number the drafts in their order and keep them; raises `sqlite3.OperationalError` on a full disk.

        `ahead` are times of tags in them that are later than `now_ms`.
        """
        with self.database:
            self.database.execute("UPDATE meta SET value = ? WHERE key = 'clock_ms'", (str(now_ms),))
            self.database.executemany("INSERT OR REPLACE INTO ahead VALUES (?, ?)", ahead.items())
            batches = [
                Batch(self.insert(draft, now_ms), draft.device, draft.readings, draft.body, draft.newest_ms)
                for draft in drafts
            ]
        self.readings += sum(draft.readings for draft in drafts)
        self.bytes += sum(len(draft.body) + ROW_BYTES for draft in drafts)
        return batches

    def insert(self, draft: Draft, now_ms: int) -> int:
        """One row of `append`."""
        cursor = self.database.execute(
            "INSERT INTO batch (device, readings, body, written_ms) VALUES (?, ?, ?, ?)",
            (draft.device, draft.readings, draft.body, now_ms),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def commit(self, number: int) -> int:
        """Delete what the centre has stored, and the losses up to there; gives the count of readings stored."""
        with self.database:
            self.database.execute("DELETE FROM loss WHERE last <= ?", (number,))
            gone = self.delete(number)
        return self.forget(gone)

    def trim(self, essential: Collection[int], now_ms: int) -> list[Announced]:
        """Keep to the limits; what was lost by it. `essential` are the tags that are given up last."""
        lost: list[Announced] = []
        while self.oldest_ms() < now_ms - self.limits.age_max_ms:
            lost.append(self.drop_old(now_ms - self.limits.age_max_ms))
        while self.bytes > self.limits.bytes_max and self.oldest_ms() < NEVER_MS:
            lost.append(self.thin(essential) or self.drop(self.rows_of("TRUE")[: PART // 4], OUTBOX_FULL))
        return lost

    def oldest_ms(self) -> int:
        """When the oldest batch was written; never, if none is kept."""
        row = self.database.execute("SELECT written_ms FROM batch ORDER BY number LIMIT 1").fetchone()
        return int(row[0]) if row else NEVER_MS

    def drop_old(self, before_ms: int) -> Announced:
        """Give up batches that are too old, up to a younger one: after a jump of the clock they may be mixed."""
        return self.drop([*takewhile(lambda row: row[2] < before_ms, self.rows_of("TRUE"))], TOO_OLD)

    def rows_of(self, condition: str, *values: int) -> list[Row]:
        """The oldest batches for which a condition of ours holds, a part of them."""
        return self.database.execute(
            f"SELECT number, readings, written_ms, body FROM batch WHERE {condition} ORDER BY number LIMIT {PART}",  # noqa: S608
            values,
        ).fetchall()

    def drop(self, rows: Sequence[Row], reason: str) -> Announced:
        """Give up these batches, the oldest."""
        readings = sum(row[1] for row in rows)
        loss = Loss(rows[0][0], rows[-1][0], reason, readings, rows[0][2], rows[-1][2])
        with self.database:
            gone = self.delete(loss.last)
            announced = self.keep_loss(DROPPED, loss)
        self.forget(gone)
        self.readings_lost += readings
        return announced

    def thin(self, essential: Collection[int]) -> Announced | None:
        """Take the raw samples out of the oldest batches that have them; `None` if no batch has any more."""
        rows = self.rows_of("number > ?", self.thinned_until)
        if not rows:
            return None
        thinned = [(*encode.thinned(body, essential), number) for number, _, _, body in rows]
        lost = sum(row[1] for row in rows) - sum(readings for _, readings, _ in thinned)
        saved = sum(len(row[3]) for row in rows) - sum(len(body) for body, _, _ in thinned)
        loss = Loss(rows[0][0], rows[-1][0], RAW_SAMPLES, lost, rows[0][2], rows[-1][2])
        with self.database:
            self.database.executemany(
                "UPDATE batch SET body = ?, readings = ?, thinned = 1 WHERE number = ?", thinned
            )
            announced = self.keep_loss(THINNED, loss)
        self.thinned_until = loss.last
        self.forget((lost, saved))
        self.readings_lost += lost
        return announced

    def lose(self, readings: int, now_ms: int) -> Announced:
        """Readings that never lay on the disk: they get a number, so that the centre misses it and hears why."""
        with self.database:
            number = self.insert(Draft("", 0, b""), now_ms)
            self.database.execute("DELETE FROM batch WHERE number = ?", (number,))
            announced = self.keep_loss(DROPPED, Loss(number, number, INBOX_FULL, readings, now_ms, now_ms))
        self.readings_lost += readings
        return announced

    def keep_loss(self, kind: str, loss: Loss) -> Announced:
        """Remember a loss, joined to the one before it where they touch; within a transaction."""
        total = self.readings_lost + loss.readings
        row = self.database.execute(
            "SELECT rowid, first, readings, from_ms FROM loss WHERE kind = ? AND reason = ? AND last = ?",
            (kind, loss.reason, loss.first - 1),
        ).fetchone()
        if row:
            self.database.execute("DELETE FROM loss WHERE rowid = ?", (row[0],))
            loss = Loss(row[1], loss.last, loss.reason, row[2] + loss.readings, row[3], loss.to_ms)
        self.database.execute(
            "INSERT INTO loss VALUES (?, ?, ?, ?, ?, ?, ?)",
            (loss.first, loss.last, kind, loss.reason, loss.readings, loss.from_ms, loss.to_ms),
        )
        self.database.execute("UPDATE meta SET value = ? WHERE key = 'lost'", (str(total),))
        return Announced(kind, loss)

    def losses(self) -> list[Announced]:
        """What is still to be announced, ascending."""
        rows = self.database.execute(
            "SELECT kind, first, last, reason, readings, from_ms, to_ms FROM loss ORDER BY first"
        )
        return [Announced(kind, Loss(*loss)) for kind, *loss in rows]

    def delete(self, last: int) -> tuple[int, int]:
        """Delete up to and including `last`; gives how many readings and bytes that is; within a transaction."""
        gone = self.database.execute(
            "SELECT coalesce(sum(readings), 0), coalesce(sum(length(body) + ?), 0) FROM batch WHERE number <= ?",
            (ROW_BYTES, last),
        ).fetchone()
        self.database.execute("DELETE FROM batch WHERE number <= ?", (last,))
        return int(gone[0]), int(gone[1])

    def forget(self, gone: tuple[int, int]) -> int:
        """What is no longer on the disk is no longer counted; gives the readings."""
        self.readings -= gone[0]
        self.bytes -= gone[1]
        return gone[0]

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

    def give_back_bd_seq(self, number: int) -> None:
        """No CONNECT went out with this number, the last one given: it is the next one's."""
        with self.database:
            self.database.execute(
                "UPDATE meta SET value = ? WHERE key = 'bd_seq'", (str((number - 1) % MODULUS),)
            )

    def remembered(self, key: str, first: str) -> str:
        """A value of the meta table, set to `first` where it is missing."""
        with self.database:
            self.database.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", (key, first))
        (value,) = self.database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(value)
