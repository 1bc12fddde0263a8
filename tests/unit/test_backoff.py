"""Waits between attempts: doubling, bounded, never alike for all agents at once."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.uplink.backoff import Backoff


@given(st.integers(0, 2**32), st.integers(1, 2_000))
def test_waits_double_up_to_the_limit_with_jitter(seed: int, attempts: int) -> None:
    backoff = Backoff(0.5, 30.0, Random(seed))  # noqa: S311  (jitter)
    for attempt in range(attempts):
        full = min(30.0, 0.5 * 2.0 ** min(attempt, 60))
        assert full / 2 <= backoff.failed() <= full


def test_a_success_starts_again() -> None:
    backoff = Backoff(0.5, 30.0, Random(1))  # noqa: S311  (jitter)
    for _ in range(10):
        backoff.failed()
    backoff.succeeded()
    assert backoff.failed() <= 0.5


def test_two_agents_do_not_come_back_together() -> None:
    waits = {Backoff(1.0, 60.0, Random(seed)).failed() for seed in range(50)}  # noqa: S311  (jitter)
    assert len(waits) == 50
