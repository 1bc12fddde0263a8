"""The stack of `deploy/` without its containers: shipped configs, separate processes, real servers and accounts."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.deployed import DEPLOY, MINE, ask, our_influxd, our_mosquitto
from tests.servers import free_port

PROGRAM = Path(sys.executable).with_name("ninebelow")
LIMIT_S = 90.0
PASSWORD = "correct horse battery"  # noqa: S105  (a test's)


def test_from_a_virtual_mine_to_the_console(tmp_path: Path) -> None:
    """Simulator, agent and centre under the shipped broker, rights and store: the wall shows the mine, signed in."""
    ports = {name: str(free_port()) for name in ("mqtt", "modbus", "opcua", "http")}
    with (
        our_mosquitto(tmp_path, plain_port=int(ports["mqtt"])) as passwords,
        our_influxd(tmp_path) as influx_url,
    ):
        subprocess.run([PROGRAM, "simulate", "points", tmp_path], check=True, stdout=subprocess.DEVNULL)
        broker = f'host = "127.0.0.1"\nport = {ports["mqtt"]}'
        edge = edited("edge.compose.toml", tmp_path / "edge.toml", {
            'host = "mosquitto"': broker,
            "change-me": passwords[f"{MINE}.gw-1"],
            "/var/lib/ninebelow": str(tmp_path),
            'host = "10.20.30.41"': f'host = "127.0.0.1"\nport = {ports["modbus"]}',
            "10.20.30.52:4840": f"127.0.0.1:{ports['opcua']}",
            "../points/pump_room.csv": "modbus.csv",
            "../points/driving_face.csv": "opcua.csv",
        })  # fmt: skip
        centre = edited("gateway.compose.toml", tmp_path / "gateway.toml", {
            'host = "mosquitto"': broker,
            '"change-me"': f'"{passwords["ninebelow"]}"',
            '"change-me-2"': '"n"',
            "http://influxdb:8086": influx_url,
            'host = "0.0.0.0"': f'host = "0.0.0.0"\nport = {ports["http"]}',
            "/var/lib/ninebelow": str(tmp_path),
        })  # fmt: skip
        simulate = ("simulate", "run", "--modbus-port", ports["modbus"], "--opcua-port", ports["opcua"])
        url = f"http://127.0.0.1:{ports['http']}"
        add = ("user", "add", "zhang", "--role", "operator", "--scope", f"mine:{MINE}", "--config", centre)
        subprocess.run([PROGRAM, *add], check=True, input=f"{PASSWORD}\n", text=True)
        with (
            httpx.Client(base_url=url, trust_env=False) as console,
            running(tmp_path / "simulate.log", *simulate),
            running(tmp_path / "centre.log", "gateway", "run", "--config", centre),
        ):
            until(lambda: answers(console))
            assert console.get("/api/v1/mines").status_code == 401
            console.post("/api/v1/session", json={"name": "zhang", "password": PASSWORD}).raise_for_status()
            with running(tmp_path / "edge.log", "edge", "run", "--config", edge):
                until(lambda: is_known(console))
            until(lambda: links(influx_url) == [1, 0])
        grafana = ("grafana", "g")
        assert ask(influx_url, "SELECT last(headcount) FROM personnel WHERE area = 'F12090'", grafana)
        assert ask(influx_url, "SELECT last(state_text) FROM chamber_status WHERE area = 'C-PUMP'", grafana)


@contextmanager
def running(log: Path, *arguments: str) -> Iterator[None]:
    """A command of ours; at the end SIGTERM, and it must end by itself with exit code 0."""
    with log.open("wb") as output:
        process = subprocess.Popen([PROGRAM, *arguments], stdout=output, stderr=output)
    try:
        yield
        assert process.poll() is None, log.read_text(errors="replace")
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_S) == 0, log.read_text(errors="replace")
    finally:
        process.kill()
        process.wait()


def edited(source: str, target: Path, changes: Mapping[str, str]) -> str:
    """A shipped config with some of its text replaced."""
    text = (DEPLOY / "config" / source).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    target.write_text(text, encoding="utf-8")
    return str(target)


def until(condition: Callable[[], object]) -> None:
    """Wait until it holds; fails when it does not in time."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "still not so"
        time.sleep(0.1)


def answers(console: httpx.Client) -> bool:
    """Is the centre up, with broker and store?"""
    try:
        return bool(console.get("/healthz").json()["ok"])
    except httpx.TransportError:
        return False


def is_known(console: httpx.Client) -> bool:
    """Does the wall know its face's headcount and its chamber's state?"""
    overview = console.get(f"/api/v1/mines/{MINE}").raise_for_status().json()
    return (
        overview["links"] != []
        and overview["faces"][0]["headcount"] is not None
        and overview["chambers"][0]["state"] != "unknown"
        and overview["links"][0]["delivered"] == 1.0
    )


def links(influx_url: str) -> list[float]:
    """When the gateway came and went, as Grafana reads it."""
    return [
        row[1]
        for one in ask(influx_url, "SELECT online FROM link", ("grafana", "g"))
        for row in one["values"]
    ]
