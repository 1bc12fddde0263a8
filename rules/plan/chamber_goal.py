"""The chamber goal of 2022: 各类机房硐室和大型固定设备基本实现无人值守或集中控制, mine by mine, as declared.

Rules (definitions.md §3)
- The share of chambers and large fixed machines whose declared level is `unattended` or `central_control`. One without
  a declared level is not at the level. “基本” is a share of 0.9°.
- A mine without a registered chamber proves nothing, and is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Final

from rules.chambers.rule import Level
from rules.plan.register import Chamber, Register

SHARE_GOAL: Final = 0.9
"""° without authority: the text says “基本”."""


@dataclass(frozen=True, slots=True)
class ChamberCount:
    """Chambers of a mine (or of the province) by declared level; the share is null without a chamber."""

    mine: str
    enterprise: str
    chambers: int
    unattended: int
    central_control: int
    not_yet: int
    undeclared: int
    share: float | None
    lacking: tuple[str, ...]
    """Titles of those that are not at the level."""


@dataclass(frozen=True, slots=True)
class ChamberGoal:
    """The goal as of a day: `wanted` of `total.chambers` must be at the level."""

    share_goal: float
    wanted: int
    total: ChamberCount
    mines: tuple[ChamberCount, ...]
    mines_without_chambers: tuple[str, ...]

    @property
    def at_level(self) -> int:
        """How many are at the level."""
        return self.total.unattended + self.total.central_control


def chamber_goal(register: Register, day: date, share_goal: float = SHARE_GOAL) -> ChamberGoal:
    """The goal as of the end of the day; mines in the registry's order."""
    by_mine: dict[str, list[Chamber]] = {}
    for chamber in register.chambers:
        if chamber.lifetime.covers(day):
            by_mine.setdefault(chamber.mine, []).append(chamber)
    mines = register.mines_on(day)
    standing = {mine.name for mine in mines}
    everywhere = [each for name, of_mine in by_mine.items() if name in standing for each in of_mine]
    counts = tuple(
        count_of(mine.name, mine.unit, by_mine[mine.name], day) for mine in mines if mine.name in by_mine
    )
    return ChamberGoal(
        share_goal=share_goal,
        wanted=ceil(Fraction(str(share_goal)) * len(everywhere)),
        total=count_of("", "", everywhere, day),
        mines=counts,
        mines_without_chambers=tuple(mine.name for mine in mines if mine.name not in by_mine),
    )


def count_of(mine: str, enterprise: str, chambers: Iterable[Chamber], day: date) -> ChamberCount:
    """How many are at which level."""
    levels = [(chamber, chamber.level_on(day)) for chamber in chambers]
    unattended = sum(level is Level.UNATTENDED for _, level in levels)
    central = sum(level is Level.CENTRAL_CONTROL for _, level in levels)
    return ChamberCount(
        mine=mine,
        enterprise=enterprise,
        chambers=len(levels),
        unattended=unattended,
        central_control=central,
        not_yet=sum(level is Level.NOT_YET for _, level in levels),
        undeclared=sum(level is None for _, level in levels),
        share=(unattended + central) / len(levels) if levels else None,
        lacking=tuple(chamber.title for chamber, level in levels if level in {None, Level.NOT_YET})
        if mine
        else (),
    )
