"""What an edge node has published so far: its session, what its births declared, what it owes.

Facts only; what follows from them is judged in the clauses' modules. A capture may begin in the middle of a session:
then standing, numbers and declarations are unknown, and unknown accuses nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from google.protobuf.message import Message

from contract.grading import envelope
from contract.grading.capture import Connected
from contract.grading.connection import Connection
from contract.proto.sparkplug_b_pb2 import Payload
from contract.sequence import MODULUS, distance

BD_SEQ: Final = "bdSeq"
REBIRTH: Final = "Node Control/Rebirth"
QUALITY: Final = "Quality"
DEBOUNCE_MS: Final = 5_000
"""A request so soon after a birth may be taken as answered by it; Tahu's edge nodes wait as long."""
GRACE_MS: Final = 10_000
"""So long may an answer take, or what was under way still come."""

GOOD: Final = 192

Content = tuple[object, bool, int]


class Standing(Enum):
    """Of a node or a device, as far as the capture shows."""

    UNKNOWN = auto()
    UNBORN = auto()
    BORN = auto()
    DEAD = auto()


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as a birth declared it."""

    name: str
    device: str | None
    alias: int | None
    datatype: int


@dataclass(slots=True)
class Device:
    """A device, or the node's own metrics."""

    standing: Standing = Standing.UNKNOWN
    metrics: dict[str, Metric] = field(default_factory=dict)
    contents: dict[str, Content] = field(default_factory=dict)
    """Newest value of each metric."""
    has_early_data: bool = False
    """Data came in this session before its birth."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template definition: names of its members and parameters."""

    members: frozenset[str]
    parameters: frozenset[str]


@dataclass(slots=True)
class Request:
    """A rebirth request that waits for its answer."""

    index: int
    at_ms: int
    is_overdue: bool = False
    """A moment past the grace has been judged already."""


@dataclass(frozen=True, slots=True)
class OddDeath:
    """An NDEATH whose number fits no birth, though a session stands."""

    index: int
    bd_seq: int | None


