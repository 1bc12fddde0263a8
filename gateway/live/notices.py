"""Which transitions people are told of, whom, and in which words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from gateway.alarm_config import Route
from gateway.live.alarm_views import CHANGE_WORDS, PRIORITY_WORDS
from rules.alarms.alarm import Alarm, Change, Policy, Priority, Record, State, Value

LOUD: Final = frozenset({
    Change.RAISED, Change.ROSE, Change.ESCALATED, Change.UNSHELVED, Change.UNSUPPRESSED, Change.IN_SERVICE,
    Change.CHATTERS,
})  # fmt: skip
OVER: Final = frozenset({Change.CLEARED, Change.RETURNED})
LISTED_MAX: Final = 20
"""Alarms written out in one message."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell."""

    alarm_id: str
    mine: str
    area: str
    priority: Priority
    is_over: bool
    title: str
    line: str


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called, and the time zone of each mine."""

    mines: Mapping[str, str]
    areas: Mapping[tuple[str, str], str]
    zones: Mapping[str, tzinfo]


def is_told(record: Record, now: Alarm, policy: Policy) -> bool:
    """Whether a transition is worth a message, given how its alarm stands by now.

    What is held back, seen already, stood for by a flood alarm, or comes and goes all the time tells nobody.
    """
    if now.is_held or now.under is not None:
        return False
    if record.change in OVER:
        return not now.chatters(record.at_us, policy)
    if record.change not in LOUD or now.state not in {State.UNACKNOWLEDGED, State.RETURNED}:
        return False
    return record.change in {Change.CHATTERS, Change.ESCALATED} or not now.chatters(record.at_us, policy)


def notice_of(record: Record, names: Names) -> Notice:
    """A transition in one line of Chinese and one of English."""
    alarm = record.alarm
    mine, area = alarm.key.mine, alarm.key.area
    zone = names.zones.get(mine, UTC)
    at = datetime.fromtimestamp(record.at_us / 1e6, UTC).astimezone(zone).strftime("%m-%d %H:%M:%S")
    place = " ".join(
        part for part in (names.mines.get(mine, mine), names.areas.get((mine, area), area)) if part
    )
    zh, en = alarm.words
    figures = figures_of(alarm)
    change, priority = CHANGE_WORDS[record.change], PRIORITY_WORDS[alarm.priority]
    line = (
        f"[{priority}] {place} {zh}{figures} · {change} {at}\n"
        f"[{alarm.priority.word}] {place} {en}{figures} · {record.change.value.replace('_', ' ')}"
    )
    title = f"[{priority}] {place} · {change}"
    return Notice(alarm.key.id, mine, area, alarm.priority, record.change in OVER, title, line)


def figures_of(alarm: Alarm) -> str:
    """The value beside its limit."""
    if alarm.value is None or alarm.definition.key.code == "flood":
        return ""
    unit = f" {alarm.definition.unit}" if alarm.definition.unit else ""
    limit = "" if alarm.limit is None else f" ({text_of(alarm.limit)}{unit})"
    return f" {text_of(alarm.value)}{unit}{limit}"


def text_of(value: Value) -> str:
    """A value as people write it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def wants(route: Route, notice: Notice) -> bool:
    """Whether a route is for a notice. What concerns the centre itself concerns every route."""
    return (
        notice.priority >= route.least
        and (route.cleared or not notice.is_over)
        and (not route.mines or notice.mine in ("", *route.mines))
        and (not route.areas or notice.area in ("", *route.areas))
    )


def message_of(notices: Sequence[Notice], missed: int) -> tuple[str, str]:
    """Title and text of what is told at once, the worst first; `missed` were too many to wait."""
    if len(notices) == 1 and not missed:
        return notices[0].title, notices[0].line
    worst = sorted(notices, key=lambda notice: (notice.is_over, -notice.priority))
    count = len(notices) + missed
    title = f"{count} 条报警消息 / {count} alarm messages"
    lines = [notice.line for notice in worst[:LISTED_MAX]]
    if (left := count - len(lines)) > 0:
        lines.append(f"另有 {left} 条，见报警列表 / {left} more, see the alarm list")
    return title, "\n".join(lines)
