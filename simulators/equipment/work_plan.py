"""When a face works: the passes of a shearer, the cuts of a roadheader or a TBM, in each shift.

A production shift works from half an hour or so after its start to half an hour or so before its end, in strokes
of moving and pauses between them. A maintenance shift does not. Every shift begins and ends at position 0 (a
shearer makes an even number of passes), and every production shift moves for as long and as far as any other: so
shifts fit together without any of them knowing the others, and totals are known without adding them up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from simulators.chance import Chance
from simulators.shifts import MINUTE_MS, Shift, production_shifts_before, shift_at

SHEARER_PASSES: Final = 8
STROKES_PER_PASS: Final = 3


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

    def passing_ms(self, place_m: float) -> float | None:
        """When it passes a place, if it does."""
        part = (place_m - self.from_m) / (self.to_m - self.from_m)
        return self.from_ms + part * (self.to_ms - self.from_ms) if 0.0 <= part <= 1.0 else None


class ShiftWork:
    """The strokes of one shift, in time order."""

    def __init__(self, strokes: Iterable[Stroke]) -> None:
        self.strokes = tuple(strokes)
        self.starts_ms = [stroke.from_ms for stroke in self.strokes]
        self.done_ms = [0, *accumulate(stroke.to_ms - stroke.from_ms for stroke in self.strokes)]
        self.done_m = [0.0, *accumulate(abs(stroke.to_m - stroke.from_m) for stroke in self.strokes)]

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

    def travelled_m(self, at_ms: int) -> float:
        """Way made up to an instant, both ways counted."""
        index = bisect_right(self.starts_ms, at_ms) - 1
        if index < 0:
            return 0.0
        stroke = self.strokes[index]
        return self.done_m[index] + abs(stroke.at(at_ms) - stroke.from_m)


class WorkPlan:
    """The strokes of every shift of one face."""

    def __init__(self, strokes_of: Callable[[Shift], Iterable[Stroke]]) -> None:
        self.shift_work = lru_cache(maxsize=16)(
            lambda index: ShiftWork(strokes_of(Shift(index)) if Shift(index).is_production else ())
        )
        any_shift: ShiftWork = self.shift_work(1)
        self.shift_ms, self.shift_m = any_shift.done_ms[-1], any_shift.done_m[-1]

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

    def worked_ms(self, at_ms: int) -> int:
        """Time spent moving since 1970; never falls, and rises while the face works only."""
        shift = shift_at(at_ms)
        done_ms = self.shift_work(shift.index).worked_ms(at_ms)
        return production_shifts_before(shift) * self.shift_ms + min(done_ms, self.shift_ms)

    def travelled_m(self, at_ms: int) -> float:
        """Way made since 1970; never falls."""
        shift = shift_at(at_ms)
        return production_shifts_before(shift) * self.shift_m + self.shift_work(shift.index).travelled_m(
            at_ms
        )

    def load(self, at_ms: int, window_ms: int) -> float:
        """Share of the last `window_ms` spent moving, 0–1."""
        return (self.worked_ms(at_ms) - self.worked_ms(at_ms - window_ms)) / window_ms

    def is_manned(self, at_ms: int) -> bool:
        """Whether the face is at work, pauses between strokes included."""
        strokes = self.work(at_ms).strokes
        return bool(strokes) and strokes[0].from_ms <= at_ms < strokes[-1].to_ms

    def passed_ms(self, place_m: float, at_ms: int) -> float | None:
        """When the machine was last at a place, in this shift or the one before."""
        for stroke in self.strokes_back(at_ms):
            passed_ms = stroke.passing_ms(place_m)
            if passed_ms is not None and passed_ms <= at_ms:
                return passed_ms
        return None

    def strokes_back(self, at_ms: int) -> Iterator[Stroke]:
        """The strokes of this shift and the one before, the last one first."""
        index = shift_at(at_ms).index
        yield from reversed(self.shift_work(index).strokes)
        yield from reversed(self.shift_work(index - 1).strokes)


def shearer_plan(chance: Chance, face_m: float) -> WorkPlan:
    """Cutting both ways between the ends of a face."""
    count = SHEARER_PASSES * STROKES_PER_PASS

    def strokes(shift: Shift) -> Iterable[Stroke]:
        draw = chance.stream(shift.index)
        moving = [draw.uniform(10.0, 15.0) for _ in range(count)]
        pauses = [
            draw.uniform(5.0, 9.0) if number % STROKES_PER_PASS == 0 else 1.5 for number in range(1, count)
        ]
        begin, end = shift.start_ms + 35 * MINUTE_MS, shift.end_ms - 38 * MINUTE_MS
        for number, (from_ms, to_ms) in enumerate(spread(moving, pauses, begin, end, share=0.8)):
            there, back = number / STROKES_PER_PASS, (number + 1) / STROKES_PER_PASS
            yield Stroke(from_ms, to_ms, zigzag(there) * face_m, zigzag(back) * face_m)

    return WorkPlan(strokes)


def heading_plan(chance: Chance, cuts: int, cut_m: float, share: float) -> WorkPlan:
    """Cutting ahead, then setting the roof support or gripping anew, and again.

    Each of the shift's `cuts` is `cut_m` long, all together take `share` of its working time; the position is the
    advance since the shift's start.
    """

    def strokes(shift: Shift) -> Iterable[Stroke]:
        draw = chance.stream(shift.index)
        moving = [draw.uniform(0.85, 1.15) for _ in range(cuts)]
        pauses = [draw.uniform(0.8, 1.2) for _ in range(cuts - 1)]
        begin, end = shift.start_ms + 40 * MINUTE_MS, shift.end_ms - 45 * MINUTE_MS
        for number, (from_ms, to_ms) in enumerate(spread(moving, pauses, begin, end, share)):
            yield Stroke(from_ms, to_ms, cut_m * number, cut_m * (number + 1))

    return WorkPlan(strokes)


def zigzag(passes: float) -> float:
    """Position after a number of passes, as a share of the way: 0, 1, 0, 1 and so on."""
    return 1.0 - abs(1.0 - passes % 2.0)


def spread(
    moving: list[float], pauses: list[float], begin_ms: int, end_ms: int, share: float
) -> Iterator[tuple[int, int]]:
    """Begin and end of movements between two instants, with pauses between; moving takes `share` of the time."""
    of_moving = share * (end_ms - begin_ms) / sum(moving)
    of_pauses = (1.0 - share) * (end_ms - begin_ms) / sum(pauses)
    clock = float(begin_ms)
    for move, pause in zip(moving, [*pauses, 0.0], strict=True):
        yield round(clock), round(clock + move * of_moving)
        clock += move * of_moving + pause * of_pauses
