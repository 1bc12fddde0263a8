"""A DuckDB file of points: append, read back, compact. Blocking; one thread appends, others may read.

Rules
- One *channel* is one field of one series. Values stand in two narrow tables, numbers and texts, in the order
  in which they were written; no key, which would cost six times the time and size.
- Two values of one channel and instant: the later row counts (`rowid` grows with every append). Reading
  decides so, and `compact` deletes the others.
- What `append` has returned for survives a power cut. One process holds the file, not even a reader beside it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np

from contract.errors import Fault, Misconfigured
from gateway.historian.historian import (
    AT_MS_MAX,
    Bucket,
    FieldValue,
    HistorianUnavailable,
    Point,
    Row,
    Series,
    is_text,
    why_instant_refused,
    why_refused,
    within_reach,
)
from gateway.historian.line_protocol import carried, series_key

MAGIC: Final = b"DUCK"
MAGIC_AT: Final = 8
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS channel (channel INTEGER PRIMARY KEY, series VARCHAR NOT NULL, field VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS number (channel INTEGER NOT NULL, at_ms BIGINT NOT NULL, value DOUBLE NOT NULL);
CREATE TABLE IF NOT EXISTS text (channel INTEGER NOT NULL, at_ms BIGINT NOT NULL, value VARCHAR NOT NULL);
"""
TABLES: Final = ("number", "text")
APPEND: Final = "INSERT INTO {} SELECT * FROM fresh"
SELECT: Final = """
SELECT channel, at_ms, value FROM {}
WHERE channel IN (SELECT unnest(?)) AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, rowid
"""
SELECT_NEWEST: Final = """
SELECT channel, max(at_ms), arg_max(value, (at_ms, rowid)) FROM {}
WHERE channel IN (SELECT unnest(?)) AND at_ms >= ? AND at_ms < ? GROUP BY channel
"""
BUCKETS: Final = """
WITH counted AS (
  SELECT at_ms, arg_max(value, rowid) AS value FROM number
  WHERE channel IN (SELECT unnest(?)) AND at_ms >= ? AND at_ms < ? GROUP BY at_ms
)
SELECT (at_ms - ?) // ? AS place, count(*), min(value), max(value), avg(value)
FROM counted GROUP BY place ORDER BY place
"""
FIRST_FROM: Final = "SELECT min(at_ms) FROM {} WHERE at_ms >= ?"
DELETE_OVERWRITTEN: Final = """
DELETE FROM {0} AS row USING (
  SELECT channel, at_ms, max(rowid) AS newest FROM {0} WHERE at_ms >= ? AND at_ms < ?
  GROUP BY channel, at_ms HAVING count(*) > 1
) AS written WHERE row.channel = written.channel AND row.at_ms = written.at_ms AND row.rowid < written.newest
"""

HOUR_MS: Final = 3_600_000
LOOK_BACK_MS: Final = (HOUR_MS, 24 * HOUR_MS, 30 * 24 * HOUR_MS, 2 * AT_MS_MAX)
"""How far to look for the newest row, in turn: rows lie in about the order of time, so a near one is cheap."""
ROWS_FETCHED: Final = 2_000
"""Rows made into Python objects at once: the interpreter, and with it the event loop, stands still so long."""
LOCK_HOLDER: Final = re.compile(r"Conflicting lock is held in (\S+ \(PID \d+\))")


