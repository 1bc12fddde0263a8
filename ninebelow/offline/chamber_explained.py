"""One day of one chamber in words: what it was from when to when, what kept it from standing alone, who came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final, Literal

from ninebelow.offline.chamber_tables import STATE_WORDS, Lang, hours, print_days
from ninebelow.offline.grid import print_grid
from rules.chambers.obstacles import Obstacle, Passage, passages
from rules.chambers.presence import Visit
from rules.chambers.records import DayRecord
from rules.chambers.rule import Rule, Signal, State
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
