"""Where each unit stands against the table, as of the end of a day D.

Rules (definitions.md §3)
- *Accepted* and *completed* count by their own date, whatever the planned year; 2021 takes in everything
  earlier, and what comes after 2023 is in no row. Cumulative figures run to the earlier of D and 31 December.
- A project withdrawn by D is out of every count but *missed*; the plan stays as it was.
- A year is *due* from its 31 December. Only then can a project planned for it be *overdue* (neither accepted
  nor withdrawn by D) or *missed* (the year's promise was broken: later work mends nothing). Projects of other kinds or
  years than the table's are neither: no row counts them.
- *Rate* is of the cumulative figures, exact and uncapped. *Shortfall* is never negative, due or not.
- A unit off the table has no planned figures, so no rate and no shortfall. In the totals shortfalls are
  summed over the six units: one unit's surplus does not hide another's lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rules.plan.project import Project
from rules.plan.table import (
    PROVINCE,
    TABLE_KINDS,
    TOTAL,
    UNITS,
    YEARS,
    Kind,
    planned,
    planned_cumulative,
    year_end,
)


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """One unit (or 合计, 全省), kind and year; the fields are definitions.md §3's, `None` off the table."""

    enterprise: str
    kind: Kind
    year: int
    due: bool
    planned: int | None
    accepted: int
    completed: int
    planned_cumulative: int | None
    accepted_cumulative: int
    completed_cumulative: int
    rate: float | None
    shortfall: int | None
    overdue: int
    missed: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The rows of every unit, then the nine of 合计 and the nine of 全省."""

    as_of: date
    rows: tuple[ProgressRow, ...]
    totals: tuple[ProgressRow, ...]


def progress(projects: Iterable[Project], as_of: date) -> Progress:
    """The six units in the table's order, then those off it in the order they first appear."""
    by_unit: dict[str, list[Project]] = {unit: [] for unit in UNITS}
    for project in projects:
        by_unit.setdefault(project.enterprise, []).append(project.as_of(as_of))
    rows = tuple(
        _unit_row(unit, kind, year, [each for each in of_unit if each.kind.counted_as is kind], as_of)
        for unit, of_unit in by_unit.items()
        for kind in TABLE_KINDS
        for year in YEARS
    )
    totals = tuple(
        _total_row(unit, kind, year, [row for row in rows if (row.kind, row.year) == (kind, year)])
        for unit in (TOTAL, PROVINCE)
        for kind in TABLE_KINDS
        for year in YEARS
    )
    return Progress(as_of, rows, totals)


def is_due(project: Project, as_of: date) -> bool:
    """Is there a row of the table that counts it, and is its year over?"""
    has_row = project.kind.counted_as is not None and project.planned_year in YEARS
    return has_row and as_of >= year_end(project.planned_year)


def is_overdue(project: Project, as_of: date) -> bool:
    """Its planned year is due and it is neither accepted nor withdrawn by the day."""
    seen = project.as_of(as_of)
    return is_due(project, as_of) and seen.accepted_on is None and seen.withdrawn_on is None


def is_missed(project: Project, as_of: date) -> bool:
    """Its planned year is due, and it was still in the plan then but not completed, or was given up since.

    A withdrawal on or before 31 December of the year is a change of plan, not a miss.
    """
    seen, end = project.as_of(as_of), year_end(project.planned_year)
    if not is_due(project, as_of):
        return False
    if seen.withdrawn_on is not None:
        return seen.withdrawn_on > end
    return seen.completed_on is None or seen.completed_on > end


def _unit_row(unit: str, kind: Kind, year: int, projects: Sequence[Project], as_of: date) -> ProgressRow:
    standing = [project for project in projects if project.withdrawn_on is None]
    accepted_in = [_plan_year(project.accepted_on) for project in standing]
    completed_in = [_plan_year(project.completed_on) for project in standing]
    of_year = [project for project in projects if project.planned_year == year]
    accepted_cumulative = sum(each <= year for each in accepted_in if each)
    goal = planned_cumulative(unit, kind, year)
    return ProgressRow(
        enterprise=unit,
        kind=kind,
        year=year,
        due=as_of >= year_end(year),
        planned=planned(unit, kind, year),
        accepted=accepted_in.count(year),
        completed=completed_in.count(year),
        planned_cumulative=goal,
        accepted_cumulative=accepted_cumulative,
        completed_cumulative=sum(each <= year for each in completed_in if each),
        rate=accepted_cumulative / goal if goal else None,
        shortfall=None if goal is None else max(0, goal - accepted_cumulative),
        overdue=sum(is_overdue(project, as_of) for project in of_year),
        missed=sum(is_missed(project, as_of) for project in of_year),
    )


def _total_row(unit: str, kind: Kind, year: int, rows: Sequence[ProgressRow]) -> ProgressRow:
    """Counts of the six (合计) or of all units (全省); what is planned, and lacking, is always the six's."""
    six = [row for row in rows if row.enterprise in UNITS]
    counted = six if unit == TOTAL else rows
    goal = sum(row.planned_cumulative or 0 for row in six)
    accepted_cumulative = sum(row.accepted_cumulative for row in counted)
    return ProgressRow(
        enterprise=unit,
        kind=kind,
        year=year,
        due=six[0].due,
        planned=sum(row.planned or 0 for row in six),
        accepted=sum(row.accepted for row in counted),
        completed=sum(row.completed for row in counted),
        planned_cumulative=goal,
        accepted_cumulative=accepted_cumulative,
        completed_cumulative=sum(row.completed_cumulative for row in counted),
        rate=accepted_cumulative / goal if goal else None,
        shortfall=sum(row.shortfall or 0 for row in six),
        overdue=sum(row.overdue for row in counted),
        missed=sum(row.missed for row in counted),
    )


def _plan_year(on: date | None) -> int | None:
    """The year of the plan a date counts in: 2021 takes in everything earlier."""
    return None if on is None else max(on.year, YEARS[0])
