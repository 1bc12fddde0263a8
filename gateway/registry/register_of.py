"""The registry's rows as the rules take them: struck-out records left out, plan units worked out.

A project counts for its mine's plan unit if the mine has one of its own (郑州市 is a city, not an enterprise), else for
its enterprise's, else for the enterprise itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

from gateway.registry.form import Key, Row, Value
from gateway.registry.intake import Kept
from gateway.registry.tables import CLOSED
from gateway.registry.units import is_its_own_unit, unit_of
from rules.chambers.rule import Level
from rules.plan.project import STEPS, Project
from rules.plan.register import Chamber, Face, Lifetime, Mine, Payment, Register, Robot, YearFigures
from rules.plan.table import PAYERS, Kind, Payer, plan_unit

Rows = Mapping[str, Mapping[Key, Kept]]
Type = TypeVar("Type")


def register_of(rows: Rows) -> Register:
    """The registry at one moment."""
    units = {str(row["enterprise"]): unit_of(row) for row in all_of(rows, "enterprises")}
    mines = tuple(_mine(row, units) for row in all_of(rows, "mines"))
    own_unit = {
        str(row["mine"]): plan_unit(str(row["plan_unit"]))
        for row in all_of(rows, "mines")
        if row["plan_unit"] is not None
    }
    payers = {
        units[str(row["enterprise"])]: Payer(str(row["payer"]))
        for row in all_of(rows, "enterprises")
        if row["payer"] is not None and is_its_own_unit(row)
    }
    declared: dict[tuple[str, str], list[tuple[date, Level]]] = {}
    for row in standing(rows, "declarations"):
        place = (str(row["mine"]), str(row["chamber"]))
        declared.setdefault(place, []).append((_is(date, row["declared_on"]), Level(str(row["level"]))))
    return Register(
        projects=tuple(_project(row, units, own_unit) for row in standing(rows, "projects")),
        mines=mines,
        faces=tuple(_face(row) for row in all_of(rows, "faces")),
        chambers=tuple(_chamber(row, declared) for row in all_of(rows, "chambers")),
        mine_years={
            (str(row["mine"]), _is(int, row["year"])): _figures(row) for row in standing(rows, "mine_years")
        },
        province_years={_is(int, row["year"]): _figures(row) for row in standing(rows, "province_years")},
        robots=tuple(
            Robot(
                str(row["mine"]),
                str(row["robot"]),
                str(row["post"]),
                _is(date, row["in_use_on"]),
                lifetime(row),
            )
            for row in all_of(rows, "robots")
        ),
        payments=tuple(
            Payment(
                str(row["project"]),
                cast("Any", row["kind"]),
                _is(date, row["paid_on"]),
                _is(Decimal, row["amount_wan"]),
            )
            for row in standing(rows, "payments")
        ),
        payers={**PAYERS, **payers},
    )


def all_of(rows: Rows, table: str) -> Iterator[Row]:
    """The rows of a table, closed ones too."""
    return (kept.row for kept in rows[table].values())


def standing(rows: Rows, table: str) -> Iterator[Row]:
    """The records of a table that are not struck out."""
    return (row for row in all_of(rows, table) if row[CLOSED] is None)


def lifetime(row: Row) -> Lifetime:
    """From when to when."""
    return Lifetime(_or_none(date, row.get("opened_on")), _or_none(date, row[CLOSED]))


def _is(kind: type[Type], value: Value) -> Type:
    assert isinstance(value, kind)
    return value


def _or_none(kind: type[Type], value: Value) -> Type | None:
    return None if value is None else _is(kind, value)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _mine(row: Row, units: Mapping[str, str]) -> Mine:
    enterprise = str(row["enterprise"])
    return Mine(
        name=str(row["mine"]),
        unit=plan_unit(str(row["plan_unit"] or units[enterprise])),
        enterprise=enterprise,
        city=_text(row["city"]),
        code=_text(row["code"]),
        capacity_wan_t=_or_none(Decimal, row["capacity_wan_t"]),
        depth_m=_or_none(Decimal, row["depth_m"]),
        rock_burst=_or_none(bool, row["rock_burst"]),
        outburst=_or_none(bool, row["outburst"]),
        stage=cast("Any", row["stage"]),
        lifetime=lifetime(row),
    )


def _face(row: Row) -> Face:
    return Face(
        mine=str(row["mine"]),
        code=str(row["face"]),
        title=str(row["title"]),
        kind=cast("Any", row["kind"]),
        project=_text(row["project"]),
        intelligent_on=_or_none(date, row["intelligent_on"]),
        lifetime=lifetime(row),
    )


def _chamber(row: Row, declared: Mapping[tuple[str, str], list[tuple[date, Level]]]) -> Chamber:
    mine, code = str(row["mine"]), str(row["chamber"])
    levels = tuple(sorted(declared.get((mine, code), ()), key=lambda each: each[0]))
    return Chamber(mine, code, str(row["title"]), str(row["kind"]), levels, lifetime(row))


def _figures(row: Row) -> YearFigures:
    return YearFigures(
        staff_underground=_or_none(int, row["staff_underground"]),
        output_wan_t=_or_none(Decimal, row.get("output_wan_t")),
        efficiency_t=_or_none(Decimal, row["efficiency_t"]),
    )


def _project(row: Row, units: Mapping[str, str], own_unit: Mapping[str, str]) -> Project:
    mine = _text(row["mine"])
    return Project(
        name=str(row["project"]),
        enterprise=own_unit.get(mine or "") or units[str(row["enterprise"])],
        mine=mine,
        kind=Kind(str(row["kind"])),
        planned_year=_is(int, row["planned_year"]),
        investment_wan=_or_none(Decimal, row["investment_wan"]),
        **{step: _or_none(date, row[step]) for step in STEPS},
    )
