"""How long something must hold before an alarm believes it. Pure.

Rules
- A level is entered when it has been wanted for `on_us` without a break, and left when it has not for `off_us`.
- Unknown time neither counts nor breaks: it is as if it had not been.
- Every level is timed on its own, so that a value that swings between alarm and trip is over the alarm all the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Latch:
    """One level: is it on, and since when the opposite is wanted."""

    is_on: bool = False
    turning_us: int | None = None


@dataclass(slots=True)
class Condition:
    """The latches of an alarm's levels, from the least to the worst."""

    levels: int
    on_us: int = 0
    off_us: int = 0
    latches: list[Latch] = field(init=False)
    unknown_us: int | None = None
    """Since when nothing is known."""

    def __post_init__(self) -> None:
        """All off."""
        self.latches = [Latch() for _ in range(self.levels)]

    @property
    def level(self) -> int:
        """The worst level that is on; 0 for none."""
        return max((number for number, latch in enumerate(self.latches, 1) if latch.is_on), default=0)

    @property
    def is_turning(self) -> bool:
        """Whether time alone may change the level."""
        return any(latch.turning_us is not None for latch in self.latches)

    def set(self, level: int) -> None:
        """As it was when somebody last looked, before a restart."""
        for number, latch in enumerate(self.latches, 1):
            latch.is_on = number <= level

    def take(self, wanted: Sequence[bool], at_us: int) -> None:
        """A good value says which levels it wants."""
        paused_us = 0 if self.unknown_us is None else max(0, at_us - self.unknown_us)
        self.unknown_us = None
        for latch, wants in zip(self.latches, wanted, strict=True):
            if wants == latch.is_on:
                latch.turning_us = None
            elif latch.turning_us is None:
                latch.turning_us = at_us
            else:
                latch.turning_us += paused_us

    def pause(self, at_us: int) -> None:
        """Nothing is known from now on."""
        if self.unknown_us is None:
            self.unknown_us = at_us

    def settle(self, now_us: int) -> int:
        """Turn what is due; gives the level."""
        until_us = now_us if self.unknown_us is None else self.unknown_us
        for latch in self.latches:
            wait_us = self.off_us if latch.is_on else self.on_us
            if latch.turning_us is not None and until_us - latch.turning_us >= wait_us:
                latch.is_on, latch.turning_us = not latch.is_on, None
        return self.level
