"""Pins report by exception: what is reported, how long a point may be silent, and that its times go on."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contract.datatype import Value
from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.deadband import CONFIRMATIONS, Deadband, reread_s
from edge_agent.acquisition.reading import Reading
from tests.points import modbus_point, opcua_point

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE
T0 = 1_700_000_000_000


def reported(point: Point, *steps: tuple[float, Value | None, Quality]) -> list[tuple[float, Value | None]]:
    """What is reported of readings at (seconds, value, quality), by either way in; both must agree."""
    whole, sifted = Deadband(), Deadband()
    table = [*{(type(value), value): value for _, value, _ in steps}.values()]
    strip = sifted.strip([point], [lambda number: table[int(number)]])
    first: list[Reading] = []
    second: list[Reading] = []
    for at, value, quality in steps:
        at_ms = T0 + round(1000 * at)
        readings = [Reading(point, value, quality, at_ms, at_ms)]
        first += whole.reports(readings)
        if quality is STALE:
            second += sifted.reports(readings)
        else:
            number = next(n for n, known in enumerate(table) if (type(known), known) == (type(value), value))
            second += sifted.sift(strip, [number], at_ms)
    assert first == second
    return [((report.source_at_ms - T0) / 1000, report.value) for report in first]


def test_a_change_beyond_the_deadband_of_the_last_report() -> None:
    """A slow drift is reported: it is held against what was reported, not against what was read last."""
    point = modbus_point(0, deadband=0.5)
    steps = [(second, 10 + 0.2 * second, GOOD) for second in range(8)]
    assert [at for at, _ in reported(point, *steps)] == [0, 3, 6]


def test_the_deadband_itself_is_no_change() -> None:
    """Only more than the deadband is."""
    point = modbus_point(0, deadband=2)
    assert reported(point, (0, 10, GOOD), (1, 12, GOOD), (2, 8, GOOD), (3, 13, GOOD)) == [(0, 10), (3, 13)]


def test_any_change_of_booleans_texts_and_without_deadband() -> None:
    """A deadband does not hide a Boolean or a text."""
    point = modbus_point(0, deadband=5)
    assert [value for _, value in reported(point, (0, False, GOOD), (1, True, GOOD), (2, True, GOOD))] == [
        False,
        True,
    ]
    assert [value for _, value in reported(point, (0, "local", GOOD), (1, "remote", GOOD))] == [
        "local",
        "remote",
    ]
    plain = modbus_point(0)
    assert len(reported(plain, (0, 1.0, GOOD), (1, 1.0000001, GOOD), (2, 1.0000001, GOOD))) == 2


def test_quality_changes_are_reported_at_once_and_once() -> None:
    """Stale, bad and the return to good; what stays bad or stale is not repeated."""
    point = modbus_point(0)
    steps = [
        (0, 9, GOOD), (1, None, STALE), (2, None, STALE), (700, None, BAD), (800, None, BAD), (801, 9, GOOD),
    ]  # fmt: skip
    assert reported(point, *steps) == [(0, 9), (1, None), (700, None), (801, 9)]
    assert reported(point, (0, None, BAD), (1, None, STALE), (2, None, BAD)) == [
        (0, None),
        (1, None),
        (2, None),
    ]


def test_a_value_is_repeated_before_max_silence() -> None:
    """Read every 7 s and silent for at most 60 s: reported every 56 s, not after 63."""
    point = modbus_point(0, period_s=7, max_silence_s=60)
    times = [at for at, _ in reported(point, *((7 * n, 5, GOOD) for n in range(40)))]
    assert times == [0, 56, 112, 168, 224]


def test_a_point_read_more_seldom_than_its_silence_is_always_reported() -> None:
    """Nothing that was read is held back then."""
    point = modbus_point(0, period_s=60, max_silence_s=30)
    assert len(reported(point, *((60 * n, 5, GOOD) for n in range(5)))) == 5


def test_opcua_confirmations_come_often_enough() -> None:
    """A node without changes is confirmed four times within its silence, so reports keep to it."""
    assert reread_s(opcua_point("i=1", max_silence_s=60)) == 60 / CONFIRMATIONS


def test_several_values_of_one_instant_keep_their_order() -> None:
    """A server that stamps with whole seconds: the first keeps its time, the next get those of receipt."""
    point, deadband = modbus_point(0), Deadband()
    readings = [Reading(point, value, GOOD, T0, T0 + 400) for value in (1, 2, 3)]
    assert [report.source_at_ms - T0 for report in deadband.reports(readings)] == [0, 400, 401]


def test_a_value_stamped_before_the_outage_does_not_bridge_it() -> None:
    """After a stale mark a server sends a value that it stamped long ago: it counts from its receipt."""
    point, deadband = opcua_point("i=1"), Deadband()
    readings = [
        Reading(point, 9, GOOD, T0, T0),
        Reading(point, None, STALE, T0 + 5_000, T0 + 5_000),
        Reading(point, 9, GOOD, T0, T0 + 65_000),
    ]
    assert [report.source_at_ms - T0 for report in deadband.reports(readings)] == [0, 5_000, 65_000]


def test_a_confirmation_follows_a_value_stamped_long_ago() -> None:
    """A value unchanged for three hours is reported with its own time, then at once as seen now."""
    point, deadband = opcua_point("i=1"), Deadband()
    long_ago = T0 - 3 * 3_600_000
    readings = [Reading(point, 9, GOOD, long_ago, T0), Reading(point, 9, GOOD, T0 + 10, T0 + 10)]
    assert [report.source_at_ms - T0 for report in deadband.reports(readings)] == [long_ago - T0, 10]


def test_a_clock_set_back_neither_silences_nor_rewrites() -> None:
    """The agent's clock jumps back by minutes: the value is reported, after the last time."""
    point, deadband = modbus_point(0), Deadband()
    readings = [Reading(point, 9, GOOD, at, at) for at in (T0, T0 - 300_000, T0 - 299_000)]
    assert [report.source_at_ms - T0 for report in deadband.reports(readings)] == [0, 1]


