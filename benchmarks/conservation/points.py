"""What the numbered agent reads: twenty raw samples and four values that the outbox gives up last. Pure.

A tag is a place in `POINTS`. Its n-th value is n, so that each value stored tells which reading it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from contract.point import OpcUaAddress, Point
from contract.vocabulary import equipment, quantities
from contract.vocabulary.quantities import Kind

MINE: Final = "990000000001"
GATEWAY: Final = "gw-1"
FACE: Final = "F1"
CHAMBER: Final = "C1"
RAW: Final = {
    FACE: (
        "Shearer/Position", "Shearer/Haulage Speed", "Shearer/Cutting Height", "Shearer/Left Drum Current",
        "Shearer/Right Drum Current", "Face Conveyor/Current", "Face Conveyor/Chain Speed",
        "Emulsion Pump/Pressure", "Support 20/Pressure", "Support 75/Pressure", "Environment/CO",
        "Environment/Air Speed",
    ),
    CHAMBER: (
        "Pump 1/Flow", "Pump 1/Current", "Pump 1/Bearing Temperature", "Pump 1/Vibration", "Pump 2/Flow",
        "Pump 2/Current", "Sump/Level", "Environment/Temperature",
    ),
}  # fmt: skip
ESSENTIAL: Final = (
    (FACE, "Personnel/Headcount"),
    (CHAMBER, "Personnel/Headcount"),
    (CHAMBER, "Control/Mode"),
)


class Place(NamedTuple):
    """Where a tag is found in the store; names of tags and fields as `docs` of the store have them."""

    measurement: str
    tags: tuple[tuple[str, str], ...]
    field: str
    quality_field: str


def points() -> Iterator[Point]:
    """All of them; methane has an alarm limit, which makes it essential."""
    for area, metrics in RAW.items():
        for metric in metrics:
            yield Point(area, metric, OpcUaAddress(f"{area}.{metric}"))
    for area, metric in ESSENTIAL:
        yield Point(area, metric, OpcUaAddress(f"{area}.{metric}"))
    yield Point(FACE, "Gas 1/Methane", OpcUaAddress(f"{FACE}.Gas 1/Methane"), limits=(1.0,))


POINTS: Final = tuple(points())
TAG_OF: Final = {point.key: tag for tag, point in enumerate(POINTS)}


def is_text(tag: int) -> bool:
    """Whether its values are texts."""
    return quantities.BY_WORD[POINTS[tag].metric.partition("/")[2]].kind is Kind.TEXT


def value(tag: int, number: int) -> float | str:
    """The n-th value of a tag."""
    return str(number) if is_text(tag) else float(number)


def place(tag: int) -> Place:
    """Where the store keeps a tag; written down here on its own, not taken from the collector's code."""
    area, metric = POINTS[tag].key
    name = equipment.parse(metric)
    assert name is not None
    stem = name.quantity.lower().replace(" ", "_")
    unit = (("unit", name.unit),) if name.unit else ()
    tags = (("area", area), ("mine", MINE), *unit)
    return Place(name.equipment.measurement, tags, f"{stem}_text" if is_text(tag) else stem, f"{stem}_q")


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as runs, first and last inclusive."""
    first = last = None
    for number in numbers:
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last