class PointFile:
    """The file and one connection to it. After an error the next `append` connects anew."""

    def __init__(self, path: Path, *, memory_limit: str, threads: int) -> None:
        self._path = path
        self._config = {
            "memory_limit": memory_limit,
            "threads": threads,
            "max_temp_directory_size": "2GB",
            "autoinstall_known_extensions": False,  # it would look for them on the Internet
            "autoload_known_extensions": False,
        }
        self._connection: Any = None
        self._channels = _Channels()
        self._compacted_to_ms = dict.fromkeys(TABLES, -AT_MS_MAX)

    def open(self) -> None:
        """Open the file, make it if there is none; raises `Misconfigured`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connect()
        except (duckdb.Error, OSError) as error:
            raise Misconfigured([Fault(str(self._path), None, _what_to_do(error))]) from error

    def close(self) -> None:
        """Write everything to the file itself and let go of it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def append(self, batches: Sequence[Sequence[Point]]) -> list[list[str]]:
        """Store batches, all or none of them; gives the refusals of each. Raises `HistorianUnavailable`."""
        try:
            if self._connection is None:
                self._connect()
            columns = {"number": _Columns(np.float64), "text": _Columns(np.object_)}
            refused = [self._sort(points, columns) for points in batches]
            self._connection.begin()
            self._insert("channel", self._channels.fresh_arrays())
            for table, rows in columns.items():
                self._insert(table, rows.arrays())
            self._connection.commit()
            self._channels.fresh.clear()
        except duckdb.Error as error:
            self.close()
            raise HistorianUnavailable(f"{self._path} did not take the points: {error}") from error
        except BaseException:
            self.close()
            raise
        return refused

    def rows(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """Rows with `from ≤ at < to`, ascending. Raises `HistorianUnavailable`."""
        return self.rows_of_many([series], fields, from_ms, to_ms).get(series, [])

    def rows_of_many(
        self, series: Sequence[Series], fields: Sequence[str], from_ms: int, to_ms: int
    ) -> dict[Series, list[Row]]:
        """The same of each series that has any. Raises `HistorianUnavailable`."""
        return self._rows(SELECT, series, fields, from_ms, to_ms)

    def newest_of_many(
        self, series: Sequence[Series], fields: Sequence[str], from_ms: int, to_ms: int
    ) -> dict[Series, list[Row]]:
        """The newest of these rows of each series that has any. Raises `HistorianUnavailable`."""
        from_ms, to_ms = within_reach(from_ms), within_reach(to_ms)
        found: dict[Series, list[Row]] = {}
        for look_back_ms in LOOK_BACK_MS:
            left = [each for each in series if each not in found]
            begin_ms = max(from_ms, to_ms - look_back_ms)
            rows = self._rows(SELECT_NEWEST, left, fields, begin_ms, to_ms) if left else {}
            found |= {each: of[-1:] for each, of in rows.items()}
        return found

    def last_before(self, series: Series, fields: Sequence[str], before_ms: int) -> Row | None:
        """The newest row with `at < before`. Raises `HistorianUnavailable`."""
        found = self.newest_of_many([series], fields, -AT_MS_MAX, before_ms)
        return next(iter(found.get(series, ())), None)

    def _rows(
        self, question: str, series: Sequence[Series], fields: Sequence[str], from_ms: int, to_ms: int
    ) -> dict[Series, list[Row]]:
        """What a question finds of each series, ascending."""
        within = (within_reach(from_ms), within_reach(to_ms))
        found: dict[Series, dict[int, Row]] = {}
        for table in TABLES:
            channels = {
                channel: (found.setdefault(each, {}), name)
                for each in series
                for channel, name in self._channels.asked(each, fields).get(table, {}).items()
            }
            answer = self._select(question.format(table), [list(channels), *within]) if channels else ()
            for channel, at_ms, value in answer:
                rows, name = channels[channel]
                row = rows.get(at_ms) or rows.setdefault(at_ms, Row(at_ms))
                row.fields[name] = value
        return {each: [rows[at_ms] for at_ms in sorted(rows)] for each, rows in found.items() if rows}

    def buckets(self, series: Series, field: str, from_ms: int, to_ms: int, width_ms: int) -> list[Bucket]:
        """What the values say of each stretch of `width` that has any. Raises `HistorianUnavailable`."""
        channels = list(self._channels.asked(series, [field]).get("number", {}))
        within = [within_reach(from_ms), within_reach(to_ms)]
        found = self._select(BUCKETS, [channels, *within, from_ms, width_ms]) if channels else ()
        return [
            Bucket(from_ms + place * width_ms, count, least, most, mean)
            for place, count, least, most, mean in found
        ]

    def compact(self, within_s: float) -> int:
        """Delete overwritten values, hour by hour of their instants, for about `within_s`; gives how many.

        Goes on where the last call stopped, and from the beginning once it came to the end.
        """
        deadline = time.monotonic() + within_s
        deleted = 0
        for table in TABLES:
            while time.monotonic() < deadline:
                [(first_ms,)] = self._select(FIRST_FROM.format(table), [self._compacted_to_ms[table]])
                if first_ms is None:
                    self._compacted_to_ms[table] = -AT_MS_MAX
                    break
                to_ms = first_ms - first_ms % HOUR_MS + HOUR_MS
                [(count,)] = self._select(DELETE_OVERWRITTEN.format(table), [first_ms, to_ms])
                deleted += count
                self._compacted_to_ms[table] = to_ms
        return deleted

    def _connect(self) -> None:
        if not is_database(self._path):
            raise duckdb.IOException(
                "it is no DuckDB file"
            )  # DuckDB would open some such files as tables in memory
        connection = duckdb.connect(self._path, config=self._config)
        connection.execute(SCHEMA)
        self._channels = _Channels(
            connection.execute("SELECT channel, series, field FROM channel").fetchall()
        )
        self._connection = connection

    def _sort(self, points: Sequence[Point], columns: dict[str, _Columns]) -> list[str]:
        """Put each value into the columns of its table; gives a reason per point refused whole or in part."""
        refused = []
        add_number, add_text = columns["number"].add, columns["text"].add
        for point in points:
            at_ms = point.at_ms
            if reason := why_instant_refused(at_ms):
                refused.append(reason)
                continue
            reasons = []
            numbers, texts = self._channels.of(point.series)
            for name, value in point.fields.items():
                if type(value) is float and name in numbers and isfinite(value):
                    add_number(numbers[name], at_ms, value)
                elif reason := why_refused(name, value):
                    reasons.append(reason)
                elif is_text(name):
                    add_text(texts[name], at_ms, str(value).encode(errors="replace").decode())
                else:
                    add_number(numbers[name], at_ms, float(value))
            refused += reasons[:1]
        return refused

    def _insert(self, table: str, arrays: Mapping[str, Any]) -> None:
        if len(arrays["channel"]):
            self._connection.register("fresh", arrays)
            self._connection.execute(APPEND.format(table))
            self._connection.unregister("fresh")

    def _select(self, question: str, arguments: list[object]) -> Iterator[tuple[Any, ...]]:
        connection = self._connection
        if connection is None:
            raise HistorianUnavailable(f"{self._path} is closed")
        try:
            with connection.cursor() as cursor:
                cursor.execute(question, arguments)
                while rows := cursor.fetchmany(ROWS_FETCHED):
                    yield from rows
        except duckdb.Error as error:
            raise HistorianUnavailable(f"{self._path} cannot answer: {error}") from error


class _Columns:
    """Values on their way into one table."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._channels: list[int] = []
        self._instants: list[int] = []
        self._values: list[FieldValue] = []

    def add(self, channel: int, at_ms: int, value: FieldValue) -> None:
        self._channels.append(channel)
        self._instants.append(at_ms)
        self._values.append(value)

    def arrays(self) -> dict[str, Any]:
        """As DuckDB scans them without a copy, ten times faster than lists."""
        return {
            "channel": np.array(self._channels, dtype=np.int32),
            "at_ms": np.array(self._instants, dtype=np.int64),
            "value": np.array(self._values, dtype=self._kind),
        }


class _Channels:
    """The number of every channel; those not stored yet stand in `fresh`."""

    def __init__(self, stored: Iterable[tuple[int, str, str]] = ()) -> None:
        self.fresh: list[tuple[int, str, str]] = []
        self._by_series: dict[str, tuple[_Fields, _Fields]] = {}
        self._count = 0
        for channel, series, field in stored:
            self._fields(series)[is_text(field)][field] = channel
            self._count = max(self._count, channel)

    def of(self, series: Series) -> tuple[_Fields, _Fields]:
        """The channels of a series' number fields and of its text fields."""
        return self._fields(series_key(series))

    def asked(self, series: Series, fields: Iterable[str]) -> dict[str, dict[int, str]]:
        """Per table the channels that there are of these fields, each with the name by which it was asked for."""
        known: tuple[dict[str, int], dict[str, int]] = self._by_series.get(series_key(series), ({}, {}))
        asked: dict[str, dict[int, str]] = {table: {} for table in TABLES}
        for field in fields:
            channel = known[is_text(field)].get(carried(field))
            if channel is not None:
                asked[TABLES[is_text(field)]][channel] = field
        return {table: channels for table, channels in asked.items() if channels}

    def add(self, series: str, field: str) -> int:
        """A new channel."""
        self._count += 1
        self.fresh.append((self._count, series, field))
        return self._count

    def fresh_arrays(self) -> dict[str, Any]:
        """Those not stored yet, as DuckDB scans them."""
        return {
            "channel": np.array([channel for channel, _, _ in self.fresh], dtype=np.int32),
            "series": np.array([series for _, series, _ in self.fresh], dtype=np.object_),
            "field": np.array([field for _, _, field in self.fresh], dtype=np.object_),
        }

    def _fields(self, series: str) -> tuple[_Fields, _Fields]:
        return self._by_series.get(series) or self._by_series.setdefault(
            series, (_Fields(self, series), _Fields(self, series))
        )


class _Fields(dict[str, int]):
    """Field name to channel, within one series; asking for a new name makes its channel."""

    def __init__(self, channels: _Channels, series: str) -> None:
        super().__init__()
        self._channels = channels
        self._series = series

    def __missing__(self, field: str) -> int:
        name = carried(field)
        channel = self.get(name)
        self[name] = self[field] = self._channels.add(self._series, name) if channel is None else channel
        return self[field]


def _what_to_do(error: Exception) -> str:
    """Why the file could not be opened, and how to mend that."""
    if holder := LOCK_HOLDER.search(str(error)):
        return (
            f"another process holds this file: {holder[1]}. End it, or give this one a file of its own; "
            "to read, ask the process that holds it"
        )
    if isinstance(error, duckdb.ProgrammingError):
        return f"memory_limit or threads of this file cannot be taken: {error}"
    return f"cannot be opened as a historian's file ({error}). Give another path, or move this file away"


def is_database(path: Path) -> bool:
    """Whether this is a database file, or none yet."""
    if not path.exists() or path.stat().st_size == 0:
        return True
    with path.open("rb") as file:
        return file.read(MAGIC_AT + len(MAGIC))[MAGIC_AT:] == MAGIC
