"""Report by exception (tck-id-principles-rbe-recommended): which readings to report, and at what times; pure.

Rules, per point
- Reported: the first reading; a change of quality; of two numbers, a change by more than `deadband` from the
  last *reported* value (so a slow drift is not lost) or across one of the point's `limits` (so no alarm is late);
  any change of a Boolean or a text; with deadband 0 any change at all. Points with a `swing` are reported where
  their course bends instead (swinging_door.py).
- A good value that does not change is reported again in time for its reports to lie at most `max_silence_s`
  apart: as soon as waiting for the next reading (`reread_s` later) would be too late. Bad and stale are
  reported once; they stand until the next report.
- Source times of the reports of a point strictly increase (rising.py). So a source clock set back, or a value that
  a server still stamps with a time before the outage, never rewrites what was already reported, and several values
  of one instant keep their order.
- Silence counts from the last report's source time or its receipt, whichever is earlier: after a value stamped
  long ago the next reading is reported at once. When the agent's clock is set back, every value is.

A source keeps one `Deadband` and emits what it reports. Points that are read together stand in a `Strip`, which
costs next to nothing for values that stay as they are: most do, and every register of every poll passes here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import compress
from operator import ne
from typing import Final, cast

from contract.datatype import Value
from contract.point import ModbusAddress, Point
from contract.quality import Quality
from edge_agent.acquisition.decode import Convert, Number
from edge_agent.acquisition.reading import Reading
from edge_agent.acquisition.rising import rising
from edge_agent.acquisition.swinging_door import HELD_PERIODS, Door, has_crossed, is_number

CONFIRMATIONS: Final = 4
"""How often in `max_silence_s` an OPC UA node that sends no changes is read to confirm its value."""
CLOCK_BACK_MS: Final = 1000
"""The agent's clock counts as set back from here on."""
LONG_AGO_MS: Final = -(1 << 62)
GOOD, BAD = Quality.GOOD, Quality.BAD
reading_of = cast(
    "Callable[[tuple[Point, Value, Quality, int, int]], Reading]", partial(tuple.__new__, Reading)
)
"""A `Reading` of its five parts, at a quarter of the price of its own constructor."""


def reread_s(point: Point) -> float:
    """The longest time between two readings of a point while all is well."""
    if isinstance(point.address, ModbusAddress):
        return point.period_s
    return point.max_silence_s / CONFIRMATIONS


@dataclass(slots=True)
class Watch:
    """What was last reported of a point; plain and flat, for every value that changes passes here."""

    point: Point
    deadband: float = field(init=False)
    hold_ms: float = field(init=False)
    """How long an unchanged value may be held back: the wait for the next reading counts against the silence."""
    value: Value | None = None
    quality: Quality | None = None
    source_at_ms: int = LONG_AGO_MS
    due_at_ms: float = math.inf
    """An unchanged value received later than this is reported again."""
    is_plain: bool = field(init=False)
    """Every change is reported, and nothing else decides."""
    earlier: list[Reading] = field(default_factory=list)
    """Reports that go before the one just given; whoever takes it takes these and clears them."""

    def __post_init__(self) -> None:
        """Keep what is asked for at every value."""
        self.deadband = self.point.deadband
        self.is_plain = not self.point.deadband and not self.point.swing
        self.hold_ms = 1000 * (self.point.max_silence_s - reread_s(self.point))

    def look(
        self, value: Value | None, quality: Quality, source_at_ms: int, read_at_ms: int
    ) -> Reading | None:
        """The report of what was read, or none if it says nothing new."""
        if quality is self.quality and read_at_ms <= self.due_at_ms:
            if quality is not GOOD or value == self.value:
                return None
            if self.deadband and is_within(self.deadband, self.point.limits, self.value, value):
                return None
        return self.report(value, quality, source_at_ms, read_at_ms)

    def report(self, value: Value | None, quality: Quality, source_at_ms: int, read_at_ms: int) -> Reading:
        """Report this, at a time that goes on."""
        if source_at_ms <= self.source_at_ms:
            source_at_ms = rising(source_at_ms, read_at_ms, self.source_at_ms)
        self.value, self.quality, self.source_at_ms = value, quality, source_at_ms
        if quality is GOOD:
            earlier_ms = source_at_ms if source_at_ms < read_at_ms else read_at_ms  # noqa: FURB136 (min is slow)
            self.due_at_ms = earlier_ms + self.hold_ms
        else:
            self.due_at_ms = math.inf
        return Reading(self.point, value, quality, source_at_ms, read_at_ms)


