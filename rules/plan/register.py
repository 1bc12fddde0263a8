"""What the registry knows, as the rules take it: projects with mines, faces, chambers, staff and payments around them.

Rules
- A thing stands on a day if it was opened by the end of that day (blank: always) and is not closed by then.
- Blank is unknown: never no, never 0. A project struck out of the registry is not in here at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from rules.chambers.rule import Level
from rules.plan.project import Project
from rules.plan.table import PAYERS, Payer

Stage = Literal["producing", "new", "expanded"]
PaymentKind = Literal["advance", "acceptance"]


@dataclass(frozen=True, slots=True)
class Lifetime:
    """From when to when something is there; `None` has no limit."""

    opened_on: date | None = None
    closed_on: date | None = None

    def covers(self, day: date) -> bool:
        """Is it there at the end of the day?"""
        opened = self.opened_on is None or self.opened_on <= day
        return opened and (self.closed_on is None or self.closed_on > day)


@dataclass(frozen=True, slots=True)
class Mine:
    """A mine; `unit` is the plan unit it counts for, capacity in 万t/a, depth in m."""

    name: str
    unit: str
    enterprise: str
    city: str | None = None
    code: str | None = None
    capacity_wan_t: Decimal | None = None
    depth_m: Decimal | None = None
    rock_burst: bool | None = None
    outburst: bool | None = None
    stage: Stage | None = None
    lifetime: Lifetime = Lifetime()


@dataclass(frozen=True, slots=True)
class Face:
    """A working face; intelligent by its project, or since a day where no project of the plan made it so."""

    mine: str
    code: str
    title: str
    kind: Literal["mining_face", "driving_face"]
    project: str | None = None
    intelligent_on: date | None = None
    lifetime: Lifetime = Lifetime()


@dataclass(frozen=True, slots=True)
class Chamber:
    """A chamber or large fixed machine, and the levels that its enterprise declared, by day ascending."""

    mine: str
    code: str
    title: str
    kind: str
    declared: tuple[tuple[date, Level], ...] = ()
    lifetime: Lifetime = Lifetime()

    def level_on(self, day: date) -> Level | None:
        """The level declared last by the end of the day."""
        return next((level for on, level in reversed(self.declared) if on <= day), None)


@dataclass(frozen=True, slots=True)
class YearFigures:
    """Figures of a year of a mine, or of the province: staff underground at its end, output in 万t, efficiency in t."""

    staff_underground: int | None = None
    output_wan_t: Decimal | None = None
    efficiency_t: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot on a dangerous post."""

    mine: str
    code: str
    post: str
    in_use_on: date
    lifetime: Lifetime = Lifetime()


@dataclass(frozen=True, slots=True)
class Payment:
    """Money paid for a project, in 万元."""

    project: str
    kind: PaymentKind
    paid_on: date
    amount_wan: Decimal


@dataclass(frozen=True, slots=True)
class Register:
    """The registry at one moment; `payers` by plan unit, mine and province figures by year."""

    projects: tuple[Project, ...] = ()
    mines: tuple[Mine, ...] = ()
    faces: tuple[Face, ...] = ()
    chambers: tuple[Chamber, ...] = ()
    mine_years: Mapping[tuple[str, int], YearFigures] = field(default_factory=dict)
    province_years: Mapping[int, YearFigures] = field(default_factory=dict)
    robots: tuple[Robot, ...] = ()
    payments: tuple[Payment, ...] = ()
    payers: Mapping[str, Payer] = field(default_factory=lambda: PAYERS)

    def mines_on(self, day: date) -> tuple[Mine, ...]:
        """The mines that stand at the end of the day."""
        return tuple(mine for mine in self.mines if mine.lifetime.covers(day))
