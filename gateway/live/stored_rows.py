"""Rows of faces and chambers as the historian has them: the same that the trackers took live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contract.datatype import DataType
from contract.quality import Quality
from contract.vocabulary.roles import BY_METRIC, Role
from gateway.historian.historian import FieldValue, Historian, Row
from gateway.ingest.router import Target, route
from gateway.live.cards import settled_from
from gateway.live.chambers import SIGNALS, ChamberTracker
from gateway.live.faces import FaceTracker
from gateway.live.series import LiveSeries
from rules.chambers.presence import Earlier
from rules.chambers.rule import Signal

METRICS: Final = {role: metric for metric, role in BY_METRIC.items()}
TEXTS: Final = frozenset({Role.CONTROL_MODE, Role.CARDS})
SLICE_MS: Final = 6 * 3_600_000
"""So much is read at once: a few milliseconds of the event loop."""
STEP_MS: Final = 2 * 3_600_000
STEPS_MAX: Final = 200
"""How often cards are read further back to find enough known time."""


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The rows of one face or chamber."""

    historian: Historian
    mine: str
    area: str

    def target(self, role: Role) -> Target:
        """Where the rows of a role are kept."""
        kind = DataType.STRING if role in TEXTS else DataType.DOUBLE
        return route(self.mine, "", self.area, METRICS[role], kind)

    async def face(self, face: FaceTracker, from_ms: int, to_ms: int) -> int:
        """Give a tracker the rows of a time and those that they hang on; gives their number."""
        taken = await self.load(face, Role.HEADCOUNT, face.headcounts, (from_ms, to_ms))
        cards = face.cards.series
        taken += await self.load(face, Role.CARDS, cards, (from_ms, to_ms))
        for _ in range(STEPS_MAX):
            if cards.floor_us is None or not face.visits_matter:
                break
            settled_by_us = from_ms * 1000 - face.rule.exempt_dwell_us
            if settled_from(cards.samples(), face.rule, settled_by_us) is not None:
                break
            floor_ms, cards.floor_us = cards.floor_us // 1000, None
            taken += await self.load(face, Role.CARDS, cards, (floor_ms - STEP_MS, floor_ms))
        return taken

    async def chamber(self, chamber: ChamberTracker, from_ms: int, to_ms: int, earlier: Earlier) -> int:
        """Give a tracker the rows of a time and, of each signal, back to the newest one that `earlier` tells of.

        Usually that is the newest one before; there are more where late rows have not been judged yet.
        """
        taken = 0
        told_to_us = {Signal.OCCUPANCY: earlier.people_to_us, Signal.PATROL_ROBOT: earlier.robot_to_us}
        for role, signal in SIGNALS.items():
            series = chamber.series_of(signal)
            taken += await self.load(chamber, role, series, (from_ms, to_ms))
            told_us = told_to_us.get(signal)
            if told_us is not None and series.floor_us is not None and told_us < series.floor_us:
                floor_ms, series.floor_us = series.floor_us // 1000, None
                taken += await self.load(chamber, role, series, (told_us // 1000, floor_ms))
        return taken

    async def load(
        self, tracker: FaceTracker | ChamberTracker, role: Role, series: LiveSeries, span_ms: tuple[int, int]
    ) -> int:
        """The rows of a time, the newest one at or before its begin, and the marks since that one."""
        target, taken = self.target(role), 0
        from_ms, to_ms = span_ms
        before = await self.before(target, from_ms + 1)
        if before is not None:
            tracker.take(role, before.at_ms * 1000, value_of(before, target))
            marks = (target.host_quality_field,)
            for row in await self.historian.read(target.series, marks, before.at_ms, from_ms):
                tracker.mark(role, row.at_ms * 1000)
        for begin_ms in range(from_ms, to_ms, SLICE_MS):
            end_ms = min(begin_ms + SLICE_MS, to_ms)
            for row in await self.historian.read(target.series, fields_of(target), begin_ms, end_ms):
                if target.host_quality_field in row.fields:
                    tracker.mark(role, row.at_ms * 1000)
                if target.field in row.fields or target.quality_field in row.fields:
                    tracker.take(role, row.at_ms * 1000, value_of(row, target))
                    taken += 1
        if before is not None:
            series.starts_at(before.at_ms * 1000)
        return taken

    async def before(self, target: Target, before_ms: int) -> Row | None:
        """The newest row of the source before an instant."""
        return await self.historian.last_before(
            target.series, (target.field, target.quality_field), before_ms
        )


def fields_of(target: Target) -> tuple[str, ...]:
    """Everything that is kept of a metric."""
    return target.field, target.quality_field, target.host_quality_field


def value_of(row: Row, target: Target) -> FieldValue | None:
    """What a row said of its quantity; `None` where its quality was not good."""
    quality = row.fields.get(target.quality_field)
    return None if quality is not None and quality != Quality.GOOD else row.fields.get(target.field)
