"""Pins the faces of the virtual mine: machines that cut, move and rest like real ones, and air that follows them."""

from itertools import pairwise
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.chance import Chance
from simulators.equipment import heading, tbm_face
from simulators.equipment.driving_face import DrivingFace
from simulators.equipment.mining_face import FACE_M, T_PER_M, MiningFace
from simulators.equipment.shearer import END_M
from simulators.equipment.signal import Signals
from simulators.equipment.supports import GUARD_M, SUPPORT_M, SUPPORTS, WEB_MM
from simulators.equipment.tbm_face import TbmFace
from simulators.equipment.work_plan import WorkPlan, heading_plan, shearer_plan
from simulators.shifts import HOUR_MS, MINUTE_MS, SHIFT_MS, Shift, production_shifts_before

INSTANTS = st.integers(1_577_808_000_000, 1_893_427_200_000)  # 2020 to 2029
SEEDS = st.integers(0, 20)
SHIFTS = st.integers(55_000, 65_000)
SECOND_MS = 1_000
EIGHT = Shift(61_000)  # a 八点班 of September 2025
NIGHT = Shift(60_999)


def plans(seed: int) -> list[WorkPlan]:
    chance = Chance(seed, "plan")
    return [shearer_plan(chance, FACE_M), heading_plan(chance, 5, 0.8, share=0.46), TbmFace(seed, "F").plan]


def number(signals: Signals, metric: str, at_ms: int) -> float:
    value = signals[metric](at_ms)
    assert isinstance(value, float)
    return value


# --- when they work


@given(SEEDS, SHIFTS)
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


@given(SEEDS, INSTANTS, st.integers(1, 30 * HOUR_MS))
def test_work_counts_up_only(seed: int, at_ms: int, span_ms: int) -> None:
    for plan in plans(seed):
        assert plan.worked_ms(at_ms + span_ms) >= plan.worked_ms(at_ms)
        assert plan.travelled_m(at_ms + span_ms) >= plan.travelled_m(at_ms) - 1e-6
        assert 0.0 <= plan.load(at_ms, 10 * MINUTE_MS) <= 1.0


@given(SEEDS, SHIFTS)
def test_every_production_shift_moves_as_long_and_as_far(seed: int, index: int) -> None:
    """What the totals rest on, within the rounding of strokes to milliseconds."""
    for plan in plans(seed):
        work = plan.shift_work(index)
        share = float(Shift(index).is_production)
        assert work.done_ms[-1] == pytest.approx(share * plan.shift_ms, abs=50)
        assert work.done_m[-1] == pytest.approx(share * plan.shift_m)


def test_production_shifts_are_counted() -> None:
    counted = 0
    for index in range(60):
        assert production_shifts_before(Shift(index)) == counted
        counted += Shift(index).is_production


# --- shearer and supports


@given(SEEDS, INSTANTS)
def test_whoever_leads_cuts_the_roof(seed: int, at_ms: int) -> None:
    signals = MiningFace(seed, "F").signals()
    direction = signals["Shearer/Direction"](at_ms)
    left, right = (number(signals, f"Shearer/{side} Arm Angle", at_ms) for side in ("Left", "Right"))
    drums = [number(signals, f"Shearer/{side} Drum Current", at_ms) for side in ("Left", "Right")]
    match direction:
        case "to tail":
            assert left < 0.0
            assert right > 10.0
        case "to head":
            assert left > 10.0
            assert right < 0.0
        case _:
            assert direction == "standing"
            assert drums == [0.0, 0.0]
    assert signals["Shearer/Running"](at_ms) == (direction != "standing")


def test_a_shift_of_the_shearer() -> None:
    """Both directions, memory cutting along the face, remote control at its ends; local at night."""
    signals = MiningFace(1, "F").signals()
    by_mode: dict[object, list[float]] = {}
    directions, haulage = set(), []
    for at_ms in range(EIGHT.start_ms + 60 * MINUTE_MS, EIGHT.end_ms - 60 * MINUTE_MS, 10 * SECOND_MS):
        position = number(signals, "Shearer/Position", at_ms)
        by_mode.setdefault(signals["Shearer/Mode"](at_ms), []).append(position)
        directions.add(signals["Shearer/Direction"](at_ms))
        if signals["Shearer/Running"](at_ms):
            haulage.append(number(signals, "Shearer/Haulage Speed", at_ms))
    assert directions == {"to tail", "to head", "standing"}
    assert set(by_mode) == {"memory", "remote"}
    assert all(END_M <= place <= FACE_M - END_M for place in by_mode["memory"])
    assert all(place < END_M or place > FACE_M - END_M for place in by_mode["remote"])
    assert len(by_mode["memory"]) > len(by_mode["remote"])
    assert 4.0 < fmean(haulage) < 7.0
    assert 0.2 < pstdev(haulage) < 2.0
    assert signals["Shearer/Mode"](NIGHT.start_ms + 2 * HOUR_MS) == "local"


