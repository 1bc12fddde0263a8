"""The point table (点表): which columns it has and what one row says. Read by the agent and by simulators.

A table is CSV with a header row; the order of columns is free, cells are trimmed. Every fault of a table is
reported with its line. A *device profile* is a table with words in its cells (`Pump {n}/Flow`, address `{start}+4`)
that each instance of the device fills in.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from contract.errors import Fault, Misconfigured
from contract.point import (
    ADDRESS_MAX,
    BIT_TABLES,
    CHARACTERS_MAX,
    WORDS,
    ByteOrder,
    ModbusAddress,
    OpcUaAddress,
    Point,
    Protocol,
    RawType,
    Register,
)
from contract.point_cells import Cells, filled_in, open_words
from contract.point_columns import NOTE, word_of
from contract.topic import is_valid_id
from contract.vocabulary import equipment, quantities, roles
from contract.vocabulary.quantities import Kind, Quantity

NODE: Final = re.compile(r"(?:nsu=[^;]+;|ns=[0-9]+;)?(?:i=[0-9]+|[sgb]=.+|(?:/(?:&.|[^/&])+)+)")
UNSIGNED: Final = frozenset({RawType.UINT16, RawType.UINT32, RawType.UINT64})
TEXT_ORDERS: Final = frozenset({ByteOrder.ABCD, ByteOrder.BADC})

COMMON: Final = (
    "area", "metric", "period_s", "scale", "offset", "mask", "enum", "flags", "low", "high",
    "deadband", "swing", "limits", "max_silence_s", "stale_after_s", NOTE,
)  # fmt: skip
ADDRESS: Final = {
    Protocol.MODBUS: ("unit_id", "table", "address", "type", "length", "bit", "order"),
    Protocol.OPCUA: ("node",),
}
REQUIRED: Final = {
    Protocol.MODBUS: ("area", "metric", "unit_id", "table", "address", "type"),
    Protocol.OPCUA: ("area", "metric", "node"),
}


class Row(NamedTuple):
    """The cells of one row as a file has them, and its line."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Device:
    """What holds for every row of a table: how its maker counts and orders, and the words of an instance."""

    address_base: int = 0
    """The number that the device's papers give its first register, 0 or 1."""
    order: ByteOrder = ByteOrder.ABCD
    """Of points whose own order is not given."""
    words: Mapping[str, str] = field(default_factory=dict)


def parse(text: str, protocol: Protocol, file: str, device: Device | None = None) -> tuple[Point, ...]:
    """The points of a CSV table; raises `Misconfigured` with every fault of it."""
    rows, broken = rows_of_csv(text, file)
    return points_of(rows, protocol, file, device or Device(), broken)


def rows_of_csv(text: str, file: str) -> tuple[list[Row], list[Fault]]:
    """The rows of a CSV text, as far as it is CSV; the header is the first, blank lines are left out."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    rows: list[Row] = []
    try:
        rows.extend(Row(reader.line_num, cells) for cells in reader if cells)
    except csv.Error as error:
        return rows, [Fault(file, reader.line_num, f"not CSV: {error}")]
    return rows, []


def points_of(
    rows: Sequence[Row], protocol: Protocol, file: str, device: Device, broken: Iterable[Fault] = ()
) -> tuple[Point, ...]:
    """The points of a table's rows, the first of which is the header; raises `Misconfigured` with every fault."""
    if not rows:
        empty = Fault(file, None, "is empty: a table begins with a row of column names")
        raise Misconfigured([*broken] or [empty])
    header = [word_of(name) for name in rows[0].cells]
    faults = list(header_faults(header, protocol, Fault(file, rows[0].line, "")))
    if faults:
        raise Misconfigured(faults)
    faults.extend(broken)
    points: list[Point] = []
    for line, values in rows[1:]:
        if len(values) != len(header):
            faults.append(Fault(file, line, f"the row has {len(values)} cells, the header {len(header)}"))
            continue
        cells = Cells(
            {name: filled_in(cell.strip(), device.words) for name, cell in zip(header, values, strict=True)}
        )
        point = point_of(cells, protocol, device, line)
        faults.extend(Fault(file, line, what) for what in cells.faults)
        if not cells.faults:
            points.append(point)
    faults.extend(repeated(points, file))
    if faults:
        raise Misconfigured(sorted(dict.fromkeys(faults), key=lambda fault: fault.line or 0))
    return tuple(points)


