"""Sparkplug data types and how their values sit in a metric (Sparkplug 3.0, chapter 6.4.16).

Integers travel as unsigned fields: up to 32 bits in `int_value`, 64 bits in `long_value`, negative ones in
two's complement of the *type's* width. Some peers sign-extend to 32 bits; reading masks to the width.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from contract.proto.sparkplug_b_pb2 import Payload


class DataType(IntEnum):
    """The scalar types; data sets, templates and arrays are not read and count as unsupported."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15


Value = bool | int | float | str
"""What a metric can hold here; `None` beside it means no value."""

BITS: Final[Mapping[int, int]] = {
    DataType.INT8: 8, DataType.INT16: 16, DataType.INT32: 32, DataType.INT64: 64,
    DataType.UINT8: 8, DataType.UINT16: 16, DataType.UINT32: 32, DataType.UINT64: 64, DataType.DATETIME: 64,
}  # fmt: skip
SIGNED: Final = frozenset({DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64})
FLOATS: Final = frozenset({DataType.FLOAT, DataType.DOUBLE})
TEXTS: Final = frozenset({DataType.STRING, DataType.TEXT, DataType.UUID})


def put(metric: Payload.Metric, datatype: DataType, value: Value | None) -> None:
    """Set the value; `None` sets `is_null` (tck-id-operational-behavior-data-publish-nbirth-values)."""
    if value is None:
        metric.is_null = True
    elif datatype in TEXTS:
        metric.string_value = str(value)
    elif datatype is DataType.BOOLEAN:
        metric.boolean_value = bool(value)
    elif datatype is DataType.DOUBLE:
        metric.double_value = float(value)
    elif datatype is DataType.FLOAT:
        metric.float_value = float(value)
    elif BITS[datatype] > 32:  # noqa: PLR2004  (the width of int_value)
        metric.long_value = int(value) & 0xFFFF_FFFF_FFFF_FFFF
    else:
        metric.int_value = int(value) & ((1 << BITS[datatype]) - 1)


def get(metric: Payload.Metric, datatype: int) -> Value | None:
    """The value of a metric by its declared type; `None` if it has none, or one of another or unread kind.

    A number that comes in another type's field is that number all the same.
    """
    field = metric.WhichOneof("value")
    if field is None or metric.is_null or field not in READABLE:
        return None
    value: Value = getattr(metric, field)
    if datatype in TEXTS or isinstance(value, str):
        return value if datatype in TEXTS and isinstance(value, str) else None
    if datatype == DataType.BOOLEAN:
        return bool(value)
    if datatype in FLOATS:
        as_sent = DataType.INT64 if field == "long_value" else DataType.INT32
        return value if isinstance(value, float) else float(sized(value, as_sent))
    if datatype in BITS:
        return value if isinstance(value, float) else sized(value, datatype)
    return None


READABLE: Final = frozenset(
    {"int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value"}
)


def sized(value: int, datatype: int) -> int:
    """An unsigned field's content as the integer of this type."""
    bits = BITS[datatype]
    value &= (1 << bits) - 1
    return value - (1 << bits) if datatype in SIGNED and value >> (bits - 1) else value
