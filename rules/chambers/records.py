"""The records of a chamber: one per day, and its level over the last days (definitions.md §2).

Rules
- A day gets a record when it has ended at or before now. Days follow each other and are of the rule's
  timezone, 23 or 25 hours long where clocks change; a date that the timezone skipped has no record.
- The level is judged by the time of all recorded days in its window together, not by a mean of shares.
- Seconds and shares are exact until they are written out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Final

import numpy as np

from rules.chambers.rule import Chamber, Kind, Level, Rule, State
from rules.chambers.state import STATES, Course
from rules.series import SECOND_US
from rules.time_text import DAY_US, EPOCH, local_instant

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A date and when it begins and ends."""

    on: date
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class DayRecord:
    """One chamber's day; all times in microseconds."""

    chamber: str
    day: Day
    time_us: Mapping[State, int]
    """Time in each state; the seven sum to the day's length."""
    posted_us: int
    longest_presence_us: int
    patrols: int
    longest_visit_gap_us: int | None
    """`None` if the chamber's first row is not before the day's end."""
    unguarded_us: int

    def as_json(self) -> dict[str, object]:
        """The record as it is printed: times in seconds."""
        gap_us = self.longest_visit_gap_us
        return {
            "chamber": self.chamber,
            "day": self.day.on.isoformat(),
            "seconds": {state.value: seconds(self.time_us[state]) for state in STATES},
            "posted_s": seconds(self.posted_us),
            "longest_presence_s": seconds(self.longest_presence_us),
            "patrols": self.patrols,
            "longest_visit_gap_s": None if gap_us is None else seconds(gap_us),
            "unguarded_s": seconds(self.unguarded_us),
        }


@dataclass(frozen=True, slots=True)
class LevelRecord:
    """What a chamber was over `[from_on, to_on)`, beside what it was declared to be."""

    chamber: str
    kind: Kind
    from_on: date
    to_on: date
    time_us: Mapping[State, int]
    level: Level
    declared: Level | None
    agrees: bool | None

    def as_json(self) -> dict[str, object]:
        """The record as it is printed: shares of the whole time."""
        total_us = sum(self.time_us.values())
        return {
            "chamber": self.chamber,
            "kind": self.kind.value,
            "from": self.from_on.isoformat(),
            "to": self.to_on.isoformat(),
            "share": {state.value: self.time_us[state] / total_us for state in STATES},
            "level": self.level.value,
            "declared": None if self.declared is None else self.declared.value,
            "agrees": self.agrees,
        }


def seconds(duration_us: int) -> int | float:
    """Seconds as a JSON number: whole where they are."""
    return duration_us // SECOND_US if duration_us % SECOND_US == 0 else duration_us / SECOND_US


def days_between(from_on: date, to_on: date, zone: tzinfo) -> tuple[Day, ...]:
    """The days of the timezone from one date to another, that one excluded.

    A midnight that occurs twice is its first occurrence; one that is skipped is the instant of the change.
    """
    dates = [from_on + _DAY * n for n in range(max(0, (to_on - from_on).days) + 1)]
    midnights = [_midnight_us(on, zone) for on in dates]
    days = zip(dates, midnights, midnights[1:], strict=False)
    return tuple(Day(on, from_us, to_us) for on, from_us, to_us in days if from_us < to_us)


def day_records(course: Course, days: Sequence[Day]) -> tuple[DayRecord, ...]:
    """The records of those days, which follow each other, that have ended at or before the course's now."""
    ended = [day for day in days if day.to_us <= course.now_us]
    if not ended:
        return ()
    bounds_us = np.array([ended[0].from_us, *(day.to_us for day in ended)], dtype=np.int64)
    time_us = {
        state: course.lasted(course.state == index, bounds_us).tolist()
        for index, state in enumerate(STATES)
        if state is not State.UNKNOWN
    }
    posted_us = course.lasted(course.posted, bounds_us).tolist()
    unguarded_us = course.lasted(course.unguarded, bounds_us).tolist()
    longest_us = _longest_presence(course, bounds_us.tolist())
    visit_ends_us = [visit.end_us for visit in course.presence.visits if visit.patrol]
    patrols = np.diff(
        np.searchsorted(np.array(visit_ends_us, dtype=np.int64), bounds_us, side="left")
    ).tolist()
    ages = course.presence.ages
    return tuple(
        DayRecord(
            chamber=course.chamber.name,
            day=day,
            time_us=_with_unknown({state: spent[i] for state, spent in time_us.items()}, day),
            posted_us=posted_us[i],
            longest_presence_us=longest_us[i],
            patrols=patrols[i],
            longest_visit_gap_us=None if ages is None else ages.longest_between(day.from_us, day.to_us),
            unguarded_us=unguarded_us[i],
        )
        for i, day in enumerate(ended)
    )


