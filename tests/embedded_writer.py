"""A process that writes into an embedded historian and tells each acknowledgement, until it is killed.

`python -m tests.embedded_writer FILE FIRST`: batch n, from FIRST on, holds ten points of one second of one pump;
after the store has taken it, `n` stands on a line of its own.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import Point, Series

PUMP = Series("pump", (("area", "C-PUMP"), ("mine", "990000000001")))


def batch(number: int) -> list[Point]:
    """What belongs into batch `number`."""
    return [
        Point(PUMP, number * 1000 + i, {"flow": number + i / 10, "mode_text": f"{number}"}) for i in range(10)
    ]


@contextmanager
def writing(path: Path, first: int) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """Such a process and what it tells; killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.embedded_writer", str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()


async def write_forever(path: Path, first: int) -> None:
    """Several batches wait at a time, so that the end meets a commit of several."""
    async with EmbeddedHistorian(path) as historian:

        async def write(every_fourth: int) -> None:
            for number in range(first + every_fourth, first + 1_000_000, 4):
                await historian.write(batch(number))
                print(number, flush=True)  # noqa: T201  # the other process reads it

        async with asyncio.TaskGroup() as tasks:
            for every_fourth in range(4):
                tasks.create_task(write(every_fourth))


if __name__ == "__main__":
    asyncio.run(write_forever(Path(sys.argv[1]), int(sys.argv[2])))
