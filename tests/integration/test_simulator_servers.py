"""Pins the virtual mine on the wire, as real Modbus TCP and OPC UA clients see it.

The clients are the libraries' own: nothing of the agent reads here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncua import Client, ua
from asyncua.common.node import Node
from asyncua.common.subscription import Subscription
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.pdu import ModbusPDU

from contract.datatype import Value
from contract.errors import Transient
from contract.point import ByteOrder, ModbusAddress, Point, Protocol, RawType, Register
from simulators.app import virtual_mine
from simulators.mine import Mine
from simulators.modbus_server import serve_modbus
from simulators.opcua_server import serve_opcua
from simulators.points import points

NAMESPACE = "http://ninebelow.example/mine"
START_MS = 1_646_101_800_000  # 2022-03-01T10:30:00+08:00, in a 八点班
WAIT_S = 10.0
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, NO_RESPONSE = 1, 2, 11


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    now_ms: int = START_MS

    def __call__(self) -> int:
        """The instant it shows."""
        return self.now_ms


class DeadSensors(Mine):
    """The mine with some sensors dead."""

    dead: frozenset[tuple[str, str]] = frozenset()

    def value(self, area: str, metric: str) -> Value | None:
        """As the mine's own, but for the dead ones."""
        return None if (area, metric) in self.dead else super().value(area, metric)


@asynccontextmanager
async def modbus(mine: Mine, clock: Callable[[], int]) -> AsyncIterator[AsyncModbusTcpClient]:
    async with serve_modbus(mine, points(Protocol.MODBUS), now_ms=clock) as port:
        client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=WAIT_S, retries=0)
        assert await client.connect()
        try:
            yield client
        finally:
            client.close()


@asynccontextmanager
async def opcua(mine: Mine, clock: Callable[[], int]) -> AsyncIterator[Client]:
    async with (
        serve_opcua(mine, points(Protocol.OPCUA), now_ms=clock) as port,
        Client(f"opc.tcp://127.0.0.1:{port}/", timeout=WAIT_S) as client,
    ):
        yield client


# --- Modbus


async def read(
    client: AsyncModbusTcpClient, table: Register, unit_id: int, address: int, count: int
) -> ModbusPDU:
    function = {
        Register.COIL: client.read_coils,
        Register.DISCRETE: client.read_discrete_inputs,
        Register.HOLDING: client.read_holding_registers,
        Register.INPUT: client.read_input_registers,
    }[table]
    return await function(address, count=count, device_id=unit_id)


async def registers(client: AsyncModbusTcpClient, address: ModbusAddress) -> Sequence[int | bool]:
    answer = await read(client, address.table, address.unit_id, address.address, address.words)
    assert not answer.isError(), answer
    return answer.bits[:1] if address.type is RawType.BIT and address.bit is None else answer.registers


def decoded(point: Point, words: Sequence[int | bool]) -> float | str:
    """The value by pymodbus's own decoding, which knows the two word orders with high bytes first."""
    address = point.address
    assert isinstance(address, ModbusAddress)
    if address.type is RawType.BIT:
        return int(words[0]) >> (address.bit or 0) & 1
    if address.order in (ByteOrder.BADC, ByteOrder.DCBA):
        words = [int.from_bytes(int(word).to_bytes(2, "little"), "big") for word in words]
    if address.type is RawType.ASCII:
        return b"".join(int(word).to_bytes(2, "big") for word in words).partition(b"\0")[0].decode("gb18030")
    bits = address.type.name.replace("BCD", "UINT")
    little = address.order in (ByteOrder.CDAB, ByteOrder.DCBA)
    raw: Any = AsyncModbusTcpClient.convert_from_registers(
        [int(word) for word in words],
        AsyncModbusTcpClient.DATATYPE[bits],
        word_order="little" if little else "big",
    )
    if address.type.name.startswith("BCD"):
        raw = int(f"{raw:x}")
    if point.mask is not None:
        raw = (raw & point.mask) // (point.mask & -point.mask)
    return float(raw) * point.scale + point.offset


async def test_every_modbus_point_reads_as_the_mine_says() -> None:
    clock = SetClock()
    mine = Mine(1, clock())
    async with modbus(mine, clock) as client:
        for point in points(Protocol.MODBUS):
            assert isinstance(point.address, ModbusAddress)
            value = decoded(point, await registers(client, point.address))
            expected = mine.value(*point.key)
            if isinstance(expected, str):
                assert text_of(point, value) == expected, point.key
            else:
                assert expected is not None
                tolerance = (
                    0.5001 * point.scale if point.address.type.name.startswith(("U", "I", "B")) else 1e-3
                )
                assert value == pytest.approx(float(expected), abs=tolerance, rel=1e-6), point.key


def text_of(point: Point, value: float | str) -> str:
    """A text point's own text, its code's name, or the names of its bits."""
    if isinstance(value, str):
        return value
    if point.flags:
        names = [name for bit, name in point.flags.items() if int(value) & bit]
        return "+".join(names) or point.flags.get(0, "")
    return point.enum[int(value)]


