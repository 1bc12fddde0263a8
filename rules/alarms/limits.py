"""Alarm, trip and reset: three numbers, never one. Pure.

Rules
- High side: the alarm is on from `alarm` on, the trip from `trip` on. The trip is off again below `reset`; the alarm is
  off below the lower of `alarm` and `reset`: reset is where power may return.
- Low side: the same, mirrored.
- Without `reset` each ends where it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Side(StrEnum):
    """Which way is wrong."""

    HIGH = "high"
    LOW = "low"


class Mark(NamedTuple):
    """Where a level begins and where it ends, in numbers of which the higher is the worse."""

    enter: float
    leave: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The three numbers of one side, in the unit of the point."""

    side: Side
    alarm: float
    trip: float | None = None
    reset: float | None = None
    marks: tuple[Mark, ...] = field(init=False)
    sign: float = field(init=False)

    def __post_init__(self) -> None:
        """Turn both sides into one."""
        sign = 1.0 if self.side is Side.HIGH else -1.0
        alarm = sign * self.alarm
        reset = alarm if self.reset is None else sign * self.reset
        marks = [Mark(alarm, min(alarm, reset))]
        if self.trip is not None:
            trip = sign * self.trip
            marks.append(Mark(trip, trip if self.reset is None else min(trip, reset)))
        object.__setattr__(self, "sign", sign)
        object.__setattr__(self, "marks", tuple(marks))

    @property
    def fault(self) -> str | None:
        """Why these numbers make no sense."""
        alarm, trip, reset = self.sign * self.alarm, self.trip, self.reset
        beyond = "at or above" if self.side is Side.HIGH else "at or below"
        if trip is not None and self.sign * trip < alarm:
            return f"trip {trip} must be {beyond} alarm {self.alarm} on the {self.side} side"
        worst = self.alarm if trip is None else trip
        if reset is not None and self.sign * reset > self.sign * worst:
            return f"reset {reset} lies beyond {worst}: the alarm would end before it begins"
        return None

    def number(self, level: int) -> float | None:
        """The limit of a level; `None` at level 0."""
        return (None, self.alarm, self.trip)[level]

    def wanted(self, value: float, is_on: Sequence[bool]) -> tuple[bool, ...]:
        """Which levels a value wants, given those that are on."""
        bad = self.sign * value
        return tuple(
            bad >= mark.enter or (on and bad >= mark.leave)
            for mark, on in zip(self.marks, is_on, strict=True)
        )
