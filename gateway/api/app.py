"""The HTTP application: routes, the token beyond loopback, security headers, the console's files."""

from __future__ import annotations

import hmac
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api import alarms as alarm_routes
from gateway.api import health, history, live, mines
from gateway.api import plan as plan_routes
from gateway.api import registry as registry_routes
from gateway.api import reports as report_routes
from gateway.api.center import Center
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
COOKIE: Final = "ninebelow_token"
OPEN_PATHS: Final = frozenset({"/healthz"})


def create(
    center: Center,
    assets: Path | None,
    *,
    token: str | None,
    alarms: alarm_routes.Desk | None = None,
    plan: PlanDesk | None = None,
    reports: report_routes.Desk | None = None,
) -> FastAPI:
    """The application over a running centre; `assets` is the folder of the console's files."""
    app = FastAPI(
        title="ninebelow",
        version="1",
        summary="Staffing, chambers and plan of coal mines, live.",
        docs_url=None,  # its page would load scripts from the internet; /openapi.json is enough
        redoc_url=None,
    )
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
    app.include_router(health.router(center))
    if assets is not None:
        serve_console(app, assets)
    app.add_middleware(Guard, token=token)
    return app


def serve_console(app: FastAPI, assets: Path) -> None:
    """The page at `/`, its files under `/assets`."""
    app.mount("/assets", Assets(directory=assets), name="assets")

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(assets / "wall" / "index.html", headers={"Cache-Control": "no-cache"})


class Assets(StaticFiles):
    """Files that a browser asks about each time: after an upgrade it never mixes old modules with new ones."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401  (passed on as they come)
        """The file, or 304 where the browser has it."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


class Guard:
    """Beyond loopback every path but the health check asks for the token; every answer carries the headers.

    The token comes as `Authorization: Bearer …`, or once as `/?token=…`, which turns it into a cookie.
    """

    def __init__(self, app: ASGIApp, *, token: str | None) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 401."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        if self.token is None or scope["path"] in OPEN_PATHS or self.is_known(Headers(scope=scope)):
            await self.app(scope, receive, with_headers)
        elif scope["path"] == "/" and self.matches((asked := query(scope)).pop("token", "")):
            response = RedirectResponse(f"/?{urlencode(asked)}" if asked else "/", status_code=303)
            secure = scope["scheme"] == "https"
            response.set_cookie(COOKIE, self.token, httponly=True, samesite="strict", secure=secure)
            await response(scope, receive, with_headers)
        else:
            text = "请登录 / sign in: Authorization: Bearer <token>, or open /?token=<token>\n"
            await PlainTextResponse(text, status_code=401)(scope, receive, with_headers)

    def is_known(self, headers: Headers) -> bool:
        """Does the request carry the token?"""
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        return self.matches(bearer) or (cookie is not None and self.matches(cookie.value))

    def matches(self, text: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(text.encode(), (self.token or "").encode())


def query(scope: Scope) -> dict[str, str]:
    """The query parameters."""
    return dict(parse_qsl(scope["query_string"].decode("latin-1")))
