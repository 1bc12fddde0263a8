"""Times as people and machines write them in files, and back.

Rules (definitions.md §0)
- A time is `YYYY-MM-DD`, `T` or a space, `HH:MM[:SS[.f]]` with one to six digits of fraction, then an offset
  (`+08:00`, `+0800`, `+08`), `Z`, or nothing: then it is local time of the given zone. Nothing is trimmed.
- A local time that occurs twice is its first occurrence. One that does not occur (clocks put forward) is read
  with the offset that held before the change, so that 02:30 becomes the instant one half hour after 02:00.
- An instant is an integer of microseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rules.series import HOUR_US, MINUTE_US, SECOND_US, Instants

DAY_US: Final = 24 * HOUR_US
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

TIME_LENGTH_MAX: Final = len("2022-03-01T00:00:00.000000+08:00:00")

# The layout of a time is its text with every digit written as 0.
_LAYOUT: Final = re.compile(
    r"(?P<year>0000)-(?P<month>00)-(?P<day>00)[T ]"
    r"(?P<hour>00):(?P<minute>00)(:(?P<second>00)(\.(?P<fraction>0{1,6}))?)?"
    r"(?P<offset>Z|(?P<sign>[+-])(?P<off_h>00)((?P<off_m>00)|:(?P<off_min>00)(:(?P<off_s>00))?)?)?"
)
_DIGIT_TO_ZERO: Final = str.maketrans("123456789", "000000000")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

LAYOUTS_MAX: Final = 32  # more different layouts than that in one block are read one by one


def parse_date(text: str) -> date | None:
    """A calendar day written `YYYY-MM-DD`; `None` if it is not one."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse_time(text: str, zone: tzinfo) -> int | None:
    """The instant that a text means; `None` if it is not a time."""
    block = np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    at_us, readable = read_times(block, np.zeros(1, np.int64), np.array([block.size], np.int64), zone)
    return int(at_us[0]) if readable[0] else None


def local_instant(local_us: int, zone: tzinfo) -> int:
    """The instant of a local time given as microseconds since 1970-01-01 on the wall clock of `zone`."""
    wall = EPOCH + timedelta(microseconds=local_us)
    return local_us - _offset_us(wall.replace(tzinfo=zone))


def time_text(at_us: int, zone: tzinfo) -> str:
    """ISO 8601 with the zone's numeric offset, a fraction only when it is not zero."""
    return (EPOCH + timedelta(microseconds=at_us)).astimezone(zone).isoformat()


def read_times(block: Bytes, start: Instants, length: Instants, zone: tzinfo) -> tuple[Instants, Flags]:
    """The times at `start` with `length` bytes each within `block`: instants, and which of them are readable.

    Texts of one layout are read together, so that millions of rows take seconds.
    """
    at_us = np.zeros(start.size, dtype=np.int64)
    readable = np.zeros(start.size, dtype=np.bool_)

    def read(rows: Instants) -> Instants:
        """Read those rows that look like the first of them; the others come back."""
        layout = _layout(block[start[rows[0]] : start[rows[0]] + length[rows[0]]])
        alike, digits = _alike(layout, block, start[rows], length[rows])
        if parts := _LAYOUT.fullmatch(layout):
            at_us[rows[alike]], readable[rows[alike]] = _instants(parts, digits, zone)
        return rows[~alike]

    rows = np.flatnonzero((length >= len("2022-03-01T00:00")) & (length <= TIME_LENGTH_MAX))
    for _ in range(LAYOUTS_MAX):
        if rows.size:
            rows = read(rows)
    for row in rows:
        read(np.array([row]))
    return at_us, readable


def _layout(text: Bytes) -> str:
    return text.tobytes().decode("latin-1").translate(_DIGIT_TO_ZERO)


def _alike(layout: str, block: Bytes, start: Instants, length: Instants) -> tuple[Flags, list[Bytes]]:
    """Which of the texts have this layout, and these ones' characters by place, digits as numbers."""
    alike = length == len(layout)
    begin = start if bool(alike.all()) else start[alike]
    chars = [block[begin + place] for place in range(len(layout))]
    same = np.ones(begin.size, dtype=np.bool_)
    for place, char in enumerate(layout):
        if char == "0":
            chars[place] -= np.uint8(ord("0"))
            same &= chars[place] <= 9  # noqa: PLR2004 - the digits
        else:
            same &= chars[place] == ord(char)
    if not bool(same.all()):
        chars = [char[same] for char in chars]
    alike[alike] = same
    return alike, chars


