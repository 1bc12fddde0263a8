"""One session with an OPC UA server, opened once and closed for good; everything in it has a time limit.

A new client for every session and a limit outside of it, since a client that is connected again may hang for ever
(FreeOpcUa/opcua-asyncio#1660). The library's reconnecting is off; its probing of the server's state is on and ends
a session with a dead server. Closing ends the session on the server too; one that could not be ended there, since
the connection broke, is dropped by the server after a few timeouts, so that such sessions never pile up.

Only the services for looking, reading and subscribing are used here. The services are called directly, not through
the library's subscription objects: those make a task for every value. Requests about many nodes go in parts as large
as the server says it takes; one that takes less than it says is asked for half as much.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from asyncua import ua

from edge_agent.acquisition.browse_path import BrowsePath
from edge_agent.cancellation import heed_cancellation
from edge_agent.source_config.opcua_files import APPLICATION_URI
from edge_agent.sources.opcua_failure import NoNode, ServiceFault, SessionFailure
from edge_agent.sources.opcua_requests import Item, browse_of, browse_path, number_in, request_of, target_of
from edge_agent.sources.opcua_security import CarefulClient, Identity, Security, identify, secure

# What the library has to say is counted; its log repeats a traceback for each attempt to reach an absent server.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)

T = TypeVar("T")
Answer = TypeVar("Answer")

SESSION_MIN_S: Final = 10.0
SESSION_TIMEOUTS: Final = 4
"""How long a server keeps a session of which it hears nothing, in timeouts; we ask every timeout."""
KEEP_ALIVE_S: Final = 5.0
"""A subscription without news says so this often."""
LIFETIME_KEEP_ALIVES: Final = 6
"""A subscription that nobody listens to ends after so many."""
NOTIFICATIONS_MAX: Final = 1000
"""Values in one publication; the server sends the rest in the next."""
AT_ONCE_MAX: Final = 500
"""Nodes in one request, unless the server allows fewer."""
OPEN_STEPS: Final = 6
"""Opening takes several exchanges, and may take as many timeouts."""
BROWSE_ROUNDS_MAX: Final = 1000
"""Answers about what lies below one part of the nodes; a server that never comes to an end is cut short."""
READ, MONITOR, BROWSE, TRANSLATE = (
    ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
    ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
    ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds,
)
TOO_MUCH: Final = frozenset({
    "BadTooManyOperations", "BadEncodingLimitsExceeded", "BadRequestTooLarge", "BadResponseTooLarge",
    "BadTcpMessageTooLarge",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as the server granted it: how often it publishes news, and that there are none."""

    id: int
    interval_s: float
    keep_alive_s: float


@dataclass(frozen=True, slots=True)
class Granted:
    """What became of an item: a status code, and if that is good its number and how often it is sampled."""

    code: int
    id: int
    sampling_s: float
    is_asked: bool = True
    """Whether the server judged this very item; if not it refused a request that held it, with this code."""


