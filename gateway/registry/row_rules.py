"""What must hold within a row of the registry, table by table; what is said is for who filled it in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from gateway.registry.form import Row
from gateway.registry.tables import BY_WORD
from gateway.registry.units import is_its_own_unit
from rules.plan.project import COLUMNS, row_faults
from rules.shift_calendar import MINUTES_MAX

YEAR_MIN: Final = 2000
YEAR_MAX: Final = 2100
_START: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_WORD: Final = re.compile(r" ?\b([a-z_]+)\b(?: (?=\D))?")
_PROJECT_ZH: Final = {
    **{column.word: column.zh for column in BY_WORD["projects"].columns},
    **BY_WORD["projects"].column("kind").choices,
}


def project(row: Row) -> Iterator[str]:
    """As in projects.csv (definitions.md §3); in Chinese the columns go by their names on the form."""
    for fault in row_faults({word: cell(row[word]) for word in COLUMNS}):
        zh, _, en = fault.partition(" / ")
        yield f"{_WORD.sub(lambda found: _PROJECT_ZH.get(found[1], found[0]), zh)} / {en}"


def cell(value: object) -> str:
    """A value as projects.csv has it."""
    return "" if value is None else str(value)


def enterprise(row: Row) -> Iterator[str]:
    """A payer is one of a plan unit."""
    if row["payer"] is not None and not is_its_own_unit(row):
        yield (
            f"奖补资金来源按计划单位定，请填在“{row['plan_unit']}”一行 / "
            f"the payer is that of the plan unit: fill it in there, not here"
        )


def of_a_year(row: Row) -> Iterator[str]:
    """A year that can be."""
    year = row["year"]
    if isinstance(year, int) and not YEAR_MIN <= year <= YEAR_MAX:
        yield f"年度 {year} 不在 {YEAR_MIN}—{YEAR_MAX} / the year is out of range"


def mine_year(row: Row) -> Iterator[str]:
    """Output and efficiency go together: the one divided by the other is the man-shifts."""
    yield from of_a_year(row)
    if (row["output_wan_t"] is None) != (row["efficiency_t"] is None):
        yield "原煤产量和原煤工效要一起填 / output and efficiency are filled together"
    if row["efficiency_t"] == 0:
        yield "原煤工效不能为 0：未知请留空 / the efficiency cannot be 0: leave it blank if unknown"


def face(row: Row) -> Iterator[str]:
    """A face is intelligent by a project or from before, not both."""
    if row["project"] is not None and row["intelligent_on"] is not None:
        yield "有项目的工作面不填智能化日期 / a face of a project takes its date from there: leave intelligent_on blank"
    yield from lifetime(row)


def lifetime(row: Row) -> Iterator[str]:
    """What ends has begun."""
    opened, closed = row.get("opened_on"), row["closed_on"]
    if opened is not None and closed is not None and str(closed) < str(opened):
        yield "关闭日期早于启用日期 / closed before it was opened"


def shift(row: Row) -> Iterator[str]:
    """A time of day and a length that can be."""
    if not _START.fullmatch(str(row["start"])):
        yield f"开始时刻“{row['start']}”应为 08:00 的形式 / start must be as 08:00"
    minutes = row["minutes"]
    if isinstance(minutes, int) and not 1 <= minutes <= MINUTES_MAX:
        yield f"时长应为 1—{MINUTES_MAX} 分 / minutes must be 1…{MINUTES_MAX}"


def filing(row: Row) -> Iterator[str]:
    """Either an enterprise's or a city's."""
    if (row["enterprise"] is None) == (row["city"] is None):
        yield "企业和城市填一个 / fill either enterprise or city"


RULES: Final[Mapping[str, Callable[[Row], Iterable[str]]]] = {
    "enterprises": enterprise,
    "projects": project,
    "mines": lifetime,
    "mine_years": mine_year,
    "province_years": of_a_year,
    "faces": face,
    "chambers": lifetime,
    "gateways": lifetime,
    "shifts": shift,
    "filings": filing,
}
