"""`ninebelow chambers evaluate`: its output's form, its faults with file and line, its warnings and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ninebelow.app import main
from rules.chambers.state import STATES

RULE = """timezone = "Asia/Shanghai"
days_min = 1
[chambers.C2]
kind = "main_belt"
[chambers.C1]
kind = "underground_compressor"
"""
HEADER = "at,chamber,signal,value,quality\n"
HEALTHY = (("occupancy", "0"), ("control_mode", "auto"), ("video", "1"), ("protections", "1"), ("link", "1"))
PERIOD = ("--from", "2022-03-01", "--to", "2022-03-04", "--now", "2022-03-03T00:00:00+08:00")


class Command:
    """The command in a folder of its own, run in this process."""

    def __init__(self, folder: Path, run: Callable[[Sequence[str]], tuple[int, str, str]]) -> None:
        self.folder, self._run = folder, run
        self.write("chambers.toml", RULE)
        self.write("signals.csv", HEADER)

    def write(self, name: str, text: str) -> None:
        """Put a file there."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def __call__(self, *options: str, period: Sequence[str] = PERIOD) -> tuple[int, str, str]:
        """Exit code, stdout, stderr; files by their bare names."""
        files = ("--rule", "chambers.toml", "--signals", "signals.csv")
        return self._run(["chambers", "evaluate", *files, *period, *options])

    def json(self, *options: str, period: Sequence[str] = PERIOD) -> Any:
        """What it prints as JSON when nothing is wrong."""
        code, out, err = self("--json", *options, period=period)
        assert (code, err) == (0, "")
        return json.loads(out)

    def faults(self, *options: str, period: Sequence[str] = PERIOD) -> list[str]:
        """Where each fault is, `file:line` or `file`; nothing else is printed."""
        code, out, err = self("--json", *options, period=period)
        assert (code, out) == (2, "")
        return [line.split(": ")[0] for line in err.splitlines()]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.chdir(tmp_path)

    def run(argv: Sequence[str]) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["ninebelow", *argv])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        return code, *capsys.readouterr()

    return Command(tmp_path, run)


def healthy(chamber: str, hours: int, **says: str) -> str:
    """Rows every five minutes from midnight of the first day on."""
    words = {**dict(HEALTHY), **says}
    times = [datetime(2022, 3, 1) + timedelta(minutes=5 * n) for n in range(12 * hours + 1)]  # noqa: DTZ001
    return "".join(
        f"{at.isoformat()},{chamber},{signal},{word},good\n" for at in times for signal, word in words.items()
    )


def test_records_have_exactly_these_keys_in_this_order(command: Command) -> None:
    """Chambers as in the rule, days ascending, none that has not ended."""
    command.write("signals.csv", HEADER + healthy("C2", 24))
    command.write("declared.csv", "chamber,level\nC2,unattended\n")
    records = command.json("--declared", "declared.csv")
    assert list(records) == ["days", "levels"]
    assert [(day["chamber"], day["day"]) for day in records["days"]] == [
        ("C2", "2022-03-01"),
        ("C2", "2022-03-02"),
        ("C1", "2022-03-01"),
        ("C1", "2022-03-02"),
    ]
    assert records["days"][0] == {
        "chamber": "C2",
        "day": "2022-03-01",
        "seconds": {**dict.fromkeys(map(str, STATES), 0), "unattended": 28800, "central_control": 57600},
        "posted_s": 0,
        "longest_presence_s": 0,
        "patrols": 0,
        "longest_visit_gap_s": 86400,
        "unguarded_s": 0,
    }
    assert list(records["days"][0]["seconds"]) == list(map(str, STATES))
    assert records["levels"][0] == {
        "chamber": "C2",
        "kind": "main_belt",
        "from": "2022-03-01",
        "to": "2022-03-03",
        "share": {
            **dict.fromkeys(map(str, STATES), 0),
            "unattended": 28800 / 172800,
            "central_control": 57600 / 172800,
            "unknown": 0.5,
        },
        "level": "no_verdict",
        "declared": "unattended",
        "agrees": None,
    }
    assert records["levels"][1]["declared"] is None


