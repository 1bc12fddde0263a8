"""One session with an OPC UA server, opened once and closed for good; everything in it has a time limit.

A new client for every session and a limit outside of it, since a client that is connected again may hang for ever
(FreeOpcUa/opcua-asyncio#1660). The library's reconnecting is off; its probing of the server's state is on and ends
a session with a dead server. Closing ends the session on the server too; one that could not be ended there, since
the connection broke, is dropped by the server after a few timeouts, so that such sessions never pile up.

Only the services for reading and subscribing are used here. The services are called directly, not through the
library's subscription objects: those make a task for every value.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from asyncua import Client, ua

from contract.errors import Rejected, Transient
from edge_agent.cancellation import heed_cancellation

# What the library has to say is counted; its log repeats a traceback for each attempt to reach an absent server.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)

T = TypeVar("T")

APPLICATION_URI: Final = "urn:ninebelow:edge"
"""Must stand in the agent's certificate."""
SESSION_MIN_S: Final = 10.0
SESSION_TIMEOUTS: Final = 4
"""How long a server keeps a session of which it hears nothing, in timeouts; we ask every timeout."""
KEEP_ALIVE_S: Final = 5.0
"""A subscription without news says so this often."""
LIFETIME_KEEP_ALIVES: Final = 6
"""A subscription that nobody listens to ends after so many."""
QUEUE: Final = 10
"""Values of one node that the server keeps between two publications; the oldest go first."""
NOTIFICATIONS_MAX: Final = 1000
"""Values in one publication; the server sends the rest in the next."""
AT_ONCE_MAX: Final = 500
"""Nodes in one call, unless the server allows fewer."""
OPEN_STEPS: Final = 4
"""Opening takes several exchanges, and may take as many timeouts."""
LIMITS: Final = (
    ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
    ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
)


class SessionFailure(Transient):
    """The session is of no more use; `kind` is what is counted."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class NoNode(Rejected):
    """A node id that means nothing to this server; `kind` is what is counted."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Security:
    """Signed and encrypted with certificates; the server's own is pinned, so an impostor is refused."""

    policy: str
    """Such as `Basic256Sha256`."""
    mode: str
    """`Sign` or `SignAndEncrypt`."""
    certificate: Path
    key: Path
    server_certificate: Path


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as the server granted it."""

    id: int
    keep_alive_s: float


@dataclass(frozen=True, slots=True)
class Item:
    """A node to be watched: the number that comes back with its values, and how often it is sampled."""

    handle: int
    node: ua.NodeId
    sampling_s: float


class OpcUaSession:
    """A session; `lost` is set when the connection breaks or the server stops answering."""

    def __init__(
        self,
        *,
        url: str,
        timeout_s: float,
        username: str | None = None,
        password: str | None = None,
        security: Security | None = None,
    ) -> None:
        self.timeout_s, self.security = timeout_s, security
        self.lost = asyncio.Event()
        self.client = Client(url, timeout=timeout_s, watchdog_intervall=timeout_s)
        self.client.application_uri = APPLICATION_URI
        self.client.session_timeout = 1000 * max(SESSION_MIN_S, SESSION_TIMEOUTS * timeout_s)
        self.client.connection_lost_callback = self.on_lost
        if username is not None:
            self.client.set_user(username)
            self.client.set_password(password or "")
        self.services = self.client.uaclient.session
        self.namespaces: list[str] = []
        self.read_max = self.monitored_max = AT_ONCE_MAX

    async def open(self) -> None:
        """Connect, and learn what the server allows and names; raises `SessionFailure`."""
        async with self.limited(OPEN_STEPS * self.timeout_s):
            if self.security is not None:
                files = (self.security.certificate, self.security.key, self.security.server_certificate)
                await self.client.set_security_string(
                    ",".join([self.security.policy, self.security.mode, *map(str, files)])
                )
            await self.client.connect()
            limits = await self.services.read_attributes(
                [ua.NodeId(number) for number in LIMITS], ua.AttributeIds.Value
            )
            self.read_max, self.monitored_max = (
                min(limit.Value.Value or AT_ONCE_MAX, AT_ONCE_MAX) for limit in limits
            )
        await self.learn_namespaces()

    async def learn_namespaces(self) -> None:
        """Read the table of namespaces, whose order may be another after each start of the server."""
        async with self.limited():
            self.namespaces = list(await self.client.get_namespace_array())

    async def on_lost(self, _: Exception) -> None:
        """Told by the library."""
        self.lost.set()

    def node(self, text: str) -> ua.NodeId:
        """A node id by what the point table says; raises `NoNode`."""
        if text.startswith("nsu="):
            uri, _, rest = text.removeprefix("nsu=").partition(";")
            if uri not in self.namespaces:
                raise NoNode("namespace_unknown")
            text = f"ns={self.namespaces.index(uri)};{rest}"
        try:
            return ua.NodeId.from_string(text)
        except (ua.UaError, ValueError) as error:
            raise NoNode("node_id_unreadable") from error

    async def subscribe(self, period_s: float, publish: Callable[[ua.PublishResult], None]) -> Subscribed:
        """Begin a subscription that publishes every `period_s`."""
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
        return Subscribed(granted.SubscriptionId, interval_s * granted.RevisedMaxKeepAliveCount)

    async def monitor(self, subscription: int, items: Sequence[Item]) -> list[tuple[int, int]]:
        """Watch nodes: for each its status code and, if that is good, the number of its monitored item."""
        results: list[tuple[int, int]] = []
        for part in parts(items, self.monitored_max):
            async with self.limited():
                results += [
                    (result.StatusCode.value, result.MonitoredItemId)
                    for result in await self.services.create_monitored_items(
                        ua.CreateMonitoredItemsParameters(
                            SubscriptionId=subscription,
                            TimestampsToReturn=ua.TimestampsToReturn.Source,
                            ItemsToCreate=[request_of(item) for item in part],
                        )
                    )
                ]
        return results

    async def unmonitor(self, subscription: int, monitored: Sequence[int]) -> None:
        """Stop watching; what is not watched any more anyway is no fault."""
        for part in parts(monitored, self.monitored_max):
            async with self.limited():
                with suppress(ua.UaStatusCodeError):
                    await self.services.delete_monitored_items(
                        ua.DeleteMonitoredItemsParameters(subscription, list(part))
                    )

    async def read(self, nodes: Sequence[ua.NodeId]) -> list[ua.DataValue]:
        """Values read from their sources now, with status; at most `read_max` at once."""
        wanted = [ua.ReadValueId(NodeId=node, AttributeId=ua.AttributeIds.Value) for node in nodes]
        async with self.limited():
            values: list[ua.DataValue] = await self.services.read(
                ua.ReadParameters(
                    MaxAge=0, TimestampsToReturn=ua.TimestampsToReturn.Neither, NodesToRead=wanted
                )
            )
        return values

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
        except TimeoutError as error:
            raise SessionFailure("timeout") from error
        except Exception as error:  # the library raises errors of many unrelated classes
            raise SessionFailure(type(error).__name__) from error
        heed_cancellation()


def request_of(item: Item) -> ua.MonitoredItemCreateRequest:
    """How a node is to be watched: every change of its status or value, sampled and kept by the server."""
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(NodeId=item.node, AttributeId=ua.AttributeIds.Value),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=ua.MonitoringParameters(
            ClientHandle=item.handle,
            SamplingInterval=1000 * item.sampling_s,
            QueueSize=QUEUE,
            DiscardOldest=True,
        ),
    )


def parts(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Items in parts of at most `size`."""
    return [items[at : at + size] for at in range(0, len(items), size)]
