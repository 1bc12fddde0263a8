"""How long to wait before the next attempt; pure, chance is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(slots=True)
class Backoff:
    """Doubling waits with jitter, from `min_s` to `max_s`; a success starts again."""

    min_s: float
    max_s: float
    random: Random
    failures: int = 0

    def failed(self) -> float:
        """Seconds to wait after one more failure: between half and all of the doubled wait."""
        wait = min(self.max_s, self.min_s * 2.0 ** min(self.failures, 30))
        self.failures += 1
        return wait * (0.5 + self.random.random() / 2)

    def succeeded(self) -> None:
        """The next failure waits `min_s` again."""
        self.failures = 0
