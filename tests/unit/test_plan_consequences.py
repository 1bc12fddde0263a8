"""What follows from the plan's outcome, worked by hand: missed plans, priority support, notices, balances, outlook."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.chambers.rule import Level
from rules.plan.appraisal import AppraisalRow, appraisal
from rules.plan.balance import balances
from rules.plan.consequences import consequences
from rules.plan.groups import group_progress
from rules.plan.outlook import outlook
from rules.plan.progress import progress
from rules.plan.project import Project
from rules.plan.register import Chamber, Mine, Payment, Register, YearFigures
from rules.plan.reward import RewardStatus, rewards
from rules.plan.table import TABLE_KINDS, UNITS, YEARS, Kind

D2021 = date(2021, 12, 31)
ZHONGMEI = "中煤河南分公司"
PROJECT = Project("甲一", ZHONGMEI, "甲矿", Kind.MINING_FACE, 2021)
DONE = replace(PROJECT, completed_on=date(2021, 6, 1), accepted_on=date(2021, 7, 1))


@pytest.mark.parametrize(
    ("project", "day", "missed"),
    [
        (PROJECT, date(2021, 12, 30), False),
        (PROJECT, D2021, True),
        (replace(PROJECT, completed_on=D2021), D2021, False),
        (
            replace(PROJECT, completed_on=date(2022, 1, 1), accepted_on=date(2022, 2, 1)),
            date(2022, 6, 1),
            True,
        ),
        (replace(PROJECT, withdrawn_on=D2021), date(2022, 6, 1), False),
        (replace(PROJECT, withdrawn_on=date(2022, 1, 1)), date(2022, 6, 1), True),
        (replace(PROJECT, kind=Kind.DRIVING_FACE_TBM), D2021, True),
        (replace(PROJECT, kind=Kind.DEMONSTRATION_MINE), D2021, True),
        (replace(PROJECT, kind=Kind.CHAMBER), D2021, False),
        (replace(PROJECT, kind=Kind.OTHER), D2021, False),
    ],
)
def test_a_mine_misses_the_plan_by_its_projects(project: Project, day: date, *, missed: bool) -> None:
    """A later completion or withdrawal mends nothing; chambers are not in the plan's table."""
    found = consequences([project], day).missed_plan
    assert [(each.mine, each.year, each.projects) for each in found] == (
        [("甲矿", 2021, ("甲一",))] if missed else []
    )


def test_a_project_planned_after_the_plan_is_in_no_count_of_it() -> None:
    """There is no row of its year that could count it: neither missed nor overdue, and nobody is notified for it."""
    late = [replace(PROJECT, planned_year=2024)]
    found = consequences(late, date(2025, 6, 1))
    assert found.missed_plan == ()
    assert [(each.overdue, each.missed) for each in found.notices] == [((), ())] * len(found.notices)


def test_missed_plans_are_per_mine_and_year() -> None:
    projects = [
        replace(PROJECT, name="b", planned_year=2022), replace(PROJECT, name="c", mine="乙矿"), PROJECT,
        replace(PROJECT, name="d"),
    ]  # fmt: skip
    found = consequences(projects, date(2023, 1, 1)).missed_plan
    assert [(each.year, each.mine, each.projects) for each in found] == [
        (2021, "乙矿", ("c",)), (2021, "甲矿", ("甲一", "d")), (2022, "甲矿", ("b",)),
    ]  # fmt: skip


def supported(projects: list[Project], day: date, year: int = 2021, unit: str = ZHONGMEI) -> bool:
    """Whether a unit is to be supported for a year."""
    (found,) = [
        e for e in consequences(projects, day).priority_support if (e.enterprise, e.year) == (unit, year)
    ]
    return found.supported


def test_priority_support_needs_every_kind() -> None:
    """中煤河南 had one of each face in 2021; an inspector's delay costs nothing, a late completion everything."""
    driving = replace(DONE, name="甲二", kind=Kind.DRIVING_FACE)
    assert supported([DONE, driving], D2021)
    assert supported([DONE, replace(driving, kind=Kind.DRIVING_FACE_TBM)], D2021)
    assert not supported([DONE], D2021)
    assert not supported([DONE, replace(driving, accepted_on=date(2022, 3, 1))], D2021)
    assert supported([DONE, replace(driving, accepted_on=date(2022, 3, 1))], date(2022, 3, 1))
    late = replace(driving, completed_on=date(2022, 1, 1), accepted_on=date(2022, 3, 1))
    assert not supported([DONE, late], date(2022, 12, 31))
    assert not supported([DONE, driving], date(2022, 12, 31), 2022)
    assert consequences([DONE, driving], date(2021, 12, 30)).priority_support == ()


def test_no_support_without_a_plan() -> None:
    """郑州市 had nothing planned in 2021: nothing done is nothing earned."""
    assert not supported([], D2021, unit="郑州市")
    assert {each.enterprise for each in consequences([], D2021).priority_support} == set(UNITS)


