"""What `deploy/` ships, run for real: mosquitto with our rights, InfluxDB with our accounts, the units' promises."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt
import httpx
import pytest

from gateway.config import Mqtt
from gateway.ingest.link import Link, LinkLost, Message, opened
from tests.certificates import Authority
from tests.deployed import DEPLOY, MINE, OTHER_MINE, our_influxd, our_mosquitto
from tests.servers import free_port

LIMIT_S = 20.0
WILL = Message("spBv1.0/STATE/ninebelow", b"{}")
AT_MS = 1_795_600_000_000


# The broker


@dataclass(frozen=True)
class Broker:
    """A running mosquitto with our conf and acl, and the passwords of its accounts."""

    port: int
    passwords: dict[str, str]

    def account(self, user: str) -> dict[str, Any]:
        """As aiomqtt takes it."""
        return {
            "hostname": "127.0.0.1",
            "port": self.port,
            "username": user,
            "password": self.passwords[user],
        }

    def centre(self, **changes: object) -> Mqtt:
        """As the centre's config takes it."""
        settings = {"port": self.port, "username": "ninebelow", "password": self.passwords["ninebelow"]}
        return Mqtt.model_validate(settings | changes)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    port = free_port()
    with our_mosquitto(tmp_path_factory.mktemp("mosquitto"), plain_port=port) as passwords:
        yield Broker(port, passwords)


@asynccontextmanager
async def the_centre(config: Mqtt) -> AsyncIterator[Link]:
    """The centre's own connection, subscribed as the collector subscribes."""
    async with opened(config, WILL) as link:
        await link.subscribe("spBv1.0/#")
        yield link
        link.goodbye()


async def topics_until(link: Link, last: str) -> set[str]:
    """Topics of what comes in, up to and without `last`."""
    seen: list[str] = []
    async with asyncio.timeout(LIMIT_S):
        while last not in seen:
            seen += [message.topic for message in await link.messages()]
    return set(seen[: seen.index(last)])


MAY_WRITE = {
    f"{MINE}.gw-1": [
        *(f"spBv1.0/{MINE}/{kind}/gw-1" for kind in ("NBIRTH", "NDATA", "NDEATH")),
        *(f"spBv1.0/{MINE}/{kind}/gw-1/F1" for kind in ("DBIRTH", "DDATA", "DDEATH")),
    ],
    "ninebelow": [f"spBv1.0/{MINE}/NCMD/gw-1", f"spBv1.0/{OTHER_MINE}/NCMD/gw-9", "spBv1.0/STATE/ninebelow"],
}
MAY_NOT_WRITE = {
    f"{MINE}.gw-1": [
        f"spBv1.0/{MINE}/NBIRTH/gw-2",  # another gateway of its mine
        f"spBv1.0/{OTHER_MINE}/NBIRTH/gw-1",  # its own name in another mine
        f"spBv1.0/{MINE}/DDATA/gw-2/F1",
        f"spBv1.0/{MINE}/DDATA/gw-1",  # no device
        f"spBv1.0/{MINE}/NBIRTH/gw-1/F1",
        f"spBv1.0/{MINE}/NCMD/gw-1",  # commands are the centre's
        f"spBv1.0/{MINE}/NCMD/gw-2",
        f"spBv1.0/{MINE}/DCMD/gw-1/F1",
        "spBv1.0/STATE/ninebelow",
        "spBv1.0/STATE/other",
    ],
    "ninebelow": [
        f"spBv1.0/{MINE}/NBIRTH/gw-1",
        f"spBv1.0/{MINE}/DDATA/gw-1/F1",
        f"spBv1.0/{MINE}/DCMD/gw-1/F1",
    ],
}


@pytest.mark.parametrize("user", MAY_WRITE)
async def test_who_may_write_what(broker: Broker, user: str) -> None:
    """A gateway writes its own births, deaths and data, the centre commands and STATE; nothing else gets through."""
    last = MAY_WRITE[user][0]
    async with the_centre(broker.centre()) as centre, aiomqtt.Client(**broker.account(user)) as client:
        for topic in (*MAY_NOT_WRITE[user], *MAY_WRITE[user][1:], last):
            await client.publish(topic, b"x", qos=1)
        assert await topics_until(centre, last) == set(MAY_WRITE[user][1:])


