"""Counts of people as files and machines write them (definitions.md §0): `15`, `15.0`; anything else is unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_COUNT: Final = re.compile(r"[0-9]+(\.0+)?", re.ASCII)

COUNT_MAX: Final = 1e250  # a longer row of digits reads as this many, so that times of it stay finite


def parse_count(text: str) -> float | None:
    """The count that a text means, exact up to 2**53; `None` if it is not one."""
    return min(float(text), COUNT_MAX) if _COUNT.fullmatch(text) else None


def is_mostly_unreadable(tally: Mapping[str, int]) -> bool:
    """Whether over half of the non-empty texts, each so often as the tally says, are no counts."""
    stated = sum(times for text, times in tally.items() if text)
    unreadable = sum(times for text, times in tally.items() if text and parse_count(text) is None)
    return 2 * unreadable > stated
