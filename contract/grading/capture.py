"""A capture: what somebody has seen of MQTT traffic, in the order in which it was seen.

Two kinds. A *subscriber* sees messages as the broker delivers them: nothing of connections, and of QoS and retain
only what its subscription lets through. A *tap*, a proxy before the broker, sees the packets that clients send.
`Sight` says which it was, and by that which clauses can be judged at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto


class Sight(Flag):
    """What a capture shows."""

    NOTHING = 0
    QOS = auto()
    """The QoS of a message is that of its publisher: subscribed at QoS 2, or tapped."""
    RETAIN = auto()
    """So is its retain flag: MQTT 5 with retain-as-published, or tapped."""
    CONNECTIONS = auto()
    """CONNECT, SUBSCRIBE and DISCONNECT packets are in it, and each message names its client."""
    SERVERS = auto()
    """More than one broker is in it."""
    PRIMARY_HOST = auto()
    """Known from outside: the host application that all edge nodes wait for."""


@dataclass(frozen=True, slots=True)
class Will:
    """What a client leaves with the broker when it connects."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


@dataclass(frozen=True, slots=True)
class Connected:
    """A CONNECT that the broker was sent."""

    at_ms: int
    client: str
    version: str
    """`3.1.1` or `5`."""
    clean_start: bool
    session_expiry_s: int = 0
    """MQTT 5; absent on the wire means 0."""
    will: Will | None = None
    server: str = ""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One topic filter of a SUBSCRIBE."""

    at_ms: int
    client: str
    filter: str
    qos: int
    server: str = ""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """A connection ended: by a DISCONNECT with this reason code (3.1.1: 0), or without one (`None`)."""

    at_ms: int
    client: str
    reason: int | None
    server: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A message."""

    at_ms: int
    topic: str
    payload: bytes
    qos: int
    retain: bool
    stored: bool = False
    """It lay retained at the broker when the subscriber came: published some time before."""
    client: str | None = None
    """Who published it, where that is seen; in a tap's capture `None` is the broker, who delivers a will."""
    server: str = ""


Event = Connected | Subscribed | Disconnected | Published


@dataclass(frozen=True, slots=True)
class Capture:
    """The events in order of arrival. Times are the recorder's clock, UTC milliseconds."""

    sees: Sight
    events: Sequence[Event]

    def of_group(self, group: str) -> Capture:
        """Without the messages of other groups' nodes and devices."""

        def concerns(event: Event) -> bool:
            if not isinstance(event, Published):
                return True
            levels = event.topic.split("/")
            return len(levels) < 3 or levels[1] in {group, "STATE"}  # noqa: PLR2004  (namespace/group/type)

        return Capture(self.sees, [event for event in self.events if concerns(event)])
