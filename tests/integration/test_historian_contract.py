"""What the centre expects of a historian (gateway/historian/historian.py), asked of the embedded store and of a
real InfluxDB 1.x alike; then what each promises for itself: the one of its file, the other of its server."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from contract.errors import Misconfigured
from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import (
    FieldValue,
    Historian,
    HistorianUnavailable,
    Point,
    PointsRejected,
    Row,
    Series,
)
from gateway.historian.influx import InfluxHistorian
from tests.embedded_writer import PUMP, batch
from tests.servers import influx_server, influxd

AT = 1_795_600_000_000
FOREVER = (-(10**15), 10**15)
NASTY = [
    "a,b",
    "a b",
    "a=b",
    'say "八"',
    "it's",
    "中央水泵房",
    "a\nb",
    "back\\",
    "\\n",
    "a\\,b",
    "\x00\x1f",
    "\x85\u2028",
    "😀",
    "#1",
    "$x;--",
]


@pytest.fixture(scope="module")
def influx_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with influxd(tmp_path_factory.mktemp("influxd")) as url:
        yield url


@pytest.fixture
async def influx(influx_url: str, request: pytest.FixtureRequest) -> AsyncIterator[InfluxHistorian]:
    async with InfluxHistorian(influx_url, database=request.node.name) as historian:
        yield historian


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[EmbeddedHistorian]:
    async with EmbeddedHistorian(tmp_path / "historian.duckdb") as historian:
        yield historian


@pytest.fixture(params=["embedded", "influx"])
def historian(request: pytest.FixtureRequest) -> Historian:
    store: Historian = request.getfixturevalue(request.param)
    return store


async def test_nothing_is_known_at_first(historian: Historian) -> None:
    assert await historian.read(PUMP, ["flow"], *FOREVER) == []
    assert await historian.last_before(PUMP, ["flow"], AT) is None
    await historian.write([])
    await historian.write([Point(PUMP, AT, {})])
    assert await historian.read(PUMP, ["flow"], *FOREVER) == []
    assert await historian.read(PUMP, [], *FOREVER) == []


async def test_numbers_and_text_come_back_as_they_were(historian: Historian) -> None:
    fields: dict[str, FieldValue] = {
        "flow": 7.0, "head": 0.1 + 0.2, "level": -1e-300, "mode_text": "auto", "cards_text": "", "flow_q": 192.0
    }  # fmt: skip
    await historian.write([Point(PUMP, AT, fields)])
    [row] = await historian.read(PUMP, list(fields), AT, AT + 1)
    assert row == Row(AT, fields)
    assert {type(value) for value in row.fields.values()} == {float, str}


async def test_integers_and_booleans_become_floats(historian: Historian) -> None:
    await historian.write([Point(PUMP, AT, {"starts": 3, "running": True})])
    await historian.write([Point(PUMP, AT + 1, {"starts": 4.5, "running": 0.0})])
    rows = await historian.read(PUMP, ["starts", "running"], *FOREVER)
    assert rows == [Row(AT, {"starts": 3.0, "running": 1.0}), Row(AT + 1, {"starts": 4.5, "running": 0.0})]


async def test_writing_again_changes_nothing(historian: Historian) -> None:
    points = [Point(PUMP, AT + i, {"flow": float(i), "mode_text": str(i)}) for i in range(50)]
    for _ in range(3):
        await historian.write(points)
    rows = await historian.read(PUMP, ["flow", "mode_text"], *FOREVER)
    assert rows == [Row(point.at_ms, dict(point.fields)) for point in points]


async def test_fields_of_one_instant_merge_and_the_last_write_wins(historian: Historian) -> None:
    await historian.write([Point(PUMP, AT, {"flow": 1.0, "head": 2.0, "mode_text": "auto"})])
    await historian.write([Point(PUMP, AT, {"flow": 3.0, "level": 4.0, "mode_text": "local"})])
    rows = await historian.read(PUMP, ["flow", "head", "level", "mode_text"], *FOREVER)
    assert rows == [Row(AT, {"flow": 3.0, "head": 2.0, "level": 4.0, "mode_text": "local"})]


async def test_within_one_batch_the_later_point_wins(historian: Historian) -> None:
    await historian.write([Point(PUMP, AT, {"flow": float(i)}) for i in range(100)])
    assert await historian.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 99.0})]


async def test_late_data_lands_at_its_own_time(historian: Historian) -> None:
    for at_ms in (AT + 5, AT - 86_400_000 * 400, AT, AT + 3):
        await historian.write([Point(PUMP, at_ms, {"flow": float(at_ms)})])
    rows = await historian.read(PUMP, ["flow"], *FOREVER)
    assert [row.at_ms for row in rows] == [AT - 86_400_000 * 400, AT, AT + 3, AT + 5]


async def test_a_range_has_its_start_and_not_its_end(historian: Historian) -> None:
    await historian.write([Point(PUMP, AT + i, {"flow": float(i)}) for i in range(5)])
    assert [row.at_ms - AT for row in await historian.read(PUMP, ["flow"], AT + 1, AT + 4)] == [1, 2, 3]
    assert await historian.read(PUMP, ["flow"], AT + 1, AT + 1) == []
    assert await historian.read(PUMP, ["flow"], AT + 3, AT + 1) == []


async def test_rows_have_only_the_asked_fields_and_at_least_one(historian: Historian) -> None:
    await historian.write(
        [Point(PUMP, AT, {"flow": 1.0}), Point(PUMP, AT + 1, {"head": 2.0, "mode_text": "auto"})]
    )
    assert await historian.read(PUMP, ["flow", "level"], *FOREVER) == [Row(AT, {"flow": 1.0})]
    assert await historian.read(PUMP, ["mode_text", "flow", "flow"], *FOREVER) == [
        Row(AT, {"flow": 1.0}),
        Row(AT + 1, {"mode_text": "auto"}),
    ]
    assert await historian.read(PUMP, ["never_written", "nor_this_text"], *FOREVER) == []


@pytest.mark.parametrize("age_ms", [1, 3_600_000, 7 * 86_400_000, 400 * 86_400_000])
async def test_the_newest_row_before_an_instant(historian: Historian, age_ms: int) -> None:
    newest = AT - age_ms
    await historian.write([Point(PUMP, newest - 1, {"flow": 1.0}), Point(PUMP, AT, {"flow": 9.0})])
    await historian.write([Point(PUMP, newest, {"flow": 2.0, "mode_text": "auto"})])
    await historian.write([Point(PUMP, newest, {"flow": 3.0})])
    fields = ["flow", "mode_text"]
    assert await historian.last_before(PUMP, fields, AT) == Row(newest, {"flow": 3.0, "mode_text": "auto"})
    assert await historian.last_before(PUMP, fields, newest) == Row(newest - 1, {"flow": 1.0})
    assert await historian.last_before(PUMP, fields, newest - 1) is None
    assert await historian.last_before(PUMP, ["flow"], FOREVER[1]) == Row(AT, {"flow": 9.0})
    assert await historian.last_before(PUMP, ["head"], FOREVER[1]) is None


async def test_a_series_is_told_from_those_with_more_or_other_tags(historian: Historian) -> None:
    every = [
        Series("pump", ()),
        Series("pump", (("area", "A"),)),
        Series("pump", (("area", "A"), ("unit", "1"))),
        Series("pump", (("area", "A"), ("unit", "2"))),
        Series("pump", (("area", "B"), ("unit", "1"))),
        Series("main_fan", (("area", "A"),)),
    ]
    await historian.write([Point(series, AT, {"flow": float(i)}) for i, series in enumerate(every)])
    for i, series in enumerate(every):
        assert await historian.read(series, ["flow"], *FOREVER) == [Row(AT, {"flow": float(i)})]
        assert await historian.last_before(series, ["flow"], AT + 1) == Row(AT, {"flow": float(i)})


async def test_nasty_strings_everywhere(historian: Historian) -> None:
    points = [
        Point(
            Series(f"m{text}", ((f"t{text}", text), ("z", "1"))),
            AT,
            {f"f{text}": 1.5, f"f{text}_text": text * 2},
        )
        for text in NASTY
    ]
    await historian.write(points)
    for point in points:
        assert await historian.read(point.series, list(point.fields), *FOREVER) == [
            Row(AT, dict(point.fields))
        ]


async def test_text_that_is_no_unicode_does_not_stop_a_batch(historian: Historian) -> None:
    await historian.write(
        [Point(PUMP, AT, {"mode_text": "a\ud800b"}), Point(PUMP, AT + 1, {"mode_text": "ok"})]
    )
    rows = await historian.read(PUMP, ["mode_text"], *FOREVER)
    assert rows == [Row(AT, {"mode_text": "a?b"}), Row(AT + 1, {"mode_text": "ok"})]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flow", "7"),
        ("mode_text", 7.0),
        ("flow", math.nan),
        ("flow", math.inf),
        ("flow", 10**400),
        ("time", 1.0),
    ],
)
async def test_a_value_that_breaks_the_rules_is_refused_and_the_rest_stored(
    historian: Historian, name: str, value: FieldValue
) -> None:
    good = {"head": 1.0, "state_text": "auto"}
    points = [Point(PUMP, AT, good), Point(PUMP, AT + 1, {**good, name: value}), Point(PUMP, AT + 2, good)]
    with pytest.raises(PointsRejected) as refusal:
        await historian.write(points)
    assert refusal.value.count == 1
    assert name in refusal.value.reason
    rows = await historian.read(PUMP, ["head", "state_text", "flow", "mode_text"], *FOREVER)
    assert rows == [Row(AT + i, dict(good)) for i in range(3)]


async def test_an_instant_out_of_range_is_refused_and_the_rest_stored(historian: Historian) -> None:
    with pytest.raises(PointsRejected) as refusal:
        await historian.write([Point(PUMP, 10**16, {"flow": 1.0}), Point(PUMP, AT, {"flow": 2.0})])
    assert refusal.value.count == 1
    assert await historian.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 2.0})]


async def test_a_big_batch(historian: Historian) -> None:
    every = [Series("shearer", (("area", f"F{i}"), ("mine", "990000000001"))) for i in range(4)]
    points = [
        Point(every[i % 4], AT + i // 4 * 1000, {"speed": i / 7, "traction": float(i), "mode_text": str(i)})
        for i in range(20_000)
    ]
    await historian.write(points)
    for number, series in enumerate(every):
        rows = await historian.read(series, ["speed", "traction", "mode_text"], *FOREVER)
        assert rows == [Row(point.at_ms, dict(point.fields)) for point in points[number::4]]


async def test_many_writers_at_once(historian: Historian) -> None:
    async with asyncio.TaskGroup() as tasks:
        for i in range(100):
            tasks.create_task(historian.write([Point(PUMP, AT + i, {"flow": float(i)})]))
    assert len(await historian.read(PUMP, ["flow"], *FOREVER)) == 100


# What InfluxDB promises for itself.


async def ask(url: str, question: str, auth: tuple[str, str] | None = None) -> None:
    async with httpx.AsyncClient(base_url=url, auth=auth) as client:
        (await client.post("/query", data={"q": question})).raise_for_status()


async def write_raw(url: str, database: str, lines: str) -> None:
    await ask(url, f'CREATE DATABASE "{database}"')
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("/write", params={"db": database, "precision": "ms"}, content=lines)
        answer.raise_for_status()


async def test_influx_a_conflict_with_foreign_data_loses_those_lines_only(
    influx: InfluxHistorian, influx_url: str, request: pytest.FixtureRequest
) -> None:
    """Integers of another program stand in one week's shard: floats are refused there, and only there."""
    week_ms = 7 * 86_400_000
    foreign = f"pump,area=X flow=1i {AT}\npump,area=X head=true {AT}"
    await write_raw(influx_url, request.node.name, foreign)
    names = ("flow", "head", "level")
    points = [
        Point(PUMP, AT + i - week_ms * (i % 7 == 0), {names[i % 10 % 3]: i / 2, "other": 1.0})
        for i in range(3_000)
    ]
    in_conflict = [p for p in points if p.at_ms >= AT and "level" not in p.fields]
    with pytest.raises(PointsRejected) as refusal:
        await influx.write(points)
    assert refusal.value.count == len(in_conflict)
    assert "conflict" in refusal.value.reason
    rows = await influx.read(PUMP, [*names, "other"], *FOREVER)
    stored = sorted((p for p in points if p not in in_conflict), key=lambda p: p.at_ms)
    assert rows == [Row(p.at_ms, dict(p.fields)) for p in stored]


