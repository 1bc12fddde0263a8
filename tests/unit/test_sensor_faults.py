"""Pins the faults of the virtual mine's sensors: what they do in their time, and that they do nothing else."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.datatype import Value
from contract.vocabulary.roles import BY_METRIC
from simulators.chance import Chance
from simulators.equipment.occasions import Occasions, Span, during, in_maintenance, seldom
from simulators.equipment.sensor_faults import (
    USUAL,
    calibrated,
    dead,
    drifting,
    frozen,
    reads,
    usual_faults,
)
from simulators.equipment.signal import Signal
from simulators.people import People
from simulators.plant import FACE_CREWS, PATROLS, signals_of, true_signals
from simulators.shifts import DAY_MS, HOUR_MS, MINUTE_MS, Shift, shift_at

INSTANTS = st.integers(1_577_808_000_000, 1_893_427_200_000)  # 2020 to 2029
SEEDS = st.integers(0, 20)
SECOND_MS = 1_000
BEGIN_MS = Shift(60_999).start_ms  # of a 零点班
WINDOW = Span(BEGIN_MS + HOUR_MS, BEGIN_MS + HOUR_MS + 6 * MINUTE_MS)
AT = during(WINDOW)
FAULTS: dict[str, Callable[[Signal, Occasions], Signal]] = {
    "reads": lambda signal, at: reads(signal, at, -266.0),
    "dead": dead,
    "frozen": frozen,
    "drifting": lambda signal, at: drifting(signal, at, 12.0),
    "calibrated": lambda signal, at: calibrated(signal, at, 30.0),
}


def rising(at_ms: int) -> float:
    """A signal that is another one every second."""
    return at_ms / 1e9


@pytest.mark.parametrize("name", FAULTS)
@given(at_ms=INSTANTS)
def test_outside_its_window_a_fault_does_nothing(name: str, at_ms: int) -> None:
    faulty = FAULTS[name](rising, AT)
    if not WINDOW.holds(at_ms):
        assert faulty(at_ms) == rising(at_ms)
    assert faulty(WINDOW.from_ms - 1) == rising(WINDOW.from_ms - 1)
    assert faulty(WINDOW.to_ms) == rising(WINDOW.to_ms)


@given(st.integers(0, WINDOW.to_ms - WINDOW.from_ms - 1))
def test_within_its_window_each_fault_does_its_own(into_ms: int) -> None:
    at_ms = WINDOW.from_ms + into_ms
    assert FAULTS["reads"](rising, AT)(at_ms) == -266.0
    assert FAULTS["dead"](rising, AT)(at_ms) is None
    assert FAULTS["frozen"](rising, AT)(at_ms) == rising(WINDOW.from_ms)
    assert FAULTS["drifting"](rising, AT)(at_ms) == pytest.approx(rising(at_ms) + 12.0 * into_ms / HOUR_MS)


def test_a_calibration_shows_pure_air_then_test_gas_then_the_way_back() -> None:
    gauge = FAULTS["calibrated"](rising, AT)
    course = [gauge(at_ms) for at_ms in range(WINDOW.from_ms, WINDOW.to_ms, SECOND_MS)]
    numbers = [value for value in course if isinstance(value, float)]
    assert len(numbers) == 360
    assert numbers[:120] == [0.0] * 120
    assert all(before < after for before, after in pairwise(numbers[120:240]))
    assert numbers[239] == pytest.approx(30.0, abs=0.1)
    assert all(before > after for before, after in pairwise(numbers[240:]))
    assert numbers[-1] < 0.1


@pytest.mark.parametrize("value", [True, "auto", None])
def test_what_is_no_number_does_not_drift(value: Value | None) -> None:
    assert FAULTS["drifting"](lambda _at_ms: value, AT)(WINDOW.to_ms - 1) is value


def test_of_windows_that_overlap_the_first_holds() -> None:
    first, second = Span(0, 10), Span(5, 20)
    windows = during(first, second)
    assert [windows(at_ms) for at_ms in (0, 7, 10, 20)] == [first, first, second, None]


# --- drawn by chance


@given(SEEDS, INSTANTS, st.floats(0.5, 40.0))
def test_an_occasion_holds_the_instant_and_lies_in_its_day(seed: int, at_ms: int, every_days: float) -> None:
    lasting_ms = MINUTE_MS, 6 * HOUR_MS
    span = seldom(Chance(seed, "x"), every_days, lasting_ms)(at_ms)
    if span is not None:
        assert span.holds(at_ms)
        assert lasting_ms[0] <= span.to_ms - span.from_ms <= lasting_ms[1]
        assert shift_at(span.from_ms).index // 3 == shift_at(span.to_ms - 1).index // 3


def spans_of(occasions: Occasions, days: int) -> set[Span]:
    """What looking every half minute finds."""
    instants = range(BEGIN_MS, BEGIN_MS + days * DAY_MS, 30 * SECOND_MS)
    return {span for at_ms in instants if (span := occasions(at_ms)) is not None}


def test_occasions_are_as_seldom_as_they_should_be() -> None:
    """Of 400 days about every tenth has one."""
    spans = spans_of(seldom(Chance(1, "x"), 10.0, (3 * MINUTE_MS, 6 * MINUTE_MS)), 400)
    assert 25 < len(spans) < 60


def test_maintenance_comes_every_so_many_days() -> None:
    spans = spans_of(in_maintenance(Chance(1, "x"), 10, (3 * MINUTE_MS, 6 * MINUTE_MS)), 100)
    assert len(spans) == 10
    assert {(span.from_ms - BEGIN_MS) // DAY_MS % 10 for span in spans} in [{turn} for turn in range(10)]
    assert not any(
        shift_at(at_ms).is_production for span in spans for at_ms in (span.from_ms, span.to_ms - 1)
    )


# --- what is usual


def mines(seed: int) -> tuple[dict[tuple[str, str], Signal], dict[tuple[str, str], Signal]]:
    """The mine with faultless sensors, and as it is."""
    people = People(seed, FACE_CREWS, PATROLS)
    return dict(true_signals(seed, people)), dict(signals_of(seed, people))


def test_what_is_judged_has_no_faults() -> None:
    """Headcounts, modes, protections, links, doors: the very signals of the faultless mine."""
    judged = set(BY_METRIC)
    assert not judged & {"/".join(key) for key in USUAL}
    true, faulty = mines(1)
    assert set(true) == set(faulty)
    untouched = usual_faults(1, {tag: signal for tag, signal in true.items() if tag[1] in judged})
    assert all(untouched[tag] is true[tag] for tag in untouched)


def sensor(metric: str, reading: float) -> Signal:
    """A sensor of a face that would read the same all the time."""
    return usual_faults(1, {("F14031", metric): lambda _at_ms: reading})["F14031", metric]


@pytest.mark.parametrize(
    ("metric", "reading", "shown", "step_s", "days"),
    [
        ("Gas 1/Methane", 0.3, lambda value: value > 20.0, 30, 30),
        ("Environment/Humidity", 82.0, lambda value: value == 0.0, 30, 60),
        ("Environment/CO", 4.0, lambda value: value > 5.0, 30, 120),
        ("Environment/Dust", 20.0, lambda value: value is None, 30, 150),
        ("Environment/Air Speed", 1.7, lambda value: value == -266.0, 1, 24),
        ("Shearer/Left Drum Current", 90.0, lambda value: value == -255.0, 1, 12),
        ("Roadheader/Cutting Current", 110.0, lambda value: value == -255.0, 1, 12),
    ],
)
def test_weeks_bring_faults_and_few_of_them(
    metric: str, reading: float, shown: Callable[[Value | None], bool], step_s: int, days: int
) -> None:
    """Impossible figures, calibration spikes, dead zeros, drift; 97 of 100 readings of every sensor are right."""
    signal = sensor(metric, reading)
    seconds = range(BEGIN_MS, BEGIN_MS + days * DAY_MS, step_s * SECOND_MS)
    wrong = [value for at_ms in seconds if (value := signal(at_ms)) != reading]
    assert any(shown(value) for value in wrong)
    assert 0 < len(wrong) < 0.03 * len(seconds)


def test_a_frozen_sensor_keeps_its_reading_for_hours() -> None:
    signal = usual_faults(1, {("F", "Environment/Temperature"): rising})["F", "Environment/Temperature"]
    readings = [signal(at_ms) for at_ms in range(BEGIN_MS, BEGIN_MS + 60 * DAY_MS, 10 * MINUTE_MS)]
    still = sum(before == after for before, after in pairwise(readings))
    assert 12 <= still < 0.03 * len(readings)


@given(SEEDS, st.integers(0, 60))
def test_calibration_gas_comes_in_maintenance_shifts_only(seed: int, day: int) -> None:
    signal = usual_faults(seed, {("F", "Gas 1/Methane"): lambda _at_ms: 0.3})["F", "Gas 1/Methane"]
    for minute in range(480, 1_440, 2):
        value = signal(BEGIN_MS + day * DAY_MS + minute * MINUTE_MS)
        assert value in (0.3, -2.0)
