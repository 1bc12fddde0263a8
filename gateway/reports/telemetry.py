"""What the store knows of faces and chambers, as evidence and bulletins read it.

Rules
- Shifts are those of the mine's calendar. One without a record, after the face's first one, has no verdict: the centre
  was down, and silence is never compliance. A face without any record is not judged at all.
- A shift is final once its lateness is over by the end of the day asked about, and by now.
- A chamber's level is judged anew from its recorded days up to the day, beside what is declared as of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, cast
from zoneinfo import ZoneInfo

from gateway.config import GatewayConfig, Mine
from gateway.historian.historian import Historian, Row
from gateway.live import chamber_facts, facts
from gateway.live.days import LATE_DAYS
from gateway.reports.inputs import ShiftOutcome
from rules.chambers.records import LevelRecord, days_between, level_record
from rules.chambers.rule import Chamber, Level
from rules.series import micros
from rules.shift_calendar import Shift, ShiftCalendar
from rules.staffing import Reason, ShiftRecord, Verdict
from rules.time_text import DAY_US, EPOCH, local_instant

A_DAY: Final = timedelta(days=1)
VERDICT: Final = ("verdict_text", "reason_text")


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The store, as of the end of a day; nothing is final that is not by `now`."""

    config: GatewayConfig
    historian: Historian
    as_of: date
    now_us: int

    async def outcomes(self, mine: Mine, face: str, from_on: date) -> list[ShiftOutcome] | None:
        """A face's production shifts from a day on; `None` if no record of it was ever made."""
        shifts = await self._shifts(mine, face, from_on, VERDICT)
        return None if shifts is None else [self._outcome(mine, shift, row) for shift, row in shifts]

    async def records(
        self, mine: Mine, face: str, from_on: date
    ) -> list[tuple[ShiftOutcome, ShiftRecord | None]] | None:
        """The same, each with its record where there is one."""
        shifts = await self._shifts(mine, face, from_on, facts.SHIFT_FIELDS)
        if shifts is None:
            return None
        zone = ZoneInfo(mine.timezone)
        return [
            (
                self._outcome(mine, shift, row),
                None if row is None else facts.shift_record_of(shift, row.fields, zone),
            )
            for shift, row in shifts
        ]

    async def level(self, mine: Mine, chamber: Chamber, declared: Level | None) -> LevelRecord | None:
        """A chamber's level over its last recorded days; `None` if none is recorded."""
        zone, rule = ZoneInfo(mine.timezone), self.config.chambers.rule
        end_on = self.as_of + A_DAY
        days = days_between(end_on - timedelta(days=rule.window_days + LATE_DAYS), end_on, zone)
        by_begin = {day.from_us // 1000: day for day in days}
        series = facts.area_series(chamber_facts.DAY, mine.code, chamber.name)
        rows = await self.historian.read(
            series, chamber_facts.DAY_FIELDS, days[0].from_us // 1000, days[-1].to_us // 1000
        )
        told = [
            chamber_facts.day_of(chamber.name, by_begin[row.at_ms], row.fields)
            for row in rows
            if row.at_ms in by_begin
        ]
        return level_record(chamber, [each.record for each in told if each], rule, declared=declared)

    async def _shifts(
        self, mine: Mine, face: str, from_on: date, fields: Sequence[str]
    ) -> list[tuple[Shift, Row | None]] | None:
        """The calendar's production shifts from the face's first record on, and what is stored of each."""
        calendar = ShiftCalendar(ZoneInfo(mine.timezone), mine.calendars)
        shifts = [
            shift
            for shift in calendar.shifts(face, from_on, self.as_of + A_DAY)
            if shift.kind == "production"
        ]
        found: dict[Shift, Row] = {}
        first_us = None
        for name in dict.fromkeys(shift.name for shift in shifts):
            by_start = {shift.starts_us // 1000: shift for shift in shifts if shift.name == name}
            series = facts.shift_series(mine.code, face, name)
            rows = await self.historian.read(series, fields, min(by_start), max(by_start) + 1)
            found |= {by_start[row.at_ms]: row for row in rows if row.at_ms in by_start}
            if await self.historian.last_before(series, VERDICT, min(by_start)) is not None:
                first_us = shifts[0].starts_us
        if first_us is None and not found:
            return None
        if first_us is None:
            first_us = min(shift.starts_us for shift in found)
        return [(shift, found.get(shift)) for shift in shifts if shift.starts_us >= first_us]

    def _outcome(self, mine: Mine, shift: Shift, row: Row | None) -> ShiftOutcome:
        verdict: Verdict = "no_verdict"
        reason: Reason | None = "coverage"
        if row is not None:
            verdict = cast("Verdict", row.fields.get("verdict_text", verdict))
            reason = cast("Reason", row.fields.get("reason_text")) or None
        return ShiftOutcome(shift, verdict, reason, self._is_final(mine, shift))

    def _is_final(self, mine: Mine, shift: Shift) -> bool:
        end_of_day = (self.as_of + A_DAY - EPOCH.date()).days * DAY_US
        by_us = min(self.now_us, local_instant(end_of_day, ZoneInfo(mine.timezone)))
        return shift.ends_us + micros(60 * self.config.staffing.lateness_min) <= by_us
