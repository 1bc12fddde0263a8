"""A driving face that a roadheader cuts.

Figures: cutting current about 110 A, oil 40–60 ℃, a cut of 0.8 m between two settings of the roof support, a few
metres a shift.
"""

from __future__ import annotations

from typing import Final

from simulators.chance import Chance
from simulators.equipment.heading import Heading
from simulators.equipment.signal import Signals, Wobbles
from simulators.equipment.work_plan import WorkPlan, heading_plan
from simulators.shifts import MINUTE_MS

CUTS: Final = 5
CUT_M: Final = 0.8
T_PER_M: Final = 18.0 * 1.6
"""Cross-section in m² times what a solid m³ weighs."""


class DrivingFace:
    """One driving face."""

    def __init__(self, seed: int, code: str) -> None:
        self.wobble = Wobbles(seed, code)
        self.plan: WorkPlan = heading_plan(Chance(seed, f"{code}/plan"), CUTS, CUT_M, share=0.46)

    def signals(self) -> Signals:
        """Everything the face's machines report."""
        return {**self.roadheader(), **Heading(self.wobble, self.plan).signals(rest=0.16, cutting=0.24)}

    def output_t(self, at_ms: int) -> float:
        """What was cut since 1970."""
        return T_PER_M * self.plan.travelled_m(at_ms)

    def roadheader(self) -> Signals:
        """Roadheader: cuts during strokes only; `Advance` counts from the shift's start."""
        plan = self.plan
        current, oil, warm, pitch, roll, yaw = (
            self.wobble("current", 25.0, 10.0), self.wobble("oil", 0.8, 0.3),
            self.wobble("oil warm", 0.6, period_ms=10 * MINUTE_MS), self.wobble("pitch", 0.6),
            self.wobble("roll", 0.5), self.wobble("yaw", 0.8),
        )  # fmt: skip

        def moving(at_ms: int) -> int:
            """Where it stands changes with its advance only."""
            return round(plan.travelled_m(at_ms) * 20 * MINUTE_MS)

        return {
            "Roadheader/Running": lambda at_ms: plan.running(at_ms) is not None,
            "Roadheader/Mode": lambda at_ms: "remote" if plan.is_manned(at_ms) else "local",
            "Roadheader/Cutting Current": lambda at_ms: (
                112.0 + current(at_ms) if plan.running(at_ms) else 0.0
            ),
            "Roadheader/Pressure": lambda at_ms: 17.0 + oil(at_ms) if plan.is_manned(at_ms) else 0.0,
            "Roadheader/Oil Temperature": lambda at_ms: (
                36.0 + 20.0 * plan.load(at_ms, 25 * MINUTE_MS) + warm(at_ms)
            ),
            "Roadheader/Pitch Angle": lambda at_ms: -2.0 + pitch(moving(at_ms)),
            "Roadheader/Roll Angle": lambda at_ms: roll(moving(at_ms)),
            "Roadheader/Yaw Angle": lambda at_ms: yaw(moving(at_ms)),
            "Roadheader/Advance": plan.position_m,
        }
