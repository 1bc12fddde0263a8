"""The real application over a registry and a store of a test's own, in a thread: what the province pages talk to.

Demonstration data: the demo's registry, and for its first mines ninety shifts per face and thirty days per chamber;
the other mines are blind. Or a registry with nothing in it. The clock stands at the end of 2022-10-31.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI

from dashboards.web import ASSETS
from gateway import config
from gateway.access.loopback import OpenAccess
from gateway.access.person import DEMO, Kind, Person, Role, Scope
from gateway.access.reach import Reach, reach_of
from gateway.api.app import create
from gateway.api.center import Center
from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import Point
from gateway.live import chamber_facts, facts
from gateway.live.chamber_facts import RecordedDay
from gateway.registry import demo
from gateway.registry.desk import PlanDesk, RegistrySource
from gateway.registry.repository import Registry, Snapshot, opened
from gateway.reports.desk import ReportDesk
from rules.chambers.presence import Earlier
from rules.chambers.records import DayRecord, days_between
from rules.chambers.rule import Kind as ChamberKind
from rules.chambers.rule import State
from rules.shift_calendar import Shift, ShiftCalendar
from rules.staffing import ShiftRecord, Verdict
from tests.bulletin_scene import AS_OF, verdicts_of

ZONE: Final = ZoneInfo("Asia/Shanghai")
NOW: Final = datetime(2022, 12, 24, 12, tzinfo=ZONE)
WATCHED: Final = 12
A_DAY: Final = timedelta(days=1)
HOUR_US: Final = 3_600_000_000
BARE: Final = config.Mine(code="990000000001", name="演示一矿")
"""Without faces and chambers: a centre's config names one mine at least."""
LEVELS: Final = (State.UNATTENDED, State.CENTRAL_CONTROL, State.UNATTENDED, State.ATTENDED)


class StandIn:
    """What the routes ask of a centre."""

    def today(self) -> date:
        """Fixed."""
        return AS_OF

    def mines(self) -> list[dict[str, str]]:
        """None is live."""
        return []


def person(name: str, role: Role, *scope: str) -> Person:
    """Somebody."""
    return Person(name, name, role, Scope(Kind(scope[0]), *scope[1:]))


PEOPLE: Final = {
    "enterprise": person("张三", Role.ENTERPRISE, "enterprise", "郑煤集团"),
    "mine": person("王五", Role.ENGINEER, "mine", "990000000001"),
    "reader": person("李四", Role.OPERATOR, "province"),
}
"""Who is here where the cookie `as` says so; else the demo's person, who may do everything."""


class ByCookie(OpenAccess):
    """Nobody signs in; a cookie says who one is."""

    def __init__(self, plan: PlanDesk) -> None:
        self.plan = plan

    async def person(self, cookies: Mapping[str, str]) -> Person | None:
        """One of those."""
        return PEOPLE.get(cookies.get("as", ""), DEMO)

    async def reach(self, person: Person) -> Reach:
        """As the registry stands."""
        edition = await self.plan.source.edition()
        return reach_of(person.scope, edition.rows, AS_OF)


@contextmanager
def province_centre(folder: Path, *, filled: bool = True) -> Iterator[str]:
    """The address of a centre that serves while the block runs."""
    started, ended = threading.Event(), threading.Event()
    said: dict[str, Any] = {}

    async def serve() -> None:
        async with (
            opened(folder / "registry.sqlite") as registry,
            EmbeddedHistorian(folder / "store.duckdb") as historian,
        ):
            if filled:
                await demo.fill(registry)
            rows, _ = await registry.everything()
            settings = config.GatewayConfig(mines=list(watched(rows)) or [BARE])
            await historian.write(recorded(settings.mines))
            app = application(registry, historian, settings)
            with socket.create_server(("127.0.0.1", 0)) as listener:
                server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
                running = asyncio.create_task(server.serve([listener]))
                said["port"] = listener.getsockname()[1]
                started.set()
                await asyncio.to_thread(ended.wait)
                server.should_exit = server.force_exit = True
                await running

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # told where the test waits
            said["error"] = error
            raise
        finally:
            started.set()

    thread = threading.Thread(target=run, name="province-centre")
    thread.start()
    try:
        started.wait(120)
        if "port" not in said:
            raise RuntimeError(said.get("error", "the centre did not start"))
        yield f"http://127.0.0.1:{said['port']}"
    finally:
        ended.set()
        thread.join(30)


