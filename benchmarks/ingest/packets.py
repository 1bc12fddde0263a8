"""As much MQTT 3.1.1 as a virtual gateway needs, without a client library: its cost would be the benchmark's."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Final

from edge_agent.uplink.session import Publish

DISCONNECT: Final = b"\xe0\x00"
KEEPALIVE_S: Final = 600
WILL: Final = 0x04
CLEAN: Final = 0x02
TYPE: Final = 0xF0
PUBLISH: Final = 0x30


def varint(number: int) -> bytes:
    """Seven bits a byte, lowest first: lengths in MQTT, numbers in protobuf."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def text(value: str | bytes) -> bytes:
    """A string with its length."""
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data


def topic(name: str) -> bytes:
    """A topic as it stands in a PUBLISH."""
    return text(name)


def publish_parts(head: bytes, payload: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """A PUBLISH at QoS 0, in parts to be joined with others."""
    return b"\x30", varint(len(head) + len(payload)), head, payload


def publish(message: Publish) -> bytes:
    """A PUBLISH at QoS 0."""
    return b"".join(publish_parts(topic(message.topic), message.payload))


def subscribe(name: str) -> bytes:
    """A SUBSCRIBE at QoS 0."""
    body = b"\x00\x01" + text(name) + b"\x00"
    return b"\x82" + varint(len(body)) + body


def connect(port: int, client_id: str, will: Publish) -> socket.socket:
    """A connection of this gateway; raises `ConnectionError` if the broker refuses it."""
    flags = WILL | CLEAN | (will.qos << 3)
    head = text("MQTT") + bytes((4, flags)) + KEEPALIVE_S.to_bytes(2, "big")
    body = head + text(client_id) + text(will.topic) + text(will.payload)
    link = socket.create_connection(("127.0.0.1", port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(b"\x10" + varint(len(body)) + body)
    answer = b""
    while len(answer) < 4:
        answer += link.recv(4 - len(answer)) or b"\x00\x00\x00\xff"
    if answer[3] != 0:
        raise ConnectionError(f"the broker refuses {client_id}: {answer.hex()}")
    return link


def published(incoming: bytearray) -> Iterator[bytes]:
    """Payloads of the complete PUBLISH packets at the front of what came in; takes them off."""
    while len(incoming) >= 2:
        length, shift, place = 0, 0, 1
        while place < len(incoming):
            byte = incoming[place]
            length |= (byte & 0x7F) << shift
            place, shift = place + 1, shift + 7
            if byte < 0x80:
                break
        else:
            return
        if len(incoming) < place + length:
            return
        packet = bytes(incoming[place : place + length])
        kind = incoming[0] & TYPE
        del incoming[: place + length]
        if kind == PUBLISH:
            yield packet[2 + int.from_bytes(packet[:2], "big") :]
