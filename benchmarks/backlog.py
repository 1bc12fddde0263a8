"""`python -m benchmarks.backlog [--faces 6] [--hours 1]`: how fast a backlog drains, and what live data feels of it.

An outbox is filled with an hour of a mine's data, a batch of twenty values per face and second. Then the agent
connects through a real mosquitto to a centre (a process of its own) with a real InfluxDB, and goes on reading twenty
values a second of every face. Prints the drain rate, and the latency of live readings meanwhile, from their own time to
the store's acknowledgement; the backlog ends more than a minute ago, so that none of it counts as live. Exit code 1 if
the p99 is not below two seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from random import SystemRandom
from typing import Final

import httpx
import uvloop

from benchmarks.ingest.traffic import FACE
from contract.config_form import anchored
from contract.point import OpcUaAddress, Point
from edge_agent.app import types_of
from edge_agent.config import EdgeConfig
from edge_agent.uplink import encode
from edge_agent.uplink.outbox import Limits, Outbox
from gateway import config as gateway_config
from gateway.access.loopback import OpenAccess
from gateway.app import Gateway, bound, historian_of
from gateway.registry.opening import plan_desk
from tests.readings import reading
from tests.servers import free_port, influxd, mosquitto
from tests.stack import FedAgent, now_ms, until

MINE: Final = "990000000001"
BATCHES_AT_ONCE: Final = 2_000
LIMIT_S: Final = 900.0
ENDED_MS: Final = 70_000
"""So long ago: a reading is live for a minute (`session.live_age_s`)."""
GOAL_MS: Final = 2_000
CENTRE: Final = """
[mqtt]
port = {broker}
[store]
kind = "influx"
url = "{influx}"
[http]
port = {http}
[[mines]]
code = "{mine}"
name = "示例一矿"
"""


def points_of(faces: int) -> dict[str, tuple[Point, ...]]:
    """Twenty points of every face."""
    areas = [f"F{number}" for number in range(1, faces + 1)]
    return {
        area: tuple(Point(area, metric, OpcUaAddress(f"{area}.{metric}")) for metric in FACE)
        for area in areas
    }


def fill(path: Path, points: dict[str, tuple[Point, ...]], seconds: int) -> int:
    """One batch per face and second; gives how many readings that is."""
    began_ms = now_ms() - 1000 * seconds - ENDED_MS
    with Outbox(path, Limits(1 << 40)) as outbox:
        alias = outbox.number(types_of(point for some in points.values() for point in some))
        for first in range(0, seconds, BATCHES_AT_ONCE):
            drafts = [
                draft
                for second in range(first, min(seconds, first + BATCHES_AT_ONCE))
                for some in points.values()
                for draft in encode.drafts(
                    [reading(point, second / 8, began_ms + 1000 * second) for point in some],
                    lambda point: alias[point.key], readings_max=500, with_type=False,
                )
            ]  # fmt: skip
            outbox.append(drafts, began_ms)
        return int(outbox.readings)


def centre(config: Path, stop: Event, latencies: Path) -> None:
    """The centre's process: the gateway as it is; its own histogram of live latencies is left in a file."""
    settings = gateway_config.load(config)

    async def serve() -> None:
        with bound(settings.http) as listener:
            async with historian_of(settings.store) as historian, plan_desk(settings) as plan:
                gateway = Gateway(settings, historian, plan, listener, access=OpenAccess(), now_ms=now_ms)
                running = asyncio.create_task(gateway.run())
                await asyncio.to_thread(stop.wait)
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await asyncio.to_thread(latencies.write_text, json.dumps(gateway.writer.health.latency_ms))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


def is_ready(url: str) -> bool:
    """Whether the centre hears what is published: what it does not hear goes again, behind the backlog."""
    try:
        return bool(httpx.get(url, trust_env=False).json()["ok"])
    except httpx.TransportError:
        return False


