"""A Modbus TCP device (or a gateway with several units) for tests, made to misbehave on demand."""

from __future__ import annotations

import asyncio
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

READING = frozenset({1, 2, 3, 4})


@dataclass
class ModbusDevice:
    """Every unit has the same registers: what is in `values`, otherwise the address itself (bits: its lowest bit)."""

    units: set[int] = field(default_factory=lambda: {1})
    values: dict[int, int] = field(default_factory=dict)
    illegal: set[int] = field(default_factory=set)
    """Addresses that are refused with exception 2."""
    count_max: int = 2000
    """Above it exception 3."""
    silent: set[int] = field(default_factory=set)
    """Units that do not answer."""
    exceptions: dict[int, int] = field(default_factory=dict)
    """Exception code with which a unit answers everything."""
    delays_s: list[float] = field(default_factory=list)
    """How late the next answers come, one each."""
    mangle: list[str] = field(default_factory=list)
    """What is wrong with the next answers: `short` or `transaction`."""
    asked: Counter[int] = field(default_factory=Counter)
    """Requests by unit."""
    functions: set[int] = field(default_factory=set)
    connections: int = 0
    connected: set[asyncio.Task[None]] = field(default_factory=set)
    """A task for each open connection."""
    port: int = 0
    server: asyncio.Server | None = None
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def open_connections(self) -> int:
        """How many there are now."""
        return len(self.connected)

    async def start(self) -> None:
        """Listen, on the port of the first start."""
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and break every connection."""
        if self.server is None:
            return
        self.server.close()
        self.drop()
        await self.server.wait_closed()
        await asyncio.gather(*self.connected)
        self.server = None

    def drop(self) -> None:
        """Break every connection."""
        for writer in self.writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self.connected.add(task)
        self.connections += 1
        self.writers.add(writer)
        answers: set[asyncio.Task[None]] = set()
        try:
            while True:
                header = await reader.readexactly(7)
                transaction, _, length, unit = struct.unpack(">HHHB", header)
                body = await reader.readexactly(length - 1)
                self.asked[unit] += 1
                self.functions.add(body[0])
                if unit not in self.silent:
                    late = self.delays_s.pop(0) if self.delays_s else 0.0
                    answers.add(asyncio.create_task(self.answer(writer, transaction, unit, body, late)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for answer in answers:
                answer.cancel()
            await asyncio.gather(*answers, return_exceptions=True)
            self.writers.discard(writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self.connected.remove(task)

    async def answer(
        self, writer: asyncio.StreamWriter, transaction: int, unit: int, body: bytes, late_s: float
    ) -> None:
        """Send one answer."""
        if late_s:
            await asyncio.sleep(late_s)
        reply = self.reply(unit, body)
        mangled = self.mangle.pop(0) if self.mangle else ""
        if mangled == "short":
            reply = bytes([reply[0], reply[1] - 2]) + reply[2:-2]
        if mangled == "transaction":
            transaction = (transaction + 1) % 65536
        writer.write(struct.pack(">HHHB", transaction, 0, len(reply) + 1, unit) + reply)

    def reply(self, unit: int, body: bytes) -> bytes:
        """What a unit says to a request."""
        function, address, count = struct.unpack(">BHH", body[:5])
        code = self.exceptions.get(unit, 0 if unit in self.units else 11)
        if not code and function not in READING:
            code = 1
        if not code and count > self.count_max:
            code = 3
        if not code and any(at in self.illegal for at in range(address, address + count)):
            code = 2
        if code:
            return bytes([function | 0x80, code])
        cells = [self.values.get(at, at) for at in range(address, address + count)]
        if function in (1, 2):
            bits = sum((cell & 1) << at for at, cell in enumerate(cells))
            payload = bits.to_bytes((count + 7) // 8, "little")
        else:
            payload = struct.pack(f">{count}H", *cells)
        return bytes([function, len(payload)]) + payload


@asynccontextmanager
async def device(**fields: object) -> AsyncIterator[ModbusDevice]:
    """A device that runs until the block ends."""
    made = ModbusDevice(**fields)  # type: ignore[arg-type]  # the fields of the class
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
