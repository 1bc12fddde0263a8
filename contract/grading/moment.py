"""What a clause's rule looks at: one thing that happened, and what was known before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar, cast

from contract.grading.address import Address
from contract.grading.capture import Event, Published, Sight
from contract.grading.connection import Connection
from contract.grading.host import Host
from contract.grading.node import Device, Metric, Node, Standing
from contract.proto.sparkplug_b_pb2 import Payload

Selected = TypeVar("Selected")


class Kind(StrEnum):
    """The sorts of moments."""

    NBIRTH = "NBIRTH"
    NDEATH = "NDEATH"
    NDATA = "NDATA"
    NCMD = "NCMD"
    DBIRTH = "DBIRTH"
    DDEATH = "DDEATH"
    DDATA = "DDATA"
    DCMD = "DCMD"
    STATE_BIRTH = "STATE online"
    STATE_DEATH = "STATE offline"
    STRAY = "stray"
    """A message below `spBv1.0/` whose topic has no Sparkplug form."""
    STORED = "stored"
    """A node's or device's message that lay retained at the broker."""
    EDGE_CONNECT = "edge node's CONNECT"
    EDGE_END = "edge node's connection ends"
    HOST_CONNECT = "host's CONNECT"
    HOST_END = "host's connection ends"
    NODE_LAST = "end of capture, node"
    HOST_LAST = "end of capture, host"


BIRTHS: Final = frozenset({Kind.NBIRTH, Kind.DBIRTH})
DATA: Final = frozenset({Kind.NDATA, Kind.DDATA})
COMMANDS: Final = frozenset({Kind.NCMD, Kind.DCMD})
STATES: Final = frozenset({Kind.STATE_BIRTH, Kind.STATE_DEATH})
OF_NODE: Final = frozenset({Kind.NBIRTH, Kind.NDATA, Kind.NDEATH, Kind.NCMD})
OF_DEVICE: Final = frozenset({Kind.DBIRTH, Kind.DDATA, Kind.DDEATH, Kind.DCMD})
FROM_EDGE: Final = BIRTHS | DATA | {Kind.NDEATH, Kind.DDEATH}
NUMBERED: Final = FROM_EDGE - {Kind.NDEATH}
"""These carry `seq`."""
MESSAGES: Final = OF_NODE | OF_DEVICE | STATES


@dataclass(slots=True)
class Known:
    """Everything known at one place of a capture."""

    sees: Sight
    primary_host: str | None = None
    """The host application that all edge nodes wait for, if somebody told us."""
    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)
    hosts: dict[tuple[str, str], Host] = field(default_factory=dict)
    """By server and host id."""


@dataclass(slots=True)
class Moment:
    """One event as a rule sees it. Rules read it and change nothing."""

    index: int
    """The event's place in the capture, from 0; at its end, the number of events."""
    at_ms: int
    kind: Kind
    known: Known
    event: Event | None = None
    address: Address | None = None
    payload: Payload = field(default_factory=Payload)
    is_readable: bool = True
    """The bytes were a Sparkplug B payload; if not, `payload` is empty and most rules are not asked."""
    connection: Connection | None = None
    node: Node | None = None
    host: Host | None = None
    selections: dict[object, object] = field(default_factory=dict)

    def select(self, by: Callable[[Moment], Selected]) -> Selected:
        """What a function selects from this moment; asked once, though many clauses need it."""
        if by not in self.selections:
            self.selections[by] = by(self)
        return cast("Selected", self.selections[by])

    def sees(self, sight: Sight) -> bool:
        """Whether the capture shows this."""
        return sight in self.known.sees

    @property
    def published(self) -> Published:
        """The message; of moments that are one."""
        assert isinstance(self.event, Published)
        return self.event

    @property
    def device(self) -> Device | None:
        """The device that a message is of; the node itself for node messages."""
        if self.node is None or self.address is None:
            return None
        return self.node.devices.get(self.address.device)

    @property
    def standing(self) -> Standing:
        """Whether the node's session has begun; on a newer connection than that of its last birth, it has not."""
        if self.node is None:
            return Standing.UNKNOWN
        mine, born = self.connection, self.node.connection
        if self.node.standing is Standing.BORN and mine and born and mine.order > born.order:
            return Standing.UNBORN
        return self.node.standing

    @property
    def primary(self) -> Host | None:
        """The primary host as known on this server."""
        if self.known.primary_host is None or self.event is None:
            return None
        return self.known.hosts.get((self.event.server, self.known.primary_host))

    def declared(self, metric: Payload.Metric) -> Metric | None:
        """What the birth said of a metric, found by name, else by alias."""
        device = self.device
        if device is None or self.node is None:
            return None
        if metric.name:
            return device.metrics.get(metric.name)
        return self.node.aliases.get(metric.alias) if metric.HasField("alias") else None
