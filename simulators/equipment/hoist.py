"""The main hoist: two skips in one shaft wind up what the main belt brings into the bunker.

Time is divided into slots of one winding each. The hoist winds in a slot if, smoothed over `BUFFER_MS`, another skip
of coal has come by its end; so the count of windings follows the coal, and the bunker holds the difference. Skip 1 is
at the bottom after an even number of windings and at the top after an odd one.

Figures: 0–14 m/s, brake 0–14 MPa with at most 0.5 MPa left when it holds, gap at most 2 mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from simulators.chance import Chance
from simulators.equipment.protection import trips
from simulators.equipment.signal import Number, Signals, Wobbles
from simulators.shifts import COUNTED_FROM_MS, DAY_MS, HOUR_MS, LOCAL_MS, MINUTE_MS

PROTECTIONS: Final = (
    "overwind", "overspeed", "no deceleration", "brake worn", "slack rope", "overload",
)  # fmt: skip
"""过卷, 过速, 减速, 闸磨损, 松绳, 过载; bit 0 first."""
TESTED_FROM_MIN: Final = 300
SHAFT_M: Final = 620.0
SKIP_T: Final = 28.0
SLOT_MS: Final = 110_000
HOUR_SLOTS: Final = HOUR_MS // SLOT_MS
FILLING_S: Final = 14.0
"""At the begin of a winding the lower skip is filled, the upper one emptied."""
SPEED_M_S: Final = 12.0
ACCELERATION: Final = 0.9
RUN_UP_S: Final = SPEED_M_S / ACCELERATION
WINDING_S: Final = SHAFT_M / SPEED_M_S + RUN_UP_S
RESTING_SLOTS: Final = 3
"""After so many slots without a winding it rests."""
BUFFER_MS: Final = 150 * MINUTE_MS
PARTS: Final = 50
"""Smoothing looks at so many instants within `BUFFER_MS`."""
BUNKER_T_M: Final = 55.0
"""Tonnes in a metre of the bunker."""
WEEK_MS: Final = 7 * DAY_MS
RESIDUAL_MPA: Final = 0.3
RELEASED_MPA: Final = 11.2


@dataclass(frozen=True, slots=True)
class Winding:
    """A slot of time: how many windings there were before it, whether there is one in it, and how far it is."""

    before: int
    winds: bool
    into_s: float

    @property
    def moving_s(self) -> float:
        """Time since the skips began to move; 0 before, `WINDING_S` when they have arrived."""
        return min(max(self.into_s - FILLING_S, 0.0), WINDING_S) if self.winds else 0.0

    @property
    def is_moving(self) -> bool:
        """Whether the skips move."""
        return 0.0 < self.moving_s < WINDING_S

    @property
    def is_loaded(self) -> bool:
        """Whether coal is in the skip that goes up."""
        return self.winds and FILLING_S / 2.0 <= self.into_s < FILLING_S + WINDING_S

    @property
    def speed_m_s(self) -> float:
        """How fast the skips move."""
        return min(self.moving_s, WINDING_S - self.moving_s, RUN_UP_S) * ACCELERATION

    @property
    def current_a(self) -> float:
        """Armature current of that: most when it speeds up, least when it slows down."""
        if self.moving_s < RUN_UP_S:
            return 1_050.0
        return 640.0 if self.moving_s < WINDING_S - RUN_UP_S else 240.0

    @property
    def depth_m(self) -> float:
        """Where skip 1 is below the top."""
        way_m = travelled_m(self.moving_s)
        return way_m if self.before % 2 else SHAFT_M - way_m

    @property
    def count(self) -> int:
        """Windings done, one in this slot included when it has arrived."""
        return self.before + (self.winds and self.moving_s >= WINDING_S)


class Hoist:
    """The main hoist and its bunker; `brought_t` is the total that the main belt has brought, never falling."""

    def __init__(self, seed: int, code: str, brought_t: Number) -> None:
        self.wobble, self.brought_t = Wobbles(seed, code), brought_t
        self.skips = Chance(seed, f"{code}/skips")
        self.done = lru_cache(maxsize=256)(self.done_before)

    def done_before(self, slot: int) -> int:
        """How many skips of coal, smoothed, have come before a slot since 1970."""
        begin_ms, step_ms = slot * SLOT_MS, BUFFER_MS // PARTS
        smoothed_t = sum(self.brought_t(begin_ms - part * step_ms) for part in range(PARTS)) / PARTS
        return int(smoothed_t / SKIP_T)

    def winding(self, at_ms: int) -> Winding:
        """What goes on at an instant."""
        slot, into_ms = divmod(at_ms, SLOT_MS)
        before = self.done(slot)
        return Winding(before, self.done(slot + 1) > before, into_ms / 1_000.0)

    def is_running(self, at_ms: int) -> bool:
        """Whether it winds coal these minutes, pauses between windings included."""
        slot = at_ms // SLOT_MS
        return self.done(slot + 1) > self.done(slot - RESTING_SLOTS)

    def busy(self, at_ms: int) -> float:
        """Share of the last hour's slots in which it wound."""
        slot = at_ms // SLOT_MS
        return (self.done(slot) - self.done(slot - HOUR_SLOTS)) / HOUR_SLOTS

    def bunker_t(self, at_ms: int) -> float:
        """Coal in the bunker."""
        return self.brought_t(at_ms) - SKIP_T * self.winding(at_ms).count

    def signals(self) -> Signals:
        """Everything the hoist and its bunker report."""
        pull, brake, bearing, motor = (
            self.wobble("pull", 25.0, 12.0), self.wobble("brake", 0.08, 0.04),
            self.wobble("bearing", 0.4, period_ms=10 * MINUTE_MS), self.wobble("motor", 0.6, period_ms=10 * MINUTE_MS),
        )  # fmt: skip
        first = self.done(COUNTED_FROM_MS // SLOT_MS)
        weighed = self.wobble("weighed", 0.0, 0.15)

        def load_t(at_ms: int) -> float:
            filling = self.skips.between(at_ms // SLOT_MS, 0.97, 1.03)
            return SKIP_T * filling + weighed(at_ms) if self.winding(at_ms).is_loaded else 0.0

        return {
            "Hoist/Running": lambda at_ms: self.winding(at_ms).is_moving,
            "Hoist/Speed": lambda at_ms: self.winding(at_ms).speed_m_s,
            "Hoist/Position": lambda at_ms: self.winding(at_ms).depth_m,
            "Hoist/Hoist Count": lambda at_ms: self.winding(at_ms).count - first,
            "Hoist/Load": load_t,
            "Hoist/Armature Current": self.when_moving(
                lambda at_ms: self.winding(at_ms).current_a + pull(at_ms)
            ),
            "Hoist/Brake Pressure": lambda at_ms: (
                (RELEASED_MPA if self.winding(at_ms).is_moving else RESIDUAL_MPA) + brake(at_ms)
            ),
            "Hoist/Brake Gap": self.when_moving(brake_gap_mm),
            "Hoist/Bearing Temperature": lambda at_ms: 29.0 + 15.0 * self.busy(at_ms) + bearing(at_ms),
            "Hoist/Winding Temperature": lambda at_ms: 36.0 + 41.0 * self.busy(at_ms) + motor(at_ms),
            "Hoist/Trips": trips(PROTECTIONS, TESTED_FROM_MIN),
            "Bunker/Coal Level": lambda at_ms: self.bunker_t(at_ms) / BUNKER_T_M,
        }

    def when_moving(self, signal: Number) -> Number:
        """A signal that is 0 while the skips stand."""
        return lambda at_ms: signal(at_ms) if self.winding(at_ms).is_moving else 0.0


def travelled_m(moving_s: float) -> float:
    """Way of the skips after a time: speeding up, at full speed, slowing down."""
    rising_s = min(moving_s, RUN_UP_S)
    falling_s = max(moving_s - (WINDING_S - RUN_UP_S), 0.0)
    steady_s = moving_s - rising_s - falling_s
    slowing_m = SPEED_M_S * falling_s - ACCELERATION * falling_s**2 / 2.0
    return min(ACCELERATION * rising_s**2 / 2.0 + SPEED_M_S * steady_s + slowing_m, SHAFT_M)


def brake_gap_mm(at_ms: int) -> float:
    """Gap of the released brake: it grows as the linings wear, and is set anew every week."""
    return 1.05 + 0.35 * ((at_ms + LOCAL_MS) % WEEK_MS / WEEK_MS)
