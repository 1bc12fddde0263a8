"""Limits, delays and doubts of alarms, and which rule holds for a point."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import config_form
from contract.errors import Misconfigured
from contract.quality import Quality
from gateway.alarm_config import PACKS, Alarms, rulebook
from rules.alarms import doubt
from rules.alarms.condition import Condition
from rules.alarms.doubt import Doubt
from rules.alarms.judged import Judged
from rules.alarms.limits import Limits, Side
from rules.alarms.rule import FlagRule, JudgedRule, LimitRule, Place, RuleFile
from rules.alarms.rulebook import Rulebook, Where
from rules.series import SECOND_US

S = SECOND_US


def levels(limits: Limits, values: list[float]) -> list[int]:
    """The level after each value, without delays."""
    condition = Condition(len(limits.marks))
    found = []
    for at, value in enumerate(values):
        condition.take(limits.wanted(value, [latch.is_on for latch in condition.latches]), at)
        found.append(condition.settle(at))
    return found


@pytest.mark.parametrize(
    ("limits", "values", "wanted"),
    [
        (Limits(Side.HIGH, 1.0, 1.5, 1.0), [0.99, 1.0, 1.49, 1.5, 1.2, 1.0, 0.99], [0, 1, 1, 2, 2, 2, 0]),
        (Limits(Side.HIGH, 1.0, 1.0, 1.0), [0.99, 1.0, 0.99], [0, 2, 0]),
        (Limits(Side.HIGH, 90, 100, 99), [90, 100, 99, 98.9, 90, 89.9], [1, 2, 2, 1, 1, 0]),
        (Limits(Side.HIGH, 70, 80, 68), [70, 69, 68, 67.9], [1, 1, 1, 0]),
        (Limits(Side.HIGH, 1.5), [1.5, 1.49], [1, 0]),
        (Limits(Side.HIGH, 26.1, 30.1), [30.1, 30.0, 26.0], [2, 1, 0]),
        (Limits(Side.LOW, 0.25), [0.26, 0.25, 0.2, 0.26], [0, 1, 1, 0]),
        (Limits(Side.LOW, 25, reset=28), [25, 27, 28, 28.1], [1, 1, 1, 0]),
        (Limits(Side.LOW, 5, 3, 6), [5, 3, 5.5, 6.1], [1, 2, 2, 0]),
    ],
)
def test_three_numbers_on_both_sides(limits: Limits, values: list[float], wanted: list[int]) -> None:
    """Alarm and trip from their number on, off below reset; the table of domain.md §4.1 is made of these."""
    assert limits.fault is None
    assert levels(limits, values) == wanted


@pytest.mark.parametrize(
    "limits",
    [
        Limits(Side.HIGH, 2.0, 1.5),
        Limits(Side.LOW, 2.0, 2.5),
        Limits(Side.HIGH, 1.0, 1.5, 1.6),
        Limits(Side.LOW, 1.0, reset=0.9),
    ],
)
def test_numbers_that_make_no_sense(limits: Limits) -> None:
    """An alarm that ends before it begins, a trip before its alarm."""
    assert limits.fault


def test_delays_count_known_time_only() -> None:
    """Ten seconds to raise; an unknown stretch within them neither counts nor breaks."""
    condition = Condition(1, on_us=10 * S, off_us=5 * S)
    condition.take((True,), 0)
    assert condition.settle(9 * S) == 0
    condition.pause(9 * S)
    assert condition.settle(60 * S) == 0
    condition.take((True,), 60 * S)
    assert condition.settle(60 * S) == 0
    assert condition.settle(61 * S) == 1
    condition.take((False,), 62 * S)
    condition.take((True,), 66 * S)
    assert condition.settle(80 * S) == 1
    condition.take((False,), 80 * S)
    assert (condition.settle(85 * S), condition.is_turning) == (0, False)


def test_swinging_over_the_trip_is_over_the_alarm_all_the_time() -> None:
    """Each level has a clock of its own."""
    condition = Condition(2, on_us=3 * S)
    for second in range(5):
        condition.take((True, second % 2 == 1), second * S)
        condition.settle(second * S)
    assert condition.level == 1


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from([None, 0.5, 1.2, 1.7])), max_size=40))
def test_without_delays_only_the_newest_good_value_counts(steps: list[tuple[int, float | None]]) -> None:
    """However much is unknown in between; with equal alarm and reset there is no memory below the trip."""
    limits = Limits(Side.HIGH, 1.0, 1.5, 1.0)
    condition = Condition(2)
    at, last = 0, 0.0
    for after, value in steps:
        at += after
        if value is None:
            condition.pause(at)
        else:
            condition.take(limits.wanted(value, [latch.is_on for latch in condition.latches]), at)
            last = value
        condition.settle(at)
    assert (condition.level > 0) == (last >= 1.0)


def test_doubts() -> None:
    """MT/T 1201.1: a mask, sums allowed; or words."""
    assert doubt.by_quality(Quality.GOOD) is None
    assert doubt.by_quality(Quality.STALE) is Doubt.STALE
    assert [doubt.by_status(word) for word in (0, 1, 3, 4, 5, 8, 16, 129)] == [
        None, None, None, Doubt.CALIBRATION, Doubt.CALIBRATION, Doubt.OUT_OF_RANGE, Doubt.SENSOR, Doubt.SENSOR,
    ]  # fmt: skip
    assert doubt.by_status("报警+标校") is Doubt.CALIBRATION
    assert doubt.by_status("Calibration") is Doubt.CALIBRATION
    assert doubt.by_status("normal") is None
    assert doubt.by_range(-2.0, 0, 4) is doubt.by_range(4.1, 0, 4) is Doubt.OUT_OF_RANGE
    assert doubt.by_range(0.0, 0, 4) is doubt.by_range(4.0, 0, 4) is doubt.by_range(1e9, None, None) is None


PLACES = {
    ("mining_face", "Gas 1/Methane"): (1.0, 1.5, 1.0),
    ("mining_face", "Gas 2/Methane"): (1.0, 1.5, 1.0),
    ("mining_face", "Gas 3/Methane"): (1.0, 1.0, 1.0),
    ("driving_face", "Gas 1/Methane"): (1.0, 1.5, 1.0),
    ("driving_face", "Gas 2/Methane"): (1.0, 1.0, 1.0),
    ("gas_drainage_station", "Gas/Methane"): (0.5, None, None),
    ("", "Gas 7/Methane"): (1.0, None, None),
}


@pytest.mark.parametrize(("where", "numbers"), PLACES.items(), ids=str)
def test_methane_by_place(where: tuple[str, str], numbers: tuple[float | None, ...]) -> None:
    """The packs as they ship, for the numbering of this project's point tables."""
    (rule,) = rulebook(Alarms()).limits_for(Where("m1", "A", *where))
    assert (rule.alarm, rule.trip, rule.reset) == numbers
    assert rule.quiet.value == "never"
    assert rule.basis


