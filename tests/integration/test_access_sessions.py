"""Signing in and out over HTTP, with real passwords: cookies, lifetimes, limits, restarts, walls, the log."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from pydantic import SecretStr

from dashboards.web import ASSETS
from gateway.access import passwords
from gateway.access.desk import (
    KIOSK_COOKIE,
    SESSION_COOKIE,
    WAITING_MAX,
    WrongPassword,
    key_of,
    opened,
)
from gateway.access.person import PROVINCE, Kind, Person, Role, Scope
from gateway.access.settings import AccessSettings
from tests.access_scene import NOW_MS, OTHER, OWN, Scene, scene

SESSION = "/api/v1/session"
PASSWORD = "correct horse battery"  # noqa: S105  (a test's)
MINUTE = 60_000
HOUR = 60 * MINUTE


QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Hashing in a moment, not in tens of milliseconds."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about who comes in, not about how long a guess takes."""
    monkeypatch.setattr(passwords, "_HASHER", QUICK)
    monkeypatch.setattr(passwords, "_NOBODYS", QUICK.hash("nobody's"))


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Scene]:
    """The scene, with one user more who has a real password."""
    async with scene(tmp_path, assets=ASSETS) as made:
        await made.access.add(Person("Zhang", "张三", Role.ENGINEER, Scope(Kind.MINE, OWN)), PASSWORD, "test")
        yield made


async def sign_in(http: httpx.AsyncClient, name: str = "zhang", password: str = PASSWORD) -> httpx.Response:
    """As the page does."""
    return await http.post(SESSION, json={"name": name, "password": password})


async def log_of(one: Scene) -> list[tuple[str, str, str]]:
    """What, who and from where, the newest first."""
    async with one.client("admin") as http:
        return [
            (each["what"], each["name"], each["from"]) for each in (await http.get("/api/v1/sign-ins")).json()
        ]


async def test_in_and_out(one: Scene) -> None:
    """A cookie that no script reads and no other site sends; who is here; out, and it opens nothing."""
    async with one.client(None) as http:
        assert (await http.get(SESSION)).status_code == 401
        answer = await sign_in(http)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{SESSION_COOKIE}=")
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        assert (await http.get(SESSION)).json() == answer.json() == {
            "person": {
                "name": "zhang", "title": "张三", "role": "engineer", "scope": {"kind": "mine", "of": OWN},
            },
            "may": ["acknowledge", "kiosks", "maintain", "see", "wall"],
            "sign_in": True,
        }  # fmt: skip
        secret = http.cookies[SESSION_COOKIE]
        assert (await http.get(f"/api/v1/mines/{OWN}")).status_code == 200
        assert (await http.delete(SESSION)).status_code == 204
        assert SESSION_COOKIE not in http.cookies
        http.cookies.set(SESSION_COOKIE, secret)
        assert (await http.get(f"/api/v1/mines/{OWN}")).status_code == 401
        assert (await http.delete(SESSION)).status_code == 204
    assert [each[:2] for each in (await log_of(one))[:3]] == [
        ("signed_out", "zhang"), ("signed_in", "zhang"), ("user_added", "zhang"),
    ]  # fmt: skip
    assert (await log_of(one))[0][2] == "127.0.0.1"


async def test_over_https_the_cookie_goes_over_https_only(one: Scene) -> None:
    """Where the centre, or the proxy before it, speaks TLS."""
    async with one.client(None, "https://centre") as http:
        assert "Secure" in (await sign_in(http)).headers["set-cookie"].split("; ")


async def test_only_hashes_are_kept(one: Scene) -> None:
    """Neither a password nor a cookie nor a token is in the file."""
    async with one.client(None) as http:
        await sign_in(http)
        secret = http.cookies[SESSION_COOKIE]
    _, token = await one.access.make_kiosk(OWN, "调度室", "test")
    path = one.access.settings.path
    content = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert b"$argon2id$" in content
    assert key_of(secret).encode() in content
    for text in (PASSWORD, secret, token):
        assert text.encode() not in content
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "body",
    [
        {"name": "zhang", "password": "wrong horse battery"},
        {"name": "nobody", "password": PASSWORD},
        {"name": "closed", "password": PASSWORD},
        {"name": "zhang", "password": ""},
        {"name": "", "password": PASSWORD},
    ],
)
async def test_which_of_them_is_wrong_is_not_told(one: Scene, body: dict[str, str]) -> None:
    """One answer for a wrong password, an unknown name and a closed user."""
    await one.access.add(Person("closed", "", Role.OPERATOR, PROVINCE), PASSWORD, "test")
    await one.access.close_user("closed", "test")
    async with one.client(None) as http:
        answer = await http.post(SESSION, json=body)
        assert answer.status_code == 401
        assert answer.json() == {"detail": "用户名或口令不对 / wrong name or password"}
        assert "set-cookie" not in answer.headers
    shown = body["name"] if body["name"] in {"zhang", "closed"} else "?"
    assert (await log_of(one))[0] == ("refused", shown, "127.0.0.1")


