"""What registers could mean: every type, byte order and way of counting, read as the agent would read it; pure.

Rules
- The address of the papers counts from 0 or from 1: both are tried.
- Of one register there are two byte orders, of several four; text has two.
- Beside a known reading, numbers are also tried with scales that are powers of ten. A decoding *fits* if it rounds
  to the reading as that was written: 31.37 fits a display that shows 31.4.
- The closest come first; of equally close ones the plainer: as the papers count, unscaled, ABCD.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final

from contract.datatype import Value
from contract.point import WORDS, ByteOrder, ModbusAddress, Point, RawType, Register
from edge_agent.acquisition.decode import decoder
from edge_agent.acquisition.read_plan import Request, span, where

SCALES: Final = (1.0, 0.1, 0.01, 0.001, 10.0, 100.0, 1000.0)
BASES: Final = (0, 1)
TYPES: Final = tuple(kind for kind in RawType if kind is not RawType.BIT)
ONE_REGISTER_ORDERS: Final = (ByteOrder.ABCD, ByteOrder.BADC)


@dataclass(frozen=True, slots=True)
class Known:
    """A reading that is known from elsewhere: a number and half a unit of its last digit, or text."""

    value: float | str
    within: float = 0.0


@dataclass(frozen=True, slots=True)
class Decoding:
    """What the registers mean in one way."""

    point: Point
    """Address, type, order and scale."""
    value: Value | None
    error: float | None
    """By how much it differs from the known reading, as a share of that."""
    fits: bool


def known_from(text: str) -> Known:
    """A reading as a person writes it, `31.4`."""
    try:
        number = Decimal(text)
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and number.is_finite():
            return Known(float(number), float(Decimal(5).scaleb(exponent - 1)))
    except InvalidOperation:
        pass
    return Known(text)


def request_for(unit_id: int, table: Register, first: int, count: int) -> Request:
    """The request for registers whose meaning is looked for."""
    return Request(unit_id, table, first, count, ())


def decodings(request: Request, payload: bytes, address: int, known: Known | None) -> list[Decoding]:
    """What the registers of a request could mean; `address` is what the papers say."""
    points = sorted(candidates(request, address, known), key=span)
    values = decoder(replace(request, points=tuple(points))).values(payload)
    found = [judged(point, value, known) for point, value in zip(points, values, strict=True)]
    return sorted(found, key=lambda one: (*distance(one), *plainness(one.point, address)))


def distance(decoding: Decoding) -> tuple[bool, bool, float]:
    """How far it is from the known reading; what is no value, or of another kind, is farthest."""
    error = math.inf if decoding.error is None else decoding.error
    return not decoding.fits, decoding.value is None, error


def candidates(request: Request, address: int, known: Known | None) -> Iterator[Point]:
    """A point for every way to read the registers."""
    scales = SCALES if known and not isinstance(known.value, str) else SCALES[:1]
    end = request.address + request.count
    for first in (address - base for base in BASES if request.address <= address - base < end):
        for kind in TYPES:
            is_text = kind is RawType.ASCII
            length = text_length(end - first, known) if is_text else 0
            words = (length + 1) // 2 if is_text else WORDS[kind]
            if first + words > end:
                continue
            orders = ONE_REGISTER_ORDERS if is_text or words == 1 else tuple(ByteOrder)
            for order in orders:
                at = ModbusAddress(request.unit_id, request.table, first, kind, None, order, length)
                yield from (Point("", "", at, scale=scale) for scale in (scales[:1] if is_text else scales))


def text_length(words: int, known: Known | None) -> int:
    """How many characters are looked at: as many as the known text has, or all."""
    if known and isinstance(known.value, str):
        return max(1, len(known.value.encode("gb18030", "replace")))
    return 2 * words


def judged(point: Point, value: Value | None, known: Known | None) -> Decoding:
    """A decoding beside the known reading."""
    if known is None or value is None:
        return Decoding(point, value, None, fits=False)
    if isinstance(known.value, str) or isinstance(value, str):
        return Decoding(point, value, None, fits=value == known.value)
    off = abs(value - known.value)
    as_floats = 2 * math.ulp(known.value)  # neither of the two is exactly the number that it stands for
    is_within = off <= known.within + as_floats  # halves themselves round up or down
    return Decoding(point, value, off / (abs(known.value) or known.within), fits=is_within)


def plainness(point: Point, address: int) -> tuple[int, ...]:
    """What makes one of two equally close decodings less likely."""
    at = where(point)
    return (
        SCALES.index(point.scale),
        address - at.address,
        list(ByteOrder).index(at.order),
        TYPES.index(at.type),
    )


def cells_of(point: Point) -> dict[str, str]:
    """The cells of a point table that make the agent read it so."""
    at = where(point)
    cells = {
        "unit_id": str(at.unit_id), "table": at.table.value, "address": str(at.address), "type": at.type.value,
        "length": str(at.length or ""), "order": at.order.value, "scale": f"{point.scale:g}",
    }  # fmt: skip
    return {name: cell for name, cell in cells.items() if cell}


def registers_of(payload: bytes) -> list[str]:
    """Registers as engineers write them, in hexadecimal digits."""
    return [payload[at : at + 2].hex().upper() for at in range(0, len(payload), 2)]
