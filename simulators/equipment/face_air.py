"""The air of a face: gas, dust and climate follow the cutting, each over a time of its own.

Figures: methane some tenths of a per cent (reference values of a real longwall), air speed 0.25–4 m/s, below 26 ℃.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.equipment.signal import Number, Signals, Wobbles
from simulators.equipment.work_plan import WorkPlan
from simulators.shifts import MINUTE_MS


@dataclass(frozen=True, slots=True)
class FaceAir:
    """The air where a plan's machine cuts."""

    wobble: Wobbles
    plan: WorkPlan

    def methane(self, number: int, rest: float, cutting: float, lag_min: int) -> Number:
        """One methane sensor, %: its value at rest, what cutting adds, over how long it follows."""
        noise = self.wobble(f"methane {number}", 0.045, 0.013, 4 * MINUTE_MS)
        return lambda at_ms: rest + cutting * self.plan.load(at_ms, lag_min * MINUTE_MS) + noise(at_ms)

    def climate(self, *, speed_m_s: float, warmth: float, humidity: float, dust: float) -> Signals:
        """Air speed and warmth at rest, and the dust of cutting, mg/m³."""
        plan = self.plan
        speed, warm, humid, carbon, dusty = (
            self.wobble("air speed", 0.07 * speed_m_s, 0.03 * speed_m_s),
            self.wobble("warm", 0.3, period_ms=20 * MINUTE_MS), self.wobble("humid", 3.0, period_ms=20 * MINUTE_MS),
            self.wobble("co", 1.0, 0.3, 6 * MINUTE_MS), self.wobble("dust", 0.25, 0.15),
        )  # fmt: skip
        return {
            "Environment/CO": lambda at_ms: 3.0 + 2.0 * plan.load(at_ms, 10 * MINUTE_MS) + carbon(at_ms),
            "Environment/Dust": lambda at_ms: (
                (3.0 + dust * plan.load(at_ms, 2 * MINUTE_MS)) * (1.0 + dusty(at_ms))
            ),
            "Environment/Air Speed": lambda at_ms: speed_m_s + speed(at_ms),
            "Environment/Temperature": lambda at_ms: warmth + plan.load(at_ms, 15 * MINUTE_MS) + warm(at_ms),
            "Environment/Humidity": lambda at_ms: (
                humidity + 4.0 * plan.load(at_ms, 15 * MINUTE_MS) + humid(at_ms)
            ),
        }
