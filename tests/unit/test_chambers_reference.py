"""The chamber judgement against a second-by-second reference, and what must never change a record."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.chambers.obstacles import Obstacle, passages
from rules.chambers.records import Day, DayRecord, day_records, level_record
from rules.chambers.rule import CONTROL_MODES, Chamber, Kind, Level, Rule, Signal, State
from rules.chambers.state import Course, course, standing
from rules.series import SECOND_US, Samples
from tests.unit import reference_chambers as reference

DAY_S = 60
DAYS = [
    Day(date(2022, 3, 1) + timedelta(days=n), n * DAY_S * SECOND_US, (n + 1) * DAY_S * SECOND_US)
    for n in range(4)
]
SILENT = "no rows at all"
WORDS = {
    "occupancy": ("0", "1", "2", "4", None, SILENT),
    "control_mode": ("auto", "remote", "local", None, SILENT),
    "video": ("1", "0", None, SILENT),
    "protections": ("1", "0", None, SILENT),
    "link": ("1", "0", None, SILENT),
    "door": ("1", "0", None, SILENT),
    "patrol_robot": ("0", "1", None, SILENT),
    "running": ("1", "0", None, SILENT),
}
"""What a signal may say, the usual word first."""
BUSY = ("occupancy", "patrol_robot")
Row = tuple[int, str, str | None]


@st.composite
def series(draw: st.DrawFn, signal: str, rule: reference.Figures) -> list[Row]:
    """Rows of one signal: its usual word, repeated in time, and now and then for a while another one."""
    end = len(DAYS) * DAY_S + 20
    usual = draw(st.sampled_from(["auto", "local"])) if signal == "control_mode" else WORDS[signal][0]
    says: list[str | None] = [usual] * end
    thresholds = (rule.bridge_s, rule.patrol_min_s, rule.patrol_max_s, rule.reentry_s, rule.patrol_interval_s)
    while_s = st.sampled_from([1, 3, 10, 30, 90, *thresholds])
    others = st.lists(
        st.tuples(st.sampled_from([0, 0, 1, 5, 30]), while_s, st.sampled_from(WORDS[signal])),
        min_size=3 if signal in BUSY else 0,
        max_size=12 if signal in BUSY else 2,
    )
    begin = 0
    for pause, lasts, word in draw(others):
        begin += pause
        says[begin : begin + lasts] = [word] * len(says[begin : begin + lasts])
        begin += lasts
    repeat_s = max(1, rule.stale_after_s // 2)
    return [
        (at, signal, word)
        for at, word in enumerate(says)
        if word != SILENT and (at == 0 or word != says[at - 1] or at % repeat_s == 0)
    ]


@st.composite
def figures(draw: st.DrawFn) -> reference.Figures:
    """A rule small enough that every threshold is met within a minute."""
    patrol_max_s = draw(st.integers(2, 25))
    return reference.Figures(
        stale_after_s=draw(st.integers(4, 20)),
        bridge_s=draw(st.integers(0, patrol_max_s - 1)),
        patrol_min_s=draw(st.integers(0, 12)),
        patrol_max_s=patrol_max_s,
        patrol_people_max=draw(st.integers(0, 3)),
        reentry_s=draw(st.integers(0, 40)),
        patrol_interval_s=90 - draw(st.integers(0, 90)),
        window_days=draw(st.integers(1, 4)),
        days_min=draw(st.integers(0, 4)),
        level_share=draw(st.sampled_from([Fraction(1, 2), Fraction(95, 100), Fraction(1), Fraction(1, 10)])),
        patrol_share_max=draw(st.sampled_from([Fraction(1, 5), Fraction(0), Fraction(1)])),
    )


@st.composite
def worlds(draw: st.DrawFn) -> reference.Chamber:
    """A chamber with every signal that it may have, its rows beginning now or later."""
    rule = draw(figures())
    missing = draw(st.sampled_from(["", "", "", "door", "control_mode", "patrol_robot", "occupancy"]))
    rows = [row for signal in reference.SIGNALS if signal != missing for row in draw(series(signal, rule))]
    from_second = draw(st.sampled_from([0, 0, 0, 50, 130]))
    return reference.Chamber(
        kind=draw(
            st.sampled_from(["main_belt", "main_belt", "district_substation", "underground_compressor"])
        ),
        door_required=draw(st.booleans()),
        rows=[row for row in rows if row[0] >= from_second],
        figures=rule,
        now=len(DAYS) * DAY_S + 20 - draw(st.sampled_from([0, 19, 20, 21, 50, 140, 300])),
    )


def busy_world(seed: int) -> reference.Chamber:
    """A chamber by plain chance, most of its stretches as long as one of the rule's figures, or one off."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    patrol_max_s = chance.choice([2, 5, 8, 12, 20, 25])
    rule = reference.Figures(
        stale_after_s=chance.choice([4, 8, 13, 20]),
        bridge_s=chance.randrange(patrol_max_s),
        patrol_min_s=chance.choice([0, 1, 3, 6, 10]),
        patrol_max_s=patrol_max_s,
        patrol_people_max=chance.choice([0, 1, 3, 3]),
        reentry_s=chance.choice([0, 5, 10, 20, 40]),
        patrol_interval_s=chance.choice([0, 10, 30, 60, 90]),
    )
    figures_s = (rule.bridge_s, rule.patrol_min_s, patrol_max_s, rule.reentry_s, rule.patrol_interval_s)
    near_s = [max(1, figure + off) for figure in (*figures_s, rule.stale_after_s) for off in (-1, 0, 1)]
    near_s += [1, 2, 3, patrol_max_s // 2, patrol_max_s - patrol_max_s // 2] * 3
    rows: list[Row] = []
    for signal in reference.SIGNALS:
        usual = WORDS[signal][:2] * 3 if signal in BUSY else WORDS[signal][:1] * 6
        words = (*usual, *WORDS[signal])
        at = chance.choice([0, 0, 0, 5, 30])
        while at < len(DAYS) * DAY_S + 20:
            word = chance.choice(words)
            lasts = max(1, chance.choice(near_s)) if signal in BUSY else chance.randint(1, 90)
            step = chance.choice(
                [1, max(1, rule.stale_after_s // 2), rule.stale_after_s, rule.stale_after_s + 1]
            )
            rows += [(second, signal, word) for second in range(at, at + lasts, step) if word != SILENT]
            at += lasts
    return reference.Chamber(
        kind=chance.choice(["main_belt", "main_belt", "district_substation", "underground_compressor"]),
        door_required=chance.random() < 0.3,
        rows=rows,
        figures=rule,
        now=len(DAYS) * DAY_S + 20 - chance.choice([0, 19, 20, 60, 79, 80, 140, 170]),
    )


def coded(signal: str, word: str | None) -> float | None:
    if word is None:
        return None
    return CONTROL_MODES[word] if signal == "control_mode" else float(word)


def signals_of(rows: list[Row]) -> dict[Signal, Samples]:
    return {
        Signal(signal): Samples.of_rows(
            (at * SECOND_US, coded(signal, word)) for at, of, word in rows if of == signal
        )
        for signal in {of for _, of, _ in rows}
    }


def rule_of(of: reference.Figures) -> Rule:
    return Rule(
        stale_after_us=of.stale_after_s * SECOND_US,
        bridge_us=of.bridge_s * SECOND_US,
        patrol_min_us=of.patrol_min_s * SECOND_US,
        patrol_max_us=of.patrol_max_s * SECOND_US,
        patrol_people_max=of.patrol_people_max,
        reentry_us=of.reentry_s * SECOND_US,
        patrol_interval_us=of.patrol_interval_s * SECOND_US,
        window_days=of.window_days,
        days_min=of.days_min,
        level_share=of.level_share,
        patrol_share_max=of.patrol_share_max,
    )


def chamber_of(world: reference.Chamber) -> Chamber:
    return Chamber("C1", Kind(world.kind), world.door_required)


def judged(world: reference.Chamber, rows: list[Row] | None = None) -> Course:
    rows = world.rows if rows is None else rows
    return course(chamber_of(world), signals_of(rows), rule_of(world.figures), now_us=world.now * SECOND_US)


def records(world: reference.Chamber, rows: list[Row] | None = None) -> tuple[DayRecord, ...]:
    return day_records(judged(world, rows), DAYS)


def expected_days(world: reference.Chamber) -> list[dict[str, object]]:
    return [
        {
            "chamber": "C1",
            "day": day.on.isoformat(),
            **world.day(day.from_us // SECOND_US, day.to_us // SECOND_US),
        }
        for day in DAYS
        if day.to_us <= world.now * SECOND_US
    ]


def test_busy_worlds_are_those_of_the_reference() -> None:
    """Stretches as long as the rule's figures, to the second: where less turns into not less."""
    for seed in range(1000):
        world = busy_world(seed)
        assert [day.as_json() for day in records(world)] == expected_days(world), seed


@settings(max_examples=200, deadline=None)
@given(worlds(), st.sampled_from([None, "unattended", "central_control", "not_yet"]))
def test_days_and_level_are_those_of_the_reference(world: reference.Chamber, declared: str | None) -> None:
    """Every figure of every day that has ended, and the level over them."""
    expected = expected_days(world)
    days = records(world)
    assert [day.as_json() for day in days] == expected

    level = level_record(
        chamber_of(world),
        days,
        rule_of(world.figures),
        declared=None if declared is None else Level(declared),
    )
    if not expected:
        assert level is None
        return
    assert level is not None
    seconds = [{state.value: time_us // SECOND_US for state, time_us in day.time_us.items()} for day in days]
    assert (level.level.value, level.agrees) == reference.level(world.kind, seconds, world.figures, declared)
    assert level.to_on - level.from_on == timedelta(days=min(len(days), world.figures.window_days))


@settings(max_examples=150, deadline=None)
@given(worlds(), st.integers(0, 2**32))
def test_neither_order_nor_repetition_changes_a_record(world: reference.Chamber, seed: int) -> None:
    """Rows shuffled (late data is no other data), given twice, or repeated while their value is known."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    shuffled = chance.sample(world.rows, len(world.rows))
    last = {(at, signal): word for at, signal, word in world.rows}
    shuffled.sort(key=lambda row: last[row[:2]] == row[2])
    assert records(world, shuffled) == records(world)
    assert records(world, world.rows + world.rows) == records(world)
    repeated = [
        (second, signal, word)
        for signal, words in world.words.items()
        for second, word in words.items()
        if chance.random() < 0.2
    ]
    assert records(world, repeated + world.rows) == records(world)


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_a_gap_is_never_anything_but_unknown(world: reference.Chamber) -> None:
    """While a required signal is unknown the state is, and the seven always make up the whole day."""
    known = judged(world).stretches()
    for from_us, to_us, state in known:
        for second in range(from_us // SECOND_US, to_us // SECOND_US):
            lacking = any(world.words[signal].get(second) is None for signal in world.required())
            assert (state is State.UNKNOWN) == lacking
    for day in records(world):
        assert sum(day.time_us.values()) == day.day.to_us - day.day.from_us
        assert min(day.time_us.values()) >= 0


@settings(max_examples=150, deadline=None)
@given(
    worlds(),
    st.sampled_from(["control_mode", "video", "protections", "link"]),
    st.integers(0, 2**32),
)
def test_losing_a_machine_signal_never_adds_good_time(
    world: reference.Chamber, signal: str, seed: int
) -> None:
    """Rows of a required machine signal turned bad never make a day look better."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    lost = [(at, of, None if of == signal and chance.random() < 0.3 else word) for at, of, word in world.rows]
    good = (State.UNATTENDED, State.PATROL, State.CENTRAL_CONTROL)
    for before, after in zip(records(world), records(world, lost), strict=True):
        assert sum(after.time_us[s] for s in good) <= sum(before.time_us[s] for s in good)


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_obstacles_explain_the_state(world: reference.Chamber) -> None:
    """None: unattended; only that somebody is there: patrol; something unknown: unknown."""
    assume(world.figures.patrol_interval_s > 0)
    course_ = judged(world)
    explained = passages(course_, signals_of(world.rows), rule_of(world.figures))
    for passage in explained:
        obstacles = passage.obstacles
        assert (passage.state is State.UNATTENDED) == (obstacles == ())
        assert (passage.state is State.PATROL) == (obstacles == (Obstacle.OCCUPIED,))
        assert (passage.state is State.UNKNOWN) == any(o.endswith("_unknown") for o in obstacles)
    spent = {state: sum(p.to_us - p.from_us for p in explained if p.state is state) for state in State}
    for from_us, to_us, state in course_.stretches():
        spent[state] -= to_us - from_us
    assert set(spent.values()) == {0}


@settings(max_examples=150, deadline=None)
@given(worlds(), st.integers(0, len(DAYS) * DAY_S))
def test_standing_is_the_state_at_now(world: reference.Chamber, now: int) -> None:
    """What a screen shows is the state of the instant now, as it is judged a moment later."""
    rows = [row for row in world.rows if row[0] <= now]
    at_once = reference.Chamber(world.kind, world.door_required, rows, world.figures, now + 1)
    shown = standing(chamber_of(world), signals_of(rows), rule_of(world.figures), now_us=now * SECOND_US)
    assume(all(now + 1 - spell.end != world.figures.patrol_max_s for spell in at_once.spells))
    assert shown.state == at_once.state(now)


@settings(max_examples=300, deadline=None)
@given(worlds(), st.integers(0, len(DAYS) * DAY_S))
def test_standing_says_how_long_it_holds_by_itself(world: reference.Chamber, now: int) -> None:
    """Without further rows nothing of it changes before `until_us`, and the visit age does not become too long."""
    signals = signals_of([row for row in world.rows if row[0] <= now])
    chamber, rule, now_us = chamber_of(world), rule_of(world.figures), now * SECOND_US
    first = standing(chamber, signals, rule, now_us=now_us)
    assert first.until_us > now_us
    horizon_us = now_us + 100 * SECOND_US
    for at_us in {*range(now_us, horizon_us, SECOND_US), *range(now_us - 1, horizon_us, SECOND_US)}:
        if now_us < at_us < first.until_us:
            later = standing(chamber, signals, rule, now_us=at_us)
            overdue = [(s.visit_age_us or 0) >= rule.patrol_interval_us for s in (first, later)]
            assert overdue[0] == overdue[1]
            assert replace(later, visit_age_us=None, until_us=0) == replace(
                first, visit_age_us=None, until_us=0
            )
