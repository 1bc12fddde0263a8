"""The gas-drainage station: one of two water-ring pumps draws methane out of the seam through a pipe.

Pure flow = mixed flow × concentration; the total is its integral. The seam breathes slowly and gives more while the
face cuts.

Figures: 20–60 % CH4 (over 30 % wanted), suction some tens of kPa.
"""

from __future__ import annotations

import math
from typing import Final

from simulators.chance import Chance
from simulators.equipment.heat import warmth
from simulators.equipment.protection import trips
from simulators.equipment.signal import Number, Signals, Wobbles
from simulators.equipment.work_plan import WorkPlan
from simulators.shifts import COUNTED_FROM_MS, DAY_MS, HOUR_MS, LOCAL_MS, MINUTE_MS

PROTECTIONS: Final = ("flashback", "backflow", "explosion vented", "water low", "methane in the room")
"""回火, 回气, 泄爆, 缺水, 室内瓦斯超限; bit 0 first."""
TESTED_FROM_MIN: Final = 90
PUMPS: Final = 2
TURN_MS: Final = 14 * DAY_MS
WARMING_MS: Final = 30 * MINUTE_MS
REST_M3_MIN: Final = 9.0
CUTTING_M3_MIN: Final = 2.2
FOLLOWS_MS: Final = 20 * MINUTE_MS
FOLLOWS_PARTS: Final = 10
"""Into so many parts the total divides that time."""
BREATHS: Final = ((19.0, 0.5), (31.0, 0.35), (67.0, 0.6))
"""The seam's slow swings: hours of a swing, m³/min."""


class DrainageStation:
    """The station; `plan` is the face over the drained seam."""

    def __init__(self, seed: int, code: str, plan: WorkPlan) -> None:
        self.wobble, self.plan = Wobbles(seed, code), plan
        self.phases = [
            Chance(seed, f"{code}/breaths").between(n, 0.0, 2.0 * math.pi) for n in range(len(BREATHS))
        ]
        self.share = self.wobble("share", 4.0, 0.3, 25 * MINUTE_MS)

    def pure_m3_min(self, at_ms: int) -> float:
        """Pure methane drawn."""
        breath = sum(
            swing * math.cos(2.0 * math.pi * at_ms / (hours * HOUR_MS) + phase)
            for (hours, swing), phase in zip(BREATHS, self.phases, strict=True)
        )
        return REST_M3_MIN + breath + CUTTING_M3_MIN * self.plan.load(at_ms, FOLLOWS_MS)

    def concentration(self, at_ms: int) -> float:
        """Methane in the pipe, %."""
        return 37.0 + self.share(at_ms)

    def total_m3(self, at_ms: int) -> float:
        """The integral of `pure_m3_min` since some time before 1970; never falls."""
        minutes = at_ms / MINUTE_MS
        breath = sum(
            swing
            * hours
            * 60.0
            / (2.0 * math.pi)
            * math.sin(2.0 * math.pi * at_ms / (hours * HOUR_MS) + phase)
            for (hours, swing), phase in zip(BREATHS, self.phases, strict=True)
        )
        step_ms = FOLLOWS_MS // FOLLOWS_PARTS
        cut_ms = sum(
            self.plan.worked_ms(at_ms - step_ms * (2 * part + 1) // 2) for part in range(FOLLOWS_PARTS)
        )
        return REST_M3_MIN * minutes + breath + CUTTING_M3_MIN * cut_ms / FOLLOWS_PARTS / MINUTE_MS

    def signals(self) -> Signals:
        """Pipe and pumps."""
        suction, warm, carbon, room = (
            self.wobble("suction", 0.9, 0.25), self.wobble("pipe warm", 0.5, period_ms=20 * MINUTE_MS),
            self.wobble("pipe co", 1.2, 0.4, 10 * MINUTE_MS), self.wobble("room", 0.02, 0.005, 10 * MINUTE_MS),
        )  # fmt: skip
        before = self.total_m3(COUNTED_FROM_MS)
        found: Signals = {
            "Drainage Pipe/Methane": self.concentration,
            "Drainage Pipe/Mixed Flow": lambda at_ms: (
                100.0 * self.pure_m3_min(at_ms) / self.concentration(at_ms)
            ),
            "Drainage Pipe/Pure Flow": self.pure_m3_min,
            "Drainage Pipe/Gas Total": lambda at_ms: self.total_m3(at_ms) - before,
            "Drainage Pipe/Suction": lambda at_ms: suction(at_ms) - 32.0,
            "Drainage Pipe/Temperature": lambda at_ms: 21.0 + warm(at_ms),
            "Drainage Pipe/CO": lambda at_ms: 6.0 + carbon(at_ms),
            "Gas/Methane": lambda at_ms: 0.04 + room(at_ms),
            "Gas Drainage/Trips": trips(PROTECTIONS, TESTED_FROM_MIN),
        }
        for number in range(1, PUMPS + 1):
            found |= {f"Gas Drainage {number}/{word}": signal for word, signal in self.pump(number).items()}
        return found

    def pump(self, number: int) -> Signals:
        """One pump's signals, by quantity."""
        current, bearing, winding, vibration = (
            self.wobble(f"{number} current", 0.8, 0.4),
            self.wobble(f"{number} bearing", 0.4, period_ms=10 * MINUTE_MS),
            self.wobble(f"{number} winding", 0.5, period_ms=10 * MINUTE_MS),
            self.wobble(f"{number} vibration", 0.2, 0.1),
        )  # fmt: skip

        def is_running(at_ms: int) -> bool:
            return turn(at_ms)[0] == number

        def when_running(signal: Number) -> Number:
            return lambda at_ms: signal(at_ms) if is_running(at_ms) else 0.0

        return {
            "Running": is_running,
            "Current": when_running(lambda at_ms: 36.0 + current(at_ms)),
            "Vibration": when_running(lambda at_ms: 2.2 + vibration(at_ms)),
            "Bearing Temperature": lambda at_ms: 20.0 + 24.0 * heat(number, at_ms) + bearing(at_ms),
            "Winding Temperature": lambda at_ms: 21.0 + 43.0 * heat(number, at_ms) + winding(at_ms),
        }


def turn(at_ms: int) -> tuple[int, int]:
    """The pump whose turn it is, and for how long it has been, ms."""
    number, into_ms = divmod(at_ms + LOCAL_MS, TURN_MS)
    return number % PUMPS + 1, into_ms


def heat(number: int, at_ms: int) -> float:
    """How warm a pump is, from cold 0 to warm 1."""
    whose, into_ms = turn(at_ms)
    return warmth(0, TURN_MS, into_ms if number == whose else TURN_MS + into_ms, WARMING_MS)
