"""The demo registry: the demo's projects with invented mines, faces, chambers, staff and money around them.

Everything beside the real names of the plan's units is fiction, drawn from small numbers, so that it is always the
same and every rule has something to show. The registry says in its first audit entry that it is demonstration data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Final

from gateway.registry import csv_files
from gateway.registry.cells import row_of
from gateway.registry.form import Row
from gateway.registry.intake import Entry
from gateway.registry.repository import Registry
from gateway.registry.sheet_rows import Read
from gateway.registry.tables import BY_WORD, STEP_NAMES
from rules.chambers.rule import Kind as ChamberKind
from rules.plan.reward import CAPS_WAN, RATES
from rules.plan.table import Kind

FILE: Final = "demo_projects.csv"
WHO: Final = "演示"
WHY: Final = "建立演示登记库（虚构数据）"
FIRST_CODE: Final = 990_000_000_001
OWNERSHIP: Final = {
    "河南能源化工集团": "provincial", "中平能化集团": "provincial", "郑煤集团": "provincial",
    "神火集团": "local", "中煤河南分公司": "central", "郑州市": "local",
}  # fmt: skip
CITIES: Final = {
    "河南能源化工集团": ("焦作市", "鹤壁市", "商丘市", "三门峡市", "洛阳市"),
    "中平能化集团": ("平顶山市", "许昌市"),
    "郑煤集团": ("郑州市",),
    "神火集团": ("商丘市", "许昌市"),
    "中煤河南分公司": ("郑州市", "平顶山市"),
    "郑州市": ("郑州市",),
}
WITHOUT_PROJECTS: Final = {"演示三十三矿": "神火集团", "演示三十四矿": "神火集团", "演示三十九矿": "郑州市"}
"""Mines that no project of the demo names."""
FACES_OF_THE_LIVE_MINE: Final = {
    "演示一矿 2102 采煤面": ("F14031", "14031 采煤面"),
    "演示一矿 2101 回风巷掘进面": ("F12090", "12090 掘进面"),
    "演示一矿 2103 底抽巷盾构掘进面": ("F12110", "12110 TBM 掘进面"),
}
"""Projects whose faces the demo's virtual mine has, with its codes."""
CHAMBERS: Final = (
    ("C-FAN", "主通风机房", ChamberKind.MAIN_FAN_HOUSE),
    ("C-SUB", "中央变电所", ChamberKind.CENTRAL_SUBSTATION),
    ("C-PUMP", "中央水泵房", ChamberKind.DRAINAGE_PUMP_ROOM),
    ("C-HOIST", "主井提升机房", ChamberKind.MAIN_HOIST),
    ("C-BELT", "主运输皮带机头硐室", ChamberKind.MAIN_BELT),
    ("C-COMP", "地面压风机房", ChamberKind.SURFACE_COMPRESSOR_STATION),
    ("C-GAS", "地面瓦斯抽采泵站", ChamberKind.GAS_DRAINAGE_STATION),
    ("C-DIST", "采区变电所", ChamberKind.DISTRICT_SUBSTATION),
)
CHAMBERS_OF_THE_LIVE_MINE: Final = 7
"""The demo's virtual mine has the first so many, with these codes."""
SHIFTS: Final = (
    ("零点班", "00:00", "maintenance"),
    ("八点班", "08:00", "production"),
    ("四点班", "16:00", "production"),
)
DIGITS: Final = "零一二三四五六七八九十"
FACE_KINDS: Final = {
    Kind.MINING_FACE: "mining_face", Kind.DRIVING_FACE: "driving_face", Kind.DRIVING_FACE_TBM: "driving_face",
}  # fmt: skip

Told = Mapping[str, object]


async def fill(registry: Registry) -> None:
    """Make an empty registry the demo registry; raises `Rejected` if it holds other data."""
    await registry.apply(Read(list(entries()), [], demo=True), who=WHO, why=WHY)


def entries() -> Iterator[Entry]:
    """Every row of the demo registry."""
    for line, (table, told) in enumerate(rows(), 1):
        yield Entry(table, "demo", line, row_of(BY_WORD[table], told))


def rows() -> Iterator[tuple[str, Told]]:
    """Every row by its table."""
    content = files(__package__).joinpath(FILE).read_bytes()
    projects = [entry.given for entry in csv_files.table_in(BY_WORD["projects"], content, FILE).entries]
    units = {str(row["mine"]): str(row["enterprise"]) for row in projects} | WITHOUT_PROJECTS
    mines = sorted(units, key=number_of)
    yield from units_and_cities(units)
    for mine in mines:
        yield from mine_rows(mine, units[mine])
    for place, row in enumerate(projects):
        yield "projects", dict(project_row(place, row))
    yield from face_rows(projects, mines)
    for mine in mines:
        yield from chamber_rows(mine)
    for place, row in enumerate(projects):
        yield from money_and_papers(place, row)


