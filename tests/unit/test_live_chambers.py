"""A chamber's tracker against the judgement of all rows at once: days, levels and states, whatever came when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.vocabulary.roles import Role
from gateway.live import chamber_facts
from gateway.live.chamber_facts import RecordedDay, RecordedLevel
from gateway.live.chambers import SIGNALS, ChamberTracker, days_around
from gateway.live.days import LATE_DAYS, DayBook
from rules.chambers.presence import NOTHING_EARLIER, Earlier, Spell
from rules.chambers.records import Day, DayRecord, day_records, days_between, level_record
from rules.chambers.rule import Chamber, Kind, Level, Rule, Signal, State
from rules.chambers.state import course, standing
from rules.series import HOUR_US, MINUTE_US, SECOND_US, Samples
from rules.time_text import DAY_US
from tests.unit.reference_chambers import Chamber as World
from tests.unit.test_chambers_reference import busy_world, chamber_of, rule_of, worlds

STRETCHED = 1440
"""A world's second is so long: its days of a minute become days."""
LOOKED_AT = 0.05
"""Share of the steps at which a tracker is compared."""
ROLES = {signal: role for role, signal in SIGNALS.items()}
Row = tuple[int, Role, str | float | None]


def stretched(rule: Rule) -> Rule:
    """The same rule by the slower clock."""
    durations = {
        name: getattr(rule, name) * STRETCHED
        for name in (
            "stale_after_us", "bridge_us", "patrol_min_us", "patrol_max_us", "reentry_us", "patrol_interval_us",
        )
    }  # fmt: skip
    return replace(rule, **durations)


def rows_of(world: World) -> list[Row]:
    """The rows as they come live, each instant of a signal once."""
    last = {(at, signal): word for at, signal, word in world.rows}
    return [
        (
            at * STRETCHED * SECOND_US,
            ROLES[Signal(signal)],
            word if word is None or signal == "control_mode" else float(word),
        )
        for (at, signal), word in last.items()
    ]


def tracker_of(world: World, declared: Level | None = None) -> ChamberTracker:
    """The world's chamber, its days those of UTC."""
    return ChamberTracker(chamber_of(world), "C1", stretched(rule_of(world.figures)), UTC, declared)


def judged_at_once(tracker: ChamberTracker, rows: list[Row], now_us: int) -> dict[date, DayRecord]:
    """The days that have ended, by all rows together."""
    whole = all_of(tracker, rows)
    judged = course(tracker.chamber, whole, tracker.rule, now_us=now_us + 1)
    days = days_between(date(1970, 1, 1), date(1970, 1, 8), UTC)
    first_us = min((at_us for at_us, _, _ in rows), default=now_us)
    return {record.day.on: record for record in day_records(judged, days) if first_us < record.day.to_us}


def all_of(tracker: ChamberTracker, rows: list[Row]) -> dict[Signal, Samples]:
    """All rows by signal."""
    whole = ChamberTracker(tracker.chamber, "C1", tracker.rule)
    for at_us, role, value in rows:
        whole.take(role, at_us, value)
    return {signal: series.samples() for signal, series in whole.signals.items()}


def arrivals(rows: list[Row], chance: Random, late_us: int) -> list[tuple[int, Row]]:
    """When each row comes."""
    return sorted(
        ((row[0] + round(chance.choice([0, 0, 0, chance.random()]) * late_us), row) for row in rows),
        key=lambda each: each[0],
    )


def walk(
    tracker: ChamberTracker, coming: list[tuple[int, Row]], end_us: int, chance: Random
) -> Iterator[tuple[int, list[Row], list[RecordedDay | RecordedLevel]]]:
    """Feed and judge step by step, at each midnight too; gives its instant, the rows so far, and what was recorded."""
    seen: list[Row] = []
    now_us = min((at_us for at_us, _ in coming), default=0)
    coming = list(coming)
    while now_us <= end_us:
        while coming and coming[0][0] <= now_us:
            seen.append(coming.pop(0)[1])
            at_us, role, value = seen[-1]
            tracker.take(role, at_us, value)
        yield now_us, seen, tracker.judge(now_us)
        step_us = round(chance.choice([1, 1, 3, 10, 40]) * STRETCHED * SECOND_US * chance.random()) + 1
        now_us = min(now_us + step_us, now_us + DAY_US - now_us % DAY_US)


def agrees(tracker: ChamberTracker, seen: list[Row], now_us: int) -> None:
    """Days, level and standing are those of all rows at once."""
    expected = judged_at_once(tracker, seen, now_us)
    assert {on: told.record for on, told in tracker.book.days.items()} == expected
    records = [expected[on] for on in sorted(expected)]
    level = level_record(tracker.chamber, records, tracker.rule, declared=tracker.declared)
    assert tracker.book.level == level
    now = standing(tracker.chamber, all_of(tracker, seen), tracker.rule, now_us=now_us)
    assert replace(tracker.now, visit_age_us=None, until_us=0) == replace(now, visit_age_us=None, until_us=0)