def test_a_clock_set_back_by_an_hour_is_not_followed_by_an_hour_of_wrong_times() -> None:
    point, deadband = modbus_point(0), Deadband()
    readings = [Reading(point, 9, GOOD, at, at) for at in (T0, T0 - 3_600_000, T0 - 3_599_000)]
    assert [report.source_at_ms - T0 for report in deadband.reports(readings)] == [0, -3_600_000]


values = st.one_of(st.booleans(), st.integers(-5, 5), st.floats(-5, 5), st.sampled_from(["local", "remote"]))
steps_of_a_point = st.lists(
    st.tuples(
        st.integers(0, 20_000),
        st.integers(-30_000, 30_000),
        st.one_of(values.map(lambda value: (value, GOOD)), st.sampled_from([(None, BAD), (None, STALE)])),
    ),
    max_size=60,
)


@given(steps_of_a_point, st.sampled_from([0.0, 1.0, 3.0]))
def test_times_of_reports_strictly_increase(
    steps: list[tuple[int, int, tuple[Value | None, Quality]]], deadband: float
) -> None:
    """Whatever the clocks do; and no change of quality and no first reading is ever held back."""
    point, state, now, last_quality = modbus_point(0, deadband=deadband), Deadband(), T0, None
    times = []
    for pause, skew, (value, quality) in steps:
        now += pause
        reports = state.reports([Reading(point, value, quality, now + skew, now)])
        assert len(reports) <= 1
        if quality is not last_quality:
            assert reports
        last_quality = quality
        times += [report.source_at_ms for report in reports]
    assert times == sorted(set(times))


@given(
    st.lists(st.tuples(st.integers(0, 30_000), st.one_of(st.none(), values, st.just(STALE))), max_size=60),
    st.sampled_from([0.0, 1.0, 3.0]),
)
def test_both_ways_in_report_the_same(
    steps: list[tuple[int, Value | Quality | None]], deadband: float
) -> None:
    """Sifting values is a short cut, and nothing else."""
    now, history = 0, []
    for pause, step in steps:
        now += pause
        quality = STALE if step is STALE else BAD if step is None else GOOD
        history.append((now / 1000, None if step is STALE else step, quality))
    reported(modbus_point(0, deadband=deadband), *history)


@given(st.integers(1, 20), st.floats(0.5, 100), st.floats(0, 1))
def test_reports_of_a_steady_value_keep_to_max_silence(period: int, silence: float, jitter: float) -> None:
    """Polls on the grid of their period, none later than `jitter` of it: no gap above the silence or one period."""
    point = modbus_point(0, period_s=period, max_silence_s=silence)
    reports = reported(point, *((n * period + (n % 2) * jitter * 0.01, 5, GOOD) for n in range(200)))
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(reports)]
    assert max(gaps) <= max(silence, period) + 0.02
