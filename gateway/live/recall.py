"""After a start the trackers get back from the historian what they knew, and what had been told and asked for.

Rows come back as they were taken, unknown stretches and marks of our own too; shift records, days and levels with
their revisions, so that nothing is recorded twice; and the notes of what still has to be judged again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.historian.historian import FieldValue, Historian, Point
from gateway.live import chamber_facts, facts
from gateway.live.chambers import ChamberTracker
from gateway.live.days import A_DAY, LATE_DAYS
from gateway.live.faces import KEPT_US, LATE_US, FaceTracker
from gateway.live.stored_rows import StoredRows
from gateway.live.trackers import AreaKey, MineTrackers, Trackers
from rules.chambers.records import days_between
from rules.series import LONG_US
from rules.time_text import DAY_US

DAY_MS: Final = DAY_US // 1000


@dataclass(slots=True)
class Recall:
    """What is read, for whom, and where notes for the store go."""

    trackers: Trackers
    historian: Historian
    put_fact: Callable[[Point], object]

    async def all(self, now_ms: int) -> int:
        """Every tracker that was not recalled yet; gives the number of rows.

        Raises `HistorianUnavailable` with the trackers partly recalled: call it again, rows are idempotent.
        """
        rows = 0
        for code, mine in self.trackers.mines.items():
            for name, face in mine.faces.items():
                if not face.is_recalled:
                    rows += await self.face(mine, (code, name), face, now_ms)
            for name, chamber in mine.chambers.items():
                if not chamber.is_recalled:
                    rows += await self.chamber((code, name), chamber, now_ms)
        return rows

    async def face(self, mine: MineTrackers, area: AreaKey, face: FaceTracker, now_ms: int) -> int:
        """A face: its rows, its records, its state."""
        rows = await StoredRows(self.historian, *area).face(face, now_ms - KEPT_US // 1000, now_ms + DAY_MS)
        now_us = now_ms * 1000
        shifts = {
            (shift.name, shift.starts_us): shift
            for shift in face.calendar.shifts_between(face.face.code, now_us - KEPT_US, now_us)
        }
        from_ms = min((starts_us for _, starts_us in shifts), default=now_us) // 1000
        for name in dict.fromkeys(name for name, _ in shifts):
            series = facts.shift_series(area[0], area[1], name)
            for row in await self.historian.read(series, facts.SHIFT_FIELDS, from_ms, now_ms + 1):
                shift = shifts.get((name, row.at_ms * 1000))
                record = facts.shift_record_of(shift, row.fields, mine.zone) if shift else None
                if record is not None:
                    face.book.ended[record.shift] = record
        face.attended_us = max(s.newest_at(now_us) or 0 for s in (face.headcounts, face.cards.series)) or None
        await self.told(area, "face_staffing", ("state_text", "reason_text"), now_ms)
        face.is_recalled = True
        face.ask_again()
        left = face.left_since(face.attended_us or now_us, now_us)
        self.put(self.trackers.ask(area, [shift.starts_us for shift in left], LONG_US, now_us))
        await self.asked(area, now_ms)
        return rows

    async def chamber(self, area: AreaKey, chamber: ChamberTracker, now_ms: int) -> int:
        """A chamber: its rows, its days and levels, its state."""
        chamber.look_around(now_ms * 1000)
        assert chamber.yesterday is not None
        first_on = chamber.yesterday.on - timedelta(days=chamber.rule.window_days + LATE_DAYS)
        days = days_between(first_on, chamber.yesterday.on + 3 * A_DAY, chamber.zone)
        by_begin = {day.from_us // 1000: day for day in days}
        span_ms = (days[0].from_us // 1000, now_ms + 1)
        series = facts.area_series(chamber_facts.DAY, *area)
        for row in await self.historian.read(series, chamber_facts.DAY_FIELDS, *span_ms):
            day = by_begin.get(row.at_ms)
            recorded = chamber_facts.day_of(chamber.chamber.name, day, row.fields) if day else None
            if recorded is not None:
                chamber.book.days[recorded.record.day.on] = recorded
        rows = await StoredRows(self.historian, *area).chamber(
            chamber, chamber.yesterday.from_us // 1000, now_ms + DAY_MS, chamber.earlier
        )
        series = facts.area_series(chamber_facts.LEVEL, *area)
        for row in await self.historian.read(series, (chamber_facts.REVISION,), *span_ms):
            if day := by_begin.get(row.at_ms):
                chamber.book.levels[day.on] = int(row.fields[chamber_facts.REVISION])
        await self.told(area, "chamber_status", ("state_text",), now_ms)
        chamber.is_recalled = True
        chamber.ask_again()
        now_us = now_ms * 1000
        self.put(self.trackers.ask(area, [day.from_us for day in chamber.missing()], now_us, now_us))
        await self.asked(area, now_ms)
        return rows

    async def told(self, area: AreaKey, measurement: str, fields: tuple[str, ...], now_ms: int) -> None:
        """The last state of an area that the store knows."""
        series = facts.area_series(measurement, *area)
        row = await self.historian.last_before(series, fields, now_ms + DAY_MS)
        if row is not None:
            state, reason = (text_of(row.fields, name) for name in ("state_text", "reason_text"))
            self.trackers.told[area] = ((state, reason), row.at_ms)

    async def asked(self, area: AreaKey, now_ms: int) -> None:
        """What was to be judged again when the centre ended, and what came before the past was here."""
        now_us = now_ms * 1000
        series = facts.area_series(facts.JUDGEMENT, *area)
        from_ms = (now_us - LATE_US) // 1000 - DAY_MS
        for row in await self.historian.read(series, (facts.DUE,), from_ms, now_ms + 1):
            if row.fields[facts.DUE]:
                self.trackers.late.ask(area, row.at_ms * 1000, LONG_US, now_us)
        self.put(self.trackers.ask_early(area, now_us))

    def put(self, points: Iterable[Point]) -> None:
        """Notes for the store."""
        for point in points:
            self.put_fact(point)


def text_of(fields: dict[str, FieldValue], name: str) -> str:
    """A text, empty where there is none."""
    return str(fields.get(name, facts.NO_TEXT))
