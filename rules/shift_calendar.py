"""Shift calendars: which shifts a face works, from when to when.

Rules (definitions.md §1 "Which shifts")
- Of a face's own calendars the latest one effective on a day holds; if none is, the mine's latest; else no shift.
- A shift starts at `start` on its day, lasts `minutes` of elapsed time, belongs to that day even past midnight
  and is never cut. Overlapping shifts are independent.
- Local times that occur twice or not at all: see `rules.time_text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from rules.series import MINUTE_US
from rules.time_text import DAY_US, EPOCH, local_instant

ShiftKind = Literal["production", "maintenance"]

MINUTES_MAX: Final = 31 * 24 * 60  # a longer shift is a slip of the pen

_STRICT: Final = ConfigDict(strict=True, frozen=True, extra="forbid")


class ShiftTimes(BaseModel):
    """One shift of a calendar's day."""

    model_config = _STRICT

    name: str
    start: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]  # local time
    minutes: Annotated[int, Field(ge=1, le=MINUTES_MAX)]
    kind: ShiftKind


class Calendar(BaseModel):
    """The shifts of a day, from a day on; for one face, or for the whole mine."""

    model_config = _STRICT

    effective_on: date
    face: str | None = None
    shifts: Annotated[tuple[ShiftTimes, ...], Field(strict=False)]


class Shift(NamedTuple):
    """One shift that a face works on one day."""

    face: str
    shift_on: date
    name: str
    kind: ShiftKind
    starts_us: int
    ends_us: int


class Seam(StrEnum):
    """What two calendars leave between them."""

    GAP = "gap"
    OVERLAP = "overlap"


class CalendarChange(NamedTuple):
    """A change of calendars at which shifts do not meet."""

    before: Calendar
    after: Calendar
    changes_on: date
    seam: Seam
    ends_us: int
    starts_us: int


@dataclass(frozen=True, slots=True)
class ShiftCalendar:
    """All calendars of a mine."""

    zone: tzinfo
    calendars: tuple[Calendar, ...]

    def on(self, face: str, day: date) -> Calendar | None:
        """The calendar that holds for a face on a day."""
        for scope in (face, None):
            effective = [c for c in self.calendars if c.face == scope and c.effective_on <= day]
            if effective:
                return max(effective, key=lambda calendar: calendar.effective_on)
        return None

    def shifts_on(self, face: str, day: date) -> list[Shift]:
        """A face's shifts of one day, in the calendar's order."""
        calendar = self.on(face, day)
        return [self._shift(face, day, times) for times in calendar.shifts] if calendar else []

    def shifts(self, face: str, first: date, end: date) -> list[Shift]:
        """A face's shifts with `first <= shift_on < end` by start; of equal starts, as in the calendar."""
        found = [shift for day in _days(first, end) for shift in self.shifts_on(face, day)]
        return sorted(found, key=lambda shift: shift.starts_us)

    def shifts_between(self, face: str, from_us: int, to_us: int) -> list[Shift]:
        """A face's shifts that have any part in `[from, to)`, by start."""
        longest = max((times.minutes for c in self.calendars for times in c.shifts), default=0)
        first = _day(from_us - longest * MINUTE_US) - timedelta(days=1)
        around = self.shifts(face, first, _day(to_us) + timedelta(days=2))
        return [shift for shift in around if shift.starts_us < to_us and from_us < shift.ends_us]

    def shifts_at(self, face: str, at_us: int) -> list[Shift]:
        """The shifts that a face is in at an instant: none, one, or several where they overlap."""
        return self.shifts_between(face, at_us, at_us + 1)

    def changes(self, face: str, first: date, end: date) -> Iterator[CalendarChange]:
        """The changes of a face's calendar from `first` to `end`, both included, that leave a gap or an overlap."""
        for day in _days(first, end + timedelta(days=1)):
            before, after = self.on(face, day - timedelta(days=1)), self.on(face, day)
            if before is None or after is None or before is after or not (before.shifts and after.shifts):
                continue
            ends_us = max(shift.ends_us for shift in self.shifts_on(face, day - timedelta(days=1)))
            starts_us = min(shift.starts_us for shift in self.shifts_on(face, day))
            if ends_us != starts_us:
                seam = Seam.GAP if ends_us < starts_us else Seam.OVERLAP
                yield CalendarChange(before, after, day, seam, ends_us, starts_us)

    def _shift(self, face: str, day: date, times: ShiftTimes) -> Shift:
        starts_us = _instant(day, times.start, self.zone)
        return Shift(face, day, times.name, times.kind, starts_us, starts_us + times.minutes * MINUTE_US)


@lru_cache(maxsize=4096)  # the same few starts, for every face of a province
def _instant(day: date, start: str, zone: tzinfo) -> int:
    """The instant of a day's `HH:MM` on the wall clock."""
    hours, minutes = start.split(":")
    since_midnight_us = (int(hours) * 60 + int(minutes)) * MINUTE_US
    return local_instant((day - EPOCH.date()).days * DAY_US + since_midnight_us, zone)


def _days(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((end - first).days))


def _day(at_us: int) -> date:
    """The UTC day of an instant: within a day of the local one."""
    return (EPOCH.astimezone(UTC) + timedelta(microseconds=at_us)).date()


def preset(*shifts: tuple[str, str, int, ShiftKind]) -> tuple[ShiftTimes, ...]:
    """A day's shifts from name, start, minutes and kind."""
    return tuple(ShiftTimes(name=name, start=start, minutes=m, kind=kind) for name, start, m, kind in shifts)


THREE_EIGHT: Final = preset(  # 三八制
    ("零点班", "00:00", 480, "maintenance"),
    ("八点班", "08:00", 480, "production"),
    ("四点班", "16:00", 480, "production"),
)
FOUR_SIX: Final = preset(  # 四六制
    ("零点班", "00:00", 360, "production"),
    ("六点班", "06:00", 360, "maintenance"),
    ("十二点班", "12:00", 360, "production"),
    ("十八点班", "18:00", 360, "production"),
)

Preset = Literal["三八制", "四六制"]
PRESETS: Final[Mapping[str, tuple[ShiftTimes, ...]]] = {"三八制": THREE_EIGHT, "四六制": FOUR_SIX}
"""Usual shift systems by name; which of their shifts maintains differs by mine, and is then written out."""
