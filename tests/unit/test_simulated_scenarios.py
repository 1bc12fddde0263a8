"""Pins the scenarios: each does to the mine what its file says must come of it, as the rules judge it."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest

from contract.datatype import Value
from contract.errors import Misconfigured
from contract.vocabulary.roles import BY_METRIC, Role
from rules.chambers.rule import CONTROL_MODES, Chamber, Kind, Rule, Signal, State
from rules.chambers.state import course
from rules.series import Samples
from rules.shift_calendar import Shift as CalendarShift
from rules.shift_calendar import ShiftKind
from rules.staffing import FaceRule, ShiftRecord, StaffingRule, evaluate_shift, headcount_known
from simulators import scenario_form, scenarios
from simulators.mine import Mine
from simulators.plant import AREAS, FACES
from simulators.scenario import USUAL, Machine, Source
from simulators.scenario_form import (
    ExpectedChamber,
    ExpectedShift,
    ExpectedShifts,
    ExpectedSignal,
    ScenarioForm,
)
from simulators.shifts import HOUR_MS, MINUTE_MS, Shift, shift_at

STEP_MS = 20_000
HEADCOUNT = "Personnel/Headcount"
MORNING_MS = 1_646_101_800_000  # 2022-03-01T10:30:00+08:00, in a 八点班
NIGHT_MS = 1_790_005_500_000  # 2026-09-21T23:45:00+08:00, before a 零点班
RUNS = [(MORNING_MS, 1), (NIGHT_MS, 5)]


@cache
def form(name: str) -> ScenarioForm:
    return scenario_form.load(scenarios.text(name), name)


def mine_of(name: str, start_ms: int, seed: int) -> Mine:
    return Mine(seed, start_ms, form(name).starting(start_ms))


def values(
    mine: Mine, area: str, metric: str, from_ms: int, to_ms: int
) -> Iterator[tuple[int, Value | None]]:
    """What a signal reads, every twenty seconds."""
    for at_ms in range(from_ms, to_ms, STEP_MS):
        mine.advance(at_ms)
        yield at_ms, mine.value(area, metric)


def samples(mine: Mine, area: str, metric: str, from_ms: int, to_ms: int) -> Samples:
    """The same as rules take it."""

    def number(value: Value | None) -> float | None:
        return CONTROL_MODES[value] if isinstance(value, str) else None if value is None else float(value)

    return Samples.of_rows(
        (at_ms * 1000, number(value)) for at_ms, value in values(mine, area, metric, from_ms, to_ms)
    )


def cases(part: str) -> list[object]:
    """What the files expect of a kind, for each run."""
    return [
        pytest.param(name, expected, start_ms, seed, id=f"{name}-{number}-seed{seed}")
        for name in scenarios.names()
        for number, expected in enumerate(getattr(form(name).expected, part))
        for start_ms, seed in RUNS
    ]


# --- what must come of each


def judged(mine: Mine, face: str, shift: Shift) -> ShiftRecord:
    """A shift of a face, from its headcount alone."""
    area = next(area for area in FACES if area.code == face)
    rule, of_face = StaffingRule(), FaceRule(kind=area.kind, intelligent=True, hazard="severe")  # type: ignore[arg-type]
    ends_us, now_us = shift.end_ms * 1000, (shift.end_ms + HOUR_MS) * 1000
    rows = samples(mine, face, HEADCOUNT, shift.start_ms, shift.end_ms + 10 * MINUTE_MS)
    kind: ShiftKind = "production" if shift.is_production else "maintenance"
    in_calendar = CalendarShift(face, date(2022, 3, 1), shift.name, kind, shift.start_ms * 1000, ends_us)
    known = headcount_known(of_face, rule, rows, None, now_us)
    return evaluate_shift(in_calendar, of_face, rule, headcount=known, cards=None, now_us=now_us)


@pytest.mark.parametrize(("name", "expected", "start_ms", "seed"), cases("shift"))
def test_shifts_are_judged_as_expected(name: str, expected: ExpectedShift, start_ms: int, seed: int) -> None:
    shift = shift_at(expected.shift.at_ms(start_ms))
    record = judged(mine_of(name, start_ms, seed), expected.face, shift)
    assert (record.verdict, record.reason) == (expected.verdict, expected.reason)


@pytest.mark.parametrize(("name", "expected", "start_ms", "seed"), cases("shifts"))
def test_as_many_shifts_are_within_as_expected(
    name: str, expected: ExpectedShifts, start_ms: int, seed: int
) -> None:
    """Of those judged; every one of them has enough data to be judged."""
    span, mine = expected.span(start_ms), mine_of(name, start_ms, seed)
    shifts = [
        Shift(index) for index in range(shift_at(span.from_ms).index, shift_at(span.to_ms - 1).index + 1)
    ]
    verdicts = [judged(mine, expected.face, shift).verdict for shift in shifts if shift.is_production]
    assert set(verdicts) <= {"within", "exceeded"}
    assert verdicts.count("within") / len(verdicts) >= expected.within_share


@pytest.mark.parametrize(("name", "expected", "start_ms", "seed"), cases("chamber"))
def test_chambers_are_in_the_states_expected(
    name: str, expected: ExpectedChamber, start_ms: int, seed: int
) -> None:
    """Nine hours before the time are judged too, so that a patrol is known."""
    span, mine = expected.span(start_ms), mine_of(name, start_ms, seed)
    kind = Kind(next(area.kind for area in AREAS if area.code == expected.chamber))
    rows = {
        signal_of(role): samples(mine, expected.chamber, metric, span.from_ms - 9 * HOUR_MS, span.to_ms)
        for metric, role in BY_METRIC.items()
        if (expected.chamber, metric) in mine.signals
    }
    found = course(Chamber(expected.chamber, kind), rows, Rule(), now_us=span.to_ms * 1000)
    from_us, to_us = span.from_ms * 1000, (span.to_ms - STEP_MS) * 1000
    lasted_us = {state.value: 0 for state in State}
    for begin_us, end_us, state in found.stretches():
        lasted_us[state] += max(0, min(end_us, to_us) - max(begin_us, from_us))
    there_us = sum(lasted_us[state] for state in expected.states)
    assert there_us / (to_us - from_us) >= expected.share, lasted_us


def signal_of(role: Role) -> Signal:
    """The chamber's signal that a role is."""
    return Signal.OCCUPANCY if role is Role.HEADCOUNT else Signal(role.value)


