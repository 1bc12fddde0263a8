"""From what was read to values, compiled once per point or request; pure.

Rules
- value = raw × scale + offset. Where scale and offset are decimal fractions the sum is taken in whole numbers
  and divided by a power of ten, so that 3 × 0.1 is 0.3: a raw whole number gives exactly the decimals of its
  scale. A raw float keeps its own.
- A raw whole number stays whole with scale 1 and offset 0, and becomes a float with any other. A bit is a
  Boolean; scale and offset touch neither bits nor text.
- `mask` leaves some bits of a whole number and moves them down to bit 0, before all that follows.
- `enum` turns a whole number (or a bit, as 0 and 1) into text. `flags` names the bits that are set, the lowest
  first and joined by `+`, one without a name as `0x80`; no bit set is the name of 0, or empty.
- BCD has a decimal digit in every four bits. Text is GB18030, of which ASCII is a part: as far as the first
  NUL, without the blanks at its end.
- What is no value is `None`, to be reported as bad: a code that `enum` does not name, NaN and infinity, a digit
  of BCD above 9, bytes that are no text, control characters, text where a number is scaled, bits of what is no
  whole number (of a negative one too, unless `mask` picks them), a kind of value that no metric holds.

Byte orders: with the bytes of every register swapped, CDAB is plain little-endian and BADC plain big-endian;
ABCD and DCBA are so without. So every order is one of two unpackings of one of two buffers. Text has no order of
words: BADC and DCBA say that the first character of two is in the low byte.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Final, NamedTuple, cast

from contract.datatype import Value
from contract.point import BIT_TABLES, FLOATS, ByteOrder, ModbusAddress, Point, RawType, Register
from edge_agent.acquisition.read_plan import Request, where

Number = int | float
"""A point's part of a reply: a number, but for text, whose bytes stand for it until they are converted."""
Convert = Callable[[Number], Value | None]

DECIMALS_MAX: Final = 9
"""With more decimals a scale is taken for a binary number; 1/3 is no decimal fraction."""
FACTOR_MAX: Final = 10**15
"""Above it whole-number arithmetic could leave the range of a float."""

CODES: Final = {
    RawType.INT16: "h", RawType.UINT16: "H", RawType.INT32: "i", RawType.UINT32: "I",
    RawType.INT64: "q", RawType.UINT64: "Q", RawType.FLOAT32: "f", RawType.FLOAT64: "d",
    RawType.BCD16: "H", RawType.BCD32: "I", RawType.BIT: "H",
}  # fmt: skip
BCD: Final = frozenset({RawType.BCD16, RawType.BCD32})
ENDIANS: Final = {ByteOrder.ABCD: ">", ByteOrder.CDAB: "<", ByteOrder.BADC: ">", ByteOrder.DCBA: "<"}
SWAPPED: Final = frozenset({ByteOrder.CDAB, ByteOrder.BADC})
LOW_BYTE_FIRST: Final = frozenset({ByteOrder.BADC, ByteOrder.DCBA})
BLANKS: Final = " \u3000"
"""Those of ASCII and of Chinese text."""


class Field(NamedTuple):
    """One number in a reply of registers; sorts so that fields of one unpacking follow each other."""

    is_swapped: bool
    endian: str
    offset: int
    """In bytes from the start of the reply."""
    code: str

    @property
    def end(self) -> int:
        """The byte after its last."""
        return self.offset + struct.calcsize(f"={self.code}")


def payload_size(table: Register, count: int) -> int:
    """How many bytes of values a reply has."""
    return (count + 7) // 8 if table in BIT_TABLES else 2 * count


@dataclass(frozen=True, slots=True)
class Decoder:
    """Takes the reply to a request apart.

    `numbers` makes the raw numbers of the points, in order, from a payload of `payload_size` bytes; `converters`
    make values of them. In two steps, because most numbers are those of the last poll and need no second look.
    """

    numbers: Callable[[bytes], Sequence[Number]]
    converters: tuple[Convert | None, ...]
    """`None` where the number is the value."""

    def values(self, payload: bytes) -> list[Value | None]:
        """The values of the points; `None` for what is none."""
        return [
            number if convert is None else convert(number)
            for number, convert in zip(self.numbers(payload), self.converters, strict=True)
        ]


