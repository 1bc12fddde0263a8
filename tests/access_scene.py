"""Two enterprises, a mine of nobody's, and people of every role and scope before the real application.

Everything that is the other enterprise's, nobody's or the province's own has `SECRET` in its name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from gateway.access.access_file import Kiosk, User
from gateway.access.desk import KIOSK_COOKIE, SESSION_COOKIE, AccessDesk, key_of, opened
from gateway.access.person import PROVINCE, Kind, Person, Role, Scope
from gateway.access.settings import AccessSettings
from gateway.alarm_config import Alarms
from gateway.app import Gateway
from gateway.config import Chamber, EmbeddedStore, Face, GatewayConfig, Mine
from gateway.live.maintenance import Window
from gateway.registry.desk import PlanDesk, RegistrySource
from gateway.registry.intake import Entry
from gateway.registry.repository import Registry
from rules.chambers.rule import Kind as ChamberKind
from tests.fakes import FakeHistorian
from tests.registry import entry, registry_at

SECRET = "秘"  # noqa: S105  (a mark)
OWN, OTHER, NOBODYS = "990000000001", "990000000002", "990000000003"
OURS, THEIRS = "甲能源公司", "乙能源公司"
NOW_MS = 1_667_205_600_000
"""2022-10-31 16:40 in China."""

PERSONS: Mapping[str, Person] = {
    "operator": Person("operator", "张三", Role.OPERATOR, Scope(Kind.MINE, OWN)),
    "engineer": Person("engineer", "李四", Role.ENGINEER, Scope(Kind.MINE, OWN)),
    "manager": Person("manager", "王五", Role.ENTERPRISE, Scope(Kind.MINE, OWN)),
    "enterprise": Person("enterprise", "赵六", Role.ENTERPRISE, Scope(Kind.ENTERPRISE, OURS)),
    "group_operator": Person("group_operator", "孙七", Role.OPERATOR, Scope(Kind.ENTERPRISE, OURS)),
    "part_authority": Person("part_authority", "周八", Role.AUTHORITY, Scope(Kind.ENTERPRISE, OURS)),
    "duty": Person("duty", "吴九", Role.OPERATOR, PROVINCE),
    "authority": Person("authority", "郑十", Role.AUTHORITY, PROVINCE),
    "admin": Person("admin", "管理员", Role.ADMIN, PROVINCE),
    "kiosk": Person("kiosk-1", "调度室", Role.KIOSK, Scope(Kind.MINE, OWN)),
}
WITHIN = ("operator", "engineer", "manager", "enterprise", "group_operator", "part_authority", "kiosk")
"""Those who see one enterprise or less."""


@dataclass
class Clock:
    """Stands still until it is set."""

    ms: int = NOW_MS

    def now_ms(self) -> int:
        """The time."""
        return self.ms


@dataclass
class Scene:
    """What runs."""

    app: FastAPI
    access: AccessDesk
    gateway: Gateway
    registry: Registry
    clock: Clock

    def client(self, who: str | None, base_url: str = "http://centre") -> httpx.AsyncClient:
        """Somebody's browser: nobody's without a name."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=base_url, cookies=cookies_of(who)
        )


def cookies_of(who: str | None) -> dict[str, str]:
    """The cookie of somebody who is signed in."""
    if who is None:
        return {}
    return {KIOSK_COOKIE if who == "kiosk" else SESSION_COOKIE: f"secret of {who}"}


