"""Day and level records: the days of a timezone, and the verdict's order with its exact shares."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rules.chambers.records import Day, DayRecord, day_records, days_between, level_record, seconds
from rules.chambers.rule import Chamber, Kind, Level, Rule, State
from rules.chambers.state import STATES, course
from rules.series import HOUR_US, SECOND_US
from tests.unit.chamber_rows import chamber_signals, micro

BELT = Chamber("C1", Kind.MAIN_BELT)
DISTRICT = Chamber("C2", Kind.DISTRICT_SUBSTATION)
FIRST = date(2022, 3, 1)


def hours(zone: str, on: date) -> list[float]:
    return [
        (day.to_us - day.from_us) / HOUR_US
        for day in days_between(on, on + timedelta(days=1), ZoneInfo(zone))
    ]


@pytest.mark.parametrize(
    ("zone", "on", "expected"),
    [
        ("Asia/Shanghai", date(2022, 3, 27), [24]),
        ("Europe/Berlin", date(2022, 3, 27), [23]),
        ("Europe/Berlin", date(2022, 10, 30), [25]),
        pytest.param("America/Santiago", date(2022, 9, 11), [23], id="its midnight is skipped"),
        pytest.param("America/Santiago", date(2022, 9, 10), [24], id="the day before a skipped midnight"),
        pytest.param("Pacific/Apia", date(2011, 12, 30), [], id="a date that was skipped"),
    ],
)
def test_days_are_those_of_the_timezone(zone: str, on: date, expected: list[float]) -> None:
    assert hours(zone, on) == expected


def test_days_follow_each_other() -> None:
    """From and to as given, `to` excluded; none where it is not later."""
    days = days_between(FIRST, FIRST + timedelta(days=3), ZoneInfo("Asia/Shanghai"))
    assert [day.on for day in days] == [FIRST + timedelta(days=n) for n in range(3)]
    assert all(before.to_us == after.from_us for before, after in pairwise(days))
    assert days[0].from_us == 1646064000 * SECOND_US
    assert days_between(FIRST, FIRST, ZoneInfo("UTC")) == ()
    assert days_between(FIRST, FIRST - timedelta(days=5), ZoneInfo("UTC")) == ()


def test_a_day_gets_a_record_when_it_has_ended() -> None:
    """At or before now; the microsecond before it is too early."""
    day = Day(FIRST, 0, micro(600))
    signals = chamber_signals(600)
    for now_us, count in ((micro(600), 1), (micro(600) - 1, 0)):
        assert len(day_records(course(BELT, signals, Rule(), now_us=now_us), [day])) == count


def test_a_chamber_without_rows_is_unknown_all_day() -> None:
    """It gets its record, with nothing known in it."""
    (record,) = day_records(course(BELT, {}, Rule(), now_us=micro(86400)), [Day(FIRST, 0, micro(86400))])
    assert record.as_json() == {
        "chamber": "C1",
        "day": "2022-03-01",
        "seconds": {**dict.fromkeys(map(str, STATES), 0), "unknown": 86400},
        "posted_s": 0,
        "longest_presence_s": 0,
        "patrols": 0,
        "longest_visit_gap_s": None,
        "unguarded_s": 0,
    }


def test_a_spell_over_midnight_and_a_visit_at_midnight() -> None:
    """Each day has its own overlap; a visit that ends at midnight is the next day's."""
    days = [Day(FIRST, 0, micro(1000)), Day(FIRST + timedelta(days=1), micro(1000), micro(2000))]
    over = chamber_signals(2000, occupancy=[(0, "0"), (900, "1"), (1600, "0"), (2000, "0")])
    first, second = day_records(course(BELT, over, Rule(), now_us=micro(2000)), days)
    assert (first.longest_presence_us, second.longest_presence_us) == (micro(100), micro(600))
    assert (first.patrols, second.patrols) == (0, 1)
    assert (first.longest_visit_gap_us, second.longest_visit_gap_us) == (micro(900), micro(400))
    until = chamber_signals(2000, occupancy=[(0, "0"), (900, "1"), (1000, "0"), (2000, "0")])
    first, second = day_records(course(BELT, until, Rule(), now_us=micro(2000)), days)
    assert (first.patrols, second.patrols) == (0, 1)
    assert (first.longest_presence_us, second.longest_presence_us) == (micro(100), 0)


def test_seconds_are_whole_where_they_are() -> None:
    """Not rounded where they are not."""
    assert str(seconds(micro(3))) == "3"
    assert str(seconds(1)) == "1e-06"
    assert seconds(86400 * SECOND_US - 1) == 86399.999999


