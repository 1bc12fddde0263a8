"""Point tables as plants hand them over: workbooks and CSV files, their faults by row, device profiles in a config."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from contract.errors import Misconfigured
from contract.point import ModbusAddress, Point, Protocol, RawType, Register
from contract.point_columns import COLUMNS, word_of
from contract.point_form import ADDRESS, COMMON, Device, points_of
from edge_agent import config as edge_config
from edge_agent import workbook as limits
from edge_agent.point_files import rows_in, table_in
from tests.workbooks import HEAD, ROW, Cell, archive_of, parts_of, workbook

DEPLOY = Path(__file__).parents[2] / "deploy"
DAY = datetime(2026, 1, 2)  # noqa: DTZ001  (Excel's days have no zone)
SHEET = "xl/worksheets/sheet1.xml"
CSV = "area,metric,unit_id,table,address,type"


def points_in(file: Path) -> tuple[Point, ...]:
    """The points of a Modbus table."""
    rows, broken = rows_in(file)
    return points_of(rows, Protocol.MODBUS, file.name, Device(), broken)


def faults_of(file: Path) -> list[str]:
    """What is wrong with it, without the name of the file."""
    with pytest.raises(Misconfigured) as wrong:
        points_in(file)
    return [
        str(fault).replace(str(file), "").replace(file.name, "").lstrip(":") for fault in wrong.value.faults
    ]


def flow(line: int, metric: str = "Pump 1/Flow", address: int = 3, area: str = "C1") -> Point:
    """A point of a test's table."""
    return Point(area, metric, ModbusAddress(1, Register.HOLDING, address, RawType.UINT16), line=line)


def test_headings_in_chinese_and_english() -> None:
    """Every column has one of each, and no heading names two."""
    assert {column.word for column in COLUMNS} == {
        *COMMON,
        *(word for words in ADDRESS.values() for word in words),
    }
    headings = [heading for column in COLUMNS for heading in (column.word, column.zh, *column.also)]
    assert len(headings) == len(set(headings))
    assert [word_of(heading) for heading in ("区域", " 周期（秒） ", "周 期(s)", "倍率", "scale", "颜色 ")] == [
        "area", "period_s", "period_s", "scale", "scale", "颜色",
    ]  # fmt: skip


def test_a_workbook_as_plants_hand_it_over(tmp_path: Path) -> None:
    """Another sheet first, a title, an empty column and rows, whole numbers as floats, one 区域 for several 测点."""
    rows: list[list[Cell]] = [
        [None, None],
        [],
        [None, *HEAD, "备注"],
        [None, None, "Pump 1/Flow", 1.0, "holding", 3.0, "uint16", "一号泵"],
        [],
        [None, None, "Pump 2/Flow", 1, "holding", "4", "uint16"],
    ]

    def merge(_: Workbook, sheet: Worksheet) -> None:
        sheet.merge_range(0, 1, 0, 6, "中央水泵房点表")
        sheet.merge_range(3, 1, 5, 1, "C1")

    file = workbook(tmp_path / "点表.XLSX", rows, before=["说明"], more=merge)
    assert points_in(file) == (flow(4), flow(6, "Pump 2/Flow", 4))


def test_the_first_sheet_where_none_is_named(tmp_path: Path) -> None:
    assert points_in(workbook(tmp_path / "a.xlsx", [HEAD, ROW], name="Sheet1")) == (flow(2),)


