"""Every route tried by everybody: who is let through, and that nothing of another enterprise ever comes out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from itertools import product
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from starlette.routing import BaseRoute

from dashboards.web import ASSETS
from gateway.access.policy import RULES, rule_of
from tests.access_scene import NOBODYS, OTHER, OURS, OWN, PERSONS, SECRET, WITHIN, Scene, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL: Final = "operator engineer manager enterprise group_operator part_authority duty authority admin"
PROVINCIAL: Final = "duty authority admin"
WALL: Final = f"{ALL} kiosk"
OPEN: Final = f"{ALL} kiosk nobody"
ACKNOWLEDGE: Final = "operator engineer group_operator duty admin"
MAINTAIN: Final = "engineer admin"
EDIT: Final = "manager enterprise part_authority authority admin"
MINE: Final = f"/api/v1/mines/{OWN}"
R: Final = "/api/v1/registry"
P: Final = "/api/v1/plan"

CASES: Final[dict[tuple[str, str], tuple[str, str]]] = {
    # route: (a request, who is let through)
    ("GET", "/"): ("/", WALL),
    ("GET", "/wall"): (f"/wall?mine={OWN}", WALL),
    ("GET", "/mine"): (f"/mine?mine={OWN}", ALL),
    ("GET", "/province"): ("/province", ALL),
    ("GET", "/sign-in"): ("/sign-in", OPEN),
    ("GET", "/assets/{path:path}"): ("/assets/wall/wall.js", OPEN),
    ("GET", "/healthz"): ("/healthz", OPEN),
    ("GET", "/metrics"): ("/metrics", "admin"),
    ("GET", "/openapi.json"): ("/openapi.json", ALL),
    ("GET", "/api/v1/session"): ("/api/v1/session", WALL),
    ("POST", "/api/v1/session"): ("/api/v1/session", OPEN),
    ("DELETE", "/api/v1/session"): ("/api/v1/session", OPEN),
    ("POST", "/api/v1/session/password"): ("/api/v1/session/password", ALL),
    ("GET", "/api/v1/users"): ("/api/v1/users", "admin"),
    ("POST", "/api/v1/users"): ("/api/v1/users", "admin"),
    ("POST", "/api/v1/users/{name}/close"): ("/api/v1/users/nobody-there/close", "admin"),
    ("POST", "/api/v1/users/{name}/password"): ("/api/v1/users/nobody-there/password", "admin"),
    ("GET", "/api/v1/sign-ins"): ("/api/v1/sign-ins", "admin"),
    ("GET", "/api/v1/kiosks"): ("/api/v1/kiosks", MAINTAIN),
    ("POST", "/api/v1/mines/{mine}/kiosks"): (f"{MINE}/kiosks", MAINTAIN),
    ("POST", "/api/v1/mines/{mine}/kiosks/{kiosk}/close"): (f"{MINE}/kiosks/none/close", MAINTAIN),
    ("GET", "/api/v1/mines"): ("/api/v1/mines", WALL),
    ("GET", "/api/v1/mines/{mine}"): (MINE, WALL),
    ("GET", "/api/v1/live"): (f"/api/v1/live?mine={OWN}", WALL),
    ("POST", "/api/v1/mines/{mine}/alarms/maintenance"): (f"{MINE}/alarms/maintenance", MAINTAIN),
    ("POST", "/api/v1/mines/{mine}/alarms/{alarm}/ack"): (f"{MINE}/alarms/none/ack", ACKNOWLEDGE),
    ("POST", "/api/v1/mines/{mine}/alarms/{alarm}/shelve"): (f"{MINE}/alarms/none/shelve", ACKNOWLEDGE),
    ("POST", "/api/v1/mines/{mine}/alarms/{alarm}/unshelve"): (f"{MINE}/alarms/none/unshelve", ACKNOWLEDGE),
    ("POST", "/api/v1/mines/{mine}/alarms/{alarm}/out-of-service"): (
        f"{MINE}/alarms/none/out-of-service", MAINTAIN,
    ),
    ("POST", "/api/v1/mines/{mine}/alarms/{alarm}/in-service"): (f"{MINE}/alarms/none/in-service", MAINTAIN),
    ("GET", "/api/v1/plan/bulletin"): (f"{P}/bulletin?as_of=2022-10-31", PROVINCIAL),
    ("GET", "/api/v1/plan/leagues"): (f"{P}/leagues?as_of=2022-10-31", PROVINCIAL),
    ("GET", "/api/v1/plan/groups"): (f"{P}/groups?by=mine", ALL),
    ("GET", "/api/v1/plan/project"): (f"{P}/project?name=甲面项目", ALL),
    ("GET", "/api/v1/evidence/{mine}/{face}"): (f"/api/v1/evidence/{OWN}/F1", ALL),
    ("GET", "/api/v1/registry/check"): (f"{R}/check", PROVINCIAL),
    ("GET", "/api/v1/registry/check/config"): (f"{R}/check/config", PROVINCIAL),
    ("GET", "/api/v1/registry/{table}/{row}/history"): (f"{R}/mines/1/history", ALL),
    ("GET", "/api/v1/registry/{table}"): (f"{R}/projects", ALL),
    ("POST", "/api/v1/registry/import"): (f"{R}/import", EDIT),
    ("POST", "/api/v1/registry/{table}"): (f"{R}/faces", EDIT),
    ("POST", "/api/v1/registry/{table}/close"): (f"{R}/faces/close", EDIT),
}  # fmt: skip
"""Every other route is read by everybody who is signed in, of their own mine."""


def case_of(method: str, path: str) -> tuple[str, str]:
    """The request for a route, and who is let through."""
    if (method, path) in CASES:
        return CASES[method, path]
    assert method == "GET", f"{method} {path} changes something: say in CASES who may"
    values = {"mine": OWN, "face": "F1", "chamber": "C1", "on": "2022-10-30", "shift": "零点班"}
    return path.format_map(values), ALL


ROUTES: Final = [(rule.method, rule.path) for rule in RULES]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """The scene, with the real console."""
    async with scene(tmp_path_factory.mktemp("access"), assets=ASSETS) as made:
        yield made


async def asked(one: Scene, who: str | None, method: str, url: str) -> httpx.Response:
    """What somebody is answered; an open stream is not waited for."""
    async with one.client(who) as http:
        return await http.request(method, url, json={} if method == "POST" else None)


def is_refused(answer: httpx.Response) -> bool:
    """By the guard: not let through at all."""
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    return to_sign_in or answer.status_code in (401, 403)


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=str)
async def test_who_is_let_through(one: Scene, method: str, path: str) -> None:
    """Everybody who may, and nobody else."""
    url, allowed = case_of(method, path)
    for who in (*PERSONS, "nobody"):
        if path == "/api/v1/live" and who in allowed.split():
            continue  # an open stream: tests/integration/test_access_stream.py
        if path == "/api/v1/session" and method != "GET":
            continue  # signing in and out: test_access_sessions.py
        answer = await asked(one, None if who == "nobody" else who, method, url)
        assert is_refused(answer) is (who not in allowed.split()), (
            who,
            answer.status_code,
            answer.text[:200],
        )


async def test_a_line_break_behind_an_address_leads_nowhere(one: Scene) -> None:
    """The application's patterns would let one pass at the end: then the table and the route would be two."""
    for method, path in ROUTES:
        url, _, query = case_of(method, path)[0].partition("?")
        for who in ("operator", "enterprise", "admin"):
            answer = await asked(one, who, method, f"{url}%0A?{query}")
            assert answer.status_code == 404, (who, path)


