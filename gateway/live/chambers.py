"""One chamber kept current: its signals and what it is now. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from contract.datatype import Value
from contract.vocabulary.roles import Role
from gateway.live.series import LiveSeries
from rules.chambers.rule import CONTROL_MODES, Chamber, Rule, Signal, State
from rules.chambers.state import Standing, standing
from rules.series import HOUR_US

KEPT_US: Final = 26 * HOUR_US
NOTHING: Final = Standing(State.UNKNOWN, None, None, None, None, None)
SIGNALS: Final = {Role.HEADCOUNT: Signal.OCCUPANCY} | {
    role: Signal(role.value) for role in Role if role is not Role.HEADCOUNT
}


@dataclass(slots=True)
class ChamberTracker:
    """Take rows as they come, `judge` when it suits."""

    chamber: Chamber
    title: str
    rule: Rule
    signals: dict[Signal, LiveSeries] = field(default_factory=dict)
    now: Standing = NOTHING

    def take(self, role: Role, at_us: int, value: Value | None) -> bool:
        """One row of a signal; false if it says nothing new."""
        signal = SIGNALS[role]
        series = self.signals.setdefault(signal, LiveSeries())
        return series.take(at_us, coded(signal, value))

    def judge(self, now_us: int) -> bool:
        """The chamber as it stands at `now`; true if its state changed."""
        for series in self.signals.values():
            series.forget(now_us - KEPT_US)
        before = self.now.state
        samples = {signal: series.samples() for signal, series in self.signals.items()}
        self.now = standing(self.chamber, samples, self.rule, now_us=now_us)
        return self.now.state is not before


def coded(signal: Signal, value: Value | None) -> float | None:
    """A value as the rules read it; one outside its signal's set is unknown (definitions.md §2)."""
    if signal is Signal.CONTROL_MODE:
        return CONTROL_MODES.get(value) if isinstance(value, str) else None
    if value is None or isinstance(value, str):
        return None
    if signal is Signal.OCCUPANCY:
        return float(value) if value >= 0 and value == int(value) else None
    return float(value) if value in (0, 1) else None
