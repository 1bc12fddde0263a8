"""A bad link: a TCP proxy between a client and a machine that makes trouble by a timetable, or when told to.

What trouble there is and what it does to bytes is said in `faults.py`. Here it happens to real connections: they are
reset, kept without a word, or refused. Traffic without faults passes as it comes.
"""

from __future__ import annotations

import asyncio
import heapq
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final

from contract.errors import Transient
from simulators.chance import Chance
from simulators.faults import ModbusTalk, Said, Trouble, WireKind, delay_s_of, holding, spoiled

CHUNK: Final = 65_536
TICK_S: Final = 0.02
"""How often the timetable is looked at."""
HELD_MAX: Final = 1_000
"""Late chunks of one connection; above it the machine is not read any further until some are delivered."""
RESET_AT_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: closing resets the connection."""


@dataclass(eq=False, slots=True)
class Connection:
    """One client's connection and the one to the machine that it stands for."""

    link: Link
    client: asyncio.StreamWriter
    machine: asyncio.StreamWriter
    talk: ModbusTalk | None
    dead: bool = False
    """Nothing passes any more, though both sides are open."""
    held: list[tuple[float, int, bytes]] = field(default_factory=list)
    """What is late, by when it is due."""
    taken: int = 0
    stream_due: float = 0.0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, reader: asyncio.StreamReader) -> None:
        """From the client to the machine, until the client ends."""
        while data := await reader.read(CHUNK):
            if self.dead:
                continue
            answered = b""
            if self.talk:
                data, answered = self.talk.asked(data, self.link.holding())
            self.hold([Said(0.0, answered)] if answered else [])
            self.machine.write(data)
            await self.machine.drain()

    async def tell(self, reader: asyncio.StreamReader) -> None:
        """From the machine to the client, until the machine ends and all is delivered."""
        while data := await reader.read(CHUNK):
            self.hold(self.talk.answered(data) if self.talk else [Said(0.0, data)])
            while len(self.held) >= HELD_MAX:
                await self.change()
        while self.held:
            await self.change()

    def hold(self, said: Iterable[Said]) -> None:
        """Keep what is for the client until it is due."""
        faults, now = self.link.holding(), asyncio.get_running_loop().time()
        self.stream_due = max(self.stream_due, now + delay_s_of(faults))
        for delay_s, data in said:
            self.taken += 1
            left = spoiled(data, faults, self.link.chance)
            heapq.heappush(self.held, (self.stream_due + delay_s, self.taken, left))
        self.changed.set()

    async def deliver(self) -> None:
        """To the client, when it is due."""
        loop = asyncio.get_running_loop()
        while True:
            if not self.held or self.held[0][0] > loop.time():
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        self.change(), self.held[0][0] - loop.time() if self.held else None
                    )
                continue
            _, _, data = heapq.heappop(self.held)
            if not self.dead:
                self.client.write(data)
                await self.client.drain()
            self.changed.set()

    async def change(self) -> None:
        """Return when something was taken or delivered."""
        self.changed.clear()
        await self.changed.wait()

    def reset(self) -> None:
        """End it without a word, as a machine that restarts."""
        for writer in (self.client, self.machine):
            raw = writer.get_extra_info("socket")
            with suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            writer.transport.abort()


class Link:
    """A listener in front of a machine. `faults` are its timetable; `inject` and `heal` change it at once."""

    def __init__(
        self,
        to: tuple[str, int],
        *,
        now_ms: Callable[[], int],
        faults: Sequence[Trouble] = (),
        is_modbus: bool = False,
        chance: Random,
    ) -> None:
        self.to = to
        self.now_ms = now_ms
        self.faults = tuple(faults)
        self.is_modbus = is_modbus
        self.chance = chance
        self.host, self.port = "127.0.0.1", 0
        self.accepted = 0
        self.connections: set[Connection] = set()
        self.serving: set[asyncio.Task[None]] = set()
        self.listener: asyncio.Server | None = None
        self.before: tuple[Trouble, ...] = ()

    def holding(self) -> tuple[Trouble, ...]:
        """The faults that hold now."""
        return holding(self.faults, self.now_ms()) if self.faults else ()

    async def inject(self, *faults: Trouble) -> None:
        """Add faults; those that hold now act before this returns."""
        self.faults += faults
        await self.act()

    async def heal(self) -> None:
        """Take all faults away; dead connections stay dead."""
        self.faults = ()
        await self.act()

    async def act(self) -> None:
        """Do to listener and connections what the faults that now hold ask for."""
        now = self.holding()
        begun = {fault.kind for fault in now if fault not in self.before}
        self.before = now
        if begun & {WireKind.CUT, WireKind.RESTART}:
            for connection in self.connections:
                connection.reset()
        if WireKind.HALF_OPEN in begun:
            for connection in self.connections:
                connection.dead = True
        if {fault.kind for fault in now} & {WireKind.REFUSE, WireKind.RESTART}:
            self.close()
        elif self.listener is None:
            await self.listen()

    async def listen(self) -> None:
        """Accept connections; `Transient` if the port is taken."""
        try:
            self.listener = await asyncio.start_server(self.serve, self.host, self.port)
        except OSError as error:
            raise Transient(
                f"cannot listen on {self.host}:{self.port}: wrong address, or port in use"
            ) from error
        self.port = self.listener.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Accept no more connections."""
        if self.listener is not None:
            self.listener.close()
            self.listener = None

    async def watch(self) -> None:
        """Follow the timetable, for ever."""
        while True:
            await asyncio.sleep(TICK_S)
            with suppress(Transient):  # somebody has taken the port meanwhile: the next tick tries again
                await self.act()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        self.accepted += 1
        try:
            await self.carry(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # asyncio's streams take a handler that ends as cancelled for a fault
        finally:
            writer.transport.abort()
            self.serving.discard(task)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes both ways."""
        answers, machine = await asyncio.open_connection(*self.to)
        dead = any(fault.kind is WireKind.HALF_OPEN for fault in self.holding())
        connection = Connection(self, writer, machine, ModbusTalk() if self.is_modbus else None, dead)
        self.connections.add(connection)
        carrying = [
            asyncio.create_task(part, name="simulator.link")
            for part in (connection.hear(reader), connection.tell(answers), connection.deliver())
        ]
        try:
            await asyncio.wait(carrying, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.connections.discard(connection)
            machine.transport.abort()
            for part in carrying:
                part.cancel()
            await asyncio.gather(*carrying, return_exceptions=True)


@asynccontextmanager
async def bad_link(
    to: tuple[str, int],
    *,
    now_ms: Callable[[], int],
    faults: Sequence[Trouble] = (),
    is_modbus: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int = 1,
) -> AsyncIterator[Link]:
    """A link to the machine at `to`, until the block ends; its `port` is where to connect (0 takes a free one).

    With `is_modbus` it knows requests and can meet single units. `Transient` if it cannot listen.
    """
    chance = Chance(seed, f"link/{to[1]}").stream(0)
    link = Link(to, now_ms=now_ms, faults=faults, is_modbus=is_modbus, chance=chance)
    link.host, link.port = host, port
    await link.listen()
    watching = asyncio.create_task(link.watch(), name="simulator.link.watch")
    try:
        await link.act()
        yield link
    finally:
        watching.cancel()
        link.close()
        for connection in list(link.connections):
            connection.reset()
        for task in link.serving:
            task.cancel()
        await asyncio.gather(watching, *link.serving, return_exceptions=True)
