"""Durations and instants as people type them: `30s`, `5m`, `2h`, plain seconds; `2022-10-31T08:00` in China."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo

from contract.errors import Fault, Misconfigured

EARLIEST_US: Final = 946_684_800_000_000  # 2000
LATEST_US: Final = 4_102_444_800_000_000  # 2100
FORM: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
UNITS: Final = {"ms": 0.001, None: 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def seconds_of(text: str, option: str) -> float:
    """The duration in seconds; raises `Misconfigured` naming the option."""
    form = FORM.fullmatch(text)
    if form is None or float(form[1]) <= 0:
        raise Misconfigured([Fault(option, None, f"{text!r} must be a duration such as 30s, 5m or 2h")])
    return float(form[1]) * UNITS[form[2]]


def instant_of(text: str, option: str) -> int:
    """The instant in UTC milliseconds, local time of China where no offset is given; raises `Misconfigured`."""
    from rules.time_text import parse_time

    at_us = parse_time(text, ZoneInfo("Asia/Shanghai"))
    if at_us is None or not EARLIEST_US <= at_us < LATEST_US:
        raise Misconfigured(
            [Fault(option, None, f"{text!r} must be a time of 2000 to 2099 such as 2022-10-31T08:00")]
        )
    return at_us // 1000
