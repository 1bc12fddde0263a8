"""The Modbus source against servers of others: npm modbus-serial 8 and jsmodbus 5, and Debian's libmodbus (C).

What they do otherwise than pymodbus, and is borne: libmodbus serves one request at a time for all its connections,
so a slow answer to one delays the others; jsmodbus answers RTU frames without waiting for silence on the line.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from contract.datatype import Value
from contract.point import ByteOrder, Point, RawType, Register
from contract.quality import Quality
from edge_agent.acquisition.read_plan import span
from edge_agent.source_config.modbus import Tls
from edge_agent.sources.modbus import ModbusSource
from edge_agent.sources.modbus_transport import SerialTransport, TcpTransport, Transport
from edge_agent.sources.modbus_units import Terms
from tests.certificates import Authority
from tests.foreign_servers import ForeignServer, modbus_server, row, serial_modbus_server, serving
from tests.null_modem import null_modem
from tests.points import modbus_point
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE
FAST_S = 0.05
LIMIT_S = 60.0
SERVERS = [("modbus-serial", "tcp"), ("jsmodbus", "tcp"), ("jsmodbus", "rtu"), ("libmodbus", "tcp")]
IS_RTU = {"tcp": False, "rtu": True}


@pytest.fixture(params=SERVERS, ids="-".join)
def server(request: pytest.FixtureRequest) -> Iterator[ForeignServer]:
    """One of them, holding nothing yet."""
    with serving(modbus_server(*request.param)) as running:
        yield running


@pytest.fixture
def is_rtu(request: pytest.FixtureRequest) -> bool:
    """How it wants to be spoken to."""
    return IS_RTU[request.node.callspec.params["server"][1]]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def source_of(
    server: ForeignServer, is_rtu: bool, points: Sequence[Point], *, timeout_s: float = 3.0, **settings: Any
) -> ModbusSource:
    """A source with short waits."""
    return source_over(
        TcpTransport("127.0.0.1", server.port, is_rtu), points, timeout_s=timeout_s, **settings
    )


def source_over(
    transport: Transport, points: Sequence[Point], *, timeout_s: float = 3.0, **settings: Any
) -> ModbusSource:
    """The same over any way."""
    fields = {"unit_wait_s": (0.1, 0.5), "connect_wait_s": (0.05, 0.2), **settings}
    return ModbusSource(
        name="test", transport=transport, terms=Terms(timeout_s=timeout_s), points=points, now=now_ms,
        rng=Random(1), **fields,  # noqa: S311 (jitter)
    )  # fmt: skip


point = partial(modbus_point, period_s=FAST_S, max_silence_s=FAST_S)


def registers(addresses: Sequence[int], *, unit_id: int = 1, stale_after_s: float = 600.0) -> list[Point]:
    """Registers of a unit."""
    return [point(at, unit_id=unit_id, stale_after_s=stale_after_s) for at in addresses]


def hold(server: ForeignServer, points: Sequence[Point], add: int = 0) -> None:
    """Each register holds its own address, or more by `add`."""
    server.keep({"put": [row(each, span(each)[0] + add) for each in points]})


SAMPLES: dict[RawType, tuple[int | float, ...]] = {
    RawType.INT16: (-32_768, -2, 0x1234),
    RawType.UINT16: (0, 0xABCD, 65_535),
    RawType.INT32: (-(2**31), -2, 0x12345678),
    RawType.UINT32: (1, 0xDEADBEEF, 2**32 - 1),
    RawType.INT64: (-(2**63), -2, 0x0123456789ABCDEF),
    RawType.UINT64: (1, 0xFEDCBA9876543210, 2**64 - 1),
    RawType.FLOAT32: (-0.5, 123.45600128173828, 1.401298464324817e-45),
    RawType.FLOAT64: (123.456, -1.7976931348623157e308, 5e-324),
}


EVERYWHERE = [(0, Register.HOLDING), (7, Register.INPUT), (247, Register.HOLDING), (255, Register.INPUT)]


def every_type(units: Sequence[tuple[int, Register]] = EVERYWHERE) -> list[tuple[Point, Value]]:
    """Every type in every order, in these tables of these units."""
    rows: list[tuple[Point, Value]] = []
    for unit_id, table in units:
        at = 3
        for kind, values in SAMPLES.items():
            for order in ByteOrder:
                for value in values:
                    made = point(at, kind, unit_id=unit_id, table=table, order=order)
                    rows.append((made, value))
                    at += span(made)[1]
    return rows


async def test_every_type_in_every_order(server: ForeignServer, is_rtu: bool) -> None:
    """The last digit of every number, and a whole number stays whole."""
    rows, taken = every_type(), Taken()
    server.keep({"put": [row(*each) for each in rows]})
    async with running(source := source_of(server, is_rtu, [each for each, _ in rows]), taken):
        await taken.until(lambda: all(taken.of(each) for each, _ in rows), LIMIT_S)
        for each, value in rows:
            assert taken.changes(each) == [(value, GOOD)]
            assert type(taken.of(each)[0][0]) is type(value)
        assert source.health.errors.keys() <= {"poll_missed"}
    assert set(server.ask({"counts": True})["functions"]) == {3, 4}


async def test_bits_of_every_table(server: ForeignServer, is_rtu: bool) -> None:
    """Coils and discrete inputs over several bytes, from an odd address on, and each bit of a register."""
    pattern = 0b1_0110_0111_1000_1011
    places = range(17)
    rows: list[tuple[Point, Value]] = [
        (point(1001 + at, RawType.BIT, table=table), bool(pattern >> at & 1))
        for table in (Register.COIL, Register.DISCRETE)
        for at in places
    ]
    word = 0b1010_0000_0111_1001
    bits: list[tuple[Point, Value]] = [
        (point(40, RawType.BIT, table=table, bit=bit, order=order), bool(word >> bit & 1))
        for table in (Register.HOLDING, Register.INPUT)
        for order in (ByteOrder.ABCD,)
        for bit in range(16)
    ]
    words = [row(point(40, table=table), word) for table in (Register.HOLDING, Register.INPUT)]
    server.keep({"put": [*(row(*each) for each in rows), *words]})
    everything, taken = [*rows, *bits], Taken()
    async with running(source := source_of(server, is_rtu, [each for each, _ in everything]), taken):
        await taken.until(lambda: all(len(taken.of(each)) >= 2 for each, _ in everything), LIMIT_S)
        for each, value in everything:
            assert taken.changes(each) == [(value, GOOD)]
        assert source.health.errors.keys() <= {"poll_missed"}
    assert set(server.ask({"counts": True})["functions"]) == {1, 2, 3, 4}


def digits_texts_and_masks() -> list[tuple[Point, list[object], Value | None]]:
    """BCD in every order, texts with their first character in either half, and bits of status words."""
    rows: list[tuple[Point, list[object], Value | None]] = []
    at = count(200, 8)
    for order in ByteOrder:
        for kind, number in [(RawType.BCD16, 9876), (RawType.BCD32, 12_345_678), (RawType.BCD32, 7)]:
            made = point(next(at), kind, order=order)
            rows.append((made, row(made, number), number))
    for order in (ByteOrder.ABCD, ByteOrder.BADC):
        for text, data, length in [
            ("ZJ-3204", b"ZJ-3204", 7),
            ("FAN 2", b"FAN 2   \0\xff", 10),
            ("采煤机", "采煤机".encode("gb18030"), 6),
            (None, b"A\x07B", 3),
        ]:
            made = point(next(at), RawType.ASCII, order=order, length=length)
            rows.append((made, row(made, data), text))
    modes = {0: "stopped", 5: "running"}
    alarms = {0: "none", 1: "hot", 2: "overload", 0x8000: "stop pressed"}
    words: list[tuple[int, Value | None, dict[str, Any]]] = [
        (0xA55F, 5, {"mask": 0x00F0}),
        (0xA55F, "running", {"mask": 0x00F0, "enum": modes}),
        (0xA50F, "stopped", {"mask": 0x00F0, "enum": modes}),
        (0xA5CF, None, {"mask": 0x00F0, "enum": modes}),
        (0x8002, "overload+stop pressed", {"flags": alarms}),
        (0x0000, "none", {"flags": alarms}),
    ]
    for told, value, extra in words:
        made = point(next(at), **extra)
        rows.append((made, row(made, told), value))
    scaled, broken = point(next(at), RawType.BCD16, scale=0.01), point(next(at), RawType.BCD16)
    rows.append((scaled, row(scaled, 1234), 12.34))
    rows.append((broken, row(broken, 0x12A4, RawType.UINT16), None))
    return rows


async def test_digits_texts_and_masks(server: ForeignServer, is_rtu: bool) -> None:
    """Exactly what was laid out; a digit that is none, a control character and a code without a name are no value."""
    rows, taken = digits_texts_and_masks(), Taken()
    server.keep({"put": [told for _, told, _ in rows]})
    async with running(source_of(server, is_rtu, [each for each, _, _ in rows]), taken):
        await taken.until(lambda: all(taken.of(each) for each, _, _ in rows))
        seen = [(taken.changes(each), type(taken.of(each)[0][0])) for each, _, _ in rows]
    assert seen == [([(value, BAD if value is None else GOOD)], type(value)) for _, _, value in rows]


async def test_what_is_no_number_is_bad(server: ForeignServer, is_rtu: bool) -> None:
    """NaN and the infinities of an instrument, in both sizes: no value, and never 0."""
    at = count(0, 4)
    rows = [
        (point(next(at), kind, order=order), told)
        for kind in (RawType.FLOAT32, RawType.FLOAT64)
        for order in ByteOrder
        for told in ("NaN", "Infinity", "-Infinity")
    ]
    server.keep({"put": [row(*each) for each in rows]})
    taken = Taken()
    async with running(source := source_of(server, is_rtu, [each for each, _ in rows]), taken):
        await taken.until(lambda: all(taken.of(each) for each, _ in rows))
        assert {tuple(taken.changes(each)) for each, _ in rows} == {((None, BAD),)}
        assert source.health.errors["no_value"] >= len(rows)


async def test_libmodbus_reads_the_same_floats() -> None:
    """Random registers, and those of 123.456 as its documentation has them: it and we make the same of them."""
    chance = Random(7)  # noqa: S311 (test data)
    words = [0x42F6, 0xE979, 0xE979, 0x42F6, 0xF642, 0x79E9, 0x79E9, 0xF642]
    words += [chance.randrange(65_536) for _ in range(92)]
    places = [(at, order) for order in ByteOrder for at in range(0, len(words), 2)]
    points, taken = [point(at, RawType.FLOAT32, order=order) for at, order in places], Taken()
    with serving(modbus_server("libmodbus")) as server:
        server.keep({"put": [row(point(at), word) for at, word in enumerate(words)]})
        theirs = server.ask({"floats": [[1, "holding", at, order.value] for at, order in places]})["floats"]
        async with running(source_of(server, False, points), taken):
            await taken.until(lambda: all(taken.of(each) for each in points))
            expected = [(value, GOOD) if math.isfinite(value) else (None, BAD) for value in theirs]
            assert [taken.last(each) for each in points] == expected
    assert [theirs[places.index((2 * at, order))] for at, order in enumerate(ByteOrder)] == [
        123.45600128173828
    ] * 4


async def test_illegal_addresses_cost_only_their_own_points(server: ForeignServer, is_rtu: bool) -> None:
    """Two in a block, and a hole that no point wants: the rest is read in the same poll; mended, they come back."""
    points, taken = registers([*range(100, 130), *range(134, 160)]), Taken()
    hold(server, points)
    for at in (107, 149):
        server.ask({"unmap": [1, "holding", at, 1]})
    refused = [each for each in points if span(each)[0] in (107, 149)]
    async with running(source := source_of(server, is_rtu, points, refused_wait_s=(0.5, 0.5)), taken):
        await taken.until(
            lambda: all(len(taken.of(each)) >= (1 if each in refused else 3) for each in points), LIMIT_S
        )
        for each in points:
            assert taken.changes(each) == [(None, BAD) if each in refused else (span(each)[0], GOOD)]
        assert source.health.errors.keys() <= {"exception_2", "poll_missed"}
        hold(server, refused)
        await taken.until_all(refused)
        assert [taken.last(each) for each in refused] == [(107, GOOD), (149, GOOD)]
        assert server.ask({"counts": True})["connections"] == 1


async def test_a_silent_unit_costs_the_others_nothing(server: ForeignServer, is_rtu: bool) -> None:
    """Stale, then bad, each once; the others go on without a gap; good again when it speaks."""
    dead = registers(range(5), unit_id=2, stale_after_s=2.5)
    alive = registers(range(5)) + registers(range(5), unit_id=3)
    taken = Taken()
    hold(server, [*dead, *alive])
    server.ask({"silent": [2]})
    async with running(source := source_of(server, is_rtu, [*dead, *alive], timeout_s=0.7), taken):
        await taken.until(lambda: taken.last(dead[0]) == (None, BAD))
        assert {tuple(taken.of(each)) for each in dead} == {((None, STALE), (None, BAD))}
        assert all(taken.changes(each) == [(span(each)[0], GOOD)] for each in alive)
        counts = server.ask({"counts": True})
        assert counts["asked"]["1"] > 2 * counts["asked"]["2"]
        await taken.until(lambda: server.ask({"counts": True})["open"] <= 1)
        server.ask({"silent": []})
        await taken.until_all(dead)
        assert [taken.last(each) for each in dead] == [(at, GOOD) for at in range(5)]
        assert all(taken.changes(each) == [(span(each)[0], GOOD)] for each in alive)
        assert source.health.errors.keys() <= {"timeout", "poll_missed"}


async def test_slow_answers(server: ForeignServer, is_rtu: bool) -> None:
    """Within the limit they are answers; beyond it silence, and a late one is never taken for another's."""
    points, taken = registers([*range(10), *range(100, 110)]), Taken()
    hold(server, points)
    server.ask({"delay_ms": 150})
    async with running(source := source_of(server, is_rtu, points, timeout_s=1.0), taken):
        await taken.until(lambda: all(len(taken.of(each)) >= 2 for each in points), LIMIT_S)
        assert source.health.errors.keys() <= {"poll_missed"}
        server.ask({"delay_ms": 1_300})
        await taken.until_all(points, STALE)
        await taken.until(lambda: source.health.errors["timeout"] >= 2)
        server.ask({"delay_ms": 0})
        await taken.until_all(points)
        for reading in taken.readings:
            if reading.quality is GOOD:
                assert reading.value == span(reading.point)[0]


