"""What a gateway's values do to alarms: only live and good ones raise or clear; all else is shown as what it is."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from contract.quality import Quality
from rules.alarms.alarm import Alarm, Priority, State
from tests.alarm_scene import MINE, START_MS, Scene, ms

GAS = "Gas 1/Methane"
BELT = '[[flag]]\nmetric = "Belt/Trips"\nwords = { slip = "打滑", torn = "纵撕" }\n'


def codes(scene: Scene) -> set[str]:
    """What is open."""
    return {alarm.key.code for alarm in scene.open}


def doubt_of(alarm: Alarm) -> str | None:
    """Why it is not judged now."""
    return alarm.doubt


def test_upper_corner_alarms_trips_and_returns() -> None:
    """At once, with value, limit and words; the trip asks again."""
    scene = Scene()
    scene.say(0, {GAS: 0.9})
    scene.say(1, {GAS: 1.1})
    alarm = scene.only
    assert (alarm.key.area, alarm.value, alarm.limit, alarm.definition.unit) == ("F1", 1.1, 1.0, "%")
    assert alarm.words == ("上隅角甲烷 超上限报警", "methane, upper corner: above the alarm limit")
    assert alarm.priority is Priority.HIGH
    scene.board.acknowledge(alarm.key, "张三", "", ms(2) * 1000)
    scene.say(3, {GAS: 1.6})
    assert (scene.only.state, scene.only.limit, scene.only.priority) == (
        State.UNACKNOWLEDGED,
        1.5,
        Priority.CRITICAL,
    )
    scene.say(4, {GAS: 1.2})
    assert scene.only.level == 2  # power may not return before 1.0
    scene.say(5, {GAS: 0.99})
    assert scene.only.state is State.RETURNED
    assert scene.only.value == 0.99


def test_late_values_neither_raise_nor_clear_and_are_counted() -> None:
    """Back-fill after an outage: a peak of an hour ago, and a calm of five minutes ago, change nothing."""
    scene = Scene()
    scene.say(0, {GAS: 0.5})
    for second in range(-3600, -3590):
        scene.say(1, {GAS: 2.0}, made=second)
    assert scene.open == []
    scene.say(2, {GAS: 1.2})
    scene.say(3, {GAS: 0.1}, made=-300)
    assert scene.only.level == 1
    assert scene.points.counts["late"] == 11


def test_newer_than_known_but_old_is_late_too() -> None:
    """A foreign edge that sends its history first, without saying so."""
    scene = Scene()
    scene.say(0, {GAS: 2.0}, made=-61)
    assert scene.open == []
    scene.say(0, {GAS: 2.0}, made=-59)
    assert scene.only.level == 2


def test_live_is_younger_than_the_limit_and_not_older_than_what_is_known() -> None:
    """To the millisecond; of two values of one instant the last one holds, as in a file: it may be the tenth."""
    scene = Scene()
    scene.say(0, {GAS: 2.0}, made=-60)
    assert scene.open == []
    scene = Scene()
    scene.say(0, {GAS: 2.0}, made=-59.999)
    assert scene.only.level == 2
    scene = Scene()
    scene.say(0, {GAS: 0.2})
    scene.say(0.1, {GAS: 1.2}, made=0)
    assert scene.only.level == 1


def test_age_is_measured_by_the_gateways_own_clock() -> None:
    """A gateway ten minutes behind is not late, one ten minutes ahead is not early."""
    for offset_s in (600, -500):
        scene = Scene()
        scene.node.clock_offset_ms = offset_s * 1000
        scene.say(0, {GAS: 1.2}, made=-offset_s)
        assert scene.only.raised_us == START_MS * 1000
        scene.say(1, {GAS: 0.2}, made=-offset_s + 1)
        assert scene.only.state is State.RETURNED


def test_stale_and_bad_neither_raise_nor_clear() -> None:
    """The alarm stays, unverified; the next good value says what is true."""
    scene = Scene()
    scene.say(0, {GAS: 1.2})
    scene.say(1, {GAS: None}, quality=Quality.STALE)
    assert (scene.only.level, scene.only.doubt) == (1, "stale")
    scene.say(2, {GAS: None}, quality=Quality.BAD)
    assert scene.only.doubt == "bad"
    assert [watch.doubt for watch in scene.points.unjudged(MINE)] == ["bad"]
    scene.say(3, {GAS: 1.3})
    assert (scene.only.level, doubt_of(scene.only)) == (1, None)
    assert list(scene.points.unjudged(MINE)) == []


def test_a_death_mark_counts_whatever_its_time() -> None:
    """It stands at the centre's time; the gateway's clock is ten minutes ahead."""
    scene = Scene()
    scene.node.clock_offset_ms = -600_000
    scene.say(0, {GAS: 1.2}, made=600)
    scene.say(5, {GAS: None}, made=600.001, quality=Quality.STALE)
    assert scene.only.doubt == "stale"


def test_calibration_and_out_of_range_are_shown_and_raise_nothing() -> None:
    """By the status word, by the range that the birth tells, else by the rule's."""
    scene = Scene()
    scene.say(0, {"Gas 1/Status": 4.0})
    scene.say(1, {GAS: 2.0})
    assert scene.open == []
    (watch,) = scene.points.unjudged(MINE)
    assert (watch.value, watch.doubt) == (2.0, "calibration")
    scene.say(2, {"Gas 1/Status": 0.0})
    assert scene.open == []  # read under calibration: the next value counts
    scene.say(3, {GAS: 30.0})
    assert scene.open == []
    assert [watch.doubt for watch in scene.points.unjudged(MINE)] == ["out_of_range"]
    scene.state("F1", GAS).high = 40.0
    scene.say(4, {GAS: 30.0})
    assert scene.only.level == 2
    scene.say(5, {GAS: -2.0})
    assert (scene.only.level, scene.only.doubt) == (2, "out_of_range")
    scene.state("F1", GAS).low = -5.0
    scene.say(6, {GAS: -2.0})
    assert scene.only.level == 0


