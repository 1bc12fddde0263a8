"""The collector's MQTT side: one connection after another, messages in, commands out, STATE kept true.

The host announces itself as a primary host application (tck-id-host-topic-phid-*): a will `online: false`
with the time of this CONNECT, the subscription, then `online: true` with the same time.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import aiomqtt

from contract import topic
from gateway.config import Mqtt
from gateway.ingest.host_session import Action, Command, HostSession

log = logging.getLogger(__name__)

TIMER_S: Final = 0.1
QUEUE_MAX: Final = 50_000
"""Messages that may wait in memory; above it the client drops the newest, and the sequence check finds the hole."""


class Sink(Protocol):
    """Takes what the session makes of messages; never blocks."""

    def take(self, actions: Sequence[Action], now_ms: int) -> None:
        """Records and changes of links; commands are published by the caller."""


@dataclass(slots=True)
class CollectorHealth:
    """What the connection counts of itself."""

    connected: bool = False
    connections: int = 0
    messages: int = 0
    bytes: int = 0
    commands: int = 0


@dataclass(slots=True)
class Collector:
    """Carries MQTT messages into the host session; `run` until cancelled."""

    config: Mqtt
    session: HostSession
    sink: Sink
    now_ms: Callable[[], int]
    health: CollectorHealth = field(default_factory=CollectorHealth)
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Connect, serve, and connect again after a short wait."""
        quiet = False
        while True:
            try:
                await self.connection()
            except (aiomqtt.MqttError, OSError, ValueError) as error:
                if self.health.connected or not quiet:
                    log.warning("broker %s:%s lost or absent: %s", self.config.host, self.config.port, error)
                quiet = True
            finally:
                self.health.connected = False
                self.subscribed.clear()
            await asyncio.sleep(self.config.retry_s)

    async def connection(self) -> None:
        """One connection from CONNECT to its end."""
        at_ms = self.now_ms()
        async with client_of(self.config, at_ms) as client:
            await client.subscribe(topic.EVERYTHING, qos=0)
            await self.announce(client, online=True, at_ms=at_ms)
            self.health.connected = True
            self.health.connections += 1
            self.subscribed.set()
            log.info("connected to %s:%s", self.config.host, self.config.port)
            timer = asyncio.create_task(self.timer(client), name="gateway.session_timer")
            try:
                async for message in client.messages:
                    if isinstance(message.payload, bytes):
                        await self.message(client, message.topic.value, message.payload, at_ms)
            except asyncio.CancelledError:
                await self.announce(client, online=False, at_ms=self.now_ms())
                raise
            finally:
                timer.cancel()
                await asyncio.gather(timer, return_exceptions=True)

    async def message(self, client: aiomqtt.Client, topic_text: str, data: bytes, at_ms: int) -> None:
        """One message; our own STATE seen offline is set right with the same time (message-flow-hid-*)."""
        self.health.messages += 1
        self.health.bytes += len(data)
        if topic_text == topic.state(self.config.host_id):
            if b'"online": false' in data or b'"online":false' in data:
                await self.announce(client, online=True, at_ms=at_ms)
            return
        now_ms = self.now_ms()
        await self.act(client, self.session.message(topic_text, data, now_ms), now_ms)

    async def timer(self, client: aiomqtt.Client) -> None:
        """What is due by time."""
        while True:
            await asyncio.sleep(TIMER_S)
            now_ms = self.now_ms()
            await self.act(client, self.session.timer(now_ms), now_ms)

    async def act(self, client: aiomqtt.Client, actions: Sequence[Action], now_ms: int) -> None:
        """Hand records on, publish commands."""
        if not actions:
            return
        self.sink.take(actions, now_ms)
        for action in actions:
            if isinstance(action, Command):
                await client.publish(action.topic, action.payload, qos=0, retain=False)
                self.health.commands += 1

    async def announce(self, client: aiomqtt.Client, *, online: bool, at_ms: int) -> None:
        """Our STATE, QoS 1 and retained (tck-id-host-topic-phid-birth-qos, -retain)."""
        await client.publish(
            topic.state(self.config.host_id), state(online=online, at_ms=at_ms), qos=1, retain=True
        )


def state(*, online: bool, at_ms: int) -> str:
    """Payload of a STATE message (tck-id-host-topic-phid-birth-payload)."""
    return json.dumps({"online": online, "timestamp": at_ms})


def client_of(config: Mqtt, at_ms: int) -> aiomqtt.Client:
    """A client for one connection, its will dated with this CONNECT."""
    is_v5 = config.version == "5"
    will = aiomqtt.Will(topic.state(config.host_id), state(online=False, at_ms=at_ms), qos=1, retain=True)
    tls = aiomqtt.TLSParameters(
        ca_certs=str(config.ca_file),
        certfile=str(config.certificate_file) if config.certificate_file else None,
        keyfile=str(config.key_file) if config.key_file else None,
    )
    return aiomqtt.Client(
        config.host,
        config.port,
        username=config.username,
        password=config.password.get_secret_value() if config.password else None,
        protocol=aiomqtt.ProtocolVersion.V5 if is_v5 else aiomqtt.ProtocolVersion.V311,
        will=will,
        clean_session=None if is_v5 else True,
        clean_start=True,
        keepalive=config.keepalive_s,
        tls_params=tls if config.ca_file else None,
        max_queued_incoming_messages=QUEUE_MAX,
        timeout=10,
    )
