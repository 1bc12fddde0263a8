"""The columns of a point table (点表) as people see them: headings in Chinese, and what each column means.

A table may be headed in either language, or in both mixed. A unit or remark in brackets behind a heading, as in
`周期（秒）`, does not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

REMARK: Final = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]$")
BLANKS: Final = re.compile(r"\s+")
NOTE: Final = "note"
"""The column for people; nothing reads it."""
SHEET: Final = "点表"
"""The sheet of a workbook that holds the table."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its word, its heading in Chinese, what its cells mean in both languages, other headings for it."""

    word: str
    zh: str
    meaning: str
    meaning_en: str
    also: tuple[str, ...] = ()


COLUMNS: Final = (
    Column("area", "区域", "区域编码：工作面或硐室，与中心配置里的 code 相同",
           "code of the face or chamber, as 'code' in the centre's config", ("区域编码", "地点")),
    Column("metric", "测点", "测点名称：设备[ 序号]/量，如 Pump 2/Flow",
           "name: <Equipment>[ n]/<Quantity>, as Pump 2/Flow", ("测点名称", "测点名")),
    Column("node", "节点", "节点号，写命名空间的 URI：nsu=…;s=…；或浏览路径 nsu=…;/F1/Shearer/Position",
           "node id with the namespace's URI, or a browse path", ("节点号", "NodeId")),
    Column("unit_id", "站号", "从站号，0 到 255", "unit (slave) id, 0 to 255", ("从站号", "从站地址", "从机地址")),
    Column("table", "寄存器类型", "coil 线圈，discrete 离散输入，holding 保持寄存器，input 输入寄存器",
           "coil, discrete, holding or input", ("寄存器区", "数据区")),
    Column("address", "地址", "地址，从 0 数起（40001 写 0）；数据源配置 address_base = 1 时从 1 数起",
           "address counted from 0 (40001 is 0), or from 1 where the source says address_base = 1",
           ("寄存器地址", "起始地址")),
    Column("type", "数据类型",
           "bit、int16、uint16、int32、uint32、int64、uint64、float32、float64、bcd16、bcd32、ascii",
           "bit, int16 … float64, bcd16, bcd32, ascii", ("类型",)),
    Column("length", "字符数", "文字的字符数；只用于 ascii", "characters of a text; with type ascii only", ("长度",)),
    Column("bit", "位", "从寄存器里取哪一位，0 为最低位；只用于 type 为 bit 的寄存器",
           "which bit of a register, 0 the lowest; with type bit only", ("位号", "位偏移")),
    Column("order", "字节序", "多寄存器的字节序：ABCD、CDAB、BADC、DCBA；默认按数据源的 order",
           "byte order over the registers: ABCD, CDAB, BADC, DCBA; default: the source's", ("字节顺序",)),
    Column("period_s", "周期", "采集周期，秒；默认 1", "how often it is read, in seconds; default 1", ("采集周期",)),
    Column("scale", "倍率", "比例：值 = 原始值 × scale + offset；默认 1", "value = raw × scale + offset; default 1",
           ("比例", "系数")),
    Column("offset", "偏移", "偏移；默认 0", "see scale; default 0", ("偏移量",)),
    Column("mask", "掩码", "状态字里取哪几位，移到最低位后再算，如 0x00F0",
           "which bits of a status word count, moved down to bit 0, as 0x00F0"),
    Column("enum", "枚举", "整数变成文字，如 0=local;1=remote;2=auto",
           "whole numbers as text, as 0=local;1=remote;2=auto"),
    Column("flags", "标志位", "置位的各位变成文字，以 + 相连，如 0=normal;1=alarm;2=power cut",
           "the bits that are set as text joined by +, as 0=normal;1=alarm;2=power cut", ("位含义",)),
    Column("low", "量程下限", "仪表量程下限，按值的单位；超出量程的值照报",
           "lower end of the instrument's range, in the value's unit; values beyond are reported as they are"),
    Column("high", "量程上限", "仪表量程上限", "upper end of the range"),
    Column("deadband", "死区", "死区，按值的单位，或量程的百分数（2%）：变化不超过它的不上报；默认 0",
           "changes up to this, in the value's unit or as a share of the range (2%), are not reported; default 0"),
    Column("swing", "旋转门", "旋转门：与已报值连线的偏差不超过它的不上报，写法同死区；与死区只用其一",
           "swinging door: values this near to the line through the reports are not reported; or deadband, not both"),
    Column("limits", "限值", "越过这些值时必报，如 1.0;1.5", "crossing one of these is always reported, as 1.0;1.5"),
    Column("max_silence_s", "最长静默", "值不变时最迟多久再报一次，秒；默认 60",
           "an unchanged value is repeated after this at the latest, in seconds; default 60"),
    Column("stale_after_s", "过期时间", "多久没有新值算过期，秒；至少是 max_silence_s 的两倍；默认 600",
           "without news a value is stale after this, at least twice max_silence_s; default 600"),
    Column(NOTE, "备注", "给人看的，程序不读", "for people; nothing reads it", ("说明",)),
)  # fmt: skip
BY_WORD: Final = {column.word: column for column in COLUMNS}
BY_HEADING: Final = {
    heading: column.word for column in COLUMNS for heading in (column.word, column.zh, *column.also)
}


def word_of(heading: str) -> str:
    """The column that a heading names; one that names none stays as it is."""
    bare = BLANKS.sub("", heading)
    return BY_HEADING.get(bare) or BY_HEADING.get(REMARK.sub("", bare)) or heading.strip()
