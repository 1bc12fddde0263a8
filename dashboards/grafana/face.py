"""The page of a face: who is there against the limit, what it is judged as, and what its machines do. Pure."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import looks
from dashboards.grafana.charts import Chart, chart, in_rows
from dashboards.grafana.influxql import InfluxQuery, newest, windowed
from dashboards.grafana.listings import gaps, shift_records
from dashboards.grafana.page import THIS_MINE, Page, face, mine
from dashboards.grafana.panels import PULSE_WINDOW, Scale, Words, figures, states, trend

UID: Final = "ninebelow-face"
COUNT: Final = "在面人数 headcount"
LIMIT: Final = "限员 limit"
HERE: Final = f"{THIS_MINE} AND \"area\" = '$face'"
GAPS_HERE: Final = f"{THIS_MINE} AND (\"area\" = '$face' OR \"area\" = '')"
"""A link's gap has no area: it concerns all of them."""
PERSONS: Final = Scale("suffix: 人", low=0, high=12)
GAS_ALARM_PERCENT: Final = 1.0
"""The general mark of methane; the alarm packs know each sensor's own."""
AIR: Final = (
    Chart("Environment", ("CO",), mark=24),
    Chart("Environment", ("Temperature",)),
    Chart("Environment", ("Air Speed",)),
)
MINING: Final = (
    Chart("Shearer", ("Position",)),
    Chart("Shearer", ("Haulage Speed",)),
    Chart("Shearer", ("Left Drum Current", "Right Drum Current")),
    Chart("Face Conveyor", ("Current",)),
    Chart("Stage Loader", ("Current",)),
    Chart("Crusher", ("Current",)),
    Chart("Support", ("Front Leg Pressure", "Rear Leg Pressure")),
    Chart("Emulsion Pump", ("Pressure",)),
    Chart("Spray Pump", ("Pressure",)),
)
DRIVING: Final = (
    Chart("Roadheader", ("Cutting Current",)),
    Chart("Roadheader", ("Oil Temperature",)),
    Chart("Roadheader", ("Advance",)),
    Chart("TBM", ("Power",)),
    Chart("TBM", ("Thrust",)),
    Chart("TBM", ("Torque",)),
    Chart("Local Fan", ("Airflow",)),
    Chart("Local Fan", ("Current",)),
    Chart("Belt", ("Current",)),
)


def build() -> Dashboard:
    """The dashboard."""
    page = Page(UID, "工作面 / Face", "一个采掘工作面 / One mining or driving face.", [mine(), face()])
    page.row(5, *now())
    page.row(9, headcount())
    page.row(5, judgement(), headcount_quality())
    page.row(9, shift_records(HERE))
    page.row(8, chart(Chart("Gas", ("Methane",), GAS_ALARM_PERCENT, "max"), HERE), headcount_readings())
    page.row(8, gaps(GAPS_HERE))
    page.section("环境 / Air", *in_rows(AIR, HERE))
    page.section("采煤面设备 / Machines of a mining face", *in_rows(MINING, HERE))
    page.section("掘进面设备 / Machines of a driving face", *in_rows(DRIVING, HERE))
    return page.build()


def now() -> list[Panel]:
    """State, headcount and limit."""
    state = Words(
        "现状",
        "State now",
        "最近三分钟的评定；没有写入即为无数据。",
        "As judged within the last three minutes.",
    )
    count = Words(
        "在面人数",
        "Headcount now",
        "按评定口径，豁免人员不计。",
        "As it is judged: exempt persons are not counted.",
    )
    limit = Words("限员", "Limit", "规划规定的每班人数上限。", "The plan's limit of a shift.")
    return [
        figures(
            state,
            [InfluxQuery(newest({"state_text": "state"}, "face_now", HERE, "area"), alias="$tag_area")],
            looks=looks.FACE_STATES,
        ),
        figures(
            count, [InfluxQuery(newest({"headcount": "n"}, "face_now", HERE, "area"), alias=COUNT)], PERSONS
        ),
        figures(limit, [InfluxQuery(newest({"limit": "n"}, "face_now", HERE, "area"), alias=LIMIT)], PERSONS),
    ]


def headcount() -> Panel:
    """The trend against the limit."""
    words = Words(
        "在面人数与限员",
        "Headcount and limit",
        "每个窗口的最大值；断开处人数未知，不是零。虚线是限员。",
        "Largest of each window; at a break the headcount is unknown, not zero. Dashed: the limit.",
    )
    queries = [
        InfluxQuery(windowed("max", "headcount", "face_now", HERE), alias=COUNT),
        InfluxQuery(windowed("max", "limit", "face_now", HERE), "B", LIMIT),
    ]
    return trend(words, queries, PERSONS, window=PULSE_WINDOW, steps=True, dashed=[LIMIT])


def judgement() -> Panel:
    """What the face was judged as."""
    words = Words(
        "评定",
        "Judgement",
        "每半分钟写入一次，空白处中心没有写入。",
        "Written every half minute; blank: the centre wrote nothing.",
    )
    query = InfluxQuery(windowed("last", "state_text", "face_now", HERE), alias="$face")
    return states(words, [query], looks.FACE_STATES)


def headcount_quality() -> Panel:
    """What was said of the headcount's quality, and by whom."""
    words = Words(
        "人数质量",
        "Quality of the headcount",
        "网关报告的质量，以及网关失联时中心所作的标记；每个标记持续到下一个。",
        "As the gateway says, and the centre's marks when it has lost the gateway; each holds until the next.",
    )
    queries = [
        InfluxQuery(quality("headcount_q"), alias="网关 gateway"),
        InfluxQuery(quality("headcount_host_q"), "B", "中心 centre"),
    ]
    return states(words, queries, looks.QUALITIES)


def headcount_readings() -> Panel:
    """Every reading."""
    words = Words(
        "人数原始读数",
        "Headcount as read",
        "逐条读数，坏值、过期值处断开。",
        "Every reading; the line breaks at bad and stale ones.",
    )
    query = f'SELECT "headcount", "headcount_q" FROM "personnel" WHERE {HERE} AND $timeFilter'
    return trend(words, [InfluxQuery(query, alias="$col")], PERSONS, steps=True, hidden=["headcount_q"])


def quality(field: str) -> str:
    """Marks of quality as they were written."""
    return f'SELECT "{field}" FROM "personnel" WHERE {HERE} AND $timeFilter'