def test_the_seam_is_the_same_whichever_way_the_shearer_comes() -> None:
    face = MiningFace(1, "F")
    height = face.signals()["Shearer/Cutting Height"]
    heights = []
    for stroke in face.plan.shift_work(EIGHT.index).strokes:
        passed_ms = stroke.passing_ms(100.0)
        if passed_ms is not None:
            heights.append(height(round(passed_ms)))
    assert len(heights) == 8
    assert heights == pytest.approx([heights[0]] * 8, abs=1e-3)


@given(SEEDS, st.integers(0, SHIFT_MS - 1), st.sampled_from(SUPPORTS))
def test_a_support_steps_behind_the_shearer(seed: int, into_ms: int, support: int) -> None:
    face, at_ms = MiningFace(seed, "F"), EIGHT.start_ms + into_ms
    signals = face.signals()
    front = number(signals, f"Support {support}/Front Leg Pressure", at_ms)
    rear = number(signals, f"Support {support}/Rear Leg Pressure", at_ms)
    stroke = number(signals, f"Support {support}/Stroke", at_ms)
    place_m = support * SUPPORT_M
    assert 0.0 <= stroke <= WEB_MM
    assert abs(rear - 0.9 * front) < 1.5
    passed_ms = face.plan.passed_ms(place_m, at_ms)
    if passed_ms is not None and at_ms - passed_ms > 10 * MINUTE_MS:
        assert stroke == WEB_MM
        assert front > 28.0
    near = abs(face.plan.position_m(at_ms) - place_m) <= GUARD_M
    assert signals[f"Support {support}/Guard Extended"](at_ms) is not near


def test_supports_let_go_and_set_again_eight_times_a_shift() -> None:
    signals = MiningFace(1, "F").signals()
    pressures = [
        number(signals, "Support 75/Front Leg Pressure", at_ms)
        for at_ms in range(EIGHT.start_ms, EIGHT.end_ms, 4 * SECOND_MS)
    ]
    lets_go = sum(before > 20.0 > after for before, after in pairwise(pressures))
    assert lets_go == 8
    assert 28.0 < fmean(pressures) < 36.0


def test_what_carries_the_coal_works_as_the_shearer_does() -> None:
    """Currents follow the coal, each machine later; the tanks are emptied and filled; the crusher rests at night."""
    face = MiningFace(1, "F")
    signals = face.signals()
    idle, loaded, levels = list[float](), list[float](), list[float]()
    for at_ms in range(EIGHT.start_ms + 60 * MINUTE_MS, EIGHT.end_ms - 60 * MINUTE_MS, 10 * SECOND_MS):
        load = face.plan.load(at_ms, 90_000)
        if load in (0.0, 1.0):
            (loaded if load else idle).append(number(signals, "Face Conveyor/Current", at_ms))
        levels.append(number(signals, "Emulsion Pump/Tank Level", at_ms))
    assert fmean(loaded) > fmean(idle) + 50.0
    assert max(levels) - min(levels) > 30.0
    night = NIGHT.start_ms + 3 * HOUR_MS
    for machine in ("Face Conveyor", "Stage Loader", "Crusher", "Spray Pump"):
        assert signals[f"{machine}/Running"](night) is False
        assert signals[f"{machine}/Current"](night) == 0.0


def test_a_shift_of_coal() -> None:
    """Eight passes of the face: thickness × depth × density, some thousand tonnes."""
    face = MiningFace(1, "F")
    won = face.output_t(EIGHT.end_ms) - face.output_t(EIGHT.start_ms)
    assert won == pytest.approx(8 * FACE_M * T_PER_M)
    assert 3_000 < won < 6_000
    assert face.output_t(NIGHT.end_ms) == pytest.approx(face.output_t(NIGHT.start_ms))


# --- air


