"""A series that grows while it is judged: rows in any order, a bounded number of them, arrays on demand. Pure.

Rules
- Of equal instants the last row taken wins, as in a file (definitions.md §0).
- A *mark* is the centre's own: its gateway was lost at that instant, nobody said so of this quantity. It counts as a
  row without a value only where the source's own rows leave a hole: where they come as close as a source must repeat
  a value (`stale_after / 2`), the gateway was at work all the time and its readings came after all, so that they alone
  tell what is known. A mark after the newest row counts until a row follows.
- Rows below the floor were forgotten or never asked for; what comes late below it belongs to the historian.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np

from rules.series import LONG_US, Instants, Samples, Values

UNKNOWN: Final = math.nan
ROWS_MAX: Final = 100_000
"""A row a second for 26 hours; above that the oldest eighth is forgotten."""
MARKS_MAX: Final = 1_000
FIRST_ROOM: Final = 64


class Effect(IntEnum):
    """What a row does to what is known."""

    NOTHING = 0
    REPEATED = 1
    """It says once more what the newest row says, in time, or that nothing is known."""
    CHANGED = 2
    BELOW = 3
    """It lies below the floor: only the historian can tell what it changes."""


@dataclass(slots=True)
class LiveSeries:
    """Rows of one quantity by instant, and marks; at `stale_after` a value ceases to hold."""

    stale_after_us: int
    floor_us: int | None = None
    """The oldest row kept where rows before it are not; `None` while there are none."""
    touched_us: int | None = None
    """From where on something else may be known than when this was cleared."""
    marks: list[int] = field(default_factory=list)
    late: dict[int, float] = field(default_factory=dict)
    """Rows that came after younger ones and are not among the arrays yet."""
    first: int = 0
    size: int = 0
    """Rows `first` to `size` of the arrays are ours; what lies there is never changed, only added to."""
    at_us: Instants = field(default_factory=lambda: np.empty(FIRST_ROOM, dtype=np.int64))
    values: Values = field(default_factory=lambda: np.empty(FIRST_ROOM, dtype=np.float64))
    with_marks: Samples | None = None
    newest_us: int | None = None
    newest: float = UNKNOWN

    def take(self, at_us: int, value: float | None, judged_at_us: int = -1) -> Effect:
        """Insert a row; nothing is done where it is known already, or lies below the floor.

        A row repeats the newest one only if that was not stale yet when the series was last judged.
        """
        number = UNKNOWN if value is None else value
        before_us, before = self.newest_us, self.newest
        if before_us is not None and at_us <= before_us:
            return self.take_late(at_us, number)
        self.append(at_us, number)
        if before_us is None:
            self.touch(at_us)
            return Effect.CHANGED
        held_to_us = before_us + self.stale_after_us
        is_in_time = judged_at_us < held_to_us >= at_us and not (self.marks and self.marks[-1] > before_us)
        if (number == before and is_in_time) or (math.isnan(number) and math.isnan(before)):
            return Effect.REPEATED
        self.touch(before_us)
        return Effect.CHANGED

    def take_late(self, at_us: int, number: float) -> Effect:
        """A row that is not newer than all others."""
        if self.floor_us is not None and at_us < self.floor_us:
            return Effect.BELOW
        at = self.at_us[self.first : self.size]
        place = int(np.searchsorted(at, at_us))
        is_there = place < at.size and int(at[place]) == at_us
        before = self.late.get(at_us, float(self.values[self.first + place]) if is_there else None)
        if before is not None and (before == number or (math.isnan(before) and math.isnan(number))):
            return Effect.NOTHING
        self.late[at_us] = number
        if at_us == self.newest_us:
            self.newest = number
        self.with_marks = None
        self.touch(int(at[place - 1]) if place else at_us)
        return Effect.CHANGED

    def mark(self, at_us: int) -> Effect:
        """The gateway was lost; above the bound the oldest mark goes."""
        place = bisect_left(self.marks, at_us)
        if self.floor_us is not None and at_us < self.floor_us:
            return Effect.BELOW
        if place < len(self.marks) and self.marks[place] == at_us:
            return Effect.NOTHING
        insort(self.marks, at_us)
        del self.marks[:-MARKS_MAX]
        self.with_marks = None
        at = self.rows().at_us
        before = int(np.searchsorted(at, at_us, side="right")) - 1
        self.touch(int(at[before]) if before >= 0 else at_us)
        return Effect.CHANGED

    def touch(self, from_us: int) -> None:
        """What is known from there on may have changed."""
        self.touched_us = from_us if self.touched_us is None else min(self.touched_us, from_us)

    def append(self, at_us: int, number: float) -> None:
        """A row newer than all others."""
        if self.size == self.at_us.size:
            self.move(self.rows())
        self.at_us[self.size], self.values[self.size] = at_us, number
        self.size += 1
        self.newest_us, self.newest = at_us, number
        self.with_marks = None
        if self.size - self.first > ROWS_MAX:
            self.drop(ROWS_MAX // 8)

    def rows(self) -> Samples:
        """The source's own rows."""
        if self.late:
            at_us = np.fromiter(self.late, dtype=np.int64, count=len(self.late))
            values = np.fromiter(self.late.values(), dtype=np.float64, count=len(self.late))
            self.late = {}
            kept = slice(self.first, self.size)
            self.move(
                Samples.of(
                    np.concatenate((self.at_us[kept], at_us)), np.concatenate((self.values[kept], values))
                )
            )
        return Samples(self.at_us[self.first : self.size], self.values[self.first : self.size])

    def move(self, rows: Samples) -> None:
        """To arrays with room for half as many more; those handed out stay as they are."""
        count = rows.at_us.size
        room = max(FIRST_ROOM, count + count // 2)
        self.at_us, self.values = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.float64)
        self.at_us[:count], self.values[:count] = rows.at_us, rows.value
        self.first, self.size = 0, count

    def renumber(self, values: Values) -> None:
        """The same rows with other values, where values are only names of something."""
        self.move(Samples(self.rows().at_us, values))
        self.newest = float(values[-1]) if values.size else UNKNOWN
        self.with_marks = None

    def samples(self) -> Samples:
        """The rows as the rules read them, marks among them where they count."""
        rows = self.rows()
        if not self.marks:
            return rows
        if self.with_marks is None:
            self.with_marks = marked(rows, np.array(self.marks, dtype=np.int64), self.stale_after_us // 2)
        return self.with_marks

    def newest_at(self, now_us: int) -> int | None:
        """The newest row at or before now: a gateway's clock may be ahead of ours."""
        if self.newest_us is None or self.newest_us <= now_us:
            return self.newest_us
        at_us = self.rows().until(now_us).at_us
        return int(at_us[-1]) if at_us.size else None

    def next_after(self, now_us: int) -> int:
        """The first row after now, or never."""
        if self.newest_us is None or self.newest_us <= now_us:
            return LONG_US
        at_us = self.rows().at_us
        return int(at_us[np.searchsorted(at_us, now_us, side="right")])

    def forget(self, before_us: int) -> None:
        """Drop rows older than `before`, but the newest of them: what it says may still hold."""
        rows = self.rows()
        older = int(np.searchsorted(rows.at_us, before_us)) - 1
        if older > 0:
            self.drop(older)

    def drop(self, count: int) -> None:
        """Drop so many of the oldest rows."""
        self.rows()
        self.first += count
        self.floor_us = int(self.at_us[self.first])
        del self.marks[: bisect_left(self.marks, self.floor_us)]
        self.with_marks = None
        if self.first > self.at_us.size // 2:
            self.move(self.rows())

    def starts_at(self, floor_us: int) -> None:
        """Rows before this one are not kept, though there are some."""
        self.floor_us = floor_us
        self.forget(floor_us + 1)


def marked(rows: Samples, marks: Instants, repeat_us: int) -> Samples:
    """The rows, with the marks that count: those in a hole between two rows, or after the last one."""
    place = np.searchsorted(rows.at_us, marks, side="right")
    has_before, has_after = place > 0, place < rows.at_us.size
    before_us = rows.at_us[np.maximum(place - 1, 0)] if rows.at_us.size else marks
    after_us = rows.at_us[np.minimum(place, rows.at_us.size - 1)] if rows.at_us.size else marks
    is_hole = ~(has_before & has_after) | (after_us - before_us > repeat_us)
    counts = is_hole & ~(has_before & (before_us == marks))
    if not bool(counts.any()):
        return rows
    return Samples(
        np.insert(rows.at_us, place[counts], marks[counts]), np.insert(rows.value, place[counts], UNKNOWN)
    )
