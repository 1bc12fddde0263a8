"""The demo's configuration: 演示一矿, its gateway and the centre, built around running servers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import SecretStr

import simulators.points
from contract.errors import Fault, Misconfigured
from contract.point import Point, Protocol
from edge_agent import config as edge
from gateway import config as centre
from gateway.alarm_config import Alarms
from ninebelow.demo_names import GATEWAY, MINE
from rules.chambers.rule import Kind, Level
from simulators import plant


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is and how to speak to it."""

    host: str
    port: int
    version: str = "5"
    username: str | None = None
    password: str | None = None

    @classmethod
    def of_url(cls, url: str) -> BrokerAddress:
        """`mqtt://[user:password@]host[:port]`; raises `Misconfigured`."""
        parts = parted(url, "--mqtt-url")
        if parts.scheme != "mqtt" or not parts.hostname:
            raise Misconfigured([Fault("--mqtt-url", None, f"{url!r} must be as mqtt://host:1883")])
        return cls(
            parts.hostname,
            port_of(url, 1883, "--mqtt-url"),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    def settings(self) -> dict[str, object]:
        """As both configs take it."""
        return {
            "host": self.host,
            "port": self.port,
            "version": self.version,
            "username": self.username,
            "password": self.password,
        }


def influx_of_url(url: str) -> centre.InfluxStore:
    """`http[s]://[user:password@]host:8086[/database][?org=…&token=…]`; raises `Misconfigured`."""
    parts = parted(url, "--influx-url")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured([Fault("--influx-url", None, f"{url!r} must be as http://host:8086/database")])
    asked = parse_qs(parts.query)
    token = asked.get("token", [None])[0]
    return centre.InfluxStore(
        kind="influx",
        url=f"{parts.scheme}://{bracketed(parts.hostname)}:{port_of(url, 8086, '--influx-url')}",
        database=parts.path.strip("/") or "ninebelow",
        username=unquote(parts.username) if parts.username else None,
        password=SecretStr(unquote(parts.password)) if parts.password else None,
        org=asked.get("org", [None])[0],
        token=SecretStr(token) if token else None,
    )


def parted(url: str, option: str) -> SplitResult:
    """The parts of a URL; raises `Misconfigured`."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise Misconfigured([Fault(option, None, f"{url!r}: {error}")]) from error


def bracketed(host: str) -> str:
    """A host as a URL has it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def port_of(url: str, default: int, option: str) -> int:
    """The port of a URL."""
    try:
        return urlsplit(url).port or default
    except ValueError as error:
        raise Misconfigured([Fault(option, None, f"{url!r}: {error}")]) from error


def edge_config(folder: Path, broker: BrokerAddress, modbus_port: int, opcua_url: str) -> edge.EdgeConfig:
    """The agent of the demo mine."""
    return edge.EdgeConfig.model_validate(
        {
            "node": {"mine": MINE, "gateway": GATEWAY},
            "mqtt": broker.settings(),
            "outbox": {"path": folder / "outbox.sqlite"},
            "delivery": {"drain_s": 10.0},
            "sources": [
                {
                    "protocol": "modbus",
                    "name": "plc",
                    "host": "127.0.0.1",
                    "port": modbus_port,
                    "points": Path("modbus.csv"),
                },
                {"protocol": "opcua", "name": "faces", "url": opcua_url, "points": Path("opcua.csv")},
            ],
        }
    )


def points(rate: float) -> edge.Points:
    """The demo's point tables by source. Where the clock runs fast, values are repeated as often by that clock."""
    return {
        name: tuple(hastened(point, rate) for point in simulators.points.points(protocol))
        for name, protocol in (("plc", Protocol.MODBUS), ("faces", Protocol.OPCUA))
    }


def hastened(point: Point, rate: float) -> Point:
    """A point whose longest silence, in real time, is shortened as the clock is."""
    return point if rate <= 1 else replace(point, max_silence_s=point.max_silence_s / rate)


def gateway_config(
    folder: Path, broker: BrokerAddress, store: centre.Store, port: int
) -> centre.GatewayConfig:
    """The centre with the demo mine and the demo registry."""
    return centre.GatewayConfig(
        mqtt=centre.Mqtt.model_validate(broker.settings()),
        store=store,
        http=centre.Http(port=port),
        plan=centre.Plan(demo=True),
        registry=centre.Registry(path=folder / "registry.sqlite"),
        alarms=Alarms(journal=folder / "alarms.sqlite"),
        mines=[
            centre.Mine(
                code=MINE,
                name="演示一矿",
                faces=tuple(face(area) for area in plant.FACES),
                chambers=tuple(chamber(area) for area in plant.CHAMBERS),
            )
        ],
    )


def face(area: plant.Area) -> centre.Face:
    """An intelligent face of the demo mine, which is a gassy one."""
    kind: Literal["mining_face", "driving_face"] = (
        "mining_face" if area.kind == "mining_face" else "driving_face"
    )
    return centre.Face(code=area.code, name=area.name, kind=kind, hazard="severe")


def chamber(area: plant.Area) -> centre.Chamber:
    """A chamber with the level that the enterprise declares: one is not there yet."""
    declared = Level.CENTRAL_CONTROL if area is plant.GAS_STATION else Level.UNATTENDED
    return centre.Chamber(code=area.code, name=area.name, kind=Kind(area.kind), declared=declared)
