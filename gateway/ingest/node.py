"""What the centre knows of one edge node: its metrics by alias and name, their newest values, its ledger. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Final, NamedTuple, cast

from contract import datatype, payload
from contract.datatype import DataType, Value
from contract.delivery import Loss
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
    low: float | None = None
    high: float | None = None
    """What the instrument is made for, as the birth says."""
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
    unread: set[str] = field(default_factory=set)
    """Names of metrics that are declared, but of types that are not read."""


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
    rebirths_in_vain: int = 0
    """Requests since it was last understood; each doubles the wait for the next."""
    unborn_due_ms: int | None = None
    """When devices that were not born again count as lost."""
    devices: dict[str | None, Device] = field(default_factory=dict)
    aliases: dict[int, MetricState] = field(default_factory=dict)
    unread_aliases: set[int] = field(default_factory=set)
    ledger: BatchLedger | None = None
    readings_lost: int = 0
    """Readings that the edge gave up since its epoch began, as it says."""
    losses: list[tuple[str, Loss]] = field(default_factory=list)
    """What the message at hand tells of them, by its metrics."""
    readings_stored: int = 0
    """Readings of its numbered batches, each counted once."""
    commit_due: bool = False
    committed_at_ms: int = 0
    last_data_ms: int | None = None
    latency_ms: float | None = None
    """Smoothed time from a reading to its acknowledgement by the store, live readings only."""
    clock_offset_ms: float | None = None
    """Smoothed difference between arrival and the sender's timestamp; holds the way's length too."""

    def declare(self, device: Device, message: Payload, route: Route) -> int:
        """Take a birth's metrics as the device's only ones; newest values known before are kept.

        Gives the number of metrics of types that are not read.
        """
        unread, known = 0, device.metrics
        device.metrics = {}
        device.unread = set()
        for metric in message.metrics:
            target = route(self.key.group, self.key.node, device.name, metric.name, metric.datatype)
            if not fits(target, metric.datatype):
                unread += 1
                device.unread.add(metric.name)
                self.unread_aliases.add(metric.alias)
                continue
            before = known.get(metric.name)
            state = before if before and before.datatype == metric.datatype else None
            state = state or MetricState(metric.name, metric.datatype, target)
            state.unit = (
                payload.text_properties(metric).get("unit", "") if metric.HasField("properties") else ""
            )
            state.low, state.high = payload.range_of(metric)
            device.metrics[metric.name] = state
            if metric.HasField("alias"):
                self.aliases[metric.alias] = state
        return unread

    def find(self, device: Device, metric: Payload.Metric) -> MetricState | None:
        """The declared metric that a data metric means, by alias or, without one, by name."""
        if metric.alias:
            return self.aliases.get(metric.alias)
        return device.metrics.get(metric.name) or (self.aliases.get(0) if not metric.name else None)

    def is_unread(self, device: Device, metric: Payload.Metric) -> bool:
        """Is this one of those that are declared and not read?"""
        return metric.alias in self.unread_aliases if metric.alias else metric.name in device.unread


GOOD: Final = Quality.GOOD
FUTURE_MS: Final = 600_000
"""A gateway's clock may be so far ahead of ours; a time beyond that is a mistake."""
DOUBLE: Final = int(DataType.DOUBLE)
sample_of = cast(
    "Callable[[tuple[MetricState, int, Value | None, Quality, bool]], Sample]", partial(tuple.__new__, Sample)
)
"""A `Sample` of its five parts, at a quarter of the price of its own constructor: one is made for every value."""


def sample(state: MetricState, metric: Payload.Metric, now_ms: int) -> Sample:
    """A metric's value, and the metric's newest value moved on if this one is newer."""
    at_ms = metric.timestamp or now_ms
    number = metric.double_value if state.datatype == DOUBLE else 0.0
    if number and not metric.is_null and not metric.HasField("properties") and isfinite(number):
        value: Value | None = number
        quality = GOOD  # the usual case; 0.0 may also mean that no double is there
    else:
        value, quality = judged(state, metric)
    turned = quality is not state.quality
    if at_ms >= state.at_ms:
        state.value, state.quality, state.at_ms = value, quality, at_ms
        if at_ms > now_ms + FUTURE_MS:  # it must not keep what comes after it from being the newest
            state.at_ms = now_ms
    return sample_of((state, at_ms, value, quality, turned))


def current(state: MetricState, metric: Payload.Metric, birth_at_ms: int, now_ms: int) -> Sample:
    """A birth's value: it holds now, whenever it was read.

    So it ends the stale mark of a death, which stands at our time and may be newer than the value: at the
    birth's time, or at the mark's own instant where the sender's clock is behind.
    """
    marked_at_ms, marked = state.at_ms, state.quality is Quality.STALE
    made = sample(state, metric, now_ms)
    if not marked or made.at_ms >= marked_at_ms or made.quality is Quality.STALE:
        return made
    state.value, state.quality, state.at_ms = made.value, made.quality, max(made.at_ms, birth_at_ms)
    return made._replace(at_ms=max(birth_at_ms, marked_at_ms))


def judged(state: MetricState, metric: Payload.Metric) -> tuple[Value | None, Quality]:
    """A metric's value and quality, whatever its type; one that is not good has no value."""
    value, quality = datatype.get(metric, state.datatype), payload.quality_of(metric)
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return None, Quality.BAD if quality is GOOD else quality
    return (value if quality is GOOD else None), quality


def gone_stale(device: Device, at_ms: int) -> Iterator[Sample]:
    """Marks for every metric of a device that is not stale yet; after its newest value, never in its place."""
    for state in device.metrics.values():
        if state.quality in (None, Quality.STALE):
            continue
        at_ms_of = max(at_ms, state.at_ms + 1)
        state.value, state.quality, state.at_ms = None, Quality.STALE, at_ms_of
        yield Sample(state, at_ms_of, None, Quality.STALE, True)


def smoothed(before: float | None, value: float) -> float:
    """A measured figure without its jitter: each new one counts a tenth."""
    return value if before is None else before + (value - before) / 10
