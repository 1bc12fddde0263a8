"""Pins when polls are due: on a grid without drift, once after a delay, never in a burst."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.acquisition.schedule import Schedule


def test_instants_keep_to_the_grid() -> None:
    """A poll done late does not move the next one."""
    schedule = Schedule([1.0, 5.0], 100.0)
    assert schedule.due(100.0) == [0, 1]
    assert schedule.next_at_s() == 101.0
    assert schedule.due(100.5) == []
    assert schedule.due(101.3) == [0]
    assert schedule.next_at_s() == 102.0
    assert schedule.missed == 0


def test_a_long_delay_is_one_poll_and_is_counted() -> None:
    """What was missed is counted, not caught up."""
    schedule = Schedule([1.0], 0.0)
    schedule.due(0.0)
    assert schedule.due(10.5) == [0]
    assert schedule.due(10.6) == []
    assert schedule.next_at_s() == 11.0
    assert schedule.missed == 9


def test_the_longest_waiting_goes_first() -> None:
    """A busy connection serves the slow jobs too."""
    schedule = Schedule([1.0, 10.0], 0.0)
    schedule.due(0.0)
    schedule.due(9.5)
    assert schedule.due(10.5) == [0, 1]
    assert schedule.due(25.0) == [0, 1]
    schedule = Schedule([2.0, 3.0], 0.0)
    schedule.due(0.0)
    assert schedule.due(3.5) == [0, 1]


def test_without_jobs_nothing_is_due() -> None:
    """A source without points waits for ever."""
    assert Schedule([], 0.0).next_at_s() == math.inf


@given(
    st.lists(st.floats(0.05, 100), min_size=1, max_size=5),
    st.floats(0, 1e6),
    st.lists(st.floats(0, 30), max_size=50),
)
def test_next_is_always_ahead_and_on_the_grid(periods: list[float], start: float, steps: list[float]) -> None:
    """After each look no job is due, and every due instant is a whole number of periods from the start."""
    schedule = Schedule(periods, start)
    now, done = start, [0] * len(periods)
    for step in steps:
        now += step
        for job in schedule.due(now):
            done[job] += 1
        assert schedule.next_at_s() > now
        for job, period in enumerate(periods):
            count = (schedule.due_at_s[job] - start) / period
            assert count == pytest.approx(round(count), abs=1e-5)
            assert schedule.due_at_s[job] <= now + period * (1 + 1e-9) + 1e-6
    for job, period in enumerate(periods):
        assert done[job] <= (now - start) / period + 1 + 1e-6
