"""Bulletins to download, and the evidence behind acceptances: as of a day (definitions.md §3, Evidence)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, Protocol
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Response

from gateway.access.reach import Reach
from gateway.api.acting import Within
from gateway.api.center import Center
from gateway.api.exchange import Day, answered
from gateway.reports.bulletin import Bulletin
from gateway.reports.inputs import Span

Json = Mapping[str, object]
Form = Literal["json", "docx", "xlsx", "pdf"]

MEDIA: Final[Mapping[Form, str]] = {
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class Desk(Protocol):
    """Who makes them."""

    async def file(self, span: Span, as_of: date, form: Form) -> tuple[Bulletin, bytes]:
        """A bulletin and its file."""

    async def leagues(self, span: Span, as_of: date) -> Json:
        """Units and mines, ranked."""

    async def agreement(self, as_of: date) -> Json:
        """Where config and registry differ."""

    async def evidence(self, as_of: date, reach: Reach) -> Json:
        """Every face of a reach, and the two lists."""

    async def face(self, mine_code: str, face: str, as_of: date) -> Json | None:
        """One face down to its shifts."""


def router(center: Center, desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["reports"])

    @routes.get(
        "/plan/bulletin",
        response_class=Response,
        responses={200: {"content": {media: {} for media in MEDIA.values()}}},
    )
    async def bulletin(
        period: Span = Span.MONTH,
        as_of: Day | None = None,
        format: Form = "json",  # noqa: A002  (the parameter's name)
    ) -> Response:
        """The bulletin on the month, quarter or year that the day lies in. Its id is the entity tag."""
        day = as_of or center.today()
        with answered():
            made, file = await desk.file(period, day, format)
        headers = {"ETag": f'"{made.id}-{format}"'}
        if format != "json":
            mark = "演示数据-" if made.demo else ""
            name = quote(f"{mark}煤矿智能化建设通报-{made.period.title}-{day}.{format}")
            plain = f"bulletin-{day}.{format}"
            headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"
        return Response(file, media_type=MEDIA[format], headers=headers)

    @routes.get("/plan/leagues")
    async def leagues(period: Span = Span.MONTH, as_of: Day | None = None) -> Json:
        """Units and mines ranked by staffing and by chambers, as the bulletin of the period has them."""
        with answered():
            return await desk.leagues(period, as_of or center.today())

    @routes.get("/registry/check/config")
    async def agreement(as_of: Day | None = None) -> Json:
        """Where the centre's config and the registry tell different things of a mine's faces, chambers, calendars."""
        with answered():
            return await desk.agreement(as_of or center.today())

    @routes.get("/evidence")
    async def evidence(reach: Within, as_of: Day | None = None) -> Json:
        """Faces with what their last shifts show, accepted ones in doubt, and performing ones not yet accepted."""
        with answered():
            return await desk.evidence(as_of or center.today(), reach)

    @routes.get("/evidence/{mine}/{face}")
    async def face(mine: str, face: str, as_of: Day | None = None) -> Json:
        """A watched face down to its shifts: each with its record, the reason, and where its headcounts are."""
        with answered():
            found = await desk.face(mine, face, as_of or center.today())
        if found is None:
            raise HTTPException(404, f"mine {mine} has no watched face {face}")
        return found

    return routes
