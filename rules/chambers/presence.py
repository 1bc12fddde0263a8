"""Who was there: spells of presence, posts, visits and patrols, and the visit age (definitions.md §2).

Rules
- A spell begins when occupancy is first known to be ≥ 1. Known 0 ends it: at that instant if no unknown
  stretch, or one shorter than `bridge`, came before (a seen end), else at the start of that stretch. An
  unknown stretch of `patrol_max` or longer ends it at its start, whatever comes after. A shorter one before
  another ≥ 1, or up to now, does not. Its age is elapsed time, unknown stretches within it included.
- A spell that begins less than `reentry` after the end of the last is a re-entry: its age goes on from there.
- It is a post from the first instant within it at which its age is ≥ `patrol_max` or its occupancy is known
  to be > `patrol_people_max`. Only the age passes on to a re-entry, not the crowd.
- A run of `patrol_robot` is unbroken known time at 1. Any unknown time breaks it: only people are bridged.
- Known means known for some time: a row at now itself, known for no time yet, ends and begins nothing.
- Time can be cut: `earlier_at` sums up what rows up to a cut told, and judged with that sum, the rows from each
  signal's newest one at or before the cut on give what all rows together would have given after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rules.chambers.rule import Rule, Signal
from rules.series import EMPTY, LONG_US, Instants, Samples, Stretches, covering, known

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spell:
    """People were there from `begin` to `end`; instants in microseconds."""

    begin_us: int
    end_us: int
    seen: bool
    """It was seen to end; otherwise its end is where knowledge of it ends."""
    reentry: bool
    age_us: int
    """Age at its beginning: 0 unless it is a re-entry."""
    post_us: int | None
    """Since when it is a post, `None` if it never was one."""


@dataclass(frozen=True, slots=True)
class RobotRun:
    """The patrol robot was there from `begin` to `end`; `seen`: a 0 straight after a 1 ended it."""

    begin_us: int
    end_us: int
    seen: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """People or the robot looked in, counted at the end; it is a patrol if it was brief and no re-entry."""

    begin_us: int
    end_us: int
    patrol: bool
    robot: bool


@dataclass(frozen=True, slots=True)
class VisitAges:
    """The visit age from the first row to now, in pieces that follow each other.

    Within a piece the age is 0 throughout where `fresh`, else the time since `since_us`.
    """

    from_us: Instants
    to_us: Instants
    since_us: Instants
    fresh: Mask

    def exceed_at(self, limit_us: int) -> Instants:
        """Within each piece the instant at which the age reaches the limit, if it does."""
        reached = np.maximum(self.since_us + limit_us, self.from_us)
        return reached[~self.fresh & (reached < self.to_us)]

    def at(self, instants: Instants) -> Instants:
        """The age at each of the instants, which must lie between the first row and now."""
        piece = covering(self.from_us, self.to_us, instants)
        return np.where(self.fresh[piece], 0, instants - self.since_us[piece])

    def longest_between(self, from_us: int, to_us: int) -> int | None:
        """Supremum of the age in `[from, to)`, its limit at `to` included; `None` if no piece lies there."""
        first = int(np.searchsorted(self.to_us, from_us, side="right"))
        last = int(np.searchsorted(self.from_us, to_us, side="left"))
        if first >= last:
            return None
        pieces = slice(first, last)
        age_us = np.minimum(self.to_us[pieces], to_us) - self.since_us[pieces]
        return int(np.where(self.fresh[pieces], 0, age_us).max())


@dataclass(frozen=True, slots=True)
class Earlier:
    """What rows that are no longer kept had told, for a caller that keeps a chamber's last days only.

    It tells everything of people up to `people_to_us` and of the robot up to `robot_to_us`: instants of rows, so
    that what is known before them hangs on no later row.
    """

    first_row_us: int | None = None
    last_visit_us: int | None = None
    people_to_us: int | None = None
    spell: Spell | None = None
    """The last one that began."""
    is_open: bool = False
    """It has not ended; its `end_us` is up to where it was known, and later rows say whether it goes on."""
    robot_to_us: int | None = None
    robot_from_us: int | None = None
    """Since when the robot is there without a break, up to `robot_to_us`; `None` if it is not there then."""


NOTHING_EARLIER: Final = Earlier()


@dataclass(frozen=True, slots=True)
class Presence:
    """Everything about people and robots in one chamber, as it stands at `now`."""

    first_row_us: int | None
    spells: tuple[Spell, ...]
    visits: tuple[Visit, ...]
    ages: VisitAges | None
    """`None` before the first row."""
    runs: tuple[RobotRun, ...] = ()

    def inside(self, instants: Instants) -> Mask:
        """Which of the instants lie in a spell."""
        return within(((spell.begin_us, spell.end_us) for spell in self.spells), instants)

    def posted(self, instants: Instants) -> Mask:
        """Which of the instants lie in a post."""
        posts = ((s.post_us, s.end_us) for s in self.spells if s.post_us is not None)
        return within(posts, instants)


def presence(
    signals: Mapping[Signal, Samples], rule: Rule, *, now_us: int, earlier: Earlier = NOTHING_EARLIER
) -> Presence:
    """Judge who was there from the chamber's signals (all of them: any row can be its first)."""
    first_row_us = first_row(signals, now_us=now_us, earlier=earlier)
    if first_row_us is None:
        return Presence(None, (), (), None)
    occupancy, robot = _people_and_robot(signals, rule, earlier, (now_us, now_us))
    spells = spells_of(occupancy, rule, now_us=now_us, earlier=earlier)
    runs = robot_runs(robot)
    visits = visits_of(spells, runs, rule)
    last_visit_us = first_row_us if earlier.last_visit_us is None else earlier.last_visit_us
    ages = _visit_ages(spells, runs, visits, rule, (first_row_us, last_visit_us, now_us))
    return Presence(first_row_us, spells, visits, ages, runs)


