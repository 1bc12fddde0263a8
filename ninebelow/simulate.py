"""`ninebelow simulate`: the virtual mine 演示一矿 over real Modbus TCP and OPC UA."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from contract.errors import Fault, Misconfigured, Transient

app = typer.Typer(no_args_is_help=True, help="虚拟矿井 / the virtual mine")

SpeedOption = Annotated[
    float, typer.Option("--speed", min=0.1, max=600.0, help="时间倍率 / how many times as fast as real time")
]
SeedOption = Annotated[int, typer.Option("--seed", help="随机种子，同种子同结果 / same seed, same mine")]
HostOption = Annotated[str, typer.Option("--host", help="监听地址 / address to listen on")]
ModbusPortOption = Annotated[
    int, typer.Option("--modbus-port", min=0, max=65535, help="0 为任一空闲端口 / 0: a free one")
]
OpcUaPortOption = Annotated[
    int, typer.Option("--opcua-port", min=0, max=65535, help="0 为任一空闲端口 / 0: a free one")
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@app.command("run")
def run_command(
    speed: SpeedOption = 1.0,
    seed: SeedOption = 1,
    host: HostOption = "127.0.0.1",
    modbus_port: ModbusPortOption = 5020,
    opcua_port: OpcUaPortOption = 4840,
) -> None:
    """运行虚拟矿井，直到 Ctrl-C / serve the virtual mine until Ctrl-C."""
    for library in ("asyncua", "pymodbus_internal"):
        logging.getLogger(library).setLevel(logging.CRITICAL)  # what matters of it reaches us as an exception
    try:
        asyncio.run(_serve(speed, seed, host, modbus_port, opcua_port))
    except KeyboardInterrupt:
        pass
    except Transient as transient:
        print(transient, file=sys.stderr)
        raise typer.Exit(1) from None


@app.command("list")
def list_command(*, as_json: JsonOption = False) -> None:
    """虚拟矿井的区域 / the areas of the virtual mine."""
    from contract.point_form import Protocol
    from ninebelow.offline.grid import print_grid
    from simulators import mine
    from simulators.points import points

    counts = {
        protocol: [point.area for point in points(protocol)] for protocol in (Protocol.MODBUS, Protocol.OPCUA)
    }
    areas = [
        {"area": area.code, "name": area.name, "kind": area.kind}
        | {f"{protocol}_points": codes.count(area.code) for protocol, codes in counts.items()}
        for area in mine.AREAS
    ]
    if as_json:
        print(
            json.dumps({"mine": mine.CODE, "name": mine.NAME, "areas": areas}, ensure_ascii=False, indent=2)
        )
        return
    heads = ["编码\narea", "名称\nname", "类别\nkind", "Modbus\n测点", "OPC UA\n测点"]
    lines = [[str(cell) for cell in area.values()] for area in areas]
    print_grid(f"{mine.NAME} {mine.CODE}", heads, lines, text_columns=3)


@app.command("points")
def points_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="写入的目录 / where to")],
    *,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 / overwrite")] = False,
) -> None:
    """写出点表 modbus.csv、opcua.csv / write the point tables."""
    from simulators.points import FILES, text

    there = [folder / name for name in FILES.values() if (folder / name).exists()]
    if there and not force:
        raise Misconfigured(
            Fault(str(file), None, "已存在，--force 覆盖 / exists already; --force overwrites")
            for file in there
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for protocol, name in FILES.items():
            (folder / name).write_text(text(protocol), encoding="utf-8", newline="\n")
            print(folder / name)
    except OSError as error:
        raise Misconfigured(
            [Fault(str(folder), None, f"无法写入 / cannot be written: {error.strerror}")]
        ) from error


async def _serve(speed: float, seed: int, host: str, modbus_port: int, opcua_port: int) -> None:
    from ninebelow.clock import Clock
    from simulators.app import virtual_mine

    stopped = asyncio.Event()
    with suppress(NotImplementedError):  # Windows has no SIGTERM to wait for
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    now_ms = Clock(speed).now_ms
    async with virtual_mine(
        now_ms=now_ms, seed=seed, host=host, modbus_port=modbus_port, opcua_port=opcua_port
    ) as served:
        print(f"Modbus TCP {served.host}:{served.modbus_port}\nOPC UA {served.opcua_url}", flush=True)
        await stopped.wait()
