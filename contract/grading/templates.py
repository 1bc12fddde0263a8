"""Templates: definitions in the NBIRTH, instances of them anywhere.

A template that says nothing of itself counts as an instance if it refers to a definition, else as a definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from contract.grading.clause import HELD, Clauses, Faults, each, every, may, must, some
from contract.grading.composites import BASIC, every_metric
from contract.grading.metrics import ALL, label
from contract.grading.moment import BIRTHS, DATA, Kind, Moment
from contract.grading.node import Standing, definitions
from contract.grading.node import Template as Definition
from contract.proto.sparkplug_b_pb2 import Payload

Parameter = Payload.Template.Parameter


class Template(NamedTuple):
    """A template and the metric whose value it is."""

    metric: str
    held: Payload.Template

    @property
    def is_definition(self) -> bool:
        """Whether it is one."""
        return self.held.is_definition if self.held.HasField("is_definition") else not self.held.template_ref


class Instance(NamedTuple):
    """An instance beside its definition."""

    metric: str
    members: frozenset[str]
    parameters: frozenset[str]
    definition: Definition


def templates(moment: Moment) -> list[Template]:
    """Every template."""
    found = moment.select(every_metric)
    return [
        Template(label(metric), metric.template_value)
        for metric in found
        if metric.HasField("template_value")
    ]


def defined(moment: Moment) -> list[Template]:
    """Every definition."""
    return [one for one in moment.select(templates) if one.is_definition]


def instantiated(moment: Moment) -> list[Template]:
    """Every instance."""
    return [one for one in moment.select(templates) if not one.is_definition]


def known(moment: Moment) -> Mapping[str, Definition] | None:
    """The definitions of the session; `None` if its NBIRTH was not seen."""
    if moment.kind is Kind.NBIRTH:
        return definitions(moment.payload)
    return moment.node.templates if moment.node and moment.standing is Standing.BORN else None


def instances(moment: Moment) -> list[Instance]:
    """Every instance whose definition is known."""
    held = known(moment) or {}
    return [
        Instance(one.metric, names(one.held.metrics), names(one.held.parameters), held[one.held.template_ref])
        for one in moment.select(instantiated)
        if one.held.template_ref in held
    ]


def names(held: Iterable[Payload.Metric | Parameter]) -> frozenset[str]:
    """The names of members or parameters, as far as they go by names."""
    return frozenset(one.name for one in held if one.name)


def says_nothing(one: Template) -> str:
    """`is_definition` is not there."""
    return "" if one.held.HasField("is_definition") else f"template {one.metric} lacks is_definition"


def refers(one: Template) -> str:
    """It has a reference."""
    if not one.held.HasField("template_ref"):
        return ""
    return f"template {one.metric} is a definition and refers to {one.held.template_ref!r}"


def refers_to_nothing(one: Template) -> str:
    """It has none."""
    return (
        "" if one.held.template_ref else f"template {one.metric} is an instance and refers to no definition"
    )


def in_nbirth_only(moment: Moment) -> Faults | None:
    """Definitions stand in the NBIRTH."""
    found = moment.select(defined)
    if not found:
        return None
    astray = found if moment.kind is not Kind.NBIRTH else []
    return each(f"definition {one.metric} in a {moment.kind}" for one in astray)


def has_definition(moment: Moment) -> Faults | None:
    """Every instance of a birth has its definition in the NBIRTH."""
    held, found = known(moment), [one for one in moment.select(instantiated) if one.held.template_ref]
    if held is None or not found:
        return None
    return each(
        f"template {one.metric} refers to {one.held.template_ref!r}, which the NBIRTH does not define"
        for one in found
        if one.held.template_ref not in held
    )


def has_strange_members(one: Instance) -> str:
    """Members that its definition has not."""
    return listed(one.metric, "members that its definition has not", one.members - one.definition.members)


def lacks_members(one: Instance) -> str:
    """Not all members of its definition."""
    return listed(one.metric, "not these members", one.definition.members - one.members)


def has_strange_parameters(one: Instance) -> str:
    """Parameters that its definition has not."""
    return listed(
        one.metric, "parameters that its definition has not", one.parameters - one.definition.parameters
    )


def listed(metric: str, what: str, found: Iterable[str]) -> str:
    """A fault that names things, if there are any."""
    named = ", ".join(sorted(found))
    return f"template {metric} has {what}: {named}" if named else ""


def parameters(moment: Moment) -> list[Parameter]:
    """The parameters of every template."""
    return [held for one in moment.select(templates) for held in one.held.parameters]


def defined_parameters(moment: Moment) -> list[Parameter]:
    """Those of definitions."""
    return [held for one in moment.select(defined) for held in one.held.parameters]


def lacks(field: str) -> Callable[[Parameter], str]:
    """A parameter has no such field."""
    return lambda held: "" if held.HasField(field) else f"a parameter {held.name!r} without {field}"


def of_no_basic_type(held: Parameter) -> str:
    """A parameter's type is not basic."""
    if not held.HasField("type") or held.type in BASIC:
        return ""
    return f"parameter {held.name!r} has the type {held.type}"


