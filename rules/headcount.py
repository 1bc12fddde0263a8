"""Headcount of a face from its cards: who is present, since when, and how many of them count.

Rules (definitions.md §1 "Cards")
- All rows of a face at one instant are one snapshot, the whole list of the cards then inside; the same card
  twice is one, and its last row holds. A row without a card says nobody is there, or adds nothing.
- A snapshot is known like any row (`rules.series`): until the next snapshot, if that comes in time.
- A card is present while a known snapshot holds it. Its visit begins when it becomes present for the first
  time, or after at least `reentry` of known absence in all since it was last present. Neither a short absence
  nor unknown time restarts it.
- An exempt card counts only once its visit began at least `exempt_dwell` ago.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.series import SECOND_US, Instants, Samples, Stretches, known

NOBODY: Final = -1
UNSTAMPED_WITHIN_US: Final = 5 * SECOND_US

Flags = NDArray[np.bool_]
CardNumbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class CardRows:
    """The rows of one face's snapshots as they were given; cards are small numbers, `NOBODY` where empty."""

    at_us: Instants
    card: CardNumbers
    exempt: Flags  # by the post of that row

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[int, str, str]], exempt_posts: Collection[str]) -> CardRows:
        """The same from instant, card and post."""
        given = list(rows)
        numbers = {
            card: number for number, card in enumerate(dict.fromkeys(card for _, card, _ in given if card))
        }
        return cls(
            np.array([at for at, _, _ in given], dtype=np.int64),
            np.array([numbers.get(card, NOBODY) for _, card, _ in given], dtype=np.int32),
            np.array([is_exempt(post, exempt_posts) for _, _, post in given], dtype=np.bool_),
        )


@dataclass(frozen=True, slots=True)
class Presence:
    """Known snapshots, and who was present in each: one row per card and snapshot, ascending by snapshot."""

    from_us: Instants  # of each known snapshot
    to_us: Instants
    snapshot: NDArray[np.int64]  # of each row: index into from_us
    card: CardNumbers
    exempt: Flags
    visit_from_us: Instants  # when the visit began that the card was then on


def is_exempt(post: str, exempt_posts: Collection[str]) -> bool:
    """Whether holders of a post do not count for a while; an empty post never is one."""
    return bool(post) and post in exempt_posts


def presence(rows: CardRows, *, reentry_us: int, stale_after_us: int, now_us: int) -> Presence:
    """Who was present when, as it stands at `now`.

    Visits need the cards' history: give all rows since at least `reentry` before the time that is asked for,
    better since the first one.
    """
    rows = _last_row_of_each_card(_until(rows, now_us))
    instants, snapshot = _snapshots(rows)
    numbered = Samples(instants, np.arange(instants.size, dtype=np.float64))
    stretches = known(numbered, stale_after_us=stale_after_us, now_us=now_us)
    known_place = np.full(instants.size, -1, dtype=np.int64)
    known_place[stretches.value.astype(np.int64)] = np.arange(stretches.value.size)
    place = known_place[snapshot]
    there = (place >= 0) & (rows.card != NOBODY)
    return _present(stretches, place[there], rows.card[there], rows.exempt[there], reentry_us)


def presence_in(
    snapshots: Stretches, sizes: Sequence[int], card: CardNumbers, exempt: Flags, *, reentry_us: int
) -> Presence:
    """The same from known snapshots and their cards: of each snapshot so many, one after the other, each card once.

    Snapshots that follow each other with the same cards may be given as one.
    """
    place = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    return _present(snapshots, place, card, exempt, reentry_us)


def _present(
    snapshots: Stretches, place: NDArray[np.int64], card: CardNumbers, exempt: Flags, reentry_us: int
) -> Presence:
    visits = _visits(snapshots, place, card, reentry_us)
    return Presence(snapshots.from_us, snapshots.to_us, place, card, exempt, visits)


def headcount(who: Presence, exempt_dwell_us: int) -> Stretches:
    """How many count at each known instant."""
    counts_from_us = np.where(who.exempt, who.visit_from_us + exempt_dwell_us, who.from_us[who.snapshot])
    at_once = counts_from_us <= who.from_us[who.snapshot]
    later = ~at_once & (counts_from_us < who.to_us[who.snapshot])
    begin_us = np.concatenate((who.from_us, counts_from_us[later]))
    snapshot = np.concatenate((np.arange(who.from_us.size), who.snapshot[later]))
    joins = np.arange(begin_us.size) >= who.from_us.size
    order = np.argsort(begin_us, kind="stable")
    begin_us, snapshot, joins = begin_us[order], snapshot[order], joins[order]
    joined = np.cumsum(joins)
    joined_before = joined[~joins]
    at_first = np.bincount(who.snapshot[at_once], minlength=who.from_us.size)
    count = at_first[snapshot] + joined - joined_before[snapshot]
    last = np.append(snapshot[1:] != snapshot[:-1], True)[: snapshot.size]
    end_us = np.where(last, who.to_us[snapshot], np.append(begin_us[1:], 0)[: snapshot.size])
    keep = end_us > begin_us
    return Stretches(begin_us[keep], end_us[keep], count[keep].astype(np.float64))


