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
from gateway.config import Face, GatewayConfig, Mine
from gateway.historian.historian import Point
from gateway.ingest.actions import Record
from gateway.live import chamber_facts, facts, revisions
from gateway.live.chambers import SIGNALS, ChamberTracker
from gateway.live.faces import FaceTracker
from gateway.live.late import LateWork
from gateway.live.series import Effect
from rules.chambers.rule import Chamber as ChamberRule
from rules.chambers.rule import Rule
from rules.series import HOUR_US, MINUTE_US
from rules.shift_calendar import ShiftCalendar
from rules.staffing import FaceRule

JUDGE_EVERY_US: Final = 5_000_000
"""Without new rows: stale data must be noticed."""

TURNING_AT_ONCE: Final = 100
EARLY_US: Final = HOUR_US
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
    late: LateWork = field(default_factory=LateWork)
    early: dict[AreaKey, set[int]] = field(default_factory=dict)
    """Minutes of old rows that came before an area was recalled."""
    told: dict[AreaKey, tuple[tuple[str, str], int]] = field(default_factory=dict)
    """The last state of each area that the store knows, with its reason, and from when on (ms)."""
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(
        cls, config: GatewayConfig, *, judge_every_us: int = JUDGE_EVERY_US, is_recalled: bool = True
    ) -> Trackers:
        """Trackers for everything that the config names; those that are to be recalled record nothing before."""
        rule = config.chambers.rule
        mines = {mine.code: trackers_of(mine, config, rule) for mine in config.mines}
        for mine in mines.values():
            for face in mine.faces.values():
                face.is_recalled = is_recalled
            for chamber in mine.chambers.values():
                chamber.is_recalled = is_recalled
        return cls(mines, judge_every_us)

    def take(self, record: Record, now_us: int) -> list[Point]:
        """Feed a record's values to whom they concern; areas that no config names are counted.

        Gives notes for the store of what is to be judged again from there.
        """
        mine = self.mines.get(record.key.group)
        if mine is None or record.device is None:
            self.counts["values_off_config"] += len(record.samples)
            return []
        area = (record.key.group, record.device)
        self.changed.add(area)
        notes: list[Point] = []
        is_late = False
        for sample in record.samples:
            role = sample.metric.target.role
            if role is None:
                continue
            at_us = sample.at_ms * 1000
            if record.by_host:
                effect = self.mark(mine, area, role, at_us)
            else:
                good = sample.quality is Quality.GOOD
                effect = self.take_value(mine, area, role, at_us, sample.value if good else None)
            if effect is not Effect.NOTHING and (begins_us := self.look_back(mine, area, at_us, now_us)):
                is_late = True
                notes += self.ask(area, begins_us, at_us, now_us)
        if is_late or area in self.early:
            self.late.hold(record, area)
        return notes

    def take_value(
        self, mine: MineTrackers, area: AreaKey, role: Role, at_us: int, value: Value | None
    ) -> Effect:
        """One row for a face's or a chamber's tracker."""
        if face := mine.faces.get(area[1]):
            effect = face.take(role, at_us, value)
        elif chamber := mine.chambers.get(area[1]):
            effect = chamber.take(role, at_us, value) if role in SIGNALS else Effect.NOTHING
        else:
            self.counts["values_off_config"] += 1
            return Effect.NOTHING
        if effect in (Effect.REPEATED, Effect.CHANGED):
            self.dirty.add(area)
        return effect

    def mark(self, mine: MineTrackers, area: AreaKey, role: Role, at_us: int) -> Effect:
        """The gateway of a row's source was lost."""
        tracker = mine.faces.get(area[1]) or mine.chambers.get(area[1])
        if tracker is None or (area[1] in mine.chambers and role not in SIGNALS):
            return Effect.NOTHING
        self.dirty.add(area)
        return tracker.mark(role, at_us)

    def look_back(self, mine: MineTrackers, area: AreaKey, at_us: int, now_us: int) -> list[int]:
        """The begins of the shifts or days that a row of that time touches and that memory cannot judge."""
        tracker = mine.faces.get(area[1]) or mine.chambers[area[1]]
        if not tracker.is_recalled:
            if at_us < now_us - EARLY_US:
                self.early.setdefault(area, set()).add(at_us // MINUTE_US)
            return []
        if face := mine.faces.get(area[1]):
            return [shift.starts_us for shift in face.shifts_of(at_us, now_us)]
        return [day.from_us for day in mine.chambers[area[1]].days_of(at_us, now_us)]

    def ask_early(self, area: AreaKey, now_us: int) -> list[Point]:
        """Ask for what was touched by rows that came before the area was recalled."""
        minutes = self.early.pop(area, set())
        mine = self.mines[area[0]]
        begins_us = {
            begin: minute
            for minute in sorted(minutes)
            for begin in self.look_back(mine, area, minute * MINUTE_US, now_us)
        }
        return [
            note
            for begin_us, minute in begins_us.items()
            for note in self.ask(area, [begin_us], (minute + 1) * MINUTE_US, now_us)
        ]

    def ask(self, area: AreaKey, begins_us: Iterable[int], touched_us: int, now_us: int) -> list[Point]:
        """Have shifts or days judged from the historian; gives the notes for the store."""
        asked = [begin for begin in begins_us if self.late.ask(area, begin, touched_us, now_us)]
        return [facts.due(*area, begin, is_due=True) for begin in asked]

    def judge(self, area: AreaKey, now_us: int) -> list[Point]:
        """Judge one area; gives the facts that are new."""
        self.dirty.discard(area)
        self.judged_at_us[area] = now_us
        self.changed.add(area)
        mine = self.mines[area[0]]
        if face := mine.faces.get(area[1]):
            return list(self.judge_face(mine, area, face, now_us))
        return list(self.judge_chamber(area, mine.chambers[area[1]], now_us))

    def due(self, now_us: int) -> list[AreaKey]:
        """Areas to judge now: those with new rows, all now and then, and some of those that time alone may change.

        Whole provinces end their shifts, and their days, at one instant: what was read must not wait for that.
        """
        found, turning = [], []
        for area, tracker in self.every():
            if area in self.dirty:
                found.append(area)
            elif now_us >= tracker.look_us:
                turning.append(area)
            elif now_us - self.judged_at_us.get(area, 0) >= self.judge_every_us:
                found.append(area)
        return found + turning[:TURNING_AT_ONCE]

    def every(self) -> Iterator[tuple[AreaKey, FaceTracker | ChamberTracker]]:
        """All trackers."""
        for code, mine in self.mines.items():
            for name, face in mine.faces.items():
                yield (code, name), face
            for name, chamber in mine.chambers.items():
                yield (code, name), chamber

    def areas(self) -> Iterator[AreaKey]:
        """Every face and chamber."""
        return (area for area, _ in self.every())

    def judge_face(
        self, mine: MineTrackers, area: AreaKey, face: FaceTracker, now_us: int
    ) -> Iterator[Point]:
        """The facts that a face's judgement adds."""
        for record in face.judge(now_us):
            yield from revisions.points(area[0], record, mine.zone, now_us)
        if not face.is_recalled:
            return
        yield from self.ask(area, [shift.starts_us for shift in face.beyond(now_us)], now_us, now_us)
        now = face.now
        state = (now.state, now.reason or facts.NO_TEXT)
        if now.since_us is not None and (at_ms := self.turn(area, state, now.since_us // 1000)) is not None:
            fields = {
                "state_text": now.state,
                "reason_text": now.reason,
                "headcount": None if now.headcount is None else float(now.headcount),
                "limit": float(face.rule.limit),
            }
            yield facts.state("face_staffing", *area, at_ms, fields)

    def judge_chamber(self, area: AreaKey, chamber: ChamberTracker, now_us: int) -> Iterator[Point]:
        """The facts that a chamber's judgement adds."""
        before = chamber.today
        for recorded in chamber.judge(now_us):
            yield chamber_facts.point_of(area[0], recorded)
        if not chamber.is_recalled:
            return
        if chamber.today != before:
            yield from self.ask(area, [day.from_us for day in chamber.missing()], now_us, now_us)
        now = chamber.now
        if (
            now.since_us is not None
            and (at_ms := self.turn(area, (now.state, ""), now.since_us // 1000)) is not None
        ):
            yield facts.state("chamber_status", *area, at_ms, {"state_text": now.state.value})

    def turn(self, area: AreaKey, state: tuple[str, str], since_ms: int) -> int | None:
        """When an area's state turned, if it is another one than the store knows; later than what it knows."""
        before = self.told.get(area)
        if before is not None and before[0] == state:
            return None
        at_ms = since_ms if before is None else max(since_ms, before[1] + 1)
        self.told[area] = (state, at_ms)
        return at_ms


def trackers_of(mine: Mine, config: GatewayConfig, rule: Rule) -> MineTrackers:
    """A mine's trackers."""
    zone = ZoneInfo(mine.timezone)
    calendar = ShiftCalendar(zone, mine.calendars)
    faces = {face.code: FaceTracker(face, face_rule(face), config.staffing, calendar) for face in mine.faces}
    chambers = {
        chamber.code: ChamberTracker(
            ChamberRule(chamber.code, chamber.kind, chamber.door_required),
            chamber.name,
            rule,
            zone,
            chamber.declared,
        )
        for chamber in mine.chambers
    }
    return MineTrackers(mine, zone, calendar, faces, chambers)


def face_rule(face: Face) -> FaceRule:
    """What a face is, as the rules read it."""
    return FaceRule(
        kind=face.kind,
        intelligent=face.intelligent,
        hazard=face.hazard,
        method=face.method,
        count_from=face.count_from,
    )
