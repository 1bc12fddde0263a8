"""The plan's answers for somebody who does not see the whole province: counted over what they see.

Rules
- Such an answer says `partial`: its lists and sums are those of the scope, not of the units that they name.
- The plan's table and the text's targets are everybody's; how far the province has come with them is the province's.
- A row that sets a unit's work against the unit's plan stands only for units that lie wholly within the scope: of a
  part it would not be true. So do notices and priority support, which follow from it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from gateway.access.reach import Reach, narrowed
from gateway.registry import appraisal_sheet
from gateway.registry.desk import Edition, Json, PlanDesk, Source
from gateway.registry.register_of import register_of
from rules.plan.appraisal import appraisal
from rules.plan.register import Register

VIEWS_MAX: Final = 64
"""Scopes whose answers are kept; the one that was asked for longest ago goes first."""


class NarrowedSource:
    """The registry cut down to a reach; `whole` are the plan's units that lie wholly within it."""

    def __init__(self, source: Source, reach: Reach) -> None:
        self.source = source
        self.reach = reach
        self.whole: frozenset[str] = frozenset()
        self._cut: tuple[Edition, Edition] | None = None

    async def edition(self) -> Edition:
        """As of now."""
        edition = await self.source.edition()
        if self._cut is None or self._cut[0] is not edition:
            cut, self.whole = await asyncio.to_thread(self.cut_of, edition)
            self._cut = edition, cut
        return self._cut[1]

    def cut_of(self, edition: Edition) -> tuple[Edition, frozenset[str]]:
        """What is left of it, and the whole units."""
        if not edition.rows:  # a file of projects: it tells of no enterprise's mines
            return replace(edition, register=Register()), frozenset()
        rows = {table: dict(of_table) for table, of_table in narrowed(edition.rows, self.reach).items()}
        register = register_of(rows)
        return replace(edition, register=register, rows=rows), whole_units(edition.register, register)


def whole_units(of: Register, seen: Register) -> frozenset[str]:
    """Units all of whose mines and projects are seen, and that have any."""
    mines, projects = {mine.name for mine in seen.mines}, {project.name for project in seen.projects}
    lacking = {mine.unit for mine in of.mines if mine.name not in mines}
    lacking |= {project.enterprise for project in of.projects if project.name not in projects}
    return (
        frozenset({each.unit for each in seen.mines} | {each.enterprise for each in seen.projects}) - lacking
    )


class PartialDesk(PlanDesk):
    """The desk of one reach."""

    def __init__(self, plan: PlanDesk, reach: Reach) -> None:
        self.narrowed = NarrowedSource(plan.source, reach)
        super().__init__(self.narrowed, registry=plan.registry, chamber_share_goal=plan.share_goal)

    async def progress(self, as_of: date) -> Json:
        """Whole units only, and no totals."""
        answer = await super().progress(as_of)
        return {**self.of_whole(answer, "rows"), "totals": []}

    async def targets(self, as_of: date) -> Json:
        """What the text and the table ask of the province, and nothing of how it stands."""
        answer = await super().targets(as_of)
        goals = [
            {**goal, "accepted": None, "completed": None, "status": "not_measured"}
            for goal in listed(answer, "goals")
        ]
        return {**answer, "goals": goals, "measured": None}

    async def consequences(self, as_of: date) -> Json:
        """The mines that are seen, and whole units."""
        return self.of_whole(await super().consequences(as_of), "priority_support", "notices")

    async def appraisal(self, as_of: date) -> Json:
        """Whole units only."""
        return self.of_whole(await super().appraisal(as_of), "rows")

    async def appraisal_sheet(self, as_of: date) -> tuple[bytes, bool]:
        """The same as a workbook."""
        edition = await self.source.edition()

        def made() -> bytes:
            whole = appraisal(edition.register, as_of)
            rows = tuple(row for row in whole.rows if row.enterprise in self.narrowed.whole)
            return appraisal_sheet.workbook_of(replace(whole, rows=rows), demo=edition.demo)

        return await asyncio.to_thread(made), edition.demo

    def of_whole(self, answer: Json, *words: str) -> Json:
        """An answer with the rows of whole units only."""
        whole = self.narrowed.whole
        kept = {word: [row for row in listed(answer, word) if row["enterprise"] in whole] for word in words}
        return {**answer, **kept}

    async def _answer(self, name: str, as_of: date | None, count: Callable[[Register], Json]) -> Json:
        return {**await super()._answer(name, as_of, count), "partial": True}


def listed(answer: Json, word: str) -> list[dict[str, object]]:
    """A list of an answer."""
    rows = answer[word]
    assert isinstance(rows, list)
    return rows


class PlanViews:
    """The plan as each reach sees it."""

    def __init__(self, plan: PlanDesk) -> None:
        self.plan = plan
        self._desks: OrderedDict[Reach, PartialDesk] = OrderedDict()

    def of(self, reach: Reach) -> PlanDesk:
        """The desk that answers somebody of this reach."""
        if reach.is_province:
            return self.plan
        if reach not in self._desks:
            self._desks[reach] = PartialDesk(self.plan, reach)
            while len(self._desks) > VIEWS_MAX:
                self._desks.popitem(last=False)
        self._desks.move_to_end(reach)
        return self._desks[reach]
