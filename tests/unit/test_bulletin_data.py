"""The bulletin's data object: its numbers are those of `ninebelow plan …` and of a recount; unknown is never 0."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.reports.bulletin import Bulletin, bulletin
from gateway.reports.inputs import FaceShifts, Inputs, Span, period_of
from ninebelow.app import main
from rules.chambers.rule import Level
from rules.plan.project import Project
from rules.plan.register import Payment, Register
from rules.plan.table import TABLE_KINDS, UNITS, YEARS, Kind
from tests import bulletin_scene
from tests.bulletin_scene import AS_OF, DEMO_CSV

DAYS = (date(2021, 12, 31), AS_OF, date(2023, 6, 30), date(2024, 2, 29))


@pytest.fixture(scope="module")
def whole() -> Bulletin:
    """With a registry, watched faces and chambers."""
    return bulletin(bulletin_scene.inputs(), Span.QUARTER, AS_OF)


@pytest.fixture(scope="module")
def bare() -> Bulletin:
    """Of projects alone."""
    return of_projects(bulletin_scene.demo_projects())


def of_projects(projects: tuple[Project, ...], as_of: date = AS_OF, span: Span = Span.MONTH) -> Bulletin:
    """A bulletin as the command line makes it."""
    return bulletin(Inputs(Register(projects=projects), demo=True), span, as_of)


def plan(command: str, as_of: date, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> Any:
    """What `ninebelow plan …` prints."""
    patch.setattr(
        sys,
        "argv",
        ["ninebelow", "plan", command, "--projects", str(DEMO_CSV), "--as-of", str(as_of), "--json"],
    )
    with pytest.raises(SystemExit):
        main()
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("as_of", DAYS)
@pytest.mark.parametrize(
    ("command", "field"), [("progress", "progress"), ("targets", "targets"), ("reward", "rewards")]
)
def test_numbers_are_those_of_the_command_line(
    command: str,
    field: str,
    as_of: date,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To the key and the digit, on every day."""
    told = of_projects(bulletin_scene.demo_projects(), as_of).as_json()
    assert told[field] == plan(command, as_of, capsys, monkeypatch)


@pytest.mark.parametrize(
    ("span", "day", "from_on", "to_on", "title"),
    [
        (Span.MONTH, date(2022, 2, 1), date(2022, 2, 1), date(2022, 2, 28), "2022年2月"),
        (Span.MONTH, date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29), "2024年2月"),
        (Span.QUARTER, date(2022, 3, 31), date(2022, 1, 1), date(2022, 3, 31), "2022年第一季度"),
        (Span.QUARTER, date(2022, 10, 1), date(2022, 10, 1), date(2022, 12, 31), "2022年第四季度"),
        (Span.YEAR, date(2021, 12, 31), date(2021, 1, 1), date(2021, 12, 31), "2021年度"),
    ],
)
def test_periods(span: Span, day: date, from_on: date, to_on: date, title: str) -> None:
    """Calendar months, quarters and years around a day."""
    period = period_of(span, day)
    assert (period.from_on, period.to_on, period.title) == (from_on, to_on, title)


@pytest.mark.parametrize("year", YEARS[1:])
def test_what_the_months_gain_is_what_the_year_has(year: int) -> None:
    """Twelve months' new acceptances and completions are the year's, unit by unit and kind by kind."""
    projects = bulletin_scene.demo_projects()
    ends = [date(year, month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 12)]
    months = [of_projects(projects, end) for end in (*ends, date(year, 12, 31))]
    rows = {(row.enterprise, row.kind): row for row in months[-1].progress.rows if row.year == year}
    for unit in UNITS:
        for kind in TABLE_KINDS:
            gains = [g for m in months for g in m.gains if (g.enterprise, g.kind) == (unit, kind)]
            found = sum(gain.accepted for gain in gains), sum(gain.completed for gain in gains)
            assert found == (rows[unit, kind].accepted, rows[unit, kind].completed)