@pytest.mark.parametrize(
    ("method", "path"), [route for route in ROUTES if OWN in case_of(*route)[0]], ids=str
)
async def test_a_mine_beyond_the_scope_does_not_exist(one: Scene, method: str, path: str) -> None:
    """The same answer for another's, for nobody's and for none, to everybody whose scope is not the province."""
    url, allowed = case_of(method, path)
    for who, code in product((*WITHIN, "nobody"), (OTHER, NOBODYS, "990000000009")):
        answer = await asked(one, None if who == "nobody" else who, method, url.replace(OWN, code))
        if who in allowed.split():
            assert answer.status_code == 404
            assert answer.json() == {"detail": f"没有编码为 {code} 的煤矿 / no mine has the code {code}"}
        else:
            assert is_refused(answer)
        assert SECRET not in answer.text


async def test_a_page_that_is_refused_is_told_in_words_with_a_way_back(one: Scene) -> None:
    """To a browser; what it asked for is written as text. Others get the API's answer."""
    async with one.client("enterprise") as client:
        query = {"mine": "<b>1</b>"}
        page = await client.get("/mine", params=query, headers={"accept": "text/html"})
        assert (page.status_code, page.headers["cache-control"]) == (404, "no-store")
        assert "没有编码为 &lt;b&gt;1&lt;/b&gt; 的煤矿" in page.text
        assert '<a href="/">' in page.text
        assert (await client.get("/mine", params=query)).json()["detail"].startswith("没有编码为 <b>1</b>")


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[0] == "GET"], ids=str)
async def test_nothing_of_another_enterprise_comes_out(one: Scene, method: str, path: str) -> None:
    """Read word by word, workbooks too."""
    url, allowed = case_of(method, path)
    if path in {"/api/v1/live", "/assets/{path:path}"}:
        return
    for who in {*WITHIN} & {*allowed.split()}:
        for variant in variants(url):
            answer = await asked(one, who, method, variant)
            for text in texts_in(answer):
                assert SECRET not in text, (who, variant)
                assert OTHER not in text, (who, variant)
                assert NOBODYS not in text, (who, variant)