def earlier_at(
    signals: Mapping[Signal, Samples], rule: Rule, *, cut_us: int, earlier: Earlier = NOTHING_EARLIER
) -> Earlier:
    """The sum of what the rows at or before the cut told, on top of what rows before them had told."""
    people_to_us = _newest(signals, Signal.OCCUPANCY, cut_us, earlier.people_to_us)
    robot_to_us = _newest(signals, Signal.PATROL_ROBOT, cut_us, earlier.robot_to_us)
    occupancy, robot = _people_and_robot(signals, rule, earlier, (people_to_us, robot_to_us))
    ended, going_on = _stays(occupancy, rule)
    spells = _spells([*ended, *([(*going_on, False)] if going_on else [])], occupancy, rule, earlier)
    runs = robot_runs(robot)
    is_there = bool(runs) and runs[-1].end_us == robot_to_us
    visits = visits_of(spells[: len(ended)], runs, rule)
    before = () if earlier.last_visit_us is None else (earlier.last_visit_us,)
    return Earlier(
        first_row_us=first_row(signals, now_us=cut_us, earlier=earlier),
        last_visit_us=max((*before, *(visit.end_us for visit in visits)), default=None),
        people_to_us=people_to_us,
        spell=spells[-1] if spells else earlier.spell,
        is_open=going_on is not None,
        robot_to_us=robot_to_us,
        robot_from_us=runs[-1].begin_us if is_there else None,
    )


def first_row(
    signals: Mapping[Signal, Samples], *, now_us: int, earlier: Earlier = NOTHING_EARLIER
) -> int | None:
    """The chamber's first row of any signal and quality, if it is not later than now."""
    firsts = [int(samples.at_us[0]) for samples in signals.values() if samples.at_us.size]
    if earlier.first_row_us is not None:
        firsts.append(earlier.first_row_us)
    return min((at_us for at_us in firsts if at_us <= now_us), default=None)


