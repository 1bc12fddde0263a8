"""The HTTP application: routes, the guard before them, security headers, the console."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.access.desk import AccessDesk
from gateway.access.guard import Access, Guard
from gateway.api import alarms as alarm_routes
from gateway.api import console, gateways, health, history, live, mines, records, session, trends, users
from gateway.api import plan as plan_routes
from gateway.api import registry as registry_routes
from gateway.api import reports as report_routes
from gateway.api.center import Center
from gateway.pages.desk import PageDesk
from gateway.registry.desk import PlanDesk

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""All that the console needs: its own scripts, styles, pictures and API; no inline code, no frames."""
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create(
    center: Center,
    assets: Path | None,
    *,
    access: Access,
    alarms: alarm_routes.Desk | None = None,
    pages: PageDesk | None = None,
    plan: PlanDesk | None = None,
    reports: report_routes.Desk | None = None,
) -> FastAPI:
    """The application over a running centre; `access` knows the people, `assets` has the console's files."""
    app = FastAPI(
        title="ninebelow",
        version="1",
        summary="Staffing, chambers and plan of coal mines, live.",
        docs_url=None,  # its page would load scripts from the internet; /openapi.json is enough
        redoc_url=None,
    )
    app.include_router(session.router(access), prefix="/api/v1")
    if isinstance(access, AccessDesk):
        app.include_router(users.router(access), prefix="/api/v1")
    app.include_router(mines.router(center), prefix="/api/v1")
    app.include_router(live.router(center), prefix="/api/v1")
    if plan is not None:
        app.include_router(plan_routes.router(center, plan), prefix="/api/v1")
        if plan.registry is not None:
            app.include_router(registry_routes.router(plan.registry), prefix="/api/v1")
            app.include_router(history.router(plan.registry), prefix="/api/v1")
    if reports is not None:
        app.include_router(report_routes.router(center, reports), prefix="/api/v1")
    if alarms is not None:
        app.include_router(alarm_routes.router(alarms), prefix="/api/v1")
    if pages is not None:
        for routes in (records, trends, gateways):
            app.include_router(routes.router(pages), prefix="/api/v1")
    app.include_router(health.router(center))
    if assets is not None:
        console.serve(app, assets, access)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)  # leaves event streams alone
    app.add_middleware(Guard, access=access)
    app.add_middleware(SecurityHeaders)
    return app


class SecurityHeaders:
    """Puts the headers on every answer, refusals too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As it comes, with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self.app(scope, receive, with_headers)
