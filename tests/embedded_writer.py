"""A process that writes into an embedded historian and tells each acknowledgement, until it is killed.

`python -m tests.embedded_writer FILE`: batch n holds ten points of one second of one pump; after the store has
taken it, `n` stands on a line of its own.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import Point, Series

PUMP = Series("pump", (("area", "C-PUMP"), ("mine", "990000000001")))


def batch(number: int) -> list[Point]:
    """What belongs into batch `number`."""
    return [
        Point(PUMP, number * 1000 + i, {"flow": number + i / 10, "mode_text": f"{number}"}) for i in range(10)
    ]


async def write_forever(path: Path) -> None:
    """Several batches wait at a time, so that the end meets a commit of several."""
    async with EmbeddedHistorian(path) as historian:

        async def write(first: int) -> None:
            for number in range(first, 1_000_000, 4):
                await historian.write(batch(number))
                print(number, flush=True)  # noqa: T201  # the other process reads it

        async with asyncio.TaskGroup() as tasks:
            for first in range(4):
                tasks.create_task(write(first))


if __name__ == "__main__":
    asyncio.run(write_forever(Path(sys.argv[1])))
