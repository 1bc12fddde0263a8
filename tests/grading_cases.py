"""Captures with one thing wrong, each with all the clauses that it violates and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from contract.grading.capture import Published
from tests.grading_scene import Edit, Scene, without

Build = Callable[[], Scene]


@dataclass(frozen=True)
class Case:
    """What happened, and the clauses that it violates, recommendations included."""

    name: str
    build: Build
    violated: frozenset[str]
    primary_host: str | None = None


class Cases(list[Case]):
    """Collects cases by decoration."""

    def violates(self, *ids: str, primary_host: str | None = None) -> Callable[[Build], Build]:
        """The decorated function builds a capture that violates exactly these."""

        def noted(build: Build) -> Build:
            self.append(Case(build.__name__, build, frozenset(ids), primary_host))
            return build

        return noted


def unset(field: str) -> Edit:
    """Leaves a field of the payload out."""
    return lambda payload: payload.ClearField(field)


def base() -> Scene:
    """A host, an edge node and its device, all born."""
    return Scene().host_born().born()


def place(scene: Scene, kind: str, nth: int = 0) -> int:
    """Where the nth message of a type stands."""
    found = [
        index
        for index, event in enumerate(scene.events)
        if isinstance(event, Published) and f"/{kind}/" in event.topic
    ]
    return found[nth]


def cut(scene: Scene, kind: str, nth: int = 0) -> Scene:
    """Without the nth message of a type."""
    scene.events = without(scene.events, place(scene, kind, nth))
    return scene


def doubled(scene: Scene, kind: str, nth: int = 0) -> Scene:
    """With the nth message of a type twice."""
    at = place(scene, kind, nth)
    scene.events.insert(at, scene.events[at])
    return scene


def swapped(scene: Scene, kind: str, nth: int = 0) -> Scene:
    """With that message after the next event."""
    at = place(scene, kind, nth)
    scene.events[at : at + 2] = reversed(scene.events[at : at + 2])
    return scene


def edited(scene: Scene, kind: str, **change: Any) -> Scene:
    """With that message changed."""
    at = place(scene, kind)
    event = scene.events[at]
    assert isinstance(event, Published)
    scene.events[at] = replace(event, **change)
    return scene
