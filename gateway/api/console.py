"""The console's pages and files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.access.desk import AccessDesk
from gateway.access.guard import NO_STORE, Access
from gateway.access.person import Kind, Person, Role
from gateway.api.acting import Acting
from gateway.api.assets import ASK, Assets
from gateway.api.exchange import answered
from gateway.api.session import wall_cookie

PAGES: Final = {"/mine": "mine", "/province": "province", "/sign-in": "sign_in"}
"""The address of each page, and its folder among the assets; the wall's has more to do."""
LINK_SPENT: Final = (
    "大屏链接已用过或失效，请重新建立 / this wall's link was used or is void: make another one\n"
)


def serve(app: FastAPI, assets: Path, access: Access) -> None:
    """The pages, their files under `/assets`, and from `/` to where a person belongs."""
    files = Assets(assets)

    @app.get("/assets/{path:path}", include_in_schema=False)
    async def asset(request: Request, path: str) -> Response:
        return files.answer(request, path)

    @app.get("/", include_in_schema=False)
    async def home(request: Request, person: Acting) -> Response:
        return RedirectResponse(with_query(home_of(person), request), status_code=303)

    wall_page = page_of(files, "wall")

    @app.get("/wall", include_in_schema=False)
    async def wall(request: Request, token: str | None = None) -> Response:
        """The page; with a token, the cookie for it, and the page's own address."""
        if token is None:
            return await wall_page(request)
        response = RedirectResponse(with_query("/wall", request), status_code=303)
        if isinstance(access, AccessDesk):
            with answered():
                if not await wall_cookie(access, token, request, response):
                    return PlainTextResponse(LINK_SPENT, status_code=403, headers=NO_STORE)
        return response

    for address, folder in PAGES.items():
        app.add_api_route(address, page_of(files, folder), methods=["GET"], include_in_schema=False)


def page_of(files: Assets, folder: str) -> Callable[[Request], Awaitable[Response]]:
    """Serves a page; a browser asks each time whether it is still the same."""
    asset = files.page(folder)

    async def page(request: Request) -> Response:
        return asset.answer(request, ASK)

    return page


def with_query(path: str, request: Request) -> str:
    """A path with the request's query, but never a token."""
    query = urlencode(
        [(word, value) for word, value in request.query_params.multi_items() if word != "token"]
    )
    return f"{path}?{query}" if query else path


def home_of(person: Person) -> str:
    """Where a person begins: whoever looks after many mines at the province's page, all others at the wall."""
    if person.role in {Role.AUTHORITY, Role.ENTERPRISE} or (
        person.role is Role.ADMIN and person.scope.kind is Kind.PROVINCE and not person.is_demo
    ):
        return "/province"
    return "/wall"
