"""The lists behind the plan's figures: projects and mines as of a day, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rules.chambers.rule import Level
from rules.plan.mine_list import mine_list
from rules.plan.progress import progress
from rules.plan.project import Project, State
from rules.plan.project_list import Choice, FacePlace, project_list
from rules.plan.register import Chamber, Face, Lifetime, Mine, Register
from rules.plan.table import Kind

END = date(2021, 12, 31)
FIRST = Project("甲一", "郑州市", "甲矿", Kind.MINING_FACE, 2021, date(2021, 1, 5), date(2021, 2, 1), date(2021, 6, 1),
                date(2021, 7, 1), None, Decimal(900))  # fmt: skip
TBM = Project("甲二", "郑州市", "甲矿", Kind.DRIVING_FACE_TBM, 2021, started_on=date(2021, 3, 1))
UNKNOWN_MINE = Project("外一", "某公司", "外矿", Kind.DRIVING_FACE, 2022)
ROOM = Project("甲房", "郑州市", "甲矿", Kind.CHAMBER, 2021)
REGISTER = Register(
    projects=(FIRST, TBM, UNKNOWN_MINE, ROOM),
    mines=(
        Mine(
            "甲矿",
            "郑州市",
            "甲公司",
            "郑州市",
            "410000000001",
            Decimal(60),
            rock_burst=True,
            stage="expanded",
        ),
        Mine("关矿", "郑州市", "甲公司", lifetime=Lifetime(None, date(2021, 1, 1))),
    ),
    faces=(
        Face("甲矿", "F1", "一面", "mining_face", "甲一"),
        Face("甲矿", "F2", "二面", "driving_face", "甲二"),
        Face("甲矿", "F0", "旧面", "mining_face", "甲一", lifetime=Lifetime(None, date(2021, 5, 1))),
    ),
    chambers=(
        Chamber("甲矿", "C1", "泵房", "drainage_pump_room", ((date(2021, 2, 1), Level.UNATTENDED),)),
        Chamber("甲矿", "C2", "变电所", "central_substation"),
        Chamber("甲矿", "C3", "旧泵房", "drainage_pump_room", lifetime=Lifetime(None, date(2021, 2, 1))),
    ),
)


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (None, State.PLANNED),
        ("in_library_on", State.IN_LIBRARY),
        ("started_on", State.BUILDING),
        ("completed_on", State.COMPLETED),
        ("accepted_on", State.ACCEPTED),
        ("withdrawn_on", State.WITHDRAWN),
    ],
)
def test_the_last_step_with_a_date_is_the_state(step: str | None, state: State) -> None:
    """On its day, whether or not earlier steps are filled in; the day before it is not there yet."""
    bare = Project("x", "郑州市", "甲矿", Kind.MINING_FACE, 2021)
    project = bare if step is None else replace(bare, **{step: END})  # type: ignore[arg-type]  # a date
    assert project.as_of(END).state is state
    assert project.as_of(date(2021, 12, 30)).state is State.PLANNED


def test_a_project_with_all_that_leads_further() -> None:
    """Its mine's owner and city; the faces that stand; what is later than the day is blank."""
    first, second, *_ = project_list(REGISTER, date(2021, 6, 30))
    assert (first.unit, first.enterprise, first.city, first.mine_code) == (
        "郑州市",
        "甲公司",
        "郑州市",
        "410000000001",
    )
    assert (first.state, first.accepted_on, first.completed_on) == (State.COMPLETED, None, date(2021, 6, 1))
    assert first.faces == (FacePlace("甲矿", "410000000001", "F1", "一面"),)
    assert (second.overdue, second.missed) == (False, False)
    on_the_day = project_list(REGISTER, END)
    assert [(each.project, each.overdue, each.missed) for each in on_the_day] == [
        ("甲一", False, False), ("甲二", True, True), ("外一", False, False), ("甲房", False, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (Choice(), ["甲一", "甲二", "外一", "甲房"]),
        (Choice(unit="郑州市", kind=Kind.DRIVING_FACE), ["甲二"]),
        (Choice(kind=Kind.DRIVING_FACE), ["甲二", "外一"]),
        (Choice(kind=Kind.DRIVING_FACE_TBM), ["甲二"]),
        (Choice(kind=Kind.CHAMBER), ["甲房"]),
        (Choice(enterprise="甲公司", state=State.ACCEPTED), ["甲一"]),
        (Choice(city="郑州市", missed=True), ["甲二"]),
        (Choice(mine="外矿"), ["外一"]),
        (Choice(year=2022), ["外一"]),
        (Choice(overdue=False), ["甲一", "外一", "甲房"]),
        (Choice(unit="没有"), []),
    ],
)
def test_what_is_chosen_must_fit_all(choice: Choice, names: list[str]) -> None:
    assert [line.project for line in project_list(REGISTER, END, choice)] == names


def test_a_mine_with_what_the_plan_asks_of_it() -> None:
    """Only what stands on the day; a class that cannot be decided is named as unknown."""
    (line,) = mine_list(REGISTER, END)
    assert (line.mine, line.unit, line.enterprise, line.mine_code) == (
        "甲矿",
        "郑州市",
        "甲公司",
        "410000000001",
    )
    assert line.classes == ("mandatory_rock_burst", "mandatory_expanded")
    assert line.unknown_classes == ("mandatory_deep_outburst",)
    assert (line.faces, line.faces_intelligent) == (2, 1)
    assert (line.chambers, line.chambers_at_level, line.chamber_share) == (2, 1, 0.5)
    assert (line.projects, line.completed, line.accepted, line.overdue, line.missed) == (2, 1, 1, 1, 1)


def test_a_mine_before_it_was_closed_and_without_anything() -> None:
    """Nothing registered is no share, not 0."""
    lines = mine_list(REGISTER, date(2020, 12, 31))
    assert [line.mine for line in lines] == ["甲矿", "关矿"]
    assert (lines[1].faces, lines[1].chambers, lines[1].chamber_share, lines[1].projects) == (0, 0, None, 0)


def test_the_list_counts_what_progress_counts() -> None:
    """Overdue and missed projects of a cell are those that the cell counts."""
    for row in progress(REGISTER.projects, END).rows:
        for word in ("overdue", "missed"):
            choice = Choice(unit=row.enterprise, kind=row.kind, year=row.year, **{word: True})  # type: ignore[arg-type]
            assert len(project_list(REGISTER, END, choice)) == getattr(row, word)
