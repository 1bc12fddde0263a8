"""A fully mechanised mining face: shearer, supports, face conveyor, emulsion pump, gas and air.

Figures: shearer 0–12 m/min, support pressure usual about 30 MPa, chain 0–2.5 m/s, emulsion about 31.5 MPa;
methane some tenths of a per cent, rising while the shearer cuts (reference values of a real longwall).
"""

from __future__ import annotations

import math
from typing import Final

from simulators.chance import Chance
from simulators.equipment.signal import Signal, Signals, Wobble, Wobbles
from simulators.equipment.work_plan import WorkPlan, shearer_plan
from simulators.shifts import MINUTE_MS, shift_at

FACE_M: Final = 220.0
SUPPORT_M: Final = 1.5
"""Distance between two supports."""
SUPPORTS: Final = (20, 75, 130)
"""The supports whose pressure is reported."""


class MiningFace:
    """One mining face."""

    def __init__(self, seed: int, code: str) -> None:
        self.wobble = Wobbles(seed, code)
        self.plan: WorkPlan = shearer_plan(Chance(seed, f"{code}/plan"), FACE_M)

    def signals(self) -> Signals:
        """Everything the face's machines report."""
        return {
            **self.shearer(),
            **self.conveyor(),
            **self.air(),
            **{f"Support {number}/Pressure": self.support(number) for number in SUPPORTS},
        }

    def shearer(self) -> Signals:
        """Shearer: moves and draws current during strokes only."""
        plan = self.plan
        speed, height = self.wobble("speed", 0.6, 0.1), self.wobble("height", 0.25, period_ms=5 * MINUTE_MS)
        left, right, haulage = (
            self.wobble("left", 22.0, 9.0), self.wobble("right", 22.0, 9.0), self.wobble("haulage", 5.0, 2.0)
        )  # fmt: skip

        def when_cutting(moving: float, noise: Wobble) -> Signal:
            return lambda at_ms: moving + noise(at_ms) if plan.running(at_ms) else 0.0

        def haulage_speed(at_ms: int) -> float:
            stroke = plan.running(at_ms)
            return max(stroke.speed_m_min + speed(at_ms), 0.2) if stroke else 0.0

        return {
            "Shearer/Running": lambda at_ms: plan.running(at_ms) is not None,
            "Shearer/Position": plan.position_m,
            "Shearer/Haulage Speed": haulage_speed,
            "Shearer/Cutting Height": lambda at_ms: 3.1 + height(at_ms) if plan.running(at_ms) else 3.1,
            "Shearer/Left Drum Current": when_cutting(96.0, left),
            "Shearer/Right Drum Current": when_cutting(88.0, right),
            "Shearer/Haulage Current": when_cutting(52.0, haulage),
        }

    def conveyor(self) -> Signals:
        """Face conveyor and emulsion pump: run while the face is at work."""
        plan = self.plan
        speed, current, pressure = (
            self.wobble("chain", 0.03, 0.01), self.wobble("conveyor", 8.0, 4.0), self.wobble("emulsion", 0.6, 0.3)
        )  # fmt: skip

        def chain_current(at_ms: int) -> float:
            loaded = 85.0 * plan.load(at_ms, 90_000)
            return 62.0 + loaded + current(at_ms) if plan.is_manned(at_ms) else 0.0

        return {
            "Face Conveyor/Running": plan.is_manned,
            "Face Conveyor/Chain Speed": lambda at_ms: 1.3 + speed(at_ms) if plan.is_manned(at_ms) else 0.0,
            "Face Conveyor/Current": chain_current,
            "Emulsion Pump/Running": self.is_pumping,
            "Emulsion Pump/Pressure": lambda at_ms: 31.2 + pressure(at_ms) if self.is_pumping(at_ms) else 0.0,
        }

    def is_pumping(self, at_ms: int) -> bool:
        """The supports need pressure in production, and now and then in maintenance."""
        return self.plan.is_manned(at_ms) or (
            not shift_at(at_ms).is_production and at_ms // (20 * MINUTE_MS) % 3 == 0
        )

    def air(self) -> Signals:
        """Gas and climate: 上隅角 (1), face (2) and return airway (3) follow the cutting, each later."""
        plan = self.plan
        upper, face, airway = (self.wobble(f"methane {n}", 0.05, 0.015, 4 * MINUTE_MS) for n in range(1, 4))
        speed, warm, humid, carbon = (
            self.wobble("air speed", 0.12, 0.05), self.wobble("warm", 0.3, period_ms=20 * MINUTE_MS),
            self.wobble("humid", 3.0, period_ms=20 * MINUTE_MS), self.wobble("co", 1.0, 0.3, 6 * MINUTE_MS),
        )  # fmt: skip

        def at_upper_corner(at_ms: int) -> float:
            near = 0.08 * plan.position_m(at_ms) / FACE_M
            return 0.34 + 0.26 * plan.load(at_ms, 6 * MINUTE_MS) + near + upper(at_ms)

        return {
            "Gas 1/Methane": at_upper_corner,
            "Gas 2/Methane": lambda at_ms: 0.22 + 0.22 * plan.load(at_ms, 4 * MINUTE_MS) + face(at_ms),
            "Gas 3/Methane": lambda at_ms: 0.24 + 0.18 * plan.load(at_ms, 10 * MINUTE_MS) + airway(at_ms),
            "Environment/CO": lambda at_ms: 3.0 + 2.0 * plan.load(at_ms, 10 * MINUTE_MS) + carbon(at_ms),
            "Environment/Air Speed": lambda at_ms: 1.75 + speed(at_ms),
            "Environment/Temperature": lambda at_ms: 23.4 + plan.load(at_ms, 15 * MINUTE_MS) + warm(at_ms),
            "Environment/Humidity": lambda at_ms: (
                82.0 + 4.0 * plan.load(at_ms, 15 * MINUTE_MS) + humid(at_ms)
            ),
        }

    def support(self, number: int) -> Signal:
        """Leg pressure: set when the shearer has passed, then the roof comes on."""
        noise = self.wobble(f"support {number}", 0.4, 0.1)
        place_m = number * SUPPORT_M

        def pressure(at_ms: int) -> float:
            set_at_ms = self.last_passed_ms(place_m, at_ms)
            grown = 1.0 if set_at_ms is None else -math.expm1((set_at_ms - at_ms) / (12 * MINUTE_MS))
            return 24.0 + 10.0 * grown + noise(at_ms)

        return pressure

    def last_passed_ms(self, place_m: float, at_ms: int) -> float | None:
        """When the shearer was last at a place in this shift."""
        for stroke in reversed(self.plan.work(at_ms).strokes):
            part = (place_m - stroke.from_m) / (stroke.to_m - stroke.from_m)
            passed_ms = stroke.from_ms + part * (stroke.to_ms - stroke.from_ms)
            if 0.0 <= part <= 1.0 and passed_ms <= at_ms:
                return passed_ms
        return None
