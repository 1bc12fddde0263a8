"""The central pump room: a sump that fills steadily, and three pumps that empty it in turn.

A cycle begins when the sump stands at `HIGH_M`: one pump starts and draws it down to `LOW_M`, then stops, and the
sump fills again. Every cycle discharges the same volume, in the same share of its time; cycles differ in length
a little, so flows do. That keeps the water balance exact and the state a function of the instant. The alarms
(高/低水位) lie beyond the levels of a healthy room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulators.chance import Chance
from simulators.equipment.heat import ramp, warmth
from simulators.equipment.signal import Number, Signal, Signals, Wobbles
from simulators.shifts import HOUR_MS, MINUTE_MS

LOW_M: Final = 1.6
HIGH_M: Final = 3.1
LOW_ALARM_M: Final = 1.2
HIGH_ALARM_M: Final = 3.6
SUMP_M2: Final = 100.0
CYCLE_MS: Final = 110 * MINUTE_MS
CYCLE_SWAY: Final = 0.06
"""How far a cycle's begin strays, as a share of the cycle."""
DISCHARGE_M3: Final = 210.0
"""Volume pumped in a cycle; 150 m³ of it are the sump's, the rest flows in meanwhile."""
RUN_SHARE: Final = 1.0 - (HIGH_M - LOW_M) * SUMP_M2 / DISCHARGE_M3
"""Share of a cycle in which a pump runs."""
PUMPS: Final = 3
RAMP_MS: Final = MINUTE_MS
"""The gate valve opens and closes in that time."""
WARMING_MS: Final = 15 * MINUTE_MS
SINCE_CYCLE: Final = 238_600
"""The cycle from which the discharge is counted (November 2019)."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle: a pump runs in `[from_ms, stop_ms)`, the sump fills in `[stop_ms, to_ms)`."""

    index: int
    from_ms: int
    stop_ms: int
    to_ms: int

    @property
    def pump(self) -> int:
        """The pump whose turn it is, 1–3."""
        return self.index % PUMPS + 1

    @property
    def flow_m3_h(self) -> float:
        """What it pumps."""
        return DISCHARGE_M3 * HOUR_MS / (self.stop_ms - self.from_ms)

    def level_m(self, at_ms: int) -> float:
        """The sump's level at an instant of the cycle."""
        if at_ms < self.stop_ms:
            full = (self.stop_ms - at_ms) / (self.stop_ms - self.from_ms)
        else:
            full = (at_ms - self.stop_ms) / (self.to_ms - self.stop_ms)
        return LOW_M + (HIGH_M - LOW_M) * full


