"""Workbooks and CSV of the registry: what is written comes back as it was, and what people send is told apart."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from contract.errors import Misconfigured
from contract.workbook import ROWS_MAX
from gateway.registry import csv_files, excel, files
from gateway.registry.form import Cell
from gateway.registry.intake import judged
from gateway.registry.register_of import register_of
from gateway.registry.tables import BY_WORD, TABLES
from rules.plan.projects_csv import read_projects_csv
from tests.registry import EMPTY, rows, small_rows
from tests.workbooks import Cell as Shown
from tests.workbooks import archive_of, parts_of, workbook

DAY = datetime(2021, 3, 5)  # noqa: DTZ001  (Excel's days have no zone)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_rows_come_back_from_a_workbook_and_from_csv(data: st.DataObject) -> None:
    """To the letter and to the digit, whatever they begin with or look like."""
    table = data.draw(st.sampled_from(TABLES))
    given_rows = data.draw(rows(table))
    content = excel.workbook_of({table.word: given_rows}, demo=data.draw(st.booleans()), tables=[table])
    for read in (
        excel.workbook_in(content, "r.xlsx"),
        csv_files.table_in(table, csv_files.text_of_table(table, given_rows).encode(), "r.csv"),
    ):
        assert read.faults == []
        back = [entry.given for entry in read.entries]
        assert back == given_rows
        assert [{word: str(value) for word, value in row.items()} for row in back] == [
            {word: str(value) for word, value in row.items()} for row in given_rows
        ]


def test_a_registry_comes_back_from_its_workbook() -> None:
    """XLSX → registry → XLSX is identity, bytes included."""
    kept = files.plain_rows(small_rows())
    content = excel.workbook_of(kept, demo=False)
    judgement = judged(excel.workbook_in(content, "r.xlsx").entries, EMPTY)
    assert judgement.faults == []
    again: dict[str, list[object]] = {table.word: [] for table in TABLES}
    for change in judgement.changes:
        again[change.table].append(change.after)
    assert again == kept
    assert excel.workbook_of(again, demo=False) == content  # type: ignore[arg-type]  # rows are rows


def test_the_template_helps_to_fill_it_in(tmp_path: Path) -> None:
    """A sheet per table with Chinese headings, a note for every column, a list for every choice, and no rows."""
    file = tmp_path / "t.xlsx"
    file.write_bytes(excel.workbook_of({}, demo=False))
    assert excel.workbook_in(file.read_bytes(), "t.xlsx") == ([], [], False)
    parts = {name: part.decode() for name, part in parts_of(file).items() if name.endswith(".xml")}
    for number, table in enumerate(TABLES, 1):
        notes = parts[f"xl/comments{number}.xml"]
        assert all(
            column.meaning in notes and column.meaning_en.replace("'", "&#39;") in notes.replace("'", "&#39;")
            for column in table.columns
        )
        lists = re.findall(r"<formula1>\"(.*?)\"</formula1>", parts[f"xl/worksheets/sheet{number}.xml"])
        chosen = [column for column in table.columns if column.cell in {Cell.CHOICE, Cell.YES_NO}]
        assert [set(one.split(",")) for one in lists] == [set(excel.choices_of(column)) for column in chosen]
        head = re.search(r'<row r="2"[^>]* ht="([0-9]+)"', parts[f"xl/worksheets/sheet{number}.xml"])
        assert head is not None
        assert int(head[1]) >= 30  # two lines of headings
    assert all(table.zh in parts["xl/workbook.xml"] for table in TABLES)


def test_demonstration_data_says_so_on_every_sheet(tmp_path: Path) -> None:
    """In the title and the footer; the mark is found again."""
    file = tmp_path / "t.xlsx"
    file.write_bytes(excel.workbook_of(files.plain_rows(small_rows()), demo=True))
    assert excel.workbook_in(file.read_bytes(), "t.xlsx").demo
    sheets = [
        part.decode() for name, part in parts_of(file).items() if name.startswith("xl/worksheets/sheet")
    ]
    assert len(sheets) == len(TABLES) + 1
    assert all("演示数据" in sheet for sheet in sheets[:-1] if "oddFooter" in sheet)
    assert sum("oddFooter" in sheet for sheet in sheets) == len(TABLES)


def test_a_sheet_as_people_send_it(tmp_path: Path) -> None:
    """Titles above, columns in another order and by other names, dates as dates, cells merged down, names misread."""
    rows_: list[list[Shown]] = [
        ["2021年项目汇总表"],
        [],
        ["单位", "项目名称", "矿井", "类别", "计划年度", "投入升级改造资金", "建成日期（年月日）"],
        ["河南能源", "1201 釆煤面", "演示甲矿", "釆煤工作面", 2021.0, 1200.5, DAY],
        [None, "1202 拥进面", "演示甲矿", "掘进工作面(TBM)", 2022.0, None, "2022/3/5"],
    ]
    file = workbook(
        tmp_path / "t.xlsx", rows_, name="项目", more=lambda _, sheet: sheet.merge_range("A4:A5", "河南能源")
    )
    read = excel.workbook_in(file.read_bytes(), "t.xlsx")
    assert read.faults == []
    changes = judged(read.entries, small_rows()).changes
    assert [change.key for change in changes] == [("1201 采煤面",), ("1202 掘进面",)]
    assert [str(change.after["completed_on"]) for change in changes] == ["2021-03-05", "2022-03-05"]
    assert [change.after["kind"] for change in changes] == ["mining_face", "driving_face_tbm"]
    assert str(changes[0].after["investment_wan"]) == "1200.5"


@pytest.mark.parametrize(
    ("rows_", "name", "what"),
    [
        ([["城市"], ["焦作市"]], "城镇", "未知工作表“城镇”"),
        ([["城市", "人口"], ["焦作市", "1"]], "城市", "未知列“人口”"),
        ([["城市", "地市"], ["焦作市", "1"]], "城市", "重复"),
        ([["备注"], ["x"]], "城市", "缺少列“城市”"),
        ([["城市"], ["焦作市", "x"]], "城市", "第 2 列没有表头"),
        ([["城市"], [DAY]], "城市", "被 Excel 变成了日期"),
        ([["煤矿", "采深"], ["甲", "约600"]], "煤矿", "采深（米）“约600”应为数"),
    ],
)
def test_faults_of_a_sheet(tmp_path: Path, rows_: list[list[str]], name: str, what: str) -> None:
    file = workbook(tmp_path / "t.xlsx", rows_, name=name)
    assert any(what in fault.what for fault in excel.workbook_in(file.read_bytes(), "t.xlsx").faults)


def test_rows_below_a_faulty_header_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    """Their own faults are told at once, and who names them has none for it."""
    rows_ = [["煤矿", "人口", "采深"], ["甲矿", "1", "约600"], ["乙矿", "", "600"]]
    read = excel.workbook_in(workbook(tmp_path / "t.xlsx", rows_, name="煤矿").read_bytes(), "t.xlsx")
    assert [fault.line for fault in read.faults] == [1, 2]
    assert [(entry.given["mine"], entry.is_broken) for entry in read.entries] == [
        ("甲矿", True),
        ("乙矿", True),
    ]
    robot = csv_files.table_in(
        BY_WORD["robots"], "煤矿,机器人编号,岗位,投用日期\n乙矿,R1,巡检,2021-01-01\n".encode(), "r.csv"
    )
    assert judged([*read.entries, *robot.entries], EMPTY).faults == []


def test_a_title_that_is_called_like_a_column_is_no_header(tmp_path: Path) -> None:
    """A sheet of one column, below the name of its table."""
    rows_ = [["城市"], ["城市"], ["焦作市"]]
    read = excel.workbook_in(workbook(tmp_path / "t.xlsx", rows_, name="城市").read_bytes(), "t.xlsx")
    assert [entry.given for entry in read.entries] == [{"city": "焦作市"}]


def test_a_header_that_comes_again_is_no_row(tmp_path: Path) -> None:
    """As sheets have it that were put together page by page."""
    rows_ = [["城市", "备注"], ["焦作市", "x"], ["城市", "备注"], ["洛阳市", "y"]]
    read = excel.workbook_in(workbook(tmp_path / "t.xlsx", rows_, name="城市").read_bytes(), "t.xlsx")
    assert [(fault.line, "表头" in fault.what) for fault in read.faults] == [(3, True)]
    assert [entry.given["city"] for entry in read.entries] == ["焦作市", "洛阳市"]


def test_a_cell_that_cannot_be_read_breaks_its_own_row_only(tmp_path: Path) -> None:
    rows_ = [["煤矿", "采深"], ["甲", "约600"], ["乙", "600"]]
    read = excel.workbook_in(workbook(tmp_path / "t.xlsx", rows_, name="煤矿").read_bytes(), "t.xlsx")
    assert [entry.is_broken for entry in read.entries] == [True, False]


def test_rows_without_their_key_are_not_taken_as_rows(tmp_path: Path) -> None:
    """A header that lacks the key says so once."""
    rows_ = [["采深", "备注"], ["600", "x"], ["700", "y"]]
    read = excel.workbook_in(workbook(tmp_path / "t.xlsx", rows_, name="煤矿").read_bytes(), "t.xlsx")
    assert [fault.line for fault in read.faults] == [1]
    assert read.entries == []


def test_rows_that_cannot_be_taken_at_their_word(tmp_path: Path) -> None:
    """Hidden ones, formulas without a value, cells merged across."""

    def spoil(_: Workbook, sheet: object) -> None:
        sheet.set_row(1, None, None, {"hidden": True})  # type: ignore[attr-defined]
        sheet.write_formula("A3", "=1+1", None, "")  # type: ignore[attr-defined]
        sheet.merge_range("A5:B5", "郑州市")  # type: ignore[attr-defined]
        sheet.write("C5", None)  # type: ignore[attr-defined]

    rows_ = [["城市", "备注"], ["焦作市", "x"], ["甲", "x"], ["乙市", "x"], ["郑州市"]]
    file = workbook(tmp_path / "t.xlsx", rows_, name="城市", more=spoil)
    told = [(fault.line, fault.what) for fault in excel.workbook_in(file.read_bytes(), "t.xlsx").faults]
    assert any(line == 2 and "隐藏行" in what for line, what in told)
    assert any(line == 3 and "formula" in what for line, what in told)


def test_files_beyond_limits_and_files_that_are_none(tmp_path: Path) -> None:
    file = workbook(tmp_path / "t.xlsx", [["城市"]], name="城市")
    whole = file.read_bytes()
    bomb = archive_of({**parts_of(file), "x": bytes(130 * 2**20)})
    parts = parts_of(file)
    sheet = "xl/worksheets/sheet1.xml"
    far = archive_of(parts | {sheet: parts[sheet].replace(b'r="1"', f'r="{ROWS_MAX + 1}"'.encode())})
    old_mac = archive_of(
        parts
        | {"xl/workbook.xml": parts["xl/workbook.xml"].replace(b"<workbookPr ", b'<workbookPr date1904="1" ')}
    )
    for content in (whole[:-40], b"", b"x" * (excel.FILE_BYTES_MAX + 1), bomb, far, old_mac):
        with pytest.raises(Misconfigured, match="无法读取"):
            excel.workbook_in(content, "t.xlsx")


def test_csv_as_excel_saves_it_in_china() -> None:
    """GB 18030, either line ending, a title, blanks; what is neither encoding is told, and broken quotes too."""
    table = BY_WORD["cities"]
    text = '全省城市\r\n城市,备注\r\n 焦作市 ,"a\r\nb"\r\n,\r\n郑州市,\r\n'
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        read = csv_files.table_in(table, text.encode(encoding), "c.csv")
        assert [(entry.line, entry.given["city"]) for entry in read.entries] == [(3, "焦作市"), (6, "郑州市")]
        assert read.entries[0].given["note"] == "a\nb"
    with pytest.raises(Misconfigured, match="neither UTF-8 nor GBK"):
        csv_files.table_in(table, b"\xff\xff\x00", "c.csv")
    with pytest.raises(Misconfigured, match=r"c\.csv:1"):
        csv_files.table_in(table, ("x" * 140_000).encode(), "c.csv")


def test_no_text_is_written_as_a_formula(tmp_path: Path) -> None:
    """A workbook has it as text with the quoting mark, CSV with an apostrophe."""
    row = dict.fromkeys(BY_WORD["cities"].words) | {"city": "-580 水平", "note": "+x"}
    file = tmp_path / "t.xlsx"
    file.write_bytes(excel.workbook_of({"cities": [row]}, demo=False))
    assert "<f>" not in parts_of(file)["xl/worksheets/sheet1.xml"].decode()
    assert b'quotePrefix="1"' in parts_of(file)["xl/styles.xml"]
    assert csv_files.text_of_table(BY_WORD["cities"], [row]).splitlines()[1] == "'-580 水平,'+x,"


def test_the_projects_are_read_by_the_offline_reader() -> None:
    """The same projects, but for the mark before a name that begins as a formula."""
    projects = register_of(small_rows()).projects
    read = read_projects_csv(csv_files.projects_csv(projects).splitlines(keepends=True), file="p").projects
    assert read[0] == projects[0]
    assert read[1].name == f"'{projects[1].name}"


def test_which_table_a_file_is(tmp_path: Path) -> None:
    """By its name, or as said; spreadsheets of other kinds are told how to be saved."""
    (tmp_path / "mines.演示数据.csv").write_text("煤矿\n", encoding="utf-8")
    (tmp_path / "城市.csv").write_text("城市\n", encoding="utf-8")
    tables = [table and table.word for _, _, table in files.contents_of(tmp_path, None)]
    assert tables == ["mines", "cities"]
    for name in ("x.csv", "x.xls", "x.et"):
        with pytest.raises(Misconfigured):
            files.table_of(tmp_path / name, None)
    assert files.table_of(tmp_path / "x.csv", BY_WORD["cities"]) is BY_WORD["cities"]
    (tmp_path / "none").mkdir()
    with pytest.raises(Misconfigured, match="没有 CSV 文件"):
        files.contents_of(tmp_path / "none", None)
    with pytest.raises(Misconfigured, match="无法读取"):
        files.contents_of(tmp_path / "missing.xlsx", None)
