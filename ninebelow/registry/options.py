"""Options that several of these commands have, and how they come to the registry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from contract.errors import Fault, Misconfigured
from ninebelow.process import run

if TYPE_CHECKING:
    from gateway.registry.repository import Registry

Result = TypeVar("Result")

Config = Annotated[
    Path,
    typer.Option(
        "--config", help="中心的配置文件，其中写明登记库 / the centre's config, which names the registry"
    ),
]
Place = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar="FILE|URL",
        help="SQLite 文件或 postgresql://…，代替配置 / a SQLite file or a URL, in place of the config's",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
CONFIG = Path("gateway.toml")


def place_of(config: Path, place: str | None) -> str | Path:
    """Where the registry lies; raises `Misconfigured`."""
    if place is not None:
        return place
    from gateway import config as gateway_config
    from gateway.registry import opening

    return opening.place_of(gateway_config.load(config).registry)


def that_is_there(place: str | Path) -> str | Path:
    """A registry that is to be read: a file that is not there is a slip of the pen, not an empty registry."""
    if "://" not in str(place) and not Path(place).exists():
        what = "没有这个登记库 / there is no such registry"
        raise Misconfigured([Fault(str(place), None, what)])
    return place


def with_registry(place: str | Path, act: Callable[[Registry], Awaitable[Result]]) -> Result:
    """Open the registry, act, close it."""
    from gateway.registry.repository import opened

    async def acting() -> Result:
        async with opened(place) as registry:
            return await act(registry)

    return run(acting())
