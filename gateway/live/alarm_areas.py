"""Alarms about what is judged: staffing, chambers, gateways and the centre itself. Pure.

Rules
- A face or chamber is judged by its newest rows, whenever they came; it raises and clears nothing unless the newest row
  of every signal was live when it came.
- A face that is blind because its gateway is away, or the centre's broker, has no alarm of its own: the other one says
  it all.
- A gateway that was there before a restart and does not come back is lost like any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from contract.vocabulary.roles import BY_METRIC, Role
from gateway.config import GatewayConfig
from gateway.ingest.actions import Action, DeviceChanged, LinkChanged
from gateway.ingest.node import NodeKey
from gateway.live import alarm_defined
from gateway.live.alarm_defined import Watched
from gateway.live.alarm_points import AlarmPoints
from gateway.live.chambers import SIGNALS, ChamberTracker
from gateway.live.faces import FaceTracker
from gateway.live.trackers import AreaKey, Trackers
from rules.alarms import judged
from rules.alarms.alarm import Alarm, AlarmKey, Value
from rules.alarms.board import Board
from rules.alarms.doubt import Doubt
from rules.alarms.judged import Judged, Seen, Wanted
from rules.chambers.rule import Signal
from rules.series import SECOND_US, Samples, micros
from rules.staffing import statutory_limit

GRACE_US: Final = 90 * SECOND_US
"""After a restart the centre asks its gateways for births one after another."""
METRICS: Final = {role: metric for metric, role in BY_METRIC.items()}
NO_MARKS: Final = (None,)
CENTRE_MINE: Final = ""
CENTRE: Final = (Judged.BROKER_LOST, Judged.STORE_REFUSES)


@dataclass(slots=True)
class AlarmAreas:
    """The alarms of all faces, chambers and gateways."""

    config: GatewayConfig
    trackers: Trackers
    points: AlarmPoints
    board: Board
    watched: dict[AlarmKey, Watched | None] = field(default_factory=dict)
    """`None` where a rule switches it off."""
    turning: dict[Watched, None] = field(default_factory=dict)
    awaited: set[AlarmKey] = field(default_factory=set)
    """Devices that were lost before a restart."""

    # Faces and chambers

    def judged(self, area: AreaKey, now_us: int) -> None:
        """A face or chamber was judged just now."""
        mine = self.trackers.mines[area[0]]
        if face := mine.faces.get(area[1]):
            wanted = judged.of_face(face.now)
            value: Value | None = face.now.headcount
            live = self.face_is_live(area, face)
            marks = limits_of(face)
        else:
            chamber = mine.chambers[area[1]]
            seen = self.seen(chamber, now_us)
            wanted = judged.of_chamber(seen, chamber.rule)
            value = seen.standing.state.value
            live = self.chamber_is_live(area, chamber)
            marks = NO_MARKS
        gateway = self.points.gateways.get(area)
        away = self.points.is_away(area[0], gateway)
        for name, levels in wanted.items():
            blind = name in {Judged.FACE_BLIND, Judged.CHAMBER_BLIND}
            if blind:
                levels = (False,) if away else levels  # noqa: PLW2901  (another alarm says it)
            sure = levels if live or blind else None
            key = AlarmKey(*area, name, name)
            self.judge(key, sure, now_us, value=value, marks=marks, group=gateway or area[1])

    def face_is_live(self, area: AreaKey, face: FaceTracker) -> bool:
        """Was the newest row of what the headcount comes from live when it came?"""
        return self.is_live(area, face.role, face.series.samples())

    def chamber_is_live(self, area: AreaKey, chamber: ChamberTracker) -> bool:
        """Was the newest row of every signal live when it came?"""
        return all(
            self.is_live(area, ROLES[signal], series.samples()) for signal, series in chamber.signals.items()
        )

    def is_live(self, area: AreaKey, role: Role, rows: Samples) -> bool:
        """Was the newest row live when it came?"""
        return not rows.at_us.size or int(rows.at_us[-1]) <= self.points.live_us(*area, METRICS[role])

    def seen(self, chamber: ChamberTracker, now_us: int) -> Seen:
        """A chamber as it stands."""
        newest = {
            signal: newest_of(series.samples(), now_us, chamber.rule.stale_after_us)
            for signal, series in chamber.signals.items()
        }
        now, waited_us = chamber.now, max(0, now_us - chamber.judged_at_us)
        if (
            now.visit_age_us is not None and now.presence_since_us is None
        ):  # it is judged when something changes
            now = replace(now, visit_age_us=now.visit_age_us + waited_us)
        return Seen(chamber.chamber, chamber.declared, now, newest)

    # Gateways, and the centre itself

    def take(self, action: Action, now_us: int) -> None:
        """What the session tells of gateways and of the devices behind them."""
        match action:
            case LinkChanged(key, online, at_ms):
                link = AlarmKey(key.group, "", key.node, Judged.LINK_LOST)
                self.judge(link, (not online,), at_ms * 1000, group=key.node, now_us=now_us)
                if not online:
                    self.forget_devices(key, now_us)
            case DeviceChanged(key, device, online, at_ms) if device:
                lost = AlarmKey(key.group, device, key.node, Judged.DEVICE_LOST)
                self.judge(lost, (not online,), at_ms * 1000, group=key.node, now_us=now_us)

    def heard(self, key: NodeKey, device: str, now_us: int) -> None:
        """A device that was lost before a restart speaks: nobody tells that it came back."""
        lost = AlarmKey(key.group, device, key.node, Judged.DEVICE_LOST)
        if lost in self.awaited:
            self.awaited.remove(lost)
            self.judge(lost, (False,), now_us, group=key.node)

    def forget_devices(self, key: NodeKey, now_us: int) -> None:
        """With the gateway away nobody knows of the devices behind it."""
        for of, watched in self.watched.items():
            if watched and of.code == Judged.DEVICE_LOST and (of.mine, of.source) == key:
                self.cannot_judge(watched, now_us)

    def restored(self, alarms: Iterable[Alarm], now_us: int) -> None:
        """Alarms of an earlier run; what the config no more names is no more judged."""
        for alarm in alarms:
            code, area = alarm.key.code, alarm.key[:2]
            if code == Judged.DEVICE_LOST:
                self.awaited.add(alarm.key)
            elif code in {*judged.FACES, *judged.CHAMBERS} and area not in set(self.trackers.areas()):
                self.board.retire(alarm.key, "不在配置里 / not in the config", now_us)

    def expect(self, key: NodeKey, now_us: int) -> None:
        """This gateway was there before a restart."""
        link = AlarmKey(key.group, "", key.node, Judged.LINK_LOST)
        self.judge(link, (True,), now_us + GRACE_US, group=key.node, now_us=now_us)

    def servers(self, *, broker: bool, historian: bool, now_us: int) -> None:
        """Whether the centre reaches its broker and its historian."""
        for name, is_there in zip(CENTRE, (broker, historian), strict=True):
            self.judge(AlarmKey(CENTRE_MINE, "", name, name), (not is_there,), now_us, group=name)

    # All of them

    def judge(
        self,
        key: AlarmKey,
        wanted: Wanted,
        at_us: int,
        *,
        value: Value | None = None,
        marks: tuple[float | None, ...] = NO_MARKS,
        group: str = "",
        now_us: int | None = None,
    ) -> None:
        """What one condition wants since `at`; `None` if it cannot be said."""
        if key not in self.watched:
            self.watched[key] = self.watch(key, at_us)
        watched = self.watched[key]
        if watched is None:
            return
        watched.value, watched.marks, watched.group = value, marks, group
        if wanted is None:
            self.cannot_judge(watched, at_us)
        else:
            watched.condition.take(wanted, at_us)
            self.settle(watched, at_us if now_us is None else now_us)

    def watch(self, key: AlarmKey, now_us: int) -> Watched | None:
        """The alarm of a condition, as the rules want it."""
        name, kind = Judged(key.code), self.points.kind_of(key.mine, key.area)
        rule = self.points.rulebook.judged_for(name, key.mine, key.area, kind)
        if rule is None:
            self.board.retire(key, "没有规则 / no rule", now_us)
            return None
        sustain_us = micros(self.config.staffing.sustain_s) if name is Judged.STAFFING else 0
        watched = alarm_defined.of_judged(key, rule, max(rule.on_us, sustain_us))
        watched.resume(self.board.alarms.get(key))
        return watched

    def cannot_judge(self, watched: Watched, at_us: int) -> None:
        """It stays what it is."""
        watched.condition.pause(at_us)
        if watched.doubt is None:
            watched.doubt = Doubt.STALE
            self.board.doubt(watched.definition.key, Doubt.STALE, at_us)

    def settle(self, watched: Watched, now_us: int) -> None:
        """Turn what is due, and tell the board where something changed."""
        level = watched.condition.settle(now_us)
        if level != watched.level or watched.doubt is not None:
            watched.level, watched.doubt = level, None
            limit = watched.mark(level or 1)
            self.board.judge(
                watched.definition, level, now_us, value=watched.value, limit=limit, group=watched.group
            )
        if watched.condition.is_turning:
            self.turning[watched] = None
        else:
            self.turning.pop(watched, None)

    def tick(self, now_us: int) -> None:
        """Conditions that have held for long enough."""
        for watched in list(self.turning):
            if watched.doubt is None:
                self.settle(watched, now_us)


def limits_of(face: FaceTracker) -> tuple[float | None, ...]:
    """How many people each level of over-staffing begins above, or (the last one) with."""
    lawful = statutory_limit(face.face_rule, face.shift.kind if face.shift else "production")
    return None, float(face.rule.limit), float(lawful), 1.2 * lawful


def newest_of(rows: Samples, now_us: int, stale_after_us: int) -> float | None:
    """The newest value of a signal, if it is known."""
    if not rows.at_us.size or now_us - int(rows.at_us[-1]) > stale_after_us:
        return None
    value = float(rows.value[-1])
    return None if math.isnan(value) else value


ROLES: Final[dict[Signal, Role]] = {signal: role for role, signal in SIGNALS.items()}