def test_units_are_notified_of_what_they_lack() -> None:
    """At the last year that is due; a unit off the table by its projects only."""
    off = replace(PROJECT, name="乙一", enterprise="演示集团", mine="乙矿")
    notices = {each.enterprise: each for each in consequences([DONE, off], D2021).notices}
    assert notices[ZHONGMEI].shortfall == 1, "one driving face"
    assert (notices["演示集团"].shortfall, notices["演示集团"].overdue) == (0, ("乙一",))
    assert "郑州市" not in notices
    assert consequences([DONE], date(2021, 12, 30)).notices == ()


PAID = Project(
    "奖一", "郑煤集团", "丙矿", Kind.DRIVING_FACE, 2021, date(2021, 1, 5), None,
    date(2021, 6, 1), date(2021, 7, 1), None, Decimal(200),
)  # fmt: skip


def test_balances_by_hand() -> None:
    """70 earned, 21 in advance, 30 on acceptance: 19 left; what is dated later is not paid yet."""
    payments = [
        Payment("奖一", "advance", date(2021, 2, 1), Decimal(21)),
        Payment("奖一", "acceptance", date(2021, 9, 1), Decimal("30.0001")),
        Payment("奖一", "acceptance", date(2022, 9, 1), Decimal("18.9999")),
    ]
    for day, left in ((date(2021, 8, 31), "49.0000"), (D2021, "18.9999"), (date(2022, 9, 1), "0.0000")):
        (of,) = balances(rewards([PAID], day), payments, day).projects
        assert (str(of.reward_wan), str(of.balance_wan)) == ("70.0000", left)
    (unit,) = balances(rewards([PAID], D2021), payments, D2021).units
    assert (unit.enterprise, str(unit.paid_wan), str(unit.balance_wan)) == ("郑煤集团", "51.0001", "18.9999")


def test_money_without_a_reward_is_not_forgotten() -> None:
    """An advance for a project given up: no balance, but a sum of its own; too much paid is a negative balance."""
    given_up = replace(PAID, name="奖二", completed_on=None, accepted_on=None, withdrawn_on=date(2021, 5, 1))
    payments = [
        Payment("奖二", "advance", date(2021, 2, 1), Decimal(5)), Payment("奖一", "advance", D2021, Decimal(71)),
    ]  # fmt: skip
    found = balances(rewards([PAID, given_up], D2021), payments, D2021)
    assert [(each.project, each.status, each.balance_wan) for each in found.projects] == [
        ("奖一", RewardStatus.PAYABLE, Decimal("-1.0000")), ("奖二", RewardStatus.NOT_ACCEPTED, None),
    ]  # fmt: skip
    assert (str(found.units[0].balance_wan), str(found.units[0].paid_without_reward_wan)) == (
        "-1.0000",
        "5.0000",
    )
    assert balances(rewards([given_up], D2021), [], D2021) == balances(rewards([], D2021), [], D2021)


def test_appraisal_figures_by_hand() -> None:
    """中煤河南 at the end of 2021: one of two accepted, one missed; what is unknown is null."""
    driving = replace(PROJECT, name="甲二", kind=Kind.DRIVING_FACE)
    register = Register(
        projects=(DONE, driving, PAID),
        mines=(Mine("甲矿", ZHONGMEI, ZHONGMEI), Mine("丙矿", "郑煤集团", "郑煤集团")),
        chambers=(
            Chamber("甲矿", "C1", "水泵房", "other", ((date(2021, 3, 1), Level.UNATTENDED),)),
            Chamber("甲矿", "C2", "变电所", "other"),
        ),
        mine_years={("甲矿", 2020): YearFigures(900), ("甲矿", 2021): YearFigures(800)},
        payments=(Payment("奖一", "advance", date(2021, 2, 1), Decimal(21)),),
    )
    found = {row.enterprise: row for row in appraisal(register, D2021).rows}
    assert list(found) == list(UNITS)
    assert found[ZHONGMEI] == AppraisalRow(
        enterprise=ZHONGMEI, planned=2, completed=1, accepted=1, rate=0.5, shortfall=1, overdue=1, missed=1,
        mines_that_missed=1, reward_wan=Decimal("0.0000"), paid_wan=Decimal("0.0000"), chambers=2, chambers_at_level=1,
        staff_2020=900, staff=800,
    )  # fmt: skip
    zhengmei = found["郑煤集团"]
    assert (str(zhengmei.reward_wan), str(zhengmei.paid_wan), zhengmei.staff) == ("70.0000", "21.0000", None)
    assert (found["郑州市"].planned, found["郑州市"].rate) == (0, None)
    early = appraisal(register, date(2021, 12, 30)).rows[UNITS.index(ZHONGMEI)]
    assert (early.staff_2020, early.staff, early.missed, early.shortfall) == (900, None, 0, 1)
    off = appraisal(Register(projects=(replace(DONE, enterprise="演示集团"),)), D2021).rows[-1]
    assert (off.enterprise, off.planned, off.rate, off.shortfall, off.accepted) == (
        "演示集团",
        None,
        None,
        None,
        1,
    )


DAYS = st.none() | st.dates(date(2020, 6, 1), date(2024, 6, 1))


