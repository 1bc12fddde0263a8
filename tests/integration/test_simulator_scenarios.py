"""Pins scenarios and provinces on the wire: real clients meet what the scenario says, at its times."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asyncua import Client, ua
from pymodbus.client import AsyncModbusTcpClient

from contract.errors import Transient
from contract.point import Protocol
from edge_agent import config as edge
from edge_agent.source_config.modbus import ModbusSource
from gateway import config as centre
from simulators import scenario_form, scenarios
from simulators.app import virtual_mine
from simulators.mine import Mine
from simulators.points import FILES, points, text
from simulators.province import PACE_S, files_of, paced, province
from simulators.scenario import Scenario
from tests.servers import free_port

START_MS = 1_646_101_800_000  # 2022-03-01T10:30:00+08:00, in a 八点班
WAIT_S = 20.0
PROGRAM = Path(sys.executable).with_name("ninebelow")
MINUTE_MS = 60_000


class SetClock:
    """A clock that stands until it is set."""

    now_ms = START_MS

    def __call__(self) -> int:
        """The instant it shows."""
        return self.now_ms


def scenario(name: str) -> Scenario:
    return scenario_form.load(scenarios.text(name), name).starting(START_MS)


async def connected(port: int) -> AsyncModbusTcpClient:
    """A client, as soon as somebody listens."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=WAIT_S, retries=0)
    async with asyncio.timeout(WAIT_S):
        while not await client.connect():  # noqa: ASYNC110  (the far side says when)
            await asyncio.sleep(0.01)
    return client


async def until_refused(port: int) -> None:
    """Return once nobody listens."""
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return
            writer.close()
            await asyncio.sleep(0.01)


# --- a mine with a scenario


async def test_a_plc_restarts() -> None:
    """The gateway is away and back on its port; then one unit is busy, and the others answer."""
    clock = SetClock()
    async with virtual_mine(now_ms=clock, scenario=scenario("plc_restart")) as served:
        client = await connected(served.modbus_port)
        assert not (await client.read_input_registers(0, count=5, device_id=4)).isError()
        clock.now_ms = START_MS + 2 * MINUTE_MS + 1_000
        await until_refused(served.modbus_port)
        client.close()
        clock.now_ms = START_MS + 2 * MINUTE_MS + 41_000
        client = await connected(served.modbus_port)
        level = await client.read_holding_registers(2, count=2, device_id=1)
        assert level.registers == [0, 0]
        clock.now_ms = START_MS + 8 * MINUTE_MS
        assert (await client.read_holding_registers(0, count=1, device_id=3)).exception_code == 6
        assert not (await client.read_input_registers(0, count=5, device_id=4)).isError()
        client.close()


async def test_a_clock_jumps() -> None:
    """The server's own clock and the time of its values; the values themselves are those of the true time."""
    clock = SetClock()
    async with virtual_mine(now_ms=clock, scenario=scenario("clock_jump")) as served:
        clock.now_ms = START_MS + 10 * MINUTE_MS
        true = datetime(2022, 3, 1, 2, 40, tzinfo=UTC)
        async with Client(served.opcua_url, timeout=WAIT_S) as client:
            shown = client.get_node(ua.ObjectIds.Server_ServerStatus_CurrentTime)
            async with asyncio.timeout(WAIT_S):
                while await shown.read_value() != true + timedelta(minutes=45):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            index = await client.get_namespace_index("http://ninebelow.example/mine")
            methane = client.get_node(ua.NodeId("F14031.Gas1.Methane", index))
            data = await methane.read_data_value()
            assert data.SourceTimestamp == true + timedelta(minutes=45)
            assert data.Value.Value == Mine(1, clock()).value("F14031", "Gas 1/Methane")


async def test_personnel_files_appear_while_the_mine_is_served(tmp_path: Path) -> None:
    clock = SetClock()
    folder = tmp_path / "drop" / "990000000001"
    async with virtual_mine(now_ms=clock, personnel_dir=folder):
        first = {path.name for path in folder.iterdir()}
        assert {name.split("_")[1] for name in first} == {"RYSS", "RYXX", "RYQY"}
        clock.now_ms += 30_000
        async with asyncio.timeout(WAIT_S):
            while not (folder / "990000000001_RYSS_20220301103030.txt").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    (tmp_path / "file").write_text("")
    with pytest.raises(Transient, match="cannot write"):
        async with virtual_mine(now_ms=clock, personnel_dir=tmp_path / "file"):
            pass


# --- a province


async def test_mines_of_a_province_are_different_ones() -> None:
    """Each on its own port, with its own code and values."""
    clock = SetClock()
    async with province(now_ms=clock, mines=3, seed=5) as mines:
        assert [mine.code for mine in mines] == ["990000000001", "990000000002", "990000000003"]
        assert len({mine.port for mine in mines}) == 3
        read = []
        for number, mine in enumerate(mines):
            client = await connected(mine.port)
            level = await client.read_holding_registers(2, count=2, device_id=1)
            counts = await client.read_input_registers(0, count=5, device_id=4)
            client.close()
            assert counts.registers[0] == Mine(5 + number, clock()).value("F14031", "Personnel/Headcount")
            read.append(tuple(level.registers))
        assert len(set(read)) == 3


