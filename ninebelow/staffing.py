"""`ninebelow staffing`."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="班次定员评定 / judge face staffing")


@app.callback()
def staffing() -> None: ...
