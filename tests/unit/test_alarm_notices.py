"""Who is told of what, in which words; URLs that lead nowhere are faults that keep their secrets."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from contract.errors import Misconfigured
from gateway import config as gateway_config
from gateway.alarm_config import Notify, Route
from gateway.live.apprise_sender import sender, without_secrets
from gateway.live.notices import Names, Notice, is_told, message_of, notice_of, wants
from rules.alarms import life
from rules.alarms.alarm import Alarm, AlarmKey, Definition, Hold, Level, Policy, Priority, Record
from rules.series import SECOND_US

S = SECOND_US
POLICY = Policy(chatter_raises=3)
KEY = AlarmKey("m1", "F1", "Gas 1/Methane", "high")
GAS = Definition(
    KEY, (Level(Priority.CRITICAL, "达到上限断电值", "at the upper trip limit"),), "甲烷", "methane", "%"
)
NAMES = Names({"m1": "示例一矿"}, {("m1", "F1"): "14031 采煤面"}, {"m1": ZoneInfo("Asia/Shanghai")})


def raised(second: int = 0, alarm: Alarm | None = None) -> Record:
    """An alarm's first record."""
    _, records = life.judged(alarm or Alarm(GAS), 1, second * S, POLICY, value=1.62, limit=1.5)
    return records[0]


def over(record: Record, second: int) -> Record:
    """And its last one."""
    return life.judged(record.alarm, 0, second * S, POLICY, value=0.4)[1][0]


def test_a_line_of_each_language() -> None:
    """Priority, place, what, value with its limit, when at the mine."""
    notice = notice_of(raised(), NAMES)
    assert notice.title == "[紧急] 示例一矿 14031 采煤面 · 报警"
    assert notice.line == (
        "[紧急] 示例一矿 14031 采煤面 甲烷 达到上限断电值 1.62 % (1.5 %) · 报警 01-01 08:00:00\n"
        "[critical] 示例一矿 14031 采煤面 methane: at the upper trip limit 1.62 % (1.5 %) · raised"
    )


def test_what_nobody_is_told() -> None:
    """Shelved, under a flood, seen already, over before anybody could be told, in doubt."""
    record = raised()
    alarm = record.alarm
    assert is_told(record, alarm, POLICY)
    for quiet in (
        life.shelved(alarm, Hold("李四", "x", 0))[0],
        life.suppressed(alarm, "检修", 0)[0],
        life.taken_out(alarm, Hold("李四", "x", 0))[0],
        life.folded(alarm, AlarmKey("m1", "", "gw-1", "flood"), 0)[0],
        life.acknowledged(alarm, "张三", "", 0)[0],
    ):
        assert not is_told(record, quiet, POLICY)
        assert not is_told(over(record, 9), quiet, POLICY) or quiet.ack
    doubted, (doubt,) = life.doubted(alarm, "stale", S)
    assert not is_told(doubt, doubted, POLICY)


def test_chattering_is_told_once_and_then_no_more() -> None:
    """Neither its raises nor its ends."""
    alarm, told = Alarm(GAS), []
    for second in range(12):
        alarm, records = life.judged(alarm, 1 - second % 2, second * S, POLICY)
        told += [record.change.value for record in records if is_told(record, record.alarm, POLICY)]
    assert told == ["raised", "returned", "raised", "returned", "chatters"]


def test_routes_by_priority_mine_and_area() -> None:
    """What concerns the centre concerns everybody; what is over only those who want to know."""
    urls = (SecretStr("json://localhost"),)
    notice = notice_of(raised(), NAMES)
    ended = notice_of(over(raised(), 9), NAMES)
    route = Route(name="x", urls=urls)
    assert wants(route, notice)
    assert not wants(route, ended)
    assert wants(route.model_copy(update={"cleared": True}), ended)
    assert not wants(route, replace(notice, priority=Priority.MEDIUM))
    assert not wants(route.model_copy(update={"mines": ("m2",)}), notice)
    assert wants(route.model_copy(update={"mines": ("m2",)}), replace(notice, mine=""))
    assert not wants(route.model_copy(update={"areas": ("F2",)}), notice)
    assert wants(route.model_copy(update={"areas": ("F1",)}), notice)


def test_many_are_one_message_the_worst_first() -> None:
    """Twenty written out, the rest counted, those that were dropped too."""
    many = [
        Notice(str(number), "m1", "F1", Priority(number % 4 + 1), False, "", f"line {number % 4 + 1}")
        for number in range(30)
    ]
    title, body = message_of(many, 5)
    lines = body.splitlines()
    assert title == "35 条报警消息 / 35 alarm messages"
    assert (lines[0], len(lines)) == ("line 4", 21)
    assert lines[-1] == "另有 15 条，见报警列表 / 15 more, see the alarm list"


@pytest.mark.parametrize(
    ("url", "shown", "secrets"),
    [
        ("json://user:sekret9@127.0.0.1:8099/hook/token77", "json://127.0.0.1:8099", ["sekret9", "token77"]),
        ("mailto://bob:pass%20word@example.com?to=a@b.cn", "mailto://example.com", ["pass word"]),
        ("wecombot://key1234-5678", "wecombot://", ["key1234-5678"]),
        ("dingtalk://tokentoken12/13800000000", "dingtalk://", ["tokentoken12"]),
        ("feishu://tokentoken34", "feishu://", ["tokentoken34"]),
    ],
)
def test_a_place_is_shown_without_its_secrets(url: str, shown: str, secrets: list[str]) -> None:
    """Nor do they stand in what a failure says."""
    place = sender(SecretStr(url))
    assert place.shown.startswith(shown)
    for secret in secrets:
        assert secret not in place.shown
        assert secret not in without_secrets(f"sending to {url} failed: token {secret} is wrong", url)


CONFIG = """
[[mines]]
code = "m1"
name = "一矿"
[[mines.faces]]
code = "F1"
name = "面"
kind = "mining_face"
"""


def faults(text: str, tmp_path: Path) -> str:
    """What `gateway check` would say."""
    file = tmp_path / "gateway.toml"
    file.write_text(text + CONFIG, encoding="utf-8")
    with pytest.raises(Misconfigured) as caught:
        gateway_config.load(file)
    return "\n".join(map(str, caught.value.faults))


def test_faults_of_routes_are_told_all_at_once_and_without_secrets(tmp_path: Path) -> None:
    """A URL of no known kind, a mine and an area that do not exist, a name twice, a rule file that is not there."""
    said = faults(
        """
[alarms]
rules = "none.toml"
[[notify.routes]]
name = "调度"
urls = ["bogus://very-secret-token", "json://localhost/ok"]
mines = ["m2"]
[[notify.routes]]
name = "调度"
urls = ["json://localhost"]
areas = ["F9"]
""",
        tmp_path,
    )
    for part in ("'调度': URL 1", "code 'm2'", "code 'F9'", "stands twice", "none.toml: cannot be read"):
        assert part in said
    assert "very-secret" not in said


def test_a_route_of_the_wrong_form_keeps_its_secrets_too(tmp_path: Path) -> None:
    """Pydantic would show what it found."""
    said = faults('[[notify.routes]]\nname = "x"\nurls = "wecombot://very-secret-token"\n', tmp_path)
    assert re.search(r"gateway.toml:\d+: notify.routes\[0\].urls", said)
    assert "very-secret" not in said
    assert "very-secret" not in repr(
        Notify(routes=(Route(name="x", urls=(SecretStr("json://very-secret"),)),))
    )
