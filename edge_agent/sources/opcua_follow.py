"""How the points of an OPC UA server are followed in one session: watched, polled, or missing.

- A node is found by its id or by its path, per point; one that is not there is missing, and sought again later.
- Nodes are watched by subscriptions, one for each publishing interval: every `publish_ms`, or as often as the fastest
  points want. The server samples each node with the period of its point and keeps `queue_size` values of it.
- Where a point's deadband is all that decides what is reported, and its node holds a number, the server is asked to
  keep small changes to itself: half of the deadband, so that a value never strays by more than the whole of it from
  what was last reported, whichever of the two held it back.
- What the server cannot watch is polled instead, and wished for again later.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from asyncua import ua

from contract.point import OpcUaAddress, Point
from contract.quality import Quality
from edge_agent.acquisition import browse_path
from edge_agent.acquisition.opc_status import is_filter_refused, is_unwatchable, quality_of
from edge_agent.sources.opcua_failure import NoNode, ServiceFault, SessionFailure
from edge_agent.sources.opcua_requests import Item, value_in
from edge_agent.sources.opcua_session import Granted, OpcUaSession
from edge_agent.sources.opcua_values import Leeway
from edge_agent.sources.source import SourceHealth

Key = TypeVar("Key")
log = logging.getLogger(__name__)

PERIOD_MIN_S: Final = 0.05
SERVER_SHARE: Final = 0.5
"""Of a point's deadband."""
SLOWER: Final = 2.0
"""A server that samples a node with more than so many times the period asked for is told of."""
NUMBERS: Final = frozenset(ua.NodeId(kind) for kind in (*range(2, 12), 26, 27, 28))
"""SByte … Double, and the abstract Number, Integer, UInteger."""
NUMBER_MAX: Final = 0xFFFF_FFFF
Take = Callable[["Feed", ua.PublishResult], None]


@dataclass(frozen=True, slots=True)
class Manner:
    """How points are to be followed."""

    is_polling: bool = False
    queue_size: int = 10
    publish_s: float = 0.25
    server_deadband: bool = True


@dataclass(slots=True)
class Feed:
    """A subscription, and when the server last said anything in it."""

    id: int
    interval_s: float
    silent_after_s: float
    heard_at_s: float
    last_number: int | None = None
    """Of its publications that carried anything."""

    def misses(self, number: int) -> bool:
        """Whether a publication was lost before the one with this number (Part 4, 7.21: they count up, without 0)."""
        expected = None if self.last_number is None else self.last_number % NUMBER_MAX + 1
        self.last_number = number
        return expected is not None and number != expected


@dataclass(frozen=True, slots=True)
class Watched:
    """A node that is watched."""

    node: ua.NodeId
    subscription: int
    id: int
    leeway: Leeway


