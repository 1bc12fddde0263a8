"""One shift of one face in words: each figure of its record with what it is held against, and what made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from ninebelow.offline.grid import percent, print_grid
from ninebelow.offline.staffing_tables import YES_NO, Lang, seconds, shown, verdict_words
from rules.explained import pieces
from rules.headcount import Presence, stays
from rules.parts import Parts
from rules.series import MINUTE_US, Stretches, micros
from rules.staffing import ShiftRecord, StaffingRule, judged_part
from rules.time_text import time_text

KINDS: Final[Mapping[Lang, Mapping[str, str]]] = {
    "zh": {"production": "生产班", "maintenance": "检修班"},
    "en": {"production": "production shift", "maintenance": "maintenance shift"},
}
SENTENCES: Final[Mapping[Lang, str]] = {
    "zh": """\
{face} {on} {shift}（{kind}，{starts} 至 {ends}）：{verdict}
评定时段 {judged_from} 至 {judged_to}：持续 {sustain} 秒以上的最大人数 {max}，限员 {limit}。
超过限员共 {over} 秒，首次 {first_over}；累计满 {over_total} 秒即为超员。
已知时间：评定时段 {covered_judged}，整班 {covered}；不足 {coverage_min} 不能判为达标，也不否定重大隐患。
交接班（首尾各 {handover} 分）的持续人数 {max_handover}，不按限员评定。
法定限员 {statutory}（整班，含交接班）：超过共 {statutory_over} 秒，首次 {statutory_first}。
重大隐患：{hazard}；整班持续人数 {max_whole}，达到 {statutory} 的 1.2 倍为是。
已知人数合计 {person_minutes} 人·分。""",
    "en": """\
{face} {on} {shift} ({kind}, {starts} to {ends}): {verdict}
Judged part {judged_from} to {judged_to}: the largest headcount for {sustain} s on end is {max}, the limit {limit}.
Above the limit for {over} s in all, first at {first_over}; {over_total} s in all are too long.
Known: {covered_judged} of the judged part, {covered} of the shift; below {coverage_min} it is never within.
Handover (the first and the last {handover} min) has {max_handover} for so long, not held against the limit.
The law allows {statutory}, handover included: above it for {statutory_over} s, first at {statutory_first}.
Major hazard: {hazard}; the whole shift has {max_whole} for so long, 1.2 times {statutory} or more is one.
The known headcount adds up to {person_minutes} person-minutes.""",
}
STRETCH_TITLE: Final = {"zh": "决定结论的各段时间", "en": "The stretches that decided it"}
STRETCH_HEADS: Final = {
    "zh": ("自", "至", "时段", "说明", "人数", "秒"),
    "en": ("from", "to", "part", "why", "headcount", "seconds"),
}
WORDS: Final[Mapping[Lang, Mapping[str, str]]] = {
    "zh": {
        "handover": "交接班", "judged": "评定时段", "unknown": "未知", "over_limit": "超过限员",
        "over_statutory": "超过法定限员", "sustained_run": "持续人数的依据",
    },
    "en": {
        "handover": "handover", "judged": "judged part", "unknown": "unknown", "over_limit": "over the limit",
        "over_statutory": "over the statutory limit", "sustained_run": "made the sustained headcount",
    },
}  # fmt: skip
PERSONS: Final = {
    "zh": "进面人员 {persons}：评定时段内非免计满 {dwell} 分、或共满 {exempt_dwell} 分的人员卡。",
    "en": "{persons} persons: cards in the judged part for {dwell} min not exempt, or {exempt_dwell} min in all.",
}
PERSON_TITLE: Final = {"zh": "评定时段在面的人员卡", "en": "Cards in the judged part"}
PERSON_HEADS: Final = {
    "zh": ("卡", "计入", "在面秒", "其中非免计秒"),
    "en": ("card", "counted", "present, s", "not exempt, s"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A record and what it was judged by."""

    record: ShiftRecord
    rule: StaffingRule
    headcount: Stretches
    cards: Presence | None
    card_names: Sequence[str]
    """By the numbers of the cards."""


