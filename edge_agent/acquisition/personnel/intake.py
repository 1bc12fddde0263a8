"""Which files of a drop folder are to be read, and when a file without its end is given up; pure.

Of every kind the newest names are looked at, as many as `files_max`; what lies before them is old in any case. A file
is read when it appears, and again when it has changed, until it is judged. One that could not be read waits for a
change; when it has stayed as it is for `settled_s`, it is read for the last time. A file that was accepted is not read
again: if another one comes under its name, that is a duplicate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Final, NamedTuple

from edge_agent.acquisition.personnel.grammar import FileName


class After(StrEnum):
    """What becomes of a file when a newer one has taken its place."""

    KEEP = "keep"
    MOVE = "move"
    DELETE = "delete"


class Signature(NamedTuple):
    """What changes when a file is written to."""

    bytes: int
    modified_ns: int


GONE: Final = Signature(-1, 0)


class Found(NamedTuple):
    """A file that lies in the folder."""

    name: FileName
    signature: Signature


class State(Enum):
    """How far a file has come."""

    WAITING = auto()
    """To be read, or read in vain so far."""
    JUDGED = auto()
    """Read and refused, or too old to be looked at."""
    ACCEPTED = auto()
    """Data."""


class Task(Enum):
    """What to do with a file."""

    READ = auto()
    READ_LAST = auto()
    """Read it; if that fails, it has failed for good."""
    REFUSE = auto()
    """Another file under the name of one that was accepted."""


class Due(NamedTuple):
    """A file, and what to do with it."""

    name: FileName
    task: Task


@dataclass(slots=True)
class Sighting:
    """A file as it was last seen."""

    name: FileName
    signature: Signature
    since_s: float
    state: State = State.WAITING
    is_fresh: bool = True
    """Not read as it is now."""


@dataclass(slots=True)
class Intake:
    """The files of one kind; `now_s` is any monotonic time."""

    files_max: int
    settled_s: float
    sightings: dict[str, Sighting] = field(default_factory=dict)

    def due(self, files: Iterable[Found], now_s: float) -> list[Due]:
        """What is to be done by what lies in the folder now, oldest name first."""
        lying = sorted(files, key=lambda found: (found.name.stamp, found.name.text))[-self.files_max :]
        found = [Due(file.name, task) for file in lying if (task := self.see(file, now_s))]
        self.forget({file.name.text for file in lying})
        return found

    def see(self, file: Found, now_s: float) -> Task | None:
        """What a look at a file asks for."""
        seen = self.sightings.get(file.name.text)
        if seen is None:
            self.sightings[file.name.text] = Sighting(file.name, file.signature, now_s)
            return Task.READ
        if file.signature != seen.signature:
            if seen.state is State.ACCEPTED:
                seen.signature = file.signature
                return Task.REFUSE
            self.sightings[file.name.text] = Sighting(file.name, file.signature, now_s)
            return Task.READ
        if seen.state is State.WAITING and now_s - seen.since_s >= self.settled_s:
            return Task.READ_LAST
        return Task.READ if seen.state is State.WAITING and seen.is_fresh else None

    def waits(self, name: FileName) -> None:
        """The file could not be read yet."""
        self.sightings[name.text].is_fresh = False

    def judged(self, name: FileName, *, is_accepted: bool, signature: Signature | None = None) -> None:
        """The file has its verdict; `signature` is that of what was read, if it was: it may have grown since seen."""
        seen = self.sightings[name.text]
        seen.state = State.ACCEPTED if is_accepted else State.JUDGED
        if signature is not None:
            seen.signature = signature

    def gone(self, name: FileName) -> None:
        """The file was taken away; whatever comes under its name is another one."""
        self.sightings[name.text].signature = GONE

    @property
    def is_waiting(self) -> bool:
        """Whether a file is not read to its end yet."""
        return any(seen.state is State.WAITING for seen in self.sightings.values())

    def forget(self, lying: set[str]) -> None:
        """Of files that no longer lie there, keep the judged ones with the newest names, as many as `files_max`."""
        left = [seen for text, seen in self.sightings.items() if text not in lying]
        left.sort(key=lambda seen: (seen.state is not State.WAITING, seen.name.stamp))
        judged = sum(seen.state is not State.WAITING for seen in left)
        for seen in left[: len(left) - min(judged, self.files_max)]:
            del self.sightings[seen.name.text]
