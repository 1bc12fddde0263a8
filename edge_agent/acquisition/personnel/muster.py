"""The muster of a mine: what its files say together; pure, the clock is an argument.

Only the newest accepted snapshot says who is where. Posts are those of the newest roster accepted by then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from edge_agent.acquisition.personnel.census import Cards, census
from edge_agent.acquisition.personnel.grammar import Contents, document
from edge_agent.acquisition.personnel.profile import STANDARD, Kind, Profile
from edge_agent.acquisition.personnel.pseudonym import Pseudonyms
from edge_agent.acquisition.personnel.roster import Roster, ZoneList, roster, zone_list
from edge_agent.acquisition.personnel.snapshot import Snapshot, snapshot
from edge_agent.acquisition.personnel.verdict import Bounds, Judgement, Ledger


@dataclass(frozen=True, slots=True)
class Layout:
    """All it takes to read a mine's files."""

    mine: str
    pseudonyms: Pseudonyms
    profile: Profile = STANDARD
    encoding: str = "utf-8"

    def contents(self, kind: Kind, content: bytes) -> Contents:
        """What a file says; raises `Incomplete` or `Unreadable`."""
        found = document(content, self.mine, self.profile, self.encoding)
        match kind:
            case Kind.RYSS:
                return snapshot(found, self.profile, self.pseudonyms)
            case Kind.RYXX:
                return roster(found, self.profile, self.pseudonyms)
            case Kind.RYQY:
                return zone_list(found, self.profile)


@dataclass(slots=True)
class Muster:
    """The newest of every kind; `areas` has the zones of each of our areas."""

    areas: Mapping[str, Collection[str]]
    bounds: Bounds = field(default_factory=Bounds)
    leader_post: str = ""
    ledgers: dict[Kind, Ledger] = field(init=False)
    roster: Roster | None = None
    zones: ZoneList | None = None
    census: Mapping[str, Cards | None] = field(default_factory=dict)
    """Who is in each area by the newest accepted snapshot; `None`: it cannot be told. Empty before the first."""

    def __post_init__(self) -> None:
        """Nothing is accepted yet."""
        self.ledgers = {kind: Ledger(self.bounds, grows_stale=kind is Kind.RYSS) for kind in Kind}

    def take(self, kind: Kind, contents: Contents, now_ms: int) -> Judgement:
        """Judge what a file says, and keep it if it is accepted."""
        judgement = self.ledgers[kind].take(contents, now_ms)
        if judgement.verdict.is_accepted:
            if isinstance(contents, Snapshot):
                self.census = census(contents, self.areas, self.roster, self.leader_post)
            elif isinstance(contents, Roster):
                self.roster = contents
            elif isinstance(contents, ZoneList):
                self.zones = contents
        return judgement
