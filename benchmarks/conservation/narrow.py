"""A narrow, long or dead stretch of line: a TCP proxy that lets bytes through slowly, both ways, or not at all.

A blackout loses nothing and tells nobody: like a radio link that is away for a while, it holds bytes and ends back
until it is over, so that each side has only its own keep-alive to go by.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

CHUNK: Final = 4_096


@dataclass(slots=True)
class Narrow:
    """The stretch; its properties hold at once for all connections."""

    to: tuple[str, int]
    delay_s: float = 0.0
    bytes_per_s: float = 0.0
    """0 is no limit."""
    open: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared in a blackout."""
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        try:
            await self.open.wait()
            answers, onward = await asyncio.open_connection(*self.to)
            ways = [
                asyncio.create_task(self.carry(reader, onward), name="narrow.out"),
                asyncio.create_task(self.carry(answers, writer), name="narrow.in"),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                onward.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass  # cancelled at the end only; asyncio 3.11 would log that as an error
        finally:
            writer.transport.abort()
            self.serving.discard(task)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One way."""
        try:
            while data := await reader.read(CHUNK):
                await self.pass_through(len(data))
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        await self.open.wait()

    async def pass_through(self, size: int) -> None:
        """As long as so many bytes take."""
        took_s = self.delay_s + (size / self.bytes_per_s if self.bytes_per_s else 0.0)
        if took_s:
            await asyncio.sleep(took_s)
        await self.open.wait()


@asynccontextmanager
async def narrow(to: tuple[str, int]) -> AsyncIterator[tuple[Narrow, int]]:
    """A stretch to there, and the port at its near end."""
    line = Narrow(to)
    line.open.set()
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    try:
        yield line, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in [*line.serving]:
            task.cancel()
        await asyncio.gather(*line.serving, return_exceptions=True)
