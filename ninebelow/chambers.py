"""`ninebelow chambers`."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="机房硐室评定 / judge chambers")


@app.callback()
def chambers() -> None: ...
