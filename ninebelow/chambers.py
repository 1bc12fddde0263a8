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
    from ninebelow.offline.chamber_files import Signals
    from rules.chambers.records import DayRecord, LevelRecord
    from rules.chambers.rule import Chamber, Level
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
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="CHAMBER[/DATE]",
            help="说明某硐室某日或其等级的依据 / say why, of a chamber's day or its level",
        ),
    ] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="表格语言 / language of the tables")] = "zh",
) -> None:
    """逐日评定硐室，并与申报等级对照 / judge chambers day by day, beside their declared levels."""
    case = _read(rule, signals, declared, (from_day, to_day, now))
    for warning in case.warnings:
        print(f"{warning.file}: 警告 warning: {warning.what}", file=sys.stderr)
    if explain is not None:
        _explain(case, explain, lang)
    else:
        _print(case, lang, as_json=as_json)


def _print(case: _Case, lang: Literal["zh", "en"], *, as_json: bool) -> None:
    """All records, chambers in the rule's order, days ascending."""
    from ninebelow.offline.chamber_tables import print_days, print_levels

    days: list[DayRecord] = []
    levels: list[LevelRecord] = []
    for chamber in case.file.listed:
        _, of_days, level = case.judged(chamber)
        days.extend(of_days)
        levels.extend([level] if level else [])
    if as_json:
        records = {"days": [day.as_json() for day in days], "levels": [level.as_json() for level in levels]}
        print(json.dumps(records, ensure_ascii=False, indent=1))
    else:
        print_levels(levels, lang)
        print_days(days, lang)


def _explain(case: _Case, wanted: str, lang: Literal["zh", "en"]) -> None:
    """One day of one chamber in words, or a chamber's level; what has no record is a fault."""
    from ninebelow.offline.chamber_explained import print_explanation, print_level

    rule, zone = case.file.rule, case.file.zone
    for chamber in case.file.listed:
        if wanted != chamber.name and wanted.rpartition("/")[0] != chamber.name:
            continue
        course, days, level = case.judged(chamber)
        if wanted == chamber.name and level is not None:
            return print_level(level, min(len(days), rule.window_days), rule, lang)
        for record in days:
            if wanted == f"{chamber.name}/{record.day.on}":
                signals = case.signals.of(chamber.name)
                return print_explanation(course, signals, rule, record, zone=zone, lang=lang)
    first, end = case.days
    what = f"no record {wanted!r}; write CHAMBER/DATE, a chamber of the rule and a day from {first} to {end}"
    raise Misconfigured([Fault("--explain", None, f"{what} that has ended, or CHAMBER for its level")])


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything that is judged."""

    file: ChambersFile
    signals: Signals
    declared: Mapping[str, Level | None]
    days: tuple[date, date]
    now_us: int
    warnings: tuple[Fault, ...]

    def judged(self, chamber: Chamber) -> tuple[Course, tuple[DayRecord, ...], LevelRecord | None]:
        """One chamber's course and records."""
        from rules.chambers.records import day_records, days_between, level_record
        from rules.chambers.state import course

        judged = course(chamber, self.signals.of(chamber.name), self.file.rule, now_us=self.now_us)
        records = day_records(judged, days_between(*self.days, self.file.zone))
        declared = self.declared.get(chamber.name)
        return judged, records, level_record(chamber, records, self.file.rule, declared=declared)


def _read(rule: Path, signals: Path, declared: Path | None, period: tuple[str, str, str | None]) -> _Case:
    """Everything read and checked; raises `Misconfigured` with the faults of all files and options."""
    from ninebelow.offline.chamber_files import read_declared, read_signals
    from ninebelow.offline.period import read_period
    from ninebelow.offline.toml_file import read_toml
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
    first_named_in: dict[str, str] = {}
    for where, name in named:
        first_named_in.setdefault(name, where)
    for name, where in first_named_in.items():
        if name not in file.chambers:
            yield Fault(where, None, f"chamber {name!r} is not in the rule; its rows are ignored")
    if signals.has_mostly_unreadable_counts():
        yield Fault(signals.table.file, None, "over half of the good occupancy values are no counts: unknown")
