"""What entries do to a registry: additions, changes, references by other names, and every fault at once."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.registry.intake import FAULTS_MAX, Entry, first_of, judged
from gateway.registry.register_of import register_of
from gateway.registry.tables import TABLES
from rules.plan.table import Payer
from tests.registry import EMPTY, HENAN, entry, faults_of, small, small_rows, stored


def test_everything_is_taken_in_whatever_order_it_comes() -> None:
    """Rows may refer to rows behind them."""
    judgement = judged(reversed(small()), EMPTY)
    assert judgement.faults == []
    assert {change.table for change in judgement.changes} == {table.word for table in TABLES}
    assert {change.action for change in judgement.changes} == {"add"}


def test_the_same_again_changes_nothing() -> None:
    judgement = judged(small(), small_rows())
    assert (judgement.changes, judgement.unchanged, judgement.faults) == ([], len(small()), [])


def test_columns_that_are_not_given_stay_and_blank_ones_go() -> None:
    (change,) = judged([entry("mines", mine="演示甲矿", city=None)], small_rows()).changes
    assert change.kept is not None
    assert change.action == "change"
    assert change.after == change.kept.row | {"city": None}


def test_names_may_be_typed_differently_and_the_stored_ones_stay() -> None:
    """The own key, an alias of the plan, an alias of the registry, a mine's code."""
    changes = judged(
        [
            entry("mines", mine="演示 甲矿", note="x"),
            entry(
                "projects",
                project="乙一",
                enterprise="河南能源",
                mine="990000000001",
                kind="other",
                planned_year=2022,
            ),
            entry(
                "projects",
                project="乙二",
                enterprise="豫能化工",
                mine="演示　乙矿",
                kind="other",
                planned_year=2022,
            ),
        ],
        small_rows(),
    ).changes
    assert [change.key for change in changes] == [("演示甲矿",), ("乙一",), ("乙二",)]
    assert changes[1].after["enterprise"] == changes[2].after["enterprise"] == HENAN
    assert (changes[1].after["mine"], changes[2].after["mine"]) == ("演示甲矿", "演示乙矿")


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (entry("mines", mine="丙矿", enterprise="没有的公司"), "不在“企业”表内：请改正名称，或先在该表中添加"),
        (entry("mines", mine="丙矿", enterprise="河南能源化工集"), "最接近的是“河南能源化工集团”"),
        (entry("mines", mine="丙矿", enterprise="河南能源化工集"), "the nearest is “河南能源化工集团”: mend the name"),
        (entry("mines", mine="丙矿"), "enterprise is blank"),
        (entry("mines", enterprise=HENAN), "mine is blank"),
        (entry("mines", mine="丙矿", enterprise=HENAN, code="990000000001"), "已用于“演示甲矿”：请核对"),
        (entry("mines", mine="演示甲矿", opened_on="2022-01-02", closed_on="2022-01-01"), "closed before"),
        (entry("aliases", alias="郑州市", enterprise=HENAN), "是企业全称"),
        (entry("projects", project="丙", enterprise=HENAN, kind="mining_face", planned_year=2021), "mine"),
        (entry("projects", project="甲一", completed_on=None), "accepted without completed_on"),
        (entry("projects", project="甲一", completed_on=None), "有验收日期而无建成日期"),
        (entry("projects", project="丙", enterprise=HENAN, kind="other", planned_year=2020), "计划年度 2020 早于"),
        (entry("projects", project="丙", enterprise=HENAN, kind="mining_face", planned_year=2021), "面须填煤矿"),
        (entry("projects", project="甲一", withdrawn_on="2021-08-01"), "accepted and withdrawn"),
        (entry("projects", project="甲一", planned_year=2020), "before 2021"),
        (entry("mine_years", mine="演示甲矿", year=202), "out of range"),
        (entry("mine_years", mine="演示甲矿", year=2020, efficiency_t=None), "filled together"),
        (entry("mine_years", mine="演示甲矿", year=2020, efficiency_t="0"), "不能为 0：未知请留空"),
        (entry("faces", mine="演示甲矿", face="F1", intelligent_on="2020-01-01"), "leave intelligent_on blank"),
        (entry("declarations", mine="演示甲矿", chamber="C9", declared_on="2022-01-01"), "“演示甲矿 C9”"),
        (entry("shifts", mine="演示甲矿", face="F9", effective_on="2021-01-01", shift="x"), "“演示甲矿 F9”"),
        (entry("shifts", mine="演示甲矿", effective_on="2021-01-01", shift="八点班", start="8:00"), "as 08:00"),
        (entry("shifts", mine="演示甲矿", effective_on="2021-01-01", shift="八点班", minutes=0), "minutes must be"),
        (entry("filings", filing="方案1号", city="焦作市"), "either enterprise or city"),
        (entry("payments", payment="p", project="没有", kind="advance", amount_wan="1"), "“没有”"),
    ],
)  # fmt: skip
def test_faults(wrong: Entry, what: str) -> None:
    """In both languages, and nothing is changed by the entry."""
    judgement = judged([wrong], small_rows())
    assert any(what in fault.what and " / " in fault.what for fault in judgement.faults), judgement.faults
    assert judgement.changes == [] or "已用于" in what or "全称" in what


