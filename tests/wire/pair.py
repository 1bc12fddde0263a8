"""An edge of ours and our host, joined by two pipes of messages; what the adapters do, done without any I/O.

The edge keeps its batches in a dictionary and moves them as `edge_agent.uplink.mqtt` does; the host has a store that
takes records when it is told to, as `gateway.ingest.writer` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from contract.delivery import DROPPED, Loss
from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.reading import Reading
from edge_agent.uplink import encode
from edge_agent.uplink import session as sparkplug
from edge_agent.uplink.lanes import Lanes
from edge_agent.uplink.session import Committed, Declared, EdgeSession, Latest, Publish, Rebirth
from gateway.ingest.actions import Action, Command, Record
from gateway.ingest.batch_ledger import BatchLedger
from gateway.ingest.host_session import HostSession
from gateway.ingest.node import NodeKey
from gateway.ingest.router import route
from tests.readings import point

T0 = 1_700_000_000_000
KEY = NodeKey("990000000001", "gw-1")
POINTS = [point("Pump 1/Flow"), point("Gas 1/Methane"), point("Pump 1/Flow", "C1")]
ALIAS = {one.key: number for number, one in enumerate(POINTS, start=1)}
BATCH_ALIAS = {"F1": 8, "C1": 9}
WINDOW = 4


def alias_of(one: Point) -> int:
    """A tag's number."""
    return ALIAS[one.key]


@dataclass
class Edge:
    """Outbox, lanes and session; `wire` is what it has published and nobody has received yet."""

    now_ms: int = T0
    epoch_number: int = 1
    wire: list[Publish] = field(default_factory=list)
    bodies: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    """Batches kept."""
    last: int = 0
    written: dict[tuple[str, int], bytes] = field(default_factory=dict)
    """Every batch ever kept, by epoch and number."""
    dropped: set[tuple[str, int]] = field(default_factory=set)
    """Those given up by policy."""
    bd_seq: int = 255
    will: Publish | None = None

    def __post_init__(self) -> None:
        self.start()

    @property
    def epoch(self) -> str:
        """The outbox's name."""
        return f"epoch-{self.epoch_number}"

    @property
    def oldest(self) -> int:
        """What a birth names."""
        return min(self.bodies, default=self.last + 1)

    def start(self) -> None:
        """The process starts: the outbox is there, newest values are not."""
        self.latest: dict[int, Latest] = {}
        self.touched: dict[str, set[int]] = {}
        self.lanes = Lanes(
            window=WINDOW, rate_per_s=1_000, timeout_ms=500, timeout_max_ms=4_000, reached=self.last
        )
        devices: dict[str, list[Declared]] = {}
        for one in POINTS:
            devices.setdefault(one.area, []).append(
                Declared(one.metric, alias_of(one), encode.datatype_of(one), {})
            )
        self.session = EdgeSession(
            group=KEY.group, node=KEY.node, epoch=self.epoch, devices=devices, batch_alias=BATCH_ALIAS,
            latest=self.latest, since_ms=self.now_ms,
        )  # fmt: skip
        self.will = None

    def connect(self) -> None:
        """CONNECT with a will, then births."""
        self.bd_seq = (self.bd_seq + 1) % 256
        self.will = self.session.will(self.bd_seq, self.now_ms)
        self.birth()

    def birth(self) -> None:
        """Births; all that is kept is history."""
        self.wire += self.session.births(self.oldest, self.now_ms)
        self.lanes.connected(self.oldest, self.last, self.now_ms)

    def lose_link(self) -> Publish | None:
        """The link dies; gives what the broker will say of it."""
        self.session.online = False
        will, self.will = self.will, None
        return will

    def write(self, readings: list[Reading]) -> None:
        """Journal readings; send the batches at once if the link is up."""
        for draft in encode.drafts(readings, alias_of, readings_max=3, with_type=False):
            self.last += 1
            self.bodies[self.last] = (draft.device, draft.body)
            self.written[self.epoch, self.last] = draft.body
            if self.session.online:
                self.wire.append(self.session.data(draft.device, draft.body, self.last, self.now_ms))
                self.lanes.sent_live(self.last, self.now_ms)
        for one in readings:
            self.latest[alias_of(one.point)] = Latest(one.value, one.quality, one.source_at_ms)

    def pump(self) -> None:
        """History and refresh, as far as they are due."""
        if not self.session.online:
            return
        if run := self.lanes.history_due(self.now_ms):
            for number in range(run[0], run[1] + 1):
                if number in self.bodies:
                    device, body = self.bodies[number]
                    self.wire.append(
                        self.session.data(device, sparkplug.historical(body), number, self.now_ms)
                    )
                    self.touched.setdefault(device, set()).update(sparkplug.aliases(body))
        if self.lanes.refresh():
            for device, aliases in self.touched.items():
                if message := self.session.refresh(device, aliases, self.now_ms):
                    self.wire.append(message)
            self.touched.clear()

    def command(self, data: bytes) -> None:
        """What an NCMD asks for."""
        if not self.session.online:
            return
        for command in self.session.command(data):
            match command:
                case Rebirth():
                    self.birth()
                case Committed(epoch, number):
                    if epoch == self.epoch and self.lanes.commit(number, self.now_ms):
                        self.bodies = {kept: body for kept, body in self.bodies.items() if kept > number}

    def trim(self, count: int) -> None:
        """Give up the oldest batches."""
        gone = sorted(self.bodies)[:count]
        if gone:
            self.dropped |= {(self.epoch, number) for number in gone}
            self.bodies = {kept: body for kept, body in self.bodies.items() if kept > gone[-1]}
            if self.session.online:
                self.wire.append(
                    self.session.announce([(DROPPED, Loss(gone[0], gone[-1], "full"))], 0, self.now_ms)
                )

    def lose_outbox(self) -> None:
        """The file was unreadable and put aside; a new epoch begins with a new process."""
        self.dropped |= {(self.epoch, number) for number in self.bodies}
        self.epoch_number += 1
        self.bodies, self.last = {}, 0
        self.start()


