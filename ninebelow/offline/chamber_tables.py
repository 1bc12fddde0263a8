"""The records of chambers as tables for people, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from ninebelow.offline.grid import percent, print_grid
from rules.chambers.records import DayRecord, LevelRecord
from rules.chambers.rule import Kind, Level, State
from rules.chambers.state import STATES
from rules.series import MINUTE_US

Lang = Literal["zh", "en"]

STATE_WORDS: Final[Mapping[Lang, Mapping[State, str]]] = {
    "zh": {
        State.UNATTENDED: "无人值守",
        State.PATROL: "巡检",
        State.CENTRAL_CONTROL: "集中控制",
        State.ATTENDED: "有人值守",
        State.UNPROTECTED: "保护失效",
        State.LOCAL_CONTROL: "就地控制",
        State.UNKNOWN: "未知",
    },
    "en": {state: state.value.replace("_", " ") for state in State},
}
LEVEL_WORDS: Final[Mapping[Lang, Mapping[Level, str]]] = {
    "zh": {
        Level.UNATTENDED: "无人值守",
        Level.CENTRAL_CONTROL: "集中控制",
        Level.NOT_YET: "未达到",
        Level.NO_VERDICT: "无法评定",
    },
    "en": {level: level.value.replace("_", " ") for level in Level},
}
KIND_WORDS: Final[Mapping[Lang, Mapping[Kind, str]]] = {
    "zh": {
        Kind.MAIN_FAN_HOUSE: "主通风机房",
        Kind.SURFACE_SUBSTATION: "地面变电所",
        Kind.CENTRAL_SUBSTATION: "中央变电所",
        Kind.DISTRICT_SUBSTATION: "采区变电所",
        Kind.DRAINAGE_PUMP_ROOM: "主排水泵房",
        Kind.MAIN_HOIST: "主井提升机",
        Kind.MAIN_BELT: "主运输皮带",
        Kind.SURFACE_COMPRESSOR_STATION: "地面压风机房",
        Kind.UNDERGROUND_COMPRESSOR: "井下空压机",
        Kind.GAS_DRAINAGE_STATION: "瓦斯抽采泵站",
        Kind.OTHER: "其他",
    },
    "en": {kind: kind.value.replace("_", " ") for kind in Kind},
}
DAY_TITLE: Final = {"zh": "逐日，时:分", "en": "Day by day, h:mm"}
DAY_HEADS: Final = {
    "zh": ("硐室", "日期", "固定岗", "最长在场", "巡检次数", "最长巡检间隔", "无人看护"),
    "en": ("chamber", "day", "posted", "longest\npresence", "patrols", "longest\nvisit gap", "unguarded"),
}
LEVEL_TITLE: Final = {"zh": "等级，各状态占的时间", "en": "Levels, each state's share of the time"}
LEVEL_HEADS: Final = {
    "zh": ("硐室", "类别", "起", "止（不含）", "评定", "申报", "相符"),
    "en": ("chamber", "kind", "from", "to (excl.)", "level", "declared", "agrees"),
}
ANSWERS: Final = {"zh": {True: "是", False: "否", None: "—"}, "en": {True: "yes", False: "no", None: "—"}}


def print_levels(levels: Iterable[LevelRecord], lang: Lang) -> None:
    """Each chamber's level beside what was declared, then what it rests on."""
    lines = [
        [
            level.chamber,
            KIND_WORDS[lang][level.kind],
            level.from_on.isoformat(),
            level.to_on.isoformat(),
            LEVEL_WORDS[lang][level.level],
            "—" if level.declared is None else LEVEL_WORDS[lang][level.declared],
            ANSWERS[lang][level.agrees],
            *_percentages(level),
        ]
        for level in levels
    ]
    print_grid(LEVEL_TITLE[lang], [*LEVEL_HEADS[lang], *STATE_WORDS[lang].values()], lines, text_columns=7)


def print_days(days: Iterable[DayRecord], lang: Lang) -> None:
    """Each chamber's days."""
    lines = [
        [
            day.chamber,
            day.day.on.isoformat(),
            *(hours(day.time_us[state]) for state in STATES),
            hours(day.posted_us),
            hours(day.longest_presence_us),
            str(day.patrols),
            "—" if day.longest_visit_gap_us is None else hours(day.longest_visit_gap_us),
            hours(day.unguarded_us),
        ]
        for day in days
    ]
    heads: Sequence[str] = DAY_HEADS[lang]
    print_grid(DAY_TITLE[lang], [*heads[:2], *STATE_WORDS[lang].values(), *heads[2:]], lines, text_columns=2)


def hours(duration_us: int) -> str:
    """Hours and minutes, cut off; what is less than a minute but not nothing shows as such."""
    if 0 < duration_us < MINUTE_US:
        return "<0:01"
    minutes = duration_us // MINUTE_US
    return f"{minutes // 60}:{minutes % 60:02}"


def _percentages(level: LevelRecord) -> list[str]:
    total_us = sum(level.time_us.values())
    return [percent(level.time_us[state] / total_us) for state in STATES]