async def test_a_power_cut(server: ForeignServer, is_rtu: bool) -> None:
    """Stale once and at once; bad after the limit; then the values of after the restart, and nothing in between."""
    points, taken = registers(range(8), stale_after_s=1.0), Taken()
    hold(server, points)
    async with running(source := source_of(server, is_rtu, points), taken):
        await taken.until_all(points)
        server.kill()
        lost_at = now_ms()
        await taken.until_all(points, STALE)
        assert now_ms() - lost_at < 2_000
        await taken.until_all(points, BAD)
        server.kept = [{"put": [row(each, 1_000 + at) for at, each in enumerate(points)]}]
        await asyncio.to_thread(server.start)
        await taken.until(
            lambda: all(taken.last(each) == (1_000 + at, GOOD) for at, each in enumerate(points))
        )
        await taken.until(lambda: server.ask({"counts": True})["open"] == 1)
        assert source.health.connected
    for at, each in enumerate(points):
        assert [step for step in taken.changes(each) if step[0] is not None] == [
            (at, GOOD),
            (1_000 + at, GOOD),
        ]


async def test_a_connection_that_breaks_again_and_again(server: ForeignServer, is_rtu: bool) -> None:
    """Each time stale and good again, over one new connection."""
    points, taken = registers(range(3)), Taken()
    hold(server, points)
    async with running(source_of(server, is_rtu, points), taken):
        for _ in range(5):
            await taken.until_all(points)
            taken.forget()
            server.ask({"drop": True})
            await taken.until(lambda: taken.changes(points[0])[-2:] == [(None, STALE), (0, GOOD)])
            assert (
                taken.of(points[0]).count((None, STALE)) == 1
            )  # before it perhaps a reply that was on its way
        await taken.until(lambda: server.ask({"counts": True})["open"] == 1)
        assert server.ask({"counts": True})["connections"] == 6
    await taken.until(lambda: server.ask({"counts": True})["open"] == 0)


