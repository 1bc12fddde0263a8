"""Alarms: what is open, what happened, and what people do about it. Who does it is whoever is signed in."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Protocol, Self, TypeVar

from fastapi import APIRouter, HTTPException, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from gateway.api.acting import Acting
from gateway.live.alarm_file import JournalUnavailable
from gateway.live.alarm_views import window_view
from gateway.live.maintenance import Window
from rules.alarms.alarm import Alarm, AlarmKey

Json = Mapping[str, object]
Answer = TypeVar("Answer")
WINDOW_DAYS_MAX: Final = 31
DAY_MS: Final = 86_400_000


class Desk(Protocol):
    """What the routes ask of the alarms; what changes something returns when it is on disk."""

    def now_ms(self) -> int:
        """The centre's clock."""

    def mines(self) -> frozenset[str]:
        """Codes of the mines."""

    def areas(self, mine: str) -> frozenset[str]:
        """Codes of a mine's areas."""

    def shelf_max_min(self) -> float:
        """The longest that an alarm may be put aside, minutes."""

    def listed(self, mine: str) -> Json:
        """Every open alarm, what is not judged, and the maintenance windows."""

    def find(self, mine: str, alarm_id: str) -> Alarm | None:
        """An open alarm of a mine."""

    async def acknowledge(self, key: AlarmKey, who: str, note: str) -> Json:
        """Seen."""

    async def shelve(self, key: AlarmKey, who: str, why: str, minutes: float) -> Json:
        """Put aside."""

    async def unshelve(self, key: AlarmKey, who: str) -> Json:
        """Back before its time."""

    async def take_out(self, key: AlarmKey, who: str, why: str) -> Json:
        """Out of service."""

    async def put_back_in(self, key: AlarmKey, who: str) -> Json:
        """In service again."""

    async def declare(self, window: Window) -> None:
        """A maintenance window."""

    async def history(self, mine: str, from_ms: int, to_ms: int) -> list[dict[str, object]]:
        """Transitions, the newest first."""

    async def messages(self, mine: str) -> list[dict[str, object]]:
        """What was sent to whom, the newest first."""


def filled(text: str) -> str:
    """Without blanks around it, and not empty."""
    if not (text := text.strip()):
        raise ValueError("不能为空 / must be filled")
    return text


def zoned(at: datetime) -> datetime:
    """With an offset, so that it means one instant."""
    if at.tzinfo is None:
        raise ValueError("须带时区，如 2022-10-31T08:00:00+08:00 / needs an offset")
    return at


async def on_disk(work: Awaitable[Answer]) -> Answer:
    """The answer; 503 where the journal's disk refuses."""
    try:
        return await work
    except JournalUnavailable as error:
        said = "已生效，但尚未写入磁盘，稍后自动重试 / done, but not on disk yet; it is tried again"
        raise HTTPException(503, f"{said}: {error}") from error


def millis(at: datetime) -> int:
    """An instant in milliseconds since 1970."""
    return round(at.timestamp() * 1000)


Why = Annotated[str, Field(max_length=500), AfterValidator(filled)]
Instant = Annotated[datetime, AfterValidator(zoned)]


