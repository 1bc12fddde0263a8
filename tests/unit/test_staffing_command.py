"""`ninebelow staffing evaluate`: its output's form, its faults with file and line, its warnings and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ninebelow.app import main

CALENDAR = """timezone = "Asia/Shanghai"
[[calendar]]
effective_on = 2022-01-01
shifts = [
  { name = "零点班", start = "00:00", minutes = 480, kind = "maintenance" },
  { name = "八点班", start = "08:00", minutes = 480, kind = "production" },
]
"""
RULE = """[faces.F2]
kind = "driving_face"
intelligent = true
hazard = "other"
[faces.F1]
kind = "mining_face"
intelligent = true
hazard = "severe"
"""
HEADCOUNT = "at,face,headcount,quality\n"
CARDS = "at,face,card,post\n"
PERIOD = ("--from", "2022-03-01", "--to", "2022-03-03", "--now", "2022-03-02T16:00:00+08:00")


class Command:
    """The command in a folder of its own, run in this process."""

    def __init__(self, folder: Path, run: Callable[[Sequence[str]], tuple[int, str, str]]) -> None:
        self.folder, self._run = folder, run
        self.write("calendar.toml", CALENDAR)
        self.write("rule.toml", RULE)
        self.write("headcount.csv", HEADCOUNT)

    def write(self, name: str, text: str) -> None:
        """Put a file there."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def __call__(self, *options: str, period: Sequence[str] = PERIOD) -> tuple[int, str, str]:
        """Exit code, stdout, stderr; files by their bare names."""
        files = ("--calendar", "calendar.toml", "--rule", "rule.toml", "--headcount", "headcount.csv")
        return self._run(["staffing", "evaluate", *files, *period, *options])

    def json(self, *options: str, period: Sequence[str] = PERIOD) -> Any:
        """What it prints as JSON when nothing is wrong or odd."""
        code, out, err = self("--json", *options, period=period)
        assert (code, err) == (0, "")
        return json.loads(out)

    def faults(self, *options: str, period: Sequence[str] = PERIOD) -> list[str]:
        """Where each fault is, `file:line` or `file`; nothing else is printed."""
        code, out, err = self("--json", *options, period=period)
        assert (code, out) == (2, "")
        return [line.split(": ")[0] for line in err.splitlines()]

    def warnings(self, *options: str) -> list[str]:
        """The lines on stderr of a run that goes through."""
        code, out, err = self("--json", *options)
        assert code == 0
        json.loads(out)
        return err.splitlines()


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.chdir(tmp_path)

    def run(arguments: Sequence[str]) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["ninebelow", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else 0, printed.out, printed.err

    return Command(tmp_path, run)


def headcounts(face: str = "F1", count: str = "9", day: str = "2022-03-01", hours: range = range(24)) -> str:
    """A row every ten minutes."""
    return "".join(
        f"{day}T{hour:02d}:{minute:02d}:00+08:00,{face},{count},good\n"
        for hour in hours
        for minute in range(0, 60, 10)
    )


def test_records_come_by_face_then_start(command: Command) -> None:
    """Faces as in the rule; shifts of the asked days that have ended by now; faces without rows too."""
    command.write("headcount.csv", HEADCOUNT + headcounts())
    records = command.json()
    assert [(each["face"], each["shift_on"], each["shift"]) for each in records] == [
        ("F2", "2022-03-01", "零点班"),
        ("F2", "2022-03-01", "八点班"),
        ("F2", "2022-03-02", "零点班"),
        ("F2", "2022-03-02", "八点班"),
        ("F1", "2022-03-01", "零点班"),
        ("F1", "2022-03-01", "八点班"),
        ("F1", "2022-03-02", "零点班"),
        ("F1", "2022-03-02", "八点班"),
    ]
    assert [each["coverage"] for each in records] == [0, 0, 0, 0, 1, 1, 0, 0]
    assert [each["verdict"] for each in records[4:]] == ["not_judged", "within", "not_judged", "no_verdict"]
    assert [each["final"] for each in records[4:]] == [True, True, True, False]


def test_a_shift_ended_by_now_has_a_record(command: Command) -> None:
    """One that ends a microsecond later has none."""
    asked = ("--from", "2022-03-01", "--to", "2022-03-02", "--now")
    assert len(command.json(period=(*asked, "2022-03-01T16:00"))) == 4
    assert len(command.json(period=(*asked, "2022-03-01T15:59:59.999999"))) == 2
    assert (
        command.json(period=("--from", "2022-03-01", "--to", "2022-03-01", "--now", "2022-03-09 00:00")) == []
    )


def test_now_is_of_the_calendar_s_timezone(command: Command) -> None:
    """Unless it says otherwise."""
    asked = ("--from", "2022-03-01", "--to", "2022-03-02", "--now")
    assert command.json(period=(*asked, "2022-03-01T16:00")) == command.json(
        period=(*asked, "2022-03-01T08:00Z")
    )


def test_rows_after_now_are_ignored_but_checked(command: Command) -> None:
    """They end nothing, and their faults count."""
    rows = HEADCOUNT + "2022-03-02T15:58:00+08:00,F1,12,good\n2022-03-02T16:05:00+08:00,F1,9,good\n"
    command.write("headcount.csv", rows)
    assert command.json()[-1]["over_limit_s"] == 0  # handover
    assert command.json()[-1]["person_minutes"] == 24
    command.write("headcount.csv", rows + "2023-03-01T16:60,F1,9,good\n")
    assert command.faults() == ["headcount.csv:4"]


def test_the_last_row_of_an_instant_wins(command: Command) -> None:
    """However the instant is written."""
    rows = "2022-03-02T12:00:00+08:00,F1,12,good\n2022-03-02 04:00Z,F1,7,good\n2022-03-02 12:01,F1,0,good\n"
    command.write("headcount.csv", HEADCOUNT + rows)
    assert command.json()[-1]["person_minutes"] == 7


@pytest.mark.parametrize(
    ("count", "quality", "coverage"),
    [
        *(("9", "GOOD", 1), ("9.0", "Good", 1), ("", "good", 0), ("9", "", 0), ("9", "bad", 0)),
        *(("9", " good", 0), ("nine", "stale", 0), ("00", "good", 1)),
    ],
)
def test_what_is_known(command: Command, count: str, quality: str, coverage: float) -> None:
    """Good in any letter case and a count; the rest is unknown."""
    rows = headcounts(count=count).replace("good", quality)
    command.write("headcount.csv", HEADCOUNT + rows)
    assert command.json()[5]["coverage"] == coverage


def test_cards(command: Command) -> None:
    """Faces that count from cards; persons of all faces; none without the file."""
    command.write("rule.toml", RULE + 'count_from = "cards"\n')
    rows = "".join(
        f"2022-03-01T{hour:02d}:{minute:02d},F1,{card},\n"
        for hour in range(8, 17)
        for minute in range(0, 60, 10)
        for card in ("A", "B", "C,1")[: 3 if hour < 12 else 2]
    ).replace("C,1", '"C,1"')
    command.write("cards.csv", CARDS + rows)
    record = command.json("--cards", "cards.csv")[5]
    assert (record["face"], record["headcount_max"], record["distinct_persons"]) == ("F1", 3, 3)
    assert command.json("--cards", "cards.csv")[1]["distinct_persons"] == 0
    assert command.faults() == ["rule.toml:9"]


def test_cards_never_change_a_headcount(command: Command) -> None:
    """With `count_from = "headcount"` they tell persons only."""
    command.write("headcount.csv", HEADCOUNT + headcounts())
    command.write("cards.csv", CARDS + "".join(f"2022-03-01T09:{minute},F1,A,\n" for minute in range(10, 40)))
    without, with_cards = command.json(), command.json("--cards", "cards.csv")
    assert [each.pop("distinct_persons") for each in without] == [None] * 8
    assert [each.pop("distinct_persons") for each in with_cards] == [0, 0, 0, 0, 0, 1, 0, 0]
    assert without == with_cards


@pytest.mark.parametrize(
    ("file", "old", "new", "faults"),
    [
        ("calendar.toml", "timezone", "time_zone", ["calendar.toml:1"] * 2),
        ("calendar.toml", "Asia/Shanghai", "Asia/Kaifeng", ["calendar.toml:1"]),
        ("calendar.toml", '"Asia/Shanghai"', "8", ["calendar.toml:1"]),
        ("calendar.toml", "2022-01-01", '"2022-01-01"', ["calendar.toml:3"]),
        ("calendar.toml", "2022-01-01", "2022-01-01T00:00:00", ["calendar.toml:3"]),
        ("calendar.toml", "effective_on = 2022-01-01", "", ["calendar.toml:2"]),
        ("calendar.toml", "minutes = 480", "minutes = 0", ["calendar.toml:5", "calendar.toml:6"]),
        ("calendar.toml", '"maintenance"', '"repair"', ["calendar.toml:5"]),
        ("calendar.toml", 'start = "08:00"', 'start = "8:00"', ["calendar.toml:6"]),
        ("calendar.toml", 'start = "08:00"', "start = 08:00:00", ["calendar.toml:6"]),
        ("calendar.toml", ', kind = "production"', "", ["calendar.toml:6"]),
        (
            "calendar.toml",
            "\n]\n",
            "\n]\n[[calendar]]\neffective_on = 2022-01-01\nshifts = []\n",
            ["calendar.toml:8"],
        ),
        ("calendar.toml", "[[calendar]]", "[[calendars]]", ["calendar.toml:1", "calendar.toml:2"]),
        ("rule.toml", "hazard", "hazards", ["rule.toml:1", "rule.toml:4", "rule.toml:5", "rule.toml:8"]),
        ("rule.toml", "driving_face", "tunnel", ["rule.toml:2"]),
        ("rule.toml", "true", '"true"', ["rule.toml:3", "rule.toml:7"]),
        (
            "rule.toml",
            '"severe"',
            '"severe"\nmethod = "manual"\ncount_from = "hand"',
            ["rule.toml:9", "rule.toml:10"],
        ),
        (
            "rule.toml",
            "[faces.F2]",
            "limit = -1\nsustain_s = 0\nover_total_s = -0.5\n[faces.F2]",
            ["rule.toml:1", "rule.toml:2", "rule.toml:3"],
        ),
        ("rule.toml", "[faces.F2]", "coverage_min = 95\n[faces.F2]", ["rule.toml:1"]),
        (
            "rule.toml",
            "[faces.F2]",
            'handover_min = "30"\nlimits = 9\n[faces.F2]',
            ["rule.toml:1", "rule.toml:2"],
        ),
        ("rule.toml", RULE, "limit = 9\n", ["rule.toml:1"]),
        ("rule.toml", RULE, "[faces]\n", ["rule.toml:1"]),
        ("rule.toml", RULE, "limit = \n", ["rule.toml:1"]),
        ("headcount.csv", "quality", "qualities", ["headcount.csv:1"] * 2),
        ("headcount.csv", "at,", "at,at,", ["headcount.csv:1"]),
        (
            "headcount.csv",
            "quality\n",
            "quality\nx,F1,9,good\n2022-03-01 00:00,F1,9\n",
            ["headcount.csv:2", "headcount.csv:3"],
        ),
        (
            "headcount.csv",
            "quality\n",
            "quality\nx,F9,9,good\n",
            ["headcount.csv:2"],
        ),  # of no face of the rule
        ("cards.csv", "card,", "card,name,", ["cards.csv:1"]),
        ("cards.csv", "post\n", "post\n2022-03-01 00:00,F1,A\n", ["cards.csv:2"]),
    ],
)
def test_faults(command: Command, file: str, old: str, new: str, faults: list[str]) -> None:
    """Each is told with its line, nothing is printed, exit code 2."""
    command.write("cards.csv", CARDS)
    text = (command.folder / file).read_text(encoding="utf-8")
    assert old in text
    command.write(file, text.replace(old, new))
    assert command.faults("--cards", "cards.csv") == faults


def test_faults_of_all_files_at_once(command: Command) -> None:
    """Options too."""
    command.write("calendar.toml", CALENDAR.replace("Asia", "Azia"))
    command.write("rule.toml", RULE.replace("mining_face", "face"))
    command.write("headcount.csv", HEADCOUNT + "2022-03-01,F1,9,good\n")
    asked = ("--from", "1 March", "--to", "2022-02-30", "--now", "today")
    faults = command.faults("--cards", "none.csv", period=asked)
    assert faults == [
        "calendar.toml:1",
        "rule.toml:6",
        "headcount.csv:2",
        "none.csv",
        "--now",
        "--from",
        "--to",
    ]


def test_missing_options_are_wrong_usage(command: Command) -> None:
    """Exit code 2 as well."""
    assert command(period=())[0] == 2


@pytest.mark.parametrize("file", ["calendar.toml", "rule.toml", "headcount.csv"])
def test_byte_order_mark_and_line_ends(command: Command, file: str) -> None:
    """Every file may come from a spreadsheet."""
    command.write("headcount.csv", HEADCOUNT + headcounts())
    expected = command.json()
    text = (command.folder / file).read_text(encoding="utf-8")
    (command.folder / file).write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    assert command.json() == expected


def test_faces_off_the_rule_are_warned_of_once(command: Command) -> None:
    """Their rows are ignored, in whatever file."""
    command.write("headcount.csv", HEADCOUNT + headcounts("F9") + headcounts("F8") + headcounts("F9"))
    command.write("cards.csv", CARDS + "2022-03-01 00:00,F9,A,\n2022-03-01 00:00,F7,A,\n")
    command.write(
        "calendar.toml", CALENDAR + '[[calendar]]\nface = "F6"\neffective_on = 2022-01-01\nshifts = []\n'
    )
    warnings = command.warnings("--cards", "cards.csv")
    assert [line.split("'")[1] for line in warnings] == ["F6", "F9", "F8", "F7"]


def test_mostly_unreadable_counts_are_warned_of(command: Command) -> None:
    """Of the good, non-empty ones."""
    odd = headcounts(count="nine") + headcounts(count="9", hours=range(8)) + headcounts(count="")
    command.write("headcount.csv", HEADCOUNT + odd)
    assert len(command.warnings()) == 1
    command.write("headcount.csv", HEADCOUNT + headcounts(count="nine") + headcounts(count="9"))
    assert command.warnings() == []


def test_gaps_and_overlaps_at_a_calendar_change_are_warned_of(command: Command) -> None:
    """Once for the mine, not for each face."""
    shift = '{name = "早班", start = "06:00", minutes = 480, kind = "production"}'
    change = f"[[calendar]]\neffective_on = 2022-03-02\nshifts = [{shift}]\n"
    command.write("calendar.toml", CALENDAR + change)
    (warning,) = command.warnings()
    assert "2022-03-02" in warning
    assert "gap" in warning


def test_cards_stamped_one_by_one_are_warned_of(command: Command) -> None:
    """Once per face."""
    rows = "".join(
        f"2022-03-01 08:{second // 60:02d}:{second % 60:02d},F1,{second % 7},\n"
        for second in range(0, 600, 2)
    )
    command.write("cards.csv", CARDS + rows)
    (warning,) = command.warnings("--cards", "cards.csv")
    assert "'F1'" in warning


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("八点班", "超员", "持续超员")), ("en", ("verdict", "exceeded", "sustained"))]
)
def test_without_json_a_table_is_printed(command: Command, lang: str, words: tuple[str, ...]) -> None:
    """In either language, a line per record."""
    command.write("headcount.csv", HEADCOUNT + headcounts(count="12"))
    code, out, err = command("--lang", lang)
    assert (code, err) == (0, "")
    assert all(word in out for word in words)
    assert len([line for line in plain(out) if "F1" in line or "F2" in line]) == 8


