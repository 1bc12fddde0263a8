"""The point table (点表): which columns it has and what one row says. Read by the agent and by simulators.

A table is CSV with a header row; the order of columns is free, cells are trimmed. Every fault of a table is
reported with its line. How registers become numbers is *not* here: each end has its own code for that.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar

from contract.errors import Fault, Misconfigured
from contract.topic import is_valid_id
from contract.vocabulary import equipment, quantities
from contract.vocabulary.quantities import Kind


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


WORDS: Final = {
    RawType.BIT: 1, RawType.INT16: 1, RawType.UINT16: 1, RawType.INT32: 2, RawType.UINT32: 2,
    RawType.FLOAT32: 2, RawType.INT64: 4, RawType.UINT64: 4, RawType.FLOAT64: 4,
}  # fmt: skip
BIT_TABLES: Final = frozenset({Register.COIL, Register.DISCRETE})
ADDRESS_MAX: Final = 65_535
NODE: Final = re.compile(r"(?:nsu=[^;]+;|ns=[0-9]+;)?(?:i=[0-9]+|[sgb]=.+)")
DIGITS_MAX: Final = 9


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

    @property
    def words(self) -> int:
        """How many registers (or coils) it takes."""
        return WORDS[self.type]


@dataclass(frozen=True, slots=True)
class OpcUaAddress:
    """Where an OPC UA point lies: a node id such as `nsu=http://example.com/mine;s=F1.Shearer.Position`."""

    node: str


@dataclass(frozen=True, slots=True)
class Point:
    """One row: what is published (`area`, `metric`), where it is read, and how it is reported.

    value = raw × scale + offset; `enum` turns whole numbers into text instead. `deadband` is in the unit of
    the value; a value is repeated after `max_silence_s` at the latest, so that it never looks stale while it
    is read.
    """

    area: str
    metric: str
    address: ModbusAddress | OpcUaAddress
    period_s: float = 1.0
    scale: float = 1.0
    offset: float = 0.0
    enum: Mapping[int, str] = field(default_factory=dict)
    deadband: float = 0.0
    max_silence_s: float = 60.0
    stale_after_s: float = 600.0
    line: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Area and metric: the tag, unique in a gateway."""
        return self.area, self.metric


COMMON: Final = (
    "area",
    "metric",
    "period_s",
    "scale",
    "offset",
    "enum",
    "deadband",
    "max_silence_s",
    "stale_after_s",
)
ADDRESS: Final = {
    Protocol.MODBUS: ("unit_id", "table", "address", "type", "bit", "order"),
    Protocol.OPCUA: ("node",),
}
REQUIRED: Final = {
    Protocol.MODBUS: ("area", "metric", "unit_id", "table", "address", "type"),
    Protocol.OPCUA: ("area", "metric", "node"),
}


Member = TypeVar("Member", bound=StrEnum)


class CellError(ValueError):
    """A cell that cannot be read; its text is the fault."""