@pytest.mark.parametrize(
    ("metric", "lag_min", "more"),
    [
        ("Gas 1/Methane", 6, 0.2),
        ("Gas 2/Methane", 4, 0.15),
        ("Gas 3/Methane", 10, 0.1),
        ("Environment/Dust", 2, 20.0),
    ],
)
def test_gas_and_dust_follow_the_cutting(metric: str, lag_min: int, more: float) -> None:
    """Over a day clearly more while the shearer cuts than in the maintenance shift."""
    face = MiningFace(1, "F")
    signals = face.signals()
    cutting, resting = list[float](), list[float]()
    for at_ms in range(NIGHT.start_ms, NIGHT.start_ms + 24 * HOUR_MS, 10 * SECOND_MS):
        value = number(signals, metric, at_ms)
        if face.plan.load(at_ms, lag_min * MINUTE_MS) == 1.0:
            cutting.append(value)
        elif HOUR_MS < at_ms - NIGHT.start_ms < 8 * HOUR_MS:
            resting.append(value)
    assert fmean(cutting) > fmean(resting) + more


def test_methane_is_spread_as_on_a_real_longwall() -> None:
    """Reference values (MM263, MM264, MM256): means of 0.25–0.43 %, standard deviations of about 0.2."""
    signals = MiningFace(1, "F").signals()
    for metric, low, high in (
        ("Gas 1/Methane", 0.3, 0.7),
        ("Gas 2/Methane", 0.2, 0.5),
        ("Gas 3/Methane", 0.2, 0.5),
    ):
        values = [
            number(signals, metric, at_ms)
            for at_ms in range(NIGHT.start_ms, NIGHT.start_ms + 72 * HOUR_MS, 30 * SECOND_MS)
        ]
        assert low < fmean(values) < high
        assert 0.05 < pstdev(values) < 0.25
        assert max(values) < 1.0


# --- headings


@given(SEEDS, INSTANTS)
def test_one_local_fan_runs_at_any_time(seed: int, at_ms: int) -> None:
    signals = DrivingFace(seed, "F").signals()
    running = [fan for fan in (1, 2) if signals[f"Local Fan {fan}/Running"](at_ms)]
    assert len(running) == 1
    for fan in (1, 2):
        airflow = number(signals, f"Local Fan {fan}/Airflow", at_ms)
        assert (airflow > 400.0) == (fan in running)


def test_local_fans_change_over_every_night() -> None:
    for day in range(3):
        start_ms = Shift(NIGHT.index + 3 * day).start_ms
        fans = [heading.running_fan(start_ms + minute * MINUTE_MS) for minute in range(24 * 60)]
        assert fans.count(2) == 15
        assert fans.index(2) == 70


@given(SEEDS, INSTANTS)
def test_the_roadheader_draws_when_it_cuts(seed: int, at_ms: int) -> None:
    face = DrivingFace(seed, "F")
    signals = face.signals()
    cuts = face.plan.running(at_ms) is not None
    assert signals["Roadheader/Running"](at_ms) is cuts
    assert (number(signals, "Roadheader/Cutting Current", at_ms) > 50.0) == cuts


@given(SEEDS, INSTANTS)
def test_the_tbm_obeys_its_own_figures(seed: int, at_ms: int) -> None:
    """Advance = penetration × revolutions, power = torque × speed of turning, within the cutterhead's 960 kW."""
    face = TbmFace(seed, "F")
    signals = face.signals()
    names = ("Torque", "Cutterhead Speed", "Penetration", "Power", "Thrust", "Gripper Pressure")
    torque, rotation, penetration, power, thrust, grip = (
        number(signals, f"TBM/{name}", at_ms) for name in names
    )
    stroke = face.plan.running(at_ms)
    if stroke is None:
        assert (torque, rotation, penetration, power, thrust) == (0.0, 0.0, 0.0, 0.0, 0.0)
        assert grip < 6.0
        return
    assert penetration * rotation == pytest.approx(1_000.0 * stroke.speed_m_min)
    assert power == pytest.approx(torque * rotation * 0.10472, rel=1e-4)
    assert 300.0 < power < 960.0
    assert 3.0 < penetration < 9.0
    assert grip > 20.0


def test_the_tbm_bores_and_grips_seven_times_a_shift() -> None:
    face = TbmFace(1, "F")
    strokes = face.plan.shift_work(EIGHT.index).strokes
    assert len(strokes) == tbm_face.STROKES
    assert strokes[-1].to_m == pytest.approx(8.4)
    assert all(25.0 < (stroke.to_ms - stroke.from_ms) / MINUTE_MS < 50.0 for stroke in strokes)
    advance = [
        number(face.signals(), "TBM/Advance", EIGHT.start_ms + minute * MINUTE_MS) for minute in range(480)
    ]
    assert all(before <= after for before, after in pairwise(advance))
