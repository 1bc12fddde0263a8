"""What a source emitted, and waiting for it with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from contract.datatype import Value
from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.reading import Reading
from edge_agent.sources.source import Source

LIMIT_S = 20.0
CLIENTS = ("/edge_agent/", "/asyncua/client/", "/pymodbus/client/", "/pymodbus/transaction/")
Seen = tuple[Value | None, Quality]


class Taken:
    """Takes readings as an agent would."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []

    def __call__(self, readings: Sequence[Reading]) -> None:
        """Emit."""
        self.readings.extend(readings)

    def of(self, point: Point) -> list[Seen]:
        """Values and qualities of a point, in order."""
        return [(reading.value, reading.quality) for reading in self.readings if reading.point is point]

    def changes(self, point: Point) -> list[Seen]:
        """The same without repetitions."""
        seen = self.of(point)
        return [step for at, step in enumerate(seen) if at == 0 or step != seen[at - 1]]

    def last(self, point: Point) -> Seen | None:
        """The newest of a point."""
        return next(iter(self.of(point)[-1:]), None)

    def forget(self) -> None:
        """Start anew."""
        self.readings.clear()

    async def until(self, condition: Callable[[], object], limit_s: float = LIMIT_S) -> None:
        """Wait until it holds; fails the test when it does not in time."""
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, f"still not so; last readings: {self.readings[-8:]}"
            await asyncio.sleep(0.005)

    async def until_all(self, points: Sequence[Point], quality: Quality = Quality.GOOD) -> None:
        """Wait until the newest reading of every point has this quality."""
        await self.until(lambda: all((self.last(point) or (None, None))[1] is quality for point in points))


@asynccontextmanager
async def running(source: Source, taken: Taken) -> AsyncIterator[None]:
    """Run a source for a while; it must end by cancellation alone and leave no task behind."""
    before = asyncio.all_tasks()
    task = asyncio.create_task(source.run(taken), name=source.name)
    try:
        yield
        assert not task.done(), "the source ended by itself"
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=LIMIT_S)
        assert task.done(), "the source does not end"
    assert task.cancelled(), f"the source ended otherwise: {task.exception()!r}"
    deadline = time.monotonic() + LIMIT_S
    while left := [task for task in asyncio.all_tasks() - before if is_of_a_client(task)]:
        assert time.monotonic() < deadline, f"tasks left behind: {left}"
        await asyncio.sleep(0.01)


def is_of_a_client(task: asyncio.Task[object]) -> bool:
    """Whether a task runs code of a source or of the client half of a library."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and any(part in code.co_filename for part in CLIENTS)
