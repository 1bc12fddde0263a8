"""The registry and the plan over HTTP, over a real SQLite registry; the same figures as the offline commands'."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from contract.workbook import sheets_in
from gateway.access.loopback import OpenAccess
from gateway.access.person import DEMO
from gateway.api.app import create
from gateway.api.center import Center
from gateway.api.exchange import XLSX
from gateway.api.registry import CHANGE_BYTES_MAX, CSV
from gateway.registry import demo, excel
from gateway.registry.desk import PlanDesk, RegistrySource
from gateway.registry.repository import Registry, opened
from ninebelow.app import main
from rules.plan.table import UNITS
from rules.plan.targets import REGISTRY_GOALS
from tests.registry import WHO, WHY, entry, registry_at, small

BY = {"why": WHY}
API = "/api/v1/registry"


class StandIn:
    """What the plan's routes ask of a centre."""

    def today(self) -> date:
        """Fixed."""
        return date(2022, 10, 31)


@asynccontextmanager
async def http_over(registry: Registry) -> AsyncIterator[httpx.AsyncClient]:
    """The application over a registry."""
    desk = PlanDesk(RegistrySource(registry), registry=registry)
    app = create(cast("Center", StandIn()), None, access=OpenAccess(), plan=desk)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre") as http:
        yield http


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Over the small registry."""
    async with registry_at(tmp_path / "r.sqlite", small()) as registry, http_over(registry) as http:
        yield http


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo registry."""
    return tmp_path_factory.mktemp("demo") / "registry.sqlite"


