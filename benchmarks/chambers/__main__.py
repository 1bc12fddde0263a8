"""`python -m benchmarks.chambers [--chambers 20] [--days 365]`: a year of signals, one row each per five minutes.

Prints the seconds and the peak memory of the whole command on a file, of the judgement alone on series in
memory, and of one look at a chamber whose last two days are kept, as the collector takes it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from rules.chambers.records import day_records, days_between
from rules.chambers.rule import CONTROL_MODES, Chamber, Kind, Rule, Signal
from rules.chambers.state import course, standing
from rules.series import HOUR_US, MINUTE_US, SECOND_US, Samples

FIRST = date(2022, 1, 1)
EPOCH = date(1970, 1, 1)
STEP_US = 5 * MINUTE_US
WORDS = {
    Signal.OCCUPANCY: ("0", "1", "2", "4"),
    Signal.CONTROL_MODE: ("auto", "remote", "local"),
    Signal.PATROL_ROBOT: ("0", "1"),
}
CHANCES = {2: (0.98, 0.02), 3: (0.9, 0.08, 0.02), 4: (0.92, 0.04, 0.03, 0.01)}


def words_of(signal: Signal, rows: int, chance: np.random.Generator) -> list[str]:
    """What a signal says row by row: mostly one thing, changing some twenty times a day."""
    words = WORDS.get(signal, ("1", "0"))
    stays = np.repeat(chance.choice(len(words), rows, p=CHANCES[len(words)]), chance.integers(1, 6, rows))
    return [words[i] for i in stays[:rows].tolist()]


def write_files(folder: Path, chambers: int, days: int) -> int:
    """chambers.toml and signals.csv; the number of rows."""
    chance = np.random.default_rng(1)
    names = [f"C{n}" for n in range(chambers)]
    rule = "".join(f'[chambers.{name}]\nkind = "main_belt"\n' for name in names)
    (folder / "chambers.toml").write_text(rule, encoding="utf-8")
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) - timedelta(hours=8)
    steps = days * 288 + 1
    words = {(name, signal): words_of(signal, steps, chance) for name in names for signal in Signal}
    with (folder / "signals.csv").open("w", encoding="utf-8") as file:
        file.write("at,chamber,signal,value,quality\n")
        for step in range(steps):
            at = (start + step * timedelta(minutes=5)).isoformat()
            file.writelines(
                f"{at},{name},{signal},{said[step]},good\n" for (name, signal), said in words.items()
            )
    return steps * len(words)


def signals_of(steps: int, step_us: int) -> dict[Signal, Samples]:
    """One chamber's signals in memory."""
    chance = np.random.default_rng(2)
    at_us = (FIRST - EPOCH).days * 24 * HOUR_US - 8 * HOUR_US + np.arange(steps, dtype=np.int64) * step_us
    codes = {**CONTROL_MODES, **{str(count): float(count) for count in range(5)}}
    return {
        signal: Samples(at_us, np.array([codes[word] for word in words_of(signal, steps, chance)]))
        for signal in Signal
    }


def whole_command(folder: Path, days: int) -> None:
    """Run the command on the files."""
    end = FIRST + timedelta(days=days)
    options = ["--from", str(FIRST), "--to", str(end), "--now", f"{end}T00:00:00", "--json"]
    files = ["--rule", str(folder / "chambers.toml"), "--signals", str(folder / "signals.csv")]
    code = "from ninebelow.app import main; main()"
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, "chambers", "evaluate", *files, *options],
        check=True,
        capture_output=True,
    )
    took_s = time.perf_counter() - begin
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"whole command: {took_s:.2f} s, {peak_mib:.0f} MiB, {len(json.loads(done.stdout)['days'])} days")


def in_memory(chambers: int, days: int) -> None:
    """Judge one chamber's series as often as there are chambers."""
    signals = signals_of(days * 288 + 1, STEP_US)
    end = FIRST + timedelta(days=days)
    shanghai_days = days_between(FIRST, end, datetime.fromisoformat("2022-01-01T00:00+08:00").tzinfo or UTC)
    begin = time.perf_counter()
    for n in range(chambers):
        judged = course(Chamber(f"C{n}", Kind.MAIN_BELT), signals, Rule(), now_us=shanghai_days[-1].to_us)
        day_records(judged, shanghai_days)
    print(f"judgement alone: {time.perf_counter() - begin:.2f} s for {chambers} chambers")


def one_look() -> None:
    """What the collector does at most once a second per chamber, at two paces of its rows."""
    for step_us in (STEP_US, 10 * SECOND_US):
        signals = signals_of(48 * HOUR_US // step_us + 1, step_us)
        now_us = int(signals[Signal.LINK].at_us[-1])
        chamber, rounds = Chamber("C", Kind.MAIN_BELT), 50
        begin = time.perf_counter()
        for _ in range(rounds):
            standing(chamber, signals, Rule(), now_us=now_us)
        took_ms = (time.perf_counter() - begin) / rounds * 1000
        rows = sum(samples.at_us.size for samples in signals.values())
        print(f"one look at two days of {rows} rows: {took_ms:.1f} ms")


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chambers")
    parser.add_argument("--chambers", type=int, default=20)
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args()
    one_look()
    in_memory(given.chambers, given.days)
    with tempfile.TemporaryDirectory() as folder:
        rows = write_files(Path(folder), given.chambers, given.days)
        size_mib = (Path(folder) / "signals.csv").stat().st_size / 2**20
        print(f"signals.csv: {rows} rows, {size_mib:.0f} MiB")
        whole_command(Path(folder), given.days)


if __name__ == "__main__":
    main()
