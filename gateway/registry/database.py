"""The connection to the registry's database: SQLite in a file, or PostgreSQL by URL; its errors as ours.

SQLite: WAL, `synchronous=FULL` (what was answered is on disk), foreign keys held, and a writer takes the file's lock
when it begins, so that what it read stays true until it is done. PostgreSQL: the same by one advisory lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from contract.errors import Fault, Misconfigured, Rejected, Transient
from gateway.registry.models import AUDIT
from gateway.registry.schema import upgrade

DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
BUSY_S: Final = 15
CONNECT_S: Final = 10
WRITERS_LOCK: Final = 9_2021_2023
"""Of PostgreSQL's advisory locks the one that a writer to the registry holds."""


def url_of(place: str | Path) -> URL:
    """A URL, or the path of a SQLite file; raises `Misconfigured`."""
    if isinstance(place, Path) or "://" not in place:
        return URL.create(DRIVERS["sqlite"], database=str(place))
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):
        raise Misconfigured(
            [Fault("registry", None, "url cannot be read, as postgresql://user@host/database")]
        ) from None
    backend = url.get_backend_name()
    if backend not in DRIVERS:
        what = f"url begins with {url.drivername}; the registry lies in sqlite or postgresql"
        raise Misconfigured([Fault("registry", None, what)])
    return url.set(drivername=DRIVERS[backend])


class Database:
    """An engine that is opened at its first use, its schema brought up to date then."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._opening = asyncio.Lock()
        self._engine: AsyncEngine | None = None

    @property
    def shown(self) -> str:
        """Where it is, without a password."""
        return str(self.url.database) if self.is_sqlite else self.url.render_as_string(hide_password=True)

    async def close(self) -> None:
        """Close every connection; the next use opens it again."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    async def engine(self) -> AsyncEngine:
        """The engine, ready for use; raises `Transient` if the database cannot be reached."""
        async with self._opening:
            if self._engine is None:
                engine = self._made()
                try:
                    async with translated(self.shown), begun(engine, writing=True) as connection:
                        await self._lock(connection)
                        await connection.run_sync(upgrade)
                        await connection.commit()
                except BaseException:
                    await engine.dispose()
                    raise
                self._engine = engine
            return self._engine

    def _made(self) -> AsyncEngine:
        if not self.is_sqlite:
            connect = {"connect_timeout": CONNECT_S, "application_name": "ninebelow"}
            return create_async_engine(self.url, pool_pre_ping=True, connect_args=connect)
        try:
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Transient(f"{self.shown}: {error.strerror}") from error
        engine = create_async_engine(self.url, connect_args={"timeout": BUSY_S})
        event.listen(engine.sync_engine, "connect", prepare_sqlite)
        event.listen(engine.sync_engine, "begin", begin_sqlite)
        return engine

    async def _lock(self, connection: AsyncConnection) -> None:
        if not self.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITERS_LOCK})

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the registry."""
        async with translated(self.shown), begun(await self.engine(), writing=False) as connection:
            await connection.execute(select(AUDIT.c.number).limit(1))  # the first statement fixes the state
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction of the only writer; committed at the end of the block, undone at an error."""
        async with translated(self.shown), begun(await self.engine(), writing=True) as connection:
            await self._lock(connection)
            yield connection
            await connection.commit()


@asynccontextmanager
async def begun(engine: AsyncEngine, *, writing: bool) -> AsyncIterator[AsyncConnection]:
    """A connection with its transaction; rolled back at the end unless committed."""
    async with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            level = "READ COMMITTED" if writing else "REPEATABLE READ"
            await connection.execution_options(isolation_level=level)
        else:
            await connection.execution_options(registry_writes=writing)
        yield connection


@asynccontextmanager
async def translated(place: str) -> AsyncIterator[None]:
    """SQLAlchemy's errors as ours: what was refused, and what may work later."""
    with translating(place):
        yield


@contextmanager
def translating(place: str) -> Iterator[None]:
    """The same around plain code."""
    try:
        yield
    except IntegrityError as error:
        raise Rejected(f"{place}: {first_line(error)}") from error
    except DBAPIError as error:
        told = first_line(error)
        if "nothing is deleted" in told or "append-only" in told:
            raise Rejected(f"{place}: {told}") from error
        raise Transient(f"登记库暂不可用 / the registry cannot be used now: {place}: {told}") from error
    except (SQLAlchemyError, OSError) as error:
        raise Transient(
            f"登记库暂不可用 / the registry cannot be used now: {place}: {first_line(error)}"
        ) from error


def first_line(error: Exception) -> str:
    """What the database said, without the statement."""
    return str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]


def prepare_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401  (the driver's)
    """Once for each connection; transactions are begun by us, not by the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_S * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once, a reader when it first reads."""
    writes = connection.get_execution_options().get("registry_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
