"""The bulletin as a document: what every form prints, that it fits the page, and how the unknown looks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from gateway.reports.bulletin import Bulletin, bulletin
from gateway.reports.document import (
    NO_DATA,
    UPRIGHT_MM,
    Cell,
    Column,
    Document,
    HeadCell,
    Sort,
    Table,
    Tone,
    text_of,
)
from gateway.reports.inputs import Inputs, Span
from gateway.reports.outline import outlined
from gateway.reports.settings import ReportSettings
from rules.plan.project import Project
from rules.plan.register import Register
from rules.plan.table import PROVINCE, TABLE_KINDS, TOTAL, UNITS, YEARS, Kind
from tests import bulletin_scene
from tests.bulletin_scene import AS_OF

ACROSS_MM = 257
OFF_TABLE = Project(
    "甲", "演示集团", "演示九十九矿", Kind.MINING_FACE, 2021, completed_on=AS_OF, accepted_on=AS_OF
)


def laid_out(inputs: Inputs, as_of: date = AS_OF, span: Span = Span.QUARTER) -> Document:
    """The document of these inputs."""
    return outlined(bulletin(inputs, span, as_of), ReportSettings())


def bare(*more: Project, demo: bool = True) -> Inputs:
    """Projects alone."""
    return Inputs(Register(projects=(*bulletin_scene.demo_projects(), *more)), demo=demo)


def sentences(document: Document) -> str:
    """All paragraphs."""
    return "".join(
        block for section in document.sections for block in section.blocks if isinstance(block, str)
    )


def table_named(document: Document, name: str) -> Table:
    """The table of that sheet name."""
    return next(table for table in document.tables if table.name == name)


@pytest.fixture(scope="module")
def whole() -> Bulletin:
    """With everything a bulletin can have."""
    return bulletin(bulletin_scene.inputs(), Span.QUARTER, AS_OF)


@pytest.fixture(scope="module")
def document(whole: Bulletin) -> Document:
    """Its document."""
    return outlined(whole, ReportSettings())


def cells_of(whole: Bulletin, name: str) -> dict[str, list[Cell]]:
    """Rows of a table by their first cell."""
    table = table_named(outlined(whole, ReportSettings()), name)
    return {str(row[0].value): list(row[1:]) for row in table.rows}


def test_plan_table_is_the_annex_with_what_was_accepted(whole: Bulletin) -> None:
    """Units, 合计; per year and over the plan the three kinds, planned beside accepted."""
    rows = {
        (row.enterprise, row.kind, row.year): row for row in (*whole.progress.rows, *whole.progress.totals)
    }
    found = cells_of(whole, "计划表对照")
    assert list(found) == [*UNITS, TOTAL]
    for unit in found:
        yearly = [rows[unit, kind, year] for year, kind in product(YEARS, TABLE_KINDS)]
        expected = [figure for row in yearly for figure in (row.planned, row.accepted)]
        last = [rows[unit, kind, 2023] for kind in TABLE_KINDS]
        expected += [f for row in last for f in (row.planned_cumulative, row.accepted_cumulative)]
        assert [cell.value for cell in found[unit]] == expected


def test_cumulative_table_has_the_same_layout(whole: Bulletin) -> None:
    """Planned, completed and accepted up to each year's end."""
    rows = {
        (row.enterprise, row.kind, row.year): row for row in (*whole.progress.rows, *whole.progress.totals)
    }
    for unit, cells in cells_of(whole, "累计对照").items():
        expected = [
            figure
            for year, kind in product(YEARS, TABLE_KINDS)
            for row in [rows[unit, kind, year]]
            for figure in (row.planned_cumulative, row.completed_cumulative, row.accepted_cumulative)
        ]
        assert [cell.value for cell in cells] == expected


