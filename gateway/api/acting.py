"""Who asks and how far they reach: what the guard found out, for routes that sign an act or narrow an answer."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from gateway.access.guard import Visit
from gateway.access.person import Person
from gateway.access.reach import Reach


def visit_of(request: Request) -> Visit:
    """What the guard let through; it lets nothing else through to a route that asks."""
    return cast("Visit", request.state.visit)


def person_of(request: Request) -> Person:
    """Who asks."""
    return visit_of(request).person


def reach_of(request: Request) -> Reach:
    """What lies within their scope."""
    return visit_of(request).reach


Acting = Annotated[Person, Depends(person_of)]
Within = Annotated[Reach, Depends(reach_of)]
