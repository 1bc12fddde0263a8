"""What somebody may change in the registry."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.access.edits import Editor
from gateway.access.person import PROVINCE, Kind, Person, Role, Scope
from gateway.access.reach import reach_of
from gateway.registry.intake import Entry, judged
from tests.access_scene import ENTRIES, OURS, OWN, SECRET, THEIRS
from tests.registry import EMPTY, entry, stored

ROWS = stored(judged(ENTRIES, EMPTY))
TODAY = date(2022, 10, 31)
ENTERPRISE = Scope(Kind.ENTERPRISE, OURS)
MINE = Scope(Kind.MINE, OWN)


def editor(role: Role, scope: Scope) -> Editor:
    """Somebody."""
    return Editor(Person("x", "某人", role, scope), reach_of(scope, ROWS, TODAY))


def said(by: Editor, *entries: Entry) -> list[str]:
    """What is wrong with it, faults and objections."""
    judgement = judged(entries, by.seen(ROWS))
    return [fault.what for fault in (*judgement.faults, *by.objections(judgement.changes, ROWS))]


PROJECT = {"kind": "mining_face", "planned_year": 2023}
NEW_MINE = entry("mines", mine="甲二矿", enterprise=OURS)
OWN_CHANGES = [
    entry("mines", mine="甲矿", capacity_wan_t="120"),
    entry("projects", project="甲新项目", enterprise=OURS, mine="甲矿", **PROJECT),
    entry("projects", project="甲迟项目", completed_on="2022-05-01"),
    entry("faces", mine="甲矿", face="F2", title="新面", kind="mining_face"),
    entry("declarations", mine="甲矿", chamber="C1", declared_on="2022-01-01", level="unattended"),
    entry("robots", mine="甲矿", robot="甲R1", post="看护"),
]
OF_AUTHORITY = [
    (
        entry("acceptances", project="甲迟项目", held_on="2022-01-01", result="passed"),
        "for the authority to record",
    ),
    (
        entry(
            "payments",
            payment="新拨",
            project="甲面项目",
            kind="advance",
            paid_on="2022-01-01",
            amount_wan="9",
        ),
        "for the authority to record",
    ),
    (
        entry("projects", project="甲迟项目", completed_on="2022-01-01", accepted_on="2022-02-01"),
        "accepted_on",
    ),
    (entry("projects", project="甲迟项目", in_library_on="2022-02-01"), "in_library_on"),
    (entry("projects", project="甲面项目", accepted_by="李四"), "accepted_by"),
    (
        entry(
            "projects",
            project="甲新项目",
            enterprise=OURS,
            mine="甲矿",
            in_library_on="2022-02-01",
            **PROJECT,
        ),
        "in_library_on",
    ),
]
OF_PROVINCE = [
    (entry("mines", mine="甲矿", code="990000000002"), "code is for the authority"),
    (entry("mines", mine="甲矿", enterprise=THEIRS), "enterprise is for the authority"),
    (entry("mines", mine="甲矿", plan_unit="郑州市"), "plan_unit is for the authority"),
    (entry("mines", mine="甲二矿", enterprise=OURS, code="990000000003"), "code is for the authority"),
    (entry("cities", city="洛阳市"), "kept by the province"),
    (entry("enterprises", enterprise=OURS, payer="province"), "kept by the province"),
    (entry("aliases", alias="甲", enterprise=OURS), "kept by the province"),
    (entry("province_years", year=2021, staff_underground=1), "kept by the province"),
]
OF_OTHERS = [
    (entry("mines", mine=f"{SECRET}矿", capacity_wan_t="1", enterprise=THEIRS), "beyond your scope"),
    (entry("mines", mine=f"{SECRET}矿", enterprise=OURS), "the name is taken"),
    (entry("mines", mine="乙二矿", enterprise=THEIRS), "beyond your scope"),
    (entry("faces", mine=f"{SECRET}矿", face="F1", title="x", kind="mining_face"), "no such row in mines"),
    (
        entry("projects", project=f"{SECRET}迟项目", enterprise=OURS, mine="甲矿", **PROJECT),
        "the name is taken",
    ),
    (
        entry("projects", project="甲新项目", enterprise=THEIRS, mine="甲矿", **PROJECT),
        "reported under the enterprise",
    ),
    (
        entry("projects", project="甲新项目", enterprise=THEIRS, kind="other", planned_year=2023),
        "beyond your scope",
    ),
    (
        entry("filings", filing="新方案", enterprise=THEIRS, filed_on="2022-01-01", title="t"),
        "beyond your scope",
    ),
    (
        entry("filings", filing=f"{SECRET}方案", enterprise=OURS, filed_on="2022-01-01", title="t"),
        "the name is taken",
    ),
]


@pytest.mark.parametrize("own", OWN_CHANGES, ids=str)
def test_an_enterprise_edits_its_own(own: Entry) -> None:
    """So does who has the scope of the one mine."""
    for scope in (ENTERPRISE, MINE):
        assert said(editor(Role.ENTERPRISE, scope), own) == []


def test_an_enterprise_adds_a_mine_and_what_it_has_at_once() -> None:
    """As one import does."""
    face = entry("faces", mine="甲二矿", face="F1", title="面", kind="mining_face")
    project = entry("projects", project="甲二项目", enterprise=OURS, mine="甲二矿", **PROJECT)
    filing = entry("filings", filing="甲新方案", enterprise=OURS, filed_on="2022-01-01", title="t")
    assert said(editor(Role.ENTERPRISE, ENTERPRISE), NEW_MINE, face, project, filing) == []
    assert "beyond your scope" in said(editor(Role.ENTERPRISE, MINE), NEW_MINE)[0]


@pytest.mark.parametrize(("change", "what"), OF_AUTHORITY, ids=str)
def test_acceptances_and_payments_are_the_authoritys(change: Entry, what: str) -> None:
    """Whose scope may be a part of the province."""
    (told, *_) = said(editor(Role.ENTERPRISE, ENTERPRISE), change)
    assert what in told
    for scope in (ENTERPRISE, PROVINCE):
        assert said(editor(Role.AUTHORITY, scope), change) == []


@pytest.mark.parametrize(("change", "what"), OF_PROVINCE, ids=str)
def test_who_sees_a_mine_is_the_provinces_to_say(change: Entry, what: str) -> None:
    """A code that one could write oneself would open another's readings."""
    for role in (Role.ENTERPRISE, Role.AUTHORITY):
        assert any(what in told for told in said(editor(role, ENTERPRISE), change)), role
    for role in (Role.AUTHORITY, Role.ADMIN):
        told = [text for text in said(editor(role, PROVINCE), change) if "for the authority" in text]
        assert told == []


@pytest.mark.parametrize(("change", "what"), OF_OTHERS, ids=str)
def test_what_is_anothers_cannot_be_touched(change: Entry, what: str) -> None:
    """And nothing is told of it."""
    for role in (Role.ENTERPRISE, Role.AUTHORITY):
        told = said(editor(role, ENTERPRISE), change)
        assert any(what in text for text in told), told
        assert not any(THEIRS in text for text in told)


def test_a_guess_tells_nothing() -> None:
    """Another's row as it stands is not “unchanged”, and its name no hint."""
    by = editor(Role.ENTERPRISE, ENTERPRISE)
    stands = next(
        each for each in ENTRIES if each.table == "projects" and SECRET in str(each.given["project"])
    )
    judgement = judged([stands], by.seen(ROWS))
    assert judgement.unchanged == 0
    assert judgement.faults
    near = judged(
        [entry("acceptances", project=f"{SECRET}面项", held_on="2022-01-01", result="passed")], by.seen(ROWS)
    )
    assert "最接近" not in near.faults[0].what
