"""The historian in a DuckDB file of this process: nothing to install, one machine.

Rules
- Writes that wait are committed together by the one writer thread, at most five times a second; each returns
  when its own points are on disk. So a lone write takes one commit, one among many at most 0.2 s more.
- At most `waiting_max` writes wait; further ones wait for their turn to wait, nothing is dropped.
- Reads have threads of their own; nothing here runs on the event loop for long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from gateway.historian.historian import (
    Bucket,
    HistorianUnavailable,
    Point,
    PointsRejected,
    Row,
    Series,
    check_buckets,
    measurement_of,
)
from gateway.historian.point_file import PointFile

COMMIT_INTERVAL_S: Final = 0.2
COMMIT_POINTS_MAX: Final = 50_000
"""No further write joins a commit of this size."""
READERS: Final = 2

Answer = TypeVar("Answer")


class EmbeddedHistorian:
    """A historian in one file. Async context manager; opening raises `Misconfigured`, closing flushes."""

    def __init__(
        self, path: Path, *, memory_limit: str = "256MB", threads: int = 2, waiting_max: int = 64
    ) -> None:
        """`memory_limit` and `threads` bound DuckDB, `waiting_max` the writes that wait for a commit."""
        self._file = PointFile(path, memory_limit=memory_limit, threads=threads)
        self._path = path
        self._waiting: asyncio.Queue[tuple[Sequence[Point], asyncio.Future[list[str]]]]
        self._waiting = asyncio.Queue(waiting_max)
        self._is_open = False

    async def __aenter__(self) -> Self:
        self._writer = ThreadPoolExecutor(1, "historian.write")
        self._readers = ThreadPoolExecutor(READERS, "historian.read")
        try:
            await self._in(self._writer, self._file.open)
        except BaseException:
            self._writer.shutdown()
            raise
        self._commits = asyncio.create_task(self._commit_forever(), name="historian.commit")
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        await self._waiting.join()
        self._commits.cancel()
        await asyncio.wait([self._commits])
        await self._in(self._writer, self._file.close)
        self._writer.shutdown()
        await asyncio.to_thread(self._readers.shutdown)  # the file is held until the last reading ends

    async def write(self, points: Sequence[Point]) -> None:
        """As the protocol says."""
        self._check_open()
        committed: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        await self._waiting.put((points, committed))
        if refused := await committed:
            raise PointsRejected(refused[0], len(refused))

    async def read(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """As the protocol says."""
        return await self._ask(lambda: self._file.rows(series, fields, from_ms, to_ms))

    async def last_before(self, series: Series, fields: Sequence[str], before_ms: int) -> Row | None:
        """As the protocol says."""
        return await self._ask(lambda: self._file.last_before(series, fields, before_ms))

    async def read_many(
        self,
        series: Sequence[Series],
        fields: Sequence[str],
        from_ms: int,
        to_ms: int,
        *,
        newest_only: bool = False,
    ) -> dict[Series, list[Row]]:
        """As the protocol says."""
        if not series:
            return {}
        measurement_of(series)
        asked = self._file.newest_of_many if newest_only else self._file.rows_of_many
        return await self._ask(lambda: asked(series, fields, from_ms, to_ms))

    async def buckets(
        self, series: Series, field: str, from_ms: int, to_ms: int, width_ms: int
    ) -> list[Bucket]:
        """As the protocol says."""
        check_buckets(field, from_ms, to_ms, width_ms)
        return await self._ask(lambda: self._file.buckets(series, field, from_ms, to_ms, width_ms))

    async def compact(self, within_s: float) -> int:
        """Delete overwritten values for about `within_s`, beside writes and reads; gives how many."""
        return await self._ask(lambda: self._file.compact(within_s))

    async def _commit_forever(self) -> None:
        while True:
            waiting = [await self._waiting.get()]
            while not self._waiting.empty() and sum(len(points) for points, _ in waiting) < COMMIT_POINTS_MAX:
                waiting.append(self._waiting.get_nowait())
            began_s = time.monotonic()
            await self._commit(waiting)
            await asyncio.sleep(began_s + COMMIT_INTERVAL_S - time.monotonic())

    async def _commit(self, waiting: Sequence[tuple[Sequence[Point], asyncio.Future[list[str]]]]) -> None:
        batches = [points for points, _ in waiting]
        try:
            refused = await self._in(self._writer, lambda: self._file.append(batches))
        except Exception as error:  # noqa: BLE001  # whoever waits must hear of it, whatever it is
            for _, committed in waiting:
                if not committed.done():
                    committed.set_exception(error)
        else:
            for (_, committed), reasons in zip(waiting, refused, strict=True):
                if not committed.done():
                    committed.set_result(reasons)
        for _ in waiting:
            self._waiting.task_done()

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        self._check_open()
        return await self._in(self._readers, question)

    def _check_open(self) -> None:
        if not self._is_open:
            raise HistorianUnavailable(f"{self._path} is closed")

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(threads, work)
