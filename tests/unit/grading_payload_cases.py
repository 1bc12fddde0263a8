"""Data sets, templates and property sets with something wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from contract.proto.sparkplug_b_pb2 import Payload
from tests.grading_cases import Cases, base
from tests.grading_scene import (
    DATASET,
    DOUBLE,
    FLOW,
    MODE,
    REBIRTH,
    STRING,
    TEMPLATE,
    Metric,
    Scene,
    bd_seq,
    metric,
)

CASES = Cases()

Parameter = Payload.Template.Parameter
DataSet = Payload.DataSet


def dataset(
    columns: Sequence[str] = ("a", "b"), types: Sequence[int] = (DOUBLE, STRING), count: int | None = 2
) -> DataSet:
    """A data set of one row."""
    made = DataSet(columns=columns, types=types)
    if count is not None:
        made.num_of_columns = count
    made.rows.add().elements.extend(
        [DataSet.DataSetValue(double_value=1.0), DataSet.DataSetValue(string_value="x")]
    )
    return made


def holding(held: DataSet) -> Scene:
    """A birth with this data set."""
    return base().dbirth(FLOW, MODE, metric("Table", alias=20, datatype=DATASET, dataset_value=held))


def template(
    members: Iterable[str] = ("x", "y"),
    *,
    definition: bool | None = None,
    ref: str | None = None,
    parameters: Iterable[Parameter] = (),
    version: str | None = None,
) -> Payload.Template:
    """A template with members of these names; what is `None` is not in it."""
    made = Payload.Template(
        metrics=[metric(name, datatype=DOUBLE, double_value=1.0) for name in members], parameters=parameters
    )
    if definition is not None:
        made.is_definition = definition
    if ref is not None:
        made.template_ref = ref
    if version is not None:
        made.version = version
    return made


def templated(name: str, held: Payload.Template, alias: int | None = None) -> Metric:
    """A metric whose value is a template."""
    return metric(name, alias=alias, datatype=TEMPLATE, template_value=held)


GIVEN = Parameter(name="p", type=DOUBLE, double_value=1.0)
DEFINITION = template(definition=True, parameters=[GIVEN], version="1")
INSTANCE = template(definition=False, ref="Motor", parameters=[GIVEN])


def defining(*definitions: Metric, dev: Iterable[Metric] = ()) -> Scene:
    """Births with these definitions in the NBIRTH and these metrics in the DBIRTH."""
    scene = Scene().host_born().connects().subscribes().nbirth(bd_seq(0), REBIRTH, *definitions)
    return scene.dbirth(FLOW, MODE, *dev)


def instantiated() -> Scene:
    """A definition and an instance of it."""
    return defining(templated("Motor", DEFINITION), dev=[templated("M1", INSTANCE, alias=30)])


def properties(keys: Iterable[str], values: Iterable[dict[str, Any]]) -> Scene:
    """A birth with a metric of these properties."""
    made = metric("A", alias=40, datatype=DOUBLE, double_value=1.0)
    made.properties.keys.extend(keys)
    made.properties.values.extend(Payload.PropertyValue(**value) for value in values)
    return base().dbirth(FLOW, MODE, made)


@CASES.violates()
def dataset_good() -> Scene:
    return holding(dataset())


@CASES.violates("payloads-dataset-column-size")
def dataset_count() -> Scene:
    return holding(dataset(count=3))


@CASES.violates("payloads-dataset-column-size")
def dataset_nocount() -> Scene:
    return holding(dataset(count=None))


@CASES.violates("payloads-dataset-column-num-headers", "payloads-dataset-types-num")
def dataset_types() -> Scene:
    return holding(dataset(types=(10,)))


@CASES.violates(
    "payloads-dataset-column-num-headers", "payloads-dataset-parameter-type-req", "payloads-dataset-types-num"
)
def dataset_notypes() -> Scene:
    return holding(dataset(types=()))


@CASES.violates("payloads-dataset-types-value")
def dataset_type_16() -> Scene:
    return holding(dataset(types=(10, 16)))


@CASES.violates()
def template_good() -> Scene:
    return instantiated()


@CASES.violates()
def template_partial_data() -> Scene:
    return instantiated().ddata(
        metric(alias=30, template_value=template(("x",), definition=False, ref="Motor"))
    )


@CASES.violates("payloads-template-definition-nbirth", "topics-nbirth-templates")
def template_undefined() -> Scene:
    return defining(dev=[templated("M1", INSTANCE, alias=30)])


@CASES.violates("payloads-template-definition-nbirth-only")
def template_def_in_dbirth() -> Scene:
    return defining(dev=[templated("Motor", DEFINITION)])


@CASES.violates(
    "payloads-template-definition-is-definition",
    "payloads-template-is-definition",
    "payloads-template-is-definition-definition",
)
def template_silent_def() -> Scene:
    return defining(templated("Motor", template()))


@CASES.violates(
    "payloads-template-instance-is-definition",
    "payloads-template-is-definition",
    "payloads-template-is-definition-instance",
)
def template_silent_inst() -> Scene:
    return defining(templated("Motor", DEFINITION), dev=[templated("M1", template(ref="Motor"), alias=30)])


@CASES.violates("payloads-template-definition-ref", "payloads-template-ref-definition")
def template_def_ref() -> Scene:
    return defining(templated("Motor", template(definition=True, ref="X")))


@CASES.violates("payloads-template-instance-ref", "payloads-template-ref-instance")
def template_inst_noref() -> Scene:
    return defining(
        templated("Motor", DEFINITION), dev=[templated("M1", template(definition=False), alias=30)]
    )


@CASES.violates("payloads-template-definition-members", "payloads-template-instance-members")
def template_strange_member() -> Scene:
    return defining(
        templated("Motor", DEFINITION),
        dev=[templated("M1", template(("x", "y", "z"), definition=False, ref="Motor"), alias=30)],
    )


@CASES.violates("payloads-template-instance-members-birth")
def template_missing_member() -> Scene:
    return defining(
        templated("Motor", DEFINITION),
        dev=[templated("M1", template(("x",), definition=False, ref="Motor"), alias=30)],
    )


@CASES.violates("payloads-template-definition-parameters")
def template_strange_parameter() -> Scene:
    return defining(
        templated("Motor", DEFINITION),
        dev=[
            templated(
                "M1",
                template(definition=False, ref="Motor", parameters=[Parameter(name="q", type=10)]),
                alias=30,
            )
        ],
    )


@CASES.violates("payloads-template-parameter-name-required")
def template_param_noname() -> Scene:
    return defining(templated("Motor", template(definition=True, parameters=[Parameter(type=10)])))


@CASES.violates("payloads-template-parameter-type-req")
def template_param_notype() -> Scene:
    return defining(templated("Motor", template(definition=True, parameters=[Parameter(name="p")])))


@CASES.violates("payloads-template-parameter-type-value")
def template_param_type19() -> Scene:
    return defining(templated("Motor", template(definition=True, parameters=[Parameter(name="p", type=19)])))


@CASES.violates()
def properties_good() -> Scene:
    return properties(["unit"], [{"type": 12, "string_value": "m"}])


@CASES.violates("payloads-propertyset-keys-array-size", "payloads-propertyset-values-array-size")
def properties_uneven() -> Scene:
    return properties(["unit", "x"], [{"type": 12, "string_value": "m"}])


@CASES.violates("payloads-metric-propertyvalue-type-req")
def properties_untyped() -> Scene:
    return properties(["unit"], [{"string_value": "m"}])


@CASES.violates("payloads-metric-propertyvalue-type-value")
def properties_type15() -> Scene:
    return properties(["unit"], [{"type": 15, "string_value": "m"}])


@CASES.violates("payloads-propertyset-quality-value-value")
def properties_quality_long() -> Scene:
    return properties(["Quality"], [{"type": 3, "long_value": 192}])


@CASES.violates("payloads-propertyset-keys-array-size", "payloads-propertyset-values-array-size")
def properties_nested() -> Scene:
    inner = Payload.PropertySet(keys=["a", "b"], values=[{"type": 12, "string_value": "x"}])
    return properties(
        ["set", "list"],
        [
            {"type": 20, "propertyset_value": inner},
            {"type": 21, "propertysets_value": Payload.PropertySetList(propertyset=[inner])},
        ],
    )
