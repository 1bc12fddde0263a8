"""The calendars of a mine's config: written out or a preset, and every mistake told with its line."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.errors import Misconfigured
from gateway import config
from rules.shift_calendar import FOUR_SIX, THREE_EIGHT, ShiftCalendar

HEAD = '[[mines]]\ncode = "m1"\nname = "一矿"\n'
FACE = '[[mines.faces]]\ncode = "F1"\nname = "面"\nkind = "mining_face"\n'
SHIFTS = 'shifts = [{ name = "班", start = "06:00", minutes = 720, kind = "production" }]\n'


def calendar(effective_on: str, shifts: str, face: str = "") -> str:
    """One table."""
    return f"[[mines.calendar]]\neffective_on = {effective_on}\n{face}{shifts}"


def mine_of(tmp_path: Path, *calendars: str) -> config.Mine:
    """What the config's only mine is."""
    file = tmp_path / "gateway.toml"
    file.write_text(HEAD + "".join(calendars) + FACE, encoding="utf-8")
    return config.load(file).mines[0]


def test_presets_by_name_and_by_face(tmp_path: Path) -> None:
    """三八制 where nothing is said; 四六制 from a day on, and another one for a single face."""
    assert mine_of(tmp_path).calendars[0].shifts == THREE_EIGHT
    mine = mine_of(
        tmp_path,
        calendar("2022-01-01", 'preset = "三八制"\n'),
        calendar("2022-03-01", 'preset = "四六制"\n'),
        calendar("2022-03-02", SHIFTS, 'face = "F1"\n'),
    )
    shifts = ShiftCalendar(ZoneInfo(mine.timezone), mine.calendars)
    names = [
        [shift.name for shift in shifts.shifts_on(face, date(2022, month, day))]
        for face, month, day in (("F2", 2, 28), ("F2", 3, 1), ("F1", 3, 1), ("F1", 3, 2))
    ]
    assert names == [
        [times.name for times in THREE_EIGHT],
        [times.name for times in FOUR_SIX],
        [times.name for times in FOUR_SIX],
        ["班"],
    ]


@pytest.mark.parametrize(
    ("calendars", "line", "what"),
    [
        ([calendar("2022-01-01", "")], 4, "needs shifts, or a preset: 三八制, 四六制"),
        ([calendar("2022-01-01", 'preset = "三八制"\n' + SHIFTS)], 4, "has both shifts and preset"),
        ([calendar("2022-01-01", 'preset = "五五制"\n')], 6, "五五制"),
        (
            [calendar("2022-01-01", SHIFTS)] * 2,
            1,
            "calendar of the mine effective on 2022-01-01 stands twice",
        ),
        (
            [calendar("2022-01-01", SHIFTS, 'face = "F1"\n')] * 2,
            1,
            "calendar of face F1 effective on 2022-01-01 stands twice",
        ),
        ([calendar("2022-01-01", SHIFTS, 'face = "F9"\n')], 1, "face F9: the mine has no such face"),
        ([calendar("2022-01-01", SHIFTS.replace("06:00", "6:00"))], 6, "start"),
        ([calendar("2022-01-01", SHIFTS.replace("720", "0"))], 6, "minutes"),
    ],
)
def test_mistakes(tmp_path: Path, calendars: list[str], line: int, what: str) -> None:
    """Nothing is guessed: which calendar holds must be one."""
    with pytest.raises(Misconfigured, match=re.escape(what)) as raised:
        mine_of(tmp_path, *calendars)
    assert [fault.line for fault in raised.value.faults if what in fault.what] == [line]


def test_two_scopes_may_begin_on_one_day(tmp_path: Path) -> None:
    """The mine's and a face's own."""
    own = calendar("2022-01-01", SHIFTS, 'face = "F1"\n')
    assert len(mine_of(tmp_path, calendar("2022-01-01", SHIFTS), own).calendars) == 2
