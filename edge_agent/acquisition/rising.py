"""Times of one point that strictly increase, so that no report is ever written over by a later one; pure."""

from __future__ import annotations

from typing import Final

FAR_MS: Final = 600_000
"""A last time that is further ahead than this was a mistake of a clock that has been set right since."""


def rising(at_ms: int, read_at_ms: int, last_ms: int) -> int:
    """When a reading counts that was received at `read_at_ms`, after a report at `last_ms`.

    A time that does not go on is replaced by the time of receipt, and if that does not go on either, by the last time
    plus 1 ms. Where the last time is further ahead than `FAR_MS`, the time of receipt stands all the same: a clock that
    was hours ahead once must not spoil the hours after it.
    """
    if at_ms > last_ms:
        return at_ms
    if last_ms - read_at_ms > FAR_MS:
        return read_at_ms
    return max(read_at_ms, last_ms + 1)
