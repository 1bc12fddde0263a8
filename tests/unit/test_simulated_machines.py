"""Pins the machines of the virtual mine: values that stay where a mine's would, and physics that must hold.

Among it: the sump's water balance, one main fan at a time, energy that never counts down.
"""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.chance import Chance
from simulators.equipment import drainage
from simulators.equipment.drainage import PumpRoom
from simulators.equipment.mining_face import FACE_M, MiningFace
from simulators.equipment.work_plan import roadheader_plan, shearer_plan
from simulators.mine import Mine
from simulators.shifts import HOUR_MS, MINUTE_MS, Shift

INSTANTS = st.integers(1_577_808_000_000, 1_893_427_200_000)  # 2020 to 2029
SEEDS = st.integers(0, 20)
SECOND_MS = 1_000

RANGES = {
    "Headcount": (0, 24), "Methane": (0.0, 1.0), "CO": (0.0, 12.0), "Temperature": (15.0, 28.0),
    "Humidity": (70.0, 95.0), "Air Speed": (0.25, 4.0), "Airflow": (0.0, 15_000.0),
    "Negative Pressure": (0.0, 3_500.0), "Bearing Temperature": (15.0, 60.0), "Winding Temperature": (15.0, 100.0),
    "Vibration": (0.0, 4.5), "Current": (0.0, 260.0), "Voltage": (0.0, 7.0), "Power": (0.0, 2_000.0),
    "Energy": (0.0, 2e8), "Level": (1.6, 3.1), "Flow": (0.0, 600.0), "Outlet Pressure": (0.0, 10.0),
    "Pressure": (0.0, 60.0), "Valve Opening": (0.0, 100.0), "Position": (0.0, FACE_M), "Haulage Speed": (0.0, 12.0),
    "Left Drum Current": (0.0, 200.0), "Right Drum Current": (0.0, 200.0), "Haulage Current": (0.0, 120.0),
    "Chain Speed": (0.0, 2.5), "Cutting Current": (0.0, 200.0), "Oil Temperature": (30.0, 70.0), "Advance": (0.0, 5.0),
    "Speed": (0.0, 5.0), "Rotation Speed": (0.0, 1_000.0), "Discharge": (0.0, 2e7), "Vacuum": (-70.0, 0.0),
    "Cutting Height": (2.5, 3.5),
}  # fmt: skip


@given(SEEDS, INSTANTS)
def test_every_number_stays_plausible(seed: int, at_ms: int) -> None:
    mine = Mine(seed, at_ms)
    for area, metric in mine.signals:
        value = mine.value(area, metric)
        if isinstance(value, int | float) and not isinstance(value, bool):
            low, high = RANGES[metric.partition("/")[2]]
            assert low <= value <= high, (area, metric)


@given(SEEDS, INSTANTS)
def test_chance_is_even_and_smooth(seed: int, at_ms: int) -> None:
    chance = Chance(seed, "a name")
    assert 0.0 <= chance.share(at_ms) < 1.0
    assert -1.0 <= chance.wander(at_ms, 60_000) <= 1.0
    assert abs(chance.wander(at_ms + SECOND_MS, 60_000) - chance.wander(at_ms, 60_000)) < 0.06
    assert chance.whole(at_ms, 3, 5) in {3, 4, 5}
    assert chance.share(at_ms) != Chance(seed, "another").share(at_ms)


def test_chance_is_the_same_in_every_process() -> None:
    """Numbers of the first release; a change of them changes every recorded demo."""
    chance = Chance(1, "people/F14031")
    assert [chance.whole(index, 0, 999) for index in range(6)] == PINNED_DRAWS
    assert round(chance.stream(7).random(), 6) == PINNED_STREAM


PINNED_DRAWS = [219, 600, 965, 704, 420, 244]
PINNED_STREAM = 0.166508


# --- drainage


@given(SEEDS, INSTANTS)
def test_the_running_pump_lowers_the_sump(seed: int, at_ms: int) -> None:
    room = PumpRoom(seed, "C")
    cycle = room.cycle(at_ms)
    assert cycle.from_ms <= at_ms < cycle.to_ms
    assert cycle.from_ms < cycle.stop_ms < cycle.to_ms
    level, running = cycle.level_m(at_ms), room.running_pump(at_ms)
    assert drainage.LOW_M <= level <= drainage.HIGH_M
    if at_ms + SECOND_MS < cycle.stop_ms:
        assert running == cycle.pump
        assert cycle.level_m(at_ms + SECOND_MS) < level
    elif cycle.stop_ms <= at_ms < cycle.to_ms - SECOND_MS:
        assert running is None
        assert cycle.level_m(at_ms + SECOND_MS) > level


@given(SEEDS, st.integers(230_000, 280_000))
def test_pumps_start_at_the_high_mark_and_stop_at_the_low_one(seed: int, index: int) -> None:
    room = PumpRoom(seed, "C")
    cycle, following = room.numbered(index), room.numbered(index + 1)
    assert cycle.to_ms == following.from_ms
    assert cycle.level_m(cycle.from_ms) == pytest.approx(drainage.HIGH_M)
    assert cycle.level_m(cycle.stop_ms) == pytest.approx(drainage.LOW_M)
    assert following.pump != cycle.pump


