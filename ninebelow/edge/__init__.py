"""`ninebelow edge`: the agent at a mine, and what an engineer needs to set it up. One module per subcommand."""

from __future__ import annotations

import typer

from ninebelow.edge import points
from ninebelow.edge.browse import browse
from ninebelow.edge.check import check
from ninebelow.edge.probe import probe
from ninebelow.edge.read import read
from ninebelow.edge.run import run

app = typer.Typer(no_args_is_help=True, help="矿端采集代理 / the agent at a mine")
app.command()(run)
app.command()(check)
app.command()(read)
app.command()(browse)
app.command()(probe)
app.add_typer(points.app, name="points")
