"""`ninebelow edge`: the agent at a mine, and what an engineer needs to set it up. One module per subcommand."""

from __future__ import annotations

import typer

from ninebelow.edge.check import check
from ninebelow.edge.run import run

app = typer.Typer(no_args_is_help=True, help="矿端采集代理 / the agent at a mine")
app.command()(run)
app.command()(check)
