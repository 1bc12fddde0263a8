"""A scenario as a person writes it: TOML, times relative to the run's start or to a shift (`moment.py`).

`[[visit]]` brings people, `[[sensor]]` changes readings, `[[clock]]` puts a source's clock wrong, `[[fault]]` makes
trouble on a link or of a Modbus unit, `[[file]]` of the personnel files. `[expected]` says what must come of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Final

from pydantic import Discriminator, Field, Tag

from contract import config_form
from contract.config_form import Section
from simulators.equipment.occasions import during
from simulators.faults import Trouble, UnitKind
from simulators.moment import Moment
from simulators.scenario import Change, Event, Machine, Scenario
from simulators.scenario_tables import (
    AT,
    ClockTable,
    FileTable,
    Lasting,
    Sensor,
    Share,
    Timed,
    UnitTable,
    VisitTable,
    WireTable,
)

UNIT_KINDS: Final = frozenset(UnitKind)


def table_of_fault(given: object) -> str:
    """Which of the two tables a `[[fault]]` is."""
    kind = given.get("kind") if isinstance(given, dict) else getattr(given, "kind", None)
    return "unit" if kind in UNIT_KINDS else "wire"


Fault = Annotated[
    Annotated[WireTable, Tag("wire")] | Annotated[UnitTable, Tag("unit")], Discriminator(table_of_fault)
]


class ExpectedShift(Section):
    """A face's shift as rules/staffing judges it; `shift` is a moment in it."""

    face: str
    shift: Annotated[Moment, AT]
    verdict: str
    reason: str | None = None


class ExpectedShifts(Timed):
    """How many of a face's production shifts that begin in a time are `within`; the rest are `exceeded`."""

    lasting_ms: Annotated[Lasting, Field(alias="for")]
    face: str
    within_share: Share


class ExpectedFace(Timed):
    """For all of a time a face, counted by the positioning system's files, is shown in one of these states."""

    lasting_ms: Annotated[Lasting, Field(alias="for")]
    face: str
    states: Annotated[tuple[str, ...], Field(min_length=1)]


class ExpectedChamber(Timed):
    """For how much of a time a chamber is in one of these states."""

    lasting_ms: Annotated[Lasting, Field(alias="for")]
    chamber: str
    states: Annotated[tuple[str, ...], Field(min_length=1)]
    share: Share = 1.0


class ExpectedSignal(Timed):
    """What a signal reads in a time: never a value, or a highest one."""

    lasting_ms: Annotated[Lasting, Field(alias="for")]
    area: str
    metric: str
    is_missing: Annotated[bool, Field(alias="missing")] = False
    reaches: float | None = None
    stays_below: float | None = None


class Expected(Section):
    """What must come of a scenario; a test holds the mine to it."""

    says: str
    shift: tuple[ExpectedShift, ...] = ()
    shifts: tuple[ExpectedShifts, ...] = ()
    face: tuple[ExpectedFace, ...] = ()
    chamber: tuple[ExpectedChamber, ...] = ()
    signal: tuple[ExpectedSignal, ...] = ()


class ScenarioForm(Section):
    """The whole file."""

    title: str
    about: str
    expected: Expected
    visit: tuple[VisitTable, ...] = ()
    sensor: tuple[Sensor, ...] = ()
    clock: tuple[ClockTable, ...] = ()
    fault: tuple[Fault, ...] = ()
    file: tuple[FileTable, ...] = ()

    def starting(self, start_ms: int) -> Scenario:
        """The scenario of a run that starts at an instant, in UTC milliseconds."""
        faults: defaultdict[Machine, list[Trouble]] = defaultdict(list)
        for fault in self.fault:
            faults[fault.machine].append(fault.fault(start_ms))
        return Scenario(
            visits=tuple(
                visit.visit(f"visit {number}", start_ms) for number, visit in enumerate(self.visit, start=1)
            ),
            changes=tuple(
                Change(sensor.tag, partial(sensor.changed, at=during(sensor.span(start_ms))))
                for sensor in self.sensor
            ),
            clocks=tuple(clock.jump(start_ms) for clock in self.clock),
            faults={machine: tuple(listed) for machine, listed in faults.items()},
            files=tuple(file.fault(start_ms) for file in self.file),
            timetable=tuple(sorted(self.events(start_ms))),
        )

    def events(self, start_ms: int) -> Iterator[Event]:
        """What happens when, in words."""
        for table in (*self.visit, *self.sensor, *self.clock, *self.fault, *self.file):
            span = table.span(start_ms)
            yield Event(span.from_ms, span.to_ms, str(table))


def load(text: str, file: str) -> ScenarioForm:
    """The scenario in a file's text; raises `Misconfigured` with every fault and its line."""
    return config_form.load(ScenarioForm, text, file)
