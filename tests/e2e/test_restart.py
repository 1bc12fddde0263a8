"""The centre is killed in the middle of a shift and started again: every record and state is what it would have been.

A real broker, an agent of ours that keeps what it read, and the centre in a process of its own; twenty times as fast as
time. What the store holds in the end is compared with an unbroken judgement of the very rows that it holds.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Final

import pytest

from contract.card_list import text_of
from contract.config_form import anchored
from contract.datatype import Value
from contract.point import Point, PositioningAddress
from contract.quality import Quality
from contract.vocabulary.roles import BY_METRIC, Role
from edge_agent.acquisition.reading import Reading
from gateway import config as gateway_config
from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import FieldValue, Historian, Series
from gateway.live import chamber_facts, facts
from gateway.live.stored_rows import StoredRows, fields_of, value_of
from rules.series import SECOND_US
from tests.centre_process import shared_clock
from tests.graded import graded_broker
from tests.live_centre import LiveCentre
from tests.servers import Server, free_port
from tests.stack import LIMIT_S, MINE, FedAgent, edge_settings, until

ROOT: Final = Path(__file__).parents[2]
RATE: Final = 20.0
START_MS: Final = 1_646_149_200_000  # 2022-03-01T23:40:00+08:00
MINUTE_MS: Final = 60_000
CONFIG: Final = """
[mqtt]
port = {broker}
[store]
kind = "embedded"
path = "{folder}/historian.duckdb"
[http]
port = {http}
[registry]
path = "{folder}/registry.sqlite"
[alarms]
journal = "{folder}/alarms.sqlite"
[staffing]
sustain_s = 30
handover_min = 1
lateness_min = 3
over_total_s = 600
exempt_posts = ["矿领导"]
exempt_dwell_min = 4
reentry_min = 1
dwell_min = 2
[chambers]
days_min = 1
patrol_max_min = 10
[[mines]]
code = "{mine}"
name = "一矿"
[[mines.calendar]]
effective_on = 2022-01-01
shifts = [
  {{ name = "零点班", start = "00:08", minutes = 8, kind = "production" }},
  {{ name = "四点班", start = "23:40", minutes = 10, kind = "production" }},
  {{ name = "夜班", start = "23:50", minutes = 18, kind = "production" }},
]
[[mines.faces]]
code = "F1"
name = "采煤面"
kind = "mining_face"
[[mines.faces]]
code = "F2"
name = "掘进面"
kind = "driving_face"
count_from = "cards"
[[mines.chambers]]
code = "C1"
name = "水泵房"
kind = "drainage_pump_room"
declared = "unattended"
"""
"""The night shift crosses midnight; the shifts are short, and so is what they are judged by."""
ENDS_MIN: Final = 36
KILLED_AT_MIN: Final = 13
"""In the night shift, while nothing changes."""
SIGNALS: Final = [metric for metric, role in BY_METRIC.items() if role not in {Role.CARDS, Role.HEADCOUNT}]
TAGS: Final = {
    ("F1", "Personnel/Headcount"): 15_000,
    ("F2", "Personnel/Cards"): 30_000,
    ("C1", "Personnel/Headcount"): 30_000,
} | {("C1", metric): 60_000 for metric in SIGNALS}
"""How often each metric is read."""
POINTS: Final = {tag: Point(*tag, PositioningAddress(("1",)), max_silence_s=60) for tag in TAGS}
FACTS: Final = {
    "face_staffing": ("F1", "F2"), "chamber_status": ("C1",), "chamber_day": ("C1",), "chamber_level": ("C1",),
}  # fmt: skip


SHOWN: Final = {"face_staffing", "chamber_status"}


def says(tag: tuple[str, str], minute: float) -> Value | None:
    """What is read at a minute of the run; nothing good of F1 for two minutes."""
    match tag:
        case "F1", _:
            steps = [
                (0, 7),
                (3, 10),
                (5, 8),
                (7, None),
                (9, 8),
                (18, 10),
                (21, 12),
                (24, 9),
                (30, 21),
                (33, 8),
            ]
            return [value for since, value in steps if since <= minute][-1]
        case "F2", _:
            leaders = 2 if 6 <= minute < 11 or minute >= 20 else 0
            cards = {f"m{n}": "掘进工" for n in range(8 if minute < 26 else 9)}
            return text_of(cards | {f"l{n}": "矿领导" for n in range(leaders)})
        case _, "Personnel/Headcount":
            return 2 if 2 <= minute < 4 or 28 <= minute < 31 else 0
        case _, "Control/Mode":
            return "local" if 22 <= minute < 23 else "auto"
        case _, "Robot/Present":
            return False
    return True


class Keeper(FedAgent):
    """The agent, by the shared clock."""

    async def read_on(self) -> None:
        """Read every metric at its instants, as they come."""
        for at_ms in range(START_MS, START_MS + ENDS_MIN * MINUTE_MS + 1, 15_000):
            await asyncio.sleep(max(0, at_ms - self.now_ms()) / 1000 / RATE)
            minute = (at_ms - START_MS) / MINUTE_MS
            self.emit(
                [
                    Reading(POINTS[tag], value, Quality.BAD if value is None else Quality.GOOD, at_ms, at_ms)
                    for tag, every_ms in TAGS.items()
                    if (at_ms - START_MS) % every_ms == 0
                    for value in [says(tag, minute)]
                ]
            )


@asynccontextmanager
async def keeper(folder: Path, broker: int, made_ms: int) -> AsyncIterator[Keeper]:
    """A running agent."""
    settings = anchored(edge_settings(broker, "5"), folder)
    clock = shared_clock(START_MS, made_ms, RATE)
    jitter = Random(1)  # noqa: S311  (waits, no secrets)
    points = tuple(POINTS.values())
    agent = Keeper(settings, {"fed": points}, clock, lambda: time.monotonic_ns() // 1_000_000, jitter)
    task = asyncio.create_task(agent.run())
    await until(lambda: agent.started.is_set() or task.done())
    try:
        yield agent
    finally:
        agent.stop()
        await asyncio.wait_for(task, LIMIT_S)


@pytest.mark.timeout(400)
async def test_a_centre_killed_in_mid_shift_ends_with_the_same_records(tmp_path: Path) -> None:
    """Kill −9, and a new process that finds the store and the agent's uncommitted readings."""
    made_ms = round(time.time() * 1000 + 5_000)
    clock = shared_clock(START_MS, made_ms, RATE)
    async with graded_broker(tmp_path, clock) as broker:
        http = free_port()
        file = tmp_path / "gateway.toml"
        file.write_text(
            CONFIG.format(broker=broker.port, http=http, folder=tmp_path, mine=MINE), encoding="utf-8"
        )
        arguments = [str(file), str(START_MS), str(made_ms), str(RATE)]
        centre = Server(
            [sys.executable, "-m", "tests.centre_process", *arguments], port=http, log=tmp_path / "centre.log"
        )
        with centre:
            async with keeper(tmp_path, broker.port, made_ms) as agent:
                await until(lambda: agent.uplink.health.connected)
                reading = asyncio.create_task(agent.read_on())
                killed_ms = START_MS + KILLED_AT_MIN * MINUTE_MS
                await asyncio.sleep(max(0, killed_ms - clock()) / 1000 / RATE)
                centre.kill()
                await asyncio.to_thread(centre.start)
                back_ms = clock() - killed_ms
                await reading
                await until(agent.at_rest, 60)
                final_ms = START_MS + (ENDS_MIN + 5) * MINUTE_MS
                await asyncio.sleep(max(0, final_ms - clock()) / 1000 / RATE)
    assert back_ms < 5 * MINUTE_MS, "it took so long to start that what it showed meanwhile was unknown"
    settings = gateway_config.load(file)
    async with EmbeddedHistorian(tmp_path / "historian.duckdb") as historian:
        unbroken = await judged_without_a_break(historian, settings, final_ms)
        for measurement in ("shift_record", *FACTS):
            expected = unbroken.historian.facts(measurement)
            found = await stored(historian, unbroken, measurement, final_ms)
            if measurement in SHOWN:
                expected, found = corrected(expected), corrected(found)
            assert found.keys() == expected.keys() != set()
            for key, line in expected.items():
                assert {**found[key]} == line, key
    records = {
        (str(line["face_text"]), str(line["shift_text"])): line
        for line in unbroken.historian.facts("shift_record").values()
    }
    assert len(records) == 6
    assert {line["revision"] for line in records.values()} == {1.0}
    night = records["F1", "夜班"]
    assert (night["verdict_text"], night["headcount_max"], night["coverage"]) == ("exceeded", 12.0, 1.0)
    assert records["F1", "四点班"]["coverage"] == 0.8
    assert records["F2", "夜班"]["distinct_persons"] == 10.0