def test_nothing_has_ended(command: Command) -> None:
    """Neither days nor levels."""
    early = ("--from", "2022-03-01", "--to", "2022-03-04", "--now", "2022-03-01T23:59:59.999999")
    assert command.json(period=early) == {"days": [], "levels": []}


def test_times_quality_order_and_line_ends(command: Command) -> None:
    """Any offset, local times of the rule's zone, quality in any case, rows in any order, the last row wins."""
    rows = healthy("C2", 24).splitlines()
    plain = command_json_of(command, rows)
    utc = [
        row.replace("2022-03-01T08:", "2022-03-01 00:").replace(",C2", "Z,C2", 1)
        for row in rows
        if "01T08:" in row
    ]
    others = [row for row in rows if "01T08:" not in row]
    spoilt = [row.replace(",good", ",bad") for row in rows]
    shouted = [row.replace(",good", ",GooD") for row in reversed(others)]
    command.write("signals.csv", "\ufeff" + "\r\n".join([HEADER.strip(), *spoilt, *shouted, *utc]) + "\r\n")
    assert command.json() == plain


def command_json_of(command: Command, rows: Sequence[str]) -> Any:
    command.write("signals.csv", HEADER + "\n".join(rows))
    return command.json()


def test_what_is_no_good_value_is_unknown(command: Command) -> None:
    """Empty, another quality, and an occupancy that is no count; none of it is a fault."""
    for good, spoilt in (
        (",link,1", ",link,"),
        (",link,1,good", ",link,broken,uncertain"),
        (",link,1,good", ",link,1,"),
        (",occupancy,0", ",occupancy,-1"),
    ):
        command.write("signals.csv", HEADER + healthy("C2", 24).replace(good, spoilt))
        code, out, _ = command("--json")
        assert code == 0
        assert json.loads(out)["days"][0]["seconds"]["unknown"] == 86400


def test_rows_later_than_now_are_ignored_but_checked(command: Command) -> None:
    """Even one that would end what is known."""
    rows = healthy("C2", 48)
    command.write("signals.csv", HEADER + rows)
    plain = command.json()
    command.write("signals.csv", HEADER + rows + "2022-03-03T00:00:01,C2,link,0,good\n")
    assert command.json() == plain
    command.write("signals.csv", HEADER + "2022-03-04T00:00:01,C2,link,2,good\n")
    assert command.faults() == ["signals.csv:2"]


def test_all_faults_at_once(command: Command) -> None:
    """Of every file and option, each with its line, and nothing on stdout."""
    command.write(
        "chambers.toml",
        'timezone = "Asia/Nowhere"\nbridge_s = 1800\nlevel_share = 1.5\nwindow_days = 0\npatrol_min_s = -1\n'
        'days_min = "7"\npatrol_max = 30\n[chambers.C1]\nkind = "pump"\ndoor_required = 1\n[chambers.C2]\n',
    )
    command.write(
        "signals.csv",
        HEADER
        + "2022-03-01T00:00:00,C1,occupancy,many,good\n"
        + "2022-03-01T00:00:00,C1,link,2,good\n"
        + "2022-03-01T00:00:00,C1,door,open,bad\n"
        + "2022-03-01T00:00:00,C1,control_mode,Auto,good\n"
        + "2022-03-01T00:00:00,C1,light,1,bad\n"
        + "2022-03-01T24:00:00,C9,video,3,GOOD\n"
        + "2022-03-01T00:00:00,C1,link,1\n",
    )
    command.write("declared.csv", "chamber,level\nC1,unattended\nC9,manned\nC1,\n")
    period = ("--from", "1 March", "--to", "2022-03-32", "--now", "noon")
    assert command.faults("--declared", "declared.csv", period=period) == [
        *(f"chambers.toml:{line}" for line in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11)),
        *(f"signals.csv:{line}" for line in (3, 5, 6, 7, 7, 8)),
        "declared.csv:3",
        "declared.csv:4",
        "--now",
        "--from",
        "--to",
    ]


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        pytest.param("", "chambers.toml:1", id="empty"),
        pytest.param("[chambers]\n", "chambers.toml:1", id="no chamber named"),
        pytest.param("chambers = 1\n", "chambers.toml:1", id="not a table"),
        pytest.param("\n[chambers.C1\n", "chambers.toml:2", id="not TOML"),
        pytest.param(
            RULE.replace("days_min = 1", "patrol_max_min = 1"), "chambers.toml:1", id="bridge_s by default"
        ),
        pytest.param(
            RULE.replace("days_min = 1", "patrol_people_max = 2.5"), "chambers.toml:2", id="half a person"
        ),
        pytest.param(RULE.replace("days_min = 1", "stale_after_s = inf"), "chambers.toml:2", id="infinite"),
        pytest.param(
            RULE.replace("days_min = 1", "stale_after_s = true"), "chambers.toml:2", id="true is no number"
        ),
        pytest.param(RULE.replace("Asia/Shanghai", "Asia"), "chambers.toml:1", id="a folder of timezones"),
        pytest.param(RULE.replace("Asia/Shanghai", "../UTC"), "chambers.toml:1", id="not a timezone"),
    ],
)
def test_a_faulty_rule(command: Command, rule: str, where: str) -> None:
    command.write("chambers.toml", rule)
    assert command.faults() == [where]


