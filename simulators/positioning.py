"""The personnel positioning system of the virtual mine: which zone (区域) each card is in, and since when.

Rules
- A mining face counts its intake and return airways, a driving face its roadway: each is a zone of its own, and
  several zones make one area. Every chamber below ground is a zone; what lies on the surface is not covered.
- People come into a face and leave it through its first airway; at work most are at the face itself.
- A card is at the shaft's mouth for some minutes before it goes down, and stays listed for hours after it came up.
- A zone has one reader station.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from simulators.cards import Card, cards_of
from simulators.chance import Chance
from simulators.people import ROADWAY, PatrolCrew, People, Person, Stay, on_surface
from simulators.plant import Area
from simulators.shifts import HOUR_MS, MINUTE_MS, shift_at

MOUTH: Final = "mouth"
MOUTH_MS: Final = 4 * MINUTE_MS
LISTED_MS: Final = 8 * HOUR_MS
"""So long a card is listed after it came up."""
PASSING_MS: Final = 3 * MINUTE_MS
"""Time in the airway on the way into a face and out of it."""
TRACK: Final = 5
"""Stations in a card's track, the latest last."""
SHIFTS_LOOKED_AT: Final = (-2, -1, 0, 1)

KEY_ZONE: Final = "重点区域"
RESTRICTED_ZONE: Final = "限制区域"
MOUTH_ZONE: Final = "井口区域"
OTHER_ZONE: Final = "其它区域"
PARTS: Final = {
    "mining_face": ((1, "工作面", 25), (2, "进风巷", 10), (3, "回风巷", 5)),
    "driving_face": ((1, "迎头", 12), (2, "巷道", 6)),
}
"""The zones of a face: number, name, authorised headcount."""
CHAMBER_LIMIT: Final = 8
AIRWAYS: Final = {"mining_face": (2, 3), "driving_face": (2, 2)}
"""The zones through which people come and go, and in which some of a crew work."""


class Flag(IntEnum):
    """出入井标志."""

    MOUTH = 0
    UNDERGROUND = 1
    OUT = 2


@dataclass(frozen=True, slots=True)
class Zone:
    """A positioning area; `place` is the area of the mine that it belongs to, or `roadway` or `mouth`."""

    code: str
    name: str
    kind: str
    limit: int
    """区域核定人数."""
    place: str

    @property
    def station(self) -> str:
        """Its reader station (基站)."""
        return f"{self.code}000001"


@dataclass(frozen=True, slots=True)
class Leg:
    """A time in one zone."""

    zone: Zone
    from_ms: int


@dataclass(frozen=True, slots=True)
class Way:
    """A card's way down and up again, from the mouth to the mouth."""

    card: Card
    down_ms: int
    up_ms: int
    legs: tuple[Leg, ...]

    def is_listed(self, at_ms: int) -> bool:
        """Whether the system lists the card."""
        return self.down_ms - MOUTH_MS <= at_ms < self.up_ms + LISTED_MS


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a card is, as the system knows it at an instant."""

    card: Card
    flag: Flag
    underground_ms: int
    surfaced_ms: int | None
    leg: Leg
    track: tuple[Leg, ...]
    distance_m: float


class Positioning:
    """Cards and zones: a function of seed and instant, as the people are."""

    def __init__(
        self, seed: int, mine: str, people: People, areas: Sequence[Area], patrols: Iterable[PatrolCrew]
    ) -> None:
        self.people = people
        self.cards: Mapping[Person, Card] = cards_of(mine, people, areas)
        surface = on_surface(patrols)
        self.zones = zones_of(mine, [area for area in areas if area.code not in surface])
        self.by_place: dict[str, list[Zone]] = {}
        for zone in self.zones:
            self.by_place.setdefault(zone.place, []).append(zone)
        self.kinds = {area.code: area.kind for area in areas}
        self.chance = Chance(seed, "positioning")
        self.ways = lru_cache(maxsize=8)(self.ways_of)

    def snapshot(self, at_ms: int) -> list[Sighting]:
        """Every card that is listed: underground, at the mouth, or up again since a while; by card."""
        running = shift_at(at_ms).index
        ways = (way for near in SHIFTS_LOOKED_AT for way in self.ways(running + near))
        seen = {way.card.code: self.sighting(way, at_ms) for way in ways if way.is_listed(at_ms)}
        return [seen[code] for code in sorted(seen)]

    def sighting(self, way: Way, at_ms: int) -> Sighting:
        """What is known of a card on its way."""
        passed = [leg for leg in way.legs if leg.from_ms <= at_ms]
        flag = Flag.MOUTH if at_ms < way.down_ms else Flag.UNDERGROUND if at_ms < way.up_ms else Flag.OUT
        index = at_ms // MINUTE_MS * 100_000 + int(way.card.code[-5:])
        return Sighting(
            way.card,
            flag,
            way.down_ms,
            way.up_ms if flag is Flag.OUT else None,
            passed[-1],
            tuple(passed[-TRACK:]),
            round(self.chance.between(index, -40.0, 40.0), 2),
        )

    def ways_of(self, index: int) -> tuple[Way, ...]:
        """The ways of everybody who goes down in a shift; who stays on the surface has none."""
        mouth = self.by_place[MOUTH][0]
        return tuple(
            Way(
                self.cards[person],
                stays[0].from_ms,
                stays[-1].to_ms,
                (
                    Leg(mouth, stays[0].from_ms - MOUTH_MS),
                    *(leg for stay in stays for leg in self.legs_of_stay(person, stay)),
                    Leg(mouth, stays[-1].to_ms),
                ),
            )
            for person, stays in self.people.itineraries(index).items()
            if all(stay.place in self.by_place for stay in stays)
        )

    def legs_of_stay(self, person: Person, stay: Stay) -> list[Leg]:
        """The zones of one stay: at a face the airway, where the person works, and the airway again."""
        zones = self.by_place[stay.place]
        if len(zones) == 1 or stay.to_ms - stay.from_ms <= 2 * PASSING_MS:
            return [Leg(zones[0], stay.from_ms)]
        airways = [zones[number - 1] for number in AIRWAYS[self.kinds[stay.place]]]
        works_in = airways[person.number % 2] if person.number % 4 == 3 else zones[0]  # noqa: PLR2004
        ways = (
            (airways[0], stay.from_ms),
            (works_in, stay.from_ms + PASSING_MS),
            (airways[0], stay.to_ms - PASSING_MS),
        )
        legs = [Leg(zone, at_ms) for zone, at_ms in ways]
        return [
            leg
            for leg, before in zip(legs, [None, *legs], strict=False)
            if not before or leg.zone != before.zone
        ]


def zones_of(mine: str, areas: Iterable[Area]) -> tuple[Zone, ...]:
    """The zones of a mine with these areas below ground; codes are the mine's and four digits."""
    found = [
        Zone(f"{mine}0001", "井口", MOUTH_ZONE, 0, MOUTH),
        Zone(f"{mine}0002", "井底大巷", OTHER_ZONE, 0, ROADWAY),
    ]
    for number, area in enumerate(areas, start=1):
        for part, name, limit in PARTS.get(area.kind, ()):
            found.append(
                Zone(f"{mine}{number:02}{part:02}", f"{area.name}{name}", KEY_ZONE, limit, area.code)
            )
        if area.kind not in PARTS:
            found.append(Zone(f"{mine}{number:02}01", area.name, RESTRICTED_ZONE, CHAMBER_LIMIT, area.code))
    return tuple(found)
