"""`ninebelow chambers`: judge chambers from files (definitions.md §2)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from contract.errors import Fault, Misconfigured

if TYPE_CHECKING:
    from ninebelow.chamber_files import Signals
    from rules.chambers.records import DayRecord, LevelRecord
    from rules.chambers.rule import Level
    from rules.chambers.rule_file import ChambersFile
    from rules.chambers.state import Course

app = typer.Typer(no_args_is_help=True, help="机房硐室评定 / judge chambers")


@app.callback()
def chambers() -> None:
    """机房硐室评定 / judge chambers."""


@app.command()
def evaluate(  # noqa: PLR0917 - typer calls it by name
    rule: Annotated[Path, typer.Option(metavar="FILE", help="规则与硐室 chambers.toml / the rule")],
    signals: Annotated[Path, typer.Option(metavar="FILE", help="信号 signals.csv / the signals")],
    from_day: Annotated[str, typer.Option("--from", metavar="DATE", help="首日 / the first day")],
    to_day: Annotated[str, typer.Option("--to", metavar="DATE", help="末日的次日 / the day after the last")],
    declared: Annotated[
        Path | None, typer.Option(metavar="FILE", help="申报等级 declared.csv / the declared levels")
    ] = None,
    now: Annotated[
        str | None, typer.Option(metavar="TIME", help="截至时刻，默认当前 / as of, by default the present")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="表格语言 / language of the tables")] = "zh",
) -> None:
    """逐日评定硐室，并与申报等级对照 / judge chambers day by day, beside their declared levels."""
    case = _read(rule, signals, declared, (from_day, to_day, now))
    for warning in case.warnings:
        print(f"{warning.file}: 警告 warning: {warning.what}", file=sys.stderr)
    days: list[DayRecord] = []
    levels: list[LevelRecord] = []
    for _, of_days, level in case.judged():
        days.extend(of_days)
        levels.extend([level] if level else [])
    if as_json:
        records = {"days": [day.as_json() for day in days], "levels": [level.as_json() for level in levels]}
        print(json.dumps(records, ensure_ascii=False, indent=1))
        return
    from ninebelow.chamber_tables import print_days, print_levels

    print_levels(levels, lang)
    print_days(days, lang)


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything that is judged."""

    file: ChambersFile
    signals: Signals
    declared: Mapping[str, Level | None]
    days: tuple[date, date]
    now_us: int
    warnings: tuple[Fault, ...]

    def judged(self) -> Iterator[tuple[Course, tuple[DayRecord, ...], LevelRecord | None]]:
        """Chamber by chamber, so that only one at a time is held besides the rows."""
        from rules.chambers.records import day_records, days_between, level_record
        from rules.chambers.state import course

        days, rule = days_between(*self.days, self.file.zone), self.file.rule
        for chamber in self.file.listed:
            judged = course(chamber, self.signals.of(chamber.name), rule, now_us=self.now_us)
            records = day_records(judged, days)
            declared = self.declared.get(chamber.name)
            yield judged, records, level_record(chamber, records, rule, declared=declared)


def _read(rule: Path, signals: Path, declared: Path | None, period: tuple[str, str, str | None]) -> _Case:
    """Everything read and checked; raises `Misconfigured` with the faults of all files and options."""
    from ninebelow.chamber_files import read_declared, read_signals
    from ninebelow.period import read_period
    from ninebelow.toml_file import read_toml
    from rules.chambers.rule_file import ChambersFile

    faults: list[Fault] = []
    file, _ = read_toml(rule, ChambersFile, faults)
    zone = UTC if file is None else file.zone
    rows = read_signals(signals, zone, faults)
    levels = {} if declared is None else read_declared(declared, faults)
    first, end, now_us = read_period(*period, zone, faults)
    if file is None or faults:
        raise Misconfigured(faults)
    named = [(str(signals), name) for name in rows.rows_of] + [(str(declared), name) for name in levels]
    return _Case(file, rows, levels, (first, end), now_us, tuple(_warnings(file, rows, named)))


def _warnings(file: ChambersFile, signals: Signals, named: list[tuple[str, str]]) -> Iterator[Fault]:
    """What is odd but can be judged: names that the rule does not know, once each, and unreadable counts."""
    first_named_in = {name: where for where, name in reversed(named) if name not in file.chambers}
    for name, where in reversed(first_named_in.items()):
        yield Fault(where, None, f"chamber {name!r} is not in the rule; its rows are ignored")
    if signals.has_mostly_unreadable_counts():
        yield Fault(signals.table.file, None, "over half of the good occupancy values are no counts: unknown")
