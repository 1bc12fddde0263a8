"""The mines: each a gateway with its own connection, births and data as our edge encodes them.

A message is encoded once per variant and face; to send it again only its time is written over (six bytes that
occur nowhere else in it), and the edge's own session adds time, `seq` and batch number. So this process needs a
tenth of what the collector needs. Each gateway keeps at most `WINDOW` batches without a commit in flight, as an
agent does after an outage: at saturation the centre sets the pace, and nothing may be dropped.
"""

from __future__ import annotations

import random
import resource
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Final, Literal

from benchmarks.ingest import packets
from contract.delivery import BATCH
from contract.point_form import OpcUaAddress, Point
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

    def round(self, now_ms: int) -> int:
        """One message of every face; gives their number."""
        self.at_ms = max(now_ms, self.at_ms + 1)
        stamp = packets.varint(self.at_ms)
        parts: list[bytes] = []
        for face, bodies in self.bodies.items():
            self.sent += 1
            body = bodies[(self.sent // len(FACES)) % VARIANTS].replace(PLACEHOLDER, stamp)
            message = self.session.data(face, body, self.sent, now_ms)
            parts += packets.publish_parts(self.heads[face], message.payload)
        self.link.sendall(b"".join(parts))
        return len(self.bodies)

    def has_room(self) -> bool:
        """May another round go?"""
        return self.sent - self.committed + len(FACES) <= WINDOW

    def take_commits(self) -> bool:
        """Read what the centre says; true if a commit came."""
        try:
            data = self.link.recv(65_536, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        self.incoming += data
        before = self.committed
        for payload in packets.published(self.incoming):
            for command in self.session.command(payload):
                if isinstance(command, Committed):
                    self.committed = max(self.committed, command.number)
        return self.committed > before


PLACEHOLDER: Final = packets.varint(PLACEHOLDER_MS)


def serve(orders: Connection, port: int, mines: Sequence[str], shape: Shape) -> None:
    """The process: connect, give birth, then one phase per order `(rate, seconds)`, rate 0 meaning saturation."""
    gateways = list(connected(port, mines, shape))
    orders.send(len(gateways))
    while (order := orders.recv()) is not None:
        rate, seconds = order
        orders.send(phase(gateways, rate, seconds))
    for gateway in gateways:
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
        now_ms = time.time_ns() // 1_000_000
        session = EdgeSession(
            group=mine,
            node="gw-1",
            epoch=f"benchmark-{mine}",
            devices=devices,
            batch_alias={face: alias[face, BATCH] for face in FACES},
            latest=latest,
            since_ms=now_ms,
        )
        link = packets.connect(port, f"{mine}-gw-1", session.will(0, now_ms))
        link.sendall(packets.subscribe(f"spBv1.0/{mine}/NCMD/gw-1"))
        for birth in session.births(1, now_ms):
            link.sendall(packets.publish(birth))
        heads = {face: packets.topic(f"spBv1.0/{mine}/DDATA/gw-1/{face}") for face in FACES}
        yield Gateway(session, link, bodies, heads, now_ms)


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


def phase(gateways: Sequence[Gateway], rate: float, seconds: float) -> Sent:
    """Send for so long, `rate` values a second over all gateways or as many as are committed; then wait for the rest."""
    cpu_s, began = cpu_of_self(), time.monotonic()
    sent_before = sum(gateway.sent for gateway in gateways)
    ends, heard, given = began + seconds, began, 0
    while (now := time.monotonic()) < ends:
        progress = False
        for gateway in gateways:
            heard = time.monotonic() if gateway.take_commits() else heard
            is_due = not rate or given < (time.monotonic() - began) * rate / VALUES
            if is_due and (rate or gateway.has_room()):
                given += gateway.round(time.time_ns() // 1_000_000)
                progress = True
        if now - heard > SILENCE_S:
            break
        if not progress:
            time.sleep(0.001)
    committed = drained(gateways)
    took_s = time.monotonic() - began
    messages = sum(gateway.sent for gateway in gateways) - sent_before
    return Sent(messages, messages * VALUES, took_s, cpu_of_self() - cpu_s, committed)


def drained(gateways: Sequence[Gateway]) -> bool:
    """Wait for the commits of everything; false if they stop coming."""
    heard = time.monotonic()
    while any(gateway.committed < gateway.sent for gateway in gateways):
        if any([gateway.take_commits() for gateway in gateways]):
            heard = time.monotonic()
        elif time.monotonic() - heard > SILENCE_S:
            return False
        time.sleep(0.002)
    return True


def cpu_of_self() -> float:
    """CPU seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
