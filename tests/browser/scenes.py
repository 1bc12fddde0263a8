"""Overviews as the centre's API gives them, for pages to show: calm, all wrong, empty, full."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

SHIFT_STARTS_AT = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)  # 08:00 in China
NOW = datetime(2026, 11, 25, 5, 46, 8, tzinfo=UTC)
SHIFT: Json = {
    "name": "八点班",
    "kind": "production",
    "starts_at": "2026-11-25T00:00:00.000Z",
    "ends_at": "2026-11-25T08:00:00.000Z",
}
MAINTENANCE = {**SHIFT, "kind": "maintenance"}


def iso(at: datetime) -> str:
    """UTC with milliseconds, as the API writes instants."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ago(minutes: float) -> str:
    """The instant so many minutes before the scene's now."""
    return iso(NOW - timedelta(minutes=minutes))


def value(metric: str, zh: str, en: str, reading: object, unit: str = "", **more: object) -> Json:
    """One machine value, good unless `quality` says otherwise."""
    shown = {"metric": metric, "zh": zh, "en": en, "value": reading, "unit": unit, "decimals": 2}
    return {**shown, "quality": 192, "at": ago(0.03), **more}


def alarm(number: int, area: Json | None, zh: str, en: str, **changes: object) -> Json:
    """An open alarm of high priority that nobody has acknowledged, unless changed; of no area: of the whole mine."""
    base: Json = {
        "id": f"{number:016x}",
        "area": area["code"] if area else "",
        "area_name": area["name"] if area else "",
        "source": "staffing",
        "code": "staffing",
        "priority": "high",
        "state": "unacknowledged",
        "acknowledged_by": None,
        "zh": zh,
        "en": en,
        "value": None,
        "limit": None,
        "unit": "",
        "since": ago(15),
        "doubt": None,
    }
    return {**base, **changes}


def alarms(*shown: Json, held: int = 0, more: int = 0) -> Json:
    """What the centre says of a mine's alarms: `more` of low priority are counted, but not among those shown."""
    counts = dict.fromkeys(("critical", "high", "medium", "low"), 0)
    for one in shown:
        counts[one["priority"]] += 1
    counts["low"] += more
    waiting = sum(one["state"] in {"unacknowledged", "returned"} for one in shown)
    return {"counts": counts, "waiting": waiting, "held": held, "shown": list(shown)}


def acknowledged(alarm: Json, who: str) -> Json:
    """The same alarm, seen by somebody."""
    return {**alarm, "state": "acknowledged", "acknowledged_by": who}


def session(*may: str, role: str = "operator", title: str = "王值班") -> Json:
    """Who is here, as `/api/v1/session` tells; without arguments a wall screen that may only look."""
    scope = {"kind": "mine", "of": "990000000001"}
    person = {"name": "wang", "title": title, "role": role if may else "kiosk", "scope": scope}
    return {"person": person, "may": ["wall", *may], "sign_in": True}


def trend(seed: int, *, base: int = 6, until: datetime = NOW, last: int | None = None) -> list[list[Any]]:
    """Rows every 30 s of the shift up to `until`; the last 15 minutes hold `last` if given."""
    dice, rows, count = random.Random(seed), [], base  # noqa: S311  scenery
    at = SHIFT_STARTS_AT
    while at <= until:
        if dice.random() < 0.06:
            count = max(0, min(9, count + dice.choice((-1, 1))))
        shown = last if last is not None and at > until - timedelta(minutes=15) else count
        rows.append([iso(at), shown])
        at += timedelta(seconds=30)
    return rows


def record(**changes: object) -> Json:
    """A record of the running shift, in which nothing is missing and nothing happened unless changed."""
    base: Json = {
        "face": "F",
        "shift_on": "2026-11-25",
        "shift": "八点班",
        "kind": "production",
        "limit": 9,
        "headcount_max": 8,
        "over_limit_s": 0.0,
        "coverage": 0.7165,
        "coverage_judged": 0.7117,
        "verdict": "no_verdict",
        "reason": "coverage",
        "final": False,
    }
    return {**base, **changes}


