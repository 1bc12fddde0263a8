"""What any driving face has, whatever cuts it: the belt behind, two local fans, gas and air.

Of the local fans one runs; every maintenance shift they change over for a while, to see that they can (切换试验).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulators.equipment.face_air import FaceAir
from simulators.equipment.signal import Number, Signals, Wobbles
from simulators.equipment.work_plan import WorkPlan
from simulators.shifts import MINUTE_MS, into_day_ms

FAN_TEST_FROM_MS: Final = 70 * MINUTE_MS
FAN_TEST_TO_MS: Final = 85 * MINUTE_MS
"""Of a day: when the second fan runs."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The belt and the air of one driving face."""

    wobble: Wobbles
    plan: WorkPlan

    def signals(self, *, rest: float, cutting: float) -> Signals:
        """Everything but the cutting machine; methane `rest` and what `cutting` adds at the heading, %."""
        air = FaceAir(self.wobble, self.plan)
        return {
            **self.belt(),
            **self.local_fans(),
            "Gas 1/Methane": air.methane(1, rest, cutting, 4),
            "Gas 2/Methane": air.methane(2, 0.9 * rest, 0.65 * cutting, 9),
            **air.climate(speed_m_s=0.62, warmth=24.2, humidity=80.0, dust=22.0),
        }

    def belt(self) -> Signals:
        """The belt that takes away what is cut."""
        plan = self.plan
        speed, current = self.wobble("belt", 0.03, 0.01), self.wobble("belt current", 2.0, 1.0)

        def when_working(signal: Number) -> Number:
            return lambda at_ms: signal(at_ms) if plan.is_manned(at_ms) else 0.0

        return {
            "Belt/Running": plan.is_manned,
            "Belt/Speed": when_working(lambda at_ms: 2.0 + speed(at_ms)),
            "Belt/Current": when_working(
                lambda at_ms: 24.0 + 19.0 * plan.load(at_ms, MINUTE_MS) + current(at_ms)
            ),
        }

    def local_fans(self) -> Signals:
        """Gas at the heading (1) and in its return (2) need one fan at any time."""
        return {
            f"Local Fan {number}/{word}": signal
            for number in (1, 2)
            for word, signal in self.local_fan(number).items()
        }

    def local_fan(self, number: int) -> Signals:
        """One fan, by quantity."""
        current, airflow = self.wobble(f"fan {number}", 0.8, 0.4), self.wobble(f"airflow {number}", 6.0, 3.0)

        def is_running(at_ms: int) -> bool:
            return running_fan(at_ms) == number

        return {
            "Running": is_running,
            "Current": lambda at_ms: 44.0 + current(at_ms) if is_running(at_ms) else 0.0,
            "Airflow": lambda at_ms: 520.0 + airflow(at_ms) if is_running(at_ms) else 0.0,
        }


def running_fan(at_ms: int) -> int:
    """The local fan that runs."""
    return 2 if FAN_TEST_FROM_MS <= into_day_ms(at_ms) < FAN_TEST_TO_MS else 1
