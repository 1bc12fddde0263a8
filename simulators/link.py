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
class Way:
    """One direction of a connection: what is said comes to `writer` when it is due."""

    writer: asyncio.StreamWriter
    held: list[tuple[float, int, bytes]] = field(default_factory=list)
    """What is late, by when it is due."""
    taken: int = 0
    stream_due: float = 0.0
    is_dead: bool = False
    """Nothing passes any more."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self, said: Iterable[Said], delay_s: float) -> None:
        """Keep it until it is due; `delay_s` is that of the whole stream."""
        self.stream_due = max(self.stream_due, asyncio.get_running_loop().time() + delay_s)
        for late_s, data in said:
            self.taken += 1
            heapq.heappush(self.held, (self.stream_due + late_s, self.taken, data))
        self.changed.set()

    async def deliver(self) -> None:
        """What is due, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            if not self.held or self.held[0][0] > loop.time():
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        self.change(), self.held[0][0] - loop.time() if self.held else None
                    )
                continue
            _, _, data = heapq.heappop(self.held)
            if not self.is_dead:
                self.writer.write(data)
                await self.writer.drain()
            self.changed.set()

    async def has_room(self, most: int) -> None:
        """Return when at most so many chunks are held."""
        while len(self.held) > most:
            await self.change()

    async def change(self) -> None:
        """Return when something was taken or delivered."""
        self.changed.clear()
        await self.changed.wait()


@dataclass(eq=False, slots=True)
class Connection:
    """One client's connection and the one to the machine that it stands for."""

    link: Link
    to_client: Way
    to_machine: Way
    talk: ModbusTalk | None
    dead: bool = False
    """Nothing passes any more, though both sides are open."""

    async def hear(self, reader: asyncio.StreamReader) -> None:
        """From the client to the machine, until the client ends and all is delivered."""
        while data := await reader.read(CHUNK):
            faults, answered = self.link.holding(), b""
            if self.talk and not self.dead:
                data, answered = self.talk.asked(data, faults)
            if answered:
                self.tell_client([Said(0.0, answered)])
            self.to_machine.hold([Said(0.0, data)], delay_s_of(faults, WireKind.REQUEST_DELAY))
            await self.to_machine.has_room(HELD_MAX)
        await self.to_machine.has_room(0)

    async def tell(self, reader: asyncio.StreamReader) -> None:
        """From the machine to the client, until the machine ends and all is delivered."""
        while data := await reader.read(CHUNK):
            self.tell_client(self.talk.answered(data) if self.talk else [Said(0.0, data)])
            await self.to_client.has_room(HELD_MAX)
        await self.to_client.has_room(0)

    def tell_client(self, said: Iterable[Said]) -> None:
        """Keep what is for the client until it is due, spoiled as the faults ask for."""
        faults = self.link.holding()
        spoilt = [Said(late_s, spoiled(data, faults, self.link.chance)) for late_s, data in said]
        self.to_client.hold(spoilt, delay_s_of(faults))

    def die(self) -> None:
        """Nothing passes from now on."""
        self.dead = self.to_client.is_dead = self.to_machine.is_dead = True

    def reset(self) -> None:
        """End it without a word, as a machine that restarts."""
        for way in (self.to_client, self.to_machine):
            raw = way.writer.get_extra_info("socket")
            with suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            way.writer.transport.abort()


class Link:
    """A listener in front of a machine. `faults` are its timetable; `inject` and `heal` bring and end others."""

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
        self.injected: tuple[Trouble, ...] = ()
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
        faults = (*self.faults, *self.injected)
        return holding(faults, self.now_ms()) if faults else ()

    async def inject(self, *faults: Trouble) -> None:
        """Add faults; those that hold now act before this returns."""
        self.injected += faults
        await self.act()

    async def heal(self, *faults: Trouble) -> None:
        """Take these injected faults away, or all where none is named; dead connections stay dead."""
        gone = {id(fault) for fault in faults or self.injected}
        self.injected = tuple(fault for fault in self.injected if id(fault) not in gone)
        await self.act()

    @asynccontextmanager
    async def trouble(self, *faults: Trouble) -> AsyncIterator[None]:
        """These faults while the block lasts; others that there are meanwhile stay."""
        await self.inject(*faults)
        try:
            yield
        finally:
            await self.heal(*faults)

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
                connection.die()
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
        connection = Connection(self, Way(writer), Way(machine), ModbusTalk() if self.is_modbus else None)
        if any(fault.kind is WireKind.HALF_OPEN for fault in self.holding()):
            connection.die()
        self.connections.add(connection)
        ways = [connection.hear(reader), connection.tell(answers)]
        deliveries = [connection.to_client.deliver(), connection.to_machine.deliver()]
        carrying = [asyncio.create_task(part, name="simulator.link") for part in (*ways, *deliveries)]
        try:
            await asyncio.wait(carrying, return_when=asyncio.FIRST_COMPLETED)
            if connection.dead:  # its other side hears nothing of that end
                await asyncio.wait(carrying[: len(ways)])
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
