"""Where a metric belongs: its series and field in the store, and what it means for the judgement. Pure.

The collector, not the payload, decides the `mine` tag: it is the group of the topic, which the broker's ACL
let the gateway publish on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from contract.datatype import TEXTS, DataType
from contract.vocabulary import equipment, quantities, roles
from contract.vocabulary.quantities import Kind
from contract.vocabulary.roles import Role
from gateway.historian.historian import Series

TELEMETRY = "telemetry"
QUALITY = "_q"
HOST_QUALITY = "_host_q"


@dataclass(frozen=True, slots=True)
class Target:
    """A metric's place. `field` holds values, `quality_field` the quality where it is not good.

    `host_quality_field` holds the marks of our own, beside what the source says of the same instant.
    """

    mine: str
    area: str
    metric: str
    series: Series
    field: str
    quality_field: str
    is_text: bool
    role: Role | None

    @property
    def host_quality_field(self) -> str:
        """`flow_host_q` beside `flow_q`."""
        return f"{self.quality_field.removesuffix(QUALITY)}{HOST_QUALITY}"


def route(mine: str, node: str, device: str | None, metric: str, datatype: int) -> Target:
    """The place of a metric; a node's own metrics have the node for an area.

    Names that do not parse, or quantities that the vocabulary lacks, keep their own series: a field name never
    has two types.
    """
    area = device or node
    name = equipment.parse(metric)
    known = quantities.BY_WORD.get(name.quantity) if name else None
    if name is None or known is None:
        is_text = datatype in TEXTS
        series = series_of(TELEMETRY, (("area", area), ("mine", mine), ("point", metric)))
        return Target(mine, area, metric, series, *fields("value", is_text=is_text), is_text, None)
    is_text = known.kind is Kind.TEXT
    tags = (("area", area), ("mine", mine)) + ((("unit", name.unit),) if name.unit else ())
    series = series_of(name.equipment.measurement, tags)
    role = roles.BY_METRIC.get(metric)
    return Target(
        mine,
        area,
        metric,
        series,
        *fields(quantities.field_of(known.word, is_text=False), is_text=is_text),
        is_text,
        role,
    )


@lru_cache(maxsize=500_000)
def series_of(measurement: str, tags: tuple[tuple[str, str], ...]) -> Series:
    """The one series object of these names, so that points of it can be told apart by identity."""
    return Series(measurement, tags)


def fields(stem: str, *, is_text: bool) -> tuple[str, str]:
    """Names of the value field and of the quality field."""
    return (f"{stem}_text" if is_text else stem), f"{stem}{QUALITY}"


def fits(target: Target, datatype: int) -> bool:
    """Can a metric of this type be stored in that field?"""
    return (datatype in TEXTS) == target.is_text and datatype in set(DataType)
