"""Spells, posts, visits, patrols and the visit age: a table per clause of the definitions."""

from __future__ import annotations

import pytest

from rules.chambers.presence import Earlier, Presence, presence
from rules.chambers.rule import Rule, Signal
from rules.series import SECOND_US, Samples
from tests.unit.chamber_rows import Says, micro, samples

RULE = Rule()
HOUR = 3600


def judged(now: float, **says: Says) -> Presence:
    series = {Signal(signal): samples(signal, words) for signal, words in says.items()}
    return presence(series, RULE, now_us=micro(now))


def spells(there: Presence) -> list[tuple[float, float, bool]]:
    return [(s.begin_us / SECOND_US, s.end_us / SECOND_US, s.seen) for s in there.spells]


@pytest.mark.parametrize(
    ("occupancy", "now", "expected"),
    [
        pytest.param([(0, "0"), (100, "1"), (400, "0"), (500, "0")], 500, [(100, 400, True)], id="seen end"),
        pytest.param([(0, "2"), (400, "0"), (500, "0")], 500, [(0, 400, True)], id="there at the first row"),
        pytest.param(
            [(0, "1"), (400, None), (459.999999, "0"), (500, "0")],
            500,
            [(0, 459.999999, True)],
            id="unknown for less than bridge_s, then nobody: seen at that instant",
        ),
        pytest.param(
            [(0, "1"), (400, None), (460, "0"), (500, "0")],
            500,
            [(0, 400, False)],
            id="unknown for bridge_s, then nobody: ended when it became unknown",
        ),
        pytest.param(
            [(0, "1"), (400, None), (430, "1"), (435, None), (490, "0"), (500, "0")],
            500,
            [(0, 490, True)],
            id="only the last unknown stretch is measured",
        ),
        pytest.param(
            [(0, "1"), (400, None), (2199.999999, "3"), (2300, "0"), (2400, "0")],
            2400,
            [(0, 2300, True)],
            id="unknown for less than patrol_max_min, then people: goes on",
        ),
        pytest.param(
            [(0, "1"), (400, None), (2200, "1"), (2300, "0"), (2400, "0")],
            2400,
            [(0, 400, False), (2200, 2300, True)],
            id="unknown for patrol_max_min: ended, and another begins",
        ),
        pytest.param(
            [(0, "1"), (400, None)], 2199, [(0, 2199, False)], id="unknown up to now: goes on to now"
        ),
        pytest.param(
            [(0, "1"), (400, None)], 2200, [(0, 400, False)], id="unknown for long up to now: ended"
        ),
        pytest.param([(0, "1"), (400, "1")], 500, [(0, 500, False)], id="open"),
        pytest.param(
            [(0, "1"), (400, "1")],
            1001,
            [(0, 1001, False)],
            id="stale from its own instant, still shorter than patrol_max_min",
        ),
        pytest.param(
            [(0, "1"), (400, "0")],
            400,
            [(0, 400, False)],
            id="a row at now is known for no time yet, so it ends nothing",
        ),
    ],
)
def test_spell(occupancy: Says, now: float, expected: list[tuple[float, float, bool]]) -> None:
    assert spells(judged(now, occupancy=occupancy)) == expected


