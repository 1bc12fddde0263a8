"""As much MQTT as a host needs that subscribes at QoS 0: 3.1.1 and 5. Pure: bytes in, messages out.

Client libraries spend 15 to 91 µs on a message, all the rest that the centre does with its twenty values takes about
100 (docs/performance.md). This reader spends 3: it takes whole runs of packets at once and keeps two things of each,
topic and payload.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from contract.errors import Transient

PACKET_MAX: Final = 4 * 1024 * 1024
"""Bytes of one packet; a longer one ends the connection. A version 5 broker is asked not to send any."""
SUBSCRIPTION_ID: Final = 1


class LinkLost(Transient):
    """The connection to the broker is gone, or never came; connect again after a while."""


class Kind(IntEnum):
    """Packet types (MQTT 5, 2.1.2)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    SUBACK = 9
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class Message(NamedTuple):
    """What was published."""

    topic: str
    payload: bytes


class Answer(NamedTuple):
    """Any other packet from the broker."""

    kind: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Hello:
    """What a CONNECT says: who we are, and what the broker is to publish, retained, when we vanish."""

    will: Message
    keepalive_s: int
    username: str | None = None
    password: str | None = None


PINGREQ: Final = bytes((Kind.PINGREQ << 4, 0))
DISCONNECT: Final = bytes((Kind.DISCONNECT << 4, 0))
UNREADABLE: Final = "what the broker sends is not MQTT"
PUBLISH_FIRST: Final = Kind.PUBLISH << 4
PUBLISH_LAST: Final = PUBLISH_FIRST | 0x0F


@dataclass(slots=True)
class Wire:
    """One connection's bytes, in both directions; keeps the part of a packet that has not come whole yet."""

    is_v5: bool
    rest: bytes = b""

    def read(self, data: bytes) -> tuple[list[Message], list[Answer]]:
        """The packets that are complete with `data`; raises `LinkLost` at what is no MQTT."""
        messages: list[Message] = []
        answers: list[Answer] = []
        data = self.rest + data if self.rest else data
        place = 0
        while (found := packet_at(data, place)) is not None:
            start, end = found
            first = data[place]
            if PUBLISH_FIRST <= first <= PUBLISH_LAST:
                messages.append(self.message(data, first, start, end))
            else:
                answers.append(Answer(first >> 4, data[start:end]))
            place = end
        self.rest = data[place:]
        return messages, answers

    def message(self, data: bytes, first: int, start: int, end: int) -> Message:
        """The PUBLISH whose body lies between `start` and `end`."""
        topic_at = start + 2
        place = topic_at + (data[start] << 8) + data[start + 1] if topic_at <= end else end + 1
        topic = data[topic_at:place].decode(errors="replace")
        place += 2 if first & 0x06 else 0  # the packet identifier of a QoS above the one we asked for
        if self.is_v5:
            properties = number_at(data, place, end)
            place = end + 1 if properties is None else properties[1] + properties[0]
        if place > end:
            raise LinkLost(UNREADABLE)
        return Message(topic, data[place:end])

    def connect(self, hello: Hello) -> bytes:
        """CONNECT with a clean session, a will at QoS 1, and a client name that the broker makes."""
        flags = 0x02 | 0x04 | 0x08 | 0x20  # clean session; will, its QoS 1, its retain
        flags |= 0x80 * (hello.username is not None) | 0x40 * (hello.password is not None)
        limit = b"\x05\x27" + PACKET_MAX.to_bytes(4, "big") if self.is_v5 else b""
        body = [
            text("MQTT"), bytes((5 if self.is_v5 else 4, flags)), hello.keepalive_s.to_bytes(2, "big"), limit,
            text(""), self.no_properties, text(hello.will.topic), text(hello.will.payload),
            *(text(word) for word in (hello.username, hello.password) if word is not None),
        ]  # fmt: skip
        return packet(Kind.CONNECT << 4, *body)

    def subscribe(self, topic: str) -> bytes:
        """SUBSCRIBE at QoS 0."""
        head = SUBSCRIPTION_ID.to_bytes(2, "big")
        return packet(Kind.SUBSCRIBE << 4 | 0x02, head, self.no_properties, text(topic), b"\x00")

    def publish(self, message: Message, *, retain: bool = False, packet_id: int | None = None) -> bytes:
        """PUBLISH at QoS 0, or at QoS 1 with a packet identifier."""
        first = PUBLISH_FIRST | (0 if packet_id is None else 0x02) | retain
        head = b"" if packet_id is None else packet_id.to_bytes(2, "big")
        return packet(first, text(message.topic), head, self.no_properties, message.payload)

    def refusal(self, answer: Answer) -> str | None:
        """Why the broker says no in a CONNACK, SUBACK, PUBACK or DISCONNECT; `None`: it does not."""
        match answer.kind:
            case Kind.CONNACK | Kind.SUBACK:
                code = (
                    answer.body[-1 if answer.kind == Kind.SUBACK else 1] if len(answer.body) > 1 else FAILURE
                )
            case Kind.PUBACK:
                code = answer.body[2] if len(answer.body) > 2 else 0  # noqa: PLR2004  (after the identifier)
            case Kind.DISCONNECT:
                code = answer.body[0] if answer.body else 0
            case _:
                return None
        if code == 0 or (answer.kind == Kind.PUBACK and code < FAILURE):
            return None
        return REASONS.get(code, f"reason 0x{code:02X}")

    @property
    def no_properties(self) -> bytes:
        """An empty list of properties, which version 3.1.1 has not."""
        return b"\x00" if self.is_v5 else b""


