"""What a centre's config names and nothing has: every mistake at once, each with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.errors import Misconfigured
from gateway import config

MINES = """
[[mines]]
code = "m1"
name = "一矿"
[[mines.faces]]
code = "F1"
name = "面"
kind = "mining_face"
[[mines.chambers]]
code = "F1"
name = "水泵房"
kind = "drainage_pump_room"
[[mines]]
code = "m1"
name = "二矿"
[[mines.faces]]
code = "F/2"
name = "面"
kind = "mining_face"
"""
RULES = """format = 1
[[limit]]
metric = "Pump/Vibration"
alarm = 4
mines = ["m1", "m8"]
[[place]]
metric = "Gas 9/Methane"
place = "uper_corner"
[[limit]]
metric = "Gas/Methane"
place = "moon"
areas = ["YARD"]
alarm = 1
[[judged]]
judged = "staffing"
mines = ["m9"]
"""


def faults(tmp_path: Path, text: str, rules: str = "") -> dict[str, str]:
    """What is told, by file and line."""
    (tmp_path / "own.toml").write_text(rules, encoding="utf-8")
    file = tmp_path / "gateway.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured) as caught:
        config.load(file)
    return {f"{Path(fault.file).name}:{fault.line}": fault.what for fault in caught.value.faults}


def test_names_of_mines_and_areas(tmp_path: Path) -> None:
    """Twice, or no id on the wire; two mines may have areas of the same code."""
    assert faults(tmp_path, MINES.lstrip()) == {
        "gateway.toml:9": "mine m1: area F1 stands twice",
        "gateway.toml:13": "mine m1 stands twice",
        "gateway.toml:16": "mine m1: area code 'F/2' must be filled and free of + / #",
    }


def test_own_rules_that_would_never_hold(tmp_path: Path) -> None:
    """For mines that do not exist and for places where nothing hangs, or that no rule is for."""
    text = (
        '[alarms]\nrules = "own.toml"\n[[notify.routes]]\nname = "a"\nurls = ["json://h", "no://"]\n' + MINES
    )
    found = faults(tmp_path, text.replace('"m1"\nname = "二矿"', '"m2"\nname = "二矿"'), RULES)
    assert {where for where in found if where.startswith("gateway")} == {
        "gateway.toml:5", "gateway.toml:15", "gateway.toml:22",
    }  # fmt: skip
    assert {where: what for where, what in found.items() if where.startswith("own")} == {
        "own.toml:5": "limit: no mine has the code 'm8'",
        "own.toml:8": "place 'uper_corner': no rule is for it",
        "own.toml:11": "place 'moon': no [[place]] says which sensor hangs there",
        "own.toml:16": "judged: no mine has the code 'm9'",
    }


def test_a_faulty_config_and_faulty_rules_are_told_together(tmp_path: Path) -> None:
    """One look is enough, unless the part that names the rules is what is faulty."""
    rules = "[[limit]]\nalarm = 1\n"
    broken = MINES.replace('kind = "mining_face"', 'kind = "cave"')
    found = faults(tmp_path, '[alarms]\nrules = "own.toml"\n' + broken, rules)
    assert set(found) == {"gateway.toml:10", "gateway.toml:21", "own.toml:1"}
    found = faults(tmp_path, '[alarms]\nrules = "own.toml"\nflood_s = 0\n' + MINES, rules)
    assert set(found) == {"gateway.toml:3"}


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ('metric = "Pump/Vibration"\nonly_while = "Runing"', "'Runing' is no quantity of the vocabulary"),
        ('metric = "Pump/Vibration"\nonly_while = "Vibration"', "only_while 'Vibration' is no boolean"),
        ('metric = "Pump/Vibration"\nstatus = "State"', "status 'State' is no quantity of the vocabulary"),
        ('point = "PLC1.DB3"\nonly_while = "Running"', "only_while needs metric"),
    ],
)
def test_what_a_rule_is_judged_by_must_exist(tmp_path: Path, rule: str, what: str) -> None:
    """Otherwise the point would never be judged, or always."""
    text = '[alarms]\nrules = "own.toml"\n[[mines]]\ncode = "m1"\nname = "一矿"\n'
    found = faults(tmp_path, text, f"[[limit]]\nalarm = 1\n{rule}\n")
    assert what in found["own.toml:1"]
