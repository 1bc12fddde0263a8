"""From values to registers: how a machine's PLC would lay them out. Shares no code with any reader.

Rules
- raw = (value - offset) / scale; text is its code in the point's `enum`; true is 1.
- A whole number is rounded, and stops at the ends of its type.
- Words and bytes of a value stand in the order that the point names (ABCD: high word and high byte first).
- A dead sensor is NaN where the type has one; otherwise its registers are not there.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from typing import Final

from contract.datatype import Value
from contract.point_form import ByteOrder, ModbusAddress, Point, RawType

FORMATS: Final = {
    RawType.BIT: "H",
    RawType.INT16: "h",
    RawType.UINT16: "H",
    RawType.INT32: "i",
    RawType.UINT32: "I",
    RawType.INT64: "q",
    RawType.UINT64: "Q",
    RawType.FLOAT32: "f",
    RawType.FLOAT64: "d",
}
FLOATS: Final = frozenset({RawType.FLOAT32, RawType.FLOAT64})
LOW_WORD_FIRST: Final = frozenset({ByteOrder.CDAB, ByteOrder.DCBA})
LOW_BYTE_FIRST: Final = frozenset({ByteOrder.BADC, ByteOrder.DCBA})


def raw_of(point: Point, value: Value) -> float | int:
    """The number that the machine holds for a value."""
    if isinstance(value, str):
        return next(code for code, text in point.enum.items() if text == value)
    if isinstance(value, bool):
        return int(value)
    return (value - point.offset) / point.scale


def words_of(address: ModbusAddress, raw: float) -> tuple[int, ...]:
    """The registers of one value, in address order; a coil is one word of 0 or 1."""
    form = FORMATS[address.type]
    if address.type in FLOATS:
        held: float = raw
    else:
        bits = 8 * struct.calcsize(f">{form}")
        low, high = (0, 2**bits - 1) if form.isupper() else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        held = min(max(round(raw), low), high) << (address.bit or 0)
    packed = struct.pack(f">{form}", held)
    words = [packed[at : at + 2] for at in range(0, len(packed), 2)]
    if address.order in LOW_WORD_FIRST:
        words.reverse()
    if address.order in LOW_BYTE_FIRST:
        words = [word[::-1] for word in words]
    return tuple(int.from_bytes(word, "big") for word in words)


def image(values: Iterable[tuple[Point, Value | None]]) -> dict[int, int]:
    """The registers (or coils) of one table, by address; points that pick bits of one register share it."""
    registers: dict[int, int] = {}
    for point, value in values:
        address = point.address
        assert isinstance(address, ModbusAddress)
        if value is None and address.type not in FLOATS:
            continue
        raw = math.nan if value is None else raw_of(point, value)
        for at, word in enumerate(words_of(address, raw), start=address.address):
            shared = registers.get(at, 0) if address.bit is not None else 0
            registers[at] = shared | word
    return registers