class Follow:
    """The points of one session; a point goes by its number, which is also its handle with the server."""

    def __init__(
        self,
        session: OpcUaSession,
        points: Sequence[Point],
        manner: Manner,
        *,
        name: str,
        health: SourceHealth,
        clock_s: Callable[[], float],
    ) -> None:
        self.session, self.points, self.manner = session, points, manner
        self.name, self.health, self.clock_s = name, health, clock_s
        self.feeds: dict[float, Feed] = {}
        self.watched: dict[int, Watched] = {}
        self.polled: dict[int, ua.NodeId] = {}
        self.missing = set(range(len(points)))
        """Points that are not followed, or in vain, to be tried again."""
        self.unfiltered: set[int] = set()
        """Points whose deadband the server shall not or cannot keep."""
        self.told: set[str] = set()

    async def mend(self, take: Take) -> dict[int, str]:
        """Try to follow what is missing, and to watch what is polled instead; the others go on meanwhile.

        Gives the points that are refused, with the reason.
        """
        await self.let_go(self.missing & self.watched.keys())
        for at in self.missing & self.polled.keys():
            del self.polled[at]
        stand_ins = set() if self.manner.is_polling else set(self.polled)
        nodes, refused = await self.resolve(sorted(self.missing | stand_ins))
        if self.manner.is_polling:
            self.polled.update(nodes)
        else:
            refused |= await self.watch(nodes, take)
        self.missing = set(refused)
        return refused

    async def let_go(self, numbers: Iterable[int]) -> None:
        """Watch these no longer."""
        leaving = [self.watched.pop(at) for at in numbers]
        for subscription, ids in together((item.subscription, item.id) for item in leaving).items():
            await self.session.unmonitor(subscription, ids)

    async def resolve(self, numbers: Sequence[int]) -> tuple[dict[int, ua.NodeId], dict[int, str]]:
        """The nodes of points, and what is wrong with those that have none."""
        nodes: dict[int, ua.NodeId] = {}
        refused: dict[int, str] = {}
        paths: dict[int, browse_path.BrowsePath] = {}
        for at in numbers:
            text = node_text(self.points[at])
            try:
                if browse_path.is_path(text):
                    paths[at] = browse_path.parse(text)
                else:
                    nodes[at] = self.session.node(text)
            except NoNode as error:
                refused[at] = error.kind
            except ValueError:
                refused[at] = "browse_path_unreadable"
        try:
            targets = await self.session.translate(list(paths.values()))
        except ServiceFault as fault:
            return nodes, refused | dict.fromkeys(paths, fault.kind)
        for at, target in zip(paths, targets, strict=True):
            if isinstance(target, str):
                refused[at] = target
            else:
                nodes[at] = target
        return nodes, refused

    async def watch(self, nodes: Mapping[int, ua.NodeId], take: Take) -> dict[int, str]:
        """Watch nodes, or poll those that cannot be watched; the points that are refused, with the reason."""
        refused: dict[int, str] = {}
        widths = await self.widths(nodes)
        intervals = together((min(self.period_s(at), self.manner.publish_s), at) for at in nodes)
        for interval_s, numbers in intervals.items():
            try:
                feed = self.feeds.get(interval_s) or await self.new_feed(interval_s, take)
                granted = await self.granted(feed, numbers, nodes, widths)
            except ServiceFault as fault:
                self.poll_instead({at: nodes[at] for at in numbers}, fault.kind)
                continue
            for at, grant in granted.items():
                if quality_of(grant.code) is Quality.GOOD:
                    width = widths.get(at, 0.0) / SERVER_SHARE
                    wait_s = (
                        max(grant.sampling_s, self.period_s(at)) + feed.interval_s + self.session.timeout_s
                    )
                    self.watched[at] = Watched(nodes[at], feed.id, grant.id, Leeway(width, wait_s))
                    self.polled.pop(at, None)
                    self.look_at_sampling(at, grant)
                elif is_unwatchable(grant.code) or not grant.is_asked:
                    self.poll_instead({at: nodes[at]}, name_of(grant.code))
                else:
                    self.polled.pop(at, None)
                    refused[at] = name_of(grant.code)
        return refused

    async def granted(
        self, feed: Feed, numbers: Iterable[int], nodes: Mapping[int, ua.NodeId], widths: dict[int, float]
    ) -> dict[int, Granted]:
        """What the server makes of the wish to watch nodes; deadbands that it refuses leave `widths`."""
        ask = partial(self.ask, feed, nodes)
        try:
            granted = await ask(numbers, widths)
            again = [at for at, grant in granted.items() if is_filter_refused(grant.code) and at in widths]
        except ServiceFault:
            if not widths.keys() & set(numbers):
                raise
            granted, again = {}, list(numbers)
        for at in again:
            if widths.pop(at, None) is not None:
                self.unfiltered.add(at)
                self.health.count("deadband_refused")
        return granted | await ask(again, {})

    async def ask(
        self, feed: Feed, nodes: Mapping[int, ua.NodeId], numbers: Iterable[int], widths: Mapping[int, float]
    ) -> dict[int, Granted]:
        """Ask for nodes to be watched."""
        items = [
            Item(
                at,
                nodes[at],
                self.period_s(at),
                self.manner.queue_size,
                widths.get(at, 0.0) / abs(self.points[at].scale),
            )
            for at in numbers
        ]
        return dict(zip(numbers, await self.session.monitor(feed.id, items), strict=True))

    async def new_feed(self, interval_s: float, take: Take) -> Feed:
        """Subscribe."""
        feed = Feed(id=0, interval_s=interval_s, silent_after_s=math.inf, heard_at_s=self.clock_s())
        granted = await self.session.subscribe(interval_s, partial(take, feed))
        feed.id, feed.interval_s = granted.id, granted.interval_s
        feed.silent_after_s = 2 * (granted.keep_alive_s + self.session.timeout_s)
        self.feeds[interval_s] = feed
        return feed

    def check_feeds(self) -> None:
        """Raises `SessionFailure` if a subscription has been silent for too long, keep-alives included."""
        if any(self.clock_s() - feed.heard_at_s > feed.silent_after_s for feed in self.feeds.values()):
            raise SessionFailure("subscription_silent")

    async def widths(self, nodes: Mapping[int, ua.NodeId]) -> dict[int, float]:
        """What the server may keep to itself of each point, in the point's unit, where it may at all."""
        wished = {
            at: SERVER_SHARE * self.points[at].deadband
            for at in nodes
            if self.manner.server_deadband
            and at not in self.unfiltered
            and leaves_it_to_deadband(self.points[at])
        }
        types: list[object] = []
        with suppress(ServiceFault):
            wanted = [nodes[at] for at in wished]
            types = [value_in(data) for data in await self.session.read(wanted, ua.AttributeIds.DataType)]
        return {
            at: width
            for (at, width), kind in zip(wished.items(), types, strict=False)
            if isinstance(kind, ua.NodeId) and kind in NUMBERS
        }

    def distrust(self, at: int) -> None:
        """The server kept more of a point to itself than it may: watch it anew, without a deadband."""
        if at in self.watched and self.watched[at].leeway.width:
            self.unfiltered.add(at)
            self.missing.add(at)
            self.health.count("deadband_not_kept")

    def poll_instead(self, nodes: Mapping[int, ua.NodeId], kind: str) -> None:
        """The server cannot watch these nodes."""
        if new := nodes.keys() - self.polled.keys():
            self.health.count("polled_instead", len(new))
            self.tell("polled_instead", "%s cannot watch %d points, the first is %s: %s; they are polled",
                      self.name, len(new), self.points[min(new)].metric, kind)  # fmt: skip
        self.polled.update(nodes)

    def look_at_sampling(self, at: int, grant: Granted) -> None:
        """Tell of a server that looks at a node much less often than it should."""
        period_s = self.period_s(at)
        if grant.sampling_s > SLOWER * period_s:
            self.health.count("sampled_slower")
            self.tell("sampled_slower", "%s samples %s every %g s, not every %g s: give the point that period, or "
                      "the server a faster limit", self.name, self.points[at].metric, grant.sampling_s,
                      period_s)  # fmt: skip

    def tell(self, what: str, message: str, *words: object) -> None:
        """Say something once in a session."""
        if what not in self.told:
            self.told.add(what)
            log.warning(message, *words)

    def period_s(self, at: int) -> float:
        """How often a node is sampled."""
        return max(self.points[at].period_s, PERIOD_MIN_S)


def leaves_it_to_deadband(point: Point) -> bool:
    """Whether nothing but its deadband decides which numbers of a point are reported."""
    has_more = point.limits or point.swing or point.enum or point.flags or point.mask is not None
    return point.deadband > 0 and not has_more


def together(pairs: Iterable[tuple[Key, int]]) -> dict[Key, list[int]]:
    """Numbers that share a key."""
    groups: dict[Key, list[int]] = {}
    for key, number in pairs:
        groups.setdefault(key, []).append(number)
    return groups


def node_text(point: Point) -> str:
    """What the point table says of a point's node."""
    assert isinstance(point.address, OpcUaAddress), f"{point.key} is no OPC UA point"
    return point.address.node


def name_of(code: int) -> str:
    """A status code by name."""
    return str(ua.StatusCode(code).name)