def spells_of(
    occupancy: Stretches, rule: Rule, *, now_us: int, earlier: Earlier = NOTHING_EARLIER
) -> tuple[Spell, ...]:
    """The spells of presence, ascending; the first one is `earlier`'s own where that goes on."""
    stays, going_on = _stays(occupancy, rule)
    if going_on is not None:
        begin_us, known_to_us = going_on
        lost = now_us - known_to_us >= rule.patrol_max_us
        stays.append((begin_us, known_to_us if lost else now_us, False))
    return _spells(stays, occupancy, rule, earlier)


def robot_runs(robot: Stretches) -> tuple[RobotRun, ...]:
    """The runs of the patrol robot, ascending."""
    runs = robot.joined()
    followed_at_once = np.append(runs.from_us[1:] == runs.to_us[:-1], False)[: runs.value.size]
    there = runs.value >= 1
    return tuple(
        RobotRun(begin_us, end_us, seen)
        for begin_us, end_us, seen in zip(
            runs.from_us[there].tolist(),
            runs.to_us[there].tolist(),
            followed_at_once[there].tolist(),
            strict=True,
        )
    )


def visits_of(spells: tuple[Spell, ...], runs: tuple[RobotRun, ...], rule: Rule) -> tuple[Visit, ...]:
    """The visits by people and by the robot, in the order of their ends."""
    by_people = (
        Visit(spell.begin_us, spell.end_us, patrol=spell.post_us is None and not spell.reentry, robot=False)
        for spell in spells
        if spell.seen and spell.end_us - spell.begin_us >= rule.patrol_min_us
    )
    by_robot = (
        Visit(run.begin_us, run.end_us, patrol=True, robot=True)
        for run in runs
        if run.seen and run.end_us - run.begin_us >= rule.patrol_min_us
    )
    return tuple(sorted((*by_people, *by_robot), key=lambda visit: visit.end_us))


def intervals(pairs: Iterable[tuple[int, int]]) -> tuple[Instants, Instants]:
    """Beginnings and ends, for `rules.series.covering`."""
    array = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def within(pairs: Iterable[tuple[int, int]], instants: Instants) -> Mask:
    """Which of the instants lie in one of the intervals."""
    return covering(*intervals(pairs), instants) >= 0


def _newest(
    signals: Mapping[Signal, Samples], signal: Signal, cut_us: int, earlier_us: int | None
) -> int | None:
    """The instant of the signal's newest row at or before the cut."""
    at_us = signals.get(signal, EMPTY).until(cut_us).at_us
    return int(at_us[-1]) if at_us.size else earlier_us


def _people_and_robot(
    signals: Mapping[Signal, Samples], rule: Rule, earlier: Earlier, to_us: tuple[int | None, int | None]
) -> tuple[Stretches, Stretches]:
    """What is known of occupancy and robot up to there; what was there before and goes on comes first."""
    spell = earlier.spell
    people = (spell.begin_us, spell.end_us) if spell is not None and earlier.is_open else None
    robot = None
    if earlier.robot_from_us is not None and earlier.robot_to_us is not None:
        robot = (earlier.robot_from_us, earlier.robot_to_us)
    found = []
    for signal, kept_from_us, until_us, before in (
        (Signal.OCCUPANCY, earlier.people_to_us, to_us[0], people),
        (Signal.PATROL_ROBOT, earlier.robot_to_us, to_us[1], robot),
    ):
        rows = signals.get(signal, EMPTY) if until_us is not None else EMPTY
        stretches = known(rows, stale_after_us=rule.stale_after_us, now_us=until_us or 0)
        if kept_from_us is not None:
            stretches = stretches.clipped(kept_from_us, LONG_US)
        found.append(_after(before, stretches) if before else stretches)
    return found[0], found[1]


def _after(before: tuple[int, int], stretches: Stretches) -> Stretches:
    """The stretches, after one at 1."""
    return Stretches(
        np.append(before[0], stretches.from_us),
        np.append(before[1], stretches.to_us),
        np.append(1.0, stretches.value),
    )


