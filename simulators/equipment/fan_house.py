"""The main fan house: two fans, one runs and one stands by; they change over every thirty days.

Figures: airflow 4 000–15 000 m³/min, negative pressure 800–3 500 Pa, bearings 30–60 ℃, windings 50–100 ℃.
"""

from __future__ import annotations

import math
from typing import Final

from simulators.equipment.signal import Signal, Signals, Wobble, Wobbles
from simulators.shifts import DAY_MS, MINUTE_MS, day_at

FANS: Final = 2
CHANGEOVER_DAYS: Final = 30


class FanHouse:
    """The main fan house."""

    def __init__(self, seed: int, code: str) -> None:
        self.wobble = Wobbles(seed, code)

    def signals(self) -> Signals:
        """Both fans."""
        return {
            f"Main Fan {number}/{word}": signal
            for number in range(1, FANS + 1)
            for word, signal in self.fan(number).items()
        }

    def running_fan(self, at_ms: int) -> int:
        """The fan whose turn it is."""
        return day_at(at_ms) // CHANGEOVER_DAYS % FANS + 1

    def fan(self, number: int) -> Signals:
        """One fan's signals, by quantity."""

        def is_running(at_ms: int) -> bool:
            return self.running_fan(at_ms) == number

        def steady(running: float, slow: float, fast: float, standing: float = 0.0) -> Signal:
            noise = self.wobble(f"fan {number} {running}", slow, fast)
            still = Wobble(noise.chance, 0.3 if standing else 0.0, 0.0, 30 * MINUTE_MS)
            return lambda at_ms: running + noise(at_ms) if is_running(at_ms) else standing + still(at_ms)

        pressure = self.wobble(f"fan {number} pressure", 25.0, 8.0)
        return {
            "Running": is_running,
            "Airflow": steady(8_640.0, 70.0, 25.0),
            "Negative Pressure": lambda at_ms: (
                1_870.0 + barometer_pa(at_ms) + pressure(at_ms) if is_running(at_ms) else 0.0
            ),
            "Bearing Temperature": steady(46.5, 0.6, 0.1, standing=18.0),
            "Winding Temperature": steady(71.0, 0.9, 0.2, standing=19.0),
            "Vibration": steady(2.1, 0.2, 0.12),
            "Current": steady(49.0, 0.8, 0.4),
            "Voltage": steady(6.18, 0.03, 0.01),
            "Power": steady(432.0, 6.0, 3.0),
            "Rotation Speed": steady(742.0, 1.5, 0.8),
        }


def barometer_pa(at_ms: int) -> float:
    """What the day's swing of the air pressure adds to the negative pressure."""
    return 30.0 * math.sin(2.0 * math.pi * at_ms / DAY_MS)
