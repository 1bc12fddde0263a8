"""`ninebelow registry`: the master data of the plan in and out, kept safe, and looked at. One module per concern."""

from __future__ import annotations

import typer

from ninebelow.registry.keeping import backup, check, restore
from ninebelow.registry.transfer import export, import_, template

app = typer.Typer(
    no_args_is_help=True, help="登记库：导入导出、备份、核对 / the registry of mines and projects"
)
app.command("import")(import_)
app.command()(export)
app.command()(template)
app.command()(backup)
app.command()(restore)
app.command()(check)
