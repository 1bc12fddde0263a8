"""The plan as printed: its table, the ranges of its text, its units and who pays each of them.

Source: 《河南省煤矿智能化建设三年行动方案（2021—2023年）》, annex (the table) and part 一（二） (the text).

Rules (definitions.md §3)
- A plan unit is a row of the table; any other enterprise is *off the table* and has no planned figures.
- The table counts new projects per unit, kind and year; the text gives cumulative ranges for the province.
  The table itself passes the text's upper end for demonstration mines in 2022 and 2023: both are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What a project builds."""

    MINING_FACE = "mining_face"
    DRIVING_FACE = "driving_face"
    DRIVING_FACE_TBM = "driving_face_tbm"
    DEMONSTRATION_MINE = "demonstration_mine"
    CHAMBER = "chamber"
    OTHER = "other"

    @property
    def counted_as(self) -> Kind | None:
        """The kind of the table's column it counts in: a TBM heading is a driving face; some have none."""
        if self is Kind.DRIVING_FACE_TBM:
            return Kind.DRIVING_FACE
        return self if self in TABLE_KINDS else None


class Payer(StrEnum):
    """Who pays a unit's rewards (part 三（二）)."""

    PROVINCE = "province"
    LOCAL = "local"
    PARENT = "parent"


TABLE_KINDS: Final = (Kind.MINING_FACE, Kind.DRIVING_FACE, Kind.DEMONSTRATION_MINE)
YEARS: Final = (2021, 2022, 2023)
WHOLE_PLAN: Final = "2021-2023"
TOTAL: Final = "合计"
"""The six units of the table together."""
PROVINCE: Final = "全省"
"""All units, those off the table too."""

_CELLS: Final[Mapping[str, tuple[tuple[int, int, int], ...]]] = MappingProxyType(
    {
        # unit: per kind in the order of TABLE_KINDS, the years 2021, 2022, 2023
        "河南能源化工集团": ((16, 10, 14), (14, 20, 30), (6, 2, 3)),
        "中平能化集团": ((11, 10, 10), (18, 37, 80), (3, 3, 3)),
        "郑煤集团": ((2, 3, 2), (4, 3, 0), (1, 0, 1)),
        "神火集团": ((2, 0, 0), (1, 1, 0), (0, 1, 0)),
        "中煤河南分公司": ((1, 2, 2), (1, 2, 3), (0, 0, 0)),
        "郑州市": ((0, 1, 1), (0, 1, 1), (0, 0, 1)),
    }
)
UNITS: Final = tuple(_CELLS)

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "河南能源": "河南能源化工集团",
        "河南能源集团": "河南能源化工集团",
        "平煤神马": "中平能化集团",
        "平煤神马集团": "中平能化集团",
        "中国平煤神马": "中平能化集团",
        "中国平煤神马集团": "中平能化集团",
        "中平能化": "中平能化集团",
        "郑煤": "郑煤集团",
        "神火": "神火集团",
        "中煤河南": "中煤河南分公司",
        "中煤河南公司": "中煤河南分公司",
    }
)

PAYERS: Final[Mapping[str, Payer]] = MappingProxyType(
    {
        "河南能源化工集团": Payer.PROVINCE,
        "中平能化集团": Payer.PROVINCE,
        "郑煤集团": Payer.PROVINCE,
        "神火集团": Payer.LOCAL,
        "中煤河南分公司": Payer.PARENT,
        "郑州市": Payer.LOCAL,
    }
)

TEXT_RANGES: Final[Mapping[tuple[Kind, int], tuple[int, int | None]]] = MappingProxyType(
    {
        (Kind.DEMONSTRATION_MINE, 2021): (8, 10),
        (Kind.MINING_FACE, 2021): (30, 35),
        (Kind.DRIVING_FACE, 2021): (35, 40),
        (Kind.DEMONSTRATION_MINE, 2022): (10, 15),
        (Kind.MINING_FACE, 2022): (50, None),
        (Kind.DRIVING_FACE, 2022): (100, None),
        (Kind.DEMONSTRATION_MINE, 2023): (15, 20),
        (Kind.MINING_FACE, 2023): (80, None),
        (Kind.DRIVING_FACE, 2023): (200, None),
    }
)
"""Cumulative for the province by the end of the year: lower end, upper end (`None`: 以上)."""


def plan_unit(enterprise: str, aliases: Mapping[str, str] = ALIASES) -> str:
    """The plan unit an enterprise's name stands for; a name that is neither unit nor alias stays itself."""
    return aliases.get(enterprise, enterprise)


def year_end(year: int) -> date:
    """31 December, the day a year of the plan falls due."""
    return date(year, 12, 31)


def planned(unit: str, kind: Kind, year: int) -> int | None:
    """The table's cell; `None` for a unit off the table."""
    return _cell(unit, kind, year) if unit in UNITS else None


def planned_cumulative(unit: str, kind: Kind, year: int) -> int | None:
    """The table's cells from 2021 up to the year; `None` for a unit off the table."""
    return sum(_cell(unit, kind, each) for each in YEARS if each <= year) if unit in UNITS else None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One figure of the table; `year` is a year, or `2021-2023` for the three together."""

    enterprise: str
    kind: Kind
    year: int | str
    planned: int


@dataclass(frozen=True, slots=True)
class PlanTable:
    """The table and its sums, as `ninebelow plan table` prints them."""

    rows: tuple[TableRow, ...]
    totals: tuple[TableRow, ...]


def plan_table() -> PlanTable:
    """Rows: units, kinds, years. Totals: 合计 per kind and year, then each unit and 合计 over the years."""
    rows = [
        TableRow(unit, kind, year, _cell(unit, kind, year))
        for unit, kind, year in product(UNITS, TABLE_KINDS, YEARS)
    ]
    totals = [
        TableRow(TOTAL, kind, year, sum(_cell(unit, kind, year) for unit in UNITS))
        for kind, year in product(TABLE_KINDS, YEARS)
    ]
    whole_plan = [
        TableRow(
            unit,
            kind,
            WHOLE_PLAN,
            sum(row.planned for row in (*rows, *totals) if (row.enterprise, row.kind) == (unit, kind)),
        )
        for unit, kind in product((*UNITS, TOTAL), TABLE_KINDS)
    ]
    return PlanTable(tuple(rows), (*totals, *whole_plan))


def _cell(unit: str, kind: Kind, year: int) -> int:
    return _CELLS[unit][TABLE_KINDS.index(kind)][YEARS.index(year)]