async def test_an_unknown_name_takes_as_long(one: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash is made for it too, with the same figures."""
    figures = []

    class Watched:
        """Writes down what each password is compared with."""

        def verify(self, kept: str, password: str) -> bool:
            """As the real one."""
            figures.append(extract_parameters(kept))
            return QUICK.verify(kept, password)

    monkeypatch.setattr(passwords, "_HASHER", Watched())
    async with one.client(None) as http:
        for name in ("zhang", "nobody"):
            assert (await sign_in(http, name, "wrong horse battery")).status_code == 401
    assert len(figures) == 2
    assert figures[0] == figures[1]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (422, {"name": "zhang", "password": PASSWORD, "role": "admin"}),
        (422, {"password": PASSWORD}),
        (422, {"name": 1, "password": PASSWORD}),
        (422, {}),
        (422, {"name": "zhang", "password": "y" * 300}),
        (413, {"name": "zhang", "password": "y" * 10_000}),
    ],
)
async def test_bodies_that_are_none(one: Scene, status: int, body: dict[str, Any]) -> None:
    """And no password is said back."""
    async with one.client(None) as http:
        answer = await http.post(SESSION, json=body)
        assert answer.status_code == status
        assert PASSWORD not in answer.text
        assert "yyyy" not in answer.text


async def test_too_many_tries_of_a_name(one: Scene) -> None:
    """The right password does not help either, until the window is over; others are not held up."""
    await one.access.add(Person("li", "", Role.OPERATOR, PROVINCE), PASSWORD, "test")
    async with one.client(None) as http:
        for _ in range(5):
            assert (await sign_in(http, "zhang", "wrong horse battery")).status_code == 401
        answer = await sign_in(http, "ZHANG")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
        assert (await log_of(one))[0] == ("limited", "zhang", "127.0.0.1")
        assert (await sign_in(http, "li")).status_code == 200
        one.clock.ms += 15 * MINUTE
        assert (await sign_in(http)).status_code == 200
        assert one.access.counters()["sign_ins_limited"] == 1


async def test_too_many_tries_from_an_address(one: Scene) -> None:
    """Whatever the names; the log does not grow without end."""
    async with one.client(None) as http:
        one.access.attempts.per_address = 7
        codes = [(await sign_in(http, f"name{n}", "wrong horse battery")).status_code for n in range(9)]
    assert codes == [401] * 7 + [429] * 2


async def test_hammering_does_not_push_the_log_out(one: Scene) -> None:
    """Refusals that cost nothing, by the hundred from one place: some of each are told, the rest is counted."""
    async with one.client(None) as http:
        for _ in range(100):
            await sign_in(http, "zhang", "wrong horse battery")
            await http.get("/wall?token=guess")
    log = [(each.what, each.name) for each in await one.access.visits(1000)]
    assert 5 <= log.count(("refused", "zhang")) + log.count(("limited", "zhang")) <= 25
    assert 1 <= log.count(("kiosk_refused", "?")) <= 20
    assert one.access.counters()["sign_in_refusals_not_logged"] == 200 - len(log) + 1
    assert log[-1] == ("user_added", "zhang")


async def test_the_metrics_by_their_token(tmp_path: Path) -> None:
    """Its own path and nothing else; without one in the config no word opens it, an empty one least of all."""
    path, token = tmp_path / "access.sqlite", "long and secret"
    settings = AccessSettings(path=path, metrics_token=SecretStr(token))
    async with scene(tmp_path, settings) as one, one.client(None) as http:
        for word, code in ((token, 200), ("wrong", 401), ("", 401)):
            answer = await http.get("/metrics", headers={"Authorization": f"Bearer {word}"})
            assert answer.status_code == code
        known = {"Authorization": f"Bearer {token}"}
        assert (await http.get("/api/v1/mines", headers=known)).status_code == 401
    for word in ("", "short"):
        with pytest.raises(ValueError, match="metrics_token"):
            AccessSettings(path=path, metrics_token=SecretStr(word))


async def test_too_many_at_once_are_told_to_come_back(one: Scene) -> None:
    """Hashing takes memory and time: no queue of it grows without end, and the event loop goes on."""
    one.access.attempts.per_address = one.access.attempts.per_name = 1000
    async with one.client(None) as http:
        answers = await asyncio.gather(
            *(sign_in(http, f"n{n}", "wrong horse battery") for n in range(3 * WAITING_MAX))
        )
    codes = [answer.status_code for answer in answers]
    assert set(codes) == {401, 503}
    assert codes.count(401) >= WAITING_MAX


async def test_idle_and_absolute_lifetime(one: Scene) -> None:
    """Use keeps a session for an hour more, up to twelve hours in all."""
    async with one.client(None) as http:
        await sign_in(http)
        for _ in range(13):
            one.clock.ms += 55 * MINUTE
            assert (await http.get(SESSION)).status_code == 200
        one.clock.ms = NOW_MS + 12 * HOUR
        assert (await http.get(SESSION)).status_code == 200
        one.clock.ms += 1
        assert (await http.get(SESSION)).status_code == 401
        await sign_in(http)
        one.clock.ms += 60 * MINUTE + 1
        assert (await http.get(SESSION)).status_code == 401


async def test_sessions_survive_a_restart(tmp_path: Path) -> None:
    """As do walls; the limits of tries do not."""
    settings = AccessSettings(path=tmp_path / "access.sqlite")
    person = Person("zhang", "", Role.OPERATOR, PROVINCE)
    async with opened(settings, None, lambda: NOW_MS) as desk:
        await desk.add(person, PASSWORD, "test")
        session = (await desk.sign_in("zhang", PASSWORD, "a")).secret
        kiosk, token = await desk.make_kiosk(OWN, "调度室", "zhang")
        cookie = await desk.open_kiosk(token, "a")
        assert cookie is not None
    async with opened(settings, None, lambda: NOW_MS + MINUTE) as desk:
        seen = await desk.person({SESSION_COOKIE: session})
        assert seen is not None
        assert (seen.name, seen.role) == ("zhang", Role.OPERATOR)
        assert await desk.person({KIOSK_COOKIE: cookie}) == kiosk.person
        assert await desk.person({SESSION_COOKIE: cookie, KIOSK_COOKIE: session}) is None


async def test_sessions_are_swept_and_bounded(tmp_path: Path) -> None:
    """What is over goes with the next sign-in; of too many the one used longest ago."""
    settings = AccessSettings(path=tmp_path / "access.sqlite", sessions_max=3, log_max=5)
    now = [NOW_MS]
    async with opened(settings, None, lambda: now[0]) as desk:
        await desk.add(Person("zhang", "", Role.OPERATOR, PROVINCE), PASSWORD, "test")
        secrets = []
        for _ in range(5):
            now[0] += MINUTE
            secrets.append((await desk.sign_in("zhang", PASSWORD, "a")).secret)
        here = [await desk.person({SESSION_COOKIE: secret}) is not None for secret in secrets]
        assert here == [False, False, True, True, True]
        now[0] += 24 * HOUR
        await desk.sign_in("zhang", PASSWORD, "a")
        assert len(await desk.visits(100)) == 5
    with sqlite3.connect(settings.path) as database:
        assert database.execute("SELECT count(*) FROM session").fetchone() == (1,)
    database.close()


async def test_another_password_ends_every_session(one: Scene) -> None:
    """By oneself or by the admin; the old one opens nothing any more."""
    async with one.client(None) as http, one.client(None) as elsewhere, one.client("admin") as admin:
        await sign_in(http)
        await sign_in(elsewhere)
        new = "another horse battery"
        wrong = await http.post(f"{SESSION}/password", json={"old": "wrong", "new": new})
        assert wrong.status_code == 401
        short = await http.post(f"{SESSION}/password", json={"old": PASSWORD, "new": "short"})
        assert (short.status_code, "10" in short.text) == (422, True)
        assert (await http.get(SESSION)).status_code == 200
        changed = await http.post(f"{SESSION}/password", json={"old": PASSWORD, "new": new})
        assert changed.status_code == 204
        for each in (http, elsewhere):
            assert (await each.get(SESSION)).status_code == 401
        assert (await sign_in(http)).status_code == 401
        assert (await sign_in(http, password=new)).status_code == 200
        given = await admin.post("/api/v1/users/zhang/password", json={"password": PASSWORD})
        assert given.status_code == 204
        assert (await http.get(SESSION)).status_code == 401
        assert (await sign_in(http)).status_code == 200


@pytest.mark.parametrize("by_oneself", [True, False])
async def test_an_old_password_on_its_way_does_not_overtake_the_new_one(
    one: Scene, monkeypatch: pytest.MonkeyPatch, *, by_oneself: bool
) -> None:
    """Given while the old one is being looked at: no session, no other password, no hash of the old one."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    matches, new = passwords.matches, "another horse battery"
    file, zhang = one.access.file, (await one.access.open_user("zhang")).person
    kept = passwords.hashed(new)

    def slow(password: str, hashed: str | None) -> bool:
        is_right = matches(password, hashed)
        asyncio.run_coroutine_threadsafe(
            one.access.work(lambda: file.set_password("zhang", kept)), loop
        ).result()
        return is_right

    loop = asyncio.get_running_loop()
    act: Coroutine[Any, Any, object] = (
        one.access.change_password(zhang, PASSWORD, "a third horse battery", "a")
        if by_oneself
        else one.access.sign_in("zhang", PASSWORD, "a")
    )
    with monkeypatch.context() as patched:
        patched.setattr(passwords, "matches", slow)
        with pytest.raises(WrongPassword):
            await act
    assert (await one.access.open_user("zhang")).password == kept
    assert (await log_of(one))[0] == ("refused", "zhang", "a")
    assert (await one.access.sign_in("zhang", new, "a")).person == zhang


async def test_who_is_closed_is_out(one: Scene) -> None:
    """At once, for good; the name is not given to anybody else."""
    async with one.client(None) as http, one.client("admin") as admin:
        await sign_in(http)
        assert (await admin.post("/api/v1/users/zhang/close", json={})).status_code == 204
        assert (await http.get(SESSION)).status_code == 401
        assert (await sign_in(http)).status_code == 401
        assert (await admin.post("/api/v1/users/zhang/close", json={})).status_code == 409
        new = {"name": "Zhang", "role": "admin", "scope": {"kind": "province"}, "password": PASSWORD}
        assert (await admin.post("/api/v1/users", json=new)).status_code == 409
        users = {each["name"]: each for each in (await admin.get("/api/v1/users")).json()}
        assert users["zhang"]["closed"].startswith("2022-10-31")
        assert "password" not in str(users)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"password": "short"}, "10"),
        ({"password": "aaaaaaaaaaaa"}, "easily guessed"),
        ({"name": "Li.Si@mine-01", "password": "li.si@mine-01"}, "easily guessed"),
        ({"name": "a b"}, "letters"),
        ({"name": "kiosk-1"}, "letters"),
        ({"role": "kiosk"}, "user kiosk"),
        ({"role": "admin", "scope": {"kind": "mine", "of": OWN}}, "province"),
        ({"role": "enterprise"}, "enterprise, mine"),
        ({"scope": {"kind": "mine"}}, "of goes with"),
        ({"scope": {"kind": "province", "of": OWN}}, "of goes with"),
        ({"title": "名" * 25}, "24"),
    ],
)
async def test_users_that_cannot_be(one: Scene, changes: dict[str, Any], what: str) -> None:
    """Told in words; nobody is added."""
    body = {"name": "li", "role": "operator", "scope": {"kind": "province"}, "password": PASSWORD}
    async with one.client("admin") as admin:
        before = (await admin.get("/api/v1/users")).json()
        answer = await admin.post("/api/v1/users", json={**body, **changes})
        assert (answer.status_code, what in answer.text) == (422, True), answer.text
        assert (await admin.get("/api/v1/users")).json() == before
        assert (await admin.post("/api/v1/users", json=body)).status_code == 204