@pytest.mark.parametrize(
    ("signals", "where"),
    [
        pytest.param("", ["signals.csv:1"], id="empty"),
        pytest.param(
            "at,chamber,signal,value\n2022-03-01T00:00:00,C1,x,1\n", ["signals.csv:1"], id="column missing"
        ),
        pytest.param(HEADER.replace("\n", ",x\n"), ["signals.csv:1"], id="unknown column"),
        pytest.param(
            HEADER + "2022-03-01T00:00,C1,light,1,good\n" * 2,
            ["signals.csv:2", "signals.csv:3"],
            id="each row",
        ),
        pytest.param(HEADER + "2022-03-01T00:00,C1,link,1.0,good\n", ["signals.csv:2"], id="1.0 is not 1"),
        pytest.param(HEADER + "2022-03-01T00:00,C1,link,1,good,\n", ["signals.csv:2"], id="a field too many"),
    ],
)
def test_faulty_signals(command: Command, signals: str, where: list[str]) -> None:
    command.write("signals.csv", signals)
    assert command.faults() == where


@pytest.mark.parametrize(("day", "hours"), [("2022-03-27", 23), ("2022-10-30", 25), ("2022-10-31", 24)])
def test_days_are_of_the_rules_timezone(command: Command, day: str, hours: int) -> None:
    """Where clocks change the seven still make up the day."""
    command.write("chambers.toml", RULE.replace("Asia/Shanghai", "Europe/Berlin"))
    period = ("--from", day, "--to", "2022-11-01", "--now", "2022-12-01T00:00:00")
    assert sum(command.json(period=period)["days"][0]["seconds"].values()) == hours * 3600


def test_figures_and_times_at_the_ends_of_their_range(command: Command) -> None:
    """Neither endless durations nor the first and last years break anything."""
    command.write(
        "chambers.toml", RULE.replace("days_min = 1", "stale_after_s = 1e300\npatrol_interval_h = 1e300")
    )
    times = ("0001-01-01T00:00:00", "2022-03-01T12:00:00", "9999-12-31T23:59:59.999999")
    rows = "".join(f"{at},C2,{signal},{word},good\n" for at in times for signal, word in HEALTHY)
    command.write("signals.csv", HEADER + rows)
    days = command.json(period=(*PERIOD[:5], "9999-12-31T23:59:59.999999"))["days"]
    assert [day["seconds"]["unattended"] for day in days[:3]] == [86400, 86400, 86400]


def test_files_that_are_not_there(command: Command) -> None:
    """Each is a fault of its own, without a line."""
    (command.folder / "chambers.toml").unlink()
    (command.folder / "signals.csv").unlink()
    assert command.faults("--declared", "no.csv") == ["chambers.toml", "signals.csv", "no.csv"]


def test_options_that_are_missing(command: Command) -> None:
    """Wrong usage, exit code 2."""
    code, out, err = command(period=())
    assert (code, out) == (2, "")
    assert "--from" in err


