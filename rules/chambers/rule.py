"""What a chamber is judged by: its kind, its signals, and the figures of the rule (definitions.md §2).

Rules
- A signal is a series of numbers (`rules.series.Samples`): `occupancy` the count itself; `control_mode` as
  `CONTROL_MODES` codes it, so that remote or auto is ≥ 1; every other one 1 or 0. A value that is not one
  of these is unknown and must arrive as such.
- A required signal that is unknown makes the state unknown; an optional one counts as 0, not remote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from rules.series import HOUR_US, MINUTE_US, SECOND_US


class Kind(StrEnum):
    """What stands in the chamber."""

    MAIN_FAN_HOUSE = "main_fan_house"
    SURFACE_SUBSTATION = "surface_substation"
    CENTRAL_SUBSTATION = "central_substation"
    DISTRICT_SUBSTATION = "district_substation"
    DRAINAGE_PUMP_ROOM = "drainage_pump_room"
    MAIN_HOIST = "main_hoist"
    MAIN_BELT = "main_belt"
    SURFACE_COMPRESSOR_STATION = "surface_compressor_station"
    UNDERGROUND_COMPRESSOR = "underground_compressor"
    GAS_DRAINAGE_STATION = "gas_drainage_station"
    OTHER = "other"


class Signal(StrEnum):
    """What is measured at a chamber."""

    OCCUPANCY = "occupancy"
    CONTROL_MODE = "control_mode"
    VIDEO = "video"
    PROTECTIONS = "protections"
    LINK = "link"
    DOOR = "door"
    PATROL_ROBOT = "patrol_robot"
    RUNNING = "running"


class State(StrEnum):
    """What a chamber is at an instant, in the order of the day record's seconds."""

    UNATTENDED = "unattended"
    PATROL = "patrol"
    CENTRAL_CONTROL = "central_control"
    ATTENDED = "attended"
    UNPROTECTED = "unprotected"
    LOCAL_CONTROL = "local_control"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """What a chamber is over a window; all but the last can also be declared."""

    UNATTENDED = "unattended"
    CENTRAL_CONTROL = "central_control"
    NOT_YET = "not_yet"
    NO_VERDICT = "no_verdict"


DECLARABLE: Final = (Level.UNATTENDED, Level.CENTRAL_CONTROL, Level.NOT_YET)

CONTROL_MODES: Final[Mapping[str, float]] = {"local": 0.0, "remote": 1.0, "auto": 2.0}
"""Codes of `control_mode`; auto is automatic under the centre's command."""

_USUAL: Final = (Signal.OCCUPANCY, Signal.CONTROL_MODE, Signal.VIDEO, Signal.PROTECTIONS, Signal.LINK)
_REQUIRED: Final[Mapping[Kind, tuple[Signal, ...]]] = {
    Kind.DISTRICT_SUBSTATION: (Signal.OCCUPANCY, Signal.DOOR, Signal.PROTECTIONS, Signal.LINK),
    Kind.UNDERGROUND_COMPRESSOR: (Signal.OCCUPANCY, Signal.CONTROL_MODE, Signal.PROTECTIONS, Signal.LINK),
}


@dataclass(frozen=True, slots=True)
class Chamber:
    """One chamber of the rule. A district substation needs its door whatever `door_required` says."""

    name: str
    kind: Kind
    door_required: bool = False

    @property
    def required(self) -> tuple[Signal, ...]:
        """The signals without which nothing can be said."""
        usual = _REQUIRED.get(self.kind, _USUAL)
        return (*usual, Signal.DOOR) if self.door_required and Signal.DOOR not in usual else usual


@dataclass(frozen=True, slots=True)
class Rule:
    """The figures chambers are judged by; durations in microseconds, shares exact.

    Every default is without authority: configuration, never law. `bridge_us` is less than `patrol_max_us`.
    """

    stale_after_us: int = 600 * SECOND_US
    bridge_us: int = 60 * SECOND_US
    patrol_min_us: int = 60 * SECOND_US
    patrol_max_us: int = 30 * MINUTE_US
    patrol_people_max: int = 3
    reentry_us: int = 15 * MINUTE_US
    patrol_interval_us: int = 8 * HOUR_US
    window_days: int = 30
    days_min: int = 7
    level_share: Fraction = Fraction(95, 100)
    patrol_share_max: Fraction = Fraction(20, 100)
