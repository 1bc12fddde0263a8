"""Pins the Modbus source against real servers: what it reads, and that no fault of one point or unit spreads."""

from __future__ import annotations

import asyncio
import struct
from functools import partial

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from contract.datatype import Value
from contract.point import ByteOrder, Point, RawType, Register
from contract.quality import Quality
from edge_agent.acquisition.read_plan import ReadLimits, plan, span
from edge_agent.sources.modbus_frames import Reply
from edge_agent.sources.modbus_link import ModbusLink
from edge_agent.sources.modbus_transport import TcpTransport
from tests.modbus_device import device
from tests.modbus_sources import FAST_S, now_ms, registers, source_of
from tests.points import modbus_point
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE


def everything() -> list[tuple[Point, Value | None]]:
    """Points of all tables and types and what the server below holds in them."""
    point = partial(modbus_point, period_s=FAST_S, max_silence_s=FAST_S)
    modes = {1: "remote", 2: "auto"}
    return [
        (point(0, RawType.BIT, table=Register.COIL), True),
        (point(1, RawType.BIT, table=Register.COIL), False),
        (point(5, RawType.BIT, table=Register.DISCRETE), True),
        (point(0, scale=0.1), 466.0),
        (point(0, RawType.BIT, bit=4), True),
        (point(1, RawType.INT16), -2),
        (point(2, RawType.UINT32), 12_345_678),
        (point(4, RawType.FLOAT32, order=ByteOrder.CDAB), 123.45600128173828),
        (point(6, RawType.FLOAT64), 123.456),
        (point(10, RawType.FLOAT32), None),
        (point(12, RawType.BCD16, scale=0.1), 123.4),
        (point(13, RawType.BCD32), 12_345_678),
        (point(15, RawType.ASCII, length=6), "PUMP-1"),
        (point(18, RawType.ASCII, length=4, order=ByteOrder.BADC), "OK"),
        (point(20, mask=0x00F0, enum={10: "running"}, name="Pump 1/Mode"), "running"),
        (point(20, flags={1: "alarm", 4: "cut"}, name="Pump 1/State"), "alarm+cut+0x20+0x80"),
        (point(21, RawType.BCD16), None),
        (point(21, RawType.ASCII, length=2), None),
        (point(30, table=Register.INPUT, enum=modes), "auto"),
        (point(31, table=Register.INPUT, enum=modes), None),
    ]


@pytest.mark.parametrize("framer", [FramerType.SOCKET, FramerType.RTU])
async def test_every_type_from_a_pymodbus_server(framer: FramerType) -> None:
    """All tables, types and orders at once, with both framings; times are those of the replies."""
    double = struct.unpack(">4H", struct.pack(">d", 123.456))
    holding = [0x1234, 0xFFFE, 0x00BC, 0x614E, 0xE979, 0x42F6, *double, 0x7FC0, 0]
    holding += [0x1234, 0x1234, 0x5678, 0x5055, 0x4D50, 0x2D31, 0x4B4F, 0x0020, 0x00A5, 0xFFFF]
    server = ModbusTcpServer(
        SimDevice(
            id=1,
            simdata=(
                [SimData(0, values=[True, False, True], datatype=DataType.BITS)],
                [SimData(5, values=[True], datatype=DataType.BITS)],
                [SimData(0, values=holding, datatype=DataType.REGISTERS)],
                [SimData(30, values=[2, 9], datatype=DataType.REGISTERS)],
            ),
        ),
        framer=framer,
        address=("127.0.0.1", 0),
    )
    await server.serve_forever(background=True)
    try:
        port = server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]  # an asyncio.Server
        rows, taken = everything(), Taken()
        source = source_of(port, [point for point, _ in rows], is_rtu=framer is FramerType.RTU)
        began = now_ms()
        async with running(source, taken):
            await taken.until(
                lambda: all(len(taken.of(point)) >= (1 if value is None else 2) for point, value in rows)
            )
            for point, value in rows:
                assert set(taken.of(point)) == {(value, BAD if value is None else GOOD)}
                assert all(type(got) is type(value) for got, _ in taken.of(point))
            assert source.health.connected
        assert all(
            began <= reading.read_at_ms == reading.source_at_ms <= now_ms() for reading in taken.readings
        )
        assert source.health.errors.keys() <= {"no_value", "poll_missed"}
        assert source.health.readings >= len(taken.readings)
        assert not source.health.connected
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it untyped


