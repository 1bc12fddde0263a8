"""A face's shifts: the records of the last days, and one shift judged anew from the store, with the reasons.

A shift is judged from stored rows as late data is (`gateway.live.revise`), in a thread: what it says is what the
record says, or will say once late data has been judged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final

from contract.card_list import NoCardList, cards_in
from contract.vocabulary.roles import Role
from gateway.historian.historian import Historian
from gateway.live import facts, revisions
from gateway.live.chambers import local_date
from gateway.live.faces import FaceTracker
from gateway.live.record_views import persons
from gateway.live.stored_rows import StoredRows
from gateway.live.trackers import MineTrackers, Trackers
from gateway.live.views import View, micros, time_of
from gateway.pages.visits import Visitors
from rules.explained import pieces
from rules.series import EMPTY, SECOND_US, Stretches
from rules.shift_calendar import Shift
from rules.staffing import ShiftRecord, handover_windows, headcount_known, judged_part, statutory_limit

DAYS_MAX: Final = 92
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FacePages:
    """What the pages of faces ask."""

    trackers: Trackers
    historian: Historian
    now_ms: Callable[[], int]

    def find(self, mine: str, face: str) -> tuple[MineTrackers, FaceTracker] | None:
        """A face and its mine; `None` where there is none of that code."""
        known = self.trackers.mines.get(mine)
        found = known.faces.get(face) if known else None
        return (known, found) if known and found else None

    async def records(self, mine: MineTrackers, face: FaceTracker, days: int) -> View:
        """Every shift of the last days, the running one too, each with its record where there is one.

        Raises `HistorianUnavailable`.
        """
        now_us = self.now_ms() * 1000
        today = local_date(now_us, mine.zone)
        shifts = [
            shift
            for shift in face.calendar.shifts(face.face.code, today - (days - 1) * A_DAY, today + 2 * A_DAY)
            if shift.starts_us <= now_us
        ]
        records = await self.recorded(mine, face, shifts)
        waiting = self.trackers.late.waiting.get((mine.mine.code, face.face.code), {})
        return {
            "now": micros(now_us),
            "face": face_figures(face),
            "shifts": [
                {
                    "shift": shift_view(shift),
                    "running": shift.ends_us > now_us,
                    "waiting": shift.starts_us in waiting,
                    "record": record_view(records.get(shift)),
                }
                for shift in shifts
            ],
        }

    async def recorded(
        self, mine: MineTrackers, face: FaceTracker, shifts: list[Shift]
    ) -> dict[Shift, ShiftRecord]:
        """The records of these shifts as the store has them."""
        by_begin = {(shift.name, shift.starts_us // 1000): shift for shift in shifts}
        records = {}
        for name in dict.fromkeys(shift.name for shift in shifts):
            begins_ms = [begin for of, begin in by_begin if of == name]
            series = facts.shift_series(mine.mine.code, face.face.code, name)
            rows = await self.historian.read(series, facts.SHIFT_FIELDS, min(begins_ms), max(begins_ms) + 1)
            for row in rows:
                shift = by_begin.get((name, row.at_ms))
                record = facts.shift_record_of(shift, row.fields, mine.zone) if shift else None
                if record is not None:
                    records[record.shift] = record
        return records

    async def shift(self, mine: MineTrackers, face: FaceTracker, on: date, name: str) -> View | None:
        """One shift with everything that its judgement is made of; `None` where the calendar has none.

        Raises `HistorianUnavailable`.
        """
        now_us = self.now_ms() * 1000
        asked = [
            shift for shift in face.calendar.shifts(face.face.code, on, on + A_DAY) if shift.name == name
        ]
        if not asked or asked[0].starts_us > now_us:
            return None
        shift, area = asked[0], (mine.mine.code, face.face.code)
        past = FaceTracker(face.face, face.face_rule, face.rule, face.calendar)
        until_us = min(now_us, shift.ends_us) + face.rule.stale_after_us + 1000
        rows = StoredRows(self.historian, *area)
        await rows.face(past, shift.starts_us // 1000, until_us // 1000)
        posts = await self.posts(rows, shift) if past.has_cards else {}
        recorded = (await self.recorded(mine, face, [shift])).get(shift)
        told = await revisions.of_shift(self.historian, area, shift, mine.zone)
        judged = await asyncio.to_thread(judged_view, past, shift, posts, now_us)
        return judged | {
            "now": micros(now_us),
            "face": face_figures(face),
            "shift": shift_view(shift),
            "running": shift.ends_us > now_us,
            "waiting": shift.starts_us in self.trackers.late.waiting.get(area, {}),
            "recorded": record_view(recorded),
            "revisions": [
                {"recorded_at": time_of(at_ms), "record": record_view(record)} for record, at_ms in told
            ],
        }

    async def posts(self, rows: StoredRows, shift: Shift) -> dict[str, str]:
        """The newest post of every card in a shift."""
        target, found = rows.target(Role.CARDS), dict[str, str]()
        span_ms = shift.starts_us // 1000, shift.ends_us // 1000
        for row in await self.historian.read(target.series, (target.field,), *span_ms):
            try:
                found |= cards_in(str(row.fields[target.field]))
            except NoCardList:
                continue
        return found

    def persons(self, face: FaceTracker) -> View:
        """Who is there now, where its cards are known."""
        now_us = self.now_ms() * 1000
        return {"now": micros(now_us), "cards": face.has_cards, "persons": persons(face, now_us)}


def judged_view(past: FaceTracker, shift: Shift, posts: dict[str, str], now_us: int) -> View:
    """The judgement of a shift by the rows of `past`, and what it is made of. Takes a while: for a thread."""
    rule, until_us = past.rule, min(now_us, shift.ends_us)
    who = past.cards.presence(now_us) if past.has_cards else None
    rows = EMPTY if past.counts_cards else past.headcounts.samples().between(shift.starts_us, shift.ends_us)
    headcount = headcount_known(past.face_rule, rule, rows, who, now_us)
    record = past.record(shift, who, now_us) if past.is_ours(shift) else None
    visitors = Visitors(who, tuple(past.cards.numbers), posts) if who is not None else None
    judged_us = judged_part(shift, rule)
    return {
        "record": record_view(record),
        "until": micros(until_us),
        "statutory_limit": statutory_limit(past.face_rule, shift.kind),
        "handover": [[micros(at_us) for at_us in window] for window in handover_windows(shift, rule)],
        "judged": [micros(at_us) for at_us in judged_us] if judged_us[0] < judged_us[1] else None,
        "headcount": stretches_view(headcount.clipped(shift.starts_us, until_us).joined()),
        "why": [
            {
                "from": micros(piece.from_us),
                "to": micros(min(piece.to_us, until_us)),
                "seconds": (min(piece.to_us, until_us) - piece.from_us) / SECOND_US,
                "headcount": piece.headcount,
                "part": piece.part,
                "why": piece.why,
            }
            for piece in (pieces(record, headcount, rule) if record else ())
            if piece.from_us < until_us  # of a running shift the rest is merely not here yet
        ],
        "persons": visitors.within(shift.starts_us, until_us, rule) if visitors else None,
    }


def stretches_view(known: Stretches) -> list[list[object]]:
    """Known time as `[from, to, headcount]`; what lies between is unknown."""
    parts = zip(known.from_us.tolist(), known.to_us.tolist(), known.value.tolist(), strict=True)
    return [[micros(from_us), micros(to_us), int(value)] for from_us, to_us, value in parts]


def face_figures(face: FaceTracker) -> View:
    """What a face is judged by."""
    rule = face.rule
    return {
        "code": face.face.code,
        "name": face.face.name,
        "kind": face.face.kind,
        "intelligent": face.face.intelligent,
        "count_from": face.face.count_from,
        "limit": rule.limit,
        "sustain_s": rule.sustain_s,
        "over_total_s": rule.over_total_s,
        "handover_min": rule.handover_min,
        "stale_after_s": rule.stale_after_s,
        "coverage_min": rule.coverage_min,
        "lateness_min": rule.lateness_min,
    }


def shift_view(shift: Shift) -> View:
    """A shift by its day and name."""
    return {
        "on": shift.shift_on.isoformat(),
        "name": shift.name,
        "kind": shift.kind,
        "starts_at": micros(shift.starts_us),
        "ends_at": micros(shift.ends_us),
    }


def record_view(record: ShiftRecord | None) -> View | None:
    """A record as the API writes it: times in UTC."""
    if record is None:
        return None
    return record.as_json(UTC) | {
        "starts_at": micros(record.shift.starts_us),
        "ends_at": micros(record.shift.ends_us),
        "first_over_at": micros(record.first_over_us),
        "statutory_first_over_at": micros(record.statutory_first_over_us),
    }