@pytest.mark.parametrize(
    ("occupancy", "ages", "posts"),
    [
        pytest.param([(0, "1"), (1800, "0"), (1900, "0")], [0], [None], id="ends as it would become one"),
        pytest.param([(0, "1"), (1800.000001, "0"), (1900, "0")], [0], [1800], id="one microsecond more"),
        pytest.param([(0, "1"), (100, "4"), (200, "1"), (300, "0"), (400, "0")], [0], [100], id="crowd"),
        pytest.param([(0, "3"), (100, "0"), (200, "0")], [0], [None], id="patrol_people_max is no crowd"),
        pytest.param(
            [(0, "1"), (1200, None), (2400, "1"), (2500, "0"), (2600, "0")],
            [0],
            [1800],
            id="the age goes on through unknown time",
        ),
        pytest.param(
            [(0, "1"), (1000, "0"), (1899.999999, "1"), (2800, "0"), (2900, "0")],
            [0, 1000],
            [None, 2699.999999],
            id="re-entry: from the age at the last end, the absence adds nothing",
        ),
        pytest.param(
            [(0, "1"), (1000, "0"), (1900, "1"), (2800, "0"), (2900, "0")],
            [0, 0],
            [None, None],
            id="away for reentry_min: from 0",
        ),
        pytest.param(
            [(0, "1"), (900, "0"), (1000, "1"), (1900, "0"), (2000, "1"), (2100, "0"), (2200, "0")],
            [0, 900, 1800],
            [None, None, 2000],
            id="a chain of re-entries; one that begins old is a post from its beginning",
        ),
        pytest.param(
            [(0, "5"), (600, "0"), (700, "1"), (800, "0"), (900, "0")],
            [0, 600],
            [0, None],
            id="a re-entry inherits the age, not the crowd",
        ),
        pytest.param(
            [(0, "1"), (600, None), (700, "0"), (1000, "1"), (2300, "0"), (2400, "0")],
            [0, 600],
            [None, 2200],
            id="an end not seen counts from where it became unknown",
        ),
        pytest.param(
            [(0, "1"), (600, None), (700, "0"), (1500, "1"), (2400, "0"), (2500, "0")],
            [0, 0],
            [None, None],
            id="and so does the absence after it",
        ),
    ],
)
def test_post(occupancy: Says, ages: list[float], posts: list[float | None]) -> None:
    found = judged(occupancy[-1][0], occupancy=occupancy).spells
    assert [s.age_us / SECOND_US for s in found] == ages
    assert [None if s.post_us is None else s.post_us / SECOND_US for s in found] == posts


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        pytest.param({"occupancy": [(0, "1"), (60, "0"), (99, "0")]}, [(60, True)], id="patrol_min_s"),
        pytest.param({"occupancy": [(0, "1"), (59.999999, "0"), (99, "0")]}, [], id="too short"),
        pytest.param({"occupancy": [(0, "1"), (90, None), (150, "0"), (199, "0")]}, [], id="not seen"),
        pytest.param({"occupancy": [(0, "4"), (90, "0"), (199, "0")]}, [(90, False)], id="a post"),
        pytest.param(
            {"occupancy": [(0, "1"), (90, "0"), (200, "1"), (300, "0"), (400, "0")]},
            [(90, True), (300, False)],
            id="a re-entry is a visit, no patrol",
        ),
        pytest.param({"patrol_robot": [(0, "1"), (60, "0"), (99, "0")]}, [(60, True)], id="robot"),
        pytest.param({"patrol_robot": [(0, "1"), (59, "0"), (99, "0")]}, [], id="robot, too short"),
        pytest.param(
            {"patrol_robot": [(0, "1"), (90, None), (91, "0"), (99, "0")]}, [], id="robot lost before its 0"
        ),
        pytest.param(
            {"patrol_robot": [(0, "1"), (90, None), (91, "1"), (150, "0"), (199, "0")]},
            [],
            id="unknown time breaks the robot's run: what is left is too short",
        ),
        pytest.param(
            {"patrol_robot": [(0, "1"), (7200, "0"), (7300, "0")]}, [(7200, True)], id="robot, for long"
        ),
        pytest.param(
            {
                "occupancy": [(0, "1"), (90, "0"), (199, "0")],
                "patrol_robot": [(0, "0"), (20, "1"), (90, "0"), (199, "0")],
            },
            [(90, True), (90, True)],
            id="two that end at one instant are two",
        ),
    ],
)
def test_visits_and_patrols(says: dict[str, Says], expected: list[tuple[float, bool]]) -> None:
    now = max(words[-1][0] for words in says.values())
    found = [(visit.end_us / SECOND_US, visit.patrol) for visit in judged(now, **says).visits]
    assert found == expected


