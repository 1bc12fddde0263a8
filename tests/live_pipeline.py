"""The whole way: readings into a real agent, over a real broker, to a running centre and a screen that listens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from gateway.access.loopback import OpenAccess
from gateway.app import Gateway, bound
from gateway.config import GatewayConfig, Http
from gateway.historian.historian import Historian
from gateway.registry.desk import FixedSource, PlanDesk
from rules.plan.register import Register
from tests.servers import free_port
from tests.stack import MINE, now_ms, until

Json = dict[str, Any]
WAIT_S = 20.0
NO_PLAN = PlanDesk(FixedSource(Register(), demo=False))
ALWAYS = {"name": "班", "start": "00:00", "minutes": 1440, "kind": "production"}
CALENDAR = {"effective_on": date(2020, 1, 1), "shifts": [ALWAYS]}


@dataclass
class Screen:
    """An open live stream, and what it shows by now."""

    lines: AsyncIterator[str]
    areas: dict[str, Json] = field(default_factory=dict)
    """The newest of every face and chamber, by code."""
    alarms: Json = field(default_factory=dict)

    async def until(self, shows: Callable[[Screen], bool]) -> None:
        """Listen until it shows that."""
        async with asyncio.timeout(WAIT_S):
            while not shows(self):
                self.take(await anext(self.lines))

    def take(self, line: str) -> None:
        """One line of the stream."""
        if not line.startswith("data:"):
            return
        said: Json = json.loads(line.removeprefix("data:"))
        self.areas |= {area["code"]: area for area in (*said["faces"], *said["chambers"])}
        self.alarms = said.get("alarms", self.alarms)


def settings(broker_port: int, folder: Path, **more: Mapping[str, object]) -> Json:
    """A centre's config with a mine of one face and one chamber; `more` replaces whole sections."""
    mine = {
        "code": MINE,
        "name": "示例一矿",
        "calendar": [CALENDAR],
        "faces": [{"code": "F1", "name": "采煤面", "kind": "mining_face"}],
        "chambers": [{"code": "C1", "name": "水泵房", "kind": "drainage_pump_room"}],
    }
    return {
        "mqtt": {"port": broker_port, "retry_s": 0.1},
        "http": {"port": free_port()},
        "staffing": {"handover_min": 0},  # a test may run at any time of day
        "alarms": {"journal": folder / "alarms.sqlite"},
        "mines": [mine],
        **more,
    }


@asynccontextmanager
async def centre(config: Json, store: Historian) -> AsyncIterator[Gateway]:
    """A centre with this store and no plan, until the block ends."""
    checked = GatewayConfig.model_validate(config)
    with bound(Http(port=checked.http.port)) as listener:
        gateway = Gateway(checked, store, NO_PLAN, listener, access=OpenAccess(), now_ms=now_ms)
        task = asyncio.create_task(gateway.run())
        try:
            await until(gateway.collector.subscribed.is_set)
            yield gateway
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def screen(gateway: Gateway) -> AsyncIterator[Screen]:
    """A client of the live stream that has been sent the overview."""
    url = f"http://127.0.0.1:{gateway.config.http.port}/api/v1/live?mine={MINE}"
    async with httpx.AsyncClient(timeout=WAIT_S, trust_env=False) as http, http.stream("GET", url) as answer:
        shown = Screen(answer.aiter_lines())
        await shown.until(lambda one: bool(one.areas))
        yield shown


def middle(numbers: Sequence[int]) -> int:
    """The median, of an even count the higher one of the two."""
    return sorted(numbers)[len(numbers) // 2]