def header_faults(columns: Sequence[str], protocol: Protocol, at: Fault) -> Iterator[Fault]:
    """Unknown, repeated and missing columns."""
    known = COMMON + ADDRESS[protocol]
    whats = [
        f"unknown column {name!r}; known are {', '.join(known)}" for name in columns if name not in known
    ]
    whats += [f"column {name!r} stands twice" for name in sorted(set(columns)) if columns.count(name) > 1]
    whats += [f"column {name!r} is missing" for name in REQUIRED[protocol] if name not in columns]
    for what in whats:
        yield Fault(at.file, at.line, what)


def repeated(points: Iterable[Point], file: str) -> Iterator[Fault]:
    """Tags given twice: each tag has one source. Case alone tells no two names apart (tck-id-case-sensitivity-*)."""
    first: dict[tuple[str, str], int] = {}
    for point in points:
        line = first.setdefault((point.area.casefold(), point.metric.casefold()), point.line)
        if line != point.line:
            yield Fault(file, point.line, f"{point.area} {point.metric} stands in line {line} already")


def point_of(cells: Cells, protocol: Protocol, device: Device, line: int) -> Point:
    """One row as a point; what is wrong with it is told to `cells`."""
    check_names(cells)
    for name, cell in cells.row.items():
        for word in open_words(cell):
            given = ", ".join(device.words) or "none"
            cells.fault(
                f"{name} {cell!r} asks for a word {word!r} that the instance must give; given: {given}"
            )
    low, high = (cells.number(name, 0.0) if cells.text(name) else None for name in ("low", "high"))
    point = Point(
        area=cells.text("area"),
        metric=cells.text("metric"),
        address=modbus_address(cells, device) if protocol is Protocol.MODBUS else opcua_address(cells),
        period_s=cells.number("period_s", 1.0),
        scale=cells.number("scale", 1.0),
        offset=cells.number("offset", 0.0),
        mask=cells.bits("mask"),
        enum=cells.codes("enum", "0=local;1=remote"),
        flags=cells.codes("flags", "0=normal;1=alarm;2=power cut"),
        low=low,
        high=high,
        deadband=cells.width("deadband", low, high),
        swing=cells.width("swing", low, high),
        limits=cells.numbers("limits"),
        max_silence_s=cells.number("max_silence_s", 60.0),
        stale_after_s=cells.number("stale_after_s", 600.0),
        line=line,
    )
    if not cells.faults:
        check_times(point, cells)
        check_kind(point, cells)
        check_bits(point, cells)
        check_report(point, cells)
    return point


def modbus_address(cells: Cells, device: Device) -> ModbusAddress:
    """The Modbus columns of a row."""
    before = len(cells.faults)
    unit_id = cells.whole("unit_id", 0, 255)
    table = cells.choice("table", Register, Register.HOLDING)
    kind = cells.choice("type", RawType, RawType.UINT16)
    order = cells.choice("order", ByteOrder, device.order) if cells.text("order") else device.order
    bit = cells.whole("bit", 0, 15) if cells.text("bit") else None
    length = cells.whole("length", 1, CHARACTERS_MAX) if cells.text("length") else 0
    if len(cells.faults) == before:
        if (kind is RawType.ASCII) != (length > 0):
            cells.fault(
                "type 'ascii' goes with 'length', the number of its characters, and no other type does"
            )
        elif bit is not None and table in BIT_TABLES:
            cells.fault(f"'bit' picks a bit of a register; a {table} is one already")
        elif (kind is RawType.BIT) != (table in BIT_TABLES or bit is not None):
            cells.fault("type 'bit' goes with a coil, a discrete input, or a register with its 'bit' given")
        elif kind is RawType.ASCII and order not in TEXT_ORDERS and cells.text("order"):
            cells.fault(f"order {order.value!r}: text has no order of words, give ABCD or BADC")
    words = (length + 1) // 2 if kind is RawType.ASCII else WORDS[kind]
    first = device.address_base
    address = cells.whole("address", first, first + ADDRESS_MAX + 1 - max(words, 1)) - first
    return ModbusAddress(unit_id, table, address, kind, bit, order, length)


