"""Who may do what, and what lies within a scope: by tables, and for registries at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import compile_path

from gateway.access.person import PROVINCE, SCOPES, Kind, Person, Role, Scope, scope_of
from gateway.access.plan_within import whole_units
from gateway.access.policy import MAY, RULES, Need, Rule, Where, may, rule_of
from gateway.access.reach import BELONGS, EVERYTHING, Reach, is_told, narrowed, reach_of
from gateway.registry.audit import Head, Stroke, sealed
from gateway.registry.cells import row_of
from gateway.registry.intake import Entry, judged
from gateway.registry.register_of import register_of
from gateway.registry.repository import KEEPER, Snapshot, stroke_of
from gateway.registry.tables import BY_WORD, TABLES
from tests.registry import EMPTY, entry, stored

TODAY = date(2022, 10, 31)


@pytest.mark.parametrize(
    ("role", "needs"),
    [
        (Role.KIOSK, {Need.WALL}),
        (Role.OPERATOR, {Need.WALL, Need.SEE, Need.ACKNOWLEDGE}),
        (Role.ENGINEER, {Need.WALL, Need.SEE, Need.ACKNOWLEDGE, Need.MAINTAIN, Need.KIOSKS}),
        (Role.ENTERPRISE, {Need.WALL, Need.SEE, Need.EDIT}),
        (Role.AUTHORITY, {Need.WALL, Need.SEE, Need.EDIT, Need.ACCEPT}),
        (Role.ADMIN, set(Need) - {Need.OPEN}),
    ],
)
def test_what_each_role_may(role: Role, needs: set[Need]) -> None:
    """Word by word; what is open is so to everybody."""
    assert MAY[role] == needs
    assert {need for need in Need if may(role, need)} == needs | {Need.OPEN}


def test_every_role_has_its_permissions_and_scopes() -> None:
    """None is forgotten, and an admin sees the province."""
    assert set(MAY) == set(SCOPES) == set(Role)
    assert SCOPES[Role.ADMIN] == {Kind.PROVINCE}


@pytest.mark.parametrize(
    ("method", "path", "rule", "named"),
    [
        ("GET", "/api/v1/mines/m1", "/api/v1/mines/{mine}", {"mine": "m1"}),
        ("HEAD", "/api/v1/mines/m1", "/api/v1/mines/{mine}", {"mine": "m1"}),
        ("GET", "/api/v1/mines/m 1%2F", "/api/v1/mines/{mine}", {"mine": "m 1%2F"}),
        ("GET", "/api/v1/registry/audit", "/api/v1/registry/audit", {}),
        ("GET", "/api/v1/registry/mines", "/api/v1/registry/{table}", {"table": "mines"}),
        ("GET", "/assets/a/b.js", "/assets/{path:path}", {"path": "a/b.js"}),
        ("POST", "/api/v1/registry/import", "/api/v1/registry/import", {}),
        ("GET", "/api/v1/mines/m1/", None, {}),
        ("GET", "/api/v1/mines\n", None, {}),
        ("GET", "/api/v1/mines/a\n/gaps/x", None, {}),
        ("GET", "/api/v1/registry/check\n", None, {}),
        ("GET", "//api/v1/mines", None, {}),
        ("GET", "/API/v1/mines", None, {}),
        ("PUT", "/api/v1/mines", None, {}),
        ("OPTIONS", "/api/v1/mines", None, {}),
        ("GET", "/docs", None, {}),
        ("GET", "", None, {}),
    ],
)
def test_the_rule_of_a_request(method: str, path: str, rule: str | None, named: dict[str, str]) -> None:
    """What is spelt out comes before what takes any word; everything else has none."""
    found = rule_of(method, path)
    assert (found and found[0].path) == rule
    if found:
        assert found[1] == named


WORDS = sorted({word for rule in RULES for word in rule.path.split("/") if word and "{" not in word})
ODD = (
    "",
    ".",
    "..",
    "%2F",
    "\n",
    "\r",
    "\x00",
    ";",
    "?",
    "#",
    "\\",
    " ",
    "\u2028",
    "m1",
    "mines\n",
    "check\n",
)


@given(st.sampled_from(RULES), st.data())
def test_no_request_has_one_rule_and_another_route(rule: Rule, data: st.DataObject) -> None:
    """Whatever stands in an address and behind it: the rule is that of the route which the application would choose."""
    parts = [
        data.draw(st.sampled_from([*WORDS, *ODD])) if "{" in part else part for part in rule.path.split("/")
    ]
    path = "/".join(parts) + data.draw(st.sampled_from(["", "\n", "/", " "]))
    routes = (one for one in RULES if one.method == rule.method and compile_path(one.path)[0].match(path))
    chosen, found = next(routes, None), rule_of(rule.method, path)
    assert found is None or found[0] is chosen
    assert found is not None or chosen is None or "\n" in path


def test_the_table_says_where_every_mine_is_looked_for() -> None:
    """A route that names a mine in its path is bound to it; only open routes and streams carry their marks."""
    for rule in RULES:
        if "{mine}" in rule.path:
            assert rule.where is Where.MINE, rule
    assert [rule.path for rule in RULES if rule.is_stream] == ["/api/v1/live"]
    assert [rule.path for rule in RULES if rule.takes_token] == ["/wall"]
    assert {(rule.method, rule.path) for rule in RULES if rule.need is Need.OPEN} == {
        ("GET", "/sign-in"), ("GET", "/assets/{path:path}"), ("GET", "/healthz"),
        ("GET", "/api/v1/session"), ("POST", "/api/v1/session"), ("DELETE", "/api/v1/session"),
    }  # fmt: skip
    assert len({(rule.method, rule.path) for rule in RULES}) == len(RULES)
    assert all(isinstance(rule, Rule) for rule in RULES)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("province", PROVINCE),
        ("enterprise:河南 能源", Scope(Kind.ENTERPRISE, "河南 能源")),
        ("mine: 990000000001 ", Scope(Kind.MINE, "990000000001")),
        ("mine", None), ("mine:", None), ("mine: ", None), ("province:x", None), ("", None), ("city:焦作市", None),
    ],
)  # fmt: skip
def test_scopes_as_they_are_typed(text: str, scope: Scope | None) -> None:
    """And nothing looser."""
    if scope is None:
        with pytest.raises(ValueError, match="province"):
            scope_of(text)
    else:
        assert scope_of(text) == scope
        assert scope_of(str(scope)) == scope


def test_a_signature_tells_the_person_and_the_account() -> None:
    """As acknowledgements and edits carry it."""
    assert Person("zhang", "张三", Role.OPERATOR, PROVINCE).signature == "张三（zhang）"
    assert Person("zhang", "", Role.OPERATOR, PROVINCE).signature == "zhang"


# What lies within a scope


def registry(*entries: Entry) -> Snapshot:
    """A registry with these rows."""
    judgement = judged(entries, EMPTY)
    assert judgement.faults == []
    return stored(judgement)


COMPANIES = (
    entry("enterprises", enterprise="甲公司", ownership="local"),
    entry("enterprises", enterprise="乙公司", ownership="local"),
)


def test_a_mine_that_was_closed_opens_nothing_but_keeps_its_rows() -> None:
    """From the day on which it is closed."""
    rows = registry(
        *COMPANIES,
        entry("mines", mine="甲一", code="m1", enterprise="甲公司"),
        entry("mines", mine="甲二", code="m2", enterprise="甲公司", closed_on="2022-10-31"),
        entry("mines", mine="甲三", code="m3", enterprise="甲公司", closed_on="2022-11-01"),
        entry("mines", mine="甲四", enterprise="甲公司"),
        entry("mines", mine="乙一", code="m9", enterprise="乙公司"),
    )
    reach = reach_of(Scope(Kind.ENTERPRISE, "甲公司"), rows, TODAY)
    assert reach.codes == {"m1", "m3"}
    assert reach.mines == {"甲一", "甲二", "甲三", "甲四"}
    assert reach.enterprises == reach.owners == {"甲公司"}


def test_an_enterprise_that_the_registry_does_not_know_reaches_nothing() -> None:
    """A typing error is not the province."""
    reach = reach_of(Scope(Kind.ENTERPRISE, "丙公司"), registry(*COMPANIES), TODAY)
    assert reach == Reach()
    assert not reach.has_code("m1")


def test_a_mine_needs_no_registry() -> None:
    """Its readings are there while the registry is not, its rows are not."""
    reach = reach_of(Scope(Kind.MINE, "m1"), {}, TODAY)
    assert reach == Reach(codes=frozenset({"m1"}))


def test_the_province_reaches_everything() -> None:
    """And is cut by nothing."""
    rows = registry(*COMPANIES)
    assert reach_of(PROVINCE, rows, TODAY) == EVERYTHING
    assert narrowed(rows, EVERYTHING) is rows


def test_every_table_says_whose_its_rows_are() -> None:
    """A new one that does not is the province's own."""
    assert set(BELONGS) == set(BY_WORD)
    assert not Reach(mines=frozenset({"甲一"})).sees("new_table", {"mine": "甲一"})


