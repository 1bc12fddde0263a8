"""The main fan house: two fans, one runs and one stands by; they change over every thirty days (倒机).

A change-over takes some minutes: the spare fan runs up against its closed damper (风门), then the dampers change
places, then the other fan stops. Meanwhile the mine's air falls, for less than a minute to half.

Figures: airflow 4 000–15 000 m³/min, negative pressure 800–3 500 Pa, bearings 30–60 ℃, windings 50–100 ℃.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from simulators.equipment.heat import ramp, warmth
from simulators.equipment.signal import Number, Signals, Wobbles, always
from simulators.shifts import DAY_MS, HOUR_MS, LOCAL_MS, MINUTE_MS

FANS: Final = 2
CHANGEOVER_MS: Final = 30 * DAY_MS
CHANGES_AT_MS: Final = 2 * HOUR_MS
"""Of the day, in a maintenance shift."""
RUN_UP_MS: Final = 60_000
DAMPERS_FROM_MS: Final = 90_000
DAMPERS_TO_MS: Final = 150_000
"""Into a change-over; then the other fan is switched off."""
AIRFLOW_M3_MIN: Final = 8_640.0


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

    def fan(self, number: int) -> Signals:
        """One fan's signals, by quantity."""

        def spun(running: float, slow: float, fast: float, share: Callable[[int], float]) -> Number:
            noise = self.wobble(f"fan {number} {running}", slow, fast)
            return lambda at_ms: (running + noise(at_ms)) * part if (part := share(at_ms)) else 0.0

        def warmed(standing: float, running: float, warming_ms: int) -> Number:
            noise = self.wobble(f"fan {number} {running}", 0.5, 0.1, 5 * MINUTE_MS)
            return lambda at_ms: (
                standing + (running - standing) * heat(number, at_ms, warming_ms) + noise(at_ms)
            )

        def turning(at_ms: int) -> float:
            return speed(number, at_ms)

        def drawn(at_ms: int) -> float:
            return draught(number, at_ms)

        pressure = self.wobble(f"fan {number} pressure", 25.0, 8.0)
        return {
            "Running": lambda at_ms: is_switched_on(number, at_ms),
            "Direction": always("forward"),
            "Damper Open": lambda at_ms: damper(number, at_ms) > 0.5,  # noqa: PLR2004
            "Airflow": spun(AIRFLOW_M3_MIN, 70.0, 25.0, drawn),
            "Negative Pressure": lambda at_ms: (
                (1_870.0 + barometer_pa(at_ms) + pressure(at_ms)) * part if (part := drawn(at_ms)) else 0.0
            ),
            "Bearing Temperature": warmed(18.0, 46.5, 40 * MINUTE_MS),
            "Winding Temperature": warmed(19.0, 71.0, 60 * MINUTE_MS),
            "Vibration": spun(2.1, 0.2, 0.12, turning),
            "Current": spun(
                49.0, 0.8, 0.4, lambda at_ms: turning(at_ms) * (0.45 + 0.55 * damper(number, at_ms))
            ),
            "Voltage": spun(6.18, 0.03, 0.01, lambda at_ms: float(is_switched_on(number, at_ms))),
            "Power": spun(
                432.0, 6.0, 3.0, lambda at_ms: turning(at_ms) * (0.3 + 0.7 * damper(number, at_ms))
            ),
            "Rotation Speed": spun(742.0, 1.5, 0.8, turning),
        }


def turn(at_ms: int) -> tuple[int, int]:
    """The fan whose turn it is, and for how long it has been, ms."""
    number, into_ms = divmod(at_ms + LOCAL_MS - CHANGES_AT_MS, CHANGEOVER_MS)
    return number % FANS + 1, into_ms


def is_switched_on(number: int, at_ms: int) -> bool:
    """Whether a fan's motor is on: both are, in a change-over."""
    whose, into_ms = turn(at_ms)
    return number == whose or into_ms < DAMPERS_TO_MS


def speed(number: int, at_ms: int) -> float:
    """How fast a fan turns, 0–1; switched off, it runs down as it ran up."""
    whose, into_ms = turn(at_ms)
    return ramp(into_ms, RUN_UP_MS) if number == whose else 1.0 - ramp(into_ms - DAMPERS_TO_MS, RUN_UP_MS)


def damper(number: int, at_ms: int) -> float:
    """How far a fan's damper is open, 0–1."""
    whose, into_ms = turn(at_ms)
    opened = ramp(into_ms - DAMPERS_FROM_MS, DAMPERS_TO_MS - DAMPERS_FROM_MS)
    return opened if number == whose else 1.0 - opened


def draught(number: int, at_ms: int) -> float:
    """A fan's share of its usual airflow: while both dampers are half open, much air goes round in a circle."""
    return speed(number, at_ms) * damper(number, at_ms) ** 2


def heat(number: int, at_ms: int, warming_ms: int) -> float:
    """How warm a fan is, from cold 0 to warm 1."""
    whose, into_ms = turn(at_ms)
    if number == whose:
        return warmth(0, CHANGEOVER_MS, into_ms, warming_ms)
    return warmth(0, CHANGEOVER_MS + DAMPERS_TO_MS, CHANGEOVER_MS + into_ms, warming_ms)


def barometer_pa(at_ms: int) -> float:
    """What the day's swing of the air pressure adds to the negative pressure."""
    return 30.0 * math.sin(2.0 * math.pi * at_ms / DAY_MS)