async def test_influx_a_constant_conflict_costs_few_requests(
    influx: InfluxHistorian, influx_url: str, request: pytest.FixtureRequest
) -> None:
    await write_raw(influx_url, request.node.name, f"pump,area=X flow=1i {AT}")
    requests: list[str] = []

    async def count(sent: httpx.Request) -> None:
        requests.append(sent.url.path)

    influx._client.event_hooks = {"request": [count]}
    with pytest.raises(PointsRejected) as refusal:
        await influx.write([Point(PUMP, AT + i, {("flow", "head")[i % 2]: 1.0}) for i in range(1_000)])
    assert refusal.value.count == 500
    assert requests == ["/write"] * 3


async def test_influx_foreign_data_of_another_type_does_not_hide_ours(
    influx: InfluxHistorian, influx_url: str, request: pytest.FixtureRequest
) -> None:
    """In another shard the same field may have another type; without a cast, only one of them is answered."""
    week_ms = 7 * 86_400_000
    await write_raw(
        influx_url, request.node.name, f'pump,area=C-PUMP,mine=990000000001 flow="x" {AT - week_ms}'
    )
    await influx.write([Point(PUMP, AT, {"flow": 1.0})])
    assert await influx.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 1.0})]


async def test_influx_a_line_it_cannot_parse_is_lost_alone(influx: InfluxHistorian) -> None:
    """Its key is longer than 64 KiB; and its text holds what the server's own answer cannot carry."""
    too_long = Series("telemetry", (("point", "x" * 70_000),))
    points = [Point(PUMP, AT + i, {"flow": float(i)}) for i in range(100)]
    points[70:70] = [Point(too_long, AT, {"value": 1.0})]
    points[30:30] = [Point(too_long, AT, {"value_text": "secret\x00"})]
    with pytest.raises(PointsRejected) as refusal:
        await influx.write(points)
    assert refusal.value.count == 2
    assert "xxx" not in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert len(await influx.read(PUMP, ["flow"], *FOREVER)) == 100


