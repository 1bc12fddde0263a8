"""One connection to the broker for the collector: paho's client, read at our own pace.

Messages are taken many at a time, fifty times a second, from one task: at the centre waking up for each message
costs more than the message does. What is not taken yet stays with the kernel, and then with the broker.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract.errors import Transient
from gateway.config import Mqtt

log = logging.getLogger(__name__)

ANSWER_S: Final = 10.0
"""So long may the broker take to accept us, or to grant a subscription."""
PACE_S: Final = 0.02
GOODBYE_S: Final = 0.5
"""How long the broker may take to close after our DISCONNECT."""
TAKE_MAX: Final = 5_000
"""Messages taken at once."""


class LinkLost(Transient):
    """There is no connection, or no more."""


class Message(NamedTuple):
    """A topic and what was published on it."""

    topic: str
    payload: bytes


@dataclass(slots=True)
class Link:
    """An open connection."""

    client: paho.Client
    came: list[Message] = field(default_factory=list)
    lost: str | None = None
    """Why the connection ended."""
    accepted: bool = False
    granted: bool = False

    def listen(self) -> None:
        """Have the client tell us what happens."""
        self.client.on_message = self.on_message
        self.client.on_connect = self.on_connect
        self.client.on_subscribe = self.on_subscribe
        self.client.on_publish = self.on_publish
        self.client.on_disconnect = self.on_disconnect

    def on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        """A message came."""
        self.came.append(Message(message.topic, bytes(message.payload)))

    def on_connect(
        self, _client: object, _data: object, _flags: object, code: ReasonCode, _more: object
    ) -> None:
        """The broker accepts us, or says why not."""
        self.accepted = not code.is_failure
        self.lost = (
            f"the broker refuses us: {str(code).lower()}; check user name and password"
            if code.is_failure
            else None
        )

    def on_subscribe(
        self, _client: object, _data: object, _id: int, codes: list[ReasonCode], _more: object
    ) -> None:
        """The broker grants a subscription, or says why not."""
        self.granted = not any(code.is_failure for code in codes)
        self.lost = None if self.granted else f"the broker refuses the subscription: {codes[0]}"

    def on_publish(self, _client: object, _data: object, _id: int, code: ReasonCode, _more: object) -> None:
        """An acknowledgement; MQTT 5 says there if we may not publish on that topic."""
        if code.is_failure:
            log.warning("the broker refuses a message of ours: %s", code)

    def on_disconnect(
        self, _client: object, _data: object, _flags: object, code: ReasonCode, _more: object
    ) -> None:
        """The connection is gone."""
        self.lost = self.lost or f"the broker ended the connection: {code}"

    def publish(self, message: Message, *, retain: bool = False, at_least_once: bool = False) -> bool:
        """Send, or give `False` where the broker does not read what waits for it already."""
        if self.client.want_write() and not at_least_once:
            return False
        sent = self.client.publish(message.topic, message.payload, qos=int(at_least_once), retain=retain)
        return sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    async def subscribe(self, topic: str) -> None:
        """Subscribe at QoS 0 and wait for the broker's yes."""
        self.client.subscribe(topic, qos=0)
        await self.until(lambda: self.granted)

    async def messages(self) -> list[Message]:
        """What has come since the last call, a moment's worth at least; raises `LinkLost`."""
        await asyncio.sleep(PACE_S)
        await self.until(lambda: bool(self.came))
        came, self.came = self.came, []
        return came

    async def until(self, holds: Callable[[], bool], limit_s: float | None = None) -> None:
        """Carry packets until something holds; raises `LinkLost` when it cannot any more, or takes too long."""
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    self.pump()
                    if holds():
                        return
                    if self.lost:
                        raise LinkLost(self.lost)
                    await asyncio.sleep(PACE_S)
        except TimeoutError as error:
            raise LinkLost("the broker does not answer") from error

    def pump(self) -> None:
        """Send what waits, take what has come; pings, and gives up on a broker that is silent for too long."""
        if self.client.want_write():
            self.client.loop_write()
        before = -1
        while before < len(self.came) < TAKE_MAX:
            before = len(self.came)
            self.client.loop_read()  # one packet
        self.client.loop_misc()

    def goodbye(self) -> None:
        """A deliberate end: the broker forgets the will.

        What has come and was not read would make the system reset the connection, and the broker might never read our
        DISCONNECT: so the connection is kept open until the broker has closed it, for a moment at most.
        """
        ours = self.client.socket()
        kept = None if ours is None else socket.socket(fileno=os.dup(ours.fileno()))
        self.client.disconnect()
        self.pump()
        if kept is not None:
            drain(kept)


def drain(connection: socket.socket) -> None:
    """Say that nothing more comes, and read until the other side says so too; it blocks, at the end of everything."""
    with connection, suppress(OSError):
        connection.settimeout(GOODBYE_S)
        connection.shutdown(socket.SHUT_WR)
        ends_at = time.monotonic() + GOODBYE_S
        while connection.recv(65_536) and time.monotonic() < ends_at:
            pass


@asynccontextmanager
async def opened(config: Mqtt, will: Message) -> AsyncIterator[Link]:
    """A connection that the broker accepted; `will` is what it publishes if we vanish. Raises `LinkLost`."""
    try:
        link = Link(client_of(config, will))  # reads certificates: a missing file is named in the error
    except OSError as error:
        raise LinkLost(f"certificates cannot be read: {error}") from error
    link.listen()
    try:
        await asyncio.to_thread(connect, link.client, config)
        await link.until(lambda: link.accepted, ANSWER_S)
        yield link
    except (OSError, ValueError) as error:
        raise LinkLost(str(error) or "no answer") from error
    finally:
        if left := link.client.socket():
            left.close()


def client_of(config: Mqtt, will: Message) -> paho.Client:
    """A client with our will, our name and password, and TLS when a CA is configured."""
    is_v5 = config.version == "5"
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        protocol=paho.MQTTv5 if is_v5 else paho.MQTTv311,
        clean_session=None if is_v5 else True,
    )
    client.connect_timeout = ANSWER_S
    client.will_set(will.topic, will.payload, qos=1, retain=True)
    if config.username:
        client.username_pw_set(
            config.username, config.password.get_secret_value() if config.password else None
        )
    if context := tls_of(config):
        client.tls_set_context(context)
    return client


def connect(client: paho.Client, config: Mqtt) -> None:
    """TCP, TLS and CONNECT: clean start, no session kept (tck-id-principles-persistence-clean-session-*); blocks."""
    options: dict[str, Any] = {}
    if config.version == "5":
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has none there
        properties.SessionExpiryInterval = 0
        options = {"clean_start": True, "properties": properties}
    client.connect(config.host, config.port, keepalive=config.keepalive_s, **options)


def tls_of(config: Mqtt) -> ssl.SSLContext | None:
    """TLS when a CA is configured, with our own certificate where one is."""
    if config.ca_file is None:
        return None
    context = ssl.create_default_context(cafile=config.ca_file)
    if config.certificate_file:
        context.load_cert_chain(config.certificate_file, config.key_file)
    return context
