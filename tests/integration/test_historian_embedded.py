"""What the embedded historian promises beside the contract: of its file, of its commits, of its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract.errors import Misconfigured
from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import (
    HistorianUnavailable,
    Point,
    Row,
    Series,
)
from tests.embedded_writer import PUMP, batch, writing

AT = 1_795_600_000_000
FOREVER = (-(10**15), 10**15)


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[EmbeddedHistorian]:
    async with EmbeddedHistorian(tmp_path / "historian.duckdb") as historian:
        yield historian


async def test_every_acknowledged_batch_survives_a_kill(tmp_path: Path) -> None:
    """Twice, so that the second process also writes on in what the first one left."""
    path = tmp_path / "historian.duckdb"
    acknowledged: list[str] = []
    for first in (0, 500_000):
        with writing(path, first) as (process, told):
            acknowledged += [told.readline() for _ in range(21)]
            process.kill()
            acknowledged += [line for line in told if line.endswith("\n")]
    async with EmbeddedHistorian(path) as historian:
        rows = {row.at_ms: row for row in await historian.read(PUMP, ["flow", "mode_text"], *FOREVER)}
    assert len(acknowledged) >= 42
    for point in (point for number in acknowledged for point in batch(int(number))):
        assert rows[point.at_ms] == Row(point.at_ms, dict(point.fields))


async def test_a_file_held_by_another_process_is_named(tmp_path: Path) -> None:
    path = tmp_path / "historian.duckdb"
    with writing(path, 0) as (process, told):
        told.readline()
        with pytest.raises(Misconfigured) as misconfigured:
            await EmbeddedHistorian(path).__aenter__()
    [fault] = misconfigured.value.faults
    assert fault.file == str(path)
    assert f"PID {process.pid}" in fault.what


@pytest.mark.parametrize("name", ["not_a_database", "directory", "file/below"])
async def test_a_path_that_cannot_be_a_file_of_ours(tmp_path: Path, name: str) -> None:
    (tmp_path / "not_a_database").write_text("point table\n" * 1000)
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="Give another path"):
        await EmbeddedHistorian(tmp_path / name).__aenter__()


@pytest.mark.parametrize(("memory_limit", "threads"), [("much", 1), ("512XB", 1), ("512MB", 0)])
async def test_limits_that_cannot_be_taken(tmp_path: Path, memory_limit: str, threads: int) -> None:
    historian = EmbeddedHistorian(tmp_path / "historian.duckdb", memory_limit=memory_limit, threads=threads)
    with pytest.raises(Misconfigured, match="memory_limit or threads"):
        await historian.__aenter__()


async def test_writes_reads_and_compaction_do_not_disturb_each_other(embedded: EmbeddedHistorian) -> None:
    """Every reading sees whole batches, and in the end the last written values are there, once each."""
    points = 2_000
    done = asyncio.Event()

    async def write() -> None:
        for value in range(8):
            await embedded.write([Point(PUMP, AT + i * 1000, {"flow": float(value)}) for i in range(points)])
        done.set()

    async def read() -> None:
        while not done.is_set():
            rows = await embedded.read(PUMP, ["flow"], *FOREVER)
            assert len(rows) in {0, points}
            assert len({row.fields["flow"] for row in rows}) <= 1

    async def compact() -> None:
        while not done.is_set():
            await embedded.compact(within_s=1.0)

    async with asyncio.TaskGroup() as tasks:
        for work in (write, read, read, compact):
            tasks.create_task(work())
    await embedded.compact(within_s=60.0)
    assert await embedded.compact(within_s=60.0) == 0
    rows = await embedded.read(PUMP, ["flow"], *FOREVER)
    assert rows == [Row(AT + i * 1000, {"flow": 7.0}) for i in range(points)]


async def test_keeps_everything_over_a_restart(tmp_path: Path) -> None:
    """Channels too: what is written afterwards joins what was there."""
    path = tmp_path / "new" / "folder" / "historian.duckdb"
    for i in range(3):
        async with EmbeddedHistorian(path) as historian:
            await historian.write(
                [Point(PUMP, AT + i, {"flow": float(i), f"new_{i}": 1.0, "mode_text": "a"})]
            )
    async with EmbeddedHistorian(path) as historian:
        rows = await historian.read(PUMP, ["flow", "mode_text"], *FOREVER)
        assert rows == [Row(AT + i, {"flow": float(i), "mode_text": "a"}) for i in range(3)]
        assert await historian.read(PUMP, ["new_1"], *FOREVER) == [Row(AT + 1, {"new_1": 1.0})]


async def test_commits_those_who_wait_together(
    embedded: EmbeddedHistorian, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    append = embedded._file.append

    def counted(batches: Any) -> list[list[str]]:
        commits.append(len(batches))
        return append(batches)

    monkeypatch.setattr(embedded._file, "append", counted)
    async with asyncio.TaskGroup() as tasks:
        for i in range(200):
            tasks.create_task(embedded.write([Point(PUMP, AT + i, {"flow": float(i)})]))
    assert sum(commits) == 200
    assert len(commits) < 20
    assert max(commits) <= 64 + 1


async def test_closing_stores_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "historian.duckdb"
    async with asyncio.TaskGroup() as tasks, EmbeddedHistorian(path, waiting_max=2) as historian:
        for i in range(10):
            tasks.create_task(historian.write([Point(PUMP, AT + i, {"flow": float(i)})]))
        await asyncio.sleep(0)
    with pytest.raises(HistorianUnavailable, match="closed"):
        await historian.write([Point(PUMP, AT, {"flow": 1.0})])
    with pytest.raises(HistorianUnavailable, match="closed"):
        await historian.read(PUMP, ["flow"], *FOREVER)
    async with EmbeddedHistorian(path) as historian:
        assert len(await historian.read(PUMP, ["flow"], *FOREVER)) == 10


async def test_recovers_from_a_broken_connection(embedded: EmbeddedHistorian) -> None:
    """A series that was new in the failed commit is new in the next one too."""
    await embedded.write([Point(PUMP, AT, {"flow": 1.0})])
    embedded._file._connection.close()
    fan = Series("main_fan", (("area", "C-FAN"),))
    with pytest.raises(HistorianUnavailable, match=r"historian\.duckdb"):
        await embedded.write([Point(fan, AT, {"flow": 2.0})])
    await embedded.write([Point(fan, AT, {"flow": 2.0})])
    assert await embedded.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 1.0})]
    assert await embedded.read(fan, ["flow"], *FOREVER) == [Row(AT, {"flow": 2.0})]


async def test_a_fault_of_ours_reaches_the_caller_and_only_him(embedded: EmbeddedHistorian) -> None:
    with pytest.raises(AttributeError):
        await embedded.write([Point(PUMP, AT, None)])  # type: ignore[arg-type]  # the fault
    await embedded.write([Point(PUMP, AT, {"flow": 1.0})])
    assert await embedded.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 1.0})]


async def test_a_caller_who_gives_up_disturbs_nobody(embedded: EmbeddedHistorian) -> None:
    impatient = asyncio.create_task(embedded.write([Point(PUMP, AT, {"flow": 1.0})]))
    await asyncio.sleep(0)
    impatient.cancel()
    await embedded.write([Point(PUMP, AT + 1, {"flow": 1.0})])
    assert impatient.cancelled() or impatient.cancelling()


async def test_compaction_deletes_what_was_overwritten(embedded: EmbeddedHistorian) -> None:
    hour_ms = 3_600_000
    for value in range(4):
        points = [
            Point(PUMP, AT + i * hour_ms, {"flow": float(value), "mode_text": str(value)}) for i in range(30)
        ]
        await embedded.write([*points, Point(PUMP, AT + value, {"head": 1.0})])
    before = await embedded.read(PUMP, ["flow", "head", "mode_text"], *FOREVER)
    assert await embedded.compact(within_s=0.0) == 0
    assert await embedded.compact(within_s=60.0) == 2 * 3 * 30
    assert await embedded.compact(within_s=60.0) == 0
    await embedded.write([Point(PUMP, AT, {"flow": 9.0})])
    assert await embedded.compact(within_s=60.0) == 1
    before[0].fields["flow"] = 9.0
    assert await embedded.read(PUMP, ["flow", "head", "mode_text"], *FOREVER) == before


async def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """DuckDB would open some as tables in memory, and forget everything at the end."""
    path = tmp_path / "points.csv"
    path.write_bytes(b"a,b\n1,2\n" * 100)
    with pytest.raises(Misconfigured, match=r"points\.csv"):
        async with EmbeddedHistorian(path):
            pass
