"""A reading: one value of one point, with its quality and two times."""

from __future__ import annotations

from typing import NamedTuple

from contract.datatype import Value
from contract.point import Point
from contract.quality import Quality


class Reading(NamedTuple):
    """What was read. A reading that is not good has no value: bad data is `None` with a quality, never 0.

    Both times are UTC milliseconds since 1970: `source_at_ms` as the source stamps the value (the time of
    reading where it does not), `read_at_ms` when the agent received it. (A named tuple, not a dataclass: a
    frozen dataclass takes more than twice as long to make, and one is made for every value read.)
    """

    point: Point
    value: Value | None
    quality: Quality
    source_at_ms: int
    read_at_ms: int
