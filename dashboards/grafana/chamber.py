"""The page of a chamber: who is in it, how it is controlled, what it counts as, and what its machines do. Pure."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import looks
from dashboards.grafana.charts import Chart, in_rows
from dashboards.grafana.influxql import InfluxQuery, newest, windowed
from dashboards.grafana.listings import AREA, gaps, levels, table
from dashboards.grafana.page import THIS_MINE, Page, chamber, mine
from dashboards.grafana.panels import Column, Scale, Words, bars, figures, states, trend

UID: Final = "ninebelow-chamber"
HERE: Final = f"{THIS_MINE} AND \"area\" = '$chamber'"
GAPS_HERE: Final = f"{THIS_MINE} AND (\"area\" = '$chamber' OR \"area\" = '')"
"""A link's gap has no area: it concerns all of them."""
SIGNALS: Final = (
    ("video", "online", "视频在线 video"),
    ("protection", "healthy", "保护正常 protection"),
    ("link_signal", "healthy", "通信正常 link"),
    ("control", "running", "设备运行 running"),
    ("door", "closed", "门关闭 door closed"),
    ("robot", "present", "机器人在位 robot"),
)
"""Measurement, field and words of what the judgement reads beside the headcount and the mode."""
DAY_STATES: Final = (
    "unattended",
    "patrol",
    "central_control",
    "attended",
    "unprotected",
    "local_control",
    "unknown",
)
WATER: Final = (
    Chart("Pump", ("Flow",)),
    Chart("Pump", ("Current",)),
    Chart("Pump", ("Outlet Pressure",)),
    Chart("Pump", ("Bearing Temperature",)),
    Chart("Sump", ("Level",)),
)
AIR: Final = (
    Chart("Main Fan", ("Airflow",)),
    Chart("Main Fan", ("Negative Pressure",)),
    Chart("Main Fan", ("Power",)),
    Chart("Main Fan", ("Vibration",)),
    Chart("Main Fan", ("Bearing Temperature",)),
    Chart("Compressor", ("Pressure",)),
    Chart("Compressor", ("Exhaust Temperature",)),
    Chart("Receiver", ("Pressure",)),
)
TRANSPORT: Final = (
    Chart("Belt", ("Coal Flow",)),
    Chart("Belt", ("Current",)),
    Chart("Belt", ("Drum Temperature",)),
    Chart("Hoist", ("Speed",)),
    Chart("Hoist", ("Load",)),
    Chart("Hoist", ("Brake Pressure",)),
    Chart("Bunker", ("Coal Level",)),
)
POWER_AND_GAS: Final = (
    Chart("Feeder", ("Power",)),
    Chart("Feeder", ("Voltage",)),
    Chart("Feeder", ("Current A", "Current B", "Current C")),
    Chart("Gas Drainage", ("Current",)),
    Chart("Drainage Pipe", ("Methane",)),
    Chart("Drainage Pipe", ("Mixed Flow", "Pure Flow")),
)


def build() -> Dashboard:
    """The dashboard."""
    page = Page(
        UID, "机房硐室 / Chamber", "一个机房硐室 / One machine chamber.", [mine(), chamber()], span="now-24h"
    )
    page.row(5, state_now(), declared_now(), mode_now())
    page.row(5, course())
    page.row(7, occupancy(), signals())
    page.row(7, mode(), signal_quality())
    page.row(8, days(), seconds_of_days())
    page.row(5, levels(HERE))
    page.row(7, gaps(GAPS_HERE))
    page.section("排水 / Drainage", *in_rows(WATER, HERE))
    page.section("通风、压风 / Fans and compressors", *in_rows(AIR, HERE))
    page.section("运输、提升 / Belts and hoist", *in_rows(TRANSPORT, HERE))
    page.section("供电、抽采 / Power and gas drainage", *in_rows(POWER_AND_GAS, HERE))
    return page.build()


def state_now() -> Panel:
    """What it is."""
    words = Words(
        "现状",
        "State now",
        "最近三分钟的状态；没有写入即为无数据。",
        "Of the last three minutes; nothing written is no data.",
    )
    query = InfluxQuery(newest({"state_text": "state"}, "chamber_now", HERE, "area"), alias="$tag_area")
    return figures(words, [query], looks=looks.CHAMBER_STATES)


def declared_now() -> Panel:
    """What the enterprise has filed."""
    words = Words("申报水平", "Declared", "企业申报的水平。", "The level in the enterprise's filing.")
    query = InfluxQuery(newest({"declared_text": "declared"}, "chamber_now", HERE), alias="申报 declared")
    return figures(words, [query], looks=looks.LEVELS)


