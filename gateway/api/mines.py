"""Mines and what a wall shows of one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, Field

from gateway.api.acting import Within
from gateway.api.center import Center


class MineName(BaseModel):
    """A mine's code and name."""

    code: str
    name: str


class Gap(BaseModel):
    """An entry of the gap ledger; `gateway` and `area` are empty where it concerns all of them."""

    gateway: str
    area: str
    cause: Literal["device", "field_bus", "gateway", "link", "broker", "store"]
    from_: Annotated[str | None, Field(alias="from")]
    to: str | None
    outcome: Literal["open", "filling", "filled", "lost"]
    points: int
    readings: int
    first_batch: int | None
    last_batch: int | None


def router(center: Center) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["mines"])

    @routes.get("/mines")
    async def mines(reach: Within) -> list[MineName]:
        """The mines within one's scope."""
        return [MineName.model_validate(mine) for mine in center.mines() if reach.has_code(str(mine["code"]))]

    @routes.get(
        "/mines/{mine}", response_class=Response, responses={200: {"content": {"application/json": {}}}}
    )
    async def overview(mine: str) -> Response:
        """Faces, chambers and links of a mine as a wall shows them."""
        if center.hub(mine) is None:
            raise HTTPException(404, f"no mine has the code {mine}")
        return Response(center.overview(mine), media_type="application/json")

    @routes.get("/mines/{mine}/gaps")
    async def gaps(mine: str) -> list[Gap]:
        """The gap ledger: which time is missing, why, and whether it came after all; the newest first."""
        if center.hub(mine) is None:
            raise HTTPException(404, f"no mine has the code {mine}")
        return [Gap.model_validate(gap) for gap in center.gaps_of(mine)]

    return routes