def test_an_audit_entry_is_told_if_the_row_was_within_before_and_after() -> None:
    """A mine that came from another enterprise brings no word of it."""
    reach = Reach(mines=frozenset({"甲一"}), enterprises=frozenset({"甲公司"}))
    own, other = '{"mine": "x", "enterprise": "甲公司"}', '{"mine": "x", "enterprise": "乙公司"}'
    strokes = [
        Stroke("add", "mines", '["x"]', None, own),
        Stroke("change", "mines", '["x"]', own, own),
        Stroke("change", "mines", '["x"]', other, own),
        Stroke("change", "mines", '["x"]', own, other),
        Stroke("demo", "registry", "[]", None, None),
    ]
    entries = list(sealed(strokes, Head(), at="t", who="w", why="y"))
    assert [is_told(each, reach) for each in entries] == [True, True, False, False, False]
    assert all(is_told(each, EVERYTHING) for each in entries)


def test_a_unit_is_whole_only_with_all_its_mines_and_projects() -> None:
    """郑州市 is a plan unit of many enterprises: none of them is all of it."""
    rows = registry(
        entry("enterprises", enterprise="郑州市", ownership="local"),
        entry("enterprises", enterprise="甲公司", ownership="local", plan_unit="郑州市"),
        entry("enterprises", enterprise="乙公司", ownership="local", plan_unit="郑州市"),
        entry("enterprises", enterprise="神火集团", ownership="provincial"),
        entry("mines", mine="甲一", enterprise="甲公司"),
        entry("mines", mine="乙一", enterprise="乙公司"),
        entry("mines", mine="神一", enterprise="神火集团"),
        entry(
            "projects", project="p", enterprise="神火集团", mine="神一", kind="mining_face", planned_year=2021
        ),
    )

    def whole(enterprise: str) -> frozenset[str]:
        seen = narrowed(rows, reach_of(Scope(Kind.ENTERPRISE, enterprise), rows, TODAY))
        return whole_units(register_of(rows), register_of(seen))

    assert whole("甲公司") == frozenset()
    assert whole("神火集团") == {"神火集团"}
    assert whole("郑州市") == frozenset()


