"""`ninebelow registry import|export|template`."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contract.errors import Fault, Misconfigured
from ninebelow import words
from ninebelow.edge.output import Force, must_be_new, write
from ninebelow.registry.options import CONFIG, AsJson, Config, Place, place_of, that_is_there, with_registry

if TYPE_CHECKING:
    from gateway.registry.repository import Applied, Registry

Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="写入的文件 / where to")]


def import_(  # noqa: PLR0917  (options of a command line)
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="XLSX、CSV，或一个 CSV 文件夹 / a workbook, a CSV file, a folder of them"
        ),
    ],
    why: Annotated[str, typer.Option("--why", help="为什么改，记入审计 / why, for the audit log")],
    who: Annotated[
        str | None, typer.Option("--who", help="谁改的，默认当前用户 / who, default: this user")
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", help="CSV 是哪张表 / which table a CSV file is")
    ] = None,
    config: Config = CONFIG,
    place: Place = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查，不写入 / check only, write nothing")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """导入登记表：全部无误才写入，否则逐行列出错误 / take in tables: all or nothing, every fault with its row."""
    from gateway.registry import files
    from gateway.registry.sheet_rows import Read
    from gateway.registry.tables import BY_WORD

    if table is not None and table not in BY_WORD:
        raise Misconfigured(
            [Fault("--table", None, f"没有这张表 / no such table: use one of {', '.join(BY_WORD)}")]
        )
    contents = files.contents_of(source, None if table is None else BY_WORD[table])

    async def taken(registry: Registry) -> Applied:
        found = Read([], [])
        for content, file, of in contents:
            read = await files.read(content, file, of)
            found.entries.extend(read.entries)
            found.faults.extend(read.faults)
            found = found._replace(demo=found.demo or read.demo)
        return await registry.apply(found, who=who or getpass.getuser(), why=why, dry_run=dry_run)

    tell(with_registry(place_of(config, place), taken), as_json=as_json)


def tell(applied: Applied, *, as_json: bool) -> None:
    """What was taken in."""
    added, changed = sum(applied.added.values()), sum(applied.changed.values())
    if as_json:
        told = {
            "added": applied.added,
            "changed": applied.changed,
            "unchanged": applied.unchanged,
            "dry_run": applied.dry_run,
            "head": {"number": applied.head.number, "seal": applied.head.seal},
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        text = words.REGISTRY_WOULD if applied.dry_run else words.REGISTRY_TAKEN
        print(text.format(added=added, changed=changed, unchanged=applied.unchanged))


def export(
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="XLSX 工作簿；.csv 为离线命令的项目表；文件夹为每表一个 CSV / "
            "a workbook; .csv: the projects for the offline commands; a folder: a CSV file per table",
        ),
    ],
    config: Config = CONFIG,
    place: Place = None,
    force: Force = False,
) -> None:
    """导出登记库 / write the registry's tables."""
    from gateway.registry import files

    kind = output.suffix.lower()

    async def written(registry: Registry) -> bool:
        if kind == files.WORKBOOK:
            content, demo = await files.exported(registry)
            await asyncio.to_thread(write, output, content, force=force)
            return demo
        if kind == ".csv":
            text, demo = await files.projects_csv(registry)
            await asyncio.to_thread(write, output, text.encode(), force=force)
            return demo
        texts = await files.csv_texts(registry)
        write_folder(output, texts, force=force)
        return await registry.is_demo()

    if kind in {files.WORKBOOK, ".csv"}:
        must_be_new(output, force=force)
    if with_registry(that_is_there(place_of(config, place)), written):
        print(words.REGISTRY_IS_DEMO, file=sys.stderr)
    print(output)


def write_folder(folder: Path, texts: dict[str, str], *, force: bool) -> None:
    """A file for each table; none is written if one of them may not be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            [Fault(str(folder), None, f"无法写入 / cannot be written: {error.strerror}")]
        ) from error
    for name in texts:
        must_be_new(folder / name, force=force)
    for name, text in texts.items():
        write(folder / name, text.encode(), force=force)


def template(output: Output, force: Force = False) -> None:
    """空白登记表 XLSX：中文列名、批注、下拉选项 / an empty workbook with headings, notes and lists."""
    from gateway.registry import files

    must_be_new(output, force=force)
    write(output, asyncio.run(files.template()), force=force)
    print(output)
