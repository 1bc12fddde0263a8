"""Every point of a source read once, as the agent would read it, with what lay on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.reading import Reading
from edge_agent.sources.source import Now

GOOD: Final = ""
NO_VALUE: Final = "no_value"
"""What was read means nothing: NaN, a code without a text, bits that are no digits."""


@dataclass(frozen=True, slots=True)
class Read:
    """A reading, what it was made of (registers in hexadecimal, or what the server gave), and what is wrong with it."""

    reading: Reading
    raw: str = ""
    trouble: str = GOOD


@dataclass(slots=True)
class Pass:
    """What one pass found, by tag; `failure` says why the other side could not be reached, or not to the end."""

    now: Now
    reads: dict[tuple[str, str], Read] = field(default_factory=dict)
    failure: str = ""

    def fail(self, points: Iterable[Point], kind: str, quality: Quality = Quality.BAD) -> None:
        """These points could not be read, but for those that have been."""
        at_ms = self.now()
        for point in points:
            self.reads.setdefault(point.key, Read(Reading(point, None, quality, at_ms, at_ms), trouble=kind))

    def of(self, points: Iterable[Point]) -> list[Read]:
        """What was found of these points, in their order."""
        return [self.reads[point.key] for point in points]
