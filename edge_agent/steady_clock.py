"""The gateway's time for readings: steady, whatever happens to the computer's clock; pure, both clocks are arguments.

Rules
- Time runs on with the monotonic clock. Small differences to the computer's clock, as NTP makes them, are followed
  slowly, so that time never goes back and no interval is bent by more than a hundredth.
- A *jump* of the computer's clock is not followed at once: it may be a mistake as well as its correction. It is
  believed when the centre's time, which comes with each commit, is nearer to the new time than to ours.
- Without a word of the centre since the jump, time runs on as before; a quartz crystal loses some seconds in a day.
- At the start there is only the computer's clock; a centre that says otherwise is only told of (`centre_ahead_ms`),
  since readings may lie in the outbox already with the times of this clock. If the clock is behind the last time that
  the agent has written down, it has jumped while the agent was away: time goes on from there (`resume`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

JUMP_MS: Final = 1_000
"""More than NTP slews between two looks, and than a busy machine delays one."""
SLEW: Final = 0.01


@dataclass(slots=True)
class SteadyClock:
    """`look` at the clocks about once a second; `heard` when the centre told its time."""

    wall_ms: Callable[[], int]
    monotonic_ms: Callable[[], int]
    jumps: int = 0
    """Jumps of the computer's clock."""
    jumps_believed: int = 0
    offset_ms: float = field(init=False)
    looked_at_ms: int = field(init=False)
    wall_ahead_ms: float = 0.0
    """How far the computer's clock is ahead of our time."""
    centre_ahead_ms: float | None = None
    """How far the centre is ahead of our time, the way of its message included; unknown before its first word."""
    is_doubted: bool = False
    """The computer's clock has jumped, and nobody has said which time is right."""

    def __post_init__(self) -> None:
        """Begin with the computer's clock."""
        self.looked_at_ms = self.monotonic_ms()
        self.offset_ms = float(self.wall_ms() - self.looked_at_ms)

    def now_ms(self) -> int:
        """The time now, in UTC milliseconds."""
        return int(self.monotonic_ms() + self.offset_ms)

    def resume(self, last_ms: int) -> None:
        """Before this start, time had come to `last_ms`: it does not go back behind that without the centre's word."""
        behind_ms = last_ms + 1 - self.now_ms()
        if behind_ms > 0:
            self.offset_ms += behind_ms
            self.wall_ahead_ms -= behind_ms
            self.is_doubted = behind_ms > JUMP_MS

    def look(self) -> None:
        """Compare with the computer's clock: follow it slowly, or doubt it."""
        at_ms = self.monotonic_ms()
        before_ms, self.wall_ahead_ms = self.wall_ahead_ms, self.wall_ms() - at_ms - self.offset_ms
        passed_ms, self.looked_at_ms = at_ms - self.looked_at_ms, at_ms
        if abs(self.wall_ahead_ms - before_ms) > JUMP_MS:
            self.jumps += 1
        self.is_doubted = abs(self.wall_ahead_ms) > JUMP_MS
        if not self.is_doubted:
            step_ms = max(-SLEW * passed_ms, min(SLEW * passed_ms, self.wall_ahead_ms))
            self.offset_ms += step_ms
            self.wall_ahead_ms -= step_ms

    def heard(self, centre_ms: int) -> bool:
        """The centre says what time it is; true if our time was set by that."""
        self.centre_ahead_ms = centre_ms - self.now_ms()
        if not self.is_doubted or abs(self.centre_ahead_ms - self.wall_ahead_ms) >= abs(self.centre_ahead_ms):
            return False
        self.offset_ms += self.wall_ahead_ms
        self.centre_ahead_ms -= self.wall_ahead_ms
        self.wall_ahead_ms, self.is_doubted = 0.0, False
        self.jumps_believed += 1
        return True
