"""The people of the virtual mine: who is where at any instant.

Rules
- Everybody belongs to one crew; a crew works one shift a day; a person is in exactly one place at a time.
- A face crew walks in round the start of its shift, a few at a time, and each one hands over in place: he leaves
  a few minutes after his counterpart came. Those without a counterpart leave in the last half hour or so.
- A patrol walks from chamber to chamber twice in a shift; one to three of it go in, for 5 to 15 minutes.
- Inspectors look into a face now and then, for some minutes: the usual reason for a tenth person there.
- Visits are what a scenario adds: people who walk to one place, stay there and go back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from simulators.chance import Chance
from simulators.shifts import HOUR_MS, MINUTE_MS, Shift, shift_at

SURFACE: Final = "surface"
ROADWAY: Final = "roadway"
"""Underground, but in none of the areas."""
WALK_MIN: Final = 25.0
"""From the shaft to a face."""
HANDOVER_LAST_MIN: Final = 27.0
"""By then after a shift's end everybody of it has left the face."""
FETCHING_SHARE: Final = 0.6
"""Share of a production crew that leaves the face once in a shift, to fetch something."""
INSPECTED_SHARE: Final = 0.12
"""Share of the shifts in which inspectors look into a face."""
INSPECTORS: Final = "inspectors"
FOLLOWING_MS: Final = 20_000
"""Visitors come and go so far apart from each other."""
VISIT_MS_MAX: Final = 7 * HOUR_MS
"""Who has come in one shift has left before the end of the next, whenever in it he came."""


@dataclass(frozen=True, slots=True)
class FaceCrews:
    """The crews of one face: how many of them come to a production and to a maintenance shift."""

    area: str
    production: tuple[int, int]
    maintenance: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PatrolCrew:
    """People who look after chambers; between two visits they are at `base`."""

    name: str
    base: str
    chambers: tuple[str, ...]
    people: int = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """People of no crew of the mine who are at one place in `[from_ms, to_ms)`, at most `VISIT_MS_MAX` long."""

    name: str
    place: str
    post: str
    people: int
    from_ms: int
    to_ms: int
    base: str = ROADWAY


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """A person: his crew, the kind of shift he works (0 零点班, 1 八点班, 2 四点班), his number in the crew."""

    crew: str
    turn: int
    number: int


@dataclass(frozen=True, slots=True)
class Stay:
    """A time spent in one place, `[from_ms, to_ms)`."""

    place: str
    from_ms: int
    to_ms: int


Itinerary = tuple[Stay, ...]
"""A person's stays below ground (or in a chamber) in one shift, without a gap between them."""


