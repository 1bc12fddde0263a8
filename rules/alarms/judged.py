"""What the judgement of faces, chambers and links means for alarms. Pure.

A condition is true, false, or `None` where it cannot be said now: then an alarm stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.alarms.alarm import Level, Priority
from rules.chambers.rule import Chamber, Kind, Rule, Signal, State
from rules.chambers.rule import Level as Declared
from rules.chambers.state import Standing as ChamberStanding
from rules.standing import Standing as FaceStanding


class Judged(StrEnum):
    """What is judged besides points."""

    STAFFING = "staffing"
    FACE_BLIND = "face_blind"
    UNPROTECTED = "unprotected"
    DOOR_OPEN = "door_open"
    INTRUDER = "intruder"
    PATROL_OVERDUE = "patrol_overdue"
    UNGUARDED = "unguarded"
    CHAMBER_BLIND = "chamber_blind"
    LINK_LOST = "link_lost"
    DEVICE_LOST = "device_lost"
    BROKER_LOST = "broker_lost"
    STORE_REFUSES = "store_refuses"


FACES: Final = (Judged.STAFFING, Judged.FACE_BLIND)
CHAMBERS: Final = (
    Judged.UNPROTECTED, Judged.DOOR_OPEN, Judged.INTRUDER, Judged.PATROL_OVERDUE, Judged.UNGUARDED,
    Judged.CHAMBER_BLIND,
)  # fmt: skip
WORDS: Final[Mapping[Judged, tuple[tuple[str, str], ...]]] = {
    Judged.STAFFING: (
        ("超员：超过规定上限", "over the limit"),
        ("超员：超过法定限员", "over the statutory limit"),
        ("超员：达法定限员 1.2 倍，重大隐患", "1.2 times the statutory limit, a major hidden danger"),
    ),
    Judged.FACE_BLIND: (("人数未知", "headcount unknown"),),
    Judged.UNPROTECTED: (
        ("无人看守而保护或通信不正常", "left alone while protections or link are not healthy"),
    ),
    Judged.DOOR_OPEN: (("门未关", "door open"),),
    Judged.INTRUDER: (("无人值守硐室有人滞留", "people staying in an unattended chamber"),),
    Judged.PATROL_OVERDUE: (("巡检超期", "patrol overdue"),),
    Judged.UNGUARDED: (("井下压风机运行而无人", "underground compressor runs with nobody there"),),
    Judged.CHAMBER_BLIND: (("状态未知", "state unknown"),),
    Judged.LINK_LOST: (("网关中断", "gateway lost"),),
    Judged.DEVICE_LOST: (("设备侧中断", "nothing behind it answers"),),
    Judged.BROKER_LOST: (("采集中心连不上消息代理", "the centre cannot reach its broker"),),
    Judged.STORE_REFUSES: (("历史库不接收数据", "the historian takes no data"),),
}
"""Of each level, from the least to the worst."""


def levels(judged: Judged, priorities: tuple[Priority, ...]) -> tuple[Level, ...]:
    """The levels of an alarm; the last priority given holds for all that follow."""
    return tuple(
        Level(priorities[min(place, len(priorities) - 1)], zh, en)
        for place, (zh, en) in enumerate(WORDS[judged])
    )


Wanted = tuple[bool, ...] | None
"""Which levels hold now; `None`: it cannot be said."""


def of_face(standing: FaceStanding) -> dict[Judged, Wanted]:
    """Over the plan's limit, over the law's, 1.2 times the law's: each includes the one before."""
    blind = standing.state == "unknown"
    hazard = standing.state == "hazard"
    statutory = hazard or (standing.state == "over" and standing.reason == "statutory")
    over = statutory or standing.state == "over"
    return {Judged.STAFFING: None if blind else (over, statutory, hazard), Judged.FACE_BLIND: (blind,)}


@dataclass(frozen=True, slots=True)
class Seen:
    """A chamber as it stands, with the newest value of each signal (`None`: unknown)."""

    chamber: Chamber
    declared: Declared | None
    standing: ChamberStanding
    newest: Mapping[Signal, float | None]


def of_chamber(seen: Seen, rule: Rule) -> dict[Judged, Wanted]:
    """Each condition by what it needs to know."""
    blind = seen.standing.state is State.UNKNOWN
    return {
        Judged.UNPROTECTED: None if blind else (seen.standing.state is State.UNPROTECTED,),
        Judged.DOOR_OPEN: door_open(seen),
        Judged.INTRUDER: intruder(seen),
        Judged.PATROL_OVERDUE: patrol_overdue(seen, rule),
        Judged.UNGUARDED: unguarded(seen),
        Judged.CHAMBER_BLIND: (blind,),
    }


def door_open(seen: Seen) -> Wanted:
    """A door that has to be closed is not, and nobody is known to be in."""
    if Signal.DOOR not in seen.chamber.required:
        return (False,)
    door, occupancy = seen.newest.get(Signal.DOOR), seen.newest.get(Signal.OCCUPANCY)
    if door is None:
        return None
    return (door == 0 and not (occupancy or 0) > 0,)


def intruder(seen: Seen) -> Wanted:
    """A post where the enterprise says that nobody is."""
    if seen.declared is not Declared.UNATTENDED:
        return (False,)
    if seen.newest.get(Signal.OCCUPANCY) is None:
        return None
    return (seen.standing.posted_since_us is not None,)


def patrol_overdue(seen: Seen, rule: Rule) -> Wanted:
    """The last visit is too long ago where patrols take the place of a post."""
    patrolled = seen.declared is Declared.UNATTENDED or seen.chamber.kind is Kind.DISTRICT_SUBSTATION
    if not patrolled or seen.chamber.kind is Kind.UNDERGROUND_COMPRESSOR:
        return (False,)
    age_us = seen.standing.visit_age_us
    if age_us is None or seen.newest.get(Signal.OCCUPANCY) is None:
        return None
    return (age_us >= rule.patrol_interval_us,)


def unguarded(seen: Seen) -> Wanted:
    """An underground compressor must be attended while it runs."""
    if seen.chamber.kind is not Kind.UNDERGROUND_COMPRESSOR:
        return (False,)
    running, occupancy = seen.newest.get(Signal.RUNNING), seen.newest.get(Signal.OCCUPANCY)
    if running == 0:
        return (False,)
    if running is None or occupancy is None:
        return None
    return (occupancy == 0,)
