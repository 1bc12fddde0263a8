"""`python -m benchmarks.mqtt_receive [--messages 40000]`: what receiving a message costs, by client.

A real mosquitto, messages of 460 bytes (twenty values) on 200 topics at QoS 0, sent by another process as fast as the
receiver takes them. Prints CPU time of the receiving process per message.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final

import aiomqtt
import paho.mqtt.client as paho
import uvloop
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.ingest import packets
from edge_agent.uplink.session import Publish
from gateway.config import Mqtt
from gateway.ingest.link import Message, opened
from tests.servers import mosquitto

PAYLOAD: Final = bytes(460)
TOPICS: Final = 200
LIMIT_S: Final = 60.0
SETTLE_S: Final = 1.0
Receiver = Callable[[int, int, Callable[[], None]], Awaitable[None]]


async def with_link(port: int, wanted: int, ready: Callable[[], None], version: str = "5") -> None:
    """The centre's own link."""
    config = Mqtt.model_validate({"port": port, "version": version})
    async with opened(config, Message("will", b"")) as link:
        await link.subscribe("spBv1.0/#")
        ready()
        seen = 0
        while seen < wanted:
            seen += len(await link.messages())


async def with_aiomqtt(
    port: int, wanted: int, ready: Callable[[], None], version: aiomqtt.ProtocolVersion
) -> None:
    """aiomqtt, its messages one by one."""
    async with aiomqtt.Client("127.0.0.1", port, protocol=version) as client:
        await client.subscribe("spBv1.0/#")
        ready()
        seen = 0
        async for _ in client.messages:
            seen += 1
            if seen >= wanted:
                return


async def with_paho(port: int, wanted: int, ready: Callable[[], None]) -> None:
    """Paho 3.1.1 as bare as it goes: its reader on our loop, a callback that counts."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.on_message = count
    client.connect("127.0.0.1", port)
    while not client.is_connected():
        client.loop(0.01)
    client.subscribe("spBv1.0/#")
    client.loop(0.1)
    socket = client.socket()
    assert socket is not None
    loop = asyncio.get_running_loop()
    loop.add_reader(socket, lambda: [client.loop_read() for _ in range(50)])
    ready()
    while seen < wanted:  # noqa: ASYNC110  (counted by a callback)
        await asyncio.sleep(0.01)
    loop.remove_reader(socket)
    client.disconnect()


RECEIVERS: Final[dict[str, Receiver]] = {
    "link, MQTT 5": with_link,
    "link, MQTT 3.1.1": partial(with_link, version="3.1.1"),
    "paho, MQTT 3.1.1": with_paho,
    "aiomqtt, MQTT 3.1.1": partial(with_aiomqtt, version=aiomqtt.ProtocolVersion.V311),
    "aiomqtt, MQTT 5": partial(with_aiomqtt, version=aiomqtt.ProtocolVersion.V5),
}


def send(port: int, messages: int, go: Event) -> None:
    """The sending process."""
    link = packets.connect(port, "sender", Publish("will", b""))
    heads = [packets.topic(f"spBv1.0/{number:012d}/DDATA/gw-1/F1") for number in range(TOPICS)]
    block = b"".join(part for head in heads for part in packets.publish_parts(head, PAYLOAD))
    go.wait()
    for _ in range(messages // TOPICS):
        link.sendall(block)
        time.sleep(0.001)
    link.sendall(packets.DISCONNECT)


async def measure(port: int, receive: Receiver, messages: int) -> tuple[float, float]:
    """Messages a second, and CPU seconds a message."""
    context = multiprocessing.get_context("spawn")
    go, ready = context.Event(), asyncio.Event()
    sender = context.Process(target=send, args=(port, messages, go))
    sender.start()
    receiving = asyncio.ensure_future(receive(port, messages, ready.set))
    await ready.wait()
    await asyncio.sleep(SETTLE_S)
    cpu_s, began = time.process_time(), time.monotonic()
    go.set()
    await asyncio.wait_for(receiving, LIMIT_S)
    cost = (time.process_time() - cpu_s) / messages
    rate = messages / (time.monotonic() - began)
    sender.join()
    return rate, cost


def main() -> None:
    """Measure every receiver once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mqtt_receive")
    parser.add_argument("--messages", type=int, default=40_000)
    messages = parser.parse_args().messages // TOPICS * TOPICS
    with (
        tempfile.TemporaryDirectory() as folder,
        mosquitto(Path(folder), config=("max_queued_messages 0",)) as port,
    ):
        for name, receive in RECEIVERS.items():
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                rate, cost = runner.run(measure(port, receive, messages))
            print(f"{name:20} {cost * 1e6:6.1f} µs of CPU a message, {rate:7,.0f} messages/s")


if __name__ == "__main__":
    main()
