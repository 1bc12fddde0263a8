"""Clocks for the composition roots; the demo's may begin at another time and run faster than the world's."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall time in UTC milliseconds: the system's, or one that runs from `start_ms` on at `rate` times its pace."""

    rate: float = 1.0
    start_ms: int | None = None
    made_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    made: float = field(default_factory=time.monotonic)

    def now_ms(self) -> int:
        """The time now. The system's clock is followed where it is set or slewed; a demo's own goes steadily."""
        if self.rate == 1 and self.start_ms is None:
            return time.time_ns() // 1_000_000
        begun_ms = self.made_ms if self.start_ms is None else self.start_ms
        return int(begun_ms + (time.monotonic() - self.made) * 1000 * self.rate)

    @staticmethod
    def monotonic_ms() -> int:
        """Real milliseconds, for waiting."""
        return time.monotonic_ns() // 1_000_000
