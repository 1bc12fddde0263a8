"""The live stream: the overview first, ticks after it, and never a backlog."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gateway.live.stream import Event, Hub


async def following(events: AsyncIterator[Event], count: int) -> list[tuple[str, str]]:
    """Name and data of the next events."""
    return [(event.name, event.data) async for event in take(events, count)]


async def take(events: AsyncIterator[Event], count: int) -> AsyncIterator[Event]:
    """The next events, each within a second."""
    for _ in range(count):
        yield await asyncio.wait_for(anext(events), 1)


async def test_overview_comes_first_then_ticks() -> None:
    """A screen that has just opened knows nothing."""
    hub = Hub()
    with hub.screen() as screen:
        assert screen is not None
        events = hub.events(screen, lambda: "all")
        assert await following(events, 1) == [("overview", "all")]
        hub.publish("t1", whole=False)
        assert await following(events, 1) == [("tick", "t1")]


async def test_a_slow_screen_gets_the_overview_instead_of_a_backlog() -> None:
    """Two ticks while it was busy: both are in the overview that comes next."""
    hub = Hub()
    with hub.screen() as screen:
        assert screen is not None
        events = hub.events(screen, lambda: "all")
        await following(events, 1)
        hub.publish("t1", whole=False)
        hub.publish("t2", whole=False)
        assert await following(events, 1) == [("overview", "all")]
        hub.publish("t3", whole=False)
        assert await following(events, 1) == [("tick", "t3")]


async def test_a_new_shift_starts_again_from_the_overview() -> None:
    """The trend of the new shift is in no tick."""
    hub = Hub()
    with hub.screen() as screen:
        assert screen is not None
        events = hub.events(screen, lambda: "all")
        await following(events, 1)
        hub.publish("t1", whole=True)
        assert await following(events, 1) == [("overview", "all")]


async def test_closing_ends_every_stream() -> None:
    """A stop does not wait for screens."""
    hub = Hub()
    with hub.screen() as screen:
        assert screen is not None
        events = hub.events(screen, lambda: "all")
        await following(events, 1)
        hub.close()
        assert [event async for event in events] == []


async def test_too_many_screens_are_refused_and_counted() -> None:
    """Bounded, and gone screens make room."""
    hub = Hub(screens_max=1)
    with hub.screen() as first:
        assert first is not None
        with hub.screen() as second:
            assert second is None
    assert hub.refused == 1
    with hub.screen() as third:
        assert third is not None
