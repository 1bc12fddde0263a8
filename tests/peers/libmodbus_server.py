"""Debian's libmodbus (C) as a Modbus TCP server with many units, or as one unit on a serial line.

    libmodbus_server.py libmodbus tcp PORT
    libmodbus_server.py libmodbus serial DEVICE UNIT

The lines it is asked with are those of modbus_server.cjs, and `{"floats": [[unit, table, address, order], …]}`, which
is answered with the 32-bit floats that the library reads there. (It does not lay them out: its setters and getters
contradict each other on little-endian machines, stephane/libmodbus#757, and the getters are right.)
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import struct
import sys
import time
from collections import Counter
from typing import Any

SIZE = 65_536
QUERY_MAX = 260
TABLES = ("coil", "discrete", "input", "holding")
CODES = {
    "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "uint64": ">Q",
    "float32": ">f", "float64": ">d",
}  # fmt: skip
BCD_DIGITS = {"bcd16": 4, "bcd32": 8}


class Mapping(ctypes.Structure):
    """The library's `modbus_mapping_t`."""

    _fields_ = (
        *((f"{what}_{table}", ctypes.c_int) for table in ("bits", "input_bits", "input_registers", "registers")
          for what in ("nb", "start")),
        ("coil", ctypes.POINTER(ctypes.c_uint8)),
        ("discrete", ctypes.POINTER(ctypes.c_uint8)),
        ("input", ctypes.POINTER(ctypes.c_uint16)),
        ("holding", ctypes.POINTER(ctypes.c_uint16)),
    )  # fmt: skip


library = ctypes.CDLL("libmodbus.so.5")
library.modbus_new_tcp.restype = library.modbus_new_rtu.restype = ctypes.c_void_p
library.modbus_mapping_new.restype = ctypes.POINTER(Mapping)
READ_FLOAT = {
    order: getattr(library, f"modbus_get_float_{order.lower()}") for order in ("ABCD", "CDAB", "BADC", "DCBA")
}
for read in READ_FLOAT.values():
    read.restype = ctypes.c_float


class Device:
    """What the units hold, and how they behave."""

    def __init__(self) -> None:
        self.units: dict[int, Any] = {}
        self.mapped: set[tuple[int, str, int]] = set()
        self.silent: set[int] = set()
        self.busy: dict[int, int] = {}
        self.delay_s = 0.0
        self.asked: Counter[int] = Counter()
        self.functions: set[int] = set()
        self.connections = 0

    def put(self, row: Any) -> None:
        """Map what a value takes."""
        unit, table, address, kind, order, value = row
        if unit not in self.units:
            self.units[unit] = library.modbus_mapping_new(SIZE, SIZE, SIZE, SIZE)
        cells = getattr(self.units[unit].contents, table)
        for at, cell in enumerate([int(value)] if kind == "bit" else registers(kind, order, value), address):
            cells[at] = cell
            self.mapped.add((unit, table, at))

    def read_float(self, unit: int, table: str, address: int, order: str) -> float:
        """What the library makes of two registers."""
        cells = getattr(self.units[unit].contents, table)
        return float(READ_FLOAT[order]((ctypes.c_uint16 * 2)(cells[address], cells[address + 1])))

    def refusal(self, unit: int, function: int, address: int, count: int) -> int:
        """The exception code with which a request is refused; 0 leaves the answer to the library."""
        if code := self.busy.get(unit, 0 if unit in self.units else 11):
            return code
        table = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}.get(function)
        asked = {(unit, table, at) for at in range(address, address + count)}
        return 0 if table is None or asked <= self.mapped else 2


def registers(kind: str, order: str, value: Any) -> list[int]:
    """The registers of a value."""
    if kind == "ascii":
        data = value.encode("latin-1") + b"\0" * (len(value) % 2)
    elif digits := BCD_DIGITS.get(kind):
        data = bytes.fromhex(f"{value:0{digits}d}")
    else:
        data = struct.pack(CODES[kind], float(value) if kind.startswith("float") else int(value))
    words = [data[at : at + 2] for at in range(0, len(data), 2)]
    if kind != "ascii" and order in ("CDAB", "DCBA"):
        words.reverse()
    return [int.from_bytes(word, "little" if order in ("BADC", "DCBA") else "big") for word in words]


