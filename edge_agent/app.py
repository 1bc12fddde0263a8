"""The agent's composition root: sources → journal → outbox → uplink; with the clock given to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final

from contract import delivery
from contract.datatype import DataType
from contract.point_form import Point
from contract.vocabulary import equipment, quantities, roles
from edge_agent.acquisition.reading import Reading
from edge_agent.config import EdgeConfig, ModbusSource, Points, SourceConfig
from edge_agent.sources import modbus, opcua
from edge_agent.sources.source import Source
from edge_agent.uplink import encode
from edge_agent.uplink.backoff import Backoff
from edge_agent.uplink.disk import Disk
from edge_agent.uplink.journal import Journal
from edge_agent.uplink.lanes import Lanes
from edge_agent.uplink.mqtt import Uplink
from edge_agent.uplink.outbox import Extent, Outbox, Tag
from edge_agent.uplink.session import Declared, EdgeSession, Latest

log = logging.getLogger(__name__)

DRAIN_POLL_S: Final = 0.05


@dataclass(slots=True)
class EdgeAgent:
    """One gateway. `run` until `stop` is called; what was read by then is on disk, and sent if the centre is there."""

    config: EdgeConfig
    points: Points
    now_ms: Callable[[], int]
    monotonic_ms: Callable[[], int]
    random: Random
    sources: list[Source] = field(default_factory=list)
    journal: Journal = field(init=False)
    uplink: Uplink = field(init=False)
    outbox: Outbox = field(init=False)
    disk: Disk = field(init=False)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Read, keep, publish."""
        settings = self.config.outbox
        async with Disk() as self.disk:
            path = settings.path
            self.outbox = await self.disk.run(Outbox, path, batches_max=settings.batches_max)
            try:
                if self.outbox.files_set_aside:
                    log.error("outbox %s could not be read: put aside beside it, a new one begins", path)
                await self.assemble()
                await self.work()
            finally:
                await self.disk.run(self.outbox.close)  # in its thread: it may still be at work for us

    async def assemble(self) -> None:
        """Build the parts around the open outbox."""
        points = [point for table in self.points.values() for point in table]
        alias = await self.disk.run(self.outbox.number, types_of(points))
        devices = declared(points, alias)
        batch_alias = {area: alias[area, delivery.BATCH] for area in devices}
        add_departed(devices, batch_alias, await self.disk.run(self.outbox.kept_tags))
        latest: dict[int, Latest] = {}
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
        lanes = Lanes(
            window=sending.backfill_window,
            rate_per_s=sending.backfill_batches_per_s,
            timeout_ms=round(sending.commit_timeout_s * 1000),
            timeout_max_ms=round(sending.resend_backoff_max_s * 1000),
        )
        mqtt = self.config.mqtt
        self.uplink = Uplink(
            mqtt,
            session,
            lanes,
            self.outbox,
            self.disk,
            Backoff(mqtt.backoff_min_s, mqtt.backoff_max_s, self.random),
            self.now_ms,
            self.monotonic_ms,
        )
        self.journal = Journal(
            self.outbox,
            self.disk,
            alias,
            latest,
            self.uplink.offer,
            self.uplink.announce,
            flush_ms=self.config.outbox.flush_ms,
            inbox_max=self.config.outbox.inbox_max,
            readings_per_batch_max=self.config.outbox.readings_per_batch_max,
            with_type=with_type,
        )
        self.sources = [self.source(source) for source in self.config.sources]

    def source(self, config: SourceConfig) -> Source:
        """The adapter for one configured source."""
        points = self.points[config.name]
        if isinstance(config, ModbusSource):
            return modbus.ModbusSource(
                name=config.name,
                host=config.host,
                port=config.port,
                points=points,
                timeout_s=config.timeout_s,
                registers_max=config.registers_max,
                hole_max=config.hole_max,
                now=self.now_ms,
                rng=self.random,
            )
        return opcua.OpcUaSource(
            name=config.name,
            url=config.url,
            points=points,
            timeout_s=config.timeout_s,
            now=self.now_ms,
            rng=self.random,
        )

    async def work(self) -> None:
        """Run the parts; at a stop: no more reading, the rest to disk, a while for commits, farewell."""
        async with asyncio.TaskGroup() as tasks:
            reading = [
                tasks.create_task(
                    source.run(self.emit), name=f"edge[{self.config.node.gateway}].{source.name}"
                )
                for source in self.sources
            ]
            writing = tasks.create_task(self.journal.run(), name=f"edge[{self.config.node.gateway}].journal")
            sending = tasks.create_task(self.uplink.run(), name=f"edge[{self.config.node.gateway}].uplink")
            try:
                await self.stopping.wait()
            finally:
                for task in reading:
                    task.cancel()
            await asyncio.wait(reading)
            self.journal.stop()
            await asyncio.wait([writing])
            await self.drained(self.config.delivery.drain_s)
            sending.cancel()

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


def declared(points: Iterable[Point], alias: dict[tuple[str, str], int]) -> dict[str, list[Declared]]:
    """What each area's birth declares."""
    areas: dict[str, list[Declared]] = {}
    for point in points:
        name = equipment.parse(point.metric)
        known = quantities.BY_WORD.get(name.quantity) if name else None
        properties: dict[str, str | float] = {"unit": known.unit} if known and known.unit else {}
        if role := roles.BY_METRIC.get(point.metric):
            properties["role"] = role.value
        areas.setdefault(point.area, []).append(
            Declared(point.metric, alias[point.key], encode.datatype_of(point), properties)
        )
    return areas


def add_departed(
    devices: dict[str, list[Declared]], batch_alias: dict[str, int], tags: Iterable[Tag]
) -> None:
    """Declare tags that left the config while batches of their area were still kept.

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
