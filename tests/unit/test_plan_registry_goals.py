"""The text's goals that rest on the registry, worked by hand: below, at and above every line, and without data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.chambers.rule import Level
from rules.plan.chamber_goal import chamber_goal
from rules.plan.goals import measured_targets, registry_goals
from rules.plan.mandatory import both, mandatory
from rules.plan.project import Project
from rules.plan.register import Chamber, Face, Lifetime, Mine, Register, Robot, YearFigures
from rules.plan.table import Kind
from rules.plan.targets import REGISTRY_GOALS, GoalStatus, targets
from rules.plan.workforce import efficiency, workforce

D2021, D2022, D2023 = date(2021, 12, 31), date(2022, 12, 31), date(2023, 12, 31)
MINE = Mine("甲矿", "郑煤集团", "郑煤集团", stage="producing", rock_burst=False, outburst=False)
PROJECT = Project("甲一", "郑煤集团", "甲矿", Kind.MINING_FACE, 2021)
FACE = Face("甲矿", "F1", "1101 采煤面", "mining_face", project="甲一")


def status(register: Register, goal: str, day: date) -> GoalStatus:
    """Of one goal."""
    return next(each.status for each in measured_targets(register, day).goals if each.id == goal)


def classes(mine: Mine) -> dict[str, int]:
    """How many mines each class has in a registry of this one."""
    return {each.id: each.mines for each in mandatory(Register(mines=(mine,)), D2021)}


@pytest.mark.parametrize(
    ("mine", "of"),
    [
        (replace(MINE, rock_burst=True), "mandatory_rock_burst"),
        (replace(MINE, outburst=True, depth_m=Decimal("1000.1")), "mandatory_deep_outburst"),
        (replace(MINE, stage="new"), "mandatory_new"),
        (replace(MINE, stage="expanded", capacity_wan_t=Decimal(60)), "mandatory_expanded"),
    ],
)
def test_mines_of_a_class(mine: Mine, of: str) -> None:
    assert {name for name, count in classes(mine).items() if count} == {of}


@pytest.mark.parametrize(
    "mine",
    [
        MINE,
        replace(MINE, outburst=True, depth_m=Decimal(1000)),
        replace(MINE, outburst=False, depth_m=Decimal(1200)),
        replace(MINE, stage="expanded", capacity_wan_t=Decimal("59.9")),
        replace(MINE, stage="producing", capacity_wan_t=Decimal(600)),
    ],
)
def test_mines_of_no_class(mine: Mine) -> None:
    """千米 is not 超千米, and both conditions count together."""
    assert not any(classes(mine).values())


def test_unknown_classes_are_named_unless_another_condition_decides() -> None:
    """Blank is not no."""
    unknown = replace(MINE, name="乙矿", rock_burst=None, outburst=True, stage=None)
    found = {
        each.id: each.mines_of_unknown_class for each in mandatory(Register(mines=(MINE, unknown)), D2021)
    }
    assert all(names == ("乙矿",) for names in found.values())
    decided = replace(unknown, outburst=False, depth_m=None, stage="new")
    found = {each.id: each.mines_of_unknown_class for each in mandatory(Register(mines=(decided,)), D2021)}
    assert found == {
        "mandatory_rock_burst": ("乙矿",), "mandatory_deep_outburst": (), "mandatory_new": (), "mandatory_expanded": (),
    }  # fmt: skip
    assert [both(one, other) for one in (True, False, None) for other in (True, False, None)] == [
        True, False, None, False, False, False, None, False, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("project", "face", "counts"),
    [
        (PROJECT, FACE, (1, 0, 0)),
        (replace(PROJECT, completed_on=D2021), FACE, (1, 0, 1)),
        (replace(PROJECT, completed_on=D2021, accepted_on=D2021), FACE, (1, 1, 1)),
        (replace(PROJECT, completed_on=D2021, accepted_on=date(2022, 1, 1)), FACE, (1, 0, 1)),
        (replace(PROJECT, withdrawn_on=D2021), FACE, (1, 0, 0)),
        (PROJECT, replace(FACE, project=None), (1, 0, 0)),
        (PROJECT, replace(FACE, project=None, intelligent_on=D2021), (1, 1, 1)),
        (PROJECT, replace(FACE, project=None, intelligent_on=date(2022, 1, 1)), (1, 0, 0)),
        (PROJECT, replace(FACE, lifetime=Lifetime(closed_on=D2021)), (0, 0, 0)),
        (PROJECT, replace(FACE, lifetime=Lifetime(opened_on=date(2022, 1, 1))), (0, 0, 0)),
    ],
)
def test_faces_that_must_be_intelligent(project: Project, face: Face, counts: tuple[int, int, int]) -> None:
    """Accepted by the day, completed beside it; what does not stand on the day does not count."""
    register = Register(projects=(project,), mines=(replace(MINE, rock_burst=True),), faces=(face,))
    of = mandatory(register, D2021)[0]
    assert (of.faces, of.accepted, of.completed) == counts
    assert len(of.lacking) == counts[0] - counts[1]
    assert of.mines_without_faces == (("甲矿",) if not counts[0] else ())


def test_a_mandatory_goal_is_met_only_if_nothing_is_lacking_or_unknown() -> None:
    """Silence is never compliance: a mine without faces, a mine of unknown class."""
    done = replace(PROJECT, completed_on=date(2021, 6, 1), accepted_on=date(2021, 7, 1))
    mine = replace(MINE, rock_burst=True)
    whole = Register(projects=(done,), mines=(mine,), faces=(FACE,))
    goal = "mandatory_rock_burst"
    assert status(whole, goal, D2021) is GoalStatus.MET
    assert status(whole, goal, date(2021, 7, 1)) is GoalStatus.MET
    assert status(whole, goal, date(2021, 6, 30)) is GoalStatus.PENDING
    assert status(replace(whole, projects=()), goal, D2021) is GoalStatus.NOT_MET
    for other in (replace(mine, name="乙矿"), replace(MINE, name="乙矿", rock_burst=None)):
        assert status(replace(whole, mines=(mine, other)), goal, D2021) is GoalStatus.NOT_MEASURED
    assert status(replace(whole, mines=(MINE,)), goal, D2021) is GoalStatus.NOT_MEASURED
    late = replace(FACE, code="F2", project=None, lifetime=Lifetime(opened_on=date(2022, 3, 1)))
    later = replace(whole, faces=(FACE, late))
    assert status(later, goal, date(2022, 6, 1)) is GoalStatus.MET, "as of the goal's day"
    assert len(registry_goals(later, date(2022, 6, 1)).mandatory[0].lacking) == 1, "as of D"


def chambers(*levels: Level | None) -> Register:
    """A mine with chambers of these declared levels."""
    return Register(
        mines=(MINE,),
        chambers=tuple(
            Chamber(
                "甲矿", f"C{place}", f"硐室{place}", "other", ((date(2021, 5, 1), level),) if level else ()
            )
            for place, level in enumerate(levels)
        ),
    )


def test_the_chamber_goal_below_at_and_above_its_share() -> None:
    """Nine of ten are enough; one that is not declared is not at the level."""
    at, not_yet = (Level.UNATTENDED, Level.CENTRAL_CONTROL) * 4, Level.NOT_YET
    for register, expected in (
        (chambers(*at, not_yet, None), GoalStatus.NOT_MET),
        (chambers(*at, Level.UNATTENDED, None), GoalStatus.MET),
        (chambers(*at), GoalStatus.MET),
        (Register(mines=(MINE,)), GoalStatus.NOT_MEASURED),
    ):
        assert status(register, "chambers_2022", D2022) is expected
    silent = replace(chambers(*at), mines=(MINE, replace(MINE, name="乙矿")))
    assert status(silent, "chambers_2022", D2022) is GoalStatus.NOT_MEASURED
    of = chamber_goal(silent, D2022)
    assert (of.wanted, of.at_level, of.mines_without_chambers) == (8, 8, ("乙矿",))
    assert chamber_goal(chambers(*at, not_yet, None), D2022).mines[0].lacking == ("硐室8", "硐室9")
    assert status(chambers(*at), "chambers_2022", date(2021, 4, 30)) is GoalStatus.PENDING


def test_the_share_is_exact() -> None:
    """0.9 of 10 is 9, not 9.000000000000002."""
    assert [chamber_goal(chambers(*(None,) * count), D2022).wanted for count in (9, 10, 11, 20, 30)] == [
        9,
        9,
        10,
        18,
        27,
    ]


def test_the_level_declared_last_holds() -> None:
    declared = ((date(2021, 5, 1), Level.NOT_YET), (date(2022, 5, 1), Level.UNATTENDED))
    chamber = Chamber("甲矿", "C", "硐室", "other", declared)
    assert [chamber.level_on(date(2021, 4, 30)), chamber.level_on(date(2022, 4, 30)), chamber.level_on(D2022)] == [
        None, Level.NOT_YET, Level.UNATTENDED,
    ]  # fmt: skip


def staffed(base: int | None, reached: int | None) -> Register:
    """Two mines, one with figures and one with these."""
    other = replace(MINE, name="乙矿")
    figures = {("乙矿", 2020): YearFigures(1000), ("乙矿", 2023): YearFigures(1000)}
    return Register(
        mines=(MINE, other),
        mine_years=figures | {("甲矿", 2020): YearFigures(base), ("甲矿", 2023): YearFigures(reached)},
    )


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        (staffed(20_000, 8_001), GoalStatus.NOT_MET),
        (staffed(20_000, 8_000), GoalStatus.MET),
        (staffed(20_000, None), GoalStatus.NOT_MEASURED),
        (staffed(None, 8_000), GoalStatus.NOT_MEASURED),
        (replace(staffed(None, 8_000), province_years={2020: YearFigures(21_000)}), GoalStatus.MET),
    ],
)
def test_the_workforce_goal(register: Register, expected: GoalStatus) -> None:
    """12,000 fewer, not 11,999; a mine without a figure leaves it open, unless the province's own stands."""
    assert status(register, "workforce_2023", D2023) is expected