def plain(out: str) -> list[str]:
    """Lines without the frames of tables."""
    return [" ".join(line.replace("│", " ").split()) for line in out.splitlines()]


def test_what_is_printed_is_what_is_meant(command: Command) -> None:
    """59.999999 s is no minute, 94.9999 % is not 95 %, and a face's name is not markup."""
    command.write("rule.toml", RULE.replace("F1", '"[b]面[/x]"').replace("F2", '"F2"'))
    rows = headcounts("[b]面[/x]", hours=range(8, 16))
    rows += "2022-03-01T12:00,[b]面[/x],10,good\n2022-03-01T12:00:59.999999,[b]面[/x],9,good\n"
    rows += "2022-03-01T13:00,[b]面[/x],9,bad\n2022-03-01T13:20:01,[b]面[/x],9,good\n2022-03-01T13:10,[b]面[/x],,good\n"
    rows += "2022-03-01T13:20,[b]面[/x],,good\n2022-03-01T16:00,[b]面[/x],9,good\n"
    command.write("headcount.csv", HEADCOUNT + rows)
    for options in ((), ("--explain", "[b]面[/x]/八点班")):
        code, out, err = command(*options)
        assert (code, err) == (0, "")
        assert "[b]面[/x]" in out
        assert "59.999999" in out
        assert "95.234 %" in out  # 1201 of 25200 s are unknown: 95.2341…


