"""Where metrics go in the store, and samples as its lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.datatype import DataType, Value
from contract.quality import Quality
from contract.vocabulary import equipment, quantities
from contract.vocabulary.roles import BY_METRIC, Role
from gateway.historian.historian import is_text, why_refused
from gateway.ingest.node import MetricState, Sample
from gateway.ingest.points import points
from gateway.ingest.router import fits, route

MINE = "990000000001"
GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE


@pytest.mark.parametrize(
    ("metric", "kind", "place"),
    [
        ("Pump 2/Flow", DataType.DOUBLE, ("pump", {"unit": "2"}, "flow", "flow_q")),
        ("Shearer/Position", DataType.FLOAT, ("shearer", {}, "position", "position_q")),
        ("Main Fan 1/Bearing Temperature", DataType.DOUBLE,
         ("main_fan", {"unit": "1"}, "bearing_temperature", "bearing_temperature_q")),
        ("Control/Mode", DataType.STRING, ("control", {}, "mode_text", "mode_q")),
        ("Pump 2/Own Word", DataType.DOUBLE, ("telemetry", {"point": "Pump 2/Own Word"}, "value", "value_q")),
        ("Properties/Hardware", DataType.STRING,
         ("telemetry", {"point": "Properties/Hardware"}, "value_text", "value_q")),
    ],
)  # fmt: skip
def test_the_place_of_a_metric(
    metric: str, kind: DataType, place: tuple[str, dict[str, str], str, str]
) -> None:
    target = route(MINE, "gw-1", "C1", metric, kind)
    measurement, tags, *names = place
    assert (target.series.measurement, dict(target.series.tags)) == (
        measurement,
        {"area": "C1", "mine": MINE} | tags,
    )
    assert [target.field, target.quality_field] == names
    assert list(target.series.tags) == sorted(target.series.tags)


def test_a_node_s_own_metrics_have_the_node_for_an_area() -> None:
    target = route(MINE, "gw-1", None, "Uptime", DataType.INT32)
    assert (target.area, target.mine) == ("gw-1", MINE)


def test_a_series_is_one_object() -> None:
    """Points are told apart by it."""
    flow = route(MINE, "gw-1", "C1", "Pump 2/Flow", DataType.DOUBLE)
    current = route(MINE, "gw-1", "C1", "Pump 2/Current", DataType.INT32)
    assert flow.series is current.series


@pytest.mark.parametrize(
    ("metric", "role"), [*BY_METRIC.items(), ("Pump 1/Flow", None), ("Personnel 2/Headcount", None)]
)
def test_roles(metric: str, role: Role | None) -> None:
    assert route(MINE, "gw-1", "C1", metric, DataType.DOUBLE).role is role


@given(
    st.sampled_from(equipment.KINDS),
    st.sampled_from(quantities.QUANTITIES),
    st.sampled_from(DataType),
    st.text(max_size=9),
)
def test_a_field_s_name_tells_its_type(
    kind: equipment.Equipment, quantity: quantities.Quantity, datatype: DataType, foreign: str
) -> None:
    """Whatever a peer declares, a field of one name never has two types, and none that a store refuses."""
    for metric in (f"{kind.word} 1/{quantity.word}", foreign):
        target = route(MINE, "gw-1", "C1", metric, datatype)
        assert is_text(target.field) == target.is_text
        assert not is_text(target.quality_field)
        if fits(target, datatype):
            assert why_refused(target.field, "x" if target.is_text else 1.0) is None


@pytest.mark.parametrize("datatype", [0, 16, 17, 19, 22, 34, 99])
def test_types_that_are_not_read_fit_nowhere(datatype: int) -> None:
    assert not fits(route(MINE, "gw-1", "C1", "Pump 1/Flow", datatype), datatype)
    assert not fits(route(MINE, "gw-1", "C1", "x", datatype), datatype)


def state(metric: str, kind: DataType = DataType.DOUBLE) -> MetricState:
    """A metric as declared."""
    return MetricState(metric, kind, route(MINE, "gw-1", "C1", metric, kind))


FLOW, CURRENT, MODE = state("Pump 1/Flow"), state("Pump 1/Current"), state("Control/Mode", DataType.STRING)
OTHER_PUMP = state("Pump 2/Flow")


def sample(
    of: MetricState, at_ms: int, value: Value | None, quality: Quality = GOOD, *, turned: bool = False
) -> Sample:
    """A sample with little ceremony."""
    return Sample(of, at_ms, value, quality, turned)


@pytest.mark.parametrize(
    ("samples", "lines"),
    [
        ([sample(FLOW, 5, 1.5)], [(5, {"flow": 1.5})]),
        ([sample(FLOW, 5, 1.5), sample(CURRENT, 5, 7)], [(5, {"flow": 1.5, "current": 7.0})]),  # one wide line
        ([sample(FLOW, 5, 1.5), sample(OTHER_PUMP, 5, 2.5), sample(CURRENT, 5, 7)],
         [(5, {"flow": 1.5, "current": 7.0}), (5, {"flow": 2.5})]),
        ([sample(FLOW, 5, 1.5), sample(FLOW, 6, 2.5)], [(5, {"flow": 1.5}), (6, {"flow": 2.5})]),
        ([sample(FLOW, 6, 1.5), sample(FLOW, 5, 2.5), sample(CURRENT, 6, 7)],
         [(6, {"flow": 1.5, "current": 7.0}), (5, {"flow": 2.5})]),
        ([sample(FLOW, 5, True)], [(5, {"flow": 1.0})]),
        ([sample(MODE, 5, "auto")], [(5, {"mode_text": "auto"})]),
        ([sample(FLOW, 5, None, BAD, turned=True)], [(5, {"flow_q": 0.0})]),
        ([sample(FLOW, 5, None, STALE)], [(5, {"flow_q": 500.0})]),
        ([sample(FLOW, 5, 1.5, turned=True)], [(5, {"flow": 1.5, "flow_q": 192.0})]),
        ([sample(MODE, 5, "auto", turned=True)], [(5, {"mode_text": "auto", "mode_q": 192.0})]),
        ([], []),
    ],
)  # fmt: skip
def test_samples_as_lines(samples: list[Sample], lines: list[tuple[int, dict[str, float | str]]]) -> None:
    assert [(point.at_ms, dict(point.fields)) for point in points(samples)] == lines


SAMPLES = st.lists(
    st.builds(
        sample,
        st.sampled_from([FLOW, CURRENT, OTHER_PUMP]),
        st.integers(0, 3),
        st.floats(allow_nan=False, allow_infinity=False),
    )
)


@given(SAMPLES)
def test_every_instant_of_a_series_is_one_line_with_the_last_values(samples: list[Sample]) -> None:
    naive: dict[tuple[object, int], dict[str, float]] = {}
    for one in samples:
        assert isinstance(one.value, float)
        naive.setdefault((one.metric.target.series, one.at_ms), {})[one.metric.target.field] = one.value
    made = points(samples)
    assert {(point.series, point.at_ms): dict(point.fields) for point in made} == naive
    assert len(made) == len(naive)
