"""The MQTT client of one connection: an attempt that is given up leaves nothing behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import aiomqtt
import pytest

from edge_agent.uplink.mqtt_client import Client
from tests.stack import LIMIT_S


class Mute:
    """A server that takes connections and says nothing."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()
        self.gone = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it goes."""
        self.taken.set()
        await reader.read()
        writer.close()
        self.gone.set()


async def connect(port: int) -> None:
    """Enter the client; there is no answer."""
    async with Client("127.0.0.1", port, timeout=60):
        raise AssertionError("nobody has answered")


async def test_an_attempt_cancelled_before_the_answer_ends_its_connection() -> None:
    mute = Mute()
    async with await asyncio.start_server(mute.serve, "127.0.0.1", 0) as server:
        attempt = asyncio.create_task(connect(server.sockets[0].getsockname()[1]))
        await asyncio.wait_for(mute.taken.wait(), LIMIT_S)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        await asyncio.wait_for(mute.gone.wait(), LIMIT_S)


async def test_so_does_one_cancelled_while_its_thread_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread cannot be ended; what it opens later is closed."""
    mute, dialling, go_on = Mute(), threading.Event(), threading.Event()
    plain: Callable[[aiomqtt.Client], None] = aiomqtt.Client._client_connect

    def slow(self: aiomqtt.Client) -> None:
        dialling.set()
        go_on.wait(LIMIT_S)
        plain(self)

    monkeypatch.setattr(aiomqtt.Client, "_client_connect", slow)
    async with await asyncio.start_server(mute.serve, "127.0.0.1", 0) as server:
        attempt = asyncio.create_task(connect(server.sockets[0].getsockname()[1]))
        await asyncio.to_thread(dialling.wait, LIMIT_S)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        go_on.set()
        await asyncio.wait_for(mute.gone.wait(), LIMIT_S)
