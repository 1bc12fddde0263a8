"""Alarms as screens, answers and messages tell them, with every word that people read about their life. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from gateway.live.alarm_points import PointWatch
from gateway.live.maintenance import Window
from gateway.live.views import View, micros, time_of
from rules.alarms.alarm import Alarm, AlarmKey, Change, Hold, Policy, Priority, Record, State, Value

SHOWN_MAX: Final = 20
"""On a wall; the rest is counted."""
PRIORITY_WORDS: Final[Mapping[Priority, str]] = {
    Priority.LOW: "低",
    Priority.MEDIUM: "中",
    Priority.HIGH: "高",
    Priority.CRITICAL: "紧急",
}
STATE_WORDS: Final[Mapping[State, str]] = {
    State.NORMAL: "正常",
    State.UNACKNOWLEDGED: "未确认",
    State.ACKNOWLEDGED: "已确认",
    State.RETURNED: "已恢复，未确认",
    State.SHELVED: "已搁置",
    State.SUPPRESSED: "检修屏蔽",
    State.OUT_OF_SERVICE: "停用",
}
CHANGE_WORDS: Final[Mapping[Change, str]] = {
    Change.RAISED: "报警",
    Change.ROSE: "升级",
    Change.FELL: "降级",
    Change.RETURNED: "恢复（未确认）",
    Change.CLEARED: "解除",
    Change.ACKNOWLEDGED: "确认",
    Change.DOUBTED: "无法核实",
    Change.VERIFIED: "已核实",
    Change.ESCALATED: "久未确认，再次通知",
    Change.CHATTERS: "反复报警，建议搁置",
    Change.FOLDED: "并入成批报警",
    Change.SHELVED: "搁置",
    Change.UNSHELVED: "取消搁置",
    Change.SUPPRESSED: "检修屏蔽",
    Change.UNSUPPRESSED: "屏蔽结束",
    Change.OUT_OF_SERVICE: "停用",
    Change.IN_SERVICE: "恢复使用",
    Change.RETIRED: "撤销",
}
URGENT_FIRST: Final = (
    State.UNACKNOWLEDGED, State.ACKNOWLEDGED, State.RETURNED, State.SUPPRESSED, State.SHELVED, State.OUT_OF_SERVICE,
    State.NORMAL,
)  # fmt: skip

AreaNames = Mapping[tuple[str, str], str]


def rank(alarm: Alarm) -> tuple[int, int, int]:
    """What to look at first: waiting, then priority, then the newest."""
    return URGENT_FIRST.index(alarm.state), -alarm.priority, -alarm.raised_us


def compact_view(alarm: Alarm, names: AreaNames, members: int) -> View:
    """What a wall shows of an alarm."""
    zh, en = alarm.words
    view: View = {
        "id": alarm.key.id,
        "area": alarm.key.area,
        "area_name": names.get(alarm.key[:2], alarm.key.area),
        "source": alarm.key.source,
        "code": alarm.key.code,
        "priority": alarm.priority.word,
        "state": alarm.state.value,
        "acknowledged_by": alarm.ack.who if alarm.ack else None,
        "zh": zh,
        "en": en,
        "value": rounded(alarm.value),
        "limit": alarm.limit,
        "unit": alarm.definition.unit,
        "since": micros(alarm.raised_us),
        "doubt": alarm.doubt,
    }
    return view | {"count": members} if members else view


def alarm_view(alarm: Alarm, names: AreaNames, members: int, now_us: int, policy: Policy) -> View:
    """Everything about an alarm."""
    chatters = alarm.chatters(now_us, policy)
    return compact_view(alarm, names, members) | {
        "mine": alarm.key.mine,
        "level": alarm.level,
        "priority_zh": PRIORITY_WORDS[alarm.priority],
        "state_zh": STATE_WORDS[alarm.state],
        "changed_at": micros(alarm.changed_us),
        "acknowledged": alarm.ack
        and {"who": alarm.ack.who, "note": alarm.ack.note, "at": micros(alarm.ack.at_us)},
        "shelved": hold_view(alarm.shelf),
        "out_of_service": hold_view(alarm.out),
        "suppressed": alarm.suppressed,
        "escalations": alarm.escalations,
        "chatters": chatters,
        "suggestion": "shelve" if chatters and not alarm.is_held else None,
        "under": alarm.under.id if alarm.under else None,
        "basis": alarm.definition.basis,
    }


def hold_view(hold: Hold | None) -> View | None:
    """Who holds an alarm back, why and until when."""
    if hold is None:
        return None
    return {"who": hold.who, "why": hold.why, "from": micros(hold.from_us), "until": micros(hold.until_us)}


def record_view(record: Record, names: AreaNames) -> View:
    """A transition, as the history keeps it."""
    return compact_view(record.alarm, names, 0) | {
        "at": micros(record.at_us),
        "change": record.change.value,
        "change_zh": CHANGE_WORDS[record.change],
        "who": record.who,
        "note": record.note,
        "mine": record.alarm.key.mine,
        "level": record.alarm.level,
    }


def summary_view(
    alarms: Iterable[Alarm], names: AreaNames, members: Mapping[AlarmKey, set[AlarmKey]]
) -> View:
    """What a mine's screens show: how many of each priority, and the first few. A flood counts as one."""
    top = sorted((alarm for alarm in alarms if alarm.under is None), key=rank)
    loud = [alarm for alarm in top if not alarm.is_held]
    counts = Counter(alarm.priority for alarm in loud)
    waiting = sum(alarm.state in {State.UNACKNOWLEDGED, State.RETURNED} for alarm in loud)
    return {
        "counts": {priority.word: counts[priority] for priority in sorted(Priority, reverse=True)},
        "waiting": waiting,
        "held": len(top) - len(loud),
        "shown": [compact_view(one, names, len(members.get(one.key, ()))) for one in loud[:SHOWN_MAX]],
    }


def unjudged_view(watch: PointWatch, names: AreaNames) -> View:
    """A point with alarm rules whose newest value is not judged, and why."""
    where = watch.where
    return {
        "area": where.area,
        "area_name": names.get((where.mine, where.area), where.area),
        "metric": where.metric,
        "value": rounded(watch.value),
        "why": watch.doubt,
        "at": micros(watch.at_us),
    }


def window_view(window: Window) -> View:
    """A maintenance window."""
    return {
        "area": window.area,
        "from": time_of(window.from_ms),
        "to": time_of(window.to_ms),
        "who": window.who,
        "why": window.why,
    }


def rounded(value: Value | None) -> Value | None:
    """A number without the digits that nobody means."""
    return float(f"{value:.6g}") if isinstance(value, float) else value