async def judged_without_a_break(
    historian: Historian, settings: gateway_config.GatewayConfig, end_ms: int
) -> LiveCentre:
    """An unbroken judgement of the rows in a store, in the order of their time."""
    rows = []
    for area, metric in TAGS:
        target = StoredRows(historian, MINE, area).target(BY_METRIC[metric])
        for row in await historian.read(target.series, fields_of(target), START_MS - 10**9, end_ms):
            assert target.host_quality_field not in row.fields
            rows.append((row.at_ms, area, metric, value_of(row, target)))
    rows.sort(key=lambda row: row[0])
    centre = LiveCentre(settings)
    for now_ms in range(rows[0][0] // 1000 * 1000, end_ms, 5_000):
        while rows and rows[0][0] <= now_ms:
            at_ms, area, metric, value = rows.pop(0)
            centre.take(area, metric, [(at_ms, value)], now_ms)
        centre.judge(now_ms)
    return centre


async def stored(
    historian: Historian, unbroken: LiveCentre, measurement: str, end_ms: int
) -> dict[tuple[Series, int], dict[str, FieldValue]]:
    """The facts of one kind in a store."""
    names = {
        "chamber_day": chamber_facts.DAY_FIELDS,
        "shift_record": facts.SHIFT_FIELDS,
    }
    found: dict[tuple[Series, int], dict[str, FieldValue]] = {}
    known = unbroken.historian.facts(measurement)
    fields = names.get(measurement, tuple({name: None for line in known.values() for name in line}))
    for series in {series for series, _ in known}:
        for row in await historian.read(series, fields, START_MS - 10**9, end_ms + SECOND_US):
            found[series, row.at_ms] = row.fields
    return found


Told = dict[tuple[Series, int], dict[str, FieldValue]]


def corrected(told: Told) -> Told:
    """A state that was told while its reading was still on its way is set right a millisecond later, and that holds.

    On a busy machine readings are on their way for long by the run's own clock.
    """
    right = dict(told)
    for series, at_ms in sorted(told, key=lambda key: key[1], reverse=True):
        if (series, at_ms - 1) in right:
            right[series, at_ms - 1] = right.pop((series, at_ms))
    return right
