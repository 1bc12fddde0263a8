"""The registry's tables in a database, made from what `tables` says; the audit log beside them.

Names refer to names, so that a row is readable by itself. Amounts are kept as text: exact, with the digits they were
written with, in every database.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from gateway.registry import form
from gateway.registry.form import Cell
from gateway.registry.tables import TABLES

AMOUNT_LENGTH: Final = 40
CODE_LENGTH: Final = 40

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


class Exact(TypeDecorator[Decimal]):
    """A decimal as its text."""

    impl = String(AMOUNT_LENGTH)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Without an exponent."""
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ANN401, ARG002
        """The same digits."""
        return None if value is None else Decimal(value)


TYPES: Final[dict[Cell, TypeEngine[Any]]] = {
    Cell.NAME: Text(),
    Cell.TEXT: Text(),
    Cell.WHOLE: Integer(),
    Cell.AMOUNT: Exact(),
    Cell.DAY: Date(),
    Cell.YES_NO: Boolean(create_constraint=False),
    Cell.CHOICE: String(CODE_LENGTH),
}
Number: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts rows in INTEGER columns only."""


def made(table: form.Table) -> Table:
    """The table in the database: an id that tells the order rows came in, a revision, and the columns."""
    columns = [
        Column(column.word, TYPES[column.cell], nullable=not (column.required or column.word in table.key))
        for column in table.columns
    ]
    references = [
        ForeignKeyConstraint(
            reference.columns, [f"{reference.table}.{word}" for word in _key_of(reference.table)]
        )
        for reference in table.refers
        if not reference.is_optional
    ]
    return Table(
        table.word,
        metadata,
        Column("id", Number, primary_key=True, autoincrement=True),
        Column("revision", Integer(), nullable=False),
        *columns,
        UniqueConstraint(*table.key),
        *references,
    )


def _key_of(word: str) -> tuple[str, ...]:
    return next(table.key for table in TABLES if table.word == word)


REGISTRY: Final = {table.word: made(table) for table in TABLES}
AUDIT: Final = Table(
    "audit",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("at", String(CODE_LENGTH), nullable=False),
    Column("who", Text(), nullable=False),
    Column("why", Text(), nullable=False),
    Column("action", String(CODE_LENGTH), nullable=False),
    Column("entity", String(CODE_LENGTH), nullable=False),
    Column("key", Text(), nullable=False),
    Column("before", Text()),
    Column("after", Text()),
    Column("previous", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
    UniqueConstraint("previous"),
    Index("ix_audit_entity_key", "entity", "key"),
)
