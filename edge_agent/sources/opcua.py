"""An OPC UA server: one session, in which nodes are watched or polled, and a status for each node.

Watched nodes are read again `CONFIRMATIONS` times in their `max_silence_s`, since a server sends nothing while nothing
changes. Nothing is ever reported again with a new time without having been read again (opcua_values.py).

What goes wrong, and what it costs:
- A node that the server does not know, or loses, is bad on its own, and is sought again every `retry_s` with the
  server's table of namespaces read anew. A status that is not good makes only that value bad or stale.
- A server that cannot watch a node is asked for it in turn, every period (opcua_follow.py). One that does not send a
  change that it should, since it keeps a deadband wrongly, is not left to keep that one any more.
- A source time that cannot be is counted and replaced by that of receipt.
- A server that dies, hangs, or lets a subscription fall silent makes all points stale at once; a new session is
  opened after growing, jittered waits. Stale points become bad after their `stale_after_s`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import Final

from asyncua import ua

from contract.point import Point
from edge_agent.acquisition.deadband import reread_s
from edge_agent.acquisition.reading import Reading
from edge_agent.acquisition.schedule import Schedule
from edge_agent.source_config import opcua as source_config
from edge_agent.sources.opcua_failure import SessionFailure
from edge_agent.sources.opcua_follow import Feed, Follow, Manner, together
from edge_agent.sources.opcua_security import Identity, Security, identity_of, security_of
from edge_agent.sources.opcua_session import READ, OpcUaSession, parts
from edge_agent.sources.opcua_values import Values
from edge_agent.sources.source import Emit, Now, SourceHealth
from edge_agent.uplink.backoff import Backoff

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
"""How often subscriptions are looked at for silence, and stale points for becoming bad."""
SETTLED_S: Final = 10.0
"""A session that has held so long makes the waits short again; a flapping link must not fill the server."""
CONNECT_WAIT_S: Final = (0.5, 30.0)


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
        identity: Identity | None = None,
        security: Security | None = None,
        manner: Manner | None = None,
        clock_skew_max_s: float = 300.0,
        retry_s: float = 30.0,
        connect_wait_s: tuple[float, float] = CONNECT_WAIT_S,
    ) -> None:
        """`connect_wait_s` is the wait after the first failure and the longest."""
        self.name = name
        self.points = tuple(points)
        self.health = SourceHealth()
        self.retry_s = retry_s
        self.manner = manner or Manner()
        self.new_session = partial(
            OpcUaSession, url=url, timeout_s=timeout_s, identity=identity, security=security
        )
        self.now = now
        self.backoff = Backoff(*connect_wait_s, rng)
        self.values = Values(
            name, self.points, clock_skew_max_s=clock_skew_max_s, health=self.health, now=now
        )
        self.told_failure = ""

    async def run(self, emit: Emit) -> None:
        """Read until cancelled."""
        while True:
            session = self.new_session()
            try:
                await session.open()
                self.health.connected = True
                await self.follow(session, emit)
            except SessionFailure as failure:
                self.lose(failure, emit)
            finally:
                self.health.connected = False
                await session.close()
            await self.pause(self.backoff.failed(), emit)

    async def follow(self, session: OpcUaSession, emit: Emit) -> None:
        """Follow the points, confirm and mend until the session fails; raises `SessionFailure`."""
        self.values.begin()
        follow = Follow(
            session, self.points, self.manner, name=self.name, health=self.health, clock_s=clock_s
        )
        await self.mend(session, follow, emit)
        if self.told_failure:
            log.info("%s answers again", self.name)
            self.told_failure = ""
        confirmations = Rounds((reread_s(point), at) for at, point in enumerate(self.points))
        polls = self.poll_rounds(follow)
        retry_at_s = clock_s() + self.retry_s
        settled_at_s = clock_s() + SETTLED_S
        while True:
            if clock_s() >= settled_at_s:
                self.backoff.succeeded()
            for numbers in polls.due():
                await self.poll(session, follow, numbers, emit)
            if missed := polls.missed():
                self.health.count("poll_missed", missed)
            for numbers in confirmations.due():
                await self.confirm(session, follow, numbers, emit)
            await self.confirm(session, follow, self.overdue(follow), emit)
            if clock_s() >= retry_at_s:
                retry_at_s = clock_s() + self.retry_s
                await self.look_at_namespaces(session)
                was_polled = set(follow.polled)
                await self.mend(session, follow, emit)
                if was_polled != follow.polled.keys():
                    polls = self.poll_rounds(follow)
            self.values.expire(clock_s(), emit)
            follow.check_feeds()
            await self.wait(session, min(polls.next_at_s(), confirmations.next_at_s(), retry_at_s))

    async def wait(self, session: OpcUaSession, until_s: float) -> None:
        """Until something is to be done; raises `SessionFailure` if the session is lost in the meantime."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(LOOK_S, max(0.0, until_s - clock_s()))):
                await session.lost.wait()
        if session.lost.is_set():
            raise SessionFailure("connection_lost")

    async def mend(self, session: OpcUaSession, follow: Follow, emit: Emit) -> None:
        """Try to follow what is not followed, or in vain."""
        follow.missing |= self.values.gone
        self.values.gone.clear()
        self.values.forget(follow.missing)
        refused = await follow.mend(partial(self.published, session, follow, emit))
        self.values.refuse(refused, emit)

    async def look_at_namespaces(self, session: OpcUaSession) -> None:
        """Learn new ones; raises `SessionFailure` if those we know have other indexes now, and so have all nodes."""
        known = session.namespaces
        await session.learn_namespaces()
        if session.namespaces[: len(known)] != known:
            raise SessionFailure("namespaces_changed")

    def poll_rounds(self, follow: Follow) -> Rounds:
        """When to read what is not watched; often enough for its reports to lie close."""
        return Rounds((min(follow.period_s(at), reread_s(self.points[at])), at) for at in follow.polled)

    async def poll(self, session: OpcUaSession, follow: Follow, numbers: Iterable[int], emit: Emit) -> None:
        """Read points that are not watched."""
        nodes = {at: follow.polled[at] for at in numbers if at in follow.polled}
        await self.read(session, nodes, self.values.change, emit)

    async def confirm(
        self, session: OpcUaSession, follow: Follow, numbers: Iterable[int], emit: Emit
    ) -> None:
        """Read watched points again, and take the deadband from a server that kept a change from us by it."""

        def confirmed(at: int, data: ua.DataValue, at_ms: int) -> Reading | None:
            return self.values.confirmed(at, data, at_ms, clock_s(), follow.watched[at].leeway)

        nodes = {at: follow.watched[at].node for at in numbers if at in follow.watched}
        await self.read(session, nodes, confirmed, emit)
        for at in self.values.kept_back:
            self.health.count("change_not_sent")
            follow.distrust(at)
        self.values.kept_back.clear()

    async def read(
        self,
        session: OpcUaSession,
        nodes: Mapping[int, ua.NodeId],
        reading_of: Callable[[int, ua.DataValue, int], Reading | None],
        emit: Emit,
    ) -> None:
        """Read nodes, as many at once as the server takes, and report what is new."""
        for part in parts(list(nodes), session.at_once[READ]):
            began_s = clock_s()
            values = await session.read([nodes[at] for at in part])
            took_s = clock_s() - began_s
            self.health.reads += 1
            self.health.busy_s += took_s
            self.health.read_latency_ms = 1000 * took_s
            at_ms = self.now()
            readings = [reading_of(at, data, at_ms) for at, data in zip(part, values, strict=True)]
            self.values.report([reading for reading in readings if reading is not None], emit)

    def overdue(self, follow: Follow) -> list[int]:
        """Points that read otherwise than was heard, of which a change should have come by now."""
        now_s, watched = clock_s(), follow.watched
        doubted = self.values.doubted.items()
        return [
            at for at, since_s in doubted if at in watched and now_s - since_s >= watched[at].leeway.wait_s
        ]

    def published(
        self, session: OpcUaSession, follow: Follow, emit: Emit, feed: Feed, result: ua.PublishResult
    ) -> None:
        """The server sent what changed, or that it is still there."""
        feed.heard_at_s = clock_s()
        at_ms = self.now()
        self.health.reads += 1
        message, change = result.NotificationMessage, self.values.change
        for notification in message.NotificationData or ():
            if isinstance(notification, ua.DataChangeNotification):
                items = [item for item in notification.MonitoredItems if item.ClientHandle < len(self.points)]
                self.values.report([change(item.ClientHandle, item.Value, at_ms) for item in items], emit)
                if strangers := len(notification.MonitoredItems) - len(items):
                    self.health.count("handle_unknown", strangers)
            elif isinstance(notification, ua.StatusChangeNotification):
                session.lost.set()  # the server has given the subscription up
        if message.NotificationData and feed.misses(message.SequenceNumber):
            self.health.count("publication_lost")
            self.values.suspect(follow.watched, clock_s())

    def lose(self, failure: SessionFailure, emit: Emit) -> None:
        """The session failed: every point is stale. The reason is told once, until it is another."""
        self.health.count(failure.kind)
        if failure.kind != self.told_failure:
            self.told_failure = failure.kind
            log.warning("%s is lost: %s", self.name, failure)
        self.values.lose(clock_s(), emit)

    async def pause(self, seconds: float, emit: Emit) -> None:
        """Wait between two sessions."""
        until_s = clock_s() + seconds
        while (left_s := until_s - clock_s()) > 0:
            await asyncio.sleep(min(left_s, LOOK_S))
            self.values.expire(clock_s(), emit)


