"""`python -m benchmarks.conservation.agent ORDERS`: the real edge agent, its source a counter.

Every round the n-th value of each tag is n. What is produced, written, given up and committed is told on standard
output (said.py). The computer's clock is the real one plus what the control file says, so that it can jump.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

from benchmarks.conservation.points import GATEWAY, MINE, POINTS, TAG_OF, value
from benchmarks.conservation.said import listed
from contract.config_form import anchored
from contract.point import Point
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from edge_agent.acquisition.deadband import Deadband
from edge_agent.acquisition.reading import Reading
from edge_agent.app import EdgeAgent
from edge_agent.config import EdgeConfig, SourceConfig
from edge_agent.sources.source import Emit, Source, SourceHealth
from edge_agent.steady_clock import SteadyClock
from edge_agent.uplink.draft import Batch, Draft
from edge_agent.uplink.outbox import NOTHING_AHEAD, Announced, Limits, Outbox, Row
from ninebelow.process import log_to_stderr, stop_event, until_stopped
from ninebelow.process import run as run_loop

LOOK_S: Final = 0.05
"""How often the control file is looked at."""
STDOUT: Final = 1


@dataclass(frozen=True, slots=True)
class Orders:
    """What the harness wants of this process; made once per start."""

    folder: str
    control: str
    broker: tuple[str, int]
    health: tuple[str, int]
    token: str
    first: int
    """The number of the first round."""
    period_ms: int
    outbox_kb: int
    inbox_max: int
    compression: str = "none"

    def config(self) -> EdgeConfig:
        """An agent's config with short waits."""
        sections = {
            "node": {"mine": MINE, "gateway": GATEWAY},
            "mqtt": {
                "host": self.broker[0], "port": self.broker[1], "keepalive_s": 3, "compression": self.compression,
                "backoff_min_s": 0.2, "backoff_max_s": 1.0,
            },
            "outbox": {
                "path": "outbox.sqlite", "size_max_mb": self.outbox_kb / 1000, "inbox_max": self.inbox_max,
            },
            "delivery": {
                "commit_timeout_s": 2.0, "resend_backoff_max_s": 4.0, "drain_s": 1.0,
                "backfill_batches_per_s": 1_000, "backfill_window": 500,
            },
            "http": {"host": self.health[0], "port": self.health[1], "token": self.token},
            "sources": [{"protocol": "opcua", "name": "counter", "url": "opc.tcp://none:4840", "points": "none"}],
        }  # fmt: skip
        return anchored(EdgeConfig.model_validate(sections), Path(self.folder))


def say(*words: object) -> None:
    """One line, at once and in one piece."""
    os.write(STDOUT, (" ".join(map(str, words)) + "\n").encode())


def monotonic_ms() -> int:
    """The clock that all processes of this machine share, and that never jumps."""
    return time.monotonic_ns() // 1_000_000


class Control:
    """The control file: by how much the computer's clock is wrong, and whether to go on producing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ahead_ms = 0
        self.produces = True
        self.look()

    def look(self) -> None:
        """Read it; it is only ever replaced as a whole."""
        told = json.loads(self.path.read_text())
        self.ahead_ms, self.produces = told["ahead_ms"], told["produces"]

    async def watch(self) -> None:
        """For ever."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def wall_ms(self) -> int:
        """What this computer takes for the time."""
        return time.time_ns() // 1_000_000 + self.ahead_ms


class Counter:
    """A source whose n-th values are n."""

    name = "counter"

    def __init__(
        self, points: tuple[Point, ...], orders: Orders, control: Control, now_ms: Callable[[], int]
    ) -> None:
        self.points = points
        self.health = SourceHealth(connected=True)
        self.control = control
        self.now_ms = now_ms
        self.number = orders.first
        self.period_s = orders.period_ms / 1000
        self.chance = Random(orders.first)  # noqa: S311  (waits, no secrets)
        self.deadband = Deadband()

    async def run(self, emit: Emit) -> None:
        """Count until cancelled; times strictly increase, as every source's do."""
        while True:
            if self.control.produces:
                at_ms = self.now_ms()
                readings = [
                    Reading(point, value(TAG_OF[point.key], self.number), Quality.GOOD, at_ms, at_ms)
                    for point in self.points
                ]
                say("produced", monotonic_ms(), self.number)
                emit(self.deadband.reports(readings))
                self.number += 1
            await asyncio.sleep(self.period_s * self.chance.uniform(0.5, 1.5))


