"""Pins `ninebelow plan …` as a user meets it: options, JSON forms, tables, faults and warnings, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ninebelow import plan
from ninebelow.app import main
from tests.unit import reference_plan

HEADER = (
    "project,enterprise,mine,kind,planned_year,in_library_on,started_on,completed_on,accepted_on,"
    "withdrawn_on,investment_wan"
)
ROWS = """
甲,郑煤,演示一矿,mining_face,2021,2021-01-01,2021-02-01,2021-06-01,2021-07-01,,1000
乙,演示集团,演示二矿,driving_face_tbm,2021,,,2022-06-01,,,
[丙],神火集团,,chamber,2024,,,,,2022-01-01,12.5
""".strip()


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: object
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, read as JSON."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_plan(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["ninebelow", "plan", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ran(ended.value.code, captured.out, captured.err)

    return run_plan


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    path = tmp_path / "projects.csv"
    path.write_text(f"{HEADER}\n{ROWS}\n", encoding="utf-8")
    return path


def dictionaries() -> list[reference_plan.Row]:
    return [dict(zip(HEADER.split(","), line.split(","), strict=True)) for line in ROWS.splitlines()]


def test_table_json(run: Run) -> None:
    """54 rows and 30 totals; a year is a number, the whole plan a text."""
    ran = run("table", "--json")
    assert (ran.code, ran.err, list(ran.json)) == (0, "", ["rows", "totals"])
    assert ran.json["rows"][0] == {
        "enterprise": "河南能源化工集团",
        "kind": "mining_face",
        "year": 2021,
        "planned": 16,
    }
    assert (len(ran.json["rows"]), len(ran.json["totals"])) == (54, 30)
    assert list(ran.json["totals"][-1].values()) == ["合计", "demonstration_mine", "2021-2023", 24]


def test_progress_json(run: Run, projects: Path) -> None:
    """The whole form, to the key's order; rates are numbers, unknown is null."""
    ran = run("progress", "--projects", projects, "--as-of", "2022-06-01", "--json")
    assert (ran.code, ran.json) == (0, reference_plan.progress(dictionaries(), "2022-06-01"))
    assert list(ran.json) == ["as_of", "rows", "totals"]
    assert json.dumps(ran.json["rows"][18], ensure_ascii=False) == (
        '{"enterprise": "郑煤集团", "kind": "mining_face", "year": 2021, "due": true, "planned": 2, '
        '"accepted": 1, "completed": 1, "planned_cumulative": 2, "accepted_cumulative": 1, '
        '"completed_cumulative": 1, "rate": 0.5, "shortfall": 1, "overdue": 0, "missed": 0}'
    )


def test_targets_json(run: Run, projects: Path) -> None:
    """The whole form, to the key's order."""
    ran = run("targets", "--projects", projects, "--as-of", "2022-06-01", "--json")
    assert (ran.code, ran.json) == (0, reference_plan.targets(dictionaries(), "2022-06-01"))
    assert list(ran.json) == ["as_of", "goals"]
    assert json.dumps(ran.json["goals"][1]) == (
        '{"id": "mining_face_2021", "by": "2021-12-31", "text_low": 30, "text_high": 35, "table": 32, '
        '"accepted": 1, "completed": 1, "status": "not_met"}'
    )


def test_reward_json(run: Run, projects: Path) -> None:
    """The whole form, to the key's order; amounts and the rate are texts."""
    ran = run("reward", "--projects", projects, "--as-of", "2022-06-01", "--json")
    assert (ran.code, ran.json) == (0, reference_plan.reward(dictionaries(), "2022-06-01"))
    assert list(ran.json) == ["projects", "sums"]
    assert json.dumps(ran.json["projects"][0], ensure_ascii=False) == (
        '{"project": "甲", "enterprise": "郑煤集团", "mine": "演示一矿", "kind": "mining_face", "year": 2021, '
        '"payer": "province", "status": "payable", "rate": "0.35", "cap_wan": "500.0000", '
        '"investment_wan": "1000.0000", "reward_wan": "350.0000", "capped_wan": "350.0000", '
        '"uncapped_wan": "350.0000"}'
    )


