"""The house: arrows point down only, modules stay small, names stay honest, nothing leaves the machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("contract", "rules", "edge_agent", "gateway", "simulators", "dashboards", "ninebelow")
MAY_IMPORT: dict[str, set[str]] = {
    "contract": set(),
    "rules": {"contract"},
    "edge_agent": {"contract", "rules"},
    "gateway": {"contract", "rules"},
    "simulators": {"contract", "rules"},
    "dashboards": {"contract", "rules"},
    "ninebelow": set(PARTS),
}
LINES_MAX = 400
FUNCTION_LINES_MAX = 70
BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base_impl"}


def modules() -> Iterator[Path]:
    """Every module of ours but generated ones."""
    for part in PARTS:
        yield from (path for path in (ROOT / part).rglob("*.py") if not path.name.endswith("_pb2.py"))


def imports_of(source: str) -> set[str]:
    """Top-level packages of ours that a module imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found & set(PARTS)


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_module_keeps_the_import_rules(path: Path) -> None:
    """Design §1: only the top floor sees everything."""
    part = path.relative_to(ROOT).parts[0]

    assert imports_of(path.read_text()) - {part} <= MAY_IMPORT[part]


def test_an_upward_import_is_seen() -> None:
    """The check itself: also inside a function, and in both forms."""
    assert imports_of("def f():\n    import gateway.app\n") == {"gateway"}
    assert imports_of("from edge_agent.sources import modbus\n") == {"edge_agent"}


def test_import_linter_agrees() -> None:
    """The contracts of .importlinter, pure modules included."""
    command = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_one_concept(path: Path) -> None:
    """At most 400 lines, functions at most 70, no name that says nothing."""
    source = path.read_text()
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    too_long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX]

    assert len(source.splitlines()) <= LINES_MAX
    assert too_long == []
    assert path.stem not in BANNED


def test_console_loads_nothing_from_elsewhere() -> None:
    """Mines are offline: no address of another host in any file that a browser gets."""
    assets = ROOT / "dashboards" / "web" / "assets"
    for path in (
        each for each in assets.rglob("*") if each.is_file() and assets / "vendor" not in each.parents
    ):
        assert not re.search(rb"https?://(?!www\.w3\.org/)", path.read_bytes()), path.name
