"""Registers a second that a Modbus source reads, beside a bare pymodbus loop over the same requests.

`python -m benchmarks.modbus_read [--seconds 3] [--connections 1] [--registers 10000]`. The server runs in a process
of its own and answers from memory. Each reader goes as fast as it can: pymodbus alone (values thrown away), then
the source, which decodes every value and reports by exception, with no, a tenth, and all of the values changing
from one poll to the next.
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
from typing import Final, cast

import uvloop
from pymodbus.client import AsyncModbusTcpClient

from contract.point_form import ModbusAddress, Point, RawType, Register
from edge_agent.acquisition.read_plan import ReadLimits, plan
from edge_agent.cancellation import heed_cancellation
from edge_agent.sources.modbus import ModbusSource
from edge_agent.sources.source import Emit, SourceHealth

AT_ONCE_S: Final = 1e-6
EVERY: Final = {1: 0, 2: 10, 3: 1}
"""Of a unit's registers, every how many-th changes with each reply."""


class Device(asyncio.Protocol):
    """Answers reads of holding registers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport, self.count = cast("asyncio.Transport", transport), 0

    def data_received(self, data: bytes) -> None:
        """One request at a time, as pymodbus sends them."""
        transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", data)
        self.count = (self.count + 1) % 65536
        registers = [7] * count
        if every := EVERY[unit]:
            registers[::every] = [self.count] * len(registers[::every])
        self.transport.write(
            struct.pack(
                f">HHHBBB{count}H", transaction, 0, 2 * count + 3, unit, function, 2 * count, *registers
            )
        )


def serve(ready: Connection) -> None:
    """The server process."""

    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(Device, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(forever())


def table(unit_id: int, registers: int) -> tuple[Point, ...]:
    """One point for each register, with a scale as instruments have."""
    return tuple(
        Point(
            "F1",
            f"Pump {at + 1}/Flow",
            ModbusAddress(unit_id, Register.HOLDING, at, RawType.UINT16),
            AT_ONCE_S,
            scale=0.1,
        )
        for at in range(registers)
    )


class Bare:
    """pymodbus alone; has `run` and a count as a source has."""

    def __init__(self, port: int, points: Sequence[Point]) -> None:
        self.port, self.requests, self.health = port, plan(points, ReadLimits()), SourceHealth()

    async def run(self, _: Emit) -> None:
        """Read until cancelled."""
        client = AsyncModbusTcpClient("127.0.0.1", port=self.port)
        await client.connect()
        try:
            while True:
                for request in self.requests:
                    reply = await client.read_holding_registers(
                        request.address, count=request.count, device_id=request.unit_id
                    )
                    self.health.readings += len(reply.registers)
                heed_cancellation()
        finally:
            client.close()


def source(port: int, points: Sequence[Point]) -> ModbusSource:
    """The agent's source."""
    return ModbusSource(
        name="benchmark",
        host="127.0.0.1",
        port=port,
        points=points,
        now=lambda: time.time_ns() // 1_000_000,
        rng=Random(1),  # noqa: S311 (jitter)
    )


async def measure(unit_id: int, port: int, chosen: argparse.Namespace) -> float:
    """Run one reader (0: bare pymodbus) on every connection; CPU seconds for a register."""
    points = table(unit_id or 1, chosen.registers)
    make = source if unit_id else Bare
    readers = [make(port, points) for _ in range(chosen.connections)]
    tasks = [asyncio.create_task(reader.run(lambda _: None)) for reader in readers]
    while any(reader.health.readings < 2 * len(points) for reader in readers):  # noqa: ASYNC110 (nobody tells)
        await asyncio.sleep(0.01)
    began_s, cpu_s, read = time.perf_counter(), time.process_time(), total(readers)
    await asyncio.sleep(chosen.seconds)
    took_s, cpu_s, read = time.perf_counter() - began_s, time.process_time() - cpu_s, total(readers) - read
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(reader.health.errors.keys() <= {"poll_missed"} for reader in readers)
    name = ["bare pymodbus", "source, no change", "source, a tenth", "source, all change"][unit_id]
    print(f"{name:20}{read / took_s / 1e3:8.0f} k registers/s  {cpu_s / read * 1e6:6.2f} CPU s per million")
    return cpu_s / read


def total(readers: Sequence[Bare | ModbusSource]) -> int:
    """Registers read so far."""
    return sum(reader.health.readings for reader in readers)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--connections", type=int, default=1)
    options.add_argument("--registers", type=int, default=10_000)
    options.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    chosen = options.parse_args()
    spawn = multiprocessing.get_context("spawn")
    ready, theirs = spawn.Pipe()
    server = spawn.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    run = uvloop.run if chosen.loop == "uvloop" else asyncio.run
    port = ready.recv()
    try:
        costs = [run(measure(unit_id, port, chosen)) for unit_id in range(4)]
    finally:
        server.terminate()
        server.join()
    print("CPU of bare pymodbus / source:", " ".join(f"{costs[0] / cost:.2f}" for cost in costs[1:]))


if __name__ == "__main__":
    main()
