"""Who was in a face during a shift: each card's first and last time there, how long, and whether it counts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gateway.live.views import View, micros
from rules import series
from rules.headcount import Presence, stays
from rules.staffing import StaffingRule


@dataclass(frozen=True, slots=True)
class Visitors:
    """The cards of a face as its snapshots tell them."""

    who: Presence
    names: tuple[str, ...]
    """Of the cards, by number; pseudonyms."""
    posts: Mapping[str, str]
    """The newest post that each card had."""

    def within(self, from_us: int, to_us: int, rule: StaffingRule) -> list[View]:
        """Cards present in `[from, to)`, the first to come first."""
        in_all = stays(self.who, from_us, to_us)
        counted = in_all.are_counted(
            dwell_us=series.micros(60 * rule.dwell_min), exempt_dwell_us=rule.exempt_dwell_us
        )
        there = [card for card in np.flatnonzero(in_all.in_all_us > 0).tolist() if card < len(self.names)]
        spans = {card: self.span(card, from_us, to_us) for card in there}
        return [
            {
                "card": self.names[card],
                "post": self.posts.get(self.names[card], ""),
                "from": micros(spans[card][0]),
                "to": micros(spans[card][1]),
                "minutes": int(in_all.in_all_us[card]) // series.MINUTE_US,
                "exempt": bool(in_all.not_exempt_us[card] < in_all.in_all_us[card]),
                "counted": bool(counted[card]),
            }
            for card in sorted(there, key=lambda card: (spans[card][0], self.names[card]))
        ]

    def span(self, card: int, from_us: int, to_us: int) -> tuple[int, int]:
        """When a card was first and last present in `[from, to)`."""
        snapshots = self.who.snapshot[self.who.card == card]
        begins_us, ends_us = self.who.from_us[snapshots], self.who.to_us[snapshots]
        inside = (begins_us < to_us) & (ends_us > from_us)
        return max(from_us, int(begins_us[inside].min())), min(to_us, int(ends_us[inside].max()))
