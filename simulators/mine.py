"""The virtual mine 演示一矿: its areas, the people and machines in them, and what every signal reads now.

Everything is a function of the seed and the instant: two mines of one seed agree at every instant, whenever and
however often they are asked, and a mine that starts in the middle of a shift is in the middle of its work.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from contract.datatype import Value
from contract.vocabulary import equipment, quantities
from simulators.equipment.signal import Signal
from simulators.people import People
from simulators.personnel_files import PersonnelFiles
from simulators.plant import AREAS, FACE_CREWS, PATROLS, signals_of
from simulators.positioning import Positioning
from simulators.scenario import USUAL, Scenario, Source

CODE: Final = "990000000001"
NAME: Final = "演示一矿"
STEP_MS: Final = 1_000
"""Signals change at whole seconds of the virtual time."""


class Mine:
    """The mine at one instant, with what a scenario does to it; `advance` moves it to another."""

    def __init__(
        self, seed: int, now_ms: int, scenario: Scenario = USUAL, *, code: str = CODE, name: str = NAME
    ) -> None:
        self.code = code
        self.name = name
        self.seed = seed
        self.scenario = scenario
        self.people = People(seed, FACE_CREWS, PATROLS, visits=scenario.visits)
        self.signals: Mapping[tuple[str, str], Signal] = scenario.changed(signals_of(seed, self.people))
        self.decimals = {tag: decimals_of(tag[1]) for tag in self.signals}
        self.at_ms = 0
        self.known: dict[tuple[str, str], Value | None] = {}
        self.advance(now_ms)

    def advance(self, now_ms: int) -> None:
        """Go to an instant, in UTC milliseconds."""
        at_ms = now_ms - now_ms % STEP_MS
        if at_ms != self.at_ms:
            self.at_ms = at_ms
            self.known.clear()

    def value(self, area: str, metric: str) -> Value | None:
        """What a signal reads now, in the unit of its quantity; `None` while its sensor is dead."""
        tag = area, metric
        if tag not in self.known:
            value = self.signals[tag](self.at_ms)
            self.known[tag] = round(value, self.decimals[tag]) if isinstance(value, float) else value
        return self.known[tag]

    def personnel_files(self) -> PersonnelFiles:
        """What the personnel positioning system writes, whatever the instant."""
        return PersonnelFiles(
            self.code,
            self.name,
            Positioning(self.seed, self.code, self.people, AREAS, PATROLS),
            stamp=partial(self.scenario.shown_ms, Source.PERSONNEL),
            faults=self.scenario.files,
        )


def decimals_of(metric: str) -> int:
    """A sensor resolves one decimal more than screens show."""
    name = equipment.parse(metric)
    quantity = quantities.BY_WORD.get(name.quantity) if name else None
    return quantity.decimals + 1 if quantity else 3