class Stays(NamedTuple):
    """How long each card was present in a part, by its number."""

    in_all_us: Instants
    not_exempt_us: Instants

    def are_counted(self, *, dwell_us: int, exempt_dwell_us: int) -> Flags:
        """Present for at least `dwell` while not exempt, or at least `exempt_dwell` in all; each for some time."""
        worked = (self.not_exempt_us > 0) & (self.not_exempt_us >= dwell_us)
        stayed = (self.in_all_us > 0) & (self.in_all_us >= exempt_dwell_us)
        return worked | stayed


def stays(who: Presence, from_us: int, to_us: int) -> Stays:
    """Each card's time in `[from, to)`."""
    first, last = np.searchsorted(
        who.snapshot,
        [np.searchsorted(who.to_us, from_us, side="right"), np.searchsorted(who.from_us, to_us, side="left")],
    )
    rows = slice(first, last if from_us < to_us else first)
    snapshot, card = who.snapshot[rows], who.card[rows]
    time_us = np.minimum(who.to_us[snapshot], to_us) - np.maximum(who.from_us[snapshot], from_us)
    in_all_us = np.bincount(card, weights=time_us)  # exact: whole numbers below 2**53
    not_exempt_us = np.bincount(card, weights=np.where(who.exempt[rows], 0, time_us))
    return Stays(in_all_us.astype(np.int64), not_exempt_us.astype(np.int64))


def distinct_persons(who: Presence, from_us: int, to_us: int, *, dwell_us: int, exempt_dwell_us: int) -> int:
    """How many cards count as persons in `[from, to)`."""
    there = stays(who, from_us, to_us)
    return int(np.count_nonzero(there.are_counted(dwell_us=dwell_us, exempt_dwell_us=exempt_dwell_us)))


def look_unstamped(rows: CardRows, now_us: int) -> bool:
    """Whether over half of the snapshots hold one card and come within 5 s of the one before.

    Then the source probably stamps each card by itself, and a snapshot is not the whole list.
    """
    rows = _last_row_of_each_card(_until(rows, now_us))
    instants, snapshot = _snapshots(rows)
    cards = np.bincount(snapshot[rows.card != NOBODY], minlength=instants.size)
    soon = np.append(False, np.diff(instants) <= UNSTAMPED_WITHIN_US)[: instants.size]
    return 2 * int(np.count_nonzero((cards == 1) & soon)) > instants.size


def _until(rows: CardRows, now_us: int) -> CardRows:
    kept = rows.at_us <= now_us
    return rows if bool(kept.all()) else CardRows(rows.at_us[kept], rows.card[kept], rows.exempt[kept])


def _last_row_of_each_card(rows: CardRows) -> CardRows:
    """The rows by instant and card, of each card in a snapshot only the last given."""
    at_us, card = rows.at_us, rows.card
    step_us, step = np.diff(at_us), np.diff(card)
    if bool(((step_us > 0) | ((step_us == 0) & (step > 0))).all()):
        return rows
    order = np.lexsort((card, at_us))  # stable
    at_us, card = at_us[order], card[order]
    last = np.append((at_us[1:] != at_us[:-1]) | (card[1:] != card[:-1]), True)[: order.size]
    return CardRows(at_us[last], card[last], rows.exempt[order][last])


def _snapshots(rows: CardRows) -> tuple[Instants, NDArray[np.intp]]:
    """The instants of rows in order, and each row's place among them."""
    begins = np.append(True, rows.at_us[1:] != rows.at_us[:-1])[: rows.at_us.size]
    return rows.at_us[begins], np.cumsum(begins) - 1


def _visits(snapshots: Stretches, place: NDArray[np.int64], card: CardNumbers, reentry_us: int) -> Instants:
    """When the visit began that each row belongs to."""
    length_us = snapshots.to_us - snapshots.from_us
    known_before_us = np.cumsum(length_us) - length_us
    order = np.argsort(card, kind="stable")  # the rows are in the order of snapshots
    card_, place_ = card[order], place[order]
    known_since_us = np.diff(known_before_us[place_]) - length_us[place_[:-1]]  # since the card's row before
    begins = np.ones(order.size, dtype=np.bool_)
    begins[1:] = (card_[1:] != card_[:-1]) | ((known_since_us >= reentry_us) & (known_since_us > 0))
    first = np.maximum.accumulate(np.where(begins, np.arange(order.size), 0))
    visit_from_us = np.empty(order.size, dtype=np.int64)
    visit_from_us[order] = snapshots.from_us[place_[first]]
    return visit_from_us