def _instants(parts: re.Match[str], digits: list[Bytes], zone: tzinfo) -> tuple[Instants, Flags]:
    """Instants of texts of one layout, and which of them are real times."""

    def number(part: str) -> NDArray[np.int32]:
        first, last = parts.span(part)
        total = np.zeros(digits[0].size, dtype=np.int32)
        for place in range(first, last):
            total = total * np.int32(10) + digits[place]
        return total

    days, valid = _days(number("year"), number("month"), number("day"))
    hour, minute, second = number("hour"), number("minute"), number("second")
    valid &= (hour < 24) & (minute < 60) & (second < 60)  # noqa: PLR2004 - a clock
    scale = 10 ** (6 - (parts.end("fraction") - parts.start("fraction")))
    of_day_s = (hour * np.int32(60) + minute) * np.int32(60) + second
    local_us = (days * 86_400 + of_day_s) * SECOND_US + number("fraction") * np.int64(scale)
    if parts["offset"] is None:
        return _local_instants(np.where(valid, local_us, 0), zone), valid
    off_h, off_min, off_s = number("off_h"), number("off_m") + number("off_min"), number("off_s")
    valid &= (off_h < 24) & (off_min < 60) & (off_s < 60)  # noqa: PLR2004 - a clock
    offset_us = off_h * np.int64(HOUR_US) + off_min * np.int64(MINUTE_US) + off_s * np.int64(SECOND_US)
    return local_us + offset_us if parts["sign"] == "-" else local_us - offset_us, valid


def _days(
    year: NDArray[np.int32], month: NDArray[np.int32], day: NDArray[np.int32]
) -> tuple[Instants, Flags]:
    """Days since 1970-01-01, and which of the dates exist."""
    valid = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)  # noqa: PLR2004 - a calendar
    key = year * np.int32(100) + month
    turn = np.flatnonzero(np.diff(key, prepend=-1))
    months = (year[turn] - 1970) * np.int64(12) + month[turn] - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    next_first = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    run = np.diff(np.append(turn, key.size))
    month_days = np.repeat(next_first - first, run)
    return np.repeat(first, run) + day - 1, valid & (day <= month_days)


def _local_instants(local_us: Instants, zone: tzinfo) -> Instants:
    """`local_instant` of many: whole days with one offset at once, the days of a change one distinct time at a time."""
    day = local_us // DAY_US
    turn = np.flatnonzero(np.diff(day, prepend=np.iinfo(np.int64).min // DAY_US))
    days, which = np.unique(day[turn], return_inverse=True)
    day_of_row = np.repeat(which, np.diff(np.append(turn, day.size)))
    offsets = [_day_offset_us(each, zone) for each in days.tolist()]
    at_us = local_us - np.array([offset or 0 for offset in offsets], dtype=np.int64)[day_of_row]
    steady = np.array([offset is not None for offset in offsets], dtype=np.bool_)[day_of_row]
    changing = np.flatnonzero(~steady)
    if changing.size:
        walls, place = np.unique(local_us[changing], return_inverse=True)
        exact = np.array([local_instant(wall, zone) for wall in walls.tolist()], dtype=np.int64)
        at_us[changing] = exact[place]
    return at_us


def _day_offset_us(day: int, zone: tzinfo) -> int | None:
    """The zone's one offset on a local day, `None` if it changes on it (zones change at most once an hour)."""
    midnight = EPOCH + timedelta(days=day)
    within = [midnight + timedelta(hours=hour) for hour in range(24)]
    last = midnight + timedelta(microseconds=DAY_US - 1)
    offsets = {_offset_us(wall.replace(tzinfo=zone)) for wall in (*within, last)}
    return offsets.pop() if len(offsets) == 1 else None


def _offset_us(wall: datetime) -> int:
    offset = wall.utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)