def test_every_fault_is_told_with_its_line() -> None:
    found = faults_of([
        entry("cities", 2, city="焦作市"), entry("cities", 3, city="焦作 市"),
        entry("mines", 4, mine="甲", enterprise="无"), entry("mines", 5, mine="乙"),
    ])  # fmt: skip
    assert [fault.partition(":")[0] for fault in found] == ["3", "4", "5"]
    assert "与第 2 行重复：请删去一行" in found[0]


def test_a_row_that_could_not_be_read_may_be_referred_to() -> None:
    """Its own fault is told where it was read; those who name it have none."""
    broken = entry("enterprises", 2, enterprise="甲集团")._replace(is_broken=True)
    assert faults_of([broken, entry("mines", 3, mine="甲", enterprise="甲集团")]) == []


def test_what_can_be_said_of_a_row_that_could_not_be_read_is_said() -> None:
    """Names that are unknown or come twice; a key that could not be read is not called blank as well."""
    broken = [
        entry("payments", 2, payment="p1", project="没有", amount_wan="1"),
        entry("payments", 3, payment="p1", project="甲一"),
        entry("payments", 4, project="甲一"),
        entry("payments", 5, payment=None, project="甲一"),
    ]
    found = judged([each._replace(is_broken=True) for each in broken], small_rows()).faults
    assert [(fault.line, fault.what[:8]) for fault in found] == [
        (2, "“没有”不在“项"), (3, "与第 2 行重复"), (5, "拨付文号 不能为"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        entry("mines", 2, mine="丙矿"),
        entry("mines", 2, mine="丙矿", enterprise="没有的公司"),
        entry("mines", 2, mine="丙矿", enterprise=HENAN, opened_on="2022-01-02", closed_on="2022-01-01"),
    ],
)
def test_a_row_with_a_fault_may_be_referred_to(wrong: Entry) -> None:
    """One mistake is told once, not again at every row that names the row."""
    others = [
        entry("projects", 3, project="丙一", enterprise=HENAN, mine="丙 矿", kind="other", planned_year=2022),
        entry("faces", 4, mine="丙矿", face="F1", title="一面", kind="mining_face", project="丙一"),
    ]
    found = [fault.line for fault in judged([wrong, *others], small_rows()).faults]
    assert found == [2]


def test_a_name_of_the_plan_finds_the_enterprise_however_it_was_registered() -> None:
    """中平能化, 平煤神马 and 中国平煤神马 are one; so is the unit's own name."""
    registered = entry(
        "enterprises", enterprise="中国平煤神马", ownership="provincial", plan_unit="中平能化集团"
    )
    for name in ("平煤神马", "中平能化", "中平能化集团", "平煤神马集团", "中国平煤 神马"):
        mine = entry("mines", mine="丙矿", enterprise=name)
        (change,) = (each for each in judged([registered, mine], EMPTY).changes if each.table == "mines")
        assert change.after["enterprise"] == "中国平煤神马"