class PumpRoom:
    """The drainage pump room."""

    def __init__(self, seed: int, code: str) -> None:
        self.wobble = Wobbles(seed, code)
        self.begins = Chance(seed, f"{code}/cycles")

    def signals(self) -> Signals:
        """Sump and pumps."""
        found: dict[str, Signal] = {
            "Sump/Level": self.level_m,
            "Sump/High Level": lambda at_ms: self.level_m(at_ms) > HIGH_ALARM_M,
            "Sump/Low Level": lambda at_ms: self.level_m(at_ms) < LOW_ALARM_M,
            "Sump/Discharge": self.discharge_m3,
        }
        for number in range(1, PUMPS + 1):
            found |= {f"Pump {number}/{word}": signal for word, signal in self.pump(number).items()}
        return found

    def begin_ms(self, index: int) -> int:
        """When a cycle begins."""
        return index * CYCLE_MS + round(CYCLE_MS * self.begins.between(index, -CYCLE_SWAY, CYCLE_SWAY))

    def numbered(self, index: int) -> Cycle:
        """A cycle by its number."""
        from_ms, to_ms = self.begin_ms(index), self.begin_ms(index + 1)
        return Cycle(index, from_ms, from_ms + round((to_ms - from_ms) * RUN_SHARE), to_ms)

    def cycle(self, at_ms: int) -> Cycle:
        """The cycle that runs at an instant."""
        index = at_ms // CYCLE_MS
        if at_ms < self.begin_ms(index):
            index -= 1
        elif at_ms >= self.begin_ms(index + 1):
            index += 1
        return self.numbered(index)

    def level_m(self, at_ms: int) -> float:
        """The sump's level."""
        return self.cycle(at_ms).level_m(at_ms)

    def running_pump(self, at_ms: int) -> int | None:
        """The pump that runs at an instant."""
        cycle = self.cycle(at_ms)
        return cycle.pump if at_ms < cycle.stop_ms else None

    def is_running(self, at_ms: int) -> bool:
        """Whether any pump runs."""
        return self.running_pump(at_ms) is not None

    def share(self, at_ms: int) -> float:
        """Power drawn, as a share of one pump's."""
        return float(self.is_running(at_ms))

    def discharge_m3(self, at_ms: int) -> float:
        """Total pumped; never falls."""
        cycle = self.cycle(at_ms)
        run = min((at_ms - cycle.from_ms) / (cycle.stop_ms - cycle.from_ms), 1.0)
        return DISCHARGE_M3 * (cycle.index - SINCE_CYCLE + run)

    def run_hours(self, at_ms: int) -> float:
        """Hours for which pumps have run, all together, since 1970."""
        cycle = self.cycle(at_ms)
        return (RUN_SHARE * cycle.from_ms + min(at_ms, cycle.stop_ms) - cycle.from_ms) / HOUR_MS

    def last_run(self, number: int, at_ms: int) -> Cycle:
        """A pump's present or latest run."""
        index = self.cycle(at_ms).index
        return self.numbered(index - (index - number + 1) % PUMPS)

    def opening(self, number: int, at_ms: int) -> float:
        """How far a pump's gate valve is open, 0–1."""
        run = self.last_run(number, at_ms)
        return ramp(min(at_ms - run.from_ms, run.stop_ms - at_ms), RAMP_MS)

    def warmth(self, number: int, at_ms: int) -> float:
        """How warm a pump is, from cold 0 to fully warm 1."""
        run = self.last_run(number, at_ms)
        return warmth(run.from_ms, run.stop_ms, at_ms, WARMING_MS)

    def pump(self, number: int) -> Signals:
        """One pump's signals, by quantity."""
        flow, current, voltage, pressure, vacuum, warm, vibration = (
            self.wobble(f"pump {number} flow", 5.0, 2.0), self.wobble(f"pump {number} current", 1.2, 0.6),
            self.wobble("bus", 0.04, 0.01),
            self.wobble(f"pump {number} pressure", 0.03, 0.02), self.wobble(f"pump {number} vacuum", 1.0, 0.5),
            self.wobble(f"pump {number} warm", 0.4, period_ms=10 * MINUTE_MS),
            self.wobble(f"pump {number} vibration", 0.2, 0.1),
        )  # fmt: skip

        def is_running(at_ms: int) -> bool:
            return self.running_pump(at_ms) == number

        def when_running(signal: Number) -> Number:
            return lambda at_ms: signal(at_ms) if is_running(at_ms) else 0.0

        def opened(at_ms: int) -> float:
            return self.opening(number, at_ms)

        return {
            "Running": is_running,
            "Flow": when_running(
                lambda at_ms: max(self.cycle(at_ms).flow_m3_h + flow(at_ms), 0.0) * opened(at_ms)
            ),
            "Outlet Pressure": when_running(lambda at_ms: 6.6 - 0.4 * opened(at_ms) + pressure(at_ms)),
            "Vacuum": when_running(lambda at_ms: -42.0 + vacuum(at_ms)),
            "Current": when_running(lambda at_ms: 34.0 + 24.0 * opened(at_ms) + current(at_ms)),
            "Voltage": when_running(lambda at_ms: 6.25 + voltage(at_ms)),
            "Valve Opening": lambda at_ms: 100.0 * opened(at_ms),
            "Winding Temperature": lambda at_ms: 27.0 + 46.0 * self.warmth(number, at_ms) + warm(at_ms),
            "Bearing Temperature": lambda at_ms: 26.0 + 24.0 * self.warmth(number, at_ms) + warm(at_ms),
            "Vibration": when_running(lambda at_ms: 1.8 + vibration(at_ms)),
        }