@pytest.mark.parametrize(("name", "expected", "start_ms", "seed"), cases("signal"))
def test_signals_read_as_expected(name: str, expected: ExpectedSignal, start_ms: int, seed: int) -> None:
    span, mine = expected.span(start_ms), mine_of(name, start_ms, seed)
    read = [value for _, value in values(mine, expected.area, expected.metric, span.from_ms, span.to_ms)]
    if expected.is_missing:
        assert set(read) == {None}
        return
    highest = max(float(value) for value in read if value is not None and not isinstance(value, str))
    assert highest >= (highest if expected.reaches is None else expected.reaches)
    assert expected.stays_below is None or highest < expected.stays_below


@pytest.mark.parametrize("name", scenarios.names())
def test_every_scenario_says_what_is_expected(name: str) -> None:
    assert form(name).expected.says.strip()
    assert " / " in form(name).title


def test_expectations_can_fail() -> None:
    """Without its scenario the mine does none of it."""
    usual = Mine(1, MORNING_MS)
    for name in ("overstaffed_shift", "intruder", "sensor_death", "gas_rise", "plc_restart"):
        for expected in form(name).expected.signal:
            span = expected.span(MORNING_MS)
            read = [v for _, v in values(usual, expected.area, expected.metric, span.from_ms, span.to_ms)]
            highest = max(float(value) for value in read if value is not None and not isinstance(value, str))
            assert not expected.is_missing or None not in read
            assert expected.reaches is None or highest < expected.reaches
    production = shift_at(form("overstaffed_shift").expected.shift[0].shift.at_ms(MORNING_MS))
    assert judged(usual, "F14031", production).verdict == "within"


# --- a function of seed, instant and start


@pytest.mark.parametrize("name", scenarios.names())
def test_a_scenario_repeats_itself(name: str) -> None:
    """However it is asked: every signal, at instants in any order, against a mine made anew."""
    scenario = form(name).starting(MORNING_MS)
    instants = [
        event.from_ms + offset_ms
        for event in scenario.timetable
        for offset_ms in (0, 61_000)
        if event.from_ms < MORNING_MS + 48 * HOUR_MS
    ]
    mine = Mine(3, MORNING_MS, scenario)
    for at_ms in [*reversed(instants), *instants, MORNING_MS]:
        mine.advance(at_ms)
        fresh = Mine(3, at_ms, form(name).starting(MORNING_MS))
        assert {tag: mine.value(*tag) for tag in mine.signals} == {
            tag: fresh.value(*tag) for tag in fresh.signals
        }


