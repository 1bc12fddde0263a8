"""The plan's tables of a bulletin: actual beside planned as in the plan's annex, progress, targets, forecast. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from gateway.reports.bulletin import Bulletin
from gateway.reports.document import UNKNOWN, Cell, Column, Ratio, Sort, Table, Tone, Total
from gateway.reports.words import KINDS, MEASURES, STATUSES, goal_name
from rules.plan.progress import ProgressRow
from rules.plan.table import PROVINCE, TABLE_KINDS, TOTAL, UNITS, YEARS, Kind
from rules.plan.targets import Goal, GoalStatus

UNIT_OF_PLAN: Final = "单位：个（处）"
WHOLE_PLAN: Final = "3年总计"
UNIT_COLUMN: Final = Column(("单位",), Sort.TEXT, 30)
KIND_COLUMN: Final = Column(("类别",), Sort.TEXT, 24)

Figure = Callable[[ProgressRow], Cell]


def shown_year(bulletin: Bulletin) -> int:
    """The year of the plan that a bulletin speaks of: its own, as far as the plan has it."""
    return min(max(bulletin.as_of.year, YEARS[0]), YEARS[-1])


def row_of(bulletin: Bulletin, unit: str, kind: Kind, year: int) -> ProgressRow:
    """One row of the progress."""
    rows = (*bulletin.progress.rows, *bulletin.progress.totals)
    return next(row for row in rows if (row.enterprise, row.kind, row.year) == (unit, kind, year))


def units_of(bulletin: Bulletin) -> list[str]:
    """The six, those off the table, 合计, and 全省 where it is something else."""
    units = list(dict.fromkeys(row.enterprise for row in bulletin.progress.rows))
    off_table = [unit for unit in units if unit not in UNITS]
    return [*UNITS, TOTAL, *off_table, PROVINCE] if off_table else [*UNITS, TOTAL]


def totals_of(units: Sequence[str], lines: int) -> tuple[Total, ...]:
    """Where 合计 (the six) and 全省 (all units) stand, with so many lines for each unit."""
    counted = {TOTAL: list(UNITS), PROVINCE: [unit for unit in units if unit not in {TOTAL, PROVINCE}]}
    return tuple(
        Total(lines * units.index(total) + line, tuple(lines * units.index(unit) + line for unit in of))
        for total, of in counted.items()
        if total in units
        for line in range(lines)
    )


def plan_table(bulletin: Bulletin) -> Table:
    """The annex's own table: what was to be new in each year, and what was accepted in it."""
    yearly: tuple[tuple[str, Figure], ...] = (
        ("计划", lambda row: Cell(row.planned)),
        ("验收", lambda row: _lagging(row, row.accepted, row.planned)),
    )
    whole: tuple[tuple[str, Figure], ...] = (
        ("计划", lambda row: Cell(row.planned_cumulative)),
        ("验收", lambda row: _lagging(row, row.accepted_cumulative, row.planned_cumulative)),
    )
    groups = [(f"{year}年", year, yearly) for year in YEARS] + [(WHOLE_PLAN, YEARS[-1], whole)]
    return _in_the_annex_layout(
        bulletin,
        "计划表对照",
        "2021—2023年全省煤矿智能化建设项目计划表与验收对照表",
        groups,
        widths_mm=(9, 10, 8.5),
    )


def cumulative_table(bulletin: Bulletin) -> Table:
    """The same layout with cumulative figures, completed ones beside them."""
    figures: tuple[tuple[str, Figure], ...] = (
        ("计划", lambda row: Cell(row.planned_cumulative)),
        ("建成", lambda row: Cell(row.completed_cumulative)),
        ("验收", lambda row: _lagging(row, row.accepted_cumulative, row.planned_cumulative)),
    )
    groups = [(f"到{year}年底累计", year, figures) for year in YEARS]
    return _in_the_annex_layout(
        bulletin, "累计对照", "全省煤矿智能化建设项目累计完成情况对照表", groups, widths_mm=(7.8, 9.8, 7.8)
    )