def level_record(
    chamber: Chamber, recorded: Sequence[DayRecord], rule: Rule, *, declared: Level | None
) -> LevelRecord | None:
    """The level over the last `window_days` of the chamber's recorded days, ascending; `None` without any."""
    window = recorded[-rule.window_days :]
    if not window:
        return None
    time_us = _summed(record.time_us for record in window)
    enough = len(window) >= rule.days_min
    level = _level(chamber, time_us, rule) if enough else Level.NO_VERDICT
    return LevelRecord(
        chamber=chamber.name,
        kind=chamber.kind,
        from_on=window[0].day.on,
        to_on=window[-1].day.on + _DAY,
        time_us=time_us,
        level=level,
        declared=declared,
        agrees=_agrees(declared, level, time_us, rule),
    )


def _level(chamber: Chamber, time_us: Mapping[State, int], rule: Rule) -> Level:
    """The level that the time in each state makes, first that fits."""
    enough_us = rule.level_share * sum(time_us.values())
    patrol_us, central_us, unknown_us = (
        time_us[state] for state in (State.PATROL, State.CENTRAL_CONTROL, State.UNKNOWN)
    )
    alone_us = time_us[State.UNATTENDED] + patrol_us
    if alone_us >= enough_us and patrol_us <= rule.patrol_share_max * sum(time_us.values()):
        return Level.UNATTENDED
    is_central = central_us > 0 or chamber.kind is not Kind.DISTRICT_SUBSTATION
    if is_central and alone_us + central_us >= enough_us:
        return Level.CENTRAL_CONTROL
    if unknown_us > 0 and alone_us + central_us + unknown_us >= enough_us:
        return Level.NO_VERDICT
    return Level.NOT_YET


def _agrees(declared: Level | None, level: Level, time_us: Mapping[State, int], rule: Rule) -> bool | None:
    """Whether the declaration holds; `None` where nothing is declared or missing data could decide it."""
    if declared is None or level is Level.NO_VERDICT:
        return None
    possibly_us = time_us[State.UNATTENDED] + time_us[State.PATROL] + time_us[State.UNKNOWN]
    undecided = possibly_us >= rule.level_share * sum(time_us.values())
    if declared is Level.UNATTENDED and level is Level.CENTRAL_CONTROL and undecided:
        return None
    return declared is level


def _midnight_us(on: date, zone: tzinfo) -> int:
    return local_instant((on - EPOCH.date()).days * DAY_US, zone)


def _with_unknown(time_us: Mapping[State, int], day: Day) -> Mapping[State, int]:
    """The other six and what they leave of the day: before the first row there are no states at all."""
    unknown_us = day.to_us - day.from_us - sum(time_us.values())
    return {**time_us, State.UNKNOWN: unknown_us}


def _longest_presence(course: Course, bounds_us: Sequence[int]) -> list[int]:
    """For each day the largest overlap with one spell; bounds as of `Course.lasted`."""
    longest_us = [0] * (len(bounds_us) - 1)
    for spell in course.presence.spells:
        first = max(0, bisect_right(bounds_us, spell.begin_us) - 1)
        last = min(len(longest_us), bisect_left(bounds_us, spell.end_us))
        for i in range(first, last):
            overlap_us = min(spell.end_us, bounds_us[i + 1]) - max(spell.begin_us, bounds_us[i])
            longest_us[i] = max(longest_us[i], overlap_us)
    return longest_us


def _summed(parts: Iterable[Mapping[State, int]]) -> Mapping[State, int]:
    total_us = dict.fromkeys(STATES, 0)
    for part in parts:
        for state, spent_us in part.items():
            total_us[state] += spent_us
    return total_us