def test_calibration_of_an_active_alarm_leaves_it_standing() -> None:
    """Neither cleared by the pure air nor raised by the test gas."""
    scene = Scene()
    scene.say(0, {GAS: 1.2, "Gas 1/Status": 1.0})
    scene.say(1, {"Gas 1/Status": 4.0})
    assert scene.only.doubt == "calibration"
    scene.say(2, {GAS: 0.0})
    scene.say(3, {GAS: 3.9})
    assert scene.only.level == 1


def test_another_unit_is_not_judged() -> None:
    """0.6 of something else is no methane of ours; written °C or ℃ is the same."""
    scene = Scene()
    scene.state("F1", GAS).unit = "ppm"
    scene.state("F1", "Environment/Temperature").unit = "°C"
    scene.say(0, {GAS: 9_000.0, "Environment/Temperature": 20.0})
    assert [(watch.where.metric, watch.doubt) for watch in scene.points.unjudged(MINE)] == [(GAS, "unit")]


def test_no_data_is_an_alarm_of_its_own() -> None:
    """After three minutes without a good value; late ones do not end it, a good one does."""
    scene = Scene()
    scene.say(0, {GAS: 0.3})
    scene.say(100, {GAS: None}, quality=Quality.BAD)
    scene.tick(179)
    assert scene.open == []
    scene.tick(180)
    assert scene.only.key.code == "no_data"
    scene.say(181, {GAS: 0.3}, made=50)
    assert scene.only.level == 1
    scene.say(182, {GAS: 0.3})
    assert scene.only.state is State.RETURNED


def test_no_data_ends_with_the_value_that_stood_before() -> None:
    """Nothing came at all, and what comes then is as calm as what was there."""
    scene = Scene()
    scene.say(0, {GAS: 0.3})
    scene.tick(180)
    assert scene.only.key.code == "no_data"
    scene.say(181, {GAS: 0.3})
    assert scene.only.state is State.RETURNED


def test_delays_hold_on_the_centres_clock() -> None:
    """Reports by exception: a value that stays is not repeated, and counts all the same."""
    scene = Scene()
    scene.say(0, {"Main Fan 1/Vibration": 5.0}, area="C-FAN")
    scene.tick(9)
    assert scene.open == []
    scene.tick(10)
    assert (scene.only.level, scene.only.raised_us) == (1, ms(10) * 1000)
    scene.say(11, {"Main Fan 1/Vibration": 2.0}, area="C-FAN")
    scene.tick(70)
    assert scene.only.level == 1
    scene.tick(71)
    assert scene.only.state is State.RETURNED


def test_a_spare_fan_has_no_low_airflow() -> None:
    """Judged while its damper is open; nobody knows of the damper: shown as not judged."""
    scene = Scene()
    scene.say(0, {"Main Fan 2/Airflow": 0.0}, area="C-FAN")
    assert [watch.doubt for watch in scene.points.unjudged(MINE)] == ["machine"]
    scene.say(1, {"Main Fan 2/Damper Open": False}, area="C-FAN")
    scene.tick(1000)
    assert scene.open == []
    scene.say(1001, {"Main Fan 2/Damper Open": True}, area="C-FAN")
    scene.tick(1300)
    assert scene.open == []
    scene.tick(1301)
    assert codes(scene) == {"low"}
    scene.say(1302, {"Main Fan 2/Damper Open": False}, area="C-FAN")
    scene.tick(1400)
    assert scene.only.state is State.RETURNED


