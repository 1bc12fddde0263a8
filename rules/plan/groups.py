"""Progress of groups other than plan units: enterprises, cities, mines. They have no figures in the plan's table.

Rules
- `planned` is what the registry has for the year: projects of that planned year, withdrawn ones too (the plan stays).
- Everything else is counted as for plan units (`rules.plan.progress`); cumulative figures run to the earlier of D and
  31 December.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rules.plan.progress import is_missed, is_overdue
from rules.plan.project import Project
from rules.plan.register import Mine, Register
from rules.plan.table import TABLE_KINDS, YEARS, Kind, year_end

By = Literal["enterprise", "city", "mine"]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group, kind and year; `group` is `None` for projects whose mine or city is not registered."""

    group: str | None
    kind: Kind
    year: int
    due: bool
    planned: int
    accepted: int
    completed: int
    accepted_cumulative: int
    completed_cumulative: int
    overdue: int
    missed: int


def group_progress(register: Register, as_of: date, by: By) -> tuple[GroupRow, ...]:
    """Rows of every group in the order in which its first project stands in the registry."""
    mines = {mine.name: mine for mine in register.mines}
    group_of: dict[By, Callable[[Mine], str | None]] = {
        "enterprise": lambda mine: mine.enterprise,
        "city": lambda mine: mine.city,
        "mine": lambda mine: mine.name,
    }
    groups: dict[str | None, list[Project]] = {}
    for project in register.projects:
        mine = mines.get(project.mine or "")
        groups.setdefault(None if mine is None else group_of[by](mine), []).append(project)
    return tuple(
        _row(group, kind, year, [each for each in projects if each.kind.counted_as is kind], as_of)
        for group, projects in groups.items()
        for kind in TABLE_KINDS
        for year in YEARS
    )


def _row(group: str | None, kind: Kind, year: int, projects: Sequence[Project], as_of: date) -> GroupRow:
    of_year = [project for project in projects if project.planned_year == year]
    standing = [seen for seen in (project.as_of(as_of) for project in projects) if seen.withdrawn_on is None]
    accepted = [project.accepted_on for project in standing if project.accepted_on is not None]
    completed = [project.completed_on for project in standing if project.completed_on is not None]
    return GroupRow(
        group=group,
        kind=kind,
        year=year,
        due=as_of >= year_end(year),
        planned=len(of_year),
        accepted=_in(accepted, year),
        completed=_in(completed, year),
        accepted_cumulative=_by(accepted, year),
        completed_cumulative=_by(completed, year),
        overdue=sum(is_overdue(project, as_of) for project in of_year),
        missed=sum(is_missed(project, as_of) for project in of_year),
    )


def _in(days: Iterable[date], year: int) -> int:
    """Days that count in a year of the plan: its first one takes in everything earlier."""
    return sum(max(day.year, YEARS[0]) == year for day in days)


def _by(days: Iterable[date], year: int) -> int:
    return sum(max(day.year, YEARS[0]) <= year for day in days)