def number_of(mine: str) -> int:
    """The number in a demo mine's name, 一 to 四十."""
    tens, ten, ones = mine.removeprefix("演示").removesuffix("矿").rpartition("十")
    return (DIGITS.index(tens) if tens else 1) * 10 * bool(ten) + (DIGITS.index(ones) if ones else 0)


def units_and_cities(units: Mapping[str, str]) -> Iterator[tuple[str, Told]]:
    """Cities, the six units with their plans, and a few other names."""
    yield from (
        ("cities", {"city": city}) for city in dict.fromkeys(city for of in CITIES.values() for city in of)
    )
    for place, unit in enumerate(dict.fromkeys(units.values()), 1):
        yield "enterprises", {"enterprise": unit, "ownership": OWNERSHIP[unit]}
        yield (
            "filings",
            {
                "filing": f"演示方案〔2021〕{place}号", "enterprise": unit, "filed_on": f"2021-07-{place:02}",
                "title": f"{unit}煤矿智能化建设方案（演示）", "document": f"演示档案 {place}",
            },
        )  # fmt: skip
    yield "aliases", {"alias": "豫能化工", "enterprise": "河南能源化工集团"}
    yield "aliases", {"alias": "平煤神马控股", "enterprise": "中平能化集团"}
    yield (
        "filings",
        {
            "filing": "演示规划〔2021〕1号", "city": "郑州市", "filed_on": "2021-08-20",
            "title": "郑州市煤矿智能化发展规划（演示）", "document": "演示档案 101",
        },
    )  # fmt: skip


def mine_rows(mine: str, unit: str) -> Iterator[tuple[str, Told]]:
    """A mine, its gateway, its shifts, its staff and output by year, and a robot here and there."""
    number = number_of(mine)
    cities = CITIES[unit]
    capacity = (45, 60, 90, 120, 180, 240, 300)[number * 3 % 7]
    outburst, gassy = number % 3 == 1, number % 3 > 0
    yield (
        "mines",
        {
            "mine": mine, "code": str(FIRST_CODE + number - 1), "enterprise": unit,
            "city": cities[number % len(cities)],
            "capacity_wan_t": capacity, "depth_m": 420 + number * 53 % 740, "rock_burst": number in {5, 16, 23},
            "outburst": outburst, "high_gas": gassy, "complex_water": number % 5 == 0,
            "stage": "new" if number in {20, 38} else "expanded" if number in {3, 9, 22, 30} else "producing",
            "note": "演示数据",
        },
    )  # fmt: skip
    yield (
        "gateways",
        {"mine": mine, "gateway": "gw-1", "title": "演示网关", "opened_on": f"2021-{number % 12 + 1:02}-15"},
    )
    for shift, start, kind in SHIFTS:
        yield (
            "shifts",
            {
                "mine": mine,
                "effective_on": "2021-01-01",
                "shift": shift,
                "start": start,
                "minutes": 480,
                "kind": kind,
            },
        )
    staff = 700 + capacity * 5 + number * 17 % 90
    for year in range(2020, 2024):
        gone = (year - 2020) * (9 + number % 4)
        yield (
            "mine_years",
            {
                "mine": mine, "year": year, "staff_underground": staff * (100 - gone) // 100,
                "output_wan_t": capacity * (88 + number % 9) // 100,
                "efficiency_t": str(Decimal(640 + number * 11 % 130 + (year - 2020) * 75) / 100),
            },
        )  # fmt: skip
    if number % 4 == 0:
        for robot, post in enumerate(("水泵房巡检", "皮带巡检"), 1):
            in_use = date(2021 + number % 3, number % 12 + 1, 10)
            yield "robots", {"mine": mine, "robot": f"R{robot}", "post": post, "in_use_on": str(in_use)}


def project_row(place: int, row: Row) -> Iterator[tuple[str, object]]:
    """A project of the file, with a paper and a person for each step that it took."""
    yield from ((word, None if value is None else str(value)) for word, value in row.items())
    for step, zh in STEP_NAMES.items():
        on = row[step]
        if isinstance(on, date):
            yield step.replace("_on", "_document"), f"演示{zh}〔{on.year}〕{place + 1}号"
            yield step.replace("_on", "_by"), f"演示填报员{place % 7 + 1}"


