"""Property sets and data sets, wherever they stand in a payload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from contract.grading.clause import Clauses, every, must, some
from contract.grading.metrics import ALL, label
from contract.grading.moment import BIRTHS, Moment
from contract.grading.node import QUALITY
from contract.proto.sparkplug_b_pb2 import Payload

BASIC: Final = frozenset(range(1, 15))
PROPERTY: Final = BASIC | {20, 21}
"""And property sets, and lists of them."""
INT32: Final = 3
QUALITIES: Final = frozenset({0, 192, 500})


class Properties(NamedTuple):
    """A property set and the metric that has it."""

    metric: str
    held: Payload.PropertySet


class Property(NamedTuple):
    """One of its properties."""

    metric: str
    key: str
    held: Payload.PropertyValue


class DataSet(NamedTuple):
    """A data set and the metric whose value it is."""

    metric: str
    held: Payload.DataSet


def every_metric(moment: Moment) -> list[Payload.Metric]:
    """All metrics of a message, and the members of templates among them."""
    return list(with_members(moment.payload.metrics))


def with_members(metrics: Iterable[Payload.Metric]) -> Iterator[Payload.Metric]:
    """Metrics, and the members of templates among them."""
    for metric in metrics:
        yield metric
        if metric.HasField("template_value"):
            yield from with_members(metric.template_value.metrics)


def property_sets(moment: Moment) -> list[Properties]:
    """Every property set, those within others too."""
    return [
        Properties(label(metric), held)
        for metric in moment.select(every_metric)
        if metric.HasField("properties")
        for held in nested(metric.properties)
    ]


def nested(held: Payload.PropertySet) -> Iterator[Payload.PropertySet]:
    """A set and those within it."""
    yield held
    for value in held.values:
        if value.HasField("propertyset_value"):
            yield from nested(value.propertyset_value)
        for one in value.propertysets_value.propertyset:
            yield from nested(one)


def properties(moment: Moment) -> list[Property]:
    """Every property."""
    return [
        Property(metric, key, value)
        for metric, held in moment.select(property_sets)
        for key, value in zip(held.keys, held.values, strict=False)
    ]


def typed_properties(moment: Moment) -> list[Property]:
    """Those that name their type."""
    return [one for one in moment.select(properties) if one.held.HasField("type")]


def qualities(moment: Moment) -> list[Property]:
    """Those called `Quality`."""
    return [one for one in moment.select(properties) if one.key == QUALITY]


def typed_qualities(moment: Moment) -> list[Property]:
    """Those of them that name their type."""
    return [one for one in moment.select(qualities) if one.held.HasField("type")]


def data_sets(moment: Moment) -> list[DataSet]:
    """Every data set."""
    return [
        DataSet(label(metric), metric.dataset_value)
        for metric in moment.select(every_metric)
        if metric.HasField("dataset_value")
    ]


def unevenly_keyed(one: Properties) -> str:
    """More keys than values, or fewer."""
    keys, values = len(one.held.keys), len(one.held.values)
    return "" if keys == values else f"metric {one.metric} has {keys} property keys and {values} values"


def untyped(one: Property) -> str:
    """It names no type."""
    return "" if one.held.HasField("type") else f"property {one.key!r} of metric {one.metric} without type"


def of_no_type(one: Property) -> str:
    """Its type is neither basic, nor a property set or a list of them."""
    return (
        "" if one.held.type in PROPERTY else f"property {one.key!r} of {one.metric} has type {one.held.type}"
    )


def quality_of_another_type(one: Property) -> str:
    """Its type is not Int32."""
    if one.held.type == INT32:
        return ""
    return f"Quality of metric {one.metric} has the type {one.held.type}, not 3 (Int32)"


def quality_of_another_value(one: Property) -> str:
    """It is not 0, 192 or 500 in `int_value`."""
    field = one.held.WhichOneof("value")
    if field == "int_value" and one.held.int_value in QUALITIES:
        return ""
    return f"Quality of metric {one.metric} is {one.held.int_value or one.held.long_value} in {field}"


def miscounted(one: DataSet) -> str:
    """`num_of_columns` is missing or wrong."""
    if one.held.HasField("num_of_columns") and one.held.num_of_columns == len(one.held.columns):
        return ""
    return f"data set {one.metric} says {one.held.num_of_columns} columns and has {len(one.held.columns)}"


def unevenly_typed(one: DataSet) -> str:
    """More columns than types, or fewer."""
    columns, types = len(one.held.columns), len(one.held.types)
    return "" if columns == types else f"data set {one.metric} has {columns} columns and {types} types"


def without_types(one: DataSet) -> str:
    """There are columns and no types."""
    return f"data set {one.metric} has no types" if one.held.columns and not one.held.types else ""


def of_no_basic_type(one: DataSet) -> str:
    """A column's type is not basic."""
    wrong = [kind for kind in one.held.types if kind not in BASIC]
    return f"data set {one.metric} has a column of type {wrong[0]}" if wrong else ""


CLAUSES: Final[Clauses] = (
    *must({
        "payloads-propertyset-keys-array-size": "a property set has as many keys as values",
        "payloads-propertyset-values-array-size": "a property set has as many values as keys",
    }, ALL, every(property_sets, unevenly_keyed)),
    *must({"payloads-metric-propertyvalue-type-type": "a property's type is an unsigned 32-bit number"},
          ALL, some(typed_properties)),
    *must({"payloads-metric-propertyvalue-type-value": "a property's type is a basic one, or a property set"},
          ALL, every(typed_properties, of_no_type)),
    *must({"payloads-metric-propertyvalue-type-req": "in births each property has a type"},
          BIRTHS, every(properties, untyped)),
    *must({"payloads-propertyset-quality-value-type": "the type of Quality is 3 (Int32)"},
          ALL, every(typed_qualities, quality_of_another_type)),
    *must({"payloads-propertyset-quality-value-value": "Quality is 0, 192 or 500, as int_value"},
          ALL, every(qualities, quality_of_another_value)),
    *must({"payloads-dataset-column-size": "a data set says how many columns it has"},
          ALL, every(data_sets, miscounted)),
    *must({
        "payloads-dataset-column-num-headers": "a data set has as many columns as types",
        "payloads-dataset-types-num": "a data set has as many types as columns",
    }, ALL, every(data_sets, unevenly_typed)),
    *must({"payloads-dataset-parameter-type-req": "every data set has types"},
          ALL, every(data_sets, without_types)),
    *must({"payloads-dataset-types-value": "a data set's types are basic ones"},
          ALL, every(data_sets, of_no_basic_type)),
    *must({
        "payloads-dataset-types-def": "a data set's types are unsigned 32-bit numbers",
        "payloads-dataset-types-type": "a data set's types are unsigned 32-bit numbers",
    }, ALL, some(lambda moment: (kind for one in moment.select(data_sets) for kind in one.held.types))),
    *must({"payloads-template-dataset-value": "a data set's cells are numbers, Booleans or text"},
          ALL, some(lambda moment: (row for one in moment.select(data_sets) for row in one.held.rows))),
)  # fmt: skip
