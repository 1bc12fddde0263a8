"""Gathers what bulletins and evidence rest on: the plan's register, and what the store knows of faces and chambers.

Reading is done on the event loop, a query at a time; judging and laying out in a thread, one bulletin after the other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from contract.errors import Transient
from gateway.access.plan_within import PlanViews
from gateway.access.reach import EVERYTHING, Reach
from gateway.api.center import Json
from gateway.config import GatewayConfig, Mine
from gateway.historian.historian import Historian
from gateway.registry.agreement import differences
from gateway.registry.desk import Edition, PlanDesk, plain
from gateway.reports.bulletin import Bulletin, bulletin
from gateway.reports.docx import docx
from gateway.reports.inputs import ChamberLevel, FaceShifts, Inputs, ShiftOutcome, Span, period_of
from gateway.reports.kept import Kept
from gateway.reports.leagues import chamber_league, staffing_league
from gateway.reports.outline import outlined
from gateway.reports.pdf import pdf
from gateway.reports.settings import ReportSettings
from gateway.reports.telemetry import Place, Telemetry, Watched
from gateway.reports.watched import ChamberName, chambers_of, faces_of
from gateway.reports.xlsx import xlsx
from rules.chambers.records import LevelRecord
from rules.plan.evidence import FaceName, evidence, face_evidence, last_shifts
from rules.plan.evidence_words import NO_RECORD, ground_words, shift_words
from rules.staffing import ShiftRecord

Form = Literal["json", "docx", "xlsx", "pdf"]

WAITING_MAX: Final = 8
"""Bulletins asked for at once; more are told to come back."""
KEEP_S: Final = 30.0
"""What the store says is looked at anew after so long: a page asks several times, and officials together."""
KEPT_MAX: Final = 8
METRIC: Final = "Personnel/Headcount"
"""What the headcount trend behind a shift is read from."""


def printed_as(form: Form, made: Bulletin, settings: ReportSettings) -> bytes:
    """A bulletin as a file; takes up to seconds. Raises `Misconfigured` and `Rejected` as the writers do."""
    if form == "json":
        return json.dumps(made.as_json(), ensure_ascii=False, indent=1).encode()
    document = outlined(made, settings)
    match form:
        case "docx":
            return docx(document, made.as_json(), settings)
        case "xlsx":
            return xlsx(document, settings.fonts)
        case "pdf":
            return pdf(document, settings.fonts)


class ReportDesk:
    """What the API asks of bulletins and evidence, as of the end of a day."""

    def __init__(
        self, config: GatewayConfig, plan: PlanDesk, historian: Historian, now_ms: Callable[[], int]
    ) -> None:
        self.config = config
        self.plan = plan
        self.views = PlanViews(plan)
        self.historian = historian
        self.now_ms = now_ms
        self._printing = asyncio.Lock()
        self._waiting = 0
        self._inputs = Kept[Inputs](KEEP_S, KEPT_MAX)

    async def file(self, span: Span, as_of: date, form: Form) -> tuple[Bulletin, bytes]:
        """The bulletin and its file.

        Raises `Transient` where the registry or the store cannot be read now or too many wait for theirs, and as
        `printed_as` does.
        """
        if self._waiting >= WAITING_MAX:
            raise Transient(
                "正在生成的通报太多，请稍后再试 / too many bulletins are being made: try again soon"
            )
        self._waiting += 1
        try:
            async with self._printing:
                inputs = await self.inputs(period_of(span, as_of).from_on, as_of)
                return await asyncio.to_thread(self.made, inputs, span, as_of, form)
        finally:
            self._waiting -= 1

    def made(self, inputs: Inputs, span: Span, as_of: date, form: Form) -> tuple[Bulletin, bytes]:
        """All that takes long."""
        made = bulletin(inputs, span, as_of)
        return made, printed_as(form, made, self.config.reports)

    async def leagues(self, span: Span, as_of: date) -> Json:
        """Units and mines by their staffing and their chambers, as a bulletin of the period ranks them."""
        period = period_of(span, as_of)
        inputs = await self.inputs(period.from_on, as_of)
        faces, chambers = inputs.faces, inputs.chambers

        def ranked() -> Json:
            staffing = (
                None if faces is None else staffing_league(faces, inputs.register.projects, period, as_of)
            )
            return {
                "as_of": as_of,
                "period": {**asdict(period), "title": period.title},
                "staffing": None if staffing is None else asdict(staffing),
                "chambers": None if chambers is None else asdict(chamber_league(chambers)),
            }

        return {"demo": inputs.demo, **await asyncio.to_thread(lambda: plain(ranked()))}

    async def agreement(self, as_of: date) -> Json:
        """Where the config and the registry tell different things of a mine; `None` where there is no registry."""
        edition = await self.plan.source.edition()

        def compared() -> Json:
            if not edition.rows:
                return {"differences": None}
            found = differences(edition.rows, self.config.mines, as_of)
            return {"differences": [asdict(each) for each in found]}

        return {"demo": edition.demo, "as_of": as_of, **await asyncio.to_thread(compared)}

    async def evidence(self, as_of: date, reach: Reach = EVERYTHING) -> Json:
        """Every face of a reach with its verdict, the two lists, chambers declared against observed."""
        inputs = await self.inputs(as_of, as_of, reach)

        def judged() -> Json:
            faces = [
                face_evidence(each.face, each.shifts or (), inputs.figures) for each in inputs.faces or ()
            ]
            whole = evidence(faces)
            return {
                "as_of": as_of,
                "figures": inputs.figures.model_dump(),
                "faces": [
                    {**asdict(each), "why": asdict(ground_words(each, inputs.figures))}
                    for each in whole.faces
                ],
                "accepted_in_doubt": [place_of(each.face) for each in whole.accepted_in_doubt],
                "performing_unaccepted": [place_of(each.face) for each in whole.performing_unaccepted],
                "chambers": [asdict(each) for each in inputs.chambers or ()],
            }

        return {"demo": inputs.demo, **await asyncio.to_thread(lambda: plain(judged()))}

    async def face(self, mine_code: str, face: str, as_of: date) -> Json | None:
        """A face's verdict with every shift that it rests on; `None` for one that is not watched."""
        edition = await self.plan.source.edition()
        names = faces_of(edition.register, self.config.mines, as_of)
        name = next((each for each in names if (each.mine_code, each.face) == (mine_code, face)), None)
        if name is None:
            return None
        mine = next(mine for mine in self.config.mines if mine.code == mine_code)
        since = as_of - timedelta(days=self.config.evidence.shifts)
        told = await self.telemetry(as_of).records(Place(mine, face), since) or []
        return await asyncio.to_thread(self.drilled, mine, name, told, {"demo": edition.demo, "as_of": as_of})

    def drilled(
        self, mine: Mine, name: FaceName, told: Sequence[tuple[ShiftOutcome, ShiftRecord | None]], head: Json
    ) -> Json:
        """A face down to the shifts, and to where the headcounts behind each of them are."""
        figures, zone = self.config.evidence, ZoneInfo(mine.timezone)
        outcomes = [outcome for outcome, _ in told]
        judged = face_evidence(name, outcomes, figures)
        looked_at = {each.shift for each in last_shifts(outcomes, figures)}
        shifts = [
            {
                "shift_on": outcome.shift.shift_on,
                "shift": outcome.shift.name,
                "verdict": outcome.verdict,
                "why": asdict(shift_words(record, zone) if record else NO_RECORD),
                "record": record.as_json(zone) if record else None,
                "trend": {
                    "mine": mine.code,
                    "area": name.face,
                    "metric": METRIC,
                    "from_ms": outcome.shift.starts_us // 1000,
                    "to_ms": outcome.shift.ends_us // 1000,
                },
            }
            for outcome, record in told
            if outcome.shift in looked_at
        ]
        why = asdict(ground_words(judged, figures))
        return plain(
            {**head, **asdict(judged), "why": why, "figures": figures.model_dump(), "shifts": shifts}
        )

    async def inputs(self, from_on: date, as_of: date, reach: Reach = EVERYTHING) -> Inputs:
        """Everything that a bulletin on the time since `from_on` is made of; what the store says of it may be kept."""
        edition = await self.views.of(reach).source.edition()
        since = min(from_on, as_of - timedelta(days=self.config.evidence.shifts))
        return await self._inputs.get(
            (since, as_of, reach, edition.head), lambda: self.gathered(edition, since, as_of, reach)
        )

    async def gathered(self, edition: Edition, since: date, as_of: date, reach: Reach) -> Inputs:
        """The same from the store."""
        mines = [mine for mine in self.config.mines if reach.has_code(mine.code)]
        telemetry = self.telemetry(as_of)
        by_code = {mine.code: mine for mine in mines}
        names, stands = await asyncio.to_thread(
            lambda: (
                list(faces_of(edition.register, mines, as_of)),
                list(chambers_of(edition.register, mines, as_of)),
            )
        )
        watched = [name for name in names if name.mine_code in by_code]
        places = [Place(by_code[name.mine_code or ""], name.face) for name in watched]
        shifts = dict(zip(watched, await telemetry.outcomes(places, since), strict=True))
        faces = [FaceShifts(name, shifts.get(name)) for name in names]
        asked = {
            (each.mine, each.rule.name): Watched(each.watched_in, each.rule, each.declared)
            for each in stands
            if each.watched_in
        }
        levels = dict(zip(asked, await telemetry.levels([*asked.values()]), strict=True))
        chambers = [level_of(each, levels.get((each.mine, each.rule.name))) for each in stands]
        return Inputs(
            register=edition.register,
            demo=edition.demo,
            faces=faces or None,
            chambers=chambers or None,
            figures=self.config.evidence,
            chamber_share_goal=self.config.plan.chamber_share_goal,
        )

    def telemetry(self, as_of: date) -> Telemetry:
        """What the store knows as of a day."""
        return Telemetry(self.config, self.historian, as_of, self.now_ms() * 1000)


def level_of(name: ChamberName, observed: LevelRecord | None) -> ChamberLevel:
    """A chamber with its levels side by side."""
    return ChamberLevel(
        mine=name.mine,
        chamber=name.rule.name,
        title=name.title,
        enterprise=name.enterprise,
        kind=name.rule.kind,
        declared=name.declared,
        observed=observed.level if observed else None,
        agrees=observed.agrees if observed else None,
    )


def place_of(face: FaceName) -> dict[str, str | None]:
    """Where a face is found: what asks for its shifts."""
    return {"mine": face.mine, "mine_code": face.mine_code, "face": face.face}
