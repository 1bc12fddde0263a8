"""Users, walls and the log of sign-ins, for who looks after them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from contract.errors import Fault, Misconfigured
from gateway.access.access_file import Kiosk, User, VisitEntry
from gateway.access.desk import AccessDesk
from gateway.access.guard import NO_STORE
from gateway.access.person import Kind, Person, Role, Scope
from gateway.api.acting import Acting, Within
from gateway.api.exchange import JSON, answered, body_of, model_of
from gateway.api.session import BODY_BYTES_MAX, Password
from gateway.live.views import time_of

Json = Mapping[str, object]
ENTRIES_MAX: Final = 1000


class Body(BaseModel):
    """What is sent: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid")


class ScopeBody(Body):
    """How far somebody sees."""

    kind: Kind
    of: str | None = None


class NewUser(Body):
    """A user to be added."""

    name: str
    title: str = ""
    role: Role
    scope: ScopeBody
    password: Password


class GivenPassword(Body):
    """A user's password from now on."""

    password: Password


class NewKiosk(Body):
    """A wall to be set up."""

    title: str = ""


def router(desk: AccessDesk) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["users"])
    add_users(routes, desk)
    add_kiosks(routes, desk)
    return routes


def add_users(routes: APIRouter, desk: AccessDesk) -> None:
    """People."""

    @routes.get("/users")
    async def users() -> list[Json]:
        """Every user, closed ones too."""
        with answered():
            return [user_view(user) for user in await desk.users()]

    @routes.post("/users", status_code=204, openapi_extra=body_of(JSON, model=NewUser))
    async def add(request: Request, person: Acting) -> None:
        """Add a user."""
        body = await model_of(request, NewUser, BODY_BYTES_MAX)
        with answered():
            new = Person(body.name, body.title, body.role, scope_of(body.scope))
            await desk.add(new, body.password.get_secret_value(), person.name)

    @routes.post("/users/{name}/password", status_code=204, openapi_extra=body_of(JSON, model=GivenPassword))
    async def password(name: str, request: Request, person: Acting) -> None:
        """Give a user another password; their sessions end."""
        body = await model_of(request, GivenPassword, BODY_BYTES_MAX)
        with answered():
            await desk.set_password(name, body.password.get_secret_value(), person.name)

    @routes.post("/users/{name}/close", status_code=204)
    async def close(name: str, person: Acting) -> None:
        """Close a user; their sessions end."""
        with answered():
            await desk.close_user(name, person.name)

    @routes.get("/sign-ins")
    async def sign_ins(limit: Annotated[int, Query(ge=1, le=ENTRIES_MAX)] = 100) -> list[Json]:
        """Who came and who was refused, the newest first."""
        with answered():
            return [visit_view(entry) for entry in await desk.visits(limit)]


def add_kiosks(routes: APIRouter, desk: AccessDesk) -> None:
    """Walls."""

    @routes.get("/kiosks")
    async def kiosks(reach: Within) -> list[Json]:
        """The walls of the mines within one's scope, closed ones too."""
        with answered():
            return [kiosk_view(kiosk) for kiosk in await desk.kiosks() if reach.has_code(kiosk.mine)]

    @routes.post("/mines/{mine}/kiosks", status_code=201)
    async def make(mine: str, body: NewKiosk, response: Response, person: Acting) -> Json:
        """Set up a wall of this mine: opens `path` once, within `access.kiosk_token_h`. It is shown only now."""
        response.headers.update(NO_STORE)
        with answered():
            kiosk, token = await desk.make_kiosk(mine, body.title, person.name)
        return {**kiosk_view(kiosk), "path": wall_path(token)}

    @routes.post("/mines/{mine}/kiosks/{kiosk}/close", status_code=204)
    async def close(mine: str, kiosk: str, person: Acting) -> None:
        """Close a wall."""
        with answered():
            if not any(each.name == kiosk and each.mine == mine for each in await desk.kiosks()):
                raise HTTPException(404, f"没有大屏令牌 {kiosk} / there is no kiosk {kiosk}")
            await desk.close_kiosk(kiosk, person.name)


def scope_of(body: ScopeBody) -> Scope:
    """A scope as it was sent; raises `Misconfigured`."""
    of = (body.of or "").strip() or None
    if (of is None) != (body.kind is Kind.PROVINCE):
        raise Misconfigured(
            [Fault("scope", None, "企业和煤矿须写明 of，全省不写 / of goes with enterprise and mine")]
        )
    return Scope(body.kind, of)


def wall_path(token: str) -> str:
    """Where a wall opens its token."""
    return f"/wall?token={token}"


def user_view(user: User) -> Json:
    """A user without the password."""
    person = user.person
    return {
        "name": person.name,
        "title": person.title,
        "role": person.role,
        "scope": {"kind": person.scope.kind, "of": person.scope.of},
        "made": time_of(user.made_ms),
        "closed": time_of(user.closed_ms),
    }


def kiosk_view(kiosk: Kiosk) -> Json:
    """A wall without its token."""
    return {
        "name": kiosk.name,
        "mine": kiosk.mine,
        "title": kiosk.title,
        "made_by": kiosk.made_by,
        "made": time_of(kiosk.made_ms),
        "opened": time_of(kiosk.opened_ms),
        "closed": time_of(kiosk.closed_ms),
    }


def visit_view(entry: VisitEntry) -> Json:
    """An entry of the log."""
    return {"at": time_of(entry.at_ms), "what": entry.what, "name": entry.name, "from": entry.address}
