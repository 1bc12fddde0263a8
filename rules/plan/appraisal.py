"""Figures per unit for its performance appraisal (绩效考评): what each has done of the plan, as of the end of a day.

Rules (definitions.md §3, part 三（四） of the plan)
- One row for each unit of the table and each that the projects name. Counts are over the table's kinds, cumulative to
  the last year that is due (to 2021 before any is); a unit off the table has no planned figures.
- Staff is of the unit's mines that stand at the end of the year; it is unknown if one of them has no figure.
- Chambers are those declared at the level, of all that stand on the day.
- Figures only: how they are weighed is the authority's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.plan.balance import NOTHING, balances
from rules.plan.chamber_goal import chamber_goal
from rules.plan.consequences import missed_plan
from rules.plan.progress import ProgressRow, progress
from rules.plan.register import Register, YearFigures
from rules.plan.reward import rewards
from rules.plan.table import year_end
from rules.plan.workforce import BASE_YEAR, year_of

_NO_FIGURES = YearFigures()


@dataclass(frozen=True, slots=True)
class AppraisalRow:
    """A unit's figures; amounts in 万元."""

    enterprise: str
    planned: int | None
    completed: int
    accepted: int
    rate: float | None
    shortfall: int | None
    overdue: int
    missed: int
    mines_that_missed: int
    reward_wan: Decimal
    paid_wan: Decimal
    chambers: int
    chambers_at_level: int
    staff_2020: int | None
    staff: int | None


@dataclass(frozen=True, slots=True)
class Appraisal:
    """The rows as of a day; counts are cumulative to `year`, staff is that of its end if it is over."""

    as_of: date
    year: int
    rows: tuple[AppraisalRow, ...]


def appraisal(register: Register, as_of: date) -> Appraisal:
    """The units in the order of progress."""
    year = year_of(as_of)
    counted = progress(register.projects, as_of).rows
    missed = list(missed_plan(register.projects, as_of))
    money = balances(rewards(register.projects, as_of, register.payers), register.payments, as_of).units
    paid = {unit.enterprise: unit.paid_wan + unit.paid_without_reward_wan for unit in money}
    reward = {unit.enterprise: unit.reward_wan for unit in money}
    chambers = chamber_goal(register, as_of).mines

    def row(unit: str) -> AppraisalRow:
        of_unit = [each for each in counted if each.enterprise == unit]
        of_year = [each for each in of_unit if each.year == year]
        planned = _sum(of_year, "planned_cumulative")
        accepted = sum(each.accepted_cumulative for each in of_year)
        here = [each for each in chambers if each.enterprise == unit]
        return AppraisalRow(
            enterprise=unit,
            planned=planned,
            completed=sum(each.completed_cumulative for each in of_year),
            accepted=accepted,
            rate=accepted / planned if planned else None,
            shortfall=_sum(of_year, "shortfall"),
            overdue=sum(each.overdue for each in of_unit),
            missed=sum(each.missed for each in of_unit),
            mines_that_missed=len({each.mine for each in missed if each.enterprise == unit}),
            reward_wan=reward.get(unit, NOTHING),
            paid_wan=paid.get(unit, NOTHING),
            chambers=sum(each.chambers for each in here),
            chambers_at_level=sum(each.unattended + each.central_control for each in here),
            staff_2020=_staff(register, unit, BASE_YEAR),
            staff=_staff(register, unit, year) if year_end(year) <= as_of else None,
        )

    return Appraisal(
        as_of, year, tuple(row(unit) for unit in dict.fromkeys(each.enterprise for each in counted))
    )


def _sum(rows: list[ProgressRow], word: str) -> int | None:
    values: list[int | None] = [getattr(row, word) for row in rows]
    return None if None in values else sum(value for value in values if value is not None)


def _staff(register: Register, unit: str, year: int) -> int | None:
    mines = [mine for mine in register.mines_on(year_end(year)) if mine.unit == unit]
    figures = [register.mine_years.get((mine.name, year), _NO_FIGURES).staff_underground for mine in mines]
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known and len(known) == len(figures) else None
