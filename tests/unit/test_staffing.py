"""The judgement of a shift, clause by clause (definitions.md §1), and what must hold for any series."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.count import parse_count
from rules.series import EMPTY, MINUTE_US, SECOND_US, Samples, Stretches, known
from rules.shift_calendar import Shift, ShiftKind
from rules.staffing import (
    SHIFTS_AT_ONCE,
    FaceRule,
    ShiftRecord,
    StaffingRule,
    evaluate_shift,
    evaluate_shifts,
    handover_windows,
    judged_part,
    statutory_limit,
)

S, M = SECOND_US, MINUTE_US
FACE = FaceRule(kind="mining_face", intelligent=True, hazard="severe")
RULE = StaffingRule()
LATER = 10**12

Pieces = Sequence[tuple[float, int | None]]  # seconds, headcount or unknown


def a_shift(minutes: float = 480, kind: ShiftKind = "production") -> Shift:
    return Shift("F1", date(1970, 1, 1), "八点班", kind, 0, round(minutes * M))


def stretches(pieces: Pieces, from_s: float = 0) -> Stretches:
    """Known stretches one after another from `from_s`."""
    ends = np.cumsum([from_s * S, *(length * S for length, _ in pieces)]).astype(np.int64)
    held = [index for index, (length, value) in enumerate(pieces) if value is not None and length]
    return Stretches(
        ends[:-1][held], ends[1:][held], np.array([pieces[i][1] for i in held], dtype=np.float64)
    )


def judge(
    pieces: Pieces,
    minutes: float = 480,
    kind: ShiftKind = "production",
    face: FaceRule = FACE,
    **figures: float,
) -> ShiftRecord:
    """The record of a shift that begins with the pieces."""
    rule = RULE.model_copy(update=figures)
    shift = a_shift(minutes, kind)
    return evaluate_shift(shift, face, rule, headcount=stretches(pieces), cards=None, now_us=LATER)


# Judged part and handover windows


@pytest.mark.parametrize(
    ("minutes", "windows", "judged"),
    [
        (480, ((0, 30), (450, 480)), (30, 450)),
        (61, ((0, 30), (31, 61)), (30, 31)),
        (60, ((0, 30), (30, 60)), None),
        (40, ((0, 30), (10, 40)), None),  # they overlap
        (20, ((0, 20), (0, 20)), None),  # clipped to the shift
    ],
)
def test_parts_of_a_shift(
    minutes: int, windows: tuple[tuple[int, int], ...], judged: tuple[int, int] | None
) -> None:
    """Handover windows are clipped; the judged part is the rest, and may be empty."""
    shift = a_shift(minutes)
    assert tuple((a // M, b // M) for a, b in handover_windows(shift, RULE)) == windows
    from_us, to_us = judged_part(shift, RULE)
    assert ((from_us // M, to_us // M) if from_us < to_us else None) == judged


def test_without_handover_all_is_judged() -> None:
    """And the windows are empty."""
    rule = RULE.model_copy(update={"handover_min": 0.0})
    assert judged_part(a_shift(), rule) == (0, 480 * M)
    assert handover_windows(a_shift(), rule) == ((0, 0), (480 * M, 480 * M))
    assert judge([(28_800, 12)], handover_min=0).headcount_max_handover is None


def test_an_empty_judged_part_gives_nulls() -> None:
    """Nothing to say of it; the windows are still looked at."""
    record = judge([(2400, 12)], minutes=40)
    assert (record.headcount_max, record.over_limit_us, record.first_over_us) == (None, 0, None)
    assert (record.coverage, record.coverage_judged) == (1.0, None)
    assert record.headcount_max_handover == 12
    assert (record.verdict, record.reason) == ("no_verdict", "too_short")


# Verdicts, and what they are made of


@pytest.mark.parametrize(
    ("case", "verdict", "reason"),
    [
        ({"pieces": [(28_800, 30)], "kind": "maintenance"}, "not_judged", "maintenance"),
        ({"pieces": [(28_800, 9)]}, "within", None),
        ({"pieces": [(28_800, 10)]}, "exceeded", "sustained"),
        ({"pieces": [(1800, 30), (25_200, 9), (1800, 30)]}, "within", None),  # handover
        ({"pieces": [(1800, 9), (59.999999, 10), (26_940.000001, 9)]}, "within", None),
        ({"pieces": [(1800, 9), (60, 10), (26_940, 9)]}, "exceeded", "sustained"),
        ({"pieces": [(1800, 9), *[(59, 10), (1, 9)] * 11, (26_340, 9)]}, "exceeded", "cumulative"),  # 649 s
        ({"pieces": [(1800, 9), *[(59, 10), (1, 9)] * 10, (26_400, 9)]}, "within", None),  # 590 s
        ({"pieces": [(1800, 9), *[(50, 10), (10, 9)] * 12, (26_280, 9)]}, "exceeded", "cumulative"),  # 600 s
        ({"pieces": [(600, 12)]}, "no_verdict", "coverage"),
        ({"pieces": []}, "no_verdict", "coverage"),
        ({"pieces": [(1800, 9), (1260, None), (23_940, 9)]}, "within", None),  # 95 % of the judged part
        ({"pieces": [(1800, 9), (1260.000001, None), (23_939.999999, 9)]}, "no_verdict", "coverage"),
        ({"pieces": [(1800, None), (60, 10)]}, "exceeded", "sustained"),  # before coverage
        ({"pieces": [(3659, 9)], "minutes": 60.99}, "no_verdict", "too_short"),
        ({"pieces": [(3660, 9)], "minutes": 61}, "within", None),
        (
            {"pieces": [(1800, 9), *[(50, 9), (60, None)] * 300], "coverage_min": 0.4},
            "no_verdict",
            "fragmented",
        ),
    ],
)
def test_verdict(case: dict[str, object], verdict: str, reason: str | None) -> None:
    """The first that fits."""
    record = judge(**case)  # type: ignore[arg-type] # a table of keyword arguments
    assert (record.verdict, record.reason) == (verdict, reason)


def test_a_face_that_is_not_intelligent_is_not_judged() -> None:
    """But is told all the same."""
    record = judge([(28_800, 12)], face=FACE.model_copy(update={"intelligent": False}))
    assert (record.verdict, record.reason, record.headcount_max) == ("not_judged", "not_intelligent", 12)
    maintenance = judge([], kind="maintenance", face=FACE.model_copy(update={"intelligent": False}))
    assert maintenance.reason == "maintenance"


def test_time_over_the_limit_is_of_the_judged_part() -> None:
    """Known seconds, sustained or not, and the first such instant."""
    record = judge([(1800, 12), (100, 9), (10.5, 12), (100, 9), (20, 10), (24_969.5, 9), (1800, 12)])
    assert (record.over_limit_us, record.first_over_us) == (30_500_000, 1900 * S)
    assert record.headcount_max == 9
    across = judge([(1700, 9), (130, 12), (26_970, 9)])
    assert (across.over_limit_us, across.first_over_us) == (30 * S, 1800 * S)


def test_each_handover_window_by_itself() -> None:
    """The larger of the two; a run does not go on from one window to anything else."""
    assert judge([(1800, 14), (25_200, 9), (1800, 16)]).headcount_max_handover == 16
    assert judge([(1770, 9), (60, 14), (26_970, 9)]).headcount_max_handover == 9
    assert judge([(1800, None), (25_200, 9)]).headcount_max_handover is None
    assert judge([(1800, None), (25_200, 9), (1800, 3)]).headcount_max_handover == 3
    assert judge([(600, 9), (600, 11)], minutes=20).headcount_max_handover == 11


def test_person_minutes_are_of_the_whole_shift() -> None:
    """The integral of what is known."""
    assert judge([(60, 10), (60, None), (30, 3), (28_650, 0)]).person_us == 11.5 * M


def test_coverage_is_of_the_whole_shift() -> None:
    """Known seconds / seconds."""
    record = judge([(1800, None), (25_200, 9), (1800, None)])
    assert (record.coverage, record.coverage_judged, record.verdict) == (0.875, 1.0, "within")


@pytest.mark.parametrize(
    ("kind", "method", "shift_kind", "severe", "other"),
    [
        ("mining_face", "mechanised", "production", 25, 20),
        ("mining_face", "mechanised", "maintenance", 40, 30),
        ("mining_face", "blasting", "production", 25, 25),
        ("mining_face", "blasting", "maintenance", 25, 25),
        ("driving_face", "mechanised", "production", 18, 16),
        ("driving_face", "mechanised", "maintenance", 18, 16),
        ("driving_face", "blasting", "production", 15, 12),
        ("driving_face", "blasting", "maintenance", 15, 12),
    ],
)
def test_statutory_limits(kind: str, method: str, shift_kind: ShiftKind, severe: int, other: int) -> None:
    """By kind of face, method, kind of shift and class of hazard."""
    for hazard, limit in (("severe", severe), ("other", other)):
        face = FaceRule.model_validate(
            {"kind": kind, "method": method, "hazard": hazard, "intelligent": True}
        )
        assert statutory_limit(face, shift_kind) == limit


def test_the_law_counts_handover_too() -> None:
    """The first instant with more than 25, and the time."""
    record = judge([(100, 25), (50, 26), (27_000, 9), (1650, 30)])
    assert (record.statutory_over_us, record.statutory_first_over_us) == (1700 * S, 100 * S)
    assert judge([(28_800, 25)]).statutory_first_over_us is None


@pytest.mark.parametrize(
    ("pieces", "hazard", "expected"),
    [
        ([(28_800, 30)], "severe", True),  # 1.2 × 25
        ([(28_800, 29)], "severe", False),
        ([(28_800, 24)], "other", True),  # 1.2 × 20
        ([(60, 30), (28_740, None)], "severe", True),  # whatever the coverage
        ([(59, 30), (28_741, 9)], "severe", False),
        ([(27_360, 9)], "severe", False),  # 95 %
        ([(27_359, 9)], "severe", None),
        ([(59, 30)], "severe", None),
        ([], "severe", None),
    ],
)
def test_major_hazard(pieces: Pieces, hazard: str, *, expected: bool | None) -> None:
    """True if sustained anywhere in the shift; unknown if too little is known; else false."""
    assert judge(pieces, face=FACE.model_copy(update={"hazard": hazard})).major_hazard is expected


def test_major_hazard_is_exact() -> None:
    """1.2 × 16 = 19.2: nineteen is not enough."""
    driving = FaceRule(kind="driving_face", intelligent=True, hazard="other")
    assert judge([(28_800, 19)], face=driving).major_hazard is False
    assert judge([(28_800, 20)], face=driving).major_hazard is True


def test_final_after_lateness() -> None:
    """From `ends_at + lateness_min` on."""
    for now_us, final in ((540 * M - 1, False), (540 * M, True)):
        shift = a_shift()
        record = evaluate_shift(shift, FACE, RULE, headcount=stretches([]), cards=None, now_us=now_us)
        assert record.final is final


def test_counts_beyond_what_a_double_tells_apart_are_judged() -> None:
    """And printed as whole numbers."""
    many = parse_count("9" * 400)
    assert many is not None
    record = judge([(28_800, int(many))])
    assert record.verdict == "exceeded"
    assert math.isfinite(record.person_us)
    assert isinstance(record.as_json(ZoneInfo("UTC"))["headcount_max"], int)


def test_json_has_the_keys_of_the_definition_in_order() -> None:
    """Whole numbers without a point; times with the zone's offset, fractions only if not zero."""
    record = judge([(1800, 9), (0.5, 10), (26_999.5, 9)])
    record = dataclasses.replace(record, first_over_us=1800 * S + 500_000)
    assert record.as_json(ZoneInfo("Asia/Shanghai")) == {
        "face": "F1",
        "shift_on": "1970-01-01",
        "shift": "八点班",
        "kind": "production",
        "starts_at": "1970-01-01T08:00:00+08:00",
        "ends_at": "1970-01-01T16:00:00+08:00",
        "limit": 9,
        "headcount_max": 9,
        "headcount_max_handover": 9,
        "over_limit_s": 0.5,
        "first_over_at": "1970-01-01T08:30:00.500000+08:00",
        "distinct_persons": None,
        "person_minutes": 480 * 9 + 0.5 / 60,
        "statutory_limit": 25,
        "statutory_over_s": 0,
        "statutory_first_over_at": None,
        "major_hazard": False,
        "coverage": 1.0,
        "coverage_judged": 1.0,
        "verdict": "within",
        "reason": None,
        "revision": 1,
        "final": True,
    }
    assert isinstance(record.as_json(ZoneInfo("UTC"))["statutory_over_s"], int)


