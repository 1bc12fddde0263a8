"""Pins rewards to definitions.md §3: rates, caps, every status in its order, exact amounts, rounding, sums."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from rules.plan.project import Project
from rules.plan.reward import ProjectReward, RewardStatus, rewards
from rules.plan.table import PAYERS, Kind, Payer

LATER = date(2026, 1, 1)
PAID = Project(
    name="甲",
    enterprise="郑煤集团",
    mine="演示一矿",
    kind=Kind.MINING_FACE,
    planned_year=2021,
    in_library_on=date(2021, 1, 1),
    completed_on=date(2021, 6, 1),
    accepted_on=date(2021, 7, 1),
    investment_wan=Decimal(1000),
)


def completed_in(year: int, **changes: object) -> Project:
    dates: dict[str, object] = {"completed_on": date(year, 6, 1), "accepted_on": date(year, 7, 1)}
    return replace(PAID, **(dates | changes))  # type: ignore[arg-type]  # columns and their types as given


def reward_of(project: Project, as_of: date = LATER) -> ProjectReward:
    (reward,) = rewards([project], as_of).projects
    return reward


def test_keys() -> None:
    """The record's keys, in order."""
    keys = "project enterprise mine kind year payer status rate cap_wan investment_wan"
    keys += " reward_wan capped_wan uncapped_wan"
    assert " ".join(field.name for field in fields(ProjectReward)) == keys


@pytest.mark.parametrize(
    ("kind", "year", "rate", "cap", "binding"),
    [
        ("mining_face", 2021, "0.35", 500, "1428.5715"),
        ("mining_face", 2022, "0.30", 450, "1500"),
        ("mining_face", 2023, "0.25", 400, "1600"),
        ("driving_face_tbm", 2021, "0.35", 500, "1428.5715"),
        ("driving_face_tbm", 2022, "0.30", 450, "1500"),
        ("driving_face_tbm", 2023, "0.25", 400, "1600"),
        ("driving_face", 2021, "0.35", 120, "342.8572"),
        ("driving_face", 2022, "0.30", 100, "333.3334"),
        ("driving_face", 2023, "0.25", 80, "320"),
    ],
)
def test_below_at_and_above_every_cap(kind: str, year: int, rate: str, cap: int, binding: str) -> None:
    """The least investment (to four decimals) at which the cap binds, one step less, and far more."""
    step = Decimal("0.0004")
    for investment in (Decimal(binding) - step, Decimal(binding), Decimal(binding) + step, Decimal(99999)):
        reward = reward_of(completed_in(year, kind=Kind(kind), investment_wan=investment))
        exact = Decimal(rate) * investment
        assert (reward.status, str(reward.rate), str(reward.cap_wan)) == ("payable", rate, f"{cap}.0000")
        assert reward.uncapped_wan == exact.quantize(Decimal("0.0001"), rounding="ROUND_HALF_UP")
        assert reward.reward_wan == reward.capped_wan == min(reward.uncapped_wan, Decimal(cap))
        assert (exact >= cap) == (investment >= Decimal(binding))


STATUSES = [
    # each row fits its status, and would fit every later one it can
    ({"accepted_on": None, "in_library_on": None, "enterprise": "中煤河南分公司"}, "not_accepted"),
    ({"accepted_on": None, "withdrawn_on": date(2021, 8, 1)}, "not_accepted"),
    ({"withdrawn_on": date(2021, 8, 1)}, "not_accepted"),  # no file holds it, a registry might
    ({"accepted_on": None, "completed_on": None}, "not_accepted"),
    ({"in_library_on": None, "completed_on": date(2020, 6, 1)}, "not_in_library"),
    ({"in_library_on": date(2021, 7, 2), "enterprise": "中煤河南分公司"}, "not_in_library"),
    ({"in_library_on": date(2021, 7, 1)}, "payable"),
    ({"completed_on": date(2020, 12, 31), "enterprise": "中煤河南分公司"}, "not_covered"),
    ({"completed_on": date(2024, 1, 1), "accepted_on": date(2024, 1, 2), "kind": Kind.OTHER}, "not_covered"),
    ({"completed_on": date(2023, 12, 31), "accepted_on": date(2024, 5, 1)}, "payable"),
    ({"enterprise": "中煤河南分公司", "kind": Kind.CHAMBER, "investment_wan": None}, "paid_by_parent"),
    ({"kind": Kind.CHAMBER}, "ambiguous"),
    ({"kind": Kind.DEMONSTRATION_MINE}, "ambiguous"),
    ({"kind": Kind.OTHER}, "ambiguous"),
    ({"enterprise": "神火集团"}, "ambiguous"),
    ({"enterprise": "郑州市"}, "ambiguous"),
    ({"enterprise": "演示集团"}, "ambiguous"),
    ({"investment_wan": None}, "ambiguous"),
    ({"enterprise": "河南能源化工集团"}, "payable"),
    ({"enterprise": "中平能化集团"}, "payable"),
    ({}, "payable"),
    ({"investment_wan": Decimal(0)}, "payable"),
]


