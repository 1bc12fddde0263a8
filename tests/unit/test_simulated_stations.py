"""Pins the virtual mine's fan house, substation, compressor station and gas-drainage station."""

import math
from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.point import Protocol
from simulators.equipment import compressors, fan_house, gas_drainage, hoist, main_belt, substation
from simulators.equipment.compressors import CompressorStation
from simulators.equipment.fan_house import FanHouse
from simulators.equipment.gas_drainage import DrainageStation
from simulators.equipment.mining_face import MiningFace
from simulators.equipment.occasions import Span, during
from simulators.equipment.protection import NORMAL, trips
from simulators.equipment.signal import Signals
from simulators.people import People
from simulators.plant import FACE_CREWS, PATROLS, true_signals
from simulators.points import points
from simulators.shifts import DAY_MS, HOUR_MS, LOCAL_MS, MINUTE_MS, Shift

INSTANTS = st.integers(1_577_808_000_000, 1_893_427_200_000)  # 2020 to 2029
SEEDS = st.integers(0, 20)
SECOND_MS = 1_000
NIGHT = Shift(60_999)
CHANGEOVERS = st.integers(600, 700).map(
    lambda number: number * fan_house.CHANGEOVER_MS + fan_house.CHANGES_AT_MS - LOCAL_MS
)


def number(signals: Signals, metric: str, at_ms: int) -> float:
    value = signals[metric](at_ms)
    assert isinstance(value, float)
    return value


def both(signals: Signals, quantity: str, at_ms: int) -> list[float]:
    return [number(signals, f"Main Fan {fan}/{quantity}", at_ms) for fan in (1, 2)]


# --- main fans


@given(SEEDS, INSTANTS)
def test_one_main_fan_runs(seed: int, at_ms: int) -> None:
    """But in the minutes of a change-over; it moves all the mine's air, the other one none."""
    signals = FanHouse(seed, "C").signals()
    if fan_house.turn(at_ms)[1] < 5 * MINUTE_MS:
        return
    running = [fan for fan in (1, 2) if signals[f"Main Fan {fan}/Running"](at_ms)]
    assert len(running) == 1
    for fan in (1, 2):
        on = fan in running
        assert signals[f"Main Fan {fan}/Damper Open"](at_ms) is on
        assert (number(signals, f"Main Fan {fan}/Airflow", at_ms) > 4_000.0) == on
        assert (number(signals, f"Main Fan {fan}/Current", at_ms) > 20.0) == on


@given(SEEDS, CHANGEOVERS)
def test_fans_change_over_without_leaving_the_mine_without_air(seed: int, start_ms: int) -> None:
    """The other fan runs afterwards; the air never falls below two fifths, and below four fifths for under a minute."""
    signals = FanHouse(seed, "C").signals()
    seconds = range(start_ms - 60 * SECOND_MS, start_ms + 5 * MINUTE_MS, SECOND_MS)
    air = [sum(both(signals, "Airflow", at_ms)) for at_ms in seconds]
    assert min(air) > 0.4 * fan_house.AIRFLOW_M3_MIN
    assert 0 < sum(flow < 0.8 * fan_house.AIRFLOW_M3_MIN for flow in air) < 60
    before, after = both(signals, "Airflow", seconds[0]), both(signals, "Airflow", seconds[-1])
    assert [flow > 0.0 for flow in before] == [flow == 0.0 for flow in after]
    on = [[signals[f"Main Fan {fan}/Running"](at_ms) for fan in (1, 2)] for at_ms in seconds]
    assert all(any(fans) for fans in on)
    assert sum(all(fans) for fans in on) == fan_house.DAMPERS_TO_MS // SECOND_MS
    for quantity in ("Rotation Speed", "Airflow"):
        runs = [both(signals, quantity, at_ms) for at_ms in seconds]
        full = max(runs[0])
        for one, other in pairwise(runs):
            assert max(abs(a - b) for a, b in zip(one, other, strict=True)) < 0.1 * full


