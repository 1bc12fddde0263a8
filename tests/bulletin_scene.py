"""A registry and its telemetry as bulletins meet them: the demo's projects, some mines watched, some blind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from gateway.reports.inputs import ChamberLevel, FaceShifts, Inputs, ShiftOutcome
from rules.chambers.rule import Kind as ChamberKind
from rules.chambers.rule import Level
from rules.plan.evidence import FaceName
from rules.plan.project import Project
from rules.plan.projects_csv import read_projects_csv
from rules.plan.register import Chamber, Face, Mine, Payment, Register
from rules.plan.table import Kind
from rules.shift_calendar import Shift
from rules.staffing import Verdict

DEMO_CSV: Final = Path(__file__).parents[1] / "gateway" / "registry" / "demo_projects.csv"
AS_OF: Final = date(2022, 10, 31)
HOUR_US: Final = 3_600_000_000
WATCHED: Final = 12
"""So many mines have shift records; the others are blind."""
FACES: Final = (Kind.MINING_FACE, Kind.DRIVING_FACE, Kind.DRIVING_FACE_TBM)


def demo_projects() -> tuple[Project, ...]:
    """The 343 of the demo registry."""
    with DEMO_CSV.open(encoding="utf-8-sig", newline="") as lines:
        return read_projects_csv(lines, file=DEMO_CSV.name).projects


def outcomes(face: str, verdicts: list[Verdict], last_on: date = AS_OF) -> Iterator[ShiftOutcome]:
    """Two production shifts a day up to a day, the verdicts in order of time."""
    for place, verdict in enumerate(verdicts):
        day = last_on - timedelta(days=(len(verdicts) - 1 - place) // 2)
        begins = 16 if (len(verdicts) - 1 - place) % 2 == 0 else 8
        starts_us = ((day - date(1970, 1, 1)).days * 24 + begins - 8) * HOUR_US
        name = "四点班" if begins == 16 else "八点班"
        yield ShiftOutcome(
            Shift(face, day, name, "production", starts_us, starts_us + 8 * HOUR_US), verdict, None, True
        )


def verdicts_of(number: int) -> list[Verdict]:
    """Ninety shifts of a face: most are good, every fourth face is not, every fifth is often blind."""
    every = 9 if number % 4 == 3 else 40
    blind = 8 if number % 5 == 4 else 50
    return [
        "exceeded" if place % every == 1 else "no_verdict" if place % blind == 2 else "within"
        for place in range(90)
    ]


def register() -> Register:
    """The registry around the demo's projects."""
    projects = demo_projects()
    mines = dict.fromkeys((each.mine, each.enterprise) for each in projects if each.mine)
    of_faces = [each for each in projects if each.kind in FACES and each.mine and each.started_on]
    accepted = [each for each in projects if each.accepted_on and each.kind in FACES][:40]
    return Register(
        projects=projects,
        mines=tuple(
            Mine(name or "", unit, unit, rock_burst=place % 7 == 0, outburst=False, stage="producing")
            for place, (name, unit) in enumerate(mines)
        ),
        faces=tuple(
            Face(
                each.mine or "",
                f"F{number:03}",
                each.name.removeprefix(f"{each.mine} "),
                "mining_face" if each.kind is Kind.MINING_FACE else "driving_face",
                each.name,
            )
            for number, each in enumerate(of_faces)
        ),
        chambers=tuple(
            Chamber(name or "", code, title, kind, ((date(2022, 1, 10), level),))
            for name, _ in mines
            for code, title, kind, level in CHAMBERS
        ),
        payments=tuple(
            Payment(each.name, "advance", date(2021, 12, 1), Decimal("40.5")) for each in accepted
        ),
    )


CHAMBERS: Final = (
    ("C-PUMP", "中央水泵房", "drainage_pump_room", Level.UNATTENDED),
    ("C-SUB", "中央变电所", "central_substation", Level.UNATTENDED),
    ("C-BELT", "主运输皮带机头硐室", "main_belt", Level.CENTRAL_CONTROL),
)


def inputs() -> Inputs:
    """Everything a bulletin can have."""
    known = register()
    unit_of = {mine.name: mine.unit for mine in known.mines}
    watched = [mine.name for mine in known.mines][:WATCHED]
    projects = {each.name: each.as_of(AS_OF) for each in known.projects}
    faces = tuple(
        FaceShifts(
            FaceName(
                mine=face.mine,
                mine_code=face.mine if face.mine in watched else None,
                face=face.code,
                title=face.title,
                enterprise=unit_of[face.mine],
                kind=Kind(face.kind),
                project=face.project,
                accepted_on=projects[face.project or ""].accepted_on,
            ),
            tuple(outcomes(face.code, verdicts_of(number))) if face.mine in watched else None,
        )
        for number, face in enumerate(known.faces)
    )
    observed = (Level.UNATTENDED, Level.CENTRAL_CONTROL, Level.NOT_YET, Level.NO_VERDICT, Level.UNATTENDED)
    chambers = tuple(
        level_of(chamber, unit_of[chamber.mine], observed[number % 5] if chamber.mine in watched else None)
        for number, chamber in enumerate(known.chambers)
    )
    return Inputs(known, demo=True, faces=faces, chambers=chambers)


def level_of(chamber: Chamber, unit: str, observed: Level | None) -> ChamberLevel:
    """A chamber with its declared level beside the observed one."""
    declared = chamber.level_on(AS_OF)
    comparable = observed not in {None, Level.NO_VERDICT} and declared is not None
    return ChamberLevel(
        mine=chamber.mine,
        chamber=chamber.code,
        title=chamber.title,
        enterprise=unit,
        kind=ChamberKind(chamber.kind),
        declared=declared,
        observed=observed,
        agrees=declared == observed if comparable else None,
    )
