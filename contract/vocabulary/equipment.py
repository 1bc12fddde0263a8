"""Equipment kinds: the word in a metric name, the measurement in the store, the term on screens.

A metric name is `<Equipment>[ n]/<Quantity>`, for example `Pump 2/Flow` or `Personnel/Headcount`.
Kinds follow the tags per equipment of the regulations' scoring sheets and the makers' point lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Equipment:
    """A kind of equipment."""

    word: str
    measurement: str
    zh: str


KINDS: Final = (
    Equipment("Personnel", "personnel", "人员"),
    Equipment("Control", "control", "控制"),
    Equipment("Video", "video", "视频"),
    Equipment("Protection", "protection", "保护"),
    Equipment("Link", "link_signal", "通信"),
    Equipment("Door", "door", "门禁"),
    Equipment("Robot", "robot", "巡检机器人"),
    Equipment("Gas", "gas", "瓦斯"),
    Equipment("Environment", "environment", "环境"),
    Equipment("Shearer", "shearer", "采煤机"),
    Equipment("Support", "support", "液压支架"),
    Equipment("Face Conveyor", "face_conveyor", "刮板输送机"),
    Equipment("Stage Loader", "stage_loader", "转载机"),
    Equipment("Crusher", "crusher", "破碎机"),
    Equipment("Emulsion Pump", "emulsion_pump", "乳化液泵"),
    Equipment("Spray Pump", "spray_pump", "喷雾泵"),
    Equipment("Roadheader", "roadheader", "掘进机"),
    Equipment("TBM", "tbm", "隧道掘进机"),
    Equipment("Local Fan", "local_fan", "局部通风机"),
    Equipment("Main Fan", "main_fan", "主通风机"),
    Equipment("Sump", "sump", "水仓"),
    Equipment("Pump", "pump", "主排水泵"),
    Equipment("Feeder", "feeder", "馈线"),
    Equipment("Hoist", "hoist", "提升机"),
    Equipment("Belt", "belt", "带式输送机"),
    Equipment("Bunker", "bunker", "煤仓"),
    Equipment("Compressor", "compressor", "压风机"),
    Equipment("Receiver", "receiver", "储气罐"),
    Equipment("Gas Drainage", "gas_drainage", "瓦斯抽采泵"),
    Equipment("Drainage Pipe", "drainage_pipe", "瓦斯抽采管路"),
)
BY_WORD: Final = {kind.word: kind for kind in KINDS}
FORM: Final = re.compile(
    r"(?P<word>[A-Za-z][A-Za-z ]*?)(?: (?P<unit>[1-9][0-9]*))?/(?P<quantity>[A-Za-z0-9][A-Za-z0-9 ]*)"
)


@dataclass(frozen=True, slots=True)
class MetricName:
    """A metric name taken apart; `unit` is the number of the machine, empty where there is one only."""

    equipment: Equipment
    unit: str
    quantity: str


def parse(name: str) -> MetricName | None:
    """The parts of a metric name, or `None` if it is not of our form or names an unknown equipment."""
    form = FORM.fullmatch(name)
    if form is None or form["word"] not in BY_WORD:
        return None
    return MetricName(BY_WORD[form["word"]], form["unit"] or "", form["quantity"])