def test_every_judgement_has_a_rule_and_every_figure_its_basis() -> None:
    """Nothing that ships claims an authority silently."""
    book = rulebook(Alarms())
    assert all(book.judged_for(judged, "m", "a", "") for judged in Judged)
    assert all(rule.basis for file in book.files for rule in (*file.limit, *file.flag))
    assert len(book.files) == len(PACKS)


def own(text: str) -> Rulebook:
    """The packs with a file of one's own over them."""
    return Rulebook((*rulebook(Alarms()).files, config_form.load(RuleFile, text, "own.toml")))


def test_own_rules_hold_over_the_packs_as_a_whole() -> None:
    """For one point, one mine, or a place that a sensor of one's own hangs at; `off` removes."""
    book = own("""
        [[place]]
        metric = "Gas 4/Methane"
        areas = ["F1"]
        place = "intake_gassy"
        [[limit]]
        metric = "Pump 2/Vibration"
        mines = ["m1"]
        alarm = 9.0
        [[limit]]
        metric = "Pump/Bearing Temperature"
        alarm = 0
        off = true
        [[flag]]
        metric = "Belt/Trips"
        words = { slip = "打滑" }
        off = true
        [[judged]]
        judged = "door_open"
        areas = ["C1"]
        off = true
    """)
    assert book.limits_for(Where("m1", "F1", "mining_face", "Gas 4/Methane"))[0].alarm == 0.5
    assert book.limits_for(Where("m1", "F2", "mining_face", "Gas 4/Methane"))[0].alarm == 1.0
    assert book.limits_for(Where("m1", "C1", "", "Pump 2/Vibration"))[0].trip is None
    assert book.limits_for(Where("m2", "C1", "", "Pump 2/Vibration"))[0].trip == 7.1
    assert book.limits_for(Where("m1", "C1", "", "Pump 1/Bearing Temperature")) == []
    assert book.flags_for(Where("m1", "B", "main_belt", "Belt/Trips")) is None
    assert book.judged_for(Judged.DOOR_OPEN, "m1", "C1", "other") is None
    assert book.judged_for(Judged.DOOR_OPEN, "m1", "C2", "other") is not None