class Rounds:
    """Points in groups that are read together, each group in its own period."""

    def __init__(self, periods: Iterable[tuple[float, int]]) -> None:
        """Every group is due now for the first time."""
        groups = together(periods)
        self.groups = list(groups.values())
        self.schedule = Schedule(list(groups), clock_s())

    def due(self) -> Iterator[list[int]]:
        """The groups to read now."""
        return (self.groups[job] for job in self.schedule.due(clock_s()))

    def missed(self) -> int:
        """Instants that passed, since this was asked last, before their group could be read."""
        missed = self.schedule.missed.total()
        self.schedule.missed.clear()
        return missed

    def next_at_s(self) -> float:
        """When there is a group to read next."""
        return self.schedule.next_at_s()


def of_config(
    config: source_config.OpcUaSource, points: Sequence[Point], *, now: Now, rng: Random
) -> OpcUaSource:
    """The source as its config has it."""
    return OpcUaSource(
        name=config.name,
        url=config.url,
        points=points,
        now=now,
        rng=rng,
        timeout_s=config.timeout_s,
        identity=identity_of(config),
        security=security_of(config),
        manner=Manner(
            is_polling=config.mode == "poll",
            queue_size=config.queue_size,
            publish_s=config.publish_ms / 1000,
            server_deadband=config.server_deadband,
        ),
        clock_skew_max_s=config.clock_skew_max_s,
        retry_s=config.retry_s,
    )


def clock_s() -> float:
    """The running loop's monotonic clock."""
    return asyncio.get_running_loop().time()
