"""The demo's MQTT broker on loopback: mosquitto where it is installed, else the embedded amqtt."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

from contract.errors import Fault, Misconfigured
from ninebelow.ports import free_port, listening

START_S: Final = 10.0
STOP_S: Final = 5.0
SBIN: Final = "/usr/sbin"  # where Debian puts mosquitto, and where a user's PATH does not lead


class Choice(StrEnum):
    """Which broker the demo brings along."""

    AUTO = "auto"
    MOSQUITTO = "mosquitto"
    AMQTT = "amqtt"


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker. amqtt speaks 3.1.1 only."""

    name: Literal["mosquitto", "amqtt"]
    port: int
    version: Literal["3.1.1", "5"]


def mosquitto_path() -> str | None:
    """Where mosquitto is, if it is."""
    return shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), SBIN]))


@asynccontextmanager
async def embedded_broker(choice: Choice) -> AsyncIterator[Broker]:
    """The chosen one, or the better of the two that can run here; raises `Misconfigured`."""
    mosquitto = mosquitto_path() if choice is not Choice.AMQTT else None
    if choice is Choice.MOSQUITTO and mosquitto is None:
        raise Misconfigured(
            [Fault("--broker", None, "mosquitto is not installed: apt-get install mosquitto")]
        )
    start = mosquitto_process(mosquitto) if mosquitto else amqtt_broker()
    async with start as broker:
        yield broker


@asynccontextmanager
async def mosquitto_process(path: str) -> AsyncIterator[Broker]:
    """A child process without persistence, reachable from this machine only."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="ninebelow-mosquitto-") as folder:
        config = Path(folder, "mosquitto.conf")
        config.write_text(  # noqa: ASYNC240  (a few bytes before anything runs)
            f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type error\n"
            "max_queued_messages 100000\n"
        )
        process = await asyncio.create_subprocess_exec(
            path, "-c", str(config), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            preexec_fn=os.setpgrp,  # a Ctrl-C in the terminal ends us first, then we end it
        )  # fmt: skip
        try:
            await listening(port, START_S)
            yield Broker("mosquitto", port, "5")
        finally:
            await ended(process)


async def ended(process: asyncio.subprocess.Process) -> None:
    """Stop a child of ours, by force if it does not listen."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


@asynccontextmanager
async def amqtt_broker() -> AsyncIterator[Broker]:
    """The embedded one, in this process: fit for a demo, not for more."""
    from amqtt.broker import Broker as Amqtt

    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.ERROR)
    port = free_port()
    broker = Amqtt(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}", "max_connections": 100}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    try:
        yield Broker("amqtt", port, "3.1.1")
    finally:
        await broker.shutdown()
