"""What the virtual mine 演示一矿 consists of: its areas, their crews, and every signal of their machines.

Coal goes one way: what the three faces cut comes to the main belt, from there into the bunker, and up the shaft; the
substation's feeders carry what all of it draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from simulators.equipment import main_belt
from simulators.equipment.chamber import chamber_signals, door_closed, local_for_maintenance, patrol_robot
from simulators.equipment.compressors import CompressorStation
from simulators.equipment.drainage import PumpRoom
from simulators.equipment.driving_face import DrivingFace
from simulators.equipment.fan_house import FanHouse
from simulators.equipment.gas_drainage import DrainageStation
from simulators.equipment.hoist import Hoist
from simulators.equipment.main_belt import MainBelt
from simulators.equipment.mining_face import MiningFace
from simulators.equipment.sensor_faults import usual_faults
from simulators.equipment.signal import Signal, Signals, always
from simulators.equipment.substation import Load, Substation
from simulators.equipment.tbm_face import TbmFace
from simulators.equipment.work_plan import WorkPlan
from simulators.people import ROADWAY, SURFACE, FaceCrews, PatrolCrew, People
from simulators.shifts import HOUR_MS, MINUTE_MS


@dataclass(frozen=True, slots=True)
class Area:
    """A face or a chamber; `kind` as in definitions.md §1 (faces) and §2 (chambers)."""

    code: str
    name: str
    kind: str


MINING: Final = Area("F14031", "14031 采煤面", "mining_face")
DRIVING: Final = Area("F12090", "12090 掘进面", "driving_face")
BORING: Final = Area("F12110", "12110 TBM 掘进面", "driving_face")
PUMP_ROOM: Final = Area("C-PUMP", "中央水泵房", "drainage_pump_room")
FAN_HOUSE: Final = Area("C-FAN", "主通风机房", "main_fan_house")
SUBSTATION: Final = Area("C-SUB", "中央变电所", "central_substation")
HOIST: Final = Area("C-HOIST", "主井提升机房", "main_hoist")
BELT: Final = Area("C-BELT", "主运输皮带机头硐室", "main_belt")
COMPRESSORS: Final = Area("C-COMP", "地面压风机房", "surface_compressor_station")
GAS_STATION: Final = Area("C-GAS", "地面瓦斯抽采泵站", "gas_drainage_station")
FACES: Final = (MINING, DRIVING, BORING)
CHAMBERS: Final = (PUMP_ROOM, FAN_HOUSE, SUBSTATION, HOIST, BELT, COMPRESSORS, GAS_STATION)
AREAS: Final = FACES + CHAMBERS

FACE_CREWS: Final = (
    FaceCrews(MINING.code, production=(7, 9), maintenance=(14, 18)),
    FaceCrews(DRIVING.code, production=(6, 8), maintenance=(9, 12)),
    FaceCrews(BORING.code, production=(6, 8), maintenance=(10, 13)),
)
PATROLS: Final = (
    PatrolCrew("underground patrol", ROADWAY, (PUMP_ROOM.code, SUBSTATION.code, BELT.code)),
    PatrolCrew("surface patrol", SURFACE, (FAN_HOUSE.code, GAS_STATION.code), people=2),
    PatrolCrew("shaft patrol", SURFACE, (HOIST.code, COMPRESSORS.code), people=2),
)


def signals_of(seed: int, people: People) -> Mapping[tuple[str, str], Signal]:
    """Every signal of the mine, by area and metric, as its sensors give it."""
    return usual_faults(seed, true_signals(seed, people))


def true_signals(seed: int, people: People) -> Mapping[tuple[str, str], Signal]:
    """Every signal of the mine as faultless sensors would give it."""
    counts: dict[str, Signal] = {area.code: partial(people.headcount, area.code) for area in AREAS}
    parts = [machines(seed), surroundings(seed, counts)]
    signals = {
        (area, metric): signal
        for part in parts
        for area, of_area in part.items()
        for metric, signal in of_area.items()
    }
    return signals | {(area, "Personnel/Headcount"): count for area, count in counts.items()}


def machines(seed: int) -> Mapping[str, Signals]:
    """The machines' signals, by area."""
    mining, driving, boring = (
        MiningFace(seed, MINING.code), DrivingFace(seed, DRIVING.code), TbmFace(seed, BORING.code)
    )  # fmt: skip
    pumps = PumpRoom(seed, PUMP_ROOM.code)
    belt = MainBelt(seed, BELT.code, (mining.output_t, driving.output_t, boring.output_t))
    hoist = Hoist(seed, HOIST.code, belt.carried_t)
    compressors = CompressorStation(seed, COMPRESSORS.code)
    gas_station = DrainageStation(seed, GAS_STATION.code, mining.plan)
    loads = (
        face_load(mining.plan, 180.0, 1_450.0),
        face_load(driving.plan, 95.0, 330.0),
        Load(12.0, 480.0, pumps.share, pumps.run_hours, may_stop=False),
        Load(14.0, 610.0, belt.share, belt.worked_hours),
        face_load(boring.plan, 130.0, 1_150.0),
        Load(176.0, 0.0, nothing, nothing, may_stop=False),  # the local fans of both headings
    )
    return {
        MINING.code: mining.signals(),
        DRIVING.code: driving.signals(),
        BORING.code: boring.signals(),
        PUMP_ROOM.code: pumps.signals() | {"Control/Running": pumps.is_running},
        FAN_HOUSE.code: FanHouse(seed, FAN_HOUSE.code).signals() | {"Control/Running": always(True)},
        SUBSTATION.code: Substation(seed, SUBSTATION.code, loads).signals()
        | {"Control/Running": always(True)},
        HOIST.code: hoist.signals() | {"Control/Running": hoist.is_running},
        BELT.code: belt.signals() | {"Control/Running": main_belt.is_running},
        COMPRESSORS.code: compressors.signals() | {"Control/Running": always(True)},
        GAS_STATION.code: gas_station.signals() | {"Control/Running": always(True)},
    }