async def test_a_walls_link_opens_once(one: Scene) -> None:
    """303 to the address without it; after that only the cookie opens, and only that mine's wall."""
    async with one.client("engineer") as http:
        made = (await http.post(f"/api/v1/mines/{OWN}/kiosks", json={"title": "调度室"})).json()
        assert made["path"].startswith("/wall?token=")
        assert (await http.post(f"/api/v1/mines/{OTHER}/kiosks", json={})).status_code == 404
    async with one.client(None) as wall, one.client(None) as thief:
        answer = await wall.get(f"{made['path']}&mine={OWN}&lang=en")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/wall?mine={OWN}&lang=en")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{KIOSK_COOKIE}=")
        assert {"HttpOnly", "SameSite=strict", "Max-Age=34560000"} <= set(cookie.split("; "))
        assert (await wall.get(SESSION)).json()["person"]["role"] == "kiosk"
        assert [mine["code"] for mine in (await wall.get("/api/v1/mines")).json()] == [OWN]
        assert (await wall.get(f"/api/v1/mines/{OWN}")).status_code == 200
        assert (await wall.get(f"/api/v1/mines/{OTHER}")).status_code == 404
        assert (await wall.post(f"/api/v1/mines/{OWN}/alarms/x/ack", json={})).status_code == 403
        for path in (made["path"], "/wall?token=guess", "/wall?token="):
            again = await thief.get(path)
            assert (again.status_code, "set-cookie" in again.headers) == (403, False)
        one.clock.ms += 399 * 24 * HOUR
        assert (await wall.get(f"/api/v1/mines/{OWN}")).status_code == 200
        assert [each[:2] for each in (await log_of_at(one))[:4]] == [
            *[("kiosk_refused", "?")] * 3, ("kiosk_opened", made["name"]),
        ]  # fmt: skip
        await one.access.close_kiosk(made["name"], "test")
        assert (await wall.get(f"/api/v1/mines/{OWN}")).status_code == 401


