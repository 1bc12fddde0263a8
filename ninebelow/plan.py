"""`ninebelow plan`: the plan's table; progress, targets, rewards and bulletin of a projects.csv or a registry."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import typer

from ninebelow.offline.grid import print_grid
from ninebelow.offline.plan_source import plan_source
from rules.plan.goals import measured_targets
from rules.plan.progress import Progress, progress
from rules.plan.reward import Rewards, RewardStatus, rewards
from rules.plan.table import TABLE_KINDS, TOTAL, WHOLE_PLAN, YEARS, Kind, PlanTable, plan_table
from rules.plan.targets import GoalStatus, Targets
from rules.time_text import parse_date

app = typer.Typer(
    no_args_is_help=True, help="计划表、进度、目标、奖补 / the plan: table, progress, targets, reward"
)


KIND_NAMES: Final = {
    Kind.MINING_FACE: "采煤面",
    Kind.DRIVING_FACE: "掘进面",
    Kind.DRIVING_FACE_TBM: "掘进面（TBM）",
    Kind.DEMONSTRATION_MINE: "示范煤矿",
    Kind.CHAMBER: "机房硐室",
    Kind.OTHER: "其他",
}
GOAL_NAMES: Final = {
    "mandatory_rock_burst": "冲击地压煤矿采掘工作面",
    "mandatory_deep_outburst": "采深超千米突出煤矿采掘工作面",
    "mandatory_new": "新建煤矿采掘智能化",
    "mandatory_expanded": "60万吨以上改扩建煤矿采掘智能化",
    "chambers_2022": "机房硐室无人值守或集中控制",
    "workforce_2023": "井下用工人数减少",
    "efficiency_2023": "原煤工效提升",
    "robots_2023": "危险岗位机器人作业",
}
GOAL_STATUS_NAMES: Final = {
    GoalStatus.MET: "已达到",
    GoalStatus.PENDING: "未到期",
    GoalStatus.NOT_MET: "未达到",
    GoalStatus.NOT_MEASURED: "无数据",
    GoalStatus.AMBIGUOUS: "两种读法不一",
}
REWARD_STATUS_NAMES: Final = {
    RewardStatus.NOT_ACCEPTED: "未验收",
    RewardStatus.NOT_IN_LIBRARY: "未入库",
    RewardStatus.NOT_COVERED: "不在奖补年度",
    RewardStatus.PAID_BY_PARENT: "由上级部门奖补",
    RewardStatus.AMBIGUOUS: "文件未明确",
    RewardStatus.PAYABLE: "应奖补",
}


def _day(text: str) -> date:
    """`YYYY-MM-DD`, as in the files."""
    day = parse_date(text)
    if day is None:
        raise typer.BadParameter(f"“{text}”不是 YYYY-MM-DD 日期 / not a date of the form YYYY-MM-DD")
    return day


ProjectsOption = Annotated[
    Path | None, typer.Option("--projects", metavar="FILE", help="项目清单 projects.csv / the projects")
]
RegistryOption = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar="FILE|URL",
        help="登记库，代替 --projects / a registry, in place of --projects: a SQLite file or a URL",
    ),
]
AsOfOption = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        parser=_day,
        metavar="YYYY-MM-DD",
        help="截至该日终，默认今天 / end of this day, default today",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@app.command("table")
def table_command(*, as_json: JsonOption = False) -> None:
    """计划表 / the plan's table."""
    table = plan_table()
    _print_json(table) if as_json else _print_table(table)


@app.command("progress")
def progress_command(
    projects: ProjectsOption = None,
    registry: RegistryOption = None,
    as_of: AsOfOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """各单位进度 / where each unit stands against the table."""
    result = progress(plan_source(projects, registry).register.projects, as_of or _today())
    _print_json(result) if as_json else _print_progress(result)


@app.command("targets")
def targets_command(
    projects: ProjectsOption = None,
    registry: RegistryOption = None,
    as_of: AsOfOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """全省目标 / the province's targets."""
    result = measured_targets(plan_source(projects, registry).register, as_of or _today())
    _print_json(result) if as_json else _print_targets(result)


@app.command("reward")
def reward_command(
    projects: ProjectsOption = None,
    registry: RegistryOption = None,
    as_of: AsOfOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """以奖代补 / rewards."""
    day, register = as_of or _today(), plan_source(projects, registry).register
    result = rewards(register.projects, day, register.payers)
    _print_json(result) if as_json else _print_rewards(result, day)


@app.command("bulletin")
def bulletin_command(
    projects: ProjectsOption = None,
    registry: RegistryOption = None,
    as_of: AsOfOption = None,
    *,
    period: Annotated[
        Literal["month", "quarter", "year"],
        typer.Option(help="该日所在的月、季、年 / the period of that day"),
    ] = "month",
    form: Annotated[
        Literal["docx", "xlsx", "pdf", "json"], typer.Option("--format", help="文件格式 / what kind of file")
    ] = "docx",
    out: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="写到哪里 / where to write it")],
    demo: Annotated[bool, typer.Option("--demo", help="每页标明演示数据 / mark it as demo data")] = False,
    settings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="发文机关、文号、字体、Word 模板 / letterhead, fonts, template"),
    ] = None,
) -> None:
    """通报：Word、Excel、PDF / the bulletin as Word, Excel or PDF."""
    from ninebelow.offline.bulletin_file import write_bulletin

    source = plan_source(projects, registry)
    source = source._replace(demo=demo or source.demo)
    made = write_bulletin(source, as_of or _today(), period, form, out, settings=settings)
    print(f"{out}: {made.period.title}，截至 {made.as_of}，快照编号 {made.id}")


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def _print_json(result: PlanTable | Progress | Targets | Rewards) -> None:
    """Dates as `YYYY-MM-DD`, amounts with their decimals: the text form of both is the one wanted."""
    print(json.dumps(asdict(result), ensure_ascii=False, indent=2, default=str))


