"""`ninebelow registry …` as a user meets it: files in and out, exit codes, what it says."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.registry import demo, excel, files
from gateway.registry.repository import opened
from ninebelow.app import main
from tests.registry import small, small_rows


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: object
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `ninebelow …` in the test's folder."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["ninebelow", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ran(ended.value.code, captured.out, captured.err)

    return ran


@pytest.fixture
def run(typed: Run) -> Run:
    """Run `ninebelow registry …` over the registry in the test's folder."""

    def ran(command: str, *arguments: object, registry: str = "registry.sqlite") -> Ran:
        place = [] if command == "template" else ["--registry", registry]
        return typed("registry", command, *arguments, *place)

    return ran


@pytest.fixture
def plan(typed: Run) -> Run:
    """Run `ninebelow plan …`."""
    return lambda *arguments: typed("plan", *arguments)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The small registry as a workbook."""
    file = tmp_path / "small.xlsx"
    file.write_bytes(excel.workbook_of(files.plain_rows(small_rows()), demo=False))
    return file


def test_a_workbook_in_out_and_in_again(run: Run, book: Path, tmp_path: Path) -> None:
    """XLSX → registry → XLSX gives the same bytes; so do CSV files."""
    dry = run("import", book, "--why", "首次导入", "--dry-run")
    assert (dry.code, "未写入" in dry.out) == (0, True)
    taken = run("import", book, "--why", "首次导入", "--who", "张三", "--json")
    told = json.loads(taken.out)
    assert (taken.code, sum(told["added"].values()), told["head"]["number"]) == (
        0,
        len(small()),
        len(small()),
    )
    assert run("export", "-o", "out.xlsx").code == 0
    assert (tmp_path / "out.xlsx").read_bytes() == book.read_bytes()
    assert run("export", "-o", "tables").code == 0
    again = run("import", "tables", "--why", "再导入")
    assert f"未变 {len(small())}" in again.out
    assert run("import", "tables", "--why", "新库", registry="new.sqlite").code == 0
    assert run("export", "-o", "new.xlsx", registry="new.sqlite").code == 0
    assert (tmp_path / "new.xlsx").read_bytes() == book.read_bytes()


def test_every_fault_is_told_with_its_row(run: Run, tmp_path: Path) -> None:
    """Exit code 2, nothing on stdout, nothing written."""
    (tmp_path / "mines.csv").write_text(
        "煤矿,企业,采深\n甲矿,没有,深\n甲矿,没有,1\n,没有,\n", encoding="utf-8"
    )
    ran = run("import", "mines.csv", "--why", "x")
    assert (ran.code, ran.out) == (2, "")
    lines = ran.err.splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "2", "3", "3", "4", "4"]
    assert "采深（米）“深”应为数" in lines[0]
    assert json.loads(run("check", "--json").out)["head"]["number"] == 0


def test_the_plan_is_answered_from_a_registry_too(run: Run, plan: Run, tmp_path: Path) -> None:
    """The same as from its projects.csv, and what only a registry knows: payers, measured goals, its mark."""

    async def fill() -> None:
        async with opened(tmp_path / "registry.sqlite") as registry:
            await demo.fill(registry)

    asyncio.run(fill())
    assert run("export", "-o", "projects.csv").code == 0
    day = ("--as-of", "2022-10-31", "--json")
    for command in ("progress", "reward"):
        kept = plan(command, "--registry", "registry.sqlite", *day)
        assert (kept.code, kept.err) == (0, "演示数据 / demonstration data\n")
        assert kept.out == plan(command, "--projects", "projects.csv", *day).out
    goals = json.loads(plan("targets", "--registry", "registry.sqlite", *day).out)["goals"]
    offline = json.loads(plan("targets", "--projects", "projects.csv", *day).out)["goals"]
    assert goals[:9] == offline[:9]
    assert {goal["status"] for goal in offline[9:]} == {"not_measured"}
    assert "not_measured" not in {goal["status"] for goal in goals[9:]}
    (tmp_path / "enterprises.csv").write_text("企业,奖补资金来源\n神火集团,省财政\n", encoding="utf-8")
    assert run("import", "enterprises.csv", "--why", "改由省财政").code == 0
    payers = {
        each["payer"]
        for each in json.loads(plan("reward", "--registry", "registry.sqlite", *day).out)["projects"]
        if each["enterprise"] == "神火集团"
    }
    assert payers == {"province"}


def test_a_bulletin_of_a_registry_has_its_mark_and_its_money(plan: Run, tmp_path: Path) -> None:
    """Balances and measured goals are there; telemetry is not."""

    async def fill() -> None:
        async with opened(tmp_path / "registry.sqlite") as registry:
            await demo.fill(registry)

    asyncio.run(fill())
    made = plan(
        *("bulletin", "--registry", "registry.sqlite", "--as-of", "2022-10-31"),
        *("--format", "json", "-o", "bulletin.json"),
    )
    assert made.code == 0
    told = json.loads((tmp_path / "bulletin.json").read_text(encoding="utf-8"))
    assert (told["demo"], told["has_registry"], told["staffing"]) == (True, True, None)
    assert told["balances"]["units"]


def test_the_check_says_where_the_config_differs(run: Run, typed: Run, book: Path, tmp_path: Path) -> None:
    """Told, but no reason to fail: which of the two is right is for people to say."""
    assert run("import", book, "--why", "x").code == 0
    (tmp_path / "gateway.toml").write_text(
        '[registry]\npath = "registry.sqlite"\n[[mines]]\ncode = "990000000001"\nname = "甲"\n'
        '[[mines.faces]]\ncode = "F9"\nname = "九"\nkind = "mining_face"\n',
        encoding="utf-8",
    )
    for options in ([], ["--json"]):
        said = typed("registry", "check", *options)
        assert said.code == 0
        text = said.out if options else said.err
        assert "a face of the config that is not registered" in text
        assert "a registered chamber that is not watched" in text
    assert json.loads(run("check", "--json").out)["config"] is None


def test_one_source_of_projects_and_one_that_is_there(run: Run, plan: Run, tmp_path: Path) -> None:
    """A slip of the pen is not an empty registry."""
    (tmp_path / "p.csv").write_text("", encoding="utf-8")
    for arguments in ((), ("--projects", "p.csv", "--registry", "registry.sqlite")):
        ran = plan("progress", *arguments)
        assert (ran.code, "--projects" in ran.err, "--registry" in ran.err) == (2, True, True)
    assert plan("progress", "--registry", "registry.sqlite").code == 2
    for command in (("check",), ("export", "-o", "x.xlsx"), ("backup", "x.jsonl.gz")):
        ran = run(*command)
        assert (ran.code, "there is no such registry" in ran.err) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv"]


def test_who_is_the_user_by_default_and_why_is_asked_for(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "operator")
    assert run("import", book).code == 2
    assert run("import", book, "--why", "首次导入").code == 0

    async def who() -> str:
        async with opened(Path("registry.sqlite")) as registry:
            return (await registry.audit(limit=1))[0].who

    assert asyncio.run(who()) == "operator"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("import", "missing.xlsx", "--why", "x"), "无法读取"),
        (("import", "x.csv", "--why", "x"), "--table"),
        (("import", "small.xlsx", "--why", "x", "--table", "nothing"), "没有这张表"),
        (("export", "-o", "small.xlsx"), "已存在"),
        (("backup", "b.zip"), "文件名应以"),
        (("restore", "missing.jsonl.gz"), "无法读取"),
        (("restore", "missing.sqlite"), "无法读取"),
    ],
)
def test_mistakes(run: Run, book: Path, arguments: tuple[str, ...], what: str) -> None:
    """Exit code 2 and what to do."""
    assert book.exists()
    ran = run(*arguments)
    assert (ran.code, what in ran.err) == (2, True), ran.err


@pytest.mark.parametrize("kind", ["sqlite", "jsonl.gz"])
def test_backup_and_restore(run: Run, book: Path, kind: str) -> None:
    """Into an empty registry only; the audit log and its seal come along."""
    run("import", book, "--why", "首次导入")
    kept = run("backup", f"b.{kind}")
    assert kept.code == 0
    seal = kept.out.split()[-1]
    assert run("restore", f"b.{kind}", registry="new.sqlite").code == 0
    assert run("check", "--seal", seal, registry="new.sqlite").code == 0
    assert run("check", "--seal", "0" * 64, registry="new.sqlite").code == 3
    again = run("restore", f"b.{kind}", registry="new.sqlite")
    assert (again.code, "不是空库" in again.err) == (1, True)
    assert run("backup", f"b.{kind}").code == 2


def test_check_tells_what_was_tampered_with(run: Run, book: Path) -> None:
    """Exit code 3."""
    run("import", book, "--why", "首次导入")
    assert run("check").code == 0
    with closing(sqlite3.connect("registry.sqlite")) as connection:
        connection.execute("UPDATE payments SET amount_wan = '999'")
        connection.commit()
    ran = run("check", "--json")
    assert (ran.code, json.loads(ran.out)["holds"]) == (3, False)
    assert "payments" in json.loads(ran.out)["faults"][0]


def test_the_template_goes_in_as_it_is(run: Run) -> None:
    assert run("template", "-o", "t.xlsx").code == 0
    assert run("import", "t.xlsx", "--why", "空白").code == 0


def test_demonstration_data_says_so(run: Run, tmp_path: Path) -> None:
    """On stderr, in file names; it is not taken into a registry of other data."""

    async def fill() -> None:
        async with opened(tmp_path / "demo.sqlite") as registry:
            await demo.fill(registry)

    asyncio.run(fill())
    ran = run("export", "-o", "tables", registry="demo.sqlite")
    assert "演示数据" in ran.err
    assert all("演示数据" in file.name for file in (tmp_path / "tables").iterdir())
    (tmp_path / "cities.csv").write_text("城市\n焦作市\n", encoding="utf-8")
    run("import", "cities.csv", "--why", "x")
    refused = run("import", "tables", "--why", "x")
    assert (refused.code, "演示数据" in refused.err) == (1, True)


def test_the_registry_of_a_config(
    run: Run, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the config's folder, as the centre has it."""
    assert run("template", "-o", "t.xlsx").code == 0
    (tmp_path / "gateway.toml").write_text(
        '[registry]\npath = "data/r.sqlite"\n[[mines]]\ncode = "m"\nname = "m"\n'
    )
    monkeypatch.setattr(sys, "argv", ["ninebelow", "registry", "import", str(book), "--why", "x"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, (tmp_path / "data" / "r.sqlite").exists()) == (0, True), capsys.readouterr().err
