"""Is the centre alive, and its counters."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Response

from gateway.api.center import Center


def router(center: Center) -> APIRouter:
    """The routes, outside /api so that probes and scrapers find them where they look."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz")
    async def healthz(response: Response) -> Mapping[str, object]:
        """200 while broker and historian answer, else 503 with what is missing."""
        health = center.health()
        response.status_code = 200 if health["ok"] else 503
        return health

    @routes.get("/metrics")
    async def metrics() -> Response:
        """Prometheus text format."""
        return Response(center.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes
