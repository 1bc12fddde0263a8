"""Staff underground and raw-coal efficiency of 2023 beside those of 2020.

Rules (definitions.md §3, part 一（二）3 of the plan)
- Staff of a year is the province's own figure where it is filed, else the sum over the mines that stood at the end of
  that year; if one of them has none, the sum is unknown and the mine is named.
- Efficiency of a year likewise; from the mines it is all their coal over all their man-shifts, exact.
- 提升1.2—1.5倍 can be read as *to* 1.2 times (reading a: ratio ≥ 1.2) or *by* 1.2 times (reading b: ratio ≥ 2.2). The
  ratio is shown with both readings, never as one pass or fail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from rules.plan.register import Mine, Register, YearFigures
from rules.plan.table import YEARS, year_end

BASE_YEAR: Final = 2020
STAFF_REDUCTION: Final = 12_000
READING_A: Final = Fraction(12, 10)
READING_B: Final = Fraction(22, 10)
_NOTHING: Final = YearFigures()


@dataclass(frozen=True, slots=True)
class Workforce:
    """Staff underground of 2020 and of a later year; `lacking` are mines without a figure, per year."""

    year: int
    base: int | None
    staff: int | None
    reduction: int | None
    lacking_base: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Raw coal per man-shift, in t, of 2020 and of a later year; the ratio, and what either reading says of it."""

    year: int
    base_t: float | None
    efficiency_t: float | None
    ratio: float | None
    reading_a_met: bool | None
    reading_b_met: bool | None
    lacking_base: tuple[str, ...]
    lacking: tuple[str, ...]


def year_of(day: date) -> int:
    """The last year of the plan that is over by the end of the day; 2021 before any is."""
    return max((year for year in YEARS if year_end(year) <= day), default=YEARS[0])


def workforce(register: Register, day: date) -> Workforce:
    """Staff of the last year of the plan that is over, beside 2020."""
    year = year_of(day)
    base, lacking_base = _staff(register, BASE_YEAR)
    staff, lacking = _staff(register, year) if year_end(year) <= day else (None, ())
    reduction = None if base is None or staff is None else base - staff
    return Workforce(year, base, staff, reduction, lacking_base, lacking)


def efficiency(register: Register, day: date) -> Efficiency:
    """Efficiency of the last year of the plan that is over, beside 2020."""
    year = year_of(day)
    base, lacking_base = _efficiency(register, BASE_YEAR)
    reached, lacking = _efficiency(register, year) if year_end(year) <= day else (None, ())
    ratio = None if base is None or reached is None else reached / base
    return Efficiency(
        year=year,
        base_t=None if base is None else float(base),
        efficiency_t=None if reached is None else float(reached),
        ratio=None if ratio is None else float(ratio),
        reading_a_met=None if ratio is None else ratio >= READING_A,
        reading_b_met=None if ratio is None else ratio >= READING_B,
        lacking_base=lacking_base,
        lacking=lacking,
    )


def _mines(register: Register, year: int) -> Iterable[tuple[Mine, YearFigures]]:
    for mine in register.mines_on(year_end(year)):
        yield mine, register.mine_years.get((mine.name, year), _NOTHING)


def _staff(register: Register, year: int) -> tuple[int | None, tuple[str, ...]]:
    filed = register.province_years.get(year, _NOTHING).staff_underground
    if filed is not None:
        return filed, ()
    figures = [(mine.name, of_year.staff_underground) for mine, of_year in _mines(register, year)]
    lacking = tuple(name for name, staff in figures if staff is None)
    if lacking or not figures:
        return None, lacking
    return sum(staff for _, staff in figures if staff is not None), ()


def _efficiency(register: Register, year: int) -> tuple[Fraction | None, tuple[str, ...]]:
    filed = register.province_years.get(year, _NOTHING).efficiency_t
    if filed:
        return Fraction(filed), ()
    lacking, coal, shifts = [], Fraction(0), Fraction(0)
    for mine, of_year in _mines(register, year):
        if of_year.output_wan_t is None or not of_year.efficiency_t:
            lacking.append(mine.name)
        else:
            coal += Fraction(of_year.output_wan_t)
            shifts += Fraction(of_year.output_wan_t) / Fraction(of_year.efficiency_t)
    return (None if lacking or not shifts else coal / shifts), tuple(lacking)
