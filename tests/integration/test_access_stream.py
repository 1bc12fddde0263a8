"""An open live stream over a real server: it ends when its session does, or when the mine leaves its scope."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from gateway.access.person import Kind, Scope
from tests.access_scene import OTHER, OWN, PERSONS, THEIRS, Scene, cookies_of, scene, served
from tests.registry import entry

LIMIT_S = 60.0


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Scene]:
    """The scene."""
    async with scene(tmp_path) as made:
        yield made


@asynccontextmanager
async def stream(url: str, who: str) -> AsyncIterator[httpx.Response]:
    """Somebody's open stream of the mine, its first event read."""
    timeout = httpx.Timeout(LIMIT_S)
    async with (
        httpx.AsyncClient(base_url=url, cookies=cookies_of(who), timeout=timeout, trust_env=False) as http,
        http.stream("GET", f"/api/v1/live?mine={OWN}") as answer,
    ):
        yield answer


async def until_overview(lines: AsyncIterator[str]) -> None:
    """Read as far as the first event."""
    async for line in lines:
        if line == "event: overview":
            return
    raise AssertionError("no event came")


async def until_end(lines: AsyncIterator[str]) -> None:
    """Read on; what is cut off in the middle of the answer raises."""
    async for _ in lines:
        pass


async def sign_out(one: Scene, who: str) -> None:
    """From another tab."""
    async with one.client(who) as http:
        assert (await http.delete("/api/v1/session")).status_code == 204


async def hand_over(one: Scene, _: str) -> None:
    """The mine goes to the other enterprise."""
    await one.registry.change(entry("mines", mine="甲矿", enterprise=THEIRS), who="x", why="x")


async def close_mine(one: Scene, _: str) -> None:
    """It is no more."""
    await one.registry.change(entry("mines", mine="甲矿", closed_on="2022-10-31"), who="x", why="x")


async def expire(one: Scene, _: str) -> None:
    """The longest that a session may last goes by."""
    one.clock.ms += 13 * 3_600_000


async def close_user(one: Scene, who: str) -> None:
    """By the admin."""
    await one.access.close_user(who, "test")


async def move(one: Scene, who: str) -> None:
    """To another mine."""
    person = replace(PERSONS[who], scope=Scope(Kind.MINE, OTHER))
    await one.access.change(person, "test")


async def close_kiosk(one: Scene, who: str) -> None:
    """By the engineer."""
    await one.access.close_kiosk(f"{who}-1", "test")


async def change_password(one: Scene, who: str) -> None:
    """By the admin."""
    await one.access.set_password(who, "another horse battery", "test")


@pytest.mark.parametrize(
    ("who", "act"),
    [
        ("operator", sign_out),
        ("operator", expire),
        ("operator", close_user),
        ("engineer", change_password),
        ("operator", move),
        ("kiosk", close_kiosk),
        ("group_operator", hand_over),
        ("enterprise", close_mine),
    ],
)
async def test_a_stream_ends_with_its_session_and_scope(
    one: Scene, who: str, act: Callable[[Scene, str], Awaitable[None]]
) -> None:
    """Within seconds and in good order, its screen forgotten; a new one is refused."""
    async with served(one) as url, stream(url, who) as answer:
        assert answer.status_code == 200
        lines = answer.aiter_lines()
        async with asyncio.timeout(LIMIT_S):
            await until_overview(lines)
            assert len(one.gateway.screens.hubs[OWN].screens) == 1
            await act(one, who)
            await until_end(lines)
        assert len(one.gateway.screens.hubs[OWN].screens) == 0
        async with stream(url, who) as again:
            assert again.status_code in (401, 404)


async def test_a_stream_goes_on_while_its_session_does(one: Scene) -> None:
    """Others' changes do not end it, nor does a registry that is away; an open page keeps its session."""
    hub = one.gateway.screens.hubs[OWN]
    async with served(one) as url, stream(url, "operator") as answer:
        lines = answer.aiter_lines()
        async with asyncio.timeout(LIMIT_S):
            await until_overview(lines)
            await sign_out(one, "engineer")
            await one.access.close_user("duty", "test")
            for _ in range(3):
                one.clock.ms += 40 * 60_000
                seen = one.clock.ms
                while not await was_seen(one, "operator", seen):  # noqa: ASYNC110  (a row has no event)
                    await asyncio.sleep(0.05)
                hub.publish('{"still":"here"}', whole=False)
                async for line in lines:
                    if "still" in line:
                        break
    async with one.client("operator") as http:
        assert (await http.get("/api/v1/session")).status_code == 200


async def was_seen(one: Scene, who: str, at_ms: int) -> bool:
    """Has the stream's look noted the session's use at that instant?"""

    def looked() -> bool:
        database = one.access.file._database
        assert database is not None
        (seen,) = database.execute("SELECT seen_ms FROM session WHERE name = ?", (who,)).fetchone()
        return bool(seen >= at_ms)

    return await one.access.work(looked)