async def test_a_server_that_hangs(server: ForeignServer, is_rtu: bool) -> None:
    """The connection stands and nothing comes; then all late answers come at once, and none is taken for news."""
    points, taken = registers(range(4), stale_after_s=1.5), Taken()
    hold(server, points)
    async with running(source := source_of(server, is_rtu, points, timeout_s=0.7), taken):
        await taken.until_all(points)
        server.freeze()
        try:
            await taken.until_all(points, STALE)
            await taken.until_all(points, BAD)
        finally:
            server.thaw()
        await taken.until_all(points)
        for each in points:
            assert taken.changes(each) == [
                (span(each)[0], GOOD), (None, STALE), (None, BAD), (span(each)[0], GOOD),
            ]  # fmt: skip
        await taken.until(lambda: server.ask({"counts": True})["open"] == 1)
        assert source.health.errors["timeout"] >= 1


@pytest.mark.parametrize("code", [4, 5, 6])
async def test_a_unit_that_excuses_itself(server: ForeignServer, is_rtu: bool, code: int) -> None:
    """Failure, acknowledge, busy: stale without a new connection, then good again."""
    points, taken = registers(range(3)), Taken()
    hold(server, points)
    async with running(source := source_of(server, is_rtu, points), taken):
        await taken.until_all(points)
        server.ask({"busy": {"1": code}})
        await taken.until_all(points, STALE)
        server.ask({"busy": {}})
        await taken.until_all(points)
        assert taken.changes(points[2]) == [(2, GOOD), (None, STALE), (2, GOOD)]
        assert source.health.errors[f"exception_{code}"] >= 1
        assert server.ask({"counts": True})["connections"] == 1