def decoder(request: Request) -> Decoder:
    """The decoder for the replies to a request."""
    return bits_decoder(request) if request.table in BIT_TABLES else registers_decoder(request)


def bits_decoder(request: Request) -> Decoder:
    """Coils and discrete inputs: eight to a byte, the lowest bit first."""
    places = [divmod(where(point).address - request.address, 8) for point in request.points]
    masks = [(byte, 1 << bit) for byte, bit in places]
    return Decoder(
        lambda payload: [payload[byte] & mask != 0 for byte, mask in masks],
        tuple(texts(point) for point in request.points),
    )


def registers_decoder(request: Request) -> Decoder:
    """Holding and input registers: unpacked at one go for each byte order in use."""
    fields = [field(point, request.address) for point in request.points]
    layers = layered(fields)
    unpackings = [(layer[0].is_swapped, unpacking(layer, 2 * request.count)) for layer in layers]
    index = {item: at for at, item in enumerate(item for layer in layers for item in layer)}
    picked = [index[item] for item in fields]
    is_straight = len(layers) == 1 and picked == list(range(len(index)))
    _, unpack = unpackings[0]

    def numbers(payload: bytes) -> Sequence[Number]:
        swapped = with_bytes_swapped(payload)
        raw: list[Number] = []
        for is_swapped, unpack in unpackings:
            raw.extend(unpack(swapped if is_swapped else payload))
        return [raw[at] for at in picked]

    converters = tuple(converter(point) for point in request.points)
    return Decoder(unpack if is_straight and not layers[0][0].is_swapped else numbers, converters)


def field(point: Point, start: int) -> Field:
    """Where a point's number lies in a reply that starts with register `start`."""
    at, offset = where(point), 2 * (where(point).address - start)
    if at.type is RawType.ASCII:
        return Field(at.order in LOW_BYTE_FIRST, ">", offset, f"{2 * at.words}s")
    return Field(at.order in SWAPPED, ENDIANS[at.order], offset, CODES[at.type])


def layered(fields: Iterable[Field]) -> list[list[Field]]:
    """Fields in lists that can be unpacked at one go: of one byte order, ascending, free of overlaps."""
    layers: list[list[Field]] = []
    for item in sorted(set(fields)):
        for layer in layers:
            if layer[-1][:2] == item[:2] and layer[-1].end <= item.offset:
                layer.append(item)
                break
        else:
            layers.append([item])
    return layers


def unpacking(layer: Iterable[Field], size: int) -> Callable[[bytes], tuple[Number, ...]]:
    """Takes exactly `size` bytes apart into the numbers of a layer."""
    form, at = "", 0
    for item in layer:
        form = f"{form or item.endian}{item.offset - at}x{item.code}"
        at = item.end
    return struct.Struct(f"{form}{size - at}x").unpack


def with_bytes_swapped(payload: bytes) -> bytes:
    """The two bytes of every register exchanged."""
    registers = array("H", payload)
    registers.byteswap()
    return registers.tobytes()


def converter(point: Point) -> Convert | None:
    """From the raw number of a Modbus register point to its value; `None` where the number is the value."""
    at = where(point)
    if at.type is RawType.ASCII:
        return cast("Convert", text(at.length))
    return chained(whole(point, at), texts(point) or scaled(point, at.type))


def whole(point: Point, at: ModbusAddress) -> Convert | None:
    """From the raw number of a register point to that which its registers mean; `None` where it is the same."""
    if at.type is RawType.BIT:
        mask = 1 << (at.bit or 0)
        return lambda raw: int(raw) & mask != 0
    if at.type in BCD:
        return digits
    return None if point.mask is None else picked(point.mask)


def scaled(point: Point, kind: RawType) -> Convert | None:
    """Raw × scale + offset for points of a type."""
    return None if kind is RawType.BIT else scaling(point.scale, point.offset, is_float=kind in FLOATS)


