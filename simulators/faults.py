"""What can go wrong between a client and a machine, and what it does to the bytes. `link.py` does it on the wire.

Rules
- A fault holds in `[from_ms, to_ms)` of the virtual time; how late something comes is real time.
- A wire fault meets a whole connection, and of delays and spoiled bytes what the machine says; what the client says
  is delayed by a fault of its own.
- A unit fault meets the Modbus requests that it names: one unit or all, one table or all, a range of addresses.
  Of several that fit, the first one listed holds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple

from contract.point import Register

FOREVER: Final = 1 << 62
BUSY: Final = 6
"""Modbus exception: server device busy."""
GARBAGE_BYTES_MAX: Final = 24
HEADER: Final = struct.Struct(">HHHB")
"""Transaction, protocol, length (unit and PDU), unit."""
REQUEST: Final = struct.Struct(">BHH")
LENGTH_MIN, LENGTH_MAX = 2, 254
PENDING_MAX: Final = 256
"""Requests whose reply is still to be spoiled; above it the oldest is answered as if nothing were wrong."""
FUNCTIONS: Final = {Register.COIL: 1, Register.DISCRETE: 2, Register.HOLDING: 3, Register.INPUT: 4}
READING: Final = frozenset(FUNCTIONS.values())


class WireKind(StrEnum):
    """Faults of a connection."""

    DELAY = "delay"
    """What the machine says comes `delay_s` later, in order."""
    REQUEST_DELAY = "request_delay"
    """What the client says reaches the machine `delay_s` later, in order."""
    DROP = "drop"
    """Of a `share` of the chunks a part is lost, as on a serial line behind a gateway."""
    GARBAGE = "garbage"
    """A `share` of the chunks has random bytes before it."""
    CUT = "cut"
    """Open connections are reset once, at the beginning."""
    HALF_OPEN = "half_open"
    """Connections are accepted and kept, and nothing is ever said on them again, even afterwards: neither side hears
    that the other one has ended."""
    REFUSE = "refuse"
    """New connections are refused, open ones go on."""
    RESTART = "restart"
    """Open connections are reset, new ones refused: the machine restarts."""


class UnitKind(StrEnum):
    """Faults of one Modbus unit's answers."""

    EXCEPTION = "exception"
    """It answers exception `code`; 6 is busy."""
    SILENT = "silent"
    """It does not answer: switched off, or restarting."""
    LATE = "late"
    """Its answer comes `delay_s` late, whatever was answered meanwhile."""
    TRANSACTION = "transaction"
    """Its answer has the number of another request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFault:
    """A fault of a connection."""

    kind: WireKind
    from_ms: int = -FOREVER
    to_ms: int = FOREVER
    delay_s: float = 0.0
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFault:
    """A fault of a unit's answers."""

    kind: UnitKind
    from_ms: int = -FOREVER
    to_ms: int = FOREVER
    unit_id: int | None = None
    table: Register | None = None
    first: int = 0
    last: int = 65_535
    code: int = BUSY
    delay_s: float = 0.0

    def meets(self, unit_id: int, function: int, address: int, count: int) -> bool:
        """Whether a request is one that it names."""
        return (
            self.unit_id in (None, unit_id)
            and (self.table is None or FUNCTIONS[self.table] == function)
            and address <= self.last
            and address + count > self.first
        )


Trouble = WireFault | UnitFault


class Said(NamedTuple):
    """Bytes to deliver, so many seconds from now."""

    delay_s: float
    data: bytes


def holding(faults: Iterable[Trouble], now_ms: int) -> tuple[Trouble, ...]:
    """The faults that hold now."""
    return tuple(fault for fault in faults if fault.from_ms <= now_ms < fault.to_ms)


def spoiled(data: bytes, faults: Sequence[Trouble], chance: Random) -> bytes:
    """What is left of a chunk of bytes, and what came between."""
    for fault in faults:
        if fault.kind is WireKind.DROP and chance.random() < fault.share:
            first = chance.randrange(len(data)) if data else 0
            data = data[:first] + data[first + chance.randint(1, max(len(data), 1)) :]
        if fault.kind is WireKind.GARBAGE and chance.random() < fault.share:
            data = chance.randbytes(chance.randint(1, GARBAGE_BYTES_MAX)) + data
    return data


def delay_s_of(faults: Iterable[Trouble], kind: WireKind = WireKind.DELAY) -> float:
    """How much later everything comes, by faults of this kind."""
    return sum(fault.delay_s for fault in faults if fault.kind is kind)


@dataclass(slots=True)
class ModbusTalk:
    """One Modbus TCP connection, both directions taken apart into frames; what is no Modbus goes through as it is."""

    asked_of: bytearray = field(default_factory=bytearray)
    answered_by: bytearray = field(default_factory=bytearray)
    pending: dict[int, UnitFault] = field(default_factory=dict)

    def asked(self, data: bytes, faults: Sequence[Trouble]) -> tuple[bytes, bytes]:
        """What the client said: what of it the machine hears, and what the client is answered at once."""
        self.asked_of += data
        heard, answered = bytearray(), bytearray()
        for frame in frames(self.asked_of):
            fault = met(frame, faults)
            match fault.kind if fault else None:
                case UnitKind.SILENT:
                    continue
                case UnitKind.EXCEPTION if fault:
                    answered += exception(frame, fault.code)
                    continue
                case UnitKind.LATE | UnitKind.TRANSACTION if fault:
                    if len(self.pending) >= PENDING_MAX:
                        del self.pending[next(iter(self.pending))]
                    self.pending[HEADER.unpack_from(frame)[0]] = fault
            heard += frame
        return bytes(heard), bytes(answered)

    def answered(self, data: bytes) -> Iterator[Said]:
        """What the machine said."""
        self.answered_by += data
        for frame in frames(self.answered_by):
            transaction, *rest = HEADER.unpack_from(frame)
            fault = self.pending.pop(transaction, None)
            if fault and fault.kind is UnitKind.TRANSACTION:
                yield Said(0.0, HEADER.pack((transaction + 1) % 65_536, *rest) + frame[HEADER.size :])
            else:
                yield Said(fault.delay_s if fault else 0.0, frame)


def frames(buffer: bytearray) -> Iterator[bytes]:
    """Take whole frames off the front; what does not look like Modbus is taken all at once."""
    while len(buffer) >= HEADER.size:
        _, protocol, length, _ = HEADER.unpack_from(buffer)
        plausible = protocol == 0 and LENGTH_MIN <= length <= LENGTH_MAX
        size = HEADER.size - 1 + length if plausible else len(buffer)
        if len(buffer) < size:
            return
        frame = bytes(buffer[:size])
        del buffer[:size]
        yield frame


def met(frame: bytes, faults: Iterable[Trouble]) -> UnitFault | None:
    """The fault that meets a request."""
    if len(frame) < HEADER.size + REQUEST.size:
        return None
    _, _, _, unit_id = HEADER.unpack_from(frame)
    function, address, count = REQUEST.unpack_from(frame, HEADER.size)
    if function not in READING:
        count = 1  # the last number of other requests is a value
    for fault in faults:
        if isinstance(fault, UnitFault) and fault.meets(unit_id, function, address, count):
            return fault
    return None


def exception(frame: bytes, code: int) -> bytes:
    """The answer that refuses a request."""
    transaction, protocol, _, unit_id = HEADER.unpack_from(frame)
    return HEADER.pack(transaction, protocol, 3, unit_id) + bytes([frame[HEADER.size] | 0x80, code])
