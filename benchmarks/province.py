"""`python -m benchmarks.province [--mines 200] [--pace 5] [--seconds 20] [--json]`: what virtual mines cost.

`ninebelow simulate run province` is a process of its own. A bare client reads every point of every mine by the agent's
requests, none more often than every `--pace` seconds (0: as its period says); it keeps a connection to each mine and
asks one thing at a time on it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Final

import uvloop

from contract.point import Protocol, Register
from contract.point_form import parse
from edge_agent.acquisition.read_plan import ReadLimits, Request, plan, poll_groups
from simulators.points import text
from simulators.province import PACE_S, paced

FUNCTIONS: Final = {Register.COIL: 1, Register.DISCRETE: 2, Register.HOLDING: 3, Register.INPUT: 4}
LIMITS: Final = ReadLimits(register_hole_max=0, bit_hole_max=0)
"""These mines refuse registers that no point maps."""
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
WARM_UP_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the province did, and what it cost."""

    mines: int
    rss_mib_idle: int
    rss_mib: int
    cpu_share_idle: float
    cpu_share: float
    requests_s: float
    points_s: float
    refused: int
    latency_ms_p50: float
    latency_ms_p99: float


@dataclass(slots=True)
class Readers:
    """What all clients together have seen."""

    requests: int = 0
    points: int = 0
    refused: int = 0
    latency_s: list[float] = field(default_factory=list)


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.province")
    parser.add_argument("--mines", type=int, default=200)
    parser.add_argument("--pace", type=float, default=PACE_S)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    outcome = asdict(uvloop.run(measured(given.mines, given.pace, given.seconds)))
    print(
        json.dumps(outcome)
        if given.json
        else "\n".join(f"{name}: {value}" for name, value in outcome.items())
    )


async def measured(mines: int, pace_s: float, seconds: float) -> Outcome:
    """Start the province, read it for so long, and end it."""
    with served(mines) as (pid, ports):
        idle_cpu_s = cpu_s(pid)
        await asyncio.sleep(WARM_UP_S)
        idle = (cpu_s(pid) - idle_cpu_s) / WARM_UP_S, rss_mib(pid)
        readers, requests = Readers(), list(requests_of(pace_s))
        phases = [max(pace_s, 1.0) * number / mines for number in range(mines)]
        reading = [
            asyncio.create_task(read(port, requests, readers, phase_s))
            for port, phase_s in zip(ports, phases, strict=True)
        ]
        await asyncio.sleep(max(WARM_UP_S, pace_s))
        began_s, began_cpu_s, before = time.monotonic(), cpu_s(pid), (readers.requests, readers.points)
        readers.latency_s.clear()
        await asyncio.wait(reading, timeout=seconds)
        took_s, used_s = time.monotonic() - began_s, cpu_s(pid) - began_cpu_s
        for task in reading:
            task.cancel()
        failed = list(await asyncio.gather(*reading, return_exceptions=True))
        assert all(isinstance(error, asyncio.CancelledError) for error in failed), failed
        cuts = quantiles(readers.latency_s, n=100)
        return Outcome(
            mines,
            idle[1],
            rss_mib(pid),
            round(idle[0], 3),
            round(used_s / took_s, 3),
            round((readers.requests - before[0]) / took_s),
            round((readers.points - before[1]) / took_s),
            readers.refused,
            round(1000 * cuts[49], 2),
            round(1000 * cuts[98], 2),
        )


@contextmanager
def served(mines: int) -> Iterator[tuple[int, Sequence[int]]]:
    """The province: its pid, and the port of each mine."""
    program = str(Path(sys.executable).with_name("ninebelow"))
    command = [program, "simulate", "run", "province", "--mines", str(mines), "--modbus-port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.pid, [mine["port"] for mine in json.loads(process.stdout.readline())["mines"]]
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def requests_of(pace_s: float) -> Iterator[Request]:
    """Which requests read a mine."""
    table = parse(paced(text(Protocol.MODBUS), pace_s), Protocol.MODBUS, "modbus.csv")
    for group in poll_groups(table).values():
        yield from plan(group, LIMITS)


async def read(port: int, requests: Sequence[Request], readers: Readers, phase_s: float) -> None:
    """Read a mine for ever, each request as often as its points' period says."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    now = asyncio.get_running_loop().time
    due = {number: now() + phase_s for number in range(len(requests))}
    try:
        while True:
            number = min(due, key=due.__getitem__)
            await asyncio.sleep(max(0.0, due[number] - now()))
            request = requests[number]
            await ask(request, reader, writer, readers)
            due[number] = max(due[number] + request.points[0].period_s, now())
    finally:
        writer.close()


async def ask(
    request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, readers: Readers
) -> None:
    """One request."""
    began_s = time.perf_counter()
    function = FUNCTIONS[request.table]
    writer.write(struct.pack(">HHHBBHH", 1, 0, 6, request.unit_id, function, request.address, request.count))
    _, _, length, _ = struct.unpack(">HHHB", await reader.readexactly(7))
    answer = await reader.readexactly(length - 1)
    readers.latency_s.append(time.perf_counter() - began_s)
    readers.requests += 1
    readers.points += len(request.points)
    readers.refused += answer[0] != function


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def rss_mib(pid: int) -> int:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


if __name__ == "__main__":
    main()
