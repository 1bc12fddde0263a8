"""One face kept current: its headcounts and cards, what it is now, and the records of its recent shifts. Pure.

Rules
- Rows of the last 26 hours are kept, with the one before them, and of cards as many more as visits may hang on
  (`cards.py`). They judge the shifts that begin from `exact_from` on as all rows would; older shifts are judged from
  the historian, when rows come for them.
- A shift that ended before the face's first row is not ours to judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from contract.datatype import Value
from contract.vocabulary.roles import Role
from gateway.config import Face
from gateway.live.cards import CardSeries, Person, settled_at
from gateway.live.days import LATE_DAYS
from gateway.live.series import Effect, LiveSeries
from gateway.live.shifts import ShiftBook, judged
from rules.headcount import Presence, headcount
from rules.series import HOUR_US, LONG_US, MINUTE_US, Samples, Stretches, known
from rules.shift_calendar import Shift, ShiftCalendar
from rules.staffing import FaceRule, ShiftRecord, StaffingRule
from rules.standing import NOTHING, Span, Standing, context_began_us, context_ends_us, standing
from rules.time_text import DAY_US

KEPT_US: Final = 26 * HOUR_US
"""A shift, the one before it, and their lateness; older data comes from the historian."""
LATE_US: Final = LATE_DAYS * DAY_US
FORGET_EVERY_US: Final = 10 * MINUTE_US


@dataclass(slots=True)
class FaceTracker:
    """Take rows as they come, `judge` when it suits: all conclusions follow from the rows alone."""

    face: Face
    face_rule: FaceRule
    rule: StaffingRule
    calendar: ShiftCalendar
    headcounts: LiveSeries = field(init=False)
    cards: CardSeries = field(init=False)
    now: Standing = NOTHING
    shift: Shift | None = None
    judged_at_us: int = -1
    seen_at_us: int = -1
    """When it was last asked for, whether anything was to be judged or not."""
    look_us: int = 0
    """When time alone can change something."""
    is_recalled: bool = True
    """Everything that the historian knows of the kept time is here; before that nothing is recorded."""
    book: ShiftBook = field(init=False)
    around: list[Shift] = field(default_factory=list)
    """The shifts of the kept time and of the next hours."""
    around_until_us: int = 0
    edge_us: int = -1
    """When the last shift began or ended."""
    kept_from_us: int | None = None
    """Shifts that ended before are the historian's; moved on after a judgement only, so that none slips between."""
    attended_us: int | None = None
    """Every shift that ended by then was recorded, or is with those to be judged from the historian."""
    exact_from_us: int = -LONG_US
    """Shifts that begin from there on are judged by the kept rows."""
    closed_us: int = -LONG_US
    """Rows older than that may concern a shift before these."""
    floors: tuple[int | None, int | None] = (None, None)

    def __post_init__(self) -> None:
        """No rows yet."""
        self.headcounts = LiveSeries(self.rule.stale_after_us)
        self.cards = CardSeries(self.rule)
        self.book = ShiftBook(self.rule)

    @property
    def counts_cards(self) -> bool:
        """Is the headcount that of its cards?"""
        return self.face_rule.count_from == "cards"

    @property
    def series(self) -> LiveSeries:
        """The rows that the headcount comes from."""
        return self.cards.series if self.counts_cards else self.headcounts

    @property
    def role(self) -> Role:
        """What these rows are."""
        return Role.CARDS if self.counts_cards else Role.HEADCOUNT

    @property
    def visits_matter(self) -> bool:
        """Does the headcount hang on how long somebody has been there?"""
        return self.counts_cards and bool(self.rule.exempt_posts)

    def take(self, role: Role, at_us: int, value: Value | None) -> Effect:
        """One row of the headcount or of the cards."""
        if role is Role.CARDS:
            return self.cards.take(at_us, value, self.judged_at_us)
        if role is Role.HEADCOUNT:
            return self.headcounts.take(at_us, count(value), self.judged_at_us)
        return Effect.NOTHING

    def mark(self, role: Role, at_us: int) -> Effect:
        """The gateway that brings these rows was lost."""
        series = {Role.CARDS: self.cards.series, Role.HEADCOUNT: self.headcounts}.get(role)
        return series.mark(at_us) if series is not None else Effect.NOTHING

    # What it is now

    def judge(self, now_us: int) -> list[ShiftRecord]:
        """Everything as it stands at `now`; gives the records that are new or changed, with their revision."""
        touched = [t for t in (self.headcounts.touched_us, self.cards.series.touched_us) if t is not None]
        self.seen_at_us = now_us
        if not touched and self.judged_at_us <= now_us < self.look_us:
            newest_us = self.series.newest_at(now_us)
            if newest_us is not None and self.now.headcount_at_us != newest_us:
                self.now = replace(self.now, headcount_at_us=newest_us)
            return []
        self.look_around(now_us)
        self.headcounts.touched_us = self.cards.series.touched_us = None
        self.now = self.stand(now_us)
        self.judged_at_us = now_us
        records = list(self.records(now_us, min(touched, default=None))) if self.is_recalled else []
        self.move_on(now_us)
        self.look_us = min(self.holds_until(now_us), self.book.next_look_us(now_us))
        return records

    def look_around(self, now_us: int) -> None:
        """Which shifts are near, and which of them are ours to judge."""
        if self.kept_from_us is None:
            self.kept_from_us = now_us - KEPT_US
        if self.floors != (self.headcounts.floor_us, self.cards.series.floor_us):
            self.find_exact_from()
        if not self.judged_at_us <= now_us < self.around_until_us:
            self.around = self.calendar.shifts_between(self.face.code, self.kept_from_us, now_us + DAY_US)
            edges = [edge for shift in self.around for edge in (shift.starts_us, shift.ends_us)]
            self.around_until_us = min((e for e in edges if e > now_us), default=now_us + HOUR_US)
            self.edge_us = max((e for e in edges if e <= now_us), default=-1)
            self.book.keep(self.around)
            self.shift = next(
                (shift for shift in reversed(self.around) if shift.starts_us <= now_us < shift.ends_us), None
            )

    def move_on(self, now_us: int) -> None:
        """Forget what is too old, now and then; a clock that was set back moves nothing."""
        assert self.kept_from_us is not None
        if now_us - KEPT_US - self.kept_from_us >= FORGET_EVERY_US:
            self.kept_from_us = now_us - KEPT_US
            self.headcounts.forget(self.kept_from_us)
            self.cards.forget(self.kept_from_us)
            self.find_exact_from()

    def stand(self, now_us: int) -> Standing:
        """The face at this instant."""
        rows = self.series.samples()
        rows = rows.until(now_us) if rows.at_us.size and rows.at_us[-1] > now_us else rows
        newest_us = self.series.newest_at(now_us)
        span = None if newest_us is None else Span(int(rows.at_us[0]), newest_us)
        recent = self.headcount_from(rows, self.context_us(now_us), now_us + 1)
        if not recent.to_us.size and span is not None:
            recent = self.headcount_from(rows, span.first_us, now_us + 1)
        return standing(recent, span, self.shift, self.face_rule, self.rule, now_us=now_us)

    def context_us(self, now_us: int) -> int:
        """Nothing before it matters to a headcount that is known."""
        return -LONG_US if self.shift is None else context_began_us(self.shift, self.rule, now_us)

    def headcount_from(self, rows: Samples, from_us: int, now_us: int) -> Stretches:
        """The headcount from an instant on, as it is known at `now`."""
        if self.counts_cards:
            return headcount(self.cards.presence_of(rows, now_us), self.rule.exempt_dwell_us).joined()
        recent = rows.between(from_us, now_us)
        return known(recent, stale_after_us=self.rule.stale_after_us, now_us=now_us).joined()

    def holds_until(self, now_us: int) -> int:
        """The first of the instants after now at which time alone can change what it is."""
        instants = [self.around_until_us]
        if self.shift is not None:
            instants.append(context_ends_us(self.shift, self.rule, now_us))
        if self.series.newest_us is not None and self.now.headcount is not None:
            instants.append(self.series.newest_us + self.rule.stale_after_us)
        if self.visits_matter:
            who = self.cards.presence(now_us + 1)
            begin_us = who.visit_from_us[who.exempt & (who.snapshot == who.to_us.size - 1)]
            instants += (begin_us + self.rule.exempt_dwell_us).tolist()
        instants += [self.headcounts.next_after(now_us), self.cards.series.next_after(now_us)]
        return min((at_us for at_us in instants if at_us > now_us), default=LONG_US)

    # Its shifts

    def find_exact_from(self) -> None:
        """Which shifts the kept rows can judge, and which rows are of others."""
        self.floors = (self.headcounts.floor_us, self.cards.series.floor_us)
        of_headcounts, of_cards = self.floors
        exact_from_us, slack_us = -LONG_US, self.rule.stale_after_us
        if of_headcounts is not None and not self.counts_cards:
            exact_from_us = of_headcounts
        if of_cards is not None:
            exact_from_us = max(exact_from_us, of_cards)
            if self.visits_matter:
                settled_us = settled_at(self.cards.series.samples(), self.rule)
                exact_from_us = LONG_US if settled_us is None else max(exact_from_us, settled_us)
        if self.visits_matter:
            slack_us += self.rule.reentry_us + self.rule.exempt_dwell_us
        begun = (
            self.calendar.shifts_between(self.face.code, exact_from_us - 1, exact_from_us)
            if (-LONG_US < exact_from_us < LONG_US)
            else []
        )
        self.exact_from_us = exact_from_us
        self.closed_us = max((exact_from_us, *(shift.ends_us for shift in begun))) + slack_us

    def records(self, now_us: int, touched_us: int | None) -> Iterator[ShiftRecord]:
        """Records of ended shifts that say something else than before."""
        due = [
            shift
            for shift in self.around
            if shift.ends_us <= now_us
            and self.is_kept(shift)
            and self.book.is_due(shift, now_us, touched_us)
            and self.is_ours(shift)
        ]
        who = self.cards.presence(now_us) if due and self.has_cards else None
        newest_us = (self.headcounts.newest_at(now_us), self.cards.series.newest_at(now_us))
        for shift in due:
            record = self.record(shift, who, now_us)
            if (changed := self.book.record(record, now_us, newest_us)) is not None:
                yield changed

    def is_kept(self, shift: Shift) -> bool:
        """Do the kept rows judge it? Else the historian does."""
        is_near = self.kept_from_us is None or self.kept_from_us < shift.ends_us
        return is_near and self.exact_from_us <= shift.starts_us

    @property
    def has_cards(self) -> bool:
        """Is there a source of cards?"""
        return self.counts_cards or self.cards.series.newest_us is not None

    def is_ours(self, shift: Shift) -> bool:
        """Did it end after the first row?"""
        at_us = self.series.rows().at_us
        return bool(at_us.size) and int(at_us[0]) < shift.ends_us

    def record(self, shift: Shift, who: Presence | None, now_us: int) -> ShiftRecord:
        """One shift, judged by the kept rows."""
        snapshots = self.cards.series.rows().at_us
        if not self.counts_cards and not (snapshots.size and snapshots[0] < shift.ends_us):
            who = None
        return judged(shift, self.face_rule, self.rule, self.headcounts.samples(), who, now_us=now_us)

    @property
    def running(self) -> ShiftRecord | None:
        """The running shift so far, made when somebody looks: most faces of a province are on no screen."""
        if self.shift is None or self.seen_at_us < 0:
            return None
        who = self.cards.presence(self.seen_at_us) if self.has_cards else None
        return self.record(self.shift, who, self.seen_at_us)

    def beyond(self, now_us: int) -> list[Shift]:
        """Shifts that have ended since this was last asked and that the kept rows cannot judge."""
        before_us, self.attended_us = self.attended_us, now_us
        if before_us is None or before_us >= self.edge_us:
            return []
        before_us = max(before_us, now_us - LATE_US)
        ended = self.calendar.shifts_between(self.face.code, before_us, now_us)
        return [s for s in ended if before_us < s.ends_us <= now_us and not self.is_kept(s)]

    def left_since(self, before_us: int, now_us: int) -> list[Shift]:
        """Ended shifts that the rows kept at an earlier instant could judge, and those kept now cannot."""
        self.look_around(now_us)
        from_us = max(before_us - KEPT_US - FORGET_EVERY_US, now_us - LATE_US)
        near = self.calendar.shifts_between(self.face.code, from_us, now_us)
        return [s for s in near if from_us <= s.starts_us and s.ends_us <= now_us and not self.is_kept(s)]

    def ask_again(self) -> None:
        """Rows came in another way than `take`: judge everything again."""
        self.judged_at_us = LONG_US
        self.book.looks_us.clear()

    def shifts_of(self, at_us: int, now_us: int) -> list[Shift]:
        """The ended shifts that a row of that time has to do with and that only the historian can judge."""
        stale_us = self.rule.stale_after_us
        kept_from_us = -LONG_US if self.kept_from_us is None else self.kept_from_us
        if at_us >= max(self.closed_us, kept_from_us + stale_us) or at_us < now_us - LATE_US:
            return []
        after_us = self.rule.reentry_us + self.rule.exempt_dwell_us if self.visits_matter else 0
        near = self.calendar.shifts_between(self.face.code, at_us - stale_us, at_us + stale_us + after_us)
        return [s for s in near if s.ends_us <= now_us and not self.is_kept(s)]

    # What pages ask

    def persons(self, now_us: int) -> list[Person]:
        """Who is there now, by card."""
        return list(self.cards.persons(now_us))

    def trend(self) -> list[tuple[int, float]]:
        """The headcount of the running shift as rows, each in time after the one before; NaN is unknown."""
        if self.shift is None:
            return []
        if not self.counts_cards:
            rows = self.headcounts.samples().between(self.shift.starts_us, self.shift.ends_us)
            return list(zip(rows.at_us.tolist(), rows.value.tolist(), strict=True))
        counted = self.headcount_from(self.cards.series.samples(), 0, self.seen_at_us)
        shown = as_rows(counted.clipped(self.shift.starts_us, self.shift.ends_us), self.rule.stale_after_us)
        is_known = bool(shown) and shown[-1][0] == self.seen_at_us
        return [*shown[:-1], (shown[-1][0], float(counted.value[-1]))] if is_known else shown


def as_rows(stretches: Stretches, stale_after_us: int) -> list[tuple[int, float]]:
    """Stretches as rows that say the same."""
    rows: dict[int, float] = {}
    parts = zip(stretches.from_us.tolist(), stretches.to_us.tolist(), stretches.value.tolist(), strict=True)
    for from_us, to_us, value in parts:
        rows |= dict.fromkeys(range(from_us, to_us, max(1, stale_after_us)), value) | {to_us: np.nan}
    return list(rows.items())


def count(value: Value | None) -> float | None:
    """A headcount as a number; anything that is no count is unknown (definitions.md §0)."""
    if value is None or isinstance(value, (str, bool)):
        return None
    return float(value) if value >= 0 and value == int(value) else None