FAILURE: Final = 0x80
"""Reason codes from here on are failures; below it, what went well (but for CONNACK of 3.1.1: 1 to 5)."""
REASONS: Final = {
    0x01: "it does not speak this version: set mqtt.version",
    0x02: "client name refused",
    0x03: "not available",
    0x04: "wrong user name or password",
    0x05: "not authorized: check user name, password and its ACL",
    0x80: "refused without a reason",
    0x84: "it does not speak this version: set mqtt.version",
    0x85: "client name refused",
    0x86: "wrong user name or password",
    0x87: "not authorized: check user name, password and its ACL",
    0x88: "not available",
    0x89: "busy",
    0x8A: "banned",
    0x8B: "it is shutting down",
    0x8D: "it heard nothing of us for too long",
    0x8E: "another client took our name",
    0x95: "packet too large",
    0x97: "quota exceeded",
    0x98: "closed by its operator",
}  # fmt: skip


def packet_at(data: bytes, place: int) -> tuple[int, int] | None:
    """Where the body of the packet at `place` begins and ends; `None` while it is not complete."""
    length = number_at(data, place + 1, len(data))
    if length is None:
        return None
    size, start = length
    if size > PACKET_MAX:
        raise LinkLost(f"the broker sends a packet of {size} bytes, more than {PACKET_MAX}")
    return (start, start + size) if start + size <= len(data) else None


def number_at(data: bytes, place: int, end: int) -> tuple[int, int] | None:
    """A length of one to four bytes, and where it ends; `None` if it is cut off."""
    number = shift = 0
    while place < end:
        byte = data[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004  (the bit that says: one more)
            return number, place
        if shift > 21:  # noqa: PLR2004  (four bytes at most)
            raise LinkLost(UNREADABLE)
    return None


def packet(first: int, *parts: bytes) -> bytes:
    """A packet of its first byte and its body."""
    body = b"".join(parts)
    return bytes((first, *number(len(body)))) + body


def number(value: int) -> Iterator[int]:
    """A length as bytes."""
    while value > 0x7F:  # noqa: PLR2004  (seven bits a byte)
        yield value & 0x7F | 0x80
        value >>= 7
    yield value


def text(value: str | bytes) -> bytes:
    """A string or bytes with its length in front."""
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data