async def test_a_unit_that_the_gateway_does_not_know(server: ForeignServer, is_rtu: bool) -> None:
    """Exception 11 leaves it alone for a while, and the others keep the connection."""
    missing, alive, taken = registers(range(3), unit_id=9), registers(range(3)), Taken()
    hold(server, alive)
    async with running(source := source_of(server, is_rtu, [*missing, *alive]), taken):
        await taken.until(lambda: len(taken.of(alive[0])) >= 10)
        assert {tuple(taken.of(each)) for each in missing} == {((None, STALE),)}
        assert source.health.errors["exception_11"] >= 1
        hold(server, missing)
        await taken.until_all(missing)
        assert server.ask({"counts": True})["connections"] == 1


async def test_nothing_but_reading_functions_goes_out(server: ForeignServer, is_rtu: bool) -> None:
    """Function codes as the other side sees them, in health and in trouble."""
    points, taken = registers(range(30)), Taken()
    bits = [
        point(at, RawType.BIT, table=table) for table in (Register.COIL, Register.DISCRETE) for at in range(9)
    ]
    inputs = [point(at, table=Register.INPUT) for at in range(9)]
    hold(server, [*points, *bits, *inputs])
    server.ask({"unmap": [1, "holding", 11, 2]})
    async with running(source_of(server, is_rtu, [*points, *bits, *inputs]), taken):
        await taken.until(lambda: all(taken.of(each) for each in [*points, *bits, *inputs]))
        server.ask({"drop": True})
        await taken.until_all(inputs)
    assert set(server.ask({"counts": True})["functions"]) == {1, 2, 3, 4}