def test_an_explanation_names_every_figure(command: Command) -> None:
    """Beside what each is held against, in both languages, and who was counted as a person."""
    command.write("rule.toml", 'exempt_posts = ["矿领导"]\n' + RULE)
    cards = "".join(
        f"2022-03-01T{hour:02d}:{minute:02d},F1,{card},{post}\n"
        for hour in range(8, 16)
        for minute in range(0, 60, 10)
        for card, post in (("A", "采煤工"), ("L", "矿领导"), ("P", "矿领导"))
        if card != "P" or (hour, minute) in {(9, 0), (9, 10)}
    )
    command.write("cards.csv", CARDS + cards)
    command.write("headcount.csv", HEADCOUNT + headcounts(count="31", hours=range(8, 16)))
    for lang, said in (
        (
            "zh",
            ("限员 9。", "法定限员 25（", "重大隐患：是；整班持续人数 31", "达标，也不否定", "进面人员 2："),
        ),
        (
            "en",
            (
                "limit 9.",
                "The law allows 25,",
                "Major hazard: yes; the whole shift has 31",
                "counted",
                "2 persons",
            ),
        ),
    ):
        code, out, err = command("--cards", "cards.csv", "--lang", lang, "--explain", "F1/八点班")
        assert (code, err) == (0, "")
        assert all(part in out for part in said), out
        yes, no = ("是", "否") if lang == "zh" else ("yes", "no")
        lines = plain(out)
        assert [f"A {yes} 25200 25200", f"L {yes} 25200 0", f"P {no} 1200 0"] == [
            line for line in lines if line[:2] in {"A ", "L ", "P "}
        ]


