"""`ninebelow simulate`: the virtual mine 演示一矿, its scenarios, or a province of mines, over real protocols."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from contract.errors import Fault, Misconfigured

if TYPE_CHECKING:
    from simulators.scenario_form import ScenarioForm

app = typer.Typer(no_args_is_help=True, help="虚拟矿井 / the virtual mine")

MINE: Final = "mine"
PROVINCE: Final = "province"
SUFFIX: Final = ".toml"

WhatArgument = Annotated[
    str,
    typer.Argument(
        metavar="[mine|province|SCENARIO]",
        help="mine、province、情景名（simulate list）或情景文件 .toml / a scenario's name or file",
    ),
]
SpeedOption = Annotated[
    float, typer.Option("--speed", min=0.1, max=600.0, help="时间倍率 / how many times as fast as real time")
]
SeedOption = Annotated[int, typer.Option("--seed", help="随机种子，同种子同结果 / same seed, same mine")]
StartOption = Annotated[
    str | None,
    typer.Option("--start", help="虚拟时钟的起点 / when the virtual clock begins: 2022-10-31T08:00"),
]
HostOption = Annotated[str, typer.Option("--host", help="监听地址 / address to listen on")]
ModbusPortOption = Annotated[
    int,
    typer.Option(
        "--modbus-port",
        min=0,
        max=65535,
        help="0 为任一空闲端口；province 从此端口起 / 0: a free one; a province's first",
    ),
]
OpcUaPortOption = Annotated[
    int, typer.Option("--opcua-port", min=0, max=65535, help="0 为任一空闲端口 / 0: a free one")
]
PersonnelOption = Annotated[
    Path | None,
    typer.Option(
        "--personnel-dir", metavar="DIR", help="人员定位文件写入的目录 / folder for personnel files"
    ),
]
MinesOption = Annotated[
    int, typer.Option("--mines", min=1, max=1_000, help="province 的煤矿数 / mines of a province")
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="DIR", help="province 的配置写入的新目录 / new folder for its configs"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@app.command("run")
def run_command(  # noqa: PLR0917  (options of a command line)
    what: WhatArgument = MINE,
    speed: SpeedOption = 1.0,
    seed: SeedOption = 1,
    start: StartOption = None,
    host: HostOption = "127.0.0.1",
    modbus_port: ModbusPortOption = 5020,
    opcua_port: OpcUaPortOption = 4840,
    personnel_dir: PersonnelOption = None,
    mines: MinesOption = 200,
    config: ConfigOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """运行虚拟矿井，直到 Ctrl-C / serve the virtual mine until Ctrl-C."""
    from ninebelow.clock import Clock
    from ninebelow.durations import instant_of
    from ninebelow.process import log_to_stderr, run
    from ninebelow.simulation import Simulation, run_mine, run_province

    log_to_stderr()
    clock = Clock(speed, instant_of(start, "--start") if start else None)
    simulation = Simulation(clock.now_ms, seed, host, modbus_port, as_json)
    if what == PROVINCE:
        if config and config.exists():
            raise Misconfigured(
                [Fault(str(config), None, "已存在，请给新目录 / exists already: name a new folder")]
            )
        run(run_province(simulation, mines, config))
    else:
        run(run_mine(simulation, None if what == MINE else scenario(what), opcua_port, personnel_dir))


def scenario(what: str) -> ScenarioForm:
    """A scenario by name, or from a file; raises `Misconfigured`."""
    from simulators import scenario_form, scenarios

    if what in scenarios.names():
        return scenario_form.load(scenarios.text(what), what + SUFFIX)
    if not what.endswith(SUFFIX):
        known = ", ".join((MINE, PROVINCE, *scenarios.names()))
        raise Misconfigured(
            [Fault(what, None, f"没有此情景 / no such scenario; known: {known}, FILE{SUFFIX}")]
        )
    try:
        return scenario_form.load(Path(what).read_text(encoding="utf-8-sig"), what)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured([Fault(what, None, f"无法读取 / cannot be read: {error}")]) from error


@app.command("list")
def list_command(*, as_json: JsonOption = False) -> None:
    """虚拟矿井的区域与情景 / the areas and scenarios of the virtual mine."""
    from contract.point import Protocol
    from ninebelow.offline.grid import print_grid
    from simulators import mine, plant, scenario_form, scenarios
    from simulators.points import points

    counts = {
        protocol: [point.area for point in points(protocol)] for protocol in (Protocol.MODBUS, Protocol.OPCUA)
    }
    areas = [
        {"area": area.code, "name": area.name, "kind": area.kind}
        | {f"{protocol}_points": codes.count(area.code) for protocol, codes in counts.items()}
        for area in plant.AREAS
    ]
    forms = {name: scenario_form.load(scenarios.text(name), name) for name in scenarios.names()}
    if as_json:
        listed = [
            {
                "scenario": name,
                "title": form.title,
                "about": form.about.strip(),
                "expected": form.expected.says.strip(),
            }
            for name, form in forms.items()
        ]
        answer = {"mine": mine.CODE, "name": mine.NAME, "areas": areas, "scenarios": listed}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    heads = ["编码\narea", "名称\nname", "类别\nkind", "Modbus\n测点", "OPC UA\n测点"]
    lines = [[str(cell) for cell in area.values()] for area in areas]
    print_grid(f"{mine.NAME} {mine.CODE}", heads, lines, text_columns=3)
    print_grid(
        "情景 / scenarios",
        ["名称\nname", "内容\nwhat happens"],
        [[name, form.title] for name, form in forms.items()],
        text_columns=2,
    )


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