def variants(url: str) -> Iterator[str]:
    """A request, and those of its kind that ask for more."""
    yield url
    if url == f"{R}/projects":
        yield from (f"{R}/{table}" for table in TABLES_SEEN)
    if url == f"{R}/mines/1/history":
        yield from (f"{R}/{table}/{row}/history" for table in TABLES_SEEN for row in (1, 2, 3, 4, 5, 6))
    if url.startswith(f"{P}/groups"):
        yield from (f"{P}/groups?by={by}" for by in ("enterprise", "city"))
    if url == f"{P}/outlook":
        yield f"{P}/outlook?as_of=2021-11-30"
    if url == f"{P}/projects":
        yield f"{P}/projects?enterprise=乙能源公司"


TABLES_SEEN: Final = (
    "cities", "enterprises", "aliases", "mines", "mine_years", "province_years", "projects", "faces", "chambers",
    "declarations", "gateways", "shifts", "acceptances", "payments", "filings", "robots",
)  # fmt: skip


def texts_in(answer: httpx.Response) -> Iterator[str]:
    """What an answer says."""
    if answer.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            yield from (book.read(name).decode(errors="replace") for name in book.namelist())
    else:
        yield answer.text


async def test_the_province_does_see_it(one: Scene) -> None:
    """The check above could fail: the secret is there to be seen."""
    for url in (
        "/api/v1/mines", f"{P}/projects", f"{P}/reward", f"{P}/groups?by=mine", f"{R}/payments", f"{R}/audit",
        f"{P}/consequences", "/api/v1/evidence", f"{R}/filings", f"{P}/outlook?as_of=2021-11-30", f"{P}/mines",
        f"/api/v1/mines/{OTHER}/alarms",
    ):  # fmt: skip
        text = (await asked(one, "authority", "GET", url)).text
        assert SECRET in text or OTHER in text, url
    for url in (f"{R}/export.xlsx", f"{R}/projects.csv"):
        assert any(SECRET in text for text in texts_in(await asked(one, "authority", "GET", url)))


async def test_ones_own_is_there(one: Scene) -> None:
    """Narrowed is not empty."""
    for who in ("enterprise", "part_authority", "operator"):
        for url in (
            f"{P}/projects", f"{P}/reward", f"{P}/groups?by=mine", f"{R}/payments", f"{R}/audit",
            f"{P}/consequences", "/api/v1/evidence", f"{P}/mines",
        ):  # fmt: skip
            assert "甲" in (await asked(one, who, "GET", url)).text, (who, url)
    assert (await asked(one, "enterprise", "GET", f"{P}/project?name=甲企业项目")).status_code == 200
    assert (await asked(one, "operator", "GET", f"{P}/project?name=甲企业项目")).status_code == 404


async def test_a_project_beyond_the_scope_does_not_exist(one: Scene) -> None:
    """As for one that there is not; to the province it is there."""
    for who in {*WITHIN} - {"kiosk"}:
        told = [
            (await asked(one, who, "GET", f"{P}/project?name={name}"))
            for name in (f"{SECRET}面项目", "没有的项目")
        ]
        assert [answer.status_code for answer in told] == [404, 404]
        assert told[0].text.replace(f"{SECRET}面项目", "没有的项目") == told[1].text
    assert (await asked(one, "duty", "GET", f"{P}/project?name={SECRET}面项目")).status_code == 200


