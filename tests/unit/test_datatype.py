"""Integers of every width and sign as peers write them, and values in fields of another type."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import datatype
from contract.datatype import BITS, SIGNED, DataType, Value
from contract.proto.sparkplug_b_pb2 import Payload

WHOLE = sorted(BITS)


def metric_of(field: str, content: Value) -> Payload.Metric:
    """A metric with one field set."""
    metric = Payload.Metric()
    setattr(metric, field, content)
    return metric


@pytest.mark.parametrize(
    ("field", "content", "kind", "value"),
    [
        ("int_value", 0xFE, DataType.INT8, -2),
        ("int_value", 0xFFFF_FFFE, DataType.INT8, -2),  # sign-extended to 32 bits
        ("long_value", 0xFFFF_FFFF_FFFF_FFFE, DataType.INT8, -2),  # sign-extended to 64 bits
        ("int_value", 0xFFFE, DataType.INT16, -2),
        ("int_value", 0xFFFF_FFFE, DataType.INT16, -2),
        ("int_value", 0xFFFF_FFFE, DataType.INT32, -2),
        ("long_value", 0xFFFF_FFFF_FFFF_FFFE, DataType.INT32, -2),
        ("long_value", 0xFFFF_FFFF_FFFF_FFFE, DataType.INT64, -2),
        ("int_value", 0x80, DataType.INT8, -128),
        ("int_value", 0x7F, DataType.INT8, 127),
        ("int_value", 0xFF, DataType.UINT8, 255),
        ("int_value", 0xFFFF, DataType.UINT16, 65_535),
        ("int_value", 0xFFFF_FFFF, DataType.UINT32, 4_294_967_295),
        ("long_value", 0xFFFF_FFFF, DataType.UINT32, 4_294_967_295),  # Tahu puts UInt32 into long_value
        ("long_value", 2**64 - 1, DataType.UINT64, 2**64 - 1),
        ("int_value", 7, DataType.INT64, 7),
        ("int_value", 7, DataType.DOUBLE, 7.0),
        ("float_value", 1.5, DataType.DOUBLE, 1.5),
        ("double_value", 1.5, DataType.FLOAT, 1.5),
        ("int_value", 1, DataType.BOOLEAN, True),
        ("boolean_value", True, DataType.UINT8, 1),
        ("string_value", "x", DataType.TEXT, "x"),
        ("string_value", "7", DataType.INT32, None),
        ("string_value", "7", DataType.DOUBLE, None),
        ("string_value", "true", DataType.BOOLEAN, None),
        ("double_value", 7.5, DataType.INT32, 7.5),  # written while the metric was still declared as Double
        ("int_value", 0xFFFF_FFFE, DataType.DOUBLE, -2.0),
        ("long_value", 0xFFFF_FFFF_FFFF_FFFE, DataType.DOUBLE, -2.0),
        ("boolean_value", True, DataType.DOUBLE, 1.0),
        ("int_value", 7, DataType.STRING, None),
        ("int_value", 7, 16, None),  # DataSet
        ("int_value", 7, 99, None),
        ("double_value", 7.0, 99, None),
        ("bytes_value", b"x", DataType.STRING, None),
    ],
)
def test_reading(field: str, content: Value, kind: int, value: Value | None) -> None:
    assert datatype.get(metric_of(field, content), kind) == value


def test_null_has_no_value_even_beside_one() -> None:
    metric = metric_of("int_value", 7)
    metric.is_null = True
    assert datatype.get(metric, DataType.INT32) is None
    assert datatype.get(Payload.Metric(), DataType.INT32) is None


@given(st.sampled_from(WHOLE), st.data())
def test_every_whole_number_of_a_type_comes_back(kind: DataType, data: st.DataObject) -> None:
    bits, signed = BITS[kind], kind in SIGNED
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    value = data.draw(st.integers(low, high) | st.sampled_from([low, high]))
    metric = Payload.Metric()
    datatype.put(metric, kind, value)
    assert datatype.get(Payload.Metric.FromString(metric.SerializeToString()), kind) == value


@given(st.sampled_from(WHOLE), st.integers(0, 2**64 - 1), st.sampled_from(["int_value", "long_value"]))
def test_any_content_gives_a_number_of_the_type(kind: DataType, content: int, field: str) -> None:
    value = datatype.get(metric_of(field, content & (2**32 - 1 if field == "int_value" else 2**64 - 1)), kind)
    bits, signed = BITS[kind], kind in SIGNED
    assert isinstance(value, int)
    assert (-(1 << (bits - 1)) if signed else 0) <= value < (1 << (bits - signed))


@given(st.floats())
def test_doubles_come_back_exactly(value: float) -> None:
    metric = Payload.Metric()
    datatype.put(metric, DataType.DOUBLE, value)
    back = datatype.get(metric, DataType.DOUBLE)
    assert back == value or (isinstance(back, float) and math.isnan(back) and math.isnan(value))