async def log_of_at(one: Scene) -> list[tuple[str, str, str]]:
    """The log, after the admin's session is over."""
    return [(each.what, each.name, each.address) for each in await one.access.visits(100)]


async def test_a_walls_link_that_is_old_or_closed_opens_nothing(one: Scene) -> None:
    """Whoever finds it later has nothing; there are no more walls than may be."""
    old, closed = [(await one.access.make_kiosk(OWN, "", "test")) for _ in range(2)]
    await one.access.close_kiosk(closed[0].name, "test")
    assert await one.access.open_kiosk(closed[1], "a") is None
    one.clock.ms += 24 * HOUR + 1
    assert await one.access.open_kiosk(old[1], "a") is None
    async with one.client(None) as wall:
        assert (await wall.get(f"/wall?token={old[1]}")).status_code == 403


async def test_a_person_at_a_wall_is_that_person_until_they_sign_out(one: Scene) -> None:
    """Then the wall is a wall again."""
    _, token = await one.access.make_kiosk(OWN, "", "test")
    async with one.client(None) as http:
        await http.get(f"/wall?token={token}")
        await sign_in(http)
        assert (await http.get(SESSION)).json()["person"]["role"] == "engineer"
        await http.delete(SESSION)
        assert (await http.get(SESSION)).json()["person"]["role"] == "kiosk"


