"""When a face works: the passes of a shearer, the cuts of a roadheader, in each shift.

A production shift works from half an hour or so after its start to half an hour or so before its end, in strokes
of moving and pauses between them. A maintenance shift does not. Every shift begins and ends at position 0
with an even number of passes, so that shifts fit together without any of them knowing the others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from simulators.chance import Chance
from simulators.shifts import MINUTE_MS, Shift, day_at, shift_at

SHEARER_PASSES: Final = 8
STROKES_PER_PASS: Final = 3
ROADHEADER_CUTS: Final = 5
CUT_M: Final = 0.8
"""What a roadheader advances between two settings of the roof support."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One unbroken movement, `[from_ms, to_ms)`, from one position to another (metres)."""

    from_ms: int
    to_ms: int
    from_m: float
    to_m: float

    @property
    def speed_m_min(self) -> float:
        """How fast it moves."""
        return abs(self.to_m - self.from_m) * MINUTE_MS / (self.to_ms - self.from_ms)

    def at(self, at_ms: int) -> float:
        """Position at an instant; the stroke's ends before and after it."""
        part = min(max((at_ms - self.from_ms) / (self.to_ms - self.from_ms), 0.0), 1.0)
        return self.from_m + (self.to_m - self.from_m) * part


class ShiftWork:
    """The strokes of one shift, in time order."""

    def __init__(self, strokes: Iterable[Stroke]) -> None:
        self.strokes = tuple(strokes)
        self.starts_ms = [stroke.from_ms for stroke in self.strokes]
        self.done_ms = [0, *accumulate(stroke.to_ms - stroke.from_ms for stroke in self.strokes)]

    def last(self, at_ms: int) -> Stroke | None:
        """The stroke that runs at an instant, or else the latest one before it."""
        index = bisect_right(self.starts_ms, at_ms) - 1
        return self.strokes[index] if index >= 0 else None

    def worked_ms(self, at_ms: int) -> int:
        """Time spent moving up to an instant."""
        index = bisect_right(self.starts_ms, at_ms) - 1
        if index < 0:
            return 0
        stroke = self.strokes[index]
        return self.done_ms[index] + min(at_ms, stroke.to_ms) - stroke.from_ms


class WorkPlan:
    """The strokes of every shift of one face."""

    def __init__(self, strokes_of: Callable[[Shift], Iterable[Stroke]]) -> None:
        self.shift_work = lru_cache(maxsize=16)(
            lambda index: ShiftWork(strokes_of(Shift(index)) if Shift(index).is_production else ())
        )

    def work(self, at_ms: int) -> ShiftWork:
        """The work of the shift that runs at an instant."""
        return self.shift_work(shift_at(at_ms).index)

    def running(self, at_ms: int) -> Stroke | None:
        """The stroke that runs at an instant."""
        stroke = self.work(at_ms).last(at_ms)
        return stroke if stroke is not None and at_ms < stroke.to_ms else None

    def position_m(self, at_ms: int) -> float:
        """Where the machine is."""
        stroke = self.work(at_ms).last(at_ms)
        return 0.0 if stroke is None else stroke.at(at_ms)

    def load(self, at_ms: int, window_ms: int) -> float:
        """Share of the last `window_ms` spent moving, 0–1; no work is known of the shift before."""
        work = self.work(at_ms)
        return (work.worked_ms(at_ms) - work.worked_ms(at_ms - window_ms)) / window_ms

    def is_manned(self, at_ms: int) -> bool:
        """Whether the face is at work, pauses between strokes included."""
        strokes = self.work(at_ms).strokes
        return bool(strokes) and strokes[0].from_ms <= at_ms < strokes[-1].to_ms

    def work_days(self, at_ms: int) -> float:
        """Local days since 1970, each counted by the work done in it: rises while the face works only."""
        day = day_at(at_ms)
        shifts = [self.shift_work(3 * day + turn) for turn in range(3)]
        return day + sum(work.worked_ms(at_ms) for work in shifts) / sum(work.done_ms[-1] for work in shifts)


def shearer_plan(chance: Chance, face_m: float) -> WorkPlan:
    """Cutting both ways between the ends of a face."""

    def strokes(shift: Shift) -> Iterable[Stroke]:
        draw = chance.stream(shift.index)
        marks = [0.0]
        count = SHEARER_PASSES * STROKES_PER_PASS
        for number in range(count):
            moving = draw.uniform(10.0, 15.0)
            turns = (number + 1) % STROKES_PER_PASS == 0
            marks += [marks[-1] + moving, marks[-1] + moving + (draw.uniform(5.0, 9.0) if turns else 1.5)]
        begin, end = shift.start_ms + 35 * MINUTE_MS, shift.end_ms - 38 * MINUTE_MS
        marks_ms = scaled(marks[:-1], begin, end)
        for number in range(count):
            there, back = number / STROKES_PER_PASS, (number + 1) / STROKES_PER_PASS
            yield Stroke(
                marks_ms[2 * number], marks_ms[2 * number + 1], zigzag(there) * face_m, zigzag(back) * face_m
            )

    return WorkPlan(strokes)


def roadheader_plan(chance: Chance) -> WorkPlan:
    """Cutting ahead, then setting the roof support, and again; position is the advance since the shift's start."""

    def strokes(shift: Shift) -> Iterable[Stroke]:
        draw = chance.stream(shift.index)
        marks = [0.0]
        for _ in range(ROADHEADER_CUTS):
            moving = draw.uniform(28.0, 40.0)
            marks += [marks[-1] + moving, marks[-1] + moving + draw.uniform(40.0, 60.0)]
        begin, end = shift.start_ms + 40 * MINUTE_MS, shift.end_ms - 45 * MINUTE_MS
        marks_ms = scaled(marks[:-1], begin, end)
        for number in range(ROADHEADER_CUTS):
            yield Stroke(marks_ms[2 * number], marks_ms[2 * number + 1], CUT_M * number, CUT_M * (number + 1))

    return WorkPlan(strokes)


def zigzag(passes: float) -> float:
    """Position after a number of passes, as a share of the way: 0, 1, 0, 1 and so on."""
    return 1.0 - abs(1.0 - passes % 2.0)


def scaled(marks: list[float], begin_ms: int, end_ms: int) -> list[int]:
    """Ascending marks stretched so that they begin and end there."""
    factor = (end_ms - begin_ms) / (marks[-1] - marks[0])
    return [begin_ms + round((mark - marks[0]) * factor) for mark in marks]
