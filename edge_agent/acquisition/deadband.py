"""Report by exception (tck-id-principles-rbe-recommended): which readings to report, and at what times; pure.

Rules, per point
- Reported: the first reading; a change of quality; of two numbers, a change by more than `deadband` from the
  last *reported* value (so a slow drift is not lost); any change of a Boolean or a text; with deadband 0 any
  change at all.
- A good value that does not change is reported again in time for its reports to lie at most `max_silence_s`
  apart: as soon as waiting for the next reading (`reread_s` later) would be too late. Bad and stale are
  reported once; they stand until the next report.
- Source times of the reports of a point strictly increase. A time that does not go on is replaced by the time
  of receipt, and if that does not go on either, by the last time plus 1 ms. So a source clock set back, or a
  value that a server still stamps with a time before the outage, never rewrites what was already reported,
  and several values of one instant keep their order.
- Silence is counted by the source's times and by those of receipt, whichever is longer, so that the gaps seen
  downstream keep to the limit too. Should the agent's clock be set back, the value is reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from contract.datatype import Value
from contract.point_form import ModbusAddress, Point
from contract.quality import Quality
from edge_agent.acquisition.reading import Reading

CONFIRMATIONS: Final = 4
"""How often in `max_silence_s` an OPC UA node that sends no changes is read to confirm its value."""
NUMBER: Final = (int, float)


def reread_s(point: Point) -> float:
    """The longest time between two readings of a point while all is well."""
    if isinstance(point.address, ModbusAddress):
        return point.period_s
    return point.max_silence_s / CONFIRMATIONS


class Deadband:
    """The last report of every point, and which reading is the next."""

    def __init__(self) -> None:
        """Nothing is reported yet."""
        self.last: dict[tuple[str, str], Reading] = {}

    def reports(self, readings: Iterable[Reading]) -> list[Reading]:
        """Those of the readings that are to be reported, with times that go on."""
        reports = []
        for reading in readings:
            key = reading.point.key
            last = self.last.get(key)
            if last is None or is_due(last, reading):
                report = reading if last is None else after(last, reading)
                self.last[key] = report
                reports.append(report)
        return reports


def is_due(last: Reading, reading: Reading) -> bool:
    """Whether a reading says something new, or must be said again."""
    return (
        reading.quality is not last.quality
        or has_changed(last.value, reading.value, reading.point.deadband)
        or (reading.quality is Quality.GOOD and is_silent(last, reading))
    )


def has_changed(old: Value | None, new: Value | None, deadband: float) -> bool:
    """Numbers change by more than the deadband, all else by being different."""
    if deadband and isinstance(old, NUMBER) and isinstance(new, NUMBER) and not isinstance(new, bool):
        return abs(new - old) > deadband
    return new != old


def is_silent(last: Reading, reading: Reading) -> bool:
    """Whether the next reading would come too late to keep `max_silence_s`."""
    received_ms = reading.read_at_ms - last.read_at_ms
    silence_ms = max(received_ms, reading.source_at_ms - last.source_at_ms)
    return received_ms < 0 or silence_ms + 1000 * reread_s(reading.point) > 1000 * reading.point.max_silence_s


def after(last: Reading, reading: Reading) -> Reading:
    """The reading with a source time later than the last report's."""
    if reading.source_at_ms > last.source_at_ms:
        return reading
    return reading._replace(source_at_ms=max(reading.read_at_ms, last.source_at_ms + 1))
