"""The virtual mine's scenarios through the alarms: what they raise, and what they must not."""

from __future__ import annotations

from contract.quality import Quality
from contract.vocabulary import equipment, quantities
from contract.vocabulary.quantities import Kind
from rules.alarms.alarm import Change
from simulators.mine import Mine
from simulators.shifts import MINUTE_MS, Shift, shift_at
from tests.alarm_scene import MINE, START_MS, Scene
from tests.unit.test_simulated_scenarios import MORNING_MS, mine_of

FACE = "F14031"
STEP_MS = 10_000
GAS = ["Gas 1/Methane", "Gas 2/Methane", "Gas 3/Methane"]


def passed(mine: Mine, metrics: list[str], from_ms: int, to_ms: int) -> Scene:
    """What the agent would have sent of these points meanwhile."""
    scene = Scene(kinds={FACE: "mining_face"})
    for at_ms in range(from_ms, to_ms, STEP_MS):
        mine.advance(at_ms)
        second = (at_ms - START_MS) / 1000
        for metric in metrics:
            value = mine.value(FACE, metric)
            scene.say(
                second, {metric: value}, area=FACE, quality=Quality.BAD if value is None else Quality.GOOD
            )
        scene.tick(second)
    return scene


def raised(scene: Scene) -> list[tuple[str, str, int]]:
    """Point, code and level of everything raised or risen."""
    return [
        (record.alarm.key.source, record.alarm.key.code, record.alarm.level)
        for record in scene.board.records
        if record.change in {Change.RAISED, Change.ROSE}
    ]


def next_production_ms(after_ms: int) -> int:
    """When the first production shift begins."""
    shift = shift_at(after_ms)
    while shift.start_ms < after_ms or not shift.is_production:
        shift = Shift(shift.index + 1)
    return shift.start_ms


def test_methane_that_rises_is_an_alarm_and_ends() -> None:
    """An hour into the shift, the upper corner first; on an ordinary day there is none."""
    began_ms = next_production_ms(MORNING_MS)
    from_ms, to_ms = began_ms + 30 * MINUTE_MS, began_ms + 170 * MINUTE_MS
    scene = passed(mine_of("gas_rise", MORNING_MS, 1), GAS, from_ms, to_ms)
    found = raised(scene)
    assert found[0] == ("Gas 1/Methane", "high", 1)
    first = scene.board.records[0]
    assert first.at_us // 1000 in range(began_ms + 60 * MINUTE_MS, began_ms + 105 * MINUTE_MS)
    assert (first.alarm.limit, first.alarm.definition.zh) == (1.0, "上隅角甲烷")
    assert {alarm.level for alarm in scene.board.open(MINE)} == {0}
    assert raised(passed(Mine(1, MORNING_MS), GAS, from_ms, to_ms)) == []


def test_sensors_that_die_or_are_calibrated_are_no_gas() -> None:
    """The dead one has an alarm of its own; 30 % of test gas raises nothing, and is shown as what it is."""
    mine = mine_of("sensor_death", MORNING_MS, 1)
    metrics = [metric for area, metric in mine.signals if area == FACE and is_air(metric)]
    calibrated_ms = MORNING_MS + 22 * MINUTE_MS
    scene = passed(mine, metrics, MORNING_MS, calibrated_ms)
    assert raised(scene) == [("Gas 1/Methane", "no_data", 1)]
    doubts = {watch.where.metric: (watch.value, watch.doubt) for watch in scene.points.unjudged(MINE)}
    assert doubts["Gas 1/Methane"] == (None, "bad")
    value, doubt = doubts["Gas 2/Methane"]
    assert isinstance(value, float)
    assert value > 4
    assert doubt in {"calibration", "out_of_range"}
    scene = passed(mine, ["Environment/Air Speed"], MORNING_MS, MORNING_MS + 10 * MINUTE_MS + 15_000)
    (watch,) = scene.points.unjudged(MINE)
    assert (watch.value, watch.doubt) == (-266.0, "out_of_range")


def is_air(metric: str) -> bool:
    """Numbers and states of gas and air."""
    name = equipment.parse(metric)
    assert name is not None
    is_told = quantities.BY_WORD[name.quantity].kind in {Kind.NUMBER, Kind.BOOLEAN}
    return name.equipment.word in {"Gas", "Environment"} and is_told
