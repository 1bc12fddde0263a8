"""The point table: every kind of fault with its line, all faults at once, and rows that come back as they were."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import Misconfigured
from contract.point import (
    BIT_TABLES,
    WORDS,
    ByteOrder,
    ModbusAddress,
    OpcUaAddress,
    Point,
    Protocol,
    RawType,
    Register,
)
from contract.point_form import Device, parse

MODBUS = "area,metric,unit_id,table,address,type"
OPCUA = "area,metric,node"
ROW = "F1,Pump 1/Flow,1,holding,0,uint16"


def faults(text: str, protocol: Protocol = Protocol.MODBUS) -> list[str]:
    """What is wrong with a table, as people read it."""
    with pytest.raises(Misconfigured) as wrong:
        parse(text, protocol, "table.csv")
    return [str(fault).removeprefix("table.csv:") for fault in wrong.value.faults]


def point(text: str, header: str = MODBUS, protocol: Protocol = Protocol.MODBUS) -> Point:
    """The one point of a table."""
    (found,) = parse(f"{header}\n{text}\n", protocol, "table.csv")
    return found


def test_a_row_of_defaults() -> None:
    assert point(ROW) == Point(
        "F1", "Pump 1/Flow", ModbusAddress(1, Register.HOLDING, 0, RawType.UINT16), line=2
    )


def test_every_column() -> None:
    header = (
        "stale_after_s,max_silence_s,deadband,enum,offset,scale,period_s,order,bit,type,address,table,"
        "unit_id,metric,area"
    )
    row = "300,30,0.5,,-40,0.1,2,CDAB,,int32,65534,input,255,Gas 1/Temperature,F1"
    assert point(row, header) == Point(
        "F1", "Gas 1/Temperature", ModbusAddress(255, Register.INPUT, 65_534, RawType.INT32, None, ByteOrder.CDAB),
        period_s=2.0, scale=0.1, offset=-40.0, enum={}, deadband=0.5, max_silence_s=30.0, stale_after_s=300.0, line=2,
    )  # fmt: skip


def test_bits_and_texts() -> None:
    header = f"{MODBUS},bit,enum"
    assert point("C1,Control/Running,1,coil,7,bit,,", header).address == ModbusAddress(
        1, Register.COIL, 7, RawType.BIT
    )
    assert point("C1,Control/Running,1,holding,7,bit,15,", header).address == ModbusAddress(
        1, Register.HOLDING, 7, RawType.BIT, 15
    )
    mode = point("C1,Control/Mode,1,holding,7,uint16,, 0 = local; 1=remote;2=auto; ", header)
    assert mode.enum == {0: "local", 1: "remote", 2: "auto"}
    assert point("C1,Control/Mode,ns=2;s=a", OPCUA, Protocol.OPCUA).address == OpcUaAddress("ns=2;s=a")


def test_as_plants_hand_tables_over() -> None:
    """A mark of byte order, blanks around names and cells, other line ends, blank lines, columns in any order."""
    text = (
        "\ufeff type , area,metric,unit_id,table,address \r\n\r\n uint16 ,F1, Pump 1/Flow ,1,holding, 3 \r\n"
    )
    (found,) = parse(text, Protocol.MODBUS, "t.csv")
    assert found == Point("F1", "Pump 1/Flow", ModbusAddress(1, Register.HOLDING, 3, RawType.UINT16), line=3)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("F1,Pump 1/Flow,1,holding,0", "5 cells"),
        (f"{ROW},", "7 cells"),
        (",Pump 1/Flow,1,holding,0,uint16", "area ''"),
        ("F/1,Pump 1/Flow,1,holding,0,uint16", "area 'F/1'"),
        ("F1,Pump1/Flow,1,holding,0,uint16", "metric 'Pump1/Flow'"),
        ("F1,Dynamo 1/Flow,1,holding,0,uint16", "metric 'Dynamo 1/Flow'"),
        ("F1,Pump 1,1,holding,0,uint16", "metric 'Pump 1'"),
        ("F1,Pump 1/Flow,256,holding,0,uint16", "unit_id '256'"),
        ("F1,Pump 1/Flow,-1,holding,0,uint16", "unit_id '-1'"),
        ("F1,Pump 1/Flow,1,register,0,uint16", "table 'register'"),
        ("F1,Pump 1/Flow,1,holding,65536,uint16", "address '65536'"),
        ("F1,Pump 1/Flow,1,holding,65533,int64", "0…65532"),
        ("F1,Pump 1/Flow,1,holding,1.0,uint16", "address '1.0'"),
        (f"F1,Pump 1/Flow,1,holding,{'9' * 5000},uint16", "must be a whole number"),
        ("F1,Pump 1/Flow,1,holding,0,real", "type 'real'"),
        ("F1,Pump 1/Flow,1,coil,0,uint16", "type 'bit' goes with"),
        ("F1,Pump 1/Flow,1,holding,0,bit", "type 'bit' goes with"),
        ("F1,Control/Mode,1,holding,0,uint16", "Mode is text"),
    ],
)
def test_a_fault_names_its_line_and_cell(row: str, what: str) -> None:
    (fault,) = faults(f"{MODBUS}\n{ROW}\n{row}\n")
    assert fault.startswith("3: ")
    assert what in fault


@pytest.mark.parametrize(
    ("column", "cell", "what"),
    [
        ("order", "BACD", "order 'BACD'"),
        ("bit", "16", "bit '16'"),
        ("bit", "3", "type 'bit' goes with"),
        ("period_s", "0", "period_s"),
        (
            "period_s",
            "301",
            "half of stale_after_s",
        ),  # a source repeats a value at least twice in stale_after_s
        ("scale", "0", "scale"),
        ("scale", '"0,1"', "scale '0,1' must be a number"),
        ("scale", "nan", "scale 'nan' must be a number"),
        ("offset", "1e999", "offset '1e999' must be a number"),
        ("deadband", "-1", "deadband"),
        ("deadband", "5 %", "fill in low and high"),
        ("deadband", "x%", "deadband 'x%' must be a number"),
        ("max_silence_s", "301", "max_silence_s 301"),
        ("max_silence_s", "0", "max_silence_s 0"),
        ("stale_after_s", "100", "stale_after_s 100"),
        ("enum", "0", "enum '0' must be pairs"),
        ("enum", "a=b", "enum 'a=b' must be pairs"),
        ("enum", "0=off;1=on", "Flow is a number"),
        ("enum", "0=off;0x0=on", "every number once"),
        ("enum", "0=off;1=", "a text for it"),
        ("colour", "red", "unknown column 'colour'"),
        ("area", "F2", "column 'area' stands twice"),
    ],
)
def test_faults_of_further_columns(column: str, cell: str, what: str) -> None:
    assert what in faults(f"{MODBUS},{column}\n{ROW},{cell}\n")[0]


@pytest.mark.parametrize("column", ["scale", "offset", "deadband"])
def test_a_bit_has_no_figures(column: str) -> None:
    assert "a bit has no scale" in faults(f"{MODBUS},{column}\nC1,Door/Closed,1,coil,0,bit,2\n")[0]


@pytest.mark.parametrize(
    "node", ["", "F1.Position", "nsu=http://a/b;/", "//a", "ns=x;i=1", "nsu=;s=a", "s=", "i=a", "ns=2;q=a"]
)
def test_a_node_must_be_one(node: str) -> None:
    (fault,) = faults(f"{OPCUA}\nF1,Shearer/Position,{node}\n", Protocol.OPCUA)
    assert "node" in fault


@pytest.mark.parametrize(
    "node",
    [
        "i=85",
        "ns=2;i=7",
        "nsu=http://a/b;s=x.y z",
        "/2:F1/3:Shearer",
        "/A&//B&&C",
        "nsu=http://a/b;/F1/Shearer/Position",
        "ns=0;g=09087e75-8e5e-499b-954f-f2a9603db28a",
    ],
)
def test_nodes_by_index_uri_and_kind(node: str) -> None:
    assert point(f"F1,Shearer/Position,{node}", OPCUA, Protocol.OPCUA).address == OpcUaAddress(node)


def test_every_bad_cell_of_a_row_is_told() -> None:
    told = faults(f"{MODBUS},scale,bit\nF1,Pump 1/Flow,x,register,y,real,z,99\n")
    assert len(told) == 6
    assert all(fault.startswith("2: ") for fault in told)


def test_a_bit_of_a_coil_is_none() -> None:
    assert "'bit' picks a bit of a register" in faults(f"{MODBUS},bit\nC1,Door/Closed,1,coil,0,bit,3\n")[0]


def test_header_faults_come_alone_and_all() -> None:
    assert [fault.partition(";")[0] for fault in faults("area,metric,unit,table\nrubbish\n")] == [
        "1: unknown column 'unit'",
        "1: column 'unit_id' is missing",
        "1: column 'address' is missing",
        "1: column 'type' is missing",
    ]
    (empty,) = faults("")
    assert "is empty: a table begins with a row of column names" in empty


def test_all_faults_at_once_in_order_of_lines() -> None:
    text = f"{MODBUS}\n{ROW}\n{ROW}\nF1,x,1,holding,0,uint16\n\nF1,Pump 2/Flow,1,holding,0,real\nF1,Pump 3/Flow\n"
    assert [fault.partition(":")[0] for fault in faults(text)] == ["3", "4", "6", "7"]
    assert faults(text)[0] == "3: F1 Pump 1/Flow stands in line 2 already"


def test_names_that_differ_in_case_only_are_one() -> None:
    """tck-id-case-sensitivity-sparkplug-ids, case-sensitivity-metric-names."""
    own = "F1,Pump 1/Own Word,1,holding,0,uint16"
    for again in (own.replace("Own Word", "own word"), own.replace("F1,", "f1,")):
        assert "stands in line 2 already" in faults(f"{MODBUS}\n{own}\n{again}\n")[0]


@pytest.mark.parametrize(
    "text", [f"{MODBUS}\n{ROW}\r{ROW}\n", f"{MODBUS}\nF1,{'x' * 200_000}\n", f"{MODBUS}\n\x00{ROW}\n"]
)
def test_what_is_no_csv_is_a_fault(text: str) -> None:
    assert faults(text)


NAMES = st.sampled_from(["Pump 1/Flow", "Pump 2/Flow", "Main Fan 1/Vibration", "Gas 1/Own Word"])
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).filter(bool)


@st.composite
def points(draw: st.DrawFn) -> Point:
    """Any valid Modbus point."""
    kind = draw(st.sampled_from(sorted(set(RawType) - {RawType.ASCII})))
    table = draw(st.sampled_from(Register if kind is RawType.BIT else sorted(set(Register) - BIT_TABLES)))
    picks_bit = kind is RawType.BIT and table not in BIT_TABLES
    silence = draw(st.floats(0.1, 1000))
    is_bit = kind is RawType.BIT
    figures = (1.0, 0.0, 0.0) if is_bit else (draw(NUMBERS), draw(NUMBERS), draw(st.floats(0, 1e6)))
    scale, offset, deadband = figures
    return Point(
        draw(st.sampled_from(["F1", "14031 采煤面"])),
        draw(NAMES),
        ModbusAddress(
            draw(st.integers(0, 255)), table, draw(st.integers(0, 65_536 - WORDS[kind])), kind,
            draw(st.integers(0, 15)) if picks_bit else None, draw(st.sampled_from(ByteOrder)),
        ),
        draw(st.floats(0.01, silence)), scale, offset, {}, deadband, silence,
        draw(st.floats(2 * silence, 1e6)), 2,
    )  # fmt: skip


@given(points())
def test_a_row_comes_back_as_it_was(one: Point) -> None:
    assert isinstance(one.address, ModbusAddress)
    cells = {
        "area": one.area, "metric": one.metric, "unit_id": one.address.unit_id, "table": one.address.table,
        "address": one.address.address, "type": one.address.type, "order": one.address.order,
        "bit": "" if one.address.bit is None else one.address.bit, "period_s": one.period_s, "scale": one.scale,
        "offset": one.offset, "deadband": one.deadband, "max_silence_s": one.max_silence_s,
        "stale_after_s": one.stale_after_s,
    }  # fmt: skip
    table = io.StringIO()
    writer = csv.DictWriter(table, list(cells))
    writer.writeheader()
    writer.writerow(cells)
    assert parse(table.getvalue(), Protocol.MODBUS, "t.csv") == (one,)


def test_how_a_device_counts_and_orders() -> None:
    """Papers count from 1, a default order; a row's own order stands."""
    device = Device(address_base=1, order=ByteOrder.CDAB)
    text = f"{MODBUS},order\n{ROW.replace(',0,', ',1,')},\nF1,Pump 2/Flow,1,holding,65536,uint16,ABCD\n"
    first, last = (one.address for one in parse(text, Protocol.MODBUS, "t.csv", device))
    assert first == ModbusAddress(1, Register.HOLDING, 0, RawType.UINT16, None, ByteOrder.CDAB)
    assert last == ModbusAddress(1, Register.HOLDING, 65_535, RawType.UINT16, None, ByteOrder.ABCD)
    with pytest.raises(Misconfigured, match="whole number 1…65536"):
        parse(f"{MODBUS}\n{ROW}\n", Protocol.MODBUS, "t.csv", device)


