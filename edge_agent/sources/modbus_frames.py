"""Finding the answer to a request in the bytes that come back, in both of the ways they are framed.

pymodbus hands every piece of what came to `handleFrame` and takes a reply from it, or is told to wait for more. Its
own framers take each reply apart into a list of numbers, wait in vain for what can never become a reply, and throw
away what lies behind a frame that is not for us. Here
- the values keep their bytes as they came; decode.py takes them apart;
- what can only be rubbish is told at once, as a reply with neither values nor exception code;
- of RTU frames, which have no number, the right one is looked for byte by byte: a line turns noise into bytes in
  front of a frame, and a unit that was given up may still answer while another is asked.
"""

from __future__ import annotations

from typing import Final

from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import ModbusPDU

from contract.point import Register

FUNCTIONS: Final = {Register.COIL: 1, Register.DISCRETE: 2, Register.HOLDING: 3, Register.INPUT: 4}
"""What reads each table."""
EXCEPTION: Final = 0x80
HEAD: Final = 2
"""Bytes of a reply's body in front of the values: function and number of bytes."""
RTU_EXTRA: Final = 5
"""Bytes of an RTU frame besides its values: unit, function, number of bytes, checksum."""
RTU_SMALLEST: Final = 5


class Reply(ModbusPDU):
    """What came back: bytes of values, or an exception code, or neither: rubbish."""

    def __init__(self, unit_id: int, number: int, values: bytes | None = None, code: int = 0) -> None:
        super().__init__(dev_id=unit_id, transaction_id=number)
        self.values = values
        self.exception_code = code


def reply_in(body: bytes, function: int, size: int) -> tuple[bytes | None, int]:
    """Values and exception code of a reply's body, which is to give `size` bytes of values."""
    if len(body) == HEAD + size and body[0] == function and body[1] == size:
        return body[HEAD:], 0
    if len(body) == HEAD and body[0] == function | EXCEPTION:
        return None, body[1]
    return None, 0


class MbapFrames(FramerSocket):
    """Frames of Modbus/TCP: with a header that has the number of the request."""

    function = size = 0
    has_heard = False
    """Frames that came are told apart by their number; the rest is silence."""

    def expect(self, function: int, size: int) -> None:
        """The request that goes out next."""
        self.function, self.size = function, size

    def handleFrame(self, data: bytes, exp_devid: int, exp_tid: int) -> tuple[int, Reply | None]:  # noqa: N802  (pymodbus's)
        """How much of the data is done with, and the reply if it is there."""
        used = 0
        while True:
            size, unit_id, number, body = self.decode(data[used:])
            if not size:
                is_other = any(data[used + 2 : used + 4])  # another protocol's: no more of ours will come
                return used, Reply(exp_devid, exp_tid) if is_other else None
            used += size
            if number == exp_tid and exp_devid in (0, unit_id):
                return used, Reply(unit_id, number, *reply_in(body, self.function, self.size))


class RtuFrames(FramerRTU):
    """Frames of a serial line: with a checksum, and nothing that tells which request they answer."""

    function = size = 0
    has_heard = False
    """Since the request went out, something came that was no whole frame of another unit."""

    def expect(self, function: int, size: int) -> None:
        """The request that goes out next."""
        self.function, self.size, self.has_heard = function, size, False

    def handleFrame(self, data: bytes, exp_devid: int, exp_tid: int) -> tuple[int, Reply | None]:  # noqa: N802  (pymodbus's)
        """How much of the data is done with, and the reply if it is there."""
        for at in range(len(data) - RTU_SMALLEST + 1):
            frame = frame_at(data, at)
            if not frame:
                continue
            if frame[0] == exp_devid:
                values, code = reply_in(frame[1:-2], self.function, self.size)
                if values is not None or code:
                    return len(data), Reply(exp_devid, 0, values, code)
            elif at == 0:
                used, reply = self.handleFrame(data[len(frame) :], exp_devid, exp_tid)
                return len(frame) + used, reply
        self.has_heard = self.has_heard or bool(data)
        return 0, None if self.is_coming(data, exp_devid) else Reply(exp_devid, 0)

    def is_coming(self, data: bytes, unit_id: int) -> bool:
        """Whether the reply may still be behind, or under way in, what has come so far."""
        whole = RTU_EXTRA + self.size
        begins_at = data.rfind(bytes([unit_id, self.function, self.size]))
        is_begun = begins_at >= 0 and len(data) < begins_at + whole
        return len(data) < whole or is_begun or (data[0] != unit_id and len(data) < frame_size(data, 0))


def frame_at(data: bytes, at: int) -> bytes:
    """The RTU frame of a reply that begins here, whole and with a right checksum; empty where none does."""
    size = frame_size(data, at)
    frame = data[at : at + size]
    is_whole = 0 < size == len(frame)
    return frame if is_whole and FramerRTU.check_CRC(frame[:-2], int.from_bytes(frame[-2:], "big")) else b""


def frame_size(data: bytes, at: int) -> int:
    """How long the RTU frame of a reply is that begins here, by its first bytes; 0 where none can begin."""
    if data[at + 1] & EXCEPTION:
        return RTU_SMALLEST
    return RTU_EXTRA + data[at + 2] if data[at + 1] in FUNCTIONS.values() else 0