@pytest.mark.parametrize(("change", "status"), STATUSES)
def test_statuses_in_order(change: dict[str, object], status: str) -> None:
    """The first that fits; a reward only where payable, the open amounts only where payable or ambiguous."""
    reward = reward_of(replace(PAID, **change))  # type: ignore[arg-type]  # columns and their types as given
    assert reward.status == status
    assert (reward.reward_wan is not None) == (status == "payable")
    if status not in ("payable", "ambiguous"):
        assert (reward.capped_wan, reward.uncapped_wan) == (None, None)


def test_every_status_is_covered() -> None:
    """The table above leaves none out."""
    assert {status for _, status in STATUSES} == set(RewardStatus)


@pytest.mark.parametrize(
    ("change", "capped", "uncapped"),
    [
        ({"enterprise": "神火集团"}, "350.0000", "350.0000"),
        ({"enterprise": "演示集团", "investment_wan": Decimal(2000)}, "500.0000", "700.0000"),
        ({"kind": Kind.CHAMBER}, "None", "350.0000"),
        ({"kind": Kind.DEMONSTRATION_MINE}, "None", "350.0000"),
        ({"kind": Kind.OTHER, "investment_wan": None}, "None", "None"),
        ({"investment_wan": None}, "None", "None"),
    ],
)
def test_what_an_ambiguous_project_shows(change: dict[str, object], capped: str, uncapped: str) -> None:
    """The formula with and without the cap, as far as the plan gives them."""
    reward = reward_of(replace(PAID, **change))  # type: ignore[arg-type]  # columns and their types as given
    assert (str(reward.capped_wan), str(reward.uncapped_wan), reward.reward_wan) == (capped, uncapped, None)


def test_rate_and_cap_follow_whatever_the_status() -> None:
    """From the year and the kind alone; null outside the plan's years, no cap for a chamber."""
    unaccepted = reward_of(replace(PAID, accepted_on=None))
    assert (unaccepted.year, str(unaccepted.rate), str(unaccepted.cap_wan)) == (2021, "0.35", "500.0000")
    withdrawn = reward_of(replace(PAID, accepted_on=None, withdrawn_on=date(2022, 1, 1)))
    assert (withdrawn.year, str(withdrawn.rate), str(withdrawn.cap_wan)) == (2021, "0.35", "500.0000")
    by_parent = reward_of(completed_in(2022, enterprise="中煤河南分公司", kind=Kind.DRIVING_FACE))
    assert (by_parent.payer, str(by_parent.rate), str(by_parent.cap_wan)) == ("parent", "0.30", "100.0000")
    early = reward_of(replace(PAID, completed_on=date(2020, 12, 31)))
    assert (early.year, early.rate, early.cap_wan) == (2020, None, None)
    chamber = reward_of(replace(PAID, kind=Kind.CHAMBER, mine=None))
    assert (str(chamber.rate), chamber.cap_wan, chamber.mine) == ("0.35", None, None)
    unbuilt = reward_of(replace(PAID, completed_on=None, accepted_on=None))
    assert (unbuilt.year, unbuilt.rate, unbuilt.cap_wan, str(unbuilt.investment_wan)) == (
        None,
        None,
        None,
        "1000.0000",
    )


