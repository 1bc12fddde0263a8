"""From sources to the outbox: readings wait in memory for one flush, then lie on disk, then may be sent.

The inbox is bounded: while the disk refuses (full, replaced), reading goes on, and above the bound the
newest readings are dropped and counted.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contract.delivery import Dropped
from contract.point import Point
from edge_agent.acquisition.reading import Reading
from edge_agent.uplink import encode
from edge_agent.uplink.disk import Disk
from edge_agent.uplink.outbox import Batch, Draft, Outbox
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
    latest: dict[int, Latest]
    offer: Callable[[Sequence[Batch]], None]
    """Takes batches that are on disk; never blocks."""
    announce: Callable[[Dropped], None]
    flush_ms: int
    inbox_max: int
    readings_per_batch_max: int
    with_type: bool
    stopping: bool = False
    is_refused: bool = False
    """The disk would not take the last readings; they wait."""
    inbox: list[Reading] = field(default_factory=list)
    health: JournalHealth = field(default_factory=JournalHealth)

    def take(self, readings: Sequence[Reading]) -> None:
        """Accept readings that are to be reported, as far as the inbox has room."""
        self.health.produced += len(readings)
        room = self.inbox_max - len(self.inbox)
        self.inbox.extend(readings[:room])
        self.health.dropped += max(0, len(readings) - room)

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
        if not self.inbox:
            return True
        taken, self.inbox = self.inbox, []
        drafts = list(
            encode.drafts(
                taken, self.alias_of, readings_max=self.readings_per_batch_max, with_type=self.with_type
            )
        )
        try:
            batches, dropped = await self.disk.run(self.store, drafts)
        except sqlite3.Error as error:
            self.refused(taken, error)
            return False
        self.is_refused = False
        for reading in taken:
            self.latest[self.alias_of(reading.point)] = Latest(
                reading.value, reading.quality, reading.source_at_ms
            )
        self.health.written += len(taken)
        if dropped is not None:
            log.warning("outbox over its limit: gave up batches %s to %s", dropped.first, dropped.last)
            self.announce(dropped)
        self.offer(batches)
        return True

    def store(self, drafts: Sequence[Draft]) -> tuple[list[Batch], Dropped | None]:
        """In the disk's thread: append, then keep the size limit; what is appended stays so if that fails."""
        batches = self.outbox.append(drafts)
        try:
            return batches, self.outbox.trim()
        except sqlite3.Error:
            self.health.disk_errors += 1
            return batches, None

    def refused(self, taken: list[Reading], error: sqlite3.Error) -> None:
        """Put the readings back to the front, drop what no longer fits, and say so once per trouble."""
        if not self.is_refused:
            log.error("outbox cannot be written (%s): free disk space; reading goes on in memory", error)
        self.is_refused = True
        self.health.disk_errors += 1
        waiting = taken + self.inbox
        self.inbox = waiting[: self.inbox_max]
        self.health.dropped += max(0, len(waiting) - self.inbox_max)

    def alias_of(self, point: Point) -> int:
        """The tag's number."""
        return self.alias[point.key]
