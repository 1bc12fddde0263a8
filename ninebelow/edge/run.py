"""`ninebelow edge run`: the agent until it is stopped; SIGHUP makes it read its config again."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import Misconfigured, Transient
from ninebelow.clock import Clock
from ninebelow.edge.options import Config
from ninebelow.process import log_to_stderr, stop_event, until_stopped
from ninebelow.process import run as run_loop

if TYPE_CHECKING:
    from edge_agent.app import EdgeAgent
    from edge_agent.config import EdgeConfig, Points

log = logging.getLogger(__name__)


def run(config: Config = Path("edge.toml")) -> None:
    """读设备、落盘、上报，直到停止；SIGHUP 重读配置 / read, keep and publish; SIGHUP reloads the config."""
    from edge_agent import config as edge_config

    settings, points = edge_config.load(config)
    log_to_stderr()
    run_loop(serve(config, settings, points))


async def serve(config: Path, settings: EdgeConfig, points: Points) -> None:
    """The agent until a signal comes."""
    from random import SystemRandom

    from edge_agent.app import EdgeAgent
    from edge_agent.steady_clock import SteadyClock

    system = Clock()
    clock = SteadyClock(system.now_ms, system.monotonic_ms)
    agent = EdgeAgent(settings, points, clock.now_ms, system.monotonic_ms, SystemRandom(), clock)
    stop, asked = stop_event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
    reloading = asyncio.create_task(reloads(agent, config, asked), name="edge.reload")
    try:
        await until_stopped(agent.run(), stop, agent.stop)
    finally:
        reloading.cancel()


async def reloads(agent: EdgeAgent, file: Path, asked: asyncio.Event) -> None:
    """Take the config as it stands in the file, each time it is asked for; a faulty one changes nothing."""
    from edge_agent import config as edge_config

    await agent.started.wait()
    while True:
        await asked.wait()
        asked.clear()
        try:
            changed = await agent.reload(*await asyncio.to_thread(edge_config.load, file))
        except Misconfigured as misconfigured:
            for fault in misconfigured.faults:
                log.warning("not reloaded: %s", fault)
        except Transient as transient:
            log.warning("not reloaded: %s", transient)
        else:
            log.info(
                "reloaded %s: %s", file, f"changed {', '.join(changed)}" if changed else "nothing changed"
            )