def progress_table(bulletin: Bulletin) -> Table:
    """Where each unit stands by the year of the bulletin, and what the period brought."""
    year = shown_year(bulletin)
    columns = (
        UNIT_COLUMN,
        KIND_COLUMN,
        *(Column(("本期新增", head), Sort.COUNT, 10) for head in ("建成", "验收")),
        *(Column((f"到{year}年底累计", head), Sort.COUNT, 11) for head in ("计划", "建成", "验收")),
        Column(("完成率",), Sort.SHARE, 15),
        Column(("缺口",), Sort.COUNT, 10),
        Column(("逾期未验收",), Sort.COUNT, 12),
        Column(("未按期建成",), Sort.COUNT, 12),
    )
    gains = {(gain.enterprise, gain.kind): gain for gain in bulletin.gains}
    rows = []
    for unit in units_of(bulletin):
        for kind in TABLE_KINDS:
            row = row_of(bulletin, unit, kind, year)
            new = [gains[each, kind] for each in _counted_in(bulletin, unit)]
            rows.append(
                (
                    Cell(unit),
                    Cell(KINDS[kind]),
                    Cell(sum(gain.completed for gain in new)),
                    Cell(sum(gain.accepted for gain in new)),
                    Cell(row.planned_cumulative),
                    Cell(row.completed_cumulative),
                    _lagging(row, row.accepted_cumulative, row.planned_cumulative),
                    Cell(row.rate),
                    Cell(row.shortfall),
                    Cell(row.overdue),
                    Cell(row.missed),
                )
            )
    return Table(
        name="各单位进度",
        caption=f"各单位建设进度（截至{bulletin.as_of.isoformat()}）",
        columns=columns,
        rows=tuple(rows),
        unit=UNIT_OF_PLAN,
        totals=totals_of(units_of(bulletin), len(TABLE_KINDS)),
        ratios=(Ratio(7, 6, 4),),
        grouped=True,
    )


def progress_details(bulletin: Bulletin) -> Table:
    """Every row of `ninebelow plan progress`."""
    heads = ("计划", "验收", "建成", "累计计划", "累计验收", "累计建成")
    return Table(
        name="进度明细",
        caption="各单位分年度进度明细",
        columns=(
            UNIT_COLUMN,
            KIND_COLUMN,
            Column(("年度",), Sort.YEAR, 12),
            Column(("到期",), Sort.TEXT, 12),
            *(Column((head,), Sort.COUNT, 14) for head in heads),
            Column(("完成率",), Sort.SHARE, 15),
            *(Column((head,), Sort.COUNT, 16) for head in ("缺口", "逾期未验收", "未按期建成")),
        ),
        rows=tuple(
            (
                Cell(row.enterprise),
                Cell(KINDS[row.kind]),
                Cell(row.year),
                Cell("是" if row.due else "否"),
                *map(Cell, (row.planned, row.accepted, row.completed, row.planned_cumulative)),
                _lagging(row, row.accepted_cumulative, row.planned_cumulative),
                *map(Cell, (row.completed_cumulative, row.rate, row.shortfall, row.overdue, row.missed)),
            )
            for row in (*bulletin.progress.rows, *bulletin.progress.totals)
        ),
        unit=UNIT_OF_PLAN,
        totals=totals_of(
            list(
                dict.fromkeys(row.enterprise for row in (*bulletin.progress.rows, *bulletin.progress.totals))
            ),
            len(TABLE_KINDS) * len(YEARS),
        ),
        ratios=(Ratio(10, 8, 7),),
    )


