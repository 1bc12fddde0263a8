"""The registry in real databases: one suite over SQLite and PostgreSQL.

What changes leaves its audit entry in the same transaction, nothing is deleted, two writers do not meet, what was
tampered with shows, and a backup of either goes into either.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from contract.errors import Misconfigured, Rejected, Transient
from gateway.registry import backup, demo, files
from gateway.registry.audit import DEMO
from gateway.registry.database import Database, url_of
from gateway.registry.models import REGISTRY, metadata
from gateway.registry.repository import Registry, opened
from gateway.registry.sheet_rows import Read
from gateway.registry.tables import TABLES
from tests.registry import HENAN, WHO, WHY, entry, registry_at, small, small_rows
from tests.servers import postgres

TRIGGERS_OFF = "SET session_replication_role = replica"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL of this module's own."""
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "registry.sqlite")
        return
    server: str = request.getfixturevalue("server")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS registry")
        connection.execute("CREATE DATABASE registry")
    yield f"{server.rpartition('/')[0]}/registry"


@pytest.fixture
async def registry(place: str) -> AsyncIterator[Registry]:
    """The small registry."""
    async with registry_at(place, small()) as registry:
        yield registry


async def execute(registry: Registry, statement: str) -> None:
    """As someone would who goes around the repository."""
    async with (await registry.database.engine()).connect() as connection:
        await connection.execute(text(statement))
        await connection.commit()


def tamper(place: str, statement: str) -> None:
    """As the database's owner could, triggers or no."""
    if "://" not in place:
        with closing(sqlite3.connect(place)) as connection:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement)
            connection.commit()
        return
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(TRIGGERS_OFF)
        connection.execute(statement)


def tamper_version(place: str, version: str) -> None:
    """Let the database be of another program's."""
    tamper(place, f"UPDATE alembic_version SET version_num = '{version}'")


async def test_everything_comes_back_as_it_was_given(registry: Registry) -> None:
    """Every table, to the digit, in the order it came in."""
    rows, head = await registry.everything()
    assert files.plain_rows(rows) == files.plain_rows(small_rows())
    assert head.number == len(small())
    assert await registry.verify() == []