def chained(first: Convert | None, then: Convert | None) -> Convert | None:
    """One after the other; no value stays none."""
    if first is None or then is None:
        return first or then

    def convert(raw: Number) -> Value | None:
        value = first(raw)
        return None if value is None else then(cast("Number", value))

    return convert


def picked(mask: int) -> Convert:
    """The bits of a mask, the lowest of which becomes bit 0."""
    shift = (mask & -mask).bit_length() - 1
    return lambda raw: (int(raw) & mask) >> shift


def digits(raw: Number) -> int | None:
    """The number whose decimal digits are the hexadecimal ones of a raw number."""
    shown = f"{int(raw):x}"
    return int(shown) if shown.isdecimal() else None


def text(length: int) -> Callable[[bytes], str | None]:
    """The text in the first `length` bytes."""

    def convert(raw: bytes) -> str | None:
        try:
            held = raw[:length].partition(b"\0")[0].decode("gb18030").rstrip(BLANKS)
        except UnicodeDecodeError:
            return None
        return held if held.replace("\u3000", " ").isprintable() else None

    return convert


def texts(point: Point) -> Convert | None:
    """The texts of a point with `enum` or `flags`; a code without one is no value."""
    if point.flags:
        return flagged(point.flags)
    names: dict[Number, Value | None] = dict(point.enum.items())
    return names.get if names else None


def flagged(flags: Mapping[int, str]) -> Convert:
    """The names of the bits that are set."""

    def convert(raw: Number) -> str | None:
        if not isinstance(raw, int) or raw < 0:
            return None
        names = [] if raw else [flags.get(0, "")]
        while raw:
            bit = raw & -raw
            names.append(flags.get(bit) or f"{bit:#x}")
            raw ^= bit
        return "+".join(names)

    return convert


@lru_cache(maxsize=1024)  # points of one scale share one function, which keeps it near the processor
def scaling(scale: float, offset: float, *, is_float: bool) -> Convert | None:
    """Raw × scale + offset for raw numbers of one kind; `None` where that is the raw number itself."""
    if scale == 1 and offset == 0:
        return finite if is_float else None
    exact = decimal_fraction(scale, offset)
    if exact is None:
        return lambda raw: finite(raw * scale + offset)
    factor, shift, divisor = exact
    if is_float:
        return lambda raw: finite((raw * factor + shift) / divisor)
    if factor == 1 and shift == 0:
        return lambda raw: raw / divisor
    return lambda raw: (raw * factor + shift) / divisor


def finite(value: Number) -> Number | None:
    """NaN and infinity are no values."""
    return value if isfinite(value) else None


def decimal_fraction(scale: float, offset: float) -> tuple[int, int, int] | None:
    """Whole numbers (factor, shift, divisor) with raw × scale + offset = (raw × factor + shift) / divisor.

    `None` where the two are no decimal fractions of reasonable size. The decimals are those that were written:
    the shortest that give the float.
    """
    parts = [Decimal(repr(scale)).normalize(), Decimal(repr(offset)).normalize()]
    decimals = max(0, *(-int(part.as_tuple().exponent) for part in parts))
    if decimals > DECIMALS_MAX or any(abs(part.scaleb(decimals)) > FACTOR_MAX for part in parts):
        return None
    factor, shift = (int(part.scaleb(decimals)) for part in parts)
    return factor, shift, 10**decimals


def any_converter(point: Point) -> Callable[[object], Value | None]:
    """For sources that bring typed values themselves (OPC UA): any raw value to the point's value."""
    named, is_plain = texts(point), point.scale == 1 and point.offset == 0 and point.mask is None
    pick = None if point.mask is None else picked(point.mask)
    of_whole = chained(pick, named or scaling(point.scale, point.offset, is_float=False))
    of_bit = chained(pick, named)
    of_float = named or scaling(point.scale, point.offset, is_float=True) or finite

    def convert(raw: object) -> Value | None:
        if isinstance(raw, bool):
            return raw if of_bit is None else of_bit(raw)
        if isinstance(raw, int):
            return raw if of_whole is None else of_whole(raw)
        if isinstance(raw, float):
            return of_float(raw) if pick is None else None
        return raw if isinstance(raw, str) and is_plain and named is None else None

    return convert
