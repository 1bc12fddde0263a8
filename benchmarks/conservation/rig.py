"""Everything that takes part, each a process of its own, and the bad lines between them.

    agent → (wire) → link → narrow → mosquitto ← centre link ← collector → store door → influxd

All on loopback and free ports, in one folder; all ended by their pid when the block ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.conservation import said
from benchmarks.conservation.agent import Orders
from benchmarks.conservation.held import Held, held_in
from benchmarks.conservation.narrow import Narrow, narrow
from benchmarks.conservation.points import CHAMBER, FACE, MINE, POINTS
from benchmarks.conservation.store_door import StoreDoor, store_door
from benchmarks.conservation.stored import DATABASE
from benchmarks.conservation.truth import Truth
from benchmarks.conservation.wire import FAR, NEAR, Wire, wire
from simulators.link import Link, bad_link
from tests.servers import Server, free_port, influx_server, mosquitto_broker

START_S: Final = 60.0
STOP_S: Final = 20.0
WATCH_S: Final = 0.5
LINE_MAX: Final = 1 << 20
CENTRE: Final = f"""
[mqtt]
port = {{broker}}
keepalive_s = 3
retry_s = 0.5
[session]
reorder_ms = 500
rebirth_pause_ms = 1000
[limits]
values_waiting = {{waiting}}
[store]
kind = "influx"
url = "http://127.0.0.1:{{store}}"
database = "{DATABASE}"
[http]
port = {{http}}
[[mines]]
code = "{MINE}"
name = "示例一矿"
[[mines.faces]]
code = "{FACE}"
name = "示例采煤面"
kind = "mining_face"
[[mines.chambers]]
code = "{CHAMBER}"
name = "示例水泵房"
kind = "drainage_pump_room"
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is produced, and how much the outbox may hold."""

    period_ms: int
    outbox_kb: int
    inbox_max: int
    centre_values: int = 3_000
    """What may wait for the database; more is dropped, and only its missing commit tells the agent."""

    @property
    def inbox_s(self) -> float:
        """How long readings find a place in memory while the disk refuses."""
        return self.inbox_max / len(POINTS) * self.period_ms / 1000


@dataclass
class Rig:
    """The running parts; faults lay hands on them."""

    folder: Path
    size: Size
    broker: Server
    influx: Server
    link: Link
    narrow: Narrow
    centre_link: Link
    door: StoreDoor
    door_port: int
    wire: Wire | None
    ahead_ms: int
    truth: Truth = field(default_factory=lambda: Truth(len(POINTS)))
    agent: Process | None = None
    collector: Process | None = None
    hearing: asyncio.Task[None] | None = None
    started: list[Process] = field(default_factory=list)
    produces: bool = True

    def __post_init__(self) -> None:
        """Ports of the two that serve HTTP."""
        self.agent_at = (FAR if self.wire else "127.0.0.1", free_port())
        self.centre_port = free_port()
        self.token = secrets.token_hex(8)  # beyond loopback the agent tells of itself only to who has it
        known = {"Authorization": f"Bearer {self.token}"}
        self.client = httpx.AsyncClient(timeout=5.0, trust_env=False, headers=known)

    # The agent

    def control(self) -> None:
        """Tell the agent how wrong its computer's clock is, and whether to go on."""
        file = self.folder / "control.json"
        new = file.with_suffix(".new")
        new.write_text(json.dumps({"ahead_ms": self.ahead_ms, "produces": self.produces}))
        new.replace(file)

    async def start_agent(self) -> None:
        """Go on where the last one ended."""
        self.control()
        orders = Orders(
            folder=str(self.folder),
            control=str(self.folder / "control.json"),
            broker=(NEAR if self.wire else "127.0.0.1", self.link.port),
            health=self.agent_at,
            token=self.token,
            first=self.truth.rounds + 1,
            period_ms=self.size.period_ms,
            outbox_kb=self.size.outbox_kb,
            inbox_max=self.size.inbox_max,
        )
        file = self.folder / "orders.json"
        file.write_text(json.dumps(asdict(orders)))
        command = [sys.executable, "-m", "benchmarks.conservation.agent", str(file)]
        prefix = self.wire.prefix if self.wire else []
        rounds = self.truth.rounds
        with (self.folder / "agent.log").open("ab") as log:
            self.agent = await asyncio.create_subprocess_exec(
                *prefix, *command, stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=log, limit=LINE_MAX
            )
        self.started.append(self.agent)
        self.hearing = asyncio.create_task(self.hear(self.agent), name="rig.hear")
        if self.produces:
            await until(lambda: self.truth.rounds > rounds, "the agent begins", START_S)

    async def hear(self, agent: Process) -> None:
        """Keep the truth; the last line may be cut short."""
        assert agent.stdout is not None
        async for line in agent.stdout:
            if line.endswith(b"\n"):
                self.truth.hear(said.parse(line[:-1].decode()))

    async def kill_agent(self) -> None:
        """As a power cut ends it, but for what lies in the kernel's memory."""
        at_ms = await self.end_agent(signal.SIGKILL)
        self.truth.died(at_ms)

    async def stop_agent(self) -> None:
        """As an operator ends it: nothing may stay behind in memory."""
        await self.end_agent(signal.SIGTERM)

    async def end_agent(self, number: signal.Signals) -> int:
        """End it by this signal, and hear all that it told; gives when the signal went, in monotonic milliseconds."""
        agent, self.agent = self.agent, None
        assert agent is not None
        assert self.hearing is not None
        agent.send_signal(number)
        at_ms = time.monotonic_ns() // 1_000_000
        await self.gone(agent, "agent")
        await self.hearing
        return at_ms

    async def health(self) -> Any:  # noqa: ANN401  (JSON)
        """What the agent says of itself; nothing while it does not answer."""
        host, port = self.agent_at
        return await self.asked(f"http://{host}:{port}/healthz")

    def held(self) -> Held:
        """What the outbox holds, while no agent has it."""
        return held_in(self.folder / "outbox.sqlite")

    def take_outbox_away(self) -> None:
        """Somebody puts an empty disk in; the agent does not run."""
        for file in self.folder.glob("outbox.sqlite*"):
            file.unlink()

    # The collector

    async def start_collector(self) -> None:
        """The whole centre by the system's clock, but that nobody has to sign in."""
        config = self.folder / "gateway.toml"
        config.write_text(
            CENTRE.format(
                broker=self.centre_link.port,
                store=self.door_port,
                http=self.centre_port,
                waiting=self.size.centre_values,
            )
        )
        command = [sys.executable, "-m", "tests.centre_process", str(config), "0", "0", "1"]
        with (self.folder / "gateway.log").open("ab") as log:
            self.collector = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.started.append(self.collector)

    async def end_collector(self, number: signal.Signals) -> None:
        """End it by this signal."""
        collector, self.collector = self.collector, None
        assert collector is not None
        collector.send_signal(number)
        await self.gone(collector, "gateway")

    async def centre(self, path: str) -> Any:  # noqa: ANN401  (JSON)
        """An answer of the centre's API; nothing while it does not answer."""
        return await self.asked(f"http://127.0.0.1:{self.centre_port}{path}")

    async def asked(self, url: str) -> Any:  # noqa: ANN401  (JSON)
        """A JSON answer, whatever its status; nothing if there is none."""
        try:
            return (await self.client.get(url)).json()
        except (httpx.HTTPError, ValueError):
            return {}

    # Both

    async def gone(self, process: Process, name: str) -> None:
        """Wait until it has ended; `RuntimeError` if it does not."""
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError as error:
            process.kill()
            await process.wait()
            raise RuntimeError(f"it did not end: see {self.folder / name}.log") from error

    async def watch(self) -> None:
        """For ever; `RuntimeError` if one of them ends of its own."""
        while True:
            for name, process in (("agent", self.agent), ("gateway", self.collector)):
                if process is not None and process.returncode is not None:
                    log = self.folder / f"{name}.log"
                    raise RuntimeError(f"it ended of its own: see {log}")
            await asyncio.sleep(WATCH_S)

    @property
    def store_url(self) -> str:
        """The database itself, past the door."""
        return f"http://127.0.0.1:{self.influx.port}"