def check(world: World, seed: int, late_s: int) -> None:
    """The world as it passes, looked at now and then and at its end."""
    chance = Random(seed)  # noqa: S311  (no secret)
    tracker = tracker_of(world, chance.choice([None, *Level]))
    late_us = latest_us(tracker, late_s)
    end_us = max(0, world.now) * STRETCHED * SECOND_US + late_us
    seen, now_us = list[Row](), 0
    for now_us, seen, _ in walk(tracker, arrivals(rows_of(world), chance, late_us), end_us, chance):
        if chance.random() < LOOKED_AT:
            agrees(tracker, seen, now_us)
    agrees(tracker, seen, now_us)


def latest_us(tracker: ChamberTracker, late_s: int) -> int:
    """A lateness in a world's seconds, but no more than memory can make good: most of a day."""
    return max(0, min(late_s * STRETCHED * SECOND_US, DAY_US - tracker.reach_us - SECOND_US))


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(0, 2**32), st.sampled_from([0, 0, 1, 20, 55]))
def test_as_it_passes_a_chamber_is_what_all_rows_make_of_it(world: World, seed: int, late_s: int) -> None:
    """On time or up to most of a day late, and forgetting what lies before yesterday."""
    check(world, seed, late_s)


@pytest.mark.parametrize("seed", range(60))
def test_busy_chambers_too(seed: int) -> None:
    """Stretches as long as the rule's figures, or one second off."""
    check(busy_world(seed), seed, [0, 1, 20, 55][seed % 4])


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(0, 2**32))
def test_records_are_told_once_and_again_when_they_change(world: World, seed: int) -> None:
    """Revisions count up by one, with other figures each time; a day's seconds are the day."""
    chance = Random(seed)  # noqa: S311  (no secret)
    tracker = tracker_of(world)
    last: dict[object, RecordedDay | RecordedLevel] = {}
    coming = arrivals(rows_of(world), chance, latest_us(tracker, 55))
    for _, _, told in walk(tracker, coming, (world.now + 56) * STRETCHED * SECOND_US, chance):
        for each in told:
            key = each.record.day.on if isinstance(each, RecordedDay) else each.to_us
            before = last.get(key)
            if isinstance(each, RecordedDay):
                assert sum(each.record.time_us.values()) == DAY_US
                is_same = isinstance(before, RecordedDay) and before.record == each.record
                assert each.revision == (before.revision if before else 0) + (not is_same)
            else:
                assert before is None or before.record != each.record
                assert each.revision == (before.revision if before else 0) + 1
            last[key] = each


# Time zones, long stays, and what is stored


