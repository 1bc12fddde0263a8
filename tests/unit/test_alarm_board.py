"""Many alarms: floods, maintenance, what is due by time; and that none is ever lost."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.alarms.alarm import (
    Alarm,
    AlarmKey,
    Change,
    Definition,
    Hold,
    Level,
    Policy,
    Priority,
    Quiet,
    State,
)
from rules.alarms.board import FLOOD, Board
from rules.alarms.flood import Floods, Group
from rules.series import HOUR_US, MINUTE_US, SECOND_US

S = SECOND_US
POLICY = Policy(flood_raises=3)


def definition(
    number: int, priority: Priority = Priority.MEDIUM, *, mine: str = "m1", quiet: Quiet = Quiet.WINDOW
) -> Definition:
    """One of many alarms."""
    key = AlarmKey(mine, f"C{number % 4}", f"Pump {number + 1}/Vibration", "high")
    return Definition(key, (Level(priority, "高", "high"),), "振动", "vibration", quiet=quiet)


def raised(board: Board, count: int, *, step_us: int = S, start: int = 0, group: str = "gw-1") -> None:
    """So many alarms, one after the other."""
    for number in range(start, start + count):
        board.judge(definition(number), 1, number * step_us, value=9.0, limit=4.5, group=group)


def flood_of(board: Board) -> Alarm | None:
    """The open flood alarm."""
    return next((alarm for alarm in board.open("m1") if alarm.key.code == FLOOD), None)


def test_a_thousand_alarms_are_one() -> None:
    """A gateway that comes back: one alarm to look at, a thousand under it, one acknowledgement for all."""
    board = Board(POLICY)
    raised(board, 1000, step_us=1_000)
    flood = flood_of(board)
    assert flood is not None
    top = [alarm for alarm in board.open("m1") if alarm.under is None]
    assert top == [flood]
    assert len(board.members[flood.key]) == 1000
    assert (flood.priority, flood.key.source) == (Priority.MEDIUM, "gw-1")
    board.acknowledge(flood.key, "张三", "", 5 * S)
    assert {alarm.state for alarm in board.open("m1")} == {State.ACKNOWLEDGED}


def test_few_or_slow_alarms_stand_alone() -> None:
    """Three at once, or one every twenty seconds; and each gateway for itself."""
    board = Board(POLICY)
    raised(board, 3)
    raised(board, 3, start=10, group="gw-2")
    raised(board, 20, start=100, step_us=20 * S)
    assert flood_of(board) is None


def test_a_worse_member_asks_again_and_so_does_one_more() -> None:
    """Nobody misses the critical one among the many, nor what comes after the acknowledgement."""
    board = Board(POLICY)
    raised(board, 5)
    flood = flood_of(board)
    assert flood is not None
    board.acknowledge(flood.key, "张三", "", 5 * S)
    board.judge(definition(50), 1, 6 * S, group="gw-1")
    assert board.alarms[flood.key].state is State.UNACKNOWLEDGED
    board.acknowledge(flood.key, "张三", "", 7 * S)
    board.judge(definition(60, Priority.CRITICAL), 1, 8 * S, group="gw-1")
    assert board.alarms[flood.key].state is State.UNACKNOWLEDGED
    assert board.alarms[flood.key].priority is Priority.CRITICAL
    changes = [record.change for record in board.take_records() if record.alarm.key == flood.key]
    assert changes == [
        Change.RAISED, Change.ACKNOWLEDGED, Change.RAISED, Change.ACKNOWLEDGED, Change.ROSE,
    ]  # fmt: skip


def test_a_flood_is_over_when_all_of_it_is() -> None:
    """Acknowledged and cleared one by one; the last one ends it."""
    board = Board(POLICY)
    raised(board, 6)
    flood = flood_of(board)
    assert flood is not None
    board.acknowledge(flood.key, "张三", "", 10 * S)
    for number in range(5):
        board.judge(definition(number), 0, 20 * S)
    board.look(21 * S)
    assert flood_of(board) is not None
    board.judge(definition(5), 0, 22 * S)
    board.look(23 * S)
    assert list(board.open("m1")) == []
    raised(board, 1, start=3)
    assert [alarm.under for alarm in board.open("m1")] == [None]


def test_maintenance_holds_back_and_its_end_does_not_flood() -> None:
    """Nothing is loud during it; what is still active when it ends is one alarm."""
    now = {"why": "检修泵房 (王五)"}
    board = Board(
        POLICY, lambda _key, quiet, _now: (now["why"] or None) if quiet is not Quiet.NEVER else None
    )
    raised(board, 10)
    board.judge(definition(20, Priority.CRITICAL, quiet=Quiet.NEVER), 1, 11 * S)
    states = {alarm.key.source: alarm.state for alarm in board.open("m1")}
    assert states.pop("Pump 21/Vibration") is State.UNACKNOWLEDGED
    assert set(states.values()) == {State.SUPPRESSED}
    assert flood_of(board) is None
    now["why"] = ""
    board.look(100 * S)
    assert flood_of(board) is not None
    loud = [alarm for alarm in board.open("m1") if alarm.under is None and alarm.key.code != FLOOD]
    assert [alarm.key.source for alarm in loud] == ["Pump 21/Vibration"]


def test_a_shelved_flood_hides_only_what_it_stands_for() -> None:
    """What is new, or gets worse, stands alone and is loud."""
    board = Board(POLICY)
    raised(board, 5)
    flood = flood_of(board)
    assert flood is not None
    board.shelve(flood.key, Hold("李四", "检修", 5 * S, HOUR_US))
    board.judge(definition(7), 1, 6 * S, group="gw-1")
    two = replace(definition(0), levels=(*definition(0).levels, Level(Priority.CRITICAL, "断电", "trip")))
    board.judge(two, 2, 7 * S, group="gw-1")
    alone = {alarm.key.source for alarm in board.open("m1") if alarm.under is None and not alarm.is_held}
    assert alone == {"Pump 8/Vibration", "Pump 1/Vibration"}


def test_a_shelf_ends_by_itself_and_is_never_too_long() -> None:
    """Eight hours at most, whatever was asked."""
    board = Board(POLICY)
    raised(board, 1)
    key = definition(0).key
    board.shelve(key, Hold("李四", "等备件", 10 * S, 100 * HOUR_US))
    board.look(8 * HOUR_US)
    assert board.alarms[key].state is State.SHELVED
    board.look(8 * HOUR_US + 10 * S)
    assert board.alarms[key].state is State.UNACKNOWLEDGED


def test_members_do_not_escalate_but_their_flood_does() -> None:
    """One message, not fifty."""
    board = Board(POLICY)
    for number in range(5):
        board.judge(definition(number, Priority.HIGH), 1, number * S, group="gw-1")
    board.take_records()
    board.look(20 * MINUTE_US)
    escalated = [
        record.alarm.key.code for record in board.take_records() if record.change is Change.ESCALATED
    ]
    assert escalated == [FLOOD]


def test_what_an_earlier_run_left_is_in_doubt() -> None:
    """Listed as it was, acknowledgement and all, until it is judged again."""
    before = Board(POLICY)
    raised(before, 6)
    before.acknowledge(definition(0).key, "张三", "", 9 * S)
    board = Board(POLICY)
    board.restore(before.alarms.values(), "centre", 100 * S)
    alarm = board.alarms[definition(0).key]
    assert (alarm.state, alarm.doubt, alarm.ack and alarm.ack.who) == (State.ACKNOWLEDGED, "centre", "张三")
    assert board.find("m1", alarm.key.id) == alarm
    assert board.find("m2", alarm.key.id) is None
    flood = flood_of(board)
    assert flood is not None
    board.acknowledge(flood.key, "张三", "", 101 * S)
    for number in range(6):
        board.judge(definition(number), 0, 102 * S)
    board.look(103 * S)
    assert list(board.open("m1")) == []


def test_forgotten_when_it_is_over_and_quiet() -> None:
    """Memory is bounded by what is open and what was raised within the hour."""
    board = Board(Policy())
    raised(board, 200, step_us=60 * S)
    for number in range(200):
        board.acknowledge(definition(number).key, "张三", "", 200 * 60 * S)
        board.judge(definition(number), 0, 201 * 60 * S)
    board.look(300 * 60 * S)
    assert (len(board.alarms), len(board.ids), len(board.floods.bursts)) == (0, 0, 0)


def test_a_flood_is_counted_over_a_sliding_time() -> None:
    """More than three within ten seconds, and on until ten quiet seconds."""
    floods = Floods(3, 10 * S)
    group = Group("m1", "gw-1")

    def folded(number: int, second: int) -> int:
        return len(floods.raised(group, definition(number).key, second * S))

    assert [folded(number, second) for number, second in enumerate((0, 4, 8, 12))] == [0, 0, 0, 0]
    assert [folded(number, second) for number, second in enumerate((13, 14, 23), 4)] == [4, 1, 1]
    assert folded(9, 34) == 0


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["judge", "ack", "shelve", "unshelve", "out", "in", "doubt", "look", "restart"]),
        st.integers(0, 7),
        st.integers(0, 1),
        st.integers(0, 30),
    ),
    max_size=120,
)


@settings(max_examples=200)
@given(OPERATIONS)
def test_no_active_alarm_is_ever_lost(steps: list[tuple[str, int, int, int]]) -> None:
    """Whatever people and time do, floods and restarts included: active is listed, or what stands for it is."""
    board = Board(replace(POLICY, flood_raises=2))
    active: dict[AlarmKey, int] = {}
    now = 0
    for what, number, level, after in steps:
        now += after * S
        key = definition(number).key
        match what:
            case "judge":
                active[key] = level
                board.judge(definition(number), level, now, group="gw-1")
            case "ack":
                board.acknowledge(key, "张三", "", now)
            case "shelve" if board.find("m1", key.id):
                board.shelve(key, Hold("李四", "x", now, now + 20 * S))
            case "unshelve" if board.find("m1", key.id):
                board.unshelve(key, "李四", now)
            case "out" if board.find("m1", key.id):
                board.take_out(key, Hold("李四", "x", now))
            case "in" if board.find("m1", key.id):
                board.put_back(key, "李四", now)
            case "doubt":
                board.doubt(key, "stale", now)
            case "restart":
                kept = [alarm for alarm in board.alarms.values() if alarm.is_open]
                board = Board(replace(POLICY, flood_raises=2))
                board.restore(kept, "centre", now)
        board.look(now)
        listed = {alarm.key: alarm for alarm in board.open("m1")}
        for key, wanted in active.items():
            assert (key in listed) or not wanted
            if key in listed:
                assert listed[key].level == wanted
                assert listed[key].under is None or listed[key].under in listed
