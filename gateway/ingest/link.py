"""One connection to the broker: the wire's bytes over TCP or TLS, at our own pace."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from gateway.config import Mqtt
from gateway.ingest.packets import DISCONNECT, PINGREQ, Answer, Hello, Kind, LinkLost, Message, Wire

log = logging.getLogger(__name__)

ANSWER_S: Final = 10.0
"""So long may the broker take to accept us."""
CLOSE_S: Final = 2.0
READ_MAX: Final = 256 * 1024
"""Bytes taken at once. Twice as many may wait here; then the kernel's buffers fill, and then the broker queues."""
WRITE_MAX: Final = 1024 * 1024
"""Bytes that may wait for the broker to read; above it messages are refused."""
PACE_S: Final = 0.02
"""Messages that come within this time are taken together: waking up costs more than they do."""


@dataclass(slots=True)
class Link:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    wire: Wire
    keepalive_s: float
    heard_at: float
    pinged_at: float
    came: list[Message] = field(default_factory=list)
    """Messages that came while an answer was awaited."""
    is_behind: bool = False
    """More has come than was taken."""
    packet_id: int = 0

    async def greet(self, hello: Hello) -> None:
        """Say who we are and wait for the broker's yes."""
        self.writer.write(self.wire.connect(hello))
        await self.answered(Kind.CONNACK)

    async def subscribe(self, topic: str) -> None:
        """Subscribe at QoS 0 and wait for the broker's yes."""
        self.writer.write(self.wire.subscribe(topic))
        await self.answered(Kind.SUBACK)

    def publish(self, message: Message, *, retain: bool = False, at_least_once: bool = False) -> bool:
        """Send, or give `False` where the broker does not read."""
        if self.writer.transport.get_write_buffer_size() > WRITE_MAX:
            return False
        self.packet_id = self.packet_id % 0xFFFF + 1
        packet_id = self.packet_id if at_least_once else None
        self.writer.write(self.wire.publish(message, retain=retain, packet_id=packet_id))
        return True

    async def messages(self) -> list[Message]:
        """What has come since the last call, a moment's worth at least; raises `LinkLost`."""
        if self.came:
            came, self.came = self.came, []
            return came
        if not self.is_behind:
            await asyncio.sleep(PACE_S)
        while True:
            messages, answers = await self.read()
            for answer in answers:
                self.heed(answer)
            if messages:
                return messages

    async def read(self) -> tuple[list[Message], list[Answer]]:
        """The next packets."""
        try:
            data = await self.reader.read(READ_MAX)
        except OSError as error:
            raise LinkLost(str(error)) from error
        if not data:
            raise LinkLost("the broker ended the connection")
        self.heard_at = asyncio.get_running_loop().time()
        self.is_behind = len(data) == READ_MAX
        return self.wire.read(data)

    async def answered(self, kind: Kind) -> None:
        """Wait for a yes of this kind; messages that come before it are kept."""
        try:
            async with asyncio.timeout(ANSWER_S):
                while True:
                    messages, answers = await self.read()
                    self.came += messages
                    for answer in answers:
                        if refusal := self.wire.refusal(answer):
                            raise LinkLost(f"the broker refuses: {refusal}")
                    if any(answer.kind == kind for answer in answers):
                        return
        except TimeoutError as error:
            raise LinkLost("the broker does not answer") from error

    def heed(self, answer: Answer) -> None:
        """A word of the broker's own."""
        refusal = self.wire.refusal(answer)
        if answer.kind == Kind.DISCONNECT:
            raise LinkLost(f"the broker ended the connection: {refusal or 'it gives no reason'}")
        if refusal:
            log.warning("the broker refuses a message of ours: %s", refusal)

    def keep_alive(self) -> None:
        """Call it several times a second: pings, and gives up on a broker that is silent for too long."""
        now = asyncio.get_running_loop().time()
        if now - self.heard_at > 1.5 * self.keepalive_s:
            self.writer.transport.abort()
        elif now - self.pinged_at > 0.5 * self.keepalive_s:
            self.pinged_at = now
            self.writer.write(PINGREQ)

    def goodbye(self) -> None:
        """A deliberate end: the broker forgets the will."""
        self.writer.write(DISCONNECT)


@asynccontextmanager
async def opened(config: Mqtt, will: Message) -> AsyncIterator[Link]:
    """A connection that the broker accepted; `will` is what it publishes if we vanish. Raises `LinkLost`."""
    password = config.password.get_secret_value() if config.password else None
    hello = Hello(will, config.keepalive_s, config.username, password)
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(
                config.host, config.port, ssl=tls_of(config), limit=READ_MAX
            )
    except (OSError, TimeoutError) as error:
        raise LinkLost(str(error) or "no answer") from error
    now = asyncio.get_running_loop().time()
    link = Link(reader, writer, Wire(is_v5=config.version == "5"), config.keepalive_s, now, now)
    try:
        await link.greet(hello)
        yield link
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await writer.wait_closed()


def tls_of(config: Mqtt) -> ssl.SSLContext | None:
    """TLS when a CA is configured, with our own certificate where one is."""
    if config.ca_file is None:
        return None
    context = ssl.create_default_context(cafile=config.ca_file)
    if config.certificate_file:
        context.load_cert_chain(config.certificate_file, config.key_file)
    return context
