"""Notifications a second that an OPC UA source takes in, and what one costs.

`python -m benchmarks.opcua_read [--nodes 500] [--seconds 5] [--pause 0]`. The server (asyncua, in a process of its
own) writes every node in turn as fast as it can, or with a pause between rounds. It limits the rate; what matters is
the source's CPU time for a value.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from multiprocessing.connection import Connection
from random import Random

import uvloop
from asyncua import Server, ua

from contract.point_form import OpcUaAddress, Point
from edge_agent.sources.opcua import OpcUaSource
from tests.opcua_server import free_port

URI = "urn:benchmark"


def serve(ready: Connection, nodes: int, pause_s: float) -> None:
    """The server process."""

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
            ready.send(url)
            count = 0.0
            while True:
                count += 1.0
                for variable in variables:
                    await server.write_attribute_value(variable.nodeid, ua.DataValue(count))
                await asyncio.sleep(pause_s)

    uvloop.run(forever())


async def measure(url: str, nodes: int, seconds: float) -> None:
    """Take notifications in for a while and print."""
    points = [
        Point("F1", f"n{number}", OpcUaAddress(f"nsu={URI};s=n{number}"), period_s=0.05, scale=0.1)
        for number in range(nodes)
    ]
    source = OpcUaSource(
        name="benchmark",
        url=url,
        points=points,
        now=lambda: time.time_ns() // 1_000_000,
        rng=Random(1),  # noqa: S311 (jitter)
        timeout_s=10.0,
    )
    task = asyncio.create_task(source.run(lambda _: None))
    while source.health.readings < 3 * nodes:  # noqa: ASYNC110 (nobody tells)
        await asyncio.sleep(0.01)
    began_s, cpu_s, read = time.perf_counter(), time.process_time(), source.health.readings
    await asyncio.sleep(seconds)
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    read = source.health.readings - read
    print(f"{read / took_s:8.0f} values/s   {cpu_s / read * 1e6:6.1f} µs CPU each   {source.health.errors}")
    task.cancel()
    await asyncio.wait([task])


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nodes", type=int, default=500)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--pause", type=float, default=0.0)
    chosen = options.parse_args()
    spawn = multiprocessing.get_context("spawn")
    ready, theirs = spawn.Pipe()
    server = spawn.Process(target=serve, args=(theirs, chosen.nodes, chosen.pause), daemon=True)
    server.start()
    try:
        uvloop.run(measure(ready.recv(), chosen.nodes, chosen.seconds))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
