"""Staffing records as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Final, Literal, NamedTuple

from rich.console import Console
from rich.table import Table

from rules.parts import Parts, Run
from rules.series import SECOND_US, Stretches
from rules.staffing import ShiftRecord, StaffingRule, handover_windows, judged_part
from rules.time_text import time_text

Lang = Literal["zh", "en"]

PIPED_WIDTH: Final = 200
"""Columns where no terminal tells its width."""

_NAMES: Final = {
    "face": ("工作面", "face"),
    "shift_on": ("日期", "day"),
    "shift": ("班次", "shift"),
    "headcount_max": ("持续人数", "headcount"),
    "limit": ("限员", "limit"),
    "handover": ("交接班", "handover"),
    "over": ("超员秒", "over s"),
    "persons": ("进面人员", "persons"),
    "statutory": ("法定限员", "statutory"),
    "statutory_over": ("超法定秒", "statutory over s"),
    "major_hazard": ("重大隐患", "major hazard"),
    "coverage": ("数据完整", "coverage"),
    "verdict": ("结论", "verdict"),
    "yes": ("是", "yes"),
    "from": ("自", "from"),
    "to": ("至", "to"),
    "seconds": ("秒", "seconds"),
    "headcount": ("人数", "headcount"),
    "part": ("时段", "part"),
    "why": ("说明", "why"),
    "judged": ("评定时段", "judged part"),
    "unknown": ("未知", "unknown"),
    "over_limit": ("超过限员", "over the limit"),
    "over_statutory": ("超过法定限员", "over the statutory limit"),
    "sustained_run": ("持续人数的依据", "made the sustained headcount"),
    "production": ("生产班", "production shift"),
    "maintenance_shift": ("检修班", "maintenance shift"),
    "within": ("达标", "within"),
    "exceeded": ("超员", "exceeded"),
    "no_verdict": ("无法判定", "no verdict"),
    "not_judged": ("不评定", "not judged"),
    "maintenance": ("检修班", "maintenance"),
    "not_intelligent": ("非智能化工作面", "not intelligent"),
    "sustained": ("持续超员", "sustained"),
    "cumulative": ("累计超员", "cumulative"),
    "too_short": ("评定时段过短", "too short"),
    "fragmented": ("数据零碎", "fragmented"),
    "little_known": ("数据缺失", "coverage"),
}


_COLUMNS: Final = (
    *("face", "shift_on", "shift", "headcount_max", "limit", "handover", "over", "persons"),
    *("statutory", "statutory_over", "major_hazard", "coverage", "verdict"),
)


def print_table(records: Sequence[ShiftRecord], zone: tzinfo, lang: Lang) -> None:
    """One line per record."""
    table = _table(_COLUMNS, lang)
    for record in records:
        table.add_row(
            record.shift.face,
            record.shift.shift_on.isoformat(),
            f"{record.shift.name} {_clock(record.shift.starts_us, zone)}–{_clock(record.shift.ends_us, zone)}",
            _shown(record.headcount_max),
            str(record.limit),
            _shown(record.headcount_max_handover),
            f"{record.over_limit_us / SECOND_US:g}",
            _shown(record.distinct_persons),
            str(record.statutory_limit),
            f"{record.statutory_over_us / SECOND_US:g}",
            _name("yes", lang) if record.major_hazard else "–" if record.major_hazard is False else "?",
            f"{100 * record.coverage:.1f}%",
            _verdict(record, lang),
        )
    _console().print(table)


def print_explanation(
    record: ShiftRecord, headcount: Stretches, rule: StaffingRule, zone: tzinfo, lang: Lang
) -> None:
    """The stretches that decided a record: unknown ones, those over a limit, the run that lasted."""
    shift = record.shift
    kind = _name("production" if shift.kind == "production" else "maintenance_shift", lang)
    console = _console()
    console.print(
        f"{shift.face} {shift.name} ({kind}) {time_text(shift.starts_us, zone)} – {time_text(shift.ends_us, zone)}:"
        f" {_verdict(record, lang)}; {_name('headcount_max', lang)} {_shown(record.headcount_max)},"
        f" {_name('limit', lang)} {record.limit}, {_name('coverage', lang)} {100 * record.coverage:.3f}%",
        highlight=False,
    )
    table = _table(("from", "to", "seconds", "headcount", "part", "why"), lang)
    for piece in _pieces(record, headcount, rule):
        table.add_row(
            time_text(piece.from_us, zone),
            time_text(piece.to_us, zone),
            f"{(piece.to_us - piece.from_us) / SECOND_US:g}",
            "?" if piece.headcount is None else str(piece.headcount),
            _name(piece.part, lang),
            _name(piece.why, lang),
        )
    console.print(table)


class _Piece(NamedTuple):
    """A stretch of one part of a shift; `headcount` is `None` while unknown."""

    from_us: int
    to_us: int
    headcount: int | None
    part: str
    why: str


def _pieces(record: ShiftRecord, headcount: Stretches, rule: StaffingRule) -> Iterator[_Piece]:
    shift = record.shift
    judged = judged_part(shift, rule)
    parts = [(window, "handover") for window in handover_windows(shift, rule)]
    if judged[0] < judged[1]:
        parts.insert(1, (judged, "judged"))
    for part, name in parts:
        known = headcount.clipped(*part)
        run = Parts.of(known, [part]).run(rule.sustain_us)
        found = [*_unknown(known, *part, name), *_over(known.joined(), record, name), *_lasting(run, name)]
        yield from sorted(found, key=lambda piece: piece.from_us)


def _unknown(known: Stretches, from_us: int, to_us: int, part: str) -> Iterator[_Piece]:
    begins, ends = [from_us, *known.to_us.tolist()], [*known.from_us.tolist(), to_us]
    for begin, end in zip(begins, ends, strict=True):
        if begin < end:
            yield _Piece(begin, end, None, part, "unknown")


def _over(known: Stretches, record: ShiftRecord, part: str) -> Iterator[_Piece]:
    for begin, end, value in zip(
        known.from_us.tolist(), known.to_us.tolist(), known.value.tolist(), strict=True
    ):
        if value > record.statutory_limit:
            yield _Piece(begin, end, int(value), part, "over_statutory")
        elif value > record.limit:
            yield _Piece(begin, end, int(value), part, "over_limit")


def _lasting(run: Run | None, part: str) -> Iterator[_Piece]:
    if run is not None:
        yield _Piece(run.from_us, run.to_us, int(run.value), part, "sustained_run")


def _verdict(record: ShiftRecord, lang: Lang) -> str:
    verdict = _name(record.verdict, lang)
    reason = "little_known" if record.reason == "coverage" else record.reason
    return f"{verdict} ({_name(reason, lang)})" if reason else verdict


def _name(key: str, lang: Lang) -> str:
    chinese, english = _NAMES[key]
    return chinese if lang == "zh" else english


def _shown(value: int | None) -> str:
    return "–" if value is None else str(value)


def _clock(at_us: int, zone: tzinfo) -> str:
    return datetime.fromisoformat(time_text(at_us, zone)).strftime("%H:%M")


def _table(columns: Sequence[str], lang: Lang) -> Table:
    table = Table(box=None)
    for column in columns:
        table.add_column(_name(column, lang), no_wrap=True)
    return table


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=PIPED_WIDTH)
