"""Pins when polls are due: on a grid without drift, once after a delay, never in a burst."""

from __future__ import annotations

import heapq
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.acquisition.schedule import Patience, Schedule


def test_instants_keep_to_the_grid() -> None:
    """A poll done late does not move the next one."""
    schedule = Schedule([1.0, 5.0], 100.0)
    assert schedule.due(100.0) == [0, 1]
    assert schedule.next_at_s() == 101.0
    assert schedule.due(100.5) == []
    assert schedule.due(101.3) == [0]
    assert schedule.next_at_s() == 102.0
    assert schedule.missed == {}


def test_a_long_delay_is_one_poll_and_is_counted() -> None:
    """What was missed is counted, not caught up."""
    schedule = Schedule([1.0], 0.0)
    schedule.due(0.0)
    assert schedule.due(10.5) == [0]
    assert schedule.due(10.6) == []
    assert schedule.next_at_s() == 11.0
    assert schedule.missed == {0: 9}


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


def test_a_job_put_off_goes_back_to_its_grid() -> None:
    """It is done at the instant given, and what it missed is no more than what passed unseen."""
    schedule = Schedule([1.0], 0.0)
    schedule.due(0.0)
    schedule.put_off(0, 7.3)
    assert schedule.due(7.2) == []
    assert schedule.due(7.4) == [0]
    assert schedule.next_at_s() == 8.0
    schedule.put_off(0, 7.9)
    assert schedule.due(7.95) == [0]
    assert schedule.next_at_s() == 8.0
    assert schedule.missed == {}


def test_the_first_tries_in_vain_are_free() -> None:
    """4 s of credit at a share of 0.04: four tries of 1 s wait for nobody, then one in 25 s."""
    patience = Patience(share=0.04, credit_s=4.0)
    assert [patience.next_try_at_s(1.0, 1000.0) for _ in range(6)] == [925, 950, 975, 1000, 1025, 1050]
    assert patience.next_try_at_s(1.0, 1051.0) == 1075


def test_credit_comes_back_with_time() -> None:
    """But never more than there was."""
    patience = Patience(share=0.04, credit_s=4.0)
    for _ in range(6):
        patience.next_try_at_s(1.0, 0.0)
    assert patience.next_try_at_s(1.0, 10_000.0) == 9925


@given(
    st.integers(1, 30),
    st.floats(0.01, 5),
    st.floats(0.01, 0.5),
    st.floats(0, 10),
    st.lists(st.floats(0.001, 60), min_size=1, max_size=20),
)
def test_silent_units_cost_no_more_than_their_share(
    units: int, lost_s: float, share: float, credit_s: float, waits_s: list[float]
) -> None:
    """However many, and however impatient each: beyond a first try of each and the credit, the share of the time."""
    patience, now_s = Patience(share, credit_s), 0.0
    queue = [(0.0, unit) for unit in range(units)]
    tried: set[int] = set()
    for tries in range(1, 300):
        at_s, unit = heapq.heappop(queue)
        now_s = max(now_s, at_s) + lost_s
        tried.add(unit)
        assert tries * lost_s <= (units + 1) * lost_s + credit_s + share * now_s + 1e-6
        resumes_at_s = max(now_s + waits_s[tries % len(waits_s)], patience.next_try_at_s(lost_s, now_s))
        heapq.heappush(queue, (resumes_at_s, unit))
    assert len(tried) == units  # and none waits for ever