def test_many_shifts_are_judged_as_each_alone() -> None:
    """In the order given, more of them than are judged at once, of both kinds, overlapping."""
    chance = random.Random(1)  # noqa: S311 - nothing secret
    headcount = stretches(
        [(chance.randint(1, 90), chance.choice([None, 8, 9, 10, 26, 31])) for _ in range(9000)]
    )
    shifts = [
        a_shift(chance.choice([30, 61, 120]), chance.choice(["production", "maintenance"]))._replace(
            starts_us=(at := chance.randint(0, 400_000) * S), ends_us=at + chance.randint(1, 120) * M
        )
        for _ in range(2 * SHIFTS_AT_ONCE + 5)
    ]
    rule = StaffingRule(handover_min=5, coverage_min=0.5)
    records = list(evaluate_shifts(shifts, FACE, rule, headcount=headcount, cards=None, now_us=LATER))
    alone = [evaluate_shift(s, FACE, rule, headcount=headcount, cards=None, now_us=LATER) for s in shifts]
    assert records == alone
    assert [record.shift for record in records] == shifts
    assert len({(record.verdict, record.reason, record.major_hazard) for record in records}) > 5
    again = evaluate_shift(shifts[0], FACE, rule, headcount=headcount, cards=None, now_us=LATER, revision=3)
    assert again == dataclasses.replace(alone[0], revision=3)