def has_value(held: Parameter) -> bool:
    """A parameter has a value."""
    return held.WhichOneof("value") is not None


def partial(moment: Moment) -> Faults | None:
    """An instance has some members only."""
    return HELD if any(map(lacks_members, moment.select(instances))) else None


INSTANCES: Final = BIRTHS | DATA

CLAUSES: Final[Clauses] = (
    *must({
        "topics-nbirth-templates": "the NBIRTH has the definitions of all templates",
        "payloads-template-definition-nbirth": "the NBIRTH has the definition of each instance in a birth",
    }, BIRTHS, has_definition),
    *must({"payloads-template-definition-nbirth-only": "definitions stand in NBIRTH only"}, ALL, in_nbirth_only),
    *must({"payloads-template-is-definition": "each template says whether it is a definition"},
          ALL, every(templates, says_nothing)),
    *must({
        "payloads-template-definition-is-definition": "a definition has is_definition = true",
        "payloads-template-is-definition-definition": "a definition has is_definition = true",
    }, ALL, every(defined, says_nothing)),
    *must({
        "payloads-template-instance-is-definition": "an instance has is_definition = false",
        "payloads-template-is-definition-instance": "an instance has is_definition = false",
    }, ALL, every(instantiated, says_nothing)),
    *must({
        "payloads-template-definition-ref": "a definition has no template_ref",
        "payloads-template-ref-definition": "a definition has no template_ref",
    }, ALL, every(defined, refers)),
    *must({
        "payloads-template-instance-ref": "an instance's template_ref names its definition",
        "payloads-template-ref-instance": "an instance's template_ref names its definition",
    }, ALL, every(instantiated, refers_to_nothing)),
    *must({
        "payloads-template-definition-members": "a definition has all members of its instances",
        "payloads-template-instance-members": "an instance has only members of its definition",
    }, INSTANCES, every(instances, has_strange_members)),
    *must({"payloads-template-instance-members-birth": "in births an instance has all members of its definition"},
          BIRTHS, every(instances, lacks_members)),
    *may({"payloads-template-instance-members-data": "in data an instance may have some members only"},
         DATA, partial),
    *must({"payloads-template-definition-parameters": "a definition has all parameters of its instances"},
          INSTANCES, every(instances, has_strange_parameters)),
    *may({"payloads-template-definition-parameters-default": "a definition's parameters may have values"},
         {Kind.NBIRTH}, some(lambda moment: filter(has_value, moment.select(defined_parameters)))),
    *may({"payloads-template-instance-parameters": "an instance may have values for parameters"},
         INSTANCES, some(lambda moment: (p for one in moment.select(instantiated) for p in one.held.parameters))),
    *must({"payloads-template-version": "a template's version is UTF-8 text"},
          ALL, some(lambda moment: (one for one in moment.select(templates) if one.held.HasField("version")))),
    *must({"payloads-template-parameter-name-required": "a definition's parameters have names"},
          ALL, every(defined_parameters, lacks("name"))),
    *must({"payloads-template-parameter-type-req": "a definition's parameters have types"},
          BIRTHS, every(defined_parameters, lacks("type"))),
    *must({"payloads-template-parameter-type-value": "a parameter's type is a basic one"},
          ALL, every(parameters, of_no_basic_type)),
    *must({
        "payloads-template-parameter-name-type": "a parameter's name is UTF-8 text",
        "payloads-template-parameter-value-type": "a parameter's type is an unsigned 32-bit number",
    }, ALL, some(parameters)),
    *must({"payloads-template-parameter-value": "a parameter's value is a number, a Boolean or text"},
          ALL, some(lambda moment: filter(has_value, moment.select(parameters)))),
)  # fmt: skip
