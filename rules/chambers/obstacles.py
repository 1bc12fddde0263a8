"""What keeps a chamber from standing alone, instant by instant: for whoever asks why it is not `unattended`.

Rules
- An obstacle is named whenever it is there, whatever the state; together they explain it. Unattended has none.
- What a kind does not need is no obstacle to it: a district substation needs neither remote control nor video.
- A signal that is unknown is named as such, not as what it might be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from rules.chambers.presence import Mask
from rules.chambers.rule import Kind, Rule, Signal, State
from rules.chambers.state import STATES, Course, Steps
from rules.series import Samples, Stretches


class Obstacle(StrEnum):
    """One thing in the way of `unattended`."""

    OCCUPANCY_UNKNOWN = "occupancy_unknown"
    CONTROL_MODE_UNKNOWN = "control_mode_unknown"
    VIDEO_UNKNOWN = "video_unknown"
    PROTECTIONS_UNKNOWN = "protections_unknown"
    LINK_UNKNOWN = "link_unknown"
    DOOR_UNKNOWN = "door_unknown"
    LOCAL = "local"
    VIDEO_OFF = "video_off"
    PROTECTIONS_OFF = "protections_off"
    LINK_OFF = "link_off"
    DOOR_OPEN = "door_open"
    OCCUPIED = "occupied"
    POSTED = "posted"
    VISIT_OVERDUE = "visit_overdue"
    MUST_BE_ATTENDED = "must_be_attended"


OBSTACLES: Final = tuple(Obstacle)
_IF_ZERO: Final = {
    Signal.CONTROL_MODE: Obstacle.LOCAL,
    Signal.VIDEO: Obstacle.VIDEO_OFF,
    Signal.PROTECTIONS: Obstacle.PROTECTIONS_OFF,
    Signal.LINK: Obstacle.LINK_OFF,
    Signal.DOOR: Obstacle.DOOR_OPEN,
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one state and the same obstacles."""

    from_us: int
    to_us: int
    state: State
    obstacles: tuple[Obstacle, ...]


def passages(course: Course, signals: Mapping[Signal, Samples], rule: Rule) -> tuple[Passage, ...]:
    """The whole course with what stood in the way; signals and rule are those it was judged by."""
    found = _found(course, Steps.of(signals, rule, now_us=course.now_us), rule)
    code = course.state.astype(np.int64)
    for place, obstacle in enumerate(OBSTACLES):
        if obstacle in found:
            code += found[obstacle].astype(np.int64) * len(STATES) << place
    joined = Stretches(course.from_us, course.to_us, code.astype(np.float64)).joined()
    return tuple(
        _passage(from_us, to_us, int(number))
        for from_us, to_us, number in zip(
            joined.from_us.tolist(), joined.to_us.tolist(), joined.value.tolist(), strict=True
        )
    )


def _passage(from_us: int, to_us: int, code: int) -> Passage:
    bits, state = divmod(code, len(STATES))
    obstacles = tuple(obstacle for place, obstacle in enumerate(OBSTACLES) if bits >> place & 1)
    return Passage(from_us, to_us, STATES[state], obstacles)


def _found(course: Course, steps: Steps, rule: Rule) -> Mapping[Obstacle, Mask]:
    """Where in the course each obstacle was."""
    chamber, cuts = course.chamber, course.from_us
    inside, posted = course.presence.inside(cuts), course.presence.posted(cuts)
    found: dict[Obstacle, Mask] = {Obstacle.OCCUPIED: inside & ~posted, Obstacle.POSTED: posted}
    for signal in chamber.required:
        values = steps.at(signal, cuts)
        found[Obstacle(f"{signal}_unknown")] = np.isnan(values)
        if signal in _IF_ZERO:
            found[_IF_ZERO[signal]] = values < 1
    if chamber.kind is Kind.DISTRICT_SUBSTATION:
        found[Obstacle.DOOR_OPEN] &= ~inside
    if course.presence.ages is not None:
        found[Obstacle.VISIT_OVERDUE] = course.presence.ages.at(cuts) >= rule.patrol_interval_us
    if chamber.kind is Kind.UNDERGROUND_COMPRESSOR:
        found[Obstacle.MUST_BE_ATTENDED] = np.ones(cuts.size, dtype=np.bool_)
    return found