def test_warnings(command: Command) -> None:
    """A chamber that the rule does not name, once per name; mostly unreadable counts. The exit code stays 0."""
    command.write(
        "signals.csv",
        HEADER
        + "2022-03-01T00:00,C8,occupancy,1,good\n2022-03-01T00:00,C9,occupancy,n/a,good\n"
        + "2022-03-01T00:00,C8,occupancy,two,good\n2022-03-01T00:00,C9,occupancy,two,bad\n",
    )
    command.write("declared.csv", "chamber,level\nC9,not_yet\nC7,\n")
    code, out, err = command("--json", "--declared", "declared.csv")
    assert code == 0
    assert len(json.loads(out)["days"]) == 4
    named = [line for line in err.splitlines() if "not in the rule" in line]
    assert [(line.split(":")[0], line.split("'")[1]) for line in named] == [
        ("signals.csv", "C8"),
        ("signals.csv", "C9"),
        ("declared.csv", "C7"),
    ]
    assert len(err.splitlines()) == len(named) + 1
    command.write(
        "signals.csv", HEADER + "2022-03-01T00:00,C2,occupancy,1,good\n2022-03-01T00:00,C2,occupancy,x,good\n"
    )
    assert command("--json")[2] == ""


@pytest.mark.parametrize(("lang", "word"), [("zh", "集中控制"), ("en", "central control")])
def test_tables_for_people(command: Command, lang: str, word: str) -> None:
    command.write("signals.csv", HEADER + healthy("C2", 24))
    code, out, err = command("--lang", lang)
    assert (code, err) == (0, "")
    assert word in out
    assert "16:00" in out


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("尚无数据", "巡检超期", "人员巡检")),
        ("en", ("no rows yet", "visit overdue", "patrol by people")),
    ],
)
def test_a_day_in_words(command: Command, lang: str, words: tuple[str, ...]) -> None:
    """Every stretch with what stood in the way, and who came."""
    rows = healthy("C2", 20).replace("-01T", "-02T")
    spell = rows.replace("2022-03-02T09:00:00,C2,occupancy,0", "2022-03-02T09:00:00,C2,occupancy,1")
    command.write("signals.csv", HEADER + spell)
    code, out, err = command("--lang", lang, "--explain", "C2/2022-03-02")
    assert (code, err) == (0, "")
    assert "2022-03-02T09:05:00+08:00" in out
    for word in words[1:]:
        assert word in out
    assert words[0] in command("--lang", lang, "--explain", "C2/2022-03-01")[1]
    assert words[0] in command("--lang", lang, "--explain", "C1/2022-03-01")[1]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "zh",
            (
                "C2（主运输皮带）2022-03-01 起、2022-03-03 前：无法评定；申报 无人值守，相符：—\n"
                "有记录 2 天，少于 1 天无法评定。\n"
                "无人值守 16.666 % + 巡检 0 % = 16.666 %：达到 95 % 且巡检不超过 20 % 为无人值守。\n"
                "再加集中控制 33.333 % = 50 %：达到 95 % 为集中控制。\n"
                "再加未知 50 % = 100 %：达到 95 % 则缺的数据可能改变结论，无法评定；否则未达到。\n"
            ),
        ),
        (
            "en",
            "With unknown 50 % = 100 %: 95 % or more, and missing data could decide it: no verdict; else not yet.\n",
        ),
    ],
)
def test_a_level_in_words(command: Command, lang: str, said: str) -> None:
    """The shares beside what they are held against; cut, not rounded."""
    command.write("signals.csv", HEADER + healthy("C2", 24))
    command.write("declared.csv", "chamber,level\nC2,unattended\n")
    code, out, err = command("--declared", "declared.csv", "--lang", lang, "--explain", "C2")
    assert (code, err) == (0, "")
    assert said in out


@pytest.mark.parametrize("wanted", ["C2/2022-03-03", "C9/2022-03-01", "C9", ""])
def test_no_such_day_to_explain(command: Command, wanted: str) -> None:
    assert command.faults("--explain", wanted) == ["--explain"]
