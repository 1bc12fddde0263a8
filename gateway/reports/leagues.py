"""League tables of a period: staffing by shift records, chambers by their levels. Pure.

Rules
- Staffing is ranked by the share of the period's final production shifts that were within the limit. Shifts without
  verdict are among them: who is blind does not rank above who is seen. Shifts that are not judged are not.
- Chambers are ranked by the share that is observed as unattended or centrally controlled. One that is not observed, or
  has no verdict, is not at the level.
- Equal shares have equal ranks. Who has no data has no rank and stands last; it is never 0.
- A mine with an accepted face but without any face that is watched is in the staffing table, without data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Final, Generic, TypeVar

from gateway.reports.inputs import ChamberLevel, FaceShifts, Period
from rules.chambers.rule import Level
from rules.plan.evidence import Tally, tally
from rules.plan.project import Project
from rules.plan.table import UNITS, Kind

AT_LEVEL: Final = (Level.UNATTENDED, Level.CENTRAL_CONTROL)
FACE_KINDS: Final = (Kind.MINING_FACE, Kind.DRIVING_FACE)


@dataclass(frozen=True, slots=True)
class StaffingLine:
    """The period's shifts of a unit (`mine` is `None`) or a mine; `None` without data."""

    enterprise: str
    mine: str | None
    faces: int
    silent_faces: int
    """Those without a shift to count."""
    shifts: Tally | None
    share: float | None
    """Within, of all shifts."""
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class ChamberLine:
    """The chambers of a unit or a mine by observed level, beside what was declared."""

    enterprise: str
    mine: str | None
    chambers: int
    unattended: int
    central_control: int
    not_yet: int
    no_verdict: int
    unobserved: int
    declared: int
    """Declared as unattended or centrally controlled."""
    contradicted: int
    """Observed to be another level than declared."""
    share: float | None
    """At the level, of all chambers; `None` if none of them is observed."""
    rank: int | None = None


Line = TypeVar("Line", StaffingLine, ChamberLine)
Watched = TypeVar("Watched", FaceShifts, ChamberLevel)


@dataclass(frozen=True, slots=True)
class League(Generic[Line]):
    """Units and mines, each ranked among themselves."""

    units: tuple[Line, ...]
    mines: tuple[Line, ...]


def staffing_league(
    faces: Sequence[FaceShifts], projects: Iterable[Project], period: Period, as_of: date
) -> League[StaffingLine]:
    """Shifts from the period's first day to the end of `as_of`."""
    seen = [project.as_of(as_of) for project in projects]
    accepted = [
        (each.enterprise, each.mine)
        for each in seen
        if each.kind.counted_as in FACE_KINDS and each.accepted_on is not None and each.mine is not None
    ]
    units = _grouped([(each.face.enterprise, None, each) for each in faces], [(unit, None) for unit in UNITS])
    mines = _grouped([(each.face.enterprise, each.face.mine, each) for each in faces], accepted)
    return League(
        units=_ranked([_staffing(*of, found, period, as_of) for of, found in units.items()]),
        mines=_ranked([_staffing(*of, found, period, as_of) for of, found in mines.items()]),
    )


def chamber_league(chambers: Sequence[ChamberLevel]) -> League[ChamberLine]:
    """Chambers by what they are observed to be."""
    units = _grouped([(each.enterprise, None, each) for each in chambers], [(unit, None) for unit in UNITS])
    mines = _grouped([(each.enterprise, each.mine, each) for each in chambers], [])
    return League(
        units=_ranked([_chambers(*of, found) for of, found in units.items()]),
        mines=_ranked([_chambers(*of, found) for of, found in mines.items()]),
    )


def _grouped(
    entries: Iterable[tuple[str, str | None, Watched]], always: Iterable[tuple[str, str | None]]
) -> dict[tuple[str, str | None], list[Watched]]:
    """Entries by unit and mine; those of `always` are there even if empty, and first."""
    groups: dict[tuple[str, str | None], list[Watched]] = {of: [] for of in always}
    for enterprise, mine, entry in entries:
        groups.setdefault((enterprise, mine), []).append(entry)
    return groups


def _staffing(
    enterprise: str, mine: str | None, faces: Sequence[FaceShifts], period: Period, as_of: date
) -> StaffingLine:
    counted = [
        [
            each
            for each in face.shifts or ()
            if each.final
            and each.shift.kind == "production"
            and period.from_on <= each.shift.shift_on <= as_of
        ]
        for face in faces
    ]
    whole = tally(chain.from_iterable(counted))
    return StaffingLine(
        enterprise=enterprise,
        mine=mine,
        faces=len(faces),
        silent_faces=sum(tally(of_face).shifts == 0 for of_face in counted),
        shifts=whole if whole.shifts else None,
        share=whole.within / whole.shifts if whole.shifts else None,
    )


def _chambers(enterprise: str, mine: str | None, chambers: Sequence[ChamberLevel]) -> ChamberLine:
    observed = [each.observed for each in chambers]
    at_level = sum(level in AT_LEVEL for level in observed)
    unobserved = observed.count(None)
    return ChamberLine(
        enterprise=enterprise,
        mine=mine,
        chambers=len(chambers),
        unattended=observed.count(Level.UNATTENDED),
        central_control=observed.count(Level.CENTRAL_CONTROL),
        not_yet=observed.count(Level.NOT_YET),
        no_verdict=observed.count(Level.NO_VERDICT),
        unobserved=unobserved,
        declared=sum(each.declared in AT_LEVEL for each in chambers),
        contradicted=sum(each.agrees is False for each in chambers),
        share=at_level / len(chambers) if unobserved < len(chambers) else None,
    )


def _ranked(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The best share first, without data last; equal shares share a rank."""
    ordered = sorted(lines, key=lambda line: (line.share is None, -(line.share or 0)))
    shares = [line.share for line in ordered]
    return tuple(
        line if line.share is None else replace(line, rank=shares.index(line.share) + 1) for line in ordered
    )