@given(SEEDS, INSTANTS, st.integers(0, 20 * MINUTE_MS))
def test_the_water_balance_holds(seed: int, at_ms: int, span_ms: int) -> None:
    """Within a cycle what flows in is steady: pumped volume + rise of the sump = inflow × time."""
    room = PumpRoom(seed, "C")
    cycle = room.cycle(at_ms)
    then_ms = min(at_ms + span_ms, cycle.to_ms - 1)
    pumped = room.discharge_m3(then_ms) - room.discharge_m3(at_ms)
    risen = (cycle.level_m(then_ms) - cycle.level_m(at_ms)) * drainage.SUMP_M2
    inflow = drainage.DISCHARGE_M3 * (then_ms - at_ms) / (cycle.to_ms - cycle.from_ms)
    assert pumped >= 0
    assert pumped + risen == pytest.approx(inflow, abs=0.01)
    assert 200.0 <= cycle.flow_m3_h <= 600.0


@given(SEEDS, INSTANTS)
def test_pumps_at_rest_report_nothing_moving(seed: int, at_ms: int) -> None:
    mine = Mine(seed, at_ms)
    running = [number for number in (1, 2, 3) if mine.value("C-PUMP", f"Pump {number}/Running")]
    assert len(running) <= 1
    assert mine.value("C-PUMP", "Control/Running") is bool(running)
    for number in {1, 2, 3} - set(running):
        for quantity in ("Flow", "Current", "Vacuum", "Vibration", "Outlet Pressure"):
            assert mine.value("C-PUMP", f"Pump {number}/{quantity}") == 0


# --- faces


@given(SEEDS, st.integers(55_000, 65_000))
def test_the_shearer_cuts_both_ways_and_ends_where_it_began(seed: int, index: int) -> None:
    work = shearer_plan(Chance(seed, "plan"), FACE_M).shift_work(index)
    shift = Shift(index)
    if not shift.is_production:
        assert not work.strokes
        return
    strokes = work.strokes
    assert (strokes[0].from_m, strokes[-1].to_m) == (0.0, 0.0)
    assert {stroke.to_m > stroke.from_m for stroke in strokes} == {True, False}
    assert max(stroke.to_m for stroke in strokes) == pytest.approx(FACE_M)
    assert all(3.0 < stroke.speed_m_min < 12.0 for stroke in strokes)
    assert strokes[0].from_ms >= shift.start_ms + 30 * MINUTE_MS
    assert strokes[-1].to_ms <= shift.end_ms - 30 * MINUTE_MS
    for before, after in pairwise(strokes):
        assert before.to_ms < after.from_ms
        assert before.to_m == pytest.approx(after.from_m)


@given(SEEDS, INSTANTS)
def test_the_shearer_never_jumps(seed: int, at_ms: int) -> None:
    plan = shearer_plan(Chance(seed, "plan"), FACE_M)
    moved = abs(plan.position_m(at_ms + SECOND_MS) - plan.position_m(at_ms))
    assert moved <= 12.0 / 60.0
    if plan.running(at_ms) is None and plan.running(at_ms + SECOND_MS) is None:
        assert moved == pytest.approx(0.0)


@given(SEEDS, INSTANTS, st.integers(1, 5 * HOUR_MS))
def test_work_counts_up_only(seed: int, at_ms: int, span_ms: int) -> None:
    for plan in (shearer_plan(Chance(seed, "plan"), FACE_M), roadheader_plan(Chance(seed, "plan"))):
        assert plan.work_days(at_ms + span_ms) >= plan.work_days(at_ms)
        assert 0.0 <= plan.load(at_ms, 10 * MINUTE_MS) <= 1.0


def test_methane_follows_the_cutting() -> None:
    """Over a day the upper corner shows clearly more gas while the shearer cuts than in the maintenance shift."""
    face = MiningFace(1, "F")
    methane = face.signals()["Gas 1/Methane"]
    begin = Shift(60_999).start_ms  # a 零点班
    assert not Shift(60_999).is_production
    cutting, resting = list[float](), list[float]()
    for at_ms in range(begin, begin + 24 * HOUR_MS, 10 * SECOND_MS):
        value = methane(at_ms)
        assert isinstance(value, float)
        if face.plan.load(at_ms, 6 * MINUTE_MS) == 1.0:
            cutting.append(value)
        elif at_ms < begin + 8 * HOUR_MS:
            resting.append(value)
    assert sum(cutting) / len(cutting) > sum(resting) / len(resting) + 0.2


# --- fans and feeders


@given(SEEDS, INSTANTS)
def test_one_main_fan_runs(seed: int, at_ms: int) -> None:
    mine = Mine(seed, at_ms)
    running = [number for number in (1, 2) if mine.value("C-FAN", f"Main Fan {number}/Running")]
    assert len(running) == 1
    airflow = mine.value("C-FAN", f"Main Fan {running[0]}/Airflow")
    assert isinstance(airflow, float)
    assert airflow > 4_000.0
    assert mine.value("C-FAN", f"Main Fan {3 - running[0]}/Airflow") == 0


@given(SEEDS, INSTANTS, st.integers(1, 3 * HOUR_MS))
def test_feeders_obey_power_and_never_count_energy_down(seed: int, at_ms: int, span_ms: int) -> None:
    mine = Mine(seed, at_ms)

    def read(number: int, quantity: str) -> float:
        value = mine.value("C-SUB", f"Feeder {number}/{quantity}")
        assert isinstance(value, float)
        return value

    before = [read(number, "Energy") for number in range(1, 5)]
    for number in range(1, 5):
        expected = read(number, "Power") / (math.sqrt(3.0) * read(number, "Voltage") * 0.86)
        assert read(number, "Current") == pytest.approx(expected, rel=0.01, abs=0.02)
    mine.advance(at_ms + span_ms)
    assert all(read(number, "Energy") >= before[number - 1] for number in range(1, 5))
