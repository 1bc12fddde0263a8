"""Modbus and OPC UA servers of others, as child processes that are told what to hold; ended by their pid."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.point import ModbusAddress, Point, RawType
from tests.servers import free_port
from tests.wire.foreign import SOURCES, Program, npm


@dataclass
class ForeignServer:
    """A server on a port of its own; after a restart it is told again what it was told with `keep`."""

    program: Callable[[int], Program]
    port: int = field(default_factory=free_port)
    kept: list[object] = field(default_factory=list)
    running: Program | None = None
    told: dict[str, Any] = field(default_factory=dict)
    """What it said of itself when it was ready."""

    def start(self) -> None:
        """Start it, and wait until it listens and holds what it held before."""
        self.running = self.program(self.port).__enter__()
        assert self.running.process.stdout is not None
        self.told = json.loads(self.running.process.stdout.readline() or "{}")
        assert self.told.get("ready"), "it did not start; what it said of that stands above"
        for what in self.kept:
            self.ask(what)

    def ask(self, what: object) -> Any:
        """Tell it something, or ask."""
        assert self.running is not None
        return self.running.ask(what)

    def keep(self, what: object) -> None:
        """Tell it something that holds over a restart."""
        self.kept.append(what)
        self.ask(what)

    def freeze(self) -> None:
        """Let it hang: its connections stand, and nothing is answered."""
        assert self.running is not None
        self.running.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on with all that came in the meantime."""
        assert self.running is not None
        self.running.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it as an operator would."""
        if self.running is not None:
            self.thaw()
            self.running.__exit__()
            self.running = None

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.running is not None
        self.running.process.kill()
        self.stop()


@contextmanager
def serving(server: ForeignServer) -> Iterator[ForeignServer]:
    """It runs until the block ends."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def modbus_server(library: str, transport: str = "tcp", *files: Path) -> ForeignServer:
    """Of npm `modbus-serial` or `jsmodbus` (this one also `rtu` and `tls`), or Debian's `libmodbus`; not yet started.

    The files for TLS are its certificate and key, and the authority of the certificates that it wants of clients.
    """

    def program(port: int) -> Program:
        arguments = (library, transport, str(port), *map(str, files))
        if library == "libmodbus":
            return Program(sys.executable, SOURCES / "libmodbus_server.py", *arguments)
        return npm("modbus_server.cjs", *arguments)

    return ForeignServer(program)


def serial_modbus_server(device: str, unit_id: int) -> ForeignServer:
    """Debian's libmodbus as one unit on a serial line, not yet started."""
    arguments = ("libmodbus", "serial", device, str(unit_id))
    return ForeignServer(lambda _: Program(sys.executable, SOURCES / "libmodbus_server.py", *arguments))


def row(point: Point, value: object, kind: RawType | None = None) -> list[object]:
    """A value as a Modbus server is told to hold it, where the point lies and of its type, or of another."""
    at = point.address
    assert isinstance(at, ModbusAddress)
    return [at.unit_id, at.table.value, at.address, (kind or at.type).value, at.order.value, as_told(value)]


def as_told(value: object) -> object:
    """As it travels in JSON: what a JavaScript number does not hold goes as text, and the bytes of a text do too."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


def opcua_server(folder: Path, **settings: object) -> ForeignServer:
    """Of npm `node-opcua-server`, not yet started; `settings` as in opcua_server.cjs, `folder` for certificates."""
    given = json.dumps({"folder": str(folder), **settings})
    return ForeignServer(lambda port: npm("opcua_server.cjs", str(port), given))
