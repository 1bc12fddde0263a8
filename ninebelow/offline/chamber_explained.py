"""A chamber in words: one day, stretch by stretch with what kept it from standing alone, or its level and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final, Literal

from ninebelow.offline.chamber_tables import (
    ANSWERS,
    KIND_WORDS,
    LEVEL_WORDS,
    STATE_WORDS,
    Lang,
    hours,
    print_days,
    print_levels,
)
from ninebelow.offline.grid import percent, print_grid
from rules.chambers.obstacles import Obstacle, Passage, passages
from rules.chambers.presence import Visit
from rules.chambers.records import DayRecord, LevelRecord
from rules.chambers.rule import Kind, Rule, Signal, State
from rules.chambers.state import Course
from rules.series import Samples
from rules.time_text import time_text

OBSTACLE_WORDS: Final[Mapping[Lang, Mapping[Obstacle, str]]] = {
    "zh": {
        Obstacle.OCCUPANCY_UNKNOWN: "人数未知",
        Obstacle.CONTROL_MODE_UNKNOWN: "控制方式未知",
        Obstacle.VIDEO_UNKNOWN: "视频状态未知",
        Obstacle.PROTECTIONS_UNKNOWN: "保护状态未知",
        Obstacle.LINK_UNKNOWN: "通信状态未知",
        Obstacle.DOOR_UNKNOWN: "门状态未知",
        Obstacle.LOCAL: "就地控制",
        Obstacle.VIDEO_OFF: "视频故障",
        Obstacle.PROTECTIONS_OFF: "保护不健全",
        Obstacle.LINK_OFF: "通信故障",
        Obstacle.DOOR_OPEN: "门未关闭",
        Obstacle.OCCUPIED: "有人在内",
        Obstacle.POSTED: "固定岗",
        Obstacle.VISIT_OVERDUE: "巡检超期",
        Obstacle.MUST_BE_ATTENDED: "井下空压机须有人值守",
    },
    "en": {obstacle: obstacle.value.replace("_", " ") for obstacle in Obstacle},
}
VISIT_WORDS: Final = {
    "zh": {"robot": "机器人巡检", "patrol": "人员巡检", "other": "到访，不计巡检（固定岗或再次进入）"},
    "en": {
        "robot": "patrol by robot",
        "patrol": "patrol by people",
        "other": "visit, no patrol (a post or a re-entry)",
    },
}
NO_ROWS_YET: Final = {"zh": "尚无数据", "en": "no rows yet"}
NOTHING: Final = {"zh": "无", "en": "nothing"}
COURSE_TITLE: Final = {"zh": "当日各时段", "en": "The day, stretch by stretch"}
COURSE_HEADS: Final = {
    "zh": ("起", "时长", "状态", "距无人值守尚缺"),
    "en": ("from", "lasts, h:mm", "state", "what kept it from standing alone"),
}
VISIT_TITLE: Final = {"zh": "当日结束的到访", "en": "Visits that ended this day"}
VISIT_HEADS: Final = {"zh": ("起", "止", "类别"), "en": ("from", "to", "kind")}
LEVEL_WORDING: Final[Mapping[Lang, str]] = {
    "zh": """\
{chamber}（{kind}）{from_on} 起、{to_on} 前：{level}；申报 {declared}，相符：{agrees}
有记录 {days} 天，少于 {days_min} 天无法评定。
无人值守 {unattended} + 巡检 {patrol} = {alone}：达到 {share} 且巡检不超过 {patrol_max} 为无人值守。
再加集中控制 {central} = {managed}：达到 {share} 为集中控制{only_if}。
再加未知 {unknown} = {possible}：达到 {share} 则缺的数据可能改变结论，无法评定；否则未达到。""",
    "en": """\
{chamber} ({kind}) from {from_on} to before {to_on}: {level}; declared {declared}, agrees: {agrees}
{days} days are recorded; fewer than {days_min} give no verdict.
Unattended {unattended} + patrol {patrol} = {alone}: {share} or more is unattended, with at most {patrol_max} of patrol.
With central control {central} = {managed}: {share} or more is central control{only_if}.
With unknown {unknown} = {possible}: {share} or more, and missing data could decide it: no verdict; else not yet.""",
}
ONLY_IF: Final = {"zh": "（采区变电所须有集中控制的时间）", "en": " (a district substation needs some of it)"}


def print_level(level: LevelRecord, days: int, rule: Rule, lang: Lang) -> None:
    """A level: the shares that it is judged by, beside what they are held against."""
    total_us = sum(level.time_us.values())
    spent_us = level.time_us
    alone_us = spent_us[State.UNATTENDED] + spent_us[State.PATROL]
    managed_us = alone_us + spent_us[State.CENTRAL_CONTROL]
    figures = {
        "chamber": level.chamber,
        "kind": KIND_WORDS[lang][level.kind],
        "from_on": level.from_on,
        "to_on": level.to_on,
        "level": LEVEL_WORDS[lang][level.level],
        "declared": "—" if level.declared is None else LEVEL_WORDS[lang][level.declared],
        "agrees": ANSWERS[lang][level.agrees],
        "days": days,
        "days_min": rule.days_min,
        "unattended": percent(spent_us[State.UNATTENDED] / total_us),
        "patrol": percent(spent_us[State.PATROL] / total_us),
        "alone": percent(alone_us / total_us),
        "central": percent(spent_us[State.CENTRAL_CONTROL] / total_us),
        "managed": percent(managed_us / total_us),
        "unknown": percent(spent_us[State.UNKNOWN] / total_us),
        "possible": percent((managed_us + spent_us[State.UNKNOWN]) / total_us),
        "share": percent(float(rule.level_share)),
        "patrol_max": percent(float(rule.patrol_share_max)),
        "only_if": ONLY_IF[lang] if level.kind is Kind.DISTRICT_SUBSTATION else "",
    }
    print(LEVEL_WORDING[lang].format_map(figures))
    print_levels([level], lang)


def print_explanation(
    course: Course,
    signals: Mapping[Signal, Samples],
    rule: Rule,
    record: DayRecord,
    *,
    zone: tzinfo,
    lang: Lang,
) -> None:
    """The day's stretches, its visits and its record."""
    day, first_row_us = record.day, course.presence.first_row_us
    lines = [
        _line(passage, max(passage.from_us, day.from_us), min(passage.to_us, day.to_us), zone, lang)
        for passage in passages(course, signals, rule)
        if passage.from_us < day.to_us and passage.to_us > day.from_us
    ]
    if first_row_us is None or first_row_us > day.from_us:
        blank_us = min(first_row_us or day.to_us, day.to_us) - day.from_us
        unknown = STATE_WORDS[lang][State.UNKNOWN]
        lines.insert(0, [time_text(day.from_us, zone), hours(blank_us), unknown, NO_ROWS_YET[lang]])
    print_grid(f"{record.chamber} {day.on} {COURSE_TITLE[lang]}", COURSE_HEADS[lang], lines, text_columns=4)
    visits = [
        [time_text(visit.begin_us, zone), time_text(visit.end_us, zone), VISIT_WORDS[lang][_sort(visit)]]
        for visit in course.presence.visits
        if day.from_us <= visit.end_us < day.to_us
    ]
    print_grid(VISIT_TITLE[lang], VISIT_HEADS[lang], visits, text_columns=3)
    print_days([record], lang)


def _line(passage: Passage, from_us: int, to_us: int, zone: tzinfo, lang: Lang) -> list[str]:
    obstacles = [OBSTACLE_WORDS[lang][obstacle] for obstacle in passage.obstacles]
    missing = ("、" if lang == "zh" else ", ").join(obstacles) or NOTHING[lang]
    return [time_text(from_us, zone), hours(to_us - from_us), STATE_WORDS[lang][passage.state], missing]


def _sort(visit: Visit) -> Literal["robot", "patrol", "other"]:
    if visit.robot:
        return "robot"
    return "patrol" if visit.patrol else "other"
