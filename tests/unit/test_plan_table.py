"""Pins the plan's table to the printed annex, cell by cell and sum by sum, and the text's ranges beside it."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from rules.plan.table import (
    ALIASES,
    PAYERS,
    TABLE_KINDS,
    TEXT_RANGES,
    UNITS,
    YEARS,
    Kind,
    plan_table,
    plan_unit,
    planned,
    planned_cumulative,
)
from tests.unit.reference_plan import OTHER_NAMES, SIX, cell

# 合计 as printed: 采煤 掘进 示范 of 2021, 2022, 2023 and 3年总计.
PRINTED_TOTAL = {
    2021: (32, 38, 10),
    2022: (26, 64, 6),
    2023: (29, 114, 8),
    "2021-2023": (87, 216, 24),
}
# 3年总计 as printed, per unit.
PRINTED_WHOLE_PLAN = {
    "河南能源化工集团": (40, 64, 11),
    "中平能化集团": (31, 135, 9),
    "郑煤集团": (7, 7, 2),
    "神火集团": (2, 2, 1),
    "中煤河南分公司": (5, 6, 0),
    "郑州市": (2, 2, 1),
}


def test_every_cell_is_the_printed_one() -> None:
    """54 rows, units then kinds then years, each as in the annex."""
    rows = [
        {"enterprise": unit, "kind": kind, "year": year, "planned": cell(unit, kind, year)}
        for unit in SIX
        for kind in ("mining_face", "driving_face", "demonstration_mine")
        for year in (2021, 2022, 2023)
    ]
    assert [asdict(row) for row in plan_table().rows] == rows


def test_totals_are_the_printed_sums_in_order() -> None:
    """合计 per kind and year, then each unit and 合计 over the three years."""
    kinds = ("mining_face", "driving_face", "demonstration_mine")
    expected: list[tuple[str, str, int | str, int]] = [
        ("合计", kind, year, PRINTED_TOTAL[year][column])
        for column, kind in enumerate(kinds)
        for year in (2021, 2022, 2023)
    ]
    expected += [
        (unit, kind, "2021-2023", sums[column])
        for unit, sums in (PRINTED_WHOLE_PLAN | {"合计": PRINTED_TOTAL["2021-2023"]}).items()
        for column, kind in enumerate(kinds)
    ]
    assert [tuple(asdict(row).values()) for row in plan_table().totals] == expected


def test_cumulative_runs_up_to_the_year() -> None:
    """Cumulative figures add the cells from 2021 on; off the table there is none."""
    assert planned_cumulative("中平能化集团", Kind.DRIVING_FACE, 2022) == 18 + 37
    assert planned_cumulative("郑州市", Kind.MINING_FACE, 2021) == 0
    assert planned("演示集团", Kind.MINING_FACE, 2021) is None
    assert planned_cumulative("合计", Kind.MINING_FACE, 2021) is None


def test_the_table_passes_the_texts_upper_end_for_demonstration_mines() -> None:
    """The table is within the text's ranges but for demonstration mines in 2022 and 2023 (16 > 15, 24 > 20)."""
    passed = []
    for (kind, year), (low, high) in TEXT_RANGES.items():
        table = sum(planned_cumulative(unit, kind, year) or 0 for unit in UNITS)
        assert table >= low
        passed += [(kind, year)] if high is not None and table > high else []
    assert passed == [(Kind.DEMONSTRATION_MINE, 2022), (Kind.DEMONSTRATION_MINE, 2023)]
    assert set(TEXT_RANGES) == {(kind, year) for kind in TABLE_KINDS for year in YEARS}


def test_aliases_and_payers() -> None:
    """Every alias leads to its unit, exactly as written; every unit has its payer."""
    assert {alias: plan_unit(alias) for alias in ALIASES} == {
        alias: SIX[place] for alias, place in OTHER_NAMES.items()
    }
    assert plan_unit("河南能源化工") == "河南能源化工"
    assert [PAYERS[unit] for unit in UNITS] == [
        "province",
        "province",
        "province",
        "local",
        "parent",
        "local",
    ]


@pytest.mark.parametrize(
    ("kind", "counted_as"),
    [
        (Kind.MINING_FACE, Kind.MINING_FACE),
        (Kind.DRIVING_FACE, Kind.DRIVING_FACE),
        (Kind.DRIVING_FACE_TBM, Kind.DRIVING_FACE),
        (Kind.DEMONSTRATION_MINE, Kind.DEMONSTRATION_MINE),
        (Kind.CHAMBER, None),
        (Kind.OTHER, None),
    ],
)
def test_the_column_a_kind_counts_in(kind: Kind, counted_as: Kind | None) -> None:
    """A TBM heading is a driving face; chambers and others have no rows."""
    assert kind.counted_as is counted_as
