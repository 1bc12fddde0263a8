"""What was done to one row of the registry: who, when, why, and which cells from what to what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from fastapi import APIRouter, HTTPException

from gateway.access.reach import is_told
from gateway.api.acting import Within
from gateway.api.exchange import answered
from gateway.api.registry import known
from gateway.registry.audit import AuditEntry
from gateway.registry.form import Table
from gateway.registry.repository import Registry

Answer = Mapping[str, object]


def router(registry: Registry) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/registry", tags=["registry"])

    @routes.get("/{table}/{row}/history")
    async def history(table: str, row: int, reach: Within) -> Answer:
        """The audit entries of the row with this id, the first one first, each with the cells that it changed."""
        of = known(table)
        with answered():
            found = await registry.history(of.word, row)
            demo = await registry.is_demo()
        entries = [entry for entry in found or () if is_told(entry, reach)]
        if found is None or (found and not entries):
            raise HTTPException(404, f"“{of.zh}”没有这一行 / no such row in {of.word}")
        return {
            "demo": demo,
            "table": of.word,
            "id": row,
            "entries": [
                {
                    "number": entry.number,
                    "at": entry.at,
                    "who": entry.who,
                    "why": entry.why,
                    "action": entry.action,
                    "cells": list(changed_cells(of, entry)),
                }
                for entry in entries
            ],
        }

    return routes


def changed_cells(table: Table, entry: AuditEntry) -> Iterator[Answer]:
    """The cells that differ, in the table's order; of a new row those that are filled."""
    before, after = (json.loads(text) if text else {} for text in (entry.before, entry.after))
    for column in table.columns:
        was, is_ = before.get(column.word), after.get(column.word)
        if was != is_:
            yield {"column": column.word, "zh": column.zh, "before": was, "after": is_}
