"""The agent's composition root: sources → journal → outbox → uplink; with the clock given to it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from random import Random
from typing import Final

from contract import delivery
from contract.datatype import DataType
from contract.errors import Fault, Misconfigured, Transient
from contract.point import Point
from contract.vocabulary import equipment, quantities, roles
from edge_agent import http
from edge_agent.acquisition.reading import Reading
from edge_agent.acquisition.rising import FAR_MS
from edge_agent.config import EdgeConfig, Points, SourceConfig
from edge_agent.source_config.modbus import ModbusSource
from edge_agent.source_config.personnel import PersonnelSource
from edge_agent.sources import modbus, opcua, personnel_files
from edge_agent.sources.running import RunningSources, Wanted
from edge_agent.sources.source import Source
from edge_agent.steady_clock import SteadyClock
from edge_agent.uplink import encode
from edge_agent.uplink.backoff import Backoff
from edge_agent.uplink.devices import Devices
from edge_agent.uplink.disk import Disk
from edge_agent.uplink.journal import Journal
from edge_agent.uplink.lanes import NEVER_MS, Lanes
from edge_agent.uplink.mqtt import Uplink
from edge_agent.uplink.outbox import Extent, Limits, Outbox, Tag
from edge_agent.uplink.presumed import NOTICED_KEEPALIVES, Presumed
from edge_agent.uplink.primary_host import PrimaryHost
from edge_agent.uplink.session import Declared, EdgeSession, Latest

log = logging.getLogger(__name__)

Key = tuple[str, str]
"""Area and metric."""
MEGABYTE: Final = 1_000_000
HOUR_MS: Final = 3_600_000
CLOCK_LOOK_S: Final = 1.0
DRAIN_POLL_S: Final = 0.05
RANGE: Final = ("engLow", "engHigh")
"""Properties of a birth that say what the instrument is made for, as Sparkplug hosts know them."""


@dataclass(slots=True)
class EdgeAgent:
    """One gateway. `run` until `stop` is called; what was read by then is on disk, and sent if the centre is there."""

    config: EdgeConfig
    points: Points
    now_ms: Callable[[], int]
    monotonic_ms: Callable[[], int]
    random: Random
    clock: SteadyClock | None = None
    """What `now_ms` comes from, where it is to be looked after."""
    sources: RunningSources = field(init=False)
    journal: Journal = field(init=False)
    uplink: Uplink = field(init=False)
    outbox: Outbox = field(init=False)
    disk: Disk = field(init=False)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the sources are at work."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: asyncio.TaskGroup = field(init=False)
    lost_devices: Devices = field(default_factory=Devices)

    async def run(self) -> None:
        """Read, keep, publish."""
        settings = self.config.outbox
        async with Disk() as self.disk:
            path = settings.path
            limits = Limits(round(settings.size_max_mb * MEGABYTE), settings.age_max_h * HOUR_MS)
            self.outbox = await self.disk.run(Outbox, path, limits)
            try:
                if self.outbox.files_set_aside:
                    log.error(
                        "outbox %s could not be read: put aside beside it; a new one begins with %s readings of it",
                        path, self.outbox.readings_saved,
                    )  # fmt: skip
                self.resume_clock()
                await self.assemble()
                await self.work()
            finally:
                await self.disk.run(self.outbox.close)  # in its thread: it may still be at work for us

    def resume_clock(self) -> None:
        """Let time go on from where it was, if the computer's clock is behind that.

        A host that never commits never says what time it is: there a restart is what makes a clock believed.
        """
        if self.clock is None:
            return
        behind_ms = self.outbox.clock_ms - self.clock.now_ms()
        if self.config.delivery.mode == "committed" or behind_ms <= FAR_MS:
            self.clock.resume(self.outbox.clock_ms)

    async def assemble(self) -> None:
        """Build the parts around the open outbox."""
        alias = await self.numbered(self.points)
        devices, batch_alias = await self.declaration(alias)
        latest: dict[int, Latest] = {}
        self.lost_devices.declare(
            {device: [one.alias for one in metrics] for device, metrics in devices.items()}
        )
        with_type = self.config.node.data_datatype == "include"
        session = EdgeSession(
            group=self.config.node.mine,
            node=self.config.node.gateway,
            epoch=self.outbox.epoch,
            devices=devices,
            batch_alias=batch_alias,
            latest=latest,
            since_ms=self.now_ms(),
            with_type=with_type,
        )
        sending = self.config.delivery
        mqtt = self.config.mqtt
        hold_ms = round(NOTICED_KEEPALIVES * 1000 * mqtt.keepalive_s)
        commits = sending.mode == "committed"
        lanes = Lanes(
            # without commits nothing but the link's own silence tells that something has to go again
            window=sending.backfill_window if commits else sending.backfill_batches_per_s * hold_ms // 1000,
            rate_per_s=sending.backfill_batches_per_s,
            timeout_ms=round(sending.commit_timeout_s * 1000) if commits else NEVER_MS,
            timeout_max_ms=round(sending.resend_backoff_max_s * 1000) if commits else NEVER_MS,
            reached=(await self.kept()).following - 1,
        )
        self.uplink = Uplink(
            mqtt,
            session,
            lanes,
            self.lost_devices,
            PrimaryHost(mqtt.primary_host),
            None if commits else Presumed(hold_ms),
            self.outbox,
            self.disk,
            Backoff(mqtt.backoff_min_s, mqtt.backoff_max_s, self.random),
            self.now_ms,
            self.monotonic_ms,
            self.clock.heard if self.clock else lambda _: None,
        )
        self.journal = Journal(
            self.outbox,
            self.disk,
            alias,
            essential_of(self.points, alias),
            latest,
            self.lost_devices,
            self.uplink.offer,
            self.uplink.announce,
            self.now_ms,
            flush_ms=self.config.outbox.flush_ms,
            inbox_max=self.config.outbox.inbox_max,
            readings_per_batch_max=self.config.outbox.readings_per_batch_max,
            with_type=with_type,
            floors=await self.disk.run(self.outbox.ahead),
        )
        self.sources = RunningSources(
            self.source, self.emit, self.now_ms, label=f"edge[{self.config.node.gateway}]"
        )

    async def numbered(self, points: Points) -> dict[Key, int]:
        """The number of every tag; raises `Transient` where the outbox cannot take new ones."""
        try:
            return await self.disk.run(self.outbox.number, types_of(chain(*points.values())))
        except sqlite3.Error as error:
            raise Transient(f"outbox cannot be written ({error}): free disk space and try again") from error

    async def declaration(self, alias: dict[Key, int]) -> tuple[dict[str, list[Declared]], dict[str, int]]:
        """What each area's birth declares, and each area's number for batches."""
        devices = declared(chain(*self.points.values()), alias)
        batch_alias = {area: alias[area, delivery.BATCH] for area in devices}
        add_departed(devices, batch_alias, await self.disk.run(self.outbox.kept_tags))
        return devices, batch_alias

    def source(self, config: SourceConfig, points: Sequence[Point]) -> Source:
        """The adapter for one configured source."""
        if isinstance(config, ModbusSource):
            return modbus.of_config(config, points, now=self.now_ms, rng=self.random)
        if isinstance(config, PersonnelSource):
            return personnel_files.of_config(config, points, now=self.now_ms)
        return opcua.of_config(config, points, now=self.now_ms, rng=self.random)

    async def work(self) -> None:
        """Run the parts; at a stop: no more reading, the rest to disk, a while for commits, farewell."""
        async with asyncio.TaskGroup() as self.tasks:
            wanted = self.wanted()
            self.sources.begin(wanted, wanted, self.tasks)
            writing = self.tasks.create_task(self.journal.run(), name=f"{self.sources.label}.journal")
            sending = self.tasks.create_task(self.uplink.run(), name=f"{self.sources.label}.uplink")
            serving = self.served()
            looking = self.tasks.create_task(self.look_at_clock(), name=f"{self.sources.label}.clock")
            self.started.set()
            try:
                await self.stopping.wait()
            finally:
                await self.sources.end([*self.sources.running])
            self.journal.stop()
            await asyncio.wait([writing])
            await self.drained(self.config.delivery.drain_s)
            sending.cancel()
            looking.cancel()
            if serving:
                serving.cancel()

    async def look_at_clock(self) -> None:
        """Keep the steady clock steady; say once when the computer's has jumped, and once when that is over."""
        was_doubted = False
        while self.clock is not None:
            await asyncio.sleep(CLOCK_LOOK_S)
            self.clock.look()
            if self.clock.is_doubted != was_doubted:
                was_doubted = self.clock.is_doubted
                ahead_s = self.clock.wall_ahead_ms / 1000
                if was_doubted:
                    log.warning(
                        "this computer's clock has jumped by %+.1f s: readings keep steady time", ahead_s
                    )
                else:
                    log.info("this computer's clock and the time of readings agree again")

    def served(self) -> asyncio.Task[None] | None:
        """The task that serves health, where the config asks for it."""
        if self.config.http is None:
            return None
        return self.tasks.create_task(http.serve(self.config.http, self), name=f"{self.sources.label}.http")

    def wanted(self) -> dict[str, Wanted]:
        """The sources that the config has."""
        return {source.name: (source, self.points[source.name]) for source in self.config.sources}

    async def reload(self, config: EdgeConfig, points: Points) -> list[str]:
        """Read other sources from now on, without an interruption of those that stay; gives the changed ones.

        Raises `Misconfigured` where the config differs in more than its sources: that takes a restart; `Transient`
        where the outbox cannot take the new tags. Then nothing is changed.
        """
        restart = [
            name
            for name in EdgeConfig.model_fields
            if name != "sources" and getattr(config, name) != getattr(self.config, name)
        ]
        if restart:
            raise Misconfigured(
                Fault("config", None, f"[{name}] changed: that takes a restart; nothing was changed")
                for name in restart
            )
        alias = await self.numbered(points)
        self.config, self.points = config, points
        wanted = self.wanted()
        self.journal.keep_order()
        changed = await self.sources.end_others_than(wanted)
        # with the last of what they read: its tags are declared as long as it is kept
        await self.journal.flush()
        devices, batch_alias = await self.declaration(alias)
        add_departed(devices, batch_alias, waiting_tags(self.journal.inbox, self.journal.alias))
        self.journal.alias = {**self.journal.alias, **alias}
        self.journal.essential = {*self.journal.essential, *essential_of(points, alias)}
        self.lost_devices.declare(
            {device: [one.alias for one in metrics] for device, metrics in devices.items()}
        )
        self.uplink.redeclare(devices, batch_alias)
        if not self.stopping.is_set():  # else nobody would end them
            self.sources.begin(changed, wanted, self.tasks)
        return changed

    def emit(self, readings: Sequence[Reading]) -> None:
        """Where sources put what they have to report."""
        self.journal.take(readings)

    async def drained(self, limit_s: float) -> bool:
        """Wait until the centre has stored everything kept, at most so long; true if it has."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while (await self.kept()).readings:  # noqa: ASYNC110  (the outbox is a file, it has no event)
                    await asyncio.sleep(DRAIN_POLL_S)
                return True
        return False

    async def kept(self) -> Extent:
        """What the outbox holds."""
        return await self.disk.run(self.outbox.extent)

    def stop(self) -> None:
        """Begin the orderly stop."""
        self.stopping.set()


def types_of(points: Iterable[Point]) -> dict[tuple[str, str], DataType]:
    """Every tag and its type, each area's own batch metric included."""
    points = list(points)
    types = {point.key: encode.datatype_of(point) for point in points}
    return types | {(point.area, delivery.BATCH): DataType.INT64 for point in points}


