"""Days and levels of chambers as points of the store, and back. Pure; what is read back is what was written.

With each day stands what was known at its end (`rules.chambers.presence.Earlier`), so that the next day can be judged
from its own rows alone, and what the chamber was then and since when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final, NamedTuple, cast

from gateway.historian.historian import FieldValue, Point
from gateway.live.facts import NO_NUMBER, area_series, complete
from rules.chambers.presence import Earlier, Spell
from rules.chambers.records import Day, DayRecord, LevelRecord
from rules.chambers.rule import State
from rules.series import SECOND_US

DAY: Final = "chamber_day"
LEVEL: Final = "chamber_level"
DAY_TEXTS: Final = frozenset({"chamber", "day", "earlier", "state"})
LEVEL_TEXTS: Final = frozenset({"chamber", "kind", "from", "to", "level", "declared"})
RECORD_FIELDS: Final = (
    *(f"{state}_s" for state in State),
    "posted_s",
    "longest_presence_s",
    "patrols",
    "longest_visit_gap_s",
    "unguarded_s",
)
"""What the record itself is read from."""
DAY_FIELDS: Final = (
    *(f"{text}_text" for text in sorted(DAY_TEXTS)), *RECORD_FIELDS, "revision", "state_since_us",
)  # fmt: skip
REVISION: Final = "revision"


class RecordedDay(NamedTuple):
    """A day as it is recorded, and what the next one needs to know."""

    record: DayRecord
    earlier: Earlier
    state: State
    """What the chamber was at the day's last instant, and since when."""
    since_us: int
    revision: int = 1


class RecordedLevel(NamedTuple):
    """A level as it is recorded; it stands at the end of its last day."""

    record: LevelRecord
    to_us: int
    revision: int


def point_of(mine: str, recorded: RecordedDay | RecordedLevel) -> Point:
    """Either of them."""
    return day(mine, recorded) if isinstance(recorded, RecordedDay) else level(mine, recorded)


def day(mine: str, recorded: RecordedDay) -> Point:
    """A chamber's day, at its begin."""
    record = recorded.record
    printed = record.as_json()
    seconds = cast("Mapping[str, float]", printed.pop("seconds"))
    fields = complete(
        printed
        | {f"{state}_s": spent for state, spent in seconds.items()}
        | {
            "earlier": json.dumps(asdict(recorded.earlier), separators=(",", ":")),
            "state": recorded.state.value,
            "state_since_us": recorded.since_us,
            "revision": recorded.revision,
        },
        DAY_TEXTS,
    )
    return Point(area_series(DAY, mine, record.chamber), record.day.from_us // 1000, fields)


def record_of(chamber: str, on: Day, fields: Mapping[str, FieldValue]) -> DayRecord | None:
    """The record of that day alone; `None` if fields are missing."""
    if not all(name in fields for name in RECORD_FIELDS):
        return None
    number = cast("Mapping[str, float]", fields)
    gap_s = number["longest_visit_gap_s"]
    return DayRecord(
        chamber=chamber,
        day=on,
        time_us={state: round(number[f"{state}_s"] * SECOND_US) for state in State},
        posted_us=round(number["posted_s"] * SECOND_US),
        longest_presence_us=round(number["longest_presence_s"] * SECOND_US),
        patrols=int(number["patrols"]),
        longest_visit_gap_us=None if gap_s == NO_NUMBER else round(gap_s * SECOND_US),
        unguarded_us=round(number["unguarded_s"] * SECOND_US),
    )


def day_of(chamber: str, on: Day, fields: Mapping[str, FieldValue]) -> RecordedDay | None:
    """The day that was recorded; `None` if fields are missing."""
    record = record_of(chamber, on, fields)
    if record is None or not all(name in fields for name in DAY_FIELDS):
        return None
    told = json.loads(str(fields["earlier_text"]))
    spell = None if told["spell"] is None else Spell(**told["spell"])
    return RecordedDay(
        record,
        Earlier(**{**told, "spell": spell}),
        State(str(fields["state_text"])),
        int(cast("float", fields["state_since_us"])),
        int(cast("float", fields["revision"])),
    )


def level(mine: str, recorded: RecordedLevel) -> Point:
    """A chamber's level over the days up to an instant, at that instant."""
    printed = recorded.record.as_json()
    shares = cast("Mapping[str, float]", printed.pop("share"))
    fields = complete(
        printed
        | {f"{state}_share": share for state, share in shares.items()}
        | {"revision": recorded.revision},
        LEVEL_TEXTS,
    )
    return Point(area_series(LEVEL, mine, recorded.record.chamber), recorded.to_us // 1000, fields)