def nothing(_at_ms: int) -> float:
    """Of a load that never changes."""
    return 0.0


def face_load(plan: WorkPlan, idle_kw: float, working_kw: float) -> Load:
    """A face on its feeder: it draws `working_kw` more while its machine moves."""
    return Load(
        idle_kw,
        working_kw,
        lambda at_ms: plan.load(at_ms, MINUTE_MS),
        lambda at_ms: plan.worked_ms(at_ms) / HOUR_MS,
    )


def surroundings(seed: int, counts: Mapping[str, Signal]) -> Mapping[str, Signals]:
    """What every chamber has beside its machines; `counts` is how many people are in each.

    The gas-drainage station has no camera yet: it is centrally controlled, and not unattended.
    """
    local = {
        area.code: local_for_maintenance(counts[area.code], otherwise="auto")
        for area in (PUMP_ROOM, HOIST, BELT)
    }
    remote = always("remote")
    return {
        PUMP_ROOM.code: chamber_signals(seed, PUMP_ROOM.code, mode=local[PUMP_ROOM.code], warmth=26.0),
        FAN_HOUSE.code: chamber_signals(seed, FAN_HOUSE.code, mode=remote, warmth=19.0),
        SUBSTATION.code: chamber_signals(seed, SUBSTATION.code, mode=remote, warmth=25.0)
        | {
            "Door/Closed": door_closed(counts[SUBSTATION.code]),
            "Robot/Present": patrol_robot(seed, SUBSTATION.code),
            "Environment/Smoke": always(False),
        },
        HOIST.code: chamber_signals(seed, HOIST.code, mode=local[HOIST.code], warmth=20.0),
        BELT.code: chamber_signals(seed, BELT.code, mode=local[BELT.code], warmth=24.0),
        COMPRESSORS.code: chamber_signals(seed, COMPRESSORS.code, mode=always("auto"), warmth=23.0),
        GAS_STATION.code: chamber_signals(seed, GAS_STATION.code, mode=remote, warmth=20.0, has_video=False),
    }
