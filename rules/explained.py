"""What decided the record of a shift: what is unknown, over a limit, or the run that lasted (definitions.md §1).

Each part of the shift is told by itself, handover windows first and last, as it is judged by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from rules.parts import Parts, Run
from rules.series import Stretches
from rules.staffing import ShiftRecord, StaffingRule, handover_windows, judged_part

Part = Literal["handover", "judged"]
Why = Literal["unknown", "over_limit", "over_statutory", "sustained_run"]


class Piece(NamedTuple):
    """A stretch of one part of a shift; `headcount` is `None` while unknown."""

    from_us: int
    to_us: int
    headcount: int | None
    part: Part
    why: Why


def pieces(record: ShiftRecord, headcount: Stretches, rule: StaffingRule) -> Iterator[Piece]:
    """The stretches that decided a record, by the headcount that it was judged by."""
    shift = record.shift
    judged = judged_part(shift, rule)
    parts: list[tuple[tuple[int, int], Part]] = [
        (window, "handover") for window in handover_windows(shift, rule)
    ]
    if judged[0] < judged[1]:
        parts.insert(1, (judged, "judged"))
    for part, name in parts:
        known = headcount.clipped(*part)
        run = Parts.of(known, [part]).run(rule.sustain_us)
        found = [*_unknown(known, *part, name), *_over(known.joined(), record, name), *_lasting(run, name)]
        yield from sorted(found, key=lambda piece: piece.from_us)


def _unknown(known: Stretches, from_us: int, to_us: int, part: Part) -> Iterator[Piece]:
    begins, ends = [from_us, *known.to_us.tolist()], [*known.from_us.tolist(), to_us]
    for begin, end in zip(begins, ends, strict=True):
        if begin < end:
            yield Piece(begin, end, None, part, "unknown")


def _over(known: Stretches, record: ShiftRecord, part: Part) -> Iterator[Piece]:
    for begin, end, value in zip(
        known.from_us.tolist(), known.to_us.tolist(), known.value.tolist(), strict=True
    ):
        if value > record.statutory_limit:
            yield Piece(begin, end, int(value), part, "over_statutory")
        elif value > record.limit:
            yield Piece(begin, end, int(value), part, "over_limit")


def _lasting(run: Run | None, part: Part) -> Iterator[Piece]:
    if run is not None:
        yield Piece(run.from_us, run.to_us, int(run.value), part, "sustained_run")