async def test_an_illegal_address_in_a_block_costs_only_its_own_point() -> None:
    """The others get values in the same poll and from then on; the bad one is bad, and comes back when mended."""
    points, taken = registers(range(40)), Taken()
    async with (
        device(illegal={17}) as plc,
        running(source := source_of(plc.port, points, refused_wait_s=(0.3, 0.3)), taken),
    ):
        await taken.until(lambda: taken.last(points[17]) and all(len(taken.of(p)) >= 3 for p in points[18:]))
        for at, point in enumerate(points):
            assert taken.changes(point) == [(None, BAD) if at == 17 else (at, GOOD)]
        assert source.health.errors["exception_2"] >= 1
        plc.illegal.clear()
        await taken.until(lambda: taken.last(points[17]) == (17, GOOD))
        assert plc.connections == 1


async def test_a_device_that_answers_without_a_value_gives_no_good_one() -> None:
    """Its sensor is dead: the age of the last good value must go on."""
    point, taken = modbus_point(0, RawType.FLOAT32, period_s=FAST_S), Taken()
    async with (
        device(values={0: 0x7FC0, 1: 0}) as plc,
        running(source := source_of(plc.port, [point]), taken),
    ):
        await taken.until(lambda: taken.last(point) == (None, BAD))
        assert (source.health.last_good_at_ms, source.health.connected) == (None, True)
        plc.values[0] = 0x3F80
        await taken.until(lambda: taken.last(point) == (1.0, GOOD))
        assert source.health.last_good_at_ms is not None


async def test_an_illegal_hole_and_a_short_limit_cost_nothing() -> None:
    """What no point wants makes no point bad, and neither does a limit on the length of a request."""
    points, taken = registers([*range(10), *range(14, 60)]), Taken()
    async with device(illegal={12}, count_max=20) as plc, running(source_of(plc.port, points), taken):
        await taken.until(lambda: all(len(taken.of(point)) >= 2 for point in points))
        for point in points:
            assert taken.changes(point) == [(span(point)[0], GOOD)]


async def test_a_silent_unit_costs_the_others_one_timeout_now_and_then() -> None:
    """Its points go stale, then bad, each once; the others go on without a gap; one connection at a time."""
    dead = registers(range(5), unit_id=2, stale_after_s=1.0)
    alive = registers(range(5)) + registers(range(5), unit_id=3)
    taken = Taken()
    async with (
        device(units={1, 2, 3}, silent={2}) as plc,
        running(source := source_of(plc.port, [*dead, *alive], timeout_s=0.2), taken),
    ):
        await taken.until(lambda: taken.last(dead[0]) == (None, BAD))
        assert {tuple(taken.of(point)) for point in dead} == {((None, STALE), (None, BAD))}
        assert all(taken.changes(point) == [(span(point)[0], GOOD)] for point in alive)
        assert plc.asked[1] > 2 * plc.asked[2]
        assert plc.open_connections == 1
        assert source.health.errors["timeout"] == plc.asked[2]
        plc.silent.clear()
        await taken.until_all(dead)
        assert all(taken.changes(point) == [(span(point)[0], GOOD)] for point in alive)


async def test_the_units_after_a_silent_one_keep_their_turn() -> None:
    """A timeout in the middle of a round: those that were due after it are read at once, not a period later."""
    rare = [modbus_point(0, unit_id=unit_id, period_s=1000) for unit_id in range(1, 6)]
    taken = Taken()
    async with (
        device(units={1, 2, 3, 4, 5}, silent={2, 4}) as plc,
        running(source_of(plc.port, rare, unit_wait_s=(1000, 1000)), taken),
    ):
        await taken.until(lambda: all(taken.of(point) for point in rare))
        assert [taken.of(point) for point in rare] == [
            [(0, GOOD)], [(None, STALE)], [(0, GOOD)], [(None, STALE)], [(0, GOOD)],
        ]  # fmt: skip
        assert plc.asked == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}


async def test_a_cancellation_that_comes_with_a_reply_is_not_lost() -> None:
    """Both at the same moment: the task ends (before Python 3.12 `wait_for` swallows the cancellation)."""
    (request,) = plan([modbus_point(0)], ReadLimits())
    async with device(silent={1}) as plc:
        link = ModbusLink(TcpTransport("127.0.0.1", plc.port))
        await link.open(5)
        task = asyncio.create_task(link.read(request, 5))
        await Taken().until(lambda: plc.asked)
        link.client.ctx.response_future.set_result(Reply(1, 1, b"\0\0"))
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        link.close()


async def test_a_gateway_that_cannot_reach_a_unit() -> None:
    """Exception 11 leaves the unit alone, without a new connection."""
    missing, alive, taken = registers(range(3), unit_id=9), registers(range(3)), Taken()
    async with device() as plc, running(source := source_of(plc.port, [*missing, *alive]), taken):
        await taken.until(lambda: len(taken.of(alive[0])) >= 10)
        assert {tuple(taken.of(point)) for point in missing} == {((None, STALE),)}
        assert source.health.errors["exception_11"] == plc.asked[9] < plc.asked[1]
        assert plc.connections == 1
        plc.units.add(9)
        await taken.until_all(missing)


