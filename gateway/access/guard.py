"""Before every route: who is it, may they, is it within their scope. Pages, API and live stream alike.

What the application serves is in `policy.RULES`; a path that is not there is refused whoever asks. An open stream is
looked at again every few seconds and ended when it would not be let through any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from html import escape
from typing import Final, NamedTuple, Protocol
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.errors import Transient
from gateway.access.person import Person
from gateway.access.policy import Need, Rule, Where, may, rule_of
from gateway.access.reach import Reach
from gateway.registry.excel import FILE_BYTES_MAX

RECHECK_S: Final = 2.0
"""An open stream outlives its session by so long at most."""
BODY_BYTES_MAX: Final = FILE_BYTES_MAX
"""The longest that anybody has to send is a workbook for the registry; most routes take much less."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Access(Protocol):
    """Who knows the people."""

    async def person(self, cookies: Mapping[str, str]) -> Person | None:
        """Who sends these cookies; `None`: nobody."""

    async def reach(self, person: Person) -> Reach:
        """What lies within their scope now; raises `Transient` where the registry cannot be read."""

    def is_scraper(self, bearer: str) -> bool:
        """Is this the token of who collects the metrics?"""

    def counters(self) -> Mapping[str, float]:
        """For the metrics."""


class Visit(NamedTuple):
    """A person, and how far they reach."""

    person: Person
    reach: Reach


class Refused(Exception):
    """The answer to who may not."""

    def __init__(self, response: Response) -> None:
        self.response = response


class Guard:
    """The one gate."""

    def __init__(self, app: ASGIApp, *, access: Access, recheck_s: float = RECHECK_S) -> None:
        self.app = app
        self.access = access
        self.recheck_s = recheck_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            rule, visit = await self.admitted(scope)
        except Refused as refused:
            await shown(refused.response, scope)(scope, receive, send)
            return
        except Transient as error:
            await JSONResponse({"detail": str(error)}, 503)(scope, receive, send)
            return
        receive = up_to(BODY_BYTES_MAX, receive)
        if visit is not None:
            scope.setdefault("state", {})["visit"] = visit
            send = not_kept(send)
        if rule.is_stream and visit is not None:
            await self.stream(scope, receive, send, visit)
        else:
            await self.app(scope, receive, send)

    async def admitted(self, scope: Scope) -> tuple[Rule, Visit | None]:
        """The rule that lets it through, and who it is; raises `Refused` and `Transient`."""
        headers = Headers(scope=scope)
        if scope["method"] not in SAFE_METHODS and is_foreign(headers):
            raise Refused(told(403, "请求来自其他网站 / the request comes from another site"))
        found, query = rule_of(scope["method"], scope["path"]), query_of(scope)
        if found is not None:
            rule, named = found
            bearer = headers.get("authorization", "").removeprefix("Bearer ")
            if rule.need is Need.OPEN or (rule.need is Need.METRICS and self.access.is_scraper(bearer)):
                return rule, None
            if rule.takes_token and "token" in query:
                return rule, None
        person = await self.access.person(HTTPConnection(scope).cookies)
        if person is None:
            raise Refused(sign_in(scope) if found and found[0].is_page else told(401, "请登录 / sign in"))
        if found is None:
            raise Refused(told(404, "没有这个地址 / no such address"))
        if not may(person.role, rule.need):
            raise Refused(told(403, "没有此项权限 / you may not do that"))
        reach = await self.access.reach(person)
        if refusal := beyond(rule, reach, named, query):
            raise Refused(refusal)
        return rule, Visit(person, reach)

    async def stream(self, scope: Scope, receive: Receive, send: Send, visit: Visit) -> None:
        """Serve it until it ends by itself or the visit is over; then end the answer in good order."""
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        serving = asyncio.ensure_future(self.app(scope, receive, sending))
        try:
            while not serving.done():
                await asyncio.wait({serving}, timeout=self.recheck_s)
                if not serving.done() and not await self.lasts(scope, visit):
                    break
            else:
                await serving
                return
        finally:
            serving.cancel()
        await asyncio.wait({serving})
        if has_begun:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await told(401, "请登录 / sign in")(scope, receive, send)

    async def lasts(self, scope: Scope, visit: Visit) -> bool:
        """Would it be let through again, as the same person? While that cannot be read, nothing changes."""
        try:
            _, again = await self.admitted(scope)
        except Refused:
            return False
        except Transient:
            return True
        return again is not None and again.person == visit.person


def beyond(
    rule: Rule, reach: Reach, named: Mapping[str, str], query: Mapping[str, list[str]]
) -> Response | None:
    """The refusal of what lies beyond a reach; `None`: it does not."""
    match rule.where:
        case Where.PROVINCE if not reach.is_province:
            return told(403, "只对全省范围开放 / this is for people of the whole province")
        case Where.MINE:
            for mine in values_of("mine", named, query):
                if not reach.has_code(mine):
                    return told(404, f"没有编码为 {mine} 的煤矿 / no mine has the code {mine}")
        case _:
            pass
    return None


def values_of(word: str, named: Mapping[str, str], query: Mapping[str, list[str]]) -> Iterable[str]:
    """Every value that path and query give a name, however often."""
    return [*([named[word]] if word in named else []), *query.get(word, [])]


def query_of(scope: Scope) -> dict[str, list[str]]:
    """The query's parameters."""
    return parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def is_foreign(headers: Headers) -> bool:
    """Was it another site's page that sent this? Programs send neither header, browsers send one of them."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site != "same-origin"
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def sign_in(scope: Scope) -> Response:
    """To the sign-in page, and from there to where they wanted to go."""
    asked = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{asked}" if asked else "")
    return RedirectResponse(f"/sign-in?next={quote(wanted, safe='')}", status_code=303, headers=NO_STORE)


NO_STORE: Final = {"Cache-Control": "no-store"}


def up_to(bytes_max: int, receive: Receive) -> Receive:
    """A body as it comes; 413 for what is longer, before it is read."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > bytes_max:
            raise HTTPException(413, f"超过 {bytes_max} 字节 / more than {bytes_max} bytes")
        return message

    return receiving


def not_kept(send: Send) -> Send:
    """An answer to a person is for them: unless it says how, no browser keeps it for who sits there next."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", NO_STORE["Cache-Control"])
        await send(message)

    return sending


def told(code: int, detail: str) -> Response:
    """A refusal as the API gives its errors."""
    return Told(detail, code)


class Told(JSONResponse):
    """A refusal in words."""

    def __init__(self, detail: str, code: int) -> None:
        super().__init__({"detail": detail}, code, headers=NO_STORE)
        self.detail = detail


def shown(refusal: Response, scope: Scope) -> Response:
    """The refusal as a page, with a way back, where a browser wanted to open one."""
    if not isinstance(refusal, Told) or "text/html" not in Headers(scope=scope).get("accept", ""):
        return refusal
    return HTMLResponse(PAGE.format(detail=escape(refusal.detail)), refusal.status_code, headers=NO_STORE)


PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <title>九人以下 ninebelow</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="icon" href="/assets/common/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/assets/common/desk.css">
</head>
<body>
  <main class="refused"><p>{detail}</p><p><a href="/">返回首页 / back to the start</a></p></main>
</body>
</html>
"""