async def test_a_part_is_not_shown_as_the_whole(one: Scene) -> None:
    """What is set against a unit's plan stands for whole units only, and the province's standing for none."""
    mine_only = (await asked(one, "operator", "GET", f"{P}/progress")).json()
    assert (mine_only["rows"], mine_only["totals"], mine_only["partial"]) == ([], [], True)
    whole = (await asked(one, "enterprise", "GET", f"{P}/progress")).json()
    assert {row["enterprise"] for row in whole["rows"]} == {OURS}
    assert whole["totals"] == []
    goals = (await asked(one, "enterprise", "GET", f"{P}/targets")).json()
    assert {goal["accepted"] for goal in goals["goals"]} == {None}
    assert {goal["status"] for goal in goals["goals"]} == {"not_measured"}
    assert any(goal["text_low"] for goal in goals["goals"])
    assert goals["measured"] is None
    rows = (await asked(one, "enterprise", "GET", f"{P}/appraisal")).json()["rows"]
    assert [row["enterprise"] for row in rows] == [OURS]
    province = (await asked(one, "authority", "GET", f"{P}/progress")).json()
    assert "partial" not in province
    assert len(province["totals"]) > 0


async def test_the_table_and_the_application_agree(one: Scene) -> None:
    """The same routes, and a request leads to the same one of them in both."""
    served = set(routes_in(one.app.routes))
    assert served == set(ROUTES)
    for method, path in ROUTES:
        url = case_of(method, path)[0].partition("?")[0]
        found = rule_of(method, url)
        assert found is not None
        assert (found[0].method, found[0].path) == (method, path)


def routes_in(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route, however it is put in."""
    for route in routes:
        inner: Any = route
        if hasattr(inner, "effective_candidates"):
            yield from routes_in(inner.effective_candidates(), prefix)
        elif methods := getattr(inner, "methods", None):
            yield from ((method, prefix + inner.path) for method in methods - {"HEAD"})
        else:
            yield "GET", f"{prefix}{inner.path}/{{path:path}}"


async def test_what_is_not_in_the_table_is_refused(one: Scene) -> None:
    """Even to the admin, and even if the application had it."""

    async def forgotten() -> str:
        return SECRET

    one.app.add_api_route("/api/v1/forgotten", forgotten)
    try:
        for who in (*PERSONS, None):
            answer = await asked(one, who, "GET", "/api/v1/forgotten")
            assert answer.status_code == (401 if who is None else 404)
            assert SECRET not in answer.text
    finally:
        one.app.router.routes.pop()
    for method, url in (("PUT", "/api/v1/mines"), ("OPTIONS", "/api/v1/mines"), ("GET", "/api/v1/mines/")):
        assert (await asked(one, "admin", method, url)).status_code == 404


async def test_no_answer_to_a_person_is_kept_by_a_browser(one: Scene) -> None:
    """After signing out the next one at the desk finds nothing; pages and files ask whether they are still the same."""
    for method, path in ROUTES:
        if method == "GET" and path != "/api/v1/live":
            answer = await asked(one, "admin", method, case_of(method, path)[0])
            kept = path.startswith(("/wall", "/mine", "/province", "/sign-in", "/assets"))
            if path != "/healthz":
                assert ("no-store" in answer.headers.get("cache-control", "")) is not kept, path


async def test_a_body_without_end_is_not_read_to_the_end(one: Scene) -> None:
    """From whoever may send one; the largest file that may be imported is the limit of every request."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"note": "'
        for _ in range(100):
            sent += 1
            yield b"x" * 2**20

    async with one.client("admin") as http:
        for path in (f"{MINE}/alarms/none/ack", f"{MINE}/kiosks", f"{R}/import?why=x&table=faces"):
            sent = 0
            answer = await http.post(path, content=endless(), headers={"Content-Type": "application/json"})
            assert answer.status_code in (413, 415), path
            assert sent < 40


async def test_every_value_of_a_repeated_parameter_counts(one: Scene) -> None:
    """Whichever of them the application would take."""
    for url in (f"/api/v1/live?mine={OWN}&mine={OTHER}", f"/api/v1/live?mine={OTHER}&mine={OWN}"):
        assert (await asked(one, "operator", "GET", url)).status_code == 404


async def test_the_home_of_each(one: Scene) -> None:
    """From / to where they belong, with what the address carries."""
    at_province = {"manager", "enterprise", "part_authority", "authority", "admin"}
    for who in PERSONS:
        answer = await asked(one, who, "GET", "/?lang=en")
        wanted = "/province?lang=en" if who in at_province else "/wall?lang=en"
        assert (answer.status_code, answer.headers["location"]) == (303, wanted)


async def test_mines_of_each(one: Scene) -> None:
    """The list is the scope's."""
    for who in PERSONS:
        codes = [mine["code"] for mine in (await asked(one, who, "GET", "/api/v1/mines")).json()]
        assert codes == ([OWN] if who in WITHIN else [OWN, OTHER, NOBODYS])
    assert OURS in PERSONS["enterprise"].scope.of  # type: ignore[operator]  # it has one