async def test_migrations_up_from_nothing_make_what_the_models_say(registry: Registry) -> None:
    """To the column's type; and a second opening finds nothing to do."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with registry.database.reading() as connection:
        assert await connection.run_sync(differences) == []
    before = await registry.head()
    await registry.database.close()
    assert await registry.head() == before


async def test_a_registry_of_the_first_release_is_brought_up_to_date(registry: Registry, place: str) -> None:
    """With everything in it; its chain holds, and changes go on."""
    before = await registry.with_audit()
    await registry.database.close()
    tamper(place, "DROP INDEX ix_audit_entity_key")
    tamper_version(place, "0001")
    assert await registry.with_audit() == before
    assert await registry.verify() == []

    def indexes(connection: Connection) -> set[str | None]:
        return {index["name"] for index in inspect(connection).get_indexes("audit")}

    async with registry.database.reading() as connection:
        assert "ix_audit_entity_key" in await connection.run_sync(indexes)
    await registry.change(entry("cities", city="洛阳市"), who=WHO, why=WHY)
    assert await registry.verify() == []


async def test_a_registry_of_a_newer_program_is_not_touched(registry: Registry, place: str) -> None:
    tamper_version(place, "9999")
    await registry.database.close()
    with pytest.raises(Rejected, match="newer program"):
        await registry.head()


async def test_every_change_tells_who_when_what_and_why(registry: Registry) -> None:
    """Before and after; closing has a name of its own."""
    before = await registry.head()
    await registry.change(entry("mines", mine="演示甲矿", city=None), who="李四", why="所在市有误")
    await registry.change(
        entry("faces", mine="演示甲矿", face="F1", closed_on="2022-05-01"), who="李四", why="采完"
    )
    changed, closed = await registry.audit(before.number)
    assert (changed.who, changed.why, changed.action, changed.entity) == (
        "李四",
        "所在市有误",
        "change",
        "mines",
    )
    assert json.loads(changed.key) == ["演示甲矿"]
    was, is_ = json.loads(changed.before or ""), json.loads(changed.after or "")
    assert (was["city"], is_["city"], was["code"], is_["code"]) == ("焦作市", None, *["990000000001"] * 2)
    assert changed.at.endswith("+00:00")
    assert (closed.action, json.loads(closed.after or "")["closed_on"]) == ("close", "2022-05-01")
    assert [kept.revision for kept in await registry.rows("mines")] == [2, 1]
    assert await registry.verify() == []


async def test_all_or_nothing(registry: Registry) -> None:
    """One fault, and neither rows nor audit entries are there; the same without writing."""
    before = await registry.head()
    good, bad = entry("cities", 2, city="洛阳市"), entry("mines", 3, mine="丙矿", enterprise="没有")
    with pytest.raises(Misconfigured) as wrong:
        await registry.apply(Read([good, bad], []), who=WHO, why=WHY)
    assert [fault.line for fault in wrong.value.faults] == [3]
    would = await registry.apply(Read([good], []), who=WHO, why=WHY, dry_run=True)
    assert (would.added, would.dry_run, await registry.head()) == ({"cities": 1}, True, before)
    assert len(await registry.rows("cities")) == 1


@pytest.mark.parametrize(("who", "why"), [("", "x"), ("x", " "), ("x" * 101, "x"), ("x", "a\nb")])
async def test_nothing_changes_without_who_and_why(registry: Registry, who: str, why: str) -> None:
    with pytest.raises(Misconfigured, match="must be given"):
        await registry.change(entry("cities", city="洛阳市"), who=who, why=why)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit",
        "UPDATE audit SET why = 'x' WHERE number = 1",
        "DELETE FROM payments",
        *(f"DELETE FROM {table}" for table in ("robots", "filings", "shifts", "acceptances")),
    ],
)
async def test_the_database_refuses_to_lose_anything(registry: Registry, statement: str) -> None:
    """Whoever asks."""
    with pytest.raises(Exception, match=r"append-only|nothing is deleted"):
        await execute(registry, statement)
    assert await registry.verify() == []


async def test_no_way_around_by_replacing_or_emptying(registry: Registry) -> None:
    """Each database's own ways."""
    entries = await registry.audit()
    if registry.database.is_sqlite:
        forged = (
            "INSERT OR REPLACE INTO audit "
            "SELECT number, at, 'x', why, action, entity, key, before, after, previous, seal FROM audit LIMIT 1"
        )
        with pytest.raises(Exception, match="append-only"):
            await execute(registry, forged)
    else:
        for statement in ("TRUNCATE audit", "TRUNCATE robots"):
            with pytest.raises(Exception, match="nothing is deleted"):
                await execute(registry, statement)
    assert await registry.audit() == entries


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE audit SET why = 'x' WHERE number = 3", "3 被改动"),
        ("UPDATE audit SET who = 'x', seal = previous WHERE number = 3", "4 不接上一条"),
        ("DELETE FROM audit WHERE number = 5", "缺记录"),
        ("DELETE FROM audit WHERE number = 21", "没有审计记录"),
        ("UPDATE payments SET amount_wan = '900'", 'payments ["拨〔2021〕1号"] 与审计记录不符'),
        ("DELETE FROM robots", 'robots ["演示甲矿","R1"] 不见了'),
    ],
)
async def test_what_was_tampered_with_shows(
    registry: Registry, place: str, statement: str, what: str
) -> None:
    """Even by the database's owner: an entry changed, taken out, cut off at the end; a row changed, taken out."""
    tamper(place, statement)
    assert any(what in fault for fault in await registry.verify())


async def test_the_history_of_a_row_is_of_that_row_alone(registry: Registry) -> None:
    """Its entries in order; of an id that is not there nothing."""
    await registry.change(entry("mines", mine="演示甲矿", note="x"), who=WHO, why=WHY)
    first, second = await registry.rows("mines")
    told = await registry.history("mines", first.id)
    assert told is not None
    assert [(each.action, json.loads(each.key)) for each in told] == [
        ("add", ["演示甲矿"]), ("change", ["演示甲矿"]),
    ]  # fmt: skip
    assert len(await registry.history("mines", second.id) or ()) == 1
    assert await registry.history("mines", 99) is None
    shift = (await registry.rows("shifts"))[0]
    assert len(await registry.history("shifts", shift.id) or ()) == 1


