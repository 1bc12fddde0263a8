"""HTTP: what nobody is shown, what every answer carries, and the routes over a stand-in centre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import httpx
import pytest

from gateway.access.guard import Access
from gateway.access.loopback import OpenAccess
from gateway.access.person import Person
from gateway.access.reach import Reach
from gateway.api.app import SECURITY_HEADERS, create
from gateway.ingest.node import NodeKey
from gateway.live import views
from gateway.live.gaps import Cause, Gap
from gateway.live.stream import Hub
from gateway.registry.desk import FixedSource, PlanDesk
from rules.plan.register import Register


class Nobody:
    """Knows nobody; the metrics have their token."""

    async def person(self, cookies: Mapping[str, str]) -> Person | None:  # noqa: ARG002
        """None."""
        return None

    async def reach(self, person: Person) -> Reach:
        """Nobody asks."""
        raise AssertionError(person)

    def is_scraper(self, bearer: str) -> bool:
        """The one word."""
        return bearer == "scraper"

    def counters(self) -> Mapping[str, float]:
        """None."""
        return {}


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


def client(access: Access) -> httpx.AsyncClient:
    """A client of the application."""
    app = create(StandIn(), None, access=access, plan=PlanDesk(FixedSource(Register(), demo=True)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/session",
        "/api/v1/mines",
        "/api/v1/mines/m1",
        "/api/v1/mines/m1/gaps",
        "/api/v1/live?mine=m1",
        "/api/v1/plan/progress",
        "/metrics",
        "/openapi.json",
        "/nothing",
    ],
)
async def test_nothing_is_shown_to_nobody(path: str) -> None:
    """Every path but the health check; a cookie or token that is not known is none."""
    async with client(Nobody()) as http:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "ninebelow_session=wrong"}):
            answer = await http.get(path, headers=headers)
            assert answer.status_code == 401
            assert "演示" not in answer.text


async def test_health_check_needs_nobody() -> None:
    """Probes have no session; what is missing is named, and the code says 503."""
    async with client(Nobody()) as http:
        answer = await http.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "broker": True, "historian": False}


async def test_a_scraper_has_the_metrics_and_nothing_else() -> None:
    """Its token opens one path."""
    async with client(Nobody()) as http:
        http.headers["Authorization"] = "Bearer scraper"
        assert (await http.get("/metrics")).content == b"ninebelow 1\n"
        assert (await http.get("/api/v1/mines")).status_code == 401


async def test_every_answer_carries_the_security_headers() -> None:
    """Refusals too."""
    async with client(Nobody()) as http:
        for answer in (
            await http.get("/healthz"),
            await http.get("/api/v1/mines"),
            await http.get("/nothing"),
        ):
            assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


async def test_routes_of_the_demo() -> None:
    """Mines, overview, plan; an unknown mine is 404 everywhere; a wrong date is 422."""
    async with client(OpenAccess()) as http:
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
    async with client(OpenAccess()) as http:
        paths = (await http.get("/openapi.json")).json()["paths"]
        assert (await http.get("/docs")).status_code == 404
    assert set(paths) >= {
        "/api/v1/mines", "/api/v1/mines/{mine}",
        "/api/v1/mines/{mine}/gaps", "/api/v1/live", "/api/v1/plan/progress", "/api/v1/plan/targets",
        "/healthz", "/metrics",
    }  # fmt: skip


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A console of four pages."""
    for folder in ("wall", "mine", "province", "sign_in"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.html").write_text(f"<!doctype html>{folder}")
    (tmp_path / "wall" / "wall.js").write_text("export {}")
    return tmp_path


async def test_console_files_are_served(assets: Path) -> None:
    """The pages at their addresses, their files under /assets, nothing outside them; from / on to the wall."""
    app = create(StandIn(), assets, access=OpenAccess())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre") as http:
        home = await http.get("/?lang=en")
        assert (home.status_code, home.headers["location"]) == (303, "/wall?lang=en")
        for address, folder in (
            ("/wall", "wall"), ("/mine", "mine"), ("/province", "province"), ("/sign-in", "sign_in"),
        ):  # fmt: skip
            page = await http.get(address)
            assert (page.text, page.headers["cache-control"]) == (f"<!doctype html>{folder}", "no-cache")
        assert (await http.get("/assets/wall/wall.js")).text == "export {}"
        assert (await http.get("/assets/%2e%2e/secret")).status_code == 404


async def test_a_page_for_nobody_leads_to_the_sign_in(assets: Path) -> None:
    """And from there back; the sign-in page and its files are for everybody."""
    app = create(StandIn(), assets, access=Nobody())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre") as http:
        answer = await http.get("/mine?mine=m1&lang=en")
        assert (answer.status_code, answer.headers["location"]) == (
            303, "/sign-in?next=%2Fmine%3Fmine%3Dm1%26lang%3Den",
        )  # fmt: skip
        assert (await http.get("/sign-in")).text == "<!doctype html>sign_in"
        assert (await http.get("/assets/wall/wall.js")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 404),
        ({"Sec-Fetch-Site": "same-origin"}, 404),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://centre"}, 404),
        ({"Origin": "http://centre.evil"}, 403),
        ({"Origin": "http://centre:8081"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_what_another_site_sends_is_refused(headers: Mapping[str, str], status: int) -> None:
    """By what browsers say of where a request comes from; programs say nothing."""
    async with client(OpenAccess()) as http:
        answer = await http.post("/api/v1/nothing", headers=headers, json={})
        assert answer.status_code == status
        assert (await http.get("/api/v1/mines", headers=headers)).status_code == 200