async def drain(
    folder: Path, port: int, points: dict[str, tuple[Point, ...]], backlog: int, limits: Mapping[str, int]
) -> float:
    """Seconds until a backlog of so many batches is stored, while reading goes on."""
    everything = tuple(point for some in points.values() for point in some)
    settings = EdgeConfig.model_validate({
        "node": {"mine": MINE, "gateway": "gw-1"},
        "mqtt": {"port": port},
        "outbox": {"path": "outbox.sqlite"},
        "delivery": limits,
        "sources": [{"protocol": "opcua", "name": "fed", "url": "opc.tcp://none:4840", "points": "none"}],
    })  # fmt: skip
    agent = FedAgent(
        anchored(settings, folder),
        {"fed": everything},
        now_ms,
        lambda: time.monotonic_ns() // 1_000_000,
        SystemRandom(),
    )
    running = asyncio.create_task(agent.run())
    await until(lambda: agent.started.is_set() and agent.uplink.health.connected, LIMIT_S)
    began, stored = (
        time.perf_counter(),
        asyncio.create_task(until(lambda: is_history_stored(agent, backlog), LIMIT_S)),
    )
    feeding = asyncio.create_task(feed(agent, list(points.values())))
    await stored
    took_s = time.perf_counter() - began
    feeding.cancel()
    await until(agent.at_rest, LIMIT_S)
    agent.stop()
    await running
    return took_s


async def is_history_stored(agent: FedAgent, backlog: int) -> bool:
    """Whether everything that lay in the outbox at the start is committed."""
    return (await agent.kept()).oldest > backlog


async def feed(agent: FedAgent, faces: Sequence[Sequence[Point]]) -> None:
    """Every face once a second, one after the other."""
    while True:
        for face in faces:
            agent.feed(1, face)
            await asyncio.sleep(1 / len(faces))


def percentile(latencies: Counter[int], share: float) -> int:
    """The latency that so many do not exceed."""
    left = share * sum(latencies.values())
    for ms in sorted(latencies):
        left -= latencies[ms]
        if left <= 0:
            return ms
    return 0


@contextmanager
def centre_running(folder: Path, broker: int, influx: str) -> Iterator[Path]:
    """The centre while the block lasts; gives the file in which it leaves its latencies behind."""
    http, config, latencies = free_port(), folder / "gateway.toml", folder / "latencies.json"
    text = CENTRE.format(broker=broker, influx=influx, http=http, mine=MINE)
    config.write_text(text, encoding="utf-8")
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    process = context.Process(target=centre, args=(config, stop, latencies))
    process.start()
    try:
        asyncio.run(until(lambda: is_ready(f"http://127.0.0.1:{http}/healthz"), LIMIT_S))
        yield latencies
    finally:
        stop.set()
        process.join()


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backlog")
    parser.add_argument("--faces", type=int, default=6)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--rate", type=int, help="batches of history a second, if not the agent's default")
    given = parser.parse_args()
    points, seconds = points_of(given.faces), round(3600 * given.hours)
    batches = seconds * given.faces
    limits = {"backfill_batches_per_s": given.rate, "backfill_window": given.rate} if given.rate else {}
    with tempfile.TemporaryDirectory() as name, mosquitto(Path(name)) as port, influxd(Path(name)) as influx:
        folder = Path(name)
        readings = fill(folder / "outbox.sqlite", points, seconds)
        print(f"backlog: {readings:,} readings in {batches:,} batches")
        with centre_running(folder, port, influx) as latencies:
            took_s = asyncio.run(drain(folder, port, points, batches, limits))
        live = Counter({int(ms): count for ms, count in json.loads(latencies.read_text()).items()})
    p50, p99, worst = percentile(live, 0.5), percentile(live, 0.99), max(live)
    print(f"drained in {took_s:.1f} s: {readings / took_s:,.0f} readings/s")
    print(f"live meanwhile: {sum(live.values()):,} readings, latency p50 {p50}, p99 {p99}, max {worst} ms")
    if p99 >= GOAL_MS:
        sys.exit(1)


if __name__ == "__main__":
    main()
