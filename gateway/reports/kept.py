"""Answers that take long, kept for a moment: whoever asks the same meanwhile waits for the same, or has it at once."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

Answer = TypeVar("Answer")


class Asked(NamedTuple, Generic[Answer]):
    """An answer that is there or under way, and when it was asked for."""

    at_s: float
    answer: asyncio.Task[Answer]


class Kept(Generic[Answer]):
    """So many answers at most, each for so long; a failure is not kept."""

    def __init__(
        self, keep_s: float, count_max: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._keep_s = keep_s
        self._count_max = count_max
        self._monotonic = monotonic
        self._asked: OrderedDict[Hashable, Asked[Answer]] = OrderedDict()

    async def get(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """The answer to this; asked for once, however many wait, and to its end even if none of them does any more."""
        self._let_go(self._monotonic())
        asked = self._asked.get(key)
        if asked is None:
            asked = Asked(self._monotonic(), asyncio.create_task(ask(), name="reports.kept"))
            asked.answer.add_done_callback(partial(self._heard, key))
            self._asked[key] = asked
            while len(self._asked) > self._count_max:
                self._asked.popitem(last=False)
        return await asyncio.shield(asked.answer)

    def _let_go(self, now_s: float) -> None:
        old = [
            key
            for key, asked in self._asked.items()
            if asked.answer.done() and now_s - asked.at_s > self._keep_s
        ]
        for key in old:
            del self._asked[key]

    def _heard(self, key: Hashable, answer: asyncio.Task[Answer]) -> None:
        has_failed = answer.cancelled() or answer.exception() is not None
        if has_failed and key in self._asked and self._asked[key].answer is answer:
            del self._asked[key]
