"""`ninebelow demo`: a virtual mine, its agent, a broker, the centre and the console, in one process."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ninebelow import words
from ninebelow.broker import Choice, embedded_broker
from ninebelow.clock import Clock
from ninebelow.demo_names import GATEWAY, MINE
from ninebelow.durations import instant_of, seconds_of
from ninebelow.process import log_to_stderr, stop_event
from ninebelow.process import run as run_loop

if TYPE_CHECKING:
    from edge_agent.app import EdgeAgent
    from gateway.app import Gateway
    from simulators.app import VirtualMine

DRAIN_S: Final = 10.0
SPEED_MAX: Final = 60.0
FIRST_POLL_S: Final = 0.02


@dataclass(slots=True)
class Options:
    """What the command line asks for."""

    for_s: float | None
    as_json: bool
    speed: float
    start_ms: int | None
    port: int
    seed: int
    broker: Choice
    mqtt_url: str | None
    influx_url: str | None
    say: Callable[[str], None] = field(default=print)


@dataclass(slots=True)
class Demo:
    """The running parts."""

    agent: EdgeAgent
    gateway: Gateway
    mine: VirtualMine
    broker: str
    store: str
    console: str
    first_stored_s: float | None = None


def demo(  # noqa: PLR0917  (options of a command line)
    for_: Annotated[
        str | None, typer.Option("--for", help="运行多久后退出，如 30s、5m / run so long, then end")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="结束时输出一个 JSON / print one JSON object last")
    ] = False,
    speed: Annotated[float, typer.Option(help="时间倍率 / how fast time runs", min=1.0, max=SPEED_MAX)] = 1.0,
    start: Annotated[
        str | None, typer.Option(help="虚拟时钟的起点 / when the virtual clock begins: 2022-10-31T08:00")
    ] = None,
    port: Annotated[
        int, typer.Option(help="控制台端口，0 自选 / the console's port, 0 picks one", min=0, max=65535)
    ] = 8080,
    seed: Annotated[int, typer.Option(help="虚拟煤矿的种子 / seed of the virtual mine")] = 1,
    broker: Annotated[
        Choice, typer.Option(help="自带的 MQTT 代理 / the broker that the demo brings along")
    ] = Choice.AUTO,
    mqtt_url: Annotated[
        str | None, typer.Option(help="已有的 MQTT 代理 / a broker that exists: mqtt://host:1883")
    ] = None,
    influx_url: Annotated[
        str | None, typer.Option(help="已有的 InfluxDB / one that exists: http://host:8086/database")
    ] = None,
) -> None:
    """虚拟煤矿到大屏，一条命令 / from a simulated mine to a wall screen, in one command."""
    say = (
        (lambda text: print(text, file=sys.stderr, flush=True))
        if as_json
        else (lambda text: print(text, flush=True))
    )
    options = Options(
        for_s=seconds_of(for_, "--for") if for_ else None,
        as_json=as_json,
        speed=speed,
        start_ms=instant_of(start, "--start") if start else None,
        port=port,
        seed=seed,
        broker=broker,
        mqtt_url=mqtt_url,
        influx_url=influx_url,
        say=say,
    )
    log_to_stderr(logging.WARNING)
    outcome = run_loop(run(options))
    if as_json:
        print(json.dumps(outcome, ensure_ascii=False))
    if options.for_s is not None and not outcome["ran"]:
        raise typer.Exit(3)


async def run(options: Options) -> dict[str, object]:
    """Start everything, wait for the end, stop in order; gives the account."""
    started = asyncio.get_running_loop().time()
    stop = stop_event()
    options.say(words.DEMO_STARTING)
    async with assembled(options) as parts, asyncio.TaskGroup() as tasks:
        centre = tasks.create_task(parts.gateway.run(), name="demo.gateway")
        agent = tasks.create_task(parts.agent.run(), name="demo.agent")
        watch = tasks.create_task(first_stored(parts, started, options), name="demo.first_stored")
        options.say(said(parts, options))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), options.for_s)
        options.say(words.DEMO_STOPPING)
        watch.cancel()
        seen = json.loads(parts.gateway.overview(MINE))  # the stop itself makes everything stale
        parts.agent.stop()
        await asyncio.wait([agent])
        outcome = account(parts, options, seen)
        centre.cancel()
    options.say(words.DEMO_STOPPED.format(**outcome["readings"]))  # type: ignore[arg-type]  # a dict by construction
    return outcome


@asynccontextmanager
async def assembled(options: Options) -> AsyncIterator[Demo]:
    """All parts, built and not yet running; the servers they need are running."""
    from dashboards.web import ASSETS
    from edge_agent.app import EdgeAgent
    from gateway.access.loopback import OpenAccess
    from gateway.app import Gateway, bound, historian_of
    from gateway.config import EmbeddedStore, Http
    from gateway.registry.demo import fill
    from gateway.registry.opening import plan_desk
    from ninebelow import demo_mine
    from ninebelow.ports import free_port
    from simulators.app import virtual_mine

    clock = Clock(options.speed, options.start_ms)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(bound(Http(port=options.port or free_port())))
        port = listener.getsockname()[1]
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ninebelow-demo-")))
        if options.mqtt_url:
            broker = demo_mine.BrokerAddress.of_url(options.mqtt_url)
            broker_name = f"mqtt://{broker.host}:{broker.port}"
        else:
            own = await stack.enter_async_context(embedded_broker(options.broker))
            broker = demo_mine.BrokerAddress("127.0.0.1", own.port, own.version)
            broker_name = f"mqtt://127.0.0.1:{own.port} ({own.name})"
        store = (
            demo_mine.influx_of_url(options.influx_url)
            if options.influx_url
            else EmbeddedStore(path=folder / "historian.duckdb")
        )
        config = demo_mine.gateway_config(folder, broker, store, port)
        historian = await stack.enter_async_context(historian_of(store))
        plan = await stack.enter_async_context(plan_desk(config))
        if plan.registry is not None:
            await fill(plan.registry)
        mine = await stack.enter_async_context(virtual_mine(now_ms=clock.now_ms, seed=options.seed))
        gateway = Gateway(
            config,
            historian,
            plan,
            listener,
            access=OpenAccess(),
            now_ms=clock.now_ms,
            rate=options.speed,
            assets=ASSETS,
        )
        agent = EdgeAgent(
            demo_mine.edge_config(folder, broker, mine.modbus_port, mine.opcua_url),
            demo_mine.points(options.speed),
            clock.now_ms,
            clock.monotonic_ms,
            Random(options.seed),  # noqa: S311  (jitter)
        )
        store_name = (
            "DuckDB (embedded)" if isinstance(store, EmbeddedStore) else f"{store.url}/{store.database}"
        )
        yield Demo(agent, gateway, mine, broker_name, store_name, f"http://127.0.0.1:{port}")


def said(parts: Demo, options: Options) -> str:
    """What runs and where to look."""
    return words.DEMO_RUNNING.format(
        console=parts.console,
        modbus=f"127.0.0.1:{parts.mine.modbus_port}",
        opcua=parts.mine.opcua_url,
        broker=parts.broker,
        store=parts.store,
        speed=options.speed,
    )


async def first_stored(parts: Demo, started: float, options: Options) -> None:
    """Note when the first reading was in the store."""
    while not parts.gateway.writer.health.stored:  # noqa: ASYNC110  (a counter has no event)
        await asyncio.sleep(FIRST_POLL_S)
    parts.first_stored_s = asyncio.get_running_loop().time() - started
    options.say(words.DEMO_FIRST.format(seconds=parts.first_stored_s))


def account(parts: Demo, options: Options, seen: dict[str, Any]) -> dict[str, object]:
    """The outcome of the run (definitions.md §4: lost = produced − stored − still in the outbox)."""
    produced = parts.agent.journal.health.produced
    kept = parts.agent.outbox.readings
    stored = sum(
        node.readings_stored for key, node in parts.gateway.session.nodes.items() if key == (MINE, GATEWAY)
    )
    refused = parts.gateway.writer.health.rejected
    stored -= min(stored, refused)
    lost = produced - stored - kept
    latency = parts.gateway.writer.health.latency_ms
    faces = [
        {key: face[key] for key in ("code", "name", "headcount", "limit", "state")} for face in seen["faces"]
    ]
    chambers = [{key: chamber[key] for key in ("code", "name", "state")} for chamber in seen["chambers"]]
    known = all(face["headcount"] is not None for face in faces)
    known = known and all(chamber["state"] != "unknown" for chamber in chambers)
    why_not = [
        reason
        for holds, reason in (
            (stored > 0, "no reading was stored"),
            (lost == 0, f"{lost} readings were lost"),
            (refused == 0, f"the historian refused {refused} points for good"),
            (known, "a face's headcount or a chamber's state is unknown"),
        )
        if not holds
    ]
    return {
        "ran": not why_not,
        "why_not": why_not,
        "readings": {"produced": produced, "stored": stored, "outbox": kept, "lost": lost},
        "latency_ms": {
            "p50": percentile(latency, 0.50, options.speed),
            "p99": percentile(latency, 0.99, options.speed),
        },
        "first_stored_s": None if parts.first_stored_s is None else round(parts.first_stored_s, 2),
        "faces": faces,
        "chambers": chambers,
        "plan": plan_totals(),
        "broker": parts.broker,
        "historian": parts.store,
        "speed": options.speed,
        "demo": True,
    }


def percentile(latency_ms: Counter[int], share: float, rate: float) -> float | None:
    """The latency that this share of readings does not exceed, in real milliseconds."""
    wanted = share * latency_ms.total()
    seen = 0
    for milliseconds in sorted(latency_ms):
        seen += latency_ms[milliseconds]
        if seen >= wanted:
            return round(milliseconds / rate, 1)
    return None


def plan_totals() -> list[dict[str, object]]:
    """The totals of the plan's table."""
    from dataclasses import asdict

    from rules.plan.table import plan_table

    return [asdict(total) for total in plan_table().totals]
