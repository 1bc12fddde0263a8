"""`python -m benchmarks.outbox [--seconds 5] [--folder DIR]`: what the outbox takes, and what journalling costs.

First the durable write rate: appends one after the other, one batch each, every one on the disk before it returns
(WAL, `synchronous=FULL`); beside it the same without waiting for the disk, to tell the disk's part from SQLite's.
Then the live path: a hundred values a second through the real journal, from `take` until their batch may be sent; the
same without waiting for the disk, and with the outbox in memory. The wait until the next flush is part of all three,
and so long is a reading at risk in a power cut.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvloop

from benchmarks.ingest.traffic import FACE
from contract.point import OpcUaAddress, Point
from contract.quality import Quality
from edge_agent.acquisition.reading import Reading
from edge_agent.app import types_of
from edge_agent.uplink import encode
from edge_agent.uplink.devices import Devices
from edge_agent.uplink.disk import Disk
from edge_agent.uplink.draft import Batch
from edge_agent.uplink.journal import Journal
from edge_agent.uplink.outbox import Limits, Outbox

POINTS: Final = tuple(Point("F1", metric, OpcUaAddress(metric)) for metric in FACE)
SIZES: Final = (1, 10, 100, 500)
FLUSH_MS: Final = (100, 10)
"""The default, and the least that the config allows."""
LIMITS: Final = Limits(1 << 40)
START_MS: Final = 1_795_900_000_000
EVERY_S: Final = 0.01


@dataclass(slots=True)
class Took:
    """Durations."""

    ms: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        """Median, 99 of 100, worst."""
        p99 = statistics.quantiles(self.ms, n=100, method="inclusive")[98]
        return f"p50 {statistics.median(self.ms):6.2f}  p99 {p99:6.2f}  max {max(self.ms):6.2f} ms"


def readings(count: int) -> Iterator[Reading]:
    """So many, a second between two of one point."""
    for number in range(count):
        at_ms = START_MS + 1000 * (number // len(POINTS))
        yield Reading(POINTS[number % len(POINTS)], 100 + number / 8, Quality.GOOD, at_ms, at_ms)


def opened(folder: str, name: str, synchronous: str) -> Outbox:
    """A new outbox; other than FULL only here, to see what FULL costs."""
    outbox = Outbox(Path(":memory:") if synchronous == "memory" else Path(folder, name), LIMITS)
    if synchronous == "OFF":
        outbox.database.execute("PRAGMA synchronous = OFF")
    return outbox


def append(folder: str, size: int, synchronous: str, seconds: float) -> tuple[float, Took]:
    """Readings a second, and how long an append takes."""
    with opened(folder, f"{size}-{synchronous}.sqlite", synchronous) as outbox:
        alias = outbox.number(types_of(POINTS))
        (draft,) = encode.drafts(
            [*readings(size)], lambda point: alias[point.key], readings_max=size, with_type=False
        )
        took, began = Took(), time.perf_counter()
        while time.perf_counter() < began + seconds:
            asked = time.perf_counter()
            outbox.append([draft], START_MS)
            took.ms.append(1000 * (time.perf_counter() - asked))
        return size * len(took.ms) / (time.perf_counter() - began), took


@dataclass(slots=True)
class Live:
    """Readings on their way."""

    taken: deque[float] = field(default_factory=deque)
    """When those that may not be sent yet were taken."""
    took: Took = field(default_factory=Took)

    def offered(self, batches: Sequence[Batch]) -> None:
        """These may be sent now; they come in the order in which they were taken."""
        now = time.perf_counter()
        for _ in range(sum(batch.readings for batch in batches)):
            self.took.ms.append(1000 * (now - self.taken.popleft()))


async def live(folder: str, flush_ms: int, synchronous: str, seconds: float) -> Took:
    """From `take` until the batch may be sent."""
    seen = Live()
    async with Disk() as disk:
        outbox = await disk.run(opened, folder, f"live-{flush_ms}-{synchronous}.sqlite", synchronous)
        alias = await disk.run(outbox.number, types_of(POINTS))
        journal = Journal(
            outbox, disk, alias, frozenset(), {}, Devices(), seen.offered, lambda _: None, lambda: START_MS,
            flush_ms=flush_ms, inbox_max=100_000, readings_per_batch_max=500, with_type=False,
        )  # fmt: skip
        running = asyncio.create_task(journal.run())
        for one in readings(round(seconds / EVERY_S)):
            seen.taken.append(time.perf_counter())
            journal.take([one])
            await asyncio.sleep(EVERY_S)
        journal.stop()
        await running
        await disk.run(outbox.close)
    return seen.took


def main() -> None:
    """Measure everything once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outbox")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each line")
    parser.add_argument(
        "--folder", type=Path, help="on the disk to be measured; the system's temporary one if not given"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for synchronous in ("FULL", "OFF"):
            for size in SIZES:
                rate, took = append(folder, size, synchronous, given.seconds)
                print(
                    f"append {size:3} readings, synchronous={synchronous:4}: {rate:9,.0f} readings/s, {took}"
                )
        for flush_ms in FLUSH_MS:
            for synchronous in ("FULL", "OFF", "memory"):
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    took = runner.run(live(folder, flush_ms, synchronous, given.seconds))
                print(f"live, flush {flush_ms:3} ms, {synchronous:6}: {took}")


if __name__ == "__main__":
    main()
