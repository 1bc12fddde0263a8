"""Series: what is known from when to when (definitions.md §0), and cutting, joining and looking at it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.series import EMPTY, LONG_US, Samples, Stretches, known, micros

Rows = list[tuple[int, float | None]]


def stretches(rows: Rows, now: int = 1000, stale_after: int = 10) -> list[tuple[int, int, float]]:
    """What is known of rows, as tuples."""
    return tuples(known(Samples.of_rows(rows), stale_after_us=stale_after, now_us=now))


def tuples(found: Stretches) -> list[tuple[int, int, float]]:
    return list(zip(found.from_us.tolist(), found.to_us.tolist(), found.value.tolist(), strict=True))


@pytest.mark.parametrize(
    ("rows", "now", "expected"),
    [
        ([], 9, []),
        ([(0, 9), (10, 8), (20, 7)], 20, [(0, 10, 9), (10, 20, 8)]),
        ([(0, 9), (11, 8)], 11, []),  # too late: unknown from its own instant on
        ([(0, 9), (10, None)], 10, [(0, 10, 9)]),  # a row of any quality ends known time
        ([(0, None), (10, 9)], 12, [(10, 12, 9)]),
        ([(0, 9)], 10, [(0, 10, 9)]),  # up to now
        ([(0, 9)], 11, []),
        ([(0, 9)], 0, []),  # for no time yet
        ([(0, 9), (5, 8)], 4, [(0, 4, 9)]),  # rows after now are not there
        ([(5, 8), (0, 9), (5, 7)], 8, [(0, 5, 9), (5, 8, 7)]),  # any order, the last of an instant wins
        ([(5, 8), (5, None), (0, 9)], 8, [(0, 5, 9)]),
    ],
)
def test_known_time_lies_between_two_rows_or_ends_at_now(
    rows: Rows, now: int, expected: list[tuple[int, int, float]]
) -> None:
    """If the next comes in time."""
    assert stretches(rows, now) == expected


rows_of_a_series = st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 3)), max_size=20)


@settings(deadline=None)
@given(rows_of_a_series, st.integers(0, 70), st.integers(0, 70), st.integers(0, 70))
def test_rows_between_tell_as_much_as_all(rows: Rows, a: int, b: int, now: int) -> None:
    """So a shift can be judged from its own rows and one on either side."""
    from_, to = sorted((a, b))
    samples = Samples.of_rows(rows)
    whole = known(samples, stale_after_us=10, now_us=now).clipped(from_, to)
    part = known(samples.between(from_, to), stale_after_us=10, now_us=now).clipped(from_, to)
    assert tuples(part) == tuples(whole)
    assert all(from_ <= begin < end <= to for begin, end, _ in tuples(whole))
    assert whole.known_us() == sum(end - begin for begin, end, _ in tuples(whole))


@given(rows_of_a_series)
def test_joined_says_the_same_in_fewer_stretches(rows: Rows) -> None:
    """Instant by instant."""
    found = known(Samples.of_rows(rows), stale_after_us=10, now_us=70)
    instants = np.arange(-1, 72)
    assert np.array_equal(found.at(instants), found.joined().at(instants), equal_nan=True)
    assert all(
        a[1:] != (b[0], b[2])
        for a, b in zip(tuples(found.joined()), tuples(found.joined())[1:], strict=False)
    )


def test_value_at_an_instant() -> None:
    """Half-open, and unknown in between."""
    found = known(Samples.of_rows([(0, 9), (10, None), (20, 8), (25, 8)]), stale_after_us=10, now_us=25)
    assert np.array_equal(
        found.at(np.array([-1, 0, 9, 10, 20, 24, 25])), [np.nan, 9, 9, np.nan, 8, 8, np.nan], equal_nan=True
    )
    assert EMPTY.until(0).at_us.size == 0


@pytest.mark.parametrize(
    ("seconds", "us"),
    [(0, 0), (60, 60_000_000), (0.1, 100_000), (29.5 * 60, 1_770_000_000), (1e300, LONG_US)],
)
def test_durations_in_microseconds(seconds: float, us: int) -> None:
    """Longer than three thousand years is that long."""
    assert micros(seconds) == us