def opcua_address(cells: Cells) -> OpcUaAddress:
    """The OPC UA column of a row."""
    node = cells.text("node")
    if not NODE.fullmatch(node):
        cells.fault(
            f"node {node!r} must be as 'nsu=http://example.com/mine;s=F1.Shearer.Position', 'ns=2;i=7', "
            "or a path 'nsu=http://example.com/mine;/F1/Shearer/Position'"
        )
    return OpcUaAddress(node)


def check_times(point: Point, cells: Cells) -> None:
    """How often it is read and repeated fits how soon it counts as stale."""
    silence, stale_after = point.max_silence_s, point.stale_after_s
    if not 0 < silence <= stale_after / 2:
        cells.fault(
            f"max_silence_s {silence:g} must be above 0 and at most half of stale_after_s {stale_after:g}"
        )
    if not 0 < point.period_s <= stale_after / 2 or point.scale == 0:
        cells.fault("period_s must be above 0 and at most half of stale_after_s, and scale not 0")


def check_names(cells: Cells) -> None:
    """The area can be part of a topic, and the metric is of the vocabulary."""
    area, metric = cells.text("area"), cells.text("metric")
    if not is_valid_id(area):
        cells.fault(f"area {area!r} must be filled and free of + / #")
    if equipment.parse(metric) is None:
        cells.fault(
            f"metric {metric!r} must be '<Equipment>[ n]/<Quantity>' with a known equipment, as 'Pump 2/Flow'"
        )


def quantity_of(point: Point) -> Quantity | None:
    """What the vocabulary says of its quantity."""
    name = equipment.parse(point.metric)
    return quantities.BY_WORD.get(name.quantity) if name else None


def check_kind(point: Point, cells: Cells) -> None:
    """A quantity of the vocabulary is either text or not: the store holds it to that."""
    known = quantity_of(point)
    if known is None:
        return
    if point.is_text and known.kind is not Kind.TEXT:
        cells.fault(
            f"{known.word} is a {known.kind.value}, not text: leave enum and flags empty, and no 'ascii'"
        )
    if known.kind is Kind.TEXT and not point.is_text and isinstance(point.address, ModbusAddress):
        cells.fault(f"{known.word} is text: say in enum what the numbers mean, as '0=local;1=remote'")


def check_bits(point: Point, cells: Cells) -> None:
    """`bit`, `mask`, `enum` and `flags` fit the type."""
    kind = point.address.type if isinstance(point.address, ModbusAddress) else None
    figures = (point.scale, point.offset, point.deadband, point.swing)
    if kind is RawType.BIT and figures != (1, 0, 0, 0):
        cells.fault("a bit has no scale, offset or deadband: leave them empty")
    if kind is RawType.ASCII and (figures != (1, 0, 0, 0) or point.enum or point.flags):
        cells.fault("text has no scale, offset, deadband, enum or flags: leave them empty")
    if point.mask is not None and kind not in (None, *UNSIGNED):
        cells.fault("mask picks bits of uint16, uint32 or uint64")
    if point.mask is not None and kind is not None and point.mask >> 16 * WORDS[kind]:
        cells.fault(f"mask {cells.text('mask')!r} picks bits that {kind} does not have")
    if (point.enum or point.flags) and figures[:2] != (1, 0):
        cells.fault("enum and flags make text of a number: leave scale and offset empty")
    if point.flags and point.enum:
        cells.fault("enum names numbers and flags names bits: give one of them")
    if point.flags and kind not in (None, *UNSIGNED):
        cells.fault("flags names bits of uint16, uint32 or uint64")
    if any(code < 0 or code & (code - 1) for code in point.flags):
        cells.fault(f"flags {cells.text('flags')!r} names single bits: 1, 2, 4, 8 …, and 0 for none of them")


def check_report(point: Point, cells: Cells) -> None:
    """What is held back is numbers: no states, no alarms, and nothing that faces and chambers are judged by."""
    if point.deadband and point.swing:
        cells.fault("deadband and swing are two ways to report less: give one of them")
    known = quantity_of(point)
    is_number = not point.is_text and (known is None or known.kind is Kind.NUMBER)
    if (point.deadband or point.swing) and (not is_number or point.metric in roles.BY_METRIC):
        cells.fault(f"{point.metric} is reported at every change: leave deadband and swing empty")
    if point.low is not None and point.high is not None and point.low >= point.high:
        cells.fault(f"low {point.low:g} must be below high {point.high:g}")
