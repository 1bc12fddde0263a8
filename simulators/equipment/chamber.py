"""What every chamber reports beside its machines: how it is controlled, watched and reached."""

from __future__ import annotations

from typing import Final

from simulators.chance import Chance
from simulators.equipment.signal import Signal, Signals, Wobble, always
from simulators.shifts import MINUTE_MS, Shift, shift_at

DOOR_OPEN_MS: Final = 15_000
"""A door stands open for so long before and after somebody passes."""
ROBOT_ROUND_MS: Final = 100 * MINUTE_MS


def chamber_signals(seed: int, code: str, *, mode: Signal, warmth: float, has_video: bool = True) -> Signals:
    """A chamber in good order: commanded by `mode`, with healthy protections and link, at `warmth` ℃."""
    climate = Wobble(Chance(seed, f"{code}/climate"), 0.5, 0.0, 20 * MINUTE_MS)
    return {
        "Control/Mode": mode,
        "Video/Online": always(has_video),
        "Protection/Healthy": always(True),
        "Link/Healthy": always(True),
        "Environment/Temperature": lambda at_ms: warmth + climate(at_ms),
    }


def local_for_maintenance(headcount: Signal, otherwise: str) -> Signal:
    """A control mode that people in the chamber switch to local for tests, in a maintenance shift's first half."""

    def mode(at_ms: int) -> str:
        shift: Shift = shift_at(at_ms)
        tests = not shift.is_production and at_ms < (shift.start_ms + shift.end_ms) // 2
        return "local" if tests and headcount(at_ms) else otherwise

    return mode


def door_closed(headcount: Signal) -> Signal:
    """A door that opens when somebody comes or goes."""
    return lambda at_ms: headcount(at_ms - DOOR_OPEN_MS) == headcount(at_ms + DOOR_OPEN_MS)


def patrol_robot(seed: int, code: str) -> Signal:
    """A rail robot that passes the chamber for some minutes in every round."""
    chance = Chance(seed, f"{code}/robot")

    def is_present(at_ms: int) -> bool:
        number, into_ms = divmod(at_ms, ROBOT_ROUND_MS)
        draw = chance.stream(number)
        begin = draw.uniform(5.0, 80.0)
        return begin <= into_ms / MINUTE_MS < begin + draw.uniform(6.0, 12.0)

    return is_present
