"""`ninebelow edge points`: point tables from and to spreadsheets."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contract.point import Protocol
from ninebelow import words
from ninebelow.edge.options import AsJson
from ninebelow.edge.output import Force, must_be_named, must_be_new, write

if TYPE_CHECKING:
    from edge_agent.engineering.table_text import CheckedTable

app = typer.Typer(no_args_is_help=True, help="点表导入导出 / point tables from and to spreadsheets")

Given = Annotated[Path, typer.Argument(metavar="TABLE", help="点表 / a point table: .xlsx, .csv")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="写入的文件 / where to")]
Kind = Annotated[
    Protocol | None, typer.Option("--protocol", help="默认按列判断 / default: as its columns tell")
]


@app.command("import")
def import_command(
    table: Given, output: Output, protocol: Kind = None, force: Force = False, as_json: AsJson = False
) -> None:
    """检查点表，无误则写成规范的 CSV / check a table; without a fault it is written as plain CSV."""
    from edge_agent.engineering.table_text import csv_of

    must_be_named(output, ".csv")
    must_be_new(output, force=force)
    found = checked_table(table, protocol)
    write(output, csv_of(found.header, found.lines).encode(), force=force)
    tell(found, output, as_json=as_json)


@app.command("export")
def export_command(
    table: Given, output: Output, protocol: Kind = None, force: Force = False, as_json: AsJson = False
) -> None:
    """把点表写成 XLSX，供填写、交接 / write a table as XLSX, to be filled in and handed over."""
    from edge_agent.engineering.sheet_form import workbook_of

    must_be_named(output, ".xlsx")
    must_be_new(output, force=force)
    found = checked_table(table, protocol)
    write(output, workbook_of(found.protocol, found.header, found.lines), force=force)
    tell(found, output, as_json=as_json)


@app.command("template")
def template_command(
    output: Output,
    protocol: Annotated[Protocol, typer.Option("--protocol", help="协议 / protocol")] = Protocol.MODBUS,
    force: Force = False,
) -> None:
    """空白点表 XLSX：中文列名、批注、下拉选项 / an empty XLSX table with headings, notes and lists."""
    from edge_agent.engineering.sheet_form import workbook_of

    must_be_named(output, ".xlsx")
    write(output, workbook_of(protocol), force=force)
    print(output)


def checked_table(file: Path, protocol: Protocol | None) -> CheckedTable:
    """A table that is without fault; what is remarkable about it goes to stderr."""
    from edge_agent.engineering.table_text import checked
    from edge_agent.point_files import table_in

    table = table_in(file)
    if table.is_gbk:
        print(words.TABLE_IS_GBK.format(file=file), file=sys.stderr)
    found = checked(table.rows, table.broken, str(file), protocol)
    if found.words:
        asked = ", ".join(f"{{{word}}}" for word in found.words)
        print(words.TABLE_IS_PROFILE.format(file=file, words=asked), file=sys.stderr)
    return found


def tell(found: CheckedTable, output: Path, *, as_json: bool) -> None:
    """What was written."""
    if as_json:
        told = {
            "file": str(output),
            "protocol": found.protocol,
            "rows": len(found.lines),
            "words": found.words,
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(words.TABLE_WRITTEN.format(file=output, rows=len(found.lines)))
