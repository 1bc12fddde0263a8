"""`ninebelow edge`: the agent at a mine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ninebelow import words
from ninebelow.clock import Clock
from ninebelow.process import log_to_stderr, stop_event, until_stopped
from ninebelow.process import run as run_loop

if TYPE_CHECKING:
    from edge_agent.config import EdgeConfig, Points

app = typer.Typer(no_args_is_help=True, help="矿端采集代理 / the agent at a mine")

Config = Annotated[Path, typer.Option("--config", help="TOML 配置文件 / config file")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@app.command()
def run(config: Config = Path("edge.toml")) -> None:
    """读设备、落盘、上报，直到停止 / read, keep and publish until stopped."""
    from edge_agent import config as edge_config

    settings, points = edge_config.load(config)
    log_to_stderr()
    run_loop(serve(settings, points))


async def serve(settings: EdgeConfig, points: Points) -> None:
    """The agent until a signal comes."""
    from random import SystemRandom

    from edge_agent.app import EdgeAgent

    clock = Clock()
    agent = EdgeAgent(settings, points, clock.now_ms, clock.monotonic_ms, SystemRandom())
    await until_stopped(agent.run(), stop_event(), agent.stop)


@app.command()
def check(config: Config = Path("edge.toml"), as_json: AsJson = False) -> None:
    """检查配置与点表，列出全部错误 / check config and point tables, list every fault."""
    from edge_agent import config as edge_config

    settings, points = edge_config.load(config)
    counts = {source.name: len(points[source.name]) for source in settings.sources}
    if as_json:
        print(json.dumps({"ok": True, "points": counts}, ensure_ascii=False))
    else:
        print(words.CHECK_OK.format(what=", ".join(f"{name} {count}" for name, count in counts.items())))
