"""How long the event loop's own thread computes in one callback, in processor time: a busy machine does not count."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Longest:
    """The longest callback so far."""

    cpu_s: float = 0.0


@contextmanager
def longest_callback() -> Iterator[Longest]:
    """Measures every callback of asyncio's own loop while the block runs; collecting garbage is not counted."""
    longest = Longest()
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began_s = time.thread_time()
        run(handle)
        longest.cpu_s = max(longest.cpu_s, time.thread_time() - began_s)

    gc.collect()
    gc.disable()
    setattr(asyncio.Handle, "_run", timed)  # noqa: B010  (no type allows it)
    try:
        yield longest
    finally:
        setattr(asyncio.Handle, "_run", run)  # noqa: B010
        gc.enable()
