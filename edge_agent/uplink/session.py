"""One edge node's Sparkplug session.

Rule 1: everything that affects the session lives in this file. Rule 2: nothing here awaits, sleeps, logs or
reads a clock.

Life of a session (Sparkplug 3.0, chapters 5 and 6)
- `will` before each CONNECT: NDEATH with a new `bdSeq` (tck-id-topics-nbirth-bdseq-increment), QoS 1.
- `births`: NBIRTH with `seq` 0, then one DBIRTH per device that is there, before any data
  (tck-id-principles-birth-certificates-order, payloads-dbirth-order).
- `data`: DDATA by alias only, of devices that are born; `seq` runs over all messages of the node but NDEATH.
- `device_death` when a device is lost, `device_birth` when it is back, or has kept batches to send
  (tck-id-operational-behavior-device-ddeath).
- `command`: a rebirth request is answered by the births again with the same `bdSeq`
  (tck-id-operational-behavior-data-commands-rebirth-action-2); a commit is handed out.
- `farewell`: NDEATH with the session's own `bdSeq` and no `seq` (tck-id-topics-ndeath-seq).

A batch's body is already encoded; protobuf messages merge when their bytes stand one after the other, so
`data` only appends what belongs to the session: timestamp, `seq` and the batch number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contract import delivery, payload
from contract.datatype import DataType, Value
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from contract.sequence import successor
from contract.topic import MessageType, Topic


@dataclass(frozen=True, slots=True)
class Publish:
    """One message to publish; data and births go out at QoS 0, not retained (tck-id-topics-ddata-mqtt)."""

    topic: str
    payload: bytes
    qos: int = 0


@dataclass(frozen=True, slots=True)
class Committed:
    """The centre says: all batches up to `number` of `epoch` are stored."""

    epoch: str
    number: int
    at_ms: int = 0
    """When, by the centre's clock."""


@dataclass(frozen=True, slots=True)
class Rebirth:
    """A host asks for the births again."""


Command = Committed | Rebirth


@dataclass(frozen=True, slots=True)
class Declared:
    """A metric as a birth declares it."""

    name: str
    alias: int
    datatype: DataType
    properties: Mapping[str, str | float]


@dataclass(slots=True)
class Latest:
    """The newest value of a metric; a metric never read yet is stale, without value."""

    value: Value | None = None
    quality: Quality = Quality.STALE
    at_ms: int = 0


