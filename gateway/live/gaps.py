"""The gap ledger: which time is missing of which gateway, why, and whether it came after all. Pure.

Causes, from the machine to the store
- `device`: some points of an area are stale while the area lives: a machine, or one unit of a line, does not answer.
- `field_bus`: a whole area died (DDEATH): nothing behind its line answers.
- `gateway`: the gateway's own disk refused, and its memory was full.
- `link`: the gateway was away (NDEATH). What it kept comes after: *filling*, then *filled* once everything is stored.
- `broker`: the centre itself was away from the broker; for the gateways the same as `link`.
- `store`: the historian was away. Nothing is lost by that; the gateways keep it. An entry of one gateway with the
  outcome *lost* tells of readings that the historian refuses for good, such as those older than it keeps.
What a gateway gave up meanwhile (`Delivery/Dropped`, `Delivery/Thinned`) stands in an entry of its own, as *lost*; so
do the times of `device` and `field_bus`: what nobody read nobody can fill.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from contract.delivery import DROPPED, Loss
from gateway.ingest.node import NodeKey

REFUSALS_APART_MS: Final = 600_000
"""Readings that are refused further apart make entries of their own."""
DISK: Final = "inbox full"
"""How the reason of a loss begins that the gateway's disk is to blame for."""
CENTRE: Final = NodeKey("", "")
"""The owner of gaps that concern every gateway."""


class Cause(StrEnum):
    """Where it broke."""

    DEVICE = "device"
    FIELD_BUS = "field_bus"
    GATEWAY = "gateway"
    LINK = "link"
    BROKER = "broker"
    STORE = "store"


class Outcome(StrEnum):
    """What became of it."""

    OPEN = "open"
    FILLING = "filling"
    FILLED = "filled"
    LOST = "lost"


@dataclass(slots=True)
class Gap:
    """One entry; `to_ms` is `None` while it lasts."""

    key: NodeKey
    cause: Cause
    area: str
    from_ms: int
    to_ms: int | None = None
    outcome: Outcome = Outcome.OPEN
    points: int = 0
    """How many points were stale at most."""
    readings: int = 0
    """Readings that were given up."""
    batches: tuple[int, int] | None = None
    awaited: int | None = None
    """The batch that was made after it: when everything up to there is stored, the gap is filled."""


@dataclass(slots=True)
class GapLedger:
    """The gaps of every gateway, oldest first; `changed` is what the store does not know yet."""

    kept: int = 500
    """Entries of a gateway; older ones are in the store."""
    gaps: dict[NodeKey, deque[Gap]] = field(default_factory=dict)
    lasting: dict[tuple[NodeKey, Cause, str], Gap] = field(default_factory=dict)
    filling: dict[NodeKey, list[Gap]] = field(default_factory=dict)
    told: dict[tuple[NodeKey, str, int], Gap] = field(default_factory=dict)
    """Losses by metric and first batch, since a run that grows is told again."""
    refusals: dict[NodeKey, Gap] = field(default_factory=dict)
    """The newest entry of each gateway that tells of readings refused for good."""
    changed: deque[Gap] = field(default_factory=lambda: deque(maxlen=10_000))

    def begin(self, key: NodeKey, cause: Cause, at_ms: int, area: str = "", points: int = 0) -> None:
        """Something is missing from now on; more points than before make the same gap wider."""
        gap = self.lasting.get((key, cause, area))
        if gap is None:
            gap = self.lasting[key, cause, area] = self.add(Gap(key, cause, area, at_ms))
        elif points <= gap.points:
            return
        gap.points = max(gap.points, points)
        self.changed.append(gap)

    def end(
        self, key: NodeKey, cause: Cause, at_ms: int, area: str = "", outcome: Outcome = Outcome.LOST
    ) -> None:
        """It is there again; what comes after may fill the gap."""
        gap = self.lasting.pop((key, cause, area), None)
        if gap is None:
            return
        gap.to_ms, gap.outcome = max(at_ms, gap.from_ms), outcome
        if outcome is Outcome.FILLING:
            self.filling.setdefault(key, []).append(gap)
        self.changed.append(gap)

    def sent_live(self, key: NodeKey, batch: int, newest_ms: int) -> None:
        """A batch came whose newest reading was made at this time: gaps before it wait for everything up to it."""
        for gap in self.filling.get(key, ()):
            if gap.awaited is None and gap.to_ms is not None and newest_ms >= gap.to_ms:
                gap.awaited = batch

    def stored(self, key: NodeKey, committed: int) -> None:
        """Everything up to this batch is stored or known to be lost."""
        waiting = self.filling.get(key)
        if not waiting:
            return
        for gap in waiting:
            if gap.awaited is not None and committed >= gap.awaited:
                gap.outcome = Outcome.FILLED
                self.changed.append(gap)
        self.filling[key] = [gap for gap in waiting if gap.outcome is Outcome.FILLING]

    def lost(self, key: NodeKey, metric: str, loss: Loss) -> None:
        """The gateway gave readings up."""
        cause = Cause.GATEWAY if loss.reason.startswith(DISK) else Cause.LINK
        gap = self.told.get((key, metric, loss.first))
        if gap is None:
            gap = self.told[key, metric, loss.first] = self.add(Gap(key, cause, "", loss.from_ms))
        elif gap.batches == (loss.first, loss.last):
            return
        gap.to_ms, gap.outcome, gap.readings = loss.to_ms, Outcome.LOST, loss.readings
        gap.batches = (loss.first, loss.last) if metric == DROPPED else gap.batches or (loss.first, loss.last)
        self.changed.append(gap)

    def refused(self, key: NodeKey, batch: int, readings: int, from_ms: int, to_ms: int) -> None:
        """The historian refuses readings of a batch for good, made within these times."""
        gap = self.refusals.get(key)
        if gap is None or not gap.from_ms <= from_ms <= (gap.to_ms or 0) + REFUSALS_APART_MS:
            gap = self.refusals[key] = self.add(Gap(key, Cause.STORE, "", from_ms, outcome=Outcome.LOST))
        first, last = gap.batches or (batch, batch)
        gap.batches = min(first, batch), max(last, batch)
        gap.to_ms = max(to_ms, gap.to_ms or 0)
        gap.readings += readings
        self.changed.append(gap)

    def replaced(self, key: NodeKey, at_ms: int) -> None:
        """The gateway has another outbox: what the old one still held is gone, and nobody knows how much."""
        for gap in self.filling.pop(key, ()):
            gap.outcome = Outcome.LOST
            self.changed.append(gap)
        gap = self.add(Gap(key, Cause.GATEWAY, "", at_ms, at_ms, Outcome.LOST))
        self.changed.append(gap)

    def add(self, gap: Gap) -> Gap:
        """Enter a gap; above the bound the oldest entry goes."""
        entries = self.gaps.setdefault(gap.key, deque())
        entries.append(gap)
        while len(entries) > self.kept:
            gone = entries.popleft()
            self.told = {name: told for name, told in self.told.items() if told is not gone}
        return gap

    def of(self, keys: Iterable[NodeKey]) -> Iterator[Gap]:
        """The gaps of these gateways and those that concern all, the newest first."""
        entries = [gap for key in (*keys, CENTRE) for gap in self.gaps.get(key, ())]
        yield from sorted(entries, key=lambda gap: gap.from_ms, reverse=True)

    def take_changed(self) -> list[Gap]:
        """What is to be stored now, each gap once."""
        taken = list({id(gap): gap for gap in self.changed}.values())
        self.changed.clear()
        return taken
