"""One alarm's life: every state of ISA-18.2, and what must hold whatever happens."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from rules.alarms import life
from rules.alarms.alarm import (
    Alarm,
    AlarmKey,
    Change,
    Definition,
    Hold,
    Level,
    Policy,
    Priority,
    Record,
    State,
)
from rules.alarms.life import Step
from rules.series import MINUTE_US, SECOND_US

S = SECOND_US
POLICY = Policy(chatter_raises=3)
KEY = AlarmKey("m1", "F1", "Gas 1/Methane", "high")
LEVELS = (Level(Priority.HIGH, "超限", "high"), Level(Priority.CRITICAL, "断电", "trip"))
GAS = Definition(KEY, LEVELS, "瓦斯 1# 甲烷", "gas 1 methane", unit="%")
HOLD = Hold("李四", "换传感器", 0, 60 * S)


def lived(*events: Callable[[Alarm], Step], alarm: Alarm | None = None) -> tuple[Alarm, list[Record]]:
    """An alarm after events, and its records."""
    alarm = alarm or Alarm(GAS)
    records: list[Record] = []
    for event in events:
        alarm, more = event(alarm)
        records += more
    return alarm, records


def at(level: int, second: int = 1) -> Callable[[Alarm], Step]:
    """A good value."""
    return lambda alarm: life.judged(alarm, level, second * S, POLICY, value=1.2, limit=1.0)


def ack(second: int = 2) -> Callable[[Alarm], Step]:
    """Somebody sees it."""
    return lambda alarm: life.acknowledged(alarm, "张三", "去看了", second * S)


def shelve(second: int = 2) -> Callable[[Alarm], Step]:
    """Somebody puts it aside."""
    return lambda alarm: life.shelved(alarm, Hold("李四", "换传感器", second * S, 60 * S))


def changes(records: list[Record]) -> list[str]:
    """What the records tell."""
    return [record.change.value for record in records]


def test_raised_acknowledged_and_over() -> None:
    """The usual course; who and why stand in the record."""
    alarm, records = lived(at(1, 1), ack(2), at(0, 3))
    assert changes(records) == ["raised", "acknowledged", "cleared"]
    assert [record.alarm.state for record in records] == [
        State.UNACKNOWLEDGED,
        State.ACKNOWLEDGED,
        State.NORMAL,
    ]
    assert (records[1].who, records[1].note, records[1].at_us) == ("张三", "去看了", 2 * S)
    assert not alarm.is_open


def test_returned_waits_for_somebody() -> None:
    """Over and not seen: it stays listed until it is."""
    alarm, _ = lived(at(1), at(0, 2))
    assert (alarm.state, alarm.is_open, alarm.priority) == (State.RETURNED, True, Priority.HIGH)
    alarm, records = lived(ack(3), alarm=alarm)
    assert (alarm.state, changes(records)) == (State.NORMAL, ["acknowledged"])


def test_worse_asks_again_and_better_does_not() -> None:
    """Alarm seen, then trip: unacknowledged again; back to alarm: as it was."""
    alarm, records = lived(at(1, 1), ack(2), at(2, 3))
    assert (alarm.state, alarm.priority, alarm.words[0]) == (
        State.UNACKNOWLEDGED,
        Priority.CRITICAL,
        "瓦斯 1# 甲烷 断电",
    )
    alarm, records = lived(ack(4), at(1, 5), alarm=alarm)
    assert (alarm.state, changes(records)) == (State.ACKNOWLEDGED, ["acknowledged", "fell"])


def test_latching_asks_after_it_is_over() -> None:
    """Whoever saw it while it lasted."""
    latching = Alarm(Definition(KEY, LEVELS, "", "", latching=True))
    alarm, _ = lived(at(1), ack(), at(0, 3), alarm=latching)
    assert alarm.state is State.RETURNED
    assert lived(ack(4), alarm=alarm)[0].state is State.NORMAL


def test_nothing_to_acknowledge() -> None:
    """Ack of a normal alarm, or a second one, does nothing at all."""
    assert lived(ack()) == (Alarm(GAS), [])
    once, _ = lived(at(1), ack(2))
    assert lived(ack(3), alarm=once) == (once, [])


def test_shelved_stays_listed_and_comes_back_as_new() -> None:
    """Judged meanwhile; active at its end it asks again; not active, it is over."""
    shelved, _ = lived(at(1), ack(2), shelve(3))
    assert (shelved.state, shelved.is_open) == (State.SHELVED, True)
    back, records = lived(lambda alarm: life.unshelved(alarm, "", 70 * S), alarm=shelved)
    assert (back.state, back.ack, changes(records)) == (State.UNACKNOWLEDGED, None, ["unshelved"])
    over, _ = lived(at(0, 5), lambda alarm: life.unshelved(alarm, "", 70 * S), alarm=shelved)
    assert over.state is State.NORMAL


def test_maintenance_and_out_of_service() -> None:
    """Held back by whichever, it is listed as that; the last hold's end counts."""
    alarm, _ = lived(
        lambda alarm: life.suppressed(alarm, "检修", S),
        at(2, 2),
        lambda alarm: life.taken_out(alarm, HOLD),
    )
    assert alarm.state is State.OUT_OF_SERVICE
    alarm, _ = lived(lambda alarm: life.put_back(alarm, "李四", 9 * S), alarm=alarm)
    assert alarm.state is State.SUPPRESSED
    alarm, _ = lived(lambda alarm: life.suppressed(alarm, None, 10 * S), alarm=alarm)
    assert alarm.state is State.UNACKNOWLEDGED


