"""The page of a mine: its faces and chambers now and over time, gas, key machines, alarms and links. Pure."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import face, looks
from dashboards.grafana.charts import Chart, chart
from dashboards.grafana.influxql import InfluxQuery, newest, windowed
from dashboards.grafana.listings import alarms, gaps, gateways
from dashboards.grafana.page import THIS_MINE, Page, mine, page_url
from dashboards.grafana.panels import PULSE_WINDOW, Words, figures, states, trend

UID: Final = "ninebelow-mine"
OF_SERIES: Final = "${__field.labels.area}"
KEY: Final = (
    (Chart("Pump", ("Flow",)), Chart("Main Fan", ("Airflow",)), Chart("Main Fan", ("Negative Pressure",))),
    (Chart("Belt", ("Coal Flow",)), Chart("Hoist", ("Speed",)), Chart("Compressor", ("Pressure",))),
)
"""The machines that a mine stands still without."""


def build() -> Dashboard:
    """The dashboard."""
    page = Page(
        UID,
        "煤矿 / Mine",
        "一个煤矿的人员、硐室、设备与链路 / Staffing, chambers, machines and links of one mine.",
        [mine()],
    )
    page.row(6, faces_now(), chambers_now())
    page.row(9, headcounts())
    page.row(8, face_states(), chamber_states())
    page.row(8, chart(Chart("Gas", ("Methane",), face.GAS_ALARM_PERCENT, "max"), THIS_MINE, "area"))
    for charts in KEY:
        page.row(7, *(chart(one, THIS_MINE, "area") for one in charts))
    page.row(9, alarms(THIS_MINE))
    page.row(7, gateways(THIS_MINE), gaps(THIS_MINE))
    return page.build()


def faces_now() -> Panel:
    """The state of every face."""
    words = Words(
        "工作面现状",
        "Faces now",
        "最近三分钟的评定；点开看该工作面。",
        "As judged within the last three minutes; a click opens the face.",
    )
    query = InfluxQuery(newest({"state_text": "state"}, "face_now", THIS_MINE, "area"), alias="$tag_area")
    return figures(
        words, [query], looks=looks.FACE_STATES, link=page_url(face.UID, mine="$mine", face=OF_SERIES)
    )


def chambers_now() -> Panel:
    """The state of every chamber."""
    words = Words(
        "硐室现状",
        "Chambers now",
        "最近三分钟的状态；点开看该硐室。",
        "Of the last three minutes; a click opens the chamber.",
    )
    query = InfluxQuery(newest({"state_text": "state"}, "chamber_now", THIS_MINE, "area"), alias="$tag_area")
    link = page_url("ninebelow-chamber", mine="$mine", chamber=OF_SERIES)
    return figures(words, [query], looks=looks.CHAMBER_STATES, link=link)


def headcounts() -> Panel:
    """All faces on one scale."""
    words = Words(
        "各工作面人数",
        "Headcount of every face",
        "每个窗口的最大值；断开处人数未知，不是零。虚线是限员。",
        "Largest of each window; at a break the headcount is unknown, not zero. Dashed: the limit.",
    )
    queries = [
        InfluxQuery(windowed("max", "headcount", "face_now", THIS_MINE, "area"), alias="$tag_area"),
        InfluxQuery(windowed("max", "limit", "face_now", THIS_MINE), "B", face.LIMIT),
    ]
    return trend(words, queries, face.PERSONS, window=PULSE_WINDOW, steps=True, dashed=[face.LIMIT])


def face_states() -> Panel:
    """One row a face."""
    words = Words(
        "工作面评定",
        "Faces over time",
        "每半分钟写入一次，空白处中心没有写入。",
        "Written every half minute; blank: the centre wrote nothing.",
    )
    query = InfluxQuery(windowed("last", "state_text", "face_now", THIS_MINE, "area"), alias="$tag_area")
    return states(words, [query], looks.FACE_STATES)


def chamber_states() -> Panel:
    """One row a chamber."""
    words = Words(
        "硐室状态",
        "Chambers over time",
        "每半分钟写入一次，空白处中心没有写入。",
        "Written every half minute; blank: the centre wrote nothing.",
    )
    query = InfluxQuery(windowed("last", "state_text", "chamber_now", THIS_MINE, "area"), alias="$tag_area")
    return states(words, [query], looks.CHAMBER_STATES)
