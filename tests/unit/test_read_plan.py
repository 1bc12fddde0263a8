"""Pins the read plan: every point once, every request legal, no value split, and no plan with fewer requests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.point import BIT_TABLES, ModbusAddress, Point, RawType, Register
from edge_agent.acquisition.read_plan import ReadLimits, Request, halves, plan, span
from tests.points import modbus_point

KINDS = [kind for kind in RawType if kind not in (RawType.BIT, RawType.ASCII)]


@st.composite
def point_lists(draw: st.DrawFn, *, address_max: int = 400, size: int = 60) -> list[Point]:
    """Points of a device: several units, tables and periods, overlaps included."""
    points = []
    for _ in range(draw(st.integers(1, size))):
        table = draw(st.sampled_from([Register.HOLDING, Register.INPUT, Register.COIL]))
        kind = RawType.BIT if table in BIT_TABLES else draw(st.sampled_from([*KINDS, RawType.ASCII]))
        points.append(
            modbus_point(
                draw(st.integers(0, address_max)),
                kind,
                table=table,
                unit_id=draw(st.sampled_from([1, 1, 1, 2])),
                period_s=draw(st.sampled_from([1.0, 1.0, 5.0])),
                length=draw(st.integers(1, 40)) if kind is RawType.ASCII else 0,
            )
        )
    return points


limits_of_devices = st.builds(
    ReadLimits,
    registers_max=st.integers(1, 125),
    bits_max=st.integers(1, 200),
    register_hole_max=st.integers(0, 30),
    bit_hole_max=st.integers(0, 64),
)


def registers(request: Request) -> set[int]:
    return set(range(request.address, request.address + request.count))


def wanted(point: Point) -> set[int]:
    address, words = span(point)
    return set(range(address, address + words))


def address_of(point: Point) -> ModbusAddress:
    assert isinstance(point.address, ModbusAddress)
    return point.address


@given(point_lists(), limits_of_devices)
def test_every_point_is_read_once_by_a_legal_request(points: list[Point], limits: ReadLimits) -> None:
    """No point is left out, read twice, split, or asked of another unit, table or poll group."""
    requests = plan(points, limits)
    assert sorted(map(id, points)) == sorted(id(point) for request in requests for point in request.points)
    for request in requests:
        widest = max(span(point)[1] for point in request.points)
        assert 1 <= request.count <= max(limits.count_max(request.table), widest)
        assert len({point.period_s for point in request.points}) == 1
        for point in request.points:
            assert (address_of(point).unit_id, address_of(point).table) == (request.unit_id, request.table)
            assert wanted(point) <= registers(request)


@given(point_lists(), limits_of_devices)
def test_holes_keep_to_the_limit_and_the_ends_are_wanted(points: list[Point], limits: ReadLimits) -> None:
    """A request begins and ends with a wanted register and has no longer run of unwanted ones than allowed."""
    requests = plan(points, limits)
    for request in requests:
        of_table = [
            point
            for point in points
            if (address_of(point).unit_id, address_of(point).table, point.period_s)
            == (request.unit_id, request.table, request.points[0].period_s)
        ]
        run = 0
        own: set[int] = set().union(*(wanted(point) for point in request.points))
        assert {request.address, request.address + request.count - 1} <= own
        anybody: set[int] = set().union(*(wanted(point) for point in of_table))
        for register in sorted(registers(request)):
            run = 0 if register in anybody else run + 1
            assert run <= limits.hole_max(request.table)


def is_legal(points: Sequence[Point], everybody: Sequence[Point], limits: ReadLimits) -> bool:
    """Whether one request may read these points, by the rules and by nothing of the planner's code."""
    start = min(min(wanted(point)) for point in points)
    end = max(max(wanted(point)) for point in points) + 1
    if end - start > limits.registers_max and len({span(point) for point in points}) > 1:
        return False
    used: set[int] = set().union(*(wanted(point) for point in everybody))
    run = 0
    for register in range(start, end):
        run = 0 if register in used else run + 1
        if run > limits.register_hole_max:
            return False
    return True


