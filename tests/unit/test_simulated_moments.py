"""Pins how a scenario's times are written and what instants they are."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.moment import Moment, moment_of, span_ms_of
from simulators.shifts import DAY_MS, HOUR_MS, MINUTE_MS, Shift


def at(text: str) -> int:
    return round(datetime.fromisoformat(text + "+08:00").timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("start", "2022-03-01T10:30"),
        ("start + 10m", "2022-03-01T10:40"),
        (" start - 1h30m ", "2022-03-01T09:00"),
        ("midnight", "2022-03-01T00:00"),
        ("midnight day 2 + 30m", "2022-03-03T00:30"),
        ("零点班", "2022-03-01T00:00"),
        ("八点班 + 2h", "2022-03-01T10:00"),
        ("四点班 day 1 - 15m", "2022-03-02T15:45"),
        ("production", "2022-03-01T16:00"),
        ("maintenance + 1h", "2022-03-02T01:00"),
    ],
)
def test_moments_of_a_run_that_starts_at_half_past_ten(text: str, instant: str) -> None:
    assert moment_of(text).at_ms(at("2022-03-01T10:30")) == at(instant)


def test_a_shift_that_begins_with_the_run_is_the_first() -> None:
    assert moment_of("production").at_ms(at("2022-03-01T08:00")) == at("2022-03-01T08:00")
    assert moment_of("production").at_ms(at("2022-03-01T08:00") + 1) == at("2022-03-01T16:00")
    assert moment_of("production").at_ms(at("2022-03-01T16:00") + 1) == at("2022-03-02T08:00")


@pytest.mark.parametrize(
    "text",
    [
        "", "noon", "start +10m", "start + 10", "start + m", "start day 1", "production day 1", "八点班 day",
        "八点班 day 367", "start + 10m + 5m", "2022-03-01T10:30", "start + -5m",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be|goes with"):
        moment_of(text)


@pytest.mark.parametrize(
    ("text", "span_ms"),
    [("45s", 45_000), ("90m", 90 * MINUTE_MS), ("1h30m", 90 * MINUTE_MS), ("2d", 2 * DAY_MS)],
)
def test_durations(text: str, span_ms: int) -> None:
    assert span_ms_of(text) == span_ms


@pytest.mark.parametrize("text", ["", "5", "m", "1.5h", "30m1h", "-5m", "5 m"])
def test_what_is_no_duration_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="must be a duration"):
        span_ms_of(text)


@given(st.integers(1_577_808_000_000, 1_893_427_200_000))
def test_the_next_shift_of_a_kind_is_the_next(start_ms: int) -> None:
    for anchor in ("production", "maintenance"):
        found = Moment(anchor).at_ms(start_ms)
        shift = Shift((found + 8 * HOUR_MS) // (8 * HOUR_MS))
        assert shift.start_ms == found >= start_ms
        assert shift.is_production == (anchor == "production")
        between = [Shift(shift.index - back) for back in (1, 2)]
        assert all(s.start_ms < start_ms for s in between if s.is_production == shift.is_production)
