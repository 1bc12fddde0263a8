"""What `ninebelow simulate run` runs: the mine with or without a scenario, or a province; until it is told to stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from contract.errors import Fault, Misconfigured
from ninebelow.offline.grid import print_grid
from ninebelow.process import stop_event
from simulators.app import VirtualMine, virtual_mine
from simulators.faults import FOREVER
from simulators.plant import AREAS
from simulators.province import ServedMine, files_of, province
from simulators.scenario import USUAL, Event
from simulators.scenario_form import ScenarioForm

CHINA: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Simulation:
    """What every run is asked for."""

    now_ms: Callable[[], int]
    seed: int
    host: str
    modbus_port: int
    as_json: bool


async def run_mine(
    simulation: Simulation, form: ScenarioForm | None, opcua_port: int, personnel_dir: Path | None
) -> None:
    """Serve the mine; the scenario starts now."""
    stop = stop_event()
    start_ms = simulation.now_ms()
    scenario = form.starting(start_ms) if form else USUAL
    async with virtual_mine(
        now_ms=simulation.now_ms,
        seed=simulation.seed,
        scenario=scenario,
        host=simulation.host,
        modbus_port=simulation.modbus_port,
        opcua_port=opcua_port,
        personnel_dir=personnel_dir,
    ) as served:
        if simulation.as_json:
            answer = whereabouts(served, personnel_dir) | {
                "start": local_time(start_ms),
                "timetable": [as_json(event) for event in scenario.timetable],
            }
            print(json.dumps(answer, ensure_ascii=False), flush=True)
        else:
            print(said(served, form, scenario.timetable, personnel_dir), flush=True)
        await stop.wait()


def whereabouts(served: VirtualMine, personnel_dir: Path | None) -> dict[str, object]:
    """Where the mine can be reached."""
    return {
        "mine": served.mine.code,
        "name": served.mine.name,
        "modbus": {"host": served.host, "port": served.modbus_port},
        "opcua": served.opcua_url,
        "personnel_dir": str(personnel_dir) if personnel_dir else None,
        "zones": zones_of(served),
    }


def zones_of(served: VirtualMine) -> dict[str, list[str]]:
    """The positioning zones (区域编码) that make up each area below ground."""
    codes: dict[str, list[str]] = {area.code: [] for area in AREAS}
    for zone in served.mine.personnel_files().positioning.zones:
        if zone.place in codes:
            codes[zone.place].append(zone.code)
    return {area: listed for area, listed in codes.items() if listed}


def said(
    served: VirtualMine, form: ScenarioForm | None, timetable: tuple[Event, ...], personnel_dir: Path | None
) -> str:
    """The same for people, and what will happen when."""
    lines = [f"Modbus TCP {served.host}:{served.modbus_port}", f"OPC UA {served.opcua_url}"]
    if personnel_dir:
        lines.append(f"人员定位文件 / personnel files {personnel_dir}")
    if form:
        lines += [form.title, form.about.strip()]
        lines += [f"  {local_time(event.from_ms)} – {until(event)}  {event.what}" for event in timetable]
        lines.append(f"预期 / expected: {form.expected.says.strip()}")
    return "\n".join(lines)


async def run_province(simulation: Simulation, mines: int, config: Path | None) -> None:
    """Serve many mines."""
    stop = stop_event()
    async with province(
        now_ms=simulation.now_ms,
        mines=mines,
        seed=simulation.seed,
        host=simulation.host,
        first_port=simulation.modbus_port,
    ) as served:
        if config:
            write_files(config, served)
        if simulation.as_json:
            answer = {"mines": [asdict(mine) for mine in served], "config": str(config) if config else None}
            print(json.dumps(answer, ensure_ascii=False), flush=True)
        else:
            lines = [[mine.code, mine.name, mine.host, str(mine.port)] for mine in served]
            print_grid(
                f"{mines} 座虚拟矿井 / virtual mines",
                ["编码\ncode", "名称\nname", "地址\nhost", "端口\nport"],
                lines,
                text_columns=3,
            )
        await stop.wait()


def write_files(folder: Path, mines: tuple[ServedMine, ...]) -> None:
    """Configs and point table into a new folder; `Misconfigured` if that cannot be."""
    try:
        for path, text in files_of(mines).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise Misconfigured(
            [Fault(str(folder), None, f"无法写入 / cannot be written: {error.strerror}")]
        ) from error


def as_json(event: Event) -> dict[str, object]:
    """A line of the timetable."""
    end = None if event.to_ms >= FOREVER else local_time(event.to_ms)
    return {"from": local_time(event.from_ms), "to": end, "what": event.what}


def until(event: Event) -> str:
    """When it ends, of a line of the timetable."""
    return "…" if event.to_ms >= FOREVER else local_time(event.to_ms)


def local_time(at_ms: int) -> str:
    """An instant in China's time, to the second."""
    return datetime.fromtimestamp(at_ms // 1000, CHINA).isoformat()
