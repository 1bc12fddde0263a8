"""Names of the plan's terms in official texts."""

from __future__ import annotations

from typing import Final

from gateway.registry.tables import CHAMBER_KINDS, LEVELS, PAYERS, PROJECT_KINDS
from rules.chambers.rule import Level
from rules.plan.evidence import Performance
from rules.plan.reward import RewardStatus
from rules.plan.table import Kind
from rules.plan.targets import GoalStatus

KINDS: Final = {Kind(kind): name for kind, name in PROJECT_KINDS.items()}
CHAMBERS: Final = CHAMBER_KINDS
PAID_BY: Final = PAYERS
MEASURES: Final = {Kind.MINING_FACE: "个", Kind.DRIVING_FACE: "个", Kind.DEMONSTRATION_MINE: "处"}
LEVEL_NAMES: Final = {Level(level): name for level, name in LEVELS.items()} | {Level.NO_VERDICT: "无法判定"}
GOALS: Final = {
    "mandatory_rock_burst": "冲击地压煤矿采掘工作面全部智能化",
    "mandatory_deep_outburst": "超千米突出煤矿采掘工作面全部智能化",
    "mandatory_new": "新建煤矿采掘智能化",
    "mandatory_expanded": "60万吨及以上改扩建煤矿采掘智能化",
    "chambers_2022": "机房硐室和大型固定设备无人值守或集中控制",
    "workforce_2023": "井下用工人数比2020年减少（人）",
    "efficiency_2023": "原煤工效提升1.2—1.5倍",
    "robots_2023": "井下部分危险岗位机器人作业（台）",
}
STATUSES: Final = {
    GoalStatus.MET: "已达到",
    GoalStatus.PENDING: "未到期",
    GoalStatus.NOT_MET: "未达到",
    GoalStatus.AMBIGUOUS: "两种读法不一致",
    GoalStatus.NOT_MEASURED: "无数据",
}
REWARDS: Final = {
    RewardStatus.NOT_ACCEPTED: "未验收",
    RewardStatus.NOT_IN_LIBRARY: "未入库",
    RewardStatus.NOT_COVERED: "不在奖补年度",
    RewardStatus.PAID_BY_PARENT: "由上级部门奖补",
    RewardStatus.AMBIGUOUS: "文件未明确",
    RewardStatus.PAYABLE: "应奖补",
}
PERFORMANCES: Final = {
    Performance.PERFORMING: "达标",
    Performance.NOT_PERFORMING: "不达标",
    Performance.UNPROVEN: "未证实",
}


def goal_name(goal: str) -> str:
    """A goal as the plan's text calls it."""
    kind, _, year = goal.rpartition("_")
    return GOALS.get(goal) or f"{year}年底{KINDS[Kind(kind)]}累计（{MEASURES[Kind(kind)]}）"
