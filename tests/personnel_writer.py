"""Personnel-position files as a positioning system writes them; written for tests, from the format's description."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINE = "990000000001"
MINE_NAME = "示例煤矿"
KEY = b"a key for tests only"
NAMES = ("张三丰", "李四光", "王五一", "赵六斤", "欧阳小明")
AT_MS = 1_614_556_800_000
"""2021-03-01 08:00:00 in China, which is midnight UTC."""
MINUTE_MS = 60_000


def zone(number: int) -> str:
    """A zone of the mine: 16 digits."""
    return f"{MINE}{number:04d}"


def card(number: int) -> str:
    """A card of the mine: 17 digits."""
    return f"{MINE}{number:05d}"


def china(at_ms: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """An instant as the files write it."""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=8)).strftime(form)


@dataclass(frozen=True)
class Person:
    """One record of RYSS."""

    card: str
    zone: str
    flag: str = "1"
    name: str = NAMES[0]
    leader: str = "0"

    @property
    def record(self) -> str:
        """15 fields."""
        station = f"{self.zone}000012" if self.zone else ""
        since = "2021-03-01 06:33:52"
        return ";".join((
            self.card, self.name, self.flag, since, "", self.zone, since, station, since, "三八制", "-3.50", "正常",
            self.leader, "0", f"{station}&{since}",
        ))  # fmt: skip


def file_text(header: Iterable[str], records: Iterable[str], line_break: str = "") -> str:
    """Header and records between their separators."""
    return "".join(f"{segment}~{line_break}" for segment in (";".join(header), *records)) + "||"


def ryss(
    people: Iterable[Person | str], at_ms: int = AT_MS, *, mine: str = MINE, line_break: str = ""
) -> str:
    """A snapshot; a text is a record as it is."""
    records = (person.record if isinstance(person, Person) else person for person in people)
    return file_text((mine, MINE_NAME, china(at_ms)), records, line_break)


def ryxx(rows: Iterable[tuple[str, str, str]], at_ms: int = AT_MS, *, leader: str = "0") -> str:
    """A roster of (card, trade, post), under the long header."""
    header = (MINE, MINE_NAME, "300", "KJ000", "人员定位系统", "示例厂家", "2026-01-01", china(at_ms))
    records = (
        f"{card};{NAMES[at % 5]};{trade};{post};综采队;1980-01-01;大专;{leader};0"
        for at, (card, trade, post) in enumerate(rows)
    )
    return file_text(header, records)


def ryqy(rows: Iterable[tuple[str, str]], at_ms: int = AT_MS) -> str:
    """A zone list of (zone, name)."""
    records = (f"重点区域;{code};25;{name}" for code, name in rows)
    return file_text((MINE, MINE_NAME, china(at_ms)), records)


def file_name(kind: str, at_ms: int = AT_MS, mine: str = MINE) -> str:
    """What a file is called."""
    return f"{mine}_{kind}_{china(at_ms, '%Y%m%d%H%M%S')}.txt"
