"""The registry as it began: its tables, the audit log, and the triggers that keep both from losing anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class Made(NamedTuple):
    """A table: name, key, references, and columns as `word:kind`, with `!` where it may not be null."""

    word: str
    key: str
    refers: str
    columns: str


TABLES: Final[tuple[Made, ...]] = (
    Made("cities", "city", "",
        "city:text! note:text closed_on:day"),
    Made("enterprises", "enterprise", "",
        "enterprise:text! ownership:code! plan_unit:text payer:code note:text closed_on:day"),
    Made("aliases", "alias", "enterprise>enterprises.enterprise",
        "alias:text! enterprise:text! closed_on:day"),
    Made("mines", "mine", "enterprise>enterprises.enterprise city>cities.city",
        "mine:text! code:text enterprise:text! city:text plan_unit:text capacity_wan_t:amount "
        "depth_m:amount rock_burst:yes_no outburst:yes_no high_gas:yes_no complex_water:yes_no stage:code "
        "opened_on:day note:text closed_on:day"),
    Made("mine_years", "mine year", "mine>mines.mine",
        "mine:text! year:whole! staff_underground:whole output_wan_t:amount efficiency_t:amount "
        "document:text closed_on:day"),
    Made("province_years", "year", "",
        "year:whole! staff_underground:whole efficiency_t:amount document:text closed_on:day"),
    Made("projects", "project", "enterprise>enterprises.enterprise mine>mines.mine",
        "project:text! enterprise:text! mine:text kind:code! planned_year:whole! in_library_on:day "
        "started_on:day completed_on:day accepted_on:day withdrawn_on:day investment_wan:amount "
        "in_library_document:text started_document:text completed_document:text accepted_document:text "
        "withdrawn_document:text in_library_by:text started_by:text completed_by:text accepted_by:text "
        "withdrawn_by:text closed_on:day"),
    Made("faces", "mine face", "mine>mines.mine project>projects.project",
        "mine:text! face:text! title:text! kind:code! method:code project:text intelligent_on:day "
        "opened_on:day closed_on:day"),
    Made("chambers", "mine chamber", "mine>mines.mine",
        "mine:text! chamber:text! title:text! kind:code! door_required:yes_no opened_on:day closed_on:day"),
    Made("declarations", "mine chamber declared_on", "mine+chamber>chambers.mine+chamber",
        "mine:text! chamber:text! declared_on:day! level:code! document:text closed_on:day"),
    Made("gateways", "mine gateway", "mine>mines.mine",
        "mine:text! gateway:text! title:text opened_on:day closed_on:day"),
    Made("shifts", "mine face effective_on shift", "mine>mines.mine",
        "mine:text! face:text! effective_on:day! shift:text! start:text! minutes:whole! kind:code! "
        "closed_on:day"),
    Made("acceptances", "project held_on", "project>projects.project",
        "project:text! held_on:day! result:code! experts:text score:amount edition:text document:text "
        "closed_on:day"),
    Made("payments", "payment", "project>projects.project",
        "payment:text! project:text! kind:code! paid_on:day! amount_wan:amount! document:text closed_on:day"),
    Made("filings", "filing", "enterprise>enterprises.enterprise city>cities.city",
        "filing:text! enterprise:text city:text filed_on:day! title:text! document:text closed_on:day"),
    Made("robots", "mine robot", "mine>mines.mine",
        "mine:text! robot:text! post:text! in_use_on:day! document:text closed_on:day"),
)  # fmt: skip
NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TYPES: Final[dict[str, Any]] = {
    "text": sa.Text(),
    "code": sa.String(40),
    "amount": sa.String(40),
    "whole": sa.Integer(),
    "day": sa.Date(),
    "yes_no": sa.Boolean(create_constraint=False),
}
NOT_DELETED: Final = "nothing is deleted from the registry, only closed"
APPEND_ONLY: Final = "the audit log is append-only"


def upgrade() -> None:
    """Make everything."""
    for made in TABLES:
        key = made.key.split()
        op.create_table(
            made.word,
            sa.Column("id", NUMBER, autoincrement=True, nullable=False),
            sa.Column("revision", sa.Integer(), nullable=False),
            *(column(told) for told in made.columns.split()),
            sa.PrimaryKeyConstraint("id", name=f"pk_{made.word}"),
            sa.UniqueConstraint(*key, name=f"uq_{made.word}_{'_'.join(key)}"),
            *(reference(made.word, told) for told in made.refers.split()),
        )
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        *(sa.Column(word, sa.Text(), nullable=False) for word in ("who", "why")),
        *(sa.Column(word, sa.String(40), nullable=False) for word in ("action", "entity")),
        sa.Column("key", sa.Text(), nullable=False),
        *(sa.Column(word, sa.Text()) for word in ("before", "after")),
        *(sa.Column(word, sa.String(64), nullable=False) for word in ("previous", "seal")),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        sa.UniqueConstraint("previous", name="uq_audit_previous"),
    )
    for statement in guards(op.get_bind().dialect.name):
        op.execute(statement)


def column(told: str) -> sa.Column[Any]:
    """A column from `word:kind!`."""
    word, _, kind = told.partition(":")
    return sa.Column(word, TYPES[kind.rstrip("!")], nullable=not kind.endswith("!"))


def reference(table: str, told: str) -> sa.ForeignKeyConstraint:
    """A foreign key from `column+column>table.column+column`."""
    columns, _, target = told.partition(">")
    other, _, theirs = target.partition(".")
    here = columns.split("+")
    return sa.ForeignKeyConstraint(
        here, [f"{other}.{word}" for word in theirs.split("+")], name=f"fk_{table}_{'_'.join(here)}"
    )


def guards(dialect: str) -> Iterator[str]:
    """Triggers: no row of any table is deleted, and the audit log is only appended to."""
    refused = [(made.word, "DELETE", NOT_DELETED) for made in TABLES]
    refused += [("audit", "DELETE", APPEND_ONLY), ("audit", "UPDATE", APPEND_ONLY)]
    if dialect == "sqlite":
        for table, act, why in refused:
            yield (
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
            )
        yield (  # INSERT OR REPLACE deletes without asking the trigger above
            "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit "  # noqa: S608  (constants)
            "WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number OR previous = NEW.previous) "
            f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
        )
        return
    yield (
        "CREATE FUNCTION registry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$"
    )
    for table, act, why in refused:
        yield (
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION registry_refuse('{why}')"
        )
    for table in (*(made.word for made in TABLES), "audit"):
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse('{NOT_DELETED}')"
        )
