"""A point: what is published under which name, where it is read, and how it is reported.

How registers become numbers is *not* here: the agent and the simulators each have their own code for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Protocol(StrEnum):
    """How a table's points are read."""

    MODBUS = "modbus"
    OPCUA = "opcua"


class Register(StrEnum):
    """Modbus data tables, each with its reading function code."""

    COIL = "coil"
    DISCRETE = "discrete"
    HOLDING = "holding"
    INPUT = "input"


class RawType(StrEnum):
    """What the bits of a Modbus point are."""

    BIT = "bit"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BCD16 = "bcd16"
    """Four decimal digits, one in every four bits."""
    BCD32 = "bcd32"
    """Eight decimal digits."""
    ASCII = "ascii"
    """Characters, two in a register; the text ends at the first NUL, blanks at its end do not count."""


WORDS: Final = {
    RawType.BIT: 1, RawType.INT16: 1, RawType.UINT16: 1, RawType.BCD16: 1, RawType.INT32: 2, RawType.UINT32: 2,
    RawType.FLOAT32: 2, RawType.BCD32: 2, RawType.INT64: 4, RawType.UINT64: 4, RawType.FLOAT64: 4,
}  # fmt: skip
"""Registers (or coils) of a value; text has a length of its own."""
BIT_TABLES: Final = frozenset({Register.COIL, Register.DISCRETE})
FLOATS: Final = frozenset({RawType.FLOAT32, RawType.FLOAT64})
ADDRESS_MAX: Final = 65_535
CHARACTERS_MAX: Final = 250
"""Of a text point: what one request can bring."""


class ByteOrder(StrEnum):
    """Order of the bytes of a value over its registers, as instrument makers write it."""

    ABCD = "ABCD"  # big-endian: high word first, high byte first
    CDAB = "CDAB"  # low word first, high byte first
    BADC = "BADC"  # high word first, low byte first
    DCBA = "DCBA"  # little-endian


@dataclass(frozen=True, slots=True)
class ModbusAddress:
    """Where a Modbus point lies. `address` counts from 0; `bit` picks one bit of a register, 0 the lowest."""

    unit_id: int
    table: Register
    address: int
    type: RawType
    bit: int | None = None
    order: ByteOrder = ByteOrder.ABCD
    length: int = 0
    """Characters of a text point; 0 for every other type."""

    @property
    def words(self) -> int:
        """How many registers (or coils) it takes."""
        return (self.length + 1) // 2 if self.type is RawType.ASCII else WORDS[self.type]


@dataclass(frozen=True, slots=True)
class OpcUaAddress:
    """Where an OPC UA point lies: a node id such as `nsu=http://example.com/mine;s=F1.Shearer.Position`.

    Or a browse path from the Objects folder, `nsu=http://example.com/mine;/F1/Shearer/Position`: a name without an
    index of its own (`2:Shearer`) is of the namespace before the `;`, and `&` stands before a `/`, `:` or `&` that
    belongs to a name.
    """

    node: str


@dataclass(frozen=True, slots=True)
class PositioningAddress:
    """Where a point of the personnel positioning system lies: the zones (区域编码) that make up its area."""

    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """What is published (`area`, `metric`), where it is read, and how it is reported.

    value = raw × scale + offset, of the bits that `mask` leaves, moved down to bit 0. `enum` turns whole numbers into
    text instead, `flags` the bits that are set into their names joined by `+`. A number that strays from the last
    reported one by at most `deadband`, or from the line through the reports by at most `swing`, is not reported
    (both in the unit of the value), unless one of `limits` lies between them. A value is repeated after
    `max_silence_s` at the latest, so that it never looks stale while it is read. `low` and `high` are the range the
    instrument is made for; values beyond it stay what they are.
    """

    area: str
    metric: str
    address: ModbusAddress | OpcUaAddress | PositioningAddress
    period_s: float = 1.0
    scale: float = 1.0
    offset: float = 0.0
    enum: Mapping[int, str] = field(default_factory=dict)
    deadband: float = 0.0
    max_silence_s: float = 60.0
    stale_after_s: float = 600.0
    line: int = 0
    mask: int | None = None
    flags: Mapping[int, str] = field(default_factory=dict)
    swing: float = 0.0
    limits: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Area and metric: the tag, unique in a gateway."""
        return self.area, self.metric

    @property
    def is_text(self) -> bool:
        """Whether its table makes it text; an OPC UA node may bring text of its own besides."""
        is_ascii = isinstance(self.address, ModbusAddress) and self.address.type is RawType.ASCII
        return is_ascii or bool(self.enum or self.flags)
