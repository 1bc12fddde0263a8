"""What the host reads of payloads, and the two commands it sends. Pure."""

from __future__ import annotations

from contract import compression, datatype, delivery, payload, topic
from contract.datatype import DataType
from contract.proto.sparkplug_b_pb2 import Payload
from gateway.ingest.actions import Command
from gateway.ingest.batch_ledger import BatchLedger
from gateway.ingest.node import Node, NodeKey


def read(data: bytes) -> Payload:
    """The payload of a message, compressed or not; raises `MalformedPayload`."""
    return compression.opened(payload.parse(data))


def rebirth(key: NodeKey, now_ms: int) -> Command:
    """NCMD `Node Control/Rebirth` = true, by name (tck-id-operational-behavior-data-commands-ncmd-rebirth-*)."""
    message = Payload(timestamp=now_ms)
    payload.add(message, True, DataType.BOOLEAN, at_ms=now_ms, name=delivery.REBIRTH)
    return Command(topic.commands(*key), message.SerializeToString())


def commit(node: Node, ledger: BatchLedger, now_ms: int) -> Command:
    """NCMD `Delivery/Committed` with its epoch."""
    message = Payload(timestamp=now_ms)
    payload.add(
        message, ledger.committed, DataType.INT64, at_ms=now_ms, name=delivery.COMMITTED, with_type=False
    )
    payload.add(message, ledger.epoch, DataType.STRING, at_ms=now_ms, name=delivery.EPOCH, with_type=False)
    return Command(topic.commands(*node.key), message.SerializeToString())


def whole(metric: Payload.Metric) -> int:
    """A session counter, whichever integer type a peer chose for it."""
    kind = metric.datatype if metric.datatype in datatype.BITS else DataType.INT64
    value = datatype.get(metric, kind)
    return value if isinstance(value, int) else 0
