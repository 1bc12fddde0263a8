"""A driving face: roadheader, local fans, belt, gas and air.

Figures: cutting current about 110 A, oil 40–60 ℃, advance a few metres a shift, air speed 0.25–4 m/s.
"""

from __future__ import annotations

from simulators.chance import Chance
from simulators.equipment.signal import Signal, Signals, Wobbles, always
from simulators.equipment.work_plan import WorkPlan, roadheader_plan
from simulators.shifts import MINUTE_MS


class DrivingFace:
    """One driving face."""

    def __init__(self, seed: int, code: str) -> None:
        self.wobble = Wobbles(seed, code)
        self.plan: WorkPlan = roadheader_plan(Chance(seed, f"{code}/plan"))

    def signals(self) -> Signals:
        """Everything the face's machines report."""
        return {**self.roadheader(), **self.haulage(), **self.air()}

    def roadheader(self) -> Signals:
        """Roadheader: cuts during strokes only; `Advance` counts from the shift's start."""
        plan = self.plan
        current, oil, warm = (
            self.wobble("current", 25.0, 10.0), self.wobble("oil", 0.8, 0.3),
            self.wobble("warm", 0.6, period_ms=10 * MINUTE_MS),
        )  # fmt: skip
        return {
            "Roadheader/Running": lambda at_ms: plan.running(at_ms) is not None,
            "Roadheader/Cutting Current": lambda at_ms: (
                112.0 + current(at_ms) if plan.running(at_ms) else 0.0
            ),
            "Roadheader/Pressure": lambda at_ms: 17.0 + oil(at_ms) if plan.is_manned(at_ms) else 0.0,
            "Roadheader/Oil Temperature": lambda at_ms: (
                36.0 + 20.0 * plan.load(at_ms, 25 * MINUTE_MS) + warm(at_ms)
            ),
            "Roadheader/Advance": plan.position_m,
        }

    def haulage(self) -> Signals:
        """The belt behind the roadheader."""
        plan = self.plan
        speed, current = self.wobble("belt", 0.03, 0.01), self.wobble("belt current", 2.0, 1.0)

        def belt_current(at_ms: int) -> float:
            return (
                24.0 + 19.0 * plan.load(at_ms, MINUTE_MS) + current(at_ms) if plan.is_manned(at_ms) else 0.0
            )

        return {
            "Belt/Running": plan.is_manned,
            "Belt/Speed": lambda at_ms: 2.0 + speed(at_ms) if plan.is_manned(at_ms) else 0.0,
            "Belt/Current": belt_current,
        }

    def air(self) -> Signals:
        """Two local fans (one runs, one stands by), gas at the heading (1) and in its return (2), climate."""
        plan = self.plan
        fan, speed, warm, carbon = (
            self.wobble("fan", 0.8, 0.4), self.wobble("air speed", 0.05, 0.02),
            self.wobble("climate", 0.3, period_ms=20 * MINUTE_MS), self.wobble("co", 0.8, 0.3, 6 * MINUTE_MS),
        )  # fmt: skip
        return {
            "Local Fan 1/Running": always(True),
            "Local Fan 1/Current": lambda at_ms: 44.0 + fan(at_ms),
            "Local Fan 2/Running": always(False),
            "Local Fan 2/Current": always(0.0),
            "Gas 1/Methane": self.methane(1, 0.16, 0.24, 4),
            "Gas 2/Methane": self.methane(2, 0.14, 0.16, 9),
            "Environment/CO": lambda at_ms: 2.0 + plan.load(at_ms, 10 * MINUTE_MS) + carbon(at_ms),
            "Environment/Air Speed": lambda at_ms: 0.62 + speed(at_ms),
            "Environment/Temperature": lambda at_ms: 24.2 + plan.load(at_ms, 15 * MINUTE_MS) + warm(at_ms),
        }

    def methane(self, number: int, rest: float, cutting: float, lag_min: int) -> Signal:
        """One methane sensor: its value at rest, what cutting adds, over how long it follows."""
        noise = self.wobble(f"methane {number}", 0.035, 0.012, 4 * MINUTE_MS)
        return lambda at_ms: rest + cutting * self.plan.load(at_ms, lag_min * MINUTE_MS) + noise(at_ms)
