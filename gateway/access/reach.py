"""What lies within a scope, and the registry cut down to it. The only place that decides what belongs to whom.

Rules
- An enterprise has the mines that the registry says are its own, and of the readings those of their codes. A mine that
  was closed keeps its rows; its code opens nothing any more. A mine of no enterprise is seen by the province only.
- A row belongs to the mine that it names; a payment and an acceptance to their project's; a project without a mine and
  a filing to the enterprise that they name. Names of cities and enterprises are everybody's. Figures of the province
  and all other rows are beyond every scope but the province's.
- What the plan counts is counted over the rows that are left, so nothing beyond the scope can come into an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from gateway.access.person import Kind, Scope
from gateway.registry.audit import AuditEntry
from gateway.registry.form import Key, Row
from gateway.registry.intake import Kept
from gateway.registry.naming import folded
from gateway.registry.tables import CLOSED

Rows = Mapping[str, Mapping[Key, Kept]]
"""Every row of every table, as the registry gives them."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a scope covers: codes of mines on the wire, names of mines, enterprises and projects in the registry."""

    is_province: bool = False
    codes: frozenset[str] = frozenset()
    mines: frozenset[str] = frozenset()
    enterprises: frozenset[str] = frozenset()
    """Of an enterprise's scope; one mine's has none."""
    owners: frozenset[str] = frozenset()
    """The enterprises that have these mines."""
    projects: frozenset[str] = frozenset()

    def has_code(self, code: str) -> bool:
        """Are a mine's readings within it?"""
        return self.is_province or code in self.codes

    def has_mine(self, name: object) -> bool:
        """Is a mine of the registry within it?"""
        return self.is_province or name in self.mines

    def has_enterprise(self, name: object) -> bool:
        """Is the enterprise as such within it?"""
        return self.is_province or name in self.enterprises

    def owns(self, enterprise: object) -> bool:
        """Has this enterprise mines within it?"""
        return self.is_province or enterprise in self.owners

    def sees(self, table: str, row: Mapping[str, object]) -> bool:
        """Does a row lie within it? A table that nothing is said of is the province's own."""
        return self.is_province or BELONGS.get(table, is_nobodys)(row, self)


EVERYTHING: Final = Reach(is_province=True)

Belongs = Callable[[Mapping[str, object], Reach], bool]


def is_of_mine(row: Mapping[str, object], reach: Reach) -> bool:
    """What a mine has."""
    return reach.has_mine(row["mine"])


def is_mine(row: Mapping[str, object], reach: Reach) -> bool:
    """A mine: one of those, or one that the enterprise adds."""
    return reach.has_mine(row["mine"]) or reach.has_enterprise(row["enterprise"])


def is_of_enterprise(row: Mapping[str, object], reach: Reach) -> bool:
    """What an enterprise has."""
    return reach.has_enterprise(row["enterprise"])


def is_project(row: Mapping[str, object], reach: Reach) -> bool:
    """A project is its mine's; without one its enterprise's."""
    return (is_of_enterprise if row["mine"] is None else is_of_mine)(row, reach)


def is_of_project(row: Mapping[str, object], reach: Reach) -> bool:
    """What a project has."""
    return row["project"] in reach.projects


def is_everybodys(_: Mapping[str, object], __: Reach) -> bool:
    """What everybody may know."""
    return True


def is_nobodys(_: Mapping[str, object], __: Reach) -> bool:
    """What is the province's own."""
    return False


BELONGS: Final[Mapping[str, Belongs]] = {
    "cities": is_everybodys,
    "enterprises": is_everybodys,
    "aliases": is_everybodys,
    "mines": is_mine,
    "mine_years": is_of_mine,
    "province_years": is_nobodys,
    "projects": is_project,
    "faces": is_of_mine,
    "chambers": is_of_mine,
    "declarations": is_of_mine,
    "gateways": is_of_mine,
    "shifts": is_of_mine,
    "acceptances": is_of_project,
    "payments": is_of_project,
    "filings": is_of_enterprise,
    "robots": is_of_mine,
}


def reach_of(scope: Scope, rows: Rows, today: date) -> Reach:
    """The reach of a scope as the registry stands."""
    if scope.kind is Kind.PROVINCE:
        return EVERYTHING
    of = scope.of or ""
    mines = [kept.row for kept in rows.get("mines", {}).values()]
    if scope.kind is Kind.MINE:
        own = [row for row in mines if row["code"] == of]
        codes, enterprises = frozenset({of}), frozenset[str]()
    else:
        own = [row for row in mines if folded(str(row["enterprise"])) == folded(of)]
        codes = frozenset(str(row["code"]) for row in own if row["code"] and stands(row, today))
        names = [str(kept.row["enterprise"]) for kept in rows.get("enterprises", {}).values()]
        enterprises = frozenset(name for name in names if folded(name) == folded(of))
    reach = Reach(
        codes=codes,
        mines=frozenset(str(row["mine"]) for row in own),
        enterprises=enterprises,
        owners=enterprises | {str(row["enterprise"]) for row in own},
    )
    projects = [kept.row for kept in rows.get("projects", {}).values()]
    return replace(
        reach, projects=frozenset(str(row["project"]) for row in projects if reach.sees("projects", row))
    )


def stands(row: Row, today: date) -> bool:
    """Is a thing not closed yet?"""
    closed = row[CLOSED]
    return not isinstance(closed, date) or closed > today


def narrowed(rows: Rows, reach: Reach) -> Rows:
    """The registry as somebody of this reach sees it."""
    if reach.is_province:
        return rows
    return {
        table: {key: kept for key, kept in of_table.items() if reach.sees(table, kept.row)}
        for table, of_table in rows.items()
    }


def is_told(entry: AuditEntry, reach: Reach) -> bool:
    """Is an entry of the audit log about a row that was within the reach before and after?"""
    if reach.is_province:
        return True
    told = [json.loads(text) for text in (entry.before, entry.after) if text is not None]
    return bool(told) and all(reach.sees(entry.entity, row) for row in told)
