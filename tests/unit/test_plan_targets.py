"""Pins the text's targets to definitions.md §3: ids, days, ranges, statuses, and what offline cannot measure."""

from __future__ import annotations

from datetime import date

import pytest

from rules.plan.project import Project
from rules.plan.table import Kind
from rules.plan.targets import Goal, targets


def accepted(
    count: int, *, on: str, kind: Kind = Kind.MINING_FACE, enterprise: str = "演示集团"
) -> list[Project]:
    day = date.fromisoformat(on)
    return [
        Project(f"{kind} {n}", enterprise, "演示一矿", kind, 2021, completed_on=day, accepted_on=day)
        for n in range(count)
    ]


def goal_of(projects: list[Project], as_of: str, name: str) -> Goal:
    (goal,) = [goal for goal in targets(projects, date.fromisoformat(as_of)).goals if goal.id == name]
    return goal


def test_the_counted_goals_in_order() -> None:
    """Nine goals by year, each with its day, the text's range and the table's cumulative total."""
    goals = targets([], date(2021, 1, 1)).goals[:9]
    assert [(goal.id, goal.by.isoformat(), goal.text_low, goal.text_high, goal.table) for goal in goals] == [
        ("demonstration_mine_2021", "2021-12-31", 8, 10, 10),
        ("mining_face_2021", "2021-12-31", 30, 35, 32),
        ("driving_face_2021", "2021-12-31", 35, 40, 38),
        ("demonstration_mine_2022", "2022-12-31", 10, 15, 16),
        ("mining_face_2022", "2022-12-31", 50, None, 58),
        ("driving_face_2022", "2022-12-31", 100, None, 102),
        ("demonstration_mine_2023", "2023-12-31", 15, 20, 24),
        ("mining_face_2023", "2023-12-31", 80, None, 87),
        ("driving_face_2023", "2023-12-31", 200, None, 216),
    ]


def test_goals_of_the_registry_are_not_measured_offline() -> None:
    """Their numbers are unknown, not 0; their days are those of the text."""
    goals = targets(accepted(40, on="2021-05-01"), date(2026, 1, 1)).goals[9:]
    assert [(goal.id, goal.by.isoformat()) for goal in goals] == [
        ("mandatory_rock_burst", "2021-12-31"),
        ("mandatory_deep_outburst", "2021-12-31"),
        ("mandatory_new", "2021-12-31"),
        ("mandatory_expanded", "2021-12-31"),
        ("chambers_2022", "2022-12-31"),
        ("workforce_2023", "2023-12-31"),
        ("efficiency_2023", "2023-12-31"),
        ("robots_2023", "2023-12-31"),
    ]
    numbers = {(goal.text_low, goal.text_high, goal.table, goal.accepted, goal.completed) for goal in goals}
    assert (numbers, {goal.status for goal in goals}) == ({(None,) * 5}, {"not_measured"})


@pytest.mark.parametrize(
    ("count", "as_of", "status"),
    [
        (29, "2021-12-30", "pending"),
        (29, "2021-12-31", "not_met"),
        (30, "2021-12-30", "met"),
        (30, "2021-12-31", "met"),
        (36, "2026-01-01", "met"),
        (29, "2026-01-01", "not_met"),
    ],
)
def test_status(count: int, as_of: str, status: str) -> None:
    """Met at the lower end, pending until the day, not met from the day on; past the upper end is no fault."""
    assert goal_of(accepted(count, on="2021-05-01"), as_of, "mining_face_2021").status == status


def test_counts_are_the_provinces_up_to_the_earlier_of_d_and_the_goals_day() -> None:
    """Units on and off the table count; what came after the goal's day does not, what came after D neither."""
    projects = accepted(3, on="2021-12-31") + accepted(2, on="2022-01-01", enterprise="郑煤集团")
    counts = {
        as_of: [goal_of(projects, as_of, f"mining_face_{year}").accepted for year in (2021, 2022)]
        for as_of in ("2021-12-30", "2021-12-31", "2022-01-01", "2026-01-01")
    }
    assert list(counts.values()) == [[0, 0], [3, 3], [3, 5], [3, 5]]


def test_tbm_counts_as_driving_face() -> None:
    """Completed and accepted stand side by side."""
    day = date(2021, 5, 1)
    built = Project("甲", "郑煤集团", "演示一矿", Kind.DRIVING_FACE, 2021, completed_on=day)
    projects = [*accepted(1, on="2021-05-01", kind=Kind.DRIVING_FACE_TBM), built]
    goal = goal_of(projects, "2021-06-01", "driving_face_2021")
    assert (goal.accepted, goal.completed, goal.status) == (1, 2, "pending")
