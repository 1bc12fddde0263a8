"""A project of the plan, and the reading of one row of projects.csv.

Rules (definitions.md §3)
- Everything is as of the end of a day D: a date after D counts as blank (`Project.as_of`). Faults and
  warnings are judged on the row as written, whatever D.
- A row names its enterprise by plan unit or alias; a project carries the plan unit.
- *Withdrawn* means given up before acceptance, so a row cannot be both accepted and withdrawn.
- A date is `YYYY-MM-DD`, a year four digits, an investment digits with an optional fraction: nothing looser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from rules.plan.table import ALIASES, YEARS, Kind, plan_unit
from rules.time_text import parse_date

STEPS: Final = ("in_library_on", "started_on", "completed_on", "accepted_on", "withdrawn_on")
COLUMNS: Final = ("project", "enterprise", "mine", "kind", "planned_year", *STEPS, "investment_wan")

_KINDS: Final = tuple(Kind)
_FILLED: Final = ("project", "enterprise", "kind", "planned_year")
_KINDS_OF_A_MINE: Final = (
    Kind.MINING_FACE,
    Kind.DRIVING_FACE,
    Kind.DRIVING_FACE_TBM,
    Kind.DEMONSTRATION_MINE,
)
_YEAR: Final = re.compile(r"[0-9]{4}")
_AMOUNT: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


class State(StrEnum):
    """How far a project is."""

    PLANNED = "planned"
    IN_LIBRARY = "in_library"
    BUILDING = "building"
    COMPLETED = "completed"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Project:
    """One project; `enterprise` is the plan unit, `investment_wan` what the upgrade costs in 万元."""

    name: str
    enterprise: str
    mine: str | None
    kind: Kind
    planned_year: int
    in_library_on: date | None = None
    started_on: date | None = None
    completed_on: date | None = None
    accepted_on: date | None = None
    withdrawn_on: date | None = None
    investment_wan: Decimal | None = None

    @property
    def state(self) -> State:
        """The last step that has a date; a project given up is withdrawn whatever was done before."""
        for on, state in (
            (self.withdrawn_on, State.WITHDRAWN),
            (self.accepted_on, State.ACCEPTED),
            (self.completed_on, State.COMPLETED),
            (self.started_on, State.BUILDING),
            (self.in_library_on, State.IN_LIBRARY),
        ):
            if on is not None:
                return state
        return State.PLANNED

    def as_of(self, day: date) -> Project:
        """The project as it stood at the end of the day: later dates are blank."""

        def known(on: date | None) -> date | None:
            return on if on is not None and on <= day else None

        return replace(
            self,
            in_library_on=known(self.in_library_on),
            started_on=known(self.started_on),
            completed_on=known(self.completed_on),
            accepted_on=known(self.accepted_on),
            withdrawn_on=known(self.withdrawn_on),
        )


def project_of(cells: Mapping[str, str], aliases: Mapping[str, str] = ALIASES) -> Project:
    """The project of a row without faults; cells are trimmed texts by column."""
    dates = {step: parse_date(cells[step]) for step in STEPS}
    return Project(
        name=cells["project"],
        enterprise=plan_unit(cells["enterprise"], aliases),
        mine=cells["mine"] or None,
        kind=Kind(cells["kind"]),
        planned_year=int(cells["planned_year"]),
        investment_wan=Decimal(cells["investment_wan"]) if cells["investment_wan"] else None,
        **dates,
    )


def row_faults(cells: Mapping[str, str]) -> Iterator[str]:
    """What a person must mend in a row; a column that the file lacks is not judged here."""
    for column in _FILLED:
        if cells.get(column) == "":
            yield f"{column} 不能为空 / {column} is blank"
    kind, year, investment = (cells.get(column, "") for column in ("kind", "planned_year", "investment_wan"))
    if kind and kind not in _KINDS:
        yield f"kind“{kind}”未知 / unknown kind, use one of: {', '.join(_KINDS)}"
    if kind in _KINDS_OF_A_MINE and cells.get("mine") == "":
        yield f"{kind} 须填 mine（所属煤矿） / a {kind} needs its mine"
    if year and not _YEAR.fullmatch(year):
        yield f"planned_year“{year}”不是四位年份 / planned_year is not a year of four digits"
    elif year and int(year) < YEARS[0]:
        yield f"planned_year {year} 早于 {YEARS[0]} / planned_year is before {YEARS[0]}"
    if investment and not _AMOUNT.fullmatch(investment):
        yield f"investment_wan“{investment}”不是数 / write 万元 in digits, like 1200 or 1200.5"
    yield from _date_faults(cells)


def row_warnings(project: Project) -> Iterator[str]:
    """What looks wrong in a row but does not stop it."""
    for step, on in (("in_library_on", project.in_library_on), ("started_on", project.started_on)):
        if on and project.completed_on and on > project.completed_on:
            yield f"{step} 晚于 completed_on / {step} is later than completed_on"
    for step in STEPS[:-1]:
        on = getattr(project, step)
        if on and project.withdrawn_on and on > project.withdrawn_on:
            yield f"{step} 晚于 withdrawn_on / {step} is later than withdrawn_on"
    if project.planned_year > YEARS[-1]:
        yield f"planned_year {project.planned_year} 在计划期之后 / planned_year is after {YEARS[-1]}"


def _date_faults(cells: Mapping[str, str]) -> Iterator[str]:
    for step in STEPS:
        text = cells.get(step, "")
        if text and parse_date(text) is None:
            yield f"{step}“{text}”不是 YYYY-MM-DD 日期 / {step} is not a date of the form YYYY-MM-DD"
    if cells.get("accepted_on") and cells.get("completed_on") == "":
        yield "有 accepted_on 而无 completed_on / accepted without completed_on"
    completed, accepted = (parse_date(cells.get(step, "")) for step in ("completed_on", "accepted_on"))
    if completed and accepted and accepted < completed:
        yield "accepted_on 早于 completed_on / accepted before completed_on"
    if cells.get("accepted_on") and cells.get("withdrawn_on"):
        yield "accepted_on 与 withdrawn_on 不能并存 / accepted and withdrawn cannot both be given"
