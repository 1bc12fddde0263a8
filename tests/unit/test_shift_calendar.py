"""Which shifts a face works: calendars by face and day, across midnight and changes of clocks."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from rules.shift_calendar import (
    FOUR_SIX,
    THREE_EIGHT,
    Calendar,
    Seam,
    ShiftCalendar,
    ShiftKind,
    ShiftTimes,
    preset,
)
from rules.time_text import parse_time, time_text

SHANGHAI = ZoneInfo("Asia/Shanghai")
WARSAW = ZoneInfo("Europe/Warsaw")
MARCH = date(2022, 3, 1)


def calendar(
    effective_on: date, *shifts: tuple[str, str, int, ShiftKind], face: str | None = None
) -> Calendar:
    return Calendar(effective_on=effective_on, face=face, shifts=preset(*shifts))


def day(number: int) -> date:
    """A day of March."""
    return MARCH + timedelta(days=number - 1)


OLD = calendar(date(2022, 1, 1), ("old", "08:00", 480, "production"))
NEW = calendar(day(10), ("new", "08:00", 480, "production"))
OWN = calendar(day(5), ("own", "08:00", 480, "production"), face="F1")
OWN_LATER = calendar(day(15), ("own later", "08:00", 480, "production"), face="F1")


@pytest.mark.parametrize(
    ("face", "on", "name"),
    [
        ("F2", date(2021, 12, 31), None),
        ("F2", date(2022, 1, 1), "old"),
        ("F2", day(9), "old"),
        ("F2", day(10), "new"),
        ("F1", day(4), "old"),
        ("F1", day(5), "own"),
        ("F1", day(12), "own"),  # a later one of the mine does not matter
        ("F1", day(15), "own later"),
    ],
)
def test_whose_calendar_holds(face: str, on: date, name: str | None) -> None:
    """A face's own effective ones first, the latest of them; else the mine's latest; else none."""
    shifts = ShiftCalendar(SHANGHAI, (OWN_LATER, NEW, OLD, OWN)).shifts_on(face, on)
    assert [shift.name for shift in shifts] == ([name] if name else [])


def test_a_shift_belongs_to_its_day_past_midnight() -> None:
    """And is never cut."""
    night = calendar(date(2022, 1, 1), ("夜班", "22:00", 540, "production"))
    (shift,) = ShiftCalendar(SHANGHAI, (night,)).shifts("F1", day(1), day(2))
    assert shift.shift_on == day(1)
    assert time_text(shift.starts_us, SHANGHAI) == "2022-03-01T22:00:00+08:00"
    assert time_text(shift.ends_us, SHANGHAI) == "2022-03-02T07:00:00+08:00"


def test_shifts_come_by_start_then_as_in_the_calendar() -> None:
    """Whatever their order there."""
    mixed = calendar(
        date(2022, 1, 1),
        ("late", "16:00", 60, "production"),
        ("b", "08:00", 60, "production"),
        ("a", "08:00", 60, "maintenance"),
    )
    shifts = ShiftCalendar(SHANGHAI, (mixed,)).shifts("F1", day(1), day(3))
    assert [(shift.shift_on.day, shift.name) for shift in shifts] == [
        *((1, "b"), (1, "a"), (1, "late")),
        *((2, "b"), (2, "a"), (2, "late")),
    ]


@pytest.mark.parametrize(
    ("on", "start", "starts_at", "ends_at"),
    [
        (
            date(2022, 3, 26),
            "22:00",
            "2022-03-26T22:00:00+01:00",
            "2022-03-27T07:00:00+02:00",
        ),  # a short night
        (date(2022, 10, 29), "22:00", "2022-10-29T22:00:00+02:00", "2022-10-30T05:00:00+01:00"),
        (
            date(2022, 3, 27),
            "02:30",
            "2022-03-27T03:30:00+02:00",
            "2022-03-27T11:30:00+02:00",
        ),  # does not exist
        (date(2022, 10, 30), "02:30", "2022-10-30T02:30:00+02:00", "2022-10-30T09:30:00+01:00"),  # the first
    ],
)
def test_minutes_are_elapsed_minutes(on: date, start: str, starts_at: str, ends_at: str) -> None:
    """Where clocks change, the end shows it."""
    times = calendar(date(2022, 1, 1), ("夜班", start, 480, "production"))
    (shift,) = ShiftCalendar(WARSAW, (times,)).shifts_on("F1", on)
    assert (time_text(shift.starts_us, WARSAW), time_text(shift.ends_us, WARSAW)) == (starts_at, ends_at)


@pytest.mark.parametrize("shifts", [THREE_EIGHT, FOUR_SIX])
def test_presets_fill_the_day(shifts: tuple[ShiftTimes, ...]) -> None:
    """Around the clock, one of them for maintenance."""
    preset_calendar = ShiftCalendar(SHANGHAI, (Calendar(effective_on=MARCH, shifts=shifts),))
    found = preset_calendar.shifts("F1", day(1), day(3))
    assert all(a.ends_us == b.starts_us for a, b in pairwise(found))
    assert sum(times.minutes for times in shifts) == 24 * 60
    assert [times.kind for times in shifts].count("maintenance") == 1


@pytest.mark.parametrize(
    ("at", "names"),
    [
        ("2022-03-01T07:59:59.999999", ["三"]),
        ("2022-03-01T08:00", ["一"]),
        ("2022-03-01T15:40", ["一", "二"]),  # they overlap
        ("2022-03-01T16:00", ["二"]),
        ("2022-03-02T00:10", ["三"]),
        ("2022-02-28T23:59", []),
    ],
)
def test_which_shifts_run_at_an_instant(at: str, names: list[str]) -> None:
    """None, one or several; also one that began the day before."""
    overlapping = calendar(
        date(2022, 2, 28),
        ("一", "08:00", 480, "production"),
        ("二", "15:30", 480, "production"),
        ("三", "00:00", 480, "production"),
    )
    at_us = parse_time(at, SHANGHAI)
    assert at_us is not None
    found = ShiftCalendar(SHANGHAI, (overlapping,)).shifts_at("F1", at_us)
    assert [shift.name for shift in found] == names
    assert ShiftCalendar(SHANGHAI, ()).shifts_at("F1", at_us) == []


@pytest.mark.parametrize(
    ("after", "seam"),
    [
        (NEW, Seam.GAP),
        (calendar(day(10), ("new", "00:00", 480, "production")), None),
        (calendar(day(10), ("b", "08:00", 60, "production"), ("a", "00:00", 60, "production")), None),
        (calendar(day(10)), None),  # no shifts any more: nothing to be between
    ],
)
def test_gaps_at_a_change(after: Calendar, seam: Seam | None) -> None:
    """Between the last shift before it and the first one after."""
    before = calendar(date(2022, 1, 1), ("a", "08:00", 480, "production"), ("b", "16:00", 480, "production"))
    changes = list(ShiftCalendar(SHANGHAI, (before, after)).changes("F1", day(1), day(20)))
    assert [(change.changes_on, change.seam) for change in changes] == ([(day(10), seam)] if seam else [])


def test_overlaps_at_a_change_and_when_they_are_told() -> None:
    """A night shift reaches into the new calendar; told where the asked days touch it."""
    before = calendar(date(2022, 1, 1), ("夜班", "22:00", 480, "production"))
    own = calendar(day(10), ("早班", "05:00", 480, "production"), face="F1")
    both = ShiftCalendar(SHANGHAI, (before, own))
    (change,) = both.changes("F1", day(10), day(10))
    assert (change.seam, time_text(change.ends_us, SHANGHAI)) == (Seam.OVERLAP, "2022-03-10T06:00:00+08:00")
    assert list(both.changes("F2", day(1), day(20))) == []
    assert list(both.changes("F1", day(1), day(9))) == []
    assert list(both.changes("F1", day(11), day(20))) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"minutes": 480.0},
        {"minutes": "480"},
        {"start": "24:00"},
        {"start": "8:00"},
        {"start": "08:60"},
        {"start": "08:00:00"},
        {"start": "08:00\n"},
        {"kind": "repair"},
        {"name": 8},
        {"colour": "red"},
    ],
)
def test_shift_times_refuse(wrong: dict[str, object]) -> None:
    """Wrong types and values, unknown keys."""
    right = {"name": "八点班", "start": "08:00", "minutes": 480, "kind": "production"}
    ShiftTimes.model_validate(right)
    with pytest.raises(ValidationError):
        ShiftTimes.model_validate(right | wrong)
