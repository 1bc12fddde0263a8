"""Pins progress to definitions.md §3: boundaries of dates, withdrawals, late work, units off the table, totals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date

import pytest

from rules.plan.progress import ProgressRow, progress
from rules.plan.project import Project
from rules.plan.table import TABLE_KINDS, UNITS, YEARS, Kind

LATER = date(2026, 1, 1)


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def project(
    *,
    enterprise: str = "郑煤集团",
    kind: Kind = Kind.MINING_FACE,
    planned: int = 2021,
    completed: str | None = None,
    accepted: str | None = None,
    withdrawn: str | None = None,
) -> Project:
    return Project(
        "甲",
        enterprise,
        "演示一矿",
        kind,
        planned,
        completed_on=day(completed or accepted),
        accepted_on=day(accepted),
        withdrawn_on=day(withdrawn),
    )


def row_of(
    projects: Iterable[Project],
    as_of: date,
    year: int,
    enterprise: str = "郑煤集团",
    kind: Kind = Kind.MINING_FACE,
) -> ProgressRow:
    result = progress(projects, as_of)
    (row,) = [
        row
        for row in (*result.rows, *result.totals)
        if (row.enterprise, row.kind, row.year) == (enterprise, kind, year)
    ]
    return row


def test_rows_and_totals_come_in_order() -> None:
    """Units, kinds, years; then off-table units as they first appear; totals 合计 then 全省. Keys as defined."""
    projects = [
        project(enterprise=name, kind=Kind.CHAMBER) for name in ("乙集团", "郑州市", "甲集团", "乙集团")
    ]
    result = progress(projects, LATER)
    assert [(row.enterprise, row.kind, row.year) for row in result.rows] == [
        (unit, kind, year) for unit in (*UNITS, "乙集团", "甲集团") for kind in TABLE_KINDS for year in YEARS
    ]
    assert [(row.enterprise, row.kind, row.year) for row in result.totals] == [
        (unit, kind, year) for unit in ("合计", "全省") for kind in TABLE_KINDS for year in YEARS
    ]
    keys = "enterprise kind year due planned accepted completed planned_cumulative accepted_cumulative"
    keys += " completed_cumulative rate shortfall overdue missed"
    assert " ".join(field.name for field in fields(ProgressRow)) == keys


def test_without_projects() -> None:
    """Nothing accepted: rate 0, or null where nothing is planned; the whole plan is short."""
    row = row_of([], date(2021, 6, 1), 2021)
    assert (row.due, row.planned, row.accepted, row.rate, row.shortfall) == (False, 2, 0, 0.0, 2)
    nothing_planned = row_of([], LATER, 2022, "神火集团", Kind.MINING_FACE)
    assert (nothing_planned.planned, nothing_planned.planned_cumulative, nothing_planned.rate) == (0, 2, 0.0)
    never_planned = row_of([], LATER, 2023, "中煤河南分公司", Kind.DEMONSTRATION_MINE)
    assert (never_planned.planned_cumulative, never_planned.rate, never_planned.shortfall) == (0, None, 0)


@pytest.mark.parametrize(
    ("as_of", "due"), [("2021-12-30", False), ("2021-12-31", True), ("2022-01-01", True)]
)
def test_a_year_is_due_on_its_last_day(as_of: str, due: bool) -> None:
    """Due, overdue and missed begin with 31 December itself."""
    row = row_of([project()], date.fromisoformat(as_of), 2021)
    assert (row.due, row.overdue, row.missed) == (due, int(due), int(due))


@pytest.mark.parametrize(
    ("accepted", "as_of", "by_year"),
    [
        ("2019-05-01", "2021-01-01", {2021: (1, 1), 2022: (0, 1), 2023: (0, 1)}),
        ("2021-12-31", "2026-01-01", {2021: (1, 1), 2022: (0, 1), 2023: (0, 1)}),
        ("2022-01-01", "2026-01-01", {2021: (0, 0), 2022: (1, 1), 2023: (0, 1)}),
        ("2023-12-31", "2026-01-01", {2021: (0, 0), 2022: (0, 0), 2023: (1, 1)}),
        ("2024-01-01", "2026-01-01", {2021: (0, 0), 2022: (0, 0), 2023: (0, 0)}),
        ("2022-06-02", "2022-06-01", {2021: (0, 0), 2022: (0, 0), 2023: (0, 0)}),
        ("2022-06-01", "2022-06-01", {2021: (0, 0), 2022: (1, 1), 2023: (0, 1)}),
    ],
)
@pytest.mark.parametrize("planned", [2021, 2023, 2030])
def test_work_counts_by_its_own_date(
    accepted: str, as_of: str, by_year: dict[int, tuple[int, int]], planned: int
) -> None:
    """Whatever the planned year; 2021 takes in what is earlier; after 2023 it is in no row; after D it is blank."""
    projects = [project(accepted=accepted, planned=planned)]
    for year, (within, cumulative) in by_year.items():
        row = row_of(projects, date.fromisoformat(as_of), year)
        assert (row.accepted, row.accepted_cumulative) == (within, cumulative)
        assert (row.completed, row.completed_cumulative) == (within, cumulative)


def test_completed_stands_beside_accepted() -> None:
    """Completed in one year and accepted in the next counts once in each, by its date."""
    projects = [project(completed="2021-12-20", accepted="2022-01-15")]
    first, second = (row_of(projects, LATER, year) for year in (2021, 2022))
    assert (first.accepted, first.completed, first.overdue, first.missed) == (0, 1, 0, 0)
    assert (second.accepted, second.completed, second.accepted_cumulative) == (1, 0, 1)
    in_between = row_of(projects, date(2021, 12, 31), 2021)
    assert (in_between.accepted, in_between.completed, in_between.overdue, in_between.missed) == (0, 1, 1, 0)


@pytest.mark.parametrize(
    ("history", "as_of", "overdue", "missed"),
    [
        # in time
        ({"completed": "2021-12-31", "accepted": "2021-12-31"}, "2022-06-01", 0, 0),
        ({"completed": "2021-12-31"}, "2022-06-01", 1, 0),
        # late completion mends nothing, acceptance ends overdue
        ({"completed": "2022-01-01"}, "2022-06-01", 1, 1),
        ({"completed": "2022-01-01", "accepted": "2022-03-01"}, "2022-06-01", 0, 1),
        ({"completed": "2022-01-01", "accepted": "2022-06-02"}, "2022-06-01", 1, 1),
        ({}, "2022-06-01", 1, 1),
        # withdrawn within the year: a change of plan
        ({"withdrawn": "2021-12-31"}, "2022-06-01", 0, 0),
        ({"completed": "2021-11-01", "withdrawn": "2021-12-01"}, "2022-06-01", 0, 0),
        # withdrawn since: missed, completed or not, but only once it has happened
        ({"withdrawn": "2022-01-01"}, "2022-06-01", 0, 1),
        ({"completed": "2021-11-01", "withdrawn": "2022-06-01"}, "2022-06-01", 0, 1),
        ({"completed": "2021-11-01", "withdrawn": "2022-06-02"}, "2022-06-01", 1, 0),
        # not yet due
        ({"withdrawn": "2021-12-31"}, "2021-12-30", 0, 0),
        ({}, "2021-12-30", 0, 0),
    ],
)
def test_overdue_and_missed(history: dict[str, str], as_of: str, overdue: int, missed: int) -> None:
    """Overdue is what is still open at D; missed is the broken promise of the year."""
    projects = [project(**history)]  # type: ignore[arg-type]  # only texts are given
    row = row_of(projects, date.fromisoformat(as_of), 2021)
    assert (row.overdue, row.missed) == (overdue, missed)


def test_withdrawn_is_out_of_every_count_and_the_plan_stays() -> None:
    """A completed project that was given up counts nowhere from that day on."""
    projects = [project(completed="2021-06-01", withdrawn="2022-02-01")]
    before, after = (
        row_of(projects, date.fromisoformat(text), 2021) for text in ("2022-01-31", "2022-02-01")
    )
    assert (before.completed, before.completed_cumulative, before.overdue, before.missed) == (1, 1, 1, 0)
    assert (after.completed, after.completed_cumulative, after.overdue, after.missed) == (0, 0, 0, 1)
    assert after.planned == 2


def test_a_planned_year_after_the_plan_is_in_no_row() -> None:
    """Neither overdue nor missed anywhere."""
    result = progress([project(planned=2024)], LATER)
    assert sum(row.overdue + row.missed for row in (*result.rows, *result.totals)) == 0


def test_tbm_counts_as_driving_face_and_chambers_nowhere() -> None:
    """driving_face_tbm is in the driving rows; chamber and other have none."""
    projects = [project(kind=kind, accepted="2021-05-01") for kind in Kind]
    counted = {kind: row_of(projects, LATER, 2021, kind=kind).accepted for kind in TABLE_KINDS}
    assert counted == {Kind.MINING_FACE: 1, Kind.DRIVING_FACE: 2, Kind.DEMONSTRATION_MINE: 1}


def test_rate_is_exact_and_uncapped_and_shortfall_never_negative() -> None:
    """Three accepted of two planned."""
    row = row_of([project(accepted="2021-05-01")] * 3, LATER, 2021)
    assert (row.rate, row.shortfall) == (1.5, 0)
    assert row_of([project(accepted="2021-05-01")], LATER, 2023).rate == 1 / 7


def test_a_surplus_does_not_hide_another_units_lack() -> None:
    """Shortfalls are summed; the rate is of the sums."""
    projects = [project(enterprise="中煤河南分公司", accepted="2021-05-01")] * 5
    total = row_of(projects, LATER, 2021, "合计")
    assert (total.planned, total.accepted_cumulative, total.shortfall, total.rate) == (32, 5, 31, 5 / 32)


def test_units_off_the_table() -> None:
    """Nulls where the plan is silent, counts as ever; in 全省 but not in 合计, planned as 合计."""
    projects = [project(enterprise="演示集团", accepted="2021-05-01"), project(enterprise="演示集团")]
    row, total, province = (row_of(projects, LATER, 2021, unit) for unit in ("演示集团", "合计", "全省"))
    assert (row.planned, row.planned_cumulative, row.rate, row.shortfall) == (None, None, None, None)
    assert (row.accepted, row.completed, row.overdue, row.missed) == (1, 1, 1, 1)
    assert (total.accepted, total.overdue, total.missed, total.shortfall) == (0, 0, 0, 32)
    assert (province.accepted, province.overdue, province.missed, province.shortfall) == (1, 1, 1, 32)
    assert (province.planned, province.planned_cumulative, province.rate) == (32, 32, 1 / 32)
