"""What the InfluxDB historian promises beside the contract, against a real InfluxDB 1.x.

What a server refuses, forgets or forbids loses no other data, is counted, and says what to mend.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from gateway.historian.historian import (
    HistorianUnavailable,
    Point,
    PointsRejected,
    Row,
    Series,
)
from gateway.historian.influx import InfluxHistorian
from tests.embedded_writer import PUMP
from tests.servers import influx_server, influxd

AT = 1_795_600_000_000
FOREVER = (-(10**15), 10**15)


@pytest.fixture(scope="module")
def influx_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with influxd(tmp_path_factory.mktemp("influxd")) as url:
        yield url


@pytest.fixture
async def influx(influx_url: str, request: pytest.FixtureRequest) -> AsyncIterator[InfluxHistorian]:
    async with InfluxHistorian(influx_url, database=request.node.name) as historian:
        yield historian


async def ask(url: str, question: str, auth: tuple[str, str] | None = None) -> None:
    async with httpx.AsyncClient(base_url=url, auth=auth) as client:
        (await client.post("/query", data={"q": question})).raise_for_status()


async def write_raw(url: str, database: str, lines: str) -> None:
    await ask(url, f'CREATE DATABASE "{database}"')
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("/write", params={"db": database, "precision": "ms"}, content=lines)
        answer.raise_for_status()


async def test_a_conflict_with_foreign_data_loses_those_lines_only(
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


async def test_a_constant_conflict_costs_few_requests(
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


async def test_foreign_data_of_another_type_does_not_hide_ours(
    influx: InfluxHistorian, influx_url: str, request: pytest.FixtureRequest
) -> None:
    """In another shard the same field may have another type; without a cast, only one of them is answered."""
    week_ms = 7 * 86_400_000
    await write_raw(
        influx_url, request.node.name, f'pump,area=C-PUMP,mine=990000000001 flow="x" {AT - week_ms}'
    )
    await influx.write([Point(PUMP, AT, {"flow": 1.0})])
    assert await influx.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 1.0})]


async def test_a_line_it_cannot_parse_is_lost_alone(influx: InfluxHistorian) -> None:
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


async def test_data_beyond_its_retention_is_counted(
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


async def test_a_dropped_database_is_made_again(
    influx: InfluxHistorian, influx_url: str, request: pytest.FixtureRequest
) -> None:
    await influx.write([Point(PUMP, AT, {"flow": 1.0})])
    await ask(influx_url, f'DROP DATABASE "{request.node.name}"')
    await influx.write([Point(PUMP, AT, {"flow": 2.0})])
    assert await influx.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 2.0})]


async def test_gzip(influx_url: str) -> None:
    async with InfluxHistorian(influx_url, database="gzip", use_gzip=True, lines_max=7) as historian:
        await historian.write([Point(PUMP, AT + i, {"flow": float(i)}) for i in range(100)])
        assert len(await historian.read(PUMP, ["flow"], *FOREVER)) == 100


async def test_killed_and_started_again(tmp_path: Path) -> None:
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


async def test_asks_for_its_password(tmp_path: Path) -> None:
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