@dataclass(slots=True)
class Node:
    """One edge node."""

    group: str
    name: str
    standing: Standing = Standing.UNKNOWN
    seq: int | None = None
    """Of its last message; `None` where the next one's cannot be told."""
    bd_seq: int | None = None
    """Of its last birth."""
    born_bd_seqs: set[int] = field(default_factory=set)
    born_at_ms: int | None = None
    devices: dict[str | None, Device] = field(default_factory=lambda: {None: Device()})
    aliases: dict[int, Metric] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    request: Request | None = None
    awaited: set[str] = field(default_factory=set)
    """Devices that were online before a rebirth which was asked for, and are not born again."""
    odd_death: OddDeath | None = None
    connection: Connection | None = None
    """The one of its last birth."""
    will_bd_seq: int | None = None
    """Of its last CONNECT; `None` before one was seen."""
    left_host_offline: bool = False
    """Its last connection ended while its primary host was offline."""
    left_server: str = ""

    def birth(self, payload: Payload, at_ms: int, connection: Connection | None) -> None:
        """NBIRTH: everything declared before is void."""
        number = bd_seq_of(payload)
        is_same_session = self.standing is Standing.BORN and number == self.bd_seq
        online = {name for name, held in self.devices.items() if name and held.standing is Standing.BORN}
        self.awaited = online if self.request and is_same_session else set()
        self.standing, self.request, self.odd_death = Standing.BORN, None, None
        self.bd_seq, self.born_at_ms, self.connection = number, at_ms, connection
        if number is not None and number < MODULUS:
            self.born_bd_seqs.add(number)
        self.aliases.clear()
        self.templates = definitions(payload)
        self.devices = {name: Device(Standing.UNBORN) for name in self.devices}
        self.declare(None, payload)

    def device_birth(self, name: str, payload: Payload) -> None:
        """DBIRTH."""
        self.awaited.discard(name)
        self.aliases = {alias: held for alias, held in self.aliases.items() if held.device != name}
        self.declare(name, payload)

    def declare(self, device: str | None, payload: Payload) -> None:
        """What a birth's metrics are."""
        held = Device(Standing.BORN)
        for metric in payload.metrics:
            alias = metric.alias if metric.HasField("alias") else None
            declared = Metric(metric.name, device, alias, metric.datatype)
            held.metrics[metric.name] = declared
            held.contents[metric.name] = content(metric)
            if alias is not None:
                self.aliases[alias] = declared
        self.devices[device] = held

    def data(self, name: str | None, payload: Payload) -> None:
        """NDATA or DDATA."""
        device = self.devices.setdefault(name, Device())
        device.has_early_data |= device.standing is Standing.UNBORN
        for metric in payload.metrics:
            declared = device.metrics.get(metric.name) if metric.name else self.aliases.get(metric.alias)
            if declared and not metric.is_historical:
                device.contents[declared.name] = content(metric)

    def device_death(self, name: str) -> None:
        """DDEATH."""
        self.devices[name] = Device(Standing.DEAD)
        self.awaited.discard(name)

    def death(self, payload: Payload, index: int, connection: Connection | None) -> None:
        """NDEATH: of the session that stands, of an earlier one, or of none that was seen."""
        number = bd_seq_of(payload)
        if self.standing is not Standing.BORN:
            return
        if number == self.bd_seq:
            self.standing, self.seq, self.request, self.odd_death = Standing.UNBORN, None, None, None
            self.awaited = set()
            self.devices = {name: Device(Standing.UNBORN) for name in self.devices}
        elif number not in self.born_bd_seqs and (connection is None or connection is not self.connection):
            self.odd_death = OddDeath(index, number)

    def ask_rebirth(self, index: int, at_ms: int) -> None:
        """A rebirth request went out to it."""
        is_fresh = self.born_at_ms is not None and at_ms - self.born_at_ms < DEBOUNCE_MS
        if self.request is None and not is_fresh:
            self.request = Request(index, at_ms)

    def explains(self, odd: OddDeath, next_bd_seq: int | None) -> bool:
        """Could the odd death be the will of a connection that broke before its birth?"""
        if None in (odd.bd_seq, self.bd_seq, next_bd_seq):
            return False
        assert odd.bd_seq is not None
        assert self.bd_seq is not None
        assert next_bd_seq is not None
        return 0 < distance(self.bd_seq, odd.bd_seq) < distance(self.bd_seq, next_bd_seq)

    def is_overdue(self, now_ms: int) -> bool:
        """The rebirth asked for has not come in time, and this was not found before."""
        request = self.request
        return request is not None and not request.is_overdue and now_ms - request.at_ms > GRACE_MS


def bd_seq_of(payload: Payload) -> int | None:
    """The session number in a birth or a death."""
    for metric in payload.metrics:
        if metric.name == BD_SEQ:
            field_name = metric.WhichOneof("value")
            return int(getattr(metric, field_name)) if field_name in {"long_value", "int_value"} else None
    return None


def will_bd_seq(connected: Connected) -> int | None:
    """The session number in a will."""
    payload = envelope.opened(connected.will.payload) if connected.will else None
    return bd_seq_of(payload) if payload else None


def content(metric: Payload.Metric) -> Content:
    """Value, null flag and quality: what a host would see change."""
    held = metric.WhichOneof("value")
    value: object = getattr(metric, held) if held else None
    if isinstance(value, Message):
        value = value.SerializeToString()
    qualities = (
        property_value.int_value
        for key, property_value in zip(metric.properties.keys, metric.properties.values, strict=False)
        if key == QUALITY
    )
    return value, metric.is_null, next(qualities, GOOD)


def definitions(payload: Payload) -> dict[str, Template]:
    """The template definitions of an NBIRTH by name."""
    return {
        metric.name: Template(
            frozenset(member.name for member in metric.template_value.metrics),
            frozenset(parameter.name for parameter in metric.template_value.parameters),
        )
        for metric in payload.metrics
        if metric.HasField("template_value") and metric.template_value.is_definition
    }
