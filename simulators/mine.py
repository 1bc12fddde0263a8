"""The virtual mine 演示一矿: its areas, the people and machines in them, and what every signal reads now.

Everything is a function of the seed and the instant: two mines of one seed agree at every instant, whenever and
however often they are asked, and a mine that starts in the middle of a shift is in the middle of its work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from contract.datatype import Value
from contract.vocabulary import equipment, quantities
from simulators.equipment.chamber import chamber_signals, door_closed, local_for_maintenance, patrol_robot
from simulators.equipment.drainage import PumpRoom
from simulators.equipment.driving_face import DrivingFace
from simulators.equipment.fan_house import FanHouse
from simulators.equipment.mining_face import MiningFace
from simulators.equipment.signal import Signal, always
from simulators.equipment.substation import Load, Substation
from simulators.equipment.work_plan import WorkPlan
from simulators.people import ROADWAY, SURFACE, FaceCrews, PatrolCrew, People
from simulators.shifts import MINUTE_MS

CODE: Final = "990000000001"
NAME: Final = "演示一矿"
STEP_MS: Final = 1_000
"""Signals change at whole seconds of the virtual time."""


@dataclass(frozen=True, slots=True)
class Area:
    """A face or a chamber; `kind` as in definitions.md §1 (faces) and §2 (chambers)."""

    code: str
    name: str
    kind: str


MINING: Final = Area("F14031", "14031 采煤面", "mining_face")
DRIVING: Final = Area("F12090", "12090 掘进面", "driving_face")
PUMP_ROOM: Final = Area("C-PUMP", "中央水泵房", "drainage_pump_room")
FAN_HOUSE: Final = Area("C-FAN", "主通风机房", "main_fan_house")
SUBSTATION: Final = Area("C-SUB", "中央变电所", "central_substation")
AREAS: Final = (MINING, DRIVING, PUMP_ROOM, FAN_HOUSE, SUBSTATION)

FACE_CREWS: Final = (
    FaceCrews(MINING.code, production=(7, 9), maintenance=(14, 18)),
    FaceCrews(DRIVING.code, production=(6, 8), maintenance=(9, 12)),
)
PATROLS: Final = (
    PatrolCrew("underground patrol", ROADWAY, (PUMP_ROOM.code, SUBSTATION.code)),
    PatrolCrew("surface patrol", SURFACE, (FAN_HOUSE.code,), people=2),
)


class Mine:
    """The mine at one instant; `advance` moves it to another."""

    def __init__(self, seed: int, now_ms: int) -> None:
        self.people = People(seed, FACE_CREWS, PATROLS)
        self.signals: Mapping[tuple[str, str], Signal] = signals_of(seed, self.people)
        self.decimals = {tag: decimals_of(tag[1]) for tag in self.signals}
        self.at_ms = 0
        self.known: dict[tuple[str, str], Value | None] = {}
        self.advance(now_ms)

    def advance(self, now_ms: int) -> None:
        """Go to an instant, in UTC milliseconds."""
        at_ms = now_ms - now_ms % STEP_MS
        if at_ms != self.at_ms:
            self.at_ms = at_ms
            self.known.clear()

    def value(self, area: str, metric: str) -> Value | None:
        """What a signal reads now, in the unit of its quantity; `None` while its sensor is dead."""
        tag = area, metric
        if tag not in self.known:
            value = self.signals[tag](self.at_ms)
            self.known[tag] = round(value, self.decimals[tag]) if isinstance(value, float) else value
        return self.known[tag]


def decimals_of(metric: str) -> int:
    """A sensor resolves one decimal more than screens show."""
    name = equipment.parse(metric)
    quantity = quantities.BY_WORD.get(name.quantity) if name else None
    return quantity.decimals + 1 if quantity else 3


def signals_of(seed: int, people: People) -> Mapping[tuple[str, str], Signal]:
    """Every signal of the mine, by area and metric."""
    mining, driving = MiningFace(seed, MINING.code), DrivingFace(seed, DRIVING.code)
    pumps, fans = PumpRoom(seed, PUMP_ROOM.code), FanHouse(seed, FAN_HOUSE.code)
    substation = Substation(seed, SUBSTATION.code, loads_of(mining.plan, driving.plan, pumps))
    counts: dict[str, Signal] = {area.code: partial(people.headcount, area.code) for area in AREAS}
    parts = {
        MINING.code: mining.signals(),
        DRIVING.code: driving.signals(),
        PUMP_ROOM.code: pumps.signals()
        | chamber_signals(
            seed,
            PUMP_ROOM.code,
            mode=local_for_maintenance(counts[PUMP_ROOM.code], otherwise="auto"),
            running=lambda at_ms: pumps.running_pump(at_ms) is not None,
            warmth=26.0,
        ),
        FAN_HOUSE.code: fans.signals()
        | chamber_signals(seed, FAN_HOUSE.code, mode=always("remote"), running=always(True), warmth=19.0),
        SUBSTATION.code: substation.signals()
        | chamber_signals(seed, SUBSTATION.code, mode=always("remote"), running=always(True), warmth=25.0)
        | {
            "Door/Closed": door_closed(counts[SUBSTATION.code]),
            "Robot/Present": patrol_robot(seed, SUBSTATION.code),
        },
    }
    signals = {(area, metric): signal for area, part in parts.items() for metric, signal in part.items()}
    return signals | {(area, "Personnel/Headcount"): count for area, count in counts.items()}


def loads_of(mining: WorkPlan, driving: WorkPlan, pumps: PumpRoom) -> tuple[Load, ...]:
    """What hangs on the substation's feeders: the two faces, the pumps, the main belt."""
    day_hours = 10.0  # full-load hours of a face in a day, about

    def face(plan: WorkPlan, idle_kw: float, working_kw: float) -> Load:
        return Load(
            idle_kw,
            working_kw,
            lambda at_ms: plan.load(at_ms, MINUTE_MS),
            lambda at_ms: day_hours * plan.work_days(at_ms),
        )

    return (
        face(mining, 180.0, 1_450.0),
        face(driving, 95.0, 330.0),
        Load(12.0, 480.0, lambda at_ms: float(pumps.running_pump(at_ms) is not None), pumps.run_hours),
        face(mining, 140.0, 610.0),
    )