@dataclass(slots=True)
class EdgeSession:
    """The session's state: who we are, what we declare, and the two counters."""

    group: str
    node: str
    epoch: str
    devices: Mapping[str, Sequence[Declared]]
    batch_alias: Mapping[str, int]
    """Alias of each device's own `Delivery/Batch`."""
    latest: Mapping[int, Latest]
    """Newest values by alias; kept up to date by the owner."""
    since_ms: int
    """When the owner started: what it has not read yet is stale since then."""
    with_type: bool = False
    bd_seq: int = 0
    seq: int = 0
    online: bool = field(default=False)
    born: set[str] = field(default_factory=set)
    """Devices that are born in this session and have not died."""

    def will(self, bd_seq: int, now_ms: int) -> Publish:
        """The NDEATH to leave with the broker for this connection attempt."""
        self.bd_seq = bd_seq
        self.online = False
        self.born.clear()
        return self.death(now_ms)

    def farewell(self, now_ms: int) -> Publish:
        """The NDEATH of an intentional stop (tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath)."""
        self.online = False
        self.born.clear()
        return self.death(now_ms)

    def death(self, now_ms: int) -> Publish:
        """NDEATH: `bdSeq` and nothing else."""
        message = Payload(timestamp=now_ms)
        payload.add(message, self.bd_seq, DataType.INT64, at_ms=now_ms, name=delivery.BD_SEQ)
        return Publish(self.topic(MessageType.NDEATH), message.SerializeToString(), qos=1)

    def births(
        self, oldest: int, now_ms: int, *, lost: Collection[str] = (), given_up: int = 0
    ) -> list[Publish]:
        """NBIRTH and a DBIRTH of every device that is not lost; the session is online from here on.

        `given_up` is how many readings were, since the epoch began.
        """
        self.online = True
        self.seq = 0
        self.born.clear()
        births = [self.node_birth(oldest, given_up, now_ms)]
        return births + [self.device_birth(name, now_ms) for name in self.devices if name not in lost]

    def node_birth(self, oldest: int, given_up: int, now_ms: int) -> Publish:
        """NBIRTH with `seq` 0 (tck-id-topics-nbirth-seq-num)."""
        message = Payload(timestamp=now_ms, seq=self.seq)
        declare(message, delivery.BD_SEQ, DataType.INT64, self.bd_seq, now_ms)
        declare(message, delivery.REBIRTH, DataType.BOOLEAN, False, now_ms)
        declare(message, delivery.EPOCH, DataType.STRING, self.epoch, now_ms)
        declare(message, delivery.OLDEST, DataType.INT64, oldest, now_ms)
        declare(message, delivery.BATCH, DataType.INT64, None, now_ms)
        declare(message, delivery.COMMITTED, DataType.INT64, oldest - 1, now_ms)
        declare(message, delivery.DROPPED, DataType.STRING, None, now_ms)
        declare(message, delivery.THINNED, DataType.STRING, None, now_ms)
        declare(message, delivery.LOST, DataType.INT64, given_up, now_ms)
        return Publish(self.topic(MessageType.NBIRTH), message.SerializeToString())

    def device_birth(self, device: str, now_ms: int) -> Publish:
        """DBIRTH: name, alias, type, newest value, unit and role of every metric, in the order of their times.

        tck-id-operational-behavior-data-publish-dbirth-order.
        """
        self.born.add(device)
        self.seq = successor(self.seq)
        message = Payload(timestamp=now_ms, seq=self.seq)
        unread = Latest(at_ms=self.since_ms)
        found = [(self.latest.get(metric.alias, unread), metric) for metric in self.devices[device]]
        found.sort(key=lambda pair: pair[0].at_ms)
        for newest, metric in found:
            payload.add(
                message,
                newest.value,
                metric.datatype,
                at_ms=newest.at_ms,
                name=metric.name,
                alias=metric.alias,
                quality_of=newest.quality,
                properties=metric.properties,
            )
        at_ms = max(now_ms, found[-1][0].at_ms) if found else now_ms
        payload.add(
            message, None, DataType.INT64, at_ms=at_ms, name=delivery.BATCH, alias=self.batch_alias[device]
        )
        return Publish(self.topic(MessageType.DBIRTH, device), message.SerializeToString())

    def device_death(self, device: str, now_ms: int) -> Publish:
        """DDEATH: nothing but `seq` and time (tck-id-topics-ddeath-seq-num)."""
        self.born.discard(device)
        self.seq = successor(self.seq)
        message = Payload(timestamp=now_ms, seq=self.seq)
        return Publish(self.topic(MessageType.DDEATH, device), message.SerializeToString())

    def data(self, device: str, body: bytes, number: int | None, now_ms: int, newest_ms: int = 0) -> Publish:
        """DDATA: an encoded body, with the batch number where it is a batch.

        `newest_ms` is the time of the body's last value, and the number does not lie before it
        (tck-id-operational-behavior-data-publish-dbirth-order).
        """
        assert self.online, "data before birth"
        assert device in self.born, "data of a device that is not born"
        self.seq = successor(self.seq)
        tail = Payload(timestamp=now_ms, seq=self.seq)
        if number is not None:
            at_ms = max(now_ms, newest_ms)
            metric = tail.metrics.add(alias=self.batch_alias[device], timestamp=at_ms, long_value=number)
            if self.with_type:
                metric.datatype = DataType.INT64
        return Publish(self.topic(MessageType.DDATA, device), body + tail.SerializeToString())

    def refresh(self, device: str, aliases: Iterable[int], now_ms: int) -> Publish | None:
        """DDATA with the newest values of these metrics as ordinary data; `None` if none has any yet."""
        message = Payload()
        types = {metric.alias: metric.datatype for metric in self.devices[device]}
        found = [
            (self.latest[alias].at_ms, alias) for alias in aliases if alias in types and alias in self.latest
        ]
        for at_ms, alias in sorted(found):
            newest = self.latest[alias]
            payload.add(
                message,
                newest.value,
                types[alias],
                at_ms=at_ms,
                alias=alias,
                quality_of=newest.quality,
                with_type=self.with_type,
            )
        return self.data(device, message.SerializeToString(), None, now_ms) if found else None

    def announce(self, losses: Iterable[tuple[str, delivery.Loss]], given_up: int, now_ms: int) -> Publish:
        """NDATA that readings were given up: each loss by its metric, and how many readings there were in all."""
        self.seq = successor(self.seq)
        message = Payload(timestamp=now_ms, seq=self.seq)
        for metric, loss in losses:
            declare(message, metric, DataType.STRING, str(loss), now_ms)
        declare(message, delivery.LOST, DataType.INT64, given_up, now_ms)
        return Publish(self.topic(MessageType.NDATA), message.SerializeToString())

    def command(self, data: bytes) -> list[Command]:
        """What an NCMD asks for; raises `MalformedPayload`. Metrics of no concern are passed over."""
        message = payload.parse(data)
        values = {metric.name: metric for metric in message.metrics}
        asked: list[Command] = []
        if (metric := values.get(delivery.REBIRTH)) and metric.boolean_value:
            asked.append(Rebirth())
        number, epoch = values.get(delivery.COMMITTED), values.get(delivery.EPOCH)
        if number and epoch:
            stored = number.long_value or number.int_value
            asked.append(Committed(epoch.string_value, stored, message.timestamp))
        return asked

    def topic(self, kind: MessageType, device: str | None = None) -> str:
        """A topic of ours."""
        return str(Topic(self.group, kind, self.node, device))


def declare(message: Payload, name: str, datatype: DataType, value: Value | None, now_ms: int) -> None:
    """A node metric: by name, without alias (tck-id-operational-behavior-data-commands-rebirth-name-aliases)."""
    payload.add(message, value, datatype, at_ms=now_ms, name=name)


def historical(body: bytes) -> bytes:
    """The same metrics flagged as not current."""
    message = payload.parse(body)
    for metric in message.metrics:
        metric.is_historical = True
    return message.SerializeToString()


def aliases(body: bytes) -> set[int]:
    """Which metrics a body carries."""
    return {metric.alias for metric in payload.parse(body).metrics}
