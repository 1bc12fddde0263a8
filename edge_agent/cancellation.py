"""Cancellation that libraries swallow."""

from __future__ import annotations

import asyncio


def heed_cancellation() -> None:
    """End the task that runs this if it is to end.

    Before Python 3.12 `asyncio.wait_for`, which the protocol libraries use, loses a cancellation that comes at the
    same moment as the result; a busy source would then never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
