"""One chamber kept current: its signals, what it is now, and the records of its days. Pure.

Rules
- Rows are kept from the beginning of yesterday on; of what was before it is known what the day before yesterday's
  record tells (`chamber_facts.RecordedDay`). Both together give what all rows would (`rules.chambers.presence`).
- A day is recorded when it has ended, and again whenever rows say something else of it. Rows that come for a day
  before yesterday are the historian's: the day is judged from there, and every day after it whose beginning changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from contract.datatype import Value
from contract.vocabulary.roles import Role
from gateway.live.chamber_facts import RecordedDay, RecordedLevel
from gateway.live.days import LATE_DAYS, DayBook
from gateway.live.series import Effect, LiveSeries
from rules.chambers.presence import NOTHING_EARLIER, Earlier, earlier_at
from rules.chambers.records import Day, DayRecord, day_records, days_between
from rules.chambers.rule import CONTROL_MODES, Chamber, Level, Rule, Signal, State
from rules.chambers.state import Course, Standing, course, standing
from rules.series import LONG_US, Samples
from rules.time_text import DAY_US

NOTHING: Final = Standing(State.UNKNOWN, None, None, None, None, None)
SIGNALS: Final = {Role.HEADCOUNT: Signal.OCCUPANCY} | {
    role: Signal(role.value) for role in Role if role.value in set(Signal)
}
A_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class ChamberTracker:
    """Take rows as they come, `judge` when it suits: all conclusions follow from the rows and yesterday's begin."""

    chamber: Chamber
    title: str
    rule: Rule
    zone: tzinfo = UTC
    declared: Level | None = None
    signals: dict[Signal, LiveSeries] = field(default_factory=dict)
    now: Standing = NOTHING
    judged_at_us: int = -1
    until_us: int = 0
    """When time alone can change what it is."""
    judged_by: Mapping[Signal, Samples] = field(default_factory=dict)
    """The rows of the last judgement."""
    is_recalled: bool = True
    """Everything that the historian knows of the kept time is here; before that nothing is recorded."""
    book: DayBook = field(init=False)
    yesterday: Day | None = None
    today: Day | None = None
    settled: date | None = None
    """The day that time alone cannot change any more."""

    def __post_init__(self) -> None:
        """Nothing is recorded yet."""
        self.book = DayBook(self.chamber, self.rule, self.declared)

    def take(self, role: Role, at_us: int, value: Value | None) -> Effect:
        """One row of a signal."""
        signal = SIGNALS[role]
        return self.series_of(signal).take(at_us, coded(signal, value), self.judged_at_us)

    def mark(self, role: Role, at_us: int) -> Effect:
        """The gateway of a signal was lost."""
        return self.series_of(SIGNALS[role]).mark(at_us)

    def series_of(self, signal: Signal) -> LiveSeries:
        """The rows of a signal."""
        return self.signals.setdefault(signal, LiveSeries(self.rule.stale_after_us))

    # What is judged when

    @property
    def reach_us(self) -> int:
        """How long after a day's end rows may still tell what was at that end."""
        return self.rule.patrol_max_us + self.rule.stale_after_us

    def is_today(self, now_us: int) -> bool:
        """Is it still the day that it was?"""
        return self.today is not None and self.today.from_us <= now_us < self.today.to_us

    def look_around(self, now_us: int) -> None:
        """Which days are today and yesterday; what lies before them is forgotten."""
        if self.is_today(now_us):
            return
        self.yesterday, self.today = days_around(now_us, self.zone)
        for series in self.signals.values():
            series.forget(self.yesterday.from_us + 1)

    @property
    def earlier(self) -> Earlier:
        """What was told before the kept rows."""
        before = self.book.before(self.yesterday) if self.yesterday is not None else None
        return before.earlier if before else NOTHING_EARLIER

    def judge(self, now_us: int) -> list[RecordedDay | RecordedLevel]:
        """The chamber as it stands at `now`; gives days and levels that are new or changed, with their revisions."""
        touched_us = min(
            (series.touched_us for series in self.signals.values() if series.touched_us is not None),
            default=None,
        )
        is_today = self.is_today(now_us)
        if is_today and touched_us is None and self.judged_at_us <= now_us < self.look_us:
            return []
        self.judged_by = {signal: series.samples() for signal, series in self.signals.items()}
        told = [] if is_today else list(self.recorded(now_us, touched_us))  # while its rows are here
        self.look_around(now_us)
        for series in self.signals.values():
            series.touched_us = None
        self.judged_at_us = now_us
        self.now = self.with_since(
            standing(self.chamber, self.judged_by, self.rule, now_us=now_us, earlier=self.earlier)
        )
        following_us = (series.next_after(now_us) for series in self.signals.values())
        self.until_us = min(self.now.until_us, *following_us, LONG_US)
        return told + list(self.recorded(now_us, touched_us))

    @property
    def look_us(self) -> int:
        """When time alone can change something: what it is, the day, or what yesterday was."""
        if self.yesterday is None or self.today is None:
            return 0
        is_settled = self.settled == self.yesterday.on or not self.is_recalled
        settles_us = LONG_US if is_settled else self.yesterday.to_us + self.reach_us
        return min(self.until_us, self.today.to_us, settles_us)

    def with_since(self, now: Standing) -> Standing:
        """A state that has lasted since before the kept rows began then."""
        assert self.yesterday is not None
        before = self.book.before(self.yesterday)
        if before is None or now.since_us is None or now.since_us > self.yesterday.from_us:
            return now
        goes_on = before.state is now.state
        return replace(now, since_us=before.since_us if goes_on else self.yesterday.from_us)

    def recorded(self, now_us: int, touched_us: int | None) -> Iterator[RecordedDay | RecordedLevel]:
        """Yesterday, if it is to be judged again; not while days before it have no record."""
        day = self.yesterday
        if day is None or not self.is_recalled or self.missing():
            return
        is_touched = touched_us is not None and touched_us < day.to_us + self.reach_us
        if self.settled == day.on and not is_touched:
            return
        told = day_told(self.chamber, self.rule, self.judged_by, day, self.book.before(day), now_us=now_us)
        if now_us >= day.to_us + self.reach_us:
            self.settled = day.on
        if told is not None:
            yield from self.tell(told)

    def ask_again(self) -> None:
        """What was told before the kept rows is not what it was: judge everything again."""
        self.settled, self.judged_at_us = None, LONG_US

    def missing(self) -> tuple[Day, ...]:
        """Days before yesterday that have no record, though one before them has: nobody was there to make it."""
        if self.yesterday is None or not self.book.days:
            return ()
        last, first = max(self.book.days), self.yesterday.on - LATE_DAYS * A_DAY
        return days_between(max(last + A_DAY, first), self.yesterday.on, self.zone)

    def tell(self, told: RecordedDay) -> Iterator[RecordedDay | RecordedLevel]:
        """Record a day; what has changed by that."""
        changed, levels = self.book.record(told)
        if changed is not None:
            yield changed
        yield from levels

    def days_of(self, at_us: int, now_us: int) -> Iterator[Day]:
        """The days that a row of that time has to do with and that only the historian can judge."""
        if self.yesterday is None:
            self.look_around(now_us)
        assert self.yesterday is not None
        stale_us = self.rule.stale_after_us
        if at_us - stale_us >= self.yesterday.from_us or at_us < now_us - LATE_DAYS * DAY_US:
            return
        first = local_date(at_us - self.reach_us, self.zone)
        last = local_date(at_us + stale_us, self.zone)
        for day in days_between(first, last + A_DAY, self.zone):
            if day.to_us <= self.yesterday.from_us:
                yield day

    def date_at(self, at_us: int) -> date:
        """The date of an instant at which a day begins, or any other."""
        return local_date(at_us, self.zone)

    def so_far(self, now_us: int) -> DayRecord | None:
        """The running day up to now; `None` before the first row."""
        _, today = days_around(now_us, self.zone)
        part = Day(today.on, today.from_us, now_us)
        signals = {signal: series.samples() for signal, series in self.signals.items()}
        judged = course(self.chamber, signals, self.rule, now_us=now_us, earlier=self.earlier)
        return day_records(judged, [part])[0] if judged.from_us.size and now_us > today.from_us else None


