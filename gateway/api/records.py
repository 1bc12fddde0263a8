"""What is recorded of faces and chambers, shift by shift and day by day, and why it says what it says."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import date
from typing import Annotated, TypeVar

from fastapi import APIRouter, HTTPException, Query

from gateway.historian.historian import HistorianUnavailable
from gateway.live.chambers import ChamberTracker
from gateway.live.faces import FaceTracker
from gateway.live.trackers import MineTrackers
from gateway.pages.chambers import DAYS_MAX as CHAMBER_DAYS_MAX
from gateway.pages.chambers import ChamberPages
from gateway.pages.desk import PageDesk
from gateway.pages.faces import DAYS_MAX, FacePages

Answer = Mapping[str, object]
Found = TypeVar("Found")
Days = Annotated[int, Query(ge=1, le=DAYS_MAX)]
ChamberDays = Annotated[int, Query(ge=1, le=CHAMBER_DAYS_MAX)]


def router(desk: PageDesk) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/mines/{mine}", tags=["records"])
    add_faces(routes, desk.faces)
    add_chambers(routes, desk.chambers)
    return routes


def add_faces(routes: APIRouter, desk: FacePages) -> None:
    """Shifts of faces."""

    @routes.get("/faces/{face}/shifts")
    async def shifts(mine: str, face: str, days: Days = 30) -> Answer:
        """Every shift of the last days, each with its newest record where there is one."""
        return await from_store(desk.records(*face_of(desk, mine, face), days))

    @routes.get("/faces/{face}/shifts/{on}/{shift}")
    async def shift(mine: str, face: str, on: date, shift: str) -> Answer:
        """One shift, judged from the stored rows: headcount, what decided it, who was there, every revision."""
        found = await from_store(desk.shift(*face_of(desk, mine, face), on, shift))
        if found is None:
            raise HTTPException(404, f"{on} 没有已开始的班次 {shift} / no shift {shift} of {on} has begun")
        return found

    @routes.get("/faces/{face}/persons")
    async def persons(mine: str, face: str) -> Answer:
        """Who is there now, by the pseudonym of the card."""
        return desk.persons(face_of(desk, mine, face)[1])


def add_chambers(routes: APIRouter, desk: ChamberPages) -> None:
    """Days of chambers."""

    @routes.get("/chambers/{chamber}")
    async def records(mine: str, chamber: str) -> Answer:
        """The recorded days, the running one so far, the level that they make, and what is declared."""
        return desk.records(chamber_of(desk, mine, chamber)[1])

    @routes.get("/chambers/{chamber}/timeline")
    async def timeline(mine: str, chamber: str, first: date, days: ChamberDays = 7) -> Answer:
        """States and visits from the begin of a day on, judged from the stored rows."""
        return await from_store(desk.timeline(*chamber_of(desk, mine, chamber), first, days))

    @routes.get("/chambers/{chamber}/days/{on}")
    async def day(mine: str, chamber: str, on: date) -> Answer:
        """One day, stretch by stretch, each with what stood in the way of being unattended."""
        return await from_store(desk.day(*chamber_of(desk, mine, chamber), on))


def face_of(desk: FacePages, mine: str, face: str) -> tuple[MineTrackers, FaceTracker]:
    """A face; 404 for one that does not exist."""
    found = desk.find(mine, face)
    if found is None:
        raise HTTPException(404, f"煤矿 {mine} 没有工作面 {face} / mine {mine} has no face {face}")
    return found


def chamber_of(desk: ChamberPages, mine: str, chamber: str) -> tuple[MineTrackers, ChamberTracker]:
    """A chamber; 404 for one that does not exist."""
    found = desk.find(mine, chamber)
    if found is None:
        raise HTTPException(404, f"煤矿 {mine} 没有硐室 {chamber} / mine {mine} has no chamber {chamber}")
    return found


async def from_store(work: Awaitable[Found]) -> Found:
    """The answer; 503 while the store gives none."""
    try:
        return await work
    except HistorianUnavailable as error:
        said = "历史库没有应答，请稍后重试 / the historian does not answer, try again in a while"
        raise HTTPException(503, f"{said}: {error}") from error
