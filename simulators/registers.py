"""From values to registers: how a machine's PLC would lay them out. Shares no code with any reader.

Rules
- raw = (value - offset) / scale; text is its code in the point's `enum`, or the sum of its `flags`; true is 1.
- A whole number is rounded, and stops at the ends of its type, or of the bits that the point's `mask` picks.
- BCD is the decimal digits of the number, four bits each. Characters are GB18030, two to a register, NUL behind.
- Words and bytes of a value stand in the order that the point names (ABCD: high word and high byte first). Text
  has no order of words.
- A dead sensor is NaN where the type has one; otherwise its registers are not there.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from typing import Final, Literal

from contract.datatype import Value
from contract.point import FLOATS, ByteOrder, ModbusAddress, Point, RawType

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
    RawType.BCD16: "H",
    RawType.BCD32: "I",
}
DIGITS: Final = {RawType.BCD16: 4, RawType.BCD32: 8}
LOW_WORD_FIRST: Final = frozenset({ByteOrder.CDAB, ByteOrder.DCBA})
LOW_BYTE_FIRST: Final = frozenset({ByteOrder.BADC, ByteOrder.DCBA})


def raw_of(point: Point, value: Value) -> float | int:
    """The number that the machine holds for a value, of which a mask may pick some bits."""
    if isinstance(value, str):
        return flags_of(point, value) if point.flags else code_of(point, value)
    if isinstance(value, bool):
        return int(value)
    return (value - point.offset) / point.scale


def code_of(point: Point, text: str) -> int:
    """The number whose name is this text."""
    return next(code for code, name in point.enum.items() if name == text)


def flags_of(point: Point, text: str) -> int:
    """The sum of the bits whose names are joined in this text."""
    names = text.split("+")
    return sum(bit for bit, name in point.flags.items() if name in names)


def words_of(address: ModbusAddress, raw: float, mask: int | None = None) -> tuple[int, ...]:
    """The registers of one number, in address order; a coil is one word of 0 or 1."""
    form = FORMATS[address.type]
    if address.type in FLOATS:
        held: float = raw
    elif digits := DIGITS.get(address.type):
        held = int(f"{min(max(round(raw), 0), 10**digits - 1)}", 16)
    elif mask is not None:
        step = mask & -mask
        held = min(max(round(raw), 0), mask // step) * step & mask
    else:
        bits = 8 * struct.calcsize(f">{form}")
        low, high = (0, 2**bits - 1) if form.isupper() else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        held = min(max(round(raw), low), high) << (address.bit or 0)
    words = pairs(struct.pack(f">{form}", held))
    if address.order in LOW_WORD_FIRST:
        words.reverse()
    return numbers(words, address)


def words_of_text(address: ModbusAddress, text: str) -> tuple[int, ...]:
    """The registers of one text, cut at its length."""
    size = 2 * ((address.length + 1) // 2)
    held = text.encode("gb18030")[: address.length]
    return numbers(pairs(held.ljust(size, b"\0")), address)


def pairs(held: bytes) -> list[bytes]:
    """Two bytes for each register."""
    return [held[at : at + 2] for at in range(0, len(held), 2)]


def numbers(words: Iterable[bytes], address: ModbusAddress) -> tuple[int, ...]:
    """What the registers hold, with the bytes of each in the order of the point."""
    end: Literal["little", "big"] = "little" if address.order in LOW_BYTE_FIRST else "big"
    return tuple(int.from_bytes(word, end) for word in words)


def image(values: Iterable[tuple[Point, Value | None]]) -> dict[int, int]:
    """The registers (or coils) of one table, by address; points that pick bits of one register share it."""
    registers: dict[int, int] = {}
    for point, value in values:
        address = point.address
        assert isinstance(address, ModbusAddress)
        if value is None and address.type not in FLOATS:
            continue
        if address.type is RawType.ASCII:
            words = words_of_text(address, str(value))
        else:
            words = words_of(address, math.nan if value is None else raw_of(point, value), point.mask)
        is_shared = address.bit is not None or point.mask is not None
        for at, word in enumerate(words, start=address.address):
            registers[at] = word | (registers.get(at, 0) if is_shared else 0)
    return registers
