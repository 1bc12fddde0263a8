"""The plan: table, progress, targets, rewards and what follows, as of a day (definitions.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response

from gateway.access.plan_within import PlanViews
from gateway.api.acting import Within
from gateway.api.center import Center
from gateway.api.exchange import XLSX, Day, answered, attachment
from gateway.registry.desk import PlanDesk
from rules.plan.groups import By
from rules.plan.project import State
from rules.plan.project_list import Choice
from rules.plan.table import Kind

Answer = Mapping[str, object]


def router(center: Center, plan: PlanDesk) -> APIRouter:
    """The routes. `demo` in an answer: it rests on demonstration data; `partial`: it tells of one's own scope only."""
    routes = APIRouter(prefix="/plan", tags=["plan"])
    views = PlanViews(plan)
    add_figures(routes, center, views)
    add_lists(routes, center, views)
    add_appraisal(routes, center, views)
    return routes


def add_figures(routes: APIRouter, center: Center, views: PlanViews) -> None:
    """Counts and sums."""

    @routes.get("/table")
    async def table() -> Answer:
        """The plan's table and its totals."""
        with answered():
            return await views.plan.table()

    @routes.get("/progress")
    async def progress(reach: Within, as_of: Day | None = None) -> Answer:
        """Accepted and completed projects beside the plan's table, per unit, kind and year."""
        with answered():
            return await views.of(reach).progress(as_of or center.today())

    @routes.get("/groups")
    async def groups(reach: Within, by: By, as_of: Day | None = None) -> Answer:
        """The same counts per enterprise, city or mine; `planned` is what is registered for the year."""
        with answered():
            return await views.of(reach).groups(as_of or center.today(), by)

    @routes.get("/outlook")
    async def outlook(reach: Within, as_of: Day | None = None) -> Answer:
        """Projects at risk of missing their year, and a forecast with the paces that it assumes."""
        with answered():
            return await views.of(reach).outlook(as_of or center.today())

    @routes.get("/targets")
    async def targets(reach: Within, as_of: Day | None = None) -> Answer:
        """The provincial targets of the text beside the table's totals; `measured` tells which mines are lacking."""
        with answered():
            return await views.of(reach).targets(as_of or center.today())

    @routes.get("/reward")
    async def reward(reach: Within, as_of: Day | None = None) -> Answer:
        """Rewards per project, their sums, and what is paid of them."""
        with answered():
            return await views.of(reach).reward(as_of or center.today())

    @routes.get("/consequences")
    async def consequences(reach: Within, as_of: Day | None = None) -> Answer:
        """Mines that missed the plan, units with priority support, units to be notified."""
        with answered():
            return await views.of(reach).consequences(as_of or center.today())


async def choice_of(  # noqa: PLR0917  (each is a parameter of the address)
    unit: str | None = None,
    enterprise: str | None = None,
    city: str | None = None,
    mine: str | None = None,
    kind: Kind | None = None,
    year: int | None = None,
    state: State | None = None,
    overdue: bool | None = None,
    missed: bool | None = None,
) -> Choice:
    """Which projects are asked for: those that fit all that is given."""
    return Choice(unit, enterprise, city, mine, kind, year, state, overdue, missed)


def add_lists(routes: APIRouter, center: Center, views: PlanViews) -> None:
    """What is behind the figures."""

    @routes.get("/projects")
    async def projects(
        reach: Within, choice: Annotated[Choice, Depends(choice_of)], as_of: Day | None = None
    ) -> Answer:
        """The projects behind a figure: those that fit everything asked for. `kind` chooses as the table counts."""
        with answered():
            return await views.of(reach).projects(as_of or center.today(), choice)

    @routes.get("/project")
    async def project(reach: Within, name: str, as_of: Day | None = None) -> Answer:
        """One project as it stands, with its faces, reward, balance, acceptances and payments."""
        with answered():
            found = await views.of(reach).project(name, as_of or center.today())
        if found is None:
            raise HTTPException(404, f"没有项目“{name}” / no project is called {name}")
        return found

    @routes.get("/mines")
    async def mines(reach: Within, as_of: Day | None = None) -> Answer:
        """The mines with their classes, faces, chambers and projects."""
        with answered():
            return await views.of(reach).mines(as_of or center.today())


def add_appraisal(routes: APIRouter, center: Center, views: PlanViews) -> None:
    """Figures for performance appraisals."""

    @routes.get("/appraisal")
    async def appraisal(reach: Within, as_of: Day | None = None) -> Answer:
        """Figures per unit for its performance appraisal."""
        with answered():
            return await views.of(reach).appraisal(as_of or center.today())

    @routes.get("/appraisal.xlsx", response_class=Response)
    async def appraisal_sheet(reach: Within, as_of: Day | None = None) -> Response:
        """The same as a workbook."""
        day = as_of or center.today()
        with answered():
            content, demo = await views.of(reach).appraisal_sheet(day)
        return attachment(content, XLSX, f"绩效考评数据-{day}{'（演示数据）' if demo else ''}.xlsx")
