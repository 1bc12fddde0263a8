"""projects.csv: lines of text in, projects out.

Rules (definitions.md §0 and §3)
- The header names every column of `COLUMNS` once, in any order, and no other. A file without rows is valid.
- Fields, the header's too, are trimmed. A line with nothing on it is no row. A row's line is its first
  physical line, also where a quoted field runs over several.
- All faults are found before any is raised; a file with a fault gives no projects.
- An enterprise off the table is warned of once, at its first row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from contract.errors import Fault, Misconfigured
from rules.plan.project import COLUMNS, Project, project_of, row_faults, row_warnings
from rules.plan.table import ALIASES, UNITS

_NOT_UTF8: Final = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class ProjectsFile:
    """The projects in the file's order, and what looks wrong in it."""

    projects: tuple[Project, ...]
    warnings: tuple[Fault, ...]


def read_projects_csv(
    lines: Iterable[str], *, file: str, aliases: Mapping[str, str] = ALIASES
) -> ProjectsFile:
    """Read the lines of a file, decoded as UTF-8; raises `Misconfigured` with every fault.

    A byte that is no UTF-8 is expected as `surrogateescape` leaves it, and is a fault of its row.
    """
    (header_line, header), *records = list(_records(lines)) or [(1, "缺少表头 / no header: name the columns")]
    if isinstance(header, str):
        raise Misconfigured([Fault(file, header_line, header)])
    faults = [(header_line, what) for what in _header_faults(header)]
    rows: list[tuple[int, dict[str, str]]] = []
    for line, fields in records:
        if isinstance(fields, str):
            faults.append((line, fields))
        elif len(fields) != len(header):
            faults.append(
                (line, f"字段数 {len(fields)} / {len(fields)} fields, the header has {len(header)}")
            )
        else:
            rows.append((line, dict(zip(header, fields, strict=True))))
    faults += ((line, what) for line, cells in rows for what in row_faults(cells))
    faults += _repeated(rows)
    if faults:
        by_line = sorted(faults, key=lambda fault: fault[0])
        raise Misconfigured(Fault(file, line, what) for line, what in by_line)
    lined = [(line, project_of(cells, aliases)) for line, cells in rows]
    warnings = tuple(Fault(file, line, what) for line, what in _warnings(lined))
    return ProjectsFile(tuple(project for _, project in lined), warnings)


def _records(lines: Iterable[str]) -> Iterator[tuple[int, list[str] | str]]:
    """Each record's first line with its trimmed fields, or with what makes it unreadable."""
    reader = csv.reader(lines)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            yield line, f"CSV 格式错误 / not readable as CSV: {error}"
            continue
        if fields is None:
            return
        if _NOT_UTF8.search("".join(fields)):
            yield line, "不是 UTF-8 编码 / not UTF-8, save the file as UTF-8"
        elif fields:
            yield line, [field.strip() for field in fields]


def _header_faults(header: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(header):
        if name not in COLUMNS:
            yield f"未知列“{name}” / unknown column"
        elif header.count(name) > 1:
            yield f"列 {name} 重复 / column {name} is there more than once"
    for name in COLUMNS:
        if name not in header:
            yield f"缺少列 {name} / column {name} is missing"


def _repeated(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[tuple[int, str]]:
    first_line: dict[str, int] = {}
    for line, cells in rows:
        name = cells.get("project")
        if name and name in first_line:
            yield line, f"project“{name}”重复 / the same project as in line {first_line[name]}"
        elif name:
            first_line[name] = line


def _warnings(lined: Iterable[tuple[int, Project]]) -> Iterator[tuple[int, str]]:
    warned: set[str] = set(UNITS)
    for line, project in lined:
        for what in row_warnings(project):
            yield line, what
        if project.enterprise not in warned:
            warned.add(project.enterprise)
            yield line, f"“{project.enterprise}”不在计划表内 / enterprise is not in the plan's table"
