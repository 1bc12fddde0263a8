"""What the numbered agent tells of itself, one line each on its standard output. Pure.

Standard output is a pipe: what was written into it survives the agent's sudden death, and no limit on file sizes
(the disk-full fault) meets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.conservation.points import runs

Numbers = Mapping[int, Iterable[int]]
"""By tag, ascending."""
Run = tuple[int, int]
"""Numbers from the first to the last, both included."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The agent works on an outbox of this epoch."""

    epoch: str


@dataclass(frozen=True, slots=True)
class Produced:
    """The n-th value of every tag is about to be emitted; `at_ms` is the monotonic clock's."""

    at_ms: int
    number: int


@dataclass(frozen=True, slots=True)
class Written:
    """A batch with these values is on the disk."""

    at_ms: int
    batch: int
    values: dict[int, list[Run]]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Values that lay on the disk leave it without the centre's word."""

    reason: str
    values: dict[int, list[Run]]


@dataclass(frozen=True, slots=True)
class Dropped:
    """So many readings never came to lie on the disk, and the outbox has counted them."""

    readings: int


@dataclass(frozen=True, slots=True)
class Committed:
    """Everything up to this batch is stored, says the centre."""

    at_ms: int
    batch: int


@dataclass(frozen=True, slots=True)
class ClockTold:
    """How often the computer's clock has jumped since the start, and how often the jump was believed."""

    jumps: int
    believed: int


Told = Begun | Produced | Written | GivenUp | Dropped | Committed | ClockTold


def listed(values: Numbers) -> str:
    """`3:7-9,3:11-11,4:7-9`."""
    return ",".join(f"{tag}:{first}-{last}" for tag, some in values.items() for first, last in runs(some))


def unlisted(text: str) -> dict[int, list[Run]]:
    """The way back."""
    values: dict[int, list[Run]] = {}
    for part in text.split(",") if text else ():
        tag, _, run = part.partition(":")
        first, _, last = run.partition("-")
        values.setdefault(int(tag), []).append((int(first), int(last)))
    return values


FORMS: Final[Mapping[str, Callable[[list[str]], Told]]] = {
    "begun": lambda words: Begun(words[0]),
    "produced": lambda words: Produced(int(words[0]), int(words[1])),
    "written": lambda words: Written(int(words[0]), int(words[1]), unlisted(words[2])),
    "given-up": lambda words: GivenUp(" ".join(words[1:]), unlisted(words[0])),
    "dropped": lambda words: Dropped(int(words[0])),
    "committed": lambda words: Committed(int(words[0]), int(words[1])),
    "clock": lambda words: ClockTold(int(words[0]), int(words[1])),
}


def parse(line: str) -> Told:
    """What a whole line says; raises `ValueError` if that is nothing known."""
    kind, *words = line.split(" ")
    if kind not in FORMS:
        raise ValueError(f"the agent says {line!r}")
    return FORMS[kind](words)
