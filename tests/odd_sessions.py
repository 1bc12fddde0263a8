"""What servers of other makers do otherwise, done to the sessions of a test server: refusals, limits, own ideas.

And what the sessions were asked for, so that a test can look at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession


@dataclass
class Odd:
    """Nothing is odd until a test makes it so; what it does then holds for the requests that follow."""

    refused: dict[str, int] = field(default_factory=dict)
    """Services that are refused as a whole, with the status code: `create_subscription`, `read`, …"""
    nodes_max: int = 1_000_000
    """Reading more at once is too much, whatever the server says of its limits."""
    paths_max: int = 1_000_000
    """Translating more at once is too much too."""
    items_max: int = 1_000_000
    """A request to watch more nodes in all is refused as a whole."""
    item_code: Callable[[ua.MonitoredItemCreateRequest], int] = lambda _: 0
    """The status code for a wish to watch a node; good makes it be watched."""
    is_silent: bool = False
    """Nodes are granted and nothing is ever sent of them."""
    slower: float = 0.0
    """Nodes are sampled every so many seconds, whatever the wish."""
    asked: Counter[str] = field(default_factory=Counter)
    """Services by how often they were asked for."""
    items: list[ua.MonitoredItemCreateRequest] = field(default_factory=list)
    """Every wish to watch a node, in order."""
    sessions: int = 0
    """How many were ever made."""

    def take_over(self, server: InternalServer) -> None:
        """Make every session of a server odd."""
        own = server.create_session

        def create_session(name: str, external: bool = False, **fields: object) -> InternalSession:
            if not external:
                return own(name, external=external, **fields)
            self.sessions += 1
            session = own(name, external=True, **fields)
            for service in ("create_subscription", "create_monitored_items", "read", "translate_browsepaths_to_nodeids",
                            "activate_session", "browse"):  # fmt: skip
                setattr(session, service, partial(self.serve, service, getattr(session, service)))
            return session

        server.create_session = create_session

    def serve(self, service: str, own: Callable[..., object], *given: object, **named: object) -> object:
        """A service as the library has it, unless it is odd."""
        self.asked[service] += 1
        if service in self.refused:
            raise ServiceError(self.refused[service])
        if service == "read" and len(given[0].NodesToRead) > self.nodes_max:  # type: ignore[attr-defined]
            raise ServiceError(ua.StatusCodes.BadTooManyOperations)
        if service == "translate_browsepaths_to_nodeids" and len(given[0]) > self.paths_max:  # type: ignore[arg-type]
            raise ServiceError(ua.StatusCodes.BadTooManyOperations)
        if service == "create_monitored_items":
            return self.create_items(own, given[0])
        return own(*given, **named)

    async def create_items(
        self, own: Callable[..., object], params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        """Watch those nodes that the server likes to."""
        wishes = list(params.ItemsToCreate)
        if len(self.items) + len(wishes) > self.items_max:
            raise ServiceError(ua.StatusCodes.BadTooManyMonitoredItems)
        self.items += wishes
        if self.is_silent:
            for wish in wishes:
                wish.MonitoringMode = ua.MonitoringMode.Disabled
        codes = [self.item_code(wish) for wish in wishes]
        params.ItemsToCreate = [wish for wish, code in zip(wishes, codes, strict=True) if not code]
        made = iter(await own(params))  # type: ignore[misc]
        results = [
            ua.MonitoredItemCreateResult(StatusCode=ua.StatusCode(code)) if code else next(made)
            for code in codes
        ]
        for result, wish in zip(results, wishes, strict=True):
            result.RevisedSamplingInterval = 1000 * self.slower or wish.RequestedParameters.SamplingInterval
        return results
