"""The virtual mine as Modbus TCP: one server, several units behind it, as behind a plant's gateway.

Registers are made when they are asked for, once per step of the mine, so a request sees one instant. What no
point maps answers exception 2, an unknown unit exception 11 (the gateway's target does not respond), a write
exception 1: this plant is looked at only.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator.simcore import SimCore

from contract.errors import Transient
from contract.point import BIT_TABLES, ModbusAddress, Point, Register
from simulators.mine import Mine
from simulators.registers import image

TABLES: Final = {1: Register.COIL, 2: Register.DISCRETE, 3: Register.HOLDING, 4: Register.INPUT}
"""By the function code that reads them."""


@dataclass(slots=True)
class Registers:
    """The registers of one table of one unit, as they were at an instant."""

    points: list[Point]
    at_ms: int = -1
    words: dict[int, int] | None = None


class Datastore(SimCore):
    """What pymodbus asks for register values; answers from the mine."""

    def __init__(self, mine: Mine, points: Iterable[Point], now_ms: Callable[[], int]) -> None:
        super().__init__([])
        self.mine = mine
        self.now_ms = now_ms
        grouped: defaultdict[tuple[int, Register], list[Point]] = defaultdict(list)
        for point in points:
            assert isinstance(point.address, ModbusAddress)
            grouped[point.address.unit_id, point.address.table].append(point)
        self.tables = {where: Registers(group) for where, group in grouped.items()}
        self.units = {unit_id for unit_id, _ in self.tables}

    def device_ids(self) -> list[int]:
        """The units behind the server."""
        return sorted(self.units)

    async def async_getValues(  # noqa: N802  (pymodbus's name)
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        """A read request."""
        if device_id not in self.units:
            return ExcCodes.GATEWAY_NO_RESPONSE
        table = TABLES.get(func_code)
        if table is None:
            return ExcCodes.ILLEGAL_FUNCTION
        words = self.words(device_id, table)
        try:
            values = [words[at] for at in range(address, address + count)]
        except KeyError:
            return ExcCodes.ILLEGAL_ADDRESS
        return [bool(value) for value in values] if table in BIT_TABLES else values

    async def async_setValues(  # noqa: N802  (pymodbus's name)
        self,
        device_id: int,
        func_code: int,  # noqa: ARG002
        address: int,  # noqa: ARG002
        values: list[int] | list[bool],  # noqa: ARG002
    ) -> ExcCodes | None:
        """A write request: refused."""
        return ExcCodes.ILLEGAL_FUNCTION if device_id in self.units else ExcCodes.GATEWAY_NO_RESPONSE

    def words(self, unit_id: int, table: Register) -> dict[int, int]:
        """The registers of a table now."""
        registers = self.tables.get((unit_id, table))
        if registers is None:
            return {}
        self.mine.advance(self.now_ms())
        if registers.words is None or registers.at_ms != self.mine.at_ms:
            registers.at_ms = self.mine.at_ms
            registers.words = image(
                (point, self.mine.value(point.area, point.metric)) for point in registers.points
            )
        return registers.words


@asynccontextmanager
async def serve_modbus(
    mine: Mine,
    points: Iterable[Point],
    *,
    now_ms: Callable[[], int],
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[int]:
    """Serve until the block ends; gives the port, of which 0 takes a free one. `Transient` if it cannot."""
    server = ModbusTcpServer([], address=(host, port))
    server.context = Datastore(mine, points, now_ms)
    try:
        await server.serve_forever(background=True)
    except RuntimeError as error:
        raise Transient(
            f"cannot listen on {host}:{port} for Modbus TCP: wrong address, or port in use"
        ) from error
    listener = cast("asyncio.Server", server.transport)  # a listening server, whatever its annotation says
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it unannotated
        await listener.wait_closed()