def face(code: str, name: str, headcount: int | None = 7, **changes: object) -> Json:
    """A mining face within the limit unless changed."""
    seed = sum(map(ord, code))
    base: Json = {
        "code": code,
        "name": name,
        "kind": "mining_face",
        "intelligent": True,
        "limit": 9,
        "headcount": headcount,
        "headcount_at": ago(0.1),
        "state": "within",
        "reason": None,
        "since": ago(128),
        "shift": SHIFT,
        "record": record(),
        "handover_min": 30,
        "stale_after_s": 600,
        "coverage_min": 0.95,
        "trend": trend(seed, last=headcount),
        "values": [
            value("Gas 1/Methane", "瓦斯 1# 甲烷", "Gas 1 Methane", 0.42, "%"),
            value("Ventilation/Airflow", "通风 风量", "Ventilation Airflow", 21.4, "m³/s", decimals=1),
            value(
                "Shearer/Haulage Speed", "采煤机 牵引速度", "Shearer Haulage Speed", 6.4, "m/min", decimals=1
            ),
        ],
    }
    return {**base, **changes}


def chamber(code: str, name: str, state: str = "unattended", **changes: object) -> Json:
    """A pump room in the given state."""
    base: Json = {
        "code": code,
        "name": name,
        "kind": "drainage_pump_room",
        "state": state,
        "since": ago(190),
        "occupancy": 0,
        "control_mode": "auto",
        "visit_at": ago(190),
        "values": [
            value("Sump/Level", "水仓 水位", "Sump Level", 2.81, "m"),
            value("Pump 1/Flow", "主排水泵 1# 流量", "Pump 1 Flow", 186.0, "m³/h", decimals=0),
            value("Pump 1/Running", "主排水泵 1# 运行", "Pump 1 Running", True),
            value("Pump 2/Running", "主排水泵 2# 运行", "Pump 2 Running", False),
            value("Video/Online", "视频 在线", "Video Online", True),
        ],
    }
    return {**base, **changes}


def fan_room(code: str = "C-FAN", name: str = "主通风机房", **changes: object) -> Json:
    """The main fans, one of which runs."""
    values = [
        value("Main Fan 1/Airflow", "主通风机 1# 风量", "Main Fan 1 Airflow", 11_240.0, "m³/min", decimals=0),
        value("Main Fan 2/Airflow", "主通风机 2# 风量", "Main Fan 2 Airflow", 0.0, "m³/min", decimals=0),
        value(
            "Main Fan 1/Negative Pressure",
            "主通风机 1# 负压",
            "Main Fan 1 Negative Pressure",
            2_410.0,
            "Pa",
            decimals=0,
        ),
        value("Video/Online", "视频 在线", "Video Online", True),
    ]
    return chamber(code, name, "unattended", kind="main_fan_room", values=values, **changes)


def belt_head(
    code: str = "C-BELT", name: str = "主皮带机头", state: str = "unattended", **changes: object
) -> Json:
    """The head of the main belt, which runs; its camera does not."""
    values = [
        value("Belt/Running", "带式输送机 运行", "Belt Running", True),
        value("Belt/Coal Flow", "带式输送机 煤量", "Belt Coal Flow", 820.0, "t/h", decimals=0),
        value("Video/Online", "视频 在线", "Video Online", False),
    ]
    return chamber(code, name, state, kind="belt_head", values=values, **changes)


def link(gateway: str, *, online: bool = True, **changes: object) -> Json:
    """A healthy gateway's link unless changed."""
    base: Json = {
        "gateway": gateway,
        "online": online,
        "since": ago(26),
        "last_data_at": ago(0.02),
        "delivered": 0.9987,
        "latency_ms": 210,
        "clock_offset_ms": 3,
    }
    return {**base, **changes}


def overview(faces: list[Json], chambers: list[Json], links: list[Json], **changes: object) -> Json:
    """An overview of the demonstration mine."""
    base: Json = {
        "now": iso(NOW),
        "demo": True,
        "speed": 1.0,
        "mine": {"code": "990000000001", "name": "演示一矿"},
        "shift": SHIFT,
        "delivered": 0.9984,
        "links": links,
        "faces": faces,
        "chambers": chambers,
        "alarms": alarms(),
    }
    return {**base, **changes}


def calm() -> Json:
    """Two faces, three chambers, two gateways, all well: what the demo shows."""
    return overview(
        [face("F14031", "14031 采煤面"), face("F12090", "12090 掘进面", 5, kind="driving_face")],
        [
            chamber("C-PUMP", "中央水泵房"),
            chamber("C-SUB", "中央变电所", "central_control", since=ago(3000), control_mode="remote"),
            belt_head(state="patrol", since=ago(6.2), occupancy=2),
        ],
        [link("gw-1"), link("gw-2", latency_ms=95)],
    )