def test_fans_change_over_every_thirty_days_in_a_maintenance_shift() -> None:
    hours = range(NIGHT.start_ms, NIGHT.start_ms + 95 * DAY_MS, 10 * MINUTE_MS)
    turns = [(at_ms, fan_house.turn(at_ms)[0]) for at_ms in hours]
    changes = [after[0] for before, after in pairwise(turns) if before[1] != after[1]]
    assert len(changes) == 3
    assert {after - before for before, after in pairwise(changes)} == {30 * DAY_MS}
    assert all(not Shift((at_ms + LOCAL_MS) // (8 * HOUR_MS)).is_production for at_ms in changes)


def test_bearings_warm_up_and_cool_down() -> None:
    """After a change-over one fan goes from cold to warm and the other the other way, neither by a jump."""
    signals = FanHouse(1, "C").signals()
    start_ms = 650 * fan_house.CHANGEOVER_MS + fan_house.CHANGES_AT_MS - LOCAL_MS
    minutes = range(start_ms - 10 * MINUTE_MS, start_ms + 12 * HOUR_MS, MINUTE_MS)
    courses = [[both(signals, "Bearing Temperature", at_ms)[fan] for at_ms in minutes] for fan in (0, 1)]
    warms, cools = sorted(courses, key=lambda course: course[0])
    assert (warms[0], cools[-1]) == pytest.approx((18.0, 18.0), abs=2.0)
    assert (warms[-1], cools[0]) == pytest.approx((46.5, 46.5), abs=2.0)
    for course in courses:
        assert all(abs(after - before) < 1.5 for before, after in pairwise(course))


# --- substation


def mine(seed: int) -> dict[str, Signals]:
    """Every signal, by area."""
    found: dict[str, Signals] = {}
    for (area, metric), signal in true_signals(seed, People(seed, FACE_CREWS, PATROLS)).items():
        found.setdefault(area, {})[metric] = signal
    return found


@settings(deadline=None)
@given(SEEDS, INSTANTS)
def test_feeders_obey_power(seed: int, at_ms: int) -> None:
    """I = P / (√3 U cos φ), Q = P tan φ; a feeder that is off carries nothing."""
    signals = mine(seed)["C-SUB"]
    for feeder in range(1, 7):
        power, voltage, factor, reactive = (
            number(signals, f"Feeder {feeder}/{name}", at_ms)
            for name in ("Power", "Voltage", "Power Factor", "Reactive Power")
        )
        currents = [number(signals, f"Feeder {feeder}/Current {phase}", at_ms) for phase in "ABC"]
        if not signals[f"Feeder {feeder}/Switched On"](at_ms):
            assert [power, reactive, factor, *currents] == [0.0] * 6
            assert signals[f"Feeder {feeder}/Trips"](at_ms) == "leakage"
            continue
        assert signals[f"Feeder {feeder}/Trips"](at_ms) == NORMAL
        assert 0.6 < factor < 0.95
        assert reactive == pytest.approx(power * math.tan(math.acos(factor)))
        expected = power / (math.sqrt(3.0) * voltage * factor)
        assert currents == pytest.approx([expected] * 3, rel=0.02)


@pytest.mark.parametrize("feeder", range(1, 7))
def test_energy_is_power_summed_up(feeder: int) -> None:
    """Over a day, in steps of 30 s: within the noise of the power."""
    signals = mine(1)["C-SUB"]
    energy, power = signals[f"Feeder {feeder}/Energy"], f"Feeder {feeder}/Power"
    summed = sum(
        number(signals, power, at_ms)
        for at_ms in range(NIGHT.start_ms, NIGHT.start_ms + DAY_MS, 30 * SECOND_MS)
    )
    first, last = energy(NIGHT.start_ms), energy(NIGHT.start_ms + DAY_MS)
    assert isinstance(first, float)
    assert isinstance(last, float)
    assert last - first == pytest.approx(summed * 30 * SECOND_MS / HOUR_MS, rel=0.01)
    assert last - first > 200.0


def test_feeders_that_may_stop_are_tried_every_night_one_by_one() -> None:
    """Pumps and local fans stay on; of the others one is off at a time, for 40 s of the night."""
    signals = mine(1)["C-SUB"]
    off = dict.fromkeys(range(1, 7), 0)
    for at_ms in range(NIGHT.start_ms, NIGHT.start_ms + DAY_MS, 5 * SECOND_MS):
        feeders = [feeder for feeder in off if not signals[f"Feeder {feeder}/Switched On"](at_ms)]
        assert len(feeders) <= 1
        for feeder in feeders:
            assert at_ms < NIGHT.end_ms
            off[feeder] += 1
    tried = substation.TRY_MS // (5 * SECOND_MS)
    assert off == {1: tried, 2: tried, 3: 0, 4: tried, 5: tried, 6: 0}


@settings(deadline=None, max_examples=30)
@given(SEEDS, INSTANTS)
def test_the_mining_feeder_follows_the_shearer(seed: int, at_ms: int) -> None:
    areas = mine(seed)
    power = number(areas["C-SUB"], "Feeder 1/Power", at_ms)
    load = MiningFace(seed, "F14031").plan.load(at_ms, MINUTE_MS)
    if load == 1.0:
        assert power > 1_450.0
    elif load == 0.0:
        assert power < 200.0


# --- compressed air


@given(SEEDS, INSTANTS)
def test_two_compressors_run_and_the_pressure_stays_between_its_marks(seed: int, at_ms: int) -> None:
    signals = CompressorStation(seed, "C").signals()
    running = [n for n in (1, 2, 3) if signals[f"Compressor {n}/Running"](at_ms)]
    loaded = [n for n in (1, 2, 3) if signals[f"Compressor {n}/Loaded"](at_ms)]
    assert len(running) == 2
    assert 1 <= len(loaded) <= 2
    assert set(loaded) <= set(running)
    assert (
        compressors.LOW_MPA - 0.01 < number(signals, "Receiver/Pressure", at_ms) < compressors.HIGH_MPA + 0.01
    )
    for machine in (1, 2, 3):
        current = number(signals, f"Compressor {machine}/Current", at_ms)
        assert (current > 20.0) == (machine in loaded)
        assert (current > 0.0) == (machine in running)


@given(SEEDS, INSTANTS)
def test_the_pressure_rises_while_both_are_loaded_and_falls_otherwise(seed: int, at_ms: int) -> None:
    station = CompressorStation(seed, "C")
    change = station.receiver_mpa(at_ms + SECOND_MS) - station.receiver_mpa(at_ms)
    if station.is_loading(at_ms) == station.is_loading(at_ms + SECOND_MS):
        assert (change > 0.0) == station.is_loading(at_ms)
    assert abs(change) < 0.004


def test_compressors_move_on_every_week() -> None:
    """Each trims for a week, leads for one and stands by for one; nothing warm turns cold at once."""
    signals = CompressorStation(1, "C").signals()
    for machine in (1, 2, 3):
        days = [compressors.place(machine, NIGHT.start_ms + day * DAY_MS)[0] for day in range(42)]
        runs = [days[0], *(after for before, after in pairwise(days) if before != after)]
        follows = {compressors.TRIMS: compressors.LEADS, compressors.LEADS: compressors.STANDS_BY}
        for before, after in pairwise(runs):
            assert after == follows.get(before, compressors.TRIMS)
        assert all(
            days.count(role) == 14 for role in (compressors.LEADS, compressors.TRIMS, compressors.STANDS_BY)
        )
        hot = f"Compressor {machine}/Exhaust Temperature"
        course = [number(signals, hot, NIGHT.start_ms + m * MINUTE_MS) for m in range(0, 42 * 1440, 3)]
        assert max(abs(after - before) for before, after in pairwise(course)) < 20.0
        assert max(course) < 90.0


# --- gas drainage


def drainage(seed: int) -> DrainageStation:
    return DrainageStation(seed, "C", MiningFace(seed, "F").plan)


@given(SEEDS, INSTANTS)
def test_pure_flow_is_a_share_of_the_mixed_flow(seed: int, at_ms: int) -> None:
    signals = drainage(seed).signals()
    methane, mixed, pure = (
        number(signals, f"Drainage Pipe/{name}", at_ms) for name in ("Methane", "Mixed Flow", "Pure Flow")
    )
    assert pure == pytest.approx(mixed * methane / 100.0)
    assert 30.0 < methane < 45.0
    assert 5.0 < pure < 15.0
    running = [n for n in (1, 2) if signals[f"Gas Drainage {n}/Running"](at_ms)]
    assert running == [gas_drainage.turn(at_ms)[0]]


def test_the_drained_total_is_the_pure_flow_summed_up() -> None:
    station = drainage(1)
    summed = sum(
        station.pure_m3_min(at_ms) for at_ms in range(NIGHT.start_ms, NIGHT.start_ms + DAY_MS, 30 * SECOND_MS)
    )
    total = station.total_m3(NIGHT.start_ms + DAY_MS) - station.total_m3(NIGHT.start_ms)
    assert total == pytest.approx(summed / 2.0, rel=0.002)


def test_the_seam_gives_more_while_the_face_cuts() -> None:
    station = drainage(1)
    cutting, resting = list[float](), list[float]()
    for at_ms in range(NIGHT.start_ms, NIGHT.start_ms + 14 * DAY_MS, 2 * MINUTE_MS):
        load = station.plan.load(at_ms, gas_drainage.FOLLOWS_MS)
        (cutting if load > 0.7 else resting).append(station.pure_m3_min(at_ms))
    assert fmean(cutting) > fmean(resting) + 1.0


# --- protections


@pytest.mark.parametrize(
    ("area", "metric", "names"),
    [
        *(("C-SUB", f"Feeder {feeder}/Trips", substation.PROTECTIONS) for feeder in range(1, 7)),
        ("C-HOIST", "Hoist/Trips", hoist.PROTECTIONS),
        ("C-BELT", "Belt/Trips", main_belt.PROTECTIONS),
        ("C-COMP", "Compressor/Trips", compressors.PROTECTIONS),
        ("C-GAS", "Gas Drainage/Trips", gas_drainage.PROTECTIONS),
    ],
)
def test_status_words_name_every_protection(area: str, metric: str, names: tuple[str, ...]) -> None:
    """The point table's bits are the protections in their order, so that every text has a register."""
    table = {point.key: point for point in points(Protocol.MODBUS)}
    assert table[area, metric].flags == {0: NORMAL} | {1 << bit: name for bit, name in enumerate(names)}


def test_protections_that_act_at_once_are_joined() -> None:
    """A test and an earnest case in one word, in the order of the bits."""
    word = trips(("hot", "slack", "wet"), 60, {"slack": during(Span(NIGHT.start_ms, NIGHT.end_ms + DAY_MS))})
    at_ms = NIGHT.start_ms + HOUR_MS
    assert word(at_ms - SECOND_MS) == "slack"
    assert word(at_ms) == "hot+slack"
    assert word(at_ms + MINUTE_MS) == "slack"
    assert word(at_ms + 2 * MINUTE_MS) == "slack+wet"
    assert word(at_ms + 3 * MINUTE_MS) == "slack"
    assert word(NIGHT.end_ms + HOUR_MS) == "slack"
