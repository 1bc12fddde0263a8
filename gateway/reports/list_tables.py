"""Projects, money and consequences of a bulletin as tables. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from gateway.reports.bulletin import Bulletin
from gateway.reports.document import UNKNOWN, Cell, Column, Sort, Table, Tone, Total, listed
from gateway.reports.words import KINDS, PAID_BY, REWARDS
from rules.plan.reward import RATES, RewardStatus
from rules.plan.table import PAYERS, TOTAL, UNITS

PROJECT: Final = Column(("项目",), Sort.TEXT, 62)
UNIT: Final = Column(("单位",), Sort.TEXT, 33)
MINE: Final = Column(("煤矿",), Sort.TEXT, 24)
KIND: Final = Column(("类别",), Sort.TEXT, 30)
PLANNED: Final = Column(("计划年度",), Sort.YEAR, 16)
WAN: Final = "单位：万元"
NOTHING: Final = Decimal("0.0000")


def overdue_table(bulletin: Bulletin) -> Table:
    """Projects whose year is over, the longest first."""
    order = sorted(bulletin.overdue, key=lambda each: -each.days)
    return Table(
        name="逾期项目",
        caption="逾期未验收项目",
        columns=(
            PROJECT,
            UNIT,
            MINE,
            KIND,
            PLANNED,
            *(Column((head,), Sort.DAY, 22) for head in ("开工", "建成")),
            Column(("逾期天数",), Sort.COUNT, 16),
        ),
        rows=tuple(
            (
                Cell(each.project),
                Cell(each.enterprise),
                Cell(each.mine),
                Cell(KINDS[each.kind]),
                Cell(each.planned_year),
                Cell(each.started_on),
                Cell(each.completed_on),
                Cell(each.days, Tone.LAGGING),
            )
            for each in order
        ),
    )


def risk_table(bulletin: Bulletin) -> Table:
    """Projects that would miss their year, the first to fall due first, then the latest."""
    order = sorted(
        bulletin.outlook.at_risk, key=lambda each: (each.planned_year, -each.expected_on.toordinal())
    )
    return Table(
        name="风险项目",
        caption="可能不能按期建成的项目",
        columns=(
            PROJECT,
            UNIT,
            MINE,
            KIND,
            PLANNED,
            Column(("开工",), Sort.DAY, 22),
            Column(("预计建成",), Sort.DAY, 22),
        ),
        rows=tuple(
            (
                Cell(each.project),
                Cell(each.enterprise),
                Cell(each.mine),
                Cell(KINDS[each.kind]),
                Cell(each.planned_year),
                Cell(each.started_on if each.started_on is not None else "未开工"),
                Cell(each.expected_on, Tone.LAGGING),
            )
            for each in order
        ),
    )


def missed_table(bulletin: Bulletin) -> Table:
    """Mines that missed the plan of a year, and by what."""
    return Table(
        name="未按期煤矿",
        caption="未按期完成建设计划的煤矿",
        columns=(
            Column(("年度",), Sort.YEAR, 14),
            MINE,
            UNIT,
            Column(("项目数",), Sort.COUNT, 16),
            Column(("未按期建成的项目",), Sort.TEXT, 138),
        ),
        rows=tuple(
            (
                Cell(each.year),
                Cell(each.mine),
                Cell(each.enterprise),
                Cell(len(each.projects)),
                Cell(listed(each.projects)),
            )
            for each in bulletin.consequences.missed_plan
        ),
    )


def notices_table(bulletin: Bulletin) -> Table:
    """Units to be notified."""
    return Table(
        name="通报单位",
        caption="进度滞后单位",
        columns=(
            UNIT,
            Column(("年度",), Sort.YEAR, 16),
            *(Column((head,), Sort.COUNT, 26) for head in ("缺口", "逾期未验收", "未按期建成")),
        ),
        rows=tuple(
            (
                Cell(each.enterprise),
                Cell(each.year),
                *(
                    Cell(n, Tone.LAGGING if n else Tone.PLAIN)
                    for n in (each.shortfall, len(each.overdue), len(each.missed))
                ),
            )
            for each in bulletin.consequences.notices
        ),
    )


def lacking_table(bulletin: Bulletin) -> Table:
    """Faces of the mandatory classes that are not accepted as intelligent."""
    names = {
        "mandatory_rock_burst": "冲击地压",
        "mandatory_deep_outburst": "超千米突出",
        "mandatory_new": "新建",
        "mandatory_expanded": "改扩建",
    }
    return Table(
        name="强制类缺口",
        caption="必须实现采掘智能化的煤矿中未验收的工作面",
        columns=(
            Column(("煤矿类别",), Sort.TEXT, 26),
            MINE,
            UNIT,
            Column(("工作面",), Sort.TEXT, 50),
            Column(("建设项目",), Sort.TEXT, 62),
            Column(("已建成",), Sort.TEXT, 16),
        ),
        rows=tuple(
            (
                Cell(names[each.id]),
                Cell(face.mine),
                Cell(face.enterprise),
                Cell(face.title),
                Cell(face.project),
                Cell("是" if face.completed else "否"),
            )
            for each in (bulletin.goals.mandatory if bulletin.goals else ())
            for face in each.lacking
        ),
    )


def rewards_table(bulletin: Bulletin) -> Table:
    """What each unit has earned by year, what was paid, what is left."""
    payers = {**PAYERS, **{each.enterprise: each.payer for each in bulletin.rewards.projects}}
    units = list(dict.fromkeys((*UNITS, *payers)))
    amounts = [_amounts(bulletin, unit) for unit in units]
    total = [
        None if None in column else sum(filter(None, column), NOTHING)
        for column in zip(*amounts, strict=True)
    ]
    names = [payers.get(unit) for unit in units]
    return Table(
        name="奖补汇总",
        caption="应奖补、已拨付和余额",
        columns=(
            UNIT._replace(width_mm=28),
            Column(("资金来源",), Sort.TEXT, 14),
            *(Column(("应奖补", f"{year}年"), Sort.AMOUNT, 19) for year in RATES),
            Column(("应奖补", "合计"), Sort.AMOUNT, 19),
            Column(("已拨付",), Sort.AMOUNT, 19),
            Column(("余额",), Sort.AMOUNT, 19),
        ),
        rows=tuple(
            (Cell(unit), Cell(name), *(UNKNOWN if amount is None else Cell(amount) for amount in of_unit))
            for unit, name, of_unit in (
                *(
                    (unit, PAID_BY[payer] if payer else "未定", of)
                    for unit, payer, of in zip(units, names, amounts, strict=True)
                ),
                (TOTAL, "", total),
            )
        ),
        unit=WAN,
        totals=(Total(len(units), tuple(range(len(units)))),),
    )


def _amounts(bulletin: Bulletin, unit: str) -> list[Decimal | None]:
    """Rewards by year and in all, what was paid toward them and what is left; `None` is unknown."""
    by_year = [
        sum(
            (
                each.reward_wan
                for each in bulletin.rewards.sums
                if (each.enterprise, each.year) == (unit, year)
            ),
            NOTHING,
        )
        for year in RATES
    ]
    if bulletin.balances is None:
        return [*by_year, sum(by_year, NOTHING), None, None]
    of_unit = [each for each in bulletin.balances.units if each.enterprise == unit]
    paid, left = (
        sum(column, NOTHING)
        for column in ([each.paid_wan for each in of_unit], [each.balance_wan for each in of_unit])
    )
    return [*by_year, sum(by_year, NOTHING), paid, left]


def reward_details(bulletin: Bulletin) -> Table:
    """Every project as `ninebelow plan reward` gives it, and what was paid for it."""
    paid = {each.project: each for each in bulletin.balances.projects} if bulletin.balances else None
    heads = ("比例", "上限", "投入", "奖补", "按上限", "不计上限", "已预拨", "已兑现", "余额")
    rows = []
    for each in bulletin.rewards.projects:
        of = paid.get(each.project) if paid is not None else None
        payments: tuple[Cell, ...] = (UNKNOWN,) * 3
        if paid is not None:
            payments = (
                Cell(of.advance_wan if of else NOTHING),
                Cell(of.acceptance_wan if of else NOTHING),
                Cell(of.balance_wan if of else None),
            )
        rows.append(
            (
                Cell(each.project),
                Cell(each.enterprise),
                Cell(each.mine),
                Cell(KINDS[each.kind]),
                Cell(each.year),
                Cell(
                    REWARDS[each.status],
                    Tone.UNKNOWN if each.status is RewardStatus.AMBIGUOUS else Tone.PLAIN,
                ),
                Cell(None if each.rate is None else float(each.rate)),
                *map(
                    Cell,
                    (each.cap_wan, each.investment_wan, each.reward_wan, each.capped_wan, each.uncapped_wan),
                ),
                *payments,
            )
        )
    return Table(
        name="奖补明细",
        caption="项目奖补明细",
        columns=(
            PROJECT,
            UNIT,
            MINE,
            KIND,
            Column(("建成年度",), Sort.YEAR, 14),
            Column(("状态",), Sort.TEXT, 26),
            *(Column((head,), Sort.SHARE if head == "比例" else Sort.AMOUNT, 20) for head in heads),
        ),
        rows=tuple(rows),
        unit=WAN,
    )