async def test_a_seal_noted_earlier_shows_a_log_written_anew(registry: Registry) -> None:
    noted = (await registry.head()).seal
    assert await registry.has_seal(noted)
    assert not await registry.has_seal("0" * 64)


async def test_two_writers_do_not_meet(place: str) -> None:
    """Two processes' worth of connections, many changes at once: none is lost and the chain has no fork."""
    async with registry_at(place, small()) as one, opened(place) as other:

        async def note(registry: Registry, number: int) -> None:
            await registry.change(entry("cities", city=f"市{number}"), who=WHO, why=WHY)
            await registry.change(entry("mines", mine="演示甲矿", note=f"{number}"), who=WHO, why=WHY)

        async with asyncio.TaskGroup() as tasks:
            for number in range(12):
                tasks.create_task(note(one if number % 2 else other, number))
        assert await one.verify() == []
        assert len(await one.rows("cities")) == 13
        assert (await other.head()).number == len(small()) + 24
        assert (await one.rows("mines"))[0].revision == 13


async def test_a_change_of_what_someone_else_has_changed_is_refused(registry: Registry) -> None:
    first = (await registry.rows("mines"))[0].revision
    await registry.change(
        entry("mines", mine="演示甲矿", note="a")._replace(revision=first), who=WHO, why=WHY
    )
    with pytest.raises(Rejected, match="changed by someone else"):
        await registry.change(
            entry("mines", mine="演示甲矿", note="b")._replace(revision=first), who=WHO, why=WHY
        )


