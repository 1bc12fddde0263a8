"""`ninebelow wire`: what goes over the wire, looked at without touching it."""

from __future__ import annotations

import typer

from ninebelow.wire.grade import grade

app = typer.Typer(no_args_is_help=True, help="线路检查（只读） / look at the wire, read-only")
app.command()(grade)


@app.callback()
def wire() -> None:
    """线路检查（只读） / look at the wire, read-only."""
