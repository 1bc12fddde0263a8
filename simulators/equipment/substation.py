"""The central substation: feeders whose power follows what hangs on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from simulators.equipment.signal import Signals, Wobbles, always
from simulators.shifts import HOUR_MS

VOLTAGE_KV: Final = 6.3
POWER_FACTOR: Final = 0.86
SINCE_MS: Final = 1_577_808_000_000
"""Energy is counted from 2020-01-01 local time."""


@dataclass(frozen=True, slots=True)
class Load:
    """What hangs on a feeder.

    `share` is how much of the `working_kw` it draws at an instant; `worked_hours` counts its full-load hours
    and never falls.
    """

    idle_kw: float
    working_kw: float
    share: Callable[[int], float]
    worked_hours: Callable[[int], float]


class Substation:
    """The feeders, numbered from 1 in the order of their loads."""

    def __init__(self, seed: int, code: str, loads: Sequence[Load]) -> None:
        self.wobble, self.loads = Wobbles(seed, code), tuple(loads)

    def signals(self) -> Signals:
        """Every feeder."""
        return {
            f"Feeder {number}/{word}": signal
            for number, load in enumerate(self.loads, start=1)
            for word, signal in self.feeder(number, load).items()
        }

    def feeder(self, number: int, load: Load) -> Signals:
        """One feeder's signals, by quantity."""
        noise, sag = self.wobble(f"feeder {number}", 0.03, 0.015), self.wobble("bus", 0.04, 0.01)

        def power_kw(at_ms: int) -> float:
            return (load.idle_kw + load.working_kw * load.share(at_ms)) * (1.0 + noise(at_ms))

        def voltage_kv(at_ms: int) -> float:
            return VOLTAGE_KV + sag(at_ms)

        def energy_kwh(at_ms: int) -> float:
            since = load.worked_hours(at_ms) - load.worked_hours(SINCE_MS)
            return load.idle_kw * (at_ms - SINCE_MS) / HOUR_MS + load.working_kw * since

        return {
            "Switched On": always(True),
            "Power": power_kw,
            "Voltage": voltage_kv,
            "Current": lambda at_ms: power_kw(at_ms) / (math.sqrt(3.0) * voltage_kv(at_ms) * POWER_FACTOR),
            "Energy": energy_kwh,
        }
