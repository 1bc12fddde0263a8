"""Sparkplug B payloads over the protobuf runtime.

The protobuf message itself is the data structure; these functions are the only places that know where
names, types, values, quality and properties sit in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final

from google.protobuf.message import DecodeError

from contract import datatype, quality
from contract.datatype import DataType, Value
from contract.errors import Rejected
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality

Metric = Payload.Metric


class MalformedPayload(Rejected):
    """The bytes are no Sparkplug B payload."""


def parse(data: bytes) -> Payload:
    """The payload in `data`; raises `MalformedPayload`, also for text that is not UTF-8."""
    try:
        return Payload.FromString(data)
    except DecodeError as error:
        raise MalformedPayload(f"not a Sparkplug B payload: {error}") from error


def add(
    payload: Payload,
    value: Value | None,
    datatype_of: DataType,
    *,
    at_ms: int,
    name: str | None = None,
    alias: int | None = None,
    quality_of: Quality = Quality.GOOD,
    with_type: bool = True,
    properties: Mapping[str, str | float] | None = None,
) -> Metric:
    """Append one metric. Quality is written only when it is not good, as the standard asks at least."""
    metric = payload.metrics.add(timestamp=at_ms)
    if name is not None:
        metric.name = name
    if alias is not None:
        metric.alias = alias
    if with_type:
        metric.datatype = datatype_of
    datatype.put(metric, datatype_of, value)
    if quality_of is not Quality.GOOD:
        set_property(metric, quality.PROPERTY, int(quality_of))
    for key, text in (properties or {}).items():
        set_property(metric, key, text)
    return metric


def set_property(metric: Metric, key: str, value: str | float) -> None:
    """Append one property: whole numbers as Int32, others as Double, the rest as String."""
    metric.properties.keys.append(key)
    held = metric.properties.values.add()
    if isinstance(value, int):
        held.type, held.int_value = DataType.INT32, value & 0xFFFF_FFFF
    elif isinstance(value, float):
        held.type, held.double_value = DataType.DOUBLE, value
    else:
        held.type, held.string_value = DataType.STRING, value


def quality_of(metric: Metric) -> Quality:
    """The quality of a metric: its property, else good if it has a value and bad if it has none."""
    if metric.HasField("properties"):
        for key, held in zip(metric.properties.keys, metric.properties.values, strict=False):
            if key == quality.PROPERTY:
                return QUALITIES.get(held.int_value or held.long_value, Quality.BAD)
    return Quality.BAD if metric.is_null else Quality.GOOD


RANGE: Final = ("engLow", "engHigh")
"""Properties of a birth that say what an instrument is made for, as Sparkplug hosts know them."""
QUALITIES = {int(member): member for member in Quality}


def text_properties(metric: Metric) -> dict[str, str]:
    """The string properties of a metric, such as its unit."""
    held = zip(metric.properties.keys, metric.properties.values, strict=False)
    return {key: value.string_value for key, value in held if value.HasField("string_value")}


def range_of(metric: Metric) -> tuple[float | None, float | None]:
    """What the instrument is made for, as the properties `engLow` and `engHigh` tell it."""
    held = dict(zip(metric.properties.keys, metric.properties.values, strict=False))
    low, high = (number_of(held[key]) if key in held else None for key in RANGE)
    return low, high


def number_of(held: Payload.PropertyValue) -> float | None:
    """A property that is a finite number."""
    match held.WhichOneof("value"):
        case "double_value":
            number = held.double_value
        case "float_value":
            number = held.float_value
        case "int_value":
            number = float(held.int_value - (1 << 32) if held.int_value >> 31 else held.int_value)
        case _:
            return None
    return number if isfinite(number) else None
