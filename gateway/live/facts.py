"""What the centre concludes, as points of the store, and back. Pure.

A revised fact is written at the same instant with every field, so that none of the old one shines through:
numbers that do not apply are −1, texts empty. What is read back is what was written, to the microsecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final, cast

from gateway.historian.historian import FieldValue, Point, Series
from gateway.live.gaps import Gap
from rules.alarms.alarm import Record
from rules.series import MINUTE_US, SECOND_US
from rules.shift_calendar import Shift
from rules.staffing import Reason, ShiftRecord, Verdict
from rules.time_text import parse_time

NO_NUMBER: Final = -1.0
NO_TEXT: Final = ""
JUDGEMENT: Final = "judgement"
"""Measurement of the notes that something is to be judged again."""
DUE: Final = "due"
SHIFT_TEXTS: Final = frozenset({
    "face", "shift_on", "shift", "kind", "starts_at", "ends_at", "first_over_at", "statutory_first_over_at",
    "verdict", "reason",
})  # fmt: skip
SHIFT_NUMBERS: Final = (
    "limit", "headcount_max", "headcount_max_handover", "over_limit_s", "distinct_persons", "person_minutes",
    "statutory_limit", "statutory_over_s", "major_hazard", "coverage", "coverage_judged", "revision", "final",
)  # fmt: skip
SHIFT_FIELDS: Final = (*(f"{text}_text" for text in sorted(SHIFT_TEXTS)), *SHIFT_NUMBERS)


def shift_record(mine: str, record: ShiftRecord, zone: tzinfo) -> Point:
    """A shift record, at the shift's start."""
    series = shift_series(mine, record.shift.face, record.shift.name)
    return Point(series, record.shift.starts_us // 1000, complete(record.as_json(zone), SHIFT_TEXTS))


def shift_series(mine: str, face: str, shift: str) -> Series:
    """Where the records of a face's shifts of one name are kept."""
    return Series("shift_record", (("area", face), ("mine", mine), ("shift", shift)))


def shift_record_of(shift: Shift, fields: Mapping[str, FieldValue], zone: tzinfo) -> ShiftRecord | None:
    """The record of that shift; `None` if fields are missing."""
    if not all(name in fields for name in SHIFT_FIELDS):
        return None
    number = {name: cast("float", fields[name]) for name in SHIFT_NUMBERS}
    text = {name: cast("str", fields[f"{name}_text"]) for name in SHIFT_TEXTS}
    return ShiftRecord(
        shift=shift,
        limit=int(number["limit"]),
        headcount_max=whole(number["headcount_max"]),
        headcount_max_handover=whole(number["headcount_max_handover"]),
        over_limit_us=round(number["over_limit_s"] * SECOND_US),
        first_over_us=parse_time(text["first_over_at"], zone),
        distinct_persons=whole(number["distinct_persons"]),
        person_us=float(round(number["person_minutes"] * MINUTE_US)),
        statutory_limit=int(number["statutory_limit"]),
        statutory_over_us=round(number["statutory_over_s"] * SECOND_US),
        statutory_first_over_us=parse_time(text["statutory_first_over_at"], zone),
        major_hazard=None if number["major_hazard"] == NO_NUMBER else bool(number["major_hazard"]),
        coverage=number["coverage"],
        coverage_judged=None if number["coverage_judged"] == NO_NUMBER else number["coverage_judged"],
        verdict=cast("Verdict", text["verdict"]),
        reason=None if text["reason"] == NO_TEXT else cast("Reason", text["reason"]),
        revision=int(number["revision"]),
        final=bool(number["final"]),
    )


def whole(number: float) -> int | None:
    """A count, or `None` where it does not apply."""
    return None if number == NO_NUMBER else int(number)


def complete(json: Mapping[str, object], texts: frozenset[str]) -> dict[str, FieldValue]:
    """A record as it is printed, as fields: every key has one, whatever it is now."""
    fields: dict[str, FieldValue] = {}
    for key, value in json.items():
        if key in texts:
            fields[f"{key}_text"] = NO_TEXT if value is None else str(value)
        elif value is None:
            fields[key] = NO_NUMBER
        else:
            assert isinstance(value, bool | int | float)
            fields[key] = float(value)
    return fields


def due(mine: str, area: str, at_us: int, *, is_due: bool) -> Point:
    """The shift or day that begins then is to be judged again from the store, or has been."""
    return Point(area_series(JUDGEMENT, mine, area), at_us // 1000, {DUE: float(is_due)})


def state(
    measurement: str, mine: str, area: str, at_ms: int, fields: Mapping[str, FieldValue | None]
) -> Point:
    """A change of state: `face_staffing` or `chamber_status`."""
    every = {
        name: value if value is not None else NO_TEXT if name.endswith("_text") else NO_NUMBER
        for name, value in fields.items()
    }
    return Point(area_series(measurement, mine, area), at_ms, every)


def area_series(measurement: str, mine: str, area: str) -> Series:
    """Where facts of one kind about a face or chamber are kept."""
    return Series(measurement, (("area", area), ("mine", mine)))


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


def alarm(record: Record) -> Point:
    """A transition of an alarm."""
    key, now = record.alarm.key, record.alarm
    zh, en = now.words
    tags = (("area", key.area), ("code", key.code), ("mine", key.mine), ("point", key.source))
    is_text = isinstance(now.value, str)
    fields: dict[str, FieldValue] = {
        "id_text": key.id,
        "change_text": record.change.value,
        "state_text": now.state.value,
        "level": float(now.level),
        "priority": float(now.priority),
        "value": NO_NUMBER if now.value is None or isinstance(now.value, str) else float(now.value),
        "value_text": str(now.value) if is_text else NO_TEXT,
        "limit": NO_NUMBER if now.limit is None else now.limit,
        "who_text": record.who,
        "note_text": record.note,
        "zh_text": zh,
        "en_text": en,
    }
    at_ms = record.at_us // 1000
    return Point(Series("alarm", tuple((name, text) for name, text in tags if text)), at_ms, fields)


def link(mine: str, gateway: str, at_ms: int, *, online: bool) -> Point:
    """A gateway came or went."""
    return Point(Series("link", (("gateway", gateway), ("mine", mine))), at_ms, {"online": float(online)})