def _print_table(table: PlanTable) -> None:
    """As in the plan's annex: a unit per line, the three kinds under each year."""
    cells = {(row.enterprise, row.year, row.kind): row.planned for row in (*table.rows, *table.totals)}
    columns = [(year, kind) for year in (*YEARS, WHOLE_PLAN) for kind in TABLE_KINDS]
    units = dict.fromkeys(row.enterprise for row in table.rows)
    heads = [f"{year}\n{KIND_NAMES[kind]}" for year, kind in columns]
    lines = [[unit, *(str(cells[unit, *column]) for column in columns)] for unit in (*units, TOTAL)]
    print_grid("智能化建设项目计划表，个（处）", ["单位", *heads], lines, text_columns=1)


def _print_progress(result: Progress) -> None:
    heads = ["单位", "类别", "年度", "到期", "计划", "验收", "建成", "累计\n计划", "累计\n验收", "累计\n建成"]
    heads += ["完成率", "缺口", "逾期\n未验收", "未按期\n建成"]
    lines: list[list[str]] = []
    for _, rows in groupby((*result.rows, *result.totals), key=lambda row: (row.enterprise, row.kind)):
        for row in rows:
            first = row.year == YEARS[0]
            counts = (row.planned, row.accepted, row.completed)
            cumulative = (row.planned_cumulative, row.accepted_cumulative, row.completed_cumulative)
            lines.append(
                [
                    row.enterprise if first else "",
                    KIND_NAMES[row.kind] if first else "",
                    str(row.year),
                    "是" if row.due else "否",
                    *map(_shown, (*counts, *cumulative)),
                    "—" if row.rate is None else f"{row.rate:.1%}",
                    *map(_shown, (row.shortfall, row.overdue, row.missed)),
                ]
            )
    print_grid(f"计划进度，截至 {result.as_of}", heads, lines, text_columns=4)


def _print_targets(result: Targets) -> None:
    heads = ["目标", "期限", "状态", "文件下限", "文件上限", "计划表累计", "累计验收", "累计建成"]
    lines = []
    for goal in result.goals:
        numbers = (goal.text_low, goal.text_high, goal.table, goal.accepted, goal.completed)
        name, status = _goal_name(goal.id), GOAL_STATUS_NAMES[goal.status]
        lines.append([name, str(goal.by), status, *map(_shown, numbers)])
    print_grid(f"全省目标，截至 {result.as_of}", heads, lines, text_columns=3)


def _print_rewards(result: Rewards, as_of: date) -> None:
    heads = ["项目", "单位", "类别", "建成年度", "状态", "比例", "上限", "投入", "奖补", "按上限", "不计上限"]
    lines = [
        [
            each.project,
            each.enterprise,
            KIND_NAMES[each.kind],
            _shown(each.year),
            REWARD_STATUS_NAMES[each.status],
            *map(_shown, (each.rate, each.cap_wan, each.investment_wan)),
            *map(_shown, (each.reward_wan, each.capped_wan, each.uncapped_wan)),
        ]
        for each in result.projects
    ]
    print_grid(f"以奖代补，万元，截至 {as_of}", heads, lines, text_columns=5)
    sums = [[each.enterprise, str(each.year), str(each.reward_wan)] for each in result.sums]
    print_grid("应奖补合计，万元", ["单位", "建成年度", "奖补"], sums, text_columns=2)


def _shown(value: object) -> str:
    return "—" if value is None else str(value)


def _goal_name(goal: str) -> str:
    kind, _, year = goal.rpartition("_")
    return GOAL_NAMES.get(goal) or f"{year} 年{KIND_NAMES[Kind(kind)]}"