def test_overdue_projects_are_those_that_progress_counts(whole: Bulletin) -> None:
    """One line each, and no more; chambers and others have no row in the table."""
    later = bulletin(bulletin_scene.inputs(), Span.YEAR, date(2023, 12, 31))
    for each in (whole, later):
        counted = sum(row.overdue for row in each.progress.rows)
        assert len(each.overdue) == counted
    assert len(later.overdue) > len(whole.overdue)
    assert all(each.days == 0 for each in later.overdue if each.planned_year == 2023)


def test_id_is_the_hash_of_the_content(whole: Bulletin) -> None:
    """Anyone can check it from the JSON form."""
    told = json.loads(json.dumps(whole.as_json()))
    found = told.pop("id")
    canonical = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == found


def test_same_inputs_same_bulletin_one_other_figure_another(whole: Bulletin) -> None:
    """The id tells any change, also one that no total shows."""
    inputs = bulletin_scene.inputs()
    assert bulletin(inputs, Span.QUARTER, AS_OF).id == whole.id
    projects = list(inputs.register.projects)
    projects[7] = replace(projects[7], investment_wan=Decimal("0.01"))
    others = (
        replace(inputs, register=replace(inputs.register, projects=tuple(projects))),
        replace(inputs, demo=False),
        replace(inputs, chamber_share_goal=0.8),
    )
    ids = {bulletin(other, Span.QUARTER, AS_OF).id for other in others}
    assert len({whole.id, *ids}) == 4


def test_what_comes_later_is_not_told() -> None:
    """As of D: what happens the day after makes no difference."""
    projects = bulletin_scene.demo_projects()
    known = tuple(project.as_of(AS_OF) for project in projects)
    assert of_projects(projects).as_json() == of_projects(known).as_json()


def test_without_a_source_there_is_nothing_to_tell(bare: Bulletin) -> None:
    """`None`, not an empty league and not 0."""
    nothing = (bare.staffing, bare.chambers, bare.chamber_levels, bare.evidence, bare.balances, bare.goals)
    assert nothing == (None,) * 6


def test_staffing_league_is_a_recount(whole: Bulletin) -> None:
    """Shifts of the period only, per mine; ranked by what was within; blind mines last and without a rank."""
    assert whole.staffing is not None
    faces = bulletin_scene.inputs().faces or ()
    for line in whole.staffing.mines:
        shifts = [
            each.verdict
            for face in faces
            if face.face.mine == line.mine
            for each in face.shifts or ()
            if date(2022, 10, 1) <= each.shift.shift_on <= AS_OF
        ]
        if shifts:
            assert line.shifts is not None
            counts = tuple(shifts.count(verdict) for verdict in ("within", "exceeded", "no_verdict"))
            assert (line.shifts.within, line.shifts.exceeded, line.shifts.no_verdict) == counts
            assert line.share == counts[0] / len(shifts)
        else:
            assert (line.shifts, line.share, line.rank) == (None, None, None)
    ranks = [line.rank for line in whole.staffing.mines]
    ranked = [rank for rank in ranks if rank is not None]
    assert ranked == sorted(ranked)
    assert set(ranks[len(ranked) :]) == {None}
    assert len(ranked) == bulletin_scene.WATCHED
    assert [line.enterprise for line in whole.staffing.units if line.share is None] == list(UNITS[1:])


def test_a_mine_with_an_accepted_face_that_nobody_watches_is_in_the_league() -> None:
    """It has no face to show, and is there all the same."""
    inputs = replace(bulletin_scene.inputs(), faces=())
    staffing = bulletin(inputs, Span.QUARTER, AS_OF).staffing
    assert staffing is not None
    accepted = {
        each.mine
        for each in bulletin_scene.demo_projects()
        if each.kind.counted_as in {Kind.MINING_FACE, Kind.DRIVING_FACE}
        and each.accepted_on
        and each.accepted_on <= AS_OF
    }
    assert {line.mine for line in staffing.mines} == accepted
    assert all((line.faces, line.shifts) == (0, None) for line in staffing.mines)


