"""What follows from the plan's outcome: for mines that missed it, and for units that fulfilled it.

Rules (definitions.md §3, part 三（二）（四） of the plan)
- *Missed plan*, per mine and year: a face's or demonstration mine's project counted in `missed`. The mine may not apply
  for first-class standardization, and its safety assessment bonus is cut; the text names no amount.
- *Priority support*, per plan unit and year that is due: planned_cumulative > 0, and in every kind at least that many
  projects were completed by 31 December and have been accepted since: an inspector's delay costs the unit nothing.
- *To be notified*: units that lag at the end of the last due year, with what they lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rules.plan.progress import ProgressRow, is_missed, is_overdue, progress
from rules.plan.project import Project
from rules.plan.table import TABLE_KINDS, UNITS, YEARS, Kind, planned_cumulative, year_end


@dataclass(frozen=True, slots=True)
class MissedPlan:
    """A mine that missed the plan of a year, and the projects by which it did."""

    mine: str
    enterprise: str
    year: int
    projects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindFulfilment:
    """What a unit had to have done in a kind, and what it had completed in time and got accepted."""

    kind: Kind
    planned_cumulative: int
    fulfilled: int


@dataclass(frozen=True, slots=True)
class PrioritySupport:
    """Whether a unit has fulfilled its plan up to a year."""

    enterprise: str
    year: int
    kinds: tuple[KindFulfilment, ...]
    supported: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A unit that lags at the end of a year: what it lacks over all kinds, its projects overdue and missed."""

    enterprise: str
    year: int
    shortfall: int
    overdue: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consequences:
    """Everything that follows as of a day."""

    as_of: date
    missed_plan: tuple[MissedPlan, ...]
    priority_support: tuple[PrioritySupport, ...]
    notices: tuple[Notice, ...]


def consequences(projects: Sequence[Project], as_of: date) -> Consequences:
    """As of the end of the day; mines by year and in the order they first appear, units in the table's order."""
    due = [year for year in YEARS if year_end(year) <= as_of]
    return Consequences(
        as_of=as_of,
        missed_plan=tuple(missed_plan(projects, as_of)),
        priority_support=tuple(_support(projects, unit, year, as_of) for year in due for unit in UNITS),
        notices=tuple(_notices(projects, due[-1], as_of)) if due else (),
    )


def missed_plan(projects: Iterable[Project], as_of: date) -> Iterable[MissedPlan]:
    """The mines that missed the plan, year by year."""
    missed: dict[tuple[int, str, str], list[str]] = {}
    for project in projects:
        if project.mine is not None and is_missed(project, as_of):
            key = (project.planned_year, project.mine, project.enterprise)
            missed.setdefault(key, []).append(project.name)
    for (year, mine, enterprise), names in sorted(missed.items(), key=lambda item: item[0][0]):
        yield MissedPlan(mine, enterprise, year, tuple(names))


def _support(projects: Iterable[Project], unit: str, year: int, as_of: date) -> PrioritySupport:
    done = [
        seen.kind.counted_as
        for seen in (project.as_of(as_of) for project in projects if project.enterprise == unit)
        if seen.accepted_on is not None
        and seen.completed_on is not None
        and seen.completed_on <= year_end(year)
    ]
    kinds = tuple(
        KindFulfilment(kind, planned_cumulative(unit, kind, year) or 0, done.count(kind))
        for kind in TABLE_KINDS
    )
    has_plan = any(each.planned_cumulative for each in kinds)
    return PrioritySupport(
        enterprise=unit,
        year=year,
        kinds=kinds,
        supported=has_plan and all(each.fulfilled >= each.planned_cumulative for each in kinds),
    )


def _notices(projects: Sequence[Project], year: int, as_of: date) -> Iterable[Notice]:
    rows = progress(projects, as_of).rows
    for unit in dict.fromkeys(row.enterprise for row in rows):
        shortfall = sum(_lacking(row) for row in rows if (row.enterprise, row.year) == (unit, year))
        of_unit = [project for project in projects if project.enterprise == unit]
        overdue = tuple(project.name for project in of_unit if is_overdue(project, as_of))
        missed = tuple(project.name for project in of_unit if is_missed(project, as_of))
        if shortfall or overdue or missed:
            yield Notice(unit, year, shortfall, overdue, missed)


def _lacking(row: ProgressRow) -> int:
    return row.shortfall or 0
