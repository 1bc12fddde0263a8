"""Pins the demo registry: without faults or warnings, plainly fictitious, and with something of every rule to show."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import gateway.registry
from rules.plan.progress import is_missed, is_overdue, progress
from rules.plan.project import Project
from rules.plan.projects_csv import ProjectsFile, read_projects_csv
from rules.plan.reward import RewardStatus, rewards
from rules.plan.table import PROVINCE, UNITS, Kind
from rules.plan.targets import targets

DEMO = Path(gateway.registry.__path__[0]) / "demo_projects.csv"


@pytest.fixture(scope="module", name="demo")
def read_demo() -> ProjectsFile:
    with DEMO.open(encoding="utf-8", newline="") as lines:
        return read_projects_csv(lines, file=str(DEMO))


@pytest.fixture(name="projects")
def demo_projects(demo: ProjectsFile) -> tuple[Project, ...]:
    return demo.projects


def test_no_faults_and_no_warnings(demo: ProjectsFile) -> None:
    """It reads clean, and names the six units by their own names."""
    assert demo.warnings == ()
    assert {project.enterprise for project in demo.projects} == set(UNITS)
    assert len(demo.projects) == 343


def test_every_mine_and_project_says_that_it_is_a_demonstration(projects: tuple[Project, ...]) -> None:
    """No real mine's name, and no mine in two units."""
    assert all(project.mine and project.mine.startswith("演示") for project in projects)
    assert all(project.name.startswith("演示") for project in projects)
    units_of_mine = Counter(mine for mine, _ in {(project.mine, project.enterprise) for project in projects})
    assert set(units_of_mine.values()) == {1}


@pytest.mark.parametrize(
    ("as_of", "goals"),
    [
        (date(2022, 10, 31), {"met", "pending", "not_met", "not_measured"}),
        (date(2026, 1, 1), {"met", "not_met", "not_measured"}),
    ],
)
def test_every_outcome_is_there_to_see(projects: tuple[Project, ...], as_of: date, goals: set[str]) -> None:
    """Met and not met goals, shortfalls, overdue, missed, withdrawn, and every reward status in the end."""
    assert {goal.status for goal in targets(projects, as_of).goals} == goals
    province = [row for row in progress(projects, as_of).totals if row.enterprise == PROVINCE]
    assert sum(row.missed for row in province if row.due) > 5
    assert sum(row.shortfall or 0 for row in province) > 0
    assert any(is_overdue(project, as_of) for project in projects)
    assert any(is_missed(project, as_of) and project.accepted_on for project in projects)
    assert any(project.as_of(as_of).withdrawn_on for project in projects)


def test_every_reward_status_is_there(projects: tuple[Project, ...]) -> None:
    """With caps that bind and caps that do not."""
    judged = rewards(projects, date(2026, 1, 1)).projects
    assert {each.status for each in judged} == set(RewardStatus)
    paid = [each for each in judged if each.status is RewardStatus.PAYABLE]
    assert {each.reward_wan == each.cap_wan for each in paid} == {True, False}
    assert {each.kind for each in judged} == set(Kind)
