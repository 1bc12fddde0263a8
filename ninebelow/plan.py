"""`ninebelow plan`."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="计划表、进度、目标、奖补 / the plan: table, progress, targets, reward")


@app.callback()
def plan() -> None: ...