def wrong() -> Json:
    """Everything wrong at once, in every way there is."""
    blind = face("F12110", "12110 掘进面", None, state="unknown", since=ago(86), headcount_at=ago(86))
    blind["trend"] = trend(5, until=NOW - timedelta(minutes=86))
    blind["record"] = record(coverage=0.5417, headcount_max=None)
    bad = [
        value("Gas 1/Methane", "瓦斯 1# 甲烷", "Gas 1 Methane", None, "%", quality=0),
        value("Ventilation/Airflow", "通风 风量", "Ventilation Airflow", 21.4, "m³/s", quality=500),
    ]
    scene = overview(
        [
            face("F16012", "16012 采煤面", 11, state="over", since=ago(15), record=exceeded(), values=bad),
            blind,
            face("F14031", "14031 采煤面", 31, state="hazard", reason="statutory", since=ago(99.5)),
            face("F12090", "12090 掘进面", 19, state="over", reason="statutory", since=ago(0.4)),
            face("F15021", "15021 采煤面", 12, state="not_judged", reason="maintenance", shift=MAINTENANCE),
            face("F13070", "13070 掘进面", 8, state="not_judged", reason="handover"),
        ],
        [
            chamber("C1", "主通风机房", "attended", since=ago(42), occupancy=4, control_mode="local"),
            chamber("C2", "主井绞车房", "unprotected", values=bad),
            chamber("C3", "中央水泵房", "local_control", control_mode="local"),
            chamber("C4", "中央变电所", "unknown", occupancy=None, control_mode=None, visit_at=None),
        ],
        [
            link("gw-1", online=False, last_data_at=ago(26), latency_ms=None, delivered=0.4123),
            link("gw-2", online=False, last_data_at=None, latency_ms=None, delivered=None),
            link("gw-3", latency_ms=48210, last_data_at=ago(140), delivered=0.999999),
        ],
        delivered=0.4123,
    )
    scene["alarms"] = every_alarm(scene["faces"], scene["chambers"])
    return scene


def every_alarm(faces: list[Json], chambers: list[Json]) -> Json:
    """Alarms of each priority and in each state, more of them than a wall has room for."""
    over: Json = {"value": 31, "limit": 9.0, "unit": "人", "since": ago(99)}
    gas = {
        "source": "Gas 1/Methane",
        "code": "high",
        "value": 1.52,
        "limit": 1.5,
        "unit": "%",
        "since": ago(3),
    }
    hot: Json = {
        "source": "Pump 2/Bearing Temperature",
        "code": "high",
        "value": 78.0,
        "limit": 75.0,
        "unit": "℃",
    }
    lost: Json = {"source": "gw-1", "code": "link_lost", "since": ago(26), "doubt": "stale"}
    trip = {
        "source": "Belt/Trips",
        "code": "slip",
        "priority": "medium",
        "state": "returned",
        "since": ago(44),
    }
    danger = ("超员：达法定限员 1.2 倍，重大隐患", "1.2 times the statutory limit, a major hidden danger")
    hot_alarm = alarm(
        6, chambers[-1], "主排水泵 2# 轴承温度 超上限报警", "pump 2 bearing temperature above", **hot
    )
    left_alone = ("无人看守而保护或通信不正常", "left alone while protections or link are not healthy")
    patrol: Json = {"code": "patrol_overdue", "priority": "low", "since": ago(300)}
    return alarms(
        alarm(1, faces[2 % len(faces)], *danger, priority="critical", **over),
        alarm(2, faces[0], "瓦斯 1# 甲烷 达到上限断电值", "gas 1 methane at the upper trip limit", **gas),
        alarm(3, None, "网关 gw-1 网关中断", "gateway gw-1 gateway lost", **lost),
        alarm(4, chambers[1], "带式输送机 打滑", "belt slip", **trip),
        alarm(5, chambers[1], *left_alone, priority="medium", code="unprotected"),
        acknowledged(hot_alarm, "李值班长（li）"),
        acknowledged(alarm(7, chambers[0], "巡检超期", "patrol overdue", **patrol), "wang"),
        held=2,
        more=15,
    )


def exceeded() -> Json:
    """A record of a shift that broke the limit."""
    return record(verdict="exceeded", reason="sustained", headcount_max=11, over_limit_s=900.0)


def empty() -> Json:
    """A mine of which nothing is registered yet."""
    return overview([], [], [], shift=None, delivered=None, demo=False)


