"""Readings as the bodies of batches: Sparkplug metrics by alias, ready to be sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from contract import datatype, payload, quality
from contract.datatype import DataType, Value
from contract.point import ModbusAddress, Point, RawType
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from contract.vocabulary import equipment, quantities, roles
from contract.vocabulary.quantities import Kind
from edge_agent.acquisition.reading import Reading
from edge_agent.uplink.draft import Draft


def datatype_of(point: Point) -> DataType:
    """The type a point is published as: text and Booleans by the vocabulary or the table, else numbers.

    A number is Int64 (UInt64) where raw integers come through unscaled, else Double: a Float would turn 1.2
    into 1.2000000476837158 in the store.
    """
    name = equipment.parse(point.metric)
    known = quantities.BY_WORD.get(name.quantity) if name else None
    if point.is_text or (known and known.kind is Kind.TEXT):
        return DataType.STRING
    raw = point.address.type if isinstance(point.address, ModbusAddress) else None
    if raw is RawType.BIT or (known and known.kind is Kind.BOOLEAN):
        return DataType.BOOLEAN
    is_scaled = (point.scale, point.offset) != (1, 0)
    if raw is None or is_scaled or raw in (RawType.FLOAT32, RawType.FLOAT64):
        return DataType.DOUBLE
    return DataType.UINT64 if raw is RawType.UINT64 else DataType.INT64


def drafts(
    readings: Sequence[Reading],
    alias: Callable[[Point], int],
    *,
    readings_max: int,
    with_type: bool,
) -> Iterator[Draft]:
    """Readings grouped by area in chronological order, each group cut at `readings_max`."""
    areas: dict[str, list[Reading]] = {}
    for reading in readings:
        areas.setdefault(reading.point.area, []).append(reading)
    for area, group in areas.items():
        group.sort(key=lambda reading: reading.source_at_ms)
        for start in range(0, len(group), readings_max):
            part = group[start : start + readings_max]
            yield Draft(area, len(part), body(part, alias, with_type=with_type), part[-1].source_at_ms)


def body(readings: Sequence[Reading], alias: Callable[[Point], int], *, with_type: bool) -> bytes:
    """The metrics of one data message, without its sequence and batch numbers."""
    message = Payload()
    for reading in readings:
        kind = datatype_of(reading.point)
        metric = message.metrics.add(alias=alias(reading.point), timestamp=reading.source_at_ms)
        if with_type:
            metric.datatype = kind
        datatype.put(metric, kind, fitting(reading.value, kind))
        if reading.quality is not Quality.GOOD:
            payload.set_property(metric, quality.PROPERTY, int(reading.quality))
    return message.SerializeToString()


def thinned(body: bytes, essential: Collection[int]) -> tuple[bytes, int]:
    """A body without the metrics that are not essential, and how many are left."""
    message = Payload.FromString(body)
    kept = [metric for metric in message.metrics if metric.alias in essential]
    return Payload(metrics=kept).SerializeToString(), len(kept)


def is_essential(point: Point) -> bool:
    """Whether a point is given up last: what people, modes and alarms are judged by, states and texts.

    Numbers without a part in the judgement and without alarm limits are raw samples.
    """
    is_number = datatype_of(point) not in {DataType.BOOLEAN, DataType.STRING}
    return not is_number or bool(point.limits) or point.metric in roles.BY_METRIC


def fitting(value: Value | None, kind: DataType) -> Value | None:
    """A source may give a number where text is declared, then it is written out; text is no number."""
    if kind is DataType.STRING:
        return None if value is None else str(value).encode(errors="replace").decode()
    return None if isinstance(value, str) else value
