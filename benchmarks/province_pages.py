"""How long what the province's first page asks of the store takes: `python -m benchmarks.province_pages [--mines 200]`.

A province of mines with three faces and seven chambers each, a quarter of shift records and a month of chamber days,
in both stores. Per store, in seconds, the median of three: both that the page asks, the evidence of all faces and the
month's leagues, at once of a centre that was not asked yet; the same asked again; the evidence for one mine's people;
and the longest time that the event loop did not run meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from benchmarks.historian import watch_loop
from gateway import config
from gateway.access.reach import Reach
from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import Historian, Point
from gateway.historian.influx import InfluxHistorian
from gateway.live import chamber_facts, facts
from gateway.live.chamber_facts import RecordedDay
from gateway.registry.desk import FixedSource, PlanDesk
from gateway.reports.desk import ReportDesk
from gateway.reports.inputs import Span
from ninebelow.gateway import GC_EVERY
from rules.chambers.presence import Earlier
from rules.chambers.records import DayRecord, days_between
from rules.chambers.rule import Kind, State
from rules.plan.register import Register
from rules.shift_calendar import Shift, ShiftCalendar
from rules.staffing import ShiftRecord
from tests.servers import influxd

AS_OF = date(2022, 10, 31)
ZONE = ZoneInfo("Asia/Shanghai")
NOW_MS = round(datetime(2022, 11, 2, 12, tzinfo=ZONE).timestamp() * 1000)
SHIFT_DAYS, CHAMBER_DAYS = 92, 31
BATCH = 20_000
RUNS = 3


def mines(count: int) -> list[config.Mine]:
    """The province."""
    return [
        config.Mine(
            code=f"99{number:010d}",
            name=f"演示{number}矿",
            faces=tuple(
                config.Face(code=f"F{face}", name=f"{face} 面", kind="mining_face") for face in range(3)
            ),
            chambers=tuple(
                config.Chamber(code=f"C{chamber}", name=f"{chamber} 硐室", kind=Kind.OTHER)
                for chamber in range(7)
            ),
        )
        for number in range(1, count + 1)
    ]


def recorded(province: list[config.Mine]) -> Iterator[Point]:
    """What the centre has stored of it."""
    day = timedelta(days=1)
    for mine in province:
        calendar = ShiftCalendar(ZONE, mine.calendars)
        for face in mine.faces:
            for shift in calendar.shifts(face.code, AS_OF - SHIFT_DAYS * day, AS_OF + day):
                if shift.kind == "production":
                    yield facts.shift_record(mine.code, record(shift), ZONE)
        for chamber in mine.chambers:
            for on in days_between(AS_OF - (CHAMBER_DAYS - 1) * day, AS_OF + day, ZONE):
                time_us = {**dict.fromkeys(State, 0), State.UNATTENDED: on.to_us - on.from_us}
                told = DayRecord(chamber.code, on, time_us, 0, 0, 3, 0, 0)
                yield chamber_facts.day(mine.code, RecordedDay(told, Earlier(), State.UNATTENDED, on.from_us))


def record(shift: Shift) -> ShiftRecord:
    """One within."""
    return ShiftRecord(
        shift=shift,
        limit=9,
        headcount_max=8,
        headcount_max_handover=12,
        over_limit_us=0,
        first_over_us=None,
        distinct_persons=None,
        person_us=0.0,
        statutory_limit=20,
        statutory_over_us=0,
        statutory_first_over_us=None,
        major_hazard=False,
        coverage=1.0,
        coverage_judged=1.0,
        verdict="within",
        reason=None,
        revision=1,
        final=True,
    )


async def fill(historian: Historian, province: list[config.Mine]) -> None:
    """Everything that the centre has stored."""
    batch: list[Point] = []
    for point in recorded(province):
        batch.append(point)
        if len(batch) == BATCH:
            await historian.write(batch)
            batch = []
    await historian.write(batch)


async def measure(historian: Historian, province: list[config.Mine]) -> dict[str, float]:
    """Fill it, then ask."""
    await fill(historian, province)
    plan = PlanDesk(FixedSource(Register(projects=()), demo=True))
    settings = config.GatewayConfig(mines=province)
    one = Reach(codes=frozenset({province[0].code}))
    took: dict[str, list[float]] = {"page_s": [], "again_s": [], "one_mine_s": []}
    stalls_s: list[float] = []
    gc.freeze()
    watch = asyncio.create_task(watch_loop(stalls_s))
    for _ in range(RUNS):
        desk = ReportDesk(settings, plan, historian, lambda: NOW_MS)
        for name in ("page_s", "again_s"):
            began = time.perf_counter()
            await asyncio.gather(desk.evidence(AS_OF), desk.leagues(Span.MONTH, AS_OF))
            took[name].append(time.perf_counter() - began)
        began = time.perf_counter()
        await desk.evidence(AS_OF, one)
        took["one_mine_s"].append(time.perf_counter() - began)
    watch.cancel()
    found = {name: round(median(each), 2) for name, each in took.items()}
    return found | {"loop_stall_s": round(max(stalls_s), 3)}


async def run(count: int) -> dict[str, object]:
    """Both stores."""
    province = mines(count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        async with EmbeddedHistorian(path / "h.duckdb") as embedded:
            found: dict[str, object] = {"embedded": await measure(embedded, province)}
        with influxd(path) as url:
            async with InfluxHistorian(url, database="ninebelow") as influx:
                found["influxdb"] = await measure(influx, province)
    return {"mines": count, **found}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="what the province's first page asks of the store")
    parser.add_argument("--mines", type=int, default=200)
    gc.set_threshold(GC_EVERY)  # as the centre does
    print(json.dumps(asyncio.run(run(parser.parse_args().mines))))


if __name__ == "__main__":
    main()
