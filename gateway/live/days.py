"""The recorded days of one chamber and its levels, each with its revision. Pure.

A day that is recorded anew with other figures is a new revision, and so is every level over a window that holds it.
Days are kept for the window of a level and for as long as late data may still change one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from gateway.live.chamber_facts import RecordedDay, RecordedLevel
from rules.chambers.records import Day, DayRecord, LevelRecord, level_record
from rules.chambers.rule import Chamber, Level, Rule

LATE_DAYS: Final = 35
"""So old may data be that still changes a record."""
A_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class DayBook:
    """Days by date, and how often each level, by the day after its window, was recorded."""

    chamber: Chamber
    rule: Rule
    declared: Level | None
    days: dict[date, RecordedDay] = field(default_factory=dict)
    levels: dict[date, int] = field(default_factory=dict)

    def record(self, told: RecordedDay) -> tuple[RecordedDay | None, list[RecordedLevel]]:
        """Record a day; gives it with its revision if it is new or says something else, and the levels that do."""
        on = told.record.day.on
        before = self.days.get(on)
        if before is not None:
            told = told._replace(revision=before.revision)
            if told == before:
                return None, []
            if told.record != before.record:
                told = told._replace(revision=before.revision + 1)
        old = self.records()
        self.days[on] = told
        if before is not None and before.record == told.record:
            return told, []
        changed = list(self.relevel(old, on))
        self.trim()
        return told, changed

    def relevel(self, old: list[DayRecord], on: date) -> Iterator[RecordedLevel]:
        """The levels that hold a day and are not what they were before it was recorded."""
        now = self.records()
        first = bisect_left([each.day.on for each in now], on)
        for last in range(first, min(len(now), first + self.rule.window_days)):
            after_on = now[last].day.on + A_DAY
            level = self.level_of(now[: last + 1])
            if after_on in self.levels and level == self.level_of([d for d in old if d.day.on < after_on]):
                continue
            assert level is not None
            self.levels[after_on] = self.levels.get(after_on, 0) + 1
            yield RecordedLevel(level, now[last].day.to_us, self.levels[after_on])

    def level_of(self, recorded: list[DayRecord]) -> LevelRecord | None:
        """The level over the last of these days."""
        return level_record(self.chamber, recorded, self.rule, declared=self.declared)

    @property
    def level(self) -> LevelRecord | None:
        """The level as it is now."""
        return self.level_of(self.records())

    def records(self) -> list[DayRecord]:
        """What is recorded, day after day."""
        return [self.days[on].record for on in sorted(self.days)]

    def before(self, day: Day) -> RecordedDay | None:
        """The day that ends where this one begins, if it is recorded."""
        last = max((on for on in self.days if on < day.on), default=None)
        found = self.days[last] if last is not None else None
        return found if found is not None and found.record.day.to_us == day.from_us else None

    def trim(self) -> None:
        """Forget the days that no level of the last weeks holds."""
        for on in sorted(self.days)[: -(self.rule.window_days + LATE_DAYS)]:
            del self.days[on]
            self.levels.pop(on + A_DAY, None)
