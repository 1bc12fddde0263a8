"""The page of the province: mine beside mine, the abnormal ones counted. Pure.

What the plan asks for, and projects, are not in the store: they are the console's.
"""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import looks, mine
from dashboards.grafana.influxql import InfluxQuery
from dashboards.grafana.listings import levels
from dashboards.grafana.page import Page, mines, page_url
from dashboards.grafana.panels import PULSE_WINDOW, Column, Scale, Words, bars, figures, listing, trend

UID: Final = "ninebelow-province"
CHOSEN: Final = '"mine" =~ /^$mine$/'
SHARE: Final = Scale("percentunit", 1)
OF_ROW: Final = "${__data.fields.mine}"


def build() -> Dashboard:
    """The dashboard."""
    page = Page(
        UID,
        "全省 / Province",
        "各煤矿的人员、硐室与数据 / Staffing, chambers and data of all mines.",
        [mines()],
        "now-24h",
    )
    page.row(
        4,
        count("有数据的工作面", "Faces with data", "现在人数已知的工作面。", "Faces whose headcount is known now.",
              f'SELECT sum("known") AS "n" FROM ({newest("face_now", "area", "known")})'),
        count("超员的工作面", "Faces over", "现在超员的工作面。", "Faces that are over now.",
              f'SELECT sum("over") AS "n" FROM ({newest("face_now", "area", "over")})', mark=1),
        count("无数据的工作面", "Faces without data", "现在人数未知的工作面。", "Faces whose headcount is unknown now.",
              f'SELECT {lack("known")} AS "n" FROM ({newest("face_now", "area", "known")})', mark=1),
        count("无数据的硐室", "Chambers without data", "现在状态未知的硐室。", "Chambers whose state is unknown now.",
              f'SELECT {lack("known")} AS "n" FROM ({newest("chamber_now", "area", "known")})', mark=1),
        count("离线的网关", "Gateways offline", "现在离线的网关。", "Gateways that are offline now.",
              f'SELECT {lack("online")} AS "n" FROM ({newest("gateway_now", "gateway", "online")})', mark=1),
    )  # fmt: skip
    page.row(10, by_mine())
    page.row(8, over_by_mine(), blind_by_mine())
    page.row(9, shifts_by_mine())
    page.row(9, levels(CHOSEN))
    page.row(8, delivered_by_mine())
    return page.build()


def newest(measurement: str, tag: str, *fields: str) -> str:
    """The newest values of every one of them, for counting."""
    chosen = ", ".join(f'last("{field}") AS "{field}"' for field in fields)
    return f'SELECT {chosen} FROM "{measurement}" WHERE {CHOSEN} AND $timeFilter GROUP BY "mine", "{tag}"'


def tallied(ref: str, counts: str, newest_of_each: str) -> InfluxQuery:
    """A row of counts a mine."""
    return InfluxQuery(f'SELECT {counts} FROM ({newest_of_each}) GROUP BY "mine"', ref, form="table")


def lack(field: str) -> str:
    """How many of them are not so."""
    return f'count("{field}") - sum("{field}")'


def count(zh: str, en: str, about_zh: str, about_en: str, query: str, *, mark: float | None = None) -> Panel:
    """One figure."""
    return figures(
        Words(zh, en, about_zh, about_en), [InfluxQuery(query, alias=f"{zh} {en.lower()}")], Scale(mark=mark)
    )


def by_mine() -> Panel:
    """A row a mine."""
    words = Words(
        "各矿现状",
        "Mines now",
        "最近三分钟；不在表中的煤矿没有任何数据。点开看该矿。",
        "Of the last three minutes; a mine that is not listed has no data at all. A click opens it.",
    )
    queries = [
        tallied(
            "A",
            f'count("known") AS "faces", sum("over") AS "over", {lack("known")} AS "blind"',
            newest("face_now", "area", "known", "over"),
        ),
        tallied(
            "B",
            f'count("known") AS "chambers", {lack("known")} AS "chambers_blind"',
            newest("chamber_now", "area", "known"),
        ),
        tallied(
            "C",
            f'count("online") AS "gateways", {lack("online")} AS "offline", min("delivered") AS "delivered"',
            newest("gateway_now", "gateway", "online", "delivered"),
        ),
    ]
    columns = (
        Column("mine", "煤矿 mine", link=page_url(mine.UID, mine=OF_ROW)),
        Column("faces", "工作面 faces"),
        Column("over", "超员 over", Scale(mark=1)),
        Column("blind", "无数据 no data", Scale(mark=1)),
        Column("chambers", "硐室 chambers"),
        Column("chambers_blind", "硐室无数据 chambers without data", Scale(mark=1)),
        Column("gateways", "网关 gateways"),
        Column("offline", "离线 offline", Scale(mark=1)),
        Column("delivered", "到齐 delivered", SHARE),
    )
    return listing(words, queries, columns, now=True)