@pytest.mark.parametrize(
    ("as_of", "status", "year"),
    [
        (date(2021, 5, 31), "not_accepted", None),
        (date(2021, 6, 1), "not_accepted", 2021),
        (date(2021, 6, 30), "not_accepted", 2021),
        (date(2021, 7, 1), "payable", 2021),
    ],
)
def test_dates_after_d_are_blank(as_of: date, status: str, year: int | None) -> None:
    """The project as it stood at the end of the day."""
    reward = reward_of(PAID, as_of)
    assert (reward.status, reward.year) == (status, year)


@pytest.mark.parametrize(
    ("investment", "year", "printed_investment", "printed_reward"),
    [
        ("0.0002", 2023, "0.0002", "0.0001"),  # 0.00005 goes up
        ("0.0006", 2023, "0.0006", "0.0002"),  # 0.00015 goes up, not to the even digit
        ("0.000199", 2023, "0.0002", "0.0000"),  # not rounded before it is multiplied
        ("100.00014285", 2021, "100.0001", "35.0000"),  # 35.00004999…
        ("100.00014286", 2021, "100.0001", "35.0001"),  # 35.000050001
        ("0", 2022, "0.0000", "0.0000"),
        ("007.5", 2022, "7.5000", "2.2500"),
        ("0.00005", 2022, "0.0001", "0.0000"),
        ("123456789012345678901234567890.00005", 2022, "123456789012345678901234567890.0001", "450.0000"),
    ],
)
def test_amounts_are_exact_and_rounded_half_up(
    investment: str, year: int, printed_investment: str, printed_reward: str
) -> None:
    """Rounded once, at the end, half away from zero; as long as they come."""
    reward = reward_of(completed_in(year, investment_wan=Decimal(investment)))
    assert (str(reward.investment_wan), str(reward.reward_wan)) == (printed_investment, printed_reward)


def test_a_long_investment_keeps_every_digit() -> None:
    """No precision limit cuts an amount that is not paid but shown."""
    reward = reward_of(replace(PAID, kind=Kind.CHAMBER, investment_wan=Decimal("2" + "0" * 59 + "1")))
    assert str(reward.uncapped_wan) == "7" + "0" * 58 + "0.3500"


def test_sums_add_the_rounded_rewards() -> None:
    """Two halves of a ten-thousandth, each rounded up, make two."""
    projects = [completed_in(2023, name=name, investment_wan=Decimal("0.0002")) for name in "甲乙"]
    (only,) = rewards(projects, LATER).sums
    assert (only.enterprise, only.year, str(only.reward_wan)) == ("郑煤集团", 2023, "0.0002")


def test_sums_are_of_payable_projects_in_the_tables_order() -> None:
    """Units in order, years ascending, whatever the file's order; a payable 0 is a sum too."""
    projects = [
        completed_in(2022, enterprise="郑煤集团", investment_wan=Decimal(0)),
        completed_in(2023, enterprise="河南能源化工集团"),
        completed_in(2021, enterprise="郑煤集团"),
        completed_in(2022, enterprise="神火集团"),
        completed_in(2021, enterprise="河南能源化工集团"),
        completed_in(2022, enterprise="河南能源化工集团", accepted_on=None),
    ]
    result = rewards(projects, LATER)
    assert [each.enterprise for each in result.projects] == [project.enterprise for project in projects]
    assert [(each.enterprise, each.year, str(each.reward_wan)) for each in result.sums] == [
        ("河南能源化工集团", 2021, "350.0000"),
        ("河南能源化工集团", 2023, "250.0000"),
        ("郑煤集团", 2021, "350.0000"),
        ("郑煤集团", 2022, "0.0000"),
    ]


def test_the_registry_may_override_payers() -> None:
    """A payer given for a unit off the table pays it, after the table's units."""
    projects = [completed_in(2021, enterprise="演示集团"), completed_in(2021, enterprise="神火集团")]
    payers = {**PAYERS, "演示集团": Payer.PROVINCE, "神火集团": Payer.PROVINCE}
    assert [each.enterprise for each in rewards(projects, LATER, payers).sums] == ["神火集团", "演示集团"]
