"""Nothing is lost, end to end: the conservation test of benchmarks/conservation by short timetables.

Real processes are broken while numbered readings run through them; every reading must be stored once, in order, or be
accounted for. The random timetable's seed is printed, and stands in the report; `Plan` with that seed replays it.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.conservation.ledger_scene import SCENE
from benchmarks.conservation.report import table
from benchmarks.conservation.rig import Size
from benchmarks.conservation.run import Plan, run
from benchmarks.conservation.schedule import WIRE, Kind
from benchmarks.conservation.truth import INBOX, REFUSED, THINNED

SIZE = Size(period_ms=20, outbox_kb=100, inbox_max=1_200, centre_values=600)
"""1,200 readings a second: six seconds without the centre fill the outbox, one without the disk the inbox, half a
one without the database the centre's queue."""

pytestmark = pytest.mark.timeout(600)


async def test_every_kind_of_fault_loses_nothing(tmp_path: Path) -> None:
    """Each kind once, by itself: while it lasts, all else works and data flows."""
    kinds = len(Kind) - len(WIRE)
    plan = Plan(1325, faults=kinds, seconds=0.0, usual_s=0.8, size=SIZE, scene=False, one_by_one=True)
    report = await run(tmp_path, plan)

    assert report.holds, table(report)
    assert len(report.faults) == kinds
    assert report.balance.stored > 0
    assert {THINNED, INBOX, REFUSED} <= set(report.balance.accounted)
    assert report.clock_jumps_believed >= 1


async def test_any_timetable_loses_nothing_and_the_ledger_tells_the_truth(tmp_path: Path) -> None:
    """One outage of each cause first, each to be found in the centre's gap ledger; then whatever comes."""
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201  (pytest shows it with a failure)
    report = await run(tmp_path, Plan(seed, faults=6, seconds=4.0, usual_s=0.8, size=SIZE))

    assert report.holds, table(report)
    assert len(report.ledger.told) == len(SCENE)
    assert all(report.ledger.told.values())
    assert report.ledger.lines_refused
