"""The files of `deploy/` agree: names, ports, accounts and mounts; and units pass systemd's own check."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types; used here to read two files

from edge_agent import config as edge_config
from gateway import config as gateway_config

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
GRAFANA = DEPLOY / "grafana"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def env_sample() -> dict[str, str]:
    """What `.env` sets."""
    lines = (DEPLOY / "env.sample").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_mounts_exists(name: str) -> None:
    """Bind mounts name files of this folder; volumes are declared."""
    for mount in SERVICES[name].get("volumes", ()):
        source = mount.split(":")[0]
        exists = (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
        assert exists, mount


def test_images_are_plain_or_built_here() -> None:
    """No registry host; our own image is built by a Dockerfile that exists and copies every package."""
    for service in SERVICES.values():
        assert "." not in service["image"].split("/")[0].split(":")[0]
        if "build" in service:
            context = DEPLOY / service["build"]["context"]
            assert (context / service["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        *packages["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"],
        "pyproject.toml",
        "README.md",
    }
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert wanted <= {line.removeprefix("!") for line in kept if line.startswith("!")}


def test_every_secret_is_asked_for() -> None:
    """`.env` sets exactly what compose.yaml needs, no two alike."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+):\?", text)) == set(env_sample())
    assert len(set(env_sample().values())) == len(env_sample())


def test_the_centre_of_compose() -> None:
    """It loads, speaks to the services by name, with the accounts that they have, and listens beyond its container."""
    config = gateway_config.load(DEPLOY / "config" / "gateway.compose.toml")
    store, environment = config.store, SERVICES["influxdb"]["environment"]
    assert isinstance(store, gateway_config.InfluxStore)
    assert config.mqtt.host in SERVICES
    assert store.url == "http://influxdb:8086"
    assert (store.database, store.username) == (environment["INFLUXDB_DB"], environment["INFLUXDB_USER"])
    assert store.password
    assert store.password.get_secret_value() == env_sample()["INFLUXDB_PASSWORD"]
    assert config.http.host == "0.0.0.0"  # noqa: S104  (in a container)
    for kept in (config.access.path, config.registry.path, config.alarms.journal):
        assert kept.parent == Path("/var/lib/ninebelow")  # the volume
    assert f"{config.http.port}:{config.http.port}" in SERVICES["centre"]["ports"]
    acl = (DEPLOY / "mosquitto" / "acl").read_text(encoding="utf-8")
    assert f"user {config.mqtt.username}\n" in acl
    assert f"topic readwrite spBv1.0/STATE/{config.mqtt.host_id}\n" in acl


def test_the_agent_of_compose() -> None:
    """It loads, its account is named as add-gateway names it, its areas are those of the centre's config."""
    config, points = edge_config.load(DEPLOY / "config" / "edge.compose.toml")
    centre = gateway_config.load(DEPLOY / "config" / "gateway.compose.toml")
    assert config.mqtt.username == f"{config.node.mine}.{config.node.gateway}"
    areas = {point.area for table in points.values() for point in table}
    assert [(mine.code, set(mine.areas)) for mine in centre.mines] == [(config.node.mine, areas)]


@pytest.mark.parametrize("name", ["centre", "edge"])
def test_commands_name_configs_that_are_mounted(name: str) -> None:
    """`--config` points into the mounted folder."""
    command = SERVICES[name]["command"]
    assert command[:2] == [{"centre": "gateway", "edge": "edge"}[name], "run"]
    assert (DEPLOY / "config" / Path(command[-1]).name).is_file()
    assert f"./config:{Path(command[-1]).parent}:ro" in SERVICES[name]["volumes"]


def test_grafana_is_provisioned_from_what_is_mounted() -> None:
    """The data source is our InfluxDB by its reading account; the provider reads the mounted dashboards."""
    source = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "influxdb.yaml").read_text("utf-8"))
    provider = yaml.safe_load((GRAFANA / "provisioning" / "dashboards" / "ninebelow.yaml").read_text("utf-8"))
    database, environment = source["datasources"][0], SERVICES["grafana"]["environment"]
    influx = SERVICES["influxdb"]["environment"]
    assert (database["type"], database["url"]) == ("influxdb", "http://influxdb:8086")
    assert (database["jsonData"]["dbName"], database["user"]) == (
        influx["INFLUXDB_DB"],
        influx["INFLUXDB_READ_USER"],
    )
    assert database["secureJsonData"]["password"].removeprefix("$") in environment
    path = provider["providers"][0]["options"]["path"]
    assert f"./grafana/dashboards:{path}:ro" in SERVICES["grafana"]["volumes"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_one_for_systemd(unit: Path, tmp_path: Path) -> None:
    """`systemd-analyze verify` says nothing, with this environment's program in place of the installed one."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here")
    text = unit.read_text(encoding="utf-8")
    program = Path(sys.executable).with_name("ninebelow")
    (tmp_path / unit.name).write_text(
        text.replace("/opt/ninebelow/bin/ninebelow", str(program)), encoding="utf-8"
    )
    checked = subprocess.run(
        [analyze, "verify", tmp_path / unit.name], check=False, capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_the_influxdb_2_config_is_toml() -> None:
    """No 2.x server is here to start with it: its form only."""
    assert tomllib.loads((DEPLOY / "influxdb" / "config.toml").read_text(encoding="utf-8"))[
        "http-bind-address"
    ]