def test_lagging_is_marked_only_once_due(whole: Bulletin) -> None:
    """As of October 2022 the year 2021 may lag, 2022 and 2023 cannot yet."""
    tones = {
        (unit, place // 9): cell.tone
        for unit, cells in cells_of(whole, "累计对照").items()
        for place, cell in enumerate(cells)
        if cell.tone is Tone.LAGGING
    }
    assert {year for _, year in tones} == {0}
    assert ("河南能源化工集团", 0) in tones


def test_units_off_the_table_have_no_planned_figures() -> None:
    """They stand between 合计 and 全省, with — for what the plan does not say."""
    table = table_named(laid_out(bare(OFF_TABLE)), "计划表对照")
    names = [row[0].value for row in table.rows]
    assert names == [*UNITS, TOTAL, "演示集团", PROVINCE]
    off = table.rows[names.index("演示集团")]
    assert [cell.value for cell in off[1::2]] == [None] * 12
    assert text_of(off[1], Sort.COUNT) == "—"
    assert [total.row for total in table.totals] == [6, 8]
    assert table.totals[1].of == (0, 1, 2, 3, 4, 5, 7)


@pytest.mark.parametrize(
    "inputs", [bare(), bare(OFF_TABLE), bulletin_scene.inputs(), Inputs(Register(), demo=True)]
)
@pytest.mark.parametrize(
    "as_of", [date(2020, 6, 1), date(2021, 12, 31), AS_OF, date(2023, 12, 31), date(2025, 1, 1)]
)
def test_totals_are_sums_of_what_they_say(inputs: Inputs, as_of: date) -> None:
    """Every total of every table, column by column; and every ratio is its two columns'."""
    for table in laid_out(inputs, as_of).tables:
        for total in table.totals:
            for place, column in enumerate(table.columns):
                value = table.rows[total.row][place].value
                if column.sort in {Sort.COUNT, Sort.AMOUNT} and not isinstance(value, str):
                    parts = [table.rows[row][place].value for row in total.of]
                    found = sum((Decimal(str(part)) for part in parts if part is not None), Decimal(0))
                    assert value == found, (table.name, column.heads)
        for ratio in table.ratios:
            for row in table.rows:
                share, part, whole_ = (row[place].value for place in ratio)
                assert share == (part / whole_ if whole_ else None)  # type: ignore[operator]  # counts


@pytest.mark.parametrize("inputs", [bare(OFF_TABLE), bulletin_scene.inputs()])
def test_tables_fit_their_pages(inputs: Inputs) -> None:
    """Between the margins, upright in the body and across in the annexes; a row has a cell per column."""
    document = laid_out(inputs, date(2023, 12, 31))
    body = [block for section in document.sections for block in section.blocks if isinstance(block, Table)]
    annexed = [table for annex in document.annexes for table in annex.tables]
    assert max(table.width_mm for table in body) <= UPRIGHT_MM
    assert max(table.width_mm for table in annexed) <= ACROSS_MM
    assert all(len(row) == len(table.columns) for table in document.tables for row in table.rows)
    names = [table.name for table in document.tables]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)


def test_head_cells_span_what_is_equal() -> None:
    """Equal heads side by side are one; a short head reaches down; the same word under another head is another cell."""
    columns = (
        Column(("单位",), Sort.TEXT, 10),
        Column(("甲", "计划"), Sort.COUNT, 10),
        Column(("甲", "验收"), Sort.COUNT, 10),
        Column(("乙", "验收"), Sort.COUNT, 10),
    )
    table = Table("t", "t", columns, ())
    assert table.head() == [
        [HeadCell("单位", 0, 1, 2), HeadCell("甲", 1, 2, 1), HeadCell("乙", 3, 1, 1)],
        [HeadCell("计划", 1, 1, 1), HeadCell("验收", 2, 1, 1), HeadCell("验收", 3, 1, 1)],
    ]


def test_groups_join_equal_neighbours_of_the_first_column() -> None:
    """Only where the table says so."""
    rows = tuple((Cell(name),) for name in ("甲", "甲", "甲", "乙", "甲"))
    table = Table("t", "t", (Column(("单位",), Sort.TEXT, 10),), rows)
    assert table.groups() == [1] * 5
    assert replace(table, grouped=True).groups() == [3, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("cell", "sort", "text"),
    [
        (Cell(None), Sort.COUNT, "—"),
        (Cell(0), Sort.COUNT, "0"),
        (Cell(3, Tone.LAGGING), Sort.COUNT, "3▲"),
        (Cell(0.876), Sort.SHARE, "87.6%"),
        (Cell(Decimal("8308.536")), Sort.AMOUNT, "8308.5360"),
        (Cell(date(2022, 10, 31)), Sort.DAY, "2022-10-31"),
        (Cell(NO_DATA, Tone.UNKNOWN), Sort.COUNT, "无数据"),
        (Cell("甲\x0b乙"), Sort.TEXT, "甲〓乙"),
    ],
)
def test_printed_values(cell: Cell, sort: Sort, text: str) -> None:
    """— does not apply, 无数据 is unknown, 0 is zero."""
    assert text_of(cell, sort) == text


