"""Mines and what a wall shows of one."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel

from gateway.api.center import Center


class MineName(BaseModel):
    """A mine's code and name."""

    code: str
    name: str


def router(center: Center) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["mines"])

    @routes.get("/mines")
    async def mines() -> list[MineName]:
        """Every mine."""
        return [MineName.model_validate(mine) for mine in center.mines()]

    @routes.get(
        "/mines/{mine}", response_class=Response, responses={200: {"content": {"application/json": {}}}}
    )
    async def overview(mine: str) -> Response:
        """Faces, chambers and links of a mine as a wall shows them."""
        if center.hub(mine) is None:
            raise HTTPException(404, f"no mine has the code {mine}")
        return Response(center.overview(mine), media_type="application/json")

    return routes
