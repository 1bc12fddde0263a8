"""What a face's last shifts show of it (definitions.md §3, Evidence), clause by clause and against a naive recount."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.inputs import ShiftOutcome
from rules.plan.evidence import (
    EvidenceFigures,
    FaceName,
    Ground,
    Performance,
    evidence,
    face_evidence,
)
from rules.plan.evidence_words import SAID, ground_words, shift_words
from rules.plan.table import Kind
from rules.shift_calendar import Shift, ShiftKind
from rules.staffing import Reason, ShiftRecord, Verdict

FIRST_ON = date(2022, 1, 1)
HOUR_US = 3_600_000_000
FACE = FaceName("演示一矿", "m1", "F1", "1101 采煤面", "郑煤集团", Kind.MINING_FACE, "甲", date(2021, 12, 1))
OTHER = FaceName("演示一矿", "m1", "F2", "1102 掘进面", "郑煤集团", Kind.DRIVING_FACE, None, None)
ZONE = ZoneInfo("Asia/Shanghai")


def outcome(
    place: int, verdict: Verdict, kind: ShiftKind = "production", *, final: bool = True
) -> ShiftOutcome:
    """The shift so many places after the first one."""
    starts_us = place * 12 * HOUR_US
    shift = Shift("F1", FIRST_ON + timedelta(days=place // 2), "班", kind, starts_us, starts_us + 8 * HOUR_US)
    return ShiftOutcome(shift, verdict, None, final)


def outcomes(*runs: tuple[int, Verdict]) -> list[ShiftOutcome]:
    """Runs of verdicts in order of time."""
    verdicts = [verdict for count, verdict in runs for _ in range(count)]
    return [outcome(place, verdict) for place, verdict in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("runs", "performance", "ground"),
    [
        ([], Performance.UNPROVEN, Ground.TOO_FEW),
        ([(29, "within")], Performance.UNPROVEN, Ground.TOO_FEW),
        ([(30, "within")], Performance.PERFORMING, Ground.WITHIN),
        ([(29, "exceeded")], Performance.UNPROVEN, Ground.TOO_FEW),
        ([(90, "no_verdict")], Performance.UNPROVEN, Ground.NO_VERDICTS),
        ([(40, "not_judged")], Performance.UNPROVEN, Ground.TOO_FEW),
        # at the share and above it: 1 of 20 is allowed, 2 of 39 is not
        ([(38, "within"), (2, "exceeded")], Performance.PERFORMING, Ground.WITHIN),
        ([(37, "within"), (2, "exceeded")], Performance.NOT_PERFORMING, Ground.EXCEEDED),
        ([(38, "within"), (2, "no_verdict")], Performance.PERFORMING, Ground.WITHIN),
        ([(37, "within"), (2, "no_verdict")], Performance.UNPROVEN, Ground.UNKNOWN),
        # exceeded counts among shifts with a verdict only, and comes before the unknown ones
        ([(19, "within"), (2, "exceeded"), (60, "no_verdict")], Performance.NOT_PERFORMING, Ground.EXCEEDED),
        ([(1, "exceeded"), (89, "no_verdict")], Performance.NOT_PERFORMING, Ground.EXCEEDED),
        # what is older than ninety shifts no longer counts
        ([(50, "exceeded"), (90, "within")], Performance.PERFORMING, Ground.WITHIN),
        ([(50, "exceeded"), (85, "within")], Performance.NOT_PERFORMING, Ground.EXCEEDED),
    ],
)
def test_first_that_fits(
    runs: Sequence[tuple[int, Verdict]], performance: Performance, ground: Ground
) -> None:
    """Each clause at its edge, with the default figures."""
    judged = face_evidence(FACE, outcomes(*runs))
    assert (judged.performance, judged.ground) == (performance, ground)


def test_only_final_production_shifts_count() -> None:
    """Others are neither counted nor do they push any out of the ninety."""
    shifts = outcomes((90, "within"))
    shifts += [outcome(100 + place, "exceeded", "maintenance") for place in range(50)]
    shifts += [outcome(200 + place, "exceeded", final=False) for place in range(50)]
    judged = face_evidence(FACE, shifts)
    assert (judged.tally.within, judged.tally.shifts) == (90, 90)
    assert (judged.from_on, judged.to_on) == (FIRST_ON, FIRST_ON + timedelta(days=44))


def test_figures_are_compared_as_written() -> None:
    """0.1 is one tenth and not the binary number next to it."""
    figures = EvidenceFigures(shifts=30, shifts_min=30, exceeded_share_max=0.1)
    at_share = outcomes((27, "within"), (3, "exceeded"))
    assert face_evidence(FACE, at_share, figures).performance is Performance.PERFORMING


@pytest.mark.parametrize("wrong", [{"shifts": 0}, {"exceeded_share_max": 1.1}, {"shifts_max": 3}])
def test_wrong_figures_are_refused(wrong: dict[str, float]) -> None:
    """Out of range, or no figure at all."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        EvidenceFigures.model_validate(wrong)


