"""The mines: each a gateway with its own connection, births and data as our edge encodes them.

A message is encoded once per variant and face; to send it again only its time is written over (six bytes that
occur nowhere else in it), and the edge's own session adds time, `seq` and batch number. So this process needs a
tenth of what the collector needs. Each gateway keeps at most `WINDOW` batches without a commit in flight, as an
agent does after an outage: at saturation the centre sets the pace, and nothing may be dropped.
"""

from __future__ import annotations

import random
import resource
import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.connection import Connection
from typing import Final, Literal

from benchmarks.ingest import packets
from contract.delivery import BATCH
from contract.point import OpcUaAddress, Point
from contract.quality import Quality
from contract.vocabulary import quantities, roles
from edge_agent.acquisition.reading import Reading
from edge_agent.uplink import encode
from edge_agent.uplink.session import Committed, Declared, EdgeSession, Latest

Shape = Literal["face", "wide"]

FACES: Final = tuple(f"F{number}" for number in range(1, 7))
WINDOW: Final = 96
VARIANTS: Final = 32
"""Different bodies per face; in the first of them a headcount takes the place of the last value."""
VALUES: Final = 20
HEADCOUNT: Final = "Personnel/Headcount"
PLACEHOLDER_MS: Final = 1_234_567_890_123
SILENCE_S: Final = 30.0
"""A phase that gets no commit for so long has failed."""
POLL_S: Final = 0.005

FACE: Final = (
    *(f"Shearer/{word}" for word in (
        "Position", "Haulage Speed", "Cutting Height", "Left Drum Current", "Right Drum Current",
        "Haulage Current",
    )),
    "Face Conveyor/Chain Speed", "Face Conveyor/Current", "Emulsion Pump/Pressure",
    *(f"Support {number}/Pressure" for number in (20, 75, 130, 150)),
    *(f"Gas {number}/Methane" for number in (1, 2, 3)),
    *(f"Environment/{word}" for word in ("CO", "Air Speed", "Temperature", "Humidity")),
)  # fmt: skip
"""What changes on a mining face every second: twenty values on eleven lines."""
WIDE: Final = tuple(
    f"Shearer/{quantity.word}"
    for quantity in quantities.QUANTITIES
    if quantity.kind is quantities.Kind.NUMBER and quantity.word != "Headcount"
)[:VALUES]
"""Twenty quantities of one machine: one line, the shape in which collectors are compared."""
METRICS: Final[dict[Shape, tuple[str, ...]]] = {"face": FACE, "wide": WIDE}


@dataclass(frozen=True, slots=True)
class Sent:
    """What one phase sent, and what it cost this process."""

    messages: int
    values: int
    seconds: float
    """Until the last commit."""
    cpu_s: float
    committed: bool
    """Every batch was committed."""


