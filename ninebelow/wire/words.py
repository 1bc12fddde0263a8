"""What `ninebelow wire` says to people, Chinese first."""

from __future__ import annotations

from typing import Final

from contract.grading.clause import Level
from contract.grading.report import Outcome

RECORDING: Final = "正在记录 {broker} 的 {filters}（只订阅，不发布），{limit} / recording, subscribing only"
UNTIL_STOPPED: Final = "Ctrl-C 结束 / Ctrl-C ends it"
FOR_SO_LONG: Final = "{seconds:g} 秒 / s"
RECORDED: Final = "已记录 {count} 条 / messages recorded: {count}"
FULL: Final = "已达 {count} 条上限，停止记录 / the limit of messages is reached, recording stops"
NOTHING_SEEN: Final = (
    "没有看到 Sparkplug 消息，无从评定；检查主题权限、--group，或延长 --for / "
    "no Sparkplug message was seen, so nothing was judged: check access rights and --group, or record longer"
)
LOST: Final = "与代理 {broker} 的连接中断：{why} / the connection to the broker was lost"
AWAY: Final = "连不上代理 {broker}：{why}；检查地址和用户 / cannot connect: check address, user and password"
TRY_311: Final = "；旧代理用 --version 3.1.1 / older brokers: --version 3.1.1"
REFUSED: Final = (
    "代理 {broker} 不允许订阅 {filter} / the broker does not let us subscribe: check its access rules"
)

TITLE: Final = "Sparkplug 3.0 评定 / grading"
OUTCOMES: Final = {
    Outcome.VIOLATED: "违反 violated",
    Outcome.PASSED: "符合 passed",
    Outcome.NOT_EXERCISED: "未涉及 not exercised",
    Outcome.NOT_APPLICABLE: "不可判 not applicable",
}
NOT_FOLLOWED: Final = "未采纳 not followed"
"""Of a recommendation."""
LEVELS: Final = {
    Level.MUST: "必须 MUST",
    Level.SHOULD: "建议 SHOULD",
    Level.MAY: "可以 MAY",
}
HEADS: Final = (
    "条款 / clause tck-id-",
    "级别 / level",
    "结果 / outcome",
    "判定次数 / judged",
    "违反次数 / violated",
)
FAULT: Final = "#{index} {at} {where}：{what}"
SUMMARY: Final = (
    "{events} 条记录，{seconds:.0f} 秒；边缘节点 {nodes}，主机 {hosts} / events, seconds, edge nodes, hosts\n"
    "必须 MUST：违反 violated {violated}，符合 passed {passed}，未涉及 not exercised {not_exercised}，"
    "不可判 not applicable {not_applicable}\n"
    "建议 SHOULD：未采纳 not followed {not_followed}"
)
VERDICT_BAD: Final = "有 {violated} 条必须条款被违反 / clauses violated: {violated}"
VERDICT_GOOD: Final = "未见违反 / no violation was seen"
ALL_HINT: Final = "--all 列出其余各条及原因 / --all lists the other clauses and why they were not judged"
