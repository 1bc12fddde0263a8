"""What became of every reading, by what the agent told and what the database holds. Pure.

Laws
- Every reading that lay on the disk is stored, or was given up by the outbox and counted, or lay in an outbox that
  somebody took away, or was refused by the database for good.
- A reading that never came to lie on the disk was dropped by the full inbox and counted, or was in memory when the
  agent was killed: the *journalling window*.
- Only what was produced is stored, and each at one time; per tag the numbers ascend with the time.
- What the outbox counts as lost is what was given up, epoch by epoch.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Final

from benchmarks.conservation.said import (
    Begun,
    ClockTold,
    Committed,
    Dropped,
    GivenUp,
    Produced,
    Run,
    Told,
    Written,
)
from benchmarks.conservation.stored import Found

INBOX: Final = "inbox full"
THINNED: Final = "thinned"
REPLACED: Final = "outbox replaced"
REFUSED: Final = "refused by the database"


class Mark(IntFlag):
    """What is known of one reading."""

    WRITTEN = 1
    GIVEN_UP = 2
    REPLACED = 4
    IN_MEMORY = 8
    """Not known to be on the disk when the agent was killed."""
    STORED = 16
    REFUSED = 32


@dataclass(frozen=True, slots=True)
class Window:
    """What one sudden death took out of memory: how many readings, and how old the oldest of them was."""

    readings: int
    ms: int


@dataclass(slots=True)
class Epoch:
    """One outbox file."""

    given_up: int = 0
    dropped: int = 0
    """Never on the disk."""
    counted: int | None = None
    """What the file itself counts as lost; known when it is read."""

    @property
    def lost(self) -> int:
        """What it should count."""
        return self.given_up + self.dropped


@dataclass(frozen=True, slots=True)
class Balance:
    """The books at the end; every figure counts readings."""

    produced: int
    written: int
    stored: int
    accounted: dict[str, int]
    """Not stored, and told why."""
    in_memory: int
    """Not stored: in memory when the agent was killed."""
    lost: int
    """Not stored, and nobody knows why. Must be 0."""
    invented: int
    """Stored, and never produced. Must be 0."""
    duplicated: int
    """Stored at more than one time. Must be 0."""
    disordered: int
    """Stored at a time before their forerunner's. Must be 0."""
    stored_after_all: int
    """Given up, or in an outbox that was taken away, when the centre had them already."""
    restated: int
    """Said again by a birth to end a stale mark; no duplicates."""
    first_lost: str = ""
    """For whoever has to find out why."""

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing twice, order kept."""
        return not (self.lost or self.invented or self.duplicated or self.disordered)


@dataclass(slots=True)
class Truth:
    """Takes what the agent tells; `balance` at the end."""

    tags: int
    marks: list[bytearray] = field(init=False)
    rounds: int = 0
    produced_at_ms: list[int] = field(default_factory=lambda: [0])
    """By round."""
    written_to: list[int] = field(init=False)
    """By tag, the highest number on the disk."""
    epochs: dict[str, Epoch] = field(default_factory=dict)
    epoch: str = ""
    why: dict[tuple[int, int], str] = field(default_factory=dict)
    """Tag and number of what was given up."""
    waiting: deque[tuple[int, int]] = field(default_factory=deque)
    """Batch and when it was written, oldest first."""
    commits: int = 0
    batches_given_up: int = 0
    """Of this epoch, whole: dropped, or never written."""
    longest_outage_ms: int = 0
    """Longest that a batch waited which was stored in the end."""
    windows: list[Window] = field(default_factory=list)
    jumps: Counter[str] = field(default_factory=Counter)
    jumps_of_life: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        """Nothing has happened."""
        self.marks = [bytearray(1) for _ in range(self.tags)]
        self.written_to = [0] * self.tags

    def hear(self, told: Told) -> None:
        """One line of the agent's."""
        match told:
            case Begun(epoch):
                self.begin(epoch)
            case Produced(at_ms, number):
                self.produce(number, at_ms)
            case Written(at_ms, batch, values):
                self.write(batch, at_ms, values)
            case GivenUp(reason, values):
                self.give_up(reason, values)
            case Dropped(readings):
                self.epochs[self.epoch].dropped += readings
                self.batches_given_up += 1
            case Committed(at_ms, batch):
                self.commit(batch, at_ms)
            case ClockTold(jumps, believed):
                before, self.jumps_of_life = self.jumps_of_life, (jumps, believed)
                self.jumps["jumps"] += jumps - before[0]
                self.jumps["believed"] += believed - before[1]

    def begin(self, epoch: str) -> None:
        """An agent has begun, with this outbox."""
        if epoch != self.epoch:
            self.waiting.clear()
            self.batches_given_up = 0
        self.epoch = epoch
        self.jumps_of_life = (0, 0)
        self.epochs.setdefault(epoch, Epoch())

    def write(self, batch: int, at_ms: int, values: Mapping[int, list[Run]]) -> None:
        """A batch is on the disk."""
        for tag, number in each(values):
            self.marks[tag][number] |= Mark.WRITTEN
            self.written_to[tag] = max(self.written_to[tag], number)
        self.waiting.append((batch, at_ms))

    def give_up(self, reason: str, values: Mapping[int, list[Run]]) -> None:
        """The outbox gives readings up; it may say so twice if it was killed in between."""
        for tag, number in each(values):
            self.epochs[self.epoch].given_up += not self.marks[tag][number] & Mark.GIVEN_UP
            self.mark(tag, number, Mark.GIVEN_UP, reason)
        self.batches_given_up += reason != THINNED

    def produce(self, number: int, at_ms: int) -> None:
        """The next round."""
        if number != self.rounds + 1:
            raise ValueError(f"round {number} comes after {self.rounds}")
        self.rounds = number
        self.produced_at_ms.append(at_ms)
        for marks in self.marks:
            marks.append(0)

    def commit(self, batch: int, at_ms: int) -> None:
        """How long the oldest of what is stored now had to wait."""
        self.commits += 1
        while self.waiting and self.waiting[0][0] <= batch:
            self.longest_outage_ms = max(self.longest_outage_ms, at_ms - self.waiting.popleft()[1])

    @property
    def written(self) -> int:
        """The newest batch on the disk that waits for a commit; 0 if none does."""
        return self.waiting[-1][0] if self.waiting else 0

    @property
    def oldest_waiting(self) -> float:
        """The oldest batch that waits for a commit; infinite if none does."""
        return self.waiting[0][0] if self.waiting else math.inf

    def mark(self, tag: int, number: int, mark: Mark, reason: str) -> None:
        """Remember what happened to one reading, and why."""
        self.marks[tag][number] |= mark
        self.why.setdefault((tag, number), reason)

    def died(self, at_ms: int) -> None:
        """The agent was killed; what was in its memory then is the window."""
        readings, oldest_ms = 0, at_ms
        for tag, written_to in enumerate(self.written_to):
            for number in range(written_to + 1, self.rounds + 1):
                self.marks[tag][number] |= Mark.IN_MEMORY
                readings += 1
                oldest_ms = min(oldest_ms, self.produced_at_ms[number])
            self.written_to[tag] = self.rounds
        self.windows.append(Window(readings, at_ms - oldest_ms))

    def replaced(self, held: Mapping[int, list[int]], counted: int) -> None:
        """The outbox was taken away with what it held; it had counted so many readings as lost."""
        self.epochs[self.epoch].counted = counted
        for tag, numbers in held.items():
            for number in numbers:
                self.mark(tag, number, Mark.REPLACED, REPLACED)

    def refused(self, readings: Iterable[tuple[int, int]]) -> None:
        """The database would not take these; a birth may have said some again later."""
        for tag, number in readings:
            self.marks[tag][number] |= Mark.REFUSED

    def balance(self, found: Mapping[int, Found]) -> Balance:
        """Close the books."""
        for tag, one in found.items():
            for number in one.at_ms:
                if 0 < number <= self.rounds:
                    self.marks[tag][number] |= Mark.STORED
        states = Counter(mark for marks in self.marks for mark in marks[1:])
        accounted, lost = self.accounted()
        return Balance(
            produced=self.tags * self.rounds,
            written=total(states, Mark.WRITTEN),
            stored=total(states, Mark.STORED),
            accounted=dict(accounted),
            in_memory=sum(n for mark, n in states.items() if is_in_memory(mark)),
            lost=len(lost),
            invented=sum(not 0 < number <= self.rounds for one in found.values() for number in one.at_ms),
            duplicated=sum(one.duplicated for one in found.values()),
            disordered=sum(self.disorder(tag, one) for tag, one in found.items()),
            stored_after_all=sum(n for mark, n in states.items() if is_stored_after_all(mark)),
            restated=sum(one.restated for one in found.values()),
            first_lost=", ".join(f"tag {tag} number {number}" for tag, number in lost[:5]),
        )

    def accounted(self) -> tuple[Counter[str], list[tuple[int, int]]]:
        """What is not stored: told by reason, and what nobody can tell of."""
        accounted, lost = Counter[str](), list[tuple[int, int]]()
        for tag, marks in enumerate(self.marks):
            for number in range(1, self.rounds + 1):
                mark = marks[number]
                if mark & Mark.STORED or is_in_memory(mark):
                    continue
                if mark & Mark.REFUSED:
                    accounted[REFUSED] += 1
                elif mark & (Mark.GIVEN_UP | Mark.REPLACED):
                    accounted[self.why[tag, number]] += 1
                elif mark & Mark.WRITTEN:
                    lost.append((tag, number))
                else:
                    accounted[INBOX] += 1
        return accounted, lost

    def disorder(self, tag: int, found: Found) -> int:
        """How many numbers stand before their forerunner's time; what only a birth said is not asked."""
        at_ms, disordered = -1, 0
        for number in sorted(found.at_ms):
            if 0 < number <= self.rounds and not self.marks[tag][number] & (Mark.GIVEN_UP | Mark.REPLACED):
                disordered += found.at_ms[number] <= at_ms
                at_ms = found.at_ms[number]
        return disordered

    def miscounted(self, balance: Balance) -> list[str]:
        """Where the outbox's own count is not the truth."""
        wrong = [
            f"epoch {name[:8]}: the outbox counts {epoch.counted} readings as lost, {epoch.lost} were"
            for name, epoch in self.epochs.items()
            if epoch.counted is not None and epoch.counted != epoch.lost
        ]
        dropped = sum(epoch.dropped for epoch in self.epochs.values())
        told = balance.accounted.get(INBOX, 0)
        if dropped != told:
            wrong.append(f"{told} readings found the inbox full, the outbox was told of {dropped}")
        return wrong


def each(values: Mapping[int, list[Run]]) -> Iterator[tuple[int, int]]:
    """Tag and number of every value."""
    for tag, some in values.items():
        for first, last in some:
            for number in range(first, last + 1):
                yield tag, number


def total(states: Counter[int], mark: Mark) -> int:
    """How many readings have this mark."""
    return sum(count for state, count in states.items() if state & mark)


def is_in_memory(mark: int) -> bool:
    """Neither stored nor on the disk when the agent was killed."""
    return bool(mark & Mark.IN_MEMORY) and not mark & (Mark.STORED | Mark.GIVEN_UP | Mark.REPLACED)


def is_stored_after_all(mark: int) -> bool:
    """Given up or taken away, and stored."""
    return bool(mark & Mark.STORED and mark & (Mark.GIVEN_UP | Mark.REPLACED))