def test_values_of_every_kind(tmp_path: Path) -> None:
    """Numbers with their shortest decimals, calculated ones, text in runs, a truth that no column takes."""

    def fill(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, [*HEAD, "倍率", "偏移", "枚举", "位"])
        sheet.write_row(1, 0, ["C1", None, 1, "holding", None, "uint16", 0.1 + 0.2, -40, None, True])
        bold = book.add_format({"bold": True})
        sheet.write_rich_string(1, 1, "Pump 1", bold, "/Flow")
        sheet.write_formula(1, 4, "=1+2", None, 3)
        sheet.write_formula(1, 8, '="0="&"a"', None, "0=a")

    file = workbook(tmp_path / "a.xlsx", [], more=fill)
    rows, broken = rows_in(file)
    assert broken == []
    cells = ["C1", "Pump 1/Flow", "1", "holding", "3", "uint16", "0.3", "-40", "0=a", "TRUE"]
    assert list(rows[1].cells) == cells
    assert "bit 'TRUE' must be a whole number" in faults_of(file)[0]


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (
            lambda sheet: sheet.write_formula("E3", "=E2+1", None, ""),
            "3: cell E3 is a formula without a value",
        ),
        (
            lambda sheet: sheet.write_formula("E3", "=1/0", None, "#DIV/0!"),
            "3: cell E3 has the error #DIV/0!",
        ),
        (lambda sheet: sheet.write_datetime("E3", DAY), "3: cell E3 is the date 2026-01-02"),
        (lambda sheet: sheet.set_row(2, None, None, {"hidden": True}), "3: the row is hidden"),
        (lambda sheet: sheet.merge_range("A3:B3", "C1"), "3: cells are merged across columns"),
        (lambda sheet: sheet.write("E3", "x"), "3: address 'x' must be a whole number"),
        (lambda sheet: sheet.write("E3", 3.5), "3: address '3.5' must be a whole number"),
        (lambda sheet: sheet.write("J3", "stray"), "1: unknown column ''"),
    ],
)
def test_what_cannot_be_taken_at_its_word(
    tmp_path: Path, spoil: Callable[[Worksheet], object], what: str
) -> None:
    """A fault with the number of the row in Excel; of a column without a heading, with that of the header."""
    other = ("C1", "Pump 2/Flow", 1, "holding", 4, "uint16")
    file = workbook(tmp_path / "a.xlsx", [HEAD, ROW, other], more=lambda _, sheet: spoil(sheet))
    told = faults_of(file)
    assert any(fault.startswith(what) for fault in told), told


def test_hidden_rows_and_faults_are_told_all_at_once(tmp_path: Path) -> None:
    def hide(_: Workbook, sheet: Worksheet) -> None:
        for row in (1, 3):
            sheet.set_row(row, None, None, {"hidden": True})

    rows = [HEAD, ROW, ROW, ("C1", "x", 1, "holding", 4, "uint16")]
    told = faults_of(workbook(tmp_path / "a.xlsx", rows, more=hide))
    assert [fault.partition(":")[0] for fault in told] == ["2", "3", "4", "4"]


def test_a_sheet_without_a_header(tmp_path: Path) -> None:
    told = faults_of(workbook(tmp_path / "a.xlsx", [("x", "y"), (1, 2)]))
    assert any("column 'area' is missing" in fault for fault in told)
    assert faults_of(workbook(tmp_path / "b.xlsx", []))


