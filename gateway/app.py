"""The centre's composition root: puts the parts together and runs them; with the clock given to it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI

from contract.errors import Fault, Misconfigured
from gateway import health
from gateway.access.guard import Access
from gateway.access.loopback import OpenAccess, loopback_only
from gateway.api import app as http
from gateway.api.center import Json
from gateway.config import EmbeddedStore, GatewayConfig, Http, Store
from gateway.health import GatewayMetrics
from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import Historian, HistorianUnavailable
from gateway.historian.influx import InfluxHistorian
from gateway.ingest.actions import Action, LinkChanged, Record
from gateway.ingest.host_session import HostSession
from gateway.ingest.mqtt import Collector
from gateway.ingest.node import smoothed
from gateway.ingest.router import route
from gateway.ingest.writer import Writer
from gateway.live import facts, views
from gateway.live.alarm_desk import AlarmDesk
from gateway.live.gap_watch import GapWatch
from gateway.live.gaps import GapLedger
from gateway.live.pulse import PULSE_S, pulse
from gateway.live.recall import Recall
from gateway.live.revise import Reviser
from gateway.live.screens import Screens
from gateway.live.stream import Hub
from gateway.live.trackers import Trackers
from gateway.pages.desk import PageDesk
from gateway.registry.desk import PlanDesk
from gateway.reports.desk import ReportDesk

log = logging.getLogger(__name__)

JUDGE_S: Final = 0.5
TICK_S: Final = 0.5
GAPS_S: Final = 1.0
POINTS_AT_ONCE: Final = 200
SLICE_S: Final = 0.005
"""The event loop is given back after so long."""
RECALL_RETRY_S: Final = 5.0
STOP_S: Final = 3


class Gateway:
    """The running centre, serving on `listener`.

    `rate` is how fast its clock runs beside real time: the demo may run faster.
    """

    def __init__(
        self,
        config: GatewayConfig,
        historian: Historian,
        plan: PlanDesk,
        listener: socket.socket,
        *,
        access: Access,
        now_ms: Callable[[], int],
        rate: float = 1.0,
        assets: Path | None = None,
    ) -> None:
        if isinstance(access, OpenAccess):
            loopback_only(listener)
        self.config = config
        self.historian = historian
        self.plan = plan
        self.listener = listener
        self.access = access
        self.now_ms = now_ms
        self.rate = rate
        self.assets = assets
        times, limits = config.session, config.limits
        self.session = HostSession(
            route,
            reorder_ms=round(times.reorder_ms * rate),
            reorder_max=limits.messages_out_of_order,
            nodes_max=limits.gateways,
            rebirth_pause_ms=round(times.rebirth_pause_ms * rate),
            rebirths_per_s=times.rebirths_per_s / rate,
        )
        self.trackers = Trackers.of(config, judge_every_us=round(5_000_000 * rate), is_recalled=False)
        self.writer = Writer(
            historian,
            self.stored,
            self.refused,
            now_ms,
            values_per_write_max=limits.values_per_write,
            values_waiting_max=limits.values_waiting,
            facts_max=limits.conclusions_waiting,
            live_age_ms=round(times.live_age_s * 1000 * rate),
            written=self.trackers.late.stored,
        )
        self.reviser = Reviser(self.trackers, historian, self.writer.put_fact, now_ms)
        self.collector = Collector(config.mqtt, self.session, self, now_ms)
        self.alarms = AlarmDesk(
            config, self.trackers, self.session.nodes, now_ms=now_ms, rate=rate, put_fact=self.writer.put_fact
        )
        self.screens = Screens(self.trackers, self.session.nodes, self.alarms, config.plan.demo, rate)
        self.gaps = GapWatch(self.session.nodes, GapLedger(limits.gaps_per_gateway))
        self.reports = ReportDesk(config, plan, historian, now_ms)
        self.pages = PageDesk.of(self.trackers, self.session.nodes, historian, now_ms)
        self.loop_lag_s = 0.0

    async def run(self) -> None:
        """Collect, store, judge, show; until cancelled. What is received by then is stored before it ends."""
        await self.alarms.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.alarms.run(), name="gateway.alarms")
                tasks.create_task(self.collector.run(), name="gateway.collector")
                tasks.create_task(self.writer.run(), name="gateway.writer")
                tasks.create_task(self.recall(), name="gateway.recall")
                tasks.create_task(self.judge(), name="gateway.judge")
                tasks.create_task(self.reviser.run(), name="gateway.reviser")
                tasks.create_task(self.show(), name="gateway.show")
                tasks.create_task(self.watch_gaps(), name="gateway.gaps")
                tasks.create_task(self.tell_pulse(), name="gateway.pulse")
                tasks.create_task(self.watch_loop(), name="gateway.loop_lag")
                tasks.create_task(self.serve(), name="gateway.http")
        finally:
            self.screens.close()
            await self.alarms.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await self.writer.flush()

    # What the collector hands over

    def take(self, actions: Sequence[Action], now_ms: int) -> None:
        """Records to the judgement and to the store; changes of links become facts."""
        for action in actions:
            self.gaps.take(action, now_ms)
            self.alarms.take(action, now_ms)
            match action:
                case Record():
                    for note in self.trackers.take(action, now_ms * 1000):
                        self.writer.put_fact(note)
                    if not self.writer.put(action):
                        self.trackers.late.stored(action)
                case LinkChanged(key, online):
                    log.info(
                        "gateway %s of mine %s is %s", key.node, key.group, "online" if online else "offline"
                    )
                    self.writer.put_fact(facts.link(key.group, key.node, now_ms, online=online))

    def stored(self, record: Record) -> bool:
        """A numbered record is in the store: it counts for the commit, and tells how long the way is."""
        assert record.batch is not None
        node = self.session.nodes[record.key]
        age_ms = (self.now_ms() - max((sample.at_ms for sample in record.samples), default=0)) / self.rate
        if age_ms < self.config.session.live_age_s * 1000:
            node.latency_ms = smoothed(node.latency_ms, age_ms)
        is_new = self.session.stored(record.key, record.epoch or "", record.batch, len(record.samples))
        self.gaps.stored(record.key)
        return is_new

    def refused(self, record: Record, readings: int) -> bool:
        """The store refuses so many readings of a numbered record for good: no more is to be expected of its batch."""
        assert record.batch is not None
        kept = len(record.samples) - readings
        is_new = self.session.refused(record.key, record.epoch or "", record.batch, kept)
        if is_new:
            self.gaps.refused(record, readings)
        self.gaps.stored(record.key)
        return is_new

    # Tasks

    async def recall(self) -> None:
        """Get the trackers' past back, as soon as the historian answers; live data does not wait for it."""
        while True:
            try:
                rows = await Recall(self.trackers, self.historian, self.writer.put_fact).all(self.now_ms())
            except HistorianUnavailable as error:
                if self.writer.health.available:
                    log.warning("the past cannot be read yet: %s", error)
                self.writer.health.available = False
                await asyncio.sleep(RECALL_RETRY_S)
            else:
                self.writer.health.available = True
                log.info("recalled %s rows", rows)
                self.trackers.dirty.update(self.trackers.areas())
                return

    async def judge(self) -> None:
        """Judge what changed, giving the event loop back every few milliseconds."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(JUDGE_S)
            now_us = self.now_ms() * 1000
            slice_ends = loop.time() + SLICE_S
            for area in self.trackers.due(now_us):
                for point in self.trackers.judge(area, now_us):
                    self.writer.put_fact(point)
                self.alarms.judged(area, now_us)
                if loop.time() > slice_ends:
                    await asyncio.sleep(0)
                    slice_ends = loop.time() + SLICE_S

    async def show(self) -> None:
        """Tell the screens, twice a second."""
        while True:
            await asyncio.sleep(TICK_S)
            self.screens.tick(self.now_ms())

    async def watch_gaps(self) -> None:
        """Keep the gap ledger, and store what changed in it."""
        while True:
            await asyncio.sleep(GAPS_S)
            now_ms = self.now_ms()
            broker, historian = self.collector.health.connected, self.writer.health.available
            self.gaps.servers(broker=broker, historian=historian, now_ms=now_ms)
            self.alarms.servers(broker=broker, historian=historian, now_ms=now_ms)
            for _ in self.gaps.look(now_ms):
                await asyncio.sleep(0)
            for gap in self.gaps.ledger.take_changed():
                self.writer.put_fact(facts.gap(gap))

    async def tell_pulse(self) -> None:
        """Write what is so now, for those who read the store alone; not while it refuses: facts must not make way."""
        while True:
            await asyncio.sleep(PULSE_S / self.rate)
            if not self.writer.health.available:
                continue
            nodes = [*self.session.nodes.values()]
            points = pulse(self.trackers, nodes, health.figures(self.own_metrics()), self.now_ms())
            for place, point in enumerate(points):
                self.writer.put_fact(point)
                if place % POINTS_AT_ONCE == POINTS_AT_ONCE - 1:
                    await asyncio.sleep(0)

    async def watch_loop(self) -> None:
        """How late the event loop wakes a sleeper: slowly falling maximum, a metric."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.1)
            self.loop_lag_s = max(loop.time() - before - 0.1, self.loop_lag_s * 0.99)

    def application(self) -> FastAPI:
        """What is served."""
        return http.create(
            self,
            self.assets,
            access=self.access,
            alarms=self.alarms,
            pages=self.pages,
            plan=self.plan,
            reports=self.reports,
        )

    async def serve(self) -> None:
        """The HTTP side."""
        server = Server(
            uvicorn.Config(
                self.application(),
                log_level="warning",
                lifespan="off",
                timeout_graceful_shutdown=STOP_S,
                access_log=False,
                ssl_certfile=self.config.http.certificate,
                ssl_keyfile=self.config.http.key,
            )
        )
        try:
            await server.serve(sockets=[self.listener])
        finally:
            self.screens.close()
            server.should_exit = True
            for listening in server.servers if server.started else ():
                listening.close()  # uvicorn, cancelled, leaves its sockets with the event loop

    # What the API asks

    def mines(self) -> Sequence[Json]:
        """Code and name of every mine."""
        return [{"code": mine.code, "name": mine.name} for mine in self.config.mines]

    def hub(self, mine: str) -> Hub | None:
        """The live stream of a mine."""
        return self.screens.hubs.get(mine)

    def overview(self, mine: str) -> str:
        """Everything a wall shows of a mine."""
        return self.screens.overview(mine, self.now_ms())

    def gaps_of(self, mine: str) -> Sequence[Json]:
        """What is missing of a mine, the newest first."""
        keys = [key for key in self.session.nodes if key.group == mine]
        return [views.gap_view(gap) for gap in self.gaps.ledger.of(keys)]

    def today(self) -> date:
        """The date in China: the plan's days are of that zone (definitions.md §3)."""
        return datetime.fromtimestamp(self.now_ms() / 1000, UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()

    def health(self) -> Json:
        """Broker and historian."""
        broker, store = self.collector.health.connected, self.writer.health.available
        return {"ok": broker and store, "broker": broker, "historian": store}

    def metrics(self) -> bytes:
        """Prometheus text."""
        return health.exposition(self.own_metrics())

    def own_metrics(self) -> GatewayMetrics:
        """What the parts count."""
        gauges = {
            "event_loop_lag_seconds": self.loop_lag_s,
            "values_waiting": self.writer.waiting,
            "screens": sum(len(hub.screens) for hub in self.screens.hubs.values()),
            **self.alarms.counters(),
            **self.access.counters(),
        }
        return GatewayMetrics(
            collector=self.collector.health, writer=self.writer.health, session=self.session, gauges=gauges
        )


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the process's root decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


@contextmanager
def bound(config: Http) -> Iterator[socket.socket]:
    """The listening socket; raises `Misconfigured` where the port is taken."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((config.host, config.port))
        except OSError as error:
            taken = f"cannot serve on {config.host}:{config.port} ({error.strerror})"
            what = f"{taken}: choose another port (http.port, or --port of the demo)"
            raise Misconfigured([Fault("config", None, what)]) from error
        yield listener


def historian_of(store: Store) -> AbstractAsyncContextManager[Historian]:
    """The store that the config names, to be opened."""
    if isinstance(store, EmbeddedStore):
        return EmbeddedHistorian(store.path, memory_limit=store.memory_limit, threads=store.threads)
    return InfluxHistorian(
        store.url,
        database=store.database,
        username=store.username or "",
        password=store.password,
        token=store.token,
        org=store.org or "",
    )