def unheard() -> Json:
    """Registered but never heard of: no reading, no shift, no record."""
    nothing = {"state": "unknown", "since": None, "headcount_at": None, "shift": None, "record": None}
    return overview(
        [face(code, name, None, trend=[], values=[], **nothing) for code, name in (("F1", "14031 采煤面"),)],
        [
            chamber(
                "C1", "中央水泵房", "unknown", since=None, occupancy=None, control_mode=None, visit_at=None
            ),
        ],
        [link("gw-1", online=False, since=None, last_data_at=None, delivered=None, latency_ms=None)],
        shift=None,
        delivered=None,
    )


_ROOMS = ("主通风机房", "主井绞车房", "中央水泵房", "中央变电所", "东翼水泵房", "采区变电所", "主皮带机头")
_ROOM_STATES = (
    "unattended",
    "central_control",
    "unattended",
    "patrol",
    "unattended",
    "unattended",
    "attended",
)


def full(faces: int, chambers: int, links: int = 3) -> Json:
    """So many of each; every fifth face is over, every seventh chamber occupied, one of each is unknown."""
    face_states = ("within", "within", "within", "within", "over")
    scene = overview(
        [
            face(
                f"F{n}",
                f"{12010 + n * 10} {'采煤面' if n % 3 == 0 else '掘进面'}",
                None if n == 5 else 11 if n % 5 == 4 else 3 + n % 7,
                state="unknown" if n == 5 else face_states[n % 5],
                since=ago(15 + n * 31),
                record=exceeded() if n % 5 == 4 else record(headcount_max=2 + n),
            )
            for n in range(faces)
        ],
        [
            chamber(
                f"C{n}",
                f"{_ROOMS[n % 7]}{'' if n < 7 else n // 7 + 1}",
                "unknown" if n == 3 else _ROOM_STATES[n % 7],
                since=ago(5 + n * 40),
            )
            for n in range(chambers)
        ],
        [link(f"gw-{n + 1}") for n in range(links)],
    )
    for each in scene["faces"]:
        if each["state"] == "unknown":
            each["trend"] = trend(5, until=NOW - timedelta(minutes=60))
    if faces and chambers:
        over: Json = {"value": 11, "limit": 9.0, "unit": "人"}
        scene["alarms"] = alarms(
            *(
                alarm(n, each, "超员：超过规定上限", "over the limit", since=each["since"], **over)
                for n, each in enumerate(scene["faces"])
                if each["state"] == "over"
            ),
            *(
                alarm(100 + n, each, "状态未知", "state unknown", code="chamber_blind", since=each["since"])
                for n, each in enumerate(scene["chambers"])
                if each["state"] == "unknown"
            ),
        )
    return scene


def wide_figures(faces: int, chambers: int) -> Json:
    """Every figure as wide as it gets in a bad shift."""
    scene = full(faces, chambers)
    worst = exceeded() | {"headcount_max": 25, "over_limit_s": 25_000.0, "coverage": 0.7210}
    blind = worst | {"coverage": 0.2}
    for n, each in enumerate(scene["faces"]):
        each.update(
            record=blind if n % 2 else worst, since=ago(99), headcount=25, headcount_at=ago(9), state="hazard"
        )
        each["reason"] = "statutory"
    for each in scene["chambers"]:
        each.update(
            state="unprotected", since=ago(99), occupancy=12, control_mode="remote", visit_at=ago(3000)
        )
    for each in scene["links"]:
        each.update(latency_ms=99_900, delivered=1.0, last_data_at=ago(99))
    scene["alarms"] = every_alarm(scene["faces"], scene["chambers"])
    return scene


def long_names(faces: int = 2, chambers: int = 3) -> Json:
    """Names nobody would put on a door, but some do."""
    scene = full(faces, chambers)
    scene["mine"] = {"code": "990000000001", "name": "河南能源化工集团焦煤公司中马村矿（智能化示范煤矿）"}
    for n, each in enumerate(scene["faces"]):
        each["name"] = f"{12010 + n} 西翼三采区下山大采高智能化综采工作面（TBM 掘锚一体机）"
    for each in scene["chambers"]:
        each["name"] = "西翼采区下部水平中央排水泵房及变电所联合硐室"
    for n, each in enumerate(scene["links"]):
        each.update(gateway=f"gateway-mining-district-west-{n + 1}", online=False)
    scene["alarms"] = every_alarm(scene["faces"], scene["chambers"])
    return scene
