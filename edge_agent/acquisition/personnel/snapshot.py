"""RYSS, the snapshot: everybody the system knows, and where each is; pure.

Only a person whose flag says below is in it; those who have left stay listed with another flag. A person below
without a zone is in none. A record whose flag says elsewhere is not looked at further.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from edge_agent.acquisition.personnel.grammar import ZONE, Contents, Document, RecordFault, split, zone_in
from edge_agent.acquisition.personnel.profile import Kind, Profile
from edge_agent.acquisition.personnel.pseudonym import Pseudonyms

CARD: Final = re.compile(r"[0-9A-Za-z]{1,40}")
YES: Final = "1"


class Presence(NamedTuple):
    """A person who is below: the card's pseudonym, the zone, and whether the record says a leader of the mine."""

    card: str
    zone: str
    is_leader: bool


@dataclass(frozen=True, slots=True)
class Snapshot(Contents):
    """Who was where when the file was made, in the file's order."""

    present: Sequence[Presence]


def snapshot(document: Document, profile: Profile, pseudonyms: Pseudonyms) -> Snapshot:
    """The people below; names and cards stay behind."""
    present: list[Presence] = []
    faults: list[RecordFault] = []
    at = {name: place for place, name in enumerate(profile.ryss)}
    card_at, flag_at, zone_at, leader_at = at["card"], at["flag"], at["zone"], at.get("leader")
    for number, record in enumerate(document.records, start=1):
        fields = split(record, number, Kind.RYSS, profile)
        if isinstance(fields, RecordFault):
            faults.append(fields)
            continue
        card, flag, zone = fields[card_at].strip(), fields[flag_at].strip(), fields[zone_at].strip()
        if flag in profile.elsewhere:
            continue
        if what := wrong(card, flag, zone, profile):
            faults.append(RecordFault(number, what, zone if ZONE.fullmatch(zone) else zone_in(record)))
        elif zone:
            is_leader = leader_at is not None and fields[leader_at].strip() == YES
            present.append(Presence(pseudonyms.of(card), zone, is_leader))
    return Snapshot(document.at_ms, len(document.records), faults, present)


def wrong(card: str, flag: str, zone: str, profile: Profile) -> str:
    """What is wrong with the fields that count; nothing: empty."""
    if flag != profile.underground:
        return "the flag is none that the profile knows"
    if not CARD.fullmatch(card):
        return "the card is not of letters and digits"
    if zone and not ZONE.fullmatch(zone):
        return "the zone is not of 16 digits"
    return ""
