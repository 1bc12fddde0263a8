"""`ninebelow edge check`: what is wrong with a config and its point tables, and what they ask of each connection."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import Fault
from ninebelow import words
from ninebelow.edge.options import AsJson, Config
from ninebelow.offline.grid import print_grid

if TYPE_CHECKING:
    from contract.point import Point
    from edge_agent.config import EdgeConfig, Points, SourceConfig
    from edge_agent.engineering.load import Load

Checked = tuple["SourceConfig", Sequence["Point"], "Load | None"]


def check(config: Config = Path("edge.toml"), as_json: AsJson = False) -> None:
    """检查配置与点表，列出全部错误，估算各连接的负荷 / check config and tables, list every fault, tell the load."""
    from edge_agent import config as edge_config

    settings, points = edge_config.load(config)
    checked = list(loads(settings, points))
    doubts = list(dict.fromkeys(doubts_about(checked, str(config))))
    for doubt in doubts:
        print(words.CHECK_DOUBT.format(doubt=doubt), file=sys.stderr)
    counts = {source.name: len(own) for source, own, _ in checked}
    if as_json:
        told = {
            "ok": True,
            "points": counts,
            "sources": sources_json(checked),
            "warnings": list(map(str, doubts)),
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    print_loads(checked)
    print(words.CHECK_OK.format(what=", ".join(f"{name} {count}" for name, count in counts.items())))


def loads(settings: EdgeConfig, points: Points) -> Iterator[Checked]:
    """Every source with its points, and what these cost the connection where that can be told."""
    from edge_agent.source_config.modbus import ModbusSource
    from edge_agent.sources.modbus_load import load_of

    for source in settings.sources:
        own = points[source.name]
        yield source, own, load_of(source, own) if isinstance(source, ModbusSource) else None


def doubts_about(checked: Sequence[Checked], file: str) -> Iterator[Fault]:
    """What is legal, but seldom meant."""
    from edge_agent.engineering.suspicion import of_load, suspicions
    from edge_agent.source_config.personnel import PersonnelSource

    for source, points, cost in checked:
        if cost is not None and (what := of_load(cost)):
            yield Fault(file, None, f"{source.name}: {what}")
        if not isinstance(source, PersonnelSource):
            yield from (Fault(str(source.points), line, what) for line, what in suspicions(points))


def sources_json(checked: Sequence[Checked]) -> list[dict[str, object]]:
    """The load of every source; `null` where it cannot be told."""
    return [
        {
            "source": source.name,
            "points": len(points),
            **dict.fromkeys(("requests", "requests_per_s", "busy_min")),
        }
        | ({} if cost is None else asdict(cost))
        for source, points, cost in checked
    ]


def print_loads(checked: Sequence[Checked]) -> None:
    """A line for each source."""
    heads = [
        "数据源\nsource",
        "测点\npoints",
        "每轮请求\nrequests",
        "每秒请求\nper second",
        "至少占用\nbusy, at least",
    ]
    lines = [
        [source.name, str(len(points))]
        + (
            ["—"] * 3
            if cost is None
            else [
                str(cost.requests),
                f"{cost.requests_per_s:.3g}",
                f"{cost.busy_min:.1%}" if cost.busy_min else "—",
            ]
        )
        for source, points, cost in checked
    ]
    print_grid(words.CHECK_LOAD, heads, lines, text_columns=1)
    if any(cost and cost.busy_min for _, _, cost in checked):
        print(words.CHECK_LOAD_NOTE)
