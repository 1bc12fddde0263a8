"""The host side of Sparkplug.

Rule 1: every transition of a node's session lives in this file. Rule 2: nothing here awaits, sleeps, logs or
reads a clock.

Messages come in with the time of their arrival, actions go out. Life of a node (Sparkplug 3.0, chapter 5)
- NBIRTH opens a session: `bdSeq` is kept, `seq` starts, aliases are learned; DBIRTH adds a device's.
- Data in order of `seq` becomes records. A message that comes early waits; when the hole is not filled within
  `reorder_ms`, what waits is taken in order all the same (its values are good) and a rebirth is asked for
  (tck-id-operational-behavior-host-reordering-*).
- Data of an unknown node or alias asks for a rebirth. Requests are limited: one per node in
  `rebirth_pause_ms`, twice as long after each that was in vain, and `rebirths_per_s` over all nodes, so that a
  restarted centre is not flooded.
- A device that is not born again with its node is lost: its metrics are stale.
- NDEATH with the session's own `bdSeq` ends it: every metric is stale at the host's time; DDEATH likewise for
  one device at its own time. Another `bdSeq` is an old will and means nothing.
- Stored batches are committed: `Delivery/Committed` names the highest without a hole below it. The first commit
  goes at once, the next ones wait `commit_pause_ms`: each costs the centre and the edge's disk as much as a message.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from contract import delivery, topic
from contract.errors import Rejected
from contract.proto.sparkplug_b_pb2 import Payload
from contract.sequence import MODULUS, distance, successor
from contract.topic import MessageType, Topic
from gateway.ingest.actions import Action, DeviceChanged, LinkChanged, OutboxReplaced, ReadingsLost, Record
from gateway.ingest.batch_ledger import BatchLedger
from gateway.ingest.host_messages import commit, read, rebirth, whole
from gateway.ingest.node import Device, Node, NodeKey, Route, Sample, current, gone_stale, sample, smoothed

NOT_VALUES: Final = frozenset({
    delivery.BD_SEQ, delivery.REBIRTH, delivery.EPOCH, delivery.OLDEST, delivery.BATCH, delivery.COMMITTED,
    delivery.DROPPED, delivery.THINNED, delivery.LOST,
})  # fmt: skip
"""Metrics that steer the session; they are no readings."""
BIRTHS_MS: Final = 10_000
"""After NBIRTH every device's DBIRTH has come within that."""
REBIRTH_PAUSE_MAX_MS: Final = 300_000
HALF_ROUND: Final = MODULUS // 2


place_of = lru_cache(maxsize=50_000)(topic.parse)
"""Where a topic belongs; a gateway speaks on the same few again and again."""


