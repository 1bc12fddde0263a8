"""Registers a second that a Modbus source reads, beside a bare pymodbus loop over the same requests.

`python -m benchmarks.modbus_read [--seconds 4] [--connections 1] [--registers 1000]`. The server runs in a process
of its own and answers from memory; every connection has its own device. Three readers in turn, each as fast as it
can go: pymodbus alone (values thrown away), the source (a reading with quality and time for every point), and the
source with report by exception behind it.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import struct
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from random import Random
from typing import cast

import uvloop
from pymodbus.client import AsyncModbusTcpClient

from contract.point_form import ModbusAddress, Point, RawType, Register
from edge_agent.acquisition.deadband import Deadband
from edge_agent.acquisition.read_plan import ReadLimits, plan
from edge_agent.acquisition.reading import Reading
from edge_agent.sources.modbus import ModbusSource

AT_ONCE_S = 1e-6


class Device(asyncio.Protocol):
    """Answers reads of holding registers; the values change with every reply."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport, self.count = cast("asyncio.Transport", transport), 0

    def data_received(self, data: bytes) -> None:
        """One request at a time, as pymodbus sends them."""
        transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", data)
        self.count = (self.count + 1) % 256
        payload = bytes([0, self.count]) * count
        self.transport.write(
            struct.pack(">HHHBBB", transaction, 0, len(payload) + 3, unit, function, len(payload)) + payload
        )


def serve(ready: Connection) -> None:
    """The server process."""

    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(Device, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(forever())


def table(registers: int, scale: float) -> tuple[Point, ...]:
    """One point for each register."""
    return tuple(
        Point(
            "F1", f"Pump {at + 1}/Flow", ModbusAddress(1, Register.HOLDING, at, RawType.UINT16), AT_ONCE_S, scale
        )
        for at in range(registers)
    )  # fmt: skip


async def bare(port: int, points: Sequence[Point], until_s: float) -> int:
    """Registers read by pymodbus alone."""
    client, read = AsyncModbusTcpClient("127.0.0.1", port=port), 0
    requests = plan(points, ReadLimits())
    await client.connect()
    try:
        while time.perf_counter() < until_s:
            for request in requests:
                reply = await client.read_holding_registers(request.address, count=request.count, device_id=1)
                read += len(reply.registers)
    finally:
        client.close()
    return read


async def sourced(port: int, points: Sequence[Point], until_s: float, *, with_deadband: bool) -> int:
    """Registers read by a source."""
    read, deadband = 0, Deadband()

    def emit(readings: Sequence[Reading]) -> None:
        nonlocal read
        read += len(readings)
        if with_deadband:
            deadband.reports(readings)

    source = ModbusSource(
        name="benchmark",
        host="127.0.0.1",
        port=port,
        points=points,
        now=lambda: time.time_ns() // 1_000_000,
        rng=Random(1),  # noqa: S311 (jitter)
    )
    task = asyncio.create_task(source.run(emit))
    await asyncio.sleep(until_s - time.perf_counter())
    task.cancel()
    await asyncio.wait([task])
    assert source.health.errors.keys() <= {"poll_missed"}, source.health.errors
    return read


async def measure(name: str, port: int, points: Sequence[Point], connections: int, seconds: float) -> float:
    """Run one reader on every connection; registers a second."""
    began_s, cpu_s = time.perf_counter(), time.process_time()
    until_s = began_s + seconds
    readers = {
        "bare pymodbus": lambda: bare(port, points, until_s),
        "source": lambda: sourced(port, points, until_s, with_deadband=False),
        "source, deadband": lambda: sourced(port, points, until_s, with_deadband=True),
    }
    read = sum(await asyncio.gather(*(readers[name]() for _ in range(connections))))
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    rate = read / took_s
    print(f"{name:18} {rate / 1e3:8.0f} k registers/s   {cpu_s / read * 1e6:6.2f} CPU s per million")
    return rate


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=4.0)
    options.add_argument("--connections", type=int, default=1)
    options.add_argument("--registers", type=int, default=1000)
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    chosen = options.parse_args()
    ready, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port = ready.recv()
    points = table(chosen.registers, chosen.scale)
    run = uvloop.run if chosen.loop == "uvloop" else asyncio.run
    rates = [
        run(measure(name, port, points, chosen.connections, chosen.seconds))
        for name in ("bare pymodbus", "source", "source, deadband")
    ]
    print(f"source / bare = {rates[1] / rates[0]:.2f}, with deadband {rates[2] / rates[0]:.2f}")
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
