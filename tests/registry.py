"""Small registries for tests, and rows at random."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st

from gateway.registry.cells import AMOUNT_DIGITS_MAX, row_of
from gateway.registry.form import Cell, Column, Row, Table, Value
from gateway.registry.intake import Entry, Judgement, Kept, judged
from gateway.registry.naming import plain
from gateway.registry.repository import Registry, Snapshot, opened
from gateway.registry.sheet_rows import Read
from gateway.registry.tables import BY_WORD, TABLES

WHO, WHY = "测试员", "测试"
EMPTY: Snapshot = {table.word: {} for table in TABLES}
HENAN = "河南能源化工集团"


def entry(table: str, line: int | None = None, /, **told: object) -> Entry:
    """A row as an import gives it; every column that is not told is not given."""
    return Entry(table, "f", line, row_of(BY_WORD[table], told))


def small() -> list[Entry]:
    """One row or two of everything, each referring to another."""
    project = {"enterprise": HENAN, "mine": "演示甲矿", "kind": "mining_face", "planned_year": 2021}
    shift = {
        "effective_on": "2021-01-01", "shift": "八点班", "start": "08:00", "minutes": 480, "kind": "production",
    }  # fmt: skip
    return [
        entry("cities", city="焦作市"),
        entry("enterprises", enterprise=HENAN, ownership="provincial"),
        entry("enterprises", enterprise="郑州市", ownership="local"),
        entry("enterprises", enterprise="演示地方公司", ownership="local", plan_unit="郑州市"),
        entry("aliases", alias="豫能化工", enterprise=HENAN),
        entry("mines", mine="演示甲矿", code="990000000001", enterprise=HENAN, city="焦作市", rock_burst=True),
        entry("mines", mine="演示乙矿", enterprise="演示地方公司", depth_m="1000.5", outburst=False),
        entry("mine_years", mine="演示甲矿", year=2020, staff_underground=900, output_wan_t="120", efficiency_t="8.50"),
        entry("province_years", year=2020, staff_underground=100_000),
        entry("projects", project="甲一", in_library_on="2021-01-05", started_on="2021-02-01",
              completed_on="2021-06-01", accepted_on="2021-07-01", investment_wan="1200.50",
              accepted_document="验收〔2021〕1号", accepted_by="张三", **project),
        entry("projects", project="-580 水平采煤面", **project),
        entry("faces", mine="演示甲矿", face="F1", title="1101 采煤面", kind="mining_face", project="甲一"),
        entry("chambers", mine="演示甲矿", chamber="C1", title="中央水泵房", kind="drainage_pump_room"),
        entry("declarations", mine="演示甲矿", chamber="C1", declared_on="2021-12-01", level="central_control"),
        entry("gateways", mine="演示甲矿", gateway="gw-1"),
        entry("shifts", mine="演示甲矿", **shift),
        entry("shifts", mine="演示甲矿", face="F1", **shift),
        entry("acceptances", project="甲一", held_on="2021-07-01", result="passed", score="91.5", experts="甲、乙",
              edition="2021"),
        entry("payments", payment="拨〔2021〕1号", project="甲一", kind="advance", paid_on="2021-03-01",
              amount_wan="100"),
        entry("filings", filing="方案1号", enterprise=HENAN, filed_on="2021-05-01", title="建设方案"),
        entry("robots", mine="演示甲矿", robot="R1", post="水泵房巡检", in_use_on="2022-01-01"),
    ]  # fmt: skip


def stored(judgement: Judgement) -> Snapshot:
    """What a registry holds after these changes to an empty one."""
    rows: Snapshot = {table.word: {} for table in TABLES}
    for number, change in enumerate(judgement.changes, 1):
        rows[change.table][change.key] = Kept(number, 1, change.after)
    return rows


def small_rows() -> Snapshot:
    """The small registry without a database."""
    judgement = judged(small(), EMPTY)
    assert judgement.faults == []
    return stored(judgement)


@asynccontextmanager
async def registry_at(place: str | Path, entries: list[Entry] | None = None) -> AsyncIterator[Registry]:
    """An open registry with these entries in it."""
    async with opened(place) as registry:
        if entries:
            await registry.apply(Read(entries, []), who=WHO, why=WHY)
        yield registry


def faults_of(entries: list[Entry], rows: Mapping[str, Mapping[object, Kept]] | None = None) -> list[str]:
    """What is wrong with entries, by line."""
    judgement = judged(entries, rows or EMPTY)  # type: ignore[arg-type]  # keys are keys
    return [f"{fault.line}: {fault.what}" for fault in judgement.faults]


# Rows at random

LETTERS = st.characters(exclude_categories=("C", "Z"), exclude_characters="=@")
NAMES = st.text(LETTERS, min_size=1, max_size=12).map(plain).filter(lambda name: name and name[0] not in "=@")
TEXTS = st.text(st.one_of(LETTERS, st.just(" "), st.just("\n"), st.sampled_from("'+-")), max_size=20).map(
    str.strip
)
DAYS = st.dates(date(1890, 1, 1), date(2100, 12, 31))
AMOUNTS = st.from_regex(rf"\A[0-9]{{1,10}}(\.[0-9]{{1,{AMOUNT_DIGITS_MAX - 11}}})?\Z").map(Decimal)


def values(column: Column) -> st.SearchStrategy[Value]:
    """What a cell may hold."""
    of: dict[Cell, st.SearchStrategy[Value]] = {
        Cell.NAME: NAMES,
        Cell.TEXT: TEXTS.filter(lambda text: bool(text) and text[0] not in "=@"),
        Cell.WHOLE: st.integers(0, 999_999_999),
        Cell.AMOUNT: AMOUNTS,
        Cell.DAY: DAYS,
        Cell.YES_NO: st.booleans(),
        Cell.CHOICE: st.sampled_from(sorted(column.choices)) if column.choices else st.none(),
    }
    return of[column.cell] if column.required else st.none() | of[column.cell]


def rows(table: Table) -> st.SearchStrategy[list[Row]]:
    """Rows of a table, whether or not they go together."""
    row = st.fixed_dictionaries({column.word: values(column) for column in table.columns})
    return st.lists(row, min_size=1, max_size=5)
