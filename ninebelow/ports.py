"""Ports of this machine."""

from __future__ import annotations

import asyncio
import socket

from contract.errors import Transient

POLL_S = 0.05


def free_port() -> int:
    """A TCP port of loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def listening(port: int, timeout_s: float) -> None:
    """Return once something accepts connections on the port; raises `Transient` after the limit."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise Transient(f"nothing listens on port {port} after {timeout_s:g} s") from error
            await asyncio.sleep(POLL_S)
        else:
            writer.close()
            await writer.wait_closed()
            return
