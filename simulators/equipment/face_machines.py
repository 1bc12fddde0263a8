"""What stands along and behind a mining face: conveyor, stage loader, crusher, emulsion pump, spray pump.

Figures: chains 0–2.5 m/s, emulsion about 31.5 MPa (0–40), spray 0–16 MPa, tanks in per cent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulators.equipment.signal import Number, Signals, Wobbles
from simulators.equipment.work_plan import WorkPlan
from simulators.shifts import HOUR_MS, MINUTE_MS, shift_at

FLOW_MS: Final = 90_000
"""Coal lies on the face conveyor for about so long."""
FULL_PERCENT: Final = 88.0
LOW_PERCENT: Final = 54.0
FALLING_SHARE: Final = 0.8
"""A tank falls for that share of its cycle, then its valve fills it again."""


@dataclass(frozen=True, slots=True)
class FaceMachines:
    """The machines; they run while the face is at work, and carry the coal that `output_t` counts."""

    wobble: Wobbles
    plan: WorkPlan
    output_t: Number

    def signals(self) -> Signals:
        """Everything they report."""
        return {
            **self.chain("Face Conveyor", speed=1.3, idle=62.0, per_t_h=0.1, delay_ms=0),
            **self.chain("Stage Loader", speed=1.62, idle=38.0, per_t_h=0.055, delay_ms=40_000),
            "Crusher/Running": self.plan.is_manned,
            "Crusher/Current": self.current("Crusher", 26.0, 0.06, 55_000),
            **self.emulsion_pump(),
            **self.spray_pump(),
        }

    def when_working(self, signal: Number) -> Number:
        """A signal that is 0 while the face rests."""
        return lambda at_ms: signal(at_ms) if self.plan.is_manned(at_ms) else 0.0

    def flow_t_h(self, at_ms: int) -> float:
        """What the face gave lately."""
        return (self.output_t(at_ms) - self.output_t(at_ms - FLOW_MS)) * HOUR_MS / FLOW_MS

    def current(self, name: str, idle: float, per_t_h: float, delay_ms: int) -> Number:
        """A motor's current: empty, and what each t/h adds."""
        noise = self.wobble(f"{name} current", 5.0, 3.0)
        return self.when_working(
            lambda at_ms: idle + per_t_h * self.flow_t_h(at_ms - delay_ms) + noise(at_ms)
        )

    def chain(self, name: str, *, speed: float, idle: float, per_t_h: float, delay_ms: int) -> Signals:
        """A chain conveyor."""
        slip, warm = (
            self.wobble(f"{name} chain", 0.03, 0.01),
            self.wobble(f"{name} warm", 0.5, period_ms=10 * MINUTE_MS),
        )
        return {
            f"{name}/Running": self.plan.is_manned,
            f"{name}/Chain Speed": self.when_working(lambda at_ms: speed + slip(at_ms)),
            f"{name}/Current": self.current(name, idle, per_t_h, delay_ms),
            f"{name}/Gearbox Temperature": lambda at_ms: (
                36.0 + 27.0 * self.plan.load(at_ms, 40 * MINUTE_MS) + warm(at_ms)
            ),
        }

    def emulsion_pump(self) -> Signals:
        """It feeds the supports; its tank falls as they step."""
        pressure, current, oil = (
            self.wobble("emulsion", 0.6, 0.3), self.wobble("emulsion current", 3.0, 1.5),
            self.wobble("emulsion oil", 0.6, period_ms=10 * MINUTE_MS),
        )  # fmt: skip
        return {
            "Emulsion Pump/Running": self.is_pumping,
            "Emulsion Pump/Pressure": lambda at_ms: 31.2 + pressure(at_ms) if self.is_pumping(at_ms) else 0.0,
            "Emulsion Pump/Current": lambda at_ms: 128.0 + current(at_ms) if self.is_pumping(at_ms) else 0.0,
            "Emulsion Pump/Oil Temperature": lambda at_ms: (
                33.0 + 16.0 * self.plan.load(at_ms, 40 * MINUTE_MS) + oil(at_ms)
            ),
            "Emulsion Pump/Tank Level": lambda at_ms: tank_percent(self.plan.travelled_m(at_ms) / 90.0),
        }

    def spray_pump(self) -> Signals:
        """It lays the dust: full pressure while the shearer cuts."""
        pressure, current = self.wobble("spray", 0.3, 0.15), self.wobble("spray current", 1.5, 0.8)

        def spraying(at_ms: int) -> float:
            return 1.0 if self.plan.running(at_ms) else 0.45

        return {
            "Spray Pump/Running": self.plan.is_manned,
            "Spray Pump/Pressure": self.when_working(lambda at_ms: 8.4 * spraying(at_ms) + pressure(at_ms)),
            "Spray Pump/Current": self.when_working(lambda at_ms: 48.0 * spraying(at_ms) + current(at_ms)),
            "Spray Pump/Tank Level": lambda at_ms: tank_percent(
                self.plan.worked_ms(at_ms) / (14 * MINUTE_MS)
            ),
        }

    def is_pumping(self, at_ms: int) -> bool:
        """The supports need pressure in production, and now and then in maintenance."""
        return self.plan.is_manned(at_ms) or (
            not shift_at(at_ms).is_production and at_ms // (20 * MINUTE_MS) % 3 == 0
        )


def tank_percent(cycles: float) -> float:
    """Level of a tank after a number of emptyings."""
    part = cycles % 1.0
    if part < FALLING_SHARE:
        return FULL_PERCENT - (FULL_PERCENT - LOW_PERCENT) * part / FALLING_SHARE
    return LOW_PERCENT + (FULL_PERCENT - LOW_PERCENT) * (part - FALLING_SHARE) / (1.0 - FALLING_SHARE)
