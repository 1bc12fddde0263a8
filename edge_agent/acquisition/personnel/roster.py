"""RYXX and RYQY, what changes seldom: the posts of people and the zones of the mine; pure.

Of a card or zone that stands twice, the last record holds. A post is published beside the card. So a roster in which
nearly everybody has a post of his own is refused: it is a list of names, read by a profile that is not the file's.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from edge_agent.acquisition.personnel.grammar import (
    ZONE,
    Contents,
    Document,
    RecordFault,
    Unreadable,
    split,
    zone_in,
)
from edge_agent.acquisition.personnel.profile import Kind, Profile
from edge_agent.acquisition.personnel.pseudonym import Pseudonyms
from edge_agent.acquisition.personnel.snapshot import CARD, YES

POSTS_FEW: Final = 20
"""So few filled posts may all differ."""
POSTS_SHARE_MAX: Final = 0.8
"""Of more filled posts at most this share may differ from each other."""


@dataclass(frozen=True, slots=True)
class Roster(Contents):
    """Posts by the card's pseudonym, and the cards of the mine's leaders."""

    posts: Mapping[str, str]
    leaders: AbstractSet[str]


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as the positioning system has it: its name and its authorised headcount (区域核定人数)."""

    name: str
    headcount_max: str


@dataclass(frozen=True, slots=True)
class ZoneList(Contents):
    """The zones by their codes."""

    zones: Mapping[str, Zone]


def roster(document: Document, profile: Profile, pseudonyms: Pseudonyms) -> Roster:
    """Who does what; raises `Unreadable` if the posts look like names."""
    posts: dict[str, str] = {}
    leaders: set[str] = set()
    faults: list[RecordFault] = []
    for number, record in enumerate(document.records, start=1):
        fields = split(record, number, Kind.RYXX, profile)
        if isinstance(fields, RecordFault):
            faults.append(fields)
            continue
        by_name = dict(zip(profile.ryxx, map(str.strip, fields), strict=True))
        if not CARD.fullmatch(by_name["card"]):
            faults.append(RecordFault(number, "the card is not of letters and digits"))
            continue
        card = pseudonyms.of(by_name["card"])
        posts[card] = by_name[profile.post_from]
        (leaders.add if by_name.get("leader") == YES else leaders.discard)(card)
    filled = [post for post in posts.values() if post]
    if len(filled) > POSTS_FEW and len({*filled}) > POSTS_SHARE_MAX * len(filled):
        raise Unreadable("nearly everybody has a post of his own: names? See profile.ryxx and post_from")
    return Roster(document.at_ms, len(document.records), faults, posts, leaders)


def zone_list(document: Document, profile: Profile) -> ZoneList:
    """The zones that the mine has."""
    zones: dict[str, Zone] = {}
    faults: list[RecordFault] = []
    for number, record in enumerate(document.records, start=1):
        fields = split(record, number, Kind.RYQY, profile)
        if isinstance(fields, RecordFault):
            faults.append(fields)
            continue
        by_name = dict(zip(profile.ryqy, map(str.strip, fields), strict=True))
        if ZONE.fullmatch(by_name["zone"]):
            zones[by_name["zone"]] = Zone(by_name.get("zone_name", ""), by_name.get("headcount_max", ""))
        else:
            faults.append(RecordFault(number, "the zone is not of 16 digits", zone_in(record)))
    return ZoneList(document.at_ms, len(document.records), faults, zones)
