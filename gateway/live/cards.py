"""The cards of one face as they come, snapshot after snapshot: who is there, and since when. Pure.

Rules
- A text is a whole list (`contract.card_list`); one that is none, or is not good, is an unknown snapshot.
- Each distinct list is kept once, as the numbers of its cards; a row of the series names the list. So the hours in
  which nobody comes or goes cost eight bytes a snapshot twice, and next to nothing to judge.
- Visits reach back: rows are kept until so much known time lies before the kept hours that no card's visit can hang
  on older ones (`rules.headcount`: known absence of `reentry` begins a new visit).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from contract.card_list import NoCardList, cards_in
from contract.datatype import Value
from gateway.live.series import Effect, LiveSeries
from rules.headcount import Presence, is_exempt, presence_in
from rules.series import Samples, Stretches, known
from rules.staffing import StaffingRule

LISTS_SLACK: Final = 64
BYTES_OF_A_CARD: Final = 4


class Person(NamedTuple):
    """Somebody who is there now, by the pseudonym of the card."""

    card: str
    post: str
    since_us: int
    """When the visit began."""
    is_exempt: bool
    """By post; not counted before the visit has lasted for the rule's dwell."""


@dataclass(slots=True)
class CardSeries:
    """The snapshots of one face."""

    rule: StaffingRule
    series: LiveSeries = field(init=False)
    numbers: dict[str, int] = field(default_factory=dict)
    """Of the cards, in the order in which they first came."""
    places: dict[bytes, int] = field(default_factory=dict)
    lists: list[bytes] = field(default_factory=list)
    """Of each list twice the number of every card, plus one where its post is exempt; 32 bits each."""
    newest_text: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Nothing has come yet."""
        self.series = LiveSeries(self.rule.stale_after_us)

    def take(self, at_us: int, value: Value | None, judged_at_us: int = -1) -> Effect:
        """One snapshot, `None` where it is not good."""
        place: float | None = None
        if isinstance(value, str):
            try:
                place = float(self.place(cards_in(value)))
            except NoCardList:
                self.counts["no_card_list"] += 1
        effect = self.series.take(at_us, place, judged_at_us)
        if at_us == self.series.newest_us:
            self.newest_text = value if isinstance(value, str) and place is not None else ""
        return effect

    def place(self, cards: dict[str, str]) -> int:
        """Where a list stands among the distinct ones."""
        numbers = self.numbers
        codes = [
            2 * numbers.setdefault(card, len(numbers)) + is_exempt(post, self.rule.exempt_posts)
            for card, post in cards.items()
        ]
        packed = np.array(codes, dtype=np.int32).tobytes()
        place = self.places.setdefault(packed, len(self.lists))
        if place == len(self.lists):
            self.lists.append(packed)
        return place

    def presence(self, now_us: int) -> Presence:
        """Who was present when, as the kept rows tell at `now`."""
        return self.presence_of(self.series.samples(), now_us)

    def presence_of(self, rows: Samples, now_us: int) -> Presence:
        """The same of rows whose values are places of lists."""
        snapshots = known(rows, stale_after_us=self.rule.stale_after_us, now_us=now_us).joined()
        lists = [self.lists[place] for place in snapshots.value.astype(np.int64).tolist()]
        codes = np.frombuffer(b"".join(lists), dtype=np.int32)
        sizes = [len(packed) // BYTES_OF_A_CARD for packed in lists]
        return presence_in(
            snapshots, sizes, codes >> 1, (codes & 1).astype(np.bool_), reentry_us=self.rule.reentry_us
        )

    def persons(self, now_us: int) -> Iterator[Person]:
        """Who is there now, by card."""
        if not self.newest_text:
            return
        who = self.presence(now_us + 1)
        if not who.to_us.size or int(who.to_us[-1]) <= now_us:
            return
        since_us = {
            int(card): int(begin)
            for card, begin, snapshot in zip(who.card, who.visit_from_us, who.snapshot, strict=True)
            if snapshot == who.to_us.size - 1
        }
        for card, post in sorted(cards_in(self.newest_text).items()):
            yield Person(card, post, since_us[self.numbers[card]], is_exempt(post, self.rule.exempt_posts))

    def forget(self, before_us: int) -> None:
        """Drop rows before the newest instant from which `before` is told as if all rows were there."""
        cut_us = settled_from(self.series.samples(), self.rule, before_us)
        if cut_us is not None:
            self.series.forget(cut_us)
        self.forget_lists()

    def forget_lists(self) -> None:
        """Drop lists and cards that no row names any more, now and then."""
        rows = self.series.rows()
        is_known = ~np.isnan(rows.value)
        used, which = np.unique(rows.value[is_known].astype(np.int64), return_inverse=True)
        if len(self.lists) < 2 * used.size + LISTS_SLACK:
            return
        names = list(self.numbers)
        kept = [np.frombuffer(self.lists[place], dtype=np.int32) for place in used.tolist()]
        self.numbers, self.places, self.lists = {}, {}, []
        for codes in kept:
            numbers = [
                2 * self.numbers.setdefault(names[code >> 1], len(self.numbers)) + (code & 1)
                for code in codes.tolist()
            ]
            packed = np.array(numbers, dtype=np.int32).tobytes()
            self.places[packed] = len(self.lists)
            self.lists.append(packed)
        values = rows.value.copy()
        values[is_known] = which
        self.series.renumber(values)


def settled_from(rows: Samples, rule: StaffingRule, before_us: int) -> int | None:
    """From which row on rows must be given so that at `before` no visit hangs on older ones; `None`: on all."""
    stretches = between_rows(rows.until(before_us), rule)
    lasted_us = np.cumsum((stretches.to_us - stretches.from_us)[::-1])
    enough = int(np.searchsorted(lasted_us, max(1, rule.reentry_us)))
    return int(stretches.from_us[::-1][enough]) if enough < lasted_us.size else None


def settled_at(rows: Samples, rule: StaffingRule) -> int | None:
    """From when on no card's being exempt hangs on rows before the first of these; `None`: at no time.

    A card that first appears after `reentry` of known time begins a visit there, whatever was before. One that
    appears sooner counts at the latest when the dwell has passed since, as it would have with a longer visit.
    """
    stretches = between_rows(rows, rule)
    lasted_us = np.cumsum(stretches.to_us - stretches.from_us)
    enough = int(np.searchsorted(lasted_us, max(1, rule.reentry_us)))
    if enough >= lasted_us.size:
        return None
    beyond_us = int(lasted_us[enough]) - max(1, rule.reentry_us)
    return int(stretches.to_us[enough]) - beyond_us + rule.exempt_dwell_us


def between_rows(rows: Samples, rule: StaffingRule) -> Stretches:
    """What is known whatever rows may follow."""
    last_us = int(rows.at_us[-1]) if rows.at_us.size else 0
    return known(rows, stale_after_us=rule.stale_after_us, now_us=last_us)
