"""`python -m benchmarks.conservation [--minutes 30] [--faults 200] [--seed N] [--json]`: is anything lost?

Numbered readings go through the real agent, mosquitto and collector into a real InfluxDB while a timetable of faults
runs (schedule.py); then everything is healed and drained, and every reading must be stored or accounted for (truth.py).
Ends with exit code 1 where a law did not hold. `--seed` replays a timetable; what the machine does in between differs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.conservation.report import table
from benchmarks.conservation.rig import Size
from benchmarks.conservation.run import Plan, run


def main() -> None:
    """Run once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conservation")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--usual", type=float, default=4.0, help="seconds that most faults last")
    parser.add_argument(
        "--period", type=int, default=50, help="milliseconds between two rounds of 24 readings"
    )
    parser.add_argument("--outbox", type=int, default=400, help="kilobytes that the outbox may hold")
    parser.add_argument("--inbox", type=int, default=4_000, help="readings that may wait for the disk")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--no-namespaces", action="store_true", help="leave network namespaces alone")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    plan = Plan(
        given.seed, given.faults, given.minutes * 60, given.usual, Size(given.period, given.outbox, given.inbox),
        namespaces=not given.no_namespaces,
    )  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="ninebelow-conservation-"))
    print(f"seed {given.seed}, logs in {folder}", file=sys.stderr, flush=True)
    report = asyncio.run(run(folder, plan))
    print(json.dumps(asdict(report), indent=2, ensure_ascii=False) if given.json else table(report))
    if report.holds:
        shutil.rmtree(folder)
    else:
        sys.exit(1)


if __name__ == "__main__":
    main()
