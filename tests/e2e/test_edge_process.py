"""`ninebelow edge run` as a process: its numbers over HTTP, and SIGHUP, while devices are read."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.modbus_device import ModbusDevice
from tests.servers import free_port
from tests.stack import until

PROGRAM = Path(sys.executable).with_name("ninebelow")
LIMIT_S = 60.0
TABLE = """area,metric,unit_id,table,address,type,period_s
{area},Pump 1/Flow,1,holding,{address},uint16,0.1
"""
SOURCE = """
[[sources]]
protocol = "modbus"
name = "{name}"
host = "127.0.0.1"
port = {port}
points = "{name}.csv"
"""


def config(folder: Path, http: int, **ports: int) -> Path:
    """An agent that reads one point of each device, and whose broker is away."""
    text = (
        '[node]\nmine = "990000000001"\ngateway = "gw-1"\n'
        "[mqtt]\nport = 1\n"
        '[outbox]\npath = "outbox.sqlite"\n[delivery]\ndrain_s = 0\n'
        f"[http]\nport = {http}\n"
    )
    for place, (name, port) in enumerate(ports.items()):
        (folder / f"{name}.csv").write_text(TABLE.format(area=name, address=place), encoding="utf-8")
        text += SOURCE.format(name=name, port=port)
    file = folder / "edge.toml"
    file.write_text(text, encoding="utf-8")
    return file


@asynccontextmanager
async def agent(file: Path, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process; at the end it must stop by itself, in order."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "edge", "run", "--config", str(file), stdout=output, stderr=output
        )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), LIMIT_S) == 0, said(log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def said(log: Path) -> str:
    """What the process has logged."""
    return log.read_text(encoding="utf-8", errors="replace")


async def numbers(client: httpx.AsyncClient) -> dict[str, float]:
    """Prometheus samples by name and labels; none while nothing answers."""
    try:
        text = (await client.get("/metrics")).raise_for_status().text
    except httpx.TransportError:
        return {}
    samples = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


async def reads(client: httpx.AsyncClient, name: str) -> float:
    """Requests to a source's devices."""
    found = await numbers(client)
    return sum(
        found[key] for key in found if key.startswith("ninebelow_edge_reads_total") and f'"{name}"' in key
    )


async def is_read_on(client: httpx.AsyncClient, name: str) -> None:
    """Wait until a source has been read a few times more."""
    before = await reads(client, name)

    async def goes_on() -> bool:
        return await reads(client, name) > before + 3

    await until(goes_on, LIMIT_S)


async def is_well(client: httpx.AsyncClient) -> bool:
    """Is it told that the agent is well, and nothing besides?"""
    try:
        answer: dict[str, object] = (await client.get("/healthz")).json()
    except httpx.TransportError:
        return False
    return answer == {"ok": True}


async def test_health_and_reload_of_a_running_agent(tmp_path: Path) -> None:
    """A device that comes with SIGHUP is read without a pause of the first; a faulty config changes nothing."""
    http, first, second = free_port(), ModbusDevice(), ModbusDevice()
    await first.start()
    await second.start()
    log = tmp_path / "edge.log"
    url = f"http://127.0.0.1:{http}"
    try:
        async with (
            agent(config(tmp_path, http, p1=first.port), log) as process,
            httpx.AsyncClient(base_url=url, trust_env=False) as client,
        ):
            await is_read_on(client, "p1")
            health = (await client.get("/healthz")).json()
            assert health["ok"]
            assert health["sources"] == {"p1": True}
            assert health["told"] == ["the broker does not answer: readings are kept in the outbox"]
            connections = first.connections

            file = config(tmp_path, http, p1=first.port, p2=second.port)
            process.send_signal(signal.SIGHUP)
            await is_read_on(client, "p2")
            assert first.connections == connections

            file.write_text(file.read_text(encoding="utf-8") + "[colour]\n", encoding="utf-8")
            process.send_signal(signal.SIGHUP)
            await until(lambda: "not reloaded" in said(log), LIMIT_S)
            for name in ("p1", "p2"):
                await is_read_on(client, name)
            found = await numbers(client)
            assert found["ninebelow_edge_broker_connected"] == 0
            assert found["ninebelow_edge_readings_written_total"] >= 2
            age = next(
                value for key, value in found.items() if key.startswith("ninebelow_edge_last_good_age")
            )
            assert 0 <= age < LIMIT_S
            assert (await client.post("/metrics")).status_code == 405
            assert (await client.get("/")).status_code == 404
    finally:
        await first.stop()
        await second.stop()


async def test_beyond_loopback_only_with_a_token(tmp_path: Path) -> None:
    """Whether the agent is well is told to everybody, which machines there are is not."""
    http, device = free_port(), ModbusDevice()
    await device.start()
    file = config(tmp_path, http, p1=device.port)
    open_text = file.read_text(encoding="utf-8").replace("[http]", '[http]\nhost = "0.0.0.0"')
    file.write_text(open_text, encoding="utf-8")
    refused = await asyncio.create_subprocess_exec(
        PROGRAM, "edge", "check", "--config", str(file), stderr=asyncio.subprocess.PIPE
    )
    _, errors = await refused.communicate()
    assert refused.returncode == 2
    assert "set token" in errors.decode()
    file.write_text(open_text.replace("[http]", '[http]\ntoken = "long-and-secret"'), encoding="utf-8")
    try:
        async with (
            agent(file, tmp_path / "edge.log"),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{http}", trust_env=False) as client,
        ):
            await until(lambda: is_well(client), LIMIT_S)
            assert (await client.get("/metrics")).status_code == 401
            assert (
                await client.get("/metrics", headers={"Authorization": "Bearer wrong"})
            ).status_code == 401
            known = {"Authorization": "Bearer long-and-secret"}
            assert (await client.get("/metrics", headers=known)).status_code == 200
            assert "sources" in (await client.get("/healthz", headers=known)).json()
    finally:
        await device.stop()
