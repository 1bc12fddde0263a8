"""`ninebelow registry backup|restore|check`."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

import typer

from contract.errors import Fault, Misconfigured
from ninebelow import words
from ninebelow.edge.output import Force, must_be_new, write
from ninebelow.registry.options import CONFIG, AsJson, Config, Place, place_of, that_is_there, with_registry

if TYPE_CHECKING:
    from gateway.registry.agreement import Difference
    from gateway.registry.audit import Head
    from gateway.registry.repository import Registry, Snapshot

SQLITE: Final = ".sqlite"
PORTABLE: Final = ".jsonl.gz"
CHINA: Final = ZoneInfo("Asia/Shanghai")

File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="备份文件：.sqlite 或 .jsonl.gz / the backup: .sqlite or .jsonl.gz"),
]


def backup(file: File, config: Config = CONFIG, place: Place = None, force: Force = False) -> None:
    """备份；运行中也可以 / back the registry up, also while the centre runs."""
    from gateway.registry.backup import copy_sqlite, portable

    kind = kind_of(file)
    must_be_new(file, force=force)

    async def kept(registry: Registry) -> Head:
        head = await registry.head()
        if kind == SQLITE:
            await copy_sqlite(registry, file)
        else:
            content = await portable(registry)
            await asyncio.to_thread(write, file, content, force=force)
        return head

    head = with_registry(that_is_there(place_of(config, place)), kept)
    print(words.REGISTRY_HEAD.format(number=head.number, seal=head.seal))


def restore(file: File, config: Config = CONFIG, place: Place = None) -> None:
    """恢复到空库；SQLite 与 PostgreSQL 之间也可以 / restore into an empty registry, of either database."""
    from gateway.registry.backup import portable
    from gateway.registry.backup import restore as put_back
    from gateway.registry.files import bytes_of_backup

    kind = kind_of(file)
    if kind == PORTABLE:
        content = bytes_of_backup(file)
    else:
        with tempfile.TemporaryDirectory(prefix="ninebelow-restore-") as folder:
            copied = Path(folder) / "registry.sqlite"
            try:
                shutil.copyfile(file, copied)
            except OSError as error:
                what = f"无法读取 / cannot be read: {error.strerror}"
                raise Misconfigured([Fault(str(file), None, what)]) from error
            content = with_registry(copied, portable)
    rows = with_registry(place_of(config, place), lambda registry: put_back(registry, content, str(file)))
    print(words.REGISTRY_RESTORED.format(rows=rows))


def kind_of(file: Path) -> str:
    """Which form a backup has, by its name; raises `Misconfigured`."""
    for kind in (SQLITE, PORTABLE):
        if file.name.endswith(kind):
            return kind
    what = f"文件名应以 {SQLITE} 或 {PORTABLE} 结尾 / the name must end in {SQLITE} or {PORTABLE}"
    raise Misconfigured([Fault(str(file), None, what)])


def check(
    config: Config = CONFIG,
    place: Place = None,
    seal: Annotated[
        str | None,
        typer.Option(
            "--seal", help="此前记下的签封，应在审计记录中 / a seal noted earlier: it must be in the log"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核对审计记录、全部数据和配置 / does the log hold, is every row what it says last, does the config agree?"""
    where = that_is_there(place_of(config, place))

    async def looked(registry: Registry) -> Looked:
        rows, _ = await registry.everything()
        faults = await registry.verify()
        if seal is not None and not await registry.has_seal(seal):
            faults.append(words.REGISTRY_NO_SEAL.format(seal=seal))
        return Looked(faults, await registry.head(), None if place else unlike(config, rows))

    found = with_registry(where, looked)
    if as_json:
        told = {
            "holds": not found.faults,
            "faults": found.faults,
            "head": {"number": found.head.number, "seal": found.head.seal},
            "config": None if found.differences is None else [asdict(each) for each in found.differences],
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        for fault in found.faults:
            print(fault)
        for each in found.differences or ():
            print(f"{each.mine} {each.area or ''}: {each.zh} / {each.en}", file=sys.stderr)
        print(words.REGISTRY_HEAD.format(number=found.head.number, seal=found.head.seal))
    if found.faults:
        raise typer.Exit(3)


class Looked(NamedTuple):
    """What a check found; the config is looked at where it names the registry."""

    faults: list[str]
    head: Head
    differences: tuple[Difference, ...] | None


def unlike(config: Path, rows: Snapshot) -> tuple[Difference, ...]:
    """Where the centre's config says other things of its mines than the registry does today."""
    from gateway import config as gateway_config
    from gateway.registry.agreement import differences

    return differences(rows, gateway_config.load(config).mines, datetime.now(CHINA).date())
