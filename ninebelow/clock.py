"""Clocks for the composition roots; the demo's may run faster than the world's."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall time in UTC milliseconds that runs `rate` times as fast as real time from its making on."""

    rate: float = 1.0
    begun_ms: float = field(default_factory=lambda: time.time() * 1000)
    begun: float = field(default_factory=time.monotonic)

    def now_ms(self) -> int:
        """The wall time. At rate 1 it follows the system's clock, set or slewed."""
        if self.rate == 1:
            return time.time_ns() // 1_000_000
        return int(self.begun_ms + (time.monotonic() - self.begun) * 1000 * self.rate)

    @staticmethod
    def monotonic_ms() -> int:
        """Real milliseconds, for waiting."""
        return time.monotonic_ns() // 1_000_000
