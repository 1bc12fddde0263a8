"""Which requests read a Modbus device's points: the fewest that its limits allow.

Rules
- A request reads one table of one unit for one poll group (the points of one period).
- A value is never split over two requests.
- Points are read together if the registers between them that no point wants, a *hole*, number at most the hole
  limit, and the whole is at most the request limit. A value wider than the request limit is asked for alone:
  the device has the last word.
- A *cut* at an address keeps the points that start before it and those that start at or after it in separate
  requests; cuts are what is learned from a device's refusals (quarantine.py).

Points sorted by address and taken greedily give the fewest requests: whether two neighbours may share one
depends on them alone (hole, cut), and starting a request later never makes the rest need more of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from contract.point import BIT_TABLES, ModbusAddress, Point, Register


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What one request to a device may ask for. The defaults are the protocol's own maxima."""

    registers_max: int = 125
    bits_max: int = 2000
    register_hole_max: int = 16
    bit_hole_max: int = 64

    def __post_init__(self) -> None:
        """Hold to the protocol (Modbus Application Protocol V1.1b3, 6.1-6.4)."""
        if not (1 <= self.registers_max <= 125 and 1 <= self.bits_max <= 2000):  # noqa: PLR2004  (the protocol's)
            raise ValueError("a request asks for 1…125 registers or 1…2000 bits")
        if self.register_hole_max < 0 or self.bit_hole_max < 0:
            raise ValueError("a hole has no negative size")

    def count_max(self, table: Register) -> int:
        """How many registers or bits a request may ask for."""
        return self.bits_max if table in BIT_TABLES else self.registers_max

    def hole_max(self, table: Register) -> int:
        """How many unwanted ones in a row may be read along."""
        return self.bit_hole_max if table in BIT_TABLES else self.register_hole_max


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Request:
    """One reading request and the points it answers, ordered by where they lie. Two are never equal."""

    unit_id: int
    table: Register
    address: int
    count: int
    points: tuple[Point, ...]


def where(point: Point) -> ModbusAddress:
    """The Modbus address of a point that a Modbus source is to read."""
    assert isinstance(point.address, ModbusAddress), f"{point.key} is no Modbus point"
    return point.address


def span(point: Point) -> tuple[int, int]:
    """First address and number of registers (or bits) of a point."""
    address = where(point)
    return address.address, address.words


def poll_groups(points: Iterable[Point]) -> dict[tuple[int, Register, float], list[Point]]:
    """Points by unit, table and period, in that order: those that may share a request."""
    groups: dict[tuple[int, Register, float], list[Point]] = {}
    for point in points:
        address = where(point)
        groups.setdefault((address.unit_id, address.table, point.period_s), []).append(point)
    return dict(sorted(groups.items(), key=lambda item: (item[0][0], item[0][1].value, item[0][2])))


def plan(points: Iterable[Point], limits: ReadLimits, cuts: Collection[int] = ()) -> tuple[Request, ...]:
    """The fewest requests for these points; cuts hold in every group, so give them for one group at a time."""
    groups = poll_groups(points).values()
    return tuple(request for group in groups for request in coalesce(group, limits, sorted(cuts)))


def coalesce(points: Sequence[Point], limits: ReadLimits, cuts: Sequence[int]) -> Iterator[Request]:
    """The requests of one poll group; `cuts` ascend."""
    table = where(points[0]).table
    count_max, hole_max = limits.count_max(table), limits.hole_max(table)
    run: list[Point] = []
    start = side = reached = 0
    for point in sorted(points, key=span):
        address, words = span(point)
        own_side = bisect_right(cuts, address)
        if run and (address + words - start > count_max or address - reached > hole_max or own_side != side):
            yield request_of(run)
            run = []
        if not run:
            start, side = address, own_side
        run.append(point)
        reached = max(reached, address + words)
    yield request_of(run)


def request_of(points: Sequence[Point]) -> Request:
    """The request that covers these points, given in the order of `span`."""
    first = where(points[0])
    end = max(sum(span(point)) for point in points)
    return Request(first.unit_id, first.table, first.address, end - first.address, tuple(points))


def halves(request: Request) -> tuple[Request, ...]:
    """Two requests for the points of one, or none if all of them lie on the same registers."""
    points = request.points
    seams = [at for at in range(1, len(points)) if span(points[at]) != span(points[at - 1])]
    if not seams:
        return ()
    seam = min(seams, key=lambda at: abs(2 * at - len(points)))
    return request_of(points[:seam]), request_of(points[seam:])