def test_doubt_changes_nothing_else() -> None:
    """Neither raised nor cleared; the next good value verifies or moves it."""
    doubted, records = lived(at(1), lambda alarm: life.doubted(alarm, "stale", 2 * S))
    assert (doubted.level, doubted.doubt, changes(records)[-1]) == (1, "stale", "doubted")
    assert changes(lived(at(1, 3), alarm=doubted)[1]) == ["verified"]
    assert changes(lived(at(0, 3), alarm=doubted)[1]) == ["returned"]
    assert lived(lambda alarm: life.doubted(alarm, "stale", S)) == (Alarm(GAS), [])


def test_escalation_ends() -> None:
    """Every five (critical) or fifteen (high) minutes, a priority higher, three times at most; never once seen."""
    alarm, told = lived(at(1, 0))
    for minute in range(1, 120):
        alarm, more = life.escalated(alarm, minute * MINUTE_US, POLICY)
        told += more
    assert [record.at_us // MINUTE_US for record in told[1:]] == [15, 20, 25]
    assert alarm.priority is Priority.CRITICAL
    seen, _ = lived(at(1, 0), ack(1))
    assert life.escalated(seen, 500 * MINUTE_US, POLICY) == (seen, ())


def test_chattering_is_told_once() -> None:
    """Three raises within the hour, here; the next hour starts anew."""
    alarm, records = lived(at(1, 1), at(0, 2), at(1, 3), at(0, 4), at(1, 5), at(0, 6), at(1, 7))
    assert changes(records).count("chatters") == 1
    assert alarm.chatters(8 * S, POLICY)
    assert not alarm.chatters(8 * S + 3600 * S, POLICY)


def test_an_alarm_survives_the_journal() -> None:
    """With everything that may be set."""
    alarm, _ = lived(at(2), shelve(), lambda a: life.taken_out(a, HOLD), lambda a: life.doubted(a, "bad", S))
    adapter = TypeAdapter(Alarm)
    assert adapter.validate_json(adapter.dump_json(alarm)) == alarm


EVENTS: list[tuple[str, Callable[[int], Callable[[Alarm], Step]]]] = [
    ("normal", lambda s: at(0, s)),
    ("alarm", lambda s: at(1, s)),
    ("trip", lambda s: at(2, s)),
    ("ack", ack),
    ("shelve", shelve),
    ("unshelve", lambda s: lambda alarm: life.unshelved(alarm, "李四", s * S)),
    ("suppress", lambda s: lambda alarm: life.suppressed(alarm, "检修", s * S)),
    ("unsuppress", lambda s: lambda alarm: life.suppressed(alarm, None, s * S)),
    ("out", lambda s: lambda alarm: life.taken_out(alarm, Hold("李四", "x", s * S))),
    ("in", lambda s: lambda alarm: life.put_back(alarm, "李四", s * S)),
    ("doubt", lambda s: lambda alarm: life.doubted(alarm, "stale", s * S)),
    ("escalate", lambda s: lambda alarm: life.escalated(alarm, s * S, POLICY)),
]
LEVEL_OF = {"normal": 0, "alarm": 1, "trip": 2}


@given(st.lists(st.tuples(st.integers(0, len(EVENTS) - 1), st.integers(-2, 3000)), max_size=60))
@pytest.mark.parametrize("latching", [False, True])
def test_whatever_happens(latching: bool, steps: list[tuple[int, int]]) -> None:
    """An active alarm is listed; its records are in order and end in its state; nothing without a cause changes it."""
    alarm = Alarm(Definition(KEY, LEVELS, "", "", latching=latching))
    level, second = 0, 0
    for number, after in steps:
        second += after
        name, event = EVENTS[number]
        before = alarm
        alarm, records = event(second)(alarm)
        level = LEVEL_OF.get(name, level)
        assert alarm.level == level
        assert alarm.is_open or (level == 0 and alarm.acked)
        assert (alarm == before) == (not records)
        if records:
            assert records[-1].alarm == alarm
            times = [before.changed_us, *(record.at_us for record in records)]
            assert all(one < next_one for one, next_one in itertools.pairwise(times))
        if name == "ack":
            assert (alarm.level, alarm.is_held) == (before.level, before.is_held)
        if (
            before.acked and not alarm.acked
        ):  # what asks for an acknowledgement is a raise, a rise, a return or a hold's end
            assert records[0].change in {
                Change.RAISED, Change.ROSE, Change.RETURNED, Change.UNSHELVED, Change.UNSUPPRESSED, Change.IN_SERVICE,
            }  # fmt: skip
        if alarm.state is State.RETURNED:
            assert level == 0
        assert alarm.escalations <= POLICY.escalations_max