def test_without_data_it_says_so_and_counts_nothing() -> None:
    """Staffing, chambers, evidence and payments of a projects.csv."""
    document = laid_out(bare())
    said = sentences(document)
    for words in ("没有接入工作面人数，本期不作评价", "没有登记机房硐室", "没有拨付登记"):
        assert words in said
    for name in ("限员排名（单位）", "硐室排名（单位）", "验收存疑"):
        assert name not in {table.name for table in document.tables}
    rewards = table_named(document, "奖补汇总")
    assert {cell.value for row in rewards.rows for cell in row[-2:]} == {NO_DATA}


def test_units_without_data_say_so_in_every_league(document: Document) -> None:
    """Not 0 shifts within the limit, and not 0 chambers at the level."""
    for name, known in (("限员排名（单位）", 2), ("硐室排名（单位）", 2)):
        blind = [row for row in table_named(document, name).rows if row[0].value is None]
        assert len(blind) == len(UNITS) - 1
        assert all(row[-1] == Cell(NO_DATA, Tone.UNKNOWN) for row in blind)
        assert all(cell.value == NO_DATA for row in blind for cell in row[known + 2 : known + 3])


def test_rewards_stand_under_their_units_and_years(whole: Bulletin) -> None:
    """As the sums of `ninebelow plan reward`, and 0 where a unit-year has none."""
    sums = {(each.enterprise, each.year): each.reward_wan for each in whole.rewards.sums}
    found = cells_of(whole, "奖补汇总")
    for unit in UNITS:
        expected = [sums.get((unit, year), Decimal(0)) for year in YEARS]
        assert [cell.value for cell in found[unit][1:5]] == [*expected, sum(expected)]
    assert [found[unit][0].value for unit in UNITS] == [*["省财政"] * 3, "市县财政", "上级部门", "市县财政"]


def test_notice_stands_on_demo_data_only() -> None:
    """And the notes say what it means."""
    assert "演示数据" in laid_out(bare()).notice
    assert "虚构" in sentences(laid_out(bare()))
    assert laid_out(bare(demo=False)).notice == ""
    assert "演示数据" not in sentences(laid_out(bare(demo=False)))


def test_sentences_have_the_tables_numbers(whole: Bulletin, document: Document) -> None:
    """The overview's counts are the province's."""
    rows = {row.kind: row for row in whole.progress.totals if (row.enterprise, row.year) == (PROVINCE, 2022)}
    accepted = [rows[kind].accepted_cumulative for kind in TABLE_KINDS]
    said = sentences(document)
    assert "累计验收采煤工作面{}个、掘进工作面{}个、示范煤矿{}处".format(*accepted) in said
    rates = "、".join(f"{rows[kind].rate:.1%}" for kind in TABLE_KINDS)
    assert f"完成率分别为{rates}" in said
    payable = sum((each.reward_wan for each in whole.rewards.sums), Decimal(0))
    assert f"应奖补{payable}万元" in said


def test_every_annex_that_a_sentence_names_is_there(document: Document) -> None:
    """And annexes are numbered without a hole."""
    names = {annex.name for annex in document.annexes}
    assert set(re.findall(r"见附件“([^”]+)”", sentences(document))) <= names
    assert [annex.number for annex in document.annexes] == list(range(1, len(names) + 1))


def test_before_the_plan_and_without_projects() -> None:
    """Nothing is due, nothing is there, and nothing breaks."""
    document = laid_out(Inputs(Register(), demo=False), date(2020, 6, 1), Span.YEAR)
    assert "关于2020年度" in document.title
    assert "没有已到期而未验收的项目" in sentences(document)
    assert "尚无到期年度" in sentences(document)


def test_an_empty_registry_is_said_to_be_empty() -> None:
    """Its zeros are no progress and no compliance, and nothing is forecast of nothing."""
    told = sentences(laid_out(Inputs(Register(projects=()), demo=False)))
    assert told.startswith("无数据：没有登记任何项目")
    assert "没有不能按期建成的" not in told
    assert "样本不足，不推算" in told
    assert "没有登记任何项目" not in sentences(laid_out(bare()))


@pytest.mark.parametrize(("width_mm", "rows", "kept"), [(156, 26, True), (156, 27, False), (200, 11, False)])
def test_a_table_is_kept_on_one_page_only_where_it_fits(width_mm: float, rows: int, kept: bool) -> None:
    """One that does not fit would leave its heading behind."""
    table = Table("表", "表", (Column(("数",), Sort.COUNT, width_mm),), ((Cell(1),),) * rows)
    assert table.is_kept is kept
