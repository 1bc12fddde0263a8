"""The command line. One module per subcommand; each imports its heavy parts only when it runs."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import typer

from contract.errors import Misconfigured, NinebelowError
from ninebelow import chambers, dashboards, edge, gateway, plan, registry, simulate, staffing, users, wire
from ninebelow.demo import demo

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(demo)
app.add_typer(edge.app, name="edge")
app.add_typer(gateway.app, name="gateway")
app.add_typer(staffing.app, name="staffing")
app.add_typer(chambers.app, name="chambers")
app.add_typer(plan.app, name="plan")
app.add_typer(registry.app, name="registry")
app.add_typer(simulate.app, name="simulate")
app.add_typer(users.app, name="user")
app.add_typer(wire.app, name="wire")
app.add_typer(dashboards.app, name="dashboards")


@app.callback()
def ninebelow() -> None:
    """井下九人 ninebelow: 煤矿智能化监测 / open monitoring of coal-mine intelligentization."""


def main() -> None:
    """Run one command.

    A user's mistake ends with all its faults on stderr and exit code 2, trouble that we know with one line and
    exit code 1; neither with a traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # Chinese comes out as UTF-8, whatever the locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except Misconfigured as misconfigured:
        for fault in misconfigured.faults:
            print(fault, file=sys.stderr)
        sys.exit(2)
    except NinebelowError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