async def test_influx_data_beyond_its_retention_is_counted(
    influx: InfluxHistorian, influx_url: str, request: pytest.FixtureRequest
) -> None:
    database = request.node.name
    await ask(influx_url, f'CREATE DATABASE "{database}" WITH DURATION 30d REPLICATION 1 NAME "month"')
    now_ms = int(time.time() * 1000)
    old = [Point(PUMP, now_ms - 40 * 86_400_000 + i, {"flow": 1.0}) for i in range(20)]
    new = [Point(PUMP, now_ms + i, {"flow": 2.0}) for i in range(20)]
    with pytest.raises(PointsRejected) as refusal:
        await influx.write([point for pair in zip(old, new, strict=True) for point in pair])
    assert refusal.value.count == 20
    assert "retention" in refusal.value.reason
    assert len(await influx.read(PUMP, ["flow"], *FOREVER)) == 20


async def test_influx_a_dropped_database_is_made_again(
    influx: InfluxHistorian, influx_url: str, request: pytest.FixtureRequest
) -> None:
    await influx.write([Point(PUMP, AT, {"flow": 1.0})])
    await ask(influx_url, f'DROP DATABASE "{request.node.name}"')
    await influx.write([Point(PUMP, AT, {"flow": 2.0})])
    assert await influx.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 2.0})]