def test_warnings_go_to_stderr_with_their_lines(run: Run, projects: Path) -> None:
    """Off the table at line 3, planned after the plan at line 4; the answer stands."""
    ran = run("progress", "--projects", projects, "--json")
    assert ran.code == 0
    assert [line.split(": ")[0] for line in ran.err.splitlines()] == [f"{projects}:3", f"{projects}:4"]


@pytest.mark.parametrize("command", ["progress", "targets", "reward"])
def test_as_of_defaults_to_today(
    run: Run, projects: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Only the command reads the clock."""
    monkeypatch.setattr(plan, "_today", lambda: date(2021, 6, 15))
    assert run(command, "--projects", projects, "--json").json == (
        run(command, "--projects", projects, "--as-of", "2021-06-15", "--json").json
    )


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["table"], ["河南能源化工集团", "合计", "2021-2023", "216"]),
        (["progress"], ["2022-06-01", "演示集团", "全省", "50.0%", "—"]),
        (["targets"], ["2021 年采煤面", "冲击地压煤矿", "未达到", "无数据"]),
        (["reward"], ["[丙]", "应奖补", "350.0000", "机房硐室"]),
    ],
)
def test_tables_for_people(run: Run, projects: Path, arguments: list[str], shown: list[str]) -> None:
    """A Chinese table; names are shown as they are written."""
    options = [] if arguments == ["table"] else ["--projects", projects, "--as-of", "2022-06-01"]
    ran = run(*arguments, *options)
    assert ran.code == 0
    assert [text for text in shown if text not in ran.out] == []


@pytest.mark.parametrize("command", ["progress", "targets", "reward"])
def test_all_faults_with_file_and_line_and_nothing_on_stdout(run: Run, tmp_path: Path, command: str) -> None:
    """Exit code 2."""
    path = tmp_path / "p.csv"
    path.write_text(f"{HEADER}\n甲,,,shaft,2020,,,,,,\n甲,郑煤,演示一矿\n", encoding="utf-8")
    ran = run(command, "--projects", path, "--json")
    assert (ran.code, ran.out) == (2, "")
    lines = [line.removeprefix(f"{path}:").split(":")[0] for line in ran.err.splitlines()]
    assert lines == ["2", "2", "2", "3"]


def test_a_byte_order_mark_and_crlf(run: Run, projects: Path) -> None:
    """As spreadsheets save it."""
    plain = run("reward", "--projects", projects, "--json")
    projects.write_bytes(b"\xef\xbb\xbf" + projects.read_bytes().replace(b"\n", b"\r\n"))
    assert run("reward", "--projects", projects, "--json").out == plain.out


def test_no_rows_is_no_fault(run: Run, tmp_path: Path) -> None:
    """Zero counts of 54 rows, no project, no sum."""
    path = tmp_path / "p.csv"
    path.write_text(HEADER, encoding="utf-8")
    assert run("progress", "--projects", path, "--as-of", "2022-01-01", "--json").json == (
        reference_plan.progress([], "2022-01-01")
    )
    assert run("reward", "--projects", path, "--json").json == {"projects": [], "sums": []}


def test_a_file_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    """Missing, a folder, or not UTF-8 (with the line): a fault, no traceback."""
    gbk = tmp_path / "gbk.csv"
    gbk.write_bytes(f"{HEADER}\n{ROWS}".encode("gbk"))
    for path, where in ((tmp_path / "none.csv", ""), (tmp_path, ""), (gbk, ":2")):
        ran = run("progress", "--projects", path)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"{path}{where}: ")


@pytest.mark.parametrize("day", ["2022-02-29", "20220101", "2022-1-1", "2022-W01-1", "today", ""])
def test_an_unreadable_day(run: Run, projects: Path, day: str) -> None:
    """`--as-of` is a date as in the files; anything else is wrong usage."""
    ran = run("progress", "--projects", projects, "--as-of", day)
    assert (ran.code, ran.out) == (2, "")
    assert "--as-of" in ran.err


def test_projects_must_be_named(run: Run) -> None:
    """Wrong usage, not a traceback."""
    ran = run("progress")
    assert (ran.code, ran.out) == (2, "")
    assert "--projects" in ran.err
