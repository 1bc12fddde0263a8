"""What the offline commands are asked for: which days, as seen when, in which timezone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contract.errors import Fault
from rules.time_text import EPOCH, parse_date, parse_time

YEARS: Final = range(1900, 9900)  # far enough from what `datetime` can tell


class Period(NamedTuple):
    """Days from `first` to before `end`, as known at `now`."""

    first: date
    end: date
    now_us: int


def read_period(first: str, end: str, now: str | None, zone: tzinfo, faults: list[Fault]) -> Period:
    """The options `--from`, `--to` and `--now`; what is wrong is added to `faults`. Without `--now` it is now."""
    now_us = (
        (datetime.now(UTC) - EPOCH) // timedelta(microseconds=1) if now is None else parse_time(now, zone)
    )
    if now_us is None:
        faults.append(Fault("--now", None, f"unreadable time {now!r}; write 2022-03-01T08:00:00+08:00"))
    return Period(_day("--from", first, faults), _day("--to", end, faults), now_us or 0)


def zone_named(name: str) -> ZoneInfo | None:
    """The IANA timezone of that name, `None` if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _day(option: str, text: str, faults: list[Fault]) -> date:
    day = parse_date(text)
    if day is None or day.year not in YEARS:
        faults.append(Fault(option, None, f"{text!r} is not a day; write 2022-03-01"))
        return EPOCH.date()
    return day
