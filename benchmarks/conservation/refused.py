"""Lines of InfluxDB's protocol that a database refuses for good, and which readings are on them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from benchmarks.conservation.points import POINTS, Place, place

MEASUREMENT: Final = "pump"
"""Its fields are taken for another type than they have, as where another program wrote them first."""
REASON: Final = (
    'partial write: field type conflict: input field \\"flow\\" on measurement \\"pump\\" is type float, '
    "already exists as type integer dropped={count}"
)
PLACES: Final[dict[Place, int]] = {place(tag)._replace(quality_field=""): tag for tag in range(len(POINTS))}


def is_refused(line: str) -> bool:
    """Whether the database does not take this line."""
    return line.startswith(f"{MEASUREMENT},")


def readings(lines: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Tag and number of every value on these lines; none of their names or values has blanks in it."""
    for line in lines:
        series, fields, _ = line.split(" ")
        measurement, *tags = series.split(",")
        named = tuple(sorted((name, text) for name, _, text in (tag.partition("=") for tag in tags)))
        for field, _, text in (one.partition("=") for one in fields.split(",")):
            tag = PLACES.get(Place(measurement, named, field, ""))
            if tag is not None:
                yield tag, int(float(text))
