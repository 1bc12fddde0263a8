"""Who is in which of our areas, by a snapshot; pure.

Several zones make up an area. A card counts once in an area, its last record holds; one whose zone is in none of
our areas counts nowhere. Headcount is the number of cards.

Silence is never compliance: a bad record may be the tenth person. So it makes the area of its zone unknown, and
where its zone cannot be told, every area.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from edge_agent.acquisition.personnel.roster import Roster
from edge_agent.acquisition.personnel.snapshot import Snapshot

HEADCOUNT: Final = "Personnel/Headcount"
CARDS: Final = "Personnel/Cards"
"""What is published of each area."""

Cards = dict[str, str]
"""Posts by card."""


def census(
    snapshot: Snapshot, areas: Mapping[str, Collection[str]], roster: Roster | None, leader_post: str
) -> dict[str, Cards | None]:
    """The cards in each area, or `None` where that cannot be told; `areas` has the zones of each.

    A leader of the mine, by the snapshot or the roster, has `leader_post` as post; if that is empty, his own.
    """
    area_of = {zone: area for area, zones in areas.items() for zone in zones}
    found: dict[str, Cards | None] = {area: {} for area in areas}
    posts, leaders = (roster.posts, roster.leaders) if roster else ({}, frozenset())
    for card, zone, is_leader in snapshot.present:
        cards = found.get(area_of.get(zone, ""))
        if cards is not None:
            is_led = leader_post and (is_leader or card in leaders)
            cards[card] = leader_post if is_led else posts.get(card, "")
    for fault in snapshot.faults:
        if fault.zone is None:
            return dict.fromkeys(areas)
        if fault.zone in area_of:
            found[area_of[fault.zone]] = None
    return found
