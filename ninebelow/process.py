"""How a long-running command runs: its log, its event loop, and an orderly stop at SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from contract.errors import NinebelowError

Result = TypeVar("Result")


def log_to_stderr(level: int = logging.INFO) -> None:
    """One line per event; transitions are logged, not states."""
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    for chatty in ("asyncua", "pymodbus", "pymodbus_internal", "amqtt", "transitions", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end, on uvloop where it is available."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        try:
            return runner.run(main)
        except BaseExceptionGroup as group:
            mistakes, others = group.split(NinebelowError)
            if mistakes is None or others is not None:
                raise
            raise first_of(mistakes) from None


def first_of(group: BaseExceptionGroup[NinebelowError]) -> NinebelowError:
    """The first error of a group, however deep it lies."""
    error = group.exceptions[0]
    return first_of(error) if isinstance(error, BaseExceptionGroup) else error


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, or `None` for asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def stop_event() -> asyncio.Event:
    """Set at the first SIGINT or SIGTERM, or when the terminal is closed."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def until_stopped(
    main: Awaitable[object], stop: asyncio.Event, ask_to_stop: Callable[[], object]
) -> None:
    """Await `main`; when `stop` is set, ask it to end and await that. Tells systemd when it is up and when it goes."""
    running = asyncio.ensure_future(main)
    waiting = asyncio.ensure_future(stop.wait())
    notify("READY=1")
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            notify("STOPPING=1")
            ask_to_stop()
        await running
    except asyncio.CancelledError:
        if not running.cancelled():
            raise
    finally:
        waiting.cancel()


def notify(state: str) -> None:
    """Tell systemd, where it asked to be told (sd_notify(3)); text is UTF-8."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