async def test_registers_follow_the_clock() -> None:
    clock = SetClock()
    async with modbus(Mine(1, clock()), clock) as client:
        seen = set()
        for hours in range(24):
            clock.now_ms = START_MS + hours * 3_600_000
            answer = await client.read_input_registers(0, count=5, device_id=4)
            assert answer.registers[0] == Mine(1, clock()).value("F14031", "Personnel/Headcount")
            seen.add(answer.registers[0])
        assert len(seen) > 3


@pytest.mark.parametrize(
    ("table", "unit_id", "address", "count"),
    [
        (Register.INPUT, 4, 10, 1),  # right behind the last one
        (Register.INPUT, 4, 0, 11),  # reaching over the end
        (Register.INPUT, 1, 50, 1),  # in a hole
        (Register.HOLDING, 4, 0, 1),  # a table that the unit does not have
        (Register.COIL, 1, 3, 1),
        (Register.COIL, 1, 0, 4),
        (Register.DISCRETE, 3, 15, 1),  # in the same byte as mapped ones
        (Register.HOLDING, 3, 65_535, 1),
    ],
)
async def test_unmapped_addresses_answer_exception_2(
    table: Register, unit_id: int, address: int, count: int
) -> None:
    clock = SetClock()
    async with modbus(Mine(1, clock()), clock) as client:
        answer = await read(client, table, unit_id, address, count)
        assert answer.isError()
        assert answer.exception_code == ILLEGAL_ADDRESS


async def test_unknown_units_and_writes_are_refused() -> None:
    clock = SetClock()
    async with modbus(Mine(1, clock()), clock) as client:
        answer = await client.read_input_registers(0, count=1, device_id=9)
        assert answer.exception_code == NO_RESPONSE
        for write in (
            client.write_register(0, 0, device_id=1),
            client.write_registers(0, [0, 0], device_id=1),
            client.write_coil(0, value=True, device_id=1),
            client.write_coils(0, [True], device_id=1),
        ):
            assert (await write).exception_code == ILLEGAL_FUNCTION
        assert not (await client.read_holding_registers(0, count=1, device_id=1)).isError()


async def test_a_dead_sensor_over_modbus() -> None:
    """A float reads NaN; a whole number is not there, its neighbours are."""
    clock = SetClock()
    mine = DeadSensors(1, clock())
    mine.dead = frozenset({("C-FAN", "Main Fan 1/Airflow"), ("F12090", "Personnel/Headcount")})
    async with modbus(mine, clock) as client:
        answer = await client.read_input_registers(100, count=2, device_id=2)
        assert answer.registers == [0x7FC0, 0x0000]
        assert (await client.read_input_registers(1, count=1, device_id=4)).exception_code == ILLEGAL_ADDRESS
        assert not (await client.read_input_registers(0, count=1, device_id=4)).isError()
        assert not (await client.read_input_registers(2, count=8, device_id=4)).isError()


async def test_two_modbus_clients_at_once() -> None:
    clock = SetClock()
    async with serve_modbus(Mine(1, clock()), points(Protocol.MODBUS), now_ms=clock) as port:
        clients = [AsyncModbusTcpClient("127.0.0.1", port=port, timeout=WAIT_S) for _ in range(2)]
        for client in clients:
            assert await client.connect()
        for _ in range(20):
            answers = await asyncio.gather(
                *(client.read_input_registers(0, count=5, device_id=4) for client in clients)
            )
            assert answers[0].registers == answers[1].registers
        for client in clients:
            client.close()


# --- OPC UA


async def node(client: Client, name: str) -> Node:
    return client.get_node(ua.NodeId(name, await client.get_namespace_index(NAMESPACE)))


async def test_every_opcua_point_reads_as_the_mine_says() -> None:
    clock = SetClock()
    mine = Mine(1, clock())
    stamped = datetime(2022, 3, 1, 2, 30, tzinfo=UTC)
    async with opcua(mine, clock) as client:
        table = points(Protocol.OPCUA)
        nodes = [await node(client, address_of(point)) for point in table]
        answers = await client.read_attributes(nodes)
        for point, answer in zip(table, answers, strict=True):
            assert answer.StatusCode.is_good()
            assert answer.SourceTimestamp == stamped
            expected, raw = mine.value(*point.key), answer.Value.Value
            if isinstance(expected, bool):
                assert raw is expected
            elif isinstance(expected, str):
                assert point.enum.get(raw, raw) == expected
            else:
                assert expected is not None
                assert raw * point.scale + point.offset == pytest.approx(expected, abs=point.scale)
        clock_node = client.get_node(ua.ObjectIds.Server_ServerStatus_CurrentTime)
        assert await clock_node.read_value() == stamped


