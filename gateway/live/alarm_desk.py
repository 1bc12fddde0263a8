"""The alarms' side of the world: keeps them current, writes their journal, tells people, answers the API.

Whatever a person did is on disk before it is answered. A disk that refuses is told as such; what was to be written
waits for the next try, the oldest transitions going first above `RECORDS_WAITING_MAX`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from gateway.config import GatewayConfig
from gateway.historian.historian import Point
from gateway.ingest.actions import Action
from gateway.ingest.node import Node, NodeKey
from gateway.live import alarm_views, facts
from gateway.live.alarm_file import AlarmFile, Entry, JournalUnavailable, Json
from gateway.live.alarms import Alarms
from gateway.live.maintenance import Window
from gateway.live.notices import is_told, notice_of
from gateway.live.notify import Notifier, Place
from gateway.live.trackers import AreaKey, Trackers
from gateway.live.views import View
from rules.alarms.alarm import Alarm, AlarmKey, Hold

log = logging.getLogger(__name__)

TICK_S: Final = 0.5
COMMIT_S: Final = 0.2
TRIM_S: Final = 3_600.0
RECORDS_AT_ONCE: Final = 500
"""A few milliseconds' worth."""
RECORDS_WAITING_MAX: Final = 100_000
SENT_WAITING_MAX: Final = 10_000
DAY_MS: Final = 86_400_000
HISTORY_ROWS_MAX: Final = 10_000
SENT_ROWS_MAX: Final = 1_000

Answer = TypeVar("Answer")