def application(registry: Registry, historian: EmbeddedHistorian, settings: config.GatewayConfig) -> FastAPI:
    """The app as the centre makes it."""
    plan = PlanDesk(RegistrySource(registry), registry=registry)
    reports = ReportDesk(settings, plan, historian, lambda: round(NOW.timestamp() * 1000))
    return create(cast("Center", StandIn()), ASSETS, access=ByCookie(plan), plan=plan, reports=reports)


def watched(rows: Snapshot) -> Iterator[config.Mine]:
    """The registry's first mines with their faces and chambers, as a centre's config names them."""
    mines = [kept.row for kept in rows["mines"].values()][:WATCHED]
    faces = [kept.row for kept in rows["faces"].values() if kept.row["closed_on"] is None]
    chambers = [kept.row for kept in rows["chambers"].values()]
    for mine in mines:
        yield config.Mine(
            code=str(mine["code"]),
            name=str(mine["mine"]),
            faces=tuple(
                config.Face(code=str(face["face"]), name=str(face["title"]), kind=cast("Any", face["kind"]))
                for face in faces
                if face["mine"] == mine["mine"]
            ),
            chambers=tuple(
                config.Chamber(
                    code=str(each["chamber"]), name=str(each["title"]), kind=ChamberKind(str(each["kind"]))
                )
                for each in chambers
                if each["mine"] == mine["mine"]
            ),
        )


def recorded(mines: tuple[config.Mine, ...] | list[config.Mine]) -> list[Point]:
    """What the store holds of them: some faces exceed, some are often blind, some chambers are attended."""
    points: list[Point] = []
    number = 0
    for mine in mines:
        calendar = ShiftCalendar(ZONE, mine.calendars)
        for face in mine.faces:
            shifts = [
                shift
                for shift in calendar.shifts(face.code, AS_OF - 44 * A_DAY, AS_OF + A_DAY)
                if shift.kind == "production"
            ]
            verdicts = verdicts_of(number)
            points += (
                facts.shift_record(mine.code, record(shift, verdict), ZONE)
                for shift, verdict in zip(shifts, verdicts, strict=False)
            )
            number += 1
        for place, chamber in enumerate(mine.chambers):
            points += chamber_days(mine.code, chamber.code, LEVELS[(number + place) % len(LEVELS)])
    return points


def record(shift: Shift, verdict: Verdict) -> ShiftRecord:
    """A shift as it was judged."""
    is_over = verdict == "exceeded"
    return ShiftRecord(
        shift=shift,
        limit=9,
        headcount_max=None if verdict == "no_verdict" else 12 if is_over else 8,
        headcount_max_handover=14,
        over_limit_us=HOUR_US // 2 if is_over else 0,
        first_over_us=shift.starts_us + HOUR_US if is_over else None,
        distinct_persons=None,
        person_us=0.0,
        statutory_limit=20,
        statutory_over_us=0,
        statutory_first_over_us=None,
        major_hazard=False,
        coverage=0.6 if verdict == "no_verdict" else 1.0,
        coverage_judged=0.6 if verdict == "no_verdict" else 1.0,
        verdict=verdict,
        reason="sustained" if is_over else "coverage" if verdict == "no_verdict" else None,
        revision=1,
        final=True,
    )


def chamber_days(mine: str, chamber: str, state: State) -> Iterator[Point]:
    """Thirty days that a chamber spent in one state."""
    for day in days_between(AS_OF - 29 * A_DAY, AS_OF + A_DAY, ZONE):
        time_us = {**dict.fromkeys(State, 0), state: day.to_us - day.from_us}
        told = DayRecord(chamber, day, time_us, 0, 0, 3, 0, 0)
        yield chamber_facts.day(mine, RecordedDay(told, Earlier(), state, day.from_us))
