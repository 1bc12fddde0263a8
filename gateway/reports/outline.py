"""The bulletin laid out as an official document: its sections, annexes and details, in order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gateway.reports import league_tables, list_tables, narrative, plan_tables
from gateway.reports.bulletin import Bulletin
from gateway.reports.document import Annex, Chart, Document, Section, Series, Sort, Table, printed
from gateway.reports.plan_tables import row_of, shown_year
from gateway.reports.settings import ReportSettings
from gateway.reports.words import KINDS
from rules.plan.table import PROVINCE, TABLE_KINDS, UNITS

NOTICE: Final = "演示数据　DEMONSTRATION DATA"
NUMERALS: Final = "一二三四五六七八九十"

Block = str | Table | Chart


def outlined(bulletin: Bulletin, settings: ReportSettings) -> Document:
    """Everything that the printed forms hold."""
    parts: tuple[tuple[str, Iterable[Block]], ...] = (
        ("总体进展", _progress(bulletin)),
        ("对照方案目标", _goals(bulletin)),
        ("进度滞后和风险", _lagging(bulletin)),
        ("采掘工作面生产班限员", _staffing(bulletin)),
        ("机房硐室和大型固定设备", _chambers(bulletin)),
        ("以奖代补", (*narrative.reward(bulletin), list_tables.rewards_table(bulletin))),
        ("考核和支持", _follows(bulletin)),
        ("验收与运行对照", _evidence(bulletin)),
        ("有关说明", narrative.notes(bulletin)),
    )
    return Document(
        title_lines=(f"关于{bulletin.period.title}全省煤矿", "智能化建设情况的通报"),
        notice=NOTICE if bulletin.demo else "",
        issuer=settings.issuer,
        number=settings.number,
        recipients=settings.recipients,
        as_of=bulletin.as_of,
        id=bulletin.id,
        sections=tuple(
            Section(f"{numeral}、{heading}", tuple(map(readable, blocks)))
            for numeral, (heading, blocks) in zip(NUMERALS, parts, strict=False)
        ),
        annexes=tuple(_annexes(bulletin)),
        details=tuple(_details(bulletin)),
    )


def readable(block: Block) -> Block:
    """A paragraph without characters that no form can hold; tables see to it cell by cell."""
    return printed(block, Sort.TEXT) if isinstance(block, str) else block


def _progress(bulletin: Bulletin) -> Iterator[Block]:
    yield from narrative.overview(bulletin)
    yield _counts_chart(bulletin)
    yield plan_tables.progress_table(bulletin)
    yield _rates_chart(bulletin)


def _goals(bulletin: Bulletin) -> Iterator[Block]:
    yield from narrative.goals(bulletin)
    yield plan_tables.targets_table(bulletin)


def _lagging(bulletin: Bulletin) -> Iterator[Block]:
    yield from narrative.lagging(bulletin)
    if bulletin.outlook.forecast:
        yield plan_tables.forecast_table(bulletin)


def _staffing(bulletin: Bulletin) -> Iterator[Block]:
    yield from narrative.staffing(bulletin)
    if bulletin.staffing is not None:
        yield league_tables.staffing_table(bulletin, of_mines=False)
        if any(line.share is not None for line in bulletin.staffing.mines):
            yield league_tables.staffing_table(bulletin, of_mines=True)


def _chambers(bulletin: Bulletin) -> Iterator[Block]:
    yield from narrative.chambers(bulletin)
    if bulletin.chambers is not None:
        yield league_tables.chamber_table(bulletin, of_mines=False)
        if any(line.share is not None for line in bulletin.chambers.mines):
            yield league_tables.chamber_table(bulletin, of_mines=True)


def _follows(bulletin: Bulletin) -> Iterator[Block]:
    yield from narrative.follows(bulletin)
    if bulletin.consequences.notices:
        yield list_tables.notices_table(bulletin)


def _evidence(bulletin: Bulletin) -> Iterator[Block]:
    yield from narrative.evidence(bulletin)
    if against := league_tables.contradicted(bulletin):
        yield league_tables.chamber_levels_table("硐室不符", "实际水平与申报不符的机房硐室", against)


def _annexes(bulletin: Bulletin) -> Iterator[Annex]:
    """Numbered; the plan's own table first, lists only where they have rows."""
    wanted = [
        ("计划表对照", (plan_tables.plan_table(bulletin),)),
        ("累计完成情况对照", (plan_tables.cumulative_table(bulletin),)),
        ("逾期未验收项目", (list_tables.overdue_table(bulletin),)),
        ("可能不能按期建成的项目", (list_tables.risk_table(bulletin),)),
        ("未按期完成建设计划的煤矿", (list_tables.missed_table(bulletin),)),
        ("必须智能化煤矿的缺口", (list_tables.lacking_table(bulletin),)),
        ("验收与运行对照", tuple(_doubtful(bulletin))),
    ]
    shown = [(title, tuple(table for table in tables if table.rows)) for title, tables in wanted]
    filled = [(title, tables) for title, tables in shown if tables]
    for number, (title, tables) in enumerate(filled, 1):
        yield Annex(number, title, tables)


def _doubtful(bulletin: Bulletin) -> Iterator[Table]:
    if bulletin.evidence is None:
        return
    lists = (
        ("验收存疑", "已验收但运行不达标或未证实的工作面", bulletin.evidence.accepted_in_doubt),
        ("达标未验收", "运行达标但未验收的工作面", bulletin.evidence.performing_unaccepted),
    )
    for name, caption, faces in lists:
        yield league_tables.evidence_table(bulletin, name, caption, faces)


def _details(bulletin: Bulletin) -> Iterator[Table]:
    yield plan_tables.progress_details(bulletin)
    yield list_tables.reward_details(bulletin)
    if bulletin.evidence is not None:
        yield league_tables.evidence_table(
            bulletin, "工作面明细", "全部工作面的运行情况", bulletin.evidence.faces
        )
    if bulletin.chamber_levels is not None:
        yield league_tables.chamber_levels_table(
            "硐室明细", "全部机房硐室的申报与实际水平", bulletin.chamber_levels
        )


def _counts_chart(bulletin: Bulletin) -> Chart:
    year = shown_year(bulletin)
    rows = [row_of(bulletin, PROVINCE, kind, year) for kind in TABLE_KINDS]
    return Chart(
        name="全省累计",
        caption=f"到{year}年底累计计划与截至目前累计建成、验收（全省，个/处）",
        sort=Sort.COUNT,
        categories=tuple(KINDS[kind] for kind in TABLE_KINDS),
        series=(
            Series("计划", tuple(row.planned_cumulative for row in rows)),
            Series("建成", tuple(row.completed_cumulative for row in rows)),
            Series("验收", tuple(row.accepted_cumulative for row in rows)),
        ),
    )


def _rates_chart(bulletin: Bulletin) -> Chart:
    year = shown_year(bulletin)
    return Chart(
        name="单位完成率",
        caption=f"各单位完成率（累计验收÷到{year}年底累计计划）",
        sort=Sort.SHARE,
        categories=UNITS,
        series=tuple(
            Series(KINDS[kind], tuple(row_of(bulletin, unit, kind, year).rate for unit in UNITS))
            for kind in TABLE_KINDS
        ),
    )
