"""Faults of the agent's config that concern several sources, or the files that they name: all at once, with lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.errors import Misconfigured
from edge_agent import config

HEAD = '[node]\nmine = "990000000001"\ngateway = "gw-1"\n[outbox]\npath = "o.sqlite"\n'
TABLE = "area,metric,unit_id,table,address,type\nF1,Pump 1/Flow,1,holding,0,uint16\n"
PLC = '[[sources]]\nprotocol = "modbus"\nname = "{name}"\nhost = "{host}"\npoints = "{table}"\n'
FILES = (
    '[[sources]]\nprotocol = "personnel"\nname = "positions"\nfolder = "drop"\nmine_code = "990000000001"\n'
    'key_file = "card.key"\nareas = { F1 = ["9900000000010008"] }\n'
)


def faults(folder: Path, sources: str) -> list[str]:
    """What `edge check` says of these sources."""
    file = folder / "edge.toml"
    file.write_text(HEAD + sources, encoding="utf-8")
    with pytest.raises(Misconfigured) as wrong:
        config.load(file)
    return [str(fault).replace(f"{folder}/", "") for fault in wrong.value.faults]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a table and a drop folder."""
    (tmp_path / "a.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "b.csv").write_text(TABLE.replace("Pump 1", "Pump 2"), encoding="utf-8")
    (tmp_path / "drop").mkdir()
    (tmp_path / "card.key").write_bytes(b"0123456789abcdef")
    return tmp_path


def test_sources_that_are_right(folder: Path) -> None:
    (folder / "edge.toml").write_text(
        HEAD + PLC.format(name="a", host="h", table="a.csv") + FILES, encoding="utf-8"
    )
    _, points = config.load(folder / "edge.toml")
    assert [point.metric for point in points["positions"]] == ["Personnel/Headcount", "Personnel/Cards"]
    assert len(points["a"]) == 1


def test_two_sources_of_one_name_and_one_place(folder: Path) -> None:
    """Two masters on one serial server would take each other's answers."""
    told = faults(folder, PLC.format(name="a", host="h", table="a.csv") * 2)
    assert told[0] == "edge.toml:11: two sources have the name 'a': give each its own"
    told = faults(
        folder, PLC.format(name="a", host="h", table="a.csv") + PLC.format(name="b", host="h", table="b.csv")
    )
    assert told == ["edge.toml:11: sources 'a' and 'b' both read h:502: put their points in one"]


def test_one_tag_of_two_sources(folder: Path) -> None:
    told = faults(
        folder, PLC.format(name="a", host="h", table="a.csv") + PLC.format(name="b", host="i", table="a.csv")
    )
    assert told == ["a.csv:2: F1 Pump 1/Flow is a point of source 'a' already"]


def test_files_that_are_not_there_or_of_no_use_are_told_before_the_agent_runs(folder: Path) -> None:
    (folder / "card.key").write_bytes(b"short")
    tls = (
        PLC.format(name="a", host="h", table="none.csv")
        + 'transport = "tls"\n[sources.tls]\nca_file = "ca.crt"\n'
    )
    told = faults(folder, tls + FILES)
    assert any(fault.startswith("edge.toml:13: ca_file: there is no file") for fault in told)
    assert any(fault.startswith("none.csv: cannot be read") for fault in told)
    told = faults(folder, FILES)
    assert told == ["card.key: a key has 16 to 4096 bytes: make one with 'openssl rand -hex 32'"]


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ('others = ["broker2"]', "must be as broker2.example:1883"),
        ('compression = "zip"', "'none' or 'deflate'"),
    ],
)
def test_the_broker_section(folder: Path, key: str, what: str) -> None:
    (folder / "edge.toml").write_text(HEAD + f"[mqtt]\n{key}\n" + FILES, encoding="utf-8")
    with pytest.raises(Misconfigured, match=what):
        config.load(folder / "edge.toml")


def test_brokers_in_their_order() -> None:
    mqtt = config.Mqtt(host="a", others=("b:1", "c.example:8883"))
    assert [str(server) for server in mqtt.servers] == ["a:1883", "b:1", "c.example:8883"]
