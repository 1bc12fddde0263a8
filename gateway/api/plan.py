"""The plan: progress and targets as of a day. Counting takes milliseconds, so it is done in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter

from gateway.api.center import Center


def router(center: Center) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/plan", tags=["plan"])

    @routes.get("/progress")
    def progress(as_of: date | None = None) -> Mapping[str, object]:
        """Accepted and completed projects beside the plan's table, per unit, kind and year."""
        return center.progress(as_of or center.today())

    @routes.get("/targets")
    def targets(as_of: date | None = None) -> Mapping[str, object]:
        """The provincial targets of the text beside the table's totals."""
        return center.targets(as_of or center.today())

    return routes