def _spells(
    stays: Iterable[tuple[int, int, bool]], occupancy: Stretches, rule: Rule, earlier: Earlier
) -> tuple[Spell, ...]:
    """The spells of these stays, with their ages and posts."""
    crowded_us = occupancy.from_us[occupancy.value > rule.patrol_people_max]
    last = earlier.spell
    spells: list[Spell] = []
    for begin_us, end_us, seen in stays:
        post_us = LONG_US
        if last is not None and earlier.is_open and not spells:
            reentry, age_us = last.reentry, last.age_us
            post_us = post_us if last.post_us is None else last.post_us
        else:
            reentry = last is not None and begin_us - last.end_us < rule.reentry_us
            age_us = last.age_us + last.end_us - last.begin_us if last is not None and reentry else 0
        post_us = min(post_us, begin_us + max(0, rule.patrol_max_us - age_us))
        crowded = int(np.searchsorted(crowded_us, begin_us))
        if crowded < crowded_us.size:
            post_us = min(post_us, int(crowded_us[crowded]))
        last = Spell(begin_us, end_us, seen, reentry, age_us, post_us if post_us < end_us else None)
        spells.append(last)
    return tuple(spells)


def _stays(occupancy: Stretches, rule: Rule) -> tuple[list[tuple[int, int, bool]], tuple[int, int] | None]:
    """Begin, end and whether it was seen, of each spell that has ended; of one that has not, begin and last known."""
    people = (occupancy.value >= 1).astype(np.float64)
    runs = Stretches(occupancy.from_us, occupancy.to_us, people).joined()
    stays: list[tuple[int, int, bool]] = []
    begin_us: int | None = None
    known_to_us = 0
    for from_us, to_us, anybody in zip(
        runs.from_us.tolist(), runs.to_us.tolist(), runs.value.tolist(), strict=True
    ):
        unknown_us = from_us - known_to_us
        if begin_us is not None and unknown_us >= rule.patrol_max_us:
            stays.append((begin_us, known_to_us, False))
            begin_us = None
        if anybody and begin_us is None:
            begin_us = from_us
        elif not anybody and begin_us is not None:
            seen = unknown_us == 0 or unknown_us < rule.bridge_us
            stays.append((begin_us, from_us if seen else known_to_us, seen))
            begin_us = None
        known_to_us = to_us
    return stays, None if begin_us is None else (begin_us, known_to_us)


def _visit_ages(
    spells: tuple[Spell, ...],
    runs: tuple[RobotRun, ...],
    visits: tuple[Visit, ...],
    rule: Rule,
    span_us: tuple[int, int, int],
) -> VisitAges:
    """The visit age over `span`: first row, last visit before anything kept (or the first row), now."""
    first_row_us, last_visit_us, now_us = span_us
    spell_from, spell_to = intervals((spell.begin_us, spell.end_us) for spell in spells)
    run_from, run_to = intervals((run.begin_us, run.end_us) for run in runs)
    parked_from = np.minimum(run_from + rule.patrol_max_us, run_to)
    visit_end = np.array([visit.end_us for visit in visits], dtype=np.int64)

    cuts = np.unique(
        np.concatenate(
            [[first_row_us], spell_from, spell_to, run_from, parked_from, run_to, visit_end], dtype=np.int64
        )
    )
    cuts = cuts[cuts < now_us]
    fresh = (covering(spell_from, spell_to, cuts) >= 0) | (covering(run_from, parked_from, cuts) >= 0)
    ends = np.maximum.accumulate(
        np.append([last_visit_us], visit_end)
    )  # the two kinds are cut each at its own row
    since_us = ends[np.searchsorted(visit_end, cuts, side="right")]
    run = covering(parked_from, run_to, cuts)
    parked = run >= 0
    since_us[parked] = np.maximum(since_us[parked], parked_from[run[parked]])
    return VisitAges(cuts, np.append(cuts[1:], now_us)[: cuts.size], since_us, fresh)