def rows_of(
    mine: str, code: str | None, enterprise: str, mark: str, *, with_enterprise: bool = True
) -> list[Entry]:
    """Everything that an enterprise with one mine has; what is marked stands in every name of it."""
    project = {"enterprise": enterprise, "mine": mine, "kind": "mining_face", "planned_year": 2021}
    shift = {
        "effective_on": "2021-01-01", "shift": f"{mark}班", "start": "08:00", "minutes": 480, "kind": "production",
    }  # fmt: skip
    return [
        *([entry("enterprises", enterprise=enterprise, ownership="provincial")] if with_enterprise else []),
        entry("mines", mine=mine, code=code, enterprise=enterprise, city="焦作市", rock_burst=True),
        entry("mine_years", mine=mine, year=2020, staff_underground=900, document=f"{mark}年报"),
        entry("projects", project=f"{mark}面项目", in_library_on="2021-01-05", started_on="2021-02-01",
              completed_on="2021-06-01", accepted_on="2021-07-01", investment_wan="1200.50", **project),
        entry("projects", project=f"{mark}迟项目", started_on="2021-02-01", **project),
        *(entry("projects", project=f"{mark}慢{n}项目", started_on="2020-01-01", completed_on="2021-06-01",
                accepted_on="2021-07-01", **project) for n in range(5)),
        entry("projects", project=f"{mark}企业项目", enterprise=enterprise, kind="other", planned_year=2021),
        entry("faces", mine=mine, face="F1", title=f"{mark}采煤面", kind="mining_face", project=f"{mark}面项目"),
        entry("chambers", mine=mine, chamber="C1", title=f"{mark}水泵房", kind="drainage_pump_room"),
        entry("declarations", mine=mine, chamber="C1", declared_on="2021-12-01", level="central_control",
              document=f"{mark}申报"),
        entry("gateways", mine=mine, gateway=f"{mark}gw"),
        entry("shifts", mine=mine, **shift),
        entry("acceptances", project=f"{mark}面项目", held_on="2021-07-01", result="passed", experts=f"{mark}专家"),
        entry("payments", payment=f"{mark}拨1号", project=f"{mark}面项目", kind="advance", paid_on="2021-03-01",
              amount_wan="100"),
        entry("filings", filing=f"{mark}方案", enterprise=enterprise, filed_on="2021-05-01", title=f"{mark}规划"),
        entry("robots", mine=mine, robot=f"{mark}R1", post="巡检", in_use_on="2022-01-01"),
    ]  # fmt: skip


ENTRIES = [
    entry("cities", city="焦作市"),
    *rows_of("甲矿", OWN, OURS, "甲"),
    *rows_of(f"{SECRET}矿", OTHER, THEIRS, SECRET),
    entry("province_years", year=2020, staff_underground=100_000, document=f"{SECRET}省"),
]


def mine(code: str, name: str, mark: str) -> Mine:
    """A mine as the centre watches it."""
    return Mine(
        code=code,
        name=name,
        faces=(Face(code="F1", name=f"{mark}采煤面", kind="mining_face"),),
        chambers=(Chamber(code="C1", name=f"{mark}水泵房", kind=ChamberKind.DRAINAGE_PUMP_ROOM),),
    )


@asynccontextmanager
async def scene(
    folder: Path, settings: AccessSettings | None = None, assets: Path | None = None
) -> AsyncIterator[Scene]:
    """The centre's application, with everybody signed in; nothing collects."""
    clock = Clock()
    config = GatewayConfig(
        store=EmbeddedStore(path=folder / "unused.duckdb"),
        access=settings or AccessSettings(path=folder / "access.sqlite"),
        alarms=Alarms(journal=folder / "alarms.sqlite"),
        mines=[
            mine(OWN, "甲矿", "甲"),
            mine(OTHER, f"{SECRET}矿", SECRET),
            mine(NOBODYS, f"无主{SECRET}矿", SECRET),
        ],
    )
    async with (
        registry_at(folder / "registry.sqlite", ENTRIES) as registry,
        opened(config.access, RegistrySource(registry), clock.now_ms) as access,
    ):
        sign_everybody_in(access)
        plan = PlanDesk(access.source, registry=registry)  # type: ignore[arg-type]  # it has one
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            gateway = Gateway(
                config,
                FakeHistorian(),
                plan,
                listener,
                access=access,
                now_ms=clock.now_ms,
                assets=assets,
            )
            await gateway.alarms.open()
            for code in (OWN, OTHER):
                await gateway.alarms.declare(
                    Window(code, "C1", NOW_MS, NOW_MS + 1, f"{code}的人", f"{code} 检修")
                )
            try:
                yield Scene(gateway.application(), access, gateway, registry, clock)
            finally:
                await gateway.alarms.close()


def sign_everybody_in(access: AccessDesk) -> None:
    """Without hashing a password for each."""
    for who, person in PERSONS.items():
        if who == "kiosk":
            kiosk = Kiosk("kiosk-1", OWN, "调度室", "engineer", NOW_MS, None, None)
            access.file.add_kiosk(kiosk, key_of("kiosk token"))
            access.file.open_kiosk(key_of("kiosk token"), key_of(f"secret of {who}"), NOW_MS)
        else:
            access.file.add(person, "no hash", NOW_MS)
            user = User(person, "no hash", NOW_MS, None)
            access.file.begin(key_of(f"secret of {who}"), user, "test", NOW_MS)


@asynccontextmanager
async def served(one: Scene) -> AsyncIterator[str]:
    """The same over a real server; gives its address."""
    server = uvicorn.Server(
        uvicorn.Config(one.app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve(sockets=[one.gateway.listener]))
    try:
        yield f"http://127.0.0.1:{one.gateway.listener.getsockname()[1]}"
    finally:
        one.gateway.screens.close()
        server.should_exit = True
        await serving