def fewest(points: Sequence[Point], limits: ReadLimits) -> int:
    """The smallest number of legal requests, found by trying every way to divide the points."""

    @cache
    def best(left: frozenset[int]) -> int:
        if not left:
            return 0
        first = min(left)
        others = sorted(left - {first})
        counts = []
        for mask in range(1 << len(others)):
            group = {first, *(other for at, other in enumerate(others) if mask >> at & 1)}
            if is_legal([points[at] for at in sorted(group)], points, limits):
                counts.append(1 + best(frozenset(left - group)))
        return min(counts)

    return best(frozenset(range(len(points))))


@given(
    st.lists(st.builds(modbus_point, st.integers(0, 30), st.sampled_from(KINDS)), min_size=1, max_size=6),
    st.builds(ReadLimits, registers_max=st.integers(4, 16), register_hole_max=st.integers(0, 5)),
)
def test_no_plan_has_fewer_requests(points: list[Point], limits: ReadLimits) -> None:
    """Against every possible division of up to six points, overlapping ones included."""
    assert len(plan(points, limits)) == fewest(points, limits)


@given(point_lists(address_max=60, size=20), limits_of_devices, st.sets(st.integers(0, 64), max_size=4))
def test_nothing_is_read_across_a_cut(points: list[Point], limits: ReadLimits, cuts: set[int]) -> None:
    """Points on both sides of a cut never share a request."""
    for request in plan(points, limits, cuts):
        for cut in cuts:
            assert len({span(point)[0] < cut for point in request.points}) == 1


@given(point_lists(address_max=60, size=20), limits_of_devices)
def test_halves_share_the_points_of_a_request(points: list[Point], limits: ReadLimits) -> None:
    """Halving loses no point, parts no two points of the same registers, and ends."""
    for request in plan(points, limits):
        parts = halves(request)
        if not parts:
            assert len({span(point) for point in request.points}) == 1
            continue
        assert [point for part in parts for point in part.points] == list(request.points)
        left, right = ({span(point) for point in part.points} for part in parts)
        assert left.isdisjoint(right)
        assert all(len(part.points) < len(request.points) for part in parts)


def test_a_face_in_few_requests() -> None:
    """125 registers make one request, the 126th a second; a hole of 16 is read along, one of 17 is not."""
    block = [modbus_point(address) for address in range(126)]
    assert [request.count for request in plan(block, ReadLimits())] == [125, 1]
    assert [request.count for request in plan([modbus_point(0), modbus_point(17)], ReadLimits())] == [18]
    assert [request.count for request in plan([modbus_point(0), modbus_point(18)], ReadLimits())] == [1, 1]


def test_a_value_wider_than_the_limit_is_asked_for_alone() -> None:
    """A device that gives two registers at a time is still asked for a float64; it may refuse that one."""
    points = [modbus_point(0), modbus_point(1, RawType.FLOAT64), modbus_point(5)]
    assert [request.count for request in plan(points, ReadLimits(registers_max=2))] == [1, 4, 1]


def test_text_takes_two_characters_to_a_register() -> None:
    """The longest text fills a request of its own."""
    name, longest = modbus_point(0, RawType.ASCII, length=5), modbus_point(3, RawType.ASCII, length=250)
    assert [(request.address, request.count) for request in plan([name, longest], ReadLimits())] == [
        (0, 3),
        (3, 125),
    ]


@pytest.mark.parametrize(
    "fields", [{"registers_max": 126}, {"registers_max": 0}, {"bits_max": 2001}, {"register_hole_max": -1}]
)
def test_limits_hold_to_the_protocol(fields: dict[str, int]) -> None:
    """No limit above the protocol's own."""
    with pytest.raises(ValueError, match=r"register|hole"):
        ReadLimits(**fields)
