"""What the store knows of faces and chambers, as evidence and bulletins read it.

Rules
- Shifts are those of the mine's calendar. One without a record, after the face's first one, has no verdict: the centre
  was down, and silence is never compliance. A face without any record is not judged at all.
- A shift is final once its lateness is over by the end of the day asked about, and by now.
- A chamber's level is judged anew from its recorded days up to the day, beside what is declared as of that day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple, cast
from zoneinfo import ZoneInfo

from gateway.config import GatewayConfig, Mine
from gateway.historian.historian import AT_MS_MAX, Historian, Row, Series
from gateway.live import chamber_facts, facts
from gateway.live.days import LATE_DAYS
from gateway.reports.inputs import ShiftOutcome
from rules.chambers.records import Day, LevelRecord, days_between, level_record
from rules.chambers.rule import Chamber, Level
from rules.series import micros
from rules.shift_calendar import Shift, ShiftCalendar
from rules.staffing import Reason, ShiftRecord, Verdict
from rules.time_text import DAY_US, EPOCH, local_instant

A_DAY: Final = timedelta(days=1)
VERDICT: Final = ("verdict_text", "reason_text")


class Place(NamedTuple):
    """A watched face."""

    mine: Mine
    face: str


class Watched(NamedTuple):
    """A watched chamber, and the level declared for it."""

    mine: Mine
    chamber: Chamber
    declared: Level | None


Shifts = list[tuple[Shift, Row | None]]
"""Production shifts in order, and what is stored of each."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The store, as of the end of a day; nothing is final that is not by `now`.

    A province has thousands of records to a question: they are asked for at once, and looked through in a thread.
    """

    config: GatewayConfig
    historian: Historian
    as_of: date
    now_us: int

    async def outcomes(self, places: Sequence[Place], from_on: date) -> list[list[ShiftOutcome] | None]:
        """Of each face its production shifts from a day on; `None` where no record was ever made."""
        shifts = await self._shifts(places, from_on, VERDICT)
        return await asyncio.to_thread(
            lambda: [
                None if found is None else self._outcomes(place.mine, found)
                for place, found in zip(places, shifts, strict=True)
            ]
        )

    async def records(
        self, place: Place, from_on: date
    ) -> list[tuple[ShiftOutcome, ShiftRecord | None]] | None:
        """The same of one face, each with its record where there is one."""
        [shifts] = await self._shifts([place], from_on, facts.SHIFT_FIELDS)
        if shifts is None:
            return None
        zone = ZoneInfo(place.mine.timezone)
        records = [
            facts.shift_record_of(shift, row.fields, zone) if row is not None else None
            for shift, row in shifts
        ]
        return list(zip(self._outcomes(place.mine, shifts), records, strict=True))

    async def levels(self, chambers: Sequence[Watched]) -> list[LevelRecord | None]:
        """Of each chamber the level over its last recorded days; `None` where none is recorded."""
        if not chambers:
            return []
        end_on = self.as_of + A_DAY
        first_on = end_on - timedelta(days=self.config.chambers.rule.window_days + LATE_DAYS)
        zones = {each.mine.timezone for each in chambers}
        days = {zone: days_between(first_on, end_on, ZoneInfo(zone)) for zone in zones}
        rows = await self.historian.read_many(
            [day_series(each) for each in chambers],
            chamber_facts.RECORD_FIELDS,
            min(of[0].from_us for of in days.values()) // 1000,
            max(of[-1].to_us for of in days.values()) // 1000,
        )
        by_begin = {zone: {day.from_us // 1000: day for day in of} for zone, of in days.items()}
        return await asyncio.to_thread(
            lambda: [
                self._level(each, rows.get(day_series(each), ()), by_begin[each.mine.timezone])
                for each in chambers
            ]
        )

    def _level(self, of: Watched, rows: Iterable[Row], by_begin: Mapping[int, Day]) -> LevelRecord | None:
        days = [
            record
            for row in rows
            if (day := by_begin.get(row.at_ms))
            and (record := chamber_facts.record_of(of.chamber.name, day, row.fields))
        ]
        return level_record(of.chamber, days, self.config.chambers.rule, declared=of.declared)

    async def _shifts(
        self, places: Sequence[Place], from_on: date, fields: Sequence[str]
    ) -> list[Shifts | None]:
        """Of each face the calendar's production shifts from its first record on."""
        due = await asyncio.to_thread(lambda: [self._due(place, from_on) for place in places])
        if not any(due):
            return [None] * len(places)
        series = [
            each
            for place, shifts in zip(places, due, strict=True)
            for each in series_of(place, shifts).values()
        ]
        from_ms = min(shifts[0].starts_us for shifts in due if shifts) // 1000
        to_ms = max(shifts[-1].starts_us for shifts in due if shifts) // 1000 + 1
        rows = await self.historian.read_many(series, fields, from_ms, to_ms)
        earlier = await self.historian.read_many(series, VERDICT, -AT_MS_MAX, from_ms, newest_only=True)
        return await asyncio.to_thread(
            lambda: [
                since_first_record(place, shifts, rows, earlier.keys())
                for place, shifts in zip(places, due, strict=True)
            ]
        )

    def _due(self, place: Place, from_on: date) -> list[Shift]:
        """A face's production shifts."""
        calendar = ShiftCalendar(ZoneInfo(place.mine.timezone), place.mine.calendars)
        shifts = calendar.shifts(place.face, from_on, self.as_of + A_DAY)
        return [shift for shift in shifts if shift.kind == "production"]

    def _outcomes(self, mine: Mine, shifts: Shifts) -> list[ShiftOutcome]:
        final_us = self._final_us(mine)
        return [outcome(shift, row, final=shift.ends_us <= final_us) for shift, row in shifts]

    def _final_us(self, mine: Mine) -> int:
        """A shift that has ended by then has had its time for late data."""
        end_of_day = (self.as_of + A_DAY - EPOCH.date()).days * DAY_US
        by_us = min(self.now_us, local_instant(end_of_day, ZoneInfo(mine.timezone)))
        return by_us - micros(60 * self.config.staffing.lateness_min)