@given(
    verdicts=st.lists(
        st.tuples(st.sampled_from(get_args(Verdict)), st.sampled_from(get_args(ShiftKind)), st.booleans()),
        max_size=140,
    ),
    order=st.randoms(use_true_random=False),
)
def test_against_a_naive_recount(verdicts: list[tuple[Verdict, ShiftKind, bool]], order: Random) -> None:
    """Any history, in any order, by the definition's own words with fractions."""
    shifts = [outcome(place, v, kind, final=final) for place, (v, kind, final) in enumerate(verdicts)]
    last = [v for v, kind, final in verdicts if kind == "production" and final][-90:]
    within, exceeded, unknown = (last.count(v) for v in ("within", "exceeded", "no_verdict"))
    if within + exceeded + unknown < 30 or within + exceeded == 0:
        expected = "unproven"
    elif Fraction(exceeded, within + exceeded) > Fraction(5, 100):
        expected = "not_performing"
    elif Fraction(unknown, within + exceeded + unknown) > Fraction(5, 100):
        expected = "unproven"
    else:
        expected = "performing"
    order.shuffle(shifts)
    assert face_evidence(FACE, shifts).performance == expected


def test_the_two_lists() -> None:
    """Accepted in doubt: not performing first; performing and not accepted; the others in none."""
    good, bad, few = outcomes((60, "within")), outcomes((60, "exceeded")), outcomes((3, "within"))
    faces = [
        face_evidence(face, shifts)
        for face, shifts in ((FACE, few), (FACE, bad), (FACE, good), (OTHER, good), (OTHER, bad))
    ]
    told = evidence(faces)
    assert told.faces == tuple(faces)
    assert told.accepted_in_doubt == (faces[1], faces[0])
    assert told.performing_unaccepted == (faces[3],)


@pytest.mark.parametrize("ground", Ground)
def test_every_ground_is_said_with_its_figures(ground: Ground) -> None:
    """Chinese and English, with the counts that decided."""
    histories = {
        Ground.TOO_FEW: outcomes((12, "within")),
        Ground.NO_VERDICTS: outcomes((45, "no_verdict")),
        Ground.EXCEEDED: outcomes((60, "within"), (12, "exceeded")),
        Ground.UNKNOWN: outcomes((60, "within"), (12, "no_verdict")),
        Ground.WITHIN: outcomes((60, "within")),
    }
    judged = face_evidence(FACE, histories[ground])
    words = ground_words(judged, EvidenceFigures())
    assert judged.ground is ground
    count = {Ground.NO_VERDICTS: "45", Ground.WITHIN: "60"}.get(ground, "12")
    assert count in words.zh
    assert count in words.en


def test_without_any_record_it_says_so() -> None:
    """Not “0 shifts, fewer than 30”."""
    assert ground_words(face_evidence(FACE, []), EvidenceFigures()).zh == "没有生产班记录"


def record(verdict: Verdict, reason: Reason | None) -> ShiftRecord:
    """A record whose every figure can be told from the others."""
    return ShiftRecord(
        shift=Shift("F1", FIRST_ON, "八点班", "production", 0, 8 * HOUR_US),
        limit=9,
        headcount_max=11,
        headcount_max_handover=14,
        over_limit_us=754_500_000,
        first_over_us=2 * HOUR_US,
        distinct_persons=None,
        person_us=0.0,
        statutory_limit=25,
        statutory_over_us=0,
        statutory_first_over_us=None,
        major_hazard=False,
        coverage=0.99,
        coverage_judged=0.875,
        verdict=verdict,
        reason=reason,
        revision=1,
        final=True,
    )


@pytest.mark.parametrize(
    ("verdict", "reason", "said"),
    [
        ("within", None, ("11", "9", "87.5%")),
        ("exceeded", "sustained", ("11", "9", "1970-01-01 10:00")),
        ("exceeded", "cumulative", ("754.5", "9", "1970-01-01 10:00")),
        ("no_verdict", "coverage", ("87.5%",)),
        ("no_verdict", "fragmented", ()),
        ("no_verdict", "too_short", ()),
        ("not_judged", "maintenance", ()),
        ("not_judged", "not_intelligent", ()),
    ],
)
def test_every_reason_of_a_shift_is_said(
    verdict: Verdict, reason: Reason | None, said: tuple[str, ...]
) -> None:
    """In both languages, in the mine's own time; no reason is without words."""
    words = shift_words(record(verdict, reason), ZONE)
    for figure in said:
        assert figure in words.zh
        assert figure in words.en
    assert set(SAID) == {None, *get_args(Reason)}
