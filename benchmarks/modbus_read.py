"""Registers a second that Modbus sources read, beside bare pymodbus loops over the same requests in the same run.

`python -m benchmarks.modbus_read [--devices 1] [--registers 10000] [--seconds 3] [--rounds 3]`. The devices live in a
process of their own and answer from memory; each has a connection to itself and its share of the registers, and every
reader goes as fast as it can. pymodbus alone throws the values away; the source decodes every value and reports by
exception, with no, a tenth, and all of the values changing from one poll to the next. Rounds alternate between them,
and the median counts.

`--dead 5`: what devices that take connections and never answer cost the others, each of `--devices` with a
connection of its own, and then all of them as units behind one (once they have been found out, give it a minute).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import resource
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from random import Random
from statistics import median
from typing import Final, cast

import uvloop
from pymodbus.client import AsyncModbusTcpClient

from contract.point import ModbusAddress, Point, RawType, Register
from edge_agent.acquisition.read_plan import ReadLimits, plan
from edge_agent.cancellation import heed_cancellation
from edge_agent.sources.modbus import ModbusSource
from edge_agent.sources.modbus_transport import TcpTransport
from edge_agent.sources.source import Emit, SourceHealth

AT_ONCE_S: Final = 1e-6
EVERY: Final = {1: 0, 2: 10, 3: 1}
"""Of a unit's registers, every how many-th changes with each reply; none of other units'."""
STATES: Final = 100
"""Of what changes."""
SILENT: Final = 200
"""Units from here on do not answer."""
SETTLE_S: Final = 0.5
FOUND_OUT_S: Final = 20.0
"""By then silent units have used up their credit (`SILENT_CREDIT_S`), and a first try each."""


class Device(asyncio.Protocol):
    """Answers reads of holding registers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport, self.count = cast("asyncio.Transport", transport), 0

    def data_received(self, data: bytes) -> None:
        """One request at a time, as pymodbus sends them."""
        transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", data)
        if unit >= SILENT:
            return
        self.count += 1
        values = held(EVERY.get(unit, 0), count, self.count % STATES)
        head = struct.pack(">HHHBBB", transaction, 0, 2 * count + 3, unit, function, 2 * count)
        self.transport.write(head + values)


@cache
def held(every: int, count: int, state: int) -> bytes:
    """So many registers, every how many-th of which tells the state; made once, so that all units are as quick."""
    registers = [7] * count
    if every:
        registers[::every] = [state] * len(registers[::every])
    return struct.pack(f">{count}H", *registers)


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
            f"F{unit_id}",
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


Reader = Bare | ModbusSource


def source(port: int, points: Sequence[Point]) -> ModbusSource:
    """The agent's source, as its config makes it by default."""
    return ModbusSource(
        name="benchmark",
        transport=TcpTransport("127.0.0.1", port),
        points=points,
        now=lambda: time.time_ns() // 1_000_000,
        rng=Random(1),  # noqa: S311 (jitter)
    )


@dataclass(frozen=True, slots=True)
class Rate:
    """What a round of readers did."""

    registers_s: float
    cpu_s: float
    """Of this process, for a register."""


async def measure(
    readers: Sequence[Reader], seconds: float, counted: int, settle_s: float = SETTLE_S
) -> Rate:
    """Run readers side by side; count the registers of the first ones of them."""
    tasks = [asyncio.create_task(reader.run(lambda _: None)) for reader in readers]
    while any(reader.health.readings == 0 for reader in readers[:counted]):  # noqa: ASYNC110 (nobody tells)
        await asyncio.sleep(0.01)
    await asyncio.sleep(settle_s)
    began_s, cpu_s, read = time.perf_counter(), time.process_time(), total(readers[:counted])
    await asyncio.sleep(seconds)
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    read = total(readers[:counted]) - read
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(reader.health.errors.keys() <= {"poll_missed", "timeout"} for reader in readers[:counted])
    return Rate(read / took_s, cpu_s / read)