@dataclass(slots=True)
class DoorWatch(Watch):
    """The watch of a point with a swing (swinging_door.py)."""

    door: Door = field(init=False)
    lag_ms: int = 0
    """Between source time and receipt of what the door holds."""

    def __post_init__(self) -> None:
        """The door of the point."""
        Watch.__post_init__(self)
        self.door = Door(self.point.swing)

    def look(
        self, value: Value | None, quality: Quality, source_at_ms: int, read_at_ms: int
    ) -> Reading | None:
        """The report of what was read, or of the bend before it, or none."""
        goes_on = quality is GOOD and self.quality is GOOD and source_at_ms > self.door.last_ms
        reported = self.value
        if not (goes_on and is_number(value) and is_number(reported)):
            if quality is self.quality and value == self.value and read_at_ms <= self.due_at_ms:
                return None
            self.open_door()
            return self.pivot(value, quality, source_at_ms, read_at_ms)
        self.fill_in(source_at_ms, read_at_ms)
        is_urgent = (
            read_at_ms > self.due_at_ms
            or abs(value - self.door.last) > self.door.swing
            or has_crossed(self.point.limits, reported, value)
        )
        self.hold(source_at_ms, value)
        self.lag_ms = read_at_ms - source_at_ms
        if is_urgent:
            return self.pivot(value, quality, source_at_ms, read_at_ms)
        return self.earlier.pop() if self.earlier else None

    def fill_in(self, source_at_ms: int, read_at_ms: int) -> None:
        """What was held stayed as it was until a period before now, if nothing else was heard of it."""
        period_ms = round(1000 * self.point.period_s)
        if source_at_ms - self.door.last_ms > HELD_PERIODS * period_ms:
            self.hold(source_at_ms - period_ms, self.door.last)
            self.lag_ms = read_at_ms - source_at_ms

    def hold(self, at_ms: int, value: float) -> None:
        """Hold a reading back, and report the bend before it if there is one."""
        if not self.door.takes(at_ms, value):
            self.open_door()
            self.door.takes(at_ms, value)

    def open_door(self) -> None:
        """Report what is held back."""
        if self.door.holds:
            at_ms, value = self.door.last_ms, self.door.last
            self.earlier.append(self.pivot(value, GOOD, at_ms, at_ms + self.lag_ms))

    def pivot(self, value: Value | None, quality: Quality, source_at_ms: int, read_at_ms: int) -> Reading:
        """Report this, and begin anew from it."""
        report = self.report(value, quality, source_at_ms, read_at_ms)
        self.door.pivot(report.source_at_ms, value if is_number(value) else 0.0)
        return report


@dataclass(slots=True)
class Strip:
    """Points that are always read together, by one request."""

    watches: Sequence[Watch]
    converters: Sequence[Convert | None]
    numbers: Sequence[Number] = ()
    """The raw numbers of the last poll; none before the first."""
    due_at_ms: float = math.inf
    """No value is due before."""
    edition: int = 0
    """Of the watches, at the last poll."""


class Deadband:
    """The last report of every point, and which reading is the next."""

    def __init__(self) -> None:
        """Nothing is reported yet."""
        self.watches: dict[tuple[str, str], Watch] = {}
        self.now_ms = 0
        self.edition = 0
        """Goes up when watches change otherwise than through their strip."""

    def watch(self, point: Point) -> Watch:
        """The watch of a point."""
        found = self.watches.get(point.key)
        if found is None:
            found = self.watches[point.key] = DoorWatch(point) if point.swing else Watch(point)
        return found

    def strip(self, points: Iterable[Point], converters: Sequence[Convert | None]) -> Strip:
        """A strip for points that are read together."""
        return Strip([self.watch(point) for point in points], converters)

    def reports(self, readings: Iterable[Reading]) -> list[Reading]:
        """Those of the readings that are to be reported, with times that go on."""
        reports = []
        for point, value, quality, source_at_ms, read_at_ms in readings:
            self.heed_clock(read_at_ms)
            watch = self.watch(point)
            if report := watch.look(value, quality, source_at_ms, read_at_ms):
                if watch.earlier:
                    reports += watch.earlier
                    watch.earlier.clear()
                reports.append(report)
        if reports:
            self.edition += 1
        return reports

    def sift(self, strip: Strip, numbers: Sequence[Number], at_ms: int) -> list[Reading]:
        """The reports of a strip whose raw numbers were all received at this instant.

        A number that is that of the last poll can only be due; what is no value is bad.
        """
        self.heed_clock(at_ms)
        if strip.edition != self.edition or at_ms > strip.due_at_ms or not strip.numbers:
            strip.edition = self.edition
            changed: Sequence[int] = range(len(numbers))
            strip.due_at_ms = math.inf
        elif numbers == strip.numbers:
            return []
        else:
            changed = [*compress(range(len(numbers)), map(ne, numbers, strip.numbers))]
        strip.numbers = numbers
        due_at_ms, reports = strip.due_at_ms, []
        watches, converters = strip.watches, strip.converters
        for at in changed:
            number, watch, convert = numbers[at], watches[at], converters[at]
            value = number if convert is None else convert(number)
            if watch.is_plain and watch.quality is GOOD and value is not None and at_ms > watch.source_at_ms:
                # what `look` and `report` do in the usual case, written out: most of a busy line's time is spent here
                if value != watch.value or at_ms > watch.due_at_ms:
                    watch.value, watch.source_at_ms = value, at_ms
                    watch.due_at_ms = at_ms + watch.hold_ms
                    reports.append(reading_of((watch.point, value, GOOD, at_ms, at_ms)))
            elif report := watch.look(value, BAD if value is None else GOOD, at_ms, at_ms):
                if watch.earlier:
                    reports += watch.earlier
                    watch.earlier.clear()
                reports.append(report)
            if watch.due_at_ms < due_at_ms:  # noqa: PLR1730 (min is slow)
                due_at_ms = watch.due_at_ms
        strip.due_at_ms = due_at_ms
        return reports

    def heed_clock(self, now_ms: int) -> None:
        """When the clock is set back, no value waits for the old time to come again."""
        if now_ms < self.now_ms - CLOCK_BACK_MS:
            for watch in self.watches.values():
                if watch.due_at_ms < math.inf:
                    watch.due_at_ms = -math.inf
            self.edition += 1
        self.now_ms = now_ms


def is_within(deadband: float, limits: Sequence[float], old: Value | None, new: Value | None) -> bool:
    """Whether two numbers differ by no more than the deadband, on the same side of every limit; else false."""
    if not is_number(old) or not is_number(new) or abs(new - old) > deadband:
        return False
    return not (limits and has_crossed(limits, old, new))