def test_outside_its_times_a_scenario_changes_nothing() -> None:
    scenario = form("sensor_death").starting(MORNING_MS)
    mine, usual = Mine(1, MORNING_MS, scenario), Mine(1, MORNING_MS)
    assert {tag: mine.value(*tag) for tag in mine.signals} == {
        tag: usual.value(*tag) for tag in usual.signals
    }


def test_visitors_walk_and_are_counted_once() -> None:
    """They come through the roadway, and nobody else changes his place for them."""
    scenario = form("overstaffed_shift").starting(MORNING_MS)
    mine, usual = Mine(1, MORNING_MS, scenario), Mine(1, MORNING_MS)
    (visit,) = scenario.visits
    assert len(mine.people.roster()) == len(usual.people.roster()) + 5
    for minute in range(-40, 150):
        at_ms = visit.from_ms + minute * MINUTE_MS
        own = [usual.people.place(person, at_ms) for person in usual.people.roster()]
        assert own == [mine.people.place(person, at_ms) for person in usual.people.roster()]
        extra = mine.people.headcount("F14031", at_ms) - usual.people.headcount("F14031", at_ms)
        assert extra == (5 if 2 <= minute < 90 else 0 if not -1 <= minute <= 92 else extra)


# --- clocks


def test_clocks_jump_in_their_time_only() -> None:
    scenario = form("clock_jump").starting(MORNING_MS)
    minutes = (0, 5, 34, 35, 40, 69, 70)
    ahead = [
        [scenario.shown_ms(source, at := MORNING_MS + minute * MINUTE_MS) - at for minute in minutes]
        for source in Source
    ]
    forward, back = 45 * MINUTE_MS, -60 * MINUTE_MS
    assert ahead == [[0, forward, forward, 0, 0, 0, 0], [0, 0, 0, 0, back, back, 0]]
    assert USUAL.shown_ms(Source.OPCUA, 5) == 5


# --- what people write


GOOD = """title = "t"
about = "a"
[[visit]]
place = "F14031"
people = 2
post = "p"
at = "start"
for = "1h"
[[sensor]]
area = "F14031"
metric = "Gas 1/Methane"
kind = "rises"
by = 0.5
over = "5m"
at = "start + 5m"
for = "1h"
[[fault]]
kind = "late"
delay_s = 2
at = "start"
[[fault]]
kind = "cut"
machine = "opcua"
at = "start"
[[file]]
kind = "stale"
at = "production"
for = "5m"
[[clock]]
source = "opcua"
by = "-5m"
at = "start"
[expected]
says = "s"
"""


def test_a_good_file_is_taken() -> None:
    scenario = scenario_form.load(GOOD, "x.toml").starting(MORNING_MS)
    assert [len(scenario.faults[machine]) for machine in Machine] == [1, 1]
    assert len(scenario.timetable) == 6
    assert [event.from_ms for event in scenario.timetable] == sorted(e.from_ms for e in scenario.timetable)


@pytest.mark.parametrize(
    ("line", "instead", "what"),
    [
        (4, 'place = "F1"', "the mine has no area 'F1'"),
        (5, "people = 0", "greater than or equal to 1"),
        (5, "persons = 2", "unknown key"),
        (7, 'at = "noon"', "must be as"),
        (8, 'for = "8h"', "less than or equal to 25200000"),
        (8, 'for = "0m"', "greater than 0"),
        (11, 'metric = "Gas 9/Methane"', "has no signal"),
        (12, 'kind = "wrong"', "does not match"),
        (18, 'kind = "slow"', "'delay'"),
        (19, "delay_s = -1", "greater than 0"),
        (19, "share = 0.5", "unknown key"),
        (23, 'machine = "radio"', "'modbus' or 'opcua'"),
        (26, 'kind = "old"', "'incomplete'"),
        (31, 'by = "5 minutes"', "must be a duration"),
        (34, "say = 1", "unknown key"),
    ],
)
def test_faults_are_told_with_their_line(line: int, instead: str, what: str) -> None:
    lines = GOOD.splitlines()
    lines[line - 1] = instead
    with pytest.raises(Misconfigured, match=re.escape(what)) as raised:
        scenario_form.load("\n".join(lines), "x.toml")
    tables = [number for number in range(1, line + 1) if lines[number - 1].startswith("[")]
    assert any(what in fault.what and fault.line in (line, tables[-1]) for fault in raised.value.faults), str(
        raised.value
    )
