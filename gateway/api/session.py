"""Signing in and out, who is here, and a wall's token turned into its cookie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from gateway.access.desk import KIOSK_COOKIE, SESSION_COOKIE, AccessDesk, TooOften, WrongPassword
from gateway.access.guard import NO_STORE, Access
from gateway.access.passwords import LENGTH_MAX
from gateway.access.person import Person
from gateway.access.policy import MAY
from gateway.api.acting import Acting
from gateway.api.exchange import JSON, answered, body_of, model_of

Json = Mapping[str, object]
BODY_BYTES_MAX: Final = 4096
KIOSK_COOKIE_S: Final = 400 * 24 * 3600
"""As long as browsers keep a cookie."""

Password = Annotated[SecretStr, Field(max_length=LENGTH_MAX)]


class Credentials(BaseModel):
    """A name and its password."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=LENGTH_MAX)]
    password: Password


class NewPassword(BaseModel):
    """The password so far, and the one from now on."""

    model_config = ConfigDict(extra="forbid")

    old: Password
    new: Password


def router(access: Access) -> APIRouter:
    """The routes; signing in only where there are users."""
    routes = APIRouter(prefix="/session", tags=["session"])

    @routes.get("")
    async def here(request: Request, response: Response) -> Json:
        """Who is signed in and what they may do; 401 for nobody."""
        response.headers.update(NO_STORE)
        with answered():
            person = await access.person(request.cookies)
        if person is None:
            raise HTTPException(401, "请登录 / sign in", NO_STORE)
        return session_view(person)

    if isinstance(access, AccessDesk):
        add_signing(routes, access)
    return routes


def add_signing(routes: APIRouter, desk: AccessDesk) -> None:
    """In, out, another password."""

    @routes.post("", openapi_extra=body_of(JSON, model=Credentials))
    async def sign_in(request: Request, response: Response) -> Json:
        """Sign in: the session's cookie comes with the answer. 401 where name and password do not go together."""
        body = await model_of(request, Credentials, BODY_BYTES_MAX)
        try:
            with answered():
                person, secret = await desk.sign_in(
                    body.name, body.password.get_secret_value(), address_of(request)
                )
        except HTTPException as error:
            raise refused(error) from error
        set_cookie(response, request, SESSION_COOKIE, secret)
        response.headers.update(NO_STORE)
        return session_view(person)

    @routes.delete("", status_code=204)
    async def sign_out(request: Request, response: Response) -> None:
        """Sign out; again changes nothing."""
        with answered():
            await desk.sign_out(request.cookies, address_of(request))
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")

    @routes.post("/password", status_code=204, openapi_extra=body_of(JSON, model=NewPassword))
    async def password(request: Request, person: Acting) -> None:
        """Change one's own password; every session of one's own ends, this one too."""
        body = await model_of(request, NewPassword, BODY_BYTES_MAX)
        old, new = body.old.get_secret_value(), body.new.get_secret_value()
        try:
            with answered():
                await desk.change_password(person, old, new, address_of(request))
        except HTTPException as error:
            raise refused(error) from error


def refused(error: HTTPException) -> HTTPException:
    """A refusal to sign in, as HTTP has it."""
    match error.__cause__:
        case TooOften(wait_s=wait_s):
            return HTTPException(429, error.detail, {"Retry-After": str(wait_s)})
        case WrongPassword():
            return HTTPException(401, error.detail)
        case _:
            return error


def set_cookie(
    response: Response, request: Request, name: str, secret: str, max_age: int | None = None
) -> None:
    """A cookie that scripts cannot read and other sites cannot send; over https it goes over https only."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, secret, max_age=max_age, httponly=True, samesite="strict", secure=secure)


async def wall_cookie(desk: AccessDesk, token: str, request: Request, response: Response) -> bool:
    """Exchange a wall's token, once; tells whether it opened anything."""
    secret = await desk.open_kiosk(token, address_of(request))
    if secret is None:
        return False
    set_cookie(response, request, KIOSK_COOKIE, secret, KIOSK_COOKIE_S)
    return True


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


def session_view(person: Person) -> Json:
    """A person as pages see one."""
    return {
        "person": {
            "name": person.name,
            "title": person.title,
            "role": person.role,
            "scope": {"kind": person.scope.kind, "of": person.scope.of},
        },
        "may": sorted(MAY[person.role]),
        "sign_in": not person.is_demo,
    }
