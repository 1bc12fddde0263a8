"""Which readings an alarm must not believe. Pure.

Status words are a bit mask (MT/T 1201.1: sums are allowed) or the text that a point table's `flags` makes of it.
Calibration and out-of-range samples are no gas: they raise and clear nothing, and are shown as what they are.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from contract.quality import Quality
from rules.alarms.alarm import Value


class Doubt(StrEnum):
    """Why a reading is not judged."""

    STALE = "stale"
    BAD = "bad"
    CALIBRATION = "calibration"
    OUT_OF_RANGE = "out_of_range"
    SENSOR = "sensor"
    """Its station says that the sensor or the station is faulty."""
    UNIT = "unit"
    """Its gateway declares another unit than the vocabulary."""
    MACHINE = "machine"
    """Nobody knows whether the machine runs."""
    CENTRE = "centre"
    """The centre itself was away: restarted, or without its broker."""


BITS: Final = (
    (4, Doubt.CALIBRATION), (8, Doubt.OUT_OF_RANGE), (16, Doubt.SENSOR), (128, Doubt.SENSOR),
)  # fmt: skip
"""测点状态: 标校, 超量程, 分站故障, 传感器故障."""
WORDS: Final = (
    ("标校", Doubt.CALIBRATION), ("calibration", Doubt.CALIBRATION),
    ("超量程", Doubt.OUT_OF_RANGE), ("out of range", Doubt.OUT_OF_RANGE),
    ("分站故障", Doubt.SENSOR), ("传感器故障", Doubt.SENSOR), ("sensor fault", Doubt.SENSOR),
)  # fmt: skip


def by_quality(quality: Quality) -> Doubt | None:
    """Only good readings are judged."""
    if quality is Quality.GOOD:
        return None
    return Doubt.STALE if quality is Quality.STALE else Doubt.BAD


def by_status(status: Value) -> Doubt | None:
    """What a status word says of the reading beside it."""
    if isinstance(status, str):
        text = status.lower()
        return next((doubt for word, doubt in WORDS if word in text), None)
    if isinstance(status, float) and not status.is_integer():
        return Doubt.SENSOR
    return next((doubt for bit, doubt in BITS if int(status) & bit), None)


def by_range(value: float, low: float | None, high: float | None) -> Doubt | None:
    """Beyond what the instrument is made for."""
    beyond = (low is not None and value < low) or (high is not None and value > high)
    return Doubt.OUT_OF_RANGE if beyond else None