async def test_influx_gzip(influx_url: str) -> None:
    async with InfluxHistorian(influx_url, database="gzip", use_gzip=True, lines_max=7) as historian:
        await historian.write([Point(PUMP, AT + i, {"flow": float(i)}) for i in range(100)])
        assert len(await historian.read(PUMP, ["flow"], *FOREVER)) == 100


async def test_influx_killed_and_started_again(tmp_path: Path) -> None:
    """What it acknowledged is there after a power cut; meanwhile every call says that it is unavailable."""
    with influx_server(tmp_path) as server:
        url = f"http://127.0.0.1:{server.port}"
        async with InfluxHistorian(url, database="ninebelow") as historian:
            await historian.write([Point(PUMP, AT, {"flow": 1.0})])
            server.kill()
            with pytest.raises(HistorianUnavailable, match="does not answer"):
                await historian.write([Point(PUMP, AT + 1, {"flow": 2.0})])
            with pytest.raises(HistorianUnavailable, match="does not answer"):
                await historian.read(PUMP, ["flow"], *FOREVER)
            with pytest.raises(HistorianUnavailable, match="does not answer"):
                await historian.last_before(PUMP, ["flow"], AT)
            server.start()
            await historian.write([Point(PUMP, AT + 1, {"flow": 2.0})])
            rows = await historian.read(PUMP, ["flow"], *FOREVER)
            assert rows == [Row(AT, {"flow": 1.0}), Row(AT + 1, {"flow": 2.0})]


async def test_influx_asks_for_its_password(tmp_path: Path) -> None:
    """Who may not, learns what to mend, and never reads a password in it."""
    admin = ("admin", "geheim-1")
    with influxd(tmp_path, auth=True) as url:
        await ask(url, "CREATE USER admin WITH PASSWORD 'geheim-1' WITH ALL PRIVILEGES")
        await ask(url, "CREATE USER collector WITH PASSWORD 'geheim-2'", admin)
        for username, password, mend in [
            ("", "", "check username and password"),
            ("admin", "geheim-3", "check username and password"),
            ("collector", "geheim-2", "make it by hand"),
        ]:
            client = InfluxHistorian(url, database="mines", username=username, password=SecretStr(password))
            async with client as historian:
                with pytest.raises(HistorianUnavailable, match=mend) as unavailable:
                    await historian.write([Point(PUMP, AT, {"flow": 1.0})])
                assert "geheim" not in f"{unavailable.value}{vars(historian)}"
                with pytest.raises(HistorianUnavailable):
                    await historian.read(PUMP, ["flow"], *FOREVER)
        client = InfluxHistorian(url, database="mines", username="admin", password=SecretStr("geheim-1"))
        async with client as historian:
            await historian.write([Point(PUMP, AT, {"flow": 1.0})])
            assert len(await historian.read(PUMP, ["flow"], *FOREVER)) == 1