def mode_now() -> Panel:
    """How it is controlled."""
    words = Words("控制方式", "Control mode", "最近三分钟的读数。", "As read within the last three minutes.")
    query = InfluxQuery(newest({"mode_text": "mode"}, "control", HERE), alias="控制 control")
    return figures(words, [query], looks=looks.MODES)


def course() -> Panel:
    """What it was."""
    words = Words(
        "状态",
        "State",
        "每半分钟写入一次，空白处中心没有写入。",
        "Written every half minute; blank: the centre wrote nothing.",
    )
    query = InfluxQuery(windowed("last", "state_text", "chamber_now", HERE), alias="$chamber")
    return states(words, [query], looks.CHAMBER_STATES)


def occupancy() -> Panel:
    """How many people were in it."""
    words = Words(
        "硐室内人数",
        "People in the chamber",
        "逐条读数；坏值、过期值处断开。",
        "Every reading; the line breaks at bad and stale ones.",
    )
    query = f'SELECT "headcount", "headcount_q" FROM "personnel" WHERE {HERE} AND $timeFilter'
    scale = Scale("suffix: 人", low=0, high=4)
    return trend(words, [InfluxQuery(query, alias="$col")], scale, steps=True, hidden=["headcount_q"])


def mode() -> Panel:
    """How it was controlled."""
    words = Words(
        "控制方式变化", "Control mode over time", "每个窗口最后一次读数。", "The last reading of each window."
    )
    query = InfluxQuery(windowed("last", "mode_text", "control", HERE), alias="控制 control")
    return states(words, [query], looks.MODES, window="2m")


def signals() -> Panel:
    """What else it is judged by."""
    words = Words(
        "判定信号",
        "Signals that it is judged by",
        "每个窗口的最小值：一次中断也看得见。各类硐室所需的信号不同。",
        "Smallest of each window: one failure is seen. Kinds of chambers need different signals.",
    )
    queries = [
        InfluxQuery(windowed("min", field, measurement, HERE), ref, name)
        for ref, (measurement, field, name) in zip("ABCDEF", SIGNALS, strict=True)
    ]
    return states(words, queries, looks.SIGNALS, window="2m")


def signal_quality() -> Panel:
    """Marks of quality as they were written."""
    words = Words(
        "信号质量",
        "Quality of the signals",
        "网关报告的质量；每个标记持续到下一个。空行是从未报告过异常。",
        "As the gateway says; each mark holds until the next. No row: nothing was ever said.",
    )
    marked = (("personnel", "headcount", "人数 headcount"), ("control", "mode", "控制 mode"), *SIGNALS)
    queries = [
        InfluxQuery(
            f'SELECT "{field}_q" FROM "{measurement}" WHERE {HERE} AND $timeFilter',
            ref,
            name,
        )
        for ref, (measurement, field, name) in zip("ABCDEFGH", marked, strict=True)
    ]
    return states(words, queries, looks.QUALITIES)


def days() -> Panel:
    """The recorded days."""
    columns = (
        AREA,
        Column("patrols", "巡检次数 patrols"),
        Column("longest", "最长停留 longest stay", Scale("s")),
        Column("gap", "最长巡检间隔 longest gap between visits", Scale("s"), looks.NOT_APPLICABLE),
        Column("posted", "值守时长 posted", Scale("s")),
        Column("unguarded", "失管时长 unguarded", Scale("s")),
        Column("revision", "修订 revision"),
    )
    fields = {
        "area": "area", "patrols": "patrols", "longest_presence_s": "longest", "longest_visit_gap_s": "gap",
        "posted_s": "posted", "unguarded_s": "unguarded", "revision": "revision",
    }  # fmt: skip
    selected = ", ".join(f'"{field}" AS "{name}"' for field, name in fields.items())
    words = Words(
        "日记录",
        "Days",
        "最近 31 天，每天结束时记录，补传的数据会修订。",
        "Of the last 31 days, recorded at the day's end and revised by late data.",
    )
    query = f'SELECT {selected} FROM "chamber_day" WHERE {HERE} AND $timeFilter ORDER BY time DESC'
    panel = table(words, query, columns, time="日期 day")
    panel.time_from = "31d"
    return panel


def seconds_of_days() -> Panel:
    """How long it was what on each day."""
    words = Words(
        "每日各状态时长",
        "Time in each state by day",
        "最近 31 天；黄色是没有数据的时间，不算作无人值守。",
        "Of the last 31 days; time without data counts for nothing.",
    )
    selected = ", ".join(f'"{state}_s" AS "{looks.CHAMBER_STATES[state][0]}"' for state in DAY_STATES)
    query = f'SELECT {selected} FROM "chamber_day" WHERE {HERE} AND $timeFilter'
    colors = dict(looks.CHAMBER_STATES.values())
    panel = bars(words, [InfluxQuery(query, alias="$col")], Scale("s"), window="1d", colors=colors)
    panel.time_from = "31d"
    return panel
