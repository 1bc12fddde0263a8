"""What the table tools write: plain CSV and workbooks that come back as they were, and run nowhere as formulas."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.errors import Misconfigured
from contract.point import ByteOrder, Protocol, RawType, Register
from contract.point_columns import COLUMNS, word_of
from contract.point_form import ADDRESS, COMMON, Row, rows_of_csv
from edge_agent.engineering.sheet_form import NUMBERS, workbook_of
from edge_agent.engineering.table_text import checked, csv_of, protocol_of
from edge_agent.point_files import rows_in
from tests.workbooks import parts_of

DEPLOY = Path(__file__).parents[2] / "deploy" / "points"
CELL = st.text(st.characters(exclude_categories=("C", "Z")), max_size=12)
NUMBER = st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.integers(-(10**18), 10**18).map(str)


def rows_of(text: str) -> list[Row]:
    """The rows of a CSV text."""
    rows, broken = rows_of_csv(text, "t.csv")
    assert broken == []
    return rows


@pytest.mark.parametrize("name", ["pump_room.csv", "driving_face.csv"])
def test_a_table_is_the_same_after_a_workbook_and_back(tmp_path: Path, name: str) -> None:
    """Exported, opened, imported: the same points, line by line."""
    first = checked(*rows_in(DEPLOY / name), name)
    file = tmp_path / "table.xlsx"
    file.write_bytes(workbook_of(first.protocol, first.header, first.lines))
    second = checked(*rows_in(file), "table.xlsx")
    assert second.points == first.points
    third = checked(rows_of(csv_of(second.header, second.lines)), [], "table.csv")
    assert (third.points, third.header, third.lines) == (first.points, second.header, second.lines)


def test_a_profile_is_the_same_after_a_workbook_and_back(tmp_path: Path) -> None:
    """Its words stay as they are, and so do sums of addresses and shares of ranges."""
    first = checked(*rows_in(DEPLOY / "profiles" / "pump_room.csv"), "p.csv")
    assert (first.words, first.points) == (("area", "unit", "start"), ())
    file = tmp_path / "table.xlsx"
    file.write_bytes(workbook_of(first.protocol, first.header, first.lines))
    second = checked(*rows_in(file), "table.xlsx")
    assert (second.header, second.lines) == (first.header, first.lines)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(protocol=st.sampled_from(Protocol), data=st.data())
def test_every_cell_comes_back(tmp_path: Path, protocol: Protocol, data: st.DataObject) -> None:
    """Text to the letter, whatever it begins with or looks like; numbers to the last digit."""
    header = [column.word for column in COLUMNS if column.word in (*COMMON, *ADDRESS[protocol])]
    line = [data.draw(NUMBER if word in NUMBERS else CELL) for word in header]
    file = tmp_path / "table.xlsx"
    file.write_bytes(workbook_of(protocol, header, [["x"] * len(header), line]))
    rows, broken = rows_in(file)
    assert broken == []
    back = dict(zip(header, rows[2].cells, strict=True))
    assert {word: back[word] for word in header if word not in NUMBERS} == {
        word: cell for word, cell in zip(header, line, strict=True) if word not in NUMBERS
    }
    for word, cell in zip(header, line, strict=True):
        if word in NUMBERS:
            assert float(back[word]) == float(cell), word


def test_a_template_helps_to_fill_it_in(tmp_path: Path) -> None:
    """Chinese headings, a note for each column, lists for what is one of a few words, nothing below."""
    file = tmp_path / "table.xlsx"
    file.write_bytes(workbook_of(Protocol.MODBUS))
    (header,) = rows_in(file)[0]
    columns = [column for column in COLUMNS if column.word in (*COMMON, *ADDRESS[Protocol.MODBUS])]
    assert list(header.cells) == [column.zh for column in columns]
    parts = {name: part.decode() for name, part in parts_of(file).items() if name.endswith(".xml")}
    assert all(column.meaning in parts["xl/comments1.xml"] for column in columns)
    lists = re.findall(r"<formula1>\"(.*?)\"</formula1>", parts["xl/worksheets/sheet1.xml"])
    assert [set(one.split(",")) for one in lists] == [set(Register), set(RawType), set(ByteOrder)]


def test_no_text_is_written_as_a_formula(tmp_path: Path) -> None:
    """In a workbook text that looks like one is marked as text; plain CSV has no mark, so there it is a fault."""
    evil = '=HYPERLINK("http://a/b","x")'
    file = tmp_path / "table.xlsx"
    file.write_bytes(
        workbook_of(Protocol.OPCUA, ["area", "metric", "node", "note"], [[evil, "-1", "+2", "@x"]])
    )
    sheet = parts_of(file)["xl/worksheets/sheet1.xml"].decode()
    assert "<f>" not in sheet
    assert b'quotePrefix="1"' in parts_of(file)["xl/styles.xml"]
    header = ("area", "metric", "node", "note")
    with pytest.raises(Misconfigured) as wrong:
        checked([Row(1, header), Row(2, ("F1", "Gas 1/Methane", "ns=2;s=a", evil))], [], "t.csv")
    assert "begins as a formula" in str(wrong.value)


def test_columns_in_our_order_without_empty_ones() -> None:
    found = checked(
        rows_of("备注,type,地址,table,站号,metric,area,scale\n,uint16,3,holding,1,Pump 1/Flow,C1,\n"),
        [],
        "t.csv",
    )
    assert found.header == ("area", "metric", "unit_id", "table", "address", "type")
    assert found.lines == (("C1", "Pump 1/Flow", "1", "holding", "3", "uint16"),)


@pytest.mark.parametrize(
    ("text", "protocol", "what"),
    [
        ("area,metric,node\nF1,Gas 1/Methane,x\n", Protocol.OPCUA, "node 'x' must be"),
        ("area,metric,unit_id\n", Protocol.MODBUS, "column 'address' is missing"),
        ("area,metric,unit_id,colour\n{a},x,1,2\n", Protocol.MODBUS, "unknown column 'colour'"),
        ("区域,测点,节点\n{a},Gas 1/Methane\n", Protocol.OPCUA, "2 cells"),
        ("", Protocol.MODBUS, "is empty"),
        (f"area,metric,node\n{'x' * 40_000},Gas 1/Methane,ns=2;s=a\n", Protocol.OPCUA, "40000 characters"),
    ],
)
def test_faults(text: str, protocol: Protocol, what: str) -> None:
    """The columns tell the protocol; of a profile header and shape are looked at."""
    with pytest.raises(Misconfigured) as wrong:
        checked(rows_of(text), [], "t.csv")
    assert what in str(wrong.value)
    assert protocol_of([word_of(name) for name in text.partition("\n")[0].split(",")]) is protocol
