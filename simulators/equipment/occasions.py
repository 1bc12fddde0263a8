"""Occasions: spans of time in which something happens, given one by one, or drawn by chance day by day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulators.chance import Chance
from simulators.shifts import DAY_MS, LOCAL_MS, SHIFT_MS, day_at


@dataclass(frozen=True, slots=True)
class Span:
    """A time, `[from_ms, to_ms)`."""

    from_ms: int
    to_ms: int

    def holds(self, at_ms: int) -> bool:
        """Whether an instant lies in it."""
        return self.from_ms <= at_ms < self.to_ms


Occasions = Callable[[int], Span | None]
"""The span that holds an instant, if one does."""


def during(*spans: Span) -> Occasions:
    """Spans given one by one; where they overlap, the first holds."""
    return lambda at_ms: next((span for span in spans if span.holds(at_ms)), None)


def seldom(chance: Chance, every_days: float, lasting_ms: tuple[int, int]) -> Occasions:
    """At most once in a local day, and once in `every_days` on the average."""
    return on_days(lambda day: chance.share(3 * day) * every_days < 1.0, chance, lasting_ms, DAY_MS)


def in_maintenance(chance: Chance, every_days: int, lasting_ms: tuple[int, int]) -> Occasions:
    """Every so many days, in the maintenance shift: it is the first of a day."""
    turn = chance.whole(-1, 0, every_days - 1)
    return on_days(lambda day: day % every_days == turn, chance, lasting_ms, SHIFT_MS)


def on_days(
    is_due: Callable[[int], bool], chance: Chance, lasting_ms: tuple[int, int], within_ms: int
) -> Occasions:
    """On the days that are due, a span that chance draws from the first `within_ms` of the day."""
    shortest_ms, longest_ms = lasting_ms
    assert longest_ms <= within_ms <= DAY_MS

    def span(at_ms: int) -> Span | None:
        day = day_at(at_ms)
        if not is_due(day):
            return None
        length_ms = chance.whole(3 * day + 1, shortest_ms, longest_ms)
        from_ms = day * DAY_MS - LOCAL_MS + chance.whole(3 * day + 2, 0, within_ms - length_ms)
        found = Span(from_ms, from_ms + length_ms)
        return found if found.holds(at_ms) else None

    return span
