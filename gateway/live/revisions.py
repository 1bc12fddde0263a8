"""Every revision of a shift's record, kept beside the record itself, which holds the newest only. Pure but for reading.

Revision n stands n milliseconds after the shift's start: written again it is the same point, and one read gives all.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

from gateway.historian.historian import Historian, Point, Series
from gateway.live import facts
from rules.shift_calendar import Shift
from rules.staffing import ShiftRecord

MEASUREMENT: Final = "shift_revision"
REVISIONS_MAX: Final = 10_000
"""So many milliseconds no two shifts of one name begin apart."""
RECORDED_AT: Final = "recorded_ms"


def points(mine: str, record: ShiftRecord, zone: tzinfo, at_us: int) -> tuple[Point, Point]:
    """A shift record that was made at an instant, and the same as a revision of its own."""
    newest = facts.shift_record(mine, record, zone)
    at_ms = newest.at_ms + min(record.revision, REVISIONS_MAX)
    fields = {**newest.fields, RECORDED_AT: float(at_us // 1000)}
    return newest, Point(series(newest.series), at_ms, fields)


def series(of_records: Series) -> Series:
    """Where the revisions of a series of records are kept."""
    return Series(MEASUREMENT, of_records.tags)


async def of_shift(
    historian: Historian, area: tuple[str, str], shift: Shift, zone: tzinfo
) -> list[tuple[ShiftRecord, int]]:
    """The revisions of a shift's record that the store has and when each was made (ms), the first one first.

    Raises `HistorianUnavailable`.
    """
    begin_ms = shift.starts_us // 1000
    rows = await historian.read(
        series(facts.shift_series(*area, shift.name)),
        (*facts.SHIFT_FIELDS, RECORDED_AT),
        begin_ms + 1,
        begin_ms + REVISIONS_MAX + 1,
    )
    found = [(facts.shift_record_of(shift, row.fields, zone), row.fields.get(RECORDED_AT)) for row in rows]
    return [(record, int(at_ms)) for record, at_ms in found if record and isinstance(at_ms, float)]
