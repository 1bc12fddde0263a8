"""What 10,000 projects cost the registry: `python -m benchmarks.registry [--projects 10000] [--postgres]`.

Import of a workbook (reading, checking, writing with an audit entry for each row), the same again unchanged, the plan's
answers over it, export, verification, backup and restore; SQLite in a temporary folder, or a PostgreSQL of its own
without fsync. `loop stall` is the longest time that the event loop did not run while it went on, `garbage` the longest
that Python looked for garbage, which no thread runs beside; both as the centre has it set.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gc
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from datetime import date
from importlib.resources import files as resources
from pathlib import Path
from typing import TypeVar

import gateway.registry
from gateway.registry import backup, excel, files
from gateway.registry.cells import row_of
from gateway.registry.desk import PlanDesk, RegistrySource
from gateway.registry.form import Row
from gateway.registry.repository import opened
from gateway.registry.tables import BY_WORD
from ninebelow.gateway import GC_EVERY
from rules.plan.table import UNITS
from tests.servers import postgres

DAY = date(2023, 12, 31)
WHO, WHY = "benchmark", "benchmark"
Result = TypeVar("Result")


def rows(projects: int) -> dict[str, list[Row]]:
    """The demo's projects again and again, under other names, with the mines they need."""
    text = resources(gateway.registry).joinpath("demo_projects.csv").read_text(encoding="utf-8")
    found = list(csv.DictReader(text.splitlines()))
    mines = {row["mine"]: row["enterprise"] for row in found}

    def full(table: str, told: dict[str, str]) -> Row:
        return dict.fromkeys(BY_WORD[table].words) | row_of(BY_WORD[table], told)

    return {
        "enterprises": [
            full("enterprises", {"enterprise": unit, "ownership": "provincial"}) for unit in UNITS
        ],
        "mines": [full("mines", {"mine": mine, "enterprise": unit}) for mine, unit in mines.items()],
        "projects": [
            full("projects", row | {"project": f"{row['project']} {number // len(found)}"})
            for number, row in ((number, found[number % len(found)]) for number in range(projects))
        ],
    }


@asynccontextmanager
async def stalls() -> AsyncIterator[list[float]]:
    """How late the event loop came back, while the block ran."""
    late_s = [0.0]

    async def watch() -> None:
        while True:
            asleep_s = time.perf_counter()
            await asyncio.sleep(0.001)
            late_s.append(time.perf_counter() - asleep_s - 0.001)

    watching = asyncio.create_task(watch())
    try:
        yield late_s
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


@contextmanager
def garbage() -> Iterator[list[float]]:
    """How long each look for garbage took, while the block ran."""
    took_s = [0.0]
    began_s = 0.0

    def note(phase: str, _: dict[str, int]) -> None:
        nonlocal began_s
        if phase == "start":
            began_s = time.perf_counter()
        else:
            took_s.append(time.perf_counter() - began_s)

    gc.callbacks.append(note)
    try:
        yield took_s
    finally:
        gc.callbacks.remove(note)


async def timed(what: str, work: Awaitable[Result]) -> Result:
    """Do it and print how long it took."""
    async with stalls() as late_s:
        with garbage() as garbage_s:
            began_s = time.perf_counter()
            result = await work
            took_s = time.perf_counter() - began_s
    stall = f"loop stall {max(late_s) * 1000:6.1f} ms   garbage {max(garbage_s) * 1000:6.1f} ms"
    print(f"{what:<34}{took_s:8.2f} s   {stall}", flush=True)
    return result


async def measure(place: str, restored: str, projects: int) -> None:
    """Everything, one after the other."""
    content = excel.workbook_of(rows(projects), demo=False)
    print(f"{projects} projects, workbook of {len(content) >> 10} KiB")
    async with opened(place) as registry:
        await registry.head()
        read = await timed("read the workbook", files.read(content, "projects.xlsx", None))
        await timed("check and write it", registry.apply(read, who=WHO, why=WHY))
        await timed("the same again, nothing changes", registry.apply(read, who=WHO, why=WHY))
        desk = PlanDesk(RegistrySource(registry), registry=registry)
        await timed("progress, registry read first", desk.progress(DAY))
        await timed("progress of another day", desk.progress(date(2023, 6, 30)))
        await timed("reward and balances", desk.reward(DAY))
        await timed("targets", desk.targets(DAY))
        await timed("consequences", desk.consequences(DAY))
        await timed("export as a workbook", files.exported(registry))
        await timed("verify rows and audit log", registry.verify())
        kept = await timed("backup, portable", backup.portable(registry))
    async with opened(restored) as registry:
        await registry.head()
        await timed("restore it elsewhere", backup.restore(registry, kept, "backup"))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    gc.set_threshold(GC_EVERY)
    gc.freeze()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(postgres()) if options.postgres else str(folder / "registry.sqlite")
        asyncio.run(measure(place, str(folder / "restored.sqlite"), options.projects))


if __name__ == "__main__":
    main()
