"""A fully mechanised mining face: shearer, supports, the machines that carry its coal, gas and air."""

from __future__ import annotations

from typing import Final

from simulators.chance import Chance
from simulators.equipment.face_air import FaceAir
from simulators.equipment.face_machines import FaceMachines
from simulators.equipment.shearer import HEIGHT_M, Shearer
from simulators.equipment.signal import Signals, Wobbles
from simulators.equipment.supports import WEB_MM, Supports
from simulators.equipment.work_plan import WorkPlan, shearer_plan

FACE_M: Final = 220.0
COAL_T_M3: Final = 1.4
T_PER_M: Final = HEIGHT_M * WEB_MM / 1_000.0 * COAL_T_M3
"""What the shearer wins on a metre of its way."""
UPPER_CORNER: Final = 0.08
"""What the upper corner (上隅角), at the tail, has more of methane when the shearer is there, %."""


class MiningFace:
    """One mining face."""

    def __init__(self, seed: int, code: str) -> None:
        self.wobble = Wobbles(seed, code)
        self.plan: WorkPlan = shearer_plan(Chance(seed, f"{code}/plan"), FACE_M)

    def signals(self) -> Signals:
        """Everything the face's machines report."""
        return {
            **Shearer(self.wobble, self.plan, FACE_M).signals(),
            **Supports(self.wobble, self.plan).signals(),
            **FaceMachines(self.wobble, self.plan, self.output_t).signals(),
            **self.air(),
        }

    def output_t(self, at_ms: int) -> float:
        """Coal won since 1970."""
        return T_PER_M * self.plan.travelled_m(at_ms)

    def air(self) -> Signals:
        """Gas at the upper corner (1), on the face (2) and in the return airway (3), and the climate."""
        air = FaceAir(self.wobble, self.plan)
        upper_corner = air.methane(1, 0.34, 0.26, 6)

        def at_upper_corner(at_ms: int) -> float:
            return upper_corner(at_ms) + UPPER_CORNER * self.plan.position_m(at_ms) / FACE_M

        return {
            "Gas 1/Methane": at_upper_corner,
            "Gas 2/Methane": air.methane(2, 0.22, 0.22, 4),
            "Gas 3/Methane": air.methane(3, 0.24, 0.18, 10),
            **air.climate(speed_m_s=1.75, warmth=23.4, humidity=82.0, dust=34.0),
        }