def face_rows(projects: list[Row], mines: list[str]) -> Iterator[tuple[str, Told]]:
    """A face for each face project that has begun, worked out some time after it was accepted; and ordinary ones."""
    taken: set[tuple[str, str]] = set()
    for place, row in enumerate(projects):
        name, mine, kind = str(row["project"]), str(row["mine"]), Kind(str(row["kind"]))
        started, accepted = row["started_on"], row["accepted_on"]
        if kind not in FACE_KINDS or not isinstance(started, date) or row["withdrawn_on"] is not None:
            continue
        digits = re.search("[0-9]+", name)
        code, title = FACES_OF_THE_LIVE_MINE.get(
            name, (f"F{digits[0] if digits else place}", name.partition(" ")[2])
        )
        while (mine, code) in taken:
            code += "A"
        taken.add((mine, code))
        worked_out = None
        if isinstance(accepted, date) and place % 3 == 0 and name not in FACES_OF_THE_LIVE_MINE:
            worked_out = str(accepted + timedelta(days=400 + place * 13 % 300))
        yield (
            "faces",
            {
                "mine": mine, "face": code, "title": title, "kind": FACE_KINDS[kind], "project": name,
                "opened_on": str(started), "closed_on": worked_out,
            },
        )  # fmt: skip
    for mine in mines:
        number = number_of(mine)
        yield (
            "faces",
            {
                "mine": mine, "face": "F9001", "title": "9001 采煤面", "kind": "mining_face", "opened_on": "2020-03-01",
                "closed_on": f"2021-{number % 12 + 1:02}-20" if number % 5 else None,
                "intelligent_on": "2020-09-01" if number in {5, 15, 16} else None,
            },
        )  # fmt: skip


def chamber_rows(mine: str) -> Iterator[tuple[str, Told]]:
    """Chambers and large machines, and the levels declared for them year by year."""
    number = number_of(mine)
    count = CHAMBERS_OF_THE_LIVE_MINE if number == 1 else 5 + number % 4
    for place, (code, title, kind) in enumerate(CHAMBERS[:count]):
        yield "chambers", {"mine": mine, "chamber": code, "title": title, "kind": kind}
        pace = (number * 5 + place * 3) % 12
        if pace == 11:  # noqa: PLR2004  (one in twelve is never declared)
            continue
        levels = ("not_yet", "central_control", "unattended")
        for step, level in enumerate(levels[: 2 if pace > 7 else 3]):  # noqa: PLR2004  (some stay centrally controlled)
            on = date(2021, 3, 1) + timedelta(days=pace * 24 + step * 250)
            yield (
                "declarations",
                {
                    "mine": mine,
                    "chamber": code,
                    "declared_on": str(on),
                    "level": level,
                    "document": f"演示申报〔{on.year}〕",
                },
            )


def money_and_papers(place: int, row: Row) -> Iterator[tuple[str, Told]]:
    """Acceptances, some of them at the second attempt; advances at the start, the rest after acceptance."""
    name, accepted, completed = str(row["project"]), row["accepted_on"], row["completed_on"]
    paper = {"experts": "演示专家甲、演示专家乙、演示专家丙", "edition": "演示标准（2021 版）"}
    if isinstance(accepted, date) and isinstance(completed, date):
        if place % 9 == 4:  # noqa: PLR2004  (one in nine fails at first)
            first = completed + (accepted - completed) / 3
            yield (
                "acceptances",
                {
                    "project": name,
                    "held_on": str(first),
                    "result": "failed",
                    "score": 68 + place % 7,
                    **paper,
                },
            )
        yield (
            "acceptances",
            {
                "project": name, "held_on": str(accepted), "result": "passed", "score": f"{82 + place % 15}.5",
                "document": f"演示验收〔{accepted.year}〕{place + 1}号", **paper,
            },
        )  # fmt: skip
    started, amount = row["started_on"], reward_of(row)
    if amount is None or OWNERSHIP[str(row["enterprise"])] != "provincial":
        return
    advance = (amount * 3 / 10).quantize(Decimal("0.01"))
    if isinstance(started, date) and place % 2 == 0:
        on = started + timedelta(days=45)
        yield "payments", payment(f"演示预拨〔{on.year}〕{place + 1}号", name, "advance", on, advance)
    if isinstance(accepted, date) and place % 5:
        on = accepted + timedelta(days=60)
        rest = (amount - (advance if place % 2 == 0 else 0)).quantize(Decimal("0.01"))
        yield "payments", payment(f"演示兑现〔{on.year}〕{place + 1}号", name, "acceptance", on, rest)


def payment(number: str, project: str, kind: str, on: date, amount: Decimal) -> Told:
    """A payment."""
    return {
        "payment": number,
        "project": project,
        "kind": kind,
        "paid_on": str(on),
        "amount_wan": str(amount),
    }


def reward_of(row: Row) -> Decimal | None:
    """What a face's project may earn by its planned year."""
    investment, year, kind = row["investment_wan"], row["planned_year"], Kind(str(row["kind"]))
    if (
        not isinstance(investment, Decimal)
        or not isinstance(year, int)
        or kind not in CAPS_WAN
        or year not in RATES
    ):
        return None
    return min(RATES[year] * investment, CAPS_WAN[kind][year])
