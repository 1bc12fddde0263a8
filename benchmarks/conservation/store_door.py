"""The door to the database: an HTTP proxy that can refuse, keep silent, or lose the answer to what was stored.

Refusing is either for now, with a status of 500 and above, or for good: some lines of a write, the others are stored.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from benchmarks.conservation.refused import REASON, is_refused

LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
KEEP_ALIVE: Final = re.compile(rb"\r\nconnection: *keep-alive", re.IGNORECASE)
HEAD_MAX: Final = 65_536
CHUNK: Final = 65_536


class Manner(StrEnum):
    """What the door does with a request."""

    OPEN = "open"
    REFUSE = "refuse"
    """Answers `status`; the database hears nothing."""
    HANG = "hang"
    """Takes it and says nothing, until that is over; then the connection ends."""
    REJECT = "reject"
    """Some lines are of no use to the database (refused.py); it stores the others, and says so."""
    LOSE_ANSWERS = "lose_answers"
    """The database does what is asked; the connection ends without its answer."""


@dataclass(slots=True)
class StoreDoor:
    """The door; a new manner holds from the next request on."""

    to: tuple[str, int]
    manner: Manner = Manner.OPEN
    status: int = 503
    rejected: list[str] = field(default_factory=list)
    """Lines that were refused for good."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    def behave(self, manner: Manner, status: int = 503) -> None:
        """From now on."""
        self.manner, self.status = manner, status
        self.changed.set()
        self.changed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's requests."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        try:
            while request := await taken(reader):
                match self.manner:
                    case Manner.REFUSE:
                        writer.write(refusal(self.status))
                        await writer.drain()
                        continue
                    case Manner.HANG:
                        await self.changed.wait()
                    case Manner.REJECT if request.startswith(b"POST /write"):
                        await self.reject(request, writer)
                    case Manner.REJECT:
                        await self.answer(request, writer)
                    case Manner.LOSE_ANSWERS:
                        await self.answer(request, None)
                    case Manner.OPEN:
                        await self.answer(request, writer)
                return
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # cancelled at the end only; asyncio 3.11 would log that as an error
        finally:
            writer.close()
            self.serving.discard(task)

    async def reject(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        """Pass on what the database takes, and say how many lines it does not."""
        head, _, body = request.partition(b"\r\n\r\n")
        lines = body.decode().splitlines()
        refused = [line for line in lines if is_refused(line)]
        if not refused:
            await self.answer(request, writer)
            return
        rest = "\n".join(line for line in lines if not is_refused(line)).encode()
        if rest:
            await self.answer(
                LENGTH.sub(b"\r\nContent-Length: %d" % len(rest), head) + b"\r\n\r\n" + rest, None
            )
        self.rejected += refused
        writer.write(refusal(400, REASON.format(count=len(refused))))
        await writer.drain()

    async def answer(self, request: bytes, writer: asyncio.StreamWriter | None) -> None:
        """Ask the database, over a connection that it ends after its answer; pass that on, where to."""
        answers, onward = await asyncio.open_connection(*self.to)
        try:
            onward.write(request)
            await onward.drain()
            while data := await answers.read(CHUNK):
                if writer is not None:
                    writer.write(data)
                    await writer.drain()
        finally:
            onward.close()


async def taken(reader: asyncio.StreamReader) -> bytes:
    """A whole request, asking for the connection to end after the answer; empty when the client has gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return KEEP_ALIVE.sub(b"\r\nConnection: close", head) + body


def refusal(status: int, why: str = "timeout") -> bytes:
    """The database's own form of saying no."""
    body = b'{"error":"%s"}' % why.encode()
    return b"HTTP/1.1 %d No\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status, len(body), body,
    )  # fmt: skip


@asynccontextmanager
async def store_door(to: tuple[str, int]) -> AsyncIterator[tuple[StoreDoor, int]]:
    """A door before the database there, and its port."""
    door = StoreDoor(to)
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0, limit=HEAD_MAX)
    try:
        yield door, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in [*door.serving]:
            task.cancel()
        await asyncio.gather(*door.serving, return_exceptions=True)
