"""The scripts a newcomer starts with: what is missing is said in one line with the mend, exit code 2."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "cat", "dirname", "tr", "touch", "rm", "env")


def run_setup(folder: Path, python: str | None) -> subprocess.CompletedProcess[str]:
    """`scripts/setup` in a copy, on a PATH that holds only the shell's own tools and this python3."""
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup", folder / "scripts" / "setup")
    (folder / "pyproject.toml").touch()
    tools = folder / "bin"
    tools.mkdir()
    for tool in TOOLS:
        where = shutil.which(tool)
        assert where is not None
        (tools / tool).symlink_to(where)
    if python is not None:
        (tools / "python3").write_text(f"#!/bin/sh\n{python}\n")
        (tools / "python3").chmod(0o755)
    environment = os.environ | {"PATH": str(tools)}
    command = [folder / "scripts" / "setup"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("python", "mend"),
    [
        (None, "Python 3.11"),
        ('case "$2" in *version_info*) exit 1;; esac', "Python 3.11"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "apt-get install python3-venv"),
        ('case "$1 $2" in *"-m venv"*) exit 1;; *) exit 0;; esac', "apt-get install python3-venv"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, python: str | None, mend: str) -> None:
    """No Python, an old one, one without venv, one whose venv fails."""
    done = run_setup(tmp_path, python)

    assert done.returncode == 2
    assert mend in done.stderr
    assert not (tmp_path / ".venv").exists()
