"""`ninebelow edge read`: every point once, as the agent would read it, with what lay on the wire."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from contract.quality import Quality
from ninebelow import words
from ninebelow.clock import Clock
from ninebelow.edge.options import AsJson, Config
from ninebelow.edge.shown import shown
from ninebelow.offline.grid import print_grid
from ninebelow.process import run as run_loop

if TYPE_CHECKING:
    from contract.point import Point
    from edge_agent.config import SourceConfig
    from edge_agent.sources.one_pass import Pass, Read

SHOWN_IN: Final = ZoneInfo("Asia/Shanghai")

Source = Annotated[
    str | None, typer.Option("--source", metavar="NAME", help="只读这个数据源 / this source only")
]
Area = Annotated[str | None, typer.Option("--area", metavar="CODE", help="只读这个区域 / this area only")]


def read(
    config: Config = Path("edge.toml"), source: Source = None, area: Area = None, as_json: AsJson = False
) -> None:
    """把每个测点读一遍，显示值、质量、原始寄存器 / read every point once, with its raw registers.

    退出码：0 全部良好，3 有测点不良，1 有数据源连不上 / exit code 0: all good, 3: some are not, 1: a source is
    out of reach.
    """
    from edge_agent import config as edge_config

    settings, points = edge_config.load(config)
    wanted = {
        one.name: (one, [point for point in points[one.name] if area in (None, point.area)])
        for one in settings.sources
        if source in (None, one.name)
    }
    if not any(own for _, own in wanted.values()):
        raise typer.BadParameter(words.READ_NOTHING)
    passes = run_loop(read_all([(one, own) for one, own in wanted.values() if own]))
    found = {name: (done, done.of(wanted[name][1])) for name, done in passes.items()}
    print_json(found) if as_json else print_tables(found)
    if any(done.failure for done, _ in found.values()):
        raise typer.Exit(1)
    if any(one.reading.quality is not Quality.GOOD for _, reads in found.values() for one in reads):
        raise typer.Exit(3)


async def read_all(wanted: Sequence[tuple[SourceConfig, Sequence[Point]]]) -> dict[str, Pass]:
    """One pass over each source, all at the same time."""
    async with asyncio.TaskGroup() as group:
        tasks = {source.name: group.create_task(pass_over(source, points)) for source, points in wanted}
    return {name: task.result() for name, task in tasks.items()}


async def pass_over(source: SourceConfig, points: Sequence[Point]) -> Pass:
    """One pass over a source."""
    from edge_agent.source_config.modbus import ModbusSource
    from edge_agent.source_config.opcua import OpcUaSource
    from edge_agent.sources.modbus_pass import modbus_pass
    from edge_agent.sources.opcua_pass import opcua_pass
    from edge_agent.sources.personnel_pass import personnel_pass

    now = Clock().now_ms
    if isinstance(source, ModbusSource):
        return await modbus_pass(source, points, now)
    if isinstance(source, OpcUaSource):
        return await opcua_pass(source, points, now)
    return await personnel_pass(source, points, now)


def print_json(found: dict[str, tuple[Pass, list[Read]]]) -> None:
    """By source; times are UTC."""
    told = [
        {"source": name, "failure": done.failure or None, "points": [point_json(one) for one in reads]}
        for name, (done, reads) in found.items()
    ]
    print(json.dumps({"sources": told}, ensure_ascii=False, indent=2))


def point_json(one: Read) -> dict[str, object]:
    """What was read of one point."""
    reading = one.reading
    return {
        "area": reading.point.area,
        "metric": reading.point.metric,
        "value": reading.value,
        "unit": unit_of(reading.point),
        "quality": reading.quality.name.lower(),
        "source_at": utc(reading.source_at_ms) if was_read(one) else None,
        "raw": one.raw,
        "trouble": one.trouble or None,
        "line": reading.point.line or None,
    }


def was_read(one: Read) -> bool:
    """Whether the other side said anything of the point."""
    return bool(one.raw) or not one.trouble


def utc(at_ms: int) -> str:
    """A time for programs."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")


def print_tables(found: dict[str, tuple[Pass, list[Read]]]) -> None:
    """A table for each source; why one is out of reach goes to stderr."""
    heads = ["区域\narea", "测点\npoint", "值\nvalue", "单位\nunit", "质量\nquality", "源时间\nsource time"]
    heads += ["原始\nraw", "说明\ntrouble"]
    for name, (done, reads) in found.items():
        print_grid(name, heads, [row_of(one) for one in reads], text_columns=8)
        if done.failure:
            print(words.READ_UNREACHABLE.format(source=name, why=done.failure), file=sys.stderr)


def row_of(one: Read) -> list[str]:
    """A row of such a table."""
    reading = one.reading
    at = datetime.fromtimestamp(reading.source_at_ms / 1000, SHOWN_IN)
    return [
        reading.point.area,
        reading.point.metric,
        shown(reading.value),
        unit_of(reading.point),
        words.QUALITIES[reading.quality],
        f"{at:%m-%d %H:%M:%S}.{at.microsecond // 1000:03}" if was_read(one) else "",
        one.raw,
        words.TROUBLES.get(one.trouble, one.trouble),
    ]


def unit_of(point: Point) -> str:
    """The unit of a point's values, as far as the vocabulary knows it."""
    from contract.vocabulary import equipment, quantities

    name = equipment.parse(point.metric)
    known = quantities.BY_WORD.get(name.quantity) if name else None
    return known.unit if known else ""
