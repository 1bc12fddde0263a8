"""`python -m benchmarks.wire_bytes`: bytes on the wire for a reading, ours beside JSON, by size of the batch.

A mining face's twenty points, read once a second, values with the decimals that the vocabulary keeps. A message is one
batch as the edge's own session makes it, plain or deflated (`mqtt.compression = "deflate"`); beside it a JSON that a
careful engineer would write for the same topic: names and values, times as numbers, nothing twice that the topic says.
Each is counted with its MQTT 5 header and topic, and with a TCP/IPv4 header (52 bytes with timestamps) for every 1,448
bytes that it takes. Not counted: acknowledgements of TCP, the Ethernet frame, TLS.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from math import ceil
from random import Random
from typing import Final

from benchmarks.ingest import packets
from benchmarks.ingest.traffic import FACE
from contract import compression
from contract.delivery import BATCH
from contract.point import OpcUaAddress, Point
from contract.quality import Quality
from contract.vocabulary import quantities
from edge_agent.acquisition.reading import Reading
from edge_agent.uplink import encode
from edge_agent.uplink.session import EdgeSession

POINTS: Final = tuple(Point("F12090", metric, OpcUaAddress(metric)) for metric in FACE)
ALIAS: Final = {point.key: number for number, point in enumerate(POINTS, start=120)}
SIZES: Final = (1, 5, 20, 100, 500)
START_MS: Final = 1_795_900_000_123
BATCH_NUMBER: Final = 2_500_000
"""About as high as after a month."""
MQTT5_PROPERTIES: Final = 1
SEGMENT, HEADERS = 1_448, 52


def readings(count: int) -> Iterator[Reading]:
    """Values that wander, one of each point a second."""
    chance = Random(9)  # noqa: S311  (the same every time)
    values = [chance.uniform(1, 100) for _ in POINTS]
    for number in range(count):
        place = number % len(POINTS)
        point, at_ms = POINTS[place], START_MS + 1000 * (number // len(POINTS))
        values[place] = abs(values[place] + chance.gauss(0, 1))
        decimals = quantities.BY_WORD[point.metric.partition("/")[2]].decimals
        yield Reading(point, round(values[place], decimals), Quality.GOOD, at_ms, at_ms)


def sparkplug(count: int) -> tuple[str, bytes]:
    """Topic and payload of one batch."""
    session = EdgeSession(
        group="990000000001", node="gw-1", epoch="", devices={"F12090": ()}, batch_alias={"F12090": 119},
        latest={}, since_ms=START_MS,
    )  # fmt: skip
    session.births(1, START_MS)
    session.seq = 200
    body = encode.body([*readings(count)], lambda point: ALIAS[point.key], with_type=False)
    message = session.data("F12090", body, BATCH_NUMBER, START_MS)
    return message.topic, message.payload


def as_json(count: int) -> bytes:
    """The same batch as JSON."""
    values = [
        {"metric": one.point.metric, "at": one.source_at_ms, "value": one.value} for one in readings(count)
    ]
    told = {"sent": START_MS, BATCH.lower(): BATCH_NUMBER, "values": values}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def on_the_wire(topic: str, payload: bytes) -> int:
    """With everything around it."""
    mqtt = sum(map(len, packets.publish_parts(packets.topic(topic), payload))) + MQTT5_PROPERTIES
    return mqtt + HEADERS * ceil(mqtt / SEGMENT)


def main() -> None:
    """Print a line per size."""
    print("bytes per reading: payload alone / on the wire")
    print(f"{'readings':>8}  {'Sparkplug':>17}  {'deflated':>17}  {'JSON':>17}  {'JSON, deflated':>17}")
    for size in SIZES:
        topic, plain = sparkplug(size)
        text = as_json(size)
        payloads = (plain, compression.compressed(plain), text, zlib.compress(text, level=6))
        cells = [
            f"{len(payload) / size:7.1f} / {on_the_wire(topic, payload) / size:7.1f}" for payload in payloads
        ]
        print(f"{size:8}  {'  '.join(cells)}")


if __name__ == "__main__":
    main()