class WitnessedOutbox(Outbox):
    """The outbox, and what happens to what lies in it, told reading by reading."""

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(path, limits)
        self.tag_of: dict[int, int] = {}
        say("begun", self.epoch)

    def number(self, tags: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        """Learn which alias is which tag."""
        numbers = super().number(tags)
        self.tag_of |= {alias: TAG_OF[key] for key, alias in numbers.items() if key in TAG_OF}
        return numbers

    def append(
        self, drafts: Sequence[Draft], now_ms: int, ahead: Mapping[int, int] = NOTHING_AHEAD
    ) -> list[Batch]:
        """Tell what is on the disk, after it is."""
        batches = super().append(drafts, now_ms, ahead)
        for batch in batches:
            say("written", monotonic_ms(), batch.number, listed(self.values([batch.body])))
        return batches

    def thin(self, essential: Collection[int]) -> Announced | None:
        """Tell which samples are about to go."""
        bodies = [body for _, _, _, body in self.rows_of("number > ?", self.thinned_until)]
        going = {tag: some for tag, some in self.values(bodies, but=essential).items() if some}
        if going:
            say("given-up", listed(going), "thinned")
        return super().thin(essential)

    def drop(self, rows: Sequence[Row], reason: str) -> Announced:
        """Tell which readings are about to go."""
        say("given-up", listed(self.values(body for _, _, _, body in rows)), reason)
        return super().drop(rows, reason)

    def lose(self, readings: int, now_ms: int) -> Announced:
        """Tell that readings were counted that found the inbox full."""
        announced = super().lose(readings, now_ms)
        say("dropped", readings)
        return announced

    def commit(self, number: int) -> int:
        """Tell what the centre has stored."""
        stored = super().commit(number)
        say("committed", monotonic_ms(), number)
        return stored

    def values(self, bodies: Iterable[bytes], but: Collection[int] = ()) -> dict[int, list[int]]:
        """The numbers in these bodies by tag."""
        found: dict[int, list[int]] = {}
        for body in bodies:
            for metric in Payload.FromString(body).metrics:
                if metric.alias not in but:
                    number = int(metric.string_value or metric.double_value)
                    found.setdefault(self.tag_of[metric.alias], []).append(number)
        return found


@dataclass(slots=True)
class NumberedAgent(EdgeAgent):
    """The real agent around counter and witness."""

    make: Callable[[tuple[Point, ...]], Source] | None = None

    async def assemble(self) -> None:
        """The same outbox, opened by the witness."""
        path, limits = self.config.outbox.path, self.outbox.limits
        await self.disk.run(self.outbox.close)
        self.outbox = await self.disk.run(WitnessedOutbox, path, limits)
        await super(NumberedAgent, self).assemble()

    def source(self, config: SourceConfig, points: Sequence[Point]) -> Source:
        """The counter instead of a machine."""
        del config
        assert self.make is not None
        return self.make(tuple(points))


async def serve(orders: Orders) -> None:
    """The agent until a signal comes."""
    control = Control(Path(orders.control))
    clock = SteadyClock(control.wall_ms, monotonic_ms)
    agent = NumberedAgent(
        orders.config(), {"counter": POINTS}, clock.now_ms, monotonic_ms, SystemRandom(), clock,
        make=lambda points: Counter(points, orders, control, clock.now_ms),
    )  # fmt: skip
    watching = [asyncio.create_task(control.watch()), asyncio.create_task(tell_clock(clock))]
    try:
        await until_stopped(agent.run(), stop_event(), agent.stop)
    finally:
        for task in watching:
            task.cancel()


async def tell_clock(clock: SteadyClock) -> None:
    """Tell of jumps when there are more of them."""
    told = (0, 0)
    while True:
        await asyncio.sleep(LOOK_S)
        if (clock.jumps, clock.jumps_believed) != told:
            told = (clock.jumps, clock.jumps_believed)
            say("clock", *told)


def main() -> None:
    """Run by the orders in the file that is named."""
    told = json.loads(Path(sys.argv[1]).read_text())
    told |= {name: tuple(told[name]) for name in ("broker", "health")}
    log_to_stderr()
    run_loop(serve(Orders(**told)))


if __name__ == "__main__":
    main()
