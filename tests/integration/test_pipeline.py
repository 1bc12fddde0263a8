"""The whole pipeline on servers that exist already: a real mosquitto and a real InfluxDB, counted in the database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from tests.e2e.demo import demo_account
from tests.graded import graded_broker
from tests.servers import influxd


async def test_every_reading_is_in_influxdb(tmp_path: Path) -> None:
    """What the account calls stored is what the database holds: no more, no less; what went over the wire is graded."""
    with influxd(tmp_path) as url:
        async with graded_broker(tmp_path) as broker:
            code, account, errors = await asyncio.to_thread(
                demo_account,
                *("--for", "12s"),
                *("--mqtt-url", f"mqtt://127.0.0.1:{broker.port}"),
                *("--influx-url", f"{url}/mine"),
            )
        held = readings_held(url, "mine")

    assert code == 0, errors
    readings = account["readings"]
    assert readings["lost"] == 0
    assert readings["stored"] == readings["produced"]
    assert held == readings["stored"]


def readings_held(url: str, database: str) -> int:
    """Distinct readings in the database: values, and rows that only say a value is not good.

    Facts are no readings; neither are stale marks, which the centre writes when a gateway says farewell.
    """
    with httpx.Client(base_url=url, trust_env=False) as client:
        measurements = [row[0] for row in rows(client, database, "SHOW MEASUREMENTS")]
        return sum(held_in(client, database, name) for name in measurements if name not in FACTS)


FACTS = {
    "face_staffing", "shift_record", "shift_revision", "chamber_status", "chamber_day", "chamber_level", "judgement",
    "link", "gap", "alarm",
    "face_now", "chamber_now", "gateway_now", "centre_now",
}  # fmt: skip


def held_in(client: httpx.Client, database: str, measurement: str) -> int:
    """Readings of one measurement."""
    fields = {row[0] for row in rows(client, database, f'SHOW FIELD KEYS FROM "{measurement}"')}
    count = 0
    for field in fields:
        condition = f'WHERE "{field}" = 0' if field.endswith("_q") else ""
        for row in rows(client, database, f'SELECT count("{field}") FROM "{measurement}" {condition}'):
            count += int(row[1])
    return count


def rows(client: httpx.Client, database: str, query: str) -> list[list[str]]:
    """The rows of an InfluxQL query over all its series."""
    answer = client.get("/query", params={"db": database, "q": query}).raise_for_status().json()
    series = answer["results"][0].get("series", [])
    return [row for one in series for row in one["values"]]
