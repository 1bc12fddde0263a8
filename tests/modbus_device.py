"""A Modbus device (or a gateway with several units) for tests, made to misbehave on demand.

It speaks Modbus/TCP, with TLS if it is given certificates, or RTU frames over TCP or on a pseudo-terminal.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import struct
import time
import tty
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

READING = frozenset({1, 2, 3, 4})
RTU_REQUEST = 8
Send = Callable[[bytes], object]


@dataclass
class ModbusDevice:
    """Every unit has the same registers: what is in `values`, otherwise the address itself (bits: its lowest bit)."""

    units: set[int] = field(default_factory=lambda: {1})
    values: dict[int, int] = field(default_factory=dict)
    illegal: set[int] = field(default_factory=set)
    """Addresses that are refused with exception 2."""
    count_max: int = 2000
    """Above it exception 3."""
    is_rtu: bool = False
    tls: ssl.SSLContext | None = None
    silent: set[int] = field(default_factory=set)
    """Units that do not answer."""
    exceptions: dict[int, int] = field(default_factory=dict)
    """Exception code with which a unit answers everything."""
    delays_s: list[float] = field(default_factory=list)
    """How late the next answers come, one each."""
    delay_s: float = 0.0
    """How late every other answer comes."""
    unit_delays_s: dict[int, float] = field(default_factory=dict)
    """How late the answers of a unit come."""
    mangle: list[str] = field(default_factory=list)
    """What is wrong with the next answers: `short`, `transaction`, `protocol`, `checksum`, `cut` or `noise`."""
    asked: Counter[int] = field(default_factory=Counter)
    """Requests by unit."""
    asked_at_s: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When they came."""
    spans: defaultdict[int, set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))
    """What they asked for: first address and number."""
    gaps_s: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    """How long after the last answer they came."""
    answered_at_s: float = 0.0
    functions: set[int] = field(default_factory=set)
    connections: int = 0
    connected: set[asyncio.Task[None]] = field(default_factory=set)
    """A task for each open connection."""
    port: int = 0
    server: asyncio.Server | None = None
    writers: dict[asyncio.StreamWriter, None] = field(default_factory=dict)
    """The newest last."""
    late: set[asyncio.Task[None]] = field(default_factory=set)
    """Answers of a serial line behind TCP, which do not heed what becomes of the connection."""

    @property
    def open_connections(self) -> int:
        """How many there are now."""
        return len(self.connected)

    async def start(self) -> None:
        """Listen, on the port of the first start."""
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and break every connection."""
        if self.server is None:
            return
        self.server.close()
        self.drop()
        for answer in self.late:
            answer.cancel()
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
        self.writers[writer] = None
        answers: set[asyncio.Task[None]] = set()
        try:
            if self.is_rtu:
                await self.talk_rtu(reader, self.send_to_newest, self.late)
            else:
                await self.talk(reader, writer.write, answers)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            for answer in answers:
                answer.cancel()
            await asyncio.gather(*answers, return_exceptions=True)
            del self.writers[writer]
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
            self.connected.remove(task)

    def send_to_newest(self, frame: bytes) -> None:
        """As a transparent serial server does, into whatever connection there is."""
        for writer in [*self.writers][-1:]:
            writer.write(frame)

    async def talk(self, reader: asyncio.StreamReader, send: Send, answers: set[asyncio.Task[None]]) -> None:
        """Modbus/TCP."""
        while True:
            transaction, _, length, unit = struct.unpack(">HHHB", await reader.readexactly(7))
            body = await reader.readexactly(length - 1)
            self.heard(unit, body)
            if unit not in self.silent:
                answers.add(asyncio.create_task(self.answer(send, transaction, unit, body)))

    async def talk_rtu(
        self, reader: asyncio.StreamReader, send: Send, answers: set[asyncio.Task[None]]
    ) -> None:
        """RTU frames; a unit that is not there says nothing."""
        while True:
            frame = await reader.readexactly(RTU_REQUEST)
            assert frame[-2:] == checksum(frame[:-2]), f"not a request: {frame.hex(' ')}"
            unit, body = frame[0], frame[1:-2]
            self.heard(unit, body)
            if unit in self.units - self.silent:
                answers.add(asyncio.create_task(self.answer(send, None, unit, body)))

    def heard(self, unit: int, body: bytes) -> None:
        """A request came."""
        now_s = time.monotonic()
        self.asked[unit] += 1
        self.asked_at_s[unit].append(now_s)
        if self.answered_at_s:
            self.gaps_s[unit].append(now_s - self.answered_at_s)
        self.functions.add(body[0])
        address, count = struct.unpack(">HH", body[1:5])
        self.spans[unit].add((address, count))

    async def answer(self, send: Send, transaction: int | None, unit: int, body: bytes) -> None:
        """Send one answer; without a transaction as an RTU frame."""
        late_s = self.delays_s.pop(0) if self.delays_s else self.unit_delays_s.get(unit, self.delay_s)
        if late_s:
            await asyncio.sleep(late_s)
        reply = self.reply(unit, body)
        mangled = self.mangle.pop(0) if self.mangle else ""
        if mangled == "short":
            reply = bytes([reply[0], reply[1] - 2]) + reply[2:-2]
        if transaction is None:
            frame = bytes([unit]) + reply
            frame += checksum(frame)
        else:
            number = (transaction + (mangled == "transaction")) % 65536
            frame = struct.pack(">HHHB", number, mangled == "protocol", len(reply) + 1, unit) + reply
        if mangled == "checksum":
            frame = frame[:-1] + bytes([frame[-1] ^ 1])
        if mangled == "cut":
            frame = frame[:-3]
        if mangled == "noise":
            frame = b"\0\xff\x03" + frame
        self.answered_at_s = time.monotonic()
        send(frame)

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


class SerialLine:
    """A serial line (a pseudo-terminal) with a device on it; what lies at `path` can be unplugged and plugged in."""

    def __init__(self, path: Path, plc: ModbusDevice) -> None:
        self.path, self.plc = path, plc
        self.ends: tuple[int, int] | None = None
        self.task: asyncio.Task[None] | None = None

    def plug(self) -> None:
        """Now it is there."""
        near, far = self.ends = os.openpty()
        tty.setraw(far)
        self.path.symlink_to(os.ttyname(far))
        reader = asyncio.StreamReader()
        asyncio.get_running_loop().add_reader(near, lambda: reader.feed_data(os.read(near, 1024)))
        self.task = asyncio.create_task(self.talk(reader, near))

    async def talk(self, reader: asyncio.StreamReader, near: int) -> None:
        """Answer until unplugged."""
        answers: set[asyncio.Task[None]] = set()
        try:
            await self.plc.talk_rtu(reader, lambda frame: os.write(near, frame), answers)
        finally:
            for answer in answers:
                answer.cancel()

    async def unplug(self) -> None:
        """Now it is gone."""
        if self.ends is None or self.task is None:
            return
        self.task.cancel()
        await asyncio.wait([self.task])
        assert self.task.cancelled(), self.task.exception()
        asyncio.get_running_loop().remove_reader(self.ends[0])
        for end in self.ends:
            os.close(end)
        self.path.unlink()
        self.ends = None


@asynccontextmanager
async def serial_line(path: Path, **fields: object) -> AsyncIterator[SerialLine]:
    """A line with a device on it until the block ends."""
    line = SerialLine(path, ModbusDevice(is_rtu=True, **fields))  # type: ignore[arg-type]  # the fields of the class
    line.plug()
    try:
        yield line
    finally:
        await line.unplug()


def checksum(frame: bytes) -> bytes:
    """The CRC-16 of the serial line protocol, bit by bit as its paper has it (V1.02, 6.2.2)."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


@asynccontextmanager
async def device(**fields: object) -> AsyncIterator[ModbusDevice]:
    """A device that runs until the block ends."""
    made = ModbusDevice(**fields)  # type: ignore[arg-type]  # the fields of the class
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
