"""Records what a broker delivers: subscribes and publishes nothing.

With MQTT 5 one connection takes what is published, at QoS 2 and with the retain flag as published, so that both show;
a second one, for a moment, takes what lies retained at the broker. With 3.1.1 one connection does both, and of retain
flags only those of stored messages show.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from contract.errors import Rejected, Transient
from contract.grading.capture import Event, Published, Sight
from ninebelow.wire import words
from ninebelow.wire.broker_url import Broker

EVENTS_MAX: Final = 300_000
"""They are held in memory, each of the size of its payload and some hundred bytes."""
QUEUE_MAX: Final = 100_000
"""Messages received and not yet taken; above it the newest are lost, which looks as if they were never sent."""
STORED_S: Final = 2.0
"""So long the second connection waits for stored messages; brokers send them at once."""
NOT_STORED: Final = SubscribeOptions.RETAIN_DO_NOT_SEND
FAILURE: Final = 128
"""Reason codes of a SUBACK from here on are refusals."""


@dataclass
class Recorder:
    """One recording; `sees` is known once it has begun."""

    broker: Broker
    filters: Sequence[str]
    now_ms: Callable[[], int]
    took: Callable[[Event], None] = lambda _event: None
    """Told of every event as it comes."""
    events_max: int = EVENTS_MAX
    events: list[Event] = field(default_factory=list)
    sees: Sight = Sight.NOTHING
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Whatever is published from now on is recorded."""

    async def run(self) -> None:
        """Record until cancelled or full; raises `Transient` when the broker is away or lost."""
        async with self.connected() as live:
            is_v5 = self.broker.version == "5"
            if is_v5:
                await self.subscribe(
                    live, SubscribeOptions(qos=2, retainAsPublished=True, retainHandling=NOT_STORED)
                )
                self.sees |= Sight.RETAIN
            else:
                await self.subscribe(live, None)
            self.begun.set()
            stored = asyncio.create_task(self.take_stored(), name="wire.stored") if is_v5 else None
            try:
                await self.take(live, is_stored=lambda message: message.retain and not is_v5)
            finally:
                if stored:
                    stored.cancel()
                    await asyncio.gather(stored, return_exceptions=True)

    async def take(self, client: aiomqtt.Client, is_stored: Callable[[aiomqtt.Message], bool]) -> None:
        """Note every message until it is enough."""
        async for message in client.messages:
            self.note(message, stored=is_stored(message))
            if self.is_full:
                return

    async def take_stored(self) -> None:
        """Note what lies retained; what is published meanwhile comes by the other connection.

        If it fails, what was published is still all there: nothing stored was seen, and nobody is accused of it.
        """
        async with self.connected() as client:
            await self.subscribe(client, SubscribeOptions(qos=2))
            with suppress(TimeoutError):
                async with asyncio.timeout(STORED_S):
                    async for message in client.messages:
                        if message.retain and not self.is_full:
                            self.note(message, stored=True)

    def note(self, message: aiomqtt.Message, *, stored: bool) -> None:
        """One message."""
        payload = message.payload if isinstance(message.payload, bytes) else b""
        event = Published(self.now_ms(), str(message.topic), payload, message.qos, message.retain, stored)
        self.events.append(event)
        self.took(event)

    @property
    def is_full(self) -> bool:
        """As many events as may be."""
        return len(self.events) >= self.events_max

    async def subscribe(self, client: aiomqtt.Client, options: SubscribeOptions | None) -> None:
        """Subscribe to all filters at QoS 2; QoS shows if the broker grants that."""
        granted = []
        for one in self.filters:
            codes = await client.subscribe(one, qos=0 if options else 2, options=options)
            code = codes[0].value if isinstance(codes[0], ReasonCode) else int(codes[0])
            if code >= FAILURE:
                raise Rejected(words.REFUSED.format(broker=self.broker, filter=one))
            granted.append(code)
        if min(granted) == 2:  # noqa: PLR2004  (QoS 2)
            self.sees |= Sight.QOS

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[aiomqtt.Client]:
        """A connection of our own, without a will and without a session that stays."""
        is_v5 = self.broker.version == "5"
        client = aiomqtt.Client(
            self.broker.host,
            self.broker.port,
            username=self.broker.username,
            password=self.broker.password,
            tls_context=self.broker.tls,
            protocol=aiomqtt.ProtocolVersion.V5 if is_v5 else aiomqtt.ProtocolVersion.V311,
            clean_session=None if is_v5 else True,
            clean_start=True if is_v5 else MQTT_CLEAN_START_FIRST_ONLY,
            max_queued_incoming_messages=QUEUE_MAX,
        )
        is_in = False
        try:
            async with client:
                is_in = True
                yield client
        except aiomqtt.MqttError as error:
            hint = words.TRY_311 if is_v5 else ""
            said = words.LOST if is_in else words.AWAY + hint
            raise Transient(said.format(broker=self.broker, why=error)) from error
        except (OSError, ValueError) as error:
            if is_in:
                raise
            raise Transient(words.AWAY.format(broker=self.broker, why=error)) from error
