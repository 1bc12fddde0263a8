"""How a Modbus server, gateway or serial line is reached: makes a pymodbus client that is not connected yet.

A connection is made anew each time, certificates and all, so what was renewed on disk is used from the next one on.
Of a serial line the transport knows how long bytes take on it, and how long it must be silent between two frames.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, Protocol

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

from edge_agent.source_config import modbus as source_config
from edge_agent.source_config.modbus_tls import client_context
from edge_agent.sources.modbus_frames import MbapFrames, RtuFrames

Client = AsyncModbusTcpClient | AsyncModbusSerialClient
Told = Callable[[bool], None]
"""Called by pymodbus when it is connected and when it is not any more."""

NO_LIMIT: Final = None
"""Of pymodbus's own: the limits that count are those of `ModbusLink`, which tell silence from other failures."""
BUFFER_MAX: Final = 2048
"""Bytes not made sense of yet; what is more is dropped. Several RTU frames may come at once."""
RTU_BITS: Final = 11
"""Of a character, as the standard counts them (Modbus over Serial Line V1.02, 2.5.1)."""
RTU_SILENCE: Final = 3.5
"""Characters between two frames (2.5.1.1)."""
RTU_SILENCE_MIN_S: Final = 0.00175
"""The same above 19,200 baud."""
PARITIES: Final = {"none": "N", "even": "E", "odd": "O"}


class Transport(Protocol):
    """A way to the units of a source."""

    @property
    def is_rtu(self) -> bool:
        """Whether frames are RTU: they have no number that says which request they answer."""

    @property
    def byte_s(self) -> float:
        """How long a byte takes; 0 where it does not matter."""

    @property
    def silence_s(self) -> float:
        """Between a frame and the next."""

    def client(self, told: Told) -> Client:
        """A client for one connection."""


@dataclass(frozen=True, slots=True)
class TcpTransport:
    """Modbus/TCP, with TLS where certificates are given; or RTU frames in a TCP connection."""

    host: str
    port: int
    is_rtu: bool = False
    tls: source_config.Tls | None = None
    byte_s: float = 0.0
    silence_s: float = 0.0

    def client(self, told: Told) -> Client:
        """A client for one connection."""
        client = AsyncModbusTcpClient(
            self.host,
            port=self.port,
            timeout=NO_LIMIT,  # type: ignore[arg-type]  # what asyncio takes for none
            retries=0,
            reconnect_delay=0,
            trace_connect=told,
        )
        if self.tls is not None:
            client.ctx.call_create = partial(self.connect_tls, client, self.tls)
        return prepared(client, is_rtu=self.is_rtu)

    async def connect_tls(
        self, client: Client, tls: source_config.Tls
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """Connect to a server whose certificate is checked against its name."""
        return await client.ctx.loop.create_connection(
            client.ctx.handle_new_connection,
            self.host,
            self.port,
            ssl=client_context(tls),
            server_hostname=tls.server_name or self.host,
        )


@dataclass(frozen=True, slots=True)
class SerialTransport:
    """RTU on a serial line of this computer."""

    device: str
    baud_rate: int = 9600
    parity: Literal["none", "even", "odd"] = "even"
    stop_bits: int = 1
    is_rtu: bool = True

    @property
    def byte_s(self) -> float:
        """How long a byte takes."""
        return (1 + 8 + (self.parity != "none") + self.stop_bits) / self.baud_rate

    @property
    def silence_s(self) -> float:
        """Between a frame and the next."""
        return max(RTU_SILENCE * RTU_BITS / self.baud_rate, RTU_SILENCE_MIN_S)

    def client(self, told: Told) -> Client:
        """A client for one opening of the line; what had come in before is thrown away then."""
        client = AsyncModbusSerialClient(
            self.device,
            baudrate=self.baud_rate,
            parity=PARITIES[self.parity],
            stopbits=self.stop_bits,
            timeout=NO_LIMIT,  # type: ignore[arg-type]  # what asyncio takes for none
            retries=0,
            reconnect_delay=0,
            trace_connect=told,
        )
        return prepared(client, is_rtu=True)


def prepared(client: Client, *, is_rtu: bool) -> Client:
    """The same client with our frames."""
    client.ctx.framer = (RtuFrames if is_rtu else MbapFrames)(client.ctx.framer.decoder)
    client.ctx.max_buffer_size = BUFFER_MAX
    return client


def transport_of(config: source_config.ModbusSource) -> Transport:
    """The way that a source's config describes."""
    if line := config.serial:
        return SerialTransport(line.device, line.baud_rate, line.parity, line.stop_bits)
    is_rtu = config.transport is source_config.Transport.RTU_OVER_TCP
    return TcpTransport(*config.endpoint, is_rtu, config.tls)