# TLS, and a serial line


async def test_modbus_over_tls(tmp_path: Path) -> None:
    """Certificates of both ends: values and a power cut as without; who shows none, or a stranger's, gets nothing."""
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    theirs, ours, others = authority.issue("plc"), authority.issue("edge"), stranger.issue("other")
    tls = Tls(ca_file=authority.ca_file, certificate_file=ours[0], key_file=ours[1])
    rows, taken = every_type(), Taken()
    points = [each for each, _ in rows]
    with serving(modbus_server("jsmodbus", "tls", *theirs, authority.ca_file)) as server:
        server.keep({"put": [row(*each) for each in rows]})
        async with running(source_over(TcpTransport("127.0.0.1", server.port, tls=tls), points), taken):
            await taken.until(lambda: all(taken.of(each) for each, _ in rows), LIMIT_S)
            assert [taken.changes(each) for each in points] == [[(value, GOOD)] for _, value in rows]
            server.kill()
            await taken.until_all(points, STALE)
            await asyncio.to_thread(server.start)
            await taken.until_all(points)
        taken.forget()
        for wrong in (
            Tls(ca_file=authority.ca_file),
            Tls(ca_file=authority.ca_file, certificate_file=others[0], key_file=others[1]),
            Tls(ca_file=stranger.ca_file, certificate_file=ours[0], key_file=ours[1]),
            Tls(
                ca_file=authority.ca_file,
                certificate_file=ours[0],
                key_file=ours[1],
                server_name="another.plc",
            ),
        ):
            way = TcpTransport("127.0.0.1", server.port, tls=wrong)
            async with running(source := source_over(way, points[:3]), taken):
                await taken.until(lambda: sum(source.health.errors.values()) >= 2)
        assert {reading.quality for reading in taken.readings} == {STALE}


