"""What is paid of the rewards and what is left, as of the end of a day, in 万元.

Rules (definitions.md §3)
- balance = reward − payments dated by the day (advances and payments on acceptance). A project without a reward has no
  balance; what was paid for it all the same is shown, and summed as *paid without a reward*.
- A project that is withdrawn or was never accepted earns nothing: its advance is to be settled, not forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from rules.plan.register import Payment
from rules.plan.reward import ProjectReward, Rewards, RewardStatus
from rules.plan.table import UNITS

NOTHING: Final = Decimal("0.0000")


@dataclass(frozen=True, slots=True)
class ProjectBalance:
    """One project for which there is a reward or a payment."""

    project: str
    enterprise: str
    mine: str | None
    year: int | None
    status: RewardStatus
    reward_wan: Decimal | None
    advance_wan: Decimal
    acceptance_wan: Decimal
    balance_wan: Decimal | None


@dataclass(frozen=True, slots=True)
class UnitBalance:
    """A unit's sums: rewards, what was paid toward them, what is left, and what was paid without a reward."""

    enterprise: str
    reward_wan: Decimal
    paid_wan: Decimal
    balance_wan: Decimal
    paid_without_reward_wan: Decimal


@dataclass(frozen=True, slots=True)
class Balances:
    """Projects in the registry's order, units in the table's."""

    as_of: date
    projects: tuple[ProjectBalance, ...]
    units: tuple[UnitBalance, ...]


def balances(rewards: Rewards, payments: Iterable[Payment], as_of: date) -> Balances:
    """The balances of the rewards as of the end of the same day."""
    paid: dict[tuple[str, str], Decimal] = {}
    for payment in payments:
        if payment.paid_on <= as_of:
            key = (payment.project, payment.kind)
            paid[key] = paid.get(key, NOTHING) + payment.amount_wan
    projects = tuple(
        _project(
            each,
            paid.get((each.project, "advance"), NOTHING),
            paid.get((each.project, "acceptance"), NOTHING),
        )
        for each in rewards.projects
        if each.reward_wan is not None
        or (each.project, "advance") in paid
        or (each.project, "acceptance") in paid
    )
    names = {each.enterprise for each in projects}
    units = [*(unit for unit in UNITS if unit in names), *sorted(names - set(UNITS))]
    return Balances(
        as_of,
        projects,
        tuple(_unit(unit, [each for each in projects if each.enterprise == unit]) for unit in units),
    )


def _project(reward: ProjectReward, advance: Decimal, acceptance: Decimal) -> ProjectBalance:
    left = None if reward.reward_wan is None else reward.reward_wan - advance - acceptance
    return ProjectBalance(
        project=reward.project,
        enterprise=reward.enterprise,
        mine=reward.mine,
        year=reward.year,
        status=reward.status,
        reward_wan=reward.reward_wan,
        advance_wan=advance,
        acceptance_wan=acceptance,
        balance_wan=left,
    )


def _unit(enterprise: str, projects: Sequence[ProjectBalance]) -> UnitBalance:
    due = [each for each in projects if each.reward_wan is not None]
    others = [each for each in projects if each.reward_wan is None]
    reward = sum((each.reward_wan or NOTHING for each in due), NOTHING)
    paid = sum((each.advance_wan + each.acceptance_wan for each in due), NOTHING)
    return UnitBalance(
        enterprise=enterprise,
        reward_wan=reward,
        paid_wan=paid,
        balance_wan=reward - paid,
        paid_without_reward_wan=sum((each.advance_wan + each.acceptance_wan for each in others), NOTHING),
    )
