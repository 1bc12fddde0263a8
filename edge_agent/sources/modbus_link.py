"""One TCP connection to a Modbus server, and nothing that pymodbus would do by itself: no retry, no reconnect.

Only the four reading functions exist here. Replies keep their bytes as they came; decode.py takes them apart
(pymodbus makes a list of numbers one by one and formats every reply for its debug log, which costs more than the
exchange itself).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU

from contract.errors import Rejected, Transient
from contract.point_form import Register
from edge_agent.acquisition.decode import payload_size
from edge_agent.acquisition.read_plan import Request
from edge_agent.cancellation import heed_cancellation

# What pymodbus has to say goes into counters; its own log would repeat each timeout of a dead unit as an error.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class Framing(StrEnum):
    """How requests travel in the connection."""

    TCP = "tcp"
    RTU = "rtu"
    """RTU frames sent over TCP, as transparent serial servers do."""


class LinkFailure(Transient):
    """The connection is of no more use; `kind` is what is counted."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class NoAnswer(LinkFailure):
    """A unit did not answer in time. Its reply may still come, so the connection must not be used again."""

    def __init__(self) -> None:
        super().__init__("timeout")


class Refusal(Rejected):
    """The unit, or the gateway before it, answered with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class Reply(ModbusPDU):
    """A reply whose bytes are left as they came."""

    rtu_byte_count_pos = 2
    payload = b""

    def decode(self, data: bytes) -> None:
        """Take the bytes after the count."""
        self.payload = data[1 : 1 + data[0]]

    def __str__(self) -> str:
        """Short: pymodbus asks for it with every reply."""
        return f"{len(self.payload)} bytes"


class CoilsReply(Reply):
    """Function 1."""

    function_code = 1


class DiscreteReply(Reply):
    """Function 2."""

    function_code = 2


class HoldingReply(Reply):
    """Function 3."""

    function_code = 3


class InputReply(Reply):
    """Function 4."""

    function_code = 4


REPLIES: Final = {
    Register.COIL: CoilsReply,
    Register.DISCRETE: DiscreteReply,
    Register.HOLDING: HoldingReply,
    Register.INPUT: InputReply,
}
Ask = Callable[..., Awaitable[ModbusPDU]]


class ModbusLink:
    """A connection that is opened once, reads, and is closed for good."""

    def __init__(self, *, host: str, port: int, timeout_s: float, framing: Framing = Framing.TCP) -> None:
        self.loop = asyncio.get_running_loop()
        self.timeout_s = timeout_s
        self.lost = asyncio.Event()
        """Set when the other side has closed the connection."""
        self.client = AsyncModbusTcpClient(
            host,
            port=port,
            framer=FramerType.RTU if framing is Framing.RTU else FramerType.SOCKET,
            # Twice ours: the limit that counts is that in `read`, which tells silence from other failures.
            timeout=2 * timeout_s,
            retries=0,
            reconnect_delay=0,
            trace_connect=self.on_connect,
        )
        for reply in REPLIES.values():
            self.client.register(reply)
        self.ask: dict[Register, Ask] = {
            Register.COIL: self.client.read_coils,
            Register.DISCRETE: self.client.read_discrete_inputs,
            Register.HOLDING: self.client.read_holding_registers,
            Register.INPUT: self.client.read_input_registers,
        }
        self.is_waiting = False

    async def open(self) -> None:
        """Connect; raises `LinkFailure`."""
        try:
            async with asyncio.timeout(self.timeout_s):
                is_open = await self.client.connect()
        except TimeoutError:
            is_open = False
        heed_cancellation()
        if not is_open:
            raise LinkFailure("connect")

    def on_connect(self, is_connected: bool) -> None:
        """Told by pymodbus; a request that is waiting fails at once instead of at its timeout."""
        if not is_connected:
            self.lost.set()
            self.fail(LinkFailure("connection_lost"))

    def fail(self, failure: LinkFailure) -> None:
        """End the waiting for a reply."""
        answer = self.client.ctx.response_future
        if self.is_waiting and not answer.done():
            answer.set_exception(failure)

    async def read(self, request: Request) -> bytes:
        """The payload of the reply; raises `Refusal`, or `LinkFailure`, after which the link is to be closed."""
        self.is_waiting = True
        limit = self.loop.call_later(self.timeout_s, self.fail, NoAnswer())
        try:
            reply = await self.ask[request.table](
                request.address, count=request.count, device_id=request.unit_id
            )
        except (
            ModbusException,
            OSError,
            RuntimeError,
        ) as error:  # uvloop: RuntimeError on a closed transport
            raise LinkFailure("connection_lost") from error
        finally:
            limit.cancel()
            self.is_waiting = False
        heed_cancellation()
        if reply.isError():
            raise Refusal(reply.exception_code)
        if not isinstance(reply, REPLIES[request.table]) or len(reply.payload) != payload_size(
            request.table, request.count
        ):
            raise LinkFailure("garbled_reply")
        return reply.payload

    def close(self) -> None:
        """Close the connection; a reply that is still on its way is lost with it."""
        self.client.close()
