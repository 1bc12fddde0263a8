"""Answers that are kept for a moment."""

from __future__ import annotations

import asyncio

import pytest

from gateway.reports.kept import Kept


class Slow:
    """Answers when it is told to, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.goes_on = asyncio.Event()

    async def answer(self) -> int:
        """How often it was asked."""
        self.asked += 1
        number = self.asked
        await self.goes_on.wait()
        if number == 13:
            raise ValueError("unlucky")
        return number


class Clock:
    """Stands until it is set."""

    now_s = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


async def test_who_asks_meanwhile_waits_for_the_same() -> None:
    slow, kept = Slow(), Kept[int](30, 8)
    waiting = [asyncio.create_task(kept.get("a", slow.answer)) for _ in range(5)]
    await asyncio.sleep(0)
    slow.goes_on.set()
    assert await asyncio.gather(*waiting) == [1] * 5
    assert await kept.get("a", slow.answer) == 1
    assert await kept.get("b", slow.answer) == 2


async def test_kept_for_so_long_from_when_it_was_asked() -> None:
    slow, clock = Slow(), Clock()
    slow.goes_on.set()
    kept = Kept[int](30, 8, clock)
    assert await kept.get("a", slow.answer) == 1
    clock.now_s += 30
    assert await kept.get("a", slow.answer) == 1
    clock.now_s += 0.1
    assert await kept.get("a", slow.answer) == 2


async def test_what_is_under_way_is_not_asked_again_however_long_it_takes() -> None:
    slow, clock = Slow(), Clock()
    kept = Kept[int](30, 8, clock)
    first = asyncio.create_task(kept.get("a", slow.answer))
    await asyncio.sleep(0)
    clock.now_s += 1000
    second = asyncio.create_task(kept.get("a", slow.answer))
    await asyncio.sleep(0)
    slow.goes_on.set()
    assert (await first, await second) == (1, 1)


async def test_somebody_who_goes_away_does_not_spoil_it_for_the_others() -> None:
    slow, kept = Slow(), Kept[int](30, 8)
    first, second = (asyncio.create_task(kept.get("a", slow.answer)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    slow.goes_on.set()
    assert await second == 1


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    slow, kept = Slow(), Kept[int](30, 8)
    slow.asked = 12
    waiting = [asyncio.create_task(kept.get("a", slow.answer)) for _ in range(2)]
    await asyncio.sleep(0)
    slow.goes_on.set()
    for each in waiting:
        with pytest.raises(ValueError, match="unlucky"):
            await each
    assert await kept.get("a", slow.answer) == 14


async def test_the_oldest_goes_when_there_are_too_many() -> None:
    slow, kept = Slow(), Kept[int](30, 2)
    slow.goes_on.set()
    assert [await kept.get(key, slow.answer) for key in "abc"] == [1, 2, 3]
    assert [await kept.get(key, slow.answer) for key in "bca"] == [2, 3, 4]