@dataclass
class Host:
    """Session and store; `wire` is what it has sent and the edge has not received yet."""

    now_ms: int = T0
    wire: list[bytes] = field(default_factory=list)
    waiting: list[Record] = field(default_factory=list)
    stored: set[tuple[str, int]] = field(default_factory=set)
    """Batches in the store, by epoch and number."""
    points: dict[tuple[str | None, str, int], tuple[object, Quality]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """The process starts: the store is there, all else is not."""
        self.session = HostSession(route, reorder_ms=300, rebirth_pause_ms=1_000, commit_pause_ms=200)
        self.waiting.clear()

    def receive(self, message: Publish) -> None:
        """A message from the edge."""
        self.act(self.session.message(message.topic, message.payload, self.now_ms))

    def timer(self) -> None:
        """What is due by time."""
        self.act(self.session.timer(self.now_ms))

    def act(self, actions: list[Action]) -> None:
        """Records wait for the store, commands go out."""
        self.waiting += [action for action in actions if isinstance(action, Record)]
        self.wire += [action.payload for action in actions if isinstance(action, Command)]

    def store(self, count: int) -> None:
        """The store takes so many records and acknowledges them."""
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        for record in taken:
            for sample in record.samples:
                self.points[record.device, sample.metric.name, sample.at_ms] = (sample.value, sample.quality)
            if record.batch is not None and record.epoch is not None:
                self.stored.add((record.epoch, record.batch))
                self.session.stored(record.key, record.epoch, record.batch, len(record.samples))

    @property
    def ledger(self) -> BatchLedger | None:
        """The edge's books, if it was born."""
        node = self.session.nodes.get(KEY)
        return node.ledger if node else None

    def view(self) -> dict[tuple[str | None, str], tuple[object, Quality | None]]:
        """Newest value and quality of every metric that is no control of the session."""
        return {
            (device.name, name): (state.value, state.quality)
            for device in self.session.nodes[KEY].devices.values()
            for name, state in device.metrics.items()
            if "/" in name and not name.startswith(("Delivery/", "Node Control/"))
        }


def truth(edge: Edge) -> dict[tuple[str | None, str], tuple[object, Quality | None]]:
    """What the host ought to see."""
    found: dict[tuple[str | None, str], tuple[object, Quality | None]] = {}
    for one in POINTS:
        newest = edge.latest.get(alias_of(one), Latest())
        found[one.key] = (newest.value if newest.quality is Quality.GOOD else None, newest.quality)
    return found