@pytest.fixture
async def demo_http(demo_file: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Over the demo registry."""
    async with opened(demo_file) as registry:
        if not (await registry.head()).number:
            await demo.fill(registry)
        async with http_over(registry) as http:
            yield http


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run `ninebelow …`; gives what it printed as JSON."""

    def ran(*arguments: object) -> Any:
        monkeypatch.setattr(sys, "argv", ["ninebelow", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        return json.loads(capsys.readouterr().out)

    return ran


@pytest.mark.parametrize("day", ["2021-06-30", "2021-12-31", "2022-10-31", "2023-12-31", "2026-01-01"])
async def test_the_same_as_the_offline_commands_on_its_export(
    demo_http: httpx.AsyncClient, tmp_path: Path, run: Any, day: str
) -> None:
    """To the cell: progress, the counted goals, rewards and their sums; the table without any projects."""
    file = tmp_path / "projects.csv"
    file.write_bytes((await demo_http.get(f"{API}/projects.csv")).content)
    for name, keys in (("progress", ()), ("reward", ("balances",)), ("targets", ("measured",))):
        answer = (await demo_http.get(f"/api/v1/plan/{name}", params={"as_of": day})).json()
        assert answer.pop("demo") is True
        for key in keys:
            assert answer.pop(key) is not None
        offline = run("plan", name, "--projects", file, "--as-of", day, "--json")
        if name == "targets":
            assert [goal.pop("id") for goal in answer["goals"]] == [
                goal.pop("id") for goal in offline["goals"]
            ]
            counted = slice(0, -len(REGISTRY_GOALS))
            answer["goals"], offline["goals"] = answer["goals"][counted], offline["goals"][counted]
        assert answer == offline
    table = (await demo_http.get("/api/v1/plan/table")).json()
    assert table.pop("demo") is True
    assert table == run("plan", "table", "--json")


async def test_every_view_of_the_demo_has_something_to_show(demo_http: httpx.AsyncClient) -> None:
    """Lacking faces and chambers, both readings, notices, support, balances, a forecast."""
    get = demo_http.get
    targets = (await get("/api/v1/plan/targets")).json()
    assert {goal["status"] for goal in targets["goals"]} == {"met", "pending", "not_met"}
    measured = targets["measured"]
    assert all(each["lacking"] and each["mines"] for each in measured["mandatory"])
    assert measured["chambers"]["total"]["chambers"] == 261
    assert sum(len(mine["lacking"]) for mine in measured["chambers"]["mines"]) > 0
    assert measured["robots"] > 0
    later = (await get("/api/v1/plan/targets?as_of=2024-01-01")).json()
    assert later["goals"][-2]["status"] == "ambiguous"
    assert (
        later["measured"]["efficiency"]["reading_a_met"]
        is not later["measured"]["efficiency"]["reading_b_met"]
    )
    assert later["measured"]["workforce"]["reduction"] >= 12_000
    follows = (await get("/api/v1/plan/consequences")).json()
    assert follows["demo"] is True
    assert follows["missed_plan"]
    assert follows["notices"]
    assert {each["supported"] for each in follows["priority_support"]} == {True, False}
    money = (await get("/api/v1/plan/reward")).json()["balances"]
    assert all(float(unit["balance_wan"]) > 0 for unit in money["units"])
    figures = (await get("/api/v1/plan/appraisal")).json()["rows"]
    assert [row["enterprise"] for row in figures] == list(UNITS)
    assert all(row["chambers"] and row["staff"] for row in figures)
    book = await get("/api/v1/plan/appraisal.xlsx")
    assert book.content == (await get("/api/v1/plan/appraisal.xlsx")).content
    (sheet,) = sheets_in(book.content).values()
    assert "演示数据" in sheet.rows[0].cells[0]
    assert [row.cells[0] for row in sheet.rows[3:]] == list(UNITS)
    assert [row.cells[1] for row in sheet.rows[3:]] == [str(row["planned"]) for row in figures]
    outlook = (await get("/api/v1/plan/outlook")).json()
    assert any(each["expected"] > each["accepted"] for each in outlook["forecast"])
    for by, count in (("enterprise", 6), ("city", 8), ("mine", 37)):
        rows = (await get("/api/v1/plan/groups", params={"by": by})).json()["rows"]
        assert len({row["group"] for row in rows}) == count
        assert sum(row["planned"] for row in rows) == 331


async def test_a_change_shows_in_the_plan_at_once(http: httpx.AsyncClient) -> None:
    """The kept answers go with the edition that they were of."""

    async def accepted() -> int:
        rows = (await http.get("/api/v1/plan/progress?as_of=2021-12-31")).json()["rows"]
        return int(rows[0]["accepted"])

    assert await accepted() == 1
    row = {"project": "-580 水平采煤面", "completed_on": "2021-08-01", "accepted_on": "2021-09-01"}
    answer = await http.post(f"{API}/projects", json={**BY, "row": row})
    assert (answer.status_code, answer.json()["changed"]) == (200, {"projects": 1})
    assert await accepted() == 2
    entries = (await http.get(f"{API}/audit", params={"after": len(small())})).json()["entries"]
    assert [(each["who"], each["why"], each["action"]) for each in entries] == [
        (DEMO.signature, WHY, "change")
    ]
    assert (await http.get(f"{API}/check")).json()["holds"] is True


async def test_rows_by_pages_and_without_closed_ones(http: httpx.AsyncClient) -> None:
    first = (await http.get(f"{API}/projects?limit=1")).json()
    second = (await http.get(f"{API}/projects", params={"limit": 5, "after": first["next"]})).json()
    assert [row["project"] for row in (*first["rows"], *second["rows"])] == ["甲一", "-580 水平采煤面"]
    assert first["rows"][0]["investment_wan"] == "1200.50"
    assert second["next"] is None
    key = {"project": "甲一"}
    closed = await http.post(
        f"{API}/projects/close", json={**BY, "key": key, "on": "2022-01-01", "revision": 1}
    )
    assert closed.status_code == 200
    left = (await http.get(f"{API}/projects?closed=false")).json()["rows"]
    assert [row["project"] for row in left] == ["-580 水平采煤面"]
    assert (await http.post(f"{API}/projects/close", json={**BY, "key": key, "on": None})).status_code == 200
    assert len((await http.get(f"{API}/projects?closed=false")).json()["rows"]) == 2
    missing = await http.post(
        f"{API}/projects/close", json={**BY, "key": {"project": "没有"}, "on": "2022-01-01"}
    )
    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "code", "what"),
    [
        ("mines", {**BY, "row": {"mine": "丙矿", "enterprise": "无"}}, 422, "不在“企业”表内"),
        ("mines", {**BY, "row": {"mine": "丙矿", "x": 1}}, 422, "unknown column"),
        (
            "mines",
            {**BY, "row": {"mine": "演示甲矿", "note": "x"}, "revision": 9},
            409,
            "changed by someone else",
        ),
        ("mines", {"why": "", "row": {"mine": "演示甲矿"}}, 422, "must be given"),
        ("mines", {"row": {"mine": "演示甲矿"}}, 422, "why"),
        ("mines", {**BY, "who": "somebody", "row": {"mine": "演示甲矿"}}, 422, "who"),
        ("mines", {**BY, "row": {}, "more": 1}, 422, "more"),
        ("nothing", {**BY, "row": {}}, 404, "no table is called nothing"),
        ("audit", {**BY, "row": {}}, 404, "no table is called audit"),
        ("mines", {**BY, "row": {"mine": "x" * CHANGE_BYTES_MAX}}, 413, "more than"),
    ],
)
async def test_refusals(
    http: httpx.AsyncClient, path: str, body: dict[str, object], code: int, what: str
) -> None:
    """Each with what is wrong; nothing has changed."""
    before = (await http.get(API)).json()["head"]
    answer = await http.post(f"{API}/{path}", json=body)
    assert (answer.status_code, what in answer.text) == (code, True), answer.text
    assert (await http.get(API)).json()["head"] == before


async def test_a_foreign_page_cannot_send_a_change(http: httpx.AsyncClient) -> None:
    """What a browser sends without asking first is refused: forms and plain text."""
    body = json.dumps({**BY, "row": {"city": "洛阳市"}})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        for path in ("cities", "import?why=b"):
            answer = await http.post(f"{API}/{path}", content=body, headers={"Content-Type": kind})
            assert answer.status_code == 415


async def test_files_out_and_in_again(http: httpx.AsyncClient) -> None:
    """The export goes in unchanged; a dry run writes nothing; faults have their rows; CSV names its table."""

    async def sent(content: bytes, kind: str = XLSX, **params: str) -> httpx.Response:
        """An import."""
        return await http.post(
            f"{API}/import", params={**BY, **params}, content=content, headers={"Content-Type": kind}
        )

    same = (await sent((await http.get(f"{API}/export.xlsx")).content)).json()
    assert (same["added"], same["changed"], same["unchanged"]) == ({}, {}, len(small()))
    text, csv = "城市\n洛阳市\n".encode(), f"{CSV}; charset=utf-8"
    dry = (await sent(text, csv, table="cities", dry_run="true")).json()
    assert (dry["added"], dry["dry_run"]) == ({"cities": 1}, True)
    assert (await sent(text, csv, table="cities")).json()["head"]["number"] == len(small()) + 1
    wrong = await sent("城市,人口\n洛阳市,1\n".encode(), csv, table="cities")
    assert (wrong.status_code, wrong.json()["detail"][0]["line"]) == (422, 1)
    assert (await sent(text, csv)).status_code == 404
    assert (await sent(b"x" * (excel.FILE_BYTES_MAX + 1))).status_code == 413
    assert (await sent(b"x")).status_code == 422
    template = await http.get(f"{API}/template.xlsx")
    assert template.headers["content-type"] == XLSX
    assert (await sent(template.content)).json()["unchanged"] == 0


async def test_demonstration_data_says_so_everywhere(demo_http: httpx.AsyncClient) -> None:
    """Every answer and every file name."""
    for path in ("", "/mines?limit=1", "/audit?limit=1"):
        assert (await demo_http.get(f"{API}{path}")).json()["demo"] is True
    for path in ("export.xlsx", "projects.csv"):
        name = (await demo_http.get(f"{API}/{path}")).headers["content-disposition"]
        assert "%E6%BC%94%E7%A4%BA%E6%95%B0%E6%8D%AE" in name  # 演示数据


async def test_what_the_registry_holds(http: httpx.AsyncClient) -> None:
    """Columns with headings, meanings and choices: enough for a form."""
    told = (await http.get(API)).json()
    mines = next(table for table in told["tables"] if table["word"] == "mines")
    assert mines["key"] == ["mine"]
    assert {column["word"]: column["zh"] for column in mines["columns"]}["rock_burst"] == "冲击地压"
    assert (await http.get("/openapi.json")).json()["paths"][f"{API}/{{table}}"]["post"]["requestBody"]


async def test_from_a_figure_down_to_a_project_and_its_papers(demo_http: httpx.AsyncClient) -> None:
    """Every cell's overdue and missed projects are found by its row's words; a mine's projects; one with papers."""
    get = demo_http.get
    rows = (await get("/api/v1/plan/progress")).json()["rows"]
    for row in rows:
        asked = {"unit": row["enterprise"], "kind": row["kind"], "year": row["year"]}
        for word in ("overdue", "missed"):
            found = (await get("/api/v1/plan/projects", params={**asked, word: "true"})).json()
            assert (len(found["rows"]), found["demo"]) == (row[word], True)
    mines = (await get("/api/v1/plan/mines")).json()["rows"]
    assert len(mines) == 40
    mine = max(mines, key=lambda each: each["missed"])
    missed = (await get("/api/v1/plan/projects", params={"mine": mine["mine"], "missed": "true"})).json()
    assert len(missed["rows"]) == mine["missed"] > 0
    accepted = (await get("/api/v1/plan/projects?state=accepted&kind=mining_face")).json()["rows"]
    name = accepted[0]["project"]
    told = (await get("/api/v1/plan/project", params={"name": name})).json()
    assert told["project"] == accepted[0]
    assert told["reward"]["project"] == told["papers"]["row"]["project"] == name
    assert told["papers"]["acceptances"][0]["held_on"] == accepted[0]["accepted_on"]
    assert sum(float(each["amount_wan"]) for each in told["papers"]["payments"]) >= float(
        told["balance"]["advance_wan"]
    )
    assert (await get("/api/v1/plan/project?name=没有")).status_code == 404
    assert (await get("/api/v1/plan/projects?kind=没有")).status_code == 422


async def test_struck_out_papers_are_not_shown(http: httpx.AsyncClient) -> None:
    """A payment that was entered by mistake."""
    asked = {"name": "甲一", "as_of": "2022-01-01"}
    papers = (await http.get("/api/v1/plan/project", params=asked)).json()["papers"]
    assert [each["amount_wan"] for each in papers["payments"]] == ["100"]
    body = {**BY, "key": {"payment": "拨〔2021〕1号"}, "on": "2021-03-02"}
    assert (await http.post(f"{API}/payments/close", json=body)).status_code == 200
    told = (await http.get("/api/v1/plan/project", params=asked)).json()
    assert (told["papers"]["payments"], told["balance"]["advance_wan"]) == ([], "0.0000")


async def test_what_was_done_to_one_row(http: httpx.AsyncClient) -> None:
    """Each entry with the cells that it changed; entries of other rows are not among them."""
    row = (await http.get(f"{API}/projects")).json()["rows"][1]
    assert row["project"] == "-580 水平采煤面"
    change = {"project": row["project"], "started_on": "2021-03-01"}
    assert (await http.post(f"{API}/projects", json={**BY, "row": change})).status_code == 200
    told = (await http.get(f"{API}/projects/{row['id']}/history")).json()
    assert [entry["action"] for entry in told["entries"]] == ["add", "change"]
    assert told["entries"][1]["cells"] == [
        {"column": "started_on", "zh": "开工日期", "before": None, "after": "2021-03-01"}
    ]
    assert {cell["column"] for cell in told["entries"][0]["cells"]} == {
        "project", "enterprise", "mine", "kind", "planned_year",
    }  # fmt: skip
    for missing in ("projects/99", "nothing/1"):
        assert (await http.get(f"{API}/{missing}/history")).status_code == 404


async def test_a_registry_that_is_away_is_told(tmp_path: Path) -> None:
    """503, for the plan and for the registry; what was read before is not shown as if it were now."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    async with opened(blocked / "r.sqlite") as registry, http_over(registry) as http:
        for path in ("/api/v1/plan/progress", API, f"{API}/mines"):
            assert (await http.get(path)).status_code == 503
        blocked.unlink()
        await registry.change(entry("cities", city="焦作市"), who=WHO, why=WHY)
        assert (await http.get("/api/v1/plan/progress")).status_code == 200
