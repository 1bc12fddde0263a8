"""The alarms of all mines put together: records and judgements in, a board kept current, what changed out. Pure.

The owner calls `take` with what the session tells, `judged` after each judgement, `tick` twice a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from gateway.alarm_config import rulebook
from gateway.config import GatewayConfig
from gateway.ingest.actions import Action, DeviceChanged, LinkChanged, Record
from gateway.ingest.node import GOOD, Node, NodeKey
from gateway.live import alarm_views
from gateway.live.alarm_areas import AlarmAreas
from gateway.live.alarm_points import AlarmPoints
from gateway.live.maintenance import Maintenance, Window
from gateway.live.notices import Names
from gateway.live.trackers import AreaKey, Trackers
from gateway.live.views import View
from rules.alarms.alarm import Alarm
from rules.alarms.board import Board
from rules.alarms.doubt import Doubt
from rules.shift_calendar import ShiftCalendar

LOOK_EVERY_US: Final = 1_000_000
SILENCE_EVERY_US: Final = 5_000_000
GATEWAYS_MAX: Final = 10_000


@dataclass(slots=True)
class Alarms:
    """Board, points and areas; `rate` is how fast the clock runs beside real time."""

    config: GatewayConfig
    trackers: Trackers
    nodes: Mapping[NodeKey, Node]
    rate: float = 1.0
    board: Board = field(init=False)
    points: AlarmPoints = field(init=False)
    areas: AlarmAreas = field(init=False)
    maintenance: Maintenance = field(init=False)
    names: Names = field(init=False)
    gateways: dict[NodeKey, None] = field(default_factory=dict)
    """Ever heard of, so that one that does not come back after a restart is missed."""
    hears: bool = True
    looked_us: int = 0
    listened_us: int = 0

    def __post_init__(self) -> None:
        """Everything from the config; raises `Misconfigured` for rules with faults."""
        config = self.config
        kinds: dict[AreaKey, str] = {}
        names: dict[AreaKey, str] = {}
        for mine in config.mines:
            for face in mine.faces:
                kinds[mine.code, face.code], names[mine.code, face.code] = face.kind, face.name
            for one in mine.chambers:
                kinds[mine.code, one.code], names[mine.code, one.code] = one.kind.value, one.name
        self.names = Names(
            {mine.code: mine.name for mine in config.mines},
            names,
            {mine.code: ZoneInfo(mine.timezone) for mine in config.mines},
        )
        self.maintenance = Maintenance(self.calendar_of)
        self.board = Board(config.alarms.policy(self.rate), self.maintenance.why)
        self.points = AlarmPoints(
            rulebook(config.alarms),
            self.board,
            lambda mine, area: kinds.get((mine, area), ""),
            live_age_ms=round(config.session.live_age_s * 1000 * self.rate),
            is_away=self.is_away,
        )
        self.areas = AlarmAreas(config, self.trackers, self.points, self.board)

    def restore(
        self, alarms: Iterable[Alarm], windows: Iterable[Window], gateways: Iterable[NodeKey], now_us: int
    ) -> None:
        """What an earlier run left; before anything else is taken."""
        self.maintenance.windows = list(windows)
        kept = [alarm for alarm in alarms if alarm.key.mine in ("", *self.names.mines)]
        self.board.restore(kept, Doubt.CENTRE, now_us)
        self.points.expect(kept)
        self.areas.restored(kept, now_us)
        for key in gateways:
            if key.group in self.names.mines:
                self.gateways[key] = None
                self.areas.expect(key, now_us)

    # What comes in

    def take(self, action: Action, now_ms: int) -> None:
        """What the session made of a message."""
        match action:
            case Record(key, device) if key.group in self.names.mines:
                self.points.take(action, self.nodes[key], now_ms)
                if self.areas.awaited and any(sample.quality is GOOD for sample in action.samples):
                    self.areas.heard(key, device or key.node, now_ms * 1000)
            case LinkChanged(key, online) if key.group in self.names.mines:
                if online and len(self.gateways) < GATEWAYS_MAX:
                    self.gateways[key] = None
                self.areas.take(action, now_ms * 1000)
            case DeviceChanged(key) if key.group in self.names.mines:
                self.areas.take(action, now_ms * 1000)

    def judged(self, area: AreaKey, now_us: int) -> None:
        """A face or chamber was judged."""
        self.areas.judged(area, now_us)

    def servers(self, *, broker: bool, historian: bool, now_us: int) -> None:
        """Whether the centre reaches its broker and its historian now."""
        if self.hears and not broker:
            self.points.blind(now_us)
        self.hears = broker
        self.areas.servers(broker=broker, historian=historian, now_us=now_us)

    def tick(self, now_us: int) -> Iterator[None]:
        """What time does; yields now and then, so that the event loop may go on."""
        yield from self.points.tick(now_us)
        self.areas.tick(now_us)
        if not 0 <= now_us - self.looked_us < LOOK_EVERY_US * self.rate:
            self.looked_us = now_us
            self.maintenance.forget(now_us // 1000)
            self.board.look(now_us)
        if not 0 <= now_us - self.listened_us < SILENCE_EVERY_US * self.rate:
            self.listened_us = now_us
            yield from self.points.look_for_silence(now_us)

    # What others ask

    def is_away(self, mine: str, gateway: str | None) -> bool:
        """Whether nothing comes through a gateway: it is lost, or our broker.

        `None`: nobody knows through which one an area comes; then whether all are that the mine has had.
        """
        if gateway is None:
            known = [key for key in self.gateways if key.group == mine]
            return not self.hears or (bool(known) and not any(map(self.is_online, known)))
        return not self.hears or not self.is_online(NodeKey(mine, gateway))

    def is_online(self, key: NodeKey) -> bool:
        """Whether a gateway is there."""
        return key in self.nodes and self.nodes[key].online

    def calendar_of(self, mine: str) -> ShiftCalendar | None:
        """A mine's shifts."""
        known = self.trackers.mines.get(mine)
        return known.calendar if known else None

    def summary(self, mine: str) -> View:
        """What a mine's screens show."""
        return alarm_views.summary_view(self.board.open(mine), self.names.areas, self.board.members)

    def listed(self, mine: str, now_us: int) -> View:
        """Every open alarm of a mine, what is not judged now, and the maintenance windows."""
        alarms = sorted(self.board.open(mine), key=alarm_views.rank)
        return {
            "alarms": [self.view(alarm, now_us) for alarm in alarms],
            "unjudged": [
                alarm_views.unjudged_view(watch, self.names.areas) for watch in self.points.unjudged(mine)
            ],
            "maintenance": [alarm_views.window_view(window) for window in self.maintenance.of(mine)],
        }

    def view(self, alarm: Alarm, now_us: int) -> View:
        """One alarm."""
        members = len(self.board.members.get(alarm.key, ()))
        return alarm_views.alarm_view(alarm, self.names.areas, members, now_us, self.board.policy)
