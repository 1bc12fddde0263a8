"""`python -m tests.centre_process CONFIG START_MS MADE_MS RATE`: the centre as a process, by a clock that others share.

The clock showed START_MS when the system's showed MADE_MS, and runs RATE times as fast.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gateway import config as gateway_config
from gateway.access.loopback import OpenAccess
from gateway.app import Gateway, bound, historian_of
from gateway.registry.opening import plan_desk
from ninebelow.process import log_to_stderr, stop_event, until_stopped
from ninebelow.process import run as run_loop


def shared_clock(start_ms: int, made_ms: int, rate: float) -> Callable[[], int]:
    """The time now, in milliseconds."""
    return lambda: round(start_ms + (time.time() * 1000 - made_ms) * rate)


async def serve(config: Path, now_ms: Callable[[], int], rate: float) -> None:
    """The centre until a signal comes."""
    settings = gateway_config.load(config)
    async with plan_desk(settings) as plan:
        with bound(settings.http) as listener:
            async with historian_of(settings.store) as historian:
                gateway = Gateway(
                    settings, historian, plan, listener, access=OpenAccess(), now_ms=now_ms, rate=rate
                )
                main = asyncio.ensure_future(gateway.run())
                await until_stopped(main, stop_event(), main.cancel)


if __name__ == "__main__":
    log_to_stderr()
    file, start, made, speed = sys.argv[1:]
    run_loop(serve(Path(file), shared_clock(int(start), int(made), float(speed)), float(speed)))
