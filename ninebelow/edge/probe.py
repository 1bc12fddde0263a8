"""`ninebelow edge probe`: what a device's registers mean, beside a reading that is known."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer

from contract.errors import Transient
from contract.point import BIT_TABLES, Register
from ninebelow import words
from ninebelow.edge.options import AsJson
from ninebelow.edge.shown import shown
from ninebelow.offline.grid import print_grid
from ninebelow.process import run as run_loop

if TYPE_CHECKING:
    from edge_agent.acquisition.read_plan import Request
    from edge_agent.engineering.probe import Decoding
    from edge_agent.source_config.modbus import ModbusSource

SHOWN_MAX: Final = 12
LINE: Final = re.compile(r"(?P<device>[^,]+)(?:,(?P<baud>[0-9]+))?(?:,8(?P<parity>[NEO])(?P<stop>[12]))?")
PARITIES: Final = {"N": "none", "E": "even", "O": "odd"}

Host = Annotated[str | None, typer.Argument(metavar="HOST[:PORT]", help="设备或网关 / device or gateway")]
Unit = Annotated[int, typer.Option("--unit", min=0, max=255, help="站号 / unit id")]
Table = Annotated[Register, typer.Option("--table", help="寄存器类型 / holding or input")]
Address = Annotated[
    int, typer.Option("--address", min=0, max=65535, help="资料上的地址 / the address in the papers")
]
Count = Annotated[int, typer.Option("--count", min=1, max=124, help="读几个寄存器 / how many registers")]
Value = Annotated[
    str | None, typer.Option("--value", help="此刻仪表显示的读数 / what the instrument shows now, as 31.4")
]
Serial = Annotated[
    str | None, typer.Option("--serial", metavar="LINE", help="串口 / serial line: /dev/ttyS1,9600,8E1")
]
Rtu = Annotated[bool, typer.Option("--rtu", help="TCP 内为 RTU 帧 / RTU frames in TCP")]
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, max=60, help="等待秒数 / seconds to wait")]
All = Annotated[bool, typer.Option("--all", help="列出全部解释 / list every decoding")]


def probe(  # noqa: PLR0917 - typer calls it by name
    address: Address,
    host: Host = None,
    unit: Unit = 1,
    table: Table = Register.HOLDING,
    count: Count = 4,
    value: Value = None,
    serial: Serial = None,
    rtu: Rtu = False,
    timeout: Timeout = 1.0,
    show_all: All = False,
    as_json: AsJson = False,
) -> None:
    """按各种类型、字节序、起始地址解释几个寄存器 / every decoding of a few registers.

    给出 --value 时最接近的在前，都不相符则退出码 3 / with --value the closest come first; exit code 3 if none fits.
    """
    from edge_agent.engineering.probe import decodings, known_from

    if table in BIT_TABLES:
        raise typer.BadParameter(words.PROBE_TABLE)
    known = None if value is None else known_from(value)
    request, payload = registers(source_of(host, serial, timeout, rtu=rtu), unit, table, address, count)
    found = decodings(request, payload, address, known)
    if as_json:
        print_json(request, payload, found)
    else:
        print_tables(
            request, payload, found, shown_max=len(found) if show_all or known is None else SHOWN_MAX
        )
    if known is not None and not any(one.fits for one in found):
        raise typer.Exit(3)


def source_of(host: str | None, serial: str | None, timeout_s: float, *, rtu: bool) -> ModbusSource:
    """A source with what the options say of the way to it."""
    from pydantic import ValidationError

    from edge_agent.source_config.modbus import ModbusSource

    if (host is None) == (serial is None):
        raise typer.BadParameter(words.PROBE_PLACE)
    place = serial_place(serial) if serial else tcp_place(host or "", rtu=rtu)
    try:
        return ModbusSource.model_validate(
            {"protocol": "modbus", "name": "probe", "points": Path(), "timeout_s": timeout_s, **place}
        )
    except ValidationError as error:
        raise typer.BadParameter(words.PROBE_PLACE) from error


def tcp_place(host: str, *, rtu: bool) -> dict[str, object]:
    """A host and its port."""
    try:
        name, port = (parts := urlsplit(f"//{host}")).hostname, parts.port
    except ValueError as error:
        raise typer.BadParameter(words.PROBE_PLACE) from error
    return {"transport": "rtu_over_tcp" if rtu else "tcp", "host": name, "port": port}


def serial_place(line: str) -> dict[str, object]:
    """A serial line as engineers write it: `/dev/ttyS1,9600,8E1`."""
    found = LINE.fullmatch(line)
    if found is None:
        raise typer.BadParameter(words.PROBE_PLACE)
    settings = {
        "device": found["device"],
        "baud_rate": int(found["baud"] or 9600),
        "parity": PARITIES[found["parity"] or "E"],
        "stop_bits": int(found["stop"] or 1),
    }
    return {"transport": "serial", "serial": settings}


def registers(
    config: ModbusSource, unit: int, table: Register, address: int, count: int
) -> tuple[Request, bytes]:
    """What the device gives; raises `Transient`."""
    from edge_agent.sources.modbus_link import LinkFailure, Refusal
    from edge_agent.sources.modbus_probe import registers_around

    try:
        return run_loop(registers_around(config, unit, table, address, count))
    except LinkFailure as failure:
        raise Transient(words.PROBE_FAILED.format(why=failure)) from failure
    except Refusal as refusal:
        kind = f"exception_{refusal.code}"
        why = words.TROUBLES.get(kind, kind)
        raise Transient(words.PROBE_REFUSED.format(address=address, why=why)) from refusal


def print_json(request: Request, payload: bytes, found: Sequence[Decoding]) -> None:
    """Registers and decodings, the likeliest first."""
    from edge_agent.engineering.probe import cells_of, registers_of

    told = {
        "address": request.address,
        "registers": registers_of(payload),
        "decodings": [
            {"cells": cells_of(one.point), "value": one.value, "error": one.error, "fits": one.fits}
            for one in found
        ],
    }
    print(json.dumps(told, ensure_ascii=False, indent=2))


def print_tables(request: Request, payload: bytes, found: Sequence[Decoding], *, shown_max: int) -> None:
    """The registers, then the decodings, then the cells of the likeliest that fits."""
    from edge_agent.engineering.probe import cells_of, registers_of

    places = range(request.address, request.address + request.count)
    print("  ".join(f"{at}: {held}" for at, held in zip(places, registers_of(payload), strict=True)))
    heads = [
        "地址\naddress",
        "类型\ntype",
        "字节序\norder",
        "倍率\nscale",
        "值\nvalue",
        "相差\noff by",
        "相符\nfits",
    ]
    lines = []
    for one in found[:shown_max]:
        cells = cells_of(one.point)
        off = "" if one.error is None else f"{one.error:.2%}"
        lines.append(
            [
                cells["address"],
                cells["type"],
                cells["order"],
                cells["scale"],
                shown(one.value),
                off,
                "✓" * one.fits,
            ]
        )
    print_grid(words.PROBE_TITLE, heads, lines, text_columns=3)
    if len(found) > shown_max:
        print(words.PROBE_MORE.format(count=len(found) - shown_max))
    if found and found[0].fits:
        cells = cells_of(found[0].point)
        print(words.PROBE_CELLS, ",".join(cells), ",".join(cells.values()), sep="\n")