@pytest.mark.parametrize("suffix", [".xls", ".ods", ".et"])
def test_other_workbooks_are_refused_with_the_mend(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_bytes(b"")
    assert "save it as .xlsx" in faults_of(file)[0]


def spoiled(file: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The same workbook with one part changed."""
    parts = parts_of(file)
    file.write_bytes(archive_of(parts | {part: change(parts[part])}))
    return file


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),  # one with a password
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"workbook.xml", b"workbock.xml"),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    file = workbook(tmp_path / "a.xlsx", [HEAD, ROW])
    file.write_bytes(change(file.read_bytes()))
    assert "no XLSX workbook" in faults_of(file)[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in faults_of(tmp_path / "none.xlsx")[0]
    assert "cannot be read" in faults_of(tmp_path / "none.csv")[0]


def test_bombs_and_giants_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By size, by unpacked size and a lie about it, by rows, columns and cells, whatever the sheet says of itself."""
    file = workbook(tmp_path / "a.xlsx", [HEAD, ROW])
    whole = file.read_bytes()
    monkeypatch.setattr(limits, "FILE_BYTES_MAX", len(whole) - 1)
    assert "no point table: larger than" in faults_of(file)[0]
    monkeypatch.undo()

    with ZipFile(file, "a", ZIP_DEFLATED) as archive, archive.open("xl/big.xml", "w") as part:
        for _ in range(limits.UNPACKED_BYTES_MAX >> 20):
            part.write(bytes(2**20))
    assert file.stat().st_size < 2**20
    assert "MiB unpacked" in faults_of(file)[0]

    big = (limits.UNPACKED_BYTES_MAX).to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(big, (1000).to_bytes(4, "little")))
    assert "no XLSX workbook" in faults_of(file)[0]

    for row, cell in ((limits.ROWS_MAX + 1, "A"), (2, "ZZ")):
        file.write_bytes(whole)
        odd = f'<row r="{row}"><c r="{cell}{row}"><v>1</v></c></row></sheetData>'.encode()
        spoiled(file, SHEET, lambda xml, odd=odd: xml.replace(b"</sheetData>", odd))  # type: ignore[misc]
        assert "no point table: beyond" in faults_of(file)[0]

    file.write_bytes(whole)
    merged = b"<mergeCells>" + b'<mergeCell ref="A2:A65536"/>' * 30 + b"</mergeCells></worksheet>"
    spoiled(file, SHEET, lambda xml: xml.replace(b"</worksheet>", merged))
    assert "cells" in faults_of(file)[0]


def test_entities_that_grow_are_refused(tmp_path: Path) -> None:
    """Each ten times the one before: a few hundred bytes would become gigabytes."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    xml = (
        f'<!DOCTYPE x [<!ENTITY e0 "{"x" * 100}">{entities}]><worksheet><sheetData><row><c t="str"><v>&e11;</v></c>'
        "</row></sheetData></worksheet>"
    )
    file = spoiled(workbook(tmp_path / "a.xlsx", []), SHEET, lambda _: xml.encode())
    assert "no XLSX workbook" in faults_of(file)[0]


def test_a_sheet_that_omits_what_may_be_omitted(tmp_path: Path) -> None:
    """References and row numbers are optional, and texts may stand in their cells (ECMA-376 part 1, 18.3.1.4)."""

    def row(cells: tuple[Cell, ...]) -> str:
        shown = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
        return f"<row>{shown}</row>"

    plain = ("C1", "Pump 1/Flow", "1", "holding", "3", "uint16")
    xml = f"<worksheet><sheetData>{row(HEAD)}{row(plain)}</sheetData></worksheet>"
    file = spoiled(workbook(tmp_path / "a.xlsx", []), SHEET, lambda _: xml.encode())
    assert points_in(file) == (flow(2),)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_no_damage_ends_in_anything_but_faults(tmp_path: Path, data: st.DataObject) -> None:
    """A table is read by a running agent too: whatever is in the file, it must not fall over it."""
    file = workbook(tmp_path / "a.xlsx", [HEAD, ROW])
    parts = parts_of(file)
    name = data.draw(st.sampled_from([SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml",
                                      "xl/_rels/workbook.xml.rels"]))  # fmt: skip
    part = bytearray(parts[name])
    at = data.draw(st.integers(0, len(part) - 1))
    part[at : at + data.draw(st.integers(0, 8))] = data.draw(
        st.binary(max_size=8)
        | st.sampled_from([b"-1", b"99999999999999999999", b"&#0;", b'"', b"<c>", b"ZZZ9"])
    )
    file.write_bytes(archive_of(parts | {name: bytes(part)}))
    with suppress(Misconfigured):
        points_in(file)


def test_csv_as_excel_leaves_it(tmp_path: Path) -> None:
    """A title, Chinese headings, rows and columns of nothing but commas."""
    file = tmp_path / "a.csv"
    head, row = ",".join(HEAD), "C1,Pump 1/Flow,1,holding,3,uint16"
    file.write_text(f"水泵房,,,,,,,\n,,,,,,,\n{head},,\n{row},,\n,,,,,,,\n", encoding="utf-8-sig")
    assert points_in(file) == (flow(4),)


def test_gbk_is_refused_with_the_mend_and_can_be_imported(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"{','.join(HEAD)}\nC1,Pump 1/Flow,1,holding,3,uint16\n", encoding="gbk")
    assert "edge points import" in faults_of(file)[0]
    table = table_in(file)
    assert table.is_gbk
    assert points_of(table.rows, Protocol.MODBUS, "a.csv", Device()) == (flow(2),)
    file.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in faults_of(file)[0]


def config_with(folder: Path, table: str, given: str) -> Path:
    """A config of one Modbus source with a device profile."""
    (folder / "profile.csv").write_text(table, encoding="utf-8")
    file = folder / "edge.toml"
    file.write_text(
        '[node]\nmine = "990000000001"\ngateway = "gw-1"\n[outbox]\npath = "o.sqlite"\n[[sources]]\n'
        'protocol = "modbus"\nname = "plc"\nhost = "127.0.0.1"\npoints = "profile.csv"\n'
        f"instances = [{given}]\n",
        encoding="utf-8",
    )
    return file


PROFILE = f"{CSV}\n{{area}},Pump {{n}}/Flow,{{unit}},holding,{{start}}+4,uint16\n"


def instances(*each: str) -> str:
    """Instances that all have what the profile asks for, but as said."""
    return ", ".join(f"{{ n = 1, start = 0, {words} }}" for words in each)


def test_a_profile_is_written_once_for_all_instances(tmp_path: Path) -> None:
    instances = ", ".join(
        f'{{ area = "C{n}", n = {n}, unit = {n}, start = {100 * n} }}' for n in range(1, 11)
    )
    _, points = edge_config.load(config_with(tmp_path, PROFILE, instances))
    assert [(point.area, point.metric, point.address) for point in points["plc"]] == [
        (f"C{n}", f"Pump {n}/Flow", ModbusAddress(n, Register.HOLDING, 100 * n + 4, RawType.UINT16))
        for n in range(1, 11)
    ]


def test_a_profile_in_a_workbook(tmp_path: Path) -> None:
    file = config_with(tmp_path, "", '{ area = "C1", n = 1 }, { area = "C1", n = 2 }')
    row = ("{area}", "Pump {n}/Flow", 1, "holding", "{n}+2", "uint16")
    workbook(tmp_path / "profile.xlsx", [HEAD, row])
    file.write_text(file.read_text(encoding="utf-8").replace("profile.csv", "profile.xlsx"), encoding="utf-8")
    _, points = edge_config.load(file)
    assert points["plc"] == (flow(2), flow(2, "Pump 2/Flow", 4))


@pytest.mark.parametrize(
    ("table", "given", "told"),
    [
        (PROFILE.replace("{area}", "{zone}"), instances('area = "C1", unit = 1'),
         "instance n=1, start=0, area=C1, unit=1: area '{zone}' asks for a word 'zone'"),
        (PROFILE, instances('area = "C1", unit = 1', 'area = "C2", unit = 999'),
         "instance n=1, start=0, area=C2, unit=999: unit_id '999'"),
        (PROFILE, instances('area = "C1", unit = 1', 'area = "c1", unit = 2'), "two instances give c1 Pump 1/Flow"),
        (PROFILE.replace("uint16", "real"), instances(*(f'area = "C{n}", unit = 1' for n in range(9))), "type 'real'"),
    ],
)  # fmt: skip
def test_faults_of_profiles(tmp_path: Path, table: str, given: str, told: str) -> None:
    """Those of one instance by its words, those of all once."""
    with pytest.raises(Misconfigured) as wrong:
        edge_config.load(config_with(tmp_path, table, given))
    (fault,) = wrong.value.faults
    assert fault.what.startswith(told)


def test_the_sample_profile() -> None:
    """Ten pump rooms from one table, each point once."""
    _, points = edge_config.load(DEPLOY / "config" / "edge.profile.toml")
    areas = [point.area for point in points["pump-rooms"]]
    assert len(set(areas)) == 10
    assert len({point.key for point in points["pump-rooms"]}) == len(areas) == 10 * areas.count("C-PUMP-1")
    places = {point.address for point in points["pump-rooms"]}
    assert len(places) == len(areas), "two instances read the same registers"
