"""HTTP: what needs the token, what every answer carries, and the routes over a stand-in centre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import httpx
import pytest

from gateway.api.app import SECURITY_HEADERS, create
from gateway.ingest.node import NodeKey
from gateway.live import views
from gateway.live.gaps import Cause, Gap
from gateway.live.stream import Hub
from gateway.registry.desk import FixedSource, PlanDesk
from rules.plan.register import Register

TOKEN = "correct-horse"  # noqa: S105  (a test's)


class StandIn:
    """A centre with one mine."""

    def mines(self) -> Sequence[Mapping[str, object]]:
        """One."""
        return [{"code": "m1", "name": "演示一矿"}]

    def hub(self, mine: str) -> Hub | None:
        """Of that one."""
        return Hub() if mine == "m1" else None

    def overview(self, mine: str) -> str:
        """Recognisable."""
        return f'{{"mine":"{mine}"}}'

    def gaps_of(self, mine: str) -> Sequence[Mapping[str, object]]:
        """One, as the ledger tells it."""
        return [views.gap_view(Gap(NodeKey(mine, "gw-1"), Cause.LINK, "", 1_700_000_000_000))]

    def today(self) -> date:
        """Fixed."""
        return date(2022, 10, 31)

    def health(self) -> Mapping[str, object]:
        """Half of it is missing."""
        return {"ok": False, "broker": True, "historian": False}

    def metrics(self) -> bytes:
        """Something."""
        return b"ninebelow 1\n"


def client(token: str | None) -> httpx.AsyncClient:
    """A client of the application."""
    app = create(StandIn(), None, token=token, plan=PlanDesk(FixedSource(Register(), demo=True)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/v1/mines",
        "/api/v1/mines/m1",
        "/api/v1/mines/m1/gaps",
        "/api/v1/live?mine=m1",
        "/api/v1/plan/progress",
        "/metrics",
        "/openapi.json",
    ],
)
async def test_nothing_is_shown_without_the_token(path: str) -> None:
    """Every path but the health check."""
    async with client(TOKEN) as http:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "ninebelow_token=wrong"}):
            answer = await http.get(path, headers=headers)
            assert answer.status_code == 401
            assert "演示" not in answer.text


async def test_health_check_needs_no_token() -> None:
    """Probes have none; what is missing is named, and the code says 503."""
    async with client(TOKEN) as http:
        answer = await http.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "broker": True, "historian": False}


async def test_token_opens_by_header_and_by_cookie() -> None:
    """A wall opens /?token=… once and keeps a cookie that scripts cannot read."""
    async with client(TOKEN) as http:
        assert (
            await http.get("/api/v1/mines", headers={"Authorization": f"Bearer {TOKEN}"})
        ).status_code == 200
        assert (await http.get("/", params={"token": "wrong"})).status_code == 401
        entry = await http.get("/", params={"token": TOKEN, "lang": "en"})
        assert (entry.status_code, entry.headers["location"]) == (303, "/?lang=en")
        assert "HttpOnly" in entry.headers["set-cookie"]
        assert "SameSite=strict" in entry.headers["set-cookie"]
        assert (await http.get("/api/v1/mines")).status_code == 200


async def test_every_answer_carries_the_security_headers() -> None:
    """Refusals too."""
    async with client(TOKEN) as http:
        for answer in (
            await http.get("/healthz"),
            await http.get("/api/v1/mines"),
            await http.get("/nothing"),
        ):
            assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


async def test_routes_without_a_token_on_loopback() -> None:
    """Mines, overview, plan; an unknown mine is 404 everywhere; a wrong date is 422."""
    async with client(None) as http:
        assert (await http.get("/api/v1/mines")).json() == [{"code": "m1", "name": "演示一矿"}]
        assert (await http.get("/api/v1/mines/m1")).json() == {"mine": "m1"}
        assert (await http.get("/api/v1/plan/progress")).json()["as_of"] == "2022-10-31"
        assert (await http.get("/api/v1/plan/targets?as_of=2021-12-31")).json()["as_of"] == "2021-12-31"
        (gap,) = (await http.get("/api/v1/mines/m1/gaps")).json()
        assert (gap["gateway"], gap["cause"], gap["outcome"], gap["to"]) == ("gw-1", "link", "open", None)
        assert gap["from"].startswith("2023-11-14T22:13:20")
        assert (await http.get("/api/v1/mines/m2")).status_code == 404
        assert (await http.get("/api/v1/mines/m2/gaps")).status_code == 404
        assert (await http.get("/api/v1/live?mine=m2")).status_code == 404
        assert (await http.get("/api/v1/plan/progress?as_of=soon")).status_code == 422
        assert (await http.get("/metrics")).content == b"ninebelow 1\n"


async def test_openapi_names_every_route() -> None:
    """And no page of it loads anything from the internet."""
    async with client(None) as http:
        paths = (await http.get("/openapi.json")).json()["paths"]
        assert (await http.get("/docs")).status_code == 404
    assert set(paths) >= {
        "/api/v1/mines", "/api/v1/mines/{mine}",
        "/api/v1/mines/{mine}/gaps", "/api/v1/live", "/api/v1/plan/progress", "/api/v1/plan/targets",
        "/healthz", "/metrics",
    }  # fmt: skip


async def test_console_files_are_served(tmp_path: Path) -> None:
    """The page at /, its files under /assets, nothing outside them."""
    (tmp_path / "index.html").write_text("<!doctype html>page")
    (tmp_path / "wall.js").write_text("export {}")
    app = create(StandIn(), tmp_path, token=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre") as http:
        assert (await http.get("/")).text == "<!doctype html>page"
        module = await http.get("/assets/wall.js")
        assert (module.text, module.headers["cache-control"]) == ("export {}", "no-cache")
        assert (
            await http.get("/assets/wall.js", headers={"If-None-Match": module.headers["etag"]})
        ).status_code == 304
        assert (await http.get("/assets/%2e%2e/secret")).status_code == 404
