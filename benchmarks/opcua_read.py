"""Notifications a second that an OPC UA source takes in, beside a bare asyncua subscription in the same run.

`python -m benchmarks.opcua_read [--nodes 500] [--seconds 3] [--rounds 3] [--queue 10] [--poll]`. The server (asyncua,
in a process of its own) writes every node in turn as fast as it can. The bare client hands every value to a handler
that counts it; the source makes a reading of it, scaled, with time and quality, and reports every one. Rounds
alternate between the two, and the median counts. The server limits the rate, so the CPU time for a value stands
beside it: its inverse is what one core could take in.

`--poll`: the source reads every node in turn instead, beside bare reads of the same nodes, both without a pause.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from random import Random
from statistics import median
from typing import Final

import uvloop
from asyncua import Client, Server, ua

from contract.point import OpcUaAddress, Point
from edge_agent.cancellation import heed_cancellation
from edge_agent.sources import opcua_follow
from edge_agent.sources.opcua import OpcUaSource
from edge_agent.sources.opcua_follow import Manner
from tests.opcua_server import free_port

URI: Final = "urn:benchmark"
PERIOD_S: Final = 0.05
SETTLE_S: Final = 1.0
GOAL: Final = 0.8
AT_ONCE: Final = 500
AT_ONCE_S: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Rate:
    """Values taken in."""

    per_s: float
    cpu_us: float


def serve(ready: Connection, nodes: int) -> None:
    """The server process."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)

    async def forever() -> None:
        server = Server()
        await server.init()
        url = f"opc.tcp://127.0.0.1:{free_port()}/"
        server.set_endpoint(url)
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        index = await server.register_namespace(URI)
        variables = [
            await server.nodes.objects.add_variable(ua.NodeId(f"n{number}", index), f"n{number}", 0.0)
            for number in range(nodes)
        ]
        async with server:
            ready.send((url, index))
            count = 0.0
            while True:
                count += 1.0
                for variable in variables:
                    await server.write_attribute_value(variable.nodeid, ua.DataValue(count))
                await asyncio.sleep(0)

    uvloop.run(forever())


class Counter:
    """The least that a handler can do."""

    def __init__(self) -> None:
        self.count = 0

    def datachange_notification(self, _node: object, _value: object, _data: object) -> None:
        """Called by the library for each value."""
        self.count += 1


async def bare_subscription(url: str, nodes: Sequence[ua.NodeId], queue: int, seconds: float) -> Rate:
    """As the library's documentation shows it."""
    counter = Counter()
    async with Client(url, timeout=10) as client:
        subscription = await client.create_subscription(1000 * PERIOD_S, counter)
        watched = [client.get_node(node) for node in nodes]
        await subscription.subscribe_data_change(watched, queuesize=queue, sampling_interval=1000 * PERIOD_S)
        return await measured(lambda: counter.count, seconds)


async def bare_reads(url: str, nodes: Sequence[ua.NodeId], seconds: float) -> Rate:
    """One read after the other of all nodes, with the times that the source asks for."""
    count = 0
    wanted = [ua.ReadValueId(NodeId=node, AttributeId=ua.AttributeIds.Value) for node in nodes]
    asked = [
        ua.ReadParameters(0, ua.TimestampsToReturn.Both, wanted[at : at + AT_ONCE])
        for at in range(0, len(wanted), AT_ONCE)
    ]
    async with Client(url, timeout=10) as client:

        async def read_on() -> None:
            nonlocal count
            while True:
                for request in asked:
                    count += len(await client.uaclient.read(request))
                    heed_cancellation()

        task = asyncio.create_task(read_on())
        rate = await measured(lambda: count, seconds)
        task.cancel()
        await asyncio.wait([task])
    return rate


async def through_source(url: str, nodes: Sequence[ua.NodeId], manner: Manner, seconds: float) -> Rate:
    """The source, every value of which is reported."""
    points = [
        Point(
            "F1",
            f"n{at}",
            OpcUaAddress(f"nsu={URI};s={node.Identifier}"),
            period_s=AT_ONCE_S if manner.is_polling else PERIOD_S,
            scale=0.1,
        )
        for at, node in enumerate(nodes)
    ]
    source = OpcUaSource(
        name="benchmark",
        url=url,
        points=points,
        now=lambda: time.time_ns() // 1_000_000,
        rng=Random(1),  # noqa: S311 (jitter)
        timeout_s=10.0,
        manner=manner,
    )
    task = asyncio.create_task(source.run(lambda _: None))
    rate = await measured(lambda: source.health.readings, seconds)
    task.cancel()
    await asyncio.wait([task])
    if errors := {kind: times for kind, times in source.health.errors.items() if kind != "queue_overflow"}:
        print(f"errors: {errors}")
    return rate


async def measured(count: Callable[[], int], seconds: float) -> Rate:
    """How fast a count grows once it does, and what it costs this process."""
    while not count():  # noqa: ASYNC110 (nobody tells)
        await asyncio.sleep(0.01)
    await asyncio.sleep(SETTLE_S)
    began_s, cpu_s, before = time.perf_counter(), time.process_time(), count()
    await asyncio.sleep(seconds)
    took_s, cpu_s, values = time.perf_counter() - began_s, time.process_time() - cpu_s, count() - before
    return Rate(values / took_s, cpu_s / values * 1e6)


def compare(bare: Callable[[], Awaitable[Rate]], ours: Callable[[], Awaitable[Rate]], rounds: int) -> float:
    """Print both, and give our share of the bare rate."""
    cases: dict[str, tuple[Callable[[], Awaitable[Rate]], list[Rate]]] = {
        "bare asyncua": (bare, []),
        "the source": (ours, []),
    }
    for _ in range(rounds):
        for run, rates in cases.values():
            rates.append(uvloop.run(run()))  # type: ignore[arg-type]  # both are coroutines
    medians = {}
    for name, (_, rates) in cases.items():
        speed, cost = median(rate.per_s for rate in rates), median(rate.cpu_us for rate in rates)
        medians[name] = speed, cost
        print(
            f"{name:14}{speed:9.0f} values/s {cost:7.1f} µs CPU each, so a core takes {1e6 / cost:8.0f} values/s"
        )
    (bare_speed, bare_cost), (speed, cost) = medians.values()
    print(f"the source: {speed / bare_speed:.0%} of the bare rate, at {cost / bare_cost:.0%} of its cost")
    return speed / bare_speed


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--nodes", type=int, default=500)
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--queue", type=int, default=10)
    options.add_argument("--poll", action="store_true")
    chosen = options.parse_args()
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    manner = Manner(is_polling=chosen.poll, queue_size=chosen.queue, publish_s=PERIOD_S)
    if chosen.poll:
        opcua_follow.PERIOD_MIN_S = AT_ONCE_S  # type: ignore[misc]  # like the bare reads
    spawn = multiprocessing.get_context("spawn")
    ready, theirs = spawn.Pipe()
    server = spawn.Process(target=serve, args=(theirs, chosen.nodes), daemon=True)
    server.start()
    try:
        url, index = ready.recv()
        nodes = [ua.NodeId(f"n{number}", index) for number in range(chosen.nodes)]
        share = compare(
            lambda: (
                bare_reads(url, nodes, chosen.seconds)
                if chosen.poll
                else bare_subscription(url, nodes, chosen.queue, chosen.seconds)
            ),
            lambda: through_source(url, nodes, manner, chosen.seconds),
            chosen.rounds,
        )
    finally:
        server.terminate()
        server.join()
    sys.exit(0 if share >= GOAL else 3)


if __name__ == "__main__":
    main()
