"""A proxy before the broker that notes what clients do: CONNECT, SUBSCRIBE, PUBLISH, DISCONNECT, for grading.

Bytes go through as they come. A will is noted when the broker delivers it to somebody who is connected through the tap.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from contract.grading.capture import (
    Capture,
    Connected,
    Disconnected,
    Event,
    Published,
    Sight,
    Subscribed,
    Will,
)

CONNECT, PUBLISH, SUBSCRIBE, DISCONNECT = 1, 3, 8, 14
SESSION_EXPIRY = 0x11
CONNECT_S = 5.0
GOING_S = 10.0
SIZES = {0x01: 1, 0x02: 4, 0x11: 4, 0x17: 1, 0x18: 4, 0x19: 1, 0x21: 2, 0x22: 2, 0x27: 4}
TEXTS = {0x03: 1, 0x08: 1, 0x09: 1, 0x15: 1, 0x16: 1, 0x26: 2}
SEES = Sight.QOS | Sight.RETAIN | Sight.CONNECTIONS


class Fields:
    """Reads a packet's fields one after another."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        """So many bytes."""
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, count: int) -> int:
        """An unsigned number."""
        return int.from_bytes(self.take(count))

    def blob(self) -> bytes:
        """Bytes with their length before them."""
        return self.take(self.number(2))

    def text(self) -> str:
        """The same as text."""
        return self.blob().decode()

    def variable(self) -> int:
        """A variable byte integer."""
        number, shift = 0, 0
        while True:
            byte = self.number(1)
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def properties(self) -> dict[int, int]:
        """MQTT 5 properties; the numbers among them."""
        end, found = self.variable(), {}
        end += self.at
        while self.at < end:
            key = self.number(1)
            if key in SIZES:
                found[key] = self.number(SIZES[key])
            else:
                for _ in range(TEXTS[key]):
                    self.blob()
        return found

    def rest(self) -> bytes:
        """What is left."""
        return self.data[self.at :]


def packets(buffer: bytearray) -> Iterator[tuple[int, int, bytes]]:
    """Cuts whole packets off: type, flags, content."""
    while len(buffer) >= 2:
        fields = Fields(bytes(buffer[:6]))
        head, length = fields.number(1), fields.variable()
        end = fields.at + length
        if len(buffer) < end:
            return
        content = bytes(buffer[fields.at : end])
        del buffer[:end]
        yield head >> 4, head & 0x0F, content


@dataclass
class Tap:
    """Notes what goes through; `server` is its name in the capture, where there are several."""

    broker_port: int
    server: str = ""
    events: list[Event] = field(default_factory=list)
    """May be shared by several taps."""
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    port: int = 0
    wills: dict[tuple[str, bytes], Will] = field(default_factory=dict)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def capture(self) -> Capture:
        """What has been noted."""
        return Capture(SEES, list(self.events))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Tap]:
        """Open until the block ends."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            await asyncio.gather(*self.serving)

    async def left(self) -> None:
        """Wait until all clients have gone."""
        await asyncio.wait_for(asyncio.gather(*self.serving), GOING_S)

    def cut(self) -> None:
        """End all connections, as a lost link does."""
        for writer in self.writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        task = asyncio.current_task()
        assert task
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        session = Session(self)
        try:
            broker, to_broker = await asyncio.open_connection("127.0.0.1", self.broker_port)
        except OSError:
            with suppress(TimeoutError, ConnectionError):  # its CONNECT is a CONNECT all the same
                session.sent(await asyncio.wait_for(reader.read(65_536), CONNECT_S))
            session.ended()
            writer.transport.abort()
            return
        self.writers |= {writer, to_broker}
        pumps = [
            asyncio.create_task(pump(reader, to_broker, session.sent)),
            asyncio.create_task(pump(broker, writer, session.received)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        session.ended()
        for one in (writer, to_broker):
            one.close()
        await asyncio.gather(*pumps, return_exceptions=True)
        self.writers -= {writer, to_broker}


async def pump(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, note: Callable[[bytes], None]
) -> None:
    """Bytes from one side to the other, noted before they go on."""
    with suppress(ConnectionError):
        while data := await source.read(65_536):
            note(data)
            target.write(data)
            await target.drain()


class Session:
    """One client's packets."""

    def __init__(self, tap: Tap) -> None:
        self.tap = tap
        self.client, self.version = "", "3.1.1"
        self.is_connected = False
        self.coming, self.going = bytearray(), bytearray()

    def sent(self, data: bytes) -> None:
        """Bytes from the client."""
        self.going += data
        for kind, flags, content in packets(self.going):
            now_ms, fields = self.tap.now_ms(), Fields(content)
            if kind == CONNECT:
                self.note(self.connect(fields, now_ms))
            elif kind == SUBSCRIBE:
                self.note(*self.subscribe(fields, now_ms))
            elif kind == DISCONNECT:
                self.ended(content[0] if content else 0)
            elif kind == PUBLISH:
                topic, payload = self.publish(fields, flags)
                qos, retain = flags >> 1 & 3, bool(flags & 1)
                self.note(Published(now_ms, topic, payload, qos, retain, False, self.client, self.tap.server))

    def received(self, data: bytes) -> None:
        """Bytes from the broker: only wills are of interest."""
        self.coming += data
        for kind, flags, content in packets(self.coming):
            if kind == PUBLISH:
                key = self.publish(Fields(content), flags)
                if will := self.tap.wills.pop(key, None):
                    now_ms, server = self.tap.now_ms(), self.tap.server
                    self.note(Published(now_ms, *key, will.qos, will.retain, server=server))

    def connect(self, fields: Fields, now_ms: int) -> Connected:
        """A CONNECT."""
        fields.blob()
        self.version = "5" if fields.number(1) == 5 else "3.1.1"
        flags, _ = fields.number(1), fields.number(2)
        expiry_s = fields.properties().get(SESSION_EXPIRY, 0) if self.version == "5" else 0
        self.client = fields.text() or f"anonymous-{id(self):x}"
        will = None
        if flags & 0x04:
            if self.version == "5":
                fields.properties()
            will = Will(fields.text(), fields.blob(), flags >> 3 & 3, bool(flags & 0x20))
            self.tap.wills[will.topic, will.payload] = will
        self.is_connected = True
        return Connected(
            now_ms, self.client, self.version, bool(flags & 0x02), expiry_s, will, self.tap.server
        )

    def publish(self, fields: Fields, flags: int) -> tuple[str, bytes]:
        """Topic and payload of a PUBLISH."""
        topic = fields.text()
        assert topic, "topic aliases are not read here"
        if flags >> 1 & 3:
            fields.number(2)
        if self.version == "5":
            fields.take(fields.variable())
        return topic, fields.rest()

    def subscribe(self, fields: Fields, now_ms: int) -> Sequence[Subscribed]:
        """A SUBSCRIBE's filters."""
        fields.number(2)
        if self.version == "5":
            fields.take(fields.variable())
        found = []
        while fields.rest():
            name, options = fields.text(), fields.number(1)
            found.append(Subscribed(now_ms, self.client, name, options & 3, self.tap.server))
        return found

    def ended(self, reason: int | None = None) -> None:
        """A DISCONNECT, or the end without one."""
        if self.is_connected:
            self.is_connected = False
            self.note(Disconnected(self.tap.now_ms(), self.client, reason, self.tap.server))

    def note(self, *events: Event) -> None:
        """Into the capture."""
        self.tap.events += events
