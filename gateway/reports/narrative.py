"""What a bulletin says in sentences. Pure: every number comes from the bulletin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from gateway.reports.bulletin import Bulletin
from gateway.reports.document import day_text, listed
from gateway.reports.list_tables import NOTHING
from gateway.reports.plan_tables import measure, row_of, shown_year
from gateway.reports.words import KINDS
from rules.plan.goals import RegistryGoals
from rules.plan.reward import RewardStatus
from rules.plan.table import PROVINCE, TABLE_KINDS, UNITS, YEARS
from rules.plan.targets import GoalStatus

COUNTED_GOALS: Final = len(TABLE_KINDS) * len(YEARS)


def overview(bulletin: Bulletin) -> Iterator[str]:
    """How far the province is, and what the period brought."""
    if not bulletin.rewards.projects:
        yield "无数据：没有登记任何项目。以下各项中的0只表示没有登记，不是建设情况。"
    year = shown_year(bulletin)
    rows = [row_of(bulletin, PROVINCE, kind, year) for kind in TABLE_KINDS]
    accepted = listed([measure(row.kind, row.accepted_cumulative) for row in rows])
    completed = "、".join(str(row.completed_cumulative) for row in rows)
    planned = "、".join(f"{row.planned_cumulative}" for row in rows)
    rates = "、".join("—" if row.rate is None else f"{row.rate:.1%}" for row in rows)
    yield (
        f"截至{day_text(bulletin.as_of)}，全省累计验收{accepted}；累计建成分别为{completed}。"
        f"计划表到{year}年底的累计计划分别为{planned}，完成率分别为{rates}。"
    )
    period = f"{day_text(bulletin.period.from_on)}至{day_text(bulletin.as_of)}"
    new = {
        kind: [
            sum(figures)
            for figures in zip(
                *((gain.completed, gain.accepted) for gain in bulletin.gains if gain.kind is kind),
                strict=True,
            )
        ]
        for kind in TABLE_KINDS
    }
    built = listed([measure(kind, figures[0]) for kind, figures in new.items()])
    passed = listed([measure(kind, figures[1]) for kind, figures in new.items()])
    yield f"本期（{period}）新建成{built}；新验收{passed}。"


def goals(bulletin: Bulletin) -> Iterator[str]:
    """Text against table, and what the registry measures."""
    counted = bulletin.targets.goals[:COUNTED_GOALS]
    due = [goal for goal in counted if goal.by <= bulletin.as_of]
    met = sum(goal.status is GoalStatus.MET for goal in due)
    if due:
        yield f"方案正文的{COUNTED_GOALS}项数量目标中，已到期{len(due)}项，其中达到{met}项、未达到{len(due) - met}项。"
    yield (
        "数量目标以正文下限判定；计划表各年累计数与正文区间并列，示范煤矿的计划表累计数在2022年、2023年"
        "高于正文上限，超过上限不作为问题。"
    )
    unmeasured = sum(goal.status is GoalStatus.NOT_MEASURED for goal in bulletin.targets.goals)
    if unmeasured:
        yield f"另有{unmeasured}项目标缺少登记数据，状态为“无数据”，不作判断。"
    if bulletin.goals is not None:
        yield from _registry_goals(bulletin.goals)


def lagging(bulletin: Bulletin) -> Iterator[str]:
    """What is late, what will be, and what that rests on."""
    by_kind = {kind: sum(each.kind.counted_as is kind for each in bulletin.overdue) for kind in TABLE_KINDS}
    if bulletin.overdue:
        kinds = listed([measure(kind, count) for kind, count in by_kind.items() if count])
        yield f"已到期而未验收的项目共{len(bulletin.overdue)}个：{kinds}，见附件“逾期未验收项目”。"
    else:
        yield "没有已到期而未验收的项目。"
    if not bulletin.outlook.forecast:
        return
    if all(pace.build_days is None for pace in bulletin.outlook.paces):
        yield "已建成的项目太少，样本不足，不推算未到期项目能否按期建成。"
        return
    at_risk = len(bulletin.outlook.at_risk)
    found = (
        f"有{at_risk}个可能不能按期建成，见附件“可能不能按期建成的项目”" if at_risk else "没有不能按期建成的"
    )
    yield f"按以下假设推算，未到期项目中{found}。"
    paces = []
    for pace in bulletin.outlook.paces:
        if pace.build_days is None:
            paces.append(f"{KINDS[pace.kind]}已建成项目只有{pace.completed}个，样本不足，不推算")
        else:
            wait = (
                "验收时间样本不足" if pace.inspection_days is None else f"建成到验收{pace.inspection_days}天"
            )
            paces.append(f"{KINDS[pace.kind]}开工到建成{pace.build_days}天、{wait}（{pace.completed}个项目）")
    yield (
        "推算的假设：同类项目今后所需时间等于已完成项目的中位数，即" + "；".join(paces) + "。"
        "未开工的项目按截至日开工计，不计入预计验收数；推算结果不是考核依据。"
    )


def staffing(bulletin: Bulletin) -> Iterator[str]:
    """The league of the period, and who has no data."""
    if bulletin.staffing is None:
        yield "无数据：没有接入工作面人数，本期不作评价。"
        return
    silent = [line.mine for line in bulletin.staffing.mines if line.share is None and line.mine is not None]
    shifts = [line.shifts for line in bulletin.staffing.units if line.shifts is not None]
    within, exceeded, no_verdict = (
        sum(getattr(each, word) for each in shifts) for word in ("within", "exceeded", "no_verdict")
    )
    yield (
        "智能化采煤和掘进工作面生产班单班作业人数应控制在9人以内。"
        f"本期有数据的生产班共{within + exceeded + no_verdict}个，其中达标{within}个、超员{exceeded}个、"
        f"无法判定{no_verdict}个。"
        if shifts
        else "无数据：本期没有任何生产班的记录，不作评价。"
    )
    if silent:
        yield f"有已验收工作面或已登记工作面而没有班次数据的煤矿{len(silent)}处：{listed(silent)}。无数据不等于达标。"


def chambers(bulletin: Bulletin) -> Iterator[str]:
    """Declared against observed."""
    if bulletin.chambers is None or bulletin.chamber_levels is None:
        yield "无数据：没有登记机房硐室，也没有接入其运行状态，本期不作评价。"
        return
    levels = bulletin.chamber_levels
    seen = [each for each in levels if each.observed is not None]
    against = sum(each.agrees is False for each in levels)
    yield (
        f"登记机房硐室和大型固定设备{len(levels)}处，有运行数据的{len(seen)}处；"
        f"实际水平与申报不符的{against}处{'，见“验收与运行对照”部分' if against else ''}。"
    )


def reward(bulletin: Bulletin) -> Iterator[str]:
    """What is payable, what is not, and why."""
    total = sum((each.reward_wan for each in bulletin.rewards.sums), NOTHING)
    count = _having(bulletin, RewardStatus.PAYABLE)
    yield f"截至{day_text(bulletin.as_of)}，符合以奖代补条件的项目{count}个，应奖补{total}万元。"
    others = {
        "由上级部门奖补": _having(bulletin, RewardStatus.PAID_BY_PARENT),
        "已验收而未入库": _having(bulletin, RewardStatus.NOT_IN_LIBRARY),
        "不在奖补年度": _having(bulletin, RewardStatus.NOT_COVERED),
        "方案未明确、不作计算": _having(bulletin, RewardStatus.AMBIGUOUS),
    }
    shown = [f"{words}的{count}个" for words, count in others.items() if count]
    if shown:
        yield f"已验收的其他项目：{'，'.join(shown)}。"
    if bulletin.balances is None:
        yield "没有拨付登记，已拨付和余额为“无数据”。"
    else:
        stray = sum((each.paid_without_reward_wan for each in bulletin.balances.units), Decimal(0))
        if stray:
            yield f"另有{stray}万元已拨付给目前不应奖补的项目，应予清算。"


def follows(bulletin: Bulletin) -> Iterator[str]:
    """What follows for mines and units."""
    told = bulletin.consequences
    if not told.priority_support:
        yield "尚无到期年度。"
        return
    missed = len({each.mine for each in told.missed_plan})
    yield (
        f"未按期完成建设计划的煤矿{missed}处（见附件“未按期完成建设计划的煤矿”），不得申报一级安全生产标准化煤矿，并扣减安全生产考核金；"
        "扣减数额方案未作规定。"
        if missed
        else "没有未按期完成建设计划的煤矿。"
    )
    last = max(each.year for each in told.priority_support)
    supported = [each.enterprise for each in told.priority_support if each.year == last and each.supported]
    yield (
        f"到{last}年底完成累计建设任务、可在产能置换、产能核增和安全生产标准化等级考评中优先支持的单位："
        f"{listed(supported) or '无'}。"
    )


def evidence(bulletin: Bulletin) -> Iterator[str]:
    """Paper beside telemetry."""
    if bulletin.evidence is None:
        yield "无数据：没有接入工作面人数，验收结论不能与运行情况对照。"
        return
    of = bulletin.evidence
    accepted = sum(each.face.accepted_on is not None for each in of.faces)
    seen = sum(each.tally.shifts > 0 for each in of.faces)
    yield (
        f"参与对照的工作面{len(of.faces)}个，其中有生产班记录的{seen}个、已验收的{accepted}个。"
        f"已验收但运行不达标或未证实的{len(of.accepted_in_doubt)}个，运行达标但未验收的{len(of.performing_unaccepted)}个。"
    )


def notes(bulletin: Bulletin) -> Iterator[str]:
    """How to read it, and what the plan's text leaves open."""
    if bulletin.demo:
        yield "本通报为演示数据：项目、煤矿和全部结果均为虚构，与所列企业无关。"
    yield (
        "进度以验收日期计；计划数取自方案附件的项目计划表，2021年的数含以前年度。"
        "缺口不以一个单位的超额抵另一个单位的不足；“未按期建成”一经形成，以后建成或退出不予消除。"
    )
    if any(row.enterprise not in UNITS for row in bulletin.progress.rows):
        yield "计划表以外的单位没有计划数；“合计”为计划表六个单位，“全省”为全部单位。"
    yield (
        "方案没有规定机房硐室、示范煤矿和其他项目的奖补上限，也没有明确市县财政“参照省财政奖补比例”是否适用上限，"
        "这些项目不计算奖补；中央驻豫企业由其上级部门奖补。"
    )
    if bulletin.goals is not None:
        yield (
            "“原煤工效提升1.2—1.5倍”有两种读法：为2020年的1.2倍以上，或比2020年提高1.2倍（2.2倍）以上，并列给出，不作单一结论。"
        )
    figures = bulletin.figures
    yield (
        "下列数值方案和法规没有规定，为系统默认值，可由使用单位设定："
        f"运行对照取最近{figures['shifts']:g}个生产班（不少于{figures['shifts_min']:g}个），"
        f"超员占比不超过{figures['exceeded_share_max']:.0%}、无法判定占比不超过{figures['no_verdict_share_max']:.0%}；"
        f"机房硐室“基本实现”取{figures['chamber_share_goal']:.0%}。"
    )
    yield "本通报的全部数字取自同一数据快照，快照编号见文末。"


def _having(bulletin: Bulletin, status: RewardStatus) -> int:
    return sum(each.status is status for each in bulletin.rewards.projects)


def _registry_goals(of: RegistryGoals) -> Iterable[str]:
    lacking = {(face.mine, face.face) for each in of.mandatory for face in each.lacking}
    mines = {face for face, _ in lacking}
    yield (
        f"必须实现采掘智能化的煤矿中，有{len(mines)}处煤矿的{len(lacking)}个工作面尚未验收。"
        if lacking
        else "必须实现采掘智能化的煤矿，已登记的工作面均已验收。"
    )
    total = of.chambers.total
    if total.share is not None:
        yield f"申报达到无人值守或集中控制的机房硐室和大型固定设备{of.chambers.at_level}处，占{total.share:.1%}。"
    ratio = of.efficiency.ratio
    if ratio is not None:
        a, b = (
            "达到" if met else "未达到" for met in (of.efficiency.reading_a_met, of.efficiency.reading_b_met)
        )
        yield f"{of.efficiency.year}年原煤工效为2020年的{ratio:.2f}倍：按“为1.2倍”读{a}，按“提高1.2倍”读{b}。"
