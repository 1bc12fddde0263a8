"""What `ninebelow staffing` reads: calendar.toml, rule.toml, headcount.csv and cards.csv (definitions.md §0, §1).

Rules
- Faults are collected, not raised; what has any is good for further checks only.
- Rows of faces that the rule does not name, and rows later than now, are checked like all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from contract.errors import Fault
from ninebelow.offline.period import zone_named
from ninebelow.offline.tables import Table, read_table
from ninebelow.offline.toml_file import read_toml
from rules.count import is_mostly_unreadable, parse_count
from rules.headcount import NOBODY, CardRows, is_exempt
from rules.series import EMPTY, Samples
from rules.shift_calendar import Calendar, ShiftCalendar
from rules.staffing import FaceRule, StaffingRule

HEADCOUNT_COLUMNS: Final = ("at", "face", "headcount", "quality")
CARD_COLUMNS: Final = ("at", "face", "card", "post")

Rows = NDArray[np.int64]

_NO_ROWS: Final = np.empty(0, dtype=np.int64)


class CalendarFile(BaseModel):
    """calendar.toml."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    timezone: str
    calendar: Annotated[tuple[Calendar, ...], Field(strict=False)]


class RuleFile(StaffingRule):
    """rule.toml: the figures, and the faces in their order."""

    faces: Annotated[dict[str, FaceRule], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class HeadcountFile:
    """The rows of headcount.csv."""

    table: Table
    rows_of: Mapping[str, Rows]

    def of(self, face: str) -> Samples:
        """The series of one face."""
        rows = self.rows_of.get(face, _NO_ROWS)
        if not rows.size:
            return EMPTY
        count, quality = self.table.texts["headcount"], self.table.texts["quality"]
        value = count.at(rows).numbers(parse_count)
        value[~quality.at(rows).where(is_good)] = np.nan
        return Samples.of(self.table.at_us[rows], value)

    def has_mostly_unreadable_counts(self) -> bool:
        """Whether over half of the good, non-empty counts are no counts."""
        good = self.table.texts["quality"].where(is_good)
        return is_mostly_unreadable(self.table.texts["headcount"].tally(good))


@dataclass(frozen=True, slots=True)
class CardsFile:
    """The rows of cards.csv."""

    table: Table
    rows_of: Mapping[str, Rows]

    def of(self, face: str, exempt_posts: tuple[str, ...]) -> CardRows:
        """The rows of one face's snapshots."""
        rows = self.rows_of.get(face, _NO_ROWS)
        card, post = self.table.texts["card"].at(rows), self.table.texts["post"].at(rows)
        number = np.unique(card.code, return_inverse=True)[1]
        number[card.where(lambda text: not text)] = NOBODY
        return CardRows(
            self.table.at_us[rows],
            number.astype(np.int32),
            post.where(lambda text: is_exempt(text, exempt_posts)),
        )

    def names(self, face: str) -> list[str]:
        """The cards of a face by the numbers that `of` gives them."""
        card = self.table.texts["card"]
        return [
            card.distinct[code] for code in np.unique(card.code[self.rows_of.get(face, _NO_ROWS)]).tolist()
        ]


def is_good(quality: str) -> bool:
    """Whether a value of that quality can be used."""
    return quality.lower() == "good"


def read_calendar(path: Path, faults: list[Fault]) -> tuple[ShiftCalendar | None, tzinfo]:
    """The calendars, and their timezone; UTC if that is faulty, so that the other files can still be checked."""
    calendars, where = read_toml(path, CalendarFile, faults)
    if calendars is None:
        return None, UTC
    zone = zone_named(calendars.timezone)
    if zone is None:
        faults.append(
            where.fault(f"unknown timezone {calendars.timezone!r}; write Asia/Shanghai", "timezone")
        )
    seen = set()
    for index, calendar in enumerate(calendars.calendar):
        scope = (calendar.face, calendar.effective_on)
        if scope in seen:
            whose = f"face {calendar.face!r}" if calendar.face is not None else "the mine"
            what = f"a second calendar of {whose} effective on {calendar.effective_on}; keep one"
            faults.append(where.fault(what, "calendar", index))
        seen.add(scope)
    return ShiftCalendar(zone or UTC, calendars.calendar), zone or UTC


def read_rule(path: Path, faults: list[Fault], *, has_cards: bool) -> RuleFile | None:
    """The rule; counting from cards without a file of cards is a fault."""
    rule, where = read_toml(path, RuleFile, faults)
    if rule is not None and not has_cards:
        for name, face in rule.faces.items():
            if face.count_from == "cards":
                what = f'face {name!r} has count_from = "cards": give --cards'
                faults.append(where.fault(what, "faces", name, "count_from"))
    return rule


def read_headcount(path: Path, zone: tzinfo, faults: list[Fault]) -> HeadcountFile:
    """headcount.csv."""
    table = read_table(path, HEADCOUNT_COLUMNS, zone=zone, faults=faults)
    return HeadcountFile(table, table.texts["face"].rows())


def read_cards(path: Path, zone: tzinfo, faults: list[Fault]) -> CardsFile:
    """cards.csv."""
    table = read_table(path, CARD_COLUMNS, zone=zone, faults=faults)
    return CardsFile(table, table.texts["face"].rows())
