"""What a whole agent takes: memory, and processor time for 1,000 points a second, from registers to the outbox.

`python -m benchmarks.agent_load [--devices 50] [--points 200] [--changing 0.1] [--seconds 30] [--broker]`. The agent is
`ninebelow edge run` in a process of its own with a real config and real point tables; the devices are Modbus servers in
a third process, a connection each, polled once a second. A share of the values changes with every poll, each change is
journalled to disk. With `--broker` it sends to a real mosquitto, where nobody commits: the outbox grows; without, there
is no broker, as in an outage. Numbers are read from `/metrics` and from the process table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import re
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, cast

import httpx
import uvloop

from benchmarks.proc import cpu_s, rss
from tests.servers import free_port, mosquitto_broker

PROGRAM: Final = Path(sys.executable).with_name("ninebelow")
SETTLE_S: Final = 5.0
START_S: Final = 60.0
HEADER: Final = "area,metric,unit_id,table,address,type,scale,period_s\n"
READINGS: Final = re.compile(r"^ninebelow_edge_readings_total\{.*\} (\S+)$", re.MULTILINE)
WRITTEN: Final = re.compile(r"^ninebelow_edge_readings_written_total (\S+)$", re.MULTILINE)


class Device(asyncio.Protocol):
    """Answers reads of holding registers; every `step`-th register changes with each reply."""

    step = 10

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport, self.count = cast("asyncio.Transport", transport), 0

    def data_received(self, data: bytes) -> None:
        """One request at a time."""
        transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", data)
        self.count = (self.count + 1) % 30_000
        registers = [7] * count
        if self.step:
            registers[:: self.step] = [self.count] * len(registers[:: self.step])
        head = struct.pack(">HHHBBB", transaction, 0, 2 * count + 3, unit, function, 2 * count)
        self.transport.write(head + struct.pack(f">{count}H", *registers))


def serve(ready: Connection, devices: int, changing: float) -> None:
    """The devices' process."""
    Device.step = round(1 / changing) if changing else 0

    async def forever() -> None:
        loop = asyncio.get_running_loop()
        servers = [await loop.create_server(Device, "127.0.0.1", 0) for _ in range(devices)]
        ready.send([server.sockets[0].getsockname()[1] for server in servers])
        await asyncio.Event().wait()

    uvloop.run(forever())


@contextmanager
def devices(count: int, changing: float) -> Iterator[list[int]]:
    """Their ports."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(there, count, changing), daemon=True
    )
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


def config(folder: Path, ports: list[int], points: int, http: int, broker: int) -> Path:
    """The agent's config and a table for each device."""
    text = (
        f'[node]\nmine = "990000000001"\ngateway = "gw-1"\n[mqtt]\nport = {broker}\n'
        f'[outbox]\npath = "outbox.sqlite"\n[delivery]\ndrain_s = 0\n[http]\nport = {http}\n'
    )
    for number, port in enumerate(ports, start=1):
        rows = [f"F{number},Pump {at + 1}/Flow,1,holding,{at},uint16,0.1,1\n" for at in range(points)]
        (folder / f"{number}.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
        text += (
            f'[[sources]]\nprotocol = "modbus"\nname = "d{number}"\nhost = "127.0.0.1"\nport = {port}\n'
            f'points = "{number}.csv"\n'
        )
    file = folder / "edge.toml"
    file.write_text(text, encoding="utf-8")
    return file


@contextmanager
def agent(file: Path) -> Iterator[int]:
    """The agent's process; its number."""
    with (file.parent / "edge.log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "edge", "run", "--config", file], stdout=log, stderr=log)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def numbers(client: httpx.Client) -> tuple[float, float]:
    """Values read and readings written to disk so far."""
    text = client.get("/metrics").text
    return sum(map(float, READINGS.findall(text))), sum(map(float, WRITTEN.findall(text)))


def until_reading(client: httpx.Client, points: int) -> None:
    """Wait until everything has been read once."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            if numbers(client)[0] >= points:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("the agent did not start to read")


def measure(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """One run."""
    http = free_port()
    with ExitStack() as stack:
        ports = stack.enter_context(devices(options.devices, options.changing))
        broker = stack.enter_context(mosquitto_broker(folder)).port if options.broker else free_port()
        pid = stack.enter_context(agent(config(folder, ports, options.points, http, broker)))
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{http}", trust_env=False))
        until_reading(client, options.devices * options.points)
        time.sleep(SETTLE_S)
        (read, written), cpu, began = numbers(client), cpu_s(pid), time.monotonic()
        peak = rss(pid)
        while time.monotonic() < began + options.seconds:
            time.sleep(1)
            peak = max(peak, rss(pid))
        (read_after, written_after), cpu_after, took = (
            numbers(client),
            cpu_s(pid),
            time.monotonic() - began,
        )
    spent = cpu_after - cpu
    return {
        "points": options.devices * options.points,
        "values_per_s": round((read_after - read) / took, 1),
        "reports_per_s": round((written_after - written) / took, 1),
        "rss_peak_mib": round(peak / 2**20, 1),
        "cpu_percent": round(100 * spent / took, 1),
        "cpu_percent_per_1000_points_per_s": round(100_000 * spent / (read_after - read), 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="memory and processor time of a whole agent")
    parser.add_argument("--devices", type=int, default=50)
    parser.add_argument("--points", type=int, default=200, help="of each device")
    parser.add_argument(
        "--changing", type=float, default=0.1, help="share of the values that changes with every poll"
    )
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--broker", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), options), indent=2))


if __name__ == "__main__":
    main()
