"""What a device refuses to read: found by halving, kept apart, and tried again later.

One `Quarantine` looks after one poll group (points of one unit, table and period). Rules:
- `requests` tells what to read in a poll: the plan without what is kept apart, then a few probes of that.
- A refused request (illegal address or value) is halved and its halves are read in the same poll, so a bad
  register blanks its neighbours for an exchange, not for a cycle. What cannot be halved further is
  *quarantined*: its points are bad, and no request reads across it.
- If both halves are answered, the seam between them is to blame and becomes a *cut*: the device refuses the
  hole there, or has no answer of that length.
- A cut or a quarantined span is tried again after `retry_s`, and each time in vain after twice as long, up to
  `retry_max_s`. One answered probe frees all spans: a device that had been starting up is whole at once, and
  what is still bad is found again.
- A poll may end early (budget, broken link). Its cuts stay, so that the next poll goes on from there.

Nothing here awaits, sleeps or looks at a clock; `now_s` is any monotonic time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from contract.point import Point
from edge_agent.acquisition.read_plan import ReadLimits, Request, halves, plan, request_of, span

PROBES_MAX = 4
"""Quarantined spans tried in one poll."""

Span = tuple[int, int]
"""First address and width. Width 0 is a cut: nothing is bad, but nothing is read across."""


@dataclass(slots=True)
class Retry:
    """When to try again; never while it is free."""

    wait_s: float
    due_at_s: float
    is_proved: bool = False
    """Of a cut: both sides were answered, each on its own."""


@dataclass(slots=True)
class Split:
    """A request that was refused and halved, until both halves are settled."""

    cut: Span
    parent: Split | None
    pending: int = 2
    is_explained: bool = False
    """A fault was found within a half, so the seam is not to blame."""


@dataclass(slots=True)
class Quarantine:
    """What can be read of one poll group, and what is kept apart."""

    points: Sequence[Point]
    limits: ReadLimits = field(default_factory=ReadLimits)
    retry_s: float = 60.0
    retry_max_s: float = 960.0
    apart: dict[Span, Retry] = field(default_factory=dict)
    planned: tuple[Request, ...] = ()
    due_at_s: float = -math.inf
    """When `requests` has something to do; until then the last plan holds."""
    splits: dict[Request, Split] = field(default_factory=dict)
    probes: dict[Request, Span] = field(default_factory=dict)

    def requests(self, now_s: float) -> tuple[Request, ...]:
        """What to read in a poll that begins now."""
        if now_s < self.due_at_s:
            return self.planned
        self.splits.clear()
        self.probes.clear()
        for where, retry in self.apart.items():
            if where[1] == 0 and retry.due_at_s <= now_s:
                retry.due_at_s = math.inf
        self.planned = self.plan()
        due = sorted(
            (retry.due_at_s, where) for where, retry in self.apart.items() if retry.due_at_s <= now_s
        )
        for _, where in due[:PROBES_MAX]:
            self.probes[request_of([point for point in self.points if span(point) == where])] = where
        self.due_at_s = min((retry.due_at_s for retry in self.apart.values()), default=math.inf)
        return (*self.planned, *self.probes)

    def plan(self) -> tuple[Request, ...]:
        """The fewest requests for all that is not kept apart."""
        apart = {where for where, retry in self.apart.items() if retry.due_at_s < math.inf}
        readable = [point for point in self.points if span(point) not in apart]
        return plan(readable, self.limits, {address + width for address, width in apart})

    def quarantined(self) -> tuple[Point, ...]:
        """The points that the device refuses."""
        return tuple(
            point
            for point in self.points
            if (retry := self.apart.get(span(point))) is not None and retry.due_at_s < math.inf
        )

    def answered(self, request: Request) -> bool:
        """The device gave the values of this request; true if it had refused them until now."""
        if not (self.splits or self.probes):
            return False
        if split := self.splits.pop(request, None):
            self.settle(split, is_explained=False)
        if self.probes.pop(request, None) is None:
            return False
        self.free_spans()
        return True

    def refused(self, request: Request, now_s: float) -> tuple[Request, ...]:
        """The device refused it: the halves to read instead, or none when its points are quarantined now."""
        parts = halves(request)
        parent = self.splits.pop(request, None)
        if not parts:
            self.unsupported(request, now_s)
            if parent:
                self.settle(parent, is_explained=True)
            return ()
        split = Split((parts[1].address, 0), parent)
        self.keep_apart(split.cut, now_s)
        self.splits.update(dict.fromkeys(parts, split))
        return parts

    def unsupported(self, request: Request, now_s: float) -> None:
        """The device has no such function, or nothing left to halve: quarantine every span of it."""
        self.probes.pop(request, None)
        for where in {span(point) for point in request.points}:
            self.keep_apart(where, now_s)

    def keep_apart(self, where: Span, now_s: float) -> None:
        """Set aside until its next try, twice as far away as the last one."""
        last = self.apart.get(where)
        wait_s = min(2 * last.wait_s, self.retry_max_s) if last else self.retry_s
        self.apart[where] = Retry(wait_s, now_s + wait_s)
        self.due_at_s = -math.inf

    def free_spans(self) -> None:
        """Let every quarantined span into the plan again; its wait is remembered."""
        for where, retry in self.apart.items():
            if where[1]:
                retry.due_at_s = math.inf
        self.due_at_s = -math.inf

    def settle(self, split: Split, *, is_explained: bool) -> None:
        """One half of a split is understood; with the second, the split is, and then the one above it."""
        split.pending -= 1
        split.is_explained = split.is_explained or is_explained
        if split.pending:
            return
        cut = self.apart.get(split.cut)
        if cut is not None and not split.is_explained:
            cut.is_proved = True
        elif cut is not None and not cut.is_proved:  # a half of it may have ended at the same cut
            del self.apart[split.cut]
            self.due_at_s = -math.inf
        if split.parent:
            self.settle(split.parent, is_explained=True)
