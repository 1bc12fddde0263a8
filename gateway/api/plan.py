"""The plan: table, progress, targets, rewards and what follows, as of a day (definitions.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Response

from gateway.api.center import Center
from gateway.api.exchange import XLSX, answered, attachment
from gateway.registry.desk import PlanDesk
from rules.plan.groups import By

Answer = Mapping[str, object]


def router(center: Center, plan: PlanDesk) -> APIRouter:
    """The routes. `demo` in an answer says that it rests on demonstration data."""
    routes = APIRouter(prefix="/plan", tags=["plan"])

    @routes.get("/table")
    async def table() -> Answer:
        """The plan's table and its totals."""
        with answered():
            return await plan.table()

    @routes.get("/progress")
    async def progress(as_of: date | None = None) -> Answer:
        """Accepted and completed projects beside the plan's table, per unit, kind and year."""
        with answered():
            return await plan.progress(as_of or center.today())

    @routes.get("/groups")
    async def groups(by: By, as_of: date | None = None) -> Answer:
        """The same counts per enterprise, city or mine; `planned` is what is registered for the year."""
        with answered():
            return await plan.groups(as_of or center.today(), by)

    @routes.get("/outlook")
    async def outlook(as_of: date | None = None) -> Answer:
        """Projects at risk of missing their year, and a forecast with the paces that it assumes."""
        with answered():
            return await plan.outlook(as_of or center.today())

    @routes.get("/targets")
    async def targets(as_of: date | None = None) -> Answer:
        """The provincial targets of the text beside the table's totals; `measured` tells which mines are lacking."""
        with answered():
            return await plan.targets(as_of or center.today())

    @routes.get("/reward")
    async def reward(as_of: date | None = None) -> Answer:
        """Rewards per project, their sums, and what is paid of them."""
        with answered():
            return await plan.reward(as_of or center.today())

    @routes.get("/consequences")
    async def consequences(as_of: date | None = None) -> Answer:
        """Mines that missed the plan, units with priority support, units to be notified."""
        with answered():
            return await plan.consequences(as_of or center.today())

    @routes.get("/appraisal")
    async def appraisal(as_of: date | None = None) -> Answer:
        """Figures per unit for its performance appraisal."""
        with answered():
            return await plan.appraisal(as_of or center.today())

    @routes.get("/appraisal.xlsx", response_class=Response)
    async def appraisal_sheet(as_of: date | None = None) -> Response:
        """The same as a workbook."""
        day = as_of or center.today()
        with answered():
            content, demo = await plan.appraisal_sheet(day)
        return attachment(content, XLSX, f"绩效考评数据-{day}{'（演示数据）' if demo else ''}.xlsx")

    return routes