async def test_ports_of_a_province_follow_each_other() -> None:
    """Where one of them is taken, none is kept."""
    clock, first = SetClock(), free_port()
    async with province(now_ms=clock, mines=1, first_port=first) as (mine,):
        assert mine.port == first
        with pytest.raises(Transient, match=str(first)):
            async with province(now_ms=clock, mines=3, first_port=first - 1):
                pass
    async with province(now_ms=clock, mines=1, first_port=first):
        pass


def test_a_slower_pace_changes_nothing_else() -> None:
    fast, slow = text(Protocol.MODBUS).splitlines(), paced(text(Protocol.MODBUS), PACE_S).splitlines()
    assert slow[0] == fast[0]
    period = fast[0].split(",").index("period_s")
    for before, after in zip(fast[1:], slow[1:], strict=True):
        was, now = before.split(","), after.split(",")
        assert float(now[period]) == max(float(was[period]), PACE_S)
        assert was[:period] + was[period + 1 :] == now[:period] + now[period + 1 :]


# --- the command


@contextmanager
def simulating(*arguments: object) -> Iterator[dict[str, Any]]:
    """What `ninebelow simulate run` says first; it must end in order when told to."""
    command = [str(PROGRAM), "simulate", "run", *map(str, arguments), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_scenario_by_name_and_from_a_file(tmp_path: Path) -> None:
    """Both tell where the mine is and what will happen when; the clock begins where it is told to."""
    file = tmp_path / "mine.toml"
    file.write_text(scenarios.text("intruder"), encoding="utf-8")
    options = ("--start", "2022-03-01T08:00", "--modbus-port", 0, "--opcua-port", 0)
    for what in ("intruder", file):
        with simulating(what, *options, "--personnel-dir", tmp_path / "drop") as told:
            assert told["start"].startswith("2022-03-01T08:00:")
            assert [len(told["zones"][area]) for area in ("F14031", "F12090", "C-PUMP")] == [3, 2, 1]
            assert told["timetable"][0]["what"] == "C-PUMP: 2 × 外来施工人员"
            assert told["timetable"][0]["from"].startswith("2022-03-01T08:30:")
            assert len(asyncio.run(read_counts(told["modbus"]["port"]))) == 5
    assert list((tmp_path / "drop").glob("*_RYSS_20220301080000.txt"))


async def read_counts(port: int) -> list[int]:
    """Headcounts of the first five areas."""
    client = await connected(port)
    answer = await client.read_input_registers(0, count=5, device_id=4)
    client.close()
    return list(answer.registers)


def test_a_province_with_configs_that_agents_and_centre_take(tmp_path: Path) -> None:
    folder = tmp_path / "province"
    with simulating("province", "--mines", 3, "--modbus-port", 0, "--config", folder) as told:
        assert told["config"] == str(folder)
        for mine in told["mines"]:
            config, _ = edge.load(folder / mine["code"] / "edge.toml")
            (source,) = config.sources
            assert isinstance(source, ModbusSource)
            assert config.node.mine == mine["code"]
            assert (source.host, source.port) == (mine["host"], mine["port"])
        gateway = centre.load(folder / "gateway.toml")
        assert [mine.code for mine in gateway.mines] == [mine["code"] for mine in told["mines"]]
        assert {len(mine.faces) + len(mine.chambers) for mine in gateway.mines} == {10}
    again = subprocess.run(
        [PROGRAM, "simulate", "run", "province", "--config", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 2
    assert str(folder) in again.stderr


@pytest.mark.parametrize("what", ["nosuch", "nosuch.toml"])
def test_a_scenario_that_is_not_there(what: str) -> None:
    done = subprocess.run([PROGRAM, "simulate", "run", what], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(what)
    assert "Traceback" not in done.stderr


def test_the_list_names_areas_and_scenarios() -> None:
    done = subprocess.run([PROGRAM, "simulate", "list", "--json"], capture_output=True, text=True, check=True)
    listed = json.loads(done.stdout)
    assert [entry["scenario"] for entry in listed["scenarios"]] == list(scenarios.names())
    assert sum(area["modbus_points"] for area in listed["areas"]) == len(points(Protocol.MODBUS))
    plain = subprocess.run([PROGRAM, "simulate", "list"], capture_output=True, text=True, check=True)
    assert all(name in plain.stdout for name in scenarios.names())


def test_the_files_of_a_province_have_the_table_that_they_name() -> None:
    assert f"points/{FILES[Protocol.MODBUS]}" in files_of(())
