"""The live stream: the overview first, then what changed, at most twice a second."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, HTTPException
from fastapi.sse import EventSourceResponse, ServerSentEvent

from gateway.api.center import Center
from gateway.live.stream import Hub


def router(center: Center) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["live"])

    def hub_of(mine: str) -> Hub:
        hub = center.hub(mine)
        if hub is None:
            raise HTTPException(404, f"no mine has the code {mine}")
        return hub

    @routes.get("/live", response_class=EventSourceResponse)
    async def live(mine: str, hub: Hub = Depends(hub_of)) -> AsyncIterator[ServerSentEvent]:  # noqa: B008, FAST002  (a local function cannot stand in a postponed annotation)
        """Server-sent events `overview` and `tick` of one mine."""
        with hub.screen() as screen:
            if screen is None:
                return
            async for event in hub.events(screen, lambda: center.overview(mine)):
                yield ServerSentEvent(event=event.name, id=str(event.number), raw_data=event.data)

    return routes