async def test_a_serial_line() -> None:
    """A C program on the other end of the line: every type, while two other units of the line are dead."""
    rows = every_type([(5, Register.HOLDING), (5, Register.INPUT)])
    dead = registers(range(3), unit_id=6) + registers(range(3), unit_id=7)
    points, taken = [each for each, _ in rows], Taken()
    with null_modem() as line, serving(serial_modbus_server(line.far, 5)) as server:
        server.keep({"put": [row(*each) for each in rows]})
        way = SerialTransport(line.near, baud_rate=19_200, parity="none")
        source = source_over(way, [*dead, *points], timeout_s=0.5)
        async with running(source, taken):
            await taken.until(lambda: all(taken.of(each) for each in [*points, *dead]), LIMIT_S)
            assert [taken.changes(each) for each in points] == [[(value, GOOD)] for _, value in rows]
            assert {tuple(taken.changes(each)) for each in dead} == {((None, STALE),)}


async def test_noise_on_a_serial_line() -> None:
    """Bytes that nobody sent, before, in and after answers: values, or none, and never wrong ones."""
    points, taken = registers(range(20), unit_id=5), Taken()
    chance = Random(3)  # noqa: S311 (test data)
    with null_modem() as line, serving(serial_modbus_server(line.far, 5)) as server:
        hold(server, points)
        way = SerialTransport(line.near, baud_rate=115_200, parity="none")
        async with running(source_over(way, points, timeout_s=0.3), taken):
            for _ in range(60):
                line.noise(chance.randbytes(chance.randint(1, 12)))
                await asyncio.sleep(0.02)
            taken.forget()
            await taken.until_all(points)
            for reading in taken.readings:
                assert reading.value == (span(reading.point)[0] if reading.quality is GOOD else None)