async def test_a_failure_in_the_middle_undoes_everything(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows written and the audit log not: both are gone."""
    before = await registry.head()

    async def fails(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("gateway.registry.repository.append", fails)
    with pytest.raises(Transient, match="no space left"):
        await registry.change(entry("cities", city="洛阳市"), who=WHO, why=WHY)
    monkeypatch.undo()
    assert await registry.head() == before
    assert len(await registry.rows("cities")) == 1


async def test_a_reader_sees_one_moment(registry: Registry) -> None:
    """Whatever is written while it reads."""
    async with registry.database.reading() as connection:
        await registry.change(entry("cities", city="洛阳市"), who=WHO, why=WHY)
        seen = (await connection.execute(text("SELECT count(*) FROM cities"))).scalar()
    assert seen == 1
    assert len(await registry.rows("cities")) == 2


async def test_demonstration_data_does_not_mix_with_other(place: str) -> None:
    """It brings its mark into an empty registry, may be changed there, and is not taken in elsewhere."""
    content = files.exported
    async with opened(place) as registry:
        await demo.fill(registry)
        assert await registry.is_demo()
        assert (await registry.audit(limit=1))[0].action == DEMO
        assert await registry.verify() == []
        book, is_demo = await content(registry)
        assert is_demo
        again = await registry.apply(await files.read(book, "x", None), who=WHO, why=WHY)
        assert (again.added, again.changed) == ({}, {})
        assert all("演示数据" in name for name in await files.csv_texts(registry))


async def test_demonstration_data_is_refused_where_there_is_other(registry: Registry, tmp_path: Path) -> None:
    async with registry_at(tmp_path / "demo.sqlite") as fresh:
        await demo.fill(fresh)
        book, _ = await files.exported(fresh)
    with pytest.raises(Rejected, match="演示数据"):
        await registry.apply(await files.read(book, "x", None), who=WHO, why=WHY)
    with pytest.raises(Rejected, match="演示数据"):
        await demo.fill(registry)
    assert not await registry.is_demo()


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
async def test_a_backup_of_either_goes_into_either(
    registry: Registry, target: str, tmp_path: Path, server: str
) -> None:
    """Rows with their ids and revisions, the audit log with its seals; changes go on from there."""
    await registry.change(entry("mines", mine="演示甲矿", note="x"), who=WHO, why=WHY)
    content = await backup.portable(registry)
    assert content == await backup.portable(registry)
    where = str(tmp_path / "restored.sqlite")
    if target == "postgresql":
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS restored")
            connection.execute("CREATE DATABASE restored")
        where = f"{server.rpartition('/')[0]}/restored"
    async with opened(where) as restored:
        assert await backup.restore(restored, content, "b") == len(small())
        assert await restored.with_audit() == await registry.with_audit()
        await restored.change(entry("cities", city="洛阳市"), who=WHO, why=WHY)
        assert await restored.verify() == []
        with pytest.raises(Rejected, match="不是空库"):
            await backup.restore(restored, content, "b")


async def test_a_damaged_backup_restores_nothing(registry: Registry, tmp_path: Path) -> None:
    """Cut short, changed, of another kind, or with a log that does not hold."""
    content = await backup.portable(registry)
    rows, entries = await registry.with_audit()
    rows["cities"][("焦作市",)].row["note"] = "forged"
    forged = backup.packed(rows, entries)
    async with opened(tmp_path / "fresh.sqlite") as fresh:
        for wrong in (content[:-30], b"", b"{}", content[:200] + b"x" + content[201:], forged):
            with pytest.raises(Misconfigured):
                await backup.restore(fresh, wrong, "b")
        assert (await fresh.head()).number == 0
        assert await fresh.verify() == []


async def test_a_sqlite_file_is_copied_while_others_write(tmp_path: Path) -> None:
    """As of one moment, and whole; PostgreSQL has the portable form."""
    async with registry_at(tmp_path / "registry.sqlite", small()) as registry:

        async def write() -> None:
            for number in range(20):
                await registry.change(entry("cities", city=f"市{number}"), who=WHO, why=WHY)

        writing = asyncio.create_task(write())
        for number in range(5):
            await backup.copy_sqlite(registry, tmp_path / f"copy-{number}.sqlite")
        await writing
        for number in range(5):
            async with opened(tmp_path / f"copy-{number}.sqlite") as copy:
                assert await copy.verify() == []
                assert (await copy.head()).number >= len(small())


async def test_postgresql_is_not_copied_as_a_file(tmp_path: Path) -> None:
    registry = Registry(Database(url_of("postgresql://nobody@127.0.0.1:1/x")))
    with pytest.raises(Rejected, match="jsonl"):
        await backup.copy_sqlite(registry, tmp_path / "x.sqlite")


async def test_a_database_that_is_away_may_come_back(tmp_path: Path) -> None:
    """Trouble is told without the password, and the next use tries again."""
    away = Registry(Database(url_of("postgresql://ninebelow:secret@127.0.0.1:1/x")))
    with pytest.raises(Transient) as told:
        await away.head()
    assert "secret" not in str(told.value)
    blocked = tmp_path / "file"
    blocked.write_text("")
    registry = Registry(Database(url_of(blocked / "registry.sqlite")))
    with pytest.raises(Transient):
        await registry.head()
    blocked.unlink()
    assert (await registry.head()).number == 0
    await registry.database.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://x:port/y", "oracle+x://y"])
def test_urls_of_other_databases(url: str) -> None:
    with pytest.raises(Misconfigured):
        url_of(url)


async def test_the_demo_registry_has_something_of_everything(place: str) -> None:
    """Rows in every table but the province's own figures; no name that is not plainly a demonstration's."""
    async with opened(place) as registry:
        await demo.fill(registry)
        rows, _ = await registry.everything()
    counts = {table: len(of_table) for table, of_table in rows.items()}
    assert {table.word for table in TABLES if not counts[table.word]} == {"province_years"}
    assert (counts["enterprises"], counts["mines"], counts["projects"]) == (6, 40, 343)
    assert all(str(key[0]).startswith("演示") for key in rows["mines"])
    assert all(
        str(key[0]).startswith("演示") for key in (*rows["payments"], *rows["filings"], *rows["projects"])
    )


async def test_ids_tell_the_order_rows_came_in(registry: Registry) -> None:
    """So an export has the order of the import, after changes too."""
    await registry.change(entry("projects", project="甲一", investment_wan="7"), who=WHO, why=WHY)
    assert [kept.row["project"] for kept in await registry.rows("projects")] == ["甲一", "-580 水平采煤面"]
    (last,) = await registry.rows("projects", after=1, limit=5)
    assert last.row["project"] == "-580 水平采煤面"
    assert set(REGISTRY) == {table.word for table in TABLES}
    assert (await registry.rows("projects"))[0].row["accepted_on"] == date(2021, 7, 1)
    assert (await registry.rows("enterprises"))[0].row["enterprise"] == HENAN