class People:
    """Who is where: a function of seed and instant."""

    def __init__(
        self,
        seed: int,
        faces: Sequence[FaceCrews],
        patrols: Sequence[PatrolCrew],
        inspectors: int = 3,
        visits: Sequence[Visit] = (),
    ) -> None:
        self.faces = tuple(faces)
        self.patrols = tuple(patrols)
        self.inspectors = inspectors
        self.visits = tuple(visits)
        self.chance = {
            name: Chance(seed, f"people/{name}")
            for name in [*(f.area for f in faces), *(p.name for p in patrols), INSPECTORS]
        }
        self.arriving = {face.area: Chance(seed, f"people/{face.area}/arriving") for face in faces}
        self.itineraries = lru_cache(maxsize=8)(self.itineraries_of)
        self.steps = lru_cache(maxsize=8)(self.steps_of)

    def headcount(self, area: str, at_ms: int) -> int:
        """How many people are in an area."""
        running = shift_at(at_ms).index
        return sum(self.steps(running + near).get(area, NOBODY).at(at_ms) for near in (-1, 0, 1))

    def place(self, person: Person, at_ms: int) -> str:
        """Where somebody is."""
        running = shift_at(at_ms).index
        for near in (-1, 0, 1):
            for stay in self.itineraries(running + near).get(person, ()):
                if stay.from_ms <= at_ms < stay.to_ms:
                    return stay.place
        return SURFACE

    def roster(self) -> tuple[Person, ...]:
        """Everybody who works in the mine, or visits it."""
        sizes = {face.area: max(face.production[1], face.maintenance[1]) for face in self.faces}
        sizes |= {patrol.name: patrol.people for patrol in self.patrols}
        sizes[INSPECTORS] = self.inspectors
        own = (
            Person(crew, turn, number)
            for crew, size in sizes.items()
            for turn in range(3)
            for number in range(size)
        )
        return (*own, *(person for visit in self.visits for person in visitors(visit)))

    def itineraries_of(self, index: int) -> Mapping[Person, Itinerary]:
        """What everybody does in a shift."""
        shift = Shift(index)
        found: dict[Person, Itinerary] = {}
        for face in self.faces:
            found |= self.face_crew(face, shift)
        for patrol in self.patrols:
            found |= self.patrol_crew(patrol, shift)
        for visit in self.visits:
            if shift_at(visit.from_ms) == shift:
                found |= visiting(visit)
        return found | self.inspection(shift)

    def steps_of(self, index: int) -> Mapping[str, Steps]:
        """Headcounts of the people of one shift, by place."""
        changes: dict[str, Counter[int]] = {}
        for itinerary in self.itineraries(index).values():
            for stay in itinerary:
                change = changes.setdefault(stay.place, Counter())
                change[stay.from_ms] += 1
                change[stay.to_ms] -= 1
        return {place: Steps.of(change) for place, change in changes.items()}

    def attendance(self, face: FaceCrews, shift: Shift) -> int:
        """How many of a face's crew came."""
        low, high = face.production if shift.is_production else face.maintenance
        return self.chance[face.area].whole(shift.index, low, high)

    def arrivals(self, face: FaceCrews, shift: Shift) -> list[float]:
        """When each of a crew reaches the face, in minutes from the shift's start."""
        size, draw = self.attendance(face, shift), self.arriving[face.area].stream(shift.index)
        return [-12.0 + 30.0 * number / size + draw.uniform(0.0, 3.0) for number in range(size)]

    def face_crew(self, face: FaceCrews, shift: Shift) -> dict[Person, Itinerary]:
        """A face's crew in one shift."""
        following = self.arrivals(face, Shift(shift.index + 1))
        draw = self.chance[face.area].stream(shift.index)
        length = (shift.end_ms - shift.start_ms) / MINUTE_MS
        found = {}
        for number, arrival in enumerate(self.arrivals(face, shift)):
            if number < len(following):
                leave = length + min(following[number] + draw.uniform(2.0, 6.0), HANDOVER_LAST_MIN)
            else:
                leave = length - draw.uniform(12.0, 40.0)
            fetches = shift.is_production and draw.random() < FETCHING_SHARE
            away = draw.uniform(60.0, 380.0)
            back = away + draw.uniform(8.0, 25.0)
            marks = [arrival - WALK_MIN, arrival, *((away, back) if fetches else ()), leave, leave + WALK_MIN]
            places = (ROADWAY, face.area) * (len(marks) // 2)
            found[Person(face.area, shift.index % 3, number)] = itinerary(shift, places, marks)
        return found

    def patrol_crew(self, patrol: PatrolCrew, shift: Shift) -> dict[Person, Itinerary]:
        """A patrol's two rounds of its chambers; who does not go in waits outside."""
        draw = self.chance[patrol.name].stream(shift.index)
        rounds: list[list[tuple[str, float]]] = [[] for _ in range(patrol.people)]
        for begin in (60.0, 270.0):
            clock = begin + draw.uniform(0.0, 40.0)
            for chamber in patrol.chambers:
                stay, go_in = draw.uniform(5.0, 15.0), draw.randint(1, patrol.people)
                for number, marks in enumerate(rounds):
                    if number < go_in:
                        marks += [(chamber, clock + 0.2 * number), (patrol.base, clock + stay + 0.2 * number)]
                clock += stay + draw.uniform(12.0, 20.0)
        found = {}
        for number, marks in enumerate(rounds):
            places, starts = [patrol.base, *(place for place, _ in marks)], [30.0, *(at for _, at in marks)]
            person = Person(patrol.name, shift.index % 3, number)
            found[person] = itinerary(shift, places, [*starts, 450.0])
        return found

    def inspection(self, shift: Shift) -> dict[Person, Itinerary]:
        """Inspectors' visits to faces: in some shifts, two or more of them, for a few minutes."""
        draw = self.chance[INSPECTORS].stream(shift.index)
        marks: list[tuple[str, float]] = [(ROADWAY, 60.0)]
        clock, group = draw.uniform(90.0, 180.0), draw.randint(2, self.inspectors)
        for face in self.faces:
            visited, stay = draw.random() < INSPECTED_SHARE, draw.uniform(0.5, 5.0)
            if visited:
                marks += [(face.area, clock), (ROADWAY, clock + stay)]
            clock += stay + draw.uniform(40.0, 120.0)
        if len(marks) == 1:
            return {}
        places, starts = [place for place, _ in marks], [at for _, at in marks]
        path = itinerary(shift, places, [*starts, starts[-1] + WALK_MIN])
        return {Person(INSPECTORS, shift.index % 3, number): path for number in range(group)}


def on_surface(patrols: Iterable[PatrolCrew]) -> frozenset[str]:
    """The chambers above ground: those whose patrols never go down."""
    return frozenset(chamber for patrol in patrols if patrol.base == SURFACE for chamber in patrol.chambers)


def visitors(visit: Visit) -> list[Person]:
    """Who comes."""
    turn = shift_at(visit.from_ms).index % 3
    return [Person(visit.name, turn, number) for number in range(visit.people)]


def visiting(visit: Visit) -> dict[Person, Itinerary]:
    """What they do: one after the other, in the order in which they came."""
    walk_ms = round(WALK_MIN * MINUTE_MS)
    found: dict[Person, Itinerary] = {}
    for number, person in enumerate(visitors(visit)):
        come_ms, go_ms = (at_ms + number * FOLLOWING_MS for at_ms in (visit.from_ms, visit.to_ms))
        found[person] = (
            Stay(visit.base, come_ms - walk_ms, come_ms),
            Stay(visit.place, come_ms, go_ms),
            Stay(visit.base, go_ms, go_ms + walk_ms),
        )
    return found


@dataclass(frozen=True, slots=True)
class Steps:
    """A count that changes at instants; 0 before the first."""

    at_ms: tuple[int, ...]
    count: tuple[int, ...]

    @classmethod
    def of(cls, changes: Mapping[int, int]) -> Steps:
        """From what comes and goes at each instant."""
        instants = sorted(changes)
        return cls(tuple(instants), tuple(accumulate(changes[at] for at in instants)))

    def at(self, at_ms: int) -> int:
        """The count at an instant."""
        index = bisect_right(self.at_ms, at_ms) - 1
        return self.count[index] if index >= 0 else 0


NOBODY: Final = Steps((), ())


def itinerary(shift: Shift, places: Sequence[str], marks_min: Sequence[float]) -> Itinerary:
    """One stay between each two marks, in minutes from the shift's start; the last mark ends the last one."""
    marks_ms = [shift.start_ms + round(mark * MINUTE_MS) for mark in marks_min]
    return tuple(map(Stay, places, marks_ms, marks_ms[1:]))
