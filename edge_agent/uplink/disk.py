"""The outbox in its own thread: no disk access on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

Args = ParamSpec("Args")
Result = TypeVar("Result")


class Disk:
    """One thread that runs what it is given, in order; an async context manager."""

    async def __aenter__(self) -> Self:
        """Start the thread."""
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish what is queued."""
        self.thread.shutdown(wait=True)

    async def run(self, work: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
        """The result of `work`, done in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, lambda: work(*args, **kwargs))
