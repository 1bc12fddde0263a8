"""Keeps the gap ledger: what the session tells, and what only looking shows. Pure; the owner calls it with the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from contract.quality import Quality
from gateway.ingest.actions import Action, DeviceChanged, LinkChanged, OutboxReplaced, ReadingsLost, Record
from gateway.ingest.node import Device, Node, NodeKey
from gateway.live.gaps import CENTRE, Cause, GapLedger, Outcome

NODES_AT_ONCE: Final = 50
"""How many nodes are looked at in one go: a few milliseconds."""


@dataclass(slots=True)
class GapWatch:
    """The ledger and what it is fed with."""

    nodes: Mapping[NodeKey, Node]
    ledger: GapLedger = field(default_factory=GapLedger)
    is_connected: bool = True
    is_stored: bool = True

    def take(self, action: Action, now_ms: int) -> None:
        """What the session made of a message."""
        match action:
            case Record(key, batch=int(batch)) if key in self.ledger.filling:
                newest_ms = max((sample.at_ms for sample in action.samples), default=0)
                self.ledger.sent_live(key, batch, newest_ms)
            case LinkChanged(key, online=False, at_ms=at_ms):
                self.end_areas(key, at_ms)
                self.ledger.begin(key, Cause.LINK, at_ms)
            case LinkChanged(key, online=True, at_ms=at_ms):
                self.ledger.end(key, Cause.LINK, at_ms, outcome=Outcome.FILLING)
            case DeviceChanged(key, area, online=False, at_ms=at_ms):
                self.ledger.end(key, Cause.DEVICE, at_ms, area)
                self.ledger.begin(key, Cause.FIELD_BUS, at_ms, area)
            case DeviceChanged(key, area, online=True, at_ms=at_ms):
                self.ledger.end(key, Cause.FIELD_BUS, at_ms, area)
            case ReadingsLost(key, metric, loss):
                self.ledger.lost(key, metric, loss)
            case OutboxReplaced(key):
                self.ledger.replaced(key, now_ms)

    def end_areas(self, key: NodeKey, at_ms: int) -> None:
        """With the link away nobody knows of the areas behind it."""
        for owner, cause, area in [*self.ledger.lasting]:
            if owner == key and cause in {Cause.DEVICE, Cause.FIELD_BUS}:
                self.ledger.end(key, cause, at_ms, area)

    def stored(self, key: NodeKey) -> None:
        """A batch of this node is in the store."""
        node = self.nodes[key]
        if node.ledger is not None and key in self.ledger.filling:
            self.ledger.stored(key, node.ledger.committed)

    def refused(self, record: Record, readings: int) -> None:
        """The historian refuses so many readings of a numbered record for good."""
        assert record.batch is not None
        times = [sample.at_ms for sample in record.samples]
        self.ledger.refused(record.key, record.batch, readings, min(times), max(times))

    def servers(self, *, broker: bool, historian: bool, now_ms: int) -> None:
        """Whether the centre reaches its broker and its historian now."""
        if broker != self.is_connected:
            self.is_connected = broker
            for key, node in self.nodes.items():
                if broker:
                    self.ledger.end(key, Cause.BROKER, now_ms, outcome=Outcome.FILLING)
                elif node.online:
                    self.ledger.begin(key, Cause.BROKER, now_ms)
        if historian != self.is_stored:
            self.is_stored = historian
            if historian:
                self.ledger.end(CENTRE, Cause.STORE, now_ms, outcome=Outcome.FILLED)
            else:
                self.ledger.begin(CENTRE, Cause.STORE, now_ms)

    def look(self, now_ms: int) -> Iterator[None]:
        """Which points are stale in areas that live; yields now and then, so that the event loop may go on."""
        for place, (key, node) in enumerate([*self.nodes.items()]):
            for device in node.devices.values():
                if node.online and device.online and device.name is not None:
                    self.look_at(key, device.name, device, now_ms)
            if place % NODES_AT_ONCE == NODES_AT_ONCE - 1:
                yield

    def look_at(self, key: NodeKey, area: str, device: Device, now_ms: int) -> None:
        """One area: its gap begins with the oldest stale mark that stands."""
        stale = [state.at_ms for state in device.metrics.values() if state.quality is Quality.STALE]
        if not stale or len(stale) == len(
            device.metrics
        ):  # all of them: it was never read, or is about to die
            self.ledger.end(key, Cause.DEVICE, now_ms, area)
        else:
            self.ledger.begin(key, Cause.DEVICE, min(stale), area, len(stale))