# Rule


@pytest.mark.parametrize(
    "figures",
    [
        {"limit": -1},
        {"limit": 9.0},
        {"limit": "9"},
        {"limit": True},
        {"sustain_s": 0},
        {"over_total_s": 0},
        {"handover_min": -1},
        {"coverage_min": 1.01},
        {"coverage_min": float("nan")},
        {"stale_after_s": float("inf")},
        {"sustain_s": True},
        {"exempt_posts": "leader"},
        {"exempt_posts": [1]},
        {"limits": 9},
    ],
)
def test_rule_refuses(figures: dict[str, object]) -> None:
    """Wrong types, numbers out of range, unknown keys."""
    with pytest.raises(ValidationError):
        StaffingRule.model_validate(figures)


def test_rule_takes_whole_and_other_numbers() -> None:
    """Durations may have fractions; there are no others between the decimal written and what is compared."""
    rule = StaffingRule.model_validate(
        {"sustain_s": 0.5, "coverage_min": 0.7, "handover_min": 1, "exempt_posts": ["a"]}
    )
    assert rule.is_covered(7, 10)
    assert not rule.is_covered(7 * 10**17 - 1, 10**18)
    assert rule.exempt_posts == ("a",)
    tiny = StaffingRule(sustain_s=1e-9, over_total_s=1e-9)
    assert (tiny.sustain_us, tiny.over_total_us) == (1, 1)  # never nothing at all


