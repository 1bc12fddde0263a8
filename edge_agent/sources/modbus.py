"""A Modbus TCP server, or a gateway with many units behind it: one connection, requests one after another.

What goes wrong, and what it costs:
- An illegal address costs its own point (quarantine.py). Any other exception makes the points of that request
  stale until they are read again.
- A unit that does not answer costs one timeout: the connection is closed, so that its late reply can never be
  taken for another, and opened again at once for the others; the unit is left alone for a while that doubles
  with each failure. The same, without a new connection, where a gateway says that it cannot reach the unit.
- A lost connection makes all points stale at once; new attempts come after growing, jittered waits.
Stale points become bad after their `stale_after_s`. Nothing is ever reported again with a new time: a reading
is made from a reply and has the time when the reply came.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final
from weakref import WeakKeyDictionary

from contract.point_form import Point
from contract.quality import Quality
from edge_agent.acquisition.deadband import Deadband, Strip
from edge_agent.acquisition.decode import Decoder, decoder
from edge_agent.acquisition.doubt import Doubt, Mark
from edge_agent.acquisition.quarantine import Quarantine
from edge_agent.acquisition.read_plan import ReadLimits, Request, poll_groups
from edge_agent.acquisition.reading import Reading
from edge_agent.acquisition.schedule import Schedule
from edge_agent.sources.modbus_link import Framing, LinkFailure, ModbusLink, NoAnswer, Refusal
from edge_agent.sources.source import Emit, Now, SourceHealth
from edge_agent.uplink.backoff import Backoff

log = logging.getLogger(__name__)

ILLEGAL_FUNCTION: Final = 1
ILLEGAL: Final = frozenset({2, 3})
"""Illegal address, illegal value: the request touches what the unit does not have."""
UNREACHABLE: Final = frozenset({10, 11})
"""A gateway has no path to the unit, or no answer from it."""
HALVINGS_MAX: Final = 32
"""Requests that one poll of a group may take beyond its plan; what is left goes on with the next poll."""
EXPIRE_S: Final = 1.0
"""How often stale points are looked at for becoming bad."""
REFUSED_WAIT_S: Final = (60.0, 960.0)
UNIT_WAIT_S: Final = (1.0, 60.0)
CONNECT_WAIT_S: Final = (0.5, 30.0)
LATENCY_WEIGHT: Final = 0.1


@dataclass(slots=True)
class Unit:
    """One unit of the server, and from when on it may be asked."""

    unit_id: int
    backoff: Backoff
    points: list[Point] = field(default_factory=list)
    doubt: Doubt = field(default_factory=Doubt)
    resumes_at_s: float = -math.inf


@dataclass(slots=True)
class Group:
    """Points of one unit and table that are polled together."""

    unit: Unit
    period_s: float
    quarantine: Quarantine


class ModbusSource:
    """The points of one host and port."""

    def __init__(
        self,
        *,
        name: str,
        host: str,
        port: int,
        points: Sequence[Point],
        now: Now,
        rng: Random,
        timeout_s: float = 1.0,
        registers_max: int = 125,
        bits_max: int = 2000,
        hole_max: int = 16,
        bit_hole_max: int = 64,
        framing: Framing = Framing.TCP,
        refused_wait_s: tuple[float, float] = REFUSED_WAIT_S,
        unit_wait_s: tuple[float, float] = UNIT_WAIT_S,
        connect_wait_s: tuple[float, float] = CONNECT_WAIT_S,
    ) -> None:
        """Each pair of waits is that after the first failure and the longest."""
        self.name = name
        self.points = tuple(points)
        self.health = SourceHealth()
        self.host, self.port, self.timeout_s, self.framing = host, port, timeout_s, framing
        self.now = now
        self.backoff = Backoff(*connect_wait_s, rng)
        limits = ReadLimits(registers_max, bits_max, hole_max, bit_hole_max)
        units: dict[int, Unit] = {}
        self.groups: list[Group] = []
        for (unit_id, _, period_s), group in poll_groups(points).items():
            unit = units.setdefault(unit_id, Unit(unit_id, Backoff(*unit_wait_s, rng)))
            unit.points.extend(group)
            self.groups.append(Group(unit, period_s, Quarantine(group, limits, *refused_wait_s)))
        self.units = list(units.values())
        self.deadband = Deadband()
        self.readers: WeakKeyDictionary[Request, tuple[Decoder, Strip]] = WeakKeyDictionary()
        self.due: deque[int] = deque()
        """Groups to be polled now; when a silent unit costs the connection, the rest of them go on over the next."""
        self.expires_at_s = -math.inf

    async def run(self, emit: Emit) -> None:
        """Read until cancelled."""
        schedule = self.new_schedule()
        while True:
            try:
                await self.serve(schedule, emit)
            except NoAnswer as silence:
                self.health.count(silence.kind)
            except LinkFailure as failure:
                self.lose_all(failure, emit)
                await self.pause(self.backoff.failed(), emit)
                schedule = self.new_schedule()

    def new_schedule(self) -> Schedule:
        """Every group is due now."""
        self.due.clear()
        return Schedule([group.period_s for group in self.groups], clock_s())

    async def serve(self, schedule: Schedule, emit: Emit) -> None:
        """Poll over one connection; raises `LinkFailure` when it is of no more use."""
        link = ModbusLink(host=self.host, port=self.port, timeout_s=self.timeout_s, framing=self.framing)
        try:
            await link.open()
            self.health.connected = True
            while True:
                while self.due:
                    group = self.groups[self.due.popleft()]
                    if group.unit.resumes_at_s <= clock_s():
                        await self.ask(link, group, schedule, emit)
                await self.wait(link, schedule, emit)
                self.due.extend(schedule.due(clock_s()))
        finally:
            link.close()
            self.health.connected = False

    async def wait(self, link: ModbusLink, schedule: Schedule, emit: Emit) -> None:
        """Until the next poll is due; raises `LinkFailure` if the other side closes in the meantime."""
        self.expire(emit)
        if schedule.missed:
            self.health.count("poll_missed", schedule.missed)
            schedule.missed = 0
        pause_s = schedule.next_at_s() - clock_s()
        if pause_s > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(pause_s, EXPIRE_S)):
                    await link.lost.wait()
        if link.lost.is_set():
            raise LinkFailure("connection_lost")

    async def ask(self, link: ModbusLink, group: Group, schedule: Schedule, emit: Emit) -> None:
        """Poll a group; a unit that does not answer is left alone for a while."""
        try:
            await self.poll(link, group, emit)
        except (NoAnswer, Refusal) as silence:
            self.rest(group.unit, schedule, emit)
            if isinstance(silence, NoAnswer):
                raise

    async def poll(self, link: ModbusLink, group: Group, emit: Emit) -> None:
        """Read what a group has to read; raises `LinkFailure`, or `Refusal` where the unit cannot be reached."""
        todo = [*group.quarantine.requests(clock_s())]
        todo.reverse()
        budget = len(todo) + HALVINGS_MAX
        while todo and budget:
            budget -= 1
            request = todo.pop()
            began_s = clock_s()
            self.health.reads += 1
            try:
                payload = await link.read(request)
            except Refusal as refusal:
                todo.extend(reversed(self.refused(group, request, refusal, emit)))
            else:
                self.answered(group, request, payload, emit)
            self.health.read_latency_ms += LATENCY_WEIGHT * (
                1000 * (clock_s() - began_s) - self.health.read_latency_ms
            )

    def answered(self, group: Group, request: Request, payload: bytes, emit: Emit) -> None:
        """Values came: report them with the time of now."""
        at_ms = self.now()
        self.greet(group.unit)
        group.quarantine.answered(request)
        group.unit.doubt.heard(request.points)
        reader = self.readers.get(request)
        if reader is None:
            decode = decoder(request)
            reader = decode, self.deadband.strip(request.points, decode.converters)
            self.readers[request] = reader
        decode, strip = reader
        reports = self.deadband.sift(strip, decode.numbers(payload), at_ms)
        self.health.last_good_at_ms = at_ms
        self.health.readings += len(request.points)
        if reports:
            if bad := sum(report.quality is Quality.BAD for report in reports):
                self.health.count("no_value", bad)
            emit(reports)

    def refused(self, group: Group, request: Request, refusal: Refusal, emit: Emit) -> Sequence[Request]:
        """An exception came: what to read instead. Raises the refusal if the unit is out of reach."""
        self.health.count(f"exception_{refusal.code}")
        if refusal.code in UNREACHABLE:
            raise refusal
        self.greet(group.unit)
        doubt, quarantine = group.unit.doubt, group.quarantine
        if refusal.code == ILLEGAL_FUNCTION:
            quarantine.unsupported(request, clock_s())
        elif refusal.code not in ILLEGAL:
            self.mark(doubt.lose(request.points, clock_s()), emit)
            return ()
        elif parts := quarantine.refused(request, clock_s()):
            return parts
        if marks := doubt.condemn(request.points):
            log.warning("%s unit %d refuses %s from %d, %d of it (exception %d)", self.name, request.unit_id,
                        request.table.value, request.address, request.count, refusal.code)  # fmt: skip
            self.mark(marks, emit)
        return ()

    def greet(self, unit: Unit) -> None:
        """The unit answers, and so does the connection."""
        if unit.backoff.failures:
            unit.backoff.succeeded()
            log.info("%s unit %d answers again", self.name, unit.unit_id)
        if self.backoff.failures:
            self.backoff.succeeded()
            log.info("%s answers again", self.name)

    def rest(self, unit: Unit, schedule: Schedule, emit: Emit) -> None:
        """The unit is silent: its points are stale, and it is left alone, each time for longer."""
        if not unit.backoff.failures:
            log.warning("%s unit %d does not answer", self.name, unit.unit_id)
        unit.resumes_at_s = clock_s() + unit.backoff.failed()
        for job, group in enumerate(self.groups):
            if group.unit is unit:
                schedule.put_off(job, unit.resumes_at_s)
        self.mark(unit.doubt.lose(unit.points, clock_s()), emit)

    def lose_all(self, failure: LinkFailure, emit: Emit) -> None:
        """The connection failed: every point is stale."""
        self.health.count(failure.kind)
        if not self.backoff.failures:
            log.warning("%s is lost: %s", self.name, failure.kind)
        for unit in self.units:
            self.mark(unit.doubt.lose(unit.points, clock_s()), emit)

    async def pause(self, seconds: float, emit: Emit) -> None:
        """Wait between two attempts to connect."""
        until_s = clock_s() + seconds
        while (left_s := until_s - clock_s()) > 0:
            await asyncio.sleep(min(left_s, EXPIRE_S))
            self.expire(emit)

    def expire(self, emit: Emit) -> None:
        """Points that have been stale for too long become bad."""
        if clock_s() < self.expires_at_s:
            return
        self.expires_at_s = clock_s() + EXPIRE_S
        for unit in self.units:
            self.mark(unit.doubt.expire(clock_s()), emit)

    def mark(self, marks: Sequence[Mark], emit: Emit) -> None:
        """Report points without a value."""
        at_ms = self.now()
        if reports := self.deadband.reports(
            Reading(point, None, quality, at_ms, at_ms) for point, quality in marks
        ):
            emit(reports)


def clock_s() -> float:
    """The running loop's monotonic clock."""
    return asyncio.get_running_loop().time()
