"""The surface compressor station: three machines feed one receiver.

One machine runs loaded all the time, the next one loads and unloads to keep the pressure between two marks, the third
stands by; every week they move on by one place. How long the second one is loaded follows the air that the shift
takes.

Figures: 0.70–0.80 MPa, discharge 75–95 ℃ (a site's alarm 90, trip 100).
"""

from __future__ import annotations

from typing import Final

from simulators.chance import Chance
from simulators.equipment.heat import warmth
from simulators.equipment.protection import trips
from simulators.equipment.signal import Number, Signals, Wobbles, always
from simulators.shifts import DAY_MS, LOCAL_MS, MINUTE_MS, shift_at

PROTECTIONS: Final = ("discharge hot", "overpressure", "oil pressure low", "water cut off", "overload")
"""排气超温, 超压, 油压低, 断水, 过载; bit 0 first."""
TESTED_FROM_MIN: Final = 120
MODEL: Final = "LGD-250/0.8"
MACHINES: Final = 3
WEEK_MS: Final = 7 * DAY_MS
CYCLE_MS: Final = 4 * MINUTE_MS
LOW_MPA: Final = 0.70
HIGH_MPA: Final = 0.78
WARMING_MS: Final = 12 * MINUTE_MS
LEADS: Final = 0
TRIMS: Final = 1
STANDS_BY: Final = 2


class CompressorStation:
    """The compressor station."""

    def __init__(self, seed: int, code: str) -> None:
        self.wobble = Wobbles(seed, code)
        self.demand = Chance(seed, f"{code}/demand")

    def loaded_share(self, at_ms: int) -> float:
        """For which share of its cycle the second machine is loaded: production takes more air."""
        usual = 0.6 if shift_at(at_ms - at_ms % CYCLE_MS).is_production else 0.4
        return usual + self.demand.between(at_ms // CYCLE_MS, -0.12, 0.12)

    def is_loading(self, at_ms: int) -> bool:
        """Whether the second machine is loaded."""
        return at_ms % CYCLE_MS < self.loaded_share(at_ms) * CYCLE_MS

    def receiver_mpa(self, at_ms: int) -> float:
        """The receiver's pressure: rises while both are loaded, then falls."""
        share, part = self.loaded_share(at_ms), at_ms % CYCLE_MS / CYCLE_MS
        full = part / share if part < share else (1.0 - part) / (1.0 - share)
        return LOW_MPA + (HIGH_MPA - LOW_MPA) * full

    def signals(self) -> Signals:
        """Receiver and machines."""
        fine, warm = self.wobble("fine", 0.002, 0.001), self.wobble("receiver", 0.6, period_ms=10 * MINUTE_MS)
        found: Signals = {
            "Receiver/Pressure": lambda at_ms: self.receiver_mpa(at_ms) + fine(at_ms),
            "Receiver/Temperature": lambda at_ms: 39.0 + warm(at_ms),
            "Compressor/Trips": trips(PROTECTIONS, TESTED_FROM_MIN),
            "Compressor/Model": always(MODEL),
        }
        for number in range(1, MACHINES + 1):
            found |= {f"Compressor {number}/{word}": signal for word, signal in self.machine(number).items()}
        return found

    def machine(self, number: int) -> Signals:
        """One machine's signals, by quantity."""
        current, hot, water, fine = (
            self.wobble(f"{number} current", 0.5, 0.25), self.wobble(f"{number} hot", 0.8, 0.2),
            self.wobble(f"{number} water", 0.4, period_ms=5 * MINUTE_MS), self.wobble(f"{number} fine", 0.003, 0.001),
        )  # fmt: skip

        def is_running(at_ms: int) -> bool:
            return place(number, at_ms)[0] != STANDS_BY

        def is_loaded(at_ms: int) -> bool:
            where, _ = place(number, at_ms)
            return where == LEADS or (where == TRIMS and self.is_loading(at_ms))

        def when_running(signal: Number) -> Number:
            return lambda at_ms: signal(at_ms) if is_running(at_ms) else 0.0

        return {
            "Running": is_running,
            "Loaded": is_loaded,
            "Pressure": when_running(lambda at_ms: self.receiver_mpa(at_ms) + 0.015 + fine(at_ms)),
            "Current": when_running(lambda at_ms: (28.5 if is_loaded(at_ms) else 12.5) + current(at_ms)),
            "Exhaust Temperature": lambda at_ms: 20.0 + 62.0 * heat(number, at_ms) + hot(at_ms),
            "Water Temperature": lambda at_ms: 19.0 + 13.0 * heat(number, at_ms) + water(at_ms),
        }


def place(number: int, at_ms: int) -> tuple[int, int]:
    """What a machine does, and for how long it has, ms: it trims for a week, leads for one, and stands by for one."""
    week, into_ms = divmod(at_ms + LOCAL_MS, WEEK_MS)
    return (TRIMS, LEADS, STANDS_BY)[(week - number) % MACHINES], into_ms


def heat(number: int, at_ms: int) -> float:
    """How warm a machine is, from cold 0 to warm 1."""
    where, into_ms = place(number, at_ms)
    since_ms = into_ms + {TRIMS: 0, LEADS: WEEK_MS, STANDS_BY: 2 * WEEK_MS}[where]
    return warmth(0, 2 * WEEK_MS, since_ms, WARMING_MS)