@dataclass(slots=True)
class HostSession:
    """All nodes; `now_ms` of every call is the centre's clock."""

    route: Route
    reorder_ms: int = 2_000
    reorder_max: int = 100
    nodes_max: int = 10_000
    """More edge nodes than that are not listened to; counted in `too_many_nodes`."""
    rebirth_pause_ms: int = 5_000
    rebirths_per_s: float = 5.0
    commit_pause_ms: int = 500
    nodes: dict[NodeKey, Node] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    rebirth_allowance: float = 5.0
    rebirth_allowance_at_ms: int = 0

    def message(self, topic_text: str, data: bytes, now_ms: int) -> list[Action]:
        """What one MQTT message means; anything that is not Sparkplug is counted and passed over."""
        place = place_of(topic_text)
        if place is None or place.type in (MessageType.NCMD, MessageType.DCMD):
            self.counts["not_for_us"] += 1
            return []
        try:
            message = read(data)
        except Rejected:
            self.counts["malformed"] += 1
            return []
        self.counts[place.type] += 1
        key = NodeKey(place.group, place.node)
        node = self.nodes.get(key)
        if node is None:
            if len(self.nodes) >= self.nodes_max:
                self.counts["too_many_nodes"] += 1
                return []
            node = self.nodes[key] = Node(key)
        match place.type:
            case MessageType.NBIRTH:
                return self.node_birth(node, message, now_ms)
            case MessageType.NDEATH:
                return self.node_death(node, message, now_ms)
            case _:
                return self.in_order(node, place, message, data, now_ms)

    def node_birth(self, node: Node, message: Payload, now_ms: int) -> list[Action]:
        """A session begins, or is declared again."""
        values = {metric.name: metric for metric in message.metrics}
        if (bd_seq := values.get(delivery.BD_SEQ)) is not None:
            node.bd_seq = whole(bd_seq)
        actions = self.take_all_waiting(node, now_ms)
        came_up = not node.online
        node.online, node.expected_seq = True, successor(message.seq)
        node.since_ms = now_ms if came_up else node.since_ms
        node.rebirth_due_ms = None
        node.aliases.clear()
        node.unread_aliases.clear()
        for device in node.devices.values():
            device.online = False
        actions += self.open_ledger(node, values)
        if (lost := values.get(delivery.LOST)) is not None:
            node.readings_lost = whole(lost)
        node.unborn_due_ms = now_ms + BIRTHS_MS
        own = node.devices.setdefault(None, Device(None))
        own.online = True
        if came_up:
            actions.append(LinkChanged(node.key, True, now_ms))
        return actions + self.born(node, own, message, now_ms)

    def open_ledger(self, node: Node, values: dict[str, Payload.Metric]) -> list[Action]:
        """Go on with the epoch's ledger or begin one; foreign nodes have none."""
        epoch, oldest = values.get(delivery.EPOCH), values.get(delivery.OLDEST)
        if epoch is None or oldest is None:
            node.ledger = None
        elif node.ledger is None or node.ledger.epoch != epoch.string_value:
            replaced: list[Action] = [OutboxReplaced(node.key)] if node.ledger else []
            node.ledger = BatchLedger(epoch.string_value, whole(oldest) - 1)
            return replaced
        else:
            self.counts["batches_gone"] += node.ledger.oldest(whole(oldest))
            node.commit_due = True
        return []

    def node_death(self, node: Node, message: Payload, now_ms: int) -> list[Action]:
        """The session's own death ends it: what waited is taken, then all metrics are stale at the host's time."""
        bd_seq = next((whole(metric) for metric in message.metrics if metric.name == delivery.BD_SEQ), None)
        if not node.online or bd_seq != node.bd_seq:
            self.counts["old_death"] += 1
            node.rebirth_due_ms = node.rebirth_due_ms if node.online else None
            return []
        actions = self.take_all_waiting(node, now_ms)
        node.online, node.since_ms, node.rebirth_due_ms, node.unborn_due_ms = False, now_ms, None, None
        actions.append(LinkChanged(node.key, False, now_ms))
        for device in node.devices.values():
            device.online = False
            marks = list(gone_stale(device, now_ms))
            actions.append(Record(node.key, device.name, marks, None, None, by_host=True))
        return actions

    def in_order(self, node: Node, place: Topic, message: Payload, data: bytes, now_ms: int) -> list[Action]:
        """Take a message when its turn has come, and what waited for it; keep one that came early."""
        if not node.online:
            self.counts["before_birth"] += 1
            return self.want_rebirth(node, now_ms)
        if message.seq != node.expected_seq:
            return self.early(node, place, message.seq, data, now_ms)
        actions = self.take(node, place, message, now_ms)
        while node.expected_seq in node.waiting:
            actions += self.take_waiting(node, node.expected_seq, now_ms)
        if not node.waiting:
            node.reorder_due_ms = None
        return actions

    def early(self, node: Node, place: Topic, seq: int, data: bytes, now_ms: int) -> list[Action]:
        """A message with another `seq` than expected waits for the missing ones."""
        self.counts["out_of_order"] += 1
        node.waiting[seq] = (str(place), data)
        if node.reorder_due_ms is None:
            node.reorder_due_ms = now_ms + self.reorder_ms
        return self.give_up_order(node, now_ms) if len(node.waiting) > self.reorder_max else []

    def give_up_order(self, node: Node, now_ms: int) -> list[Action]:
        """The hole was not filled: take what waits, in order, and ask for a rebirth."""
        self.counts["reorder_timeout"] += 1
        return self.take_all_waiting(node, now_ms) + self.want_rebirth(node, now_ms)

    def take_all_waiting(self, node: Node, now_ms: int) -> list[Action]:
        """What waits, in order, holes or not.

        More than half a round ahead is rather behind: delivered twice, or late for good. It does not set the
        order back.
        """
        start = node.expected_seq
        actions: list[Action] = []
        for seq in sorted(node.waiting, key=lambda seq: distance(start + HALF_ROUND, seq)):
            actions += self.take_waiting(node, seq, now_ms)
        if distance(start, node.expected_seq) > HALF_ROUND:
            node.expected_seq = start
        node.reorder_due_ms = None
        return actions

    def take_waiting(self, node: Node, seq: int, now_ms: int) -> list[Action]:
        """One message that waited."""
        topic_text, data = node.waiting.pop(seq)
        place = place_of(topic_text)
        assert place is not None
        return self.take(node, place, read(data), now_ms)

    def take(self, node: Node, place: Topic, message: Payload, now_ms: int) -> list[Action]:
        """A message whose turn it is."""
        node.expected_seq = successor(message.seq)
        match place.type:
            case MessageType.DBIRTH:
                return self.device_birth(node, place.device, message, now_ms)
            case MessageType.DDEATH:
                return self.device_death(node, place.device, message, now_ms)
            case _:
                return self.data(node, place.device, message, now_ms)

    def device_birth(self, node: Node, name: str | None, message: Payload, now_ms: int) -> list[Action]:
        """A device's metrics, with the values they have now."""
        device = node.devices.setdefault(name, Device(name))
        came_back, device.online = not device.online, True
        actions = self.born(node, device, message, now_ms)
        return [DeviceChanged(node.key, name or "", True, now_ms), *actions] if came_back else actions

    def born(self, node: Node, device: Device, message: Payload, now_ms: int) -> list[Action]:
        """What a birth declares, and the values that hold now."""
        self.counts["unread_type"] += node.declare(device, message, self.route)
        at_ms = message.timestamp or now_ms
        samples = [
            current(state, metric, at_ms, now_ms)
            for metric in message.metrics
            if metric.name not in NOT_VALUES and (state := device.metrics.get(metric.name))
        ]
        return [Record(node.key, device.name, samples, None, None)] if samples else []

    def device_death(self, node: Node, name: str | None, message: Payload, now_ms: int) -> list[Action]:
        """A device is lost: its metrics are stale at the payload's time."""
        device = node.devices.get(name)
        if device is None or not device.online:
            return []
        device.online = False
        at_ms = message.timestamp or now_ms
        marks = Record(node.key, name, list(gone_stale(device, at_ms)), None, None)
        return [marks, DeviceChanged(node.key, name or "", False, at_ms)]

    def data(self, node: Node, name: str | None, message: Payload, now_ms: int) -> list[Action]:
        """New values; an unknown device or alias asks for a rebirth, the known values are taken."""
        device = node.devices.get(name)
        if device is None or not device.online:
            self.counts["unknown_device"] += 1
            return self.want_rebirth(node, now_ms)
        unknown = self.counts["unknown_metric"]
        record = self.record(node, device, message, now_ms)
        node.last_data_ms = now_ms
        node.rebirths_in_vain = node.rebirths_in_vain if self.counts["unknown_metric"] > unknown else 0
        if message.timestamp:
            node.clock_offset_ms = smoothed(node.clock_offset_ms, now_ms - message.timestamp)
        told: list[Action] = [ReadingsLost(node.key, *one) for one in node.losses]
        node.losses.clear()
        if self.counts["unknown_metric"] == unknown:
            return [record, *told]
        # part of the batch is not understood: it does not count as stored, so its edge sends it again
        return [replace(record, batch=None), *told, *self.want_rebirth(node, now_ms)]

    def record(self, node: Node, device: Device, message: Payload, now_ms: int) -> Record:
        """The values of a message, apart from what steers the session."""
        samples: list[Sample] = []
        batch: int | None = None
        aliases = node.aliases
        for metric in message.metrics:
            alias = metric.alias
            state = aliases.get(alias) if alias else node.find(device, metric)
            if state is None:
                kind = "unread_value" if node.is_unread(device, metric) else "unknown_metric"
                self.counts[kind] += metric.name not in NOT_VALUES
            elif state.name in NOT_VALUES:
                batch = self.steer(node, state.name, metric, batch)
            else:
                samples.append(sample(state, metric, now_ms))
        return Record(node.key, device.name, samples, batch, node.ledger.epoch if node.ledger else None)

    def steer(self, node: Node, name: str, metric: Payload.Metric, batch: int | None) -> int | None:
        """A metric of ours: the message's batch number, or batches given up."""
        if metric.is_null:
            return batch
        if name == delivery.BATCH:
            return whole(metric)
        if name == delivery.LOST:
            node.readings_lost = whole(metric)
        elif name in {delivery.DROPPED, delivery.THINNED} and node.ledger:
            self.lose(node, node.ledger, name, delivery.Loss.parse(metric.string_value))
        return batch

    def lose(self, node: Node, ledger: BatchLedger, kind: str, loss: delivery.Loss | None) -> None:
        """The edge gave readings up: whole batches are no more expected."""
        if loss is None:
            self.counts["unread_loss"] += 1
            return
        if kind == delivery.DROPPED:
            self.counts["batches_gone"] += ledger.give_up(loss.first, loss.last)
            node.commit_due = True
        node.losses.append((kind, loss))

    def stored(self, key: NodeKey, epoch: str, batch: int, readings: int) -> bool:
        """The historian has acknowledged a batch of so many readings; true if it is the first time."""
        node = self.nodes[key]
        if node.ledger is None or node.ledger.epoch != epoch:
            return False
        node.commit_due = True
        is_new = node.ledger.add(batch)
        node.readings_stored += readings if is_new else 0
        return is_new

    def refused(self, key: NodeKey, epoch: str, batch: int, readings: int) -> bool:
        """The historian takes only so many readings of a batch, and the others never; true if it is the first time.

        It is no more expected: sent again, it would be refused again.
        """
        node = self.nodes[key]
        if node.ledger is None or node.ledger.epoch != epoch:
            return False
        node.commit_due = True
        is_new = bool(node.ledger.give_up(batch, batch))
        self.counts["batches_refused"] += is_new
        node.readings_stored += readings if is_new else 0
        return is_new

    def timer(self, now_ms: int) -> list[Action]:
        """What is due by time: reorder timers, rebirth requests, commits. Call it several times a second."""
        actions: list[Action] = []
        for node in self.nodes.values():
            if is_due(node.reorder_due_ms, now_ms, self.reorder_ms):
                actions += self.give_up_order(node, now_ms)
            if is_due(node.rebirth_due_ms, now_ms, self.pause_of(node)):
                actions += self.want_rebirth(node, now_ms)
            if is_due(node.unborn_due_ms, now_ms, BIRTHS_MS):
                actions += self.bury_unborn(node, now_ms)
            paused = 0 <= now_ms - node.committed_at_ms < self.commit_pause_ms
            if node.commit_due and node.online and node.ledger and not paused:
                node.commit_due, node.committed_at_ms = False, now_ms
                actions.append(commit(node, node.ledger, now_ms))
        return actions

    def pause_of(self, node: Node) -> int:
        """How long to wait for the births of a node: twice as long after each request that was in vain."""
        doublings = max(0, node.rebirths_in_vain - 1)
        return int(
            min(self.rebirth_pause_ms << min(doublings, 16), max(REBIRTH_PAUSE_MAX_MS, self.rebirth_pause_ms))
        )

    def bury_unborn(self, node: Node, now_ms: int) -> list[Action]:
        """Devices that did not come back with the births of their node: what was known of them is stale."""
        node.unborn_due_ms = None
        actions: list[Action] = []
        for device in node.devices.values():
            if not device.online and (marks := list(gone_stale(device, now_ms))):
                actions.append(Record(node.key, device.name, marks, None, None, by_host=True))
                actions.append(DeviceChanged(node.key, device.name or "", False, now_ms))
        return actions

    def want_rebirth(self, node: Node, now_ms: int) -> list[Action]:
        """Ask for a rebirth now if the limits allow it, else remember to."""
        elapsed_ms = max(0, now_ms - self.rebirth_allowance_at_ms)
        self.rebirth_allowance = min(
            max(1.0, self.rebirths_per_s),
            self.rebirth_allowance + elapsed_ms * self.rebirths_per_s / 1000,
        )
        self.rebirth_allowance_at_ms = now_ms
        pause_ms = self.pause_of(node)
        if not is_due(node.rebirth_allowed_ms, now_ms, pause_ms):
            node.rebirth_due_ms = node.rebirth_allowed_ms
            return []
        if self.rebirth_allowance < 1:
            node.rebirth_due_ms = now_ms
            return []
        self.rebirth_allowance -= 1
        node.rebirths_in_vain += 1
        node.rebirth_allowed_ms = now_ms + self.pause_of(node)
        node.rebirth_due_ms = node.rebirth_allowed_ms
        self.counts["rebirth_requests"] += 1
        return [rebirth(node.key, now_ms)]


def is_due(due_ms: int | None, now_ms: int, wait_ms: int) -> bool:
    """Whether a wait that was to last `wait_ms` at most is over; also where the clock was set back meanwhile."""
    return due_ms is not None and not 0 < due_ms - now_ms <= wait_ms
