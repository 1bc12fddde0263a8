"""The MQTT client of one connection, made as the config and the standard ask."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final, Self

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.config import Mqtt, Server
from edge_agent.uplink.session import Publish

COMMANDS_MAX: Final = 1_000
"""Commands that wait to be read."""


class Client(aiomqtt.Client):
    """aiomqtt's, but that it says whether there was a CONNECT, and waits for no answer after the connection's end.

    A proxy without its broker ends it so; aiomqtt would wait until its timeout. An attempt that is cancelled leaves no
    connection behind.
    """

    has_dialled = False
    """A server took the connection, TLS included: CONNECT goes out next."""
    is_connecting = False
    """The thread that connects is at work; a cancellation does not end it."""
    is_given_up = False

    async def __aenter__(self) -> Self:
        """Connect."""
        self.is_connecting = True
        try:
            return await super().__aenter__()
        except asyncio.CancelledError:
            self.is_given_up = True
            if not self.is_connecting:
                self.close()
            raise

    def close(self) -> None:
        """End the connection without a farewell: the node was never there."""
        self._client._sock_close()  # noqa: SLF001

    def _client_connect(self) -> None:
        """Connect; in a thread."""
        try:
            super()._client_connect()
        finally:
            self._loop.call_soon_threadsafe(
                self.connect_ended
            )  # after all that the thread has asked of the loop

    def connect_ended(self) -> None:
        """The thread is at its end."""
        self.is_connecting = False
        if self.is_given_up:
            self.close()

    def _on_socket_open(self, *told: Any) -> None:  # noqa: ANN401  (handed on)
        """There is a connection; called in the thread that connects."""
        self.has_dialled = True
        super()._on_socket_open(*told)

    def _on_disconnect(self, *told: Any) -> None:  # noqa: ANN401  (handed on)
        """The connection has ended."""
        if self._connected.cancelled():
            return
        if not self._connected.done():
            self._connected.set_exception(
                aiomqtt.MqttError("the connection ended before the broker's answer")
            )
        super()._on_disconnect(*told)


def client_of(config: Mqtt, server: Server, will: Publish) -> Client:
    """A client for one connection: clean session (tck-id-principles-persistence-clean-session-*) and our will."""
    is_v5 = config.version == "5"
    return Client(
        server.host,
        server.port,
        username=config.username,
        password=config.password.get_secret_value() if config.password else None,
        protocol=aiomqtt.ProtocolVersion.V5 if is_v5 else aiomqtt.ProtocolVersion.V311,
        will=aiomqtt.Will(will.topic, will.payload, qos=will.qos, retain=False),
        clean_session=None if is_v5 else True,
        clean_start=True if is_v5 else MQTT_CLEAN_START_FIRST_ONLY,  # the client refuses the word in 3.1.1
        keepalive=config.keepalive_s,
        tls_params=tls_of(config),
        max_queued_incoming_messages=COMMANDS_MAX,
        timeout=10,
    )


def with_reason(client: aiomqtt.Client, config: Mqtt) -> None:
    """Let the DISCONNECT say "with will" (tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt50).

    aiomqtt has no place for the reason, so its client's own method is given it.
    """
    if config.version == "5":
        inner = client._client  # noqa: SLF001
        reason = ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")
        inner.disconnect = partial(inner.disconnect, reason)  # type: ignore[method-assign]


def tls_of(config: Mqtt) -> aiomqtt.TLSParameters | None:
    """TLS when a CA is configured."""
    if config.ca_file is None:
        return None
    return aiomqtt.TLSParameters(
        ca_certs=str(config.ca_file),
        certfile=str(config.certificate_file) if config.certificate_file else None,
        keyfile=str(config.key_file) if config.key_file else None,
    )