async def test_a_busy_unit_gives_no_value_and_recovers() -> None:
    """Busy is stale, never 0."""
    points, taken = registers(range(3)), Taken()
    async with device() as plc, running(source_of(plc.port, points), taken):
        await taken.until_all(points)
        plc.exceptions[1] = 6
        await taken.until_all(points, STALE)
        del plc.exceptions[1]
        await taken.until_all(points)
        assert taken.changes(points[2]) == [(2, GOOD), (None, STALE), (2, GOOD)]
        assert plc.connections == 1


async def test_a_table_that_the_unit_does_not_have() -> None:
    """Exception 1 makes the points of that table bad with one request."""
    points, taken = registers(range(50)), Taken()
    async with device(exceptions={1: 1}) as plc, running(source_of(plc.port, points), taken):
        await taken.until_all(points, BAD)
        assert plc.asked[1] == 1


async def test_a_server_that_goes_and_comes_back() -> None:
    """Stale once and at once, no value in between, good again; never more than one connection."""
    points, taken = registers(range(8), stale_after_s=1.0), Taken()
    async with device() as plc:
        source = source_of(plc.port, points)
        async with running(source, taken):
            for _ in range(2):
                await taken.until_all(points)
                taken.forget()
                await plc.stop()
                lost_at = now_ms()
                await taken.until_all(points, STALE)
                assert now_ms() - lost_at < 2_000
                await taken.until_all(points, BAD)
                assert {
                    tuple(step for step in taken.of(point) if step[1] is not GOOD) for point in points
                } == {((None, STALE), (None, BAD))}
                assert not source.health.connected
                await plc.start()
            await taken.until_all(points)
            assert plc.open_connections == 1
        await taken.until(lambda: plc.open_connections == 0)


async def test_a_broken_connection_is_noticed_between_polls() -> None:
    """A point that is read once a minute goes stale when the link breaks, not at its next poll."""
    point, taken = modbus_point(3, period_s=60), Taken()
    async with device() as plc, running(source_of(plc.port, [point]), taken):
        await taken.until_all([point])
        plc.drop()
        await taken.until(lambda: taken.changes(point) == [(3, GOOD), (None, STALE), (3, GOOD)])


async def test_starting_before_the_server() -> None:
    """Stale at first, good as soon as the server is there."""
    points, taken = registers(range(2)), Taken()
    async with device() as plc:
        await plc.stop()
        async with running(source := source_of(plc.port, points), taken):
            await taken.until(lambda: source.health.errors.get("connect", 0) >= 2)
            assert {tuple(taken.of(point)) for point in points} == {((None, STALE),)}
            await plc.start()
            await taken.until_all(points)


async def test_a_late_reply_is_never_taken_for_another() -> None:
    """Two blocks of the same size and answers later than the timeout: each value stays with its address."""
    points, taken = registers([*range(10), *range(100, 110)]), Taken()
    async with (
        device(delays_s=[0, 0, 0.3, 0, 0.3, 0, 0, 0, 0.3, 0.3]) as plc,
        running(source := source_of(plc.port, points, timeout_s=0.2), taken),
    ):
        await taken.until(lambda: not plc.delays_s and source.health.errors.get("timeout", 0) >= 4)
        await asyncio.sleep(0.3)  # the late replies have had their time
        await taken.until_all(points)
        for reading in taken.readings:
            if reading.quality is GOOD:
                assert reading.value == span(reading.point)[0]
        assert plc.open_connections == 1


@pytest.mark.parametrize(("mangled", "kind"), [("short", "garbled_reply"), ("transaction", "timeout")])
async def test_a_reply_that_does_not_fit_is_no_value(mangled: str, kind: str) -> None:
    """A reply too short, or to another request: the connection is given up, and all is well with the next."""
    points, taken = registers(range(5)), Taken()
    async with device(mangle=[mangled]) as plc, running(source := source_of(plc.port, points), taken):
        await taken.until_all(points)
        assert source.health.errors == {kind: 1} | source.health.errors
        assert [taken.changes(point) for point in points] == [[(None, STALE), (at, GOOD)] for at in range(5)]
        assert plc.connections == 2


async def test_nothing_but_reading_functions_goes_out() -> None:
    """Function codes on the wire, in health and in trouble."""
    rows, taken = everything(), Taken()
    async with (
        device(illegal={1, 31}) as plc,
        running(source_of(plc.port, [point for point, _ in rows]), taken),
    ):
        await taken.until(lambda: all(taken.of(point) for point, _ in rows))
        assert plc.functions == {1, 2, 3, 4}
