"""Trackers judge their whole series each time: late data is an insertion, a changed record gets a new revision."""

from __future__ import annotations

import math
from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from contract.vocabulary.roles import Role
from gateway.config import Face
from gateway.live.chambers import ChamberTracker, coded
from gateway.live.faces import FORGET_EVERY_US, KEPT_US, FaceTracker
from gateway.live.series import LiveSeries
from rules.chambers.rule import Chamber, Kind, Rule, Signal, State
from rules.series import HOUR_US, MINUTE_US, SECOND_US, Samples
from rules.shift_calendar import THREE_EIGHT, Calendar, ShiftCalendar
from rules.staffing import FaceRule, StaffingRule
from rules.time_text import parse_time

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> int:
    """An instant of 2022-03-01 from `HH:MM`."""
    found = parse_time(f"2022-03-01T{text}", ZONE)
    assert found is not None
    return found


def tracker() -> FaceTracker:
    """An intelligent mining face on 三八制."""
    calendar = ShiftCalendar(ZONE, (Calendar(effective_on=date(2020, 1, 1), shifts=THREE_EIGHT),))
    return FaceTracker(
        Face(code="F1", name="F1", kind="mining_face"),
        FaceRule(kind="mining_face", intelligent=True, hazard="other"),
        StaffingRule(),
        calendar,
    )


def fill(face: FaceTracker, from_us: int, to_us: int, headcount: float, step_us: int = 5 * MINUTE_US) -> None:
    """A headcount repeated over a stretch of time."""
    for at_us in range(from_us, to_us + 1, step_us):
        face.take(Role.HEADCOUNT, at_us, headcount)


def state_of(room: ChamberTracker) -> State:
    """What it was last judged to be."""
    return room.now.state


def test_a_shift_is_recorded_when_it_ends() -> None:
    """Nothing before, revision 1 after, nothing again while nothing changes, and once more when it is final."""
    face = tracker()
    fill(face, at("08:00"), at("16:05"), 8)

    assert face.judge(at("15:59")) == []
    (record,) = face.judge(at("16:00"))
    assert (record.verdict, record.headcount_max, record.revision, record.final) == ("within", 8, 1, False)
    assert face.judge(at("16:01")) == []
    (final,) = face.judge(at("17:00"))
    assert (final.revision, final.final) == (1, True)


def test_late_data_makes_a_new_revision() -> None:
    """A gap is no verdict; the readings that come later decide, as if they had come in time."""
    face, in_time = tracker(), tracker()
    for stretch in (("08:00", "11:00", 8), ("13:00", "16:05", 8)):
        fill(face, at(stretch[0]), at(stretch[1]), stretch[2])
        fill(in_time, at(stretch[0]), at(stretch[1]), stretch[2])
    (record,) = face.judge(at("16:10"))
    assert (record.verdict, record.reason) == ("no_verdict", "coverage")

    fill(face, at("11:00") + MINUTE_US, at("13:00"), 10)
    fill(in_time, at("11:00") + MINUTE_US, at("13:00"), 10)
    (revised,) = face.judge(at("16:20"))
    (straight,) = in_time.judge(at("16:20"))

    assert (revised.verdict, revised.reason, revised.revision) == ("exceeded", "sustained", 2)
    assert revised.as_json(ZONE) | {"revision": 1} == straight.as_json(ZONE)


def test_a_shift_before_the_first_row_is_not_ours() -> None:
    """A centre that starts at noon says nothing of the night."""
    face = tracker()
    fill(face, at("12:00"), at("16:05"), 8)

    records = face.judge(at("16:10"))

    assert [record.shift.name for record in records] == ["八点班"]
    assert (records[0].verdict, records[0].reason) == ("no_verdict", "coverage")


def test_old_rows_are_forgotten() -> None:
    """Memory is bounded by time; the newest old row stays, since it may still hold."""
    face = tracker()
    fill(face, at("00:00"), at("00:00") + 2 * KEPT_US, 8)

    face.judge(at("00:00") + 2 * KEPT_US)
    face.judge(at("00:00") + 2 * KEPT_US + FORGET_EVERY_US)

    kept = face.series.samples().at_us
    assert kept.size <= KEPT_US // (5 * MINUTE_US) + 2
    assert kept[0] <= at("00:00") + KEPT_US + FORGET_EVERY_US


def test_chamber_follows_its_signals() -> None:
    """Unattended while all is well, central control in a long visit, unknown when a signal is."""
    room = ChamberTracker(Chamber("C1", Kind.DRAINAGE_PUMP_ROOM), "水泵房", Rule())
    start = at("08:00")

    def report(minute: int, people: int) -> None:
        for role in (Role.VIDEO, Role.PROTECTIONS, Role.LINK):
            room.take(role, start + minute * MINUTE_US, value=True)
        room.take(Role.CONTROL_MODE, start + minute * MINUTE_US, "auto")
        room.take(Role.HEADCOUNT, start + minute * MINUTE_US, people)

    for minute in range(0, 10, 2):
        report(minute, 0)
    room.judge(start + 9 * MINUTE_US)
    assert state_of(room) is State.UNATTENDED
    for minute in range(10, 60, 2):
        report(minute, 2)
    room.judge(start + 20 * MINUTE_US)
    assert state_of(room) is State.PATROL
    room.judge(start + 59 * MINUTE_US)
    assert state_of(room) is State.CENTRAL_CONTROL
    room.take(Role.LINK, start + 60 * MINUTE_US, None)
    room.judge(start + 61 * MINUTE_US)
    assert state_of(room) is State.UNKNOWN


def test_values_outside_their_signals_set_are_unknown() -> None:
    """Never 0, never a pass (definitions.md §2)."""
    assert coded(Signal.CONTROL_MODE, "manual") is None
    assert coded(Signal.CONTROL_MODE, 1) is None
    assert coded(Signal.LINK, 2) is None
    assert coded(Signal.LINK, value=True) == 1
    assert coded(Signal.OCCUPANCY, -1) is None
    assert coded(Signal.OCCUPANCY, 2.5) is None
    assert coded(Signal.OCCUPANCY, 0) == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.one_of(st.none(), st.integers(0, 20))), max_size=60))
def test_live_series_equals_the_rows_given_at_once(rows: list[tuple[int, int | None]]) -> None:
    """Any order, repeated instants: the last one taken wins, as in a file."""
    series = LiveSeries(600 * SECOND_US)
    for at_s, value in rows:
        series.take(at_s * SECOND_US, value)

    whole = Samples.of_rows((at_s * SECOND_US, value) for at_s, value in rows)

    assert series.samples().at_us.tolist() == whole.at_us.tolist()
    assert [None if math.isnan(v) else v for v in series.samples().value.tolist()] == [
        None if math.isnan(v) else v for v in whole.value.tolist()
    ]


def test_kept_time_holds_a_shift_and_its_lateness() -> None:
    """Three shifts of eight hours and an hour of lateness."""
    assert KEPT_US >= 25 * HOUR_US
