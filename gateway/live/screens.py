"""What each mine's screens are told: the overview, and ticks of what changed, as JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from gateway.ingest.node import MetricState, Node, NodeKey
from gateway.live import views
from gateway.live.stream import Hub
from gateway.live.trackers import MineTrackers, Trackers
from gateway.live.views import View

HEARTBEAT_TICKS: Final = 4
"""A tick goes out at least every so often, changed or not: a screen greys when it hears nothing for 5 s."""


class AlarmBoard(Protocol):
    """What screens show of alarms."""

    def summary(self, mine: str) -> View:
        """How many of each priority, and the first few."""

    def take_changed(self) -> set[str]:
        """Mines whose alarms changed since the last call."""


@dataclass(slots=True)
class Screens:
    """The hubs of all mines, and what they are sent."""

    trackers: Trackers
    nodes: Mapping[NodeKey, Node]
    alarms: AlarmBoard
    demo: bool
    rate: float
    hubs: dict[str, Hub] = field(init=False)
    quiet: dict[str, int] = field(default_factory=dict)
    shifts: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """One hub a mine."""
        self.hubs = {code: Hub() for code in self.trackers.mines}

    def overview(self, code: str, now_ms: int) -> str:
        """Everything of a mine."""
        mine = self.trackers.mines[code]
        metrics = views.metrics_of(self.nodes_of(code))
        return encoded(
            self.head(mine, now_ms)
            | {
                "demo": self.demo,
                "speed": self.rate,
                "mine": {"code": code, "name": mine.mine.name},
                "links": [views.link_view(node) for node in self.nodes_of(code)],
                "faces": [self.face(mine, area, metrics, with_trend=True) for area in mine.faces],
                "chambers": [self.chamber(mine, area, metrics) for area in mine.chambers],
                "alarms": self.alarms.summary(code),
            }
        )

    def tick(self, now_ms: int) -> None:
        """Tell every mine's screens what changed since the last tick."""
        changed: dict[str, set[str]] = {}
        for mine_code, area in self.trackers.changed:
            changed.setdefault(mine_code, set()).add(area)
        self.trackers.changed = set()
        alarmed = self.alarms.take_changed()
        for code, hub in self.hubs.items():
            areas = changed.get(code, set())
            self.quiet[code] = self.quiet.get(code, 0) + 1
            changes = areas or code in alarmed
            if not hub.screens or not (changes or self.quiet[code] >= HEARTBEAT_TICKS):
                continue
            self.quiet[code] = 0
            mine = self.trackers.mines[code]
            update = self.update(mine, areas, now_ms)
            if code in alarmed:
                update["alarms"] = self.alarms.summary(code)
            hub.publish(encoded(update), whole=self.shift_changed(mine))

    def update(self, mine: MineTrackers, areas: set[str], now_ms: int) -> View:
        """The changed parts of a mine's overview."""
        code = mine.mine.code
        metrics = views.metrics_of(self.nodes_of(code))
        return self.head(mine, now_ms) | {
            "links": [views.link_view(node) for node in self.nodes_of(code)],
            "faces": [
                self.face(mine, area, metrics, with_trend=False) for area in mine.faces if area in areas
            ],
            "chambers": [self.chamber(mine, area, metrics) for area in mine.chambers if area in areas],
        }

    def head(self, mine: MineTrackers, now_ms: int) -> View:
        """Clock, the mine's own shift, and the share of data that is here."""
        running = mine.calendar.shifts_at("", now_ms * 1000)
        return {
            "now": views.time_of(now_ms),
            "shift": views.shift_view(running[0] if running else None),
            "delivered": views.delivered_of(self.nodes_of(mine.mine.code)),
        }

    def face(
        self, mine: MineTrackers, area: str, metrics: Mapping[str, list[MetricState]], *, with_trend: bool
    ) -> View:
        """One face."""
        return views.face_view(mine.faces[area], mine, metrics.get(area, ()), with_trend=with_trend)

    def chamber(self, mine: MineTrackers, area: str, metrics: Mapping[str, list[MetricState]]) -> View:
        """One chamber."""
        return views.chamber_view(mine.chambers[area], area, metrics.get(area, ()))

    def nodes_of(self, code: str) -> list[Node]:
        """A mine's gateways by name."""
        return sorted(
            (node for key, node in self.nodes.items() if key.group == code), key=lambda node: node.key
        )

    def shift_changed(self, mine: MineTrackers) -> bool:
        """Has any face another shift than at the last tick? Then its trend begins anew."""
        now = tuple(face.shift for face in mine.faces.values())
        before = self.shifts.get(mine.mine.code, now)
        self.shifts[mine.mine.code] = now
        return before != now

    def close(self) -> None:
        """End all streams."""
        for hub in self.hubs.values():
            hub.close()


def encoded(view: Mapping[str, object] | Iterable[object]) -> str:
    """JSON text as short as it goes."""
    return json.dumps(view, ensure_ascii=False, separators=(",", ":"))