class AlarmDesk:
    """Alarms of a running centre. `open`, then `run` until cancelled, then `close`."""

    def __init__(
        self,
        config: GatewayConfig,
        trackers: Trackers,
        nodes: dict[NodeKey, Node],
        *,
        now_ms: Callable[[], int],
        rate: float,
        put_fact: Callable[[Point], None],
    ) -> None:
        self.config = config
        self.alarms = Alarms(config, trackers, nodes, rate)
        self.now_ms = now_ms
        self.put_fact = put_fact
        self.file = AlarmFile(config.alarms.journal)
        self.disk = ThreadPoolExecutor(1, "gateway.alarms")
        self.entry = Entry()
        self.known: set[NodeKey] = set()
        self.changed: set[str] = set()
        """Mines whose screens do not know yet; an empty code is all of them."""
        self.records_lost = 0
        self.is_writable = True
        self.notifier = Notifier(config.notify, now_ms, self.note_sent, places_of(config))
        self.committing = asyncio.Lock()

    # Its life

    async def open(self) -> None:
        """Get back what an earlier run left; raises `Misconfigured`."""
        now_ms = self.now_ms()
        kept = await self.on_disk(lambda: self.file.open(now_ms))
        self.known.update(kept.gateways)
        self.alarms.restore(kept.alarms, kept.windows, kept.gateways, now_ms * 1000)
        if kept.alarms:
            log.info("%s alarms are open from before", len(kept.alarms))

    async def run(self) -> None:
        """Keep current, write, send."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.keep_current(), name="gateway.alarms.tick")
            tasks.create_task(self.keep_written(), name="gateway.alarms.journal")
            tasks.create_task(self.trim(), name="gateway.alarms.trim")
            tasks.create_task(self.notifier.run(), name="gateway.alarms.notify")

    async def close(self) -> None:
        """Write what is left."""
        try:
            await self.commit()
        except JournalUnavailable as error:
            log.warning("the alarms' last changes are not on disk: %s", error)
        await self.on_disk(self.file.close)
        self.disk.shutdown(wait=False)

    async def keep_current(self) -> None:
        """What time does."""
        while True:
            await asyncio.sleep(TICK_S)
            for _ in self.alarms.tick(self.now_ms() * 1000):
                await asyncio.sleep(0)

    async def keep_written(self) -> None:
        """Transitions to the disk, the store, the screens and to people."""
        while True:
            await asyncio.sleep(COMMIT_S)
            try:
                await self.commit()
            except JournalUnavailable as error:
                if self.is_writable:
                    log.warning("alarms are not on disk: %s", error)
                self.is_writable = False
                await asyncio.sleep(TICK_S)
            else:
                self.is_writable = True

    async def trim(self) -> None:
        """Keep the journal within its bounds."""
        limits = self.config.alarms
        while True:
            before_ms = self.now_ms() - limits.history_days * DAY_MS
            records_max, sent_max = limits.history_records_max, self.config.notify.log_max
            await self.on_disk(lambda: self.file.trim(before_ms, records_max, sent_max))  # noqa: B023  (called at once)
            await asyncio.sleep(TRIM_S)

    # What comes in; never blocks

    def take(self, action: Action, now_ms: int) -> None:
        """What the session made of a message."""
        self.alarms.take(action, now_ms)

    def judged(self, area: AreaKey, now_us: int) -> None:
        """A face or chamber was judged."""
        self.alarms.judged(area, now_us)

    def servers(self, *, broker: bool, historian: bool, now_ms: int) -> None:
        """Whether the centre reaches its broker and its historian."""
        self.alarms.servers(broker=broker, historian=historian, now_us=now_ms * 1000)

    def summary(self, mine: str) -> View:
        """What a mine's screens show."""
        return self.alarms.summary(mine)

    def take_changed(self) -> set[str]:
        """Mines whose alarms changed since the last call."""
        changed, self.changed = self.changed, set()
        return set(self.alarms.names.mines) if "" in changed else changed

    # What goes out

    def gather(self) -> None:
        """What happened since the last call, to where it belongs."""
        board, names = self.alarms.board, self.alarms.names
        records = board.take_records(RECORDS_AT_ONCE)
        for record in records:
            key = record.alarm.key
            self.entry.alarms[key.id] = board.alarms.get(key, record.alarm)
            view = alarm_views.record_view(record, names.areas)
            self.entry.records.append((key.mine, record.at_us // 1000, dict(view)))
            self.put_fact(facts.alarm(record))
            self.changed.add(key.mine)
        told = (
            one for one in records if is_told(one, board.alarms.get(one.alarm.key, one.alarm), board.policy)
        )
        self.notifier.tell(notice_of(record, names) for record in told)
        self.entry.gateways += [key for key in self.alarms.gateways if key not in self.known]
        self.known.update(self.alarms.gateways)
        if (surplus := len(self.entry.records) - RECORDS_WAITING_MAX) > 0:
            del self.entry.records[:surplus]
            self.records_lost += surplus

    async def commit(self) -> None:
        """Everything that happened is on disk when it returns; raises `JournalUnavailable`."""
        async with self.committing:
            self.gather()
            while not self.entry.is_empty:
                await self.write()
                self.gather()

    async def write(self) -> None:
        """What is gathered."""
        entry, self.entry = self.entry, Entry()
        try:
            await self.on_disk(lambda: self.file.write(entry))
        except JournalUnavailable:
            self.put_back(entry)
            raise

    def put_back(self, entry: Entry) -> None:
        """What could not be written, before what came meanwhile."""
        later = self.entry
        self.entry = Entry(
            entry.alarms | later.alarms,
            entry.records + later.records,
            entry.windows + later.windows,
            entry.gateways + later.gateways,
            entry.sent + later.sent,
        )

    def note_sent(self, at_ms: int, mines: Sequence[str], view: Json) -> None:
        """A message was sent, or given up."""
        self.entry.sent.append((at_ms, mines, view))
        del self.entry.sent[:-SENT_WAITING_MAX]

    async def on_disk(self, work: Callable[[], Answer]) -> Answer:
        """Something that blocks, in the journal's own thread."""
        return await asyncio.get_running_loop().run_in_executor(self.disk, work)

    # What the API asks

    def mines(self) -> frozenset[str]:
        """Their codes."""
        return frozenset(self.alarms.names.mines)

    def areas(self, mine: str) -> frozenset[str]:
        """Codes of a mine's faces and chambers."""
        return frozenset(area for code, area in self.alarms.names.areas if code == mine)

    def shelf_max_min(self) -> float:
        """The longest that an alarm may be put aside, minutes."""
        return self.config.alarms.shelf_max_min

    def listed(self, mine: str) -> View:
        """Every open alarm of a mine."""
        return self.alarms.listed(mine, self.now_ms() * 1000)

    def find(self, mine: str, alarm_id: str) -> Alarm | None:
        """An open alarm."""
        return self.alarms.board.find(mine, alarm_id)

    async def acknowledge(self, key: AlarmKey, who: str, note: str) -> View:
        """Somebody has seen it."""
        self.alarms.board.acknowledge(key, who, note, self.now_ms() * 1000)
        return await self.after(key)

    async def shelve(self, key: AlarmKey, who: str, why: str, minutes: float) -> View:
        """Somebody puts it aside."""
        now_us = self.now_ms() * 1000
        until_us = now_us + round(minutes * 60_000_000)
        self.alarms.board.shelve(key, Hold(who, why, now_us, until_us))
        return await self.after(key)

    async def unshelve(self, key: AlarmKey, who: str) -> View:
        """Back before its time."""
        self.alarms.board.unshelve(key, who, self.now_ms() * 1000)
        return await self.after(key)

    async def take_out(self, key: AlarmKey, who: str, why: str) -> View:
        """Out of service."""
        self.alarms.board.take_out(key, Hold(who, why, self.now_ms() * 1000))
        return await self.after(key)

    async def put_back_in(self, key: AlarmKey, who: str) -> View:
        """In service again."""
        self.alarms.board.put_back(key, who, self.now_ms() * 1000)
        return await self.after(key)

    async def after(self, key: AlarmKey) -> View:
        """The alarm as it is now, once that is on disk."""
        alarm = self.alarms.board.alarms[key]
        await self.commit()
        return self.alarms.view(alarm, self.now_ms() * 1000)

    async def declare(self, window: Window) -> None:
        """A maintenance window."""
        self.alarms.maintenance.declare(window)
        self.entry.windows.append(window)
        await self.commit()

    async def history(self, mine: str, from_ms: int, to_ms: int) -> list[Json]:
        """Transitions of a mine, the newest first."""
        return await self.on_disk(lambda: self.file.history(mine, from_ms, to_ms, HISTORY_ROWS_MAX))

    async def messages(self, mine: str) -> list[Json]:
        """What was sent about a mine, the newest first."""
        return await self.on_disk(lambda: self.file.sent(mine, SENT_ROWS_MAX))

    def counters(self) -> dict[str, float]:
        """For the metrics."""
        board = self.alarms.board
        return {
            "alarms_open": sum(alarm.is_open for alarm in board.alarms.values()),
            "alarm_values_late": self.alarms.points.counts["late"],
            "alarms_folded": board.floods.folded,
            "alarm_records_lost": self.records_lost,
            **{
                f"alarm_messages_{name}": self.notifier.counts[name] for name in ("sent", "failed", "dropped")
            },
        }


def places_of(config: GatewayConfig) -> list[Place]:
    """Every place of every route; raises `ValueError` for a URL that leads nowhere, which the config check has told."""
    if not config.notify.routes:
        return []
    from gateway.live import apprise_sender  # noqa: PLC0415  (it brings a hundred plug-ins: only where messages are sent)

    senders = [(route, apprise_sender.sender(url)) for route in config.notify.routes for url in route.urls]
    return [Place(route, one.shown, one.send) for route, one in senders]