def test_the_workforce_is_not_judged_before_its_day() -> None:
    """A year's figure is that of its end."""
    register = staffed(20_000, 8_000)
    assert workforce(register, date(2023, 12, 30)).year == 2022
    assert status(register, "workforce_2023", date(2023, 12, 30)) is GoalStatus.NOT_MEASURED
    assert workforce(register, D2021).lacking == ("甲矿", "乙矿")
    with_2022 = replace(register, province_years={2022: YearFigures(1_000)})
    assert status(with_2022, "workforce_2023", date(2023, 12, 30)) is GoalStatus.PENDING


def test_a_mine_closed_in_between_is_in_the_base_only() -> None:
    closed = replace(MINE, lifetime=Lifetime(closed_on=date(2021, 6, 1)))
    register = Register(mines=(closed,), mine_years={("甲矿", 2020): YearFigures(900)})
    assert workforce(register, D2023).base == 900
    assert (workforce(register, D2023).staff, workforce(register, D2023).lacking) == (None, ())


def coal(*figures: tuple[str, str]) -> Register:
    """One mine, and its output and efficiency of 2020 and 2023."""
    years = {
        ("甲矿", year): YearFigures(None, Decimal(output), Decimal(each))
        for year, (output, each) in zip((2020, 2023), figures, strict=True)
    }
    return Register(mines=(MINE,), mine_years=years)