def test_yesterday_and_today_where_clocks_change() -> None:
    """23 and 25 hours long, and a date that a zone skipped."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    warsaw = ZoneInfo("Europe/Warsaw")
    noon_us = round((date(2022, 3, 28) - date(1970, 1, 1)).total_seconds()) * SECOND_US + 12 * HOUR_US
    yesterday, today = days_around(noon_us, warsaw)
    assert (yesterday.on, yesterday.to_us - yesterday.from_us) == (date(2022, 3, 27), 23 * HOUR_US)
    assert yesterday.to_us == today.from_us
    apia = ZoneInfo("Pacific/Apia")  # it skipped 30 December 2011
    at_us = round((date(2011, 12, 31) - date(1970, 1, 1)).total_seconds()) * SECOND_US
    yesterday, today = days_around(at_us, apia)
    assert (yesterday.on, today.on) == (date(2011, 12, 29), date(2011, 12, 31))


def fill(tracker: ChamberTracker, from_us: int, to_us: int, people: int) -> list[object]:
    """A healthy pump room with so many people, judged as it goes."""
    told: list[object] = []
    for at_us in range(from_us, to_us, 5 * MINUTE_US):
        for role in (Role.VIDEO, Role.PROTECTIONS, Role.LINK):
            tracker.take(role, at_us, value=True)
        tracker.take(Role.CONTROL_MODE, at_us, "auto")
        tracker.take(Role.HEADCOUNT, at_us, people)
        told += tracker.judge(at_us)
    return told


def test_a_state_that_lasts_for_days_knows_since_when() -> None:
    """And so do the post and the spell; what is kept stays two days long."""
    tracker = ChamberTracker(Chamber("C1", Kind.DRAINAGE_PUMP_ROOM), "水泵房", Rule())
    fill(tracker, 0, 5 * DAY_US + HOUR_US, 1)

    now_us = 5 * DAY_US + 55 * MINUTE_US
    assert tracker.now.state is State.CENTRAL_CONTROL
    assert tracker.now.since_us == tracker.now.posted_since_us == Rule().patrol_max_us
    assert tracker.now.presence_since_us == 0
    assert tracker.signals[Signal.LINK].rows().at_us[0] == 4 * DAY_US
    today = tracker.so_far(now_us)
    assert today is not None
    assert today.time_us[State.CENTRAL_CONTROL] == now_us - 5 * DAY_US
    assert sum(today.time_us.values()) == now_us - 5 * DAY_US


def test_declared_and_observed() -> None:
    """A level after days_min days; it does not agree with what is declared while somebody sits there."""
    tracker = ChamberTracker(
        Chamber("C1", Kind.DRAINAGE_PUMP_ROOM), "水泵房", Rule(days_min=2), declared=Level.UNATTENDED
    )
    told = fill(tracker, 0, 3 * DAY_US + HOUR_US, 1)

    levels = [each for each in told if isinstance(each, RecordedLevel)]
    assert [(each.record.level, each.record.agrees, each.revision) for each in levels] == [
        (Level.NO_VERDICT, None, 1),
        (Level.CENTRAL_CONTROL, False, 1),
        (Level.CENTRAL_CONTROL, False, 1),
    ]
    assert [each.to_us for each in levels] == [DAY_US, 2 * DAY_US, 3 * DAY_US]


def day_of(number: int, unattended_us: int) -> RecordedDay:
    """A day with so much unattended time, the rest local."""
    day = Day(date(2022, 1, 1) + timedelta(days=number), number * DAY_US, (number + 1) * DAY_US)
    time_us = dict.fromkeys(State, 0) | {
        State.UNATTENDED: unattended_us, State.LOCAL_CONTROL: DAY_US - unattended_us,
    }  # fmt: skip
    record = DayRecord("C1", day, time_us, 0, 0, 3, HOUR_US, 0)
    return RecordedDay(record, NOTHING_EARLIER, State.UNATTENDED, day.from_us)


def test_a_revised_day_revises_the_levels_over_it() -> None:
    """Those over windows that hold it, and only if they say something else; a missing day comes between the others."""
    book = DayBook(Chamber("C1", Kind.MAIN_BELT), Rule(window_days=3, days_min=1), None)
    for number in (0, 1, 2, 3, 5, 6, 7):
        changed, levels = book.record(day_of(number, DAY_US))
        assert changed is not None
        assert [(each.record.level, each.revision) for each in levels] == [(Level.UNATTENDED, 1)]
    assert book.record(day_of(2, DAY_US)) == (None, [])

    changed, levels = book.record(day_of(2, 0))
    assert changed is not None
    assert changed.revision == 2
    assert [(each.to_us // DAY_US, each.record.level, each.revision) for each in levels] == [
        (3, Level.NOT_YET, 2), (4, Level.NOT_YET, 2), (6, Level.NOT_YET, 2),
    ]  # fmt: skip
    changed, levels = book.record(day_of(4, DAY_US))
    assert [(each.to_us // DAY_US, each.record.from_on.day, each.revision) for each in levels] == [
        (5, 3, 1), (6, 4, 3), (7, 5, 2),
    ]  # fmt: skip


def test_days_of_five_weeks_and_a_window_are_kept() -> None:
    book = DayBook(Chamber("C1", Kind.MAIN_BELT), Rule(), None)
    for number in range(200):
        book.record(day_of(number, DAY_US))
    assert len(book.days) == len(book.levels) == Rule().window_days + LATE_DAYS


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_day_comes_back_as_it_was_stored(data: st.DataObject) -> None:
    """Every figure to the microsecond, and what the next day begins with."""
    instants = st.integers(0, 2_000_000_000_000_000)
    maybe = st.one_of(st.none(), instants)
    spell = st.builds(Spell, instants, instants, st.booleans(), st.booleans(), instants, maybe)
    earlier = st.builds(
        Earlier, maybe, maybe, maybe, st.one_of(st.none(), spell), st.booleans(), maybe, maybe
    )
    times = st.integers(0, DAY_US)
    day = Day(date(2022, 3, 1), 1_646_064_000_000_000, 1_646_150_400_000_000)
    record = DayRecord(
        "C1", day, {state: data.draw(times) for state in State}, data.draw(times), data.draw(times),
        data.draw(st.integers(0, 99)), data.draw(st.one_of(st.none(), instants)), data.draw(times),
    )  # fmt: skip
    told = RecordedDay(
        record,
        data.draw(earlier),
        data.draw(st.sampled_from(State)),
        data.draw(instants),
        data.draw(st.integers(1, 9)),
    )
    point = chamber_facts.day("M1", told)

    assert point.at_ms == day.from_us // 1000
    assert chamber_facts.day_of("C1", day, point.fields) == told
    lacking = {name: value for name, value in point.fields.items() if name != "patrols"}
    assert chamber_facts.day_of("C1", day, lacking) is None
