"""What is likely to come: projects at risk of missing their year, and a forecast from the work in hand.

Rules (assumptions, none with an authority; each answer states them)
- A kind's build time is the median of days from start to completion over its projects completed by D, its inspection
  time the median from completion to acceptance. Fewer than 5° projects: unknown, and nothing is forecast of the kind.
- A project that has begun is expected to be completed a build time after it began, never before D; one that is
  completed to be accepted an inspection time later, never before D. One that has not begun is expected nowhere.
- *At risk*: its year is not over, it is not completed, and a build time from its start (from D, if it has not begun)
  ends after 31 December.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_high
from typing import Final

from rules.plan.project import Project
from rules.plan.table import TABLE_KINDS, YEARS, Kind, year_end

COUNT_MIN: Final = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a kind's projects took so far, in days; `None` with too few of them."""

    kind: Kind
    completed: int
    build_days: int | None
    inspection_days: int | None


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A project that will miss its year at its kind's pace."""

    project: str
    enterprise: str
    mine: str | None
    kind: Kind
    planned_year: int
    started_on: date | None
    expected_on: date


@dataclass(frozen=True, slots=True)
class Forecast:
    """Accepted of a kind at the end of a year (全省, cumulative): by D, and expected from the work in hand."""

    kind: Kind
    year: int
    accepted: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The paces assumed, the projects at risk, the forecast of the years that are not over."""

    as_of: date
    paces: tuple[Pace, ...]
    at_risk: tuple[AtRisk, ...]
    forecast: tuple[Forecast, ...]


def outlook(projects: Iterable[Project], as_of: date) -> Outlook:
    """As of the end of the day."""
    seen = [each for each in (project.as_of(as_of) for project in projects) if each.withdrawn_on is None]
    by_kind = {kind: [each for each in seen if each.kind.counted_as is kind] for kind in TABLE_KINDS}
    paces = {kind: _pace(kind, of_kind) for kind, of_kind in by_kind.items()}
    at_risk = (
        risk
        for kind, of_kind in by_kind.items()
        for project in of_kind
        if (risk := _risk(project, paces[kind], as_of)) is not None
    )
    years = [year for year in YEARS if as_of < year_end(year)]
    return Outlook(
        as_of=as_of,
        paces=tuple(paces.values()),
        at_risk=tuple(at_risk),
        forecast=tuple(
            _forecast(kind, year, by_kind[kind], paces[kind], as_of) for kind in TABLE_KINDS for year in years
        ),
    )


def _pace(kind: Kind, projects: Sequence[Project]) -> Pace:
    built = [
        (each.completed_on - each.started_on).days
        for each in projects
        if each.completed_on and each.started_on
    ]
    inspected = [
        (each.accepted_on - each.completed_on).days
        for each in projects
        if each.accepted_on and each.completed_on
    ]
    return Pace(
        kind=kind,
        completed=len(built),
        build_days=median_high(built) if len(built) >= COUNT_MIN else None,
        inspection_days=median_high(inspected) if len(inspected) >= COUNT_MIN else None,
    )


def _risk(project: Project, pace: Pace, as_of: date) -> AtRisk | None:
    end = year_end(project.planned_year)
    if project.completed_on is not None or as_of >= end or pace.build_days is None:
        return None
    expected = max(as_of, (project.started_on or as_of) + timedelta(days=pace.build_days))
    if expected <= end:
        return None
    return AtRisk(
        project=project.name,
        enterprise=project.enterprise,
        mine=project.mine,
        kind=project.kind,
        planned_year=project.planned_year,
        started_on=project.started_on,
        expected_on=expected,
    )


def _forecast(kind: Kind, year: int, projects: Sequence[Project], pace: Pace, as_of: date) -> Forecast:
    accepted = sum(each.accepted_on is not None for each in projects)
    if pace.build_days is None or pace.inspection_days is None:
        return Forecast(kind, year, accepted, None)
    expected = 0
    for each in projects:
        if each.accepted_on is not None or (each.completed_on is None and each.started_on is None):
            continue
        done = each.completed_on
        if done is None and each.started_on is not None:
            done = max(as_of, each.started_on + timedelta(days=pace.build_days))
        assert done is not None
        expected += max(as_of, done + timedelta(days=pace.inspection_days)) <= year_end(year)
    return Forecast(kind, year, accepted, accepted + expected)