@dataclass(slots=True)
class Gateway:
    """One mine's gateway on the wire."""

    session: EdgeSession
    link: socket.socket
    bodies: dict[str, list[bytes]]
    heads: dict[str, bytes]
    at_ms: int
    sent: int = 0
    committed: int = 0
    incoming: bytearray = field(default_factory=bytearray)

    def round(self, at_ms: int) -> int:
        """One message of every face; gives their number."""
        self.at_ms = max(at_ms, self.at_ms + 1)
        stamp = packets.varint(self.at_ms)
        parts: list[bytes] = []
        for face, bodies in self.bodies.items():
            self.sent += 1
            body = bodies[(self.sent // len(FACES)) % VARIANTS].replace(PLACEHOLDER, stamp)
            message = self.session.data(face, body, self.sent, at_ms)
            parts += packets.publish_parts(self.heads[face], message.payload)
        self.link.sendall(b"".join(parts))
        return len(self.bodies)

    def has_room(self) -> bool:
        """May another round go?"""
        return self.sent - self.committed + len(FACES) <= WINDOW

    def take_commits(self) -> None:
        """Read what the centre says."""
        self.incoming += self.link.recv(65_536)
        for payload in packets.published(self.incoming):
            for command in self.session.command(payload):
                if isinstance(command, Committed):
                    self.committed = max(self.committed, command.number)


PLACEHOLDER: Final = packets.varint(PLACEHOLDER_MS)


def serve(orders: Connection, port: int, mines: Sequence[str], shape: Shape) -> None:
    """The process: connect, give birth, then one phase per order `(rate, seconds)`, rate 0 meaning saturation."""
    all_mines = Mines(list(connected(port, mines, shape)))
    orders.send(len(mines))
    while (order := orders.recv()) is not None:
        rate, seconds = order
        orders.send(all_mines.phase(rate, seconds))
    for gateway in all_mines.gateways:
        gateway.link.sendall(packets.DISCONNECT)
        gateway.link.close()


def connected(port: int, mines: Sequence[str], shape: Shape) -> Iterator[Gateway]:
    """Every mine's gateway, born; a few at a time, as after a restart of the broker."""
    points = [point(face, metric) for face in FACES for metric in (*METRICS[shape], HEADCOUNT)]
    keys = [key for face in FACES for key in (*(p.key for p in points if p.area == face), (face, BATCH))]
    alias = {key: number for number, key in enumerate(keys, start=1)}
    bodies = {face: list(variants(points, face, alias)) for face in FACES}
    devices = {face: list(declared(points, face, alias)) for face in FACES}
    latest: dict[int, Latest] = {}
    for mine in mines:
        born_ms = now_ms()
        session = EdgeSession(
            group=mine,
            node="gw-1",
            epoch=f"benchmark-{mine}",
            devices=devices,
            batch_alias={face: alias[face, BATCH] for face in FACES},
            latest=latest,
            since_ms=born_ms,
        )
        link = packets.connect(port, f"{mine}-gw-1", session.will(0, born_ms))
        link.sendall(packets.subscribe(f"spBv1.0/{mine}/NCMD/gw-1"))
        for birth in session.births(1, born_ms):
            link.sendall(packets.publish(birth))
        heads = {face: packets.topic(f"spBv1.0/{mine}/DDATA/gw-1/{face}") for face in FACES}
        yield Gateway(session, link, bodies, heads, born_ms)


def point(face: str, metric: str) -> Point:
    """A point as a table gives it; a Double on the wire."""
    return Point(face, metric, OpcUaAddress(f"{face}.{metric}"))


def declared(points: Sequence[Point], face: str, alias: dict[tuple[str, str], int]) -> Iterator[Declared]:
    """What a face's birth declares, as an agent does it."""
    for point in points:
        if point.area == face:
            unit = quantities.BY_WORD[point.metric.partition("/")[2]].unit
            properties = {"unit": unit} if unit else {}
            yield Declared(point.metric, alias[point.key], encode.datatype_of(point), properties)


def variants(points: Sequence[Point], face: str, alias: dict[tuple[str, str], int]) -> Iterator[bytes]:
    """Bodies of one face: values that wander and are as precise as the vocabulary says."""
    chance = random.Random(face)  # noqa: S311  (values of a virtual mine)
    own = [point for point in points if point.area == face and point.metric != HEADCOUNT]
    headcount = next(point for point in points if point.area == face and point.metric == HEADCOUNT)
    values = [chance.uniform(1, 100) for _ in own]
    for variant in range(VARIANTS):
        values = [abs(value + chance.gauss(0, 1)) for value in values]
        readings = [reading(point, value) for point, value in zip(own, values, strict=True)]
        if variant == 0:
            readings[-1] = reading(headcount, float(chance.randint(4, 11)))
        body = encode.body(readings, lambda point: alias[point.key], with_type=False)
        assert body.count(PLACEHOLDER) == VALUES, "a value looks like the placeholder"
        yield body


def reading(point: Point, value: float) -> Reading:
    """A good value, its time to be written over."""
    known = quantities.BY_WORD[point.metric.partition("/")[2]]
    decimals = 0 if roles.BY_METRIC.get(point.metric) else known.decimals
    return Reading(point, round(value, decimals), Quality.GOOD, PLACEHOLDER_MS, PLACEHOLDER_MS)


class Mines:
    """All gateways, and which of them have been answered."""

    def __init__(self, gateways: Sequence[Gateway]) -> None:
        self.gateways = gateways
        self.poll = select.epoll()
        self.by_fileno = {gateway.link.fileno(): gateway for gateway in gateways}
        for fileno in self.by_fileno:
            self.poll.register(fileno, select.EPOLLIN)
        self.heard_at = time.monotonic()

    def take_commits(self, wait_s: float) -> None:
        """Read what the centre says to any of them."""
        for fileno, _ in self.poll.poll(wait_s):
            self.by_fileno[fileno].take_commits()
            self.heard_at = time.monotonic()

    def is_silent(self) -> bool:
        """Has the centre said nothing for too long?"""
        return time.monotonic() - self.heard_at > SILENCE_S

    def phase(self, rate: float, seconds: float) -> Sent:
        """Send for so long, `rate` values a second over all or as many as are committed; wait for all commits."""
        cpu_s, began = cpu_of_self(), time.monotonic()
        self.heard_at = began
        before = sum(gateway.sent for gateway in self.gateways)
        send = self.send_at(rate, began, began + seconds) if rate else self.send_all(began + seconds)
        for _ in send:
            if self.is_silent():
                break
        while not self.is_committed() and not self.is_silent():
            self.take_commits(POLL_S)
        messages = sum(gateway.sent for gateway in self.gateways) - before
        took_s = time.monotonic() - began
        return Sent(messages, messages * VALUES, took_s, cpu_of_self() - cpu_s, self.is_committed())

    def send_at(self, rate: float, began: float, ends: float) -> Iterator[None]:
        """A steady stream, one gateway after the other."""
        given = 0
        for gateway in cycle(self.gateways):
            while given * VALUES > (time.monotonic() - began) * rate:
                self.take_commits(POLL_S)
            if time.monotonic() > ends:
                return
            given += gateway.round(now_ms())
            yield

    def send_all(self, ends: float) -> Iterator[None]:
        """Whatever has room."""
        while time.monotonic() < ends:
            ready = [gateway for gateway in self.gateways if gateway.has_room()]
            for gateway in ready:
                gateway.round(now_ms())
            self.take_commits(0.0 if ready else POLL_S)
            yield

    def is_committed(self) -> bool:
        """Is everything that was sent stored?"""
        return all(gateway.committed == gateway.sent for gateway in self.gateways)


def now_ms() -> int:
    """The wall clock."""
    return time.time_ns() // 1_000_000


def cpu_of_self() -> float:
    """CPU seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
