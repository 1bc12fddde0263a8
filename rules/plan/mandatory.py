"""Mines whose faces must all be intelligent by the end of 2021: which there are, and which faces are lacking.

Rules (definitions.md §3, part 一（二）1 of the plan)
- Rock-burst mines; outburst mines worked deeper than 1,000 m (both together); new mines; expanded mines of 60 万t/a
  and more. Where what decides is not filled in, the mine's class is unknown, and it is named.
- All faces of such a mine that stand on the day must be intelligent: by a project that is accepted (completed stands
  beside it), or since a day from before the plan. A mine without a registered face proves nothing, and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from rules.plan.project import Project
from rules.plan.register import Face, Mine, Register

DEPTH_M: Final = Decimal(1000)
"""采深超千米: deeper than this."""
CAPACITY_WAN_T: Final = Decimal(60)
"""年产能达60万吨: this and more."""


@dataclass(frozen=True, slots=True)
class LackingFace:
    """A face that must be intelligent and is not accepted; `project` builds it, if there is one."""

    mine: str
    enterprise: str
    face: str
    title: str
    kind: str
    project: str | None
    completed: bool


@dataclass(frozen=True, slots=True)
class MandatoryClass:
    """A class as of a day: its mines, their faces, how many are accepted and completed, and what is lacking."""

    id: str
    mines: int
    faces: int
    accepted: int
    completed: int
    lacking: tuple[LackingFace, ...]
    mines_without_faces: tuple[str, ...]
    mines_of_unknown_class: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Nothing is lacking, and nothing is unknown."""
        return not (self.lacking or self.mines_without_faces or self.mines_of_unknown_class)


def both(one: bool | None, other: bool | None) -> bool | None:
    """And, with unknowns: a no decides whatever the other is."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def is_deep_outburst(mine: Mine) -> bool | None:
    """采深超千米的煤与瓦斯突出煤矿."""
    return both(mine.outburst, None if mine.depth_m is None else mine.depth_m > DEPTH_M)


def is_big_expanded(mine: Mine) -> bool | None:
    """年产能达60万吨的改扩建煤矿."""
    expanded = None if mine.stage is None else mine.stage == "expanded"
    return both(expanded, None if mine.capacity_wan_t is None else mine.capacity_wan_t >= CAPACITY_WAN_T)


CLASSES: Final[Mapping[str, Callable[[Mine], bool | None]]] = {
    "mandatory_rock_burst": lambda mine: mine.rock_burst,
    "mandatory_deep_outburst": is_deep_outburst,
    "mandatory_new": lambda mine: None if mine.stage is None else mine.stage == "new",
    "mandatory_expanded": is_big_expanded,
}


def mandatory(register: Register, day: date) -> tuple[MandatoryClass, ...]:
    """Every class as of the end of the day."""
    faces: dict[str, list[Face]] = {}
    for face in register.faces:
        if face.lifetime.covers(day):
            faces.setdefault(face.mine, []).append(face)
    projects = {project.name: project.as_of(day) for project in register.projects}
    mines = register.mines_on(day)
    return tuple(_class(name, belongs, mines, faces, projects, day) for name, belongs in CLASSES.items())


def _class(  # noqa: PLR0917  (all of it is looked up once for all classes)
    name: str,
    belongs: Callable[[Mine], bool | None],
    mines: tuple[Mine, ...],
    faces: Mapping[str, list[Face]],
    projects: Mapping[str, Project],
    day: date,
) -> MandatoryClass:
    of_class = [mine for mine in mines if belongs(mine)]
    lacking, count, accepted, completed = [], 0, 0, 0
    for mine in of_class:
        for face in faces.get(mine.name, ()):
            is_accepted, is_completed = standing(face, projects, day)
            count += 1
            accepted += is_accepted
            completed += is_completed
            if not is_accepted:
                lacking.append(
                    LackingFace(
                        mine.name, mine.unit, face.code, face.title, face.kind, face.project, is_completed
                    )
                )
    return MandatoryClass(
        id=name,
        mines=len(of_class),
        faces=count,
        accepted=accepted,
        completed=completed,
        lacking=tuple(lacking),
        mines_without_faces=tuple(mine.name for mine in of_class if not faces.get(mine.name)),
        mines_of_unknown_class=tuple(mine.name for mine in mines if belongs(mine) is None),
    )


def standing(face: Face, projects: Mapping[str, Project], day: date) -> tuple[bool, bool]:
    """Is the face accepted as an intelligent one by the day, and is it completed as one?"""
    if face.intelligent_on is not None and face.intelligent_on <= day:
        return True, True
    project = projects.get(face.project or "")
    if project is None or project.withdrawn_on is not None:
        return False, False
    return project.accepted_on is not None, project.completed_on is not None
