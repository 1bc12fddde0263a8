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

from contract import topic
from gateway.config import Mqtt
from gateway.ingest.actions import Action, Command
from gateway.ingest.host_session import HostSession
from gateway.ingest.link import Link, LinkLost, Message, opened

log = logging.getLogger(__name__)

TIMER_S: Final = 0.1
SLICE_S: Final = 0.005
"""The event loop is given back after so long."""


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
    commands_dropped: int = 0
    """Commands that found the broker not reading; the session repeats what still matters."""


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
            except LinkLost as error:
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
        async with opened(self.config, self.state(online=False, at_ms=at_ms)) as link:
            await link.subscribe(topic.EVERYTHING)
            self.announce(link, online=True, at_ms=at_ms)
            self.health.connected = True
            self.health.connections += 1
            self.subscribed.set()
            log.info("connected to %s:%s", self.config.host, self.config.port)
            timer = asyncio.create_task(self.timer(link), name="gateway.session_timer")
            try:
                await self.receive(link, at_ms)
            except asyncio.CancelledError:
                self.announce(link, online=False, at_ms=self.now_ms())
                link.goodbye()
                raise
            finally:
                timer.cancel()
                await asyncio.gather(timer, return_exceptions=True)

    async def receive(self, link: Link, at_ms: int) -> None:
        """Every message, giving the event loop back every few milliseconds, until the link is lost."""
        loop = asyncio.get_running_loop()
        while True:
            messages = await link.messages()
            slice_ends = loop.time() + SLICE_S
            for topic_text, data in messages:
                self.message(link, topic_text, data, at_ms)
                if loop.time() > slice_ends:
                    await asyncio.sleep(0)
                    slice_ends = loop.time() + SLICE_S

    def message(self, link: Link, topic_text: str, data: bytes, at_ms: int) -> None:
        """One message; our own STATE seen offline is set right with the same time (message-flow-hid-*)."""
        self.health.messages += 1
        self.health.bytes += len(data)
        if topic_text == topic.state(self.config.host_id):
            if b'"online": false' in data or b'"online":false' in data:
                self.announce(link, online=True, at_ms=at_ms)
            return
        now_ms = self.now_ms()
        self.act(link, self.session.message(topic_text, data, now_ms), now_ms)

    async def timer(self, link: Link) -> None:
        """What is due by time."""
        while True:
            await asyncio.sleep(TIMER_S)
            now_ms = self.now_ms()
            self.act(link, self.session.timer(now_ms), now_ms)

    def act(self, link: Link, actions: Sequence[Action], now_ms: int) -> None:
        """Hand records on, publish commands."""
        if not actions:
            return
        self.sink.take(actions, now_ms)
        for action in actions:
            if isinstance(action, Command):
                if link.publish(Message(action.topic, action.payload)):
                    self.health.commands += 1
                else:
                    self.health.commands_dropped += 1

    def announce(self, link: Link, *, online: bool, at_ms: int) -> None:
        """Our STATE, QoS 1 and retained (tck-id-host-topic-phid-birth-qos, -retain)."""
        link.publish(self.state(online=online, at_ms=at_ms), retain=True, at_least_once=True)

    def state(self, *, online: bool, at_ms: int) -> Message:
        """A STATE message (tck-id-host-topic-phid-birth-payload)."""
        text = json.dumps({"online": online, "timestamp": at_ms})
        return Message(topic.state(self.config.host_id), text.encode())
