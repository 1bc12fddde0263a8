"""A reading: one value of one point, with its quality and two times."""

from __future__ import annotations

from dataclasses import dataclass

from contract.datatype import Value
from contract.point_form import Point
from contract.quality import Quality


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. A reading that is not good has no value: bad data is `None` with a quality, never 0.

    Both times are UTC milliseconds since 1970: `source_at_ms` as the source stamps the value (the time of
    reading where it does not), `read_at_ms` when the agent received it.
    """

    point: Point
    value: Value | None
    quality: Quality
    source_at_ms: int
    read_at_ms: int
