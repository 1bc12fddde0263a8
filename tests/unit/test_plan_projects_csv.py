"""Pins the reading of projects.csv: its form, every row fault with its line, every warning (definitions.md §0, §3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contract.errors import Misconfigured
from rules.plan.project import COLUMNS, Project
from rules.plan.projects_csv import ProjectsFile, read_projects_csv
from rules.plan.table import ALIASES, Kind

GOOD = {
    "project": "演示一矿 1101 采煤面",
    "enterprise": "郑煤集团",
    "mine": "演示一矿",
    "kind": "mining_face",
    "planned_year": "2022",
    "in_library_on": "2022-01-10",
    "started_on": "2022-02-01",
    "completed_on": "2022-09-01",
    "accepted_on": "2022-10-01",
    "withdrawn_on": "",
    "investment_wan": "1234.5",
}


def text_of(*changes: dict[str, str]) -> str:
    """A file with one row per change to the good row; names differ unless changed."""
    rows = [GOOD | {"project": f"项目{number}"} | change for number, change in enumerate(changes, start=1)]
    lines = [",".join(COLUMNS), *(",".join(row[column] for column in COLUMNS) for row in rows)]
    return "\n".join(lines) + "\n"


def read(text: str) -> ProjectsFile:
    return read_projects_csv(text.splitlines(keepends=True), file="projects.csv")


def faults_of(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(Misconfigured) as caught:
        read(text)
    assert {fault.file for fault in caught.value.faults} == {"projects.csv"}
    return [(fault.line, fault.what) for fault in caught.value.faults]


def test_a_full_row() -> None:
    """Every column lands in its field, with its type."""
    assert read(text_of({"project": "甲"})).projects == (
        Project(
            name="甲",
            enterprise="郑煤集团",
            mine="演示一矿",
            kind=Kind.MINING_FACE,
            planned_year=2022,
            in_library_on=date(2022, 1, 10),
            started_on=date(2022, 2, 1),
            completed_on=date(2022, 9, 1),
            accepted_on=date(2022, 10, 1),
            withdrawn_on=None,
            investment_wan=Decimal("1234.5"),
        ),
    )


def test_blanks_are_none() -> None:
    """What may be blank is `None`, the mine of a chamber too."""
    blank = dict.fromkeys(("mine", "in_library_on", "started_on", "completed_on", "accepted_on"), "")
    (project,) = read(text_of({"kind": "chamber", "investment_wan": ""} | blank)).projects
    assert project == Project("项目1", "郑煤集团", None, Kind.CHAMBER, 2022)


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_aliases_are_exact_after_trimming(alias: str) -> None:
    """An alias names its unit, blanks around it do not matter, and it is not off the table."""
    read_file = read(text_of({"enterprise": f" {alias}\t"}))
    assert (read_file.projects[0].enterprise, read_file.warnings) == (ALIASES[alias], ())


def test_the_registry_may_add_aliases() -> None:
    """More aliases can be given; an unknown name stays itself."""
    lines = text_of({"enterprise": "演示集团"}).splitlines(keepends=True)
    more = read_projects_csv(lines, file="f", aliases={**ALIASES, "演示集团": "神火集团"})
    assert more.projects[0].enterprise == "神火集团"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_endings_quotes_blanks_and_column_order(ending: str) -> None:
    """Either line ending, quoted fields, trimmed fields, columns in any order, nothing on a line is no row."""
    columns = tuple(reversed(COLUMNS))
    row = [f'"  {GOOD[column]} "' for column in columns]
    text = ending.join([",".join(columns), "", ",".join(row), "", ""])
    assert read(text).projects == read(text_of({"project": GOOD["project"]})).projects


def test_a_quoted_field_may_hold_commas_quotes_and_line_ends() -> None:
    """A row over several lines keeps its first line's number, and the next row its own."""
    text = text_of({"project": '"甲,""一""\n二"'}, {"kind": "shaft"})
    assert [line for line, _ in faults_of(text)] == [4]
    assert read(text_of({"project": '"甲,""一""\n二"'})).projects[0].name == '甲,"一"\n二'
    assert [line for line, _ in faults_of(text_of({"project": '"甲\n二"', "kind": "shaft"}))] == [2]


