"""Connections of a tapped capture: who a client is, by its will and by what it publishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from contract.grading import address
from contract.grading.capture import Connected, Disconnected, Event, Published, Subscribed


@dataclass(slots=True)
class Connection:
    """From one CONNECT to its end."""

    order: int
    """Of two, the one with the higher number came later."""
    connected: Connected
    node: tuple[str, str] | None = None
    """Group and node, if this is an edge node's."""
    host: str | None = None
    """Host id, if this is a host application's."""
    subscriptions: list[Subscribed] = field(default_factory=list)
    published: int = 0
    last_topic: str = ""
    last_payload: bytes = b""
    is_open: bool = True

    def covers(self, topic: str) -> Subscribed | None:
        """The subscription, if any, that brings messages of a topic; of several, the one of highest QoS."""
        found = [held for held in self.subscriptions if matches(held.filter, topic)]
        return max(found, key=lambda held: held.qos, default=None)


def matches(pattern: str, topic: str) -> bool:
    """Does a topic filter select a topic?"""
    wanted, levels = pattern.split("/"), topic.split("/")
    for place, word in enumerate(wanted):
        if word == "#":
            return True
        if place == len(levels) or word not in {"+", levels[place]}:
            return False
    return len(wanted) == len(levels)


def connections(events: Sequence[Event]) -> list[Connection | None]:
    """The connection of each event, with the roles that come out in the course of the capture."""
    open_now: dict[tuple[str, str], Connection] = {}
    found: list[Connection | None] = []
    for order, event in enumerate(events):
        if isinstance(event, Connected):
            open_now[event.server, event.client] = Connection(order, event)
            if event.will:
                assign(open_now[event.server, event.client], event.will.topic)
        connection = open_now.get((event.server, event.client)) if event.client is not None else None
        if connection and isinstance(event, Published):
            assign(connection, event.topic)
        found.append(connection)
        if isinstance(event, Disconnected):
            open_now.pop((event.server, event.client), None)
    return found


def assign(connection: Connection, topic: str) -> None:
    """Only an edge node publishes births, data and deaths; only a host its STATE."""
    place = address.parse(topic)
    if place is None or place.fault:
        return
    if place.type == address.STATE:
        connection.host = place.host
    elif place.type not in {"NCMD", "DCMD"}:
        connection.node = (place.group, place.node)