async def test_a_gateway_reads_its_own_commands_only(broker: Broker) -> None:
    """It subscribes to everything, and gets its NCMD and the centre's STATE."""
    own, other = f"spBv1.0/{MINE}/NCMD/gw-1", f"spBv1.0/{MINE}/NCMD/gw-2"
    async with (
        the_centre(broker.centre()) as centre,
        aiomqtt.Client(**broker.account(f"{MINE}.gw-1")) as gateway,
    ):
        await gateway.subscribe("spBv1.0/#")
        async with aiomqtt.Client(**broker.account(f"{MINE}.gw-2")) as neighbour:
            await neighbour.publish(f"spBv1.0/{MINE}/NBIRTH/gw-2", b"x", qos=1)
        for topic in (other, "spBv1.0/STATE/ninebelow", own):
            assert centre.publish(Message(topic, b"x"))
        async with asyncio.timeout(LIMIT_S):
            seen = [str((await anext(gateway.messages)).topic) for _ in range(2)]
        assert seen == ["spBv1.0/STATE/ninebelow", own]


@pytest.mark.parametrize("changes", [{"username": None, "password": None}, {"password": "wrong"}])
async def test_strangers_are_refused(broker: Broker, changes: dict[str, object]) -> None:
    """Without a name, or with a wrong password."""
    with pytest.raises(LinkLost, match="not authorized"):
        async with opened(broker.centre(**changes), WILL):
            pass


async def test_the_mines_listener(tmp_path: Path) -> None:
    """Its lines uncommented: TLS with the gateway's certificate, whose CN has the rights of that account."""
    authority = Authority(tmp_path, "ca")
    authority.issue("broker")
    certificate, key = authority.issue(f"{MINE}.gw-1")
    plain_port, tls_port = free_port(), free_port()
    with our_mosquitto(tmp_path, plain_port=plain_port, tls_port=tls_port) as passwords:
        by_tls = aiomqtt.TLSParameters(str(authority.ca_file), str(certificate), str(key))
        async with (
            the_centre(Broker(plain_port, passwords).centre()) as centre,
            aiomqtt.Client("127.0.0.1", tls_port, tls_params=by_tls) as gateway,
        ):
            for topic in (f"spBv1.0/{MINE}/NBIRTH/gw-2", f"spBv1.0/{MINE}/NBIRTH/gw-1"):
                await gateway.publish(topic, b"x", qos=1)
            assert await topics_until(centre, f"spBv1.0/{MINE}/NBIRTH/gw-1") == set()
        with pytest.raises(LinkLost):
            async with opened(Mqtt(port=tls_port, ca_file=authority.ca_file), WILL):
                pass


@pytest.mark.parametrize("given", [[], [MINE], ["99/1", "gw-1"], [MINE, "+"], [MINE, "a.b"], [MINE, ""]])
def test_add_gateway_refuses_names_that_would_open_more(tmp_path: Path, given: list[str]) -> None:
    """A wildcard in a name would be a right to other topics."""
    shutil.copytree(DEPLOY / "mosquitto", tmp_path, dirs_exist_ok=True)
    before = (tmp_path / "acl").read_bytes()
    assert (
        subprocess.run([tmp_path / "add-gateway", *given], check=False, capture_output=True).returncode == 2
    )
    assert (tmp_path / "acl").read_bytes() == before


# InfluxDB


def test_grafana_cannot_write(tmp_path: Path) -> None:
    """Its account reads; what it reads is in test_grafana_queries.py."""
    with our_influxd(tmp_path) as url:
        answer = httpx.post(
            f"{url}/write",
            params={"db": "ninebelow"},
            content="x y=1",
            auth=("grafana", "g"),
            trust_env=False,
        )
    assert answer.status_code == 403


# The units' promises


@pytest.mark.parametrize("part", ["edge", "gateway"])
def test_a_service_tells_systemd_and_stops_in_order(tmp_path: Path, part: str) -> None:
    """With no broker and no device there: READY=1, at SIGTERM STOPPING=1, and exit code 0."""
    shutil.copytree(DEPLOY / "points", tmp_path / "points")
    config = (DEPLOY / "config" / f"{part}.sample.toml").read_text(encoding="utf-8")
    config = config.replace("/var/lib/ninebelow", str(tmp_path)).replace("../points", "points")
    config = config.replace("10.20.30.41", "127.0.0.1").replace("10.20.30.52", "127.0.0.1")
    config = config.replace("# port = 8080", f"port = {free_port()}")
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(LIMIT_S)
        process = subprocess.Popen(
            [Path(sys.executable).with_name("ninebelow"), part, "run", "--config", "config.toml"],
            cwd=tmp_path,
            env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")},
            stderr=subprocess.PIPE,
        )
        try:
            assert systemd.recv(100) == b"READY=1"
            process.send_signal(signal.SIGTERM)
            assert systemd.recv(100) == b"STOPPING=1"
            errors = process.communicate(timeout=LIMIT_S)[1].decode()
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
