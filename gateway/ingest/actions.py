"""What the host session makes of messages: values to store, changes to tell, commands to send. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from contract.delivery import Loss
from gateway.ingest.node import NodeKey, Sample


@dataclass(frozen=True, slots=True)
class Record:
    """Values to store and to judge. `batch` is set where the edge numbers its batches."""

    key: NodeKey
    device: str | None
    samples: list[Sample]
    batch: int | None
    epoch: str | None
    by_host: bool = False
    """These are marks of our own: the node, or the device behind it, was lost at that time. Nobody said so of these
    metrics, and its readings may still come.
    """


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A device of a node that is online died or was born again."""

    key: NodeKey
    device: str
    online: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class ReadingsLost:
    """A node gave readings up; `metric` is what told it."""

    key: NodeKey
    metric: str
    loss: Loss


@dataclass(frozen=True, slots=True)
class OutboxReplaced:
    """A node has another epoch than before."""

    key: NodeKey


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A node came up or went down."""

    key: NodeKey
    online: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Command:
    """An NCMD to publish at QoS 0 (tck-id-topics-ncmd-mqtt)."""

    topic: str
    payload: bytes


Action = Record | LinkChanged | DeviceChanged | ReadingsLost | OutboxReplaced | Command
