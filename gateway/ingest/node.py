"""What the centre knows of one edge node: its metrics by alias and name, their newest values, its ledger. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from contract import datatype, payload
from contract.datatype import DataType, Value
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from gateway.ingest.batch_ledger import BatchLedger
from gateway.ingest.router import Target, fits

Route = Callable[[str, str, str | None, str, int], Target]


class NodeKey(NamedTuple):
    """An edge node: the mine's code and the gateway's id."""

    group: str
    node: str


@dataclass(slots=True)
class MetricState:
    """A metric as declared, and its newest value by source time."""

    name: str
    datatype: int
    target: Target
    unit: str = ""
    value: Value | None = None
    quality: Quality | None = None
    """Quality of the newest value; `None` before the first."""
    at_ms: int = -1


class Sample(NamedTuple):
    """One value as it goes to the store and the trackers."""

    metric: MetricState
    at_ms: int
    value: Value | None
    quality: Quality
    turned: bool
    """Its quality differs from the one before it."""


@dataclass(slots=True)
class Device:
    """A device of a node, or (name `None`) the node itself as the owner of metrics."""

    name: str | None
    online: bool = True
    metrics: dict[str, MetricState] = field(default_factory=dict)


@dataclass(slots=True)
class Node:
    """An edge node's session as the host sees it."""

    key: NodeKey
    online: bool = False
    since_ms: int = 0
    bd_seq: int | None = None
    expected_seq: int = 0
    waiting: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    """Messages that came before their turn, by `seq`."""
    reorder_due_ms: int | None = None
    rebirth_due_ms: int | None = None
    """When a rebirth may be asked for; `None` while none is wanted."""
    rebirth_allowed_ms: int = 0
    devices: dict[str | None, Device] = field(default_factory=dict)
    aliases: dict[int, MetricState] = field(default_factory=dict)
    ledger: BatchLedger | None = None
    readings_stored: int = 0
    """Readings of its numbered batches, each counted once."""
    commit_due: bool = False
    last_data_ms: int | None = None
    clock_offset_ms: float | None = None
    """Smoothed difference between arrival and the sender's timestamp; holds the way's length too."""

    def declare(self, device: Device, message: Payload, route: Route) -> int:
        """Take a birth's metrics as the device's only ones; newest values known before are kept.

        Gives the number of metrics of types that are not read.
        """
        unread, known = 0, device.metrics
        device.metrics = {}
        for metric in message.metrics:
            target = route(self.key.group, self.key.node, device.name, metric.name, metric.datatype)
            if not fits(target, metric.datatype):
                unread += 1
                continue
            before = known.get(metric.name)
            state = before if before and before.datatype == metric.datatype else None
            state = state or MetricState(metric.name, metric.datatype, target)
            state.unit = (
                payload.text_properties(metric).get("unit", "") if metric.HasField("properties") else ""
            )
            device.metrics[metric.name] = state
            if metric.HasField("alias"):
                self.aliases[metric.alias] = state
        return unread

    def find(self, device: Device, metric: Payload.Metric) -> MetricState | None:
        """The declared metric that a data metric means, by alias or, without one, by name."""
        if metric.alias:
            return self.aliases.get(metric.alias)
        return device.metrics.get(metric.name) or (self.aliases.get(0) if not metric.name else None)


QUALITY_GOOD: Final = Quality.GOOD


def sample(state: MetricState, metric: Payload.Metric, now_ms: int) -> Sample:
    """A metric's value, and the metric's newest value moved on if this one is newer."""
    at_ms = metric.timestamp or now_ms
    if state.datatype == DataType.DOUBLE and not metric.is_null and not metric.HasField("properties"):
        value: Value | None = metric.double_value
        quality = QUALITY_GOOD
    else:
        value = datatype.get(metric, state.datatype)
        quality = payload.quality_of(metric)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        value, quality = None, Quality.BAD if quality is QUALITY_GOOD else quality
    elif quality is not QUALITY_GOOD:
        value = None
    turned = quality is not state.quality
    if at_ms >= state.at_ms:
        state.value, state.quality, state.at_ms = value, quality, at_ms
    return Sample(state, at_ms, value, quality, turned)


def gone_stale(device: Device, at_ms: int) -> Iterator[Sample]:
    """Marks for every metric of a device that is not stale yet."""
    for state in device.metrics.values():
        if state.quality in (None, Quality.STALE):
            continue
        at_ms_of = max(at_ms, state.at_ms)
        state.value, state.quality, state.at_ms = None, Quality.STALE, at_ms_of
        yield Sample(state, at_ms_of, None, Quality.STALE, True)
