"""Mines as they stand on a day, each with what the plan asks of it and what it has.

Rules
- Listed are the mines that stand at the end of the day. `classes` are the mandatory classes that a mine belongs to;
  one that what is filled in cannot decide is in `unknown_classes`.
- Faces are intelligent as in the mandatory classes, chambers at the level as in the chamber goal. Projects are those of
  the table's kinds; withdrawn ones are counted by `missed` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.plan.chamber_goal import ChamberCount, chamber_goal
from rules.plan.mandatory import CLASSES, standing
from rules.plan.progress import is_missed, is_overdue
from rules.plan.project import Project
from rules.plan.register import Face, Mine, Register


@dataclass(frozen=True, slots=True)
class MineLine:
    """A mine as of a day; capacity in 万t/a, depth in m, `None` unknown. A mine without a chamber has no share."""

    mine: str
    mine_code: str | None
    unit: str
    enterprise: str
    city: str | None
    capacity_wan_t: Decimal | None
    depth_m: Decimal | None
    stage: str | None
    classes: tuple[str, ...]
    unknown_classes: tuple[str, ...]
    faces: int
    faces_intelligent: int
    chambers: int
    chambers_at_level: int
    chamber_share: float | None
    projects: int
    completed: int
    accepted: int
    overdue: int
    missed: int


def mine_list(register: Register, as_of: date) -> tuple[MineLine, ...]:
    """The mines in the registry's order."""
    chambers = {count.mine: count for count in chamber_goal(register, as_of).mines}
    faces: dict[str, list[Face]] = {}
    for face in register.faces:
        if face.lifetime.covers(as_of):
            faces.setdefault(face.mine, []).append(face)
    projects: dict[str, list[Project]] = {}
    for project in register.projects:
        if project.mine is not None and project.kind.counted_as is not None:
            projects.setdefault(project.mine, []).append(project)
    seen = {project.name: project.as_of(as_of) for project in register.projects}

    def line(mine: Mine) -> MineLine:
        here = faces.get(mine.name, ())
        intelligent = sum(standing(face, seen, as_of)[0] for face in here)
        return _line(
            mine,
            (len(here), intelligent),
            chambers.get(mine.name),
            projects.get(mine.name, ()),
            as_of,
        )

    return tuple(line(mine) for mine in register.mines_on(as_of))


def _line(
    mine: Mine,
    faces: tuple[int, int],
    chambers: ChamberCount | None,
    projects: Sequence[Project],
    as_of: date,
) -> MineLine:
    belongs = {name: is_in(mine) for name, is_in in CLASSES.items()}
    left = [each for each in (project.as_of(as_of) for project in projects) if each.withdrawn_on is None]
    return MineLine(
        mine=mine.name,
        mine_code=mine.code,
        unit=mine.unit,
        enterprise=mine.enterprise,
        city=mine.city,
        capacity_wan_t=mine.capacity_wan_t,
        depth_m=mine.depth_m,
        stage=mine.stage,
        classes=tuple(name for name, is_in in belongs.items() if is_in),
        unknown_classes=tuple(name for name, is_in in belongs.items() if is_in is None),
        faces=faces[0],
        faces_intelligent=faces[1],
        chambers=chambers.chambers if chambers else 0,
        chambers_at_level=chambers.unattended + chambers.central_control if chambers else 0,
        chamber_share=chambers.share if chambers else None,
        projects=len(left),
        completed=sum(each.completed_on is not None for each in left),
        accepted=sum(each.accepted_on is not None for each in left),
        overdue=sum(is_overdue(project, as_of) for project in projects),
        missed=sum(is_missed(project, as_of) for project in projects),
    )
