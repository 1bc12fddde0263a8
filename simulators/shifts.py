"""The shifts of the virtual mine: 三八制, three of eight hours from midnight, UTC+8 without summer time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
LOCAL_MS: Final = 8 * HOUR_MS
SHIFT_MS: Final = 8 * HOUR_MS
COUNTED_FROM_MS: Final = 1_577_808_000_000
"""Totals are counted from 2020-01-01, local midnight."""
NAMES: Final = ("零点班", "八点班", "四点班")


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift; `index` counts shifts since 1970-01-01 local midnight."""

    index: int

    @property
    def name(self) -> str:
        """As the miners call it."""
        return NAMES[self.index % 3]

    @property
    def is_production(self) -> bool:
        """零点班 maintains, the other two produce."""
        return self.index % 3 != 0

    @property
    def start_ms(self) -> int:
        """First instant."""
        return self.index * SHIFT_MS - LOCAL_MS

    @property
    def end_ms(self) -> int:
        """First instant of the next shift."""
        return self.start_ms + SHIFT_MS


def shift_at(at_ms: int) -> Shift:
    """The shift that runs at an instant."""
    return Shift((at_ms + LOCAL_MS) // SHIFT_MS)


def production_shifts_before(shift: Shift) -> int:
    """How many production shifts there were from 1970 to a shift's start."""
    return shift.index - (shift.index + 2) // 3


def into_day_ms(at_ms: int) -> int:
    """Time since local midnight."""
    return (at_ms + LOCAL_MS) % DAY_MS


def day_at(at_ms: int) -> int:
    """Local days since 1970-01-01."""
    return (at_ms + LOCAL_MS) // DAY_MS
