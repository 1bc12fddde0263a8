"""One face kept current: its headcount series, what it is now, and the records of its recent shifts. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.config import Face
from gateway.live.series import LiveSeries
from rules.series import HOUR_US, Samples
from rules.shift_calendar import Shift, ShiftCalendar
from rules.staffing import FaceRule, ShiftRecord, StaffingRule, evaluate_shift, headcount_known
from rules.standing import NOTHING, Standing, standing

KEPT_US: Final = 26 * HOUR_US
"""A shift, the one before it, and their lateness; older data comes from the historian."""


@dataclass(slots=True)
class FaceTracker:
    """Take rows as they come, `judge` when it suits: all conclusions follow from the series alone."""

    face: Face
    face_rule: FaceRule
    rule: StaffingRule
    calendar: ShiftCalendar
    series: LiveSeries = field(default_factory=LiveSeries)
    now: Standing = NOTHING
    shift: Shift | None = None
    judged_at_us: int = 0
    ended: dict[Shift, ShiftRecord] = field(default_factory=dict)
    """Shifts that ended within the kept time, each as last recorded."""
    recorded: Samples | None = None
    """The rows that these records were made of."""

    def take(self, at_us: int, value: float | None) -> bool:
        """One row of the headcount; false if it says nothing new."""
        return self.series.take(at_us, value)

    def judge(self, now_us: int) -> list[ShiftRecord]:
        """Everything as it stands at `now`; gives the records that are new or changed, with their revision."""
        self.series.forget(now_us - KEPT_US)
        samples = self.series.samples()
        shifts = self.calendar.shifts_between(self.face.code, now_us - KEPT_US, now_us + 1)
        self.shift = next((shift for shift in reversed(shifts) if shift.ends_us > now_us), None)
        self.now = standing(samples, self.shift, self.face_rule, self.rule, now_us)
        self.judged_at_us = now_us
        changed = list(self.revised(shifts, samples, now_us))
        self.recorded = samples
        kept = set(shifts)
        self.ended = {shift: record for shift, record in self.ended.items() if shift in kept}
        return changed

    @property
    def running(self) -> ShiftRecord | None:
        """The running shift so far, made when somebody looks: most faces of a province are on no screen."""
        if self.shift is None:
            return None
        return self.record(self.shift, self.series.samples(), self.judged_at_us, 1)

    def revised(self, shifts: list[Shift], samples: Samples, now_us: int) -> Iterator[ShiftRecord]:
        """Records of ended shifts that say something else than before.

        A shift that began before the kept time is left as it is: part of its series may be gone. One that ended
        before the first row is not ours to judge.
        """
        first_us = int(samples.at_us[0]) if samples.at_us.size else now_us
        for shift in shifts:
            if shift.ends_us > now_us or shift.starts_us < now_us - KEPT_US or shift.ends_us <= first_us:
                continue
            before = self.ended.get(shift)
            if before is not None and before.final and samples is self.recorded:
                continue  # neither rows nor time can change it: this is asked every few seconds
            record = self.record(shift, samples, now_us, before.revision if before else 1)
            if record == before:
                continue
            if before is not None and replace(record, final=before.final) != before:
                record = replace(record, revision=before.revision + 1)
            self.ended[shift] = record
            yield record

    def record(self, shift: Shift, samples: Samples, now_us: int, revision: int) -> ShiftRecord:
        """One shift, judged by the rows that can say anything about it."""
        rows = samples.between(shift.starts_us, shift.ends_us)
        headcount = headcount_known(self.face_rule, self.rule, rows, None, now_us)
        return evaluate_shift(
            shift,
            self.face_rule,
            self.rule,
            headcount=headcount,
            cards=None,
            now_us=now_us,
            revision=revision,
        )

    def trend(self) -> list[tuple[int, float]]:
        """The rows of the running shift and the one before them; NaN is unknown."""
        if self.shift is None:
            return []
        rows = self.series.samples().between(self.shift.starts_us, self.shift.ends_us)
        return list(zip(rows.at_us.tolist(), rows.value.tolist(), strict=True))