def address_of(point: Point) -> str:
    """`nsu=http://…;s=F1.Shearer.Position` → `F1.Shearer.Position`."""
    text = str(getattr(point.address, "node", ""))
    assert text.startswith(f"nsu={NAMESPACE};s=")
    return text.partition(";s=")[2]


async def test_the_address_space_is_one_to_browse() -> None:
    clock = SetClock()
    async with opcua(Mine(1, clock()), clock) as client:
        face = await node(client, "F14031")
        assert await client.nodes.objects.get_children_descriptions()
        machines = {(await child.read_browse_name()).Name for child in await face.get_children()}
        assert {"Shearer", "Face Conveyor", "Gas 1"} <= machines
        shearer = await node(client, "F14031.Shearer")
        quantities = {(await child.read_browse_name()).Name for child in await shearer.get_children()}
        assert {"Position", "Haulage Speed", "Running"} <= quantities


class Changes:
    """Collects data changes by node."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[tuple[str, ua.DataValue]] = asyncio.Queue()

    def datachange_notification(self, changed: Node, _value: object, data: Any) -> None:
        """What the library calls for each change."""
        self.queue.put_nowait((str(changed.nodeid.Identifier), data.monitored_item.Value))


async def test_subscribers_see_changes_only_with_the_virtual_time() -> None:
    """First the present value of each; after a step of the clock the one that changed, not the one that did not."""
    clock = SetClock()
    async with opcua(Mine(1, clock()), clock) as client:
        changes = Changes()
        subscription: Subscription = await client.create_subscription(50, changes)
        moving, still = await node(client, "F14031.Gas1.Methane"), await node(client, "C-SUB.Video.Online")
        await subscription.subscribe_data_change([moving, still])
        first = {(await asyncio.wait_for(changes.queue.get(), WAIT_S))[0] for _ in range(2)}
        assert first == {"F14031.Gas1.Methane", "C-SUB.Video.Online"}
        for step in range(1, 4):
            clock.now_ms = START_MS + step * 60_000
            name, value = await asyncio.wait_for(changes.queue.get(), WAIT_S)
            assert name == "F14031.Gas1.Methane"
            assert value.SourceTimestamp == datetime(2022, 3, 1, 2, 30, tzinfo=UTC) + timedelta(minutes=step)
        await subscription.delete()


async def test_a_dead_sensor_over_opcua_and_its_return() -> None:
    clock = SetClock()
    mine = DeadSensors(1, clock())
    mine.dead = frozenset({("F14031", "Gas 1/Methane")})
    async with opcua(mine, clock) as client:
        changes = Changes()
        subscription: Subscription = await client.create_subscription(50, changes)
        await subscription.subscribe_data_change(await node(client, "F14031.Gas1.Methane"))
        _, value = await asyncio.wait_for(changes.queue.get(), WAIT_S)
        assert value.StatusCode.name == "BadSensorFailure"
        assert value.Value.Value is None
        mine.dead = frozenset()
        clock.now_ms += 1_000
        _, value = await asyncio.wait_for(changes.queue.get(), WAIT_S)
        assert value.StatusCode.is_good()
        assert value.Value.Value > 0
        await subscription.delete()


async def test_opcua_writes_are_refused() -> None:
    clock = SetClock()
    async with opcua(Mine(1, clock()), clock) as client:
        position = await node(client, "F14031.Shearer.Position")
        with pytest.raises(ua.UaStatusCodeError):
            await position.write_value(ua.Variant(1, ua.VariantType.Int32))


# --- both


async def test_the_virtual_mine_comes_and_goes_without_a_trace() -> None:
    """Cancelled in the middle, with a client connected: no task is left, the ports are free again."""
    clock, up = SetClock(), asyncio.Event()
    ports: list[int] = []

    async def run() -> None:
        async with virtual_mine(now_ms=clock) as served:
            ports.extend((served.modbus_port, served.opcua_port))
            client = AsyncModbusTcpClient("127.0.0.1", port=served.modbus_port)
            assert await client.connect()
            try:
                up.set()
                await asyncio.Event().wait()
            finally:
                client.close()

    before = asyncio.all_tasks()
    task = asyncio.create_task(run())
    await asyncio.wait_for(up.wait(), WAIT_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    async with virtual_mine(now_ms=clock, modbus_port=ports[0], opcua_port=ports[1]) as served:
        assert [served.modbus_port, served.opcua_port] == ports


async def test_a_port_in_use_is_told() -> None:
    clock = SetClock()
    mine = Mine(1, clock())
    async with serve_modbus(mine, points(Protocol.MODBUS), now_ms=clock) as port:
        with pytest.raises(Transient, match=f"127.0.0.1:{port}"):
            async with serve_modbus(mine, points(Protocol.MODBUS), now_ms=clock, port=port):
                pass
        with pytest.raises(Transient, match=f"127.0.0.1:{port}"):
            async with serve_opcua(mine, points(Protocol.OPCUA), now_ms=clock, port=port):
                pass
