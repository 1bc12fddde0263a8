"""Brings a database to the version of the registry that this program knows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from contract.errors import Rejected

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Run what is missing, within the caller's transaction; raises `Rejected` for a database of a newer program."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {each.revision for each in script.walk_revisions()}:
        raise Rejected(
            f"登记库的版本 {current} 比程序新，请升级程序 / the registry is of a newer program: upgrade ninebelow"
        )
    if current != script.get_current_head():
        command.upgrade(config, "head")
