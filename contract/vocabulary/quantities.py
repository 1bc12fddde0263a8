"""Quantities: the word in a metric name, the field in the store, the unit, the decimals worth keeping.

The vocabulary, not the payload, decides whether a field holds numbers or text: a store refuses a field that
changes its type. Booleans are stored as 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """What a quantity's values are."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity; `decimals` is for screens."""

    word: str
    unit: str
    zh: str
    decimals: int = 0
    kind: Kind = Kind.NUMBER

    @property
    def field(self) -> str:
        """Field name in the store; text has a field name of its own, so that a type never changes."""
        return field_of(self.word, is_text=self.kind is Kind.TEXT)


def field_of(word: str, *, is_text: bool) -> str:
    """`Bearing Temperature` → `bearing_temperature`, with `_text` for text."""
    return word.lower().replace(" ", "_") + ("_text" if is_text else "")


def flag(word: str, zh: str) -> Quantity:
    """A quantity that is true or false."""
    return Quantity(word, "", zh, kind=Kind.BOOLEAN)


QUANTITIES: Final = (
    Quantity("Headcount", "人", "人数"),
    Quantity("Cards", "", "人员卡", kind=Kind.TEXT),
    Quantity("Mode", "", "控制方式", kind=Kind.TEXT),
    flag("Online", "在线"),
    flag("Healthy", "正常"),
    flag("Closed", "关闭"),
    flag("Present", "在位"),
    flag("Running", "运行"),
    flag("Switched On", "合闸"),
    Quantity("Methane", "%", "甲烷", 2),
    Quantity("CO", "ppm", "一氧化碳", 1),
    Quantity("Temperature", "℃", "温度", 1),
    Quantity("Humidity", "%", "湿度", 0),
    Quantity("Air Speed", "m/s", "风速", 2),
    Quantity("Airflow", "m³/min", "风量", 0),
    Quantity("Negative Pressure", "Pa", "负压", 0),
    Quantity("Bearing Temperature", "℃", "轴承温度", 1),
    Quantity("Winding Temperature", "℃", "绕组温度", 1),
    Quantity("Vibration", "mm/s", "振动", 2),
    Quantity("Rotation Speed", "r/min", "转速", 0),
    Quantity("Current", "A", "电流", 1),
    Quantity("Voltage", "kV", "电压", 2),
    Quantity("Power", "kW", "功率", 0),
    Quantity("Energy", "kWh", "电量", 0),
    Quantity("Level", "m", "水位", 2),
    Quantity("Flow", "m³/h", "流量", 0),
    Quantity("Discharge", "m³", "累计排水量", 0),
    Quantity("Vacuum", "kPa", "真空度", 1),
    Quantity("Outlet Pressure", "MPa", "出口压力", 2),
    Quantity("Pressure", "MPa", "压力", 2),
    Quantity("Valve Opening", "%", "闸阀开度", 0),
    Quantity("Position", "m", "位置", 1),
    Quantity("Haulage Speed", "m/min", "牵引速度", 1),
    Quantity("Cutting Height", "m", "采高", 2),
    Quantity("Left Drum Current", "A", "左滚筒电流", 1),
    Quantity("Right Drum Current", "A", "右滚筒电流", 1),
    Quantity("Haulage Current", "A", "牵引电流", 1),
    Quantity("Chain Speed", "m/s", "链速", 2),
    Quantity("Cutting Current", "A", "截割电流", 1),
    Quantity("Oil Temperature", "℃", "油温", 1),
    Quantity("Advance", "m", "进尺", 2),
    Quantity("Speed", "m/s", "速度", 2),
    Quantity("Load", "t", "载荷", 1),
    Quantity("Status", "", "状态字", 0),
    Quantity("Trips", "", "保护动作", kind=Kind.TEXT),
    Quantity("Direction", "", "方向", kind=Kind.TEXT),
    Quantity("Model", "", "型号", kind=Kind.TEXT),
    flag("Smoke", "烟雾"),
    flag("High Level", "高水位"),
    flag("Low Level", "低水位"),
    flag("Damper Open", "风门打开"),
    flag("Loaded", "加载"),
    flag("Guard Extended", "护帮伸出"),
    flag("Following", "自动跟机"),
    Quantity("Dust", "mg/m³", "粉尘浓度", 1),
    Quantity("Left Arm Angle", "°", "左摇臂角", 1),
    Quantity("Right Arm Angle", "°", "右摇臂角", 1),
    Quantity("Pitch Angle", "°", "俯仰角", 1),
    Quantity("Roll Angle", "°", "横滚角", 1),
    Quantity("Yaw Angle", "°", "偏航角", 1),
    Quantity("Front Leg Pressure", "MPa", "前立柱压力", 1),
    Quantity("Rear Leg Pressure", "MPa", "后立柱压力", 1),
    Quantity("Stroke", "mm", "推移行程", 0),
    Quantity("Gearbox Temperature", "℃", "减速器温度", 1),
    Quantity("Tank Level", "%", "液箱液位", 0),
    Quantity("Thrust", "kN", "推力", 0),
    Quantity("Torque", "kN·m", "扭矩", 0),
    Quantity("Cutterhead Speed", "r/min", "刀盘转速", 1),
    Quantity("Penetration", "mm/r", "贯入度", 1),
    Quantity("Gripper Pressure", "MPa", "撑靴压力", 1),
    Quantity("Current A", "A", "A 相电流", 1),
    Quantity("Current B", "A", "B 相电流", 1),
    Quantity("Current C", "A", "C 相电流", 1),
    Quantity("Reactive Power", "kvar", "无功功率", 0),
    Quantity("Power Factor", "", "功率因数", 2),
    Quantity("Hoist Count", "钩", "钩数", 0),
    Quantity("Armature Current", "A", "电枢电流", 0),
    Quantity("Brake Pressure", "MPa", "制动油压", 1),
    Quantity("Brake Gap", "mm", "闸瓦间隙", 2),
    Quantity("Tension", "kN", "张紧力", 1),
    Quantity("Coal Flow", "t/h", "煤量", 0),
    Quantity("Coal Total", "t", "累计煤量", 0),
    Quantity("Coal Level", "m", "煤位", 1),
    Quantity("Drum Temperature", "℃", "滚筒温度", 1),
    Quantity("Exhaust Temperature", "℃", "排气温度", 1),
    Quantity("Water Temperature", "℃", "冷却水温度", 1),
    Quantity("Suction", "kPa", "抽采负压", 1),
    Quantity("Mixed Flow", "m³/min", "混合流量", 1),
    Quantity("Pure Flow", "m³/min", "纯瓦斯流量", 2),
    Quantity("Gas Total", "m³", "累计抽采纯量", 0),
)
BY_WORD: Final = {quantity.word: quantity for quantity in QUANTITIES}
