"""What an OPC UA server says of its points: from data values to reports.

Times
- A value that the server sends, or that is polled, has the time of its source; where it has none, the server's own.
- The first value of a point in a session has the time of its receipt: the server may stamp it with a change long
  ago, but we know of it only from now on. So has a value whose stamp is that of the value before: it was read again.
- A stamp more than `clock_skew_max_s` from the agent's clock is counted and replaced by the time of receipt.

A server sends nothing while nothing changes, so a watched node is read again now and then. Such a *confirmation* has
the time of its receipt, and only a value that is as it was heard is confirmed. One that differs is either older or
newer than the changes that are on their way, and they will tell; if it still differs when they should have come, the
server has kept a change from us, and the value read stands.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from asyncua import ua

from contract.datatype import Value
from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.deadband import Deadband
from edge_agent.acquisition.decode import any_converter
from edge_agent.acquisition.doubt import Doubt, Mark
from edge_agent.acquisition.opc_status import has_overflown, is_gone, quality_of
from edge_agent.acquisition.reading import Reading
from edge_agent.sources.source import Emit, Now, SourceHealth

log = logging.getLogger(__name__)

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NO_TIME: Final = datetime(1601, 1, 1, tzinfo=UTC)
"""What a time of 0 on the wire means: there is none (Part 6, 5.2.2.5)."""
MILLISECOND: Final = timedelta(milliseconds=1)
GOOD = Quality.GOOD


class Leeway(NamedTuple):
    """What the server may keep to itself of a point, in its unit, and how long a change may take to come."""

    width: float
    wait_s: float


class Values:
    """The values of a source's points, which go by their numbers here."""

    def __init__(
        self, name: str, points: Sequence[Point], *, clock_skew_max_s: float, health: SourceHealth, now: Now
    ) -> None:
        self.name, self.points, self.health, self.now = name, points, health, now
        self.clock_skew_max_ms = 1000 * clock_skew_max_s
        self.deadband, self.doubt = Deadband(), Doubt()
        self.converters = [any_converter(point) for point in points]
        self.heard: dict[int, tuple[Value | None, Quality, datetime | None]] = {}
        """What the server said last of each point in this session; the time is that of the last good value."""
        self.doubted: dict[int, float] = {}
        """Points that read otherwise than was heard, and since when; the change should be on its way."""
        self.kept_back: set[int] = set()
        """Points of which the server kept a change from us."""
        self.gone: set[int] = set()
        """Points whose node the server does not know any more."""
        self.has_told_of_clock = False

    def begin(self) -> None:
        """A new session: nothing is heard yet."""
        self.heard.clear()
        self.doubted.clear()
        self.kept_back.clear()
        self.gone.clear()
        self.has_told_of_clock = False

    def forget(self, numbers: Iterable[int]) -> None:
        """These points are watched anew: what comes next of each is the first."""
        for at in numbers:
            self.heard.pop(at, None)

    def change(self, at: int, data: ua.DataValue, at_ms: int) -> Reading:
        """What the server sent of a point, or was asked for in turn, received at this time."""
        value, quality = self.judged(at, data)
        heard = self.heard.get(at)
        before = None if heard is None else heard[2]
        stamp = data.SourceTimestamp or data.ServerTimestamp
        source_at_ms = at_ms
        if stamp is None or stamp <= NO_TIME:
            stamp = before
        elif heard is not None and stamp != before:
            source_at_ms = self.source_time(at, stamp, at_ms, is_counted=quality is GOOD)
        self.heard[at] = value, quality, stamp if quality is GOOD else before
        self.doubted.pop(at, None)
        return Reading(self.points[at], value, quality, source_at_ms, at_ms)

    def confirmed(
        self, at: int, data: ua.DataValue, at_ms: int, now_s: float, leeway: Leeway
    ) -> Reading | None:
        """What was read again of a watched point, if it stands."""
        value, quality = self.judged(at, data)
        heard, quality_heard, stamp = self.heard.get(at, (None, None, None))
        if quality is not quality_heard or (value != heard and not is_near(value, heard, leeway.width)):
            if now_s - self.doubted.setdefault(at, now_s) < leeway.wait_s:
                return None
            if at in self.heard:
                self.kept_back.add(at)
            self.heard[at] = value, quality, stamp
        self.doubted.pop(at, None)
        return Reading(self.points[at], value, quality, at_ms, at_ms)

    def suspect(self, numbers: Iterable[int], now_s: float) -> None:
        """A change of these points may have been lost on its way."""
        for at in numbers:
            self.doubted.setdefault(at, now_s)

    def judged(self, at: int, data: ua.DataValue) -> tuple[Value | None, Quality]:
        """The value and quality of what the server says of a point."""
        code = data.StatusCode.value if data.StatusCode is not None else 0
        if code:
            if is_gone(code):
                self.gone.add(at)
            if has_overflown(code):
                self.health.count("queue_overflow")
        quality = quality_of(code)
        if quality is not GOOD:
            return None, quality
        value = self.converters[at](given_in(data))
        return value, GOOD if value is not None else Quality.BAD

    def source_time(self, at: int, stamp: datetime, at_ms: int, *, is_counted: bool) -> int:
        """A time of the source in milliseconds, if it can be; else that of receipt."""
        source_at_ms = (stamp - EPOCH) // MILLISECOND
        if abs(source_at_ms - at_ms) <= self.clock_skew_max_ms:
            return source_at_ms
        if is_counted:
            self.health.count("source_time_implausible")
            if not self.has_told_of_clock:
                self.has_told_of_clock = True
                log.warning("%s stamps %s with %s: set the clock (and time zone) there; until then its values have "
                            "the time of their receipt", self.name, self.points[at].metric, stamp)  # fmt: skip
        return at_ms

    def report(self, readings: Sequence[Reading], emit: Emit) -> None:
        """Report what is new in what the server said."""
        self.health.readings += len(readings)
        self.doubt.heard(reading.point for reading in readings)
        if any(reading.quality is GOOD for reading in readings):
            self.health.last_good_at_ms = readings[-1].read_at_ms
        if reports := self.deadband.reports(readings):
            if bad := sum(report.quality is not GOOD for report in reports):
                self.health.count("no_value", bad)
            emit(reports)

    def refuse(self, refused: Mapping[int, str], emit: Emit) -> None:
        """Nodes that cannot be followed, with the reason: their points are bad."""
        for kind in refused.values():
            self.health.count(kind)
        if marks := self.doubt.condemn(self.points[at] for at in refused):
            first = min(refused)
            log.warning("%s has no node for %d points, the first is %s (line %d of its table): %s", self.name,
                        len(refused), self.points[first].metric, self.points[first].line, refused[first])  # fmt: skip
            self.mark(marks, emit)

    def lose(self, now_s: float, emit: Emit) -> None:
        """The session is lost: every point is stale."""
        self.mark(self.doubt.lose(self.points, now_s), emit)

    def expire(self, now_s: float, emit: Emit) -> None:
        """Points that have been stale for too long are bad."""
        self.mark(self.doubt.expire(now_s), emit)

    def mark(self, marks: Sequence[Mark], emit: Emit) -> None:
        """Report points without a value."""
        at_ms = self.now()
        if reports := self.deadband.reports(
            Reading(point, None, quality, at_ms, at_ms) for point, quality in marks
        ):
            emit(reports)


def is_near(value: Value | None, other: Value | None, width: float) -> bool:
    """Whether two numbers differ by no more than `width`."""
    return (
        width > 0
        and isinstance(value, (int, float))
        and isinstance(other, (int, float))
        and abs(value - other) <= width
    )


def given_in(data: ua.DataValue) -> object:
    """What the server gave; a text in some language, as makers have for states, is its text."""
    given = data.Value.Value if data.Value is not None else None
    return given.Text if isinstance(given, ua.LocalizedText) else given