@pytest.mark.parametrize("name", ["河南能源", "河南能源集团", "豫能化工"])
def test_an_enterprise_is_not_registered_again_by_another_name(name: str) -> None:
    """It would be counted twice, and references would not know which is meant."""
    again = entry("enterprises", 2, enterprise=name, ownership="provincial")
    (fault,) = judged([again], small_rows()).faults
    assert f"已登记为“{HENAN}”：请用该名称" in fault.what
    assert "already registered" in fault.what


def test_two_names_of_one_enterprise_in_one_file() -> None:
    both = [
        entry("enterprises", line, enterprise=name, ownership="local")
        for line, name in ((2, "神火"), (3, "神火集团"))
    ]
    assert [(fault.line, "已登记为“神火”" in fault.what) for fault in judged(both, EMPTY).faults] == [
        (3, True)
    ]


def test_a_change_thought_of_at_another_revision_is_outdated() -> None:
    judgement = judged([entry("cities", city="焦作市", note="x")._replace(revision=7)], small_rows())
    assert "已被他人修改（第 1 版）" in judgement.outdated[0].what


def test_closing_and_opening_again_have_names_of_their_own() -> None:
    (closing,) = judged(
        [entry("faces", mine="演示甲矿", face="F1", closed_on="2022-05-01")], small_rows()
    ).changes
    assert closing.action == "close"
    rows = small_rows()
    rows["faces"][closing.key] = rows["faces"][closing.key]._replace(row=closing.after)
    (opening,) = judged([entry("faces", mine="演示甲矿", face="F1", closed_on=None)], rows).changes
    assert opening.action == "reopen"


def test_no_more_faults_than_anybody_reads() -> None:
    wrong = judged([entry("mines", line, mine=f"矿{line}") for line in range(1, 1500)], EMPTY).faults
    told = first_of(wrong)
    assert len(told) == FAULTS_MAX + 1
    assert "还有 499 处" in told[-1].what


def test_plan_units_payers_and_struck_out_records() -> None:
    """A mine's own unit, its enterprise's, the enterprise itself; a payer of the registry; nothing struck out."""
    register = register_of(small_rows())
    assert {mine.name: mine.unit for mine in register.mines} == {"演示甲矿": HENAN, "演示乙矿": "郑州市"}
    assert register.payers[HENAN] is Payer.PROVINCE
    changes = [
        entry("enterprises", enterprise=HENAN, payer="local"),
        entry("mines", mine="演示甲矿", plan_unit="郑煤"),
        entry("projects", project="-580 水平采煤面", closed_on="2022-01-01"),
        entry("payments", payment="拨〔2021〕1号", closed_on="2022-01-01"),
    ]
    rows = small_rows()
    for change in judged(changes, rows).changes:
        rows[change.table][change.key] = rows[change.table][change.key]._replace(row=change.after)
    register = register_of(rows)
    assert register.payers[HENAN] is Payer.LOCAL
    assert [(project.name, project.enterprise) for project in register.projects] == [("甲一", "郑煤集团")]
    assert register.payments == ()
    assert register.chambers[0].level_on(date(2021, 11, 30)) is None


@pytest.mark.parametrize("name", ["郑煤集团", "郑煤"])
def test_a_payer_holds_for_the_unit_whichever_of_its_names_is_registered(name: str) -> None:
    judgement = judged([entry("enterprises", enterprise=name, ownership="provincial", payer="local")], EMPTY)
    assert register_of(stored(judgement)).payers["郑煤集团"] is Payer.LOCAL


def test_a_payer_that_would_hold_for_nobody_is_a_fault() -> None:
    """Rewards are paid by plan unit: of an enterprise that counts for another one it would be ignored."""
    wrong = entry("enterprises", enterprise="某公司", ownership="local", plan_unit="郑州市", payer="province")
    (fault,) = judged([wrong], EMPTY).faults
    assert "plan unit" in fault.what
    for word, good in (("plan_unit", None), ("plan_unit", "某公司"), ("payer", None)):
        assert judged([wrong._replace(given={**wrong.given, word: good})], EMPTY).faults == []
