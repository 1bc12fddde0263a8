"""One pass over the points of a Modbus source: over such a connection, in such requests and limits as the agent's.

A unit that does not answer costs one timeout and a new connection. A refused request is halved until the points that
are to blame are known.
"""

from __future__ import annotations

from collections.abc import Sequence

from contract.point import BIT_TABLES, Point
from contract.quality import Quality
from edge_agent.acquisition.decode import decoder
from edge_agent.acquisition.read_plan import Request, halves, plan, span, where
from edge_agent.acquisition.reading import Reading
from edge_agent.engineering.probe import registers_of
from edge_agent.source_config.modbus import ModbusSource
from edge_agent.sources.modbus import ILLEGAL, UNREACHABLE
from edge_agent.sources.modbus_link import LinkFailure, ModbusLink, Refusal
from edge_agent.sources.modbus_transport import transport_of
from edge_agent.sources.modbus_units import Terms, terms_of
from edge_agent.sources.one_pass import GOOD, NO_VALUE, Pass, Read
from edge_agent.sources.source import Now


async def modbus_pass(config: ModbusSource, points: Sequence[Point], now: Now) -> Pass:
    """Read every point once."""
    reader = OnceReader(config)
    found = Pass(now)
    try:
        for unit_id in sorted({where(point).unit_id for point in points}):
            own = [point for point in points if where(point).unit_id == unit_id]
            await read_unit(reader, unit_id, own, found)
    except LinkFailure as failure:
        found.failure = str(failure)
        found.fail(points, failure.kind, Quality.STALE)
    finally:
        reader.drop_link()
    return found


async def read_unit(reader: OnceReader, unit_id: int, points: Sequence[Point], found: Pass) -> None:
    """Read the points of one unit; raises `LinkFailure` if there is no connection to be had."""
    todo = list(plan(points, reader.terms(unit_id).limits))
    while todo:
        request = todo.pop(0)
        link = await reader.connected()
        try:
            payload = await reader.read(link, request)
        except Refusal as refusal:
            kind, parts = f"exception_{refusal.code}", halves(request) if refusal.code in ILLEGAL else ()
            if refusal.code in UNREACHABLE:
                found.fail(points, kind, Quality.STALE)
                return
            todo[:0] = parts
            if not parts:
                found.fail(request.points, kind)
        except LinkFailure as failure:
            reader.drop_link()
            found.fail(points, failure.kind, Quality.STALE)
            return
        else:
            take(request, payload, found)


def take(request: Request, payload: bytes, found: Pass) -> None:
    """What the answer to a request says of its points."""
    at_ms = found.now()
    for point, value in zip(request.points, decoder(request).values(payload), strict=True):
        quality, trouble = (Quality.BAD, NO_VALUE) if value is None else (Quality.GOOD, GOOD)
        reading = Reading(point, value, quality, at_ms, at_ms)
        found.reads[point.key] = Read(reading, raw_of(request, point, payload), trouble)


def raw_of(request: Request, point: Point, payload: bytes) -> str:
    """The registers of a point, or its coil as 0 or 1."""
    first, words = span(point)
    at = first - request.address
    if request.table in BIT_TABLES:
        return str(payload[at // 8] >> at % 8 & 1)
    return " ".join(registers_of(payload[2 * at : 2 * (at + words)]))


class OnceReader:
    """One connection at a time, made when it is needed."""

    def __init__(self, config: ModbusSource) -> None:
        self.transport = transport_of(config)
        self.shared = terms_of(config)
        self.own = {unit.unit_id: terms_of(config, unit) for unit in config.units}
        self.link: ModbusLink | None = None

    def terms(self, unit_id: int) -> Terms:
        """What a unit can take."""
        return self.own.get(unit_id, self.shared)

    async def connected(self) -> ModbusLink:
        """The connection; raises `LinkFailure` if there is none to be had."""
        if self.link is None:
            link = self.link = ModbusLink(self.transport)
            await link.open(self.shared.timeout_s)
        return self.link

    def gap_s(self, unit_id: int) -> float:
        """The silence before a request to a unit."""
        return max(self.terms(unit_id).gap_s, self.transport.silence_s)

    async def read(self, link: ModbusLink, request: Request) -> bytes:
        """One exchange, after the silence that it needs; raises as `ModbusLink.read` does."""
        if gap_s := self.gap_s(request.unit_id):
            await link.silence(gap_s)
        return await link.read(request, self.terms(request.unit_id).timeout_s)

    def drop_link(self) -> None:
        """Close the connection, if there is one."""
        if self.link is not None:
            self.link.close()
        self.link = None