def essential_of(points: Points, alias: Mapping[Key, int]) -> frozenset[int]:
    """The tags that the outbox gives up last."""
    return frozenset(
        alias[point.key] for table in points.values() for point in table if encode.is_essential(point)
    )


def declared(points: Iterable[Point], alias: dict[tuple[str, str], int]) -> dict[str, list[Declared]]:
    """What each area's birth declares."""
    areas: dict[str, list[Declared]] = {}
    for point in points:
        name = equipment.parse(point.metric)
        known = quantities.BY_WORD.get(name.quantity) if name else None
        properties: dict[str, str | float] = {"unit": known.unit} if known and known.unit else {}
        properties |= {
            name: limit
            for name, limit in zip(RANGE, (point.low, point.high), strict=True)
            if limit is not None
        }
        if role := roles.BY_METRIC.get(point.metric):
            properties["role"] = role.value
        areas.setdefault(point.area, []).append(
            Declared(point.metric, alias[point.key], encode.datatype_of(point), properties)
        )
    return areas


def waiting_tags(readings: Iterable[Reading], alias: Mapping[Key, int]) -> Iterator[Tag]:
    """The tags of readings that the disk has not taken yet."""
    for key, datatype in types_of(reading.point for reading in readings).items():
        yield Tag(alias[key], *key, datatype)


def add_departed(
    devices: dict[str, list[Declared]], batch_alias: dict[str, int], tags: Iterable[Tag]
) -> None:
    """Declare tags that left the config while readings of their area were still kept.

    A metric that no birth declares cannot be filled in any more, and a batch that is never sent would hold up
    the commit of all that follow.
    """
    known = {metric.alias for area in devices.values() for metric in area}
    for tag in tags:
        if tag.metric == delivery.BATCH:
            batch_alias.setdefault(tag.device, tag.number)
            devices.setdefault(tag.device, [])
        elif tag.number not in known:
            kept = Declared(tag.metric, tag.number, DataType(tag.datatype), {})
            devices.setdefault(tag.device, []).append(kept)
