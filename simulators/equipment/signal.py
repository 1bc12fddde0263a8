"""What a simulated machine offers: signals by metric name, each a function of the instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract.datatype import Value
from simulators.chance import Chance

Signal = Callable[[int], Value | None]
"""The value at an instant in UTC milliseconds; `None` while the sensor is dead."""
Number = Callable[[int], float]
"""A signal that is a number at every instant."""
Signals = dict[str, Signal]
"""By metric name, or by quantity within one machine."""


@dataclass(frozen=True, slots=True)
class Wobble:
    """Noise about a value, in its unit: a slow part that wanders, and a fast one that is new every second."""

    chance: Chance
    slow: float
    fast: float = 0.0
    period_ms: int = 90_000

    def __call__(self, at_ms: int) -> float:
        """What to add at an instant."""
        return self.slow * self.chance.wander(at_ms, self.period_ms) + self.fast * self.chance.jitter(at_ms)


@dataclass(frozen=True, slots=True)
class Wobbles:
    """The noises of one area's signals, each with a name of its own."""

    seed: int
    code: str

    def __call__(self, name: str, slow: float, fast: float = 0.0, period_ms: int = 90_000) -> Wobble:
        """One of them."""
        return Wobble(Chance(self.seed, f"{self.code}/{name}"), slow, fast, period_ms)


def always(value: Value) -> Signal:
    """A signal that never changes."""
    return lambda _at_ms: value