def day_told(
    chamber: Chamber,
    rule: Rule,
    signals: Mapping[Signal, Samples],
    day: Day,
    before: RecordedDay | None,
    *,
    now_us: int,
) -> RecordedDay | None:
    """A day that has ended, judged from rows that begin at or before it; `None` before the first row.

    `before` is the day that ends where this one begins. Rows until `patrol_max + stale_after` after the day's end
    say all that can be said. A row at the instant now counts, as it does for the standing.
    """
    earlier = before.earlier if before else NOTHING_EARLIER
    until_us = min(now_us, day.to_us + rule.patrol_max_us + rule.stale_after_us) + 1
    judged = course(chamber, signals, rule, now_us=until_us, earlier=earlier)
    if not judged.from_us.size or judged.from_us[0] >= day.to_us:
        return None
    state, since_us = last_state(judged, day, before)
    (record,) = day_records(judged, [day])
    return RecordedDay(record, earlier_at(signals, rule, cut_us=day.to_us, earlier=earlier), state, since_us)


def last_state(judged: Course, day: Day, before: RecordedDay | None) -> tuple[State, int]:
    """What the chamber was at the last instant of a day, and since when."""
    from_us, state = next(
        (from_us, state) for from_us, to_us, state in reversed(judged.stretches()) if from_us < day.to_us
    )
    if before is None or from_us > day.from_us:
        return state, from_us
    return state, before.since_us if before.state is state else day.from_us


def coded(signal: Signal, value: Value | None) -> float | None:
    """A value as the rules read it; one outside its signal's set is unknown (definitions.md §2)."""
    if signal is Signal.CONTROL_MODE:
        return CONTROL_MODES.get(value) if isinstance(value, str) else None
    if value is None or isinstance(value, str):
        return None
    if signal is Signal.OCCUPANCY:
        return float(value) if value >= 0 and value == int(value) else None
    return float(value) if value in (0, 1) else None


def days_around(now_us: int, zone: tzinfo) -> tuple[Day, Day]:
    """Yesterday and today."""
    on = local_date(now_us, zone)
    days = days_between(on - 3 * A_DAY, on + 2 * A_DAY, zone)  # the zone may have skipped one
    today = next(place for place, day in enumerate(days) if day.from_us <= now_us < day.to_us)
    return days[today - 1], days[today]


def local_date(at_us: int, zone: tzinfo) -> date:
    """The date that a clock on the wall shows."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)).astimezone(zone).date()
