"""When something in a scenario happens: a named anchor and a distance from it, so that it fits every start.

`start`, `start + 10m`, `八点班 + 2h30m`, `四点班 day 2 - 15m`, `production + 1h`, `midnight day 1`.

Rules
- `start` is the first instant of the run. `midnight` and the shifts by name are those of the local day of the
  start, or with `day N` of the Nth day after it. They may lie before the start.
- `production` and `maintenance` are the first shift of that kind that begins at or after the start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from simulators.shifts import DAY_MS, HOUR_MS, LOCAL_MS, MINUTE_MS, NAMES, SHIFT_MS, Shift, day_at, shift_at

START: Final = "start"
MIDNIGHT: Final = "midnight"
PRODUCTION: Final = "production"
MAINTENANCE: Final = "maintenance"
ANCHORS: Final = (START, MIDNIGHT, PRODUCTION, MAINTENANCE, *NAMES)
DAYS_MAX: Final = 366

MOMENT: Final = re.compile(r"(?P<anchor>\w+)(?: day (?P<day>[0-9]{1,3}))?(?: (?P<sign>[+-]) (?P<span>\w+))?")
SPAN: Final = re.compile(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?")
UNITS_MS: Final = (DAY_MS, HOUR_MS, MINUTE_MS, 1_000)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant that the start of a run decides."""

    anchor: str
    day: int = 0
    offset_ms: int = 0

    def at_ms(self, start_ms: int) -> int:
        """The instant in UTC milliseconds, for a run that starts at `start_ms`."""
        return anchored_ms(self.anchor, self.day, start_ms) + self.offset_ms


def anchored_ms(anchor: str, day: int, start_ms: int) -> int:
    """The instant of an anchor."""
    if anchor == START:
        return start_ms
    if anchor in (PRODUCTION, MAINTENANCE):
        running = shift_at(start_ms)
        first = running.index if running.start_ms == start_ms else running.index + 1
        wanted = (Shift(index) for index in range(first, first + len(NAMES)))
        return next(shift.start_ms for shift in wanted if shift.is_production == (anchor == PRODUCTION))
    midnight_ms = (day_at(start_ms) + day) * DAY_MS - LOCAL_MS
    return midnight_ms if anchor == MIDNIGHT else midnight_ms + NAMES.index(anchor) * SHIFT_MS


def moment_of(text: str) -> Moment:
    """The moment that a person wrote; `ValueError` says how to write it."""
    form = MOMENT.fullmatch(text.strip())
    if form is None or form["anchor"] not in ANCHORS:
        raise ValueError(f"must be as 'start + 10m' or '八点班 day 1 + 2h'; anchors are {', '.join(ANCHORS)}")
    day = int(form["day"] or 0)
    if day > DAYS_MAX or (form["day"] and form["anchor"] in (START, PRODUCTION, MAINTENANCE)):
        raise ValueError(f"'day N' goes with midnight and {', '.join(NAMES)}, N at most {DAYS_MAX}")
    offset_ms = span_ms_of(form["span"]) if form["span"] else 0
    return Moment(form["anchor"], day, -offset_ms if form["sign"] == "-" else offset_ms)


def span_ms_of(text: str) -> int:
    """The duration that a person wrote, in milliseconds; `ValueError` says how to write it."""
    form = SPAN.fullmatch(text)
    if form is None or not any(form.groups()):
        raise ValueError("must be a duration such as 45s, 90m or 1h30m")
    return sum(int(number) * unit_ms for number, unit_ms in zip(form.groups("0"), UNITS_MS, strict=True))