@pytest.mark.parametrize(
    ("says", "from_s", "to_s", "expected"),
    [
        pytest.param({"video": [(100, None)]}, 0, 7200, 7100, id="from the first row, whatever it is"),
        pytest.param({"video": [(100, None)]}, 0, 50, None, id="before the first row there is none"),
        pytest.param({"video": [(100, None)]}, 0, 100, None, id="the first row at the end is not before it"),
        pytest.param(
            {"occupancy": [(0, "0"), (1000, "1"), (1100, "0"), (3000, "0")]},
            0,
            1100,
            1000,
            id="up to a spell",
        ),
        pytest.param(
            {"occupancy": [(0, "0"), (1000, "1"), (1100, "0"), (3000, "0")]},
            1000,
            1100,
            0,
            id="0 in a spell",
        ),
        pytest.param(
            {"occupancy": [(0, "0"), (1000, "1"), (1100, "0"), (3000, "0")]},
            1100,
            3000,
            1900,
            id="from the visit's end",
        ),
        pytest.param(
            {"occupancy": [(0, "0"), (1000, "1"), (1030, "0"), (3000, "0")]},
            1010,
            3000,
            3000,
            id="a spell that was no visit changes nothing after it",
        ),
        pytest.param(
            {"patrol_robot": [(0, "0"), (1000, "1"), (2000, "0"), (3000, "0")]},
            1000,
            2000,
            0,
            id="0 with the robot",
        ),
        pytest.param(
            {"patrol_robot": [(0, "0"), (1000, "1"), (9000, "0"), (9600, "0")]},
            1000,
            9000,
            6200,
            id="a parked robot looks at nothing after patrol_max_min",
        ),
        pytest.param(
            {"patrol_robot": [(0, "0"), (1000, "1"), (9000, "0"), (9600, "0")]},
            9000,
            9600,
            600,
            id="its end is a visit all the same",
        ),
        pytest.param(
            {"patrol_robot": [(0, "0"), (1000, "1"), (9000, None), (9600, None)]},
            9000,
            9600,
            9600,
            id="lost, it was no visit",
        ),
        pytest.param(
            {
                "patrol_robot": [(0, "0"), (1000, "1"), (9000, "0"), (9600, "0")],
                "occupancy": [(0, "0"), (5000, "1"), (5100, "0"), (9600, "0")],
            },
            5100,
            9000,
            3900,
            id="while it is parked a visit by people counts if it is later",
        ),
        pytest.param(
            {
                "patrol_robot": [(0, "0"), (1000, "1"), (9000, "0"), (9600, "0")],
                "occupancy": [(0, "0"), (1500, "1"), (1600, "0"), (9600, "0")],
            },
            1600,
            9000,
            6200,
            id="and not if it is earlier",
        ),
    ],
)
def test_visit_age(says: dict[str, Says], from_s: float, to_s: float, expected: float | None) -> None:
    """The supremum of the age between two instants, its limit at the end included."""
    ages = judged(max(9600, to_s), **says).ages
    assert ages is not None
    longest_us = ages.longest_between(micro(from_s), micro(to_s))
    assert (None if longest_us is None else longest_us / SECOND_US) == expected


def test_rows_that_are_no_longer_kept_still_count() -> None:
    """The visit age goes on from the last visit before what is kept, or from the first row."""
    kept = {Signal.OCCUPANCY: samples("occupancy", [(10 * HOUR, "0"), (11 * HOUR, "0")])}
    for earlier, longest in (
        (Earlier(first_row_us=0), 11 * HOUR),
        (Earlier(first_row_us=0, last_visit_us=micro(9 * HOUR)), 2 * HOUR),
    ):
        ages = presence(kept, RULE, now_us=micro(11 * HOUR), earlier=earlier).ages
        assert ages is not None
        assert ages.longest_between(micro(10 * HOUR), micro(11 * HOUR)) == micro(longest)


def test_no_rows_yet() -> None:
    """Neither without rows nor with rows later than now only."""
    assert judged(100).first_row_us is None
    later = {Signal.OCCUPANCY: Samples.of_rows([(micro(200), 1.0)])}
    assert presence(later, RULE, now_us=micro(100)).ages is None
