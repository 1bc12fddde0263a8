"""Everything that the pages of a mine ask, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.historian.historian import Historian
from gateway.ingest.node import Node, NodeKey
from gateway.live.trackers import Trackers
from gateway.live.views import View
from gateway.pages.chambers import ChamberPages
from gateway.pages.faces import FacePages
from gateway.pages.gateways import gateway_view
from gateway.pages.trends import TrendPages


@dataclass(frozen=True, slots=True)
class PageDesk:
    """Reads what the trackers, the nodes and the store have; changes nothing."""

    trackers: Trackers
    nodes: Mapping[NodeKey, Node]
    faces: FacePages
    chambers: ChamberPages
    trends: TrendPages
    now_ms: Callable[[], int]

    @classmethod
    def of(
        cls,
        trackers: Trackers,
        nodes: Mapping[NodeKey, Node],
        historian: Historian,
        now_ms: Callable[[], int],
    ) -> PageDesk:
        """A desk over a running centre's parts."""
        return cls(
            trackers,
            nodes,
            FacePages(trackers, historian, now_ms),
            ChamberPages(trackers, historian, now_ms),
            TrendPages(trackers, nodes, historian, now_ms),
            now_ms,
        )

    def has(self, mine: str) -> bool:
        """Is there a mine of this code?"""
        return mine in self.trackers.mines

    def gateways(self, mine: str) -> list[View]:
        """A mine's gateways by name."""
        known = self.trackers.mines[mine]
        areas = {code: face.face.name for code, face in known.faces.items()}
        areas |= {code: chamber.title for code, chamber in known.chambers.items()}
        keys = sorted(key for key in self.nodes if key.group == mine)
        return [gateway_view(self.nodes[key], areas) for key in keys]
