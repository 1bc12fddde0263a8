"""The bulletin: everything that it says, as one value made from plain data. Pure.

Rules
- All forms (JSON, Word, Excel, PDF) are made of this value and of nothing else, so they cannot differ.
- Its id is the hash of its content: the same inputs make the same bulletin, and one changed figure makes another.
- It is as of the end of its day; `period` is the month, quarter or year that the day lies in.
- `None` says that there is no source of such data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Final

from gateway.reports.inputs import ChamberLevel, Inputs, Period, Span, period_of
from gateway.reports.leagues import (
    ChamberLine,
    League,
    StaffingLine,
    chamber_league,
    staffing_league,
)
from rules.plan.balance import Balances, balances
from rules.plan.consequences import Consequences, consequences
from rules.plan.evidence import Evidence, evidence, face_evidence
from rules.plan.evidence_words import Words, ground_words
from rules.plan.goals import RegistryGoals, measured_targets, registry_goals
from rules.plan.outlook import Outlook, outlook
from rules.plan.progress import Progress, is_overdue, progress
from rules.plan.project import Project
from rules.plan.reward import Rewards, rewards
from rules.plan.table import TABLE_KINDS, UNITS, Kind, PlanTable, plan_table, year_end
from rules.plan.targets import Targets

FORM: Final = 1
"""Of the JSON; a change of meaning makes another."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What a unit got done within the period, in one kind."""

    enterprise: str
    kind: Kind
    in_library: int
    started: int
    completed: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """A project whose planned year is over, neither accepted nor withdrawn."""

    project: str
    enterprise: str
    mine: str | None
    kind: Kind
    planned_year: int
    started_on: date | None
    completed_on: date | None
    days: int
    """Since 31 December of its year."""


@dataclass(frozen=True)
class Bulletin:
    """What is told about the plan as of a day."""

    period: Period
    as_of: date
    demo: bool
    has_registry: bool
    table: PlanTable
    progress: Progress
    gains: tuple[Gain, ...]
    targets: Targets
    goals: RegistryGoals | None
    overdue: tuple[Overdue, ...]
    outlook: Outlook
    rewards: Rewards
    balances: Balances | None
    consequences: Consequences
    staffing: League[StaffingLine] | None
    chambers: League[ChamberLine] | None
    chamber_levels: tuple[ChamberLevel, ...] | None
    evidence: Evidence | None
    grounds: dict[str, Words]
    """Why each face of the evidence performs or does not, by `mine/face`."""
    figures: dict[str, float]
    """The figures without authority that were used."""

    @cached_property
    def content(self) -> dict[str, object]:
        """All of it as JSON takes it: dates and amounts as text."""
        told: dict[str, object] = json.loads(json.dumps(asdict(self), ensure_ascii=False, default=str))
        return {"form": FORM, **told}

    @cached_property
    def id(self) -> str:
        """SHA-256 of the content in canonical JSON."""
        canonical = json.dumps(self.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def as_json(self) -> dict[str, object]:
        """The JSON form: the content and its id."""
        return {"id": self.id, **self.content}


def bulletin(inputs: Inputs, span: Span, as_of: date) -> Bulletin:
    """The bulletin as of the end of a day, on the month, quarter or year that it lies in."""
    register, projects, period = inputs.register, inputs.register.projects, period_of(span, as_of)
    earned = rewards(projects, as_of, register.payers)
    shown = (
        None
        if inputs.faces is None
        else evidence(face_evidence(each.face, each.shifts or (), inputs.figures) for each in inputs.faces)
    )
    return Bulletin(
        period=period,
        as_of=as_of,
        demo=inputs.demo,
        has_registry=inputs.has_registry,
        table=plan_table(),
        progress=progress(projects, as_of),
        gains=tuple(_gains(projects, period, as_of)),
        targets=measured_targets(register, as_of, inputs.chamber_share_goal),
        goals=registry_goals(register, as_of, inputs.chamber_share_goal) if inputs.has_registry else None,
        overdue=tuple(_overdue(projects, as_of)),
        outlook=outlook(projects, as_of),
        rewards=earned,
        balances=balances(earned, register.payments, as_of) if inputs.has_registry else None,
        consequences=consequences(projects, as_of),
        staffing=None if inputs.faces is None else staffing_league(inputs.faces, projects, period, as_of),
        chambers=None if inputs.chambers is None else chamber_league(inputs.chambers),
        chamber_levels=None if inputs.chambers is None else tuple(inputs.chambers),
        evidence=shown,
        grounds={
            f"{each.face.mine}/{each.face.face}": ground_words(each, inputs.figures)
            for each in (shown.faces if shown else ())
        },
        figures={**inputs.figures.model_dump(), "chamber_share_goal": inputs.chamber_share_goal},
    )


def _gains(projects: Sequence[Project], period: Period, as_of: date) -> Iterable[Gain]:
    """Steps dated within the period; the six units, then others that did any."""
    seen = [each for each in (project.as_of(as_of) for project in projects) if each.withdrawn_on is None]
    for unit in dict.fromkeys((*UNITS, *(project.enterprise for project in seen))):
        for kind in TABLE_KINDS:
            of_kind = [each for each in seen if each.enterprise == unit and each.kind.counted_as is kind]
            yield Gain(
                unit,
                kind,
                *(
                    sum(on is not None and on >= period.from_on for on in days)
                    for days in (
                        [each.in_library_on for each in of_kind],
                        [each.started_on for each in of_kind],
                        [each.completed_on for each in of_kind],
                        [each.accepted_on for each in of_kind],
                    )
                ),
            )


def _overdue(projects: Iterable[Project], as_of: date) -> Iterable[Overdue]:
    for project in projects:
        if is_overdue(project, as_of):
            seen = project.as_of(as_of)
            yield Overdue(
                project=project.name,
                enterprise=project.enterprise,
                mine=project.mine,
                kind=project.kind,
                planned_year=project.planned_year,
                started_on=seen.started_on,
                completed_on=seen.completed_on,
                days=(as_of - year_end(project.planned_year)).days,
            )
