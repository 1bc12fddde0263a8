"""Pins RTU, on a serial line (a pseudo-terminal) and over TCP: frames have no number there, and a line may be noisy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from contract.point import ByteOrder, Point, RawType, Register
from contract.quality import Quality
from edge_agent.acquisition.read_plan import span
from edge_agent.sources.modbus import ModbusSource
from edge_agent.sources.modbus_transport import SerialTransport, TcpTransport, Transport
from tests.modbus_device import ModbusDevice, SerialLine, device, serial_line
from tests.modbus_sources import TIMEOUT_S, registers, source_of, source_over
from tests.points import modbus_point
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE


def pty(line: SerialLine, baud_rate: int = 9600) -> SerialTransport:
    """A pseudo-terminal knows no parity."""
    return SerialTransport(str(line.path), baud_rate, "none")


@asynccontextmanager
async def plant(kind: str, folder: Path, **fields: Any) -> AsyncIterator[tuple[ModbusDevice, Transport]]:
    """Units that speak RTU, and the way to them."""
    if kind == "serial":
        async with serial_line(folder / "ttyS1", **fields) as line:
            yield line.plc, pty(line, 115_200)
    else:
        async with device(is_rtu=True, **fields) as plc:
            yield plc, TcpTransport("127.0.0.1", plc.port, is_rtu=True)


both = pytest.mark.parametrize("kind", ["serial", "tcp"])


def is_right(taken: Taken) -> bool:
    """Whether every good reading is that of its own address."""
    return all(
        reading.value == span(reading.point)[0] for reading in taken.readings if reading.quality is GOOD
    )


@both
async def test_all_tables_and_a_long_answer(kind: str, tmp_path: Path) -> None:
    """Coils, inputs, the longest request there is, and a value in an order of its own."""
    rows: list[tuple[Point, object]] = [
        (modbus_point(at, RawType.BIT, table=table), bool(at & 1))
        for table in (Register.COIL, Register.DISCRETE)
        for at in range(19)
    ]
    rows += [(modbus_point(at, table=Register.INPUT), at) for at in range(1000, 1125)]
    rows += [(modbus_point(2, RawType.UINT32, order=ByteOrder.CDAB), 3 << 16 | 2)]
    taken = Taken()
    async with plant(kind, tmp_path) as (plc, transport):
        source = source_over(transport, [point for point, _ in rows])
        async with running(source, taken):
            await taken.until(lambda: all(taken.of(point) for point, _ in rows))
            assert [taken.last(point) for point, _ in rows] == [(value, GOOD) for _, value in rows]
            assert source.health.connected
        assert source.health.errors.keys() <= {"poll_missed"}
        assert plc.functions == {1, 2, 3, 4}


@both
async def test_one_bad_register(kind: str, tmp_path: Path) -> None:
    """Exceptions travel in RTU frames too."""
    points, taken = registers(range(20)), Taken()
    async with (
        plant(kind, tmp_path, illegal={7}) as (_, transport),
        running(source_over(transport, points), taken),
    ):
        await taken.until(lambda: all(taken.of(point) for point in points))
        assert [taken.last(point) for point in points] == [
            (None, BAD) if at == 7 else (at, GOOD) for at in range(20)
        ]


@both
async def test_a_late_reply_is_never_taken_for_another(kind: str, tmp_path: Path) -> None:
    """Two blocks of the same size in one unit, one in another, and replies that come after their timeout."""
    blocks = [*registers([*range(10), *range(100, 110)]), *registers(range(200, 210), unit_id=2)]
    taken, timeout_s = Taken(), 0.2
    late = [timeout_s * times for times in (1.2, 0, 2, 0, 3.5, 0, 0, 1.5)]
    async with plant(kind, tmp_path, units={1, 2}, delays_s=late) as (plc, transport):
        source = source_over(transport, blocks, timeout_s=timeout_s)
        async with running(source, taken):
            await taken.until(lambda: not plc.delays_s and source.health.errors.get("timeout", 0) >= 4)
            await asyncio.sleep(4 * timeout_s)  # the late replies have had their time
            await taken.until_all(blocks)
            assert is_right(taken)
        assert source.health.errors.keys() <= {"timeout", "garbled_reply", "poll_missed"}


@both
async def test_a_late_reply_while_the_same_unit_is_asked_for_another_block(kind: str, tmp_path: Path) -> None:
    """Nothing in the frame tells the two apart: so the unit is not asked while the late one may still come."""
    points, taken = registers([*range(10), *range(100, 110)]), Taken()
    async with plant(kind, tmp_path, delays_s=[0.45, 0, 0.25]) as (plc, transport):
        source = source_over(transport, points, timeout_s=0.3, unit_wait_s=(0.01, 0.01))
        async with running(source, taken):
            await taken.until(lambda: not plc.delays_s)
            await taken.until_all(points)
            assert is_right(taken)
            assert plc.asked_at_s[1][1] - plc.asked_at_s[1][0] >= 0.9 * 4 * 0.3


async def test_a_late_reply_after_the_connection_broke() -> None:
    """A serial gateway delivers what the line brings into whatever connection there is then."""
    points, taken = registers([*range(10), *range(100, 110)]), Taken()
    async with device(is_rtu=True, delays_s=[0, 0.4, 0, 0.25]) as plc:
        source = source_of(plc.port, points, is_rtu=True, connect_wait_s=(0.05, 0.05))
        async with running(source, taken):
            await taken.until(lambda: plc.asked[1] == 2)
            plc.drop()  # while the second block is under way
            await taken.until_all(points, STALE)
            await taken.until_all(points)
            assert is_right(taken)
            assert plc.asked_at_s[1][2] - plc.asked_at_s[1][1] >= 0.9 * 3 * TIMEOUT_S


@both
async def test_a_unit_that_comes_back_does_not_wake_one_whose_reply_may_be_late(
    kind: str, tmp_path: Path
) -> None:
    """The one that has been silent for long is tried, not the one that has just been asked."""
    first, second = registers([0]), registers([0], unit_id=2)
    taken, timeout_s = Taken(), 0.3
    async with plant(kind, tmp_path, units={1, 2}, silent={1, 2}) as (plc, transport):
        source = source_over(transport, [*first, *second], timeout_s=timeout_s, unit_wait_s=(0.01, 0.01))
        async with running(source, taken):
            await taken.until(lambda: len(plc.asked_at_s[2]) == 2)
            plc.silent.discard(1)
            await taken.until_all(first)
            await taken.until(lambda: len(plc.asked_at_s[2]) >= 3)
            asked_at_s = plc.asked_at_s[2]
            assert all(later - at_s >= 0.9 * 4 * timeout_s for at_s, later in pairwise(asked_at_s[:3]))


@both
async def test_a_late_reply_while_another_unit_is_asked(kind: str, tmp_path: Path) -> None:
    """It is passed over, and costs that unit nothing."""
    slow, other = registers(range(5)), registers(range(50, 55), unit_id=2)
    taken = Taken()
    async with plant(kind, tmp_path, units={1, 2}, delays_s=[0.3]) as (_, transport):
        source = source_over(transport, [*slow, *other], timeout_s=0.2)
        async with running(source, taken):
            await taken.until_all([*slow, *other])
            assert [taken.changes(point) for point in other] == [[(at, GOOD)] for at in range(50, 55)]
            assert [taken.changes(point) for point in slow] == [
                [(None, STALE), (at, GOOD)] for at in range(5)
            ]
        assert source.health.errors["timeout"] == 1


@both
async def test_a_dead_unit_costs_the_others_little(kind: str, tmp_path: Path) -> None:
    """Stale, then bad, each once; the others go on."""
    dead = registers(range(3), unit_id=2, stale_after_s=1.0)
    alive = registers(range(3))
    taken = Taken()
    async with plant(kind, tmp_path) as (plc, transport):
        source = source_over(transport, [*dead, *alive], timeout_s=0.1)
        async with running(source, taken):
            await taken.until_all(dead, BAD)
            assert {tuple(taken.of(point)) for point in dead} == {((None, STALE), (None, BAD))}
            assert all(taken.changes(point) == [(span(point)[0], GOOD)] for point in alive)
            assert plc.asked[1] > 2 * plc.asked[2]
            assert source.health.devices["unit 2"].errors["timeout"] == plc.asked[2]
            assert not source.health.devices["unit 2"].connected
            assert source.health.devices["unit 1"].connected
            plc.units.add(2)
            await taken.until_all(dead)


@both
@pytest.mark.parametrize("mangled", ["checksum", "cut"])
async def test_a_frame_that_fails_its_checksum(kind: str, mangled: str, tmp_path: Path) -> None:
    """Never a value; told as what it is; costs its own unit one exchange, and the others none."""
    hit, other, taken = registers(range(5)), registers(range(5), unit_id=2), Taken()
    async with plant(kind, tmp_path, units={1, 2}, mangle=[mangled]) as (_, transport):
        source = source_over(transport, [*hit, *other])
        async with running(source, taken):
            await taken.until_all([*hit, *other])
            assert [taken.changes(point) for point in hit] == [[(None, STALE), (at, GOOD)] for at in range(5)]
            assert [taken.changes(point) for point in other] == [[(at, GOOD)] for at in range(5)]
        assert {kind: times for kind, times in source.health.errors.items() if kind != "poll_missed"} == {
            "garbled_reply": 1
        }


@both
async def test_noise_in_front_of_frames_is_borne(kind: str, tmp_path: Path) -> None:
    """As a line makes it when it is let go and taken again."""
    points, taken = registers(range(5)), Taken()
    async with plant(kind, tmp_path, mangle=["noise"] * 5) as (plc, transport):
        source = source_over(transport, points)
        async with running(source, taken):
            await taken.until(lambda: not plc.mangle and len(taken.of(points[0])) >= 6)
            assert [taken.changes(point) for point in points] == [[(at, GOOD)] for at in range(5)]
        assert source.health.errors.keys() <= {"poll_missed"}


async def test_a_line_that_is_not_there_yet(tmp_path: Path) -> None:
    """A missing device is no end: stale, told as `connect`, and good as soon as it appears; and again after a pull."""
    points, taken = registers(range(3), stale_after_s=1.0), Taken()
    async with serial_line(tmp_path / "ttyUSB0") as line:
        await line.unplug()
        source = source_over(pty(line), points)
        async with running(source, taken):
            await taken.until(lambda: source.health.errors.get("connect", 0) >= 2)
            assert {tuple(taken.changes(point)) for point in points} <= {
                ((None, STALE),),
                ((None, STALE), (None, BAD)),
            }
            for _ in range(2):
                line.plug()
                await taken.until_all(points)
                taken.forget()
                await line.unplug()
                await taken.until_all(points, STALE)
                assert not source.health.connected
            assert source.health.errors["connection_lost"] >= 1


async def test_a_line_that_another_program_holds(tmp_path: Path) -> None:
    """Told as `connect`, never shared: two masters on one line would garble each other."""
    points, first, second = registers(range(3)), Taken(), Taken()
    async with serial_line(tmp_path / "ttyS1") as line:
        transport = pty(line)
        async with running(source_over(transport, points), first):
            await first.until_all(points)
            source = source_over(transport, points)
            async with running(source, second):
                await second.until(lambda: source.health.errors.get("connect", 0) >= 2)
            assert all(reading.value is None for reading in second.readings)


async def test_a_line_that_cannot_be_set_so(tmp_path: Path) -> None:
    """A driver that knows no parity: told as `connect`, and tried again."""
    (point,), taken = registers([0]), Taken()
    async with serial_line(tmp_path / "ttyS1") as line:
        source = source_over(SerialTransport(str(line.path), parity="even"), [point])
        async with running(source, taken):
            await taken.until(lambda: source.health.errors.get("connect", 0) >= 2)
        assert taken.of(point) == [(None, STALE)]


@pytest.mark.parametrize(("baud_rate", "parity", "stop_bits", "byte_ms", "silence_ms"), [
    (9600, "even", 1, 1.146, 4.010),
    (9600, "none", 1, 1.042, 4.010),
    (9600, "none", 2, 1.146, 4.010),
    (1200, "odd", 1, 9.167, 32.083),
    (115_200, "even", 1, 0.0955, 1.75),
])  # fmt: skip
def test_what_a_line_takes(
    baud_rate: int, parity: Any, stop_bits: int, byte_ms: float, silence_ms: float
) -> None:
    """By hand: bits of a character over the rate; 3.5 characters of 11 bits, or 1.75 ms (V1.02, 2.5.1.1)."""
    line = SerialTransport("/dev/ttyS1", baud_rate, parity, stop_bits)
    assert 1000 * line.byte_s == pytest.approx(byte_ms, rel=1e-3)
    assert 1000 * line.silence_s == pytest.approx(silence_ms, rel=1e-3)


async def test_a_slow_line_has_time_for_a_long_answer(tmp_path: Path) -> None:
    """At 1,200 baud 125 registers take 2.4 s on the line: that is no part of the timeout."""
    points, taken = registers(range(125), period_s=60), Taken()
    async with serial_line(tmp_path / "ttyS1", delay_s=2.5 * TIMEOUT_S) as line:
        source = source_over(pty(line, 1200), points)
        async with running(source, taken):
            await taken.until_all(points)
        assert source.health.errors == {}


async def test_the_silence_between_frames_is_kept(tmp_path: Path) -> None:
    """By the clock of the device, at a rate where it is well above what a request takes."""
    points: Sequence[Point] = registers(range(0, 2000, 100), period_s=0.001)
    taken = Taken()
    async with serial_line(tmp_path / "ttyS1") as line:
        transport = pty(line, 1200)
        source: ModbusSource = source_over(transport, points)
        async with running(source, taken):
            await taken.until(lambda: len(line.plc.gaps_s[1]) >= 20)
        assert min(line.plc.gaps_s[1]) >= 0.032  # 3.5 characters of 11 bits
