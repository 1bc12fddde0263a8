"""`ninebelow gateway`: the centre between the mines' MQTT and the historian."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from contract.errors import Fault, Misconfigured
from ninebelow import words
from ninebelow.clock import Clock
from ninebelow.process import log_to_stderr, stop_event, until_stopped
from ninebelow.process import run as run_loop

if TYPE_CHECKING:
    from gateway.access.desk import AccessDesk
    from gateway.config import GatewayConfig, Http

log = logging.getLogger(__name__)
app = typer.Typer(no_args_is_help=True, help="采集中心 / the centre")

GC_EVERY: Final = 50_000
"""New objects between two looks for cycles: values that wait for the store hold none, and at Python's own 700 a
fifth of the time went into looking."""

Config = Annotated[Path, typer.Option("--config", help="TOML 配置文件 / config file")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@app.command()
def run(config: Config = Path("gateway.toml")) -> None:
    """采集、入库、评定、展示，直到停止 / collect, store, judge and show until stopped."""
    from gateway import config as gateway_config

    settings = gateway_config.load(config)
    log_to_stderr()
    gc.set_threshold(GC_EVERY)
    run_loop(serve(settings, config))


async def serve(settings: GatewayConfig, file: Path) -> None:
    """The centre until a signal comes."""
    from dashboards.web import ASSETS
    from gateway.access.desk import opened
    from gateway.app import Gateway, bound, historian_of
    from gateway.registry.opening import plan_desk

    now_ms = Clock().now_ms
    async with plan_desk(settings) as plan, opened(settings.access, plan.source, now_ms) as access:
        await require_users(access, settings.http, file)
        with bound(settings.http) as listener:
            async with historian_of(settings.store) as historian:
                gateway = Gateway(
                    settings, historian, plan, listener, access=access, now_ms=now_ms, assets=ASSETS
                )
                gc.freeze()  # what is there by now stays, and need not be looked through again
                main = asyncio.ensure_future(gateway.run())
                await until_stopped(main, stop_event(), main.cancel)


async def require_users(access: AccessDesk, http: Http, file: Path) -> None:
    """Beyond this machine nothing is served that nobody could sign in to; raises `Misconfigured`."""
    if not await access.has_users():
        if not http.is_loopback:
            raise Misconfigured([Fault(str(file), None, words.GATEWAY_NO_USERS.format(file=file))])
        log.warning("%s", words.GATEWAY_NO_USERS.format(file=file))
    if http.certificate is None and not http.is_loopback:
        log.warning("%s", words.GATEWAY_NO_TLS)


@app.command()
def check(config: Config = Path("gateway.toml"), as_json: AsJson = False) -> None:
    """检查配置与项目表，列出全部错误 / check config and projects, list every fault."""
    from gateway import config as gateway_config
    from gateway.registry.database import url_of
    from gateway.registry.opening import place_of, projects_of

    settings = gateway_config.load(config)
    projects = projects_of(settings.plan.projects)
    url_of(place_of(settings.registry))
    counts = {
        "mines": len(settings.mines),
        "faces": sum(len(mine.faces) for mine in settings.mines),
        "chambers": sum(len(mine.chambers) for mine in settings.mines),
        "projects": len(projects),
    }
    if as_json:
        print(json.dumps({"ok": True, **counts}))
    else:
        print(words.CHECK_OK.format(what=", ".join(f"{name} {count}" for name, count in counts.items())))
