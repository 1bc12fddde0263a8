"""Time can be cut anywhere: what rows before a cut told is summed up, and nothing after the cut is judged otherwise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.chambers.presence import NOTHING_EARLIER, Earlier, earlier_at
from rules.chambers.records import day_records
from rules.chambers.rule import Signal
from rules.chambers.state import Course, course
from rules.series import SECOND_US, Samples
from tests.unit.reference_chambers import Chamber as World
from tests.unit.test_chambers_reference import (
    DAY_S,
    DAYS,
    busy_world,
    chamber_of,
    rule_of,
    signals_of,
    worlds,
)

Signals = dict[Signal, Samples]


def kept(signals: Signals, cut_us: int) -> Signals:
    """Of each signal the newest row at or before the cut, and what follows."""
    found = {}
    for signal, rows in signals.items():
        first = max(0, rows.until(cut_us).at_us.size - 1)
        found[signal] = Samples(rows.at_us[first:], rows.value[first:])
    return found


def after(judged: Course, cut_us: int) -> list[tuple[int, int, str]]:
    """The states from the cut on."""
    return [
        (max(from_us, cut_us), to_us, state) for from_us, to_us, state in judged.stretches() if to_us > cut_us
    ]


def judged_with(world: World, signals: Signals, earlier: Earlier) -> Course:
    """The course as of the world's now."""
    now_us = world.now * SECOND_US
    return course(chamber_of(world), signals, rule_of(world.figures), now_us=now_us, earlier=earlier)


def agree_after(whole: Course, cut: Course, cut_us: int) -> None:
    """States, visit ages and day records from the cut on are the same."""
    assert after(cut, cut_us) == after(whole, cut_us)
    ends = [visit for visit in whole.presence.visits if visit.end_us > cut_us]
    assert [visit for visit in cut.presence.visits if visit.end_us > cut_us] == ends
    later = [day for day in DAYS if day.from_us >= cut_us]
    assert day_records(cut, later) == day_records(whole, later)


def cut_in(world: World, *cuts_s: int) -> None:
    """The world judged whole, and cut once after the other."""
    whole = signals_of(world.rows)
    rows, earlier, rule = whole, NOTHING_EARLIER, rule_of(world.figures)
    straight = judged_with(world, whole, NOTHING_EARLIER)
    for cut_s in sorted(cuts_s):
        cut_us = min(cut_s, world.now) * SECOND_US
        earlier = earlier_at(rows, rule, cut_us=cut_us, earlier=earlier)
        assert earlier == earlier_at(whole, rule, cut_us=cut_us)
        rows = kept(rows, cut_us)
        agree_after(straight, judged_with(world, rows, earlier), cut_us)
        more_than_needed = judged_with(world, kept(whole, cut_us - 30 * SECOND_US), earlier)
        agree_after(straight, more_than_needed, cut_us)


@pytest.mark.parametrize("seed", range(400))
def test_a_cut_changes_nothing_after_it(seed: int) -> None:
    """Stretches as long as the rule's figures, or one second off; cut at chance instants, and at midnights."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    world = busy_world(seed)
    cut_in(world, chance.randrange(len(DAYS) * DAY_S), chance.randrange(len(DAYS) * DAY_S))
    cut_in(world, *(day.from_us // SECOND_US for day in DAYS))


@settings(max_examples=200, deadline=None)
@given(worlds(), st.lists(st.integers(0, len(DAYS) * DAY_S), min_size=1, max_size=4))
def test_nor_do_several(world: World, cuts_s: list[int]) -> None:
    """Each on top of the one before."""
    cut_in(world, *cuts_s)
