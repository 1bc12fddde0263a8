"""The records of a face's ended shifts, each with its revision. Pure.

A shift is judged again when rows touched what is known before its end, and when time alone can still change it: while
its last row may yet prove stale, and when it becomes final.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rules.headcount import Presence
from rules.series import EMPTY, LONG_US, Samples, micros
from rules.shift_calendar import Shift
from rules.staffing import FaceRule, ShiftRecord, StaffingRule, evaluate_shift, headcount_known


@dataclass(slots=True)
class ShiftBook:
    """Ended shifts as last recorded, and when each is to be looked at again."""

    rule: StaffingRule
    ended: dict[Shift, ShiftRecord] = field(default_factory=dict)
    looks_us: dict[Shift, int] = field(default_factory=dict)

    def is_due(self, shift: Shift, now_us: int, touched_us: int | None) -> bool:
        """Is an ended shift to be judged now?"""
        is_touched = touched_us is not None and touched_us < shift.ends_us
        return is_touched or now_us >= self.looks_us.get(shift, 0)

    def record(self, record: ShiftRecord, now_us: int, newest_us: Iterable[int | None]) -> ShiftRecord | None:
        """Take a judgement; gives it with its revision if it is to be recorded.

        `newest_us` are the newest rows that it was made of, by source.
        """
        shift = record.shift
        stale_us = [
            newest + self.rule.stale_after_us + 1
            for newest in newest_us
            if newest is not None and newest < shift.ends_us
        ]
        instants = [shift.ends_us + micros(60 * self.rule.lateness_min), *stale_us]
        self.looks_us[shift] = min((at_us for at_us in instants if at_us > now_us), default=LONG_US)
        changed = revised(self.ended.get(shift), record)
        if changed is not None:
            self.ended[shift] = changed
        return changed

    def next_look_us(self, now_us: int) -> int:
        """When after now the first of them is to be looked at."""
        return min((look_us for look_us in self.looks_us.values() if look_us > now_us), default=LONG_US)

    def keep(self, shifts: Iterable[Shift]) -> None:
        """Forget all others."""
        kept = set(shifts)
        self.ended = {shift: record for shift, record in self.ended.items() if shift in kept}
        self.looks_us = {shift: look_us for shift, look_us in self.looks_us.items() if shift in kept}


def revised(before: ShiftRecord | None, record: ShiftRecord) -> ShiftRecord | None:
    """A record with its revision; `None` if it says what was recorded before. Being final is no other figure."""
    if before is None:
        return record
    record = replace(record, revision=before.revision)
    if record == before:
        return None
    if replace(record, final=before.final) == before:
        return record
    return replace(record, revision=before.revision + 1)


def judged(
    shift: Shift, face: FaceRule, rule: StaffingRule, rows: Samples, who: Presence | None, *, now_us: int
) -> ShiftRecord:
    """One shift, from headcount rows around it and from cards; `who` is `None` where no source of cards exists."""
    counted = EMPTY if face.count_from == "cards" else rows.between(shift.starts_us, shift.ends_us)
    headcount = headcount_known(face, rule, counted, who, now_us)
    return evaluate_shift(shift, face, rule, headcount=headcount, cards=who, now_us=now_us)
