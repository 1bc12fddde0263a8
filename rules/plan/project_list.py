"""Projects as they stand on a day, the list behind every figure of the plan: chosen by unit, mine, kind, year, state.

Rules
- A project's `unit` is the plan unit that it counts for, `enterprise` and `city` are those of its mine; `None` where
  the mine is not registered.
- `kind` chooses as the table counts: driving faces with TBM are driving faces. `overdue` and `missed` as in progress.
- `faces` are those that the project made intelligent and that stand on the day: what evidence is asked by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.plan.progress import is_missed, is_overdue
from rules.plan.project import Project, State
from rules.plan.register import Mine, Register
from rules.plan.table import Kind


@dataclass(frozen=True, slots=True)
class Choice:
    """What a project must be to be listed; `None` chooses all."""

    unit: str | None = None
    enterprise: str | None = None
    city: str | None = None
    mine: str | None = None
    kind: Kind | None = None
    year: int | None = None
    state: State | None = None
    overdue: bool | None = None
    missed: bool | None = None


@dataclass(frozen=True, slots=True)
class FacePlace:
    """A face by mine and code; `mine_code` is the mine's name on the wire."""

    mine: str
    mine_code: str | None
    face: str
    title: str


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A project as of a day; dates later than it are blank."""

    project: str
    unit: str
    enterprise: str | None
    city: str | None
    mine: str | None
    mine_code: str | None
    kind: Kind
    planned_year: int
    state: State
    overdue: bool
    missed: bool
    in_library_on: date | None
    started_on: date | None
    completed_on: date | None
    accepted_on: date | None
    withdrawn_on: date | None
    investment_wan: Decimal | None
    faces: tuple[FacePlace, ...]


EVERY: Choice = Choice()


def project_list(register: Register, as_of: date, choice: Choice = EVERY) -> tuple[ProjectLine, ...]:
    """The chosen projects in the registry's order, as of the end of the day."""
    mines = {mine.name: mine for mine in register.mines}
    faces: dict[str, list[FacePlace]] = {}
    for face in register.faces:
        if face.project is not None and face.lifetime.covers(as_of):
            place = FacePlace(face.mine, mines[face.mine].code, face.code, face.title)
            faces.setdefault(face.project, []).append(place)
    lines = (
        _line(project, mines.get(project.mine or ""), tuple(faces.get(project.name, ())), as_of)
        for project in register.projects
    )
    return tuple(line for line in lines if all(_fits(line, choice)))


def _line(project: Project, mine: Mine | None, faces: tuple[FacePlace, ...], as_of: date) -> ProjectLine:
    seen = project.as_of(as_of)
    return ProjectLine(
        project=project.name,
        unit=project.enterprise,
        enterprise=mine.enterprise if mine else None,
        city=mine.city if mine else None,
        mine=project.mine,
        mine_code=mine.code if mine else None,
        kind=project.kind,
        planned_year=project.planned_year,
        state=seen.state,
        overdue=is_overdue(project, as_of),
        missed=is_missed(project, as_of),
        in_library_on=seen.in_library_on,
        started_on=seen.started_on,
        completed_on=seen.completed_on,
        accepted_on=seen.accepted_on,
        withdrawn_on=seen.withdrawn_on,
        investment_wan=seen.investment_wan,
        faces=faces,
    )


def _fits(line: ProjectLine, choice: Choice) -> Iterator[bool]:
    yield choice.kind is None or choice.kind in {line.kind, line.kind.counted_as}
    for wanted, is_ in (
        (choice.unit, line.unit),
        (choice.enterprise, line.enterprise),
        (choice.city, line.city),
        (choice.mine, line.mine),
        (choice.year, line.planned_year),
        (choice.state, line.state),
        (choice.overdue, line.overdue),
        (choice.missed, line.missed),
    ):
        yield wanted is None or wanted == is_
