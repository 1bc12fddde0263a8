"""A driving face that a full-face boring machine (TBM) cuts: bores a stroke of 1.2 m, then grips anew.

Figures of a machine of 5 m: cutterhead 960 kW, about 6 r/min and 5 mm/r, thrust some thousand kN. What it advances is
penetration × revolutions, what it draws is torque × speed.
"""

from __future__ import annotations

import math
from typing import Final

from simulators.chance import Chance
from simulators.equipment.heading import Heading
from simulators.equipment.signal import Number, Signals, Wobbles
from simulators.equipment.work_plan import WorkPlan, heading_plan
from simulators.shifts import MINUTE_MS

STROKES: Final = 7
STROKE_M: Final = 1.2
SECTION_M2: Final = math.pi * 5.03**2 / 4.0
T_PER_M: Final = SECTION_M2 * 2.4
ROTATION: Final = 6.2
"""r/min of the cutterhead."""
HARDNESS_MM: Final = 700
"""The rock changes over such an advance."""


class TbmFace:
    """One driving face with a TBM."""

    def __init__(self, seed: int, code: str) -> None:
        self.wobble = Wobbles(seed, code)
        self.plan: WorkPlan = heading_plan(Chance(seed, f"{code}/plan"), STROKES, STROKE_M, share=0.66)
        self.hardness = Chance(seed, f"{code}/rock")
        self.spin = self.wobble("spin", 0.15, 0.03)

    def signals(self) -> Signals:
        """Everything the face's machines report."""
        return {**self.machine(), **Heading(self.wobble, self.plan).signals(rest=0.08, cutting=0.1)}

    def output_t(self, at_ms: int) -> float:
        """What was bored since 1970."""
        return T_PER_M * self.plan.travelled_m(at_ms)

    def rock(self, at_ms: int) -> float:
        """How hard the rock at the cutterhead is, about 1."""
        return 1.0 + 0.15 * self.hardness.wander(round(1_000.0 * self.plan.travelled_m(at_ms)), HARDNESS_MM)

    def when_boring(self, signal: Number) -> Number:
        """A signal that is 0 while it does not bore."""
        return lambda at_ms: signal(at_ms) if self.plan.running(at_ms) else 0.0

    def rotation(self, at_ms: int) -> float:
        """Speed of the cutterhead while it bores, r/min."""
        return ROTATION + self.spin(at_ms)

    def penetration(self, at_ms: int) -> float:
        """What it goes ahead in a revolution, mm."""
        stroke = self.plan.running(at_ms)
        return 1_000.0 * stroke.speed_m_min / self.rotation(at_ms) if stroke else 0.0

    def torque(self) -> Number:
        """Torque of the cutterhead, kN·m."""
        noise = self.wobble("torque", 45.0, 20.0)
        return self.when_boring(lambda at_ms: 930.0 * self.rock(at_ms) + noise(at_ms))

    def machine(self) -> Signals:
        """The machine; `Advance` counts from the shift's start."""
        plan, torque = self.plan, self.torque()
        push, grip, oil, pitch, roll, yaw = (
            self.wobble("push", 130.0, 60.0), self.wobble("grip", 0.5, 0.2),
            self.wobble("oil", 0.5, period_ms=10 * MINUTE_MS), self.wobble("pitch", 0.3, period_ms=20 * MINUTE_MS),
            self.wobble("roll", 0.4, period_ms=20 * MINUTE_MS), self.wobble("yaw", 0.3, period_ms=20 * MINUTE_MS),
        )  # fmt: skip

        def power_kw(at_ms: int) -> float:
            return torque(at_ms) * 2.0 * math.pi * self.rotation(at_ms) / 60.0

        return {
            "TBM/Running": lambda at_ms: plan.running(at_ms) is not None,
            "TBM/Mode": lambda at_ms: "remote" if plan.is_manned(at_ms) else "local",
            "TBM/Thrust": self.when_boring(lambda at_ms: 7_400.0 * self.rock(at_ms) + push(at_ms)),
            "TBM/Torque": torque,
            "TBM/Cutterhead Speed": self.when_boring(self.rotation),
            "TBM/Penetration": self.penetration,
            "TBM/Power": power_kw,
            "TBM/Gripper Pressure": lambda at_ms: (
                26.0 + grip(at_ms) if plan.running(at_ms) else 4.0 + 0.2 * grip(at_ms)
            ),
            "TBM/Oil Temperature": lambda at_ms: 34.0 + 18.0 * plan.load(at_ms, 25 * MINUTE_MS) + oil(at_ms),
            "TBM/Pitch Angle": lambda at_ms: 1.0 + pitch(at_ms),
            "TBM/Roll Angle": roll,
            "TBM/Yaw Angle": yaw,
            "TBM/Advance": plan.position_m,
        }
