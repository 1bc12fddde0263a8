"""What a scenario does to the mine, once the start of the run is known: every time in it is an instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from simulators.equipment.signal import Signal
from simulators.faults import Trouble
from simulators.people import Visit
from simulators.personnel_files import FileFault

Tag = tuple[str, str]
"""Area and metric."""


class Source(StrEnum):
    """What has a clock of its own."""

    OPCUA = "opcua"
    PERSONNEL = "personnel"


class Machine(StrEnum):
    """What is reached over a link of its own."""

    MODBUS = "modbus"
    OPCUA = "opcua"


class Change(NamedTuple):
    """A signal that is not what it would be."""

    tag: Tag
    of: Callable[[Signal], Signal]


class ClockJump(NamedTuple):
    """A source's clock is off by `by_ms` in `[from_ms, to_ms)`."""

    source: Source
    from_ms: int
    to_ms: int
    by_ms: int


class Event(NamedTuple):
    """A line of the timetable."""

    from_ms: int
    to_ms: int
    what: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """The changes to the mine, to its clocks, links and files; without any it is the mine as ever."""

    visits: tuple[Visit, ...] = ()
    changes: tuple[Change, ...] = ()
    clocks: tuple[ClockJump, ...] = ()
    faults: Mapping[Machine, tuple[Trouble, ...]] = field(default_factory=dict)
    files: tuple[FileFault, ...] = ()
    timetable: tuple[Event, ...] = ()

    def changed(self, signals: Mapping[Tag, Signal]) -> Mapping[Tag, Signal]:
        """The signals with every change; of several to one signal each acts on what the one before left."""
        found = dict(signals)
        for change in self.changes:
            found[change.tag] = change.of(found[change.tag])
        return found

    def shown_ms(self, source: Source, at_ms: int) -> int:
        """What a source's clock shows at an instant; jumps that hold at once add up."""
        jumps = (jump for jump in self.clocks if jump.source is source and jump.from_ms <= at_ms < jump.to_ms)
        return at_ms + sum(jump.by_ms for jump in jumps)


USUAL = Scenario()
"""Nothing happens but what always does."""
