"""All faces and chambers of all mines, fed with records and judged again when something changed or time did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from contract.datatype import Value
from contract.quality import Quality
from contract.vocabulary.roles import Role
from gateway.config import GatewayConfig, Mine
from gateway.historian.historian import Point
from gateway.ingest.actions import Record
from gateway.live import facts
from gateway.live.chambers import ChamberTracker
from gateway.live.faces import FaceTracker
from rules.chambers.rule import Chamber as ChamberRule
from rules.chambers.rule import Rule
from rules.shift_calendar import ShiftCalendar
from rules.staffing import FaceRule

JUDGE_EVERY_US: Final = 5_000_000
"""Without new rows: stale data must be noticed."""

AreaKey = tuple[str, str]


@dataclass(slots=True)
class MineTrackers:
    """The trackers of one mine."""

    mine: Mine
    zone: ZoneInfo
    calendar: ShiftCalendar
    faces: dict[str, FaceTracker]
    chambers: dict[str, ChamberTracker]


@dataclass(slots=True)
class Trackers:
    """The trackers of all mines."""

    mines: dict[str, MineTrackers]
    judge_every_us: int = JUDGE_EVERY_US
    dirty: set[AreaKey] = field(default_factory=set)
    """Areas with new rows since they were judged."""
    changed: set[AreaKey] = field(default_factory=set)
    """Areas judged or with new values since the screens were told."""
    judged_at_us: dict[AreaKey, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, config: GatewayConfig, *, judge_every_us: int = JUDGE_EVERY_US) -> Trackers:
        """Trackers for everything that the config names."""
        rule = config.chambers.rule
        return cls({mine.code: trackers_of(mine, config, rule) for mine in config.mines}, judge_every_us)

    def take(self, record: Record) -> None:
        """Feed a record's values to whom they concern; areas that no config names are counted."""
        mine = self.mines.get(record.key.group)
        if mine is None or record.device is None:
            self.counts["values_off_config"] += len(record.samples)
            return
        area = (record.key.group, record.device)
        self.changed.add(area)
        for sample in record.samples:
            role = sample.metric.target.role
            if role is not None:
                good = sample.quality is Quality.GOOD
                self.take_value(mine, area, role, sample.at_ms * 1000, sample.value if good else None)

    def take_value(
        self, mine: MineTrackers, area: AreaKey, role: Role, at_us: int, value: Value | None
    ) -> None:
        """One row for a face's or a chamber's tracker."""
        if face := mine.faces.get(area[1]):
            if role is Role.HEADCOUNT and face.take(at_us, count(value)):
                self.dirty.add(area)
        elif chamber := mine.chambers.get(area[1]):
            if chamber.take(role, at_us, value):
                self.dirty.add(area)
        else:
            self.counts["values_off_config"] += 1

    def judge(self, area: AreaKey, now_us: int) -> list[Point]:
        """Judge one area; gives the facts that are new."""
        self.dirty.discard(area)
        self.judged_at_us[area] = now_us
        self.changed.add(area)
        return list(self.judge_area(self.mines[area[0]], area, now_us))

    def due(self, now_us: int) -> list[AreaKey]:
        """Areas to judge now."""
        return [
            area
            for area in self.areas()
            if area in self.dirty or now_us - self.judged_at_us.get(area, 0) >= self.judge_every_us
        ]

    def areas(self) -> Iterator[AreaKey]:
        """Every face and chamber."""
        for code, mine in self.mines.items():
            yield from ((code, area) for area in (*mine.faces, *mine.chambers))

    def judge_area(self, mine: MineTrackers, area: AreaKey, now_us: int) -> Iterable[Point]:
        """One face or chamber; the facts that its judgement adds."""
        code, name = area
        at_ms = now_us // 1000
        if chamber := mine.chambers.get(name):
            if chamber.judge(now_us):
                yield facts.state(
                    "chamber_status", code, name, at_ms, {"state_text": chamber.now.state.value}
                )
            return
        face = mine.faces[name]
        before = face.now
        for record in face.judge(now_us):
            yield facts.shift_record(code, record, mine.zone)
        if (face.now.state, face.now.reason) != (before.state, before.reason):
            fields = {
                "state_text": face.now.state,
                "reason_text": face.now.reason,
                "headcount": None if face.now.headcount is None else float(face.now.headcount),
                "limit": float(face.rule.limit),
            }
            yield facts.state("face_staffing", code, name, at_ms, fields)


def trackers_of(mine: Mine, config: GatewayConfig, rule: Rule) -> MineTrackers:
    """A mine's trackers."""
    zone = ZoneInfo(mine.timezone)
    calendar = ShiftCalendar(zone, mine.calendars)
    faces = {
        face.code: FaceTracker(
            face,
            FaceRule(kind=face.kind, intelligent=face.intelligent, hazard=face.hazard, method=face.method),
            config.staffing,
            calendar,
        )
        for face in mine.faces
    }
    chambers = {
        chamber.code: ChamberTracker(
            ChamberRule(chamber.code, chamber.kind, chamber.door_required), chamber.name, rule
        )
        for chamber in mine.chambers
    }
    return MineTrackers(mine, zone, calendar, faces, chambers)


def count(value: Value | None) -> float | None:
    """A headcount as a number; anything that is no count is unknown (definitions.md §0)."""
    if value is None or isinstance(value, (str, bool)):
        return None
    return float(value) if value >= 0 and value == int(value) else None