def test_equal_shares_have_equal_ranks(whole: Bulletin) -> None:
    """And the next one leaves a gap: 1, 1, 3."""
    assert whole.chambers is not None
    lines = [line for line in whole.chambers.mines if line.share is not None]
    shares = [line.share or 0 for line in lines]
    assert [line.rank for line in lines] == [1 + sum(s > share for s in shares) for share in shares]
    assert len(set(shares)) < len(shares)


def test_nothing_within_ranks_before_nothing_known() -> None:
    """0 % is a result; no data is none."""
    inputs = bulletin_scene.inputs()
    assert inputs.faces is not None
    seen = next(each for each in inputs.faces if each.shifts)
    face = replace(seen.face, enterprise=UNITS[4], mine="演示末矿")
    bad = FaceShifts(face, tuple(bulletin_scene.outcomes("F1", ["exceeded"] * 40)))
    staffing = bulletin(replace(inputs, faces=(bad,)), Span.QUARTER, AS_OF).staffing
    assert staffing is not None
    assert (staffing.units[0].enterprise, staffing.units[0].share, staffing.units[0].rank) == (UNITS[4], 0, 1)
    assert staffing.mines[0].mine == "演示末矿"


def test_chamber_league_is_a_recount(whole: Bulletin) -> None:
    """By observed level; one without data or verdict is not at the level."""
    assert whole.chambers is not None
    levels = bulletin_scene.inputs().chambers or ()
    for line in whole.chambers.mines:
        observed = [each.observed for each in levels if each.mine == line.mine]
        found = (line.unattended, line.central_control, line.not_yet, line.no_verdict, line.unobserved)
        assert found == tuple(observed.count(level) for level in (*Level, None))
        at_level = line.unattended + line.central_control
        assert line.share == (None if set(observed) == {None} else at_level / len(observed))


def test_evidence_takes_the_last_ninety_shifts_whatever_the_period(whole: Bulletin) -> None:
    """The scene's faces have ninety shifts over 45 days; the quarter has 31 of them."""
    assert whole.evidence is not None
    tallies = {each.tally.shifts for each in whole.evidence.faces}
    assert tallies == {0, 90}
    listed = {*whole.evidence.accepted_in_doubt, *whole.evidence.performing_unaccepted}
    assert listed
    for each in whole.evidence.faces:
        doubtful = each.face.accepted_on is not None and each.performance != "performing"
        early = each.face.accepted_on is None and each.performance == "performing"
        assert (each in listed) == (doubtful or early)
    assert set(whole.grounds) == {f"{each.face.mine}/{each.face.face}" for each in whole.evidence.faces}


def test_balance_is_reward_less_what_was_paid_by_the_day() -> None:
    """A payment of the day after does not count yet."""
    inputs = bulletin_scene.inputs()
    name = "演示三矿 1201 采煤面"  # 500 万元: 35 % of 4331 is above the cap
    payments = (
        Payment(name, "advance", date(2021, 6, 1), Decimal("120.25")),
        Payment(name, "acceptance", AS_OF, Decimal("79.75")),
        Payment(name, "acceptance", AS_OF + timedelta(days=1), Decimal(300)),
    )
    made = bulletin(replace(inputs, register=replace(inputs.register, payments=payments)), Span.MONTH, AS_OF)
    assert made.balances is not None
    of = next(each for each in made.balances.projects if each.project == name)
    assert (of.reward_wan, of.balance_wan) == (Decimal(500), Decimal(300))


def test_a_face_without_records_is_unproven_not_absent() -> None:
    """An accepted face that nobody watches is in doubt."""
    inputs = bulletin_scene.inputs()
    assert inputs.faces is not None
    blind = tuple(FaceShifts(each.face, None) for each in inputs.faces)
    made = bulletin(replace(inputs, faces=blind), Span.MONTH, AS_OF)
    assert made.evidence is not None
    accepted = sum(each.face.accepted_on is not None for each in blind)
    assert len(made.evidence.accepted_in_doubt) == accepted > 100
