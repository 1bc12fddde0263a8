"""`python -m benchmarks.staffing [--faces 20] [--days 365]`: a year of headcounts, as close as every 30 seconds.

Prints the seconds and the peak memory of the whole command on files of one row per five minutes and per 30 seconds
(the latter with every field quoted, too), the seconds of the judgement alone on series in memory, and the
milliseconds of one shift judged anew, as the collector does at most once a second per face.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from rules.headcount import CardRows, presence
from rules.series import SECOND_US, Samples
from rules.shift_calendar import THREE_EIGHT, Calendar, ShiftCalendar
from rules.staffing import FaceRule, StaffingRule, evaluate_shift, evaluate_shifts, headcount_known

FIRST = date(2022, 1, 1)
ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = ShiftCalendar(ZONE, (Calendar(effective_on=FIRST, shifts=THREE_EIGHT),))
FACE = FaceRule(kind="mining_face", intelligent=True, hazard="severe")

COMMAND = """
import sys
from ninebelow.app import main
try:
    main()
finally:
    print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0], file=sys.stderr)
"""
"""Tells its peak memory in KiB; what `getrusage` says of a child includes its parent's."""


def counts(rows: int, chance: np.random.Generator) -> list[int]:
    """Headcounts that change now and then, now and then above nine."""
    values = chance.choice(np.arange(6, 11), rows, p=[0.1, 0.2, 0.3, 0.395, 0.005])
    return [int(value) for value in np.repeat(values, chance.integers(1, 20, rows))[:rows]]


def write_files(folder: Path, faces: int, days: int, step_s: int, quote: str = "") -> None:
    """calendar.toml, rule.toml and headcount.csv."""
    shifts = ", ".join(
        f'{{name = "{each.name}", start = "{each.start}", minutes = {each.minutes}, kind = "{each.kind}"}}'
        for each in THREE_EIGHT
    )
    calendar = f'timezone = "{ZONE}"\n[[calendar]]\neffective_on = {FIRST}\nshifts = [{shifts}]\n'
    (folder / "calendar.toml").write_text(calendar, encoding="utf-8")
    names = [f"F{n}" for n in range(faces)]
    rule = "".join(
        f'[faces.{name}]\nkind = "{FACE.kind}"\nintelligent = true\nhazard = "severe"\n' for name in names
    )
    (folder / "rule.toml").write_text(rule, encoding="utf-8")
    clock = [f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}+08:00" for s in range(0, 86_400, step_s)]
    chance = np.random.default_rng(1)
    with (folder / "headcount.csv").open("w", encoding="utf-8") as file:
        file.write("at,face,headcount,quality\n")
        between = f"{quote},{quote}"
        for day in range(days):
            said = [counts(len(clock), chance) for _ in names]
            on = str(FIRST + timedelta(days=day))
            file.writelines(
                f"{quote}{on}{at}{between}{name}{between}{of_face[row]}{between}good{quote}\n"
                for row, at in enumerate(clock)
                for name, of_face in zip(names, said, strict=True)
            )


def whole_command(what: str, faces: int, days: int, step_s: int, quote: str = "") -> None:
    """Write files, and run the command on them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, faces, days, step_s, quote)
        size_mib = (folder / "headcount.csv").stat().st_size / 2**20
        end = FIRST + timedelta(days=days)
        options = ["--from", str(FIRST), "--to", str(end), "--now", f"{end}T12:00", "--json"]
        files = [
            option
            for file in ("calendar.toml", "rule.toml", "headcount.csv")
            for option in (f"--{Path(file).stem}", str(folder / file))
        ]
        command = [sys.executable, "-c", COMMAND, "staffing", "evaluate", *files, *options]
        begin, before_s = time.perf_counter(), processor_s()
        done = subprocess.run(command, check=True, capture_output=True)
        took_s, busy_s = time.perf_counter() - begin, processor_s() - before_s
    peak_mib = int(done.stderr) / 1024
    rows = faces * days * (86_400 // step_s)
    print(
        f"{what}: {rows} rows, {size_mib:.0f} MiB, {len(json.loads(done.stdout))} records:"
        f" {took_s:.1f} s ({busy_s:.1f} s of processor), {peak_mib:.0f} MiB at most"
    )


def processor_s() -> float:
    """Processor time of the commands run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def series(days: int, step_s: int) -> Samples:
    """One face's headcounts from the first day on."""
    rows = days * 86_400 // step_s + 1
    first_us = CALENDAR.shifts_on("F", FIRST)[0].starts_us
    at_us = first_us + np.arange(rows, dtype=np.int64) * step_s * SECOND_US
    return Samples(at_us, np.array(counts(rows, np.random.default_rng(2)), dtype=np.float64))


def in_memory(faces: int, days: int) -> None:
    """Judge one face's series, a row per 30 s, as often as there are faces."""
    samples, rule = series(days, 30), StaffingRule()
    now_us = int(samples.at_us[-1])
    begin = time.perf_counter()
    for _ in range(faces):
        headcount = headcount_known(FACE, rule, samples, None, now_us)
        shifts = CALENDAR.shifts("F", FIRST, FIRST + timedelta(days=days))
        list(evaluate_shifts(shifts, FACE, rule, headcount=headcount, cards=None, now_us=now_us))
    print(
        f"judgement alone: {time.perf_counter() - begin:.2f} s for {faces * days * len(THREE_EIGHT)} shifts"
    )


def one_look() -> None:
    """One shift judged anew from a day of rows each 5 s, counted at the face and from nine cards."""
    samples, rule = series(1, 5), StaffingRule(exempt_posts=("leader",))
    now_us = int(samples.at_us[-1])
    shift = CALENDAR.shifts_on("F", FIRST)[1]
    cards = CardRows(
        np.repeat(samples.at_us, 9),
        np.tile(np.arange(9, dtype=np.int32), samples.at_us.size),
        np.tile(np.arange(9) == 0, samples.at_us.size),
    )

    def from_headcount() -> None:
        headcount = headcount_known(FACE, rule, samples, None, now_us)
        evaluate_shift(shift, FACE, rule, headcount=headcount, cards=None, now_us=now_us)

    def from_cards() -> None:
        who = presence(cards, reentry_us=rule.reentry_us, stale_after_us=rule.stale_after_us, now_us=now_us)
        face = FACE.model_copy(update={"count_from": "cards"})
        headcount = headcount_known(face, rule, samples, who, now_us)
        evaluate_shift(shift, face, rule, headcount=headcount, cards=who, now_us=now_us)

    for what, look in (("headcount", from_headcount), ("cards", from_cards)):
        begin = time.perf_counter()
        for _ in range(20):
            look()
        print(f"one shift from a day of {what}, a row per 5 s: {(time.perf_counter() - begin) * 50:.1f} ms")


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.staffing")
    parser.add_argument("--faces", type=int, default=20)
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args()
    one_look()
    in_memory(given.faces, given.days)
    whole_command("whole command, a row per 5 min", given.faces, given.days, 300)
    whole_command("whole command, a row per 30 s", given.faces, given.days, 30)
    whole_command("whole command, a row per 30 s, quoted", given.faces, given.days, 30, quote='"')


if __name__ == "__main__":
    main()
