"""An OPC UA server: one session, a subscription for each period, a status for each node.

What the server sends on its own is reported with the time of its source. Since it sends nothing while nothing
changes, every node is read again `CONFIRMATIONS` times in its `max_silence_s`: such a *confirmation* is a value that
the server gives now, so its time is that of its receipt. So is the time of the first value of a node after
(re)connecting: the server may stamp it with a change long ago, but we know of it only from now on. Nothing is ever
reported again with a new time without having been read again.

What goes wrong, and what it costs:
- A node that the server does not know, or loses, is bad on its own, and is tried again every `retry_s` with the
  server's table of namespaces read anew. A status that is not good makes only that value bad or stale.
- A source time more than `clock_skew_max_s` from the agent's clock is counted and replaced by that of receipt.
- A server that dies, hangs, or lets a subscription fall silent makes all points stale at once; a new session is
  opened after growing, jittered waits. Stale points become bad after their `stale_after_s`.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Final, TypeVar

from asyncua import ua

from contract.datatype import Value
from contract.point_form import OpcUaAddress, Point
from contract.quality import Quality
from edge_agent.acquisition.deadband import Deadband, reread_s
from edge_agent.acquisition.decode import any_converter
from edge_agent.acquisition.doubt import Doubt, Mark
from edge_agent.acquisition.opc_status import is_gone, quality_of
from edge_agent.acquisition.reading import Reading
from edge_agent.acquisition.schedule import Schedule
from edge_agent.sources.opcua_session import Item, NoNode, OpcUaSession, Security, SessionFailure, parts
from edge_agent.sources.source import Emit, Now, SourceHealth
from edge_agent.uplink.backoff import Backoff

Key = TypeVar("Key")
log = logging.getLogger(__name__)

PERIOD_MIN_S: Final = 0.05
PUBLISH_S: Final = 0.25
"""What was sampled waits no longer at the server, however long the period: it is the largest part of the delay."""
LOOK_S: Final = 1.0
"""How often subscriptions are looked at for silence, and stale points for becoming bad."""
SETTLED_S: Final = 10.0
"""A session that has held so long makes the waits short again; a flapping link must not fill the server."""
CONNECT_WAIT_S: Final = (0.5, 30.0)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(slots=True)
class Feed:
    """A subscription, and when the server last said anything in it."""

    id: int
    silent_after_s: float
    heard_at_s: float


@dataclass(frozen=True, slots=True)
class Monitored:
    """A point that is watched."""

    node: ua.NodeId
    subscription: int
    id: int


class OpcUaSource:
    """The points of one server; in here a point goes by its number, which is also its handle with the server."""

    def __init__(
        self,
        *,
        name: str,
        url: str,
        points: Sequence[Point],
        now: Now,
        rng: Random,
        timeout_s: float = 5.0,
        username: str | None = None,
        password: str | None = None,
        security: Security | None = None,
        clock_skew_max_s: float = 86_400.0,
        retry_s: float = 30.0,
        connect_wait_s: tuple[float, float] = CONNECT_WAIT_S,
    ) -> None:
        """`connect_wait_s` is the wait after the first failure and the longest."""
        self.name = name
        self.points = tuple(points)
        self.health = SourceHealth()
        self.timeout_s, self.retry_s = timeout_s, retry_s
        self.new_session = partial(
            OpcUaSession,
            url=url,
            timeout_s=timeout_s,
            username=username,
            password=password,
            security=security,
        )
        self.now = now
        self.clock_skew_max_ms = 1000 * clock_skew_max_s
        self.backoff = Backoff(*connect_wait_s, rng)
        self.deadband, self.doubt = Deadband(), Doubt()
        self.converters = [any_converter(point) for point in points]
        self.feeds: dict[float, Feed] = {}
        self.monitored: dict[int, Monitored] = {}
        self.missing: set[int] = set()
        """Points that are not watched, or in vain, to be tried again."""
        self.heard: dict[int, tuple[Value | None, Quality]] = {}
        """What the server said last of each point in this session."""
        self.doubted: set[int] = set()
        """Points that read otherwise than was heard; the change should be on its way."""

    async def run(self, emit: Emit) -> None:
        """Read until cancelled."""
        while True:
            session = self.new_session()
            try:
                await session.open()
                self.health.connected = True
                await self.follow(session, emit)
            except SessionFailure as failure:
                self.lose_all(failure, emit)
            finally:
                self.health.connected = False
                await session.close()
            await self.pause(self.backoff.failed(), emit)

    async def follow(self, session: OpcUaSession, emit: Emit) -> None:
        """Subscribe, confirm and mend until the session fails; raises `SessionFailure`."""
        self.feeds.clear()
        self.monitored.clear()
        self.missing = set(range(len(self.points)))
        self.heard.clear()
        self.doubted.clear()
        await self.watch_missing(session, emit)
        if self.backoff.failures:
            log.info("%s answers again", self.name)
        groups = together((reread_s(point), at) for at, point in enumerate(self.points))
        confirmations = Schedule(list(groups), clock_s())
        retry_at_s = clock_s() + self.retry_s
        settled_at_s = clock_s() + SETTLED_S
        while True:
            if clock_s() >= settled_at_s:
                self.backoff.succeeded()
            for job in confirmations.due(clock_s()):
                await self.confirm(session, groups[confirmations.periods_s[job]], emit)
            if clock_s() >= retry_at_s:
                retry_at_s = clock_s() + self.retry_s
                await session.learn_namespaces()
                await self.watch_missing(session, emit)
            self.mark(self.doubt.expire(clock_s()), emit)
            self.check_feeds()
            await self.wait(session, min(confirmations.next_at_s(), retry_at_s))

    async def wait(self, session: OpcUaSession, until_s: float) -> None:
        """Until something is to be done; raises `SessionFailure` if the session is lost in the meantime."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(LOOK_S, max(0.0, until_s - clock_s()))):
                await session.lost.wait()
        if session.lost.is_set():
            raise SessionFailure("connection_lost")

    async def watch_missing(self, session: OpcUaSession, emit: Emit) -> None:
        """Try to watch every point that is not watched yet, or has been in vain; the others go on meanwhile."""
        in_vain = together(
            (self.monitored[at].subscription, self.monitored.pop(at).id)
            for at in self.missing & self.monitored.keys()
        )
        for subscription, numbers in in_vain.items():
            await session.unmonitor(subscription, numbers)
        items: dict[float, list[Item]] = {}
        refused: dict[int, str] = {}
        for at in sorted(self.missing):
            period_s = max(self.points[at].period_s, PERIOD_MIN_S)
            try:
                node = session.node(node_text(self.points[at]))
            except NoNode as error:
                refused[at] = error.kind
            else:
                items.setdefault(period_s, []).append(Item(at, node, period_s))
        for period_s, wanted in items.items():
            feed = self.feeds.get(period_s) or await self.new_feed(session, period_s, emit)
            for item, (code, number) in zip(wanted, await session.monitor(feed.id, wanted), strict=True):
                if quality_of(code) is Quality.GOOD:
                    self.monitored[item.handle] = Monitored(item.node, feed.id, number)
                    self.missing.discard(item.handle)
                else:
                    refused[item.handle] = name_of(code)
        self.refuse(refused, emit)

    async def new_feed(self, session: OpcUaSession, period_s: float, emit: Emit) -> Feed:
        """Subscribe for the points of a period."""
        feed = Feed(id=0, silent_after_s=math.inf, heard_at_s=clock_s())
        granted = await session.subscribe(
            min(period_s, PUBLISH_S), partial(self.published, session, feed, emit)
        )
        feed.id = granted.id
        feed.silent_after_s = 2 * (granted.keep_alive_s + self.timeout_s)
        self.feeds[period_s] = feed
        return feed

    def check_feeds(self) -> None:
        """Raises `SessionFailure` if a subscription has been silent for too long, keep-alives included."""
        if any(clock_s() - feed.heard_at_s > feed.silent_after_s for feed in self.feeds.values()):
            raise SessionFailure("subscription_silent")

    def published(self, session: OpcUaSession, feed: Feed, emit: Emit, result: ua.PublishResult) -> None:
        """The server sent what changed, or that it is still there."""
        feed.heard_at_s = clock_s()
        at_ms = self.now()
        self.health.reads += 1
        for notification in result.NotificationMessage.NotificationData or ():
            if isinstance(notification, ua.DataChangeNotification):
                changes = [(item.ClientHandle, item.Value) for item in notification.MonitoredItems]
                self.report([self.told(at, self.change(at, data, at_ms)) for at, data in changes], emit)
            elif isinstance(notification, ua.StatusChangeNotification):
                session.lost.set()  # the server has given the subscription up

    async def confirm(self, session: OpcUaSession, group: Sequence[int], emit: Emit) -> None:
        """Read points again.

        Only a value that is as it was heard is confirmed. One that differs is either older or newer than the
        changes that are on their way, and they will tell; if it differs twice in a row, the server has kept a
        change from us, and the value read stands.
        """
        watched = [at for at in group if at in self.monitored]
        for part in parts(watched, session.read_max):
            began_s = clock_s()
            self.health.reads += 1
            values = await session.read([self.monitored[at].node for at in part])
            self.health.read_latency_ms = 1000 * (clock_s() - began_s)
            at_ms = self.now()
            confirmed = []
            for at, data in zip(part, values, strict=True):
                reading = self.reading(at, data, at_ms, at_ms)
                if (reading.value, reading.quality) == self.heard.get(at) or at in self.doubted:
                    confirmed.append(self.told(at, reading))
                else:
                    self.doubted.add(at)
            self.report(confirmed, emit)

    def told(self, at: int, reading: Reading) -> Reading:
        """Remember what the server said; the first time in a session it has the time of receipt."""
        if at not in self.heard:
            reading = reading._replace(source_at_ms=reading.read_at_ms)
        self.heard[at] = reading.value, reading.quality
        self.doubted.discard(at)
        return reading

    def change(self, at: int, data: ua.DataValue, at_ms: int) -> Reading:
        """What the server sent of a point, received at this time."""
        return self.reading(at, data, self.source_time(data.SourceTimestamp, at_ms), at_ms)

    def reading(self, at: int, data: ua.DataValue, source_at_ms: int, at_ms: int) -> Reading:
        """What the server says of a point, received at `at_ms`."""
        code = data.StatusCode.value if data.StatusCode is not None else 0
        quality, value = quality_of(code), None
        if is_gone(code):
            self.missing.add(at)
        if quality is Quality.GOOD:
            value = self.converters[at](data.Value.Value if data.Value is not None else None)
            if value is None:
                quality = Quality.BAD
        return Reading(self.points[at], value, quality, source_at_ms, at_ms)

    def source_time(self, stamp: datetime | None, at_ms: int) -> int:
        """The source's own time, in milliseconds, where it has one that can be."""
        if stamp is None:
            return at_ms
        source_at_ms = (stamp - EPOCH) // MILLISECOND
        if abs(source_at_ms - at_ms) > self.clock_skew_max_ms:
            self.health.count("source_time_implausible")
            return at_ms
        return source_at_ms

    def report(self, readings: Sequence[Reading], emit: Emit) -> None:
        """Report what is new in what the server said."""
        self.health.readings += len(readings)
        self.doubt.heard(reading.point for reading in readings)
        if any(reading.quality is Quality.GOOD for reading in readings):
            self.health.last_good_at_ms = readings[-1].read_at_ms
        if reports := self.deadband.reports(readings):
            if bad := sum(report.quality is not Quality.GOOD for report in reports):
                self.health.count("no_value", bad)
            emit(reports)

    def refuse(self, refused: Mapping[int, str], emit: Emit) -> None:
        """Nodes that cannot be watched, with the reason: their points are bad."""
        for kind in refused.values():
            self.health.count(kind)
        if marks := self.doubt.condemn(self.points[at] for at in refused):
            first = min(refused)
            log.warning("%s has no node for %d points, the first is %s: %s", self.name, len(refused),
                        node_text(self.points[first]), refused[first])  # fmt: skip
            self.mark(marks, emit)

    def lose_all(self, failure: SessionFailure, emit: Emit) -> None:
        """The session failed: every point is stale."""
        self.health.count(failure.kind)
        if not self.backoff.failures:
            log.warning("%s is lost: %s", self.name, failure.kind)
        self.mark(self.doubt.lose(self.points, clock_s()), emit)

    async def pause(self, seconds: float, emit: Emit) -> None:
        """Wait between two sessions."""
        until_s = clock_s() + seconds
        while (left_s := until_s - clock_s()) > 0:
            await asyncio.sleep(min(left_s, LOOK_S))
            self.mark(self.doubt.expire(clock_s()), emit)

    def mark(self, marks: Sequence[Mark], emit: Emit) -> None:
        """Report points without a value."""
        at_ms = self.now()
        if reports := self.deadband.reports(
            Reading(point, None, quality, at_ms, at_ms) for point, quality in marks
        ):
            emit(reports)


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


def clock_s() -> float:
    """The running loop's monotonic clock."""
    return asyncio.get_running_loop().time()
