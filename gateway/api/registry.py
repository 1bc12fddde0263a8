"""The registry over HTTP: rows, changes with who and why, import and export, the audit log.

Nothing is deleted: a row is closed by a day in its `closed_on`. A change names the revision that it was thought of at;
if the row is a later one by now the answer is 409.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from contract.errors import Fault, Misconfigured
from gateway.access.edits import Editor
from gateway.access.reach import Reach, is_told, narrowed
from gateway.api.acting import Acting, Within
from gateway.api.exchange import JSON, XLSX, answered, attachment, body_of, content_of, model_of
from gateway.registry import excel, files
from gateway.registry.audit import AuditEntry
from gateway.registry.cells import Unreadable, json_of, row_of
from gateway.registry.form import Table
from gateway.registry.intake import Entry, Kept
from gateway.registry.repository import Applied, Registry
from gateway.registry.tables import BY_WORD, CLOSED, TABLES

CSV: Final = "text/csv"
CHANGE_BYTES_MAX: Final = 256 * 1024
ROWS_MAX: Final = 1000
Answer = Mapping[str, object]


class Reasoned(BaseModel):
    """Why a change is made; who makes it is whoever is signed in."""

    model_config = ConfigDict(extra="forbid")

    why: str


class RowChange(Reasoned):
    """A row by its columns' words; columns that are not given stay as they are. `revision` as it was read."""

    row: dict[str, Any]
    revision: int | None = None


class RowClosing(Reasoned):
    """The key of a row, and from which day on it is closed; null opens it again."""

    key: dict[str, Any]
    on: date | None
    revision: int | None = None


def router(registry: Registry) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/registry", tags=["registry"])
    add_log(routes, registry)
    add_files(routes, registry)
    add_rows(routes, registry)
    return routes


def add_log(routes: APIRouter, registry: Registry) -> None:
    """What there is, and the audit log."""

    @routes.get("")
    async def tables() -> Answer:
        """What the registry holds: its tables with their columns, and the head of the audit log."""
        with answered():
            head = await registry.head()
            return {
                "demo": await registry.is_demo(),
                "head": {"number": head.number, "seal": head.seal},
                "tables": [described(table) for table in TABLES],
            }

    @routes.get("/audit")
    async def audit(
        reach: Within,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=ROWS_MAX)] = 100,
    ) -> Answer:
        """Entries of the audit log behind a number, on rows within one's scope."""
        with answered():
            return {
                "demo": await registry.is_demo(),
                "entries": await told_entries(registry, reach, after, limit),
            }

    @routes.get("/check")
    async def check() -> Answer:
        """Does the audit log hold, and is every row what it says last?"""
        with answered():
            faults, head = await registry.verify(), await registry.head()
            return {"holds": not faults, "faults": faults, "head": {"number": head.number, "seal": head.seal}}


def add_files(routes: APIRouter, registry: Registry) -> None:
    """Workbooks and CSV."""

    @routes.get("/template.xlsx", response_class=Response)
    async def template() -> Response:
        """An empty workbook to fill in."""
        content = await files.template()
        return attachment(content, XLSX, "登记表模板.xlsx")

    @routes.get("/export.xlsx", response_class=Response)
    async def export(reach: Within) -> Response:
        """Every table as a workbook, with the rows within one's scope."""
        with answered():
            content, demo = await files.exported(registry, partial(narrowed, reach=reach))
        return attachment(content, XLSX, f"登记库{'（演示数据）' if demo else ''}.xlsx")

    @routes.get("/projects.csv", response_class=Response)
    async def projects(reach: Within) -> Response:
        """The projects within one's scope, as the offline commands read them."""
        with answered():
            text, demo = await files.projects_csv(registry, partial(narrowed, reach=reach))
        return attachment(
            text.encode(), f"{CSV}; charset=utf-8", f"projects{'-演示数据' if demo else ''}.csv"
        )

    @routes.post("/import", openapi_extra=body_of(XLSX, CSV))
    async def import_(
        request: Request, editor: Editing, why: str, table: str | None = None, *, dry_run: bool = False
    ) -> Answer:
        """A workbook, or one table as CSV: taken in whole or not at all; every fault is told."""
        content = await content_of(request, frozenset({XLSX, CSV}), excel.FILE_BYTES_MAX)
        is_csv = request.headers["content-type"].lower().startswith(CSV)
        with answered():
            read = await files.read(content, "import", known(table) if is_csv else None)
            applied = await registry.apply(
                read, who=editor.person.signature, why=why, dry_run=dry_run, by=editor
            )
        return told(applied)


