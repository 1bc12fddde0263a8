"""Pins the way of the coal in the virtual mine: from the faces over the main belt and the bunker up the shaft."""

from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.equipment import hoist, main_belt
from simulators.equipment.driving_face import DrivingFace
from simulators.equipment.hoist import Hoist
from simulators.equipment.main_belt import MainBelt
from simulators.equipment.mining_face import MiningFace
from simulators.equipment.signal import Signals
from simulators.equipment.tbm_face import TbmFace
from simulators.shifts import DAY_MS, HOUR_MS, MINUTE_MS, Shift

INSTANTS = st.integers(1_577_808_000_000, 1_893_427_200_000)  # 2020 to 2029
SEEDS = st.integers(0, 20)
SECOND_MS = 1_000
EIGHT = Shift(61_000)  # a 八点班 of September 2025
NIGHT = Shift(60_999)
DAY_SLOTS = range(NIGHT.start_ms // hoist.SLOT_MS, (NIGHT.start_ms + DAY_MS) // hoist.SLOT_MS)


def belt_of(seed: int) -> MainBelt:
    faces = MiningFace(seed, "F1"), DrivingFace(seed, "F2"), TbmFace(seed, "F3")
    return MainBelt(seed, "C-BELT", [face.output_t for face in faces])


def hoist_of(seed: int) -> Hoist:
    return Hoist(seed, "C-HOIST", belt_of(seed).carried_t)


def number(signals: Signals, metric: str, at_ms: int) -> float:
    value = signals[metric](at_ms)
    assert isinstance(value, float)
    return value


# --- belt


@given(SEEDS, INSTANTS)
def test_the_belt_runs_whenever_there_is_coal(seed: int, at_ms: int) -> None:
    belt = belt_of(seed)
    signals = belt.signals()
    flow, running = number(signals, "Belt/Coal Flow", at_ms), main_belt.is_running(at_ms)
    assert flow >= -1e-6
    if flow > 1e-3:
        assert running
    assert signals["Belt/Running"](at_ms) is running
    assert (number(signals, "Belt/Speed", at_ms) > 0.0) == running
    assert (number(signals, "Belt/Current", at_ms) > 0.0) == running


def test_what_the_faces_give_passes_the_weigher_six_minutes_later() -> None:
    """The coal flow summed up, minute by minute, is the output of the faces, within the weigher's noise."""
    belt = belt_of(1)
    flow = belt.signals()["Belt/Coal Flow"]
    weighed = 0.0
    for at_ms in range(EIGHT.start_ms, EIGHT.end_ms, 20 * SECOND_MS):
        value = flow(at_ms)
        assert isinstance(value, float)
        weighed += value * 20 * SECOND_MS / HOUR_MS
    given_t = belt.carried_t(EIGHT.end_ms) - belt.carried_t(EIGHT.start_ms)
    assert weighed == pytest.approx(given_t, rel=0.01)
    assert given_t == pytest.approx(
        sum(
            output(EIGHT.end_ms - main_belt.UNDER_WAY_MS) - output(EIGHT.start_ms - main_belt.UNDER_WAY_MS)
            for output in belt.outputs
        )
    )
    assert 4_000 < given_t < 6_500


def test_the_belt_follows_the_cutting() -> None:
    belt, face = belt_of(1), MiningFace(1, "F1")
    cutting, resting = list[float](), list[float]()
    for at_ms in range(EIGHT.start_ms + HOUR_MS, EIGHT.end_ms - HOUR_MS, 10 * SECOND_MS):
        load = face.plan.load(at_ms - main_belt.UNDER_WAY_MS, main_belt.WEIGHED_MS)
        if load in (0.0, 1.0):
            (cutting if load else resting).append(belt.flow_t_h(at_ms))
    assert fmean(cutting) > fmean(resting) + 600.0
    assert max(cutting) < 1_500.0


@settings(deadline=None)
@given(SEEDS, INSTANTS)
def test_worked_hours_of_the_belt_are_its_share_summed_up(seed: int, at_ms: int) -> None:
    """Over an hour, in steps of 20 s: what energy is counted from."""
    belt = belt_of(seed)
    summed = fmean(belt.share(at_ms + (2 * step + 1) * 10 * SECOND_MS) for step in range(180))
    assert belt.worked_hours(at_ms + HOUR_MS) - belt.worked_hours(at_ms) == pytest.approx(summed, abs=0.01)


def test_the_belt_stands_for_its_protection_tests() -> None:
    """Every protection once a night, one at a time, while the belt stands; by day at most a warning."""
    signals = belt_of(1).signals()
    words = [
        str(signals["Belt/Trips"](at_ms)) for at_ms in range(NIGHT.start_ms, NIGHT.end_ms, 5 * SECOND_MS)
    ]
    told = [after for before, after in pairwise(words) if after not in (before, "normal")]
    assert tuple(told) == main_belt.PROTECTIONS
    assert not any(
        main_belt.is_running(at_ms) for at_ms in range(NIGHT.start_ms, NIGHT.end_ms, 5 * SECOND_MS)
    )


# --- hoist


@pytest.mark.parametrize("seed", range(4))
def test_windings_follow_the_coal(seed: int) -> None:
    """Over a day: one winding in a slot at most, and the bunker neither runs dry nor over."""
    shaft = hoist_of(seed)
    windings = [shaft.done(slot + 1) - shaft.done(slot) for slot in DAY_SLOTS]
    assert set(windings) == {0, 1}
    came = shaft.brought_t(NIGHT.start_ms + DAY_MS) - shaft.brought_t(NIGHT.start_ms)
    assert sum(windings) == pytest.approx(came / hoist.SKIP_T, rel=0.15)
    bunker = [shaft.bunker_t(slot * hoist.SLOT_MS) for slot in DAY_SLOTS]
    assert min(bunker) >= 0.0
    assert 10 * hoist.SKIP_T < max(bunker) < 25.0 * hoist.BUNKER_T_M


def test_over_a_week_all_coal_goes_up() -> None:
    shaft, week_ms = hoist_of(1), 7 * DAY_MS
    came = shaft.brought_t(NIGHT.start_ms + week_ms) - shaft.brought_t(NIGHT.start_ms)
    wound = shaft.winding(NIGHT.start_ms + week_ms).count - shaft.winding(NIGHT.start_ms).count
    assert wound * hoist.SKIP_T == pytest.approx(came, rel=0.01)


def winding_seconds(shaft: Hoist) -> list[int]:
    """Every second of two slots with a winding in each, in the middle of a production shift."""
    slots = (slot for slot in DAY_SLOTS if slot * hoist.SLOT_MS > EIGHT.start_ms + 4 * HOUR_MS)
    first = next(slot for slot in slots if shaft.done(slot + 2) == shaft.done(slot) + 2)
    return list(range(first * hoist.SLOT_MS, (first + 2) * hoist.SLOT_MS, SECOND_MS))


def test_a_winding_goes_up_and_the_next_one_down() -> None:
    """Speed is the change of position; the skip goes over the whole shaft; brake, load and current go with it."""
    shaft = hoist_of(1)
    signals = shaft.signals()
    seconds = winding_seconds(shaft)
    position = [number(signals, "Hoist/Position", at_ms) for at_ms in seconds]
    speed = [number(signals, "Hoist/Speed", at_ms) for at_ms in seconds]
    assert {round(min(position), 6), round(max(position), 6)} == {0.0, hoist.SHAFT_M}
    assert position[0] == pytest.approx(position[-1])
    for (before, after), (slow, fast) in zip(pairwise(position), pairwise(speed), strict=True):
        assert abs(after - before) == pytest.approx((slow + fast) / 2.0, abs=0.3)
        assert abs(fast - slow) <= hoist.ACCELERATION + 1e-9
    assert max(speed) == pytest.approx(hoist.SPEED_M_S)
    for at_ms, moving in zip(seconds, speed, strict=True):
        brake, gap = (number(signals, f"Hoist/{name}", at_ms) for name in ("Brake Pressure", "Brake Gap"))
        assert (brake > 8.0) == (gap > 0.5) == (moving > 0.0)
        if not moving:
            assert brake <= 0.5
            assert number(signals, "Hoist/Armature Current", at_ms) == 0.0
        else:
            assert number(signals, "Hoist/Load", at_ms) == pytest.approx(hoist.SKIP_T, rel=0.05)
    counts = [shaft.winding(at_ms).count for at_ms in seconds]
    assert counts == sorted(counts)
    assert counts[-1] == counts[0] + 2
    assert signals["Hoist/Hoist Count"](seconds[-1]) != signals["Hoist/Hoist Count"](seconds[0])


@given(SEEDS, st.integers(0, DAY_MS - 1))
def test_the_hoist_never_jumps(seed: int, into_ms: int) -> None:
    signals = hoist_of(seed).signals()
    at_ms = NIGHT.start_ms + into_ms
    moved = number(signals, "Hoist/Position", at_ms + SECOND_MS) - number(signals, "Hoist/Position", at_ms)
    assert abs(moved) <= hoist.SPEED_M_S + 1e-6


def test_the_hoist_rests_for_its_tests() -> None:
    """The protections are tested one after the other, and nothing is wound then."""
    shaft = hoist_of(1)
    signals = shaft.signals()
    told = set()
    for at_ms in range(NIGHT.start_ms + 290 * MINUTE_MS, NIGHT.start_ms + 320 * MINUTE_MS, 5 * SECOND_MS):
        told.add(signals["Hoist/Trips"](at_ms))
        assert not shaft.is_running(at_ms)
    assert told == {"normal", *hoist.PROTECTIONS}


@given(st.floats(0.0, hoist.WINDING_S))
def test_the_way_of_a_winding_grows_over_the_whole_shaft(moving_s: float) -> None:
    assert 0.0 <= hoist.travelled_m(moving_s) <= hoist.SHAFT_M
    assert hoist.travelled_m(hoist.WINDING_S) == pytest.approx(hoist.SHAFT_M)
    assert hoist.travelled_m(moving_s) <= hoist.travelled_m(min(moving_s + 1.0, hoist.WINDING_S)) + 1e-9