@pytest.mark.parametrize(
    ("reached", "readings", "expected"),
    [
        ("11.99", (False, False), GoalStatus.NOT_MET),
        ("12", (True, False), GoalStatus.AMBIGUOUS),
        ("21.99", (True, False), GoalStatus.AMBIGUOUS),
        ("22", (True, True), GoalStatus.MET),
    ],
)
def test_both_readings_of_the_efficiency_goal(
    reached: str, readings: tuple[bool, bool], expected: GoalStatus
) -> None:
    """提升1.2—1.5倍: the ratio, and what either reading says."""
    register = coal(("100", "10"), ("100", reached))
    of = efficiency(register, D2023)
    assert (of.reading_a_met, of.reading_b_met) == readings
    assert of.ratio == float(reached) / 10
    assert status(register, "efficiency_2023", D2023) is expected


def test_the_provinces_efficiency_is_all_coal_over_all_shifts() -> None:
    """Not the mean of the mines' figures: 100 and 300 万t at 5 and 15 t are 400 over 40 万工."""
    register = Register(
        mines=(MINE, replace(MINE, name="乙矿")),
        mine_years={
            ("甲矿", 2020): YearFigures(None, Decimal(100), Decimal(5)),
            ("乙矿", 2020): YearFigures(None, Decimal(300), Decimal(15)),
        },
    )
    of = efficiency(register, D2023)
    assert (of.base_t, of.efficiency_t, of.lacking) == (10.0, None, ("甲矿", "乙矿"))


def test_robots_count_while_they_stand() -> None:
    robot = Robot("甲矿", "R1", "水泵房巡检", date(2022, 5, 1), Lifetime(closed_on=date(2023, 5, 1)))
    register = Register(mines=(MINE,), robots=(robot,))
    days = (date(2022, 4, 30), date(2022, 5, 1), date(2023, 5, 1))
    assert [registry_goals(register, day).robots for day in days] == [0, 1, 0]
    assert status(register, "robots_2023", D2023) is GoalStatus.NOT_MET
    assert status(register, "robots_2023", date(2022, 5, 1)) is GoalStatus.MET


@given(st.dates(date(2020, 1, 1), date(2025, 1, 1)))
def test_the_counted_goals_and_a_registry_without_mines_are_as_offline(day: date) -> None:
    """The offline answer is not touched by what the registry adds."""
    done = replace(PROJECT, completed_on=date(2021, 6, 1), accepted_on=date(2021, 7, 1))
    assert measured_targets(Register(projects=(done,)), day) == targets([done], day)
    counted = slice(0, -len(REGISTRY_GOALS))
    with_mines = measured_targets(Register(projects=(done,), mines=(MINE,)), day)
    assert with_mines.goals[counted] == targets([done], day).goals[counted]
