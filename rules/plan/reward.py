"""What a project earns under 以奖代补 (part 三（二） of the plan), in 万元.

Rules (definitions.md §3)
- The year is that of completion, as of D. It gives the rate, and with the kind the cap, whatever the status.
- The status is the first that fits, in the order of `RewardStatus`; only a *payable* project has a reward,
  min(rate × investment, cap).
- Where the text leaves it open (*ambiguous*) nothing is paid; what the formula would give, with and without
  the cap, is shown as far as it can be computed.
- Sums are exact decimals, rounded half-up to four decimals at the end; totals add the rounded rewards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rules.plan.project import Project
from rules.plan.table import PAYERS, UNITS, Kind, Payer

RATES: Final[Mapping[int, Decimal]] = MappingProxyType(
    {2021: Decimal("0.35"), 2022: Decimal("0.30"), 2023: Decimal("0.25")}
)
_CAPS_WITH_TBM: Final = {2021: Decimal(500), 2022: Decimal(450), 2023: Decimal(400)}
_CAPS_DRIVING: Final = {2021: Decimal(120), 2022: Decimal(100), 2023: Decimal(80)}
CAPS_WAN: Final[Mapping[Kind, Mapping[int, Decimal]]] = MappingProxyType(
    {
        Kind.MINING_FACE: MappingProxyType(_CAPS_WITH_TBM),
        Kind.DRIVING_FACE_TBM: MappingProxyType(_CAPS_WITH_TBM),
        Kind.DRIVING_FACE: MappingProxyType(_CAPS_DRIVING),
    }
)

_EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_UP)
_FOUR_DECIMALS: Final = Decimal("0.0001")


class RewardStatus(StrEnum):
    """Whether a project is paid, and if not, why; the first that fits."""

    NOT_ACCEPTED = "not_accepted"
    NOT_IN_LIBRARY = "not_in_library"
    NOT_COVERED = "not_covered"
    PAID_BY_PARENT = "paid_by_parent"
    AMBIGUOUS = "ambiguous"
    PAYABLE = "payable"


@dataclass(frozen=True, slots=True)
class ProjectReward:
    """One project's reward. Amounts have exactly four decimals, the rate two: `str` is their printed form."""

    project: str
    enterprise: str
    mine: str | None
    kind: Kind
    year: int | None
    payer: Payer | None
    status: RewardStatus
    rate: Decimal | None
    cap_wan: Decimal | None
    investment_wan: Decimal | None
    reward_wan: Decimal | None
    capped_wan: Decimal | None
    uncapped_wan: Decimal | None


@dataclass(frozen=True, slots=True)
class RewardSum:
    """What a unit earns by the projects completed in a year."""

    enterprise: str
    year: int
    reward_wan: Decimal


@dataclass(frozen=True, slots=True)
class Rewards:
    """Every project in the file's order, and the sums in the table's."""

    projects: tuple[ProjectReward, ...]
    sums: tuple[RewardSum, ...]


def rewards(projects: Iterable[Project], as_of: date, payers: Mapping[str, Payer] = PAYERS) -> Rewards:
    """The rewards as of the end of the day; a unit that `payers` does not name has an unknown payer."""
    judged = tuple(_project_reward(each.as_of(as_of), payers.get(each.enterprise)) for each in projects)
    return Rewards(judged, _sums(judged))


def _project_reward(project: Project, payer: Payer | None) -> ProjectReward:
    year = project.completed_on.year if project.completed_on else None
    rate = None if year is None else RATES.get(year)
    cap = None if year is None else CAPS_WAN.get(project.kind, {}).get(year)
    investment = project.investment_wan
    status = _status(project, payer)
    uncapped = capped = None
    if (
        status in (RewardStatus.AMBIGUOUS, RewardStatus.PAYABLE)
        and rate is not None
        and investment is not None
    ):
        uncapped = _EXACT.multiply(rate, investment)
        capped = None if cap is None else min(uncapped, cap)
    return ProjectReward(
        project=project.name,
        enterprise=project.enterprise,
        mine=project.mine,
        kind=project.kind,
        year=year,
        payer=payer,
        status=status,
        rate=rate,
        cap_wan=_rounded(cap),
        investment_wan=_rounded(investment),
        reward_wan=_rounded(capped) if status is RewardStatus.PAYABLE else None,
        capped_wan=_rounded(capped),
        uncapped_wan=_rounded(uncapped),
    )


def _status(project: Project, payer: Payer | None) -> RewardStatus:
    accepted, in_library, completed = project.accepted_on, project.in_library_on, project.completed_on
    if accepted is None or completed is None or project.withdrawn_on is not None:
        return RewardStatus.NOT_ACCEPTED
    if in_library is None or in_library > accepted:
        return RewardStatus.NOT_IN_LIBRARY
    if completed.year not in RATES:
        return RewardStatus.NOT_COVERED
    if payer is Payer.PARENT:
        return RewardStatus.PAID_BY_PARENT
    if project.kind not in CAPS_WAN or payer is not Payer.PROVINCE or project.investment_wan is None:
        return RewardStatus.AMBIGUOUS
    return RewardStatus.PAYABLE


def _sums(judged: Sequence[ProjectReward]) -> tuple[RewardSum, ...]:
    """Unit-years with a payable project: the six units in order, others as they appear, years ascending."""
    sums: dict[tuple[str, int], Decimal] = {}
    for each in judged:
        if each.reward_wan is not None and each.year is not None:
            key = (each.enterprise, each.year)
            sums[key] = _EXACT.add(sums.get(key, Decimal("0.0000")), each.reward_wan)
    units = dict.fromkeys((*UNITS, *(enterprise for enterprise, _ in sums)))
    return tuple(
        RewardSum(unit, year, sums[unit, year]) for unit in units for year in RATES if (unit, year) in sums
    )


def _rounded(amount_wan: Decimal | None) -> Decimal | None:
    return None if amount_wan is None else amount_wan.quantize(_FOUR_DECIMALS, context=_EXACT)