async def until(
    holds: Callable[[], object | Awaitable[object]], what: str, limit_s: float, poll_s: float = 0.05
) -> None:
    """Wait until something holds; `TimeoutError` says what did not."""
    deadline = time.monotonic() + limit_s
    while True:
        found = holds()
        if await found if isinstance(found, Awaitable) else found:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {limit_s:g} s still waiting: {what}")
        await asyncio.sleep(poll_s)


def now_ms() -> int:
    """The wall clock, for the links' timetables, which are not used here."""
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def rig(folder: Path, size: Size, *, ahead_ms: int, namespaces: bool) -> AsyncIterator[Rig]:
    """Everything up and running; ended when the block ends."""
    async with AsyncExitStack() as stack:
        laid = stack.enter_context(wire()) if namespaces else None
        broker = stack.enter_context(mosquitto_broker(folder))
        influx = stack.enter_context(influx_server(folder))
        centre_link = await stack.enter_async_context(bad_link(("127.0.0.1", broker.port), now_ms=now_ms))
        line, line_port = await stack.enter_async_context(narrow(("127.0.0.1", broker.port)))
        host = NEAR if laid else "127.0.0.1"
        link = await stack.enter_async_context(bad_link(("127.0.0.1", line_port), now_ms=now_ms, host=host))
        door, door_port = await stack.enter_async_context(store_door(("127.0.0.1", influx.port)))
        made = Rig(folder, size, broker, influx, link, line, centre_link, door, door_port, laid, ahead_ms)
        stack.push_async_callback(ended, made)
        await made.start_collector()
        await made.start_agent()
        yield made


async def ended(made: Rig) -> None:
    """Whatever still runs."""
    await made.client.aclose()
    for process in made.started:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
                process.kill()
            await process.wait()
    if made.hearing is not None:
        await made.hearing
