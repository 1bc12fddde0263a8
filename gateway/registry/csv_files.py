"""Tables as CSV text: in the words and codes of the offline commands, or in Chinese; and projects.csv itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from contract.errors import Fault, Misconfigured
from gateway.registry.cells import guarded, text_of, unguarded
from gateway.registry.form import Row, Table
from gateway.registry.sheet_rows import Line, Read, read
from rules.plan.project import COLUMNS, Project

BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""


def table_in(table: Table, content: bytes, file: str) -> Read:
    """The entries of a CSV file in UTF-8 or GB 18030; raises `Misconfigured` if it is neither."""
    return read(table, list(lines_of(text_in(content, file), file)), file)


def text_in(content: bytes, file: str) -> str:
    """The text of a file that a person has saved."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Misconfigured(
        [
            Fault(
                file,
                None,
                "不是 UTF-8 也不是 GBK：请另存为 CSV UTF-8 / neither UTF-8 nor GBK: save it as CSV UTF-8",
            )
        ]
    )


def lines_of(text: str, file: str) -> Iterator[Line]:
    """Each record with the line it begins on; raises `Misconfigured` where it is no CSV."""
    reader = csv.reader(io.StringIO(text, newline=""))
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise Misconfigured(
                [Fault(file, line, f"CSV 格式错误 / not readable as CSV: {error}")]
            ) from error
        if fields is None:
            return
        yield Line(line, [unguarded(field) for field in fields])


def text_of_table(table: Table, rows: Iterable[Row]) -> str:
    """A table as CSV."""
    lines = [
        [guarded(text_of(column, row[column.word], in_chinese=False)) for column in table.columns]
        for row in rows
    ]
    return BYTE_ORDER_MARK + joined(table.words, lines)


def projects_csv(projects: Iterable[Project]) -> str:
    """The plan's projects as the offline commands read them (definitions.md §3), the plan unit as enterprise."""
    lines = [
        [
            guarded("" if value is None else str(value))
            for value in (
                each.name, each.enterprise, each.mine, each.kind, each.planned_year, each.in_library_on,
                each.started_on, each.completed_on, each.accepted_on, each.withdrawn_on, each.investment_wan,
            )
        ]
        for each in projects
    ]  # fmt: skip
    return joined(COLUMNS, lines)


def joined(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """CSV text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return out.getvalue()
