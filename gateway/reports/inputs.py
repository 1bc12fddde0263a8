"""What a bulletin is made of: plain data, wherever it comes from. Pure.

`None` in place of data says that there is no source of it: the bulletin then says 无数据, never 0.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from rules.chambers.rule import Kind as ChamberKind
from rules.chambers.rule import Level
from rules.plan.chamber_goal import SHARE_GOAL
from rules.plan.evidence import DEFAULT_FIGURES, EvidenceFigures, FaceName, JudgedShift
from rules.plan.register import Register
from rules.shift_calendar import Shift
from rules.staffing import Reason, Verdict

_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_QUARTERS: Final = "一二三四"


class Span(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month, quarter or year, both days included."""

    span: Span
    from_on: date
    to_on: date

    @property
    def title(self) -> str:
        """As a bulletin's title has it."""
        year, month = self.from_on.year, self.from_on.month
        match self.span:
            case Span.MONTH:
                return f"{year}年{month}月"
            case Span.QUARTER:
                return f"{year}年第{_QUARTERS[(month - 1) // 3]}季度"
            case Span.YEAR:
                return f"{year}年度"


def period_of(span: Span, day: date) -> Period:
    """The period that a day lies in."""
    months = _MONTHS[span]
    first = (day.month - 1) // months * months + 1
    last = first + months - 1
    return Period(span, date(day.year, first, 1), date(day.year, last, monthrange(day.year, last)[1]))


class ShiftOutcome(NamedTuple):
    """A shift record, as far as bulletins need it."""

    shift: Shift
    verdict: Verdict
    reason: Reason | None
    final: bool


@dataclass(frozen=True, slots=True)
class FaceShifts:
    """A face and its shifts, those of the period and the last ones before; `None`: nothing was ever recorded."""

    face: FaceName
    shifts: Sequence[JudgedShift] | None


@dataclass(frozen=True, slots=True)
class ChamberLevel:
    """A chamber or large fixed machine: declared level beside the observed one, `None` where there is none."""

    mine: str
    chamber: str
    title: str
    enterprise: str
    kind: ChamberKind
    declared: Level | None
    observed: Level | None
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a bulletin is made of, with all dates: the bulletin blanks those later than its day."""

    register: Register
    """The registry, or a register of projects alone where there is none."""
    demo: bool
    faces: Sequence[FaceShifts] | None = None
    chambers: Sequence[ChamberLevel] | None = None
    figures: EvidenceFigures = DEFAULT_FIGURES
    chamber_share_goal: float = SHARE_GOAL

    @property
    def has_registry(self) -> bool:
        """Whether there is more than projects."""
        return bool(self.register.mines)