def summed(of: str, field: str) -> str:
    """Over all areas of a mine, the largest of each window added up."""
    inner = (
        f'SELECT {of} AS "{field}" FROM "face_now" WHERE {CHOSEN} AND $timeFilter'
        ' GROUP BY time($__interval), "mine", "area"'
    )
    group = 'GROUP BY time($__interval), "mine" fill(null)'
    return f'SELECT sum("{field}") AS "n" FROM ({inner}) WHERE $timeFilter {group}'


def over_by_mine() -> Panel:
    """When faces were over."""
    words = Words(
        "超员工作面数",
        "Faces over",
        "按矿叠加；每个窗口内曾超员的工作面。",
        "By mine; faces that were over within a window.",
    )
    query = InfluxQuery(summed('max("over")', "over"), alias="$tag_mine")
    return bars(words, [query], Scale(), window=PULSE_WINDOW)


def blind_by_mine() -> Panel:
    """When nobody knew."""
    words = Words(
        "无数据工作面数",
        "Faces without data",
        "按矿叠加；每个窗口内人数曾未知的工作面。整段空白是中心没有写入。",
        "By mine; faces whose headcount was unknown within a window. All blank: the centre wrote nothing.",
    )
    query = InfluxQuery(summed('1 - min("known")', "blind"), alias="$tag_mine")
    return bars(words, [query], Scale(), window=PULSE_WINDOW)


def shifts_by_mine() -> Panel:
    """The recorded shifts of the time shown."""
    words = Words(
        "生产班记录",
        "Production shifts",
        "所选时间内已记录的生产班。无结论的班次既不算未超员，也不算超员。",
        "Those recorded in the time shown. A shift without a verdict is neither within nor exceeded.",
    )
    production = f"{CHOSEN} AND \"kind_text\" = 'production' AND $timeFilter"
    queries = [
        InfluxQuery(
            'SELECT count("coverage") AS "shifts", mean("coverage") AS "coverage", sum("over_limit_s") AS "over_s"'
            f' FROM "shift_record" WHERE {production} GROUP BY "mine"',
            "A",
            form="table",
        ),
        *(
            InfluxQuery(
                f'SELECT count("coverage") AS "{verdict}" FROM "shift_record"'
                f' WHERE {production} AND "verdict_text" = \'{verdict}\' GROUP BY "mine"',
                ref,
                form="table",
            )
            for ref, verdict in (("B", "exceeded"), ("C", "no_verdict"))
        ),
    ]
    columns = (
        Column("mine", "煤矿 mine", link=page_url(mine.UID, mine=OF_ROW)),
        Column("shifts", "班次 shifts"),
        Column("exceeded", f"{looks.VERDICTS['exceeded'][0]}", Scale(mark=1)),
        Column("no_verdict", f"{looks.VERDICTS['no_verdict'][0]}", Scale(mark=1)),
        Column("over_s", "超员时长 time over", Scale("s")),
        Column("coverage", "平均数据完整率 mean coverage", SHARE),
    )
    return listing(words, queries, columns)


def delivered_by_mine() -> Panel:
    """Completeness of the data."""
    words = Words(
        "数据到齐率",
        "Delivered",
        "各矿网关中最低的：已入库批次占全部批次的比例。",
        "Lowest of a mine's gateways: stored batches of all batches.",
    )
    query = InfluxQuery(
        f'SELECT min("delivered") AS "delivered" FROM "gateway_now" WHERE {CHOSEN} AND $timeFilter'
        ' GROUP BY time($__interval), "mine" fill(null)',
        alias="$tag_mine",
    )
    return trend(words, [query], Scale("percentunit", 1, low=0, high=1), window=PULSE_WINDOW)
