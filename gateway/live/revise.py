"""Judges shifts and days from the historian that late data came for and memory no longer holds.

One after the other, and never for more than a fifth of the time: a province's gateways that come back after days ask
for thousands. A historian that does not answer is asked again later; no job is lost by that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.historian.historian import Historian, HistorianUnavailable, Point
from gateway.live import chamber_facts, facts, revisions
from gateway.live.cards import settled_at
from gateway.live.chambers import ChamberTracker, day_told
from gateway.live.faces import FaceTracker
from gateway.live.late import Job
from gateway.live.shifts import revised
from gateway.live.stored_rows import StoredRows
from gateway.live.trackers import MineTrackers, Trackers
from rules.chambers.presence import NOTHING_EARLIER
from rules.chambers.records import days_between
from rules.series import Samples
from rules.shift_calendar import Shift

log = logging.getLogger(__name__)

IDLE_S: Final = 0.5
REST: Final = 4.0
"""So many times as long as a job took it rests before the next one."""
RETRY_S: Final = 5.0


@dataclass(slots=True)
class Reviser:
    """Works through `trackers.late`."""

    trackers: Trackers
    historian: Historian
    put_fact: Callable[[Point], object]
    now_ms: Callable[[], int]

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        is_refused = False
        while True:
            job = self.trackers.late.take(self.now_ms() * 1000)
            if job is None:
                await asyncio.sleep(IDLE_S)
                continue
            began_s = loop.time()
            try:
                await self.revise(job)
            except HistorianUnavailable as error:
                if not is_refused:
                    log.warning("late data cannot be judged yet: %s", error)
                is_refused = True
                self.trackers.late.ask(*job, self.now_ms() * 1000)
                await asyncio.sleep(RETRY_S)
            else:
                is_refused = False
                await asyncio.sleep(REST * (loop.time() - began_s))

    async def revise(self, job: Job) -> None:
        """Do a job, and note that it is done unless it was asked for again; raises `HistorianUnavailable`."""
        mine = self.trackers.mines[job.area[0]]
        if face := mine.faces.get(job.area[1]):
            await self.shifts(mine, face, job)
        elif chamber := mine.chambers.get(job.area[1]):
            await self.day(chamber, job)
        if not self.trackers.late.is_waiting(job):
            self.put_fact(facts.due(*job.area, job.at_us, is_due=False))

    # Faces

    async def shifts(self, mine: MineTrackers, face: FaceTracker, job: Job) -> None:
        """The shifts that begin then."""
        for shift in face.calendar.shifts_between(face.face.code, job.at_us, job.at_us + 1):
            now_us = self.now_ms() * 1000
            is_ours = shift.ends_us <= now_us and not face.is_kept(shift)
            if shift.starts_us == job.at_us and is_ours:
                await self.shift(mine, face, shift, job)

    async def shift(self, mine: MineTrackers, face: FaceTracker, shift: Shift, job: Job) -> None:
        """One shift, and the next one where visits go on into it."""
        now_us = self.now_ms() * 1000
        past = FaceTracker(face.face, face.face_rule, face.rule, face.calendar)
        until_us = shift.ends_us + face.rule.stale_after_us + 1000
        await StoredRows(self.historian, *job.area).face(past, shift.starts_us // 1000, until_us // 1000)
        if past.is_ours(shift):
            who = past.cards.presence(now_us) if past.has_cards else None
            record = past.record(shift, who, now_us)
            series = facts.shift_series(*job.area, shift.name)
            at_ms = shift.starts_us // 1000
            rows = await self.historian.read(series, facts.SHIFT_FIELDS, at_ms, at_ms + 1)
            before = facts.shift_record_of(shift, rows[0].fields, mine.zone) if rows else None
            if (changed := revised(before, record)) is not None:
                for point in revisions.points(job.area[0], changed, mine.zone, now_us):
                    self.put_fact(point)
        if past.visits_matter:
            self.go_on(face, shift, past.cards.series.samples(), job)

    def go_on(self, face: FaceTracker, shift: Shift, snapshots: Samples, job: Job) -> None:
        """Ask for the next shift where visits in it may hang on what touched this one."""
        touched_us = min(job.touched_us, shift.ends_us)
        first = int(snapshots.at_us.searchsorted(touched_us, side="right"))
        after = Samples(snapshots.at_us[first:], snapshots.value[first:])
        settled_us = settled_at(after, face.rule)
        if settled_us is not None and settled_us <= shift.ends_us:
            return
        now_us = self.now_ms() * 1000
        following = face.calendar.shifts_between(face.face.code, shift.ends_us, now_us)
        begins_us = [
            s.starts_us for s in following if shift.ends_us < s.ends_us <= now_us and not face.is_kept(s)
        ]
        for note in self.trackers.ask(job.area, begins_us[:1], touched_us, now_us):
            self.put_fact(note)

    # Chambers

    async def day(self, chamber: ChamberTracker, job: Job) -> None:
        """One day; where it changes what the next one begins with, that one too."""
        now_us = self.now_ms() * 1000
        chamber.look_around(now_us)
        assert chamber.yesterday is not None
        on = chamber.date_at(job.at_us)
        day, following = days_between(on, on + timedelta(days=2), chamber.zone)[:2]
        if day.to_us > chamber.yesterday.from_us:
            return  # the tracker judges it itself
        past = ChamberTracker(chamber.chamber, chamber.title, chamber.rule, chamber.zone, chamber.declared)
        before = chamber.book.before(day)
        span_ms = day.from_us // 1000, (day.to_us + chamber.reach_us) // 1000 + 1
        earlier = before.earlier if before else NOTHING_EARLIER
        await StoredRows(self.historian, *job.area).chamber(past, *span_ms, earlier)
        signals = {signal: series.samples() for signal, series in past.signals.items()}
        told = day_told(chamber.chamber, chamber.rule, signals, day, chamber.book.before(day), now_us=now_us)
        if told is None:
            return
        recorded = list(chamber.tell(told))
        for each in recorded:
            self.put_fact(chamber_facts.point_of(job.area[0], each))
        if not recorded:
            return
        if following.to_us <= chamber.yesterday.from_us:
            for note in self.trackers.ask(job.area, [following.from_us], now_us, now_us):
                self.put_fact(note)
        else:
            chamber.ask_again()
            self.trackers.dirty.add(job.area)
