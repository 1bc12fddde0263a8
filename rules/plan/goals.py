"""The text's goals that rest on the registry: mandatory classes, chambers, staff, efficiency, robots.

Rules (definitions.md §3)
- Like the counted goals they are as of the earlier of D and the goal's day: *met*, *pending* before that day, else
  *not met*. Without data they are *not measured*; so is a goal that would be met if unknown things were well.
- In `text_low` stands what is needed and in `accepted` what there is: faces that must be and are intelligent, chambers
  at the level, people fewer than in 2020, robots in use. `table` is null, and so are the numbers of the efficiency,
  whose ratio has two readings: *ambiguous* where they differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from rules.plan.chamber_goal import SHARE_GOAL, ChamberGoal, chamber_goal
from rules.plan.mandatory import MandatoryClass, mandatory
from rules.plan.register import Register
from rules.plan.targets import REGISTRY_GOALS, Goal, GoalStatus, Targets, targets
from rules.plan.workforce import STAFF_REDUCTION, Efficiency, Workforce, efficiency, workforce

ROBOTS_LOW: Final = 1
"""部分危险岗位: the text names no number."""


@dataclass(frozen=True, slots=True)
class RegistryGoals:
    """What the goals rest on, as of D: which mines, faces and chambers are lacking."""

    mandatory: tuple[MandatoryClass, ...]
    chambers: ChamberGoal
    workforce: Workforce
    efficiency: Efficiency
    robots: int


def registry_goals(register: Register, as_of: date, share_goal: float = SHARE_GOAL) -> RegistryGoals:
    """All of it as of the end of the day."""
    return RegistryGoals(
        mandatory=mandatory(register, as_of),
        chambers=chamber_goal(register, as_of, share_goal),
        workforce=workforce(register, as_of),
        efficiency=efficiency(register, as_of),
        robots=sum(robot.in_use_on <= as_of and robot.lifetime.covers(as_of) for robot in register.robots),
    )


def measured_targets(register: Register, as_of: date, share_goal: float = SHARE_GOAL) -> Targets:
    """Every goal as of the end of the day, those of the registry measured as far as it has data."""
    counted = targets(register.projects, as_of).goals[: -len(REGISTRY_GOALS)]
    if not register.mines:
        return targets(register.projects, as_of)
    days = {by: registry_goals(register, min(as_of, by), share_goal) for _, by in REGISTRY_GOALS}
    return Targets(as_of, counted + tuple(_goal(name, by, days[by], as_of) for name, by in REGISTRY_GOALS))


def _goal(name: str, by: date, of: RegistryGoals, as_of: date) -> Goal:
    due = as_of >= by
    if name == "chambers_2022":
        return _chambers(name, by, of.chambers, due=due)
    if name == "workforce_2023":
        return _workforce(name, by, of.workforce, due=due)
    if name == "efficiency_2023":
        return Goal(name, by, None, None, None, None, None, _efficiency_status(of.efficiency, due=due))
    if name == "robots_2023":
        status = _status(of.robots >= ROBOTS_LOW, due=due)
        return Goal(name, by, ROBOTS_LOW, None, None, of.robots, None, status)
    return _mandatory(next(each for each in of.mandatory if each.id == name), by, due=due)


def _mandatory(of: MandatoryClass, by: date, *, due: bool) -> Goal:
    if not of.mines:
        return Goal(of.id, by, None, None, None, None, None, GoalStatus.NOT_MEASURED)
    status = _status(not of.lacking, due=due)
    if status is GoalStatus.MET and not of.is_whole:
        status = GoalStatus.NOT_MEASURED
    return Goal(of.id, by, of.faces, None, None, of.accepted, of.completed, status)


def _chambers(name: str, by: date, of: ChamberGoal, *, due: bool) -> Goal:
    if not of.total.chambers:
        return Goal(name, by, None, None, None, None, None, GoalStatus.NOT_MEASURED)
    status = _status(of.at_level >= of.wanted, due=due)
    if status is GoalStatus.MET and of.mines_without_chambers:
        status = GoalStatus.NOT_MEASURED
    return Goal(name, by, of.wanted, None, None, of.at_level, None, status)


def _workforce(name: str, by: date, of: Workforce, *, due: bool) -> Goal:
    if of.reduction is None:
        status = GoalStatus.NOT_MEASURED
    elif not due:
        status = GoalStatus.PENDING
    else:
        status = _status(of.reduction >= STAFF_REDUCTION, due=due)
    low = None if of.reduction is None else STAFF_REDUCTION
    return Goal(name, by, low, None, None, of.reduction, None, status)


def _efficiency_status(of: Efficiency, *, due: bool) -> GoalStatus:
    if of.reading_a_met is None:
        return GoalStatus.NOT_MEASURED
    if not due:
        return GoalStatus.PENDING
    if of.reading_a_met != of.reading_b_met:
        return GoalStatus.AMBIGUOUS
    return GoalStatus.MET if of.reading_a_met else GoalStatus.NOT_MET


def _status(is_reached: bool, *, due: bool) -> GoalStatus:
    if is_reached:
        return GoalStatus.MET
    return GoalStatus.NOT_MET if due else GoalStatus.PENDING
