"""The virtual mine on the wire: both servers, one mine, one clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from contract.point_form import Protocol
from simulators.mine import Mine
from simulators.modbus_server import serve_modbus
from simulators.opcua_server import serve_opcua
from simulators.points import points


@dataclass(frozen=True, slots=True)
class VirtualMine:
    """A mine that is being served; where to find it."""

    mine: Mine
    host: str
    modbus_port: int
    opcua_port: int

    @property
    def opcua_url(self) -> str:
        """The endpoint to connect to."""
        return f"opc.tcp://{self.host}:{self.opcua_port}/"


@asynccontextmanager
async def virtual_mine(
    *,
    now_ms: Callable[[], int],
    seed: int = 1,
    host: str = "127.0.0.1",
    modbus_port: int = 0,
    opcua_port: int = 0,
) -> AsyncIterator[VirtualMine]:
    """Serve 演示一矿 over Modbus TCP and OPC UA until the block ends; port 0 takes a free one.

    Raises `Transient` if a port is taken.
    """
    mine = Mine(seed, now_ms())
    modbus = serve_modbus(mine, points(Protocol.MODBUS), now_ms=now_ms, host=host, port=modbus_port)
    opcua = serve_opcua(mine, points(Protocol.OPCUA), now_ms=now_ms, host=host, port=opcua_port)
    async with modbus as modbus_at, opcua as opcua_at:
        yield VirtualMine(mine, host, modbus_at, opcua_at)