def test_explanation(command: Command) -> None:
    """The stretches over a limit, the unknown ones, and the run that made the sustained headcount."""
    rows = (
        headcounts(hours=range(8, 12))
        + headcounts(count="12", hours=range(12, 13))
        + headcounts(hours=range(13, 15))
    )
    command.write("headcount.csv", HEADCOUNT + rows)
    code, out, err = command("--lang", "en", "--explain", "F1/八点班")
    assert (code, err) == (0, "")
    assert "exceeded (sustained)" in out
    over = "2022-03-01T12:00:00+08:00 2022-03-01T13:00:00+08:00 judged part over the limit 12 3600"
    unknown = "2022-03-01T14:50:00+08:00 2022-03-01T15:30:00+08:00 judged part unknown ? 2400"
    lines = plain(out)
    assert over in lines
    assert unknown in lines
    assert command("--explain", "F1/早班")[0] == 2


FILES = ("calendar.toml", "rule.toml", "headcount.csv", "cards.csv")
PIECES = (
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"[",
    b"]",
    b"=",
    b"9" * 50,
    b"-",
    b"T",
    b" ",
    "工".encode(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from(PIECES)), min_size=1, max_size=4),
)
def test_a_damaged_file_is_read_or_refused(
    command: Command, file: str, cuts: list[tuple[float, int, bytes]]
) -> None:
    """Never a traceback: exit code 0 with JSON, or 2 with nothing on stdout and a line for each fault."""
    command.write("calendar.toml", CALENDAR)
    command.write("rule.toml", RULE)
    command.write("headcount.csv", HEADCOUNT + headcounts(hours=range(8, 10)))
    command.write("cards.csv", CARDS + "2022-03-01 08:00,F1,A,\n2022-03-01 08:05,F1,B,miner\n")
    data = (command.folder / file).read_bytes()
    for where, lost, piece in cuts:
        at = int(where * len(data))
        data = data[:at] + piece + data[at + lost :]
    (command.folder / file).write_bytes(data)
    code, out, err = command("--json", "--cards", "cards.csv")
    assert code in (0, 2)
    if code == 0:
        json.loads(out)
    else:
        assert out == ""
        assert err
