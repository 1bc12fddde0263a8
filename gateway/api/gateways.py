"""The gateways of a mine: devices, quality, clock, and what is still missing of what they read."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter

from gateway.api.trends import known_mine
from gateway.live.views import time_of
from gateway.pages.desk import PageDesk


def router(desk: PageDesk) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/mines/{mine}", tags=["gateways"])

    @routes.get("/gateways")
    async def gateways(mine: str) -> Mapping[str, object]:
        """Every gateway that was heard since the centre started."""
        return {"now": time_of(desk.now_ms()), "gateways": desk.gateways(known_mine(desk, mine))}

    return routes