def add_rows(routes: APIRouter, registry: Registry) -> None:
    """Rows and changes of them. These routes come last: a table's name could be anything."""

    @routes.get("/{table}")
    async def rows(
        table: str,
        reach: Within,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=ROWS_MAX)] = ROWS_MAX,
        *,
        closed: bool = True,
    ) -> Answer:
        """Rows within one's scope in the order they came in, behind an id; `closed=false` leaves closed ones out."""
        of = known(table)
        with answered():
            kept = await registry.rows(of.word, after=after, limit=limit)
            demo = await registry.is_demo()
        seen = [each for each in kept if reach.sees(of.word, each.row)]
        shown = [shown_row(each) for each in seen if closed or each.row[CLOSED] is None]
        return {
            "demo": demo,
            "table": of.word,
            "rows": shown,
            "next": kept[-1].id if len(kept) == limit else None,
        }

    @routes.post("/{table}", openapi_extra=body_of(JSON, model=RowChange))
    async def change(table: str, request: Request, editor: Editing) -> Answer:
        """Add a row, or change the one that has its key."""
        of = known(table)
        asked = await model_of(request, RowChange, CHANGE_BYTES_MAX)
        with answered():
            return told(await apply(of, asked.row, asked.why, asked.revision, editor))

    @routes.post("/{table}/close", openapi_extra=body_of(JSON, model=RowClosing))
    async def close(table: str, request: Request, editor: Editing) -> Answer:
        """Close the row that has this key, or open it again."""
        of = known(table)
        asked = await model_of(request, RowClosing, CHANGE_BYTES_MAX)
        with answered():
            if not await registry.has(of.word, read_row(of, asked.key), editor):
                raise HTTPException(404, f"“{of.zh}”没有这一行 / no such row in {of.word}")
            day = None if asked.on is None else asked.on.isoformat()
            return told(await apply(of, asked.key | {CLOSED: day}, asked.why, asked.revision, editor))

    async def apply(
        of: Table, row: Mapping[str, object], why: str, revision: int | None, editor: Editor
    ) -> Applied:
        entry = Entry(of.word, of.word, None, read_row(of, row), revision)
        return await registry.change(entry, who=editor.person.signature, why=why, by=editor)


def editor_of(person: Acting, reach: Within) -> Editor:
    """Whoever asks, as one who changes rows."""
    return Editor(person, reach)


Editing = Annotated[Editor, Depends(editor_of)]


async def told_entries(registry: Registry, reach: Reach, after: int, limit: int) -> list[AuditEntry]:
    """The next entries of the audit log that are within a reach."""
    told: list[AuditEntry] = []
    while len(told) < limit:
        portion = await registry.audit(after, ROWS_MAX)
        told += [entry for entry in portion if is_told(entry, reach)]
        if len(portion) < ROWS_MAX:
            break
        after = portion[-1].number
    return told[:limit]


def known(table: str | None) -> Table:
    """The table of that word."""
    if table not in BY_WORD:
        raise HTTPException(404, f"no table is called {table}; there are {', '.join(BY_WORD)}")
    return BY_WORD[table]


def read_row(table: Table, given: Mapping[str, object]) -> dict[str, Any]:
    """A row from JSON; raises `Misconfigured`."""
    try:
        return dict(row_of(table, given))
    except Unreadable as error:
        raise Misconfigured([Fault(table.word, None, str(error))]) from error


def shown_row(kept: Kept) -> Answer:
    """A row as JSON, with its id and revision."""
    return {"id": kept.id, "revision": kept.revision, **json_of(kept.row)}


def described(table: Table) -> Answer:
    """A table as a form needs it."""
    return {
        "word": table.word,
        "zh": table.zh,
        "key": table.key,
        "columns": [
            {
                "word": column.word,
                "zh": column.zh,
                "cell": column.cell,
                "required": column.required,
                "meaning": column.meaning,
                "meaning_en": column.meaning_en,
                "choices": dict(column.choices),
            }
            for column in table.columns
        ],
    }


def told(applied: Applied) -> Answer:
    """What a change did."""
    return {
        "added": applied.added,
        "changed": applied.changed,
        "unchanged": applied.unchanged,
        "dry_run": applied.dry_run,
        "head": {"number": applied.head.number, "seal": applied.head.seal},
    }
