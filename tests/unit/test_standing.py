"""What a face is at this instant: unknown first, then the law, then the plan's limit where it is judged."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pytest

from rules.series import MINUTE_US, SECOND_US, Samples, known
from rules.shift_calendar import Shift
from rules.staffing import FaceRule, StaffingRule
from rules.standing import Span, Standing, standing

START = 1_000_000 * SECOND_US
END = START + 480 * MINUTE_US
MIDDLE = START + 240 * MINUTE_US
RULE = StaffingRule()
FACE = FaceRule(kind="mining_face", intelligent=True, hazard="other")
PRODUCTION = Shift("F1", date(2022, 3, 1), "八点班", "production", START, END)
MAINTENANCE = PRODUCTION._replace(kind="maintenance")


def stands(samples: Samples, shift: Shift | None, face: FaceRule, now_us: int) -> Standing:
    """The face at an instant by rows of its headcount."""
    at_us = samples.until(now_us).at_us
    span = Span(int(at_us[0]), int(at_us[-1])) if at_us.size else None
    headcount = known(samples, stale_after_us=RULE.stale_after_us, now_us=now_us + 1).joined()
    return standing(headcount, span, shift, face, RULE, now_us=now_us)


def rows(*pairs: tuple[int, float | None]) -> Samples:
    """Rows given in seconds from the middle of the shift."""
    return Samples.of_rows((MIDDLE + seconds * SECOND_US, value) for seconds, value in pairs)


@pytest.mark.parametrize(
    ("headcount", "shift", "face", "state", "reason"),
    [
        (9, PRODUCTION, FACE, "within", None),
        (10, PRODUCTION, FACE, "over", None),
        (20, PRODUCTION, FACE, "over", None),
        (21, PRODUCTION, FACE, "over", "statutory"),
        (23, PRODUCTION, FACE, "over", "statutory"),
        (24, PRODUCTION, FACE, "hazard", "statutory"),
        (12, MAINTENANCE, FACE, "not_judged", "maintenance"),
        (31, MAINTENANCE, FACE, "over", "statutory"),
        (36, MAINTENANCE, FACE, "hazard", "statutory"),
        (12, None, FACE, "not_judged", "no_shift"),
        (12, PRODUCTION, FACE.model_copy(update={"intelligent": False}), "not_judged", "not_intelligent"),
        (None, PRODUCTION, FACE, "unknown", None),
    ],
)
def test_states(
    headcount: float | None, shift: Shift | None, face: FaceRule, state: str, reason: str | None
) -> None:
    """First that fits."""
    found = stands(rows((0, headcount)), shift, face, MIDDLE + 10 * SECOND_US)

    assert (found.state, found.reason) == (state, reason)
    assert found.headcount == headcount


@pytest.mark.parametrize(
    ("minute", "state", "reason"),
    [
        (0, "not_judged", "handover"),
        (29, "not_judged", "handover"),
        (30, "over", None),
        (449, "over", None),
        (450, "not_judged", "handover"),
    ],
)
def test_handover_counts_and_is_not_judged(minute: int, state: str, reason: str | None) -> None:
    """Ten at handover are no breach; the windows are half-open."""
    now = START + minute * MINUTE_US
    samples = Samples.of_rows([(now - SECOND_US, 10.0)])

    found = stands(samples, PRODUCTION, FACE, now)

    assert (found.state, found.reason) == (state, reason)


def test_silence_becomes_unknown_since_its_last_row() -> None:
    """One sample before a dead link proves nothing: unknown from its own instant on (definitions.md §0)."""
    samples = rows((-60, 7.0), (0, 7.0))

    heard = stands(samples, PRODUCTION, FACE, MIDDLE + 599 * SECOND_US)
    silent = stands(samples, PRODUCTION, FACE, MIDDLE + 600 * SECOND_US)

    assert (heard.state, heard.headcount) == ("within", 7)
    assert (silent.state, silent.headcount, silent.since_us) == ("unknown", None, MIDDLE)


def test_no_rows_at_all() -> None:
    """Nothing is known, not even since when."""
    found = stands(rows(), PRODUCTION, FACE, MIDDLE)

    assert (found.state, found.since_us) == ("unknown", None)


@pytest.mark.parametrize(
    ("pairs", "since_s"),
    [
        ([(-300, 8.0), (-200, 10.0), (-100, 11.0), (0, 12.0)], -200),
        ([(-300, 10.0), (-200, None), (-100, 11.0), (0, 12.0)], -100),
        ([(-300, 10.0), (-200, 9.0), (0, 12.0)], 0),
    ],
)
def test_since_when_over(pairs: list[tuple[int, float | None]], since_s: int) -> None:
    """The state's age, not the last change of the number."""
    found = stands(rows(*pairs), PRODUCTION, FACE, MIDDLE + SECOND_US)

    assert found.since_us == MIDDLE + since_s * SECOND_US


def test_over_begins_when_handover_ends() -> None:
    """Ten people who were there all along are over from the first judged instant."""
    judged_from = START + 30 * MINUTE_US
    samples = Samples.of_rows([(judged_from - 120 * SECOND_US, 10.0), (judged_from, 10.0)])

    found = stands(samples, PRODUCTION, FACE, judged_from + SECOND_US)

    assert (found.state, found.since_us) == ("over", judged_from)


def test_a_gap_ends_what_lasted() -> None:
    """Since its end, even where the same headcount stood before it."""
    samples = rows((-3000, 10.0), (-2400, 10.0), (-100, 10.0), (0, 10.0))

    assert stands(samples, PRODUCTION, FACE, MIDDLE + SECOND_US).since_us == MIDDLE - 100 * SECOND_US


@pytest.mark.parametrize(("hazard", "most"), [("severe", 25), ("other", 20)])
def test_law_depends_on_the_hazard_class(hazard: Literal["severe", "other"], most: int) -> None:
    """25 and 20 in a mining face's production shift."""
    face = FaceRule(kind="mining_face", intelligent=False, hazard=hazard)

    at_limit = stands(rows((0, most)), PRODUCTION, face, MIDDLE)
    above = stands(rows((0, most + 1)), PRODUCTION, face, MIDDLE)

    assert at_limit.reason == "not_intelligent"
    assert above.reason == "statutory"
