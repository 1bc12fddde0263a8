"""Reads a capture from start to end: each event becomes the moments to judge, then changes what is known."""

from __future__ import annotations

from collections.abc import Iterator

from contract.grading import address, envelope
from contract.grading.address import STATE, Address
from contract.grading.capture import Capture, Connected, Disconnected, Event, Published, Sight, Subscribed
from contract.grading.connection import Connection, connections
from contract.grading.host import Host, read_state
from contract.grading.moment import FROM_EDGE, NUMBERED, Kind, Known, Moment
from contract.grading.node import REBIRTH, Device, Node, Standing, will_bd_seq
from contract.proto.sparkplug_b_pb2 import Payload


class Book:
    """A capture as it is read."""

    def __init__(self, capture: Capture, primary_host: str | None = None) -> None:
        self.events = capture.events
        self.connection_of = connections(capture.events)
        self.known = Known(capture.sees, primary_host)
        if len({event.server for event in capture.events}) > 1:
            self.known.sees |= Sight.SERVERS
        if primary_host is not None:
            self.known.sees |= Sight.PRIMARY_HOST
        self.strangers = 0
        """Messages of other namespaces, which are not judged."""

    def moments(self) -> Iterator[Moment]:
        """Every moment, with what was known before it; what it changes is taken in when the next one is asked for."""
        at_ms = 0
        for index, event in enumerate(self.events):
            at_ms = event.at_ms
            connection = self.connection_of[index]
            match event:
                case Published():
                    yield from self.message(index, event, connection)
                case Connected():
                    yield from self.began(index, event, connection)
                case Subscribed():
                    if connection:
                        connection.subscriptions.append(event)
                case Disconnected():
                    yield from self.ended(index, event, connection)
        yield from self.last(len(self.events), at_ms)

    def message(self, index: int, event: Published, connection: Connection | None) -> Iterator[Moment]:
        """One message."""
        place = address.parse(event.topic)
        if place is None:
            self.strangers += 1
        elif is_clearing(event, self.known.sees):
            return
        elif place.fault:
            yield self.moment(index, event, Kind.STRAY, address=place, connection=connection)
        elif place.type == STATE:
            yield from self.state(index, event, place, connection)
        elif event.stored:
            yield self.moment(index, event, Kind.STORED, address=place)
        else:
            yield from self.of_node(index, event, place, connection)
        if connection:
            connection.published += 1
            connection.last_topic, connection.last_payload = event.topic, event.payload

    def of_node(
        self, index: int, event: Published, place: Address, connection: Connection | None
    ) -> Iterator[Moment]:
        """A node's or a device's message."""
        payload, kind = envelope.opened(event.payload), Kind(place.type)
        node = self.node(place.group, place.node)
        unseen = Standing.UNKNOWN if node.standing is Standing.UNKNOWN else Standing.UNBORN
        node.devices.setdefault(place.device, Device(unseen))
        moment = self.moment(index, event, kind, address=place, node=node, connection=connection)
        moment.payload, moment.is_readable = payload or Payload(), payload is not None
        yield moment
        if node.is_overdue(event.at_ms) and kind in FROM_EDGE and node.request:
            node.request.is_overdue = True
        if payload is not None:
            take(node, moment, payload)
        elif kind in NUMBERED:
            node.seq = None

    def state(
        self, index: int, event: Published, place: Address, connection: Connection | None
    ) -> Iterator[Moment]:
        """A host's STATE."""
        host = self.known.hosts.setdefault((event.server, place.host), Host(place.host, event.server))
        state = read_state(event.payload)
        kind = Kind.STATE_BIRTH if state.online else Kind.STATE_DEATH
        yield self.moment(index, event, kind, address=place, host=host, connection=connection)
        host.take(state, event.at_ms, connection)

    def began(self, index: int, event: Connected, connection: Connection | None) -> Iterator[Moment]:
        """A CONNECT."""
        if connection and connection.node:
            node = self.node(*connection.node)
            yield self.moment(index, event, Kind.EDGE_CONNECT, node=node, connection=connection)
            node.will_bd_seq = will_bd_seq(event)
            node.left_host_offline = False
            if node.standing is Standing.UNKNOWN:
                node.standing = node.devices[None].standing = Standing.UNBORN
        if connection and connection.host:
            host = self.known.hosts.setdefault(
                (event.server, connection.host), Host(connection.host, event.server)
            )
            yield self.moment(index, event, Kind.HOST_CONNECT, host=host, connection=connection)

    def ended(self, index: int, event: Disconnected, connection: Connection | None) -> Iterator[Moment]:
        """The end of a connection."""
        if connection is None:
            return
        if connection.node:
            node = self.node(*connection.node)
            moment = self.moment(index, event, Kind.EDGE_END, node=node, connection=connection)
            yield moment
            node.left_host_offline = moment.primary is not None and moment.primary.online is False
            node.left_server = event.server
        if connection.host:
            host = self.known.hosts.get((event.server, connection.host))
            yield self.moment(index, event, Kind.HOST_END, host=host, connection=connection)
        connection.is_open = False

    def last(self, index: int, at_ms: int) -> Iterator[Moment]:
        """The end of the capture, for each node and host."""
        for node in self.known.nodes.values():
            yield Moment(index, at_ms, Kind.NODE_LAST, self.known, node=node, connection=node.connection)
        for host in self.known.hosts.values():
            yield Moment(index, at_ms, Kind.HOST_LAST, self.known, host=host, connection=host.connection)

    def node(self, group: str, name: str) -> Node:
        """What is known of a node."""
        return self.known.nodes.setdefault((group, name), Node(group, name))

    def moment(
        self,
        index: int,
        event: Event,
        kind: Kind,
        *,
        address: Address | None = None,
        connection: Connection | None = None,
        node: Node | None = None,
        host: Host | None = None,
    ) -> Moment:
        """A moment at this event."""
        return Moment(
            index, event.at_ms, kind, self.known, event, address, connection=connection, node=node, host=host
        )


def is_clearing(event: Published, sees: Sight) -> bool:
    """An empty message: somebody removes what lay retained; nobody's certificate."""
    return not event.payload and (event.retain or Sight.RETAIN not in sees)


def take(node: Node, moment: Moment, payload: Payload) -> None:
    """What a readable message changes."""
    assert moment.address
    device = moment.address.device
    match moment.kind:
        case Kind.NBIRTH:
            node.birth(payload, moment.at_ms, moment.connection)
        case Kind.NDEATH:
            node.death(payload, moment.index, moment.connection)
        case Kind.DBIRTH if device is not None:
            node.device_birth(device, payload)
        case Kind.DDEATH if device is not None:
            node.device_death(device)
        case Kind.NDATA | Kind.DDATA:
            node.data(device, payload)
        case Kind.NCMD if is_rebirth_request(payload):
            node.ask_rebirth(moment.index, moment.at_ms)
        case _:
            pass
    if moment.kind in NUMBERED:
        node.seq = payload.seq if payload.HasField("seq") else None


def is_rebirth_request(payload: Payload) -> bool:
    """Does a command ask for the births?"""
    return any(metric.name == REBIRTH and metric.boolean_value for metric in payload.metrics)