class OpcUaSession:
    """A session; `lost` is set when the connection breaks or the server stops answering."""

    def __init__(
        self,
        *,
        url: str,
        timeout_s: float,
        identity: Identity | None = None,
        security: Security | None = None,
    ) -> None:
        self.timeout_s, self.identity, self.security = timeout_s, identity or Identity(), security
        self.lost = asyncio.Event()
        self.client = CarefulClient(url, timeout=timeout_s, watchdog_intervall=timeout_s)
        self.client.application_uri = APPLICATION_URI
        self.client.session_timeout = 1000 * max(SESSION_MIN_S, SESSION_TIMEOUTS * timeout_s)
        self.client.connection_lost_callback = self.on_lost
        self.services = self.client.uaclient.session
        self.namespaces: tuple[str, ...] = ()
        self.at_once = dict.fromkeys((READ, MONITOR, BROWSE, TRANSLATE), AT_ONCE_MAX)

    async def open(self) -> None:
        """Connect, and learn what the server allows and names; raises `SessionFailure`."""
        async with self.limited(OPEN_STEPS * self.timeout_s):
            await identify(self.client, self.identity)
            if self.security is not None:
                await secure(self.client, self.security)
            await self.client.connect()
            limits = await self.services.read_attributes(
                [ua.NodeId(number) for number in self.at_once], ua.AttributeIds.Value
            )
            for what, limit in zip(tuple(self.at_once), limits, strict=True):
                self.at_once[what] = min(number_in(limit) or AT_ONCE_MAX, AT_ONCE_MAX)
        await self.learn_namespaces()

    async def learn_namespaces(self) -> None:
        """Read the table of namespaces, whose order may be another after each start of the server."""
        async with self.limited():
            self.namespaces = tuple(await self.client.get_namespace_array())

    async def on_lost(self, _: Exception) -> None:
        """Told by the library."""
        self.lost.set()

    def namespace(self, named: str | int) -> int:
        """The index of a namespace by its URI; raises `NoNode`."""
        if isinstance(named, int):
            return named
        if named not in self.namespaces:
            raise NoNode("namespace_unknown")
        return self.namespaces.index(named)

    def node(self, text: str) -> ua.NodeId:
        """A node id by what the point table says; raises `NoNode`."""
        if text.startswith("nsu="):
            uri, _, rest = text.removeprefix("nsu=").partition(";")
            text = f"ns={self.namespace(uri)};{rest}"
        try:
            return ua.NodeId.from_string(text)
        except (ua.UaError, ValueError) as error:
            raise NoNode("node_id_unreadable") from error

    def text(self, node: ua.NodeId) -> str:
        """A node id as a point table has it, its namespace by name."""
        rest = node.to_string().partition(";")[2] if node.NamespaceIndex else node.to_string()
        if 0 < node.NamespaceIndex < len(self.namespaces):
            return f"nsu={self.namespaces[node.NamespaceIndex]};{rest}"
        return str(node.to_string())

    async def translate(self, paths: Sequence[BrowsePath]) -> list[ua.NodeId | str]:
        """The node at the end of each path from the Objects folder, or the name of what is wrong."""
        found: list[ua.NodeId | str] = []
        wanted: list[ua.BrowsePath] = []
        for path in paths:
            try:
                namespace = self.namespace(path.namespace)
            except NoNode as error:
                found.append(error.kind)
            else:
                found.append("")  # filled in below
                wanted.append(browse_path(path.steps, namespace))
        answers = iter(await self.in_parts(TRANSLATE, wanted, self.translate_part))
        return [target_of(next(answers)) if was == "" else was for was in found]

    async def translate_part(self, paths: Sequence[ua.BrowsePath]) -> list[ua.BrowsePathResult]:
        """The same for as many as the server takes at once."""
        answers: list[ua.BrowsePathResult] = await self.services.translate_browsepaths_to_nodeids(list(paths))
        return answers

    async def subscribe(self, period_s: float, publish: Callable[[ua.PublishResult], None]) -> Subscribed:
        """Begin a subscription that publishes every `period_s`; raises `ServiceFault` where the server refuses."""
        keep_alives = max(1, math.ceil(KEEP_ALIVE_S / period_s))
        async with self.limited():
            granted = await self.services.create_subscription(
                ua.CreateSubscriptionParameters(
                    RequestedPublishingInterval=1000 * period_s,
                    RequestedLifetimeCount=LIFETIME_KEEP_ALIVES * keep_alives,
                    RequestedMaxKeepAliveCount=keep_alives,
                    MaxNotificationsPerPublish=NOTIFICATIONS_MAX,
                ),
                publish,
            )
        interval_s = granted.RevisedPublishingInterval / 1000
        return Subscribed(granted.SubscriptionId, interval_s, interval_s * granted.RevisedMaxKeepAliveCount)

    async def monitor(self, subscription: int, items: Sequence[Item]) -> list[Granted]:
        """Watch nodes; raises `ServiceFault` where the server refuses to watch any."""

        def create(part: Sequence[Item]) -> Awaitable[list[ua.MonitoredItemCreateResult]]:
            wanted: Awaitable[list[ua.MonitoredItemCreateResult]] = self.services.create_monitored_items(
                ua.CreateMonitoredItemsParameters(
                    SubscriptionId=subscription,
                    TimestampsToReturn=ua.TimestampsToReturn.Both,
                    ItemsToCreate=[request_of(item) for item in part],
                )
            )
            return wanted

        granted: list[Granted] = []
        try:
            async for made in self.answers(MONITOR, items, create):
                granted += [
                    Granted(one.StatusCode.value, one.MonitoredItemId, one.RevisedSamplingInterval / 1000)
                    for one in made
                ]
        except ServiceFault as fault:
            if not granted:
                raise
            granted += [Granted(fault.code, 0, 0.0, is_asked=False)] * (len(items) - len(granted))
        return granted

    async def unmonitor(self, subscription: int, monitored: Sequence[int]) -> None:
        """Stop watching; what is not watched any more anyway is no fault."""
        for part in parts(monitored, self.at_once[MONITOR]):
            with suppress(ServiceFault):
                async with self.limited():
                    await self.services.delete_monitored_items(
                        ua.DeleteMonitoredItemsParameters(subscription, list(part))
                    )

    async def read(
        self, nodes: Sequence[ua.NodeId], attribute: ua.AttributeIds = ua.AttributeIds.Value
    ) -> list[ua.DataValue]:
        """Values (or another attribute) read from their sources now, with status and times."""

        def ask(part: Sequence[ua.NodeId]) -> Awaitable[list[ua.DataValue]]:
            wanted = [ua.ReadValueId(NodeId=node, AttributeId=attribute) for node in part]
            is_value = attribute == ua.AttributeIds.Value
            times = ua.TimestampsToReturn.Both if is_value else ua.TimestampsToReturn.Neither
            asked: Awaitable[list[ua.DataValue]] = self.services.read(
                ua.ReadParameters(MaxAge=0, TimestampsToReturn=times, NodesToRead=wanted)
            )
            return asked

        return await self.in_parts(READ, nodes, ask)

    async def below(self, nodes: Sequence[ua.NodeId]) -> list[list[ua.ReferenceDescription]]:
        """The objects and variables below each node; nothing for a node that is not there."""
        return await self.in_parts(BROWSE, nodes, self.below_part)

    async def below_part(self, nodes: Sequence[ua.NodeId]) -> list[list[ua.ReferenceDescription]]:
        """The same for as many nodes as the server takes at once."""
        answers = await self.services.browse(
            ua.BrowseParameters(NodesToBrowse=[browse_of(node) for node in nodes])
        )
        found = [list(answer.References or ()) for answer in answers]
        waiting = {
            at: answer.ContinuationPoint for at, answer in enumerate(answers) if answer.ContinuationPoint
        }
        for _ in range(BROWSE_ROUNDS_MAX):
            if not waiting:
                break
            more = await self.services.browse_next(
                ua.BrowseNextParameters(
                    ReleaseContinuationPoints=False, ContinuationPoints=list(waiting.values())
                )
            )
            for at, answer in zip(list(waiting), more, strict=True):
                found[at] += answer.References or ()
                waiting[at] = answer.ContinuationPoint
            waiting = {at: point for at, point in waiting.items() if point}
        return found

    async def in_parts(
        self, what: ua.ObjectIds, items: Sequence[T], ask: Callable[[Sequence[T]], Awaitable[list[Answer]]]
    ) -> list[Answer]:
        """An answer for each item; raises `SessionFailure`."""
        return [answer async for part in self.answers(what, items, ask) for answer in part]

    async def answers(
        self, what: ua.ObjectIds, items: Sequence[T], ask: Callable[[Sequence[T]], Awaitable[list[Answer]]]
    ) -> AsyncIterator[list[Answer]]:
        """The answers part by part, in parts that the server takes; raises `SessionFailure`."""
        at = 0
        while at < len(items):
            part = items[at : at + self.at_once[what]]
            try:
                async with self.limited():
                    answers = await ask(part)
            except ServiceFault as fault:
                if fault.kind not in TOO_MUCH or len(part) == 1:
                    raise
                self.at_once[what] = len(part) // 2
                continue
            if len(answers) != len(part):
                raise SessionFailure("answer_incomplete", "the server answered for fewer nodes than asked")
            yield answers
            at += len(part)

    async def close(self) -> None:
        """End the session, and at the latest after a timeout the connection."""
        try:
            with suppress(SessionFailure):
                async with self.limited():
                    await self.client.disconnect()
        finally:
            self.client.disconnect_socket()

    @asynccontextmanager
    async def limited(self, limit_s: float | None = None) -> AsyncIterator[None]:
        """A time limit, and one kind of error for all that goes wrong."""
        try:
            async with asyncio.timeout(2 * self.timeout_s if limit_s is None else limit_s):
                yield
        except SessionFailure:
            raise
        except TimeoutError as error:
            raise SessionFailure("timeout") from error
        except ua.UaStatusCodeError as error:
            raise ServiceFault(ua.StatusCode(error.code).name, error.code) from error
        except Exception as error:  # the library raises errors of many unrelated classes
            raise SessionFailure(type(error).__name__, str(error)) from error
        heed_cancellation()


def parts(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Items in parts of at most `size`."""
    return [items[at : at + size] for at in range(0, len(items), size)]
