"""The registry and the plan leave the event loop to others: what takes long is done in threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from benchmarks.registry import rows
from gateway.app import Gateway
from gateway.registry import backup, excel, files
from gateway.registry.desk import PlanDesk, RegistrySource
from gateway.registry.repository import Registry, opened
from gateway.reports.bulletin import bulletin
from gateway.reports.inputs import Inputs, Span
from tests.loop_time import longest_callback
from tests.registry import WHO, WHY
from tests.stack import until

PROJECTS = 2_000
"""Six times the plan's, so that what is done on the loop by mistake shows."""
CALLBACK_MAX_S = 0.03
"""Some milliseconds are allowed (design.md §1), and this is several of them for a slow machine."""
DAY = date(2023, 12, 31)

Work = Callable[[Registry, PlanDesk, Path], Awaitable[object]]


async def imported(registry: Registry, _: PlanDesk, folder: Path) -> None:
    """A workbook with rows that are there and one that is not."""
    more = rows(PROJECTS + 200)
    book = await asyncio.to_thread(excel.workbook_of, more, demo=False)
    await registry.apply(await files.read(book, str(folder), None), who=WHO, why=WHY)


async def restored(registry: Registry, _: PlanDesk, folder: Path) -> None:
    """A backup, and the same in another place."""
    content = await backup.portable(registry)
    async with opened(folder / "restored.sqlite") as other:
        await backup.restore(other, content, "backup")


async def counted(_: Registry, desk: PlanDesk, __: Path) -> None:
    """Every answer of the plan."""
    for answer in (desk.progress, desk.targets, desk.reward, desk.consequences, desk.outlook, desk.appraisal):
        await answer(DAY)
    await desk.groups(DAY, "mine")
    await desk.projects(DAY)
    await desk.mines(DAY)
    await desk.appraisal_sheet(DAY)


async def exported(registry: Registry, _: PlanDesk, __: Path) -> None:
    """As a workbook, CSV and projects.csv."""
    await files.exported(registry)
    await files.csv_texts(registry)
    await files.projects_csv(registry)


async def checked(registry: Registry, _: PlanDesk, __: Path) -> None:
    """Rows and log."""
    assert await registry.verify() == []


@pytest.mark.parametrize("work", [imported, restored, counted, exported, checked])
async def test_the_event_loop_is_given_back(tmp_path: Path, work: Work) -> None:
    """No callback computes for long, whatever is asked of a registry larger than the plan's."""
    async with opened(tmp_path / "registry.sqlite") as registry:
        book = excel.workbook_of(rows(PROJECTS), demo=False)
        await registry.apply(await files.read(book, "f", None), who=WHO, why=WHY)
        desk = PlanDesk(RegistrySource(registry), registry=registry)
        await registry.head()
        with longest_callback() as longest:
            await work(registry, desk, tmp_path)
    assert longest.cpu_s < CALLBACK_MAX_S


async def test_what_is_computed_on_the_loop_shows(tmp_path: Path) -> None:
    """The measure itself: the same work on the loop is seen."""
    async with opened(tmp_path / "registry.sqlite") as registry:
        book = excel.workbook_of(rows(PROJECTS), demo=False)
        await registry.apply(await files.read(book, "f", None), who=WHO, why=WHY)
        edition = await RegistrySource(registry).edition()
        with longest_callback() as longest:
            await asyncio.sleep(0)
            bulletin(Inputs(edition.register, demo=False), Span.YEAR, DAY)
            await asyncio.sleep(0)
    assert longest.cpu_s > CALLBACK_MAX_S


async def test_the_lag_of_the_loop_is_a_metric_that_sees_a_stall() -> None:
    """A callback that blocks for long is told, and forgotten slowly."""
    centre = SimpleNamespace(loop_lag_s=0.0)
    watching = asyncio.create_task(Gateway.watch_loop(cast("Gateway", centre)))
    await asyncio.sleep(0.15)
    quiet_s = centre.loop_lag_s
    time.sleep(quiet_s + 0.4)  # noqa: ASYNC251  (the stall)
    await until(lambda: centre.loop_lag_s > quiet_s + 0.2)
    seen_s = centre.loop_lag_s
    await until(lambda: seen_s * 0.9 < centre.loop_lag_s < seen_s)
    watching.cancel()