def total(readers: Sequence[Reader]) -> int:
    """Registers read so far."""
    return sum(reader.health.readings for reader in readers)


Case = tuple[str, Callable[[], Rate]]


def compare(cases: Sequence[Case], rounds: int) -> None:
    """Run each in turn, several times, and print the medians beside the first one's."""
    rates: dict[str, list[Rate]] = {name: [] for name, _ in cases}
    for _ in range(rounds):
        for name, run in cases:
            rates[name].append(run())
    first = rates[cases[0][0]]
    for name, of_name in rates.items():
        speed, cpu = (median(getattr(rate, what) for rate in of_name) for what in ("registers_s", "cpu_s"))
        share = median(rate.registers_s / base.registers_s for rate, base in zip(of_name, first, strict=True))
        saved = median(base.cpu_s / rate.cpu_s for rate, base in zip(of_name, first, strict=True))
        print(f"{name:42}{speed / 1e3:7.0f} k registers/s  {cpu * 1e6:6.2f} CPU s per million  "
              f"rate × {share:.2f}  CPU ÷ {saved:.2f}")  # fmt: skip


def speed_cases(port: int, chosen: argparse.Namespace, run: Callable[..., Rate]) -> list[Case]:
    """pymodbus, and the source with ever more changes."""
    registers, devices = chosen.registers // chosen.devices, chosen.devices

    def case(make: Callable[..., Reader], unit_id: int) -> Callable[[], Rate]:
        readers = [make(port, table(unit_id, registers)) for _ in range(devices)]
        return lambda: run(measure(readers, chosen.seconds, devices))

    return [
        ("bare pymodbus", case(Bare, 1)),
        ("source, no change", case(source, 1)),
        ("source, a tenth changes", case(source, 2)),
        ("source, everything changes", case(source, 3)),
    ]


def dead_cases(port: int, chosen: argparse.Namespace, run: Callable[..., Rate]) -> list[list[Case]]:
    """Without and with the silent ones: a connection for each device; one connection for all."""
    registers, healthy = chosen.registers // chosen.devices, chosen.devices - chosen.dead
    alive = [table(2, registers)] * healthy
    silent = [table(SILENT + at, registers) for at in range(chosen.dead)]
    units = [point for at in range(healthy) for point in table(4 + at, registers)]
    dead_units = [point for points in silent for point in points]

    def apart(tables: Sequence[Sequence[Point]]) -> Callable[[], Rate]:
        return lambda: run(measure([source(port, points) for points in tables], chosen.seconds, healthy))

    def behind_one(points: Sequence[Point]) -> Callable[[], Rate]:
        return lambda: run(measure([source(port, points)], chosen.seconds, 1, FOUND_OUT_S))

    return [
        [
            (f"{healthy} devices", apart(alive)),
            (f"{healthy} devices and {chosen.dead} dead ones", apart([*alive, *silent])),
        ],
        [
            (f"{healthy} units behind one connection", behind_one(units)),
            (f"{healthy} units and {chosen.dead} dead ones behind one", behind_one([*units, *dead_units])),
        ],
    ]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--devices", type=int, default=1)
    options.add_argument("--dead", type=int, default=0)
    options.add_argument("--registers", type=int, default=10_000)
    options.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    chosen = options.parse_args()
    logging.getLogger("edge_agent").setLevel(logging.ERROR)
    spawn = multiprocessing.get_context("spawn")
    ready, theirs = spawn.Pipe()
    server = spawn.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    run = uvloop.run if chosen.loop == "uvloop" else asyncio.run
    port = ready.recv()
    try:
        if chosen.dead:
            for cases in dead_cases(port, chosen, run):
                compare(cases, chosen.rounds)
        else:
            compare(speed_cases(port, chosen, run), chosen.rounds)
    finally:
        server.terminate()
        server.join()
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most in this process")


if __name__ == "__main__":
    main()
