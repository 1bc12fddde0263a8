"""A Modbus server, or a gateway or line with many units behind it: one connection, one request after another.

What goes wrong, and what it costs:
- An illegal address costs its own point (quarantine.py). Any other exception makes the points of that request
  stale until they are read again.
- A unit that does not answer, or not so that it can be understood, costs one timeout: the connection is closed,
  so that its late reply can never be taken for another, and opened again at once for the others; the unit is left
  alone for a while that doubles with each failure. The same, without a new connection, where a gateway says that
  it cannot reach the unit. What all silent units of a connection may cost together is bounded (`Patience`).
- RTU frames have no number, and a line or a serial gateway may deliver a late one into the next connection: there
  a unit is left alone for several timeouts, and what comes from it while others are asked is passed over.
- A lost connection makes all points stale at once; new attempts come after growing, jittered waits.
Stale points become bad after their `stale_after_s`. Nothing is ever reported again with a new time: a reading
is made from a reply and has the time when the reply came.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Final
from weakref import WeakKeyDictionary

from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.deadband import Deadband, Strip
from edge_agent.acquisition.decode import Decoder, decoder
from edge_agent.acquisition.doubt import Mark
from edge_agent.acquisition.read_plan import Request
from edge_agent.acquisition.reading import Reading
from edge_agent.acquisition.schedule import Patience, Schedule
from edge_agent.source_config import modbus as source_config
from edge_agent.sources.modbus_link import LinkFailure, ModbusLink, NoAnswer, Refusal
from edge_agent.sources.modbus_transport import Transport, transport_of
from edge_agent.sources.modbus_units import Group, Terms, Unit, groups_of, terms_of
from edge_agent.sources.source import Emit, Now, SourceHealth
from edge_agent.uplink.backoff import Backoff

log = logging.getLogger(__name__)

GOOD, BAD = Quality.GOOD, Quality.BAD
"""By a name of its own: to look a member up in an enumeration is slow, and it is done for every report."""
ILLEGAL_FUNCTION: Final = 1
ILLEGAL: Final = frozenset({2, 3})
"""Illegal address, illegal value: the request touches what the unit does not have."""
UNREACHABLE: Final = frozenset({10, 11})
"""A gateway has no path to the unit, or no answer from it."""
HALVINGS_MAX: Final = 32
"""Requests that one poll of a group may take beyond its plan; what is left goes on with the next poll."""
EXPIRE_S: Final = 1.0
"""How often stale points are looked at for becoming bad."""
LATE_TIMEOUTS: Final = 3
"""How many timeouts after one an RTU reply may still come."""
SILENT_SHARE: Final = 0.04
SILENT_CREDIT_S: Final = 4.0
"""What units that do not answer may cost the others of a connection."""
REFUSED_WAIT_S: Final = (60.0, 960.0)
UNIT_WAIT_S: Final = (1.0, 60.0)
CONNECT_WAIT_S: Final = (0.5, 30.0)


class ModbusSource:
    """The points behind one connection."""

    def __init__(
        self,
        *,
        name: str,
        transport: Transport,
        points: Sequence[Point],
        now: Now,
        rng: Random,
        terms: Terms | None = None,
        own_terms: Mapping[int, Terms] | None = None,
        refused_wait_s: tuple[float, float] = REFUSED_WAIT_S,
        unit_wait_s: tuple[float, float] = UNIT_WAIT_S,
        connect_wait_s: tuple[float, float] = CONNECT_WAIT_S,
    ) -> None:
        """`own_terms` are of units that differ; each pair of waits is that after the first failure and the longest."""
        self.name = name
        self.points = tuple(points)
        self.health = SourceHealth()
        self.transport = transport
        self.terms = terms or Terms()
        self.now = now
        self.backoff = Backoff(*connect_wait_s, rng)
        self.groups = groups_of(
            points,
            terms=lambda unit_id: (own_terms or {}).get(unit_id, self.terms),
            backoff=lambda: Backoff(*unit_wait_s, rng),
            refused_wait_s=refused_wait_s,
            health=self.health,
        )
        self.units = list({group.unit.unit_id: group.unit for group in self.groups}.values())
        self.patience = Patience(SILENT_SHARE, SILENT_CREDIT_S)
        self.deadband = Deadband()
        self.readers: WeakKeyDictionary[Request, tuple[Decoder, Strip]] = WeakKeyDictionary()
        self.due: deque[int] = deque()
        """Groups to be polled now; when a silent unit costs the connection, the rest of them go on over the next."""
        self.schedule = Schedule([], 0.0)
        self.expires_at_s = -math.inf

    async def run(self, emit: Emit) -> None:
        """Read until cancelled."""
        self.begin_again()
        while True:
            try:
                await self.serve(emit)
            except NoAnswer:
                pass  # the others go on at once, over a new connection
            except LinkFailure as failure:
                self.lose_all(failure, emit)
                await self.pause(self.backoff.failed(), emit)
                self.begin_again()

    def begin_again(self) -> None:
        """Every group is due now, but for those of units that are left alone."""
        self.due.clear()
        self.schedule = Schedule([group.period_s for group in self.groups], clock_s())
        for unit in self.units:
            if unit.resumes_at_s > clock_s():
                self.put_off(unit, unit.resumes_at_s)

    async def serve(self, emit: Emit) -> None:
        """Poll over one connection; raises `LinkFailure` when it is of no more use."""
        link = ModbusLink(self.transport)
        try:
            await link.open(self.terms.timeout_s)
            while True:
                while self.due:
                    group = self.groups[self.due.popleft()]
                    if group.unit.resumes_at_s <= clock_s():
                        await self.ask(link, group, emit)
                    self.expire(emit)
                await self.wait(link, emit)
                self.due.extend(self.schedule.due(clock_s()))
        finally:
            link.close()
            self.health.connected = False

    async def wait(self, link: ModbusLink, emit: Emit) -> None:
        """Until the next poll is due; raises `LinkFailure` if the other side closes in the meantime."""
        self.expire(emit)
        for job, times in self.schedule.missed.items():
            self.groups[job].unit.count("poll_missed", times)
        self.schedule.missed.clear()
        pause_s = self.schedule.next_at_s() - clock_s()
        if pause_s > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(pause_s, EXPIRE_S)):
                    await link.lost.wait()
        if link.lost.is_set():
            raise LinkFailure("connection_lost")

    async def ask(self, link: ModbusLink, group: Group, emit: Emit) -> None:
        """Poll a group; a unit that does not answer is left alone for a while."""
        try:
            await self.poll(link, group, emit)
        except NoAnswer as silence:
            group.unit.count(silence.kind)
            self.rest(group.unit, silence, emit)
            raise
        except LinkFailure:
            self.await_late(group.unit)
            raise
        except Refusal as refusal:
            self.rest(group.unit, refusal, emit)

    async def poll(self, link: ModbusLink, group: Group, emit: Emit) -> None:
        """Read what a group has to read; raises `LinkFailure`, or `Refusal` where the unit cannot be reached."""
        todo = [*group.quarantine.requests(clock_s())]
        todo.reverse()
        budget = len(todo) + HALVINGS_MAX
        while todo and budget:
            budget -= 1
            request = todo.pop()
            try:
                payload = await self.read(link, group.unit, request)
            except Refusal as refusal:
                todo.extend(reversed(self.refused(group, request, refusal, emit)))
            else:
                self.answered(group, request, payload, emit)

    async def read(self, link: ModbusLink, unit: Unit, request: Request) -> bytes:
        """One exchange, after the silence that it needs; raises as `ModbusLink.read` does."""
        if gap_s := max(unit.terms.gap_s, self.transport.silence_s):
            await link.silence(gap_s)
        began_s = time.monotonic()
        try:
            return await link.read(request, unit.terms.timeout_s)
        finally:
            unit.asked(time.monotonic() - began_s)

    def answered(self, group: Group, request: Request, payload: bytes, emit: Emit) -> None:
        """Values came: report them with the time of now."""
        at_ms = self.now()
        self.greet(group.unit)
        if group.quarantine.answered(request):
            log.info("%s unit %d gives %s from %d, %d of it, again", self.name, request.unit_id,
                     request.table.value, request.address, request.count)  # fmt: skip
        group.unit.doubt.heard(request.points)
        reader = self.readers.get(request)
        if reader is None:
            decode = decoder(request)
            reader = decode, self.deadband.strip(request.points, decode.converters)
            self.readers[request] = reader
        decode, strip = reader
        reports = self.deadband.sift(strip, decode.numbers(payload), at_ms)
        is_good = any(watch.quality is GOOD for watch in strip.watches)  # as a rule the first is
        group.unit.answered(len(request.points), at_ms if is_good else None)
        if reports:
            if bad := [report for report in reports if report.quality is BAD]:
                group.unit.count("no_value", len(bad))
            emit(reports)

    def refused(self, group: Group, request: Request, refusal: Refusal, emit: Emit) -> Sequence[Request]:
        """An exception came: what to read instead. Raises the refusal if the unit is out of reach."""
        group.unit.count(f"exception_{refusal.code}")
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
            self.hurry()
        if self.backoff.failures:
            self.backoff.succeeded()
            log.info("%s answers again", self.name)

    def hurry(self) -> None:
        """What kept a unit silent is over, and maybe was the same for others: try the one that is next at once."""
        now_s = clock_s()
        if waiting := [unit for unit in self.units if unit.resumes_at_s > now_s >= unit.late_until_s]:
            self.put_off(min(waiting, key=lambda unit: unit.resumes_at_s), now_s)

    def rest(self, unit: Unit, reason: NoAnswer | Refusal, emit: Emit) -> None:
        """The unit is silent: its points are stale, and it is left alone, each time for longer."""
        if not unit.backoff.failures:
            log.warning("%s unit %d does not answer (%s)", self.name, unit.unit_id, reason)
        now_s = clock_s()
        if isinstance(reason, NoAnswer) and reason.kind == "timeout":
            self.await_late(unit)
        resumes_at_s = max(now_s + unit.backoff.failed(), unit.late_until_s)
        if len(self.units) > 1:
            resumes_at_s = max(resumes_at_s, self.patience.next_try_at_s(unit.took_s, now_s))
        self.put_off(unit, resumes_at_s)
        unit.healths[-1].connected = False
        self.mark(unit.doubt.lose(unit.points, now_s), emit)

    def await_late(self, unit: Unit) -> None:
        """Its reply did not come: where it could be taken for another later on, do not ask the unit for a while."""
        if self.transport.is_rtu:
            unit.late_until_s = unit.resumes_at_s = clock_s() + LATE_TIMEOUTS * unit.terms.timeout_s

    def put_off(self, unit: Unit, at_s: float) -> None:
        """The unit is to be asked again at this instant, and not before."""
        unit.resumes_at_s = at_s
        for job, group in enumerate(self.groups):
            if group.unit is unit:
                self.schedule.put_off(job, at_s)

    def lose_all(self, failure: LinkFailure, emit: Emit) -> None:
        """The connection failed: every point is stale."""
        if not self.backoff.failures:
            log.warning("%s is lost: %s", self.name, failure)
        for health in (self.health, *self.health.devices.values()):
            health.count(failure.kind)
            health.connected = False
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


def of_config(
    config: source_config.ModbusSource, points: Sequence[Point], *, now: Now, rng: Random
) -> ModbusSource:
    """The source as its config has it."""
    return ModbusSource(
        name=config.name,
        transport=transport_of(config),
        points=points,
        terms=terms_of(config),
        own_terms={unit.unit_id: terms_of(config, unit) for unit in config.units},
        now=now,
        rng=rng,
    )


def clock_s() -> float:
    """The running loop's monotonic clock."""
    return asyncio.get_running_loop().time()