def test_both_sides_are_rules_of_their_own() -> None:
    """An own high side leaves the low one alone."""
    book = own('[[limit]]\nmetric = "Environment/Air Speed"\nalarm = 8.0\n')
    rules = book.limits_for(Where("m", "F", "driving_face", "Environment/Air Speed"))
    assert {rule.side: rule.alarm for rule in rules} == {Side.HIGH: 8.0, Side.LOW: 0.25}


def test_a_point_outside_the_vocabulary_is_named_exactly() -> None:
    """What a foreign edge sends."""
    book = own('[[limit]]\npoint = "PLC1.DB3.Temp"\nalarm = 80\n')
    assert book.limits_for(Where("m", "A", "", "PLC1.DB3.Temp"))[0].alarm == 80
    assert book.limits_for(Where("m", "A", "", "PLC1.DB3.Temp2")) == []


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[[limit]]\nmetric = "Gas 1/Methan"\nalarm = 1', 1, "not of the vocabulary"),
        ('[[limit]]\nmetric = "Belt/Trips"\nalarm = 1', 1, "is no number"),
        ("[[limit]]\nalarm = 1", 1, "name its points"),
        ('[[limit]]\nmetric = "Gas/Methane"\nalarm = 2\ntrip = 1', 1, "trip 1.0 must be"),
        ('[[limit]]\nmetric = "Gas/Methane"\nalarm = 2\npriority = "loud"', 4, "low, medium, high, critical"),
        ('[[limit]]\nmetric = "Gas/Methane"\nalarm = 2\nkinds = ["face"]', 1, "unknown kind 'face'"),
        ('[[flag]]\nmetric = "Sump/High Level"', 1, "exactly one of"),
        ('[[flag]]\nmetric = "Pump/Status"\nbits = { "3" = "x" }', 1, "one bit"),
        ('[[judged]]\njudged = "weather"', 2, "judged"),
        ('[[limit]]\nmetric = "Gas/Methane"\nalarm = 2\nhigh = 3', 4, "unknown key"),
    ],
)
def test_faults_are_told_with_their_line(text: str, line: int, said: str) -> None:
    """File, line and what to mend."""
    with pytest.raises(Misconfigured) as caught:
        config_form.load(RuleFile, text, "own.toml")
    (fault,) = caught.value.faults
    assert (fault.line, said in fault.what) == (line, True), fault


def test_all_files_faults_come_at_once(tmp_path: Path) -> None:
    """Two faults of the own file, both told."""
    file = tmp_path / "own.toml"
    file.write_text('[[limit]]\nalarm = 1\n[[flag]]\nmetric = "Gas/Methane"\n', encoding="utf-8")
    with pytest.raises(Misconfigured) as caught:
        rulebook(Alarms(rules=file))
    assert len(caught.value.faults) == 2
    with pytest.raises(Misconfigured, match="cannot be read"):
        rulebook(Alarms(rules=tmp_path / "none.toml"))


def test_the_sample_of_own_rules_loads() -> None:
    """As it is, over the packs."""
    sample = Path(__file__).parents[2] / "deploy" / "alarms" / "alarms.sample.toml"
    book = rulebook(Alarms(rules=sample))
    assert book.place_of(Where("m", "F14031", "mining_face", "Gas 4/Methane")) == "intake_gassy"
    assert book.judged_for(Judged.PATROL_OVERDUE, "m", "C-COMP", "") is None


def test_the_page_explains_every_key_judgement_and_place() -> None:
    """Who writes rules needs no source code."""
    text = (Path(__file__).parents[2] / "docs" / "alarms.md").read_text(encoding="utf-8")
    keys = {name for model in (LimitRule, FlagRule, JudgedRule, Place) for name in model.model_fields}
    places = {place.place for file in rulebook(Alarms()).files for place in file.place}
    assert not {word for word in {*keys, *places, *Judged} if f"`{word}`" not in text}
