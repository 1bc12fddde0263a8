"""Staffing records as people read them: one line each, exact figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final, Literal

from ninebelow.offline.grid import percent, print_grid
from rules.series import SECOND_US
from rules.staffing import ShiftRecord
from rules.time_text import time_text

Lang = Literal["zh", "en"]

VERDICTS: Final = {
    "zh": {"within": "达标", "exceeded": "超员", "no_verdict": "无法判定", "not_judged": "不评定"},
    "en": {
        "within": "within", "exceeded": "exceeded", "no_verdict": "no verdict", "not_judged": "not judged",
    },
}  # fmt: skip
REASONS: Final = {
    "zh": {
        "maintenance": "检修班", "not_intelligent": "非智能化工作面", "sustained": "持续超员",
        "cumulative": "累计超员", "too_short": "评定时段过短", "coverage": "数据缺失", "fragmented": "数据零碎",
    },
    "en": {
        "maintenance": "maintenance", "not_intelligent": "not intelligent", "sustained": "sustained",
        "cumulative": "cumulative", "too_short": "too short", "coverage": "coverage", "fragmented": "fragmented",
    },
}  # fmt: skip
YES_NO: Final = {
    "zh": {True: "是", False: "否", None: "不明"},
    "en": {True: "yes", False: "no", None: "not known"},
}
_TITLE: Final = {"zh": "班次定员评定", "en": "Face staffing by shift"}
_HEADS: Final = {
    "zh": (
        "工作面", "日期", "班次", "结论", "持续人数", "限员", "交接班", "超员秒", "进面人员", "法定限员",
        "超法定秒", "重大隐患", "评定时段已知",
    ),
    "en": (
        "face", "day", "shift", "verdict", "sustained", "limit", "handover", "over s", "persons", "statutory",
        "over it s", "hazard", "judged part known",
    ),
}  # fmt: skip
_TEXT_COLUMNS: Final = 4


def print_table(records: Sequence[ShiftRecord], zone: tzinfo, lang: Lang) -> None:
    """One line per record."""
    lines = [
        (
            record.shift.face,
            record.shift.shift_on.isoformat(),
            f"{record.shift.name} {clock(record.shift.starts_us, zone)}–{clock(record.shift.ends_us, zone)}",
            verdict_words(record, lang),
            shown(record.headcount_max),
            str(record.limit),
            shown(record.headcount_max_handover),
            seconds(record.over_limit_us),
            shown(record.distinct_persons),
            str(record.statutory_limit),
            seconds(record.statutory_over_us),
            YES_NO[lang][record.major_hazard],
            percent(record.coverage_judged),
        )
        for record in records
    ]
    print_grid(_TITLE[lang], _HEADS[lang], lines, text_columns=_TEXT_COLUMNS)


def verdict_words(record: ShiftRecord, lang: Lang) -> str:
    """The verdict, and its reason where there is one."""
    verdict = VERDICTS[lang][record.verdict]
    if record.reason is None:
        return verdict
    reason = REASONS[lang][record.reason]
    return f"{verdict}（{reason}）" if lang == "zh" else f"{verdict} ({reason})"


def shown(value: int | None) -> str:
    """A number, a dash where none applies."""
    return "–" if value is None else str(value)


def seconds(duration_us: float) -> str:
    """Seconds to the last microsecond: 59.999999 is no minute."""
    return f"{Decimal(round(duration_us)) / SECOND_US:f}"


def clock(at_us: int, zone: tzinfo) -> str:
    """Hours and minutes."""
    return datetime.fromisoformat(time_text(at_us, zone)).strftime("%H:%M")
