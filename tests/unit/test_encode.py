"""Readings as the bodies of batches: types, grouping, order, and values that do not fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import datatype, payload
from contract.datatype import DataType, Value
from contract.point import OpcUaAddress, Point, RawType
from contract.quality import Quality
from edge_agent.acquisition.reading import Reading
from edge_agent.uplink import encode
from tests.readings import point, reading

AT_MS = 1_700_000_000_000
FLOW = point("Pump 1/Flow")
OPC_UA = OpcUaAddress("ns=2;s=a")


@pytest.mark.parametrize(
    ("of", "kind"),
    [
        (point("Pump 1/Flow", raw=RawType.FLOAT32), DataType.DOUBLE),
        (point("Pump 1/Flow", raw=RawType.UINT16), DataType.INT64),
        (point("Pump 1/Flow", raw=RawType.INT64), DataType.INT64),
        (
            point("Pump 1/Energy", raw=RawType.UINT64),
            DataType.UINT64,
        ),  # as Int64 its upper half were negative
        (point("Pump 1/Flow", raw=RawType.UINT16, scale=0.1), DataType.DOUBLE),
        (point("Pump 1/Flow", raw=RawType.UINT16, offset=-40), DataType.DOUBLE),
        (point("Control/Running", raw=RawType.BIT), DataType.BOOLEAN),
        (point("Control/Running", raw=RawType.UINT16), DataType.BOOLEAN),
        (point("Pump 1/Own Word", raw=RawType.BIT), DataType.BOOLEAN),
        (point("Control/Mode", raw=RawType.UINT16, enum={0: "local"}), DataType.STRING),
        (point("Pump 1/Own Word", raw=RawType.UINT16, enum={0: "a"}), DataType.STRING),
        (Point("F1", "Pump 1/Flow", OPC_UA), DataType.DOUBLE),
        (Point("F1", "Personnel/Cards", OPC_UA), DataType.STRING),
        (Point("F1", "Door/Closed", OPC_UA), DataType.BOOLEAN),
    ],
)
def test_the_type_a_point_is_published_as(of: Point, kind: DataType) -> None:
    assert encode.datatype_of(of) is kind


@pytest.mark.parametrize(
    ("value", "kind", "fits"),
    [
        (1.5, DataType.DOUBLE, 1.5),
        ("1.5", DataType.DOUBLE, None),
        ("on", DataType.BOOLEAN, None),
        (1, DataType.BOOLEAN, 1),
        (1, DataType.STRING, "1"),
        ("自动", DataType.STRING, "自动"),
        ("a\ud800b", DataType.STRING, "a?b"),  # half a character: no UTF-8 can hold it
        (None, DataType.STRING, None),
        (None, DataType.DOUBLE, None),
    ],
)
def test_a_value_that_cannot_be_of_the_type_is_none(
    value: Value | None, kind: DataType, fits: Value | None
) -> None:
    assert encode.fitting(value, kind) == fits


def test_data_carries_alias_time_value_and_nothing_else() -> None:
    """tck-id-payloads-alias-data-cmd-requirement, payloads-metric-datatype-not-req."""
    data = encode.body([reading(FLOW, 0.42, AT_MS)], lambda _: 3, with_type=False)
    assert data == bytes.fromhex("12 12 10 03 18 80 d0 95 ff bc 31 69 e1 7a 14 ae 47 e1 da 3f")


def test_the_type_is_included_where_a_host_needs_it() -> None:
    (metric,) = payload.parse(encode.body([reading(FLOW, 0.42, AT_MS)], lambda _: 3, with_type=True)).metrics
    assert metric.datatype == DataType.DOUBLE


@pytest.mark.parametrize("quality", [Quality.BAD, Quality.STALE])
def test_no_value_is_null_with_its_quality_and_never_0(quality: Quality) -> None:
    data = encode.body([reading(FLOW, None, AT_MS, quality)], lambda _: 3, with_type=False)
    (metric,) = payload.parse(data).metrics
    assert metric.is_null
    assert metric.WhichOneof("value") is None
    assert payload.quality_of(metric) is quality


POINTS = [point("Pump 1/Flow"), point("Pump 2/Flow"), point("Pump 1/Flow", "F2"), point("Pump 1/Flow", "F3")]
ALIAS = {one.key: number for number, one in enumerate(POINTS, start=1)}
READINGS = st.lists(
    st.builds(reading, st.sampled_from(POINTS), st.floats(allow_nan=False), st.integers(AT_MS, AT_MS + 50))
)


@given(READINGS, st.integers(1, 5))
def test_drafts_hold_every_reading_once_in_order(readings: list[Reading], readings_max: int) -> None:
    """tck-id-operational-behavior-data-publish-dbirth-order: chronological within a payload."""
    made = list(
        encode.drafts(readings, lambda one: ALIAS[one.key], readings_max=readings_max, with_type=False)
    )
    found = []
    for draft in made:
        metrics = payload.parse(draft.body).metrics
        assert 1 <= draft.readings == len(metrics) <= readings_max
        assert [metric.timestamp for metric in metrics] == sorted(metric.timestamp for metric in metrics)
        assert {POINTS[metric.alias - 1].area for metric in metrics} == {draft.device}
        found += [
            (metric.alias, metric.timestamp, datatype.get(metric, DataType.DOUBLE)) for metric in metrics
        ]
    assert sorted(found) == sorted((ALIAS[one.point.key], one.source_at_ms, one.value) for one in readings)
    per_area = [draft.device for draft in made]
    assert [area for at, area in enumerate(per_area) if area not in per_area[:at]] == list(dict.fromkeys(
        one.point.area for one in readings
    ))  # fmt: skip
