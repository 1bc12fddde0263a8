"""The sources at work: each in a task of its own, so that one can be changed while the others go on reading."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.reading import Reading
from edge_agent.config import SourceConfig
from edge_agent.sources.source import Emit, Now, Source

Wanted = tuple[SourceConfig, tuple[Point, ...]]
"""What a source is to be: its config and its points."""


@dataclass(slots=True)
class Running:
    """One source at work."""

    wanted: Wanted
    source: Source
    task: asyncio.Task[None]


@dataclass(slots=True)
class RunningSources:
    """The sources by name."""

    make: Callable[[SourceConfig, Sequence[Point]], Source]
    emit: Emit
    now: Now
    label: str
    """Of the agent, for the names of tasks."""
    running: dict[str, Running] = field(default_factory=dict)

    def begin(self, names: Iterable[str], wanted: Mapping[str, Wanted], tasks: asyncio.TaskGroup) -> None:
        """Start those of the named sources that are wanted."""
        for name in names:
            if name in wanted:
                source = self.make(*wanted[name])
                task = tasks.create_task(source.run(self.emit), name=f"{self.label}.{name}")
                self.running[name] = Running(wanted[name], source, task)

    async def end_others_than(self, wanted: Mapping[str, Wanted]) -> list[str]:
        """Stop the sources that are not wanted as they are; gives their names, and those still to be begun.

        Points that nobody will read any more are stale from now on.
        """
        changed = [
            name
            for name in dict.fromkeys([*self.running, *wanted])
            if name not in self.running or self.running[name].wanted != wanted.get(name)
        ]
        ended = [self.running[name].source for name in changed if name in self.running]
        await self.end(changed)
        kept = {point.key for _, points in wanted.values() for point in points}
        at_ms = self.now()
        if gone := [point for source in ended for point in source.points if point.key not in kept]:
            self.emit([Reading(point, None, Quality.STALE, at_ms, at_ms) for point in gone])
        return changed

    async def end(self, names: Sequence[str]) -> None:
        """Stop these sources, and wait until they have let go of their connections."""
        ended = [self.running.pop(name).task for name in names if name in self.running]
        for task in ended:
            task.cancel()
        if ended:
            await asyncio.wait(ended)

    def sources(self) -> list[Source]:
        """All of them."""
        return [running.source for running in self.running.values()]
