"""One connection to a Modbus server or line, and nothing that pymodbus would do by itself: no retry, no reconnect.

Only the four reading functions exist here.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Final

from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from contract.errors import Rejected, Transient
from contract.point import Register
from edge_agent.acquisition.decode import payload_size
from edge_agent.acquisition.read_plan import Request
from edge_agent.sources.modbus_frames import FUNCTIONS, RTU_EXTRA, MbapFrames, Reply, RtuFrames
from edge_agent.sources.modbus_transport import Transport

# What pymodbus has to say goes into counters; its own log would repeat each timeout of a dead unit as an error.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)

REQUEST_BYTES: Final = 8
"""Of a reading request on a serial line."""
Ask = Callable[..., Awaitable[ModbusPDU]]


class LinkFailure(Transient):
    """The connection is of no more use; `kind` is what is counted, `why` is for people."""

    def __init__(self, kind: str, why: str = "") -> None:
        super().__init__(f"{kind}: {why}" if why else kind)
        self.kind = kind


class NoAnswer(LinkFailure):
    """A unit did not answer in time, or not so that it could be understood; it alone is to blame.

    Its reply may still come, so the connection must not be used again.
    """


class Refusal(Rejected):
    """The unit, or the gateway before it, answered with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class ModbusLink:
    """A connection that is opened once, reads, and is closed for good."""

    def __init__(self, transport: Transport) -> None:
        self.loop = asyncio.get_running_loop()
        self.transport = transport
        self.lost = asyncio.Event()
        """Set when the other side has closed the connection."""
        self.client = transport.client(self.on_connect)
        assert isinstance(self.client.ctx.framer, MbapFrames | RtuFrames)
        self.frames = self.client.ctx.framer
        self.ask: dict[Register, Ask] = {
            Register.COIL: self.client.read_coils,
            Register.DISCRETE: self.client.read_discrete_inputs,
            Register.HOLDING: self.client.read_holding_registers,
            Register.INPUT: self.client.read_input_registers,
        }
        self.is_waiting = False
        self.heard_at_s = time.monotonic()
        """When the last answer ended. (uvloop's own clock stands still for a round of its loop.)"""

    async def open(self, timeout_s: float) -> None:
        """Connect; raises `LinkFailure`."""
        context = self.client.ctx
        try:
            async with asyncio.timeout(timeout_s):
                context.transport, _ = await context.call_create()
        except TimeoutError as error:
            raise LinkFailure("connect", f"no answer in {timeout_s:g} s") from error
        except ssl.SSLError as error:
            raise LinkFailure("tls", str(error)) from error
        except Exception as error:  # the driver of a serial line may raise termios.error, which is no OSError
            raise LinkFailure("connect", str(error)) from error

    def on_connect(self, is_connected: bool) -> None:
        """Told by pymodbus; a request that is waiting fails at once instead of at its timeout."""
        if not is_connected:
            self.lost.set()
            self.fail(LinkFailure("connection_lost"))

    def give_up(self) -> None:
        """The time for an answer is over."""
        self.fail(NoAnswer("garbled_reply" if self.frames.has_heard else "timeout"))

    def fail(self, failure: LinkFailure) -> None:
        """End the waiting for a reply."""
        answer = self.client.ctx.response_future
        if self.is_waiting and not answer.done():
            answer.set_exception(failure)

    async def silence(self, gap_s: float) -> None:
        """Wait until nothing has been said on the connection for so long."""
        while (left_s := self.heard_at_s + gap_s - time.monotonic()) > 0:  # noqa: ASYNC110  (it is time that is waited for)
            await asyncio.sleep(left_s)

    async def read(self, request: Request, timeout_s: float) -> bytes:
        """The payload of the reply; raises `Refusal`, or `LinkFailure`, after which the link is to be closed."""
        size = payload_size(request.table, request.count)
        self.frames.expect(FUNCTIONS[request.table], size)
        on_line_s = self.transport.byte_s * (REQUEST_BYTES + RTU_EXTRA + size)
        self.is_waiting = True
        limit = self.loop.call_later(timeout_s + on_line_s, self.give_up)
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
            self.heard_at_s = time.monotonic()
        assert isinstance(reply, Reply)  # our frames make no other
        if reply.exception_code:
            raise Refusal(reply.exception_code)
        if reply.values is None:
            raise NoAnswer("garbled_reply")
        return reply.values

    def close(self) -> None:
        """Close the connection; a reply that is still on its way is lost with it."""
        self.client.close()
