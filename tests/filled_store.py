"""A real InfluxDB filled by the real pipeline: virtual mine, agent, broker, centre; nothing in it is written by a test.

The mine's clock runs sixty times as fast, over a midnight: shifts end, a day of the chambers ends. Too many people come
to a face, methane rises, a sensor dies, the positioning system does not answer for a while; last the gateway goes away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pytest

import simulators.app
from ninebelow.broker import Choice
from ninebelow.demo import Options, assembled
from simulators import scenario_form
from tests.deployed import ask

SPEED: Final = 60.0
START_MS: Final = 1_795_618_500_000
"""2026-11-25 22:55 in China: before the handover at midnight, in which nothing is judged."""
LIMIT_S: Final = 240.0
GRAFANA: Final = ("grafana", "g")
SCENARIO: Final = """
title = "许多事 / many things"
about = "在二十分钟里 / in twenty minutes"
[expected]
says = "看板有数据 / there is something to see"

[[visit]]
place = "F14031"
people = 8
post = "检修工"
at = "start + 2m"
for = "25m"

[[sensor]]
area = "F14031"
metric = "Gas 1/Methane"
kind = "rises"
by = 1.2
over = "2m"
at = "start + 3m"
for = "20m"

[[sensor]]
area = "C-PUMP"
metric = "Pump 1/Flow"
kind = "dead"
at = "start + 4m"
for = "10m"

[[fault]]
kind = "exception"
unit = 4
code = 6
at = "start + 40m"
for = "10m"
"""
WANTED: Final = (
    ("shift_record", ""),
    ("chamber_day", ""),
    ("chamber_level", ""),
    ("face_staffing", "WHERE \"state_text\" = 'over'"),
    ("alarm", ""),
)
"""When the store has these, everything that takes time has happened."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The database, and the time that it tells of."""

    url: str
    from_ms: int
    alive_ms: int
    """When everything still ran."""
    to_ms: int

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The series that answer an InfluxQL query, by the account that Grafana has."""
        return ask(self.url, query, GRAFANA)


def filled(url: str) -> Filled:
    """Run it all until everything has been there once; the InfluxDB is that of `tests.deployed`."""
    return asyncio.run(fill(url))


async def fill(url: str) -> Filled:
    """The same, as a task: the demo's own parts, with more going on at its mine."""
    options = Options(
        for_s=None,
        as_json=False,
        speed=SPEED,
        start_ms=START_MS,
        port=0,
        seed=1,
        broker=Choice.MOSQUITTO,
        mqtt_url=None,
        influx_url=url.replace("http://", "http://ninebelow:n@") + "/ninebelow",
        say=lambda _text: None,
    )
    scenario = scenario_form.load(SCENARIO, "scenario").starting(START_MS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulators.app, "virtual_mine", partial(simulators.app.virtual_mine, scenario=scenario))
        async with assembled(options) as parts:
            async with running(parts.gateway.run(), None), running(parts.agent.run(), parts.agent.stop):
                await until(lambda: all(has(url, *wanted) for wanted in WANTED))
                alive_ms = parts.gateway.now_ms()
                parts.agent.stop()
                await until(lambda: has(url, "gateway_now", 'WHERE "online" = 0') and has(url, "gap"))
            return Filled(url, START_MS, alive_ms, parts.gateway.now_ms())


@asynccontextmanager
async def running(part: Coroutine[Any, Any, None], stop: Callable[[], None] | None) -> AsyncIterator[None]:
    """A part as a task; stopped in order, or cancelled, at the end."""
    task = asyncio.create_task(part)
    try:
        yield
    finally:
        (stop or task.cancel)()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds; fails when it does not in time."""
    deadline = time.monotonic() + LIMIT_S
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "still not so"
        await asyncio.sleep(0.5)


def has(url: str, measurement: str, where: str = "") -> bool:
    """Is a row of that kind there?"""
    return bool(ask(url, f'SELECT * FROM "{measurement}" {where} LIMIT 1', GRAFANA))


def columns(series: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    """Every column over all series but time: the values that are there."""
    found: dict[str, list[Any]] = {}
    for one in series:
        for name, column in zip(one["columns"], zip(*one["values"], strict=True), strict=True):
            found.setdefault(name, []).extend(value for value in column if value is not None)
    found.pop("time", None)
    return found
