"""Live updates to screens: one encoded message per mine and tick, shared by all of its screens.

A screen that cannot keep up gets the whole overview next, never a backlog: each subscriber holds at most one
message that waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple


class Event(NamedTuple):
    """A server-sent event: its name, its number and its JSON text."""

    name: str
    number: int
    data: str


@dataclass(eq=False, slots=True)
class Screen:
    """One open stream."""

    waiting: Event | None = None
    missed: bool = True
    """Needs the overview before any tick."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Hub:
    """The streams of one mine's screens."""

    screens_max: int = 500
    screens: set[Screen] = field(default_factory=set)
    refused: int = 0
    number: int = 0
    closed: bool = False

    @contextmanager
    def screen(self) -> Iterator[Screen | None]:
        """A new screen for as long as its stream is open; `None` if there are too many."""
        if len(self.screens) >= self.screens_max:
            self.refused += 1
            yield None
            return
        screen = Screen()
        self.screens.add(screen)
        try:
            yield screen
        finally:
            self.screens.discard(screen)

    def publish(self, tick: str, *, whole: bool) -> None:
        """Hand a tick to every screen; `whole` says that screens should start again from the overview."""
        self.number += 1
        for screen in self.screens:
            if whole or screen.waiting is not None:
                screen.missed = True
            screen.waiting = Event("tick", self.number, tick)
            screen.wake.set()

    def close(self) -> None:
        """End every stream: the centre stops."""
        self.closed = True
        for screen in self.screens:
            screen.wake.set()

    async def events(self, screen: Screen, overview: Callable[[], str]) -> AsyncIterator[Event]:
        """What one screen is sent: the overview first and after anything missed, else ticks."""
        while not self.closed:
            if screen.missed:
                screen.missed, screen.waiting = False, None
                yield Event("overview", self.number, overview())
            elif screen.waiting is not None:
                event, screen.waiting = screen.waiting, None
                yield event
            screen.wake.clear()
            if screen.waiting is None and not self.closed:
                await screen.wake.wait()
