"""The servers as `deploy/` configures them, with paths and ports replaced: what a test starts is what is shipped."""

from __future__ import annotations

import getpass
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from ninebelow.broker import mosquitto_path
from tests.servers import Server, free_port

DEPLOY = Path(__file__).parents[1] / "deploy"
MINE, OTHER_MINE = "990000000001", "990000000002"
GATEWAYS = ((MINE, "gw-1"), (MINE, "gw-2"), (OTHER_MINE, "gw-1"))
TLS_LINES = "listener|cafile|certfile|keyfile|tls_version|require_certificate|use_identity_as_username"


@contextmanager
def our_mosquitto(
    directory: Path, *, plain_port: int, tls_port: int | None = None
) -> Iterator[dict[str, str]]:
    """A running mosquitto, the mines' listener uncommented if it has a port; gives passwords by account."""
    shutil.copytree(DEPLOY / "mosquitto", directory, dirs_exist_ok=True)
    passwords = opened_accounts(directory)
    conf = (DEPLOY / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
    if tls_port is not None:
        conf = re.sub(rf"^# (?=({TLS_LINES}) )", "", conf, flags=re.MULTILINE)
        conf = conf.replace("listener 8883", f"listener {tls_port} 127.0.0.1")
    conf = conf.replace("listener 1883", f"listener {plain_port} 127.0.0.1")
    conf = conf.replace("/mosquitto/config", str(directory)).replace("/mosquitto/certs", str(directory))
    file = directory / "mosquitto.conf"
    file.write_text(f"user {getpass.getuser()}\n{conf}", encoding="utf-8")
    path = mosquitto_path()
    assert path is not None, "mosquitto is not installed; scripts/test installs it"
    with Server([path, "-c", str(file)], port=plain_port, log=directory / "mosquitto.log"):
        yield passwords


def opened_accounts(directory: Path) -> dict[str, str]:
    """Accounts of the centre and of three gateways, opened as the README says."""
    passwords = {"ninebelow": "of-the-centre"}
    file, password = directory / "passwords", passwords["ninebelow"]
    subprocess.run(["mosquitto_passwd", "-c", "-b", file, "ninebelow", password], check=True)
    for mine, gateway in GATEWAYS:
        opening = subprocess.run(
            [directory / "add-gateway", mine, gateway], check=True, capture_output=True, text=True
        )
        said = opening.stdout
        user, password = re.findall(r'"(.*)"', said)
        passwords[user] = password
    return passwords


@contextmanager
def our_influxd(directory: Path) -> Iterator[str]:
    """A running InfluxDB with the accounts that compose.yaml makes (passwords a, n, g); gives its url."""
    port = free_port()
    conf = (DEPLOY / "influxdb" / "influxdb.conf").read_text(encoding="utf-8")
    conf = conf.replace("/var/lib/influxdb", str(directory)).replace('":8086"', f'"127.0.0.1:{port}"')
    file = directory / "influxdb.conf"
    file.write_text(conf.replace("127.0.0.1:8088", f"127.0.0.1:{free_port()}"), encoding="utf-8")
    path = shutil.which("influxd")
    assert path is not None, "influxd is not installed; scripts/test installs it"
    with Server([path, "run", "-config", str(file)], port=port, log=directory / "influxd.log"):
        url = f"http://127.0.0.1:{port}"
        ask(url, "CREATE USER admin WITH PASSWORD 'a' WITH ALL PRIVILEGES", None)
        for question in (
            "CREATE DATABASE ninebelow",
            "CREATE USER ninebelow WITH PASSWORD 'n'",
            "GRANT ALL ON ninebelow TO ninebelow",
            "CREATE USER grafana WITH PASSWORD 'g'",
            "GRANT READ ON ninebelow TO grafana",
        ):
            ask(url, question, ("admin", "a"))
        yield url


def ask(url: str, question: str, auth: tuple[str, str] | None) -> list[dict[str, Any]]:
    """The series that answer a question; fails on an error in the answer."""
    params = {"db": "ninebelow", "epoch": "ms"}
    answer = httpx.post(f"{url}/query", params=params, data={"q": question}, auth=auth, trust_env=False)
    result = answer.raise_for_status().json()["results"][0]
    assert "error" not in result, (question, result)
    return list(result.get("series", ()))