def test_each_protection_is_an_alarm_and_an_unknown_word_too() -> None:
    """A text of words; whatever is not named alarms as other."""
    scene = Scene(BELT)
    scene.say(0, {"Belt/Trips": "slip+torn"}, area="C-BELT")
    assert {alarm.words[0] for alarm in scene.open} == {
        "带式输送机 保护动作 打滑",
        "带式输送机 保护动作 纵撕",
    }
    scene.say(1, {"Belt/Trips": "normal"}, area="C-BELT")
    assert {alarm.state for alarm in scene.open} == {State.RETURNED}
    scene.say(2, {"Belt/Trips": "coal piled"}, area="C-BELT")
    assert [alarm.value for alarm in scene.open if alarm.key.code == "other"] == ["coal piled"]


def test_bits_and_booleans() -> None:
    """A numeric status word, and a level switch."""
    scene = Scene('[[flag]]\nmetric = "Pump/Status"\nbits = { "4" = "过流" }\n')
    scene.say(0, {"Pump 1/Status": 5.0, "Sump/High Level": True})
    scene.tick(10)
    assert {alarm.words[0] for alarm in scene.open} == {"主排水泵 1# 状态字 过流", "水仓 高水位 动作"}


def restarted(scene: Scene) -> Scene:
    """The same after a restart of the centre: what was open is known, nothing else."""
    after = Scene()
    kept = [alarm for alarm in scene.board.alarms.values() if alarm.is_open]
    after.board.restore(kept, "centre", ms(100) * 1000)
    after.points.expect(kept)
    return after


def test_after_a_restart_an_alarm_goes_on_where_it_was() -> None:
    """In doubt, then verified at its level, even within the hysteresis; acknowledged stays acknowledged."""
    scene = Scene()
    scene.say(0, {GAS: 1.6})
    scene.board.acknowledge(scene.only.key, "张三", "", ms(1) * 1000)
    after = restarted(scene)
    assert (after.only.state, after.only.doubt) == (State.ACKNOWLEDGED, "centre")
    after.say(101, {GAS: 1.3})
    assert (after.only.level, after.only.doubt, after.only.state) == (2, None, State.ACKNOWLEDGED)
    after = restarted(scene)
    after.say(101, {GAS: 0.2})
    assert after.open == []


def test_an_alarm_without_a_rule_is_retired_when_its_point_comes() -> None:
    """The config changed meanwhile."""
    scene = Scene('[[limit]]\nmetric = "Shearer/Haulage Speed"\nalarm = 5\n')
    scene.say(0, {"Shearer/Haulage Speed": 9.0})
    after = restarted(scene)
    assert after.only.level == 1
    after.say(101, {"Shearer/Haulage Speed": 9.0})
    assert after.open == []


def test_a_born_again_metric_is_the_same_point() -> None:
    """Another state object after a re-declaration; two gateways with the same point."""
    scene = Scene()
    scene.say(0, {GAS: 1.2})
    del scene.states["F1", GAS]
    scene.say(1, {GAS: 0.5})
    assert scene.only.state is State.RETURNED
    assert len(scene.points.watches) == 1


def test_the_broker_lost_makes_everything_unsure() -> None:
    """Nothing is heard of any more, and pending raises wait."""
    scene = Scene()
    scene.say(0, {GAS: 1.2})
    scene.say(0, {"Main Fan 1/Vibration": 5.0}, area="C-FAN")
    scene.points.blind(ms(1) * 1000)
    assert scene.only.doubt == "centre"
    scene.tick(60)
    assert codes(scene) == {"high"}
    scene.say(61, {GAS: 1.2})
    assert scene.only.doubt is None


ROWS = st.lists(st.tuples(st.integers(-600, 100), st.sampled_from([0.2, 1.2, 1.7, None])), max_size=30)


def outcome(scene: Scene) -> list[Alarm]:
    """The board as it is."""
    return list(scene.board.alarms.values())


@given(st.lists(st.sampled_from([0.2, 1.2, 1.7, None]), min_size=1, max_size=12), ROWS, st.randoms())
def test_late_values_in_any_order_and_number_change_nothing(
    live: list[float | None], late: list[tuple[int, float | None]], random: Random
) -> None:
    """Between the live ones, twice over, shuffled: the board is the same, instants and all."""
    plain, disturbed = Scene(), Scene()
    for second, value in enumerate(live, 1):
        for scene in (plain, disturbed):
            quality = Quality.GOOD if value is not None else Quality.BAD
            scene.say(1000 + second, {GAS: value}, quality=quality)
        rows = late * 2
        random.shuffle(rows)
        for made, peak in rows:
            disturbed.say(
                1000 + second,
                {GAS: peak},
                quality=Quality.GOOD if peak is not None else Quality.BAD,
                made=made,
            )
        for scene in (plain, disturbed):
            scene.tick(1000 + second)
    assert outcome(plain) == outcome(disturbed)
