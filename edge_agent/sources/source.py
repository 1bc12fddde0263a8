"""What the agent expects of a source of readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from contract.point import Point
from edge_agent.acquisition.reading import Reading

Emit = Callable[[Sequence[Reading]], None]
"""Takes what there is to report (deadband.py), as it comes; never blocks and never raises."""
Now = Callable[[], int]
"""The agent's clock: UTC milliseconds since 1970."""


@dataclass(slots=True)
class SourceHealth:
    """What a source counts of itself; read by `/metrics`, `/healthz` and the console."""

    connected: bool = False
    reads: int = 0
    """Exchanges with the other side."""
    readings: int = 0
    """Values read, whether or not there was something to report."""
    errors: dict[str, int] = field(default_factory=dict)
    """Errors by kind."""
    last_good_at_ms: int | None = None
    read_latency_ms: float = 0.0
    busy_s: float = 0.0
    """Time spent waiting for answers; its growth is the duty."""
    devices: dict[str, SourceHealth] = field(default_factory=dict)
    """The same of each device, where several are read over one connection."""

    def count(self, kind: str, times: int = 1) -> None:
        """Count errors of one kind."""
        self.errors[kind] = self.errors.get(kind, 0) + times


class Source(Protocol):
    """One connection and the points read over it.

    `run` reads until it is cancelled. It starts with the other side absent, connects, and reconnects by itself
    with back-off; a lost connection marks each of its points stale once, at once (a drop folder that is away does
    not: the last snapshot holds as long as any). It raises nothing but cancellation.
    """

    name: str
    points: tuple[Point, ...]
    health: SourceHealth

    async def run(self, emit: Emit) -> None:
        """Read until cancelled."""
