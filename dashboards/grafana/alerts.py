"""Grafana's alert rules, on what the centre writes. Pure.

They stand beside the centre's own alarms (acknowledged, shelved, escalated there): for who has Grafana's notifications
already, and for the one case in which the centre cannot speak, that it is silent itself.

Rules
- Every query says by `now()` how far it looks back; no `$` stands anywhere, as files of Grafana replace it.
- Silence clears nothing: where data stops a rule keeps what it said, and the rules on missing data fire. Grafana calls
  off what a series said that is gone while others are there, so those rules look back a day: nothing is gone sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from grafana_foundation_sdk.builders import alerting, expr
from grafana_foundation_sdk.models.alerting import RelativeTimeRange, RuleGroup
from grafana_foundation_sdk.models.common import DataSourceRef

from dashboards.grafana import chamber, face, fleet
from dashboards.grafana.influxql import InfluxQuery, Target
from dashboards.grafana.page import SOURCE_UID

GROUP: Final = "ninebelow"
FOLDER_UID: Final = "ninebelow"
INTERVAL_S: Final = 60
NOW_S: Final = 180
DAY_S: Final = 86_400
DAYS_S: Final = 3 * DAY_S
EXPRESSION: Final = "__expr__"
NoData = Literal["Alerting", "KeepLast"]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a series fires: `gt` above, `lt` below, `within_range` between the marks."""

    kind: Literal["gt", "lt", "within_range"]
    marks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule; `page` and `panel` are what explains it."""

    uid: str
    title: str
    summary: str
    query: str
    window_s: int
    condition: Condition
    lasting: str
    severity: Literal["critical", "high", "medium"]
    page: str
    panel: str
    no_data: NoData = "KeepLast"


def newest(field: str, measurement: str, *tags: str, window: str = "3m", where: str = "") -> str:
    """The newest value of every series that has been heard lately."""
    group = ", ".join(f'"{tag}"' for tag in tags)
    condition = f"{where} AND " if where else ""
    return (
        f'SELECT last("{field}") AS "{field}" FROM "{measurement}"'
        f" WHERE {condition}time > now() - {window} GROUP BY {group}"
    )


def largest(field: str, measurement: str, *tags: str) -> str:
    """The largest value lately of every series; of one that has fallen silent the last that was heard within a day."""
    group = ", ".join(f'"{tag}"' for tag in tags)
    lately = newest(field, measurement, *tags).replace("last(", "max(")
    return (
        f'SELECT max("{field}") AS "{field}" FROM ({lately}), ({newest(field, measurement, *tags, window="1d")})'
        f" WHERE time > now() - 1d GROUP BY {group}"
    )


WHERE: Final = "{{ .Labels.mine }} {{ .Labels.area }}"
IS: Final = Condition("gt", (0.5,))
IS_NOT: Final = Condition("lt", (0.5,))
RULES: Final = (
    Rule(
        "ninebelow-face-over",
        "工作面超员 / Face over its limit",
        f"{WHERE} 超员：人数超过规定上限 / is over its limit",
        newest("over", "face_now", "mine", "area", window="1d", where='"known" = 1'),
        DAY_S,
        IS,
        "1m",
        "high",
        face.UID,
        "在面人数与限员 / Headcount and limit",
    ),
    Rule(
        "ninebelow-face-blind",
        "工作面无数据 / Face without data",
        f"{WHERE} 人数未知，或中心没有写入：不等于未超员 / headcount unknown, or the centre is silent: not within",
        newest("known", "face_now", "mine", "area"),
        NOW_S,
        IS_NOT,
        "2m",
        "medium",
        face.UID,
        "评定 / Judgement",
        "Alerting",
    ),
    Rule(
        "ninebelow-chamber-blind",
        "硐室无数据 / Chamber without data",
        f"{WHERE} 状态未知，或中心没有写入 / state unknown, or the centre is silent",
        newest("known", "chamber_now", "mine", "area"),
        NOW_S,
        IS_NOT,
        "10m",
        "medium",
        chamber.UID,
        "状态 / State",
        "Alerting",
    ),
    Rule(
        "ninebelow-gateway-offline",
        "网关离线 / Gateway offline",
        "{{ .Labels.mine }} {{ .Labels.gateway }} 离线：其数据都没有到 / is offline: none of its data comes",
        newest("online", "gateway_now", "mine", "gateway"),
        NOW_S,
        IS_NOT,
        "1m",
        "high",
        fleet.UID,
        "链路 / Links",
        "Alerting",
    ),
    Rule(
        "ninebelow-chamber-differs",
        "硐室与申报不符 / Chamber not as declared",
        f"{WHERE} 实测水平与申报水平不符 / is observed at another level than the declared one",
        newest("agrees", "chamber_level", "mine", "area", window="3d"),
        DAYS_S,
        Condition("within_range", (-0.5, 0.5)),
        "0s",
        "medium",
        chamber.UID,
        "硐室水平：申报与实测 / Chambers: declared and observed",
    ),
    Rule(
        "ninebelow-gas",
        "甲烷超限 / Methane over the general mark",
        f"{WHERE} {{{{ .Labels.unit }}}} 甲烷达到 1.00 %；各地点的限值见控制台报警 / "
        "methane at 1.00 %; each place's own limits are the console's alarms",
        largest("methane", "gas", "mine", "area", "unit"),
        DAY_S,
        Condition("gt", (face.GAS_ALARM_PERCENT - 0.005,)),
        "0s",
        "critical",
        face.UID,
        "瓦斯 甲烷 / Gas methane",
    ),
)
"""Those on people and gas go by what was known last: silence is the other rules'."""


def group(panel_ids: Mapping[tuple[str, str], int]) -> RuleGroup:
    """All rules as one group of Grafana's; `panel_ids` by page and title."""
    made = alerting.RuleGroup(GROUP).folder_uid(FOLDER_UID).interval(INTERVAL_S)
    for rule in RULES:
        made.with_rule(built(rule, panel_ids[rule.page, rule.panel]))
    return made.build()


def built(rule: Rule, panel_id: int) -> alerting.Rule:
    """A: the query; B: its last value of every series; C: the condition."""
    expression = DataSourceRef(type_val=EXPRESSION, uid=EXPRESSION)
    evaluator = (
        expr.ExprTypeThresholdConditionsEvaluator().type(rule.condition.kind).params([*rule.condition.marks])
    )
    condition = expr.ExprTypeThresholdConditions().evaluator(evaluator)
    asked = Target(InfluxQuery(rule.query, source=SOURCE_UID))
    last = expr.TypeReduce().ref_id("B").datasource(expression).expression("A").reducer("last")
    fires = expr.TypeThreshold().ref_id("C").datasource(expression).expression("B").conditions([condition])
    span = RelativeTimeRange(rule.window_s, 0)
    return (
        alerting.Rule(rule.title)
        .uid(rule.uid)
        .org_id(1)
        .folder_uid(FOLDER_UID)
        .rule_group(GROUP)
        .condition("C")
        .for_val(rule.lasting)
        .no_data_state(rule.no_data)
        .exec_err_state("Error")
        .is_paused(False)
        .labels({"severity": rule.severity, "source": "ninebelow"})
        .annotations({"summary": rule.summary, "__dashboardUid__": rule.page, "__panelId__": str(panel_id)})
        .queries([
            alerting.Query("A").datasource_uid(SOURCE_UID).relative_time_range(span).model(asked),
            alerting.Query("B").datasource_uid(EXPRESSION).relative_time_range(span).model(last),
            alerting.Query("C").datasource_uid(EXPRESSION).relative_time_range(span).model(fires),
        ])
    )  # fmt: skip
