"""What a value is called and how it looks: the console's words, symbols and colours in Grafana's mappings. Pure.

Never colour alone: symbol and word come first. No data has a look of its own, and so has a word that this page does not
know: it is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    SpecialValueMap,
    SpecialValueMatch,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

NO_DATA: Final = "? 无数据 no data"
CALM: Final = "#9aa7b4"
WITHIN: Final = "#7fb3a8"
OVER: Final = "#ff7043"
UNKNOWN: Final = "#ffd54f"
UNJUDGED: Final = "#7f8b99"
CENTRAL: Final = "#64b5f6"
HAZARD: Final = "#ff5fd2"
Look = tuple[str, str]
"""Words with their symbol, and colour."""

FACE_STATES: Final[Mapping[str, Look]] = {
    "hazard": ("⯃ 重大隐患 major hazard", HAZARD),
    "over": ("▲ 超员 over", OVER),
    "unknown": ("? 无数据 unknown", UNKNOWN),
    "within": ("● 未超员 within", WITHIN),
    "not_judged": ("■ 不评定 not judged", UNJUDGED),
}
CHAMBER_STATES: Final[Mapping[str, Look]] = {
    "attended": ("▲ 有人值守 attended", OVER),
    "unprotected": ("✕ 失去保护 unprotected", OVER),
    "local_control": ("◧ 就地控制 local control", OVER),
    "unknown": ("? 无数据 unknown", UNKNOWN),
    "patrol": ("◐ 巡检 patrol", CALM),
    "unattended": ("○ 无人值守 unattended", WITHIN),
    "central_control": ("◇ 集中控制 central control", CENTRAL),
}
LEVELS: Final[Mapping[str, Look]] = {
    "unattended": ("○ 无人值守 unattended", WITHIN),
    "central_control": ("◇ 集中控制 central control", CENTRAL),
    "not_yet": ("▲ 未达到 not yet", OVER),
    "no_verdict": ("? 无结论 no verdict", UNKNOWN),
    "": ("— 未申报 not declared", UNJUDGED),
}
VERDICTS: Final[Mapping[str, Look]] = {
    "within": ("● 未超员 within", WITHIN),
    "exceeded": ("▲ 超员 exceeded", OVER),
    "no_verdict": ("? 无结论 no verdict", UNKNOWN),
    "not_judged": ("■ 不评定 not judged", UNJUDGED),
}
REASONS: Final[Mapping[str, Look]] = {
    "maintenance": ("检修班 maintenance", UNJUDGED),
    "not_intelligent": ("非智能化 not intelligent", UNJUDGED),
    "handover": ("交接班 handover", UNJUDGED),
    "no_shift": ("无班次 no shift", UNJUDGED),
    "statutory": ("超法定限员 statutory", OVER),
    "sustained": ("持续超员 sustained", OVER),
    "cumulative": ("累计超员 cumulative", OVER),
    "too_short": ("评定时间太短 too short", UNKNOWN),
    "coverage": ("数据不完整 coverage", UNKNOWN),
    "fragmented": ("数据零碎 fragmented", UNKNOWN),
}
SHIFT_KINDS: Final[Mapping[str, Look]] = {
    "production": ("生产班 production", CALM),
    "maintenance": ("检修班 maintenance", UNJUDGED),
}
AGREES: Final[Mapping[str, Look]] = {
    "1": ("● 相符 agrees", WITHIN),
    "0": ("▲ 不符 differs", OVER),
    "-1": ("? 不能比较 no comparison", UNKNOWN),
}
HAZARDS: Final[Mapping[str, Look]] = {
    "1": ("⯃ 重大隐患 hazard", HAZARD),
    "0": ("● 否 no", WITHIN),
    "-1": ("? 不能判断 unknown", UNKNOWN),
}
FINAL: Final[Mapping[str, Look]] = {"1": ("定稿 final", CALM), "0": ("暂定 provisional", UNKNOWN)}
ONLINE: Final[Mapping[str, Look]] = {"1": ("● 在线 online", WITHIN), "0": ("▲ 离线 offline", OVER)}
CONNECTED: Final[Mapping[str, Look]] = {"1": ("● 正常 up", WITHIN), "0": ("▲ 中断 down", OVER)}
SIGNALS: Final[Mapping[str, Look]] = {"1": ("● 是 yes", WITHIN), "0": ("▲ 否 no", OVER)}
MODES: Final[Mapping[str, Look]] = {
    "local": ("◧ 就地 local", OVER),
    "remote": ("◇ 远控 remote", CENTRAL),
    "auto": ("○ 自动 auto", WITHIN),
}
QUALITIES: Final[Mapping[str, Look]] = {
    "192": ("● 良好 good", WITHIN),
    "0": ("✕ 坏 bad", OVER),
    "500": ("? 过期 stale", UNKNOWN),
}
CAUSES: Final[Mapping[str, Look]] = {
    "device": ("设备 device", CALM),
    "field_bus": ("现场总线 field bus", CALM),
    "gateway": ("网关 gateway", CALM),
    "link": ("链路 link", CALM),
    "broker": ("代理 broker", CALM),
    "store": ("数据库 store", CALM),
}
OUTCOMES: Final[Mapping[str, Look]] = {
    "open": ("? 未恢复 open", UNKNOWN),
    "filling": ("◐ 补传中 filling", CENTRAL),
    "filled": ("● 已补齐 filled", WITHIN),
    "lost": ("▲ 已丢失 lost", OVER),
}
ALARM_STATES: Final[Mapping[str, Look]] = {
    "unacknowledged": ("▲ 未确认 unacknowledged", OVER),
    "acknowledged": ("◐ 已确认 acknowledged", CENTRAL),
    "returned": ("○ 已恢复未确认 returned", CALM),
    "shelved": ("■ 已搁置 shelved", UNJUDGED),
    "suppressed": ("■ 已抑制 suppressed", UNJUDGED),
    "out_of_service": ("■ 停用 out of service", UNJUDGED),
    "normal": ("● 正常 normal", WITHIN),
}
PRIORITIES: Final[Mapping[str, Look]] = {
    "4": ("紧急 critical", HAZARD),
    "3": ("高 high", OVER),
    "2": ("中 medium", UNKNOWN),
    "1": ("低 low", CALM),
}
NOT_APPLICABLE: Final[Mapping[str, Look]] = {"-1": ("—", UNJUDGED)}
"""The sentinel of a recorded figure that does not apply."""


def mappings(looks: Mapping[str, Look]) -> list[ValueMapping]:
    """Grafana's value mappings, no data among them."""
    known = {
        value: ValueMappingResult(text=text, color=color, index=place)
        for place, (value, (text, color)) in enumerate(looks.items())
    }
    nothing = ValueMappingResult(text=NO_DATA, color=UNKNOWN, index=len(known))
    special = DashboardSpecialValueMapOptions(match=SpecialValueMatch.NULL_AND_NAN, result=nothing)
    return [ValueMap(options=known), SpecialValueMap(options=special)]
