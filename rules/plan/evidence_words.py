"""Why a shift was judged as it was, and why a face performs or does not: one line each, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from rules.plan.evidence import EvidenceFigures, FaceEvidence, Ground
from rules.series import SECOND_US
from rules.staffing import Reason, ShiftRecord
from rules.time_text import time_text


@dataclass(frozen=True, slots=True)
class Words:
    """The same said twice."""

    zh: str
    en: str


MINUTE_LENGTH: Final = len("2022-10-31T14:05")
SAID: Final[Mapping[Reason | None, Words]] = {
    None: Words(
        "持续人数 {most}，未超过限员 {limit}；评定时段 {known} 已知",
        "{most} people sustained, within the limit of {limit}; {known} of the judged part known",
    ),
    "sustained": Words(
        "持续人数 {most}，超过限员 {limit}；首次超员 {at}",
        "{most} people sustained, above the limit of {limit}; first over {at}",
    ),
    "cumulative": Words(
        "累计超员 {over} 秒（限员 {limit}）；首次超员 {at}",
        "over the limit of {limit} for {over} s in all; first {at}",
    ),
    "coverage": Words(
        "评定时段只有 {known} 的人数已知，不足以判定",
        "the headcount is known for only {known} of the judged part",
    ),
    "fragmented": Words("人数数据零碎，无法判定", "the headcount is known only in fragments"),
    "too_short": Words("评定时段过短", "the judged part is too short"),
    "maintenance": Words("检修班，不评定", "a maintenance shift: not judged"),
    "not_intelligent": Words("当时不是智能化工作面，不评定", "not an intelligent face then: not judged"),
}

NO_RECORD: Final = Words(
    "没有班次记录：采集中心当时未运行，不足以判定",
    "no record of the shift: the centre was down, so no verdict",
)


def shift_words(record: ShiftRecord, zone: tzinfo) -> Words:
    """What decided one shift."""
    said, first_us = SAID[record.reason], record.first_over_us
    figures = {
        "most": record.headcount_max,
        "limit": record.limit,
        "known": f"{record.coverage_judged or 0.0:.1%}",
        "over": f"{record.over_limit_us / SECOND_US:g}",
        "at": "" if first_us is None else time_text(first_us, zone)[:MINUTE_LENGTH].replace("T", " "),
    }
    return Words(said.zh.format_map(figures), said.en.format_map(figures))


def ground_words(of: FaceEvidence, figures: EvidenceFigures) -> Words:
    """What decided a face."""
    counts = of.tally
    match of.ground:
        case Ground.TOO_FEW if counts.shifts == 0:
            return Words("没有生产班记录", "no record of any production shift")
        case Ground.TOO_FEW:
            return Words(
                f"只有 {counts.shifts} 个可查生产班，少于 {figures.shifts_min} 个",
                f"{counts.shifts} production shifts to look at, fewer than {figures.shifts_min}",
            )
        case Ground.NO_VERDICTS:
            return Words(
                f"{counts.shifts} 个生产班均无法判定",
                f"no verdict in any of {counts.shifts} production shifts",
            )
        case Ground.EXCEEDED:
            share, most = counts.exceeded / counts.judged, figures.exceeded_share_max
            return Words(
                f"可判定的 {counts.judged} 个生产班中 {counts.exceeded} 个超员（{share:.1%}，允许 {most:.1%}）",
                f"{counts.exceeded} of {counts.judged} judged shifts exceeded ({share:.1%}, allowed {most:.1%})",
            )
        case Ground.UNKNOWN:
            share, most = counts.no_verdict / counts.shifts, figures.no_verdict_share_max
            return Words(
                f"{counts.shifts} 个生产班中 {counts.no_verdict} 个无法判定（{share:.1%}，允许 {most:.1%}）",
                f"no verdict in {counts.no_verdict} of {counts.shifts} shifts ({share:.1%}, allowed {most:.1%})",
            )
        case Ground.WITHIN:
            return Words(
                f"{counts.shifts} 个生产班中 {counts.within} 个达标",
                f"{counts.within} of {counts.shifts} production shifts within the limit",
            )
