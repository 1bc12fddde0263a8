"""`ninebelow edge browse`: what an OPC UA server has, and a point table of it to begin with."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contract.errors import Transient
from contract.point import Protocol
from ninebelow import words
from ninebelow.edge.options import AsJson, Config
from ninebelow.edge.output import Force, must_be_named, must_be_new, write
from ninebelow.edge.shown import shown
from ninebelow.offline.grid import print_grid
from ninebelow.process import run as run_loop

if TYPE_CHECKING:
    from edge_agent.source_config.opcua import OpcUaSource
    from edge_agent.sources.opcua_browse import Browsed, Found

Url = Annotated[str | None, typer.Argument(metavar="opc.tcp://…", help="服务器 / the server")]
Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="NAME",
        help="配置中的数据源，连同其证书、口令 / a source of the config, with its security",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="写成点表 / as a point table: .csv, .xlsx"),
]
Under = Annotated[
    str | None,
    typer.Option("--under", metavar="NODE", help="从此节点或路径往下 / from this node or path down"),
]
Max = Annotated[int, typer.Option("--max", min=1, max=1_000_000, help="最多看多少节点 / nodes to look at")]
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, max=60, help="等待秒数 / seconds to wait")]


def browse(  # noqa: PLR0917 - typer calls it by name
    url: Url = None,
    config: Config = Path("edge.toml"),
    source: Source = None,
    output: Output = None,
    under: Under = None,
    nodes_max: Max = 20_000,
    timeout: Timeout = 5.0,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """列出 OPC UA 服务器的变量，可写成点表 / list the variables of an OPC UA server, or write a point table."""
    if output is not None:
        must_be_named(output, ".csv", ".xlsx")
        must_be_new(output, force=force)
    server = server_of(url, config, source, timeout)
    browsed = look(server, under, nodes_max)
    if output is not None:
        write_table(browsed.found, output, force=force)
    if as_json:
        told = {"whole": browsed.is_whole, "variables": [variable_json(one) for one in browsed.found]}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    elif output is None:
        print_table(browsed.found)
    if not browsed.is_whole:
        print(words.BROWSE_NOT_WHOLE.format(count=nodes_max), file=sys.stderr)


def server_of(url: str | None, config: Path, source: str | None, timeout_s: float) -> OpcUaSource:
    """The server at a URL, or that of a source of a config, whose point table need not be there yet."""
    from pydantic import ValidationError

    from contract import config_form
    from edge_agent.config import EdgeConfig
    from edge_agent.point_files import text_in
    from edge_agent.source_config.opcua import OpcUaSource

    if (url is None) == (source is None):
        raise typer.BadParameter(words.BROWSE_PLACE)
    if url is not None:
        try:
            return OpcUaSource(protocol="opcua", name="browse", points=Path(), url=url, timeout_s=timeout_s)
        except ValidationError as error:
            raise typer.BadParameter(words.BROWSE_PLACE) from error
    for one in config_form.load(EdgeConfig, text_in(config), str(config)).sources:
        if isinstance(one, OpcUaSource) and one.name == source:
            return one
    raise typer.BadParameter(words.BROWSE_NO_SOURCE.format(name=source))


def look(server: OpcUaSource, under: str | None, nodes_max: int) -> Browsed:
    """What the server has; raises `Transient`."""
    from edge_agent.sources.opcua_failure import NoNode, SessionFailure

    try:
        return run_loop(search(server, under, nodes_max))
    except SessionFailure as failure:
        raise Transient(words.BROWSE_FAILED.format(why=failure)) from failure
    except NoNode as error:
        raise typer.BadParameter(words.TROUBLES.get(error.kind, error.kind)) from error


async def search(server: OpcUaSource, under: str | None, nodes_max: int) -> Browsed:
    """The search, in a session of its own."""
    from edge_agent.sources.opcua_browse import browse as browse_below
    from edge_agent.sources.opcua_pass import node_at, session_of

    session = session_of(server)
    try:
        await session.open()
        below = None if under is None else await node_at(session, under)
        return await browse_below(session, below, nodes_max=nodes_max)
    finally:
        await session.close()


def write_table(found: Sequence[Found], output: Path, *, force: bool) -> None:
    """What the agent can read, as a point table to be completed."""
    from edge_agent.engineering.sheet_form import workbook_of
    from edge_agent.engineering.table_text import csv_of
    from edge_agent.point_files import WORKBOOK
    from edge_agent.sources.opcua_table import HEADER, lines_of

    lines = lines_of(found)
    is_book = output.suffix.lower() == WORKBOOK
    content = workbook_of(Protocol.OPCUA, HEADER, lines) if is_book else csv_of(HEADER, lines).encode()
    write(output, content, force=force)
    told = words.BROWSE_WRITTEN.format(
        file=output, rows=len(lines), guessed=sum(bool(metric) for _, metric, *_ in lines)
    )
    print(told, file=sys.stderr)
    if len(found) > len(lines):
        print(words.BROWSE_LEFT_OUT.format(count=len(found) - len(lines)), file=sys.stderr)


def variable_json(one: Found) -> dict[str, object]:
    """A variable; a value of a kind that JSON does not have is text."""
    is_plain = one.value is None or isinstance(one.value, bool | int | float | str)
    return asdict(one) | {
        "quality": one.quality.name.lower(),
        "value": one.value if is_plain else str(one.value),
    }


def print_table(found: Sequence[Found]) -> None:
    """A line for each variable."""
    heads = ["节点\nnode", "名称\nnames", "类型\ntype", "质量\nquality", "单位\nunit", "值\nvalue"]
    lines = [
        [
            one.node,
            "/".join(one.names),
            f"{one.data_type}[]" if one.is_array else one.data_type,
            words.QUALITIES[one.quality],
            one.unit,
            shown(one.value if isinstance(one.value, bool | int | float | str | None) else str(one.value)),
        ]
        for one in found
    ]
    print_grid(words.BROWSE_TITLE, heads, lines, text_columns=5)
