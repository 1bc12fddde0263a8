"""The virtual mine on the wire: its servers, their links and the positioning system's folder; one mine, one clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from contract.point import Protocol
from simulators.faults import Trouble, UnitFault
from simulators.link import bad_link
from simulators.mine import Mine
from simulators.modbus_server import serve_modbus
from simulators.opcua_server import serve_opcua
from simulators.personnel_folder import personnel_folder
from simulators.points import points
from simulators.scenario import USUAL, Machine, Scenario

LOOPBACK: Final = "127.0.0.1"


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
    scenario: Scenario = USUAL,
    host: str = LOOPBACK,
    modbus_port: int = 0,
    opcua_port: int = 0,
    personnel_dir: Path | None = None,
) -> AsyncIterator[VirtualMine]:
    """Serve 演示一矿 over Modbus TCP and OPC UA until the block ends; port 0 takes a free one.

    With `personnel_dir` the positioning system writes its files there. Raises `Transient` if a port is taken or the
    folder cannot be written to.
    """
    mine = Mine(seed, now_ms(), scenario)
    modbus = partial(serve_modbus, mine, points(Protocol.MODBUS), now_ms=now_ms)
    opcua = partial(serve_opcua, mine, points(Protocol.OPCUA), now_ms=now_ms)
    async with AsyncExitStack() as stack:
        if personnel_dir:
            await stack.enter_async_context(
                personnel_folder(mine.personnel_files(), personnel_dir, now_ms=now_ms)
            )
        modbus_at, opcua_at = [
            await stack.enter_async_context(
                reached(
                    serve, scenario.faults.get(machine, ()), now_ms=now_ms, seed=seed, host=host, port=port
                )
            )
            for serve, machine, port in (
                (modbus, Machine.MODBUS, modbus_port),
                (opcua, Machine.OPCUA, opcua_port),
            )
        ]
        yield VirtualMine(mine, host, modbus_at, opcua_at)


@asynccontextmanager
async def reached(
    serve: Callable[..., AbstractAsyncContextManager[int]],
    faults: Sequence[Trouble],
    *,
    now_ms: Callable[[], int],
    seed: int,
    host: str,
    port: int,
) -> AsyncIterator[int]:
    """Serve a machine at this address: directly, or over a bad link where there are faults of it."""
    if not faults:
        async with serve(host=host, port=port) as at:
            yield at
        return
    async with (
        serve(host=LOOPBACK, port=0) as behind,
        bad_link(
            (LOOPBACK, behind),
            now_ms=now_ms,
            faults=faults,
            is_modbus=any(isinstance(fault, UnitFault) for fault in faults),
            host=host,
            port=port,
            seed=seed,
        ) as link,
    ):
        yield link.port
