"""Pins the swinging door: lines through the reports pass by every reading, steps and limits show at once."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contract.datatype import Value
from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.deadband import Deadband
from edge_agent.acquisition.reading import Reading
from tests.points import modbus_point

GOOD, STALE = Quality.GOOD, Quality.STALE
T0 = 1_700_000_000_000
Step = tuple[float, Value | None, Quality]


def reported(point: Point, *steps: Step) -> list[tuple[float, Value | None]]:
    """What is reported of readings at (seconds, value, quality)."""
    door = Deadband()
    reports: list[Reading] = []
    for at, value, quality in steps:
        at_ms = T0 + round(1000 * at)
        reports += door.reports([Reading(point, value, quality, at_ms, at_ms)])
    return [((report.source_at_ms - T0) / 1000, report.value) for report in reports]


def sifted(point: Point, *steps: Step) -> list[tuple[float, Value | None]]:
    """The same by the way in of a poll, which leaves out raw numbers that stay as they are."""
    door = Deadband()
    strip = door.strip([point], [None])
    reports = [door.sift(strip, [value], T0 + round(1000 * at)) for at, value, _ in steps]  # type: ignore[list-item]
    return [((report.source_at_ms - T0) / 1000, report.value) for found in reports for report in found]


def good(*values: float) -> list[Step]:
    """One reading a second."""
    return [(at, value, GOOD) for at, value in enumerate(values)]


def test_a_straight_course_is_told_by_its_ends() -> None:
    point = modbus_point(0, swing=0.5)
    rising = [0.1 * at for at in range(30)]
    falling = [2.9 - 0.1 * at for at in range(1, 30)]
    told = reported(point, *good(*rising, *falling, 5.0))
    assert [at for at, _ in told] == [0, 31, 58, 59]  # the bend is noticed once the door has closed on it


def test_a_step_shows_at_once_with_what_was_before_it() -> None:
    point = modbus_point(0, swing=0.5)
    assert reported(point, *good(1, 1, 1, 5)) == [(0, 1), (2, 1), (3, 5)]
    assert reported(point, *good(1, 5)) == [(0, 1), (1, 5)]


def test_a_limit_shows_at_once() -> None:
    """Both ways: an alarm and its end wait for no bend."""
    point = modbus_point(0, swing=0.5, limits=(1.0,))
    course = good(0.7, 0.8, 0.9, 1.0, 1.1, 1.0, 0.9)
    assert reported(point, *course) == [(0, 0.7), (3, 1.0), (6, 0.9)]
    plain = modbus_point(0, deadband=0.5, limits=(1.0, 1.5))
    assert reported(plain, *good(0.7, 0.99, 1.0, 1.2, 0.99)) == [(0, 0.7), (2, 1.0), (4, 0.99)]


def test_what_is_held_goes_out_before_the_quality_changes() -> None:
    point = modbus_point(0, swing=1.0)
    steps = [*good(1, 1.2, 1.4), (3, None, STALE), (4, None, STALE), (5, 1.4, GOOD)]
    assert reported(point, *steps) == [(0, 1), (2, 1.4), (3, None), (5, 1.4)]


def test_silence_has_an_end() -> None:
    """A straight line is reported in time for its reports to lie `max_silence_s` apart at most."""
    point = modbus_point(0, swing=1.0, max_silence_s=10)
    told = reported(point, *good(*[0.1 * at for at in range(40)]))
    assert all(later - earlier <= 10 for (earlier, _), (later, _) in pairwise(told))
    assert len(told) == 4


def test_text_and_booleans_are_reported_at_every_change() -> None:
    point = modbus_point(0, swing=5)
    assert reported(point, *[(0, True, GOOD), (1, True, GOOD), (2, False, GOOD)]) == [(0, True), (2, False)]


def test_a_value_left_out_held_until_it_changed() -> None:
    """A poll leaves out raw numbers that stay: the level part is not taken for a slope."""
    point = modbus_point(0, swing=0.5)
    course = good(1.0, *[1.0] * 20, 1.4, 1.8)
    assert sifted(point, *course) == reported(point, *course)


@given(
    st.lists(st.integers(-40, 40), min_size=2, max_size=60),
    st.sampled_from([0.5, 2.0, 7.5]),
    st.sampled_from([20.0, 300.0]),
)
def test_lines_through_the_reports_pass_by_every_reading(
    changes: list[int], swing: float, silence: float
) -> None:
    """Whatever the course, and whichever way in; up to the last report, what follows is held back."""
    point = modbus_point(0, swing=swing, max_silence_s=silence)
    value, course = 0.0, []
    for at, change in enumerate(changes):
        value += change / 10 if abs(change) < 30 else 0
        course.append((float(at), value, GOOD))
    for told in (reported(point, *course), sifted(point, *course)):
        times = [at for at, _ in told]
        assert times == sorted(set(times))
        for when, read, _ in course:
            if when <= times[-1]:
                assert abs(between(told, when) - read) <= swing + 1e-9


def between(told: list[tuple[float, Value | None]], at: float) -> float:
    """The straight line through the reports around an instant."""
    index = min(bisect_right([known for known, _ in told], at), len(told) - 1)
    (first, low), (last, high) = told[max(index - 1, 0)], told[index]
    assert isinstance(low, (int, float))
    assert isinstance(high, (int, float))
    return high if first == last else low + (high - low) * (at - first) / (last - first)
