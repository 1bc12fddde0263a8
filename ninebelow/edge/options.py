"""Options that several of these commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option("--config", help="TOML 配置文件 / config file")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
