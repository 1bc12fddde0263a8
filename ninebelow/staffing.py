"""`ninebelow staffing`: judge the staffing of faces from files (definitions.md §1)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from contract.errors import Fault, Misconfigured

if TYPE_CHECKING:
    from ninebelow.offline.period import Period
    from ninebelow.offline.staffing_files import CardsFile, HeadcountFile, RuleFile
    from rules.headcount import Presence
    from rules.series import Stretches
    from rules.shift_calendar import ShiftCalendar
    from rules.staffing import ShiftRecord

app = typer.Typer(no_args_is_help=True, help="班次定员评定 / judge face staffing")


@app.callback()
def staffing() -> None:
    """班次定员评定 / judge face staffing."""


@app.command()
def evaluate(
    *,
    calendar: Annotated[
        Path, typer.Option(metavar="FILE", help="班次日历 calendar.toml / the shift calendar")
    ],
    rule: Annotated[
        Path, typer.Option(metavar="FILE", help="规则与工作面 rule.toml / the rule and its faces")
    ],
    headcount: Annotated[Path, typer.Option(metavar="FILE", help="人数 headcount.csv / the headcounts")],
    from_day: Annotated[str, typer.Option("--from", metavar="DATE", help="首日 / the first day")],
    to_day: Annotated[str, typer.Option("--to", metavar="DATE", help="末日之次日 / the day after the last")],
    cards: Annotated[
        Path | None, typer.Option(metavar="FILE", help="人员卡快照 cards.csv / snapshots of cards")
    ] = None,
    now: Annotated[
        str | None, typer.Option(metavar="TIME", help="截至时刻，默认当前 / as of, default the present")
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(metavar="FACE/SHIFT", help="列出某面某班的依据 / show what decided one face's shift"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="语言 / language")] = "zh",
) -> None:
    """逐班评定各工作面人数 / judge every shift of every face."""
    case = _read(calendar, rule, headcount, cards, (from_day, to_day, now))
    for warning in _warnings(case):
        print(f"{warning.file}: 警告 warning: {warning.what}", file=sys.stderr)
    zone = case.calendar.zone
    if explain is not None:
        _explain(case, explain, lang)
    elif as_json:
        lines = (json.dumps(each.record.as_json(zone), ensure_ascii=False) for each in _judged(case))
        print("[", ",\n ".join(lines), "]", sep="")
    else:
        from ninebelow.offline.staffing_tables import print_table

        print_table([each.record for each in _judged(case)], zone, lang)


def _explain(case: _Case, face_shift: str, lang: Literal["zh", "en"]) -> None:
    """Every shift of that name of that face, in words; none is a fault."""
    from ninebelow.offline import staffing_explained as explained

    wanted = [
        each for each in _judged(case) if face_shift == f"{each.record.shift.face}/{each.record.shift.name}"
    ]
    if not wanted:
        what = f"no record of {face_shift!r}; write F1/八点班, a face of the rule and a shift that has ended"
        raise Misconfigured([Fault("--explain", None, what)])
    for record, headcount, who in wanted:
        face = record.shift.face
        names = () if case.cards is None else case.cards.names(face)
        judged = explained.Case(record, case.rule, headcount, who, names)
        explained.print_explanation(judged, case.calendar.zone, lang)


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything that is judged."""

    calendar: ShiftCalendar
    calendar_file: str
    rule: RuleFile
    headcount: HeadcountFile
    cards: CardsFile | None
    period: Period


def _read(
    calendar: Path, rule: Path, headcount: Path, cards: Path | None, asked: tuple[str, str, str | None]
) -> _Case:
    """Everything read and checked; raises `Misconfigured` with the faults of all files and options."""
    from ninebelow.offline import staffing_files as files
    from ninebelow.offline.period import read_period

    faults: list[Fault] = []
    shifts, zone = files.read_calendar(calendar, faults)
    figures = files.read_rule(rule, faults, has_cards=cards is not None)
    counts = files.read_headcount(headcount, zone, faults)
    snapshots = None if cards is None else files.read_cards(cards, zone, faults)
    period = read_period(*asked, zone, faults)
    if faults or shifts is None or figures is None:
        raise Misconfigured(faults)
    return _Case(shifts, str(calendar), figures, counts, snapshots, period)


class _Judged(NamedTuple):
    """A record, and the headcount and cards that it was judged by."""

    record: ShiftRecord
    headcount: Stretches
    cards: Presence | None


def _judged(case: _Case) -> Iterator[_Judged]:
    """Every record in order."""
    from rules.series import EMPTY
    from rules.staffing import evaluate_shifts, headcount_known

    rule, now_us = case.rule, case.period.now_us
    for name, face in case.rule.faces.items():
        who = _presence(case, name)
        samples = EMPTY if face.count_from == "cards" else case.headcount.of(name)
        headcount = headcount_known(face, rule, samples, who, now_us)
        shifts = case.calendar.shifts(name, case.period.first, case.period.end)
        ended = [shift for shift in shifts if shift.ends_us <= now_us]
        for record in evaluate_shifts(ended, face, rule, headcount=headcount, cards=who, now_us=now_us):
            yield _Judged(record, headcount, who)


def _presence(case: _Case, face: str) -> Presence | None:
    from rules.headcount import presence

    if case.cards is None:
        return None
    rows = case.cards.of(face, case.rule.exempt_posts)
    return presence(
        rows,
        reentry_us=case.rule.reentry_us,
        stale_after_us=case.rule.stale_after_us,
        now_us=case.period.now_us,
    )


def _warnings(case: _Case) -> Iterator[Fault]:
    """What is odd but can be judged."""
    from rules.headcount import look_unstamped

    yield from _strangers(case)
    if case.headcount.has_mostly_unreadable_counts():
        file = case.headcount.table.file
        yield Fault(
            file, None, "over half of the good headcounts are no counts (15 or 15.0): taken as unknown"
        )
    yield from _seams(case)
    for face in case.rule.faces if case.cards else ():
        assert case.cards
        if look_unstamped(case.cards.of(face, ()), case.period.now_us):
            what = (
                f"over half of the snapshots of face {face!r} hold one card and come within 5 s of the one before;"
                " stamp all cards of a snapshot with one time"
            )
            yield Fault(case.cards.table.file, None, what)


def _strangers(case: _Case) -> Iterator[Fault]:
    """Faces that the rule does not name, each once."""
    named = [(case.calendar_file, calendar.face) for calendar in case.calendar.calendars if calendar.face]
    named += [
        (file.table.file, face) for file in (case.headcount, case.cards) if file for face in file.rows_of
    ]
    told = set(case.rule.faces)
    for file, face in named:
        if face not in told:
            yield Fault(file, None, f"face {face!r} is not in the rule; its rows are ignored")
            told.add(face)


def _seams(case: _Case) -> Iterator[Fault]:
    """Calendar changes that leave a gap or an overlap, each pair of calendars once."""
    from rules.time_text import time_text

    told = set()
    for face in case.rule.faces:
        for change in case.calendar.changes(face, case.period.first, case.period.end):
            pair = (change.before.face, change.after.face, change.changes_on)
            if pair not in told:
                told.add(pair)
                ends, starts = (
                    time_text(at, case.calendar.zone) for at in (change.ends_us, change.starts_us)
                )
                whose = "of the mine" if change.after.face is None else f"of face {face!r}"
                what = (
                    f"the calendar {whose} changes on {change.changes_on} with {change.seam}:"
                    f" the last shift before ends at {ends}, the first one after starts at {starts}"
                )
                yield Fault(case.calendar_file, None, what)
