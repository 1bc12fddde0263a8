"""What the centre concludes, as points of the store. Pure.

A revised fact is written at the same instant with every field, so that none of the old one shines through:
numbers that do not apply are −1, texts empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final

from gateway.historian.historian import FieldValue, Point, Series
from gateway.live.gaps import Gap
from rules.staffing import ShiftRecord

NO_NUMBER: Final = -1.0
NO_TEXT: Final = ""
TEXTS: Final = frozenset({
    "face", "shift_on", "shift", "kind", "starts_at", "ends_at", "first_over_at", "statutory_first_over_at",
    "verdict", "reason",
})  # fmt: skip


def shift_record(mine: str, record: ShiftRecord, zone: tzinfo) -> Point:
    """A shift record, at the shift's start."""
    fields: dict[str, FieldValue] = {}
    for key, value in record.as_json(zone).items():
        if key in TEXTS:
            fields[f"{key}_text"] = NO_TEXT if value is None else str(value)
        else:
            fields[key] = (
                NO_NUMBER
                if value is None
                else float(str(value))
                if not isinstance(value, bool)
                else float(value)
            )
    series = Series(
        "shift_record", (("area", record.shift.face), ("mine", mine), ("shift", record.shift.name))
    )
    return Point(series, record.shift.starts_us // 1000, fields)


def state(
    measurement: str, mine: str, area: str, at_ms: int, fields: Mapping[str, FieldValue | None]
) -> Point:
    """A change of state: `face_staffing` or `chamber_status`."""
    complete = {
        name: value if value is not None else NO_TEXT if name.endswith("_text") else NO_NUMBER
        for name, value in fields.items()
    }
    return Point(Series(measurement, (("area", area), ("mine", mine))), at_ms, complete)


def gap(entry: Gap) -> Point:
    """An entry of the gap ledger, at its begin."""
    tags = (
        ("area", entry.area),
        ("cause", entry.cause.value),
        ("gateway", entry.key.node),
        ("mine", entry.key.group),
    )
    first, last = entry.batches or (NO_NUMBER, NO_NUMBER)
    fields: dict[str, FieldValue] = {
        "to_ms": NO_NUMBER if entry.to_ms is None else float(entry.to_ms),
        "outcome_text": entry.outcome.value,
        "points": float(entry.points),
        "readings": float(entry.readings),
        "first_batch": float(first),
        "last_batch": float(last),
    }
    # a store takes no empty tag
    return Point(Series("gap", tuple((name, text) for name, text in tags if text)), entry.from_ms, fields)


def link(mine: str, gateway: str, at_ms: int, *, online: bool) -> Point:
    """A gateway came or went."""
    return Point(Series("link", (("gateway", gateway), ("mine", mine))), at_ms, {"online": float(online)})
