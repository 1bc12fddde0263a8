"""The state of a chamber, first that fits: a table per clause of the definitions."""

from __future__ import annotations

import pytest

from rules.chambers.rule import Chamber, Kind, Rule, Signal, State
from rules.chambers.state import course, standing
from rules.series import SECOND_US, Samples
from tests.unit.chamber_rows import HEALTHY, Says, chamber_signals, micro

RULE = Rule()
HOUR = 3600
BELT = Chamber("C1", Kind.MAIN_BELT)
DISTRICT = Chamber("C2", Kind.DISTRICT_SUBSTATION)
COMPRESSOR = Chamber("C3", Kind.UNDERGROUND_COMPRESSOR)
LOCKED_BELT = Chamber("C4", Kind.MAIN_BELT, door_required=True)


def states(chamber: Chamber, end: float, **says: Says | str) -> list[tuple[float, str]]:
    """From when on which state, up to `end`."""
    judged = course(chamber, chamber_signals(end, **says), RULE, now_us=micro(end))
    return [(from_us / SECOND_US, state.value) for from_us, _, state in judged.stretches()]


VISITED: Says = [(0, "0"), (600, "1"), (1200, "0"), (3000, "0")]
POST: Says = [(0, "0"), (600, "4"), (1200, "0"), (3000, "0")]


@pytest.mark.parametrize(
    ("chamber", "says", "expected"),
    [
        pytest.param(BELT, {}, "unattended", id="all healthy, nobody there"),
        pytest.param(BELT, {"control_mode": "remote"}, "unattended", id="remote will do"),
        pytest.param(BELT, {"video": "0"}, "central_control", id="no video"),
        pytest.param(BELT, {"control_mode": "local"}, "local_control", id="local"),
        pytest.param(BELT, {"protections": "0"}, "unprotected", id="remote without protections"),
        pytest.param(BELT, {"link": "0"}, "unprotected", id="remote without link"),
        pytest.param(BELT, {"control_mode": "local", "link": "0"}, "local_control", id="local, no link"),
        pytest.param(BELT, {"occupancy": "4"}, "central_control", id="a post under central control"),
        pytest.param(BELT, {"occupancy": "4", "control_mode": "local"}, "attended", id="a post"),
        pytest.param(BELT, {"occupancy": "4", "link": "0"}, "attended", id="a post goes before unprotected"),
        pytest.param(BELT, {"occupancy": "2"}, "patrol", id="few people, short"),
        pytest.param(
            BELT, {"occupancy": "2", "control_mode": "local"}, "local_control", id="at the local panel"
        ),
        pytest.param(BELT, {"occupancy": "2", "video": "0"}, "central_control", id="patrol without video"),
        pytest.param(BELT, {"door": "0"}, "unattended", id="a door that is not required"),
        pytest.param(LOCKED_BELT, {"door": "0"}, "central_control", id="a required door"),
        pytest.param(LOCKED_BELT, {"door": "0", "occupancy": "1"}, "central_control", id="also on patrol"),
        pytest.param(DISTRICT, {}, "unattended", id="a locked district substation"),
        pytest.param(DISTRICT, {"control_mode": "local", "video": "0"}, "unattended", id="needs no more"),
        pytest.param(DISTRICT, {"door": "0"}, "central_control", id="open, under central control"),
        pytest.param(
            DISTRICT, {"door": "0", "control_mode": "local"}, "unprotected", id="open, nobody there"
        ),
        pytest.param(DISTRICT, {"door": "0", "occupancy": "1"}, "patrol", id="opened by the patrol"),
        pytest.param(
            DISTRICT, {"link": "0", "control_mode": "local"}, "unprotected", id="not healthy, nobody there"
        ),
        pytest.param(
            DISTRICT,
            {"link": "0", "control_mode": "local", "occupancy": "1"},
            "local_control",
            id="not healthy, somebody there",
        ),
        pytest.param(DISTRICT, {"occupancy": "4", "control_mode": "local"}, "attended", id="district post"),
        pytest.param(COMPRESSOR, {}, "central_control", id="a compressor is never unattended"),
        pytest.param(COMPRESSOR, {"occupancy": "1"}, "central_control", id="nor on patrol"),
        pytest.param(COMPRESSOR, {"occupancy": "4", "control_mode": "local"}, "attended", id="attended"),
        pytest.param(COMPRESSOR, {"control_mode": "local"}, "local_control", id="local compressor"),
        pytest.param(COMPRESSOR, {"link": "0"}, "unprotected", id="compressor without link"),
    ],
)
def test_state(chamber: Chamber, says: dict[str, Says | str], expected: str) -> None:
    assert states(chamber, 900, **says) == [(0, expected)]


NEEDED = {
    BELT: {"occupancy", "control_mode", "video", "protections", "link"},
    LOCKED_BELT: {"occupancy", "control_mode", "video", "protections", "link", "door"},
    DISTRICT: {"occupancy", "door", "protections", "link"},
    COMPRESSOR: {"occupancy", "control_mode", "protections", "link"},
}


