"""The engineer's tools as they are run: against real servers, with their exit codes."""

from __future__ import annotations

import asyncio
import json
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua

from contract.point import Protocol
from contract.point_form import Device, points_of
from edge_agent.point_files import rows_in
from simulators.app import virtual_mine
from simulators.points import FILES, points, text
from tests.modbus_device import ModbusDevice, device, serial_line
from tests.opcua_server import URI, opcua_server
from tests.personnel_writer import KEY, MINE, MINUTE_MS, NAMES, Person, card, china, ryss, zone
from tests.stack import now_ms
from tests.workbooks import HEAD, ROW, workbook

LIMIT_S = 60.0
FLOAT = struct.unpack(">HH", struct.pack(">f", 31.37))


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, read as JSON."""
        return json.loads(self.out)


async def edge(*arguments: object) -> Ran:
    """Run `ninebelow edge …` as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from ninebelow.app import main; main()", "edge", *map(str, arguments),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), LIMIT_S)
    except TimeoutError:
        process.kill()
        raise
    return Ran(process.returncode or 0, out.decode(), err.decode())


def config_of(folder: Path, *sources: str) -> Path:
    """A config with these sources."""
    file = folder / "edge.toml"
    head = '[node]\nmine = "990000000001"\ngateway = "gw-1"\n[outbox]\npath = "o.sqlite"\n'
    file.write_text(head + "".join(f"[[sources]]\n{source}\n" for source in sources), encoding="utf-8")
    return file


