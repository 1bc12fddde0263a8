"""The page of the gateways: links, delivery, delay and clocks, and what is missing. Pure."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import looks
from dashboards.grafana.influxql import InfluxQuery, windowed
from dashboards.grafana.listings import gaps, gateways
from dashboards.grafana.page import Page, mines
from dashboards.grafana.panels import PULSE_WINDOW, Column, Scale, Words, listing, states, trend

UID: Final = "ninebelow-fleet"
CHOSEN: Final = '"mine" =~ /^$mine$/'
EACH: Final = "$tag_mine $tag_gateway"
SHARE: Final = Scale("percentunit", 1, low=0, high=1)
OFFSET_MARK: Final = Scale("ms", mark=5000)
"""A clock further off is worth a look."""
DELIVERED: Final = Words(
    "到齐率", "Delivered", "已入库批次占全部批次的比例。", "Stored batches of all batches."
)
LOST: Final = Words(
    "丢失的读数",
    "Readings lost",
    "网关自称放弃的读数，自其存储建立以来。",
    "Given up by the gateway, as it says, since its outbox began.",
)
LATENCY: Final = Words(
    "延迟",
    "Latency",
    "从读数到入库，平滑值，只计实时数据。",
    "From a reading to its storing, smoothed, live data only.",
)
OFFSET: Final = Words(
    "时钟偏差",
    "Clock offset",
    "网关时间与中心时间之差，含传输时间。",
    "The gateway's time against the centre's, with the way's length.",
)
AGE: Final = Words(
    "最近数据距今", "Age of the newest data", "多久没有收到数据。", "How long nothing has come."
)


def build() -> Dashboard:
    """The dashboard."""
    page = Page(
        UID, "网关 / Gateways", "各矿网关的链路与数据 / Links and data of the mines' gateways.", [mines()]
    )
    page.row(9, gateways(CHOSEN))
    page.row(7, online())
    page.row(8, figure("delivered", DELIVERED, SHARE), figure("readings_lost", LOST, Scale(low=0)))
    page.row(
        8, figure("latency_ms", LATENCY, Scale("ms", low=0)), figure("clock_offset_ms", OFFSET, OFFSET_MARK)
    )
    page.row(8, figure("data_age_s", AGE, Scale("s", mark=60, low=0)))
    page.row(8, gaps(CHOSEN), gaps_by_cause())
    page.row(7, changes())
    return page.build()


def online() -> Panel:
    """One row a gateway."""
    words = Words(
        "链路",
        "Links",
        "每个窗口的最小值：一次中断也看得见；空白处中心没有写入。",
        "Smallest of each window: one break is seen; blank: the centre wrote nothing.",
    )
    query = InfluxQuery(windowed("min", "online", "gateway_now", CHOSEN, "mine", "gateway"), alias=EACH)
    return states(words, [query], looks.ONLINE)


def figure(field: str, words: Words, scale: Scale) -> Panel:
    """One figure of every gateway."""
    function = "min" if field == "delivered" else "max"
    query = InfluxQuery(windowed(function, field, "gateway_now", CHOSEN, "mine", "gateway"), alias=EACH)
    return trend(words, [query], scale, window=PULSE_WINDOW)


def gaps_by_cause() -> Panel:
    """Where it breaks most."""
    words = Words(
        "缺口按原因", "Gaps by cause", "所选时间内开始的缺口。", "Gaps that began in the time shown."
    )
    query = InfluxQuery(
        f'SELECT count("points") AS "gaps", sum("readings") AS "readings" FROM "gap" WHERE {CHOSEN} AND $timeFilter'
        ' GROUP BY "mine", "gateway", "cause"',
        form="table",
    )
    columns = (
        Column("mine", "煤矿 mine"),
        Column("gateway", "网关 gateway"),
        Column("cause", "断在 cause", looks=looks.CAUSES),
        Column("gaps", "缺口 gaps"),
        Column("readings", "放弃的读数 readings given up", Scale(mark=1)),
    )
    return listing(words, [query], columns)


def changes() -> Panel:
    """When gateways came and went."""
    words = Words("上线与离线", "Coming and going", "每一次变化。", "Every change.")
    query = InfluxQuery(
        f'SELECT "mine", "gateway", "online" FROM "link" WHERE {CHOSEN} AND $timeFilter ORDER BY time DESC LIMIT 500',
        form="table",
    )
    columns = (
        Column("mine", "煤矿 mine"),
        Column("gateway", "网关 gateway"),
        Column("online", "链路 link", looks=looks.ONLINE),
    )
    return listing(words, [query], columns, time="时间 time")