@st.composite
def projects_at_random(draw: st.DrawFn) -> list[Project]:
    """Projects of three mines, as a valid file could have them."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        completed, days = draw(DAYS), draw(st.integers(0, 300))
        accepted = completed + timedelta(days=days) if completed and draw(st.booleans()) else None
        mine = draw(st.sampled_from(["甲矿", "乙矿", "丙矿"]))
        found.append(
            Project(
                f"{number}", ZHONGMEI, mine, draw(st.sampled_from(Kind)), draw(st.integers(2021, 2024)),
                started_on=draw(DAYS), completed_on=completed, accepted_on=accepted,
                withdrawn_on=None if accepted else draw(DAYS),
            )
        )  # fmt: skip
    return found


MINES = tuple(
    Mine(name, ZHONGMEI, enterprise, city)
    for name, enterprise, city in (
        ("甲矿", "一公司", "郑州市"),
        ("乙矿", "一公司", "许昌市"),
        ("丙矿", "二公司", "许昌市"),
    )
)


@given(projects_at_random(), st.dates(date(2021, 1, 1), date(2025, 1, 1)))
def test_groups_sum_up_to_what_units_have(projects: list[Project], day: date) -> None:
    """However they are grouped, accepted, completed, overdue and missed are the province's."""
    words = ("accepted", "completed", "accepted_cumulative", "completed_cumulative", "overdue", "missed")
    wanted: Counter[tuple[str, Kind, int]] = Counter()
    for row in progress(projects, day).rows:
        wanted.update({(word, row.kind, row.year): getattr(row, word) for word in words})
    for by in ("enterprise", "city", "mine"):
        found: Counter[tuple[str, Kind, int]] = Counter()
        for line in group_progress(Register(projects=tuple(projects), mines=MINES), day, by):
            found.update({(word, line.kind, line.year): getattr(line, word) for word in words})
        assert +found == +wanted


@given(projects_at_random(), st.dates(date(2021, 1, 1), date(2025, 1, 1)))
def test_missed_plans_are_the_projects_counted_as_missed(projects: list[Project], day: date) -> None:
    """Against progress: as many, per year of the table."""
    listed = Counter(each.year for each in consequences(projects, day).missed_plan for _ in each.projects)
    counted: Counter[int] = Counter()
    for row in progress(projects, day).totals[len(TABLE_KINDS) * len(YEARS) :]:
        counted[row.year] += row.missed
    assert {year: listed[year] for year in YEARS} == {year: counted[year] for year in YEARS}


def test_a_project_whose_mine_is_not_registered_is_in_a_group_without_a_name() -> None:
    rows = group_progress(Register(projects=(DONE,)), D2021, "city")
    assert {row.group for row in rows} == {None}


def built(number: int, days: int, inspection: int = 20) -> Project:
    """A mining face that took so long."""
    started = date(2021, 1, 1)
    completed = started + timedelta(days=days)
    return Project(
        f"b{number}", ZHONGMEI, "甲矿", Kind.MINING_FACE, 2021, started_on=started, completed_on=completed,
        accepted_on=completed + timedelta(days=inspection),
    )  # fmt: skip


def test_the_outlook_states_its_paces_and_follows_them() -> None:
    """Median of 100 days to build and 20 to inspect."""
    past = [built(number, days) for number, days in enumerate((80, 90, 100, 110, 300))]
    day = date(2022, 9, 1)
    going = {
        "late": replace(
            PROJECT, name="late", planned_year=2022, started_on=date(2022, 10, 1) - timedelta(days=1)
        ),
        "in time": replace(PROJECT, name="in time", planned_year=2022, started_on=date(2022, 8, 1)),
        "edge": replace(PROJECT, name="edge", planned_year=2022, started_on=date(2022, 8, 3)),
        "not begun": replace(PROJECT, name="not begun", planned_year=2022),
        "next year": replace(PROJECT, name="next year", planned_year=2023),
        "to inspect": replace(PROJECT, name="to inspect", planned_year=2022, completed_on=date(2022, 8, 25)),
    }
    found = outlook([*past, *going.values()], day)
    pace = found.paces[0]
    assert (pace.completed, pace.build_days, pace.inspection_days) == (5, 100, 20)
    assert found.at_risk == ()
    at_risk = outlook([*past, *going.values()], date(2022, 9, 30)).at_risk
    assert [(each.project, each.expected_on) for each in at_risk] == [
        ("late", date(2023, 1, 8)), ("not begun", date(2023, 1, 8)),
    ]  # fmt: skip
    mining = {
        each.year: (each.accepted, each.expected) for each in found.forecast if each.kind is Kind.MINING_FACE
    }
    assert mining == {2022: (5, 8), 2023: (5, 8)}, (
        "accepted, and three in hand; who has not begun is not expected"
    )


def test_nothing_is_forecast_of_few_projects() -> None:
    past = [built(number, 100) for number in range(4)]
    found = outlook(past, date(2021, 11, 1))
    assert found.paces[0].build_days is None
    assert all(each.expected is None for each in found.forecast)
    assert outlook(past, date(2024, 1, 1)).forecast == ()