class Server:
    """The library's receiving and replying, on every connection that is open."""

    def __init__(self, context: int, device: Device) -> None:
        self.context = ctypes.c_void_p(context)
        self.device = device
        self.header = library.modbus_get_header_length(self.context)
        self.connected: set[int] = set()

    def answer(self, connection: int) -> bool:
        """Answer what is asked on a connection; false when it has ended."""
        query = (ctypes.c_uint8 * QUERY_MAX)()
        library.modbus_set_socket(self.context, connection)
        length = library.modbus_receive(self.context, query)
        if length <= 0:
            return bool(length == 0)  # a request to another unit of a serial line
        unit, function, address, count = struct.unpack_from(">BBHH", bytes(query), self.header - 1)
        device = self.device
        device.asked[unit] += 1
        device.functions.add(function)
        if unit in device.silent:
            return True
        time.sleep(device.delay_s)
        if code := device.refusal(unit, function, address, count):
            return bool(library.modbus_reply_exception(self.context, query, code) != -1)
        return bool(library.modbus_reply(self.context, query, length, device.units[unit]) != -1)

    def drop(self) -> None:
        """Break every connection."""
        while self.connected:
            os.close(self.connected.pop())

    def do(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What a line asks for."""
        device = self.device
        for row in asked.get("put", ()):
            device.put(row)
        if "unmap" in asked:
            unit, table, address, count = asked["unmap"]
            device.mapped -= {(unit, table, at) for at in range(address, address + count)}
        if "silent" in asked:
            device.silent = set(asked["silent"])
        if "busy" in asked:
            device.busy = {int(unit): code for unit, code in asked["busy"].items()}
        device.delay_s = asked.get("delay_ms", 1000 * device.delay_s) / 1000
        if "drop" in asked:
            self.drop()
        if "floats" in asked:
            return {"floats": [device.read_float(*where) for where in asked["floats"]]}
        counts = {
            "asked": device.asked,
            "functions": sorted(device.functions),
            "connections": device.connections,
        }
        return counts | {"open": len(self.connected)} if "counts" in asked else {}


def say(what: object) -> None:
    """A line to the test."""
    print(json.dumps(what), flush=True)  # noqa: T201  (the test reads it)


def serve(server: Server, door: int | None) -> None:
    """Until the input ends; `door` is where connections come in."""
    lines = b""
    while True:
        readable, _, _ = select.select([0, *([] if door is None else [door]), *server.connected], [], [])
        if 0 in readable:
            data = os.read(0, 1 << 20)
            if not data:
                return
            *whole, lines = (lines + data).split(b"\n")
            for line in whole:
                say(server.do(json.loads(line)))
            continue  # a connection that was readable may be closed now
        for connection in readable:
            if connection == door:
                server.connected.add(
                    library.modbus_tcp_accept(server.context, ctypes.byref(ctypes.c_int(door)))
                )
                server.device.connections += 1
            elif not server.answer(connection):
                server.connected.discard(connection)
                os.close(connection)


def main(transport: str, *where: str) -> None:
    """Listen, and serve."""
    if transport == "tcp":
        server = Server(library.modbus_new_tcp(b"127.0.0.1", int(where[0])), Device())
        door = library.modbus_tcp_listen(server.context, 5)
        assert door != -1, "the port is taken"
    else:
        context = library.modbus_new_rtu(where[0].encode(), 19_200, ctypes.c_char(b"N"), 8, 1)
        server, door = Server(context, Device()), None
        library.modbus_set_slave(server.context, int(where[1]))
        assert library.modbus_connect(server.context) != -1, "the serial line cannot be opened"
        server.connected.add(library.modbus_get_socket(server.context))
    say({"ready": True})
    serve(server, door)


if __name__ == "__main__":
    main(*sys.argv[2:])