# At random: the owner of every row is drawn first, so that it is known without the code that is tested

OWNERS = ("甲公司", "乙公司", "丙公司")


@st.composite
def owned_registries(draw: st.DrawFn) -> tuple[Snapshot, dict[tuple[str, tuple[Any, ...]], str]]:
    """Rows of three enterprises, and whose each of them is."""
    rows: Snapshot = {table.word: {} for table in TABLES}
    owner_of: dict[tuple[str, tuple[Any, ...]], str] = {}
    number = iter(range(1, 10_000))

    def put(owner: str, table: str, **cells: object) -> None:
        given_cells = row_of(
            BY_WORD[table], {word: value for word, value in cells.items() if value is not None}
        )
        row = {word: given_cells.get(word) for word in BY_WORD[table].words}
        key = BY_WORD[table].key_of(row)
        rows[table][key] = replace_kept(next(number), row)
        owner_of[table, key] = owner

    for owner in OWNERS:
        put("all", "enterprises", enterprise=owner, ownership="local")
        for mine in draw(st.lists(st.integers(0, 99), unique=True, max_size=4)):
            name = f"{owner}{mine}矿"
            put(owner, "mines", mine=name, code=draw(st.none() | st.just(f"c-{name}")), enterprise=owner)
            for word in draw(
                st.lists(st.sampled_from(["faces", "gateways", "robots", "mine_years"]), unique=True)
            ):
                cells: dict[str, dict[str, object]] = {
                    "faces": {"face": "F1", "title": "面", "kind": "mining_face"},
                    "gateways": {"gateway": "gw"},
                    "robots": {"robot": "R", "post": "岗", "in_use_on": "2022-01-01"},
                    "mine_years": {"year": 2021},
                }
                put(owner, word, mine=name, **cells[word])
            for n in range(draw(st.integers(0, 2))):
                # reported under any enterprise: the mine decides
                project, reporter = f"{name}项目{n}", draw(st.sampled_from(OWNERS))
                put(
                    owner,
                    "projects",
                    project=project,
                    enterprise=reporter,
                    mine=name,
                    kind="other",
                    planned_year=2021,
                )
                if draw(st.booleans()):
                    put(
                        owner,
                        "payments",
                        payment=f"付{project}",
                        project=project,
                        kind="advance",
                        paid_on="2021-01-01",
                        amount_wan="1",
                    )
                    put(owner, "acceptances", project=project, held_on="2021-01-01", result="passed")
        if draw(st.booleans()):
            put(owner, "projects", project=f"{owner}项目", enterprise=owner, kind="other", planned_year=2021)
            put(owner, "filings", filing=f"{owner}方案", enterprise=owner, filed_on="2021-01-01", title="t")
    put("province", "province_years", year=2021)
    return rows, owner_of  # fmt: skip


