"""Pins at what times the readings of one point count: never one twice, and never hours in the future."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.acquisition.rising import FAR_MS, rising

T0 = 1_700_000_000_000
NEAR = st.integers(T0, T0 + FAR_MS // 2)


@pytest.mark.parametrize(
    ("at_ms", "read_at_ms", "last_ms", "counts_at_ms"),
    [
        (T0 + 5, T0 + 9, T0, T0 + 5),
        (T0, T0 + 9, T0, T0 + 9),  # stamped as before, received later
        (T0 - 5, T0 + 9, T0, T0 + 9),
        (T0, T0, T0, T0 + 1),
        (T0 - 5, T0 - 3, T0, T0 + 1),
        (T0, T0, T0 + FAR_MS, T0 + FAR_MS + 1),
        (T0, T0, T0 + FAR_MS + 1, T0),  # the clock was set right
        (T0 + FAR_MS + 2, T0, T0 + FAR_MS + 1, T0 + FAR_MS + 2),  # the source itself goes on
    ],
)
def test_times(at_ms: int, read_at_ms: int, last_ms: int, counts_at_ms: int) -> None:
    assert rising(at_ms, read_at_ms, last_ms) == counts_at_ms


@given(st.lists(st.tuples(NEAR, NEAR), min_size=2))
def test_they_strictly_increase_whatever_the_clocks_do(stamps: list[tuple[int, int]]) -> None:
    last_ms = 0
    for at_ms, read_at_ms in stamps:
        counts_at_ms = rising(at_ms, read_at_ms, last_ms)
        assert counts_at_ms > last_ms
        last_ms = counts_at_ms