def modbus(folder: Path, port: int, rows: str, more: str = "") -> str:
    """A Modbus source with a table of these rows."""
    header = "area,metric,unit_id,table,address,type,order,scale"
    (folder / "plc.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    place = f'protocol = "modbus"\nname = "plc"\nhost = "127.0.0.1"\nport = {port}\npoints = "plc.csv"'
    return f"{place}\ntimeout_s = 2.0\n{more}"


def opcua(folder: Path, url: str, *rows: str) -> str:
    """An OPC UA source with a table of these rows."""
    (folder / "ua.csv").write_text("\n".join(["area,metric,node", *rows]), encoding="utf-8")
    return f'protocol = "opcua"\nname = "ua"\nurl = "{url}"\npoints = "ua.csv"\ntimeout_s = 10.0'


def by_metric(ran: Ran) -> dict[str, dict[str, Any]]:
    """What `edge read --json` says of each point."""
    return {point["metric"]: point for source in ran.json["sources"] for point in source["points"]}


async def test_read_shows_values_and_registers(tmp_path: Path) -> None:
    """One pass: value, unit, registers; all good is exit code 0."""
    async with device(values=dict(enumerate(FLOAT, 10)) | {20: 314}) as plc:
        rows = (
            "C1,Sump/Level,1,holding,10,float32,,\n"
            "C1,Pump 1/Flow,1,input,20,uint16,,0.1\n"
            "C1,Pump 1/Running,1,coil,3,bit,,\n"
        )
        config = config_of(tmp_path, modbus(tmp_path, plc.port, rows))
        ran = await edge("read", "--config", config, "--json")
        shown = await edge("read", "--config", config)
    assert (ran.code, ran.err) == (0, "")
    told = by_metric(ran)
    assert told["Sump/Level"]["value"] == pytest.approx(31.37)
    assert told["Sump/Level"]["raw"] == f"{FLOAT[0]:04X} {FLOAT[1]:04X}"
    assert (told["Pump 1/Flow"]["value"], told["Pump 1/Flow"]["unit"], told["Pump 1/Flow"]["raw"]) == (
        31.4,
        "m³/h",
        "013A",
    )
    assert (told["Pump 1/Running"]["value"], told["Pump 1/Running"]["raw"]) == (True, "1")
    assert {point["quality"] for point in told.values()} == {"good"}
    assert shown.code == 0
    assert "31.37" in shown.out
    assert "013A" in shown.out
    assert plc.functions == {1, 3, 4}


async def test_read_tells_what_is_wrong_with_each_point(tmp_path: Path) -> None:
    """A refused register costs its own point, a unit that does not answer its own points; exit code 3."""
    rows = "".join(f"C1,Pump {at + 1}/Flow,1,holding,{at},uint16,,\n" for at in range(8))
    rows += "C1,Sump/Level,1,holding,10,float32,,\n"
    rows += "".join(f"C1,Gas {unit}/Methane,{unit + 1},holding,0,uint16,,\n" for unit in (1, 2))
    nan = dict(enumerate((0x7FC0, 0), 10))
    async with device(units={1, 2, 3}, illegal={5}, silent={2}, values=nan) as plc:
        ran = await edge("read", "--config", config_of(tmp_path, modbus(tmp_path, plc.port, rows)), "--json")
    told = by_metric(ran)
    assert ran.code == 3
    assert {metric for metric, point in told.items() if point["quality"] == "good"} == {
        *(f"Pump {at + 1}/Flow" for at in range(8) if at != 5), "Gas 2/Methane",
    }  # fmt: skip
    troubles = {
        metric: (point["trouble"], point["value"]) for metric, point in told.items() if point["trouble"]
    }
    assert troubles == {
        "Pump 6/Flow": ("exception_2", None), "Sump/Level": ("no_value", None), "Gas 1/Methane": ("timeout", None),
    }  # fmt: skip


async def test_read_goes_on_with_the_others_where_a_source_is_out_of_reach(tmp_path: Path) -> None:
    """Exit code 1, the reason on stderr; what can be read is."""
    async with opcua_server({"level": 2.5}) as server:
        there = opcua(tmp_path, server.url, f"C1,Sump/Level,nsu={URI};s=level")
        config = config_of(tmp_path, modbus(tmp_path, 1, "C1,Pump 1/Flow,1,holding,0,uint16,,\n"), there)
        ran = await edge("read", "--config", config)
        only = await edge("read", "--config", config, "--source", "ua", "--json")
    assert ran.code == 1
    assert "plc: 连不上" in ran.err
    assert "2.5" in ran.out
    assert (only.code, by_metric(only)["Sump/Level"]["value"]) == (0, 2.5)


async def test_read_of_an_opcua_server(tmp_path: Path) -> None:
    """By id and by path; a node that is not there, a status that is not good, a type that no metric holds."""
    async with opcua_server({"level": 2.5, "flow": 7, "list": [1, 2]}) as server:
        await server.set("flow", 7, StatusCode=ua.StatusCode(ua.StatusCodes.BadSensorFailure))
        rows = [
            f"C1,Sump/Level,nsu={URI};s=level",
            f"C1,Pump 1/Flow,nsu={URI};s=flow",
            f"C1,Pump 1/Power,nsu={URI};s=none",
            f"C2,Pump 1/Current,nsu={URI};s=list",
            "C2,Sump/Level,/level",
            "C2,Pump 2/Flow,nsu=urn:else;s=x",
        ]
        config = config_of(tmp_path, opcua(tmp_path, server.url, *rows))
        ran = await edge("read", "--config", config, "--json")
        area = await edge("read", "--config", config, "--json", "--area", "C2")
    assert ran.code == area.code == 3
    found = {(point["area"], point["metric"]): point for point in ran.json["sources"][0]["points"]}
    assert {key: point["trouble"] for key, point in found.items()} == {
        ("C1", "Sump/Level"): None, ("C1", "Pump 1/Flow"): "BadSensorFailure",
        ("C1", "Pump 1/Power"): "BadNodeIdUnknown", ("C2", "Pump 1/Current"): "no_value",
        ("C2", "Sump/Level"): None, ("C2", "Pump 2/Flow"): "namespace_unknown",
    }  # fmt: skip
    assert (found["C1", "Sump/Level"]["value"], found["C1", "Sump/Level"]["raw"]) == (2.5, "2.5")
    assert {point["area"] for point in area.json["sources"][0]["points"]} == {"C2"}


async def test_read_of_personnel_files(tmp_path: Path) -> None:
    """The newest snapshot, by pseudonyms only; every file stays; without one that holds, exit code 3."""
    folder = tmp_path / "drop"
    folder.mkdir()
    (tmp_path / "key").write_bytes(KEY)
    source = (
        f'protocol = "personnel"\nname = "people"\nfolder = "drop"\nmine_code = "{MINE}"\nkey_file = "key"\n'
        f'after = "delete"\nareas = {{ F1 = ["{zone(1)}"] }}'
    )
    config = config_of(tmp_path, source)
    none = await edge("read", "--config", config, "--json")
    at_ms = now_ms() - MINUTE_MS
    snapshot = folder / f"{MINE}_RYSS_{china(at_ms, '%Y%m%d%H%M%S')}.txt"
    snapshot.write_text(ryss([Person(card(n), zone(1)) for n in range(3)], at_ms), encoding="utf-8")
    ran = await edge("read", "--config", config, "--json")
    checked = await edge("check", "--config", config, "--json")
    snapshot.unlink()
    folder.rmdir()
    gone = await edge("read", "--config", config)
    assert (none.code, ran.code, checked.code, gone.code) == (3, 0, 0, 1)
    assert {point["trouble"] for point in by_metric(none).values()} == {"no_snapshot"}
    told = by_metric(ran)
    assert told["Personnel/Headcount"]["value"] == 3
    assert not any(name in ran.out for name in NAMES)
    assert "people: 连不上" in gone.err


@asynccontextmanager
async def registers() -> AsyncIterator[ModbusDevice]:
    """A device with a float in two registers, low word first, and nothing before and behind."""
    there = dict(enumerate(reversed(FLOAT), 99))
    async with device(values=there, illegal={*range(99), *range(103, 200)}) as plc:
        yield plc


async def test_probe_finds_type_order_and_address(tmp_path: Path) -> None:
    """The papers say 100 and count from 1; the display shows 31.4. The cells it names read the value."""
    async with registers() as plc:
        ran = await edge("probe", f"127.0.0.1:{plc.port}", "--address", 100, "--value", "31.4", "--json")
        shown = await edge("probe", f"127.0.0.1:{plc.port}", "--address", 100, "--value", "31.4")
        cells = ran.json["decodings"][0]["cells"]
        table = tmp_path / "t.csv"
        table.write_text(
            f"area,metric,{','.join(cells)}\nC1,Sump/Level,{','.join(cells.values())}\n", encoding="utf-8"
        )
        source = modbus(tmp_path, plc.port, "").replace("plc.csv", "t.csv")
        read = await edge("read", "--config", config_of(tmp_path, source), "--json")
    assert ran.code == shown.code == 0
    assert (cells["type"], cells["order"], cells["address"]) == ("float32", "CDAB", "99")
    assert ",".join(cells.values()) in shown.out
    assert by_metric(read)["Sump/Level"]["value"] == pytest.approx(31.37)
    assert plc.functions == {3}


async def test_probe_and_read_over_a_serial_line(tmp_path: Path) -> None:
    """RTU on a line of this computer (a pseudo-terminal knows no parity), and in a TCP connection."""
    values = dict(enumerate(FLOAT, 10))
    wanted = ["--address", 10, "--value", "31.37", "--json"]
    async with serial_line(tmp_path / "tty", values=values, units={3}) as line:
        probed = await edge(
            "probe", "--serial", f"{line.path},19200,8N2", "--unit", 3, *wanted, "--timeout", 5
        )
        source = modbus(tmp_path, 0, "C1,Sump/Level,3,holding,10,float32,,\n")
        serial = source.replace('host = "127.0.0.1"\nport = 0\n', 'transport = "serial"\n')
        read = await edge(
            "read",
            "--json",
            "--config",
            config_of(tmp_path, f'{serial}[sources.serial]\ndevice = "{line.path}"\nparity = "none"'),
        )
    async with device(values=values, is_rtu=True) as plc:
        in_tcp = await edge("probe", f"127.0.0.1:{plc.port}", "--rtu", *wanted)
    assert (probed.code, in_tcp.code, read.code) == (0, 0, 0), read.out
    for ran, unit in ((probed, "3"), (in_tcp, "1")):
        cells = ran.json["decodings"][0]["cells"]
        assert (cells["unit_id"], cells["type"], cells["order"], cells["address"]) == (
            unit,
            "float32",
            "ABCD",
            "10",
        )
    assert by_metric(read)["Sump/Level"]["value"] == pytest.approx(31.37)


async def test_probe_where_nothing_fits_and_where_nothing_answers() -> None:
    """Exit code 3 and 1; without a reading all is listed."""
    async with registers() as plc:
        at = f"127.0.0.1:{plc.port}"
        none = await edge("probe", at, "--address", 100, "--value", "7e15", "--json")
        every = await edge("probe", at, "--address", 100, "--json")
        refused = await edge("probe", at, "--address", 150)
        elsewhere = await edge("probe", at, "--address", 100, "--unit", 7)
    gone = await edge("probe", "127.0.0.1:1", "--address", 100)
    assert (none.code, every.code, refused.code, elsewhere.code, gone.code) == (3, 0, 1, 1, 1)
    assert len(every.json["decodings"]) > 40
    assert "异常 2" in refused.err
    assert "异常 11" in elsewhere.err
    assert "连不上" in gone.err
    assert all("Traceback" not in ran.err for ran in (refused, elsewhere, gone))


@pytest.mark.parametrize(
    "wrong",
    [
        ["--address", "1"],
        ["127.0.0.1:502", "--serial", "/dev/ttyS0", "--address", "1"],
        ["127.0.0.1:999999", "--address", "1"],
        ["--serial", "/dev/ttyS0,9600,9X9", "--address", "1"],
        ["127.0.0.1", "--table", "coil", "--address", "1"],
    ],
)
async def test_probe_used_wrongly(wrong: list[str]) -> None:
    """Exit code 2."""
    assert (await edge("probe", *wrong)).code == 2


async def test_browse_writes_a_table_to_begin_with(tmp_path: Path) -> None:
    """Names of our vocabulary are filled in, the others are left for the engineer, whose checks then say where."""
    async with opcua_server({"Pump1.Flow": 7.5, "Tag17": 3, "List": [1, 2], "Name": "=1+1"}) as server:
        file = tmp_path / "table.csv"
        ran = await edge("browse", server.url, "-o", file)
        again = await edge("browse", server.url, "-o", file)
        told = await edge("browse", server.url, "--json")
        shown = await edge("browse", server.url)
        book = await edge("browse", server.url, "-o", tmp_path / "table.xlsx")
    assert (ran.code, again.code, told.code, book.code) == (0, 2, 0, 0)
    rows, _ = rows_in(file)
    assert rows_in(tmp_path / "table.xlsx")[0][0].cells[:3] == ["区域", "测点", "节点"]
    cells = {row.cells[2]: list(row.cells) for row in rows[1:]}
    assert cells[f"nsu={URI};s=Pump1.Flow"][:2] == ["", "Pump 1/Flow"]
    assert cells[f"nsu={URI};s=Tag17"][:2] == ["", ""]
    assert set(cells) == {f"nsu={URI};s={name}" for name in ("Pump1.Flow", "Tag17", "Name")}
    assert "1 个变量" in ran.err
    assert {one["node"]: one["value"] for one in told.json["variables"]}[f"nsu={URI};s=Tag17"] == 3
    assert told.json["whole"]
    assert "7.5" in shown.out
    ran = await edge("points", "import", file, "-o", tmp_path / "checked.csv")
    assert ran.code == 2
    assert f"{file}:2: area ''" in ran.err
    assert not (tmp_path / "checked.csv").exists()


async def test_browse_in_part(tmp_path: Path) -> None:
    """Below a node or a path; up to a number of nodes, and then it says so; a source of the config by its name."""
    async with opcua_server({f"v{at}": at for at in range(30)}) as server:
        few = await edge("browse", server.url, "--max", 10, "--json")
        config = config_of(
            tmp_path, f'protocol = "opcua"\nname = "ua"\nurl = "{server.url}"\npoints = "not-yet.csv"'
        )
        named = await edge("browse", "--config", config, "--source", "ua", "--under", "/v3", "--json")
        nowhere = await edge("browse", server.url, "--under", "/none")
        other = await edge("browse", "--config", config, "--source", "other")
    gone = await edge("browse", "opc.tcp://127.0.0.1:1/", "--timeout", 2)
    assert (few.code, few.json["whole"], len(few.json["variables"]) <= 10) == (0, False, True)
    assert "--max" in few.err
    assert (named.code, named.json["variables"]) == (0, [])
    assert (nowhere.code, other.code, gone.code) == (2, 2, 1)
    assert "Traceback" not in gone.err


async def test_the_tools_on_the_virtual_mine(tmp_path: Path) -> None:
    """Tables to workbooks and back, checked, read whole: every point of the mine comes with a value or a reason."""
    async with virtual_mine(now_ms=now_ms) as mine:
        for name, protocol in zip(("plc.csv", "ua.csv"), (Protocol.MODBUS, Protocol.OPCUA), strict=True):
            first = tmp_path / f"given-{FILES[protocol]}"
            first.write_text(text(protocol), encoding="utf-8")
            assert (await edge("points", "export", first, "-o", tmp_path / f"{name}.xlsx")).code == 0
            assert (
                await edge("points", "import", tmp_path / f"{name}.xlsx", "-o", tmp_path / name)
            ).code == 0
            rows, broken = rows_in(tmp_path / name)
            assert points_of(rows, protocol, name, Device(), broken) == points(protocol)
        plc = f'protocol = "modbus"\nname = "plc"\nhost = "127.0.0.1"\nport = {mine.modbus_port}\n'
        ua_server = f'protocol = "opcua"\nname = "ua"\nurl = "{mine.opcua_url}"\n'
        config = config_of(
            tmp_path,
            plc + 'points = "plc.csv"\ntimeout_s = 10.0',
            ua_server + 'points = "ua.csv"\ntimeout_s = 20.0',
        )
        checked = await edge("check", "--config", config, "--json")
        ran = await edge("read", "--config", config, "--json")
    assert checked.code == 0
    assert checked.json["points"] == {"plc": len(points(Protocol.MODBUS)), "ua": len(points(Protocol.OPCUA))}
    assert checked.json["sources"][0]["requests"] > 0
    assert ran.code in {0, 3}
    read = [point for source in ran.json["sources"] for point in source["points"]]
    assert len(read) == len(points(Protocol.MODBUS)) + len(points(Protocol.OPCUA))
    assert all((point["value"] is None) == bool(point["trouble"]) for point in read)
    assert sum(point["quality"] == "good" for point in read) > 0.9 * len(read)


async def test_points_of_the_file_that_excel_writes(tmp_path: Path) -> None:
    """GBK and Chinese headings; a template to begin with; nothing is written over, nothing half."""
    given = tmp_path / "点表.csv"
    given.write_text(
        "区域,测点,站号,寄存器类型,地址,数据类型\nC1,Pump 1/Flow,1,holding,3,uint16\n", encoding="gbk"
    )
    out = tmp_path / "out.csv"
    ran = await edge("points", "import", given, "-o", out, "--json")
    assert (ran.code, ran.json["rows"], ran.json["protocol"]) == (0, 1, "modbus")
    assert "GBK" in ran.err
    assert (
        out.read_text(encoding="utf-8")
        == "area,metric,unit_id,table,address,type\nC1,Pump 1/Flow,1,holding,3,uint16\n"
    )
    assert (await edge("points", "import", given, "-o", out)).code == 2
    assert (await edge("points", "import", given, "-o", out, "--force")).code == 0
    assert (await edge("points", "import", given, "-o", tmp_path / "none" / "out.csv")).code == 2
    assert (await edge("points", "template", "--protocol", "opcua", "-o", tmp_path / "t.xlsx")).code == 0
    assert (await edge("points", "template", "-o", tmp_path / "t.csv")).code == 2
    assert (await edge("points", "export", given, "-o", tmp_path / "e.csv")).code == 2
    assert (await edge("points", "import", given, "-o", tmp_path / "i.xlsx")).code == 2
    names = sorted(file.name for file in tmp_path.iterdir())  # noqa: ASYNC240  (a local folder)
    assert names == ["out.csv", "t.xlsx", "点表.csv"]


async def test_check_warns_of_what_is_legal_but_seldom_meant(tmp_path: Path) -> None:
    """On stderr, with file and line; exit code 0. A serial line at 1200 baud cannot bear 100 registers a second."""
    rows = "".join(f"C1,Pump {at}/Flow,1,holding,{at},uint16,,\n" for at in range(1, 120))
    source = modbus(tmp_path, 0, rows + "C1,Sump/Level,1,holding,2,float32,,\n")
    serial = source.replace('host = "127.0.0.1"\nport = 0\n', 'transport = "serial"\n')
    config = config_of(tmp_path, serial + '[sources.serial]\ndevice = "/dev/ttyS9"\nbaud_rate = 1200')
    ran = await edge("check", "--config", config)
    told = await edge("check", "--config", config, "--json")
    assert ran.code == told.code == 0
    assert all(f"{tmp_path / 'plc.csv'}:{line}: 地址" in ran.err for line in (4, 121))
    assert "读不完" in ran.err
    assert told.json["sources"][0]["busy_min"] > 1
    assert len(told.json["warnings"]) == len(ran.err.splitlines()) >= 2


async def test_check_lists_every_fault_of_every_table(tmp_path: Path) -> None:
    """Exit code 2; those of a workbook with the rows of Excel."""
    workbook(
        tmp_path / "plc.xlsx", [["水泵房"], HEAD, ROW, ("C1", "Pump 2/Flow", 1, "holding", "x", "uint16")]
    )
    source = modbus(tmp_path, 502, "C1,Pump 1/Flow,1,holding,y,uint16,,\nC1,Pump 1,1,holding,1,real,,\n")
    other = (
        source.replace('"plc"', '"other"').replace("port = 502", "port = 503").replace("plc.csv", "plc.xlsx")
    )
    ran = await edge("check", "--config", config_of(tmp_path, source, other))
    assert ran.code == 2
    assert [line.removeprefix(f"{tmp_path}/").split(" must")[0] for line in ran.err.splitlines()] == [
        "plc.csv:2: address 'y'",
        "plc.csv:3: metric 'Pump 1'",
        "plc.csv:3: type 'real'",
        "plc.xlsx:4: address 'x'",
    ]
