"""A Sparkplug edge node of nobody in particular: payloads put together field by field, none of our session code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contract.proto.sparkplug_b_pb2 import Payload
from gateway.ingest.actions import Action, Command, LinkChanged, Record
from gateway.ingest.host_session import HostSession
from gateway.ingest.node import NodeKey, Sample
from gateway.ingest.router import route

GROUP, NODE, AREA = "990000000001", "gw-1", "F1"
KEY = NodeKey(GROUP, NODE)
T0 = 1_700_000_000_000
INT32, INT64, DOUBLE, BOOLEAN, STRING = 3, 4, 10, 11, 12

Message = tuple[str, bytes]


def metric(name: str = "", *, alias: int | None = None, at: int = T0, **fields: Any) -> Payload.Metric:
    """A metric; `fields` are those of the payload's definition (`datatype=10, double_value=1.5`)."""
    made = Payload.Metric(timestamp=at, **fields)
    if name:
        made.name = name
    if alias is not None:
        made.alias = alias
    return made


def bd_seq_metric(number: int) -> Payload.Metric:
    """The session's number."""
    return metric("bdSeq", datatype=INT64, long_value=number)


FLOW = metric("Pump 1/Flow", alias=1, datatype=DOUBLE, double_value=1.0)
MODE = metric("Control/Mode", alias=2, datatype=STRING, string_value="auto")


def flow(value: float, at: int) -> Payload.Metric:
    """A later value of `FLOW`, by alias."""
    return metric(alias=1, at=at, double_value=value)


@dataclass
class Peer:
    """Numbers its messages; `seq` is that of the next one."""

    group: str = GROUP
    node: str = NODE
    seq: int = 0
    bd_seq: int = 0

    def message(self, kind: str, device: str | None, metrics: tuple[Payload.Metric, ...], at: int) -> Message:
        """A message with the next `seq`."""
        payload = Payload(timestamp=at, seq=self.seq, metrics=metrics)
        self.seq = (self.seq + 1) % 256
        topic = f"spBv1.0/{self.group}/{kind}/{self.node}" + (f"/{device}" if device else "")
        return topic, payload.SerializeToString()

    def nbirth(self, *metrics: Payload.Metric, at: int = T0) -> Message:
        self.seq = 0
        return self.message("NBIRTH", None, (bd_seq_metric(self.bd_seq), *metrics), at)

    def dbirth(self, *metrics: Payload.Metric, device: str = AREA, at: int = T0) -> Message:
        return self.message("DBIRTH", device, metrics, at)

    def ndata(self, *metrics: Payload.Metric, at: int = T0) -> Message:
        return self.message("NDATA", None, metrics, at)

    def ddata(self, *metrics: Payload.Metric, device: str = AREA, at: int = T0) -> Message:
        return self.message("DDATA", device, metrics, at)

    def ddeath(self, device: str = AREA, at: int = T0) -> Message:
        return self.message("DDEATH", device, (), at)

    def ndeath(self, bd_seq: int | None = None) -> Message:
        number = self.bd_seq if bd_seq is None else bd_seq
        payload = Payload(timestamp=T0, metrics=[bd_seq_metric(number)])
        return f"spBv1.0/{self.group}/NDEATH/{self.node}", payload.SerializeToString()


def host(**limits: float) -> HostSession:
    """A host with the real router."""
    return HostSession(route, **limits)  # type: ignore[arg-type]  # limits by name, each of its own type


def born(**limits: float) -> tuple[HostSession, Peer]:
    """A host that has seen the births of a node with one device."""
    session, peer = host(**limits), Peer()
    for message in (peer.nbirth(), peer.dbirth(FLOW, MODE)):
        session.message(*message, T0)
    return session, peer


def samples(actions: list[Action]) -> list[Sample]:
    """Every sample of every record."""
    return [sample for action in actions if isinstance(action, Record) for sample in action.samples]


def values(actions: list[Action]) -> list[tuple[str, object, int]]:
    """Metric, value, time."""
    return [(sample.metric.name, sample.value, sample.at_ms - T0) for sample in samples(actions)]


def commands(actions: list[Action]) -> list[Payload]:
    """The commands' payloads."""
    return [Payload.FromString(action.payload) for action in actions if isinstance(action, Command)]


def is_rebirth(payload: Payload) -> bool:
    """Whether a command asks for a rebirth."""
    return any(one.name == "Node Control/Rebirth" and one.boolean_value for one in payload.metrics)


def rebirths(actions: list[Action]) -> int:
    """How many rebirths the actions ask for."""
    return sum(map(is_rebirth, commands(actions)))


def links(actions: list[Action]) -> list[bool]:
    """Changes of the link."""
    return [action.online for action in actions if isinstance(action, LinkChanged)]


def state(session: HostSession, name: str = "Pump 1/Flow", device: str | None = AREA) -> tuple[object, ...]:
    """Newest value, quality and time of a metric as the host sees it."""
    found = session.nodes[KEY].devices[device].metrics[name]
    return found.value, found.quality, found.at_ms - T0