def outcome(shift: Shift, row: Row | None, *, final: bool) -> ShiftOutcome:
    """What is recorded of a shift; one without a record has no verdict."""
    if row is None:
        return ShiftOutcome(shift, "no_verdict", "coverage", final)
    verdict = cast("Verdict", row.fields.get("verdict_text", "no_verdict"))
    return ShiftOutcome(shift, verdict, cast("Reason", row.fields.get("reason_text")) or None, final)


def day_series(of: Watched) -> Series:
    """Where a chamber's days are."""
    return facts.area_series(chamber_facts.DAY, of.mine.code, of.chamber.name)


def series_of(place: Place, shifts: Sequence[Shift]) -> dict[str, Series]:
    """Where the records of these shifts of a face are, by the shifts' names."""
    names = dict.fromkeys(shift.name for shift in shifts)
    return {name: facts.shift_series(place.mine.code, place.face, name) for name in names}


def since_first_record(
    place: Place, shifts: Sequence[Shift], rows: Mapping[Series, Sequence[Row]], earlier: Collection[Series]
) -> Shifts | None:
    """The shifts from the first on of which there is a record, all where one is older; `None` without any."""
    series = series_of(place, shifts)
    stored = {name: {row.at_ms: row for row in rows.get(of, ())} for name, of in series.items()}
    found: Shifts = [(shift, stored[shift.name].get(shift.starts_us // 1000)) for shift in shifts]
    begin_ms = shifts[0].starts_us // 1000 if shifts else 0
    is_older = any(of in earlier for of in series.values())
    if is_older or any(at_ms < begin_ms for of_name in stored.values() for at_ms in of_name):
        return found
    first = next((at for at, (_, row) in enumerate(found) if row is not None), None)
    return None if first is None else found[first:]
