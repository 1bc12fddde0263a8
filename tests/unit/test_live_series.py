"""A live series is its rows, in whatever order they came; marks of the centre count only in holes."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.live import series as live
from gateway.live.series import Effect, LiveSeries
from rules.series import SECOND_US, Samples, known

STALE_US = 20 * SECOND_US
Row = tuple[int, int | None]
rows = st.lists(st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 3))), max_size=60)


def taken(given_rows: list[Row]) -> LiveSeries:
    """Rows in seconds."""
    series = LiveSeries(STALE_US)
    for at_s, value in given_rows:
        series.take(at_s * SECOND_US, value)
    return series


def listed(samples: Samples) -> list[tuple[float, float | None]]:
    """Rows in seconds again."""
    pairs = zip(samples.at_us.tolist(), samples.value.tolist(), strict=True)
    return [(at_us / SECOND_US, None if math.isnan(value) else value) for at_us, value in pairs]


@given(rows)
def test_it_equals_the_rows_given_at_once(given_rows: list[Row]) -> None:
    """Any order, repeated instants: the last one taken wins, as in a file."""
    whole = Samples.of_rows((at_s * SECOND_US, value) for at_s, value in given_rows)

    assert listed(taken(given_rows).samples()) == listed(whole)


@given(rows, st.data())
def test_what_was_handed_out_does_not_change(given_rows: list[Row], data: st.DataObject) -> None:
    """A judgement may still hold the arrays when rows come in between."""
    series = LiveSeries(STALE_US)
    for at_s, value in given_rows:
        if data.draw(st.booleans()):
            before = series.samples()
            told = listed(before)
            series.take(at_s * SECOND_US, value)
            series.samples()
            assert listed(before) == told
        else:
            series.take(at_s * SECOND_US, value)


@given(rows, st.integers(-1, 61))
def test_forgetting_keeps_what_follows_and_one_before(given_rows: list[Row], before_s: int) -> None:
    """And tells from where on rows are complete."""
    series = taken(given_rows)
    whole = listed(series.samples())
    series.forget(before_s * SECOND_US)

    kept = listed(series.samples())
    older = [row for row in whole if row[0] < before_s]
    assert kept == older[-1:] + [row for row in whole if row[0] >= before_s]
    if len(kept) < len(whole):
        assert series.floor_us == kept[0][0] * SECOND_US
        assert series.take(series.floor_us - 1, 1.0) is Effect.BELOW
    assert listed(series.samples()) == kept


@given(rows, st.integers(0, 80), st.one_of(st.none(), st.integers(0, 3)), st.integers(0, 200))
def test_touched_bounds_what_a_row_changes(
    given_rows: list[Row], at_s: int, value: int | None, now_s: int
) -> None:
    """Before `touched_us` the same is known as before; where nothing is touched, the row only says on."""
    series = taken(given_rows)
    before = series.samples()
    series.touched_us = None
    effect = series.take(at_s * SECOND_US, value, judged_at_us=now_s * SECOND_US)
    after = series.samples()
    now_us = max(now_s, at_s) * SECOND_US

    def told(samples: Samples, as_of_us: int, until_us: int) -> object:
        stretches = known(samples, stale_after_us=STALE_US, now_us=as_of_us).clipped(-1, until_us).joined()
        return [stretches.from_us.tolist(), stretches.to_us.tolist(), stretches.value.tolist()]

    if series.touched_us is not None:
        assert told(before, now_us, series.touched_us) == told(after, now_us, series.touched_us)
    elif effect is Effect.REPEATED:
        judged_us = now_s * SECOND_US
        assert told(before, judged_us, judged_us) == told(after, max(judged_us, at_s * SECOND_US), judged_us)
    else:
        assert effect is Effect.NOTHING
        assert listed(before) == listed(after)


def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that never stops talking costs the oldest rows, and says so by the floor."""
    monkeypatch.setattr(live, "ROWS_MAX", 80)
    series = LiveSeries(STALE_US)
    for at_s in range(1000):
        series.take(at_s * SECOND_US, at_s)

    kept = listed(series.samples())
    assert 60 <= len(kept) <= 81
    assert kept[-1] == (999, 999)
    assert series.floor_us == kept[0][0] * SECOND_US


# Marks


@pytest.mark.parametrize(
    ("given_rows", "marks", "expected"),
    [
        pytest.param([(0, 1), (10, 1)], [5], [(0, 1), (10, 1)], id="rows as close as a source repeats them"),
        pytest.param([(0, 1), (11, 1)], [5], [(0, 1), (5, None), (11, 1)], id="a hole"),
        pytest.param([(0, 1)], [5], [(0, 1), (5, None)], id="nothing has followed yet"),
        pytest.param([(5, 1)], [0], [(0, None), (5, 1)], id="nothing before"),
        pytest.param([], [5], [(5, None)], id="no row at all"),
        pytest.param([(0, 1), (5, 2), (30, 1)], [5], [(0, 1), (5, 2), (30, 1)], id="a row of that instant"),
        pytest.param(
            [(0, 1), (30, 1)], [5, 9], [(0, 1), (5, None), (9, None), (30, 1)], id="two in one hole"
        ),
        pytest.param([(0, 1), (6, None), (16, 1)], [9], [(0, 1), (6, None), (16, 1)], id="any row counts"),
    ],
)
def test_marks_count_in_holes(
    given_rows: list[Row], marks: list[int], expected: list[tuple[int, int | None]]
) -> None:
    """At half of `stale_after` the source must have repeated its value."""
    for order in (given_rows, given_rows[::-1]):
        series = LiveSeries(STALE_US)
        for mark_s in marks:
            series.mark(mark_s * SECOND_US)
        for at_s, value in order:
            series.take(at_s * SECOND_US, value)
        assert listed(series.samples()) == expected
        again = taken(order)
        for mark_s in marks[::-1]:
            assert again.mark(mark_s * SECOND_US) is Effect.CHANGED
            assert again.mark(mark_s * SECOND_US) is Effect.NOTHING
        assert listed(again.samples()) == expected


@given(rows, st.lists(st.integers(0, 60), max_size=6), st.data())
def test_back_fill_at_the_due_pace_makes_marks_void_and_nothing_else_does(
    given_rows: list[Row], marks: list[int], data: st.DataObject
) -> None:
    """Whatever the order; a mark never adds known time, and with rows close enough together it takes none."""
    events = [("row", *row) for row in dict(given_rows).items()] + [("mark", at_s, None) for at_s in marks]
    series = LiveSeries(STALE_US)
    for kind, at_s, value in data.draw(st.permutations(events)):
        if kind == "row":
            series.take(at_s * SECOND_US, value)
        else:
            series.mark(at_s * SECOND_US)
    alone, with_marks = listed(series.rows()), listed(series.samples())
    holes = [
        (a, b)
        for a, b in pairwise([-math.inf, *(at_s for at_s, _ in alone), math.inf])
        if b - a > STALE_US / 2 / SECOND_US
    ]
    extra = sorted({float(m) for m in marks if any(a < m < b for a, b in holes)})
    assert with_marks == sorted([*alone, *((m, None) for m in extra)], key=lambda row: row[0])
