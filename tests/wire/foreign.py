"""Programs of others as child processes: a line of JSON in, a line out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

PEERS = Path(__file__).parents[2] / ".peers"
SOURCES = Path(__file__).parents[1] / "peers"
PYTHON = PEERS / "pysparkplug" / "bin" / "python"
STOP_S = 10.0


class Program:
    """One of them, running until the block ends; its own complaints go to the test's output."""

    def __init__(self, *command: str | Path, **environment: str) -> None:
        assert (PEERS / "installed").exists(), (
            "the peers are not installed: run scripts/test, or tests/peers/install"
        )
        self.command = [str(word) for word in command]
        self.environment = {**os.environ, **environment}

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def tell(self, what: object) -> None:
        """Send a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps(what)}\n")
        self.process.stdin.flush()

    def ask(self, what: object) -> Any:
        """Send a line and read the answer."""
        assert self.process.stdout is not None
        self.tell(what)
        line = self.process.stdout.readline()
        assert line, f"{self.command} ended"
        return json.loads(line)


def node() -> Path | str:
    """Node, installed beside the peers where the system has none, or one too old."""
    ours = PYTHON.with_name("node")
    return ours if ours.exists() else shutil.which("node") or "node"


def npm(script: str, *arguments: str) -> Program:
    """One of our scripts around an npm package."""
    return Program(node(), SOURCES / script, *arguments, NODE_PATH=str(PEERS / "node" / "node_modules"))


def pypi(script: str, *arguments: str) -> Program:
    """One of our scripts around pysparkplug."""
    return Program(PYTHON, SOURCES / script, *arguments)
