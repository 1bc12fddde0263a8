"""Which faces and chambers there are on a day: those of the registry, and what is watched besides. Pure.

Rules
- A mine of the registry is the config's mine of the same code; a face or chamber is watched if the config names its
  code in that mine.
- A face is accepted by its project, or since the day from which it was intelligent without one.
- What is watched and not registered stands under the mine's name in the config, without declaration or acceptance; its
  unit is that of the mine's projects, else 未登记.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from gateway import config
from rules.chambers.rule import Chamber as ChamberRule
from rules.chambers.rule import Kind as ChamberKind
from rules.chambers.rule import Level
from rules.plan.evidence import FaceName
from rules.plan.project import Project
from rules.plan.register import Face, Register
from rules.plan.table import Kind

UNREGISTERED: Final = "未登记"


class ChamberName(NamedTuple):
    """A chamber, the level declared for it, and the config's mine if it is watched."""

    mine: str
    title: str
    enterprise: str
    rule: ChamberRule
    declared: Level | None
    watched_in: config.Mine | None


def faces_of(register: Register, mines: Sequence[config.Mine], day: date) -> Iterator[FaceName]:
    """The faces that stand at the end of the day, in the registry's order, then those that it lacks."""
    projects = {project.name: project.as_of(day) for project in register.projects}
    registered = {mine.name: mine for mine in register.mines}
    watched = {(mine.code, face.code): (mine, face) for mine in mines for face in mine.faces}
    seen: set[tuple[str | None, str]] = set()
    for face in register.faces:
        if face.lifetime.covers(day):
            mine = registered[face.mine]
            seen.add((mine.code, face.code))
            yield FaceName(
                mine=face.mine,
                mine_code=mine.code if (mine.code, face.code) in watched else None,
                face=face.code,
                title=face.title,
                enterprise=mine.unit,
                kind=Kind(face.kind),
                project=face.project,
                accepted_on=accepted_on(face, projects, day),
            )
    for (code, _), (at, known) in watched.items():
        if (code, known.code) not in seen:
            name, unit = named(register, at)
            yield FaceName(name, code, known.code, known.name, unit, Kind(known.kind), None, None)


def accepted_on(face: Face, projects: Mapping[str, Project], day: date) -> date | None:
    """When the face was accepted as an intelligent one, if it was by the day."""
    project = projects.get(face.project or "")
    if project is not None and project.withdrawn_on is None and project.accepted_on is not None:
        return project.accepted_on
    before = face.intelligent_on
    return before if before is not None and before <= day else None


def chambers_of(register: Register, mines: Sequence[config.Mine], day: date) -> Iterator[ChamberName]:
    """The chambers that stand at the end of the day, likewise."""
    registered = {mine.name: mine for mine in register.mines}
    watched = {(mine.code, chamber.code): (mine, chamber) for mine in mines for chamber in mine.chambers}
    seen: set[tuple[str | None, str]] = set()
    for chamber in register.chambers:
        if chamber.lifetime.covers(day):
            mine = registered[chamber.mine]
            seen.add((mine.code or "", chamber.code))
            at, known = watched.get((mine.code or "", chamber.code), (None, None))
            rule = ChamberRule(chamber.code, ChamberKind(chamber.kind), bool(known and known.door_required))
            yield ChamberName(chamber.mine, chamber.title, mine.unit, rule, chamber.level_on(day), at)
    for (code, _), (at, known) in watched.items():
        if (code, known.code) not in seen:
            name, unit = named(register, at)
            rule = ChamberRule(known.code, known.kind, known.door_required)
            yield ChamberName(name, known.name, unit, rule, known.declared, at)


def named(register: Register, mine: config.Mine) -> tuple[str, str]:
    """A config's mine as the registry calls it, and its unit."""
    for known in register.mines:
        if known.code == mine.code:
            return known.name, known.unit
    units = (project.enterprise for project in register.projects if project.mine == mine.name)
    return mine.name, next(units, UNREGISTERED)
