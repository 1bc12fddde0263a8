"""The page of ninebelow itself: what the centre receives, stores, waits for and gives up. Pure.

The figures are those of the centre's `/metrics`, which it writes to the store every half minute; while the store
refuses there are none, and the page is blank.
"""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import looks
from dashboards.grafana.influxql import InfluxQuery
from dashboards.grafana.page import Page
from dashboards.grafana.panels import PULSE_WINDOW, Scale, Words, figures, states, trend

UID: Final = "ninebelow-centre"
Series = tuple[tuple[str, str], ...]
"""Fields of `centre_now`, and what they are called."""
RECEIVED: Final[Series] = (("messages_total", "报文 messages"),)
BYTES: Final[Series] = (("bytes_total", "字节 bytes"),)
STORED: Final[Series] = (
    ("values_written_total", "写入值 values written"),
    ("readings_stored_total", "新读数 readings stored"),
    ("readings_stored_again_total", "重复读数 stored again"),
)
TROUBLE: Final[Series] = (
    ("values_dropped_total", "放弃待重发 dropped, come again"),
    ("values_lost_total", "丢失 lost"),
    ("points_rejected_total", "数据库拒收 rejected"),
    ("historian_retries_total", "写库重试 retries"),
)
WAITING: Final[Series] = (("values_waiting", "待写入的值 values waiting"),)
LAG: Final[Series] = (("event_loop_lag_seconds", "事件循环延迟 event loop lag"),)
SCREENS: Final[Series] = (("screens", "大屏连接 screens"), ("alarms_open", "未关闭报警 alarms open"))
SENT: Final[Series] = (
    ("alarm_messages_sent", "已发送 sent"),
    ("alarm_messages_failed", "失败 failed"),
    ("alarm_messages_dropped", "放弃 dropped"),
    ("alarm_records_lost", "未入账 records lost"),
)
SESSION: Final[Series] = (
    ("session_events_total_NBIRTH", "网关上线 NBIRTH"),
    ("session_events_total_DBIRTH", "区域上线 DBIRTH"),
    ("session_events_total_DDATA", "数据 DDATA"),
)
REFS: Final = "ABCDEFGH"
FROM_ZERO: Final = Scale(low=0)


def build() -> Dashboard:
    """The dashboard."""
    page = Page(UID, "采集中心 / Centre", "井下九人自身 / ninebelow itself.", [], "now-6h")
    page.row(
        4,
        connected("broker_connected", "代理", "Broker"),
        connected("historian_available", "数据库", "Store"),
        *newest(),
    )
    page.row(
        8, rates("每秒报文", "Messages a second", RECEIVED), rates("每秒字节", "Bytes a second", BYTES, "Bps")
    )
    page.row(
        8, rates("每秒入库", "Stored a second", STORED), held("待写入", "Waiting for the store", WAITING)
    )
    page.row(
        8,
        totals("丢失、拒收与重试", "Lost, rejected, tried again", TROUBLE),
        held("事件循环延迟", "Event loop lag", LAG, Scale("s", 3, 0.1)),
    )
    page.row(8, held("大屏与报警", "Screens and alarms", SCREENS), totals("报警消息", "Alarm messages", SENT))
    page.row(8, rates("Sparkplug 报文", "Sparkplug messages", SESSION), servers())
    return page.build()


def connected(field: str, zh: str, en: str) -> Panel:
    """Is one of the centre's servers there?"""
    words = Words(
        f"{zh}连接", en, f"中心现在是否连着{zh}。", f"Whether the centre reaches its {en.lower()} now."
    )
    return figures(words, [InfluxQuery(last(field), alias=f"{zh} {en.lower()}")], looks=looks.CONNECTED)


def newest() -> list[Panel]:
    """Figures of now."""
    waiting = Words("待写入的值", "Values waiting", "等待数据库的值。", "Values that wait for the store.")
    alarms = Words("未关闭报警", "Alarms open", "所有煤矿。", "Of all mines.")
    lost = Words(
        "丢失的值", "Values lost", "自启动以来，不会再来的值。", "Since the start; they do not come again."
    )
    shown = (
        ("values_waiting", waiting, Scale()),
        ("alarms_open", alarms, Scale()),
        ("values_lost_total", lost, Scale(mark=1)),
    )
    return [
        figures(words, [InfluxQuery(last(field), alias=words.zh)], scale) for field, words, scale in shown
    ]


def last(field: str) -> str:
    """The newest value."""
    return f'SELECT last("{field}") AS "{field}" FROM "centre_now" WHERE $timeFilter'


def over_time(selected: str, name: str) -> str:
    """A column of the centre's figures."""
    return f'SELECT {selected} AS "{name}" FROM "centre_now" WHERE $timeFilter GROUP BY time($__interval) fill(null)'


def rates(zh: str, en: str, series: Series, unit: str = "short") -> Panel:
    """Counters by the second; a restart of the centre is no negative rate."""
    words = Words(
        zh,
        en,
        "计数器的增长率，中心重启处断开。",
        "How counters grow; the line breaks where the centre was restarted.",
    )
    queries = [
        InfluxQuery(over_time(f'non_negative_derivative(last("{field}"), 1s)', field), ref, name)
        for ref, (field, name) in zip(REFS, series, strict=False)
    ]
    return trend(words, queries, Scale(unit, 1, low=0), window=PULSE_WINDOW)


def totals(zh: str, en: str, series: Series) -> Panel:
    """Counters since the start: any that is not zero is worth a look."""
    words = Words(zh, en, "自中心启动以来的累计。", "Totals since the centre was started.")
    return trend(words, of(series), Scale(low=0), window=PULSE_WINDOW, steps=True)


def held(zh: str, en: str, series: Series, scale: Scale = FROM_ZERO) -> Panel:
    """Figures of the moment."""
    words = Words(zh, en, "每个窗口的最大值。", "Largest of each window.")
    return trend(words, of(series), scale, window=PULSE_WINDOW)


def of(series: Series) -> list[InfluxQuery]:
    """The largest of each window."""
    return [
        InfluxQuery(over_time(f'max("{field}")', field), ref, name)
        for ref, (field, name) in zip(REFS, series, strict=False)
    ]


def servers() -> Panel:
    """When the centre reached its servers."""
    words = Words(
        "代理与数据库",
        "Broker and store",
        "每个窗口的最小值；数据库不可用时没有数据写入，一片空白。",
        "Smallest of each window; while the store refuses nothing is written, and all is blank.",
    )
    shown = (("broker_connected", "代理 broker"), ("historian_available", "数据库 store"))
    queries = [
        InfluxQuery(over_time(f'min("{field}")', field), ref, name)
        for ref, (field, name) in zip(REFS, shown, strict=False)
    ]
    return states(words, queries, looks.CONNECTED)