def targets_table(bulletin: Bulletin) -> Table:
    """The text's goals beside the table's totals."""
    return Table(
        name="全省目标",
        caption="全省目标完成情况",
        columns=(
            Column(("目标",), Sort.TEXT, 58),
            Column(("期限",), Sort.DAY, 19),
            *(Column(("方案正文", head), Sort.COUNT, 11) for head in ("下限", "上限")),
            Column(("计划表累计",), Sort.COUNT, 14),
            *(Column(("全省累计", head), Sort.COUNT, 11) for head in ("建成", "验收")),
            Column(("状态",), Sort.TEXT, 20),
        ),
        rows=tuple(_goal(goal) for goal in bulletin.targets.goals),
    )


def forecast_table(bulletin: Bulletin) -> Table:
    """What is expected by the ends of the years that are not over."""
    plan = {(row.kind, row.year): row.planned_cumulative for row in bulletin.progress.totals}
    return Table(
        name="验收预测",
        caption="按在建项目推算的累计验收",
        columns=(
            Column(("类别",), Sort.TEXT, 34),
            Column(("年底",), Sort.YEAR, 18),
            Column(("计划表累计",), Sort.COUNT, 26),
            Column(("已验收",), Sort.COUNT, 26),
            Column(("预计累计验收",), Sort.COUNT, 30),
        ),
        rows=tuple(
            (
                Cell(KINDS[each.kind]),
                Cell(each.year),
                Cell(plan[each.kind, each.year]),
                Cell(each.accepted),
                UNKNOWN
                if each.expected is None
                else Cell(
                    each.expected,
                    Tone.LAGGING if each.expected < (plan[each.kind, each.year] or 0) else Tone.PLAIN,
                ),
            )
            for each in bulletin.outlook.forecast
        ),
        unit=UNIT_OF_PLAN,
    )


def _in_the_annex_layout(
    bulletin: Bulletin,
    name: str,
    caption: str,
    groups: Sequence[tuple[str, int, Sequence[tuple[str, Figure]]]],
    *,
    widths_mm: tuple[float, float, float],
) -> Table:
    """A unit per line, the three kinds under each year, each with its width: driving faces run to three digits."""
    width_of = dict(zip(TABLE_KINDS, widths_mm, strict=True))
    places = [
        (year, kind, figure, (head, KINDS[kind], word))
        for head, year, figures in groups
        for kind in TABLE_KINDS
        for word, figure in figures
    ]
    return Table(
        name=name,
        caption=caption,
        columns=(
            UNIT_COLUMN._replace(width_mm=28),
            *(Column(heads, Sort.COUNT, width_of[kind]) for _, kind, _, heads in places),
        ),
        rows=tuple(
            (
                Cell(unit),
                *(figure(row_of(bulletin, unit, kind, year)) for year, kind, figure, _ in places),
            )
            for unit in units_of(bulletin)
        ),
        unit=UNIT_OF_PLAN,
        note=f"截至{bulletin.as_of.isoformat()}；▲为到期未完成。",
        totals=totals_of(units_of(bulletin), 1),
    )


def _counted_in(bulletin: Bulletin, unit: str) -> Iterable[str]:
    """The units that a line counts."""
    if unit == PROVINCE:
        return dict.fromkeys(row.enterprise for row in bulletin.progress.rows)
    return UNITS if unit == TOTAL else (unit,)


def _lagging(row: ProgressRow, done: int, planned: int | None) -> Cell:
    """A figure that lags once its year is due."""
    return Cell(done, Tone.LAGGING if row.due and planned is not None and done < planned else Tone.PLAIN)


def _goal(goal: Goal) -> tuple[Cell, ...]:
    unmeasured = goal.status is GoalStatus.NOT_MEASURED
    status = Cell(
        STATUSES[goal.status],
        Tone.UNKNOWN if unmeasured else Tone.LAGGING if goal.status is GoalStatus.NOT_MET else Tone.PLAIN,
    )
    numbers = (goal.text_low, goal.text_high, goal.table, goal.completed, goal.accepted)
    return (Cell(goal_name(goal.id)), Cell(goal.by), *map(Cell, numbers), status)


def measure(kind: Kind, count: int) -> str:
    """So many of a kind, in words."""
    return f"{KINDS[kind]}{count}{MEASURES[kind]}"
