"""The text's targets for the province, beside the table's totals.

Rules (definitions.md §3)
- A count is 全省, cumulative to the earlier of D and the goal's day. It is *met* once accepted reaches the
  text's lower end, *pending* before the goal's day, else *not met*. Passing the upper end is no fault.
- The other goals rest on the registry's data (hazard classes, chambers, staff, output, robots). Without it
  they are *not measured* and their numbers unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from rules.plan.progress import progress
from rules.plan.project import Project
from rules.plan.table import PROVINCE, TEXT_RANGES, year_end

REGISTRY_GOALS: Final = (
    ("mandatory_rock_burst", year_end(2021)),
    ("mandatory_deep_outburst", year_end(2021)),
    ("mandatory_new", year_end(2021)),
    ("mandatory_expanded", year_end(2021)),
    ("chambers_2022", year_end(2022)),
    ("workforce_2023", year_end(2023)),
    ("efficiency_2023", year_end(2023)),
    ("robots_2023", year_end(2023)),
)


class GoalStatus(StrEnum):
    """How a goal stands."""

    MET = "met"
    PENDING = "pending"
    NOT_MET = "not_met"
    NOT_MEASURED = "not_measured"
    AMBIGUOUS = "ambiguous"
    """Of the registry's goals: the text has two readings, and they differ."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal and its day; the text's range, the table's total and the province's counts."""

    id: str
    by: date
    text_low: int | None
    text_high: int | None
    table: int | None
    accepted: int | None
    completed: int | None
    status: GoalStatus


@dataclass(frozen=True, slots=True)
class Targets:
    """Every goal: the counted ones by year, then those of the registry."""

    as_of: date
    goals: tuple[Goal, ...]


def targets(projects: Iterable[Project], as_of: date) -> Targets:
    """The goals as of the end of the day; those of the registry as not measured."""
    province = {
        (row.kind, row.year): row for row in progress(projects, as_of).totals if row.enterprise == PROVINCE
    }
    counted = tuple(
        Goal(
            id=f"{kind}_{year}",
            by=year_end(year),
            text_low=low,
            text_high=high,
            table=province[kind, year].planned_cumulative,
            accepted=province[kind, year].accepted_cumulative,
            completed=province[kind, year].completed_cumulative,
            status=_status(province[kind, year].accepted_cumulative, low, due=province[kind, year].due),
        )
        for (kind, year), (low, high) in TEXT_RANGES.items()
    )
    unmeasured = tuple(
        Goal(goal, by, None, None, None, None, None, GoalStatus.NOT_MEASURED) for goal, by in REGISTRY_GOALS
    )
    return Targets(as_of, counted + unmeasured)


def _status(accepted: int, low: int, *, due: bool) -> GoalStatus:
    if accepted >= low:
        return GoalStatus.MET
    return GoalStatus.NOT_MET if due else GoalStatus.PENDING