@pytest.mark.parametrize("chamber", NEEDED, ids=lambda chamber: chamber.kind)
@pytest.mark.parametrize("signal", ["occupancy", *HEALTHY])
def test_what_is_unknown(chamber: Chamber, signal: str) -> None:
    """A required signal lost makes the state unknown from then on; an optional one counts as 0, not remote."""
    lost = states(
        chamber, 900, **{signal: [(0, "0" if signal == "occupancy" else HEALTHY[signal]), (300, None)]}
    )
    assert (lost[-1] == (300, "unknown")) == (signal in NEEDED[chamber])
    if signal not in NEEDED[chamber]:
        assert len(lost) == 1


def test_lost_control_mode_of_a_district_substation_is_not_remote() -> None:
    """With an open door it is central control while remote, unprotected once nobody knows."""
    assert states(DISTRICT, 900, door="0", control_mode=[(0, "auto"), (300, None)]) == [
        (0, "central_control"),
        (300, "unprotected"),
    ]


def test_unknown_until_every_required_signal_has_come() -> None:
    """From the first row of any signal on."""
    assert states(BELT, 900, occupancy=[(300, "0"), (900, "0")], running=[(100, "1"), (900, "1")])[0] == (
        0,
        "unknown",
    )


def test_a_post_is_one_from_its_first_instant_never_backwards() -> None:
    """Patrol, a post from half an hour on, and nobody again."""
    occupancy: Says = [(0, "0"), (600, "1"), (3000, "0"), (3600, "0")]
    assert states(BELT, 3600, occupancy=occupancy) == [
        (0, "unattended"),
        (600, "patrol"),
        (2400, "central_control"),
        (3000, "unattended"),
    ]


@pytest.mark.parametrize("chamber", [BELT, DISTRICT], ids=lambda chamber: chamber.kind)
def test_an_overdue_visit(chamber: Chamber) -> None:
    """Unattended until the visit is `patrol_interval_h` old, to the instant, and again after the next."""
    end = 10 * HOUR
    occupancy: Says = [(0, "0"), (9 * HOUR, "1"), (9 * HOUR + 60.5, "0"), (end, "0")]
    overdue = "central_control" if chamber is BELT else "unprotected"
    assert states(chamber, end, occupancy=occupancy, control_mode="auto" if chamber is BELT else "local") == [
        (0, "unattended"),
        (8 * HOUR, overdue),
        (9 * HOUR, "patrol"),
        (9 * HOUR + 60.5, "unattended"),
    ]


def test_a_robot_keeps_the_visit_young_and_a_parked_one_does_not() -> None:
    """The age counts from half an hour into the robot's run."""
    robot: Says = [(0, "0"), (HOUR, "1"), (12 * HOUR, "1")]
    assert states(BELT, 12 * HOUR, patrol_robot=robot) == [
        (0, "unattended"),
        (9.5 * HOUR, "central_control"),
    ]


def test_an_unguarded_compressor() -> None:
    """Running known, and known to be nobody there, whatever else is known; other kinds have none."""
    says: dict[str, Says | str] = {
        "occupancy": [(0, "0"), (100, "1"), (200, None), (300, "0"), (900, "0")],
        "running": [(0, "1"), (400, None), (500, "1"), (600, "0"), (900, "0")],
        "video": [(0, None)],
        "link": [(0, None)],
    }
    bounds = Samples.of_rows([(0, 0.0), (micro(900), 0.0)]).at_us
    for chamber, expected in ((COMPRESSOR, 300), (BELT, 0)):
        judged = course(chamber, chamber_signals(900, **says), RULE, now_us=micro(900))
        assert judged.lasted(judged.unguarded, bounds).tolist() == [micro(expected)]


def test_a_post_counts_where_its_occupancy_is_known() -> None:
    """Unknown time within a post is in the post, but not in its seconds."""
    occupancy: Says = [(0, "4"), (100, None), (130, "1"), (200, "0"), (900, "0")]
    judged = course(BELT, chamber_signals(900, occupancy=occupancy), RULE, now_us=micro(900))
    bounds = Samples.of_rows([(0, 0.0), (micro(900), 0.0)]).at_us
    assert judged.lasted(judged.posted, bounds).tolist() == [micro(170)]


def test_standing() -> None:
    """What a screen shows right now: the state and since when, who is there and for how long."""
    occupancy: Says = [(0, "0"), (600, "1"), (3000, "1")]
    signals = chamber_signals(3000, occupancy=occupancy)
    shown = standing(BELT, signals, RULE, now_us=micro(2900))
    assert (shown.state, shown.since_us) == (State.CENTRAL_CONTROL, micro(2400))
    assert (shown.presence_since_us, shown.posted_since_us) == (micro(600), micro(2400))
    assert shown.visit_age_us == 0


def test_standing_counts_a_row_of_this_very_instant() -> None:
    """The state of now itself, not of the moment before."""
    signals = chamber_signals(600, occupancy=[(0, "0"), (600, "1")])
    shown = standing(BELT, signals, RULE, now_us=micro(600))
    assert (shown.state, shown.since_us, shown.presence_since_us) == (State.PATROL, micro(600), micro(600))
    assert standing(BELT, signals, RULE, now_us=micro(599)).state is State.UNATTENDED


def test_standing_without_rows() -> None:
    """Unknown, and nobody can say since when."""
    for signals in ({}, {Signal.LINK: Samples.of_rows([(micro(10), 1.0)])}):
        shown = standing(BELT, signals, RULE, now_us=micro(5))
        assert (shown.state, shown.since_us, shown.visit_age_us) == (State.UNKNOWN, None, None)
