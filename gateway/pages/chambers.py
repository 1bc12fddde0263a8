"""A chamber's course: what it was from when to when, who came, and what kept it from standing alone.

Judged from stored rows in a thread, with what the record of the day before tells of the time before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from gateway.historian.historian import Historian
from gateway.live.chambers import ChamberTracker, local_date
from gateway.live.record_views import chamber_record
from gateway.live.stored_rows import StoredRows
from gateway.live.trackers import MineTrackers, Trackers
from gateway.live.views import View, micros
from rules.chambers.obstacles import passages
from rules.chambers.presence import NOTHING_EARLIER, Earlier, Visit
from rules.chambers.records import Day, days_between
from rules.chambers.rule import Signal
from rules.chambers.state import Course, course
from rules.series import HOUR_US, MINUTE_US, Samples

DAYS_MAX: Final = 31
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChamberPages:
    """What the pages of chambers ask."""

    trackers: Trackers
    historian: Historian
    now_ms: Callable[[], int]

    def find(self, mine: str, chamber: str) -> tuple[MineTrackers, ChamberTracker] | None:
        """A chamber and its mine; `None` where there is none of that code."""
        known = self.trackers.mines.get(mine)
        found = known.chambers.get(chamber) if known else None
        return (known, found) if known and found else None

    def records(self, chamber: ChamberTracker) -> View:
        """Its recorded days, the level that they make, and what is declared."""
        now_us = self.now_ms() * 1000
        rule = chamber.rule
        return chamber_record(chamber, now_us) | {
            "now": micros(now_us),
            "name": chamber.title,
            "kind": chamber.chamber.kind.value,
            "figures": {
                "patrol_max_min": rule.patrol_max_us / MINUTE_US,
                "patrol_people_max": rule.patrol_people_max,
                "patrol_interval_h": rule.patrol_interval_us / HOUR_US,
                "reentry_min": rule.reentry_us / MINUTE_US,
                "level_share": float(rule.level_share),
                "window_days": rule.window_days,
                "days_min": rule.days_min,
            },
        }

    async def timeline(self, mine: MineTrackers, chamber: ChamberTracker, first: date, days: int) -> View:
        """Its states and visits from the begin of a day on, up to now at most; raises `HistorianUnavailable`."""
        now_us = self.now_ms() * 1000
        span = days_between(first, first + days * A_DAY, chamber.zone)
        judged, _ = await self.judged(mine, chamber, span, now_us)
        from_us, to_us = span[0].from_us, span[-1].to_us
        return {
            "now": micros(now_us),
            "days": [[day.on.isoformat(), micros(day.from_us), micros(day.to_us)] for day in span],
            "states": [
                [micros(max(begin_us, from_us)), micros(min(end_us, to_us)), state.value]
                for begin_us, end_us, state in judged.stretches()
                if begin_us < to_us and end_us > from_us
            ],
            "visits": visits_view(judged, from_us, to_us),
        }

    async def day(self, mine: MineTrackers, chamber: ChamberTracker, on: date) -> View:
        """One day, stretch by stretch, each with what stood in the way; raises `HistorianUnavailable`."""
        now_us = self.now_ms() * 1000
        days = days_between(on, on + A_DAY, chamber.zone)
        judged, signals = await self.judged(mine, chamber, days, now_us)
        recorded = chamber.book.days.get(on)
        is_today = on == local_date(now_us, chamber.zone)
        running = chamber.so_far(now_us) if is_today else None
        return {
            "now": micros(now_us),
            "day": on.isoformat(),
            "record": recorded.record.as_json() | {"revision": recorded.revision}
            if recorded
            else running.as_json() | {"revision": None}
            if running
            else None,
            "passages": await asyncio.to_thread(passages_view, judged, signals, chamber, days),
            "visits": visits_view(judged, days[0].from_us, days[-1].to_us),
        }

    async def judged(
        self, mine: MineTrackers, chamber: ChamberTracker, days: tuple[Day, ...], now_us: int
    ) -> tuple[Course, Mapping[Signal, Samples]]:
        """Its course over some days as the stored rows tell it, and these rows."""
        past = ChamberTracker(chamber.chamber, chamber.title, chamber.rule, chamber.zone, chamber.declared)
        before = chamber.book.before(days[0])
        earlier: Earlier = before.earlier if before else NOTHING_EARLIER
        until_us = min(now_us, days[-1].to_us + chamber.reach_us)
        rows = StoredRows(self.historian, mine.mine.code, chamber.chamber.name)
        await rows.chamber(past, days[0].from_us // 1000, until_us // 1000 + 1, earlier)
        signals = {signal: series.samples() for signal, series in past.signals.items()}
        judged = await asyncio.to_thread(
            course, chamber.chamber, signals, chamber.rule, now_us=until_us + 1, earlier=earlier
        )
        return judged, signals


def passages_view(
    judged: Course, signals: Mapping[Signal, Samples], chamber: ChamberTracker, days: tuple[Day, ...]
) -> list[View]:
    """The stretches of a day with one state and the same obstacles."""
    from_us, to_us = days[0].from_us, days[-1].to_us
    return [
        {
            "from": micros(max(passage.from_us, from_us)),
            "to": micros(min(passage.to_us, to_us)),
            "state": passage.state.value,
            "obstacles": [obstacle.value for obstacle in passage.obstacles],
        }
        for passage in passages(judged, signals, chamber.rule)
        if passage.from_us < to_us and passage.to_us > from_us
    ]


def visits_view(judged: Course, from_us: int, to_us: int) -> list[View]:
    """Visits that touch a time."""
    return [
        {"from": micros(visit.begin_us), "to": micros(visit.end_us), "kind": kind_of(visit)}
        for visit in judged.presence.visits
        if visit.begin_us < to_us and visit.end_us >= from_us
    ]


def kind_of(visit: Visit) -> str:
    """A patrol by a robot or by people, or another visit: a post or a re-entry."""
    if visit.robot:
        return "robot"
    return "patrol" if visit.patrol else "other"