def recorded(days: int, percent: dict[str, float]) -> list[DayRecord]:
    """Days alike, each with these percentages of its time; the rest is local control."""
    given = {State(state): round(share * 864 * SECOND_US) for state, share in percent.items()}
    time_us = {**dict.fromkeys(STATES, 0), **given}
    time_us[State.LOCAL_CONTROL] += 86400 * SECOND_US - sum(given.values())
    return [
        DayRecord("C", Day(FIRST + timedelta(days=n), 0, 0), time_us, 0, 0, 0, None, 0) for n in range(days)
    ]


@pytest.mark.parametrize(
    ("chamber", "percent", "expected"),
    [
        pytest.param(BELT, {"unattended": 95}, "unattended", id="exactly the share"),
        pytest.param(BELT, {"unattended": 94.999999}, "not_yet", id="a little less"),
        pytest.param(BELT, {"unattended": 75, "patrol": 20}, "unattended", id="as much patrol as may be"),
        pytest.param(BELT, {"unattended": 75, "patrol": 20.000001}, "central_control", id="more patrol"),
        pytest.param(BELT, {"unattended": 50, "central_control": 45}, "central_control", id="together"),
        pytest.param(BELT, {"central_control": 50, "unknown": 45}, "no_verdict", id="could still be"),
        pytest.param(BELT, {"unattended": 60, "unknown": 35}, "no_verdict", id="could be unattended"),
        pytest.param(BELT, {"unattended": 60, "unknown": 34}, "not_yet", id="could not"),
        pytest.param(BELT, {"unattended": 95, "unknown": 5}, "unattended", id="missing data changes nothing"),
        pytest.param(BELT, {"unknown": 100}, "no_verdict", id="nothing known"),
        pytest.param(DISTRICT, {"unattended": 60, "patrol": 35}, "not_yet", id="district, too much patrol"),
        pytest.param(
            DISTRICT,
            {"unattended": 60, "patrol": 35, "central_control": 0.000001},
            "central_control",
            id="district with some central control",
        ),
        pytest.param(
            DISTRICT,
            {"unattended": 60, "patrol": 35, "unknown": 1},
            "no_verdict",
            id="district, some unknown",
        ),
    ],
)
def test_level(chamber: Chamber, percent: dict[str, float], expected: str) -> None:
    level = level_record(chamber, recorded(10, percent), Rule(), declared=None)
    assert level is not None
    assert level.level == expected
    assert level.agrees is None


@pytest.mark.parametrize(
    ("declared", "percent", "days", "expected"),
    [
        ("unattended", {"unattended": 95}, 10, True),
        ("central_control", {"unattended": 95}, 10, False),
        ("not_yet", {"unattended": 95}, 10, False),
        ("not_yet", {}, 10, True),
        ("unattended", {"unattended": 50, "central_control": 45}, 10, False),
        ("unattended", {"unattended": 50, "central_control": 45, "unknown": 5}, 10, False),
        ("unattended", {"unattended": 50, "central_control": 5, "unknown": 45}, 10, None),
        ("unattended", {"unattended": 90, "central_control": 5, "unknown": 5}, 10, None),
        ("unattended", {"unattended": 50, "patrol": 45}, 10, None),
        ("central_control", {"unattended": 90, "central_control": 5, "unknown": 5}, 10, True),
        ("unattended", {"unknown": 100}, 10, None),
        ("unattended", {"unattended": 95}, 6, None),
        ("unattended", {"unattended": 95}, 7, True),
        (None, {"unattended": 95}, 10, None),
    ],
)
def test_agrees(declared: str | None, percent: dict[str, float], days: int, expected: bool | None) -> None:
    """With the declaration, unless missing data (or too much patrol) could decide it."""
    level = level_record(
        BELT, recorded(days, percent), Rule(), declared=None if declared is None else Level(declared)
    )
    assert level is not None
    assert level.agrees is expected


def test_window() -> None:
    """The last days only; too few of them make no verdict, none at all no record."""
    days = recorded(20, {}) + recorded(11, {"unattended": 100})
    level = level_record(BELT, days, Rule(window_days=11), declared=None)
    assert level is not None
    assert level.level is Level.UNATTENDED
    assert level.as_json()["share"] == {**dict.fromkeys(map(str, STATES), 0), "unattended": 1}
    few = level_record(BELT, days, Rule(window_days=6), declared=None)
    assert few is not None
    assert few.level is Level.NO_VERDICT
    assert level_record(BELT, [], Rule(days_min=0), declared=None) is None


def test_shares_are_of_the_whole_time_and_exact() -> None:
    """One long day weighs more than a short one, and no float stands between a share and its limit."""
    days = [
        DayRecord("C", Day(FIRST, 0, 0), {**dict.fromkeys(STATES, 0), state: length_us}, 0, 0, 0, None, 0)
        for state, length_us in ((State.UNATTENDED, 9), (State.LOCAL_CONTROL, 1))
    ]
    level = level_record(BELT, days, Rule(days_min=1, level_share=Fraction("0.9")), declared=None)
    assert level is not None
    assert level.level is Level.UNATTENDED
