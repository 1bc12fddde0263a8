"""The central substation: feeders whose power follows what hangs on them.

Figures: 6 kV, cos φ 0.7 nearly idle and 0.88 at full load. In every maintenance shift the leakage protection of a
feeder is tried (漏电试验): its breaker opens for some seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from simulators.equipment.protection import NORMAL
from simulators.equipment.signal import Number, Signals, Wobbles
from simulators.shifts import COUNTED_FROM_MS, DAY_MS, HOUR_MS, LOCAL_MS, MINUTE_MS, day_at, into_day_ms

PROTECTIONS: Final = ("overcurrent", "short circuit", "leakage", "insulation")
"""过流, 速断, 漏电, 绝缘; bit 0 first."""
LEAKAGE: Final = "leakage"
VOLTAGE_KV: Final = 6.3
TRIES_FROM_MS: Final = 2 * HOUR_MS + 25 * MINUTE_MS
"""Of the day; the feeders follow each other three minutes apart."""
TRY_MS: Final = 40_000


@dataclass(frozen=True, slots=True)
class Load:
    """What hangs on a feeder.

    `share` is how much of the `working_kw` it draws at an instant; `worked_hours` counts its full-load hours
    and never falls. A load that `may_stop` lets the feeder's leakage protection be tried.
    """

    idle_kw: float
    working_kw: float
    share: Number
    worked_hours: Number
    may_stop: bool = True


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

        def is_on(at_ms: int) -> bool:
            return not (load.may_stop and is_tried(number, at_ms))

        def voltage_kv(at_ms: int) -> float:
            return VOLTAGE_KV + sag(at_ms)

        def power_kw(at_ms: int) -> float:
            drawn = load.idle_kw + load.working_kw * load.share(at_ms)
            return drawn * (1.0 + noise(at_ms)) if is_on(at_ms) else 0.0

        def power_factor(at_ms: int) -> float:
            return 0.7 + 0.18 * min(load.share(at_ms), 1.0) + 0.1 * noise(at_ms)

        def reactive_kvar(at_ms: int) -> float:
            return power_kw(at_ms) * math.tan(math.acos(power_factor(at_ms)))

        def energy_kwh(at_ms: int) -> float:
            on_ms = at_ms - COUNTED_FROM_MS - (tried_ms(number, at_ms) if load.may_stop else 0)
            worked = load.worked_hours(at_ms) - load.worked_hours(COUNTED_FROM_MS)
            return load.idle_kw * on_ms / HOUR_MS + load.working_kw * worked

        def current(phase: str) -> Number:
            unbalance = self.wobble(f"feeder {number} {phase}", 0.015, 0.004)
            return lambda at_ms: (
                power_kw(at_ms)
                / (math.sqrt(3.0) * voltage_kv(at_ms) * power_factor(at_ms))
                * (1.0 + unbalance(at_ms))
            )

        return {
            "Switched On": is_on,
            "Trips": lambda at_ms: NORMAL if is_on(at_ms) else LEAKAGE,
            "Voltage": voltage_kv,
            **{f"Current {phase}": current(phase) for phase in "ABC"},
            "Power": power_kw,
            "Reactive Power": reactive_kvar,
            "Power Factor": lambda at_ms: power_factor(at_ms) if is_on(at_ms) else 0.0,
            "Energy": energy_kwh,
        }


def try_from_ms(number: int) -> int:
    """When in the day a feeder's leakage protection is tried."""
    return TRIES_FROM_MS + 3 * MINUTE_MS * (number - 1)


def is_tried(number: int, at_ms: int) -> bool:
    """Whether a feeder's leakage protection is being tried."""
    return 0 <= into_day_ms(at_ms) - try_from_ms(number) < TRY_MS


def tried_ms(number: int, at_ms: int) -> int:
    """For how long a feeder was off for it since `COUNTED_FROM_MS`."""
    today_ms = min(max(into_day_ms(at_ms) - try_from_ms(number), 0), TRY_MS)
    return (day_at(at_ms) - (COUNTED_FROM_MS + LOCAL_MS) // DAY_MS) * TRY_MS + today_ms