class Body(BaseModel):
    """What people send: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid")


class Acknowledge(Body):
    """What there is to say of it."""

    note: Annotated[str, Field(max_length=500)] = ""


class Shelve(Body):
    """Why it is put aside, and for how long."""

    why: Why
    minutes: Annotated[float, Field(gt=0, le=10_080)]


class Because(Body):
    """Why it is done."""

    why: Why


class Maintenance(Because):
    """A maintenance window; an empty area is the whole mine."""

    area: str = ""
    from_: Annotated[Instant, Field(alias="from")]
    to: Instant

    @model_validator(mode="after")
    def sound(self) -> Self:
        """It ends after it begins, and not never."""
        if not timedelta(0) < self.to - self.from_ <= timedelta(days=WINDOW_DAYS_MAX):
            raise ValueError(
                f"to 须晚于 from，且不超过 {WINDOW_DAYS_MAX} 天 / to must be after from, {WINDOW_DAYS_MAX} days at most"
            )
        return self


def router(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/mines/{mine}/alarms", tags=["alarms"])
    add_answers(routes, desk)
    add_acts(routes, desk)
    return routes


def add_answers(routes: APIRouter, desk: Desk) -> None:
    """What is and what was."""

    @routes.get("")
    async def listed(mine: str) -> Json:
        """Open alarms, the most urgent first; points that cannot be judged now and why; maintenance windows.

        `shelf_max_min` is for how many minutes one may be put aside at most.
        """
        return {**desk.listed(known(desk, mine)), "shelf_max_min": desk.shelf_max_min()}

    @routes.get("/history")
    async def history(
        mine: str, from_: Annotated[Instant | None, Query(alias="from")] = None, to: Instant | None = None
    ) -> list[dict[str, Any]]:
        """Every transition from `from` to `to` (the last day without them), the newest first, 10,000 at most."""
        to_ms = desk.now_ms() + 1 if to is None else millis(to)
        from_ms = to_ms - DAY_MS if from_ is None else millis(from_)
        return await on_disk(desk.history(known(desk, mine), from_ms, to_ms))

    @routes.get("/messages")
    async def messages(mine: str) -> list[dict[str, Any]]:
        """What was sent to whom, when, and what came of it; the newest first."""
        return await on_disk(desk.messages(known(desk, mine)))


def add_acts(routes: APIRouter, desk: Desk) -> None:
    """What people do."""

    @routes.post("/maintenance", status_code=201)
    async def maintenance(mine: str, body: Maintenance, person: Acting) -> Json:
        """Declare a maintenance window: it suppresses the alarms whose rules allow that."""
        if body.area not in ("", *desk.areas(known(desk, mine))):
            raise HTTPException(422, f"煤矿 {mine} 没有区域 {body.area} / it has no area {body.area}")
        window = Window(mine, body.area, millis(body.from_), millis(body.to), person.signature, body.why)
        await on_disk(desk.declare(window))
        return window_view(window)

    @routes.post("/{alarm}/ack")
    async def acknowledge(alarm: str, mine: str, body: Acknowledge, person: Acting) -> Json:
        """Acknowledge; a flood alarm with all that it stands for. Once is enough: again changes nothing."""
        return await on_disk(desk.acknowledge(found(desk, mine, alarm), person.signature, body.note))

    @routes.post("/{alarm}/shelve")
    async def shelve(alarm: str, mine: str, body: Shelve, person: Acting) -> Json:
        """Put aside for some minutes, `alarms.shelf_max_min` at most."""
        if body.minutes > (longest := desk.shelf_max_min()):
            raise HTTPException(422, f"最多搁置 {longest} 分 / {longest} minutes at most")
        return await on_disk(desk.shelve(found(desk, mine, alarm), person.signature, body.why, body.minutes))

    @routes.post("/{alarm}/unshelve")
    async def unshelve(alarm: str, mine: str, person: Acting) -> Json:
        """Back before its time."""
        return await on_disk(desk.unshelve(found(desk, mine, alarm), person.signature))

    @routes.post("/{alarm}/out-of-service")
    async def out_of_service(alarm: str, mine: str, body: Because, person: Acting) -> Json:
        """Out of service until somebody puts it back: a sensor that is being replaced."""
        return await on_disk(desk.take_out(found(desk, mine, alarm), person.signature, body.why))

    @routes.post("/{alarm}/in-service")
    async def in_service(alarm: str, mine: str, person: Acting) -> Json:
        """In service again."""
        return await on_disk(desk.put_back_in(found(desk, mine, alarm), person.signature))


def known(desk: Desk, mine: str) -> str:
    """A mine's code; 404 for one that does not exist."""
    if mine not in desk.mines():
        raise HTTPException(404, f"没有编码为 {mine} 的煤矿 / no mine has the code {mine}")
    return mine


def found(desk: Desk, mine: str, alarm_id: str) -> AlarmKey:
    """An open alarm; 404 for one that does not exist or is over."""
    alarm = desk.find(known(desk, mine), alarm_id)
    if alarm is None:
        raise HTTPException(404, f"报警 {alarm_id} 不存在或已结束 / no open alarm is called {alarm_id}")
    return alarm.key