def print_explanation(case: Case, zone: tzinfo, lang: Lang) -> None:
    """The figures in words, the stretches behind them, and the persons where there are cards."""
    print(SENTENCES[lang].format_map(figures(case, zone, lang)))
    lines = [
        (
            time_text(piece.from_us, zone),
            time_text(piece.to_us, zone),
            WORDS[lang][piece.part],
            WORDS[lang][piece.why],
            "?" if piece.headcount is None else str(piece.headcount),
            seconds(piece.to_us - piece.from_us),
        )
        for piece in pieces(case.record, case.headcount, case.rule)
    ]
    print_grid(STRETCH_TITLE[lang], STRETCH_HEADS[lang], lines, text_columns=4)
    if case.cards is not None:
        dwell, exempt_dwell = f"{case.rule.dwell_min:g}", f"{case.rule.exempt_dwell_min:g}"
        persons = case.record.distinct_persons
        print(PERSONS[lang].format(persons=persons, dwell=dwell, exempt_dwell=exempt_dwell))
        print_grid(PERSON_TITLE[lang], PERSON_HEADS[lang], persons_of(case, case.cards, lang), text_columns=2)


def figures(case: Case, zone: tzinfo, lang: Lang) -> dict[str, object]:
    """Every figure of the record, and what it is held against."""
    record, rule, shift = case.record, case.rule, case.record.shift
    judged_from, judged_to = (time_text(at_us, zone) for at_us in judged_part(shift, rule))
    whole = (shift.starts_us, shift.ends_us)
    (max_whole,) = Parts.of(case.headcount, [whole]).sustained(rule.sustain_us)
    return {
        "face": shift.face,
        "on": shift.shift_on,
        "shift": shift.name,
        "kind": KINDS[lang][shift.kind],
        "starts": time_text(shift.starts_us, zone),
        "ends": time_text(shift.ends_us, zone),
        "verdict": verdict_words(record, lang),
        "judged_from": judged_from,
        "judged_to": judged_to,
        "sustain": f"{rule.sustain_s:g}",
        "max": shown(record.headcount_max),
        "limit": record.limit,
        "over": seconds(record.over_limit_us),
        "first_over": time_or_dash(record.first_over_us, zone),
        "over_total": f"{rule.over_total_s:g}",
        "covered_judged": percent(record.coverage_judged),
        "covered": percent(record.coverage),
        "coverage_min": percent(rule.coverage_min),
        "handover": f"{rule.handover_min:g}",
        "max_handover": shown(record.headcount_max_handover),
        "statutory": record.statutory_limit,
        "statutory_over": seconds(record.statutory_over_us),
        "statutory_first": time_or_dash(record.statutory_first_over_us, zone),
        "hazard": YES_NO[lang][record.major_hazard],
        "max_whole": shown(max_whole),
        "person_minutes": f"{record.person_us / MINUTE_US:.10g}",
    }


def time_or_dash(at_us: int | None, zone: tzinfo) -> str:
    """An instant, a dash where there was none."""
    return "–" if at_us is None else time_text(at_us, zone)


def persons_of(case: Case, cards: Presence, lang: Lang) -> list[tuple[str, ...]]:
    """Every card that was there in the judged part, by name."""
    rule = case.rule
    there = stays(cards, *judged_part(case.record.shift, rule))
    counted = there.are_counted(dwell_us=micros(60 * rule.dwell_min), exempt_dwell_us=rule.exempt_dwell_us)
    return sorted(
        (case.card_names[card], YES_NO[lang][bool(counted[card])], seconds(in_all), seconds(not_exempt))
        for card, (in_all, not_exempt) in enumerate(
            zip(there.in_all_us.tolist(), there.not_exempt_us.tolist(), strict=True)
        )
        if in_all
    )