# What the embedded store promises for itself.


async def test_embedded_every_acknowledged_batch_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "historian.duckdb"
    acknowledged: list[int] = []
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.embedded_writer", str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            acknowledged += [int(writer.stdout.readline()) for _ in range(21)]
            writer.kill()
            acknowledged += [
                int(line) for line in writer.stdout.read().splitlines(keepends=True) if "\n" in line
            ]
    async with EmbeddedHistorian(path) as historian:
        rows = {row.at_ms: row for row in await historian.read(PUMP, ["flow", "mode_text"], *FOREVER)}
    for point in (point for number in acknowledged for point in batch(number)):
        assert rows[point.at_ms] == Row(point.at_ms, dict(point.fields))


async def test_embedded_a_file_held_by_another_process_is_named(tmp_path: Path) -> None:
    path = tmp_path / "historian.duckdb"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.embedded_writer", str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(Misconfigured) as misconfigured:
            await EmbeddedHistorian(path).__aenter__()
        writer.kill()
    [fault] = misconfigured.value.faults
    assert fault.file == str(path)
    assert f"PID {writer.pid}" in fault.what


@pytest.mark.parametrize("name", ["not_a_database", "directory", "file/below"])
async def test_embedded_a_path_that_cannot_be_a_file_of_ours(tmp_path: Path, name: str) -> None:
    (tmp_path / "not_a_database").write_text("point table\n" * 1000)
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="Give another path"):
        await EmbeddedHistorian(tmp_path / name).__aenter__()


async def test_embedded_keeps_everything_over_a_restart(tmp_path: Path) -> None:
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


async def test_embedded_commits_those_who_wait_together(
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


async def test_embedded_closing_stores_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "historian.duckdb"
    async with EmbeddedHistorian(path, waiting_max=2) as historian, asyncio.TaskGroup() as tasks:
        for i in range(10):
            tasks.create_task(historian.write([Point(PUMP, AT + i, {"flow": float(i)})]))
        await asyncio.sleep(0)
        await historian.__aexit__(None, None, None)
        with pytest.raises(HistorianUnavailable, match="closed"):
            await historian.write([Point(PUMP, AT, {"flow": 1.0})])
        with pytest.raises(HistorianUnavailable, match="closed"):
            await historian.read(PUMP, ["flow"], *FOREVER)
    async with EmbeddedHistorian(path) as historian:
        assert len(await historian.read(PUMP, ["flow"], *FOREVER)) == 10


async def test_embedded_recovers_from_a_broken_connection(embedded: EmbeddedHistorian) -> None:
    """A series that was new in the failed commit is new in the next one too."""
    await embedded.write([Point(PUMP, AT, {"flow": 1.0})])
    embedded._file._connection.close()
    fan = Series("main_fan", (("area", "C-FAN"),))
    with pytest.raises(HistorianUnavailable, match=r"historian\.duckdb"):
        await embedded.write([Point(fan, AT, {"flow": 2.0})])
    await embedded.write([Point(fan, AT, {"flow": 2.0})])
    assert await embedded.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 1.0})]
    assert await embedded.read(fan, ["flow"], *FOREVER) == [Row(AT, {"flow": 2.0})]


async def test_embedded_a_fault_of_ours_reaches_the_caller_and_only_him(embedded: EmbeddedHistorian) -> None:
    with pytest.raises(AttributeError):
        await embedded.write([Point(PUMP, AT, None)])  # type: ignore[arg-type]  # the fault
    await embedded.write([Point(PUMP, AT, {"flow": 1.0})])
    assert await embedded.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 1.0})]


async def test_embedded_a_caller_who_gives_up_disturbs_nobody(embedded: EmbeddedHistorian) -> None:
    impatient = asyncio.create_task(embedded.write([Point(PUMP, AT, {"flow": 1.0})]))
    await asyncio.sleep(0)
    impatient.cancel()
    await embedded.write([Point(PUMP, AT + 1, {"flow": 1.0})])
    assert impatient.cancelled() or impatient.cancelling()


async def test_embedded_compaction_deletes_what_was_overwritten(embedded: EmbeddedHistorian) -> None:
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
