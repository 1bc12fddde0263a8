"""The main belt: carries what the faces give to the bunker at the shaft, some minutes later.

What passes the belt's weigher is what the faces gave before, to the tonne; it runs for as long as coal may come.

Figures: 0–5 m/s, up to about 1 500 t/h; drum below 60 ℃.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from simulators.chance import Chance
from simulators.equipment.heat import ramp
from simulators.equipment.occasions import seldom
from simulators.equipment.protection import trips
from simulators.equipment.signal import Number, Signal, Signals, Wobbles
from simulators.shifts import (
    COUNTED_FROM_MS,
    HOUR_MS,
    MINUTE_MS,
    SHIFT_MS,
    production_shifts_before,
    shift_at,
)

PROTECTIONS: Final = (
    "off track", "slip", "coal piled", "torn", "smoke", "overheated", "emergency stop", "sprinkling",
)  # fmt: skip
"""跑偏, 打滑, 堆煤, 撕裂, 烟雾, 超温, 急停, 洒水; bit 0 first."""
TESTED_FROM_MIN: Final = 210
UNDER_WAY_MS: Final = 6 * MINUTE_MS
"""From a face to the weigher."""
WEIGHED_MS: Final = MINUTE_MS
STARTS_MS: Final = 33 * MINUTE_MS
"""Into a production shift, before the first coal."""
STOPS_MS: Final = 30 * MINUTE_MS
"""Before the shift's end, when the last has passed."""
RUN_MS: Final = SHIFT_MS - STARTS_MS - STOPS_MS
WARMING_MS: Final = HOUR_MS
RUN_UP_MS: Final = 45_000
SPEED_M_S: Final = 3.15
RATED_T_H: Final = 1_000.0
EMPTY_SHARE: Final = 0.25
"""What turning the empty belt takes of the rated load's power."""


class MainBelt:
    """The main belt and what it has carried."""

    def __init__(self, seed: int, code: str, outputs: Sequence[Number]) -> None:
        self.wobble, self.outputs = Wobbles(seed, code), tuple(outputs)
        self.off_track = Chance(seed, f"{code}/off track")

    def carried_t(self, at_ms: int) -> float:
        """What has passed the weigher since 1970; never falls."""
        return sum(output(at_ms - UNDER_WAY_MS) for output in self.outputs)

    def flow_t_h(self, at_ms: int) -> float:
        """What passes now."""
        return (self.carried_t(at_ms) - self.carried_t(at_ms - WEIGHED_MS)) * HOUR_MS / WEIGHED_MS

    def share(self, at_ms: int) -> float:
        """Power it takes, as a share of that at `RATED_T_H`."""
        loaded = (1.0 - EMPTY_SHARE) * self.flow_t_h(at_ms) / RATED_T_H
        return EMPTY_SHARE + loaded if is_running(at_ms) else 0.0

    def worked_hours(self, at_ms: int) -> float:
        """The time integral of `share` since 1970, hours."""
        return EMPTY_SHARE * run_ms(at_ms) / HOUR_MS + (1.0 - EMPTY_SHARE) * self.carried_t(at_ms) / RATED_T_H

    def signals(self) -> Signals:
        """Everything the belt reports."""
        weigher, slip, current, tension, drum, vibration = (
            self.wobble("weigher", 0.03, 0.02), self.wobble("slip", 0.02, 0.01), self.wobble("current", 1.5, 0.8),
            self.wobble("tension", 1.5, 0.6), self.wobble("drum", 0.5, period_ms=10 * MINUTE_MS),
            self.wobble("vibration", 0.2, 0.1),
        )  # fmt: skip

        def when_running(signal: Number) -> Number:
            return lambda at_ms: signal(at_ms) * turning(at_ms) if is_running(at_ms) else 0.0

        return {
            "Belt/Running": is_running,
            "Belt/Speed": when_running(lambda at_ms: SPEED_M_S + slip(at_ms)),
            "Belt/Current": when_running(lambda at_ms: 82.0 * self.share(at_ms) + current(at_ms)),
            "Belt/Tension": lambda at_ms: 62.0 + 55.0 * self.share(at_ms) + tension(at_ms),
            "Belt/Coal Flow": lambda at_ms: self.flow_t_h(at_ms) * (1.0 + weigher(at_ms)),
            "Belt/Coal Total": lambda at_ms: self.carried_t(at_ms) - self.carried_t(COUNTED_FROM_MS),
            "Belt/Drum Temperature": lambda at_ms: 25.0 + 21.0 * warm(at_ms) + drum(at_ms),
            "Belt/Vibration": when_running(lambda at_ms: 1.9 + vibration(at_ms)),
            "Belt/Trips": self.status(),
        }

    def status(self) -> Signal:
        """The protections; now and then the belt runs off its track for some seconds, and is warned of."""
        strays = seldom(self.off_track, 3.0, (15_000, 60_000))
        return trips(
            PROTECTIONS,
            TESTED_FROM_MIN,
            {"off track": lambda at_ms: strays(at_ms) if is_running(at_ms) else None},
        )


def is_running(at_ms: int) -> bool:
    """Whether the belt runs."""
    return turning(at_ms) > 0.0


def turning(at_ms: int) -> float:
    """How fast the belt runs, 0–1."""
    shift = shift_at(at_ms)
    if not shift.is_production:
        return 0.0
    return ramp(min(at_ms - shift.start_ms - STARTS_MS, shift.end_ms - STOPS_MS - at_ms), RUN_UP_MS)


def run_ms(at_ms: int) -> int:
    """For how long the belt has run since 1970."""
    shift = shift_at(at_ms)
    done_ms = min(max(at_ms - shift.start_ms - STARTS_MS, 0), RUN_MS) if shift.is_production else 0
    return production_shifts_before(shift) * RUN_MS + done_ms


def warm(at_ms: int) -> float:
    """How warm its drums are, from cold 0 to warm 1."""
    return (run_ms(at_ms) - run_ms(at_ms - WARMING_MS)) / WARMING_MS