# What must hold for any series

rows_of_a_shift = st.lists(
    st.tuples(
        st.sampled_from([1, 30, 30, 30, 59, 60, 600, 601]), st.sampled_from([None, 0, 8, 9, 9, 9, 10, 12, 30])
    ),
    max_size=80,
)


def evaluated(samples: Samples, minutes: int = 30) -> ShiftRecord:
    rule = StaffingRule(handover_min=2, over_total_s=120, coverage_min=0.8)
    headcount = known(samples, stale_after_us=rule.stale_after_us, now_us=LATER)
    return evaluate_shift(a_shift(minutes), FACE, rule, headcount=headcount, cards=None, now_us=LATER)


def laid(steps: list[tuple[int, int | None]]) -> list[tuple[int, int | None]]:
    at, rows = -60 * S, []
    for gap, value in steps:
        at += gap * S
        rows.append((at, value))
    return rows


@settings(deadline=None)
@given(rows_of_a_shift, st.randoms(use_true_random=False), st.data())
def test_order_copies_and_splits_change_nothing(
    steps: list[tuple[int, int | None]], chance: random.Random, data: st.DataObject
) -> None:
    """Rows in any order, some of them twice, or repeated within their known time, are the same series.

    So data that comes late gives the record that the same data in time would have given.
    """
    rows = laid(steps)
    record = evaluated(Samples.of_rows(rows))
    extra = []
    for (at, value), (after, _) in pairwise(rows):
        if after - at <= 600 * S and data.draw(st.booleans()):
            extra.append((data.draw(st.integers(at, after - 1)), value))
    mixed = [*rows, *extra, *chance.choices(rows, k=5)] if rows else []
    chance.shuffle(mixed)
    assert evaluated(Samples.of_rows(mixed)) == record


@settings(deadline=None)
@given(rows_of_a_shift, st.sets(st.integers(0, 79)))
def test_a_gap_never_becomes_compliance(steps: list[tuple[int, int | None]], lost: set[int]) -> None:
    """What is within was known for enough of the time, never over for long; losing rows does not add known time."""
    rows = laid(steps)
    left = [(at, None if index in lost else value) for index, (at, value) in enumerate(rows)]
    whole, holed = evaluated(Samples.of_rows(rows)), evaluated(Samples.of_rows(left))
    assert holed.coverage <= whole.coverage
    assert holed.over_limit_us <= whole.over_limit_us
    for record in (whole, holed):
        if record.verdict == "within":
            assert record.coverage_judged is not None
            assert record.coverage_judged >= 0.8
            assert record.headcount_max is not None
            assert record.headcount_max <= 9
            assert record.over_limit_us < 120 * S
    assert evaluated(EMPTY).verdict == "no_verdict"
