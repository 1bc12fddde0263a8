"""Which faults come when: a timetable from a seed. Pure.

Faults of different parts overlap; those of one part come one after the other (`PARTS_OF`), since two hands at one
switch would undo each other's work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final


class Kind(StrEnum):
    """What goes wrong."""

    LINK_FLAP = "link_flap"
    LINK_AWAY = "link_away"
    LINK_HALF_OPEN = "link_half_open"
    LINK_BLACKOUT = "link_blackout"
    LINK_SLOW = "link_slow"
    LINK_LONG_OUTAGE = "link_long_outage"
    WIRE_DOWN = "wire_down"
    WIRE_NARROW = "wire_narrow"
    WIRE_LOSS = "wire_loss"
    CENTRE_LINK_AWAY = "centre_link_away"
    CENTRE_LINK_HALF_OPEN = "centre_link_half_open"
    BROKER_KILL = "broker_kill"
    BROKER_STOP = "broker_stop"
    COLLECTOR_STALL = "collector_stall"
    COLLECTOR_KILL = "collector_kill"
    COLLECTOR_RESTART = "collector_restart"
    STORE_KILL = "store_kill"
    STORE_REFUSES = "store_refuses"
    STORE_REJECTS = "store_rejects"
    STORE_HANGS = "store_hangs"
    STORE_ANSWERS_LOST = "store_answers_lost"
    AGENT_KILL = "agent_kill"
    AGENT_RESTART = "agent_restart"
    AGENT_CLOCK_BEHIND = "agent_clock_behind"
    AGENT_CLOCK_AHEAD = "agent_clock_ahead"
    DISK_FULL = "disk_full"
    OUTBOX_REPLACED = "outbox_replaced"
    CLOCK_JUMP = "clock_jump"


class Part(StrEnum):
    """What a fault lays hands on."""

    AGENT = "agent"
    LINK = "link"
    NARROW = "narrow"
    WIRE = "wire"
    CENTRE_LINK = "centre_link"
    BROKER = "broker"
    COLLECTOR = "collector"
    STORE = "store"
    DOOR = "door"


PART_OF: Final = {
    Kind.LINK_FLAP: Part.LINK, Kind.LINK_AWAY: Part.LINK, Kind.LINK_HALF_OPEN: Part.LINK,
    Kind.LINK_BLACKOUT: Part.NARROW, Kind.LINK_SLOW: Part.NARROW, Kind.LINK_LONG_OUTAGE: Part.LINK,
    Kind.WIRE_DOWN: Part.WIRE, Kind.WIRE_NARROW: Part.WIRE, Kind.WIRE_LOSS: Part.WIRE,
    Kind.CENTRE_LINK_AWAY: Part.CENTRE_LINK, Kind.CENTRE_LINK_HALF_OPEN: Part.CENTRE_LINK,
    Kind.BROKER_KILL: Part.BROKER, Kind.BROKER_STOP: Part.BROKER,
    Kind.COLLECTOR_STALL: Part.COLLECTOR, Kind.COLLECTOR_KILL: Part.COLLECTOR, Kind.COLLECTOR_RESTART: Part.COLLECTOR,
    Kind.STORE_KILL: Part.STORE, Kind.STORE_REFUSES: Part.DOOR, Kind.STORE_HANGS: Part.DOOR,
    Kind.STORE_ANSWERS_LOST: Part.DOOR, Kind.STORE_REJECTS: Part.DOOR,
    Kind.AGENT_KILL: Part.AGENT, Kind.AGENT_RESTART: Part.AGENT, Kind.DISK_FULL: Part.AGENT,
    Kind.AGENT_CLOCK_BEHIND: Part.AGENT, Kind.AGENT_CLOCK_AHEAD: Part.AGENT,
    Kind.OUTBOX_REPLACED: Part.AGENT, Kind.CLOCK_JUMP: Part.AGENT,
}  # fmt: skip
WIRE: Final = frozenset({Kind.WIRE_DOWN, Kind.WIRE_NARROW, Kind.WIRE_LOSS})
"""Only where there are network namespaces."""
LENGTHS: Final = (0.3, 1.0, 1.0, 1.0, 2.0, 4.0)
"""Most faults last as long as is usual, some are over at once, a few last."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault: when it comes, what, how long, and a number between 0 and 1 that its kind makes use of."""

    at_s: float
    kind: Kind
    lasts_s: float
    amount: float


def schedule(
    seed: int, *, count: int, seconds: float, usual_s: float, kinds: Sequence[Kind]
) -> Iterator[Planned]:
    """`count` faults within `seconds`, every kind equally often; `usual_s` is how long most of them last."""
    chance = Random(seed)  # noqa: S311  (the same again for the same seed)
    drawn: list[Kind] = []
    for number in range(count):
        if not drawn:
            drawn = [*kinds]
            chance.shuffle(drawn)
        at_s = seconds * (number + chance.random()) / count
        yield Planned(
            at_s, drawn.pop(), usual_s * chance.choice(LENGTHS) * chance.uniform(0.7, 1.3), chance.random()
        )
