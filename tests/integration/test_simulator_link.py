"""Pins the bad link against a real echo server and the real Modbus server of the virtual mine."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from asyncua import Client, ua
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from contract.errors import Transient
from contract.point import Protocol
from simulators.faults import UnitFault, UnitKind, WireFault, WireKind
from simulators.link import Link, bad_link
from simulators.mine import Mine
from simulators.modbus_server import serve_modbus
from simulators.opcua_server import serve_opcua
from simulators.points import points
from tests.servers import free_port

WAIT_S = 20.0
SOON_S = 0.15
"""Long enough to see that nothing comes; a slow machine only makes such a test pass."""
NOW_MS = 1_646_101_800_000
Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class SetClock:
    """A clock that stands until it is set."""

    now_ms = NOW_MS

    def __call__(self) -> int:
        """The instant it shows."""
        return self.now_ms


@asynccontextmanager
async def echo(**settings: object) -> AsyncIterator[Link]:
    """A link to a server that says what it hears."""

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(repeat, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings.setdefault("now_ms", SetClock())
    try:
        async with bad_link(("127.0.0.1", port), **settings) as link:  # type: ignore[arg-type]  # by name
            yield link
    finally:
        server.close()


@asynccontextmanager
async def by_hand(**settings: object) -> AsyncIterator[tuple[Link, asyncio.Queue[Pipe]]]:
    """A link to a machine whose part the test plays, by its ends of the connections."""
    met: asyncio.Queue[Pipe] = asyncio.Queue()
    writers: list[asyncio.StreamWriter] = []

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        met.put_nowait((reader, writer))

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    to = ("127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        async with bad_link(to, now_ms=SetClock(), **settings) as link:  # type: ignore[arg-type]  # by name
            yield link, met
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


@asynccontextmanager
async def connected(link: Link) -> AsyncIterator[Pipe]:
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said(pipe: Pipe, data: bytes) -> bytes:
    """What comes back, as many bytes as were said."""
    pipe[1].write(data)
    return await asyncio.wait_for(pipe[0].readexactly(len(data)), WAIT_S)


async def is_silent(pipe: Pipe, data: bytes) -> bool:
    """Whether nothing comes back, and the connection stays open."""
    pipe[1].write(data)
    try:
        await asyncio.wait_for(pipe[0].read(1), SOON_S)
    except TimeoutError:
        return True
    return False


async def is_reset(pipe: Pipe) -> bool:
    """Whether the connection ends without a goodbye."""
    try:
        await asyncio.wait_for(pipe[0].read(), WAIT_S)
    except ConnectionResetError:
        return True
    return False


# --- any protocol


async def test_without_faults_all_passes_both_ways() -> None:
    data = bytes(range(256)) * 4_000
    async with echo() as link, connected(link) as pipe, connected(link) as other:
        assert await said(pipe, data) == data
        assert await said(other, b"x") == b"x"
        assert link.accepted == 2


async def test_an_end_of_the_machine_is_an_end_for_the_client() -> None:
    async def goodbye(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"goodbye")
        writer.close()

    server = await asyncio.start_server(goodbye, "127.0.0.1", 0)
    to = ("127.0.0.1", server.sockets[0].getsockname()[1])
    late = WireFault(kind=WireKind.DELAY, delay_s=0.1)
    async with bad_link(to, now_ms=SetClock(), faults=[late]) as link, connected(link) as pipe:
        assert await asyncio.wait_for(pipe[0].read(), WAIT_S) == b"goodbye"
    server.close()


async def test_a_machine_that_is_not_there() -> None:
    async with bad_link(("127.0.0.1", free_port()), now_ms=SetClock()) as link, connected(link) as pipe:
        assert await asyncio.wait_for(pipe[0].read(), WAIT_S) == b""


async def test_delay_keeps_the_order() -> None:
    """Also where it ends between two chunks."""
    async with echo() as link, connected(link) as pipe:
        await link.inject(WireFault(kind=WireKind.DELAY, delay_s=0.2))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        pipe[1].write(b"first")
        await late_comes(link)
        await link.heal()
        pipe[1].write(b"second")
        assert await asyncio.wait_for(pipe[0].readexactly(11), WAIT_S) == b"firstsecond"
        assert loop.time() - begun >= 0.2


async def test_dropped_bytes_and_garbage() -> None:
    async with echo() as link, connected(link) as pipe:
        await link.inject(WireFault(kind=WireKind.GARBAGE))
        pipe[1].write(b"word")
        come = await asyncio.wait_for(pipe[0].readuntil(b"word"), WAIT_S)
        assert 5 <= len(come) <= 28
        await link.heal()
        await link.inject(WireFault(kind=WireKind.DROP))
        pipe[1].write(b"abcd")
        await link_quiet(link)
        await link.heal()
        pipe[1].write(b"!")
        come = await asyncio.wait_for(pipe[0].readuntil(b"!"), WAIT_S)
        assert len(come) < 5
        assert come[:-1] != b"abcd"


async def late_comes(link: Link) -> None:
    """Return once something waits to be delivered late."""
    async with asyncio.timeout(WAIT_S):
        while not any(connection.to_client.held for connection in link.connections):  # noqa: ASYNC110  (see below)
            await asyncio.sleep(0)


async def link_quiet(link: Link) -> None:
    """Return once what the machine said has been taken and delivered."""
    (connection,) = link.connections
    way = connection.to_client
    taken = way.taken
    async with asyncio.timeout(WAIT_S):
        while way.taken == taken or way.held:  # noqa: ASYNC110  (a counter has no event)
            await asyncio.sleep(0.001)


async def test_a_cut_resets_what_is_open_and_nothing_else() -> None:
    async with echo() as link:
        async with connected(link) as pipe:
            await said(pipe, b"x")
            await link.inject(WireFault(kind=WireKind.CUT))
            assert await is_reset(pipe)
        async with connected(link) as again:
            assert await said(again, b"y") == b"y"


async def test_half_open_is_silent_and_stays_so() -> None:
    """Neither side is told; what was open then stays dead after it, new connections live."""
    async with echo() as link, connected(link) as before:
        await said(before, b"x")
        await link.inject(WireFault(kind=WireKind.HALF_OPEN))
        assert await is_silent(before, b"y")
        async with connected(link) as during:
            assert await is_silent(during, b"y")
            await link.heal()
            assert await is_silent(during, b"z")
            assert await is_silent(before, b"z")
        async with connected(link) as after:
            assert await said(after, b"x") == b"x"


async def test_half_open_hides_the_end_of_either_side() -> None:
    """A machine that is gone is not heard to go, nor is a client."""
    async with by_hand() as (link, met):
        async with connected(link) as left:
            machine = await met.get()
            await link.inject(WireFault(kind=WireKind.HALF_OPEN))
            machine[1].transport.abort()
            assert await is_silent(left, b"x")
        async with connected(link):
            machine = await met.get()
        assert await is_silent(machine, b"x")
        machine[1].transport.abort()
        async with asyncio.timeout(WAIT_S):
            while link.connections:  # noqa: ASYNC110  (both sides have ended: it is over)
                await asyncio.sleep(0.01)


async def test_what_one_hand_heals_another_has_not_injected() -> None:
    timetable = [WireFault(kind=WireKind.DELAY, delay_s=0.01)]
    async with echo(faults=timetable) as link:
        async with link.trouble(WireFault(kind=WireKind.REFUSE)):
            other = WireFault(kind=WireKind.REFUSE)
            await link.inject(other)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", link.port)
        await link.heal(other)
        async with connected(link) as pipe:
            assert await said(pipe, b"x") == b"x"
        await link.heal()
        assert link.holding() == tuple(timetable)


async def test_the_way_to_the_machine_has_a_delay_of_its_own() -> None:
    """In order, and all of it, though the client ends first."""
    late = WireFault(kind=WireKind.REQUEST_DELAY, delay_s=0.3)
    async with by_hand(faults=[late]) as (link, met), connected(link) as pipe:
        reader, writer = await met.get()
        loop = asyncio.get_running_loop()
        begun = loop.time()
        writer.write(b"at once")
        assert await asyncio.wait_for(pipe[0].readexactly(7), WAIT_S) == b"at once"
        assert loop.time() - begun < 0.3
        begun = loop.time()
        pipe[1].write(b"a")
        await asyncio.sleep(0.01)
        pipe[1].write(b"b")
        pipe[1].close()
        assert await asyncio.wait_for(reader.read(), WAIT_S) == b"ab"
        assert loop.time() - begun >= 0.3


async def test_refusing_and_restarting() -> None:
    async with echo() as link, connected(link) as pipe:
        await said(pipe, b"x")
        await link.inject(WireFault(kind=WireKind.REFUSE))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", link.port)
        assert await said(pipe, b"y") == b"y"
        await link.inject(WireFault(kind=WireKind.RESTART))
        assert await is_reset(pipe)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", link.port)
        await link.heal()
        async with connected(link) as again:
            assert await said(again, b"y") == b"y"


async def test_a_timetable_goes_by_the_virtual_clock() -> None:
    clock = SetClock()
    faults = [
        WireFault(kind=WireKind.RESTART, from_ms=NOW_MS + 60_000, to_ms=NOW_MS + 120_000),
        WireFault(kind=WireKind.CUT, from_ms=NOW_MS + 180_000, to_ms=NOW_MS + 181_000),
    ]
    async with echo(now_ms=clock, faults=faults) as link:
        async with connected(link) as pipe:
            await said(pipe, b"x")
            clock.now_ms += 60_000
            assert await is_reset(pipe)
        clock.now_ms += 60_000
        async with asyncio.timeout(WAIT_S):
            while link.listener is None:  # noqa: ASYNC110  (somebody else listens again)
                await asyncio.sleep(0.01)
        async with connected(link) as pipe:
            await said(pipe, b"x")
            clock.now_ms += 60_000
            assert await is_reset(pipe)


async def test_a_port_in_use_is_told_and_waited_for() -> None:
    async with echo() as link:
        with pytest.raises(Transient, match=f"127.0.0.1:{link.port}"):
            async with bad_link(("127.0.0.1", 1), now_ms=SetClock(), port=link.port):
                pass
        await link.inject(WireFault(kind=WireKind.REFUSE))
        taken = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", link.port)
        with pytest.raises(Transient):
            await link.heal()
        taken.close()
        async with asyncio.timeout(WAIT_S):
            while link.listener is None:  # noqa: ASYNC110  (somebody else listens again)
                await asyncio.sleep(0.01)


async def test_nothing_is_left() -> None:
    before = asyncio.all_tasks()
    async with echo() as link, connected(link) as pipe:
        await said(pipe, b"x")
    async with asyncio.timeout(WAIT_S):
        while asyncio.all_tasks() != before:  # noqa: ASYNC110  (the echo server ends by itself)
            await asyncio.sleep(0.01)


# --- Modbus units


@asynccontextmanager
async def plant() -> AsyncIterator[Link]:
    clock = SetClock()
    async with (
        serve_modbus(Mine(1, clock()), points(Protocol.MODBUS), now_ms=clock) as port,
        bad_link(("127.0.0.1", port), now_ms=clock, is_modbus=True) as link,
    ):
        yield link


@asynccontextmanager
async def client_of(link: Link, timeout_s: float = WAIT_S) -> AsyncIterator[AsyncModbusTcpClient]:
    client = AsyncModbusTcpClient("127.0.0.1", port=link.port, timeout=timeout_s, retries=0)
    assert await client.connect()
    try:
        yield client
    finally:
        client.close()


async def test_one_unit_answers_exceptions_or_nothing_and_the_others_as_ever() -> None:
    async with plant() as link, client_of(link) as client:
        good = await client.read_holding_registers(0, count=2, device_id=1)
        await link.inject(
            UnitFault(kind=UnitKind.EXCEPTION, unit_id=1, code=6),
            UnitFault(kind=UnitKind.SILENT, unit_id=2),
        )
        assert (await client.read_holding_registers(0, count=2, device_id=1)).exception_code == 6
        assert not (await client.read_input_registers(0, count=5, device_id=4)).isError()
        async with client_of(link, SOON_S) as impatient:
            with pytest.raises(ModbusIOException):
                await impatient.read_input_registers(100, count=2, device_id=2)
        await link.heal()
        assert (await client.read_holding_registers(0, count=2, device_id=1)).registers == good.registers


def request(transaction: int, unit_id: int, address: int, count: int) -> bytes:
    """A request for input registers."""
    return struct.pack(">HHHBBHH", transaction, 0, 6, unit_id, 4, address, count)


async def answered(pipe: Pipe) -> tuple[int, bytes]:
    """Transaction and PDU of the next answer."""
    transaction, _, length, _ = struct.unpack(">HHHB", await asyncio.wait_for(pipe[0].readexactly(7), WAIT_S))
    return transaction, await pipe[0].readexactly(length - 1)


async def test_a_late_answer_comes_after_the_next_one() -> None:
    """As it poisons a client that has given up waiting."""
    async with plant() as link, connected(link) as pipe:
        late = UnitFault(kind=UnitKind.LATE, unit_id=4, first=0, last=0, delay_s=0.3)
        await link.inject(late)
        pipe[1].write(request(1, 4, 0, 1))
        await late_comes(link)
        pipe[1].write(request(2, 4, 1, 1))
        assert [(await answered(pipe))[0] for _ in range(2)] == [2, 1]


async def test_an_answer_with_a_wrong_number() -> None:
    async with plant() as link, connected(link) as pipe:
        pipe[1].write(request(7, 4, 0, 1))
        transaction, good = await answered(pipe)
        assert transaction == 7
        await link.inject(UnitFault(kind=UnitKind.TRANSACTION))
        pipe[1].write(request(7, 4, 0, 1))
        assert await answered(pipe) == (8, good)


# --- OPC UA


async def test_opcua_through_a_link() -> None:
    """A client comes through it; when it is cut, the session ends."""
    clock = SetClock()
    async with (
        serve_opcua(Mine(1, clock()), points(Protocol.OPCUA), now_ms=clock) as port,
        bad_link(("127.0.0.1", port), now_ms=clock) as link,
    ):
        async with Client(f"opc.tcp://127.0.0.1:{link.port}/", timeout=WAIT_S) as client:
            index = await client.get_namespace_index("http://ninebelow.example/mine")
            node = client.get_node(ua.NodeId("F14031.Shearer.Position", index))
            assert (await node.read_data_value()).StatusCode.is_good()
        assert link.accepted == 1