def parse(text: str, protocol: Protocol, file: str) -> tuple[Point, ...]:
    """The points of a table; raises `Misconfigured` with every fault of it."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    points: list[Point] = []
    faults: list[Fault] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        if header_is_wrong := list(header_faults(header, protocol, file)):
            raise Misconfigured(header_is_wrong)
        for cells in filter(None, reader):
            row: Mapping[str, str] = {}
            try:
                row = row_of(header, cells)
                points.append(point_of(row, protocol, reader.line_num))
            except CellError as error:
                told = cell_faults(row, protocol) if row else ()
                whats = dict.fromkeys([str(error), *told])
                faults.extend(Fault(file, reader.line_num, what) for what in whats)
    except csv.Error as error:
        faults.append(Fault(file, reader.line_num, f"not CSV: {error}"))
    faults.extend(repeated(points, file))
    if faults:
        raise Misconfigured(sorted(faults))
    return tuple(points)


def row_of(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The cells by their columns' names, trimmed; raises `CellError`."""
    if len(cells) != len(header):
        raise CellError(f"the row has {len(cells)} cells, the header {len(header)}")
    return {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def header_faults(columns: Sequence[str], protocol: Protocol, file: str) -> Iterator[Fault]:
    """Unknown, repeated and missing columns."""
    known = COMMON + ADDRESS[protocol]
    for name in columns:
        if name not in known:
            yield Fault(file, 1, f"unknown column {name!r}; known are {', '.join(known)}")
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        yield Fault(file, 1, f"column {name!r} stands twice")
    for name in REQUIRED[protocol]:
        if name not in columns:
            yield Fault(file, 1, f"column {name!r} is missing")


def repeated(points: list[Point], file: str) -> Iterator[Fault]:
    """Tags given twice: each tag has one source. Case alone tells no two names apart (tck-id-case-sensitivity-*)."""
    first: dict[tuple[str, str], int] = {}
    for point in points:
        line = first.setdefault((point.area.casefold(), point.metric.casefold()), point.line)
        if line != point.line:
            yield Fault(file, point.line, f"{point.area} {point.metric} stands in line {line} already")


def point_of(row: Mapping[str, str], protocol: Protocol, line: int) -> Point:
    """One row as a point; raises `CellError`."""
    area, metric = row["area"], row["metric"]
    if not is_valid_id(area):
        raise CellError(f"area {area!r} must be filled and free of + / #")
    name = equipment.parse(metric)
    if name is None:
        raise CellError(
            f"metric {metric!r} must be '<Equipment>[ n]/<Quantity>' with a known equipment, as 'Pump 2/Flow'"
        )
    address = modbus_address(row) if protocol is Protocol.MODBUS else opcua_address(row)
    silence, stale_after = number(row, "max_silence_s", 60.0), number(row, "stale_after_s", 600.0)
    if not 0 < silence <= stale_after / 2:
        raise CellError(
            f"max_silence_s {silence:g} must be above 0 and at most half of stale_after_s {stale_after:g}"
        )
    period, scale, deadband = (
        number(row, "period_s", 1.0),
        number(row, "scale", 1.0),
        number(row, "deadband", 0.0),
    )
    if not 0 < period <= stale_after / 2 or scale == 0 or deadband < 0:
        raise CellError(
            "period_s must be above 0 and at most half of stale_after_s, scale not 0, deadband not below 0"
        )
    enum = enum_of(row.get("enum", ""))
    offset = number(row, "offset", 0.0)
    check_kind(name.quantity, address, has_enum=bool(enum))
    if (
        isinstance(address, ModbusAddress)
        and address.type is RawType.BIT
        and (scale, offset, deadband) != (1, 0, 0)
    ):
        raise CellError("a bit has no scale, offset or deadband: leave them empty")
    return Point(
        area, metric, address, period, scale, offset, enum, deadband, silence, stale_after, line
    )  # fmt: skip


def check_kind(quantity: str, address: ModbusAddress | OpcUaAddress, *, has_enum: bool) -> None:
    """A quantity of the vocabulary is either text or not, and the store holds it to that; raises `CellError`."""
    known = quantities.BY_WORD.get(quantity)
    if known is None:
        return
    is_text = known.kind is Kind.TEXT
    if has_enum and not is_text:
        raise CellError(f"{quantity} is a {known.kind.value}, an enum would make it text: leave enum empty")
    if is_text and not has_enum and isinstance(address, ModbusAddress):
        raise CellError(f"{quantity} is text: say in enum what the numbers mean, as '0=local;1=remote'")


def modbus_address(row: Mapping[str, str]) -> ModbusAddress:
    """The Modbus columns of a row."""
    table = choice(row, "table", Register)
    kind = choice(row, "type", RawType)
    order = choice(row, "order", ByteOrder) if row.get("order") else ByteOrder.ABCD
    bit = whole(row, "bit", 0, 15) if row.get("bit") else None
    if (kind is RawType.BIT) != (table in BIT_TABLES or bit is not None):
        raise CellError("type 'bit' goes with a coil, a discrete input, or a register with its 'bit' given")
    if bit is not None and table in BIT_TABLES:
        raise CellError(f"'bit' picks a bit of a register; a {table} is one already")
    address = whole(row, "address", 0, ADDRESS_MAX + 1 - WORDS[kind])
    return ModbusAddress(whole(row, "unit_id", 0, 255), table, address, kind, bit, order)


def opcua_address(row: Mapping[str, str]) -> OpcUaAddress:
    """The OPC UA column of a row."""
    if not NODE.fullmatch(row["node"]):
        raise CellError(
            f"node {row['node']!r} must be as 'nsu=http://example.com/mine;s=F1.Shearer.Position' or 'ns=2;i=7'"
        )
    return OpcUaAddress(row["node"])


def enum_of(cell: str) -> dict[int, str]:
    """`0=local;1=remote` as a mapping."""
    pairs = [part.partition("=") for part in cell.split(";") if part.strip()]
    try:
        return {int(code): text.strip() for code, equals, text in pairs if equals or int("not a pair")}
    except ValueError:
        raise CellError(f"enum {cell!r} must be pairs as '0=local;1=remote'") from None


def cell_faults(row: Mapping[str, str], protocol: Protocol) -> Iterator[str]:
    """What is wrong with the cells of a row each on its own, in the order of its columns."""
    reads: dict[str, Callable[[], object]] = {
        name: partial(number, row, name, 1.0) for name in COMMON if name not in ("area", "metric", "enum")
    }
    reads["enum"] = lambda: enum_of(row.get("enum", ""))
    if protocol is Protocol.MODBUS:
        reads["table"] = partial(choice, row, "table", Register)
        reads["type"] = partial(choice, row, "type", RawType)
        reads["unit_id"] = partial(whole, row, "unit_id", 0, 255)
        reads["address"] = partial(whole, row, "address", 0, ADDRESS_MAX)
        reads["order"] = lambda: choice(row, "order", ByteOrder) if row.get("order") else None
        reads["bit"] = lambda: whole(row, "bit", 0, 15) if row.get("bit") else None
    for name in row:
        if name in reads:
            try:
                reads[name]()
            except CellError as error:
                yield str(error)


def choice(row: Mapping[str, str], name: str, members: type[Member]) -> Member:
    """A cell that names one of an enumeration."""
    try:
        return members(row[name])
    except ValueError:
        raise CellError(
            f"{name} {row[name]!r} must be one of {', '.join(member.value for member in members)}"
        ) from None


def whole(row: Mapping[str, str], name: str, low: int, high: int) -> int:
    """A cell that holds a whole number of a range."""
    cell = row[name]
    if not (cell.isdecimal() and len(cell) <= DIGITS_MAX and low <= int(cell) <= high):
        raise CellError(f"{name} {cell!r} must be a whole number {low}…{high}")
    return int(cell)


def number(row: Mapping[str, str], name: str, default: float) -> float:
    """A cell that holds a number; empty or no column means the default."""
    cell = row.get(name) or ""
    try:
        value = float(cell) if cell else default
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CellError(f"{name} {cell!r} must be a number")
    return value