def replace_kept(number: int, row: dict[str, Any]) -> Any:
    """A row in store."""
    from gateway.registry.intake import Kept  # noqa: PLC0415  (a name that the strategies shadow)

    return Kept(number, 1, row)


@given(owned_registries(), st.sampled_from(OWNERS))
def test_exactly_what_is_ones_own_is_left(
    made: tuple[Snapshot, dict[tuple[str, tuple[Any, ...]], str]], owner: str
) -> None:
    """Nothing beyond the scope, and nothing of it lost; the codes are those of the mines."""
    rows, owner_of = made
    reach = reach_of(Scope(Kind.ENTERPRISE, owner), rows, TODAY)
    seen = {(table, key) for table, of_table in narrowed(rows, reach).items() for key in of_table}
    assert seen == {place for place, whose in owner_of.items() if whose in (owner, "all")}
    assert reach.codes == {
        kept.row["code"]
        for kept in rows["mines"].values()
        if kept.row["enterprise"] == owner and kept.row["code"]
    }


@given(owned_registries(), st.data())
def test_a_mines_scope_is_that_mine(
    made: tuple[Snapshot, dict[tuple[str, tuple[Any, ...]], str]], data: st.DataObject
) -> None:
    """No other mine of the same enterprise, and nothing of the enterprise as such."""
    rows, _ = made
    coded = [kept.row for kept in rows["mines"].values() if kept.row["code"]]
    if not coded:
        return
    mine = data.draw(st.sampled_from(coded))
    left = narrowed(rows, reach_of(Scope(Kind.MINE, str(mine["code"])), rows, TODAY))
    for table, of_table in left.items():
        for kept in of_table.values():
            if table not in {"enterprises", "acceptances", "payments"}:
                assert kept.row["mine"] == mine["mine"]
    register_of(left)  # what is left refers to nothing that is missing


@given(owned_registries(), st.sampled_from(OWNERS))
def test_what_is_left_is_a_registry(
    made: tuple[Snapshot, dict[tuple[str, tuple[Any, ...]], str]], owner: str
) -> None:
    """The rules take it, and count no project of anybody else."""
    rows, owner_of = made
    register = register_of(narrowed(rows, reach_of(Scope(Kind.ENTERPRISE, owner), rows, TODAY)))
    assert {owner_of["projects", (project.name,)] for project in register.projects} <= {owner}
    assert {owner_of["mines", (mine.name,)] for mine in register.mines} <= {owner}


def test_the_keeper_of_the_machine_has_no_objections() -> None:
    """The command line changes what it likes."""
    rows = registry(*COMPANIES)
    assert KEEPER.seen(rows) is rows
    change = judged([entry("cities", city="焦作市")], rows).changes[0]
    assert list(KEEPER.objections([change], rows)) == []
    assert stroke_of(change).action == "add"
    assert replace(EVERYTHING, codes=frozenset({"x"})).is_province


def test_the_page_on_access_tells_every_route() -> None:
    """As the table has it, in its order."""
    words = {
        Where.NOWHERE: "–", Where.MINE: "the mine named",
        Where.FILTERED: "cut down", Where.PROVINCE: "province only",
    }  # fmt: skip
    lines = [f"| `{rule.method} {rule.path}` | {rule.need} | {words[rule.where]} |" for rule in RULES]
    text = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
    assert [
        line for line in text.splitlines() if line.startswith(("| `GET", "| `POST", "| `DELETE"))
    ] == lines
