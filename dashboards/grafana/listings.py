"""Tables that several pages show: shift records, gaps, alarms, gateways, levels of chambers. Pure."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Panel

from dashboards.grafana import looks
from dashboards.grafana.influxql import InfluxQuery, newest, rows
from dashboards.grafana.page import page_url
from dashboards.grafana.panels import Column, Scale, Words, listing

PERSONS: Final = Scale("suffix: 人")
SECONDS: Final = Scale("s")
SHARE: Final = Scale("percentunit", 1)
MILLISECONDS: Final = Scale("ms")
AREA: Final = Column("area", "区域 area", width=110)
MINE: Final = Column("mine", "煤矿 mine", width=150)


def shift_records(where: str) -> Panel:
    """The newest revision of every shift."""
    columns = (
        AREA,
        Column("shift", "班次 shift", width=90),
        Column("kind", "类别 kind", looks=looks.SHIFT_KINDS),
        Column("verdict", "评定 verdict", looks=looks.VERDICTS),
        Column("reason", "原因 reason", looks=looks.REASONS),
        Column("most", "最多 most", PERSONS, looks.NOT_APPLICABLE),
        Column("limit", "限员 limit", PERSONS),
        Column("over", "超员时长 over", SECONDS),
        Column("statutory_over", "超法定时长 over statutory", SECONDS),
        Column("hazard", "重大隐患 major hazard", looks=looks.HAZARDS),
        Column("coverage", "数据完整率 coverage", SHARE, looks.NOT_APPLICABLE),
        Column("revision", "修订 revision"),
        Column("final", "定稿 final", looks=looks.FINAL),
    )
    fields = {
        "area": "area", "shift_text": "shift", "kind_text": "kind", "verdict_text": "verdict", "reason_text": "reason",
        "headcount_max": "most", "limit": "limit", "over_limit_s": "over", "statutory_over_s": "statutory_over",
        "major_hazard": "hazard", "coverage": "coverage", "revision": "revision", "final": "final",
    }  # fmt: skip
    words = Words(
        "班次记录",
        "Shift records",
        "按班次开始时间排列，只有最新的修订；补传的数据会修订记录。没有结论不等于未超员。",
        "By the shift's begin, the newest revision only; late data revises a record. No verdict is not within.",
    )
    return table(words, rows(fields, "shift_record", where), columns, time="班次开始 shift began")


def gaps(where: str) -> Panel:
    """The gap ledger."""
    columns = (
        Column("gateway", "网关 gateway"),
        AREA,
        Column("cause", "断在 cause", looks=looks.CAUSES),
        Column("outcome", "结果 outcome", looks=looks.OUTCOMES),
        Column("to", "至 to", Scale("dateTimeAsLocal"), looks.NOT_APPLICABLE),
        Column("points", "测点 points"),
        Column("readings", "放弃的读数 readings given up"),
    )
    fields = {
        "gateway": "gateway", "area": "area", "cause": "cause", "outcome_text": "outcome", "to_ms": "to",
        "points": "points", "readings": "readings",
    }  # fmt: skip
    words = Words(
        "数据缺口",
        "Gaps in the data",
        "缺口台账：从哪里断的，后来补齐还是丢失。没有行就是这段时间没有缺口。",
        "The gap ledger: where it broke, and whether it was filled or lost. No row: no gap in this time.",
    )
    return table(words, rows(fields, "gap", where), columns, time="自 from")


def alarms(where: str) -> Panel:
    """What became of alarms."""
    columns = (
        AREA,
        Column("priority", "级别 priority", looks=looks.PRIORITIES, width=110),
        Column("state", "状态 state", looks=looks.ALARM_STATES),
        Column("zh", "内容 what"),
        Column("en", "what"),
        Column("value", "值 value", Scale(decimals=2), looks.NOT_APPLICABLE),
        Column("limit", "限值 limit", Scale(decimals=2), looks.NOT_APPLICABLE),
        Column("who", "处理人 who"),
    )
    fields = {
        "area": "area", "priority": "priority", "state_text": "state", "zh_text": "zh", "en_text": "en",
        "value": "value", "limit": "limit", "who_text": "who",
    }  # fmt: skip
    words = Words(
        "报警记录",
        "Alarms",
        "每一次状态变化，最新的在前；确认和搁置在控制台进行。",
        "Every change of state, the newest first; they are acknowledged and shelved at the console.",
    )
    return table(words, rows(fields, "alarm", where), columns, time="时间 time")


def gateways(where: str) -> Panel:
    """What every gateway is now."""
    columns = (
        MINE,
        Column("gateway", "网关 gateway"),
        Column("online", "链路 link", looks=looks.ONLINE),
        Column("delivered", "到齐 delivered", SHARE),
        Column("lost", "丢失读数 readings lost", Scale(mark=1)),
        Column("age", "数据时间差 data age", Scale("s", 0, 60)),
        Column("latency", "延迟 latency", MILLISECONDS),
        Column("offset", "时钟偏差 clock offset", Scale("ms", 0, 5000)),
    )
    fields = {
        "online": "online", "delivered": "delivered", "readings_lost": "lost", "data_age_s": "age",
        "latency_ms": "latency", "clock_offset_ms": "offset",
    }  # fmt: skip
    words = Words(
        "网关现状",
        "Gateways now",
        "到齐：已入库的批次占全部批次的比例；时钟偏差含传输时间。",
        "Delivered: stored batches of all batches; the clock offset holds the way's length too.",
    )
    return table(words, newest(fields, "gateway_now", where, "mine", "gateway"), columns, now=True)


def levels(where: str) -> Panel:
    """Declared against observed."""
    columns = (
        MINE,
        Column(
            "area",
            "硐室 chamber",
            width=110,
            link=page_url("ninebelow-chamber", mine=OF_ROW, chamber=AREA_OF_ROW),
        ),
        Column("declared", "申报 declared", looks=looks.LEVELS),
        Column("observed", "实测 observed", looks=looks.LEVELS),
        Column("agrees", "是否相符 agrees", looks=looks.AGREES),
        Column("revision", "修订 revision"),
    )
    fields = {
        "declared_text": "declared",
        "level_text": "observed",
        "agrees": "agrees",
        "revision": "revision",
    }
    words = Words(
        "硐室水平：申报与实测",
        "Chambers: declared and observed",
        "最近一次按日记录的评定；天数不足即为无结论。",
        "The newest level over the recorded days; too few days give no verdict.",
    )
    return table(words, newest(fields, "chamber_level", where, "mine", "area"), columns)


OF_ROW: Final = "${__data.fields.mine}"
AREA_OF_ROW: Final = "${__data.fields.area}"


def table(
    words: Words, query: str, columns: tuple[Column, ...], *, now: bool = False, time: str = ""
) -> Panel:
    """A table of one query."""
    return listing(words, [InfluxQuery(query, form="table")], columns, now=now, time=time)
