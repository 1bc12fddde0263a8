"""Cards: presence, visits, exemption and distinct persons, clause by clause, and against the reference."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.headcount import (
    CardRows,
    Presence,
    distinct_persons,
    headcount,
    is_exempt,
    look_unstamped,
    presence,
)
from rules.series import MINUTE_US, Stretches
from tests.unit import reference_staffing as reference

M = MINUTE_US
POSTS = ("leader",)
FOREVER = 10**15

Row = tuple[int, str, str]


def who(rows: list[Row], *, reentry_min: float = 15, stale_min: float = 10, now_min: float = 1e6) -> Presence:
    """Presence from rows in minutes."""
    given_rows = CardRows.of_rows([(at * M, card, post) for at, card, post in rows], POSTS)
    return presence(
        given_rows,
        reentry_us=round(reentry_min * M),
        stale_after_us=round(stale_min * M),
        now_us=round(now_min * M),
    )


def counts(there: Presence, exempt_dwell_min: float = 30) -> list[tuple[float, float, int]]:
    """The headcount in minutes, neighbours of one value joined."""
    found = headcount(there, round(exempt_dwell_min * M)).joined()
    return [
        (a / M, b / M, int(n))
        for a, b, n in zip(found.from_us.tolist(), found.to_us.tolist(), found.value.tolist(), strict=True)
    ]


def every(minutes: range, *cards: str, post: str = "") -> list[Row]:
    """A snapshot of the same cards at each of the minutes."""
    return [(at, card, post) for at in minutes for card in cards or ("",)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        (every(range(0, 11, 5), "A", "B"), [(0, 10, 2)]),
        (every(range(0, 11, 5)), [(0, 10, 0)]),
        ([(0, "A", ""), (5, "", ""), (10, "A", "")], [(0, 5, 1), (5, 10, 0)]),
        ([(0, "A", ""), (0, "", ""), (5, "A", "")], [(0, 5, 1)]),  # an empty card adds nothing
        ([(0, "A", ""), (0, "A", ""), (5, "A", "")], [(0, 5, 1)]),  # the same card twice is one
        ([(5, "A", ""), (0, "B", ""), (0, "A", "")], [(0, 5, 2)]),  # rows in any order
        ([(0, "A", ""), (11, "A", ""), (20, "A", "")], [(11, 20, 1)]),  # unknown until the next in time
        ([(0, "A", "")], []),  # one snapshot before a dead link proves nothing
    ],
)
def test_snapshots_hold_until_the_next_in_time(
    rows: list[Row], expected: list[tuple[float, float, int]]
) -> None:
    """All rows of an instant are the whole list of the cards then inside."""
    assert counts(who(rows)) == expected


def test_the_last_snapshot_holds_up_to_now() -> None:
    """If now is not later than the last snapshot may last."""
    assert counts(who([(0, "A", "")], now_min=10)) == [(0, 10, 1)]
    assert counts(who([(0, "A", "")], now_min=10.1)) == []


def test_snapshots_after_now_are_ignored() -> None:
    """They do not even end the one before."""
    assert counts(who([(0, "A", ""), (5, "B", ""), (9, "", "")], now_min=7)) == [(0, 7, 1)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (every(range(0, 41, 5), "A", post="leader"), [(0, 30, 0), (30, 40, 1)]),
        (every(range(0, 41, 7), "A", post="leader"), [(0, 30, 0), (30, 35, 1)]),  # amid a snapshot
        (every(range(0, 41, 5), "A", post="miner"), [(0, 40, 1)]),
        ([(0, "A", "leader"), (0, "A", ""), (5, "A", "leader")], [(0, 5, 1)]),  # the last row's post holds
        ([(0, "A", ""), (5, "A", "leader"), (10, "", "")], [(0, 5, 1), (5, 10, 0)]),  # the post then holding
    ],
)
def test_exempt_cards_count_after_their_dwell(
    rows: list[Row], expected: list[tuple[float, float, int]]
) -> None:
    """Only once the visit began `exempt_dwell` ago."""
    assert counts(who(rows)) == expected


def test_an_empty_post_is_never_exempt() -> None:
    """Whatever the rule lists."""
    assert is_exempt("", ("", "leader")) is False
    assert is_exempt("leader", ("", "leader")) is True


@pytest.mark.parametrize(
    ("away", "begins_anew"),
    [
        (every(range(20, 36, 5)), True),  # 15 minutes of known absence
        (every(range(20, 31, 5)), False),
        ([], False),  # unknown from 15 to 50: no absence at all
        ([(20, "", ""), (24, "", ""), (41, "", ""), (46, "", "")], False),  # 4 + 9 known minutes away
        ([(20, "", ""), (26, "", ""), (41, "", ""), (45, "", "")], True),  # 6 + 9 minutes, in all 15
    ],
)
def test_a_visit_begins_anew_after_known_absence_only(away: list[Row], *, begins_anew: bool) -> None:
    """Neither a short absence nor unknown time restarts it."""
    back = every(range(50, 76, 5), "A", post="leader")
    rows = every(range(0, 20, 5), "A", post="leader") + away + back
    there = who(rows)
    last_visit = int(there.visit_from_us[-1]) / M
    assert last_visit == (50 if begins_anew else 0)


def test_another_cards_absence_does_not_restart_a_visit() -> None:
    """Each card has its own clock."""
    rows = [*every(range(0, 60, 5), "A"), (0, "B", ""), (50, "B", "")]
    there = who(rows)
    begins = {(int(card), int(at) // M) for card, at in zip(there.card, there.visit_from_us, strict=True)}
    assert begins == {(0, 0), (1, 0), (1, 50)}


@pytest.mark.parametrize(
    ("rows", "dwell_min", "expected"),
    [
        (every(range(0, 11, 5), "A", "B"), 10, 2),
        (every(range(0, 10, 3), "A", "B"), 10, 0),
        (every(range(0, 11, 5), "A", post="leader"), 10, 0),
        (every(range(0, 31, 5), "A", post="leader"), 10, 1),  # thirty minutes in all
        (every(range(0, 10, 3), "A") + every(range(20, 23), "A"), 10, 1),  # 9 + 10 minutes: sums
        ([(0, "A", ""), (5, "A", ""), (9, "A", "leader"), (14, "A", "")], 9, 1),
        ([(0, "A", ""), (5, "A", "")], 0, 1),
        ([(0, "A", "leader"), (5, "A", "leader")], 0, 0),  # no time at all while not exempt
        ([(0, "A", ""), (20, "A", "")], 0, 0),  # never known
        ([], 0, 0),
    ],
)
def test_distinct_persons(rows: list[Row], dwell_min: int, expected: int) -> None:
    """Cards there for long enough; passing through is not enough, unless it lasts."""
    counted = distinct_persons(who(rows), 0, 60 * M, dwell_us=dwell_min * M, exempt_dwell_us=30 * M)
    assert counted == expected


def test_distinct_persons_are_of_the_asked_time() -> None:
    """Presence outside of it does not add up."""
    there = who(every(range(0, 61, 5), "A"))
    assert distinct_persons(there, 51 * M, 70 * M, dwell_us=10 * M, exempt_dwell_us=30 * M) == 0
    assert distinct_persons(there, 50 * M, 70 * M, dwell_us=10 * M, exempt_dwell_us=30 * M) == 1
    assert distinct_persons(there, 20 * M, 20 * M, dwell_us=0, exempt_dwell_us=0) == 0


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(0.0, "A"), (5.0, "B"), (10.0, "C")], True),
        ([(0.0, "A"), (5.1, "B"), (10.2, "C")], False),
        ([(0.0, "A"), (1.0, "A"), (60.0, "A"), (120.0, "A")], False),  # a quarter
        ([(0.0, "A"), (1.0, ""), (2.0, "")], False),  # nobody is not one card
        ([(0.0, "A"), (1.0, "B"), (1.0, "C")], False),
        ([(0.0, "A"), (1.0, "B"), (1.0, "B")], False),  # one of two is not over half
        ([], False),
    ],
)
def test_cards_stamped_one_by_one_are_noticed(rows: list[tuple[float, str]], *, expected: bool) -> None:
    """Over half of the snapshots hold one card and come within 5 s of the one before."""
    given_rows = CardRows.of_rows([(round(at * 1e6), card, "") for at, card in rows], ())
    assert look_unstamped(given_rows, FOREVER) is expected


snapshots = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 2, 5]),
        st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["", "leader"]))),
    ),
    max_size=30,
)


@settings(max_examples=250, deadline=None)
@given(
    snapshots,
    st.sampled_from([0, 1, 2, 3]),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([0, 1, 2, 2.5, 4]),
    st.sampled_from([0, 2, 5]),
)
def test_presence_is_the_reference_s(
    steps: list[tuple[int, list[tuple[str, str]]]], reentry: float, stale: float, dwell: float, now_after: int
) -> None:
    """Headcount and persons of any snapshots, on a grid coarse enough to meet every boundary."""
    rows: list[Row] = []
    at = 0
    for gap, cards in steps:
        at += gap
        rows += [(at, card, post) for card, post in cards] or [(at, "", "")]
    now = at + now_after
    rule = {
        "stale_after_s": stale * 60,
        "exempt_dwell_min": dwell,
        "reentry_min": reentry,
        "exempt_posts": ["leader"],
        "dwell_min": 2,
    }
    pieces = reference.card_pieces(rule, [(at * M, "F", card, post) for at, card, post in rows], now * M)
    there = who(rows, reentry_min=reentry, stale_min=stale, now_min=now)
    expected = [(a / M, b / M, reference.counted(rule, inside, a)) for a, b, inside in pieces]
    assert counts(there, dwell) == joined(expected)
    for from_min, to_min in ((0, 1000), (3, 9), (4, 12)):
        part = reference.cut_cards(pieces, from_min * M, to_min * M)
        persons = distinct_persons(
            there, from_min * M, to_min * M, dwell_us=2 * M, exempt_dwell_us=round(dwell * M)
        )
        assert persons == reference.distinct_persons(rule, part)


def joined(pieces: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    whole: list[tuple[float, float, int]] = []
    for a, b, n in pieces:
        if whole and whole[-1][1:] == (a, n):
            whole[-1] = (whole[-1][0], b, n)
        else:
            whole.append((a, b, n))
    return whole


def test_headcount_is_made_of_disjoint_ascending_stretches() -> None:
    """What the evaluator relies on."""
    rows = every(range(0, 41, 7), "A", "B", post="leader") + every(range(3, 41, 7), "C")
    found: Stretches = headcount(who(rows), 11 * M)
    assert bool((found.from_us < found.to_us).all())
    assert bool((found.from_us[1:] >= found.to_us[:-1]).all())
