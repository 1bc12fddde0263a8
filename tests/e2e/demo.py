"""Runs `ninebelow demo` as a person would, from outside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMAND = [str(Path(sys.executable).with_name("ninebelow")), "demo"]
LIMIT_S = 90


def demo_account(*options: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON object and stderr of a run that ends by itself."""
    done = subprocess.run(
        [*COMMAND, "--json", "--port", "0", *options], capture_output=True, timeout=LIMIT_S, check=False
    )
    lines = done.stdout.decode().splitlines()
    return done.returncode, json.loads(lines[-1]) if lines else {}, done.stderr.decode()


@contextmanager
def running_demo(*options: str) -> Iterator[subprocess.Popen[str]]:
    """The demo as a child; ended by SIGINT, as Ctrl-C does, when the block ends and it still runs."""
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(LIMIT_S)
                except subprocess.TimeoutExpired:
                    process.kill()


def wait_for_line(process: subprocess.Popen[str], text: str) -> str:
    """The first line of output that holds `text`."""
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return line
    raise AssertionError(f"the demo ended without saying {text!r}")