def test_a_profile_is_filled_in() -> None:
    profile = f"{MODBUS}\n{{area}},Pump {{n}}/Flow,{{unit}},holding,{{start}}+4,uint16\n"
    words = {"area": "C1", "n": "2", "unit": "3", "start": "100"}
    (found,) = parse(profile, Protocol.MODBUS, "p.csv", Device(words=words))
    assert (found.key, found.address) == (
        ("C1", "Pump 2/Flow"),
        ModbusAddress(3, Register.HOLDING, 104, RawType.UINT16),
    )
    with pytest.raises(Misconfigured) as wrong:
        parse(profile, Protocol.MODBUS, "p.csv", Device(words={"area": "C1", "n": "2", "unit": "3"}))
    assert "asks for a word 'start' that the instance must give; given: area, n, unit" in str(wrong.value)


def test_masks_flags_text_and_ranges() -> None:
    header = f"{MODBUS},length,mask,enum,flags,low,high,deadband,swing,limits"
    step = point("F1,Protection 1/Status,1,holding,0,uint16,,0x0F00,,,,,,,", header)
    assert step.mask == 0x0F00
    state = point("F1,Gas 1/State,1,holding,0,uint16,,,,0=normal;1=alarm;0x4=calibration,,,,,", header)
    assert state.flags == {0: "normal", 1: "alarm", 4: "calibration"}
    assert state.is_text
    name = point("F1,Pump 1/Maker,1,holding,0,ascii,9,,,,,,,,", header)
    assert isinstance(name.address, ModbusAddress)
    assert (name.address.words, name.is_text) == (5, True)
    gas = point("F1,Gas 1/Methane,1,holding,0,uint16,,,,,0,4,2%,,1.5;1.0", header)
    assert (gas.deadband, gas.limits, gas.low, gas.high) == (0.08, (1.0, 1.5), 0, 4)
    assert point("F1,Gas 1/Temperature,1,holding,0,uint16,,,,,-20,80,,1 %,", header).swing == 1


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("F1,Pump 1/Maker,1,holding,0,ascii,,,,,,,,,", "'length'"),
        ("F1,Pump 1/Flow,1,holding,0,uint16,4,,,,,,,,", "'length'"),
        ("F1,Pump 1/Maker,1,holding,0,ascii,251,,,,,,,,", "length '251'"),
        ("F1,Pump 1/Flow,1,holding,0,ascii,4,,,,,,,,", "Flow is a number, not text"),
        ("F1,Pump 1/Flow,1,holding,0,float32,,1,,,,,,,", "mask picks bits of uint16"),
        ("F1,Pump 1/Flow,1,holding,0,uint16,,0x10000,,,,,,,", "does not have"),
        ("F1,Pump 1/Flow,1,holding,0,uint16,,0,,,,,,,", "mask '0' must pick bits"),
        ("F1,Gas 1/State,1,holding,0,uint16,,,1=a,1=b,,,,,", "give one of them"),
        ("F1,Gas 1/State,1,holding,0,uint16,,,,3=b,,,,,", "single bits"),
        ("F1,Gas 1/State,1,holding,0,int16,,,,1=b,,,,,", "flags names bits of"),
        ("F1,Gas 1/Methane,1,holding,0,uint16,,,,,4,0,,,", "low 4 must be below high 0"),
        ("F1,Gas 1/Methane,1,holding,0,uint16,,,,,,,1,1,", "two ways to report less"),
        ("F1,Gas 1/Methane,1,holding,0,uint16,,,,,0,,2%,,", "fill in low and high"),
        ("F1,Gas 1/Methane,1,holding,0,uint16,,,,,,,,,a", "limits 'a' must be numbers"),
        ("F1,Personnel/Headcount,1,holding,0,uint16,,,,,,,1,,", "reported at every change"),
        ("F1,Sump/High Level,1,holding,0,uint16,,,,,,,1,,", "reported at every change"),
        ("F1,Pump 1/Running,1,holding,0,uint16,,0x1,,,,,,1,", "reported at every change"),
    ],
)
def test_what_does_not_fit_together(row: str, what: str) -> None:
    (fault,) = faults(f"{MODBUS},length,mask,enum,flags,low,high,deadband,swing,limits\n{row}\n")
    assert what in fault


@given(st.text(), st.sampled_from(Protocol))
def test_no_text_trips_the_reader(text: str, protocol: Protocol) -> None:
    for table in (text, f"{MODBUS}\n{text}", f"{OPCUA}\n{text}"):
        with suppress(Misconfigured):
            parse(table, protocol, "t.csv")