async def test_walls_of_ones_own_mines_only(one: Scene) -> None:
    """Listed, made and closed within the scope."""
    kiosk, _ = await one.access.make_kiosk(OTHER, "别处", "test")
    async with one.client("engineer") as http, one.client("admin") as admin:
        assert [each["mine"] for each in (await http.get("/api/v1/kiosks")).json()] == [OWN]
        assert (await http.post(f"/api/v1/mines/{OWN}/kiosks/{kiosk.name}/close", json={})).status_code == 404
        assert (
            await admin.post(f"/api/v1/mines/{OTHER}/kiosks/{kiosk.name}/close", json={})
        ).status_code == 204
        closed = {each["name"]: each["closed"] for each in (await admin.get("/api/v1/kiosks")).json()}
        assert closed[kiosk.name] is not None


async def test_what_another_site_sends_is_refused(one: Scene) -> None:
    """With the cookie or without: signing in, out and every act."""
    for headers in ({"Origin": "http://evil"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://centre"}):
        async with one.client("engineer") as http:
            for method, path in (
                ("POST", SESSION), ("DELETE", SESSION), ("POST", f"/api/v1/mines/{OWN}/kiosks"),
                ("POST", f"/api/v1/mines/{OWN}/alarms/x/unshelve"),
            ):  # fmt: skip
                answer = await http.request(method, path, headers=headers)
                assert answer.status_code == 403
            assert (await http.get(SESSION)).status_code == 200


async def test_acts_are_signed_by_the_session(one: Scene) -> None:
    """A maintenance window and a change of the registry carry the name and the account; a body's own is refused."""
    window = {"why": "换泵", "area": "C1", "from": "2022-10-31T08:00:00Z", "to": "2022-10-31T10:00:00Z"}
    row = {"why": "核对", "row": {"mine": "甲矿", "capacity_wan_t": "120"}}
    async with one.client("engineer") as engineer, one.client("enterprise") as enterprise:
        assert (
            await engineer.post(f"/api/v1/mines/{OWN}/alarms/maintenance", json=window)
        ).status_code == 201
        alarms = (await engineer.get(f"/api/v1/mines/{OWN}/alarms")).json()
        assert "李四（engineer）" in str(alarms)
        forged = {**window, "who": "王五"}
        assert (
            await engineer.post(f"/api/v1/mines/{OWN}/alarms/maintenance", json=forged)
        ).status_code == 422
        assert (await enterprise.post("/api/v1/registry/mines", json=row)).status_code == 200
        assert (await enterprise.post("/api/v1/registry/mines", json={**row, "who": "x"})).status_code == 422
        entries = (await enterprise.get("/api/v1/registry/audit?limit=1000")).json()["entries"]
        assert entries[-1]["who"] == "赵六（enterprise）"


async def test_edits_beyond_ones_own_are_refused_whole(one: Scene) -> None:
    """One row, a closing, and an import in which one row is another's."""
    head = (await one.registry.head()).number
    async with one.client("enterprise") as http:
        for path, body, code in (
            ("projects", {"row": {"project": "甲迟项目", "completed_on": "2022-01-01",
                                  "accepted_on": "2022-02-01"}}, 422),
            ("payments", {"row": {"payment": "x", "project": "甲面项目", "kind": "advance", "paid_on": "2022-01-01",
                                  "amount_wan": "1"}}, 422),
            ("mines", {"row": {"mine": "秘矿", "enterprise": "甲能源公司"}}, 422),
            ("mines/close", {"key": {"mine": "秘矿"}, "on": "2022-01-01"}, 404),
            ("faces/close", {"key": {"mine": "秘矿", "face": "F1"}, "on": "2022-01-01"}, 404),
        ):  # fmt: skip
            answer = await http.post(f"/api/v1/registry/{path}", json={"why": "x", **body})
            assert answer.status_code == code, (path, answer.text)
        csv = "煤矿,工作面编码,工作面名称,类别\n甲矿,F7,七面,采煤工作面\n秘矿,F8,八面,采煤工作面\n".encode()
        sent = await http.post(
            "/api/v1/registry/import", params={"why": "x", "table": "faces"}, content=csv,
            headers={"Content-Type": "text/csv"},
        )  # fmt: skip
        assert sent.status_code == 422
    assert (await one.registry.head()).number == head


async def test_an_enterprise_puts_its_own_export_in_again(one: Scene) -> None:
    """What it sees is a registry of its own: nothing changes, nothing is refused."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    async with one.client("enterprise") as http:
        book = (await http.get("/api/v1/registry/export.xlsx")).content
        answer = await http.post(
            "/api/v1/registry/import", params={"why": "x"}, content=book, headers={"Content-Type": kind}
        )
        assert answer.status_code == 200, answer.text
        assert (answer.json()["added"], answer.json()["changed"]) == ({}, {})


async def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """At the start with what to mend; while running as 503, and nobody gets in."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match=r"access\.path"):
        async with opened(AccessSettings(path=tmp_path / "file" / "access.sqlite"), None, lambda: 0):
            pass
    (tmp_path / "deeper").mkdir()
    async with scene(tmp_path / "deeper") as one:
        await one.access.work(one.access.file.close)
        async with one.client("admin") as http:
            for path in (SESSION, "/api/v1/mines"):
                assert (await http.get(path)).status_code == 503
            assert (await sign_in(http)).status_code == 503
            assert (await http.get("/healthz")).status_code in (200, 503)


async def test_outdated_hashes_are_made_anew(one: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the figures grow, the next sign-in brings the hash up to them; the session stays."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    before = await one.access.open_user("zhang")
    async with one.client(None) as http:
        assert (await sign_in(http)).status_code == 200
        assert (await http.get(SESSION)).status_code == 200
    after = await one.access.open_user("zhang")
    assert "t=1" in before.password
    assert "t=2" in after.password


def test_passwords_are_hashed_as_the_rfc_says() -> None:
    """argon2id with the figures of RFC 9106 for little memory, or more."""
    figures = extract_parameters(PasswordHasher().hash(PASSWORD))
    assert (figures.type, figures.time_cost, figures.memory_cost) == (Type.ID, 3, 65536)
    assert not passwords.matches(PASSWORD, "no hash")
