"""Config and registry side by side: what differs is told of its mine and area, what only one can say is not."""

from __future__ import annotations

from datetime import date

import pytest

from gateway import config
from gateway.mine_calendar import MineCalendar
from gateway.registry.agreement import differences
from gateway.registry.intake import Entry, judged
from gateway.registry.repository import Snapshot
from rules.chambers.rule import Kind, Level
from rules.shift_calendar import ShiftTimes
from tests.registry import entry, small_rows

DAY = date(2022, 1, 1)
CODE = "990000000001"
EIGHT = ShiftTimes(name="八点班", start="08:00", minutes=480, kind="production")
CALENDAR = MineCalendar(effective_on=date(2021, 1, 1), shifts=(EIGHT,))
FACE = config.Face(code="F1", name="1101", kind="mining_face")
ROOM = config.Chamber(code="C1", name="水泵房", kind=Kind.DRAINAGE_PUMP_ROOM, declared=Level.CENTRAL_CONTROL)
MINE = config.Mine(code=CODE, name="甲", calendar=(CALENDAR,), faces=(FACE,), chambers=(ROOM,))


def changed(*entries: Entry) -> Snapshot:
    """The small registry after these changes."""
    rows = small_rows()
    for number, change in enumerate(judged(entries, rows).changes, 100):
        kept = change.kept
        rows[change.table][change.key] = (
            kept._replace(row=change.after)
            if kept
            else next(iter(rows[change.table].values()))._replace(id=number, row=change.after)
        )
    return rows


def told(mine: config.Mine, rows: Snapshot | None = None, day: date = DAY) -> list[tuple[str | None, str]]:
    """Area and English text of every difference."""
    return [(each.area, each.en) for each in differences(rows or small_rows(), [mine], day)]


def test_what_agrees_is_not_told() -> None:
    assert told(MINE) == []


@pytest.mark.parametrize(
    ("mine", "area", "what"),
    [
        ({"code": "990000000009"}, None, "no mine of this code"),
        ({"faces": ()}, "F1", "a registered face that is not watched"),
        ({"faces": (FACE, FACE.model_copy(update={"code": "F7"}))}, "F7", "face of the config that is not"),
        ({"faces": (FACE.model_copy(update={"kind": "driving_face"}),)}, "F1", "kind: config driving_face"),
        ({"faces": (FACE.model_copy(update={"method": "blasting"}),)}, "F1", "method: config blasting, registry"),
        ({"faces": (FACE.model_copy(update={"intelligent": False}),)}, "F1", "its shifts are not judged"),
        ({"chambers": ()}, "C1", "a registered chamber that is not watched"),
        ({"chambers": (ROOM.model_copy(update={"kind": Kind.OTHER}),)}, "C1", "kind: config other"),
        ({"chambers": (ROOM.model_copy(update={"declared": Level.UNATTENDED}),)}, "C1", "declared level: config"),
        ({"calendar": ()}, "F1", "registry 八点班 08:00+480 production"),
    ],
)  # fmt: skip
def test_what_differs(mine: dict[str, object], area: str | None, what: str) -> None:
    """One thing, told once."""
    (found,) = told(MINE.model_copy(update=mine))
    assert found[0] == area
    assert what in found[1]


def test_what_one_of_them_does_not_say_does_not_differ() -> None:
    """No declared level in the config, no door and no calendar in the registry."""
    quiet = ROOM.model_copy(update={"declared": None, "door_required": True})
    assert told(MINE.model_copy(update={"chambers": (quiet,)})) == []
    rows = small_rows()
    rows["shifts"].clear()
    assert told(MINE.model_copy(update={"calendar": ()}), rows) == []


def test_a_door_that_the_registry_knows_of() -> None:
    rows = changed(entry("chambers", mine="演示甲矿", chamber="C1", door_required=True))
    assert told(MINE, rows) == [("C1", "door required: config False, registry True")]


def test_only_what_stands_on_the_day() -> None:
    """A face closed since is watched without being registered; a shift struck out, a later calendar say nothing."""
    closed = changed(entry("faces", mine="演示甲矿", face="F1", closed_on="2021-12-31"))
    assert told(MINE, closed) == [("F1", "a face of the config that is not registered")]
    assert told(MINE, closed, date(2021, 12, 30)) == []
    shift = {"mine": "演示甲矿", "shift": "零点班", "start": "00:00", "minutes": 480, "kind": "maintenance"}
    later = changed(entry("shifts", effective_on="2022-01-02", face="F1", **shift))
    assert told(MINE, later) == []
    assert [area for area, _ in told(MINE, later, date(2022, 1, 2))] == ["F1"]
