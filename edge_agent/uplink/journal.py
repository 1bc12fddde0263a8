"""From sources to the outbox: readings wait in memory for one flush, then lie on disk, then may be sent.

The inbox is bounded: while the disk refuses (full, replaced), reading goes on, and above the bound the
newest readings are dropped and counted.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from contract.point import Point
from edge_agent.acquisition.reading import Reading
from edge_agent.acquisition.rising import rising
from edge_agent.uplink import encode
from edge_agent.uplink.devices import Devices
from edge_agent.uplink.disk import Disk
from edge_agent.uplink.draft import Batch, Draft
from edge_agent.uplink.outbox import Announced, Outbox
from edge_agent.uplink.session import Latest

log = logging.getLogger(__name__)

DISK_RETRY_S = 1.0


@dataclass(slots=True)
class JournalHealth:
    """What the journal counts of itself."""

    produced: int = 0
    """Readings that were to be reported."""
    written: int = 0
    """Readings on disk."""
    dropped: int = 0
    """Readings that found the inbox full."""
    disk_errors: int = 0


@dataclass(slots=True)
class Journal:
    """Writes readings to the outbox in batches, several times a second."""

    outbox: Outbox
    disk: Disk
    alias: Mapping[tuple[str, str], int]
    essential: Collection[int]
    """Tags that are given up last."""
    latest: dict[int, Latest]
    devices: Devices
    offer: Callable[[Sequence[Batch]], None]
    """Takes batches that are on disk; never blocks."""
    announce: Callable[[Sequence[Announced]], None]
    """Tells the centre what was given up."""
    now_ms: Callable[[], int]
    flush_ms: int
    inbox_max: int
    readings_per_batch_max: int
    with_type: bool
    floors: dict[int, int] = field(default_factory=dict)
    """Last times of tags, from before this start or of another source, that may still be ahead of what comes."""
    stopping: bool = False
    is_refused: bool = False
    """The disk would not take the last readings; they wait."""
    is_losing: bool = False
    """The last flush gave readings up."""
    inbox: list[Reading] = field(default_factory=list)
    unaccounted: int = 0
    """Readings dropped of which the outbox does not know yet."""
    health: JournalHealth = field(default_factory=JournalHealth)

    def take(self, readings: Sequence[Reading]) -> None:
        """Accept readings that are to be reported, as far as the inbox has room."""
        self.health.produced += len(readings)
        room = self.inbox_max - len(self.inbox)
        self.inbox.extend(readings[:room])
        self.drop(max(0, len(readings) - room))

    def drop(self, readings: int) -> None:
        """Count readings that find no place."""
        self.health.dropped += readings
        self.unaccounted += readings

    async def run(self) -> None:
        """Flush until told to stop, and once more then.

        Not to be cancelled in between: a batch could come to lie on the disk that nobody was offered.
        """
        while not self.stopping:
            await asyncio.sleep(self.flush_ms / 1000)
            if not await self.flush():
                await asyncio.sleep(DISK_RETRY_S)
        await self.flush()

    def stop(self) -> None:
        """Let `run` end; what is taken by then is written."""
        self.stopping = True

    async def flush(self) -> bool:
        """Write what waits; false if the disk refused, then it waits on."""
        if not self.inbox and not self.unaccounted:
            return True
        taken, self.inbox = self.inbox, []
        if self.floors:
            taken = [self.after_floor(reading) for reading in taken]
        drafts = list(
            encode.drafts(
                taken, self.alias_of, readings_max=self.readings_per_batch_max, with_type=self.with_type
            )
        )
        dropped, self.unaccounted = self.unaccounted, 0
        try:
            batches, lost, left = await self.disk.run(self.store, drafts, dropped, self.ahead_of_us(taken))
        except sqlite3.Error as error:
            self.unaccounted += dropped
            self.refused(taken, error)
            return False
        self.is_refused = False
        self.unaccounted += left
        for reading in taken:
            self.remember(reading)
        self.health.written += len(taken)
        if lost and not self.is_losing:
            log.warning("readings are given up: %s", lost[-1].loss)
        self.is_losing = bool(lost)
        if lost:
            self.announce(lost)
        self.offer(batches)
        return True

    def remember(self, reading: Reading) -> None:
        """The newest value of a metric, for births; and whether its device can be read."""
        alias = self.alias_of(reading.point)
        before = self.latest.get(alias)
        if before is None or before.quality is not reading.quality:
            self.devices.read(alias, reading.quality)
        self.latest[alias] = Latest(reading.value, reading.quality, reading.source_at_ms)

    def keep_order(self) -> None:
        """Sources are about to change, and with them what remembers the last time of each point."""
        now_ms = self.now_ms()
        self.floors |= {alias: one.at_ms for alias, one in self.latest.items() if one.at_ms > now_ms}

    def after_floor(self, reading: Reading) -> Reading:
        """A reading at a time that goes on from what was written of its tag before."""
        alias = self.alias_of(reading.point)
        floor_ms = self.floors.get(alias)
        if floor_ms is None:
            return reading
        at_ms = rising(reading.source_at_ms, reading.read_at_ms, floor_ms)
        if at_ms == reading.source_at_ms:
            del self.floors[alias]
            return reading
        self.floors[alias] = at_ms
        return reading._replace(source_at_ms=at_ms)

    def ahead_of_us(self, readings: Sequence[Reading]) -> dict[int, int]:
        """The last time of each tag whose source is ahead of our clock."""
        now_ms, ahead = self.now_ms(), dict[int, int]()
        for reading in readings:
            if reading.source_at_ms > now_ms:
                alias = self.alias_of(reading.point)
                ahead[alias] = max(reading.source_at_ms, ahead.get(alias, 0))
        return ahead

    def store(
        self, drafts: Sequence[Draft], dropped: int, ahead: Mapping[int, int]
    ) -> tuple[list[Batch], list[Announced], int]:
        """In the disk's thread: append, account for what was dropped, and keep to the limits.

        What is appended stays so if the rest fails; the third part of the answer is what is not accounted for then.
        """
        now_ms = self.now_ms()
        batches, lost = self.outbox.append(drafts, now_ms, ahead), list[Announced]()
        try:
            if dropped:
                lost.append(self.outbox.lose(dropped, now_ms))
                dropped = 0
            lost += self.outbox.trim(self.essential, now_ms)
        except sqlite3.Error:
            self.health.disk_errors += 1
        return batches, lost, dropped

    def refused(self, taken: list[Reading], error: sqlite3.Error) -> None:
        """Put the readings back to the front, drop what no longer fits, and say so once per trouble."""
        if not self.is_refused:
            log.error("outbox cannot be written (%s): free disk space; reading goes on in memory", error)
        self.is_refused = True
        self.health.disk_errors += 1
        waiting = taken + self.inbox
        self.inbox = waiting[: self.inbox_max]
        self.drop(max(0, len(waiting) - self.inbox_max))

    def alias_of(self, point: Point) -> int:
        """The tag's number."""
        return self.alias[point.key]