def test_a_file_without_rows_is_valid() -> None:
    """The header alone is a valid file."""
    assert read(",".join(COLUMNS) + "\n") == ProjectsFile((), ())
    assert read(",".join(COLUMNS)) == ProjectsFile((), ())


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_a_header(text: str) -> None:
    """One fault says that the columns are not named."""
    assert [line for line, _ in faults_of(text)] == [1]


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (",".join(COLUMNS[:-1]), "investment_wan"),
        (",".join((*COLUMNS, "remark")), "remark"),
        (",".join((*COLUMNS, "kind")), "kind"),
        (",".join((*COLUMNS, "")), "未知列“”"),
        (",".join(COLUMNS).replace("mine,", "Mine,"), "Mine"),
    ],
)
def test_header_faults(header: str, named: str) -> None:
    """A missing, unknown, nameless or repeated column is a fault of the header's line."""
    faults = faults_of(header + "\n")
    assert {line for line, _ in faults} == {1}
    assert any(named in what for _, what in faults)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"project": " "}, "project"),
        ({"enterprise": ""}, "enterprise"),
        ({"kind": ""}, "kind"),
        ({"planned_year": ""}, "planned_year"),
        ({"mine": ""}, "mine"),
        ({"mine": " ", "kind": "driving_face"}, "mine"),
        ({"mine": "", "kind": "driving_face_tbm"}, "mine"),
        ({"mine": "", "kind": "demonstration_mine"}, "mine"),
        ({"kind": "Mining_face"}, "kind"),
        ({"kind": "shaft"}, "kind"),
        ({"planned_year": "2020"}, "planned_year"),
        ({"planned_year": "2021.0"}, "planned_year"),
        ({"planned_year": "二〇二一"}, "planned_year"),
        ({"planned_year": "-2021"}, "planned_year"),
        ({"planned_year": "２０２１"}, "planned_year"),
        ({"in_library_on": "2022/01/10"}, "in_library_on"),
        ({"in_library_on": "20220110"}, "in_library_on"),
        ({"started_on": "2022-1-10"}, "started_on"),
        ({"started_on": "2022-02-29"}, "started_on"),
        ({"completed_on": "2022-09-01T00:00"}, "completed_on"),
        ({"completed_on": "2022-W10-1"}, "completed_on"),
        ({"accepted_on": "soon"}, "accepted_on"),
        ({"accepted_on": "", "withdrawn_on": "0000-01-01"}, "withdrawn_on"),
        ({"completed_on": ""}, "completed_on"),
        ({"accepted_on": "2022-08-31"}, "accepted_on"),
        ({"withdrawn_on": "2099-01-01"}, "withdrawn_on"),
        ({"investment_wan": "-1"}, "investment_wan"),
        ({"investment_wan": "+1"}, "investment_wan"),
        ({"investment_wan": "1."}, "investment_wan"),
        ({"investment_wan": ".5"}, "investment_wan"),
        ({"investment_wan": "1e3"}, "investment_wan"),
        ({"investment_wan": "NaN"}, "investment_wan"),
        ({"investment_wan": "1_000"}, "investment_wan"),
        ({"investment_wan": "１２"}, "investment_wan"),
    ],
)
def test_row_faults(change: dict[str, str], named: str) -> None:
    """Each row fault is found, once, at its line, and names its column."""
    ((line, what),) = faults_of(text_of({}, change))
    assert (line, named in what) == (3, True)


def test_the_same_project_twice() -> None:
    """The second is the fault, whatever blanks are around it and whichever unit it is of."""
    ((line, what),) = faults_of(text_of({"project": "甲"}, {}, {"project": " 甲 ", "enterprise": "神火集团"}))
    assert line == 4
    assert "2" in what


@pytest.mark.parametrize("line", ["甲,乙", ",".join([*GOOD.values(), ""]), " "])
def test_another_number_of_fields(line: str) -> None:
    """A row that is shorter or longer than the header is a fault, also where the surplus is blank."""
    assert [at for at, _ in faults_of(text_of({}) + line + "\n")] == [3]


def test_a_quote_that_never_closes() -> None:
    """It swallows what follows, so its row has another number of fields: a fault at its first line."""
    text = text_of({}, {"enterprise": '"郑煤'}, {}, {})
    assert [line for line, _ in faults_of(text)] == [3]
    in_last_column = text_of({}, {"investment_wan": '"12'}, {}, {})
    assert [line for line, _ in faults_of(in_last_column)] == [3]


def test_a_field_too_long_for_a_table() -> None:
    """What Python's csv module refuses is a fault of that row, and the rows after it are judged."""
    text = text_of({}, {"mine": "矿" * 200_000}, {"kind": "shaft"})
    assert [line for line, _ in faults_of(text)] == [3, 4]


def test_bytes_that_are_not_utf8() -> None:
    """Every row that holds one is a fault; in the header nothing else can be judged."""
    text = text_of({"mine": "\udcb5"}, {}, {"kind": "shaft"})
    assert [line for line, _ in faults_of(text)] == [2, 4]
    assert [line for line, _ in faults_of("\udcff" + text)] == [1]


def test_all_faults_are_listed_by_line() -> None:
    """Faults of header, form and rows come together, ordered by line."""
    text = text_of({"kind": "shaft", "planned_year": "1999"}, {"project": "项目1"}, {"enterprise": ""})
    text = text.replace("investment_wan\n", "investment_wan,note\n") + "甲,乙\n"
    rows = text.splitlines(keepends=True)
    text = "".join([rows[0], *(row.rstrip("\n") + ",x\n" for row in rows[1:-1]), rows[-1]])
    assert [line for line, _ in faults_of(text)] == [1, 2, 2, 3, 4, 5]


def test_rows_are_still_judged_where_a_column_is_missing() -> None:
    """A missing column is named once, in the header; the columns that are there are judged as ever."""
    text = ",".join(column for column in COLUMNS if column not in ("mine", "completed_on")) + "\n"
    text += "甲,神火集团,shaft,2022,2022-13-01,,2022-10-01,,\n"
    assert [line for line, _ in faults_of(text)] == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 0),
        ({"in_library_on": "2022-09-01", "started_on": "2022-09-01"}, 0),
        ({"in_library_on": "2022-09-02"}, 1),
        ({"started_on": "2022-09-02"}, 1),
        ({"accepted_on": "", "withdrawn_on": "2022-09-01"}, 0),
        ({"accepted_on": "", "withdrawn_on": "2022-08-31"}, 1),
        ({"accepted_on": "", "withdrawn_on": "2022-01-09"}, 3),
        ({"planned_year": "2023"}, 0),
        ({"planned_year": "2024"}, 1),
        ({"enterprise": "演示集团"}, 1),
    ],
)
def test_warnings(change: dict[str, str], count: int) -> None:
    """What looks wrong is said with its line and stops nothing."""
    read_file = read(text_of({}, change))
    assert [warning.line for warning in read_file.warnings] == [3] * count
    assert len(read_file.projects) == 2


def test_an_enterprise_off_the_table_is_warned_of_once() -> None:
    """Once per name, at its first row."""
    names = ({"enterprise": name} for name in ("演示集团", "郑煤", "另一集团", "演示集团"))
    assert [warning.line for warning in read(text_of(*names)).warnings] == [2, 4]
