"""What the two historians take and give: `python -m benchmarks.historian [--seconds 2]`.

Wide points of ten fields rounded to two decimals, 200 series, 5,000 points a write, into an empty store on this
machine's disk; InfluxDB is Debian's, a process of its own. One line per store and number of writers at once:
the embedded store commits five times a second, so that one writer by itself waits for most of the time.
`loop stall` is the longest time that the event loop did not run, `lone write` one point into a store at rest.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import statistics
import tempfile
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import Historian, Point, Series
from gateway.historian.influx import InfluxHistorian
from gateway.historian.line_protocol import encode
from tests.servers import influxd

FIELDS = [f"quantity_{i}" for i in range(10)]
SERIES = [Series("pump", (("area", f"C-{i}"), ("mine", "990000000001"))) for i in range(200)]
BATCH = 5_000
START_MS = 1_795_600_000_000


def batches() -> list[list[Point]]:
    """Twenty batches, written again and again: an idempotent store must take them as it took the first."""
    chance = random.Random(9)  # noqa: S311  # a benchmark wants the same every time
    return [
        [
            Point(
                series, START_MS + second * 1000, {name: round(chance.uniform(0, 500), 2) for name in FIELDS}
            )
            for second in range(n * BATCH // len(SERIES), (n + 1) * BATCH // len(SERIES))
            for series in SERIES
        ]
        for n in range(20)
    ]


async def watch_loop(stalls_s: list[float]) -> None:
    """Note how late the event loop comes back."""
    while True:
        asleep_s = time.perf_counter()
        await asyncio.sleep(0.001)
        stalls_s.append(time.perf_counter() - asleep_s - 0.001)


async def write_for(historian: Historian, made: list[list[Point]], *, writers: int, seconds: float) -> float:
    """Values written per second."""
    began_s = time.perf_counter()
    ends_s = began_s + seconds
    written = 0

    async def write(first: int) -> None:
        nonlocal written
        turn = first
        while time.perf_counter() < ends_s:
            await historian.write(made[turn % len(made)])
            written += BATCH * len(FIELDS)
            turn += writers

    async with asyncio.TaskGroup() as tasks:
        for first in range(writers):
            tasks.create_task(write(first))
    return written / (time.perf_counter() - began_s)


async def lone_write_ms(historian: Historian) -> float:
    """Median of a few."""
    took_s = []
    for i in range(5):
        await asyncio.sleep(0.3)
        began_s = time.perf_counter()
        await historian.write([Point(SERIES[0], START_MS - 1 - i, {FIELDS[0]: 1.0})])
        took_s.append(time.perf_counter() - began_s)
    return statistics.median(took_s) * 1000


async def measure(
    name: str, store: AbstractAsyncContextManager[Historian], made: list[list[Point]], seconds: float
) -> None:
    """Open, write, read; print what it took."""
    began_s = time.perf_counter()
    async with store as historian:
        print(f"{name}: open {(time.perf_counter() - began_s) * 1000:.0f} ms")
        print(f"{name}: lone write {await lone_write_ms(historian):.0f} ms")
        for writers in (1, 2, 4):
            stalls_s = [0.0]
            watching = asyncio.create_task(watch_loop(stalls_s))
            rate = await write_for(historian, made, writers=writers, seconds=seconds)
            watching.cancel()
            print(f"{name}: {writers} writers {rate:,.0f} values/s, loop stall {max(stalls_s) * 1000:.0f} ms")
        began_s = time.perf_counter()
        rows = await historian.read(SERIES[7], FIELDS[:3], START_MS, START_MS + 3_600_000)
        print(f"{name}: read {len(rows):,} rows x 3 in {(time.perf_counter() - began_s) * 1000:.0f} ms")
        began_s = time.perf_counter()
        await historian.last_before(SERIES[7], FIELDS[:3], START_MS + 3_600_000)
        print(f"{name}: newest row in {(time.perf_counter() - began_s) * 1000:.0f} ms")


def main() -> None:
    """Measure line protocol and both stores."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=2.0)
    seconds = arguments.parse_args().seconds
    made = batches()
    gc.collect()
    gc.freeze()  # our own points would be visited again and again
    began_s = time.process_time()
    for batch in made:
        encode(batch)
    per_value_ns = (time.process_time() - began_s) / len(made) / BATCH / len(FIELDS) * 1e9
    print(f"line protocol: {per_value_ns:.0f} ns of CPU per value")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure("embedded", EmbeddedHistorian(Path(folder) / "historian.duckdb"), made, seconds))
    with tempfile.TemporaryDirectory() as folder, influxd(Path(folder)) as url:
        asyncio.run(measure("influxdb", InfluxHistorian(url, database="ninebelow"), made, seconds))


if __name__ == "__main__":
    main()
