"""The shearer: cuts both ways along the face, one drum at the roof and one at the floor.

Figures: haulage 0–12 m/min; it cuts by memory (记忆割煤) along the face and by remote control (遥控) at its ends;
whoever goes ahead cuts the roof: the leading drum is up and works harder.
"""

from __future__ import annotations

from typing import Final

from simulators.equipment.signal import Number, Signals, Wobble, Wobbles
from simulators.equipment.work_plan import Stroke, WorkPlan

END_M: Final = 15.0
"""So close to an end of the face people steer it by remote control."""
HEIGHT_M: Final = 3.1
PLACE_MM: Final = 25_000
"""The seam changes its height and its dip over such a length."""


class Shearer:
    """The shearer of a face; position 0 is the head of its conveyor."""

    def __init__(self, wobble: Wobbles, plan: WorkPlan, face_m: float) -> None:
        self.wobble, self.plan, self.face_m = wobble, plan, face_m
        self.seam, self.dip = wobble("seam", 0.22), wobble("dip", 1.2)

    def signals(self) -> Signals:
        """Everything the shearer reports; it moves and draws current during strokes only."""
        plan = self.plan
        return {
            "Shearer/Running": lambda at_ms: plan.running(at_ms) is not None,
            "Shearer/Mode": self.mode,
            "Shearer/Direction": self.direction,
            "Shearer/Position": plan.position_m,
            "Shearer/Haulage Speed": self.haulage_speed(),
            "Shearer/Haulage Current": self.when_cutting(self.wobble("haulage", 5.0, 2.0), 12.0, 7.5),
            "Shearer/Cutting Height": self.cutting_height,
            "Shearer/Left Drum Current": self.drum_current("left", leads_to_tail=False),
            "Shearer/Right Drum Current": self.drum_current("right", leads_to_tail=True),
            "Shearer/Left Arm Angle": self.arm_angle("left", leads_to_tail=False),
            "Shearer/Right Arm Angle": self.arm_angle("right", leads_to_tail=True),
            "Shearer/Pitch Angle": lambda at_ms: 3.0 + self.along(self.dip, at_ms),
            "Shearer/Roll Angle": lambda at_ms: 6.5 + self.along(self.dip, at_ms + 7 * PLACE_MM),
        }

    def along(self, noise: Wobble, at_ms: int) -> float:
        """Something that changes along the face: the same at a place whenever the shearer is there."""
        return noise.slow * noise.chance.wander(round(1_000.0 * self.plan.position_m(at_ms)), PLACE_MM)

    def cutting_height(self, at_ms: int) -> float:
        """Height of the cut."""
        return HEIGHT_M + self.along(self.seam, at_ms)

    def mode(self, at_ms: int) -> str:
        """How it is steered."""
        if not self.plan.is_manned(at_ms):
            return "local"
        place_m = self.plan.position_m(at_ms)
        return "memory" if END_M <= place_m <= self.face_m - END_M else "remote"

    def direction(self, at_ms: int) -> str:
        """Where it goes."""
        stroke = self.plan.running(at_ms)
        if stroke is None:
            return "standing"
        return "to tail" if goes_to_tail(stroke) else "to head"

    def haulage_speed(self) -> Number:
        """How fast it goes, m/min."""
        noise = self.wobble("speed", 0.4, 0.1)

        def speed(at_ms: int) -> float:
            stroke = self.plan.running(at_ms)
            return stroke.speed_m_min + noise(at_ms) if stroke else 0.0

        return speed

    def when_cutting(self, noise: Wobble, idle: float, per_speed: float) -> Number:
        """A current that grows with the haulage speed."""

        def current(at_ms: int) -> float:
            stroke = self.plan.running(at_ms)
            return idle + per_speed * stroke.speed_m_min + noise(at_ms) if stroke else 0.0

        return current

    def drum_current(self, side: str, *, leads_to_tail: bool) -> Number:
        """A cutting motor's current, A."""
        leading = self.when_cutting(self.wobble(side, 20.0, 8.0), 46.0, 11.0)
        trailing = self.when_cutting(self.wobble(side, 20.0, 8.0), 40.0, 7.0)

        def current(at_ms: int) -> float:
            stroke = self.plan.running(at_ms)
            leads = stroke is not None and goes_to_tail(stroke) == leads_to_tail
            return leading(at_ms) if leads else trailing(at_ms)

        return current

    def arm_angle(self, side: str, *, leads_to_tail: bool) -> Number:
        """A ranging arm's angle, degrees above the horizontal; it stays where it was when the shearer stands."""
        noise = self.wobble(f"{side} arm", 0.8)

        def angle(at_ms: int) -> float:
            stroke = self.plan.work(at_ms).last(at_ms)
            if stroke is None:
                return 0.0
            if goes_to_tail(stroke) == leads_to_tail:
                return 21.0 + 12.0 * (self.cutting_height(at_ms) - HEIGHT_M) + noise(at_ms)
            return noise(at_ms) - 13.0

        return angle


def goes_to_tail(stroke: Stroke) -> bool:
    """Whether a stroke leads away from the conveyor's head."""
    return stroke.to_m > stroke.from_m
