"""Parts of a series: their sustained values, sums and first instants, alone and many at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.parts import Parts, Run
from rules.series import SECOND_US, Stretches
from tests.unit import reference_staffing as reference

S = SECOND_US
ALL = (0, 10**9 * S)

Pieces = Sequence[tuple[float, int | None]]  # seconds, value or unknown


def stretches(pieces: Pieces) -> Stretches:
    """Known stretches one after another from 0."""
    ends = np.cumsum([0, *(length * S for length, _ in pieces)]).astype(np.int64)
    held = [index for index, (length, value) in enumerate(pieces) if value is not None and length]
    return Stretches(
        ends[:-1][held], ends[1:][held], np.array([pieces[i][1] for i in held], dtype=np.float64)
    )


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([], None),
        ([(59.999999, 9)], None),
        ([(60, 9)], 9),
        ([(59, 12), (1, 9)], 9),
        ([(60, 12), (600, 9)], 12),
        ([(600, 9), (60, 12)], 12),
        ([(30, 12), (30, 10), (30, 12)], 10),
        ([(30, 12), (59, None), (30, 12)], 12),  # cut out: 60 counted seconds
        ([(30, 12), (60, None), (30, 12)], None),  # breaks
        ([(30, 12), (59.999999, None), (30, 12)], 12),
        ([(30, 12), (40, None), (30, 3), (40, None), (30, 12)], 3),
        ([(40, 12), (60, None), (40, 12), (20, None), (20, 11)], 11),
        ([(20, 5), (59, None), (20, 6), (59, None), (20, 7)], 5),
        ([(59, None), (59, 9), (59, None)], None),  # unknown at the border is between nothing
        ([(10, 0), (50, 0)], 0),
    ],
)
def test_sustained_value(pieces: Pieces, expected: int | None) -> None:
    """The largest n that lasts for sixty counted seconds."""
    assert Parts.of(stretches(pieces), [ALL]).sustained(60 * S) == [expected]


def test_the_run_that_made_the_sustained_value() -> None:
    """As far as it goes, over short unknown stretches, up to a lower value or a break."""
    pieces = [(100, 3), (40, 12), (30, None), (40, 11), (10, 11), (5, 10), (70, None), (99, 11)]
    assert Parts.of(stretches(pieces), [ALL]).run(60 * S) == Run(11, 100 * S, 220 * S)
    assert Parts.of(stretches([(70, 9), (60, None), (70, 9)]), [ALL]).run(60 * S) == Run(9, 0, 70 * S)
    assert Parts.of(stretches([(90, 4)]), [ALL]).run(60 * S) == Run(4, 0, 90 * S)
    assert Parts.of(stretches([(9, 4)]), [ALL]).run(60 * S) is None


grid = st.lists(
    st.tuples(st.sampled_from([1, 1, 1, 2, 3, 5, 20]), st.sampled_from([None, 0, 7, 8, 9, 10, 12])),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(grid, st.sampled_from([1, 2, 3, 4, 6, 30]))
def test_sustained_value_is_the_reference_s(pieces: list[tuple[int, int | None]], sustain: int) -> None:
    """Also where windows are many stretches long; the run found lasts and never falls below."""
    part = Parts.of(stretches(pieces), [ALL])
    (found,) = part.sustained(sustain * S)
    at, laid = 0, []
    for length, value in pieces:
        laid.append((at * S, (at + length) * S, value))
        at += length
    assert found == reference.sustained_headcount({"sustain_s": sustain}, laid)
    run = part.run(sustain * S)
    assert (run.value if run else None) == found
    if run:
        within = stretches(pieces).clipped(run.from_us, run.to_us)
        assert within.known_us() >= sustain * S
        assert within.value.min() == run.value


bounds = st.lists(st.tuples(st.integers(-5, 80), st.integers(-5, 80)), max_size=8)


@settings(max_examples=300, deadline=None)
@given(grid, bounds, st.integers(1, 20))
def test_many_parts_are_what_each_is_alone(
    pieces: list[tuple[int, int | None]], asked: list[tuple[int, int]], sustain: int
) -> None:
    """In any order, overlapping, empty or turned round."""
    known = stretches(pieces)
    asked = [(a * S, b * S) for a, b in asked]
    parts = Parts.of(known, asked)
    limits = np.array([7 + i % 4 for i in range(len(asked))], dtype=np.int64)
    over_us, first_us = parts.over(limits)
    for i, (from_us, to_us) in enumerate(asked):
        alone = known.clipped(from_us, max(from_us, to_us))
        length_us = alone.to_us - alone.from_us
        over = (alone.value > limits[i]) & (length_us > 0)
        assert parts.known_us()[i] == length_us.sum()
        assert parts.integral()[i] == (alone.value * length_us).sum()
        assert (
            parts.sustained(sustain * S)[i] == Parts.of(known, [(from_us, to_us)]).sustained(sustain * S)[0]
        )
        assert over_us[i] == length_us[over].sum()
        assert first_us.get(i) == (int(alone.from_us[over][0]) if over.any() else None)


def test_no_parts_of_nothing() -> None:
    """Empty in, empty out."""
    nothing = stretches([])
    assert Parts.of(nothing, []).sustained(1) == []
    assert Parts.of(nothing, [ALL, ALL]).sustained(1) == [None, None]
    assert Parts.of(nothing, [ALL]).known_us().tolist() == [0]
