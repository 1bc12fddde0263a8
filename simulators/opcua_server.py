"""The virtual mine as an OPC UA server: one node per point, `Objects/<area>/<machine>/<quantity>`.

Values are pushed: whoever subscribes sees each change once, stamped with the server's clock, which shows the virtual
time unless a scenario puts it wrong. A dead sensor has the status BadSensorFailure and no value. Endpoints are without
security: it serves demos and tests on this machine.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from asyncua import Server, ua

from contract.datatype import Value
from contract.errors import Transient
from contract.point import OpcUaAddress, Point
from contract.vocabulary import equipment, quantities
from contract.vocabulary.quantities import Kind
from simulators.mine import Mine
from simulators.scenario import Source

REFRESH_S: Final = 0.2
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NEVER: Final = object()
"""No value yet; unlike `None`, which a dead sensor has."""


@dataclass(slots=True)
class Variable:
    """One node, and the value last written to it."""

    point: Point
    node: ua.NodeId
    kind: ua.VariantType
    written: object = NEVER

    def data_value(self, value: Value | None, at: datetime) -> ua.DataValue:
        """What the node holds for a value."""
        if value is None:
            return ua.DataValue(
                ua.Variant(None, ua.VariantType.Null), ua.StatusCode(ua.StatusCodes.BadSensorFailure), at
            )
        return ua.DataValue(ua.Variant(self.raw(value), self.kind), SourceTimestamp=at)

    def raw(self, value: Value) -> Value:
        """The number, truth or text that the machine holds for a value."""
        point = self.point
        if isinstance(value, str):
            return next((code for code, text in point.enum.items() if text == value), value)
        if isinstance(value, bool):
            return value
        raw = (value - point.offset) / point.scale
        return round(raw) if self.kind == ua.VariantType.Int32 else raw


def kind_of(point: Point) -> ua.VariantType:
    """The type of a point's node: scaled values are whole numbers, as a controller counts them."""
    name = equipment.parse(point.metric)
    quantity = quantities.BY_WORD.get(name.quantity) if name else None
    if point.enum or (point.scale, point.offset) != (1.0, 0.0):
        return ua.VariantType.Int32
    kinds = {Kind.BOOLEAN: ua.VariantType.Boolean, Kind.TEXT: ua.VariantType.String}
    return kinds.get(quantity.kind, ua.VariantType.Double) if quantity else ua.VariantType.Double


@asynccontextmanager
async def serve_opcua(
    mine: Mine,
    points: Iterable[Point],
    *,
    now_ms: Callable[[], int],
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[int]:
    """Serve until the block ends; gives the port, of which 0 takes a free one. `Transient` if it cannot."""
    with collector_spared():
        server = await bare_server(host, port)
        variables = [await add_variable(server, point) for point in points]
        await write(server, variables, mine, now_ms())
    try:
        async with started(server):
            refreshing = asyncio.create_task(refresh(server, variables, mine, now_ms), name="simulator.opcua")
            try:
                yield server.bserver.port
            finally:
                refreshing.cancel()
                await asyncio.wait([refreshing])
            if not refreshing.cancelled():
                refreshing.result()
    finally:
        gc.unfreeze()


async def bare_server(host: str, port: int) -> Server:
    """A server with nothing but the standard address space."""
    server = Server()
    server.disable_clock()  # its clock would show the machine's time, and take a second to stop
    server.set_server_name("ninebelow virtual mine")
    server.set_endpoint(f"opc.tcp://{host}:{port}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    server.set_identity_tokens([ua.AnonymousIdentityToken])
    await server.init()
    return server


@asynccontextmanager
async def started(server: Server) -> AsyncIterator[None]:
    """A server that listens until the block ends."""
    try:
        await server.start()
    except OSError as error:
        raise Transient(
            f"cannot listen on {server.endpoint.netloc} for OPC UA: wrong address, or port in use"
        ) from error
    try:
        yield
    finally:
        await server.stop()


@contextmanager
def collector_spared() -> Iterator[None]:
    """Keep the garbage collector off half a million objects, none of them garbage.

    Making them takes half the time without it, and set aside they never stall the event loop later (a full
    collection of them takes 0.1 s). `gc.unfreeze` gives them back.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


async def add_variable(server: Server, point: Point) -> Variable:
    """A node for a point, in the folders of its area and machine."""
    assert isinstance(point.address, OpcUaAddress)
    namespace, _, name = point.address.node.removeprefix("nsu=").partition(";s=")
    index = await server.register_namespace(namespace)
    machine, _, quantity = point.metric.partition("/")
    folder = server.nodes.objects
    for path, label in ((point.area, point.area), (f"{point.area}.{machine}", machine)):
        node = ua.NodeId(path, index)
        exists = node in server.iserver.aspace
        folder = server.get_node(node) if exists else await folder.add_object(node, f"{index}:{label}")
    node, kind = ua.NodeId(name, index), kind_of(point)
    await folder.add_variable(node, f"{index}:{quantity}", ua.get_default_value(kind), kind)
    return Variable(point, node, kind)


async def refresh(
    server: Server, variables: Iterable[Variable], mine: Mine, now_ms: Callable[[], int]
) -> None:
    """Write what changed, for ever."""
    while True:
        await asyncio.sleep(REFRESH_S)
        await write(server, variables, mine, now_ms())


async def write(server: Server, variables: Iterable[Variable], mine: Mine, now_ms: int) -> None:
    """Write the values that are not what was written last, and the server's clock."""
    mine.advance(now_ms)
    at = EPOCH + timedelta(milliseconds=mine.scenario.shown_ms(Source.OPCUA, now_ms))
    for variable in variables:
        value = mine.value(variable.point.area, variable.point.metric)
        if value != variable.written:
            variable.written = value
            await server.write_attribute_value(variable.node, variable.data_value(value, at))
    clock = ua.NodeId(ua.ObjectIds.Server_ServerStatus_CurrentTime)
    await server.write_attribute_value(
        clock, ua.DataValue(ua.Variant(at, ua.VariantType.DateTime), SourceTimestamp=at)
    )
