"""The registry over HTTP: rows, changes with who and why, import and export, the audit log.

Nothing is deleted: a row is closed by a day in its `closed_on`. A change names the revision that it was thought of at;
if the row is a later one by now the answer is 409.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from contract.errors import Fault, Misconfigured
from gateway.api.exchange import JSON, XLSX, answered, attachment, content_of, model_of
from gateway.registry import excel, files
from gateway.registry.cells import Unreadable, json_of, row_of
from gateway.registry.form import Table
from gateway.registry.intake import Entry, Kept
from gateway.registry.repository import Applied, Registry
from gateway.registry.tables import BY_WORD, CLOSED, TABLES

CSV: Final = "text/csv"
CHANGE_BYTES_MAX: Final = 256 * 1024
ROWS_MAX: Final = 1000
Answer = Mapping[str, object]


class Authored(BaseModel):
    """Who makes a change, and why."""

    model_config = ConfigDict(extra="forbid")

    who: str
    why: str


class RowChange(Authored):
    """A row by its columns' words; columns that are not given stay as they are. `revision` as it was read."""

    row: dict[str, Any]
    revision: int | None = None


class RowClosing(Authored):
    """The key of a row, and from which day on it is closed; null opens it again."""

    key: dict[str, Any]
    on: date | None
    revision: int | None = None


def author(said: str) -> str:
    """Who makes a change: for now whoever the request says. The only place that knows."""
    return said


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
        after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=ROWS_MAX)] = 100
    ) -> Answer:
        """Entries of the audit log behind a number."""
        with answered():
            return {"demo": await registry.is_demo(), "entries": await registry.audit(after, limit)}

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
    async def export() -> Response:
        """Every table as a workbook."""
        with answered():
            content, demo = await files.exported(registry)
        return attachment(content, XLSX, f"登记库{'（演示数据）' if demo else ''}.xlsx")

    @routes.get("/projects.csv", response_class=Response)
    async def projects() -> Response:
        """The projects as the offline commands read them."""
        with answered():
            text, demo = await files.projects_csv(registry)
        return attachment(
            text.encode(), f"{CSV}; charset=utf-8", f"projects{'-演示数据' if demo else ''}.csv"
        )

    @routes.post("/import", openapi_extra=body_of(XLSX, CSV))
    async def import_(
        request: Request, who: str, why: str, table: str | None = None, *, dry_run: bool = False
    ) -> Answer:
        """A workbook, or one table as CSV: taken in whole or not at all; every fault is told."""
        content = await content_of(request, frozenset({XLSX, CSV}), excel.FILE_BYTES_MAX)
        is_csv = request.headers["content-type"].lower().startswith(CSV)
        with answered():
            read = await files.read(content, "import", known(table) if is_csv else None)
            applied = await registry.apply(read, who=author(who), why=why, dry_run=dry_run)
        return told(applied)


def add_rows(routes: APIRouter, registry: Registry) -> None:
    """Rows and changes of them. These routes come last: a table's name could be anything."""

    @routes.get("/{table}")
    async def rows(
        table: str,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=ROWS_MAX)] = ROWS_MAX,
        *,
        closed: bool = True,
    ) -> Answer:
        """Rows of a table in the order they came in, behind an id; `closed=false` leaves closed ones out."""
        of = known(table)
        with answered():
            kept = await registry.rows(of.word, after=after, limit=limit)
            demo = await registry.is_demo()
        shown = [shown_row(each) for each in kept if closed or each.row[CLOSED] is None]
        return {
            "demo": demo,
            "table": of.word,
            "rows": shown,
            "next": kept[-1].id if len(kept) == limit else None,
        }

    @routes.post("/{table}", openapi_extra=body_of(JSON, model=RowChange))
    async def change(table: str, request: Request) -> Answer:
        """Add a row, or change the one that has its key."""
        of = known(table)
        asked = await model_of(request, RowChange, CHANGE_BYTES_MAX)
        with answered():
            return told(await apply(of, asked.row, asked, asked.revision))

    @routes.post("/{table}/close", openapi_extra=body_of(JSON, model=RowClosing))
    async def close(table: str, request: Request) -> Answer:
        """Close the row that has this key, or open it again."""
        of = known(table)
        asked = await model_of(request, RowClosing, CHANGE_BYTES_MAX)
        with answered():
            if not await registry.has(of.word, read_row(of, asked.key)):
                raise HTTPException(404, f"“{of.zh}”没有这一行 / no such row in {of.word}")
            day = None if asked.on is None else asked.on.isoformat()
            return told(await apply(of, asked.key | {CLOSED: day}, asked, asked.revision))

    async def apply(of: Table, row: Mapping[str, object], by: Authored, revision: int | None) -> Applied:
        entry = Entry(of.word, of.word, None, read_row(of, row), revision)
        return await registry.change(entry, who=author(by.who), why=by.why)


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


def body_of(*types: str, model: type[BaseModel] | None = None) -> dict[str, Any]:
    """What OpenAPI says of a body that is read by hand."""
    schema = {"type": "string", "format": "binary"} if model is None else model.model_json_schema()
    return {"requestBody": {"required": True, "content": {each: {"schema": schema} for each in types}}}
