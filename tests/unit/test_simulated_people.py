"""Pins the people of the virtual mine: nobody is in two places or lost, shifts and visits look like a mine's."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.people import ROADWAY, SURFACE, People, Person
from simulators.plant import AREAS, DRIVING, FACE_CREWS, MINING, PATROLS
from simulators.shifts import HOUR_MS, MINUTE_MS, NAMES, Shift, shift_at

INSTANTS = st.integers(1_577_808_000_000, 1_893_427_200_000)  # 2020 to 2029
SEEDS = st.integers(0, 20)
SHIFT_INDEX = 61_000  # in September 2025; divisible by 3 with remainder 1: 八点班
STEP_MS = 20_000
FACES = (MINING.code, DRIVING.code)


def people(seed: int = 1) -> People:
    return People(seed, FACE_CREWS, PATROLS)


def test_shifts_are_eight_hours_of_local_time() -> None:
    eight = shift_at(1_646_092_800_000)  # 2022-03-01T08:00:00+08:00
    assert (eight.name, eight.start_ms, eight.is_production) == ("八点班", 1_646_092_800_000, True)
    assert [Shift(eight.index + turn).name for turn in (-1, 0, 1)] == list(NAMES)
    assert not shift_at(eight.start_ms - 1).is_production


@given(SEEDS, INSTANTS)
def test_everybody_is_somewhere_once(seed: int, at_ms: int) -> None:
    """People are conserved: the places of the roster add up, and a headcount is who is there."""
    mine = people(seed)
    places = Counter(mine.place(person, at_ms) for person in mine.roster())
    assert sum(places.values()) == len(mine.roster())
    assert set(places) <= {SURFACE, ROADWAY, *(area.code for area in AREAS)}
    for area in AREAS:
        assert mine.headcount(area.code, at_ms) == places[area.code] >= 0


@given(SEEDS, st.integers(55_000, 65_000))
def test_itineraries_are_unbroken_and_of_the_roster(seed: int, index: int) -> None:
    mine = people(seed)
    roster = set(mine.roster())
    for turn in (0, 1, 2):
        for person, stays in mine.itineraries(index + turn).items():
            assert person in roster
            assert all(stay.from_ms < stay.to_ms for stay in stays)
            assert all(before.to_ms == after.from_ms for before, after in pairwise(stays))


@given(SEEDS, st.integers(55_000, 65_000))
def test_a_person_is_back_before_his_next_shift(seed: int, index: int) -> None:
    mine = people(seed)
    after = mine.itineraries(index + 3)
    for person, stays in mine.itineraries(index).items():
        if person in after:
            assert stays[-1].to_ms < after[person][0].from_ms


@pytest.mark.parametrize("face", FACES)
def test_production_shifts_hold_some_five_to_nine(face: str) -> None:
    """Over thirty days: mostly 5 to 9, seldom more, and never for long."""
    mine, counts, over_longest = people(), Counter[int](), 0
    for index in range(SHIFT_INDEX, SHIFT_INDEX + 90):
        shift = Shift(index)
        if not shift.is_production:
            continue
        run = 0
        for at_ms in range(shift.start_ms + 30 * MINUTE_MS, shift.end_ms - 30 * MINUTE_MS, STEP_MS):
            count = mine.headcount(face, at_ms)
            counts[count] += 1
            run = run + 1 if count > 9 else 0
            over_longest = max(over_longest, run)
    share = sum(number for count, number in counts.items() if 5 <= count <= 9) / counts.total()
    assert share > 0.97
    assert min(counts) >= 3
    assert max(counts) <= 12
    assert 0 < over_longest * STEP_MS < 10 * MINUTE_MS


@pytest.mark.parametrize("face", FACES)
def test_maintenance_shifts_hold_more_than_production_ones(face: str) -> None:
    mine = people()
    for day in range(30):
        noon_of = [Shift(SHIFT_INDEX - 1 + 3 * day + turn).start_ms + 4 * HOUR_MS for turn in range(3)]
        maintenance, *production = (mine.headcount(face, at_ms) for at_ms in noon_of)
        assert maintenance >= 9
        assert maintenance > max(production) - 3  # inspectors may be there


@pytest.mark.parametrize("face", FACES)
def test_crews_overlap_at_handover_and_are_gone_after_it(face: str) -> None:
    mine, overlaps = people(), 0
    for index in range(SHIFT_INDEX, SHIFT_INDEX + 30):
        shift = Shift(index)
        before, now = (index - 1) % 3, index % 3

        def turns(at_ms: int) -> set[int]:
            return {p.turn for p in crew(mine, face) if mine.place(p, at_ms) == face}

        overlaps += turns(shift.start_ms) == {before, now}
        assert turns(shift.start_ms + 30 * MINUTE_MS) == {now}
        assert turns(shift.start_ms - 20 * MINUTE_MS) == {before}
    assert overlaps == 30


def crew(mine: People, face: str) -> list[Person]:
    return [person for person in mine.roster() if person.crew == face]


@pytest.mark.parametrize("chamber", [chamber for patrol in PATROLS for chamber in patrol.chambers])
def test_patrols_are_few_short_and_regular(chamber: str) -> None:
    """One to three people, 5 to 16 minutes with their coming and going, never eight hours apart."""
    mine, visits, at_most = people(), list[tuple[int, int]](), 0
    begin = Shift(SHIFT_INDEX).start_ms
    entered = None
    for at_ms in range(begin, begin + 72 * HOUR_MS, STEP_MS):
        count = mine.headcount(chamber, at_ms)
        at_most = max(at_most, count)
        if count and entered is None:
            entered = at_ms
        elif not count and entered is not None:
            visits.append((entered, at_ms))
            entered = None
    assert 1 <= at_most <= 3
    assert len(visits) == 18
    assert all(4 * MINUTE_MS < left - came < 17 * MINUTE_MS for came, left in visits)
    assert all(after[0] - before[1] < 8 * HOUR_MS for before, after in pairwise(visits))
