"""Holds progress, targets and rewards against a naive recount of the same random projects.csv, key by key."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.plan.progress import progress
from rules.plan.project import COLUMNS, Project
from rules.plan.projects_csv import read_projects_csv
from rules.plan.reward import rewards
from rules.plan.targets import targets
from tests.unit import reference_plan

EDGES = [f"{year}-{day}" for year in range(2020, 2025) for day in ("01-01", "06-30", "12-30", "12-31")]
ANY_DAY = st.dates(date(2020, 1, 1), date(2025, 1, 1)).map(date.isoformat)
DAYS = st.sampled_from(EDGES) | ANY_DAY
BLANK_OR_DAY = st.just("") | DAYS
UNITS = st.sampled_from([*reference_plan.SIX, *reference_plan.OTHER_NAMES, "演示集团", "另一集团"])
KINDS = ("mining_face", "driving_face", "driving_face_tbm", "demonstration_mine", "chamber", "other")
AMOUNTS = st.just("") | st.from_regex(r"[0-9]{1,5}(\.[0-9]{1,7})?", fullmatch=True)


@st.composite
def rows(draw: st.DrawFn) -> reference_plan.Row:
    """A valid row: accepted only after completion, never accepted and withdrawn."""
    completed, accepted, withdrawn = draw(BLANK_OR_DAY), "", ""
    fate = draw(st.sampled_from(("accepted", "accepted", "withdrawn", "open")))
    if fate == "accepted" and completed:
        lag = timedelta(days=draw(st.sampled_from((0, 1, 40, 400))))
        accepted = (date.fromisoformat(completed) + lag).isoformat()
    if fate == "withdrawn":
        withdrawn = draw(DAYS)
    return {
        "project": "",
        "enterprise": draw(UNITS),
        "mine": "演示一矿",
        "kind": draw(st.sampled_from(KINDS)),
        "planned_year": str(draw(st.integers(2021, 2024))),
        "in_library_on": draw(st.just(accepted) | BLANK_OR_DAY),
        "started_on": draw(BLANK_OR_DAY),
        "completed_on": completed,
        "accepted_on": accepted,
        "withdrawn_on": withdrawn,
        "investment_wan": draw(AMOUNTS),
    }


FILES = st.lists(rows(), max_size=40).map(
    lambda each: [row | {"project": f"项目{number}"} for number, row in enumerate(each)]
)


def read(file_rows: list[reference_plan.Row]) -> tuple[Project, ...]:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(file_rows)
    text.seek(0)
    return read_projects_csv(text, file="projects.csv").projects


def printed(result: Any) -> Any:
    """What the command prints, read back."""
    return json.loads(json.dumps(asdict(result), default=str))


@given(FILES, DAYS)
@settings(deadline=None)
def test_progress_is_the_naive_recount(file_rows: list[reference_plan.Row], day: str) -> None:
    """Every row and total, every key."""
    as_of = date.fromisoformat(day)
    assert printed(progress(read(file_rows), as_of)) == reference_plan.progress(file_rows, day)


@given(FILES, DAYS)
@settings(deadline=None)
def test_targets_are_the_naive_recount(file_rows: list[reference_plan.Row], day: str) -> None:
    """Every goal, every key."""
    as_of = date.fromisoformat(day)
    assert printed(targets(read(file_rows), as_of)) == reference_plan.targets(file_rows, day)


@given(FILES, DAYS)
@settings(deadline=None)
def test_rewards_are_the_naive_recount(file_rows: list[reference_plan.Row], day: str) -> None:
    """Every project in the file's order and every sum, amounts as printed."""
    as_of = date.fromisoformat(day)
    assert printed(rewards(read(file_rows), as_of)) == reference_plan.reward(file_rows, day)
