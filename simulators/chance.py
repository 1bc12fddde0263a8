"""Seeded chance: numbers that look random, yet follow from seed, name and index alone, in any order of asking.

So a model can be a function of time: the noise of an instant is the same whether or not the instants before it
were ever looked at.
"""

from __future__ import annotations

import hashlib
import random
from typing import Final

WIDTH: Final = (1 << 64) - 1
SECOND_MS: Final = 1_000


def mixed(number: int) -> int:
    """A 64-bit number with its bits well mixed (the finalizer of SplitMix64)."""
    number = ((number ^ (number >> 30)) * 0xBF58_476D_1CE4_E5B9) & WIDTH
    number = ((number ^ (number >> 27)) * 0x94D0_49BB_1331_11EB) & WIDTH
    return number ^ (number >> 31)


class Chance:
    """One named source of chance."""

    __slots__ = ("key", "words")

    def __init__(self, seed: int, name: str) -> None:
        self.words = f"{seed}/{name}"
        self.key = int.from_bytes(hashlib.blake2b(self.words.encode(), digest_size=8).digest(), "big")

    def share(self, index: int) -> float:
        """Evenly in [0, 1)."""
        return mixed((self.key + index * 0x9E37_79B9_7F4A_7C15) & WIDTH) / 2.0**64

    def between(self, index: int, low: float, high: float) -> float:
        """Evenly in [low, high)."""
        return low + (high - low) * self.share(index)

    def whole(self, index: int, low: int, high: int) -> int:
        """A whole number, `low` and `high` included."""
        return low + int((high - low + 1) * self.share(index))

    def stream(self, index: int) -> random.Random:
        """Many draws that belong to one index."""
        return random.Random(f"{self.words}/{index}")  # noqa: S311  (a simulator, no secrets)

    def jitter(self, at_ms: int) -> float:
        """White noise in [-1, 1), new every second."""
        return 2.0 * self.share(at_ms // SECOND_MS) - 1.0

    def wander(self, at_ms: int, period_ms: int) -> float:
        """Smooth noise in [-1, 1): from one random height to the next within each period."""
        index, rest = divmod(at_ms, period_ms)
        part = rest / period_ms
        part *= part * (3.0 - 2.0 * part)
        before, after = self.share(index), self.share(index + 1)
        return 2.0 * (before + (after - before) * part) - 1.0
